"""Whether the worker keeps its size."""

import psutil

from core import Engine, RunConfig
from tests.benchmarks.bench import Bench, tell
from tests.benchmarks.goals import Measurement

MB = 1e6
EARLY, LATE = 10, 100  # runs
STEPS = 100


def growth(bench: Bench) -> dict[str, Measurement]:
    """The worker of an engine of its own, after few and after many short runs."""
    sizes = {}
    with Engine(bench.folder() / "runs.sqlite") as engine:
        engine.wait_until_ready()
        for seed in range(LATE):
            run = engine.start(RunConfig(steps=STEPS, seed=seed))
            engine.wait(run, timeout=30)
            sizes[seed + 1] = psutil.Process(engine.worker_pid).memory_info().rss / MB
    tell(f"worker, MB: {' '.join(f'{n}: {sizes[n]:.0f}' for n in (1, EARLY, 25, 50, LATE))}")
    return {"growth": Measurement(sizes[LATE], sizes[EARLY])}
