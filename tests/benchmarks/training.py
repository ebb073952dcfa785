"""How fast it trains: steps a second, and seconds to a validation accuracy."""

import math
import threading
import time

from core import Engine, RunConfig
from core.places import PROJECT
from core.problems.siamese.heads import OUTPUTS
from tests.benchmarks.bench import Bench, Records, interleaved
from tests.benchmarks.goals import Measurement
from tests.siamese import weighted

LONG = 100_000  # steps: more than any measurement sees, and a record every 10 of them
WARM_UP, WINDOW = 1.0, 3.0  # s
ROUNDS = range(5)
ASKED_EVERY = 0.5  # s, as by page Inside
ACCURACY = 0.95
TICKETS = PROJECT / "tests" / "core" / "problems" / "tickets.py"
SEEDS = range(5)
TENTHS = range(11)
SIMPLEX = [
    weighted(ctg_out_1=a / 10, ctg_out_2=b / 10, bin_out=(10 - a - b) / 10)
    for a in TENTHS
    for b in TENTHS
    if a + b <= 10
]


def dense(bench: Bench) -> dict[str, Measurement]:
    """The dense trunk, against plain `fit` and against `fit` with 32 steps a call."""
    config = RunConfig(steps=LONG)
    rates = interleaved(
        "dense, steps/s",
        ROUNDS,
        ours=lambda _: steps_per_second(bench.engine, config),
        fit=lambda _: bench.reference.ask("steps_per_second", trunk="dense"),
        fit_32=lambda _: bench.reference.ask(
            "steps_per_second", trunk="dense", steps_per_execution=32
        ),
    )
    return {
        "dense": Measurement(rates["ours"], rates["fit"]),
        "dense-32": Measurement(rates["ours"], rates["fit_32"]),
    }


def conv(bench: Bench) -> dict[str, Measurement]:
    """The conv trunk, against plain `fit`."""
    config = RunConfig(trunk="conv", steps=LONG)
    rates = interleaved(
        "conv, steps/s",
        ROUNDS,
        ours=lambda _: steps_per_second(bench.engine, config),
        fit=lambda _: bench.reference.ask("steps_per_second", trunk="conv", epochs=1),
    )
    return {"conv": Measurement(rates["ours"], rates["fit"])}


def other_problems(bench: Bench) -> dict[str, Measurement]:
    """A detector, an autoencoder and a model of one's own, each against plain `fit`."""
    bench.engine.add_problem(TICKETS)
    measured = {}
    for problem, epochs in (("detector", 1), ("autoencoder", 8), ("tickets", 4)):
        config = RunConfig(problem=problem, steps=LONG)
        rates = interleaved(
            f"{problem}, steps/s",
            ROUNDS,
            ours=lambda _, config=config: steps_per_second(bench.engine, config),
            fit=lambda _, problem=problem, epochs=epochs: bench.reference.ask(
                "steps_per_second_of", problem=problem, epochs=epochs
            ),
        )
        measured[problem] = Measurement(rates["ours"], rates["fit"])
    return measured


def watched(bench: Bench) -> dict[str, Measurement]:
    """The dense trunk while its inside is measured, as page Inside asks for it, and while not."""
    config = RunConfig(steps=LONG)

    def rate_watched(_) -> float:
        is_over = threading.Event()

        def ask():
            while not is_over.wait(ASKED_EVERY):
                run = bench.engine.store.runs()[0]
                bench.engine.inside.watch(run.id)

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            return steps_per_second(bench.engine, config)
        finally:
            is_over.set()
            asking.join()

    rates = interleaved(
        "watched, steps/s",
        range(2 * len(ROUNDS)),
        watched=rate_watched,
        alone=lambda _: steps_per_second(bench.engine, config),
    )
    return {"watched": Measurement(rates["watched"], rates["alone"])}


def looks(bench: Bench) -> dict[str, Measurement]:
    """The dense trunk with its looks at the validation pairs, and without any."""
    config = RunConfig(steps=LONG)
    never = RunConfig(steps=LONG, eval_every=LONG)
    rates = interleaved(
        "looks, steps/s",
        ROUNDS,
        looking=lambda _: steps_per_second(bench.engine, config),
        never=lambda _: steps_per_second(bench.engine, never),
    )
    return {"looks": Measurement(rates["looking"], rates["never"])}


def probe(bench: Bench) -> dict[str, Measurement]:
    """The speed that a probe foretells, and that of a whole run, its start included."""

    def whole_run(seed: int) -> float:
        config = RunConfig(seed=seed)
        began = time.perf_counter()
        bench.engine.wait(bench.engine.start(config), timeout=60)
        return config.steps / (time.perf_counter() - began)

    rates = interleaved(
        "probe, steps/s",
        ROUNDS,
        probed=lambda _: bench.engine.probe(RunConfig()),
        run=whole_run,
    )
    return {"probe": Measurement(rates["probed"], rates["run"])}


def lanes(bench: Bench) -> dict[str, Measurement]:
    """A weight map, all lanes counted, against a single lane."""
    config = RunConfig(steps=LONG)
    rates = interleaved(
        "lanes, model-steps/s",
        ROUNDS,
        many=lambda _: len(SIMPLEX) * steps_per_second(bench.engine, config, SIMPLEX),
        one=lambda _: steps_per_second(bench.engine, config),
    )
    return {"lanes": Measurement(rates["many"], rates["one"])}


def to_accuracy(bench: Bench) -> dict[str, Measurement]:
    """From Train to a validation accuracy, with the default settings."""
    seconds = interleaved(
        f"to {ACCURACY}, s",
        SEEDS,
        ours=lambda seed: seconds_to_accuracy(bench.engine, seed),
        fit=lambda seed: bench.reference.ask("to_accuracy", accuracy=ACCURACY, seed=seed),
    )
    return {"accuracy": Measurement(seconds["ours"], seconds["fit"])}


def steps_per_second(engine: Engine, config: RunConfig, weights=None) -> float:
    """Steps a second of a run under way, between two records as they come into the store."""
    run = engine.start(config, weights)
    records = Records(engine.store, run)
    records.wait()
    time.sleep(WARM_UP)
    records.read()
    first, began = records.wait()[-1]["step"], time.perf_counter()
    time.sleep(WINDOW)
    records.read()
    last, ended = records.wait()[-1]["step"], time.perf_counter()
    engine.stop(run)
    engine.wait(run, timeout=30)
    return (last - first) / (ended - began)


def seconds_to_accuracy(engine: Engine, seed: int) -> float:
    """Seconds from `start` to a record of that accuracy; infinite if there is none."""
    heads = [f"val_accuracy.{head.name}" for head in OUTPUTS if head.classes is None]
    began = time.perf_counter()
    run = engine.start(RunConfig(seed=seed))
    records = Records(engine.store, run)
    while True:
        rows = records.wait()
        if any(all((row[head] or 0) >= ACCURACY for head in heads) for row in rows):
            took = time.perf_counter() - began
            break
        if rows[-1]["step"] == RunConfig().steps:
            took = math.inf
            break
    engine.stop(run)
    engine.wait(run, timeout=30)
    return took
