"""What makes pairs harder than they are: noise on images, and wrong labels."""

import numpy as np


def add_noise(images: np.ndarray, deviation: float, rng) -> None:
    """Add normal noise to images, in place, cut off at black and white.

    Args:
        images: Shape (N, ...), float32 in 0..1 or uint8 in 0..255.
        deviation: Standard deviation, where white is 1.
        rng: A `numpy.random.Generator`.
    """
    white = 255 if images.dtype == np.uint8 else 1
    for start in range(0, len(images), 1000):  # in parts: noise takes four times the memory
        part = images[start : start + 1000]
        noisy = part + rng.standard_normal(part.shape, np.float32) * np.float32(deviation * white)
        part[:] = np.clip(np.rint(noisy) if white == 255 else noisy, 0, white)


def add_label_noise(labels: np.ndarray, n_classes: int, share: float, rng) -> None:
    """Replace that share of each column of labels, in place, each by another class.

    Args:
        labels: As in `Pairs`.
        n_classes: Number of classes of the first two columns.
        share: 0 to 1.
        rng: A `numpy.random.Generator`.
    """
    for column, n in enumerate((n_classes, n_classes, 2)):
        wrong = rng.permutation(len(labels))[: round(share * len(labels))]
        labels[wrong, column] = (labels[wrong, column] + rng.integers(1, n, size=len(wrong))) % n
