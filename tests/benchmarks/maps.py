"""Races, forks and weight maps: many settings in one program, against one after the other."""

import time

import numpy as np

from core import Engine, RunConfig
from core.problems.siamese.heads import OUTPUTS
from core.run.weights import RACE_LANES
from tests.benchmarks.bench import Bench, Records, interleaved, percentile_95, tell
from tests.benchmarks.goals import Measurement, curve, growth
from tests.benchmarks.training import LONG, steps_per_second
from tests.siamese import weighted

STEPS = 600
POINTS = 66
TIMED = 6  # of the 66 fits; the others are alike
FORKS = 12
RACE = [weighted(bin_out=weight) for weight in (0, 0.5, 1, 2)]
assert len(RACE) == RACE_LANES
FEW_STEPS = 200
CURVE = {1: 3, 4: 15, 10: 66, 21: 253, 44: 1035}  # lanes of a map, by its resolution
SIZE = 2048  # of the square matrices whose product is taken for the machine's peak


def sweep(bench: Bench) -> dict[str, Measurement]:
    """A whole map, against a loop of build, compile and fit; and against the arithmetic peak."""
    bench.engine.wait(bench.engine.start_map(RunConfig(steps=20)))  # compiled once
    seconds = interleaved(
        "66 settings x 600 steps, s",
        range(3),
        map=lambda seed: seconds_of_map(bench.engine, seed),
        fits=lambda _: (
            sum(bench.reference.ask("build_and_fit", steps=STEPS) for _ in range(TIMED // 3))
            * (POINTS / (TIMED // 3))
        ),
        peak=lambda _: matrix_peak(),
    )
    done = flops_a_step(RunConfig()) * STEPS * POINTS / seconds["map"] / 1e9
    return {
        "map": Measurement(seconds["map"], seconds["fits"]),
        "flops": Measurement(done, seconds["peak"]),
    }


def lane_curve(bench: Bench) -> dict[str, Measurement]:
    """What a map costs a lane, from the command to its end, the more lanes it has."""
    bench.engine.wait(bench.engine.start_map(RunConfig(steps=20)))  # compiled once
    costs, config = [], RunConfig(steps=FEW_STEPS)
    for resolution, n_lanes in CURVE.items():
        took = interleaved(
            f"map of {n_lanes:,} lanes, s",
            range(1 if n_lanes > POINTS else 3),
            ours=lambda _, over=resolution: seconds_of(bench.engine, config, over),
        )
        costs.append(took["ours"] / n_lanes)
    return {"lane-curve": Measurement(growth(costs), curve=curve([*CURVE.values()], costs))}


def seconds_of(engine: Engine, config: RunConfig, resolution: int) -> float:
    """Seconds from the command to the end of a map of other weights."""
    began = time.perf_counter()
    run = engine.start_map(config, resolution=resolution)
    engine.wait(run, timeout=600)
    return time.perf_counter() - began


def seconds_of_map(engine: Engine, seed: int) -> float:
    """Seconds from the command to the end of a map."""
    began = time.perf_counter()
    run = engine.start_map(RunConfig(steps=STEPS, seed=seed))
    engine.wait(run, timeout=300)
    return time.perf_counter() - began


def flops_a_step(config: RunConfig) -> float:
    """Floating-point operations of the matrix products of one dense model's step.

    A multiplication and an addition for each weight and pair, forward and twice backward, of
    which the gradient for the images is not needed; trunk parameters serve both images. Biases,
    softmax and update are left out, so that the share of the peak is not flattered.
    """
    hidden = 128 * 128
    size = config.embedding_size
    heads = size * sum(head.n_classes(config.n_classes) for head in OUTPUTS)
    trunk = 2 * (2 * hidden + 3 * 128 * size)
    return 2 * config.batch_size * (trunk + 3 * heads)


def matrix_peak() -> float:
    """Billions of float32 operations a second in NumPy's product of two large matrices."""
    one, other = np.random.default_rng(0).normal(size=(2, SIZE, SIZE)).astype(np.float32)
    took = []
    for _ in range(5):
        began = time.perf_counter()
        one @ other
        took.append(time.perf_counter() - began)
    return 2 * SIZE**3 / min(took) / 1e9


def race(bench: Bench) -> dict[str, Measurement]:
    """Four lanes, all counted, against a single run."""
    config = RunConfig(steps=LONG)
    rates = interleaved(
        "race, model-steps/s",
        range(5),
        four=lambda _: RACE_LANES * steps_per_second(bench.engine, config, RACE),
        one=lambda _: steps_per_second(bench.engine, config),
    )
    return {"race": Measurement(rates["four"], rates["one"])}


def fork(bench: Bench) -> dict[str, Measurement]:
    """From the command to the first record of the new lane, at full speed."""
    engine, took = bench.engine, []
    for _ in range(FORKS // 3):
        run = engine.start(RunConfig(steps=LONG))
        Records(engine.store, run).wait()
        for lane in (1, 2, 3):
            time.sleep(0.3)
            began = time.perf_counter()
            engine.fork(run, weighted(bin_out=lane))
            Records(engine.store, run, lane).wait()
            took.append(time.perf_counter() - began)
        engine.stop(run)
        engine.wait(run, timeout=30)
    tell(f"fork, s: median {sorted(took)[len(took) // 2]:.3f}, worst {max(took):.3f}")
    return {"fork": Measurement(percentile_95(took))}
