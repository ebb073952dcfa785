"""The digits that are rebuilt, with what each head is to answer; NumPy alone."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from core.data.digits import digit_parts

SIDE = 8  # pixels
N_CLASSES = 10


@dataclass(frozen=True)
class Digits:
    """N handwritten digits.

    Attributes:
        images: Grey levels, float32 in 0..1, shape (N, SIDE, SIDE).
        labels: 0 to 9, int8, shape (N,).
    """

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.images)


@cache
def digits() -> tuple[Digits, Digits]:
    """Training and validation digits; none is in both, and both are the same for every run."""
    training, validation = (
        Digits(images, labels.astype(np.int8)) for images, labels in digit_parts()
    )
    return training, validation


def targets_of(digits: Digits) -> dict[str, np.ndarray]:
    """The target of each head, by its name: the image itself, nothing, and the digit."""
    return {
        "reconstruction": digits.images,
        "kl": np.zeros(len(digits), np.float32),  # the loss does not look at it
        "class": digits.labels,
    }
