"""The parts of the page Learn: their texts, and what can be tried there. Pure.

The texts are the files of `texts/`, in Markdown. A line `[figure: NAME]` or `[try: NAME]` stands
for a live figure of `figures/charts.py`, or for one of `TRIES`; Python code is run by a test.
"""

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

from core.problems.siamese.heads import OUTPUTS
from core.problems.siamese.presets import ARTICLE
from core.run.weights import LossWeights

FOLDER = Path(__file__).parent / "texts"
MARK = re.compile(r"^\[(figure|try): (\w+)\]$|^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EQUAL = LossWeights(ctg_out_1=1, ctg_out_2=1, bin_out=1)


@dataclass(frozen=True)
class Part:
    """A part of the page.

    Attributes:
        name: Its anchor in the address, and the ending of its file.
        title: Its heading.
        file: Its text.
    """

    name: str
    title: str
    file: str

    def blocks(self) -> list[tuple[str, str]]:
        """What it consists of, from top to bottom; see `blocks`."""
        return blocks((FOLDER / self.file).read_text(encoding="utf-8"))


PARTS = (
    Part("cross-entropy", "Cross-entropy from scratch", "1_cross_entropy.md"),
    Part("several-losses", "Several losses, one total", "2_several_losses.md"),
    Part("loss-and-metric", "The loss is trained, accuracy is not", "3_loss_and_metric.md"),
    Part("fitting", "Underfitting and overfitting", "4_fitting.md"),
    Part("again-and-again", "Training again and again in one process", "5_again_and_again.md"),
    Part("in-keras", "Changing weights in mid-run, in your own Keras code", "6_in_keras.md"),
    Part("sources", "Sources", "sources.md"),
)


@dataclass(frozen=True)
class Try:
    """Loss weights and settings to be put into the widgets.

    Attributes:
        label: What its button says.
        watch: What there is to see then.
        weights: The loss weights; `INVERSE_LOG` stands for those of `inverse_log`.
        settings: Settings that differ from where the page begins. Where there are any, the others
            that `TRIES` set go back to where the page begins, so that no two are mixed.
    """

    label: str
    watch: str
    weights: LossWeights | str
    settings: dict = field(default_factory=dict)


INVERSE_LOG = "1 / ln C"
TRIES = {
    "slow": Try(
        "Try it: a slow run",
        "The points of the three heads walk down the curve above, from a guess towards 0.",
        ARTICLE,
        {"steps_per_second": 60},
    ),
    "only_pairs": Try(
        "Try it: only pairs",
        "In a new run the class heads never do better than a guess: their gradients are multiplied "
        "by 0, so their layers stand still while the trunk under them learns from the pairs alone.",
        LossWeights(ctg_out_1=0, ctg_out_2=0, bin_out=1),
    ),
    "equal": Try(
        "Try it: equal weights",
        "The class heads make nearly all of the total when training begins.",
        EQUAL,
    ),
    "inverse_log": Try(
        "Try it: 1 / ln C",
        "Each head makes a third of the total when training begins, and other shares soon after.",
        INVERSE_LOG,
    ),
    "long": Try(
        "Try it: a long run without dropout",
        "The accuracies soon stand; the losses of the class heads still fall, and that of bin_out "
        "may rise: it grows surer, also of what it gets wrong.",
        ARTICLE,
        {"dropout": 0.0, "steps": 5000, "steps_per_second": 0},
    ),
    "overfit": Try(
        "Try it: 200 pairs, no dropout",
        "The training loss falls to almost 0, the validation loss rises above that of a guess: "
        "learned by heart, and sure of it where it is wrong.",
        ARTICLE,
        {"training_pairs": 200, "dropout": 0.0},
    ),
    "dropout": Try(
        "Try it: 200 pairs with dropout",
        "The gap of the class heads is smaller than without, but it does not go away.",
        ARTICLE,
        {"training_pairs": 200, "dropout": 0.5},
    ),
    "underfit": Try(
        "Try it: an embedding of 2",
        "Neither loss becomes low: two numbers are too few for so many classes.",
        ARTICLE,
        {"embedding_size": 2},
    ),
    "usual": Try(
        "Try it: all 20,000 pairs again",
        "Training and validation fall together; with dropout, training lies above.",
        ARTICLE,
        {"training_pairs": 20_000},
    ),
    "short": Try(
        "Try it: short runs",
        "Press Train several times, run after run. The worker's memory hardly changes.",
        ARTICLE,
        {"steps": 200, "steps_per_second": 0},
    ),
    "steer": Try(
        "Try it: bin_out to 2",
        "In a run that trains, the line of bin_out jumps within a moment and nothing is compiled.",
        LossWeights(ctg_out_1=1, ctg_out_2=1, bin_out=2),
    ),
}
SET = sorted({name for one in TRIES.values() for name in one.settings})


def blocks(text: str) -> list[tuple[str, str]]:
    """Divide a text at its marks, in order.

    Returns:
        ("text", Markdown), ("code", Python), ("figure", name) and ("try", name).
    """
    parts, at = [], 0
    for mark in MARK.finditer(text):
        parts += [
            ("text", text[at : mark.start()].strip()),
            (mark[1] or "code", mark[2] or mark[3]),
        ]
        at = mark.end()
    parts.append(("text", text[at:].strip()))
    return [block for block in parts if block[1]]


def weights_of(trial: Try, n_classes: int) -> LossWeights:
    """The loss weights that it sets, on a dataset of `n_classes` classes."""
    return inverse_log(n_classes) if isinstance(trial.weights, str) else trial.weights


def inverse_log(n_classes: int) -> LossWeights:
    """Loss weights 1 / ln C, by which each head that guesses makes 1 of the total, to 3 places."""
    return LossWeights(**{h.name: round(1 / math.log(h.n_classes(n_classes)), 3) for h in OUTPUTS})


def settings_of(trial: Try, begin) -> dict:
    """The settings that it puts into the widgets; none where it is about loss weights alone.

    Args:
        one: What is tried.
        begin: A function that gives the value with which a setting's widget begins.
    """
    return {name: trial.settings.get(name, begin(name)) for name in SET} if trial.settings else {}
