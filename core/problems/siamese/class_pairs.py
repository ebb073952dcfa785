"""Which images make a pair, of any images that have classes."""

import numpy as np


def nearest_classes(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """For each class the other one whose mean image is nearest to its own (Euclidean), (C,)."""
    n_classes = labels.max() + 1
    means = np.stack([images[labels == c].mean(axis=0).ravel() for c in range(n_classes)])
    square = (means**2).sum(axis=1)
    distance = square[:, None] + square - 2 * means @ means.T
    np.fill_diagonal(distance, np.inf)
    return distance.argmin(axis=1)


def class_pairs(
    labels: np.ndarray,
    n: int,
    rng,
    near: np.ndarray,
    same_share: float = 0.5,
    hard_share: float = 0.5,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Choose `n` pairs of images, evenly mixed of the same class and different ones.

    Every class comes up as often on image 1. A pair of the same class has two different images.

    Args:
        labels: Classes 0 to C - 1 of D images, each with two images or more, shape (D,).
        n: Number of pairs.
        rng: A `numpy.random.Generator`.
        near: For each class the one that a hard pair has beside it, shape (C,).
        same_share: Share of the pairs that show the same class.
        hard_share: Share of the different pairs that are hard; the others are any two classes.

    Returns:
        Indices of the first and of the second images, shape (n,) each, and the labels of the
        pairs as `core.problems.siamese.pairs.Pairs` has them.
    """
    by_class, counts = np.argsort(labels, kind="stable"), np.bincount(labels)
    starts = np.cumsum(counts) - counts
    class_1 = rng.integers(len(counts), size=n)
    other = (class_1 + rng.integers(1, len(counts), size=n)) % len(counts)
    different = np.where(rng.random(n) < hard_share, near[class_1], other)
    is_same = np.diff(np.ceil(np.round(np.arange(n + 1) * same_share, 6))) > 0
    class_2 = np.where(is_same, class_1, different)
    place_1 = rng.integers(counts[class_1])
    apart = (place_1 + rng.integers(1, counts[class_1])) % counts[class_1]
    place_2 = np.where(is_same, apart, rng.integers(counts[class_2]))
    return (
        by_class[starts[class_1] + place_1],
        by_class[starts[class_2] + place_2],
        np.stack([class_1, class_2, is_same], axis=1).astype(np.int32),
    )
