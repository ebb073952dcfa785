"""`python3 -m tests.benchmarks results`: what loss weights do here, measured with five seeds.

Every seed trains all lanes of `findings.LANES` in one run, on the default data and settings: 1,500
steps, the default, which is what the page trains, and enough for the losses to level off (from
about 1,200 on, seen in two seeds up to 3,000). The same is done
once more with few training pairs, where the class heads have more to gain.
"""

import numpy as np

from core import Engine, RunConfig
from core.problems.siamese.heads import OUTPUTS
from core.run.config import EVALUATION_PAIRS
from tests.benchmarks.bench import Bench, tell
from tests.benchmarks.findings import (
    AT_ONE,
    AT_TOTAL,
    LANES,
    QUANTITIES,
    TOTAL,
    inverted_u,
    inverted_u_at_total,
    mirrored,
    small_weights,
    sweep_table,
)
from tests.siamese import weighted

SEEDS = range(5)
FEW_PAIRS = 1000
QUESTIONS = {
    "(a) Does a small weight of bin_out help the class heads? Against weight 0:": small_weights,
    "(b) Is there an inverted U over the weight of bin_out, for the class heads?": inverted_u,
    f"    And with the same ratios, all weights shortened to a sum of {TOTAL}, lest steps get "
    "longer?": inverted_u_at_total,
    "(c) Are (a, b, c) and (b, a, c) the same but for noise? The first less the second:": mirrored,
}


def report() -> None:
    """Train, and print what is found, whatever that is."""
    with Bench() as bench:
        for pairs in (RunConfig().training_pairs, FEW_PAIRS):
            config = RunConfig(training_pairs=pairs)
            found = measured(bench.engine, config)
            print(
                f"\n{pairs:,} training pairs, {config.steps:,} steps, {len(SEEDS)} seeds, "
                f"{len(LANES)} settings each.\nMeans over seeds, and 95 % t-intervals of "
                f"differences within a seed, on one\nfixed set of {EVALUATION_PAIRS} validation "
                "pairs: they tell of other seeds, not of other validation pairs.\nOf twenty "
                "differences that are none, about one is told as one."
            )
            for lanes, of in (
                (AT_ONE, "class heads at 1"),
                (AT_TOTAL, f"sum {TOTAL}, same ratios"),
            ):
                print(f"\nWeight of bin_out, {of}:")
                for row in sweep_table(found, lanes):
                    print(*(cell.rjust(14) for cell in row))
            for question, answer in QUESTIONS.items():
                lines = [f"  {line}" for line in answer(found)]
                print("", question, *lines, sep="\n", flush=True)


def measured(engine: Engine, config: RunConfig) -> dict[str, np.ndarray]:
    """Validation of every lane after the last step, by quantity, shape (seeds, lanes, heads).

    Not a number where a lane has diverged.
    """
    shape = (len(SEEDS), len(LANES), len(OUTPUTS))
    found = {quantity: np.full(shape, np.nan) for quantity in QUANTITIES}
    lanes = [weighted(ctg_out_1=a, ctg_out_2=b, bin_out=c) for a, b, c in LANES]
    for i, seed in enumerate(SEEDS):
        run = engine.start(config.model_copy(update={"seed": seed}), lanes)
        ended = engine.wait(run, timeout=600)
        tell(f"{config.training_pairs:,} pairs, seed {seed}: {ended.state}, {ended.seconds:.0f} s")
        for result in engine.store.results(run):
            if result.step == config.steps:
                found["accuracy"][i, result.lane] = result.val_accuracy
                found["loss"][i, result.lane] = result.val_loss
    return found
