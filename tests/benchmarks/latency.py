"""How soon a command shows: from the call to a record in the store, seen from outside."""

import itertools
import os
import random
import signal
import time

from core import Engine, RunConfig
from tests.benchmarks.bench import Bench, Records, interleaved, percentile_95, tell
from tests.benchmarks.goals import Measurement
from tests.benchmarks.training import LONG
from tests.siamese import weighted

FIRST_ROUNDS = range(7)
FIRST_EPOCH = 50  # steps
CHANGES = 60
KILLS = range(3)
POLL = 0.002  # s


def first_record(bench: Bench) -> dict[str, Measurement]:
    """From Train to the first record, against all that comes before the end of a first epoch."""
    seconds = interleaved(
        "to first record, s",
        FIRST_ROUNDS,
        ours=lambda seed: seconds_to_first_record(bench.engine, seed),
        fit=lambda _: bench.reference.ask("first_epoch", steps=FIRST_EPOCH),
    )
    return {"first-record": Measurement(seconds["ours"], seconds["fit"])}


def never_compiled(bench: Bench) -> dict[str, Measurement]:
    """The same of sizes of embedding and batch that no run had before.

    What earlier benchmarks compiled is kept on disk: any of them may have been there once, so the
    pairs are drawn anew from many.
    """
    pairs = list(itertools.product(range(40, 64), range(48, 80)))
    took = interleaved(
        "to first record, never compiled, s",
        random.Random(time.time()).sample(pairs, len(FIRST_ROUNDS)),
        ours=lambda sizes: seconds_to_first_record(
            bench.engine, 0, embedding_size=sizes[0], batch_size=sizes[1]
        ),
    )
    return {"never-compiled": Measurement(took["ours"])}


def seconds_to_first_record(engine: Engine, seed: int, **settings) -> float:
    """Seconds from `start` to the first record of a run, of default settings but for some."""
    began = time.perf_counter()
    run = engine.start(RunConfig(seed=seed, **settings))
    Records(engine.store, run).wait()
    took = time.perf_counter() - began
    engine.stop(run)
    engine.wait(run, timeout=30)
    return took


def loss_weights(bench: Bench) -> dict[str, Measurement]:
    """From `set_loss_weights` to the first record that carries it, at full speed."""
    engine = bench.engine
    run = engine.start(RunConfig(steps=LONG))
    records = Records(engine.store, run)
    records.wait()
    # At any moment of a turn; the same ones in every benchmark.
    moments = random.Random(0)
    took = []
    for i in range(CHANGES):
        time.sleep(moments.uniform(0.05, 0.15))
        weight = (i + 1) / 1000
        began = time.perf_counter()
        engine.set_loss_weights(run, weighted(bin_out=weight))
        while not any(row["loss_weights.bin_out"] == weight for row in records.wait()):
            pass
        took.append(time.perf_counter() - began)
    engine.stop(run)
    engine.wait(run, timeout=30)
    tell(f"set_loss_weights, s: median {sorted(took)[CHANGES // 2]:.3f}, worst {max(took):.3f}")
    return {"weights": Measurement(percentile_95(took))}


def replaced(bench: Bench) -> dict[str, Measurement]:
    """From `kill -9` of a worker that has loaded TensorFlow to the process that takes its place."""
    with Engine(bench.folder() / "runs.sqlite") as engine:

        def seconds(_) -> float:
            engine.wait_until_ready()
            pid, began = engine.worker_pid, time.perf_counter()
            os.kill(pid, signal.SIGKILL)
            while engine.worker_pid == pid:
                time.sleep(POLL)
            return time.perf_counter() - began

        took = interleaved("worker replaced, s", KILLS, ours=seconds)
    return {"replaced": Measurement(took["ours"])}
