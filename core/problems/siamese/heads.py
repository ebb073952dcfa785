"""The three outputs of the network: names, questions, default weights, and where they sit."""

import math
from dataclasses import dataclass

from core.run.heads import Head, Heads


@dataclass(frozen=True)
class Output:
    """One softmax output. Everything that differs between them is in this row.

    Attributes:
        name: The Keras layer, loss and weight name.
        asks: The question that it answers, in words.
        called: The same in a word or two, to stand beside the name.
        default_weight: The source article's loss weight, unitless.
        has_dropout: Whether dropout stands between the trunk and it.
        classes: Number of classes, or None for as many as the dataset has.
    """

    name: str
    asks: str
    called: str
    default_weight: float
    has_dropout: bool
    classes: int | None = None

    def n_classes(self, dataset_classes: int) -> int:
        """Number of softmax outputs on a dataset of `dataset_classes` classes."""
        return self.classes or dataset_classes


OUTPUTS = (
    Output("ctg_out_1", "Which class is image 1 of?", "image 1", 1.0, True),
    Output("ctg_out_2", "Which class is image 2 of?", "image 2", 1.0, True),
    Output("bin_out", "Are both images of the same class?", "same?", 0.5, False, classes=2),
)
HEAD_NAMES = tuple(output.name for output in OUTPUTS)


def heads(dataset_classes: int) -> Heads:
    """The heads on a dataset of so many classes; who guesses is right once in that many times."""
    return tuple(
        Head(
            name=output.name,
            asks=output.asks,
            called=output.called,
            default_weight=output.default_weight,
            chance=1 / output.n_classes(dataset_classes),
            chance_loss=math.log(output.n_classes(dataset_classes)),
        )
        for output in OUTPUTS
    )
