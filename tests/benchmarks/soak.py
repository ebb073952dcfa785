"""`python3 -m tests.benchmarks soak`: run after run with two pollers, and what grows meanwhile."""

import threading
import time
from collections.abc import Callable

import httpx
import numpy as np
import psutil

from core import Engine, RunConfig
from tests.benchmarks.bench import Bench, tell
from tests.browser.server import Server

MINUTES = 60.0
SETTLED = 5.0  # minutes, after which nothing may grow
EVERY = 5.0  # s between two samples
STEADY = 0.1  # MB a minute, or descriptors or threads, that count as flat
MB = 1e6


def sampled(server: Server, engine: Engine) -> dict[str, float]:
    """What both processes hold now."""
    assert engine.worker_pid, "it trains"
    sample = {}
    for name, pid in (("server", server.process.pid), ("worker", engine.worker_pid)):
        process = psutil.Process(pid)
        with process.oneshot():
            sample[f"{name}, MB"] = process.memory_info().rss / MB
            sample[f"{name}, descriptors"] = process.num_fds()
            sample[f"{name}, threads"] = process.num_threads()
    files = server.store.parent.glob(f"{server.store.name}*")
    return {**sample, "store, MB": sum(file.stat().st_size for file in files) / MB}


def poll(server: Server, present: Callable[[], str], is_over: threading.Event, path: str) -> None:
    """Ask for the present run twice a second, as a page does."""
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
        while not is_over.wait(0.5):
            if run := present():
                client.get(path.format(run=run)).raise_for_status()


def slopes(minutes: list[float], samples: list[dict[str, float]]) -> dict[str, float]:
    """How much of each there is more after a minute, of what was sampled once all had settled."""
    after = [at for at, minute in enumerate(minutes) if minute >= min(SETTLED, minutes[-1] / 2)]
    times = [minutes[at] for at in after]
    return {
        name: float(np.polyfit(times, [samples[at][name] for at in after], 1)[0])
        for name in samples[0]
    }


def report(duration: float = MINUTES) -> bool:
    """Train and poll for so many minutes, print what grew, and tell whether it may."""
    minutes, samples, runs = [], [], [""]
    is_over = threading.Event()
    with Bench() as bench:
        server = Server(bench.folder())
        pollers = [
            threading.Thread(target=poll, args=(server, lambda: runs[-1], is_over, path))
            for path in ("/api/runs/{run}/records", "/api/runs/{run}/inside?lane=0")
        ]
        with Engine(server.store) as engine:
            engine.wait_until_ready()
            for thread in pollers:
                thread.start()
            began = looked = time.monotonic()
            while (now := time.monotonic()) < began + 60 * duration:
                if not runs[-1] or engine.store.run(runs[-1]).is_finished:
                    runs.append(engine.start(RunConfig(steps=1500, seed=len(runs))))
                if now >= looked:
                    looked += EVERY
                    minutes.append((now - began) / 60)
                    samples.append(sampled(server, engine))
                time.sleep(0.1)
        is_over.set()
        for thread in pollers:
            thread.join()
        server.close()
    grown = slopes(minutes, samples)
    a_run = (samples[-1]["store, MB"] - samples[0]["store, MB"]) / max(1, len(runs) - 1)
    tell(f"{len(runs) - 1} runs in {duration:g} minutes; the store grew by {a_run:.2f} MB a run")
    good = True
    for name, slope in grown.items():
        is_flat = name.startswith("store") or slope <= STEADY
        good &= is_flat
        first, last = samples[0][name], samples[-1][name]
        verdict = "" if is_flat else "  NO"
        print(f"{name:<22}{first:9.1f} to {last:9.1f}, {slope:+.3f} a minute{verdict}")
    return good
