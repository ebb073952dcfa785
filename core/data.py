"""Pairs of images with their labels, split into training and validation."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from core.config import EVALUATION_PAIRS

DIGITS = Path(__file__).with_name("digits.npz")
TRAINING_PAIRS = 20_000
VALIDATION_SHARE = 0.15
HARD_SHARE = 0.5


@dataclass(frozen=True)
class Pairs:
    """N pairs of images.

    Attributes:
        img_1: First images, float32 in 0..1, shape (N, height, width, channels).
        img_2: Second images, same shape.
        labels: Class indices, int32, shape (N, 3), one column a head of `HEADS`: class of
            image 1, class of image 2, and 1 where both show the same number, else 0.
    """

    img_1: np.ndarray
    img_2: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Dataset:
    """Training and validation pairs; no image is in both."""

    training: Pairs
    validation: Pairs

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Height, width and channels of an image."""
        return self.training.img_1.shape[1:]


@cache
def load_dataset(name: str) -> Dataset:
    """The dataset of that name (a `RunConfig.dataset`).

    "digits": two handwritten digits of the UCI optical recognition set (Alpaydin and Kaynak
    1998, 8x8, 16 grey levels) side by side make a number from 00 to 99. The digits are split
    first and composed afterwards, so that no validation digit was ever trained on. The pairs
    do not depend on a run's seed: runs are compared on the same validation pairs.
    """
    if name != "digits":
        raise ValueError(f"dataset = {name!r}: expected 'digits'.")
    with np.load(DIGITS, allow_pickle=False) as file:
        images, labels = file["images"].astype(np.float32) / 16, file["labels"].astype(np.int32)
    training, validation = split_digits(labels)
    rng = np.random.default_rng(20161105)
    return Dataset(
        training=digit_pairs(images[training], labels[training], TRAINING_PAIRS, rng),
        validation=digit_pairs(images[validation], labels[validation], EVALUATION_PAIRS, rng),
    )


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


def digit_pairs(images: np.ndarray, labels: np.ndarray, n: int, rng) -> Pairs:
    """Make `n` pairs of two-digit numbers, alternating the same number and different ones.

    Of the different pairs, `HARD_SHARE` differ in a single digit, the others in any way.

    Args:
        images: Digits, shape (D, 8, 8), float32 in 0..1.
        labels: Their digits 0..9, shape (D,).
        n: Number of pairs.
        rng: A `numpy.random.Generator`.
    """
    number_1 = rng.integers(100, size=n)
    other = (number_1 + rng.integers(1, 100, size=n)) % 100
    shift = rng.integers(1, 10, size=n)
    tens, ones = number_1 // 10, number_1 % 10
    near = np.where(
        rng.random(n) < 0.5, (tens + shift) % 10 * 10 + ones, tens * 10 + (ones + shift) % 10
    )
    different = np.where(rng.random(n) < HARD_SHARE, near, other)
    number_2 = np.where(np.arange(n) % 2 == 0, number_1, different)
    same = number_1 == number_2
    return Pairs(
        img_1=write_numbers(number_1, images, labels, rng),
        img_2=write_numbers(number_2, images, labels, rng),
        labels=np.stack([number_1, number_2, same], axis=1).astype(np.int32),
    )


def write_numbers(numbers: np.ndarray, images: np.ndarray, labels: np.ndarray, rng) -> np.ndarray:
    """Write each number 0..99 with two randomly chosen digits, shape (N, 8, 16, 1)."""
    by_digit = [np.flatnonzero(labels == digit) for digit in range(10)]
    chosen = np.empty((len(numbers), 2), int)
    for place, digits in enumerate((numbers // 10, numbers % 10)):
        for digit, candidates in enumerate(by_digit):
            here = digits == digit
            chosen[here, place] = rng.choice(candidates, size=here.sum())
    return np.concatenate([images[chosen[:, 0]], images[chosen[:, 1]]], axis=2)[..., None]


class BatchOrder:
    """Which pairs are in which batch: every epoch a new permutation, settled by the seed.

    Args:
        n_pairs: Number of training pairs.
        batch_size: Pairs in a batch.
        seed: The run's seed.
    """

    def __init__(self, n_pairs: int, batch_size: int, seed: int):
        self._n_pairs, self._batch_size, self._seed = n_pairs, batch_size, seed
        self._permutations: dict[int, np.ndarray] = {}

    def batches(self, step: int, n_steps: int) -> np.ndarray:
        """Indices of the pairs of steps `step` to `step + n_steps - 1`.

        Returns:
            int32, shape (n_steps, batch_size). A batch may end one epoch and begin the next.
        """
        position = np.arange(step * self._batch_size, (step + n_steps) * self._batch_size)
        epochs = position // self._n_pairs
        wanted = range(epochs[0], epochs[-1] + 1)
        self._permutations = {epoch: self._permutation(epoch) for epoch in wanted}
        order = np.concatenate([self._permutations[epoch] for epoch in wanted])
        indices = order[position - epochs[0] * self._n_pairs]
        return indices.astype(np.int32).reshape(n_steps, self._batch_size)

    def _permutation(self, epoch: int) -> np.ndarray:
        if epoch in self._permutations:
            return self._permutations[epoch]
        return np.random.default_rng([self._seed, epoch]).permutation(self._n_pairs)
