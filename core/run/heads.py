"""The outputs of the network: names, questions, default weights."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Head:
    """One output of the model. Everything that differs between heads is in this row.

    Attributes:
        name: The Keras layer, loss and weight name.
        asks: The question that the head answers, in words.
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


HEADS = (
    Head("ctg_out_1", "Which class is image 1 of?", "image 1", 1.0, True),
    Head("ctg_out_2", "Which class is image 2 of?", "image 2", 1.0, True),
    Head("bin_out", "Are both images of the same class?", "same?", 0.5, False, classes=2),
)
HEAD_NAMES = tuple(head.name for head in HEADS)
