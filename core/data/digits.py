"""The handwritten digits that come with the program, in two parts that share none."""

from pathlib import Path

import numpy as np

DIGITS = Path(__file__).parent / "digits.npz"
VALIDATION_SHARE = 0.15


def load_digits() -> tuple[np.ndarray, np.ndarray]:
    """All digits of the UCI optical recognition set (Alpaydin and Kaynak 1998, CC BY 4.0).

    Returns:
        Images, uint8 in 0..16, shape (1797, 8, 8), and their digits 0..9, shape (1797,).
    """
    with np.load(DIGITS, allow_pickle=False) as file:
        return file["images"], file["labels"]


def digit_parts() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Training and validation digits, each as images, float32 in 0..1, (D, 8, 8), and digits."""
    images, labels = load_digits()
    images = images.astype(np.float32) / 16
    training, validation = split_digits(labels)
    return (images[training], labels[training]), (images[validation], labels[validation])


def split_digits(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the training and of the validation digits, the same share of every digit."""
    rng = np.random.default_rng(1998)
    training, validation = [], []
    for digit in range(10):
        own = rng.permutation(np.flatnonzero(labels == digit))
        cut = round(len(own) * VALIDATION_SHARE)
        validation.append(own[:cut])
        training.append(own[cut:])
    return np.concatenate(training), np.concatenate(validation)
