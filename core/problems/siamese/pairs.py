"""Pairs of images with their labels, split into training and validation."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from core.data import images
from core.data.digits import load_digits, split_digits
from core.errors import DataError
from core.problems.siamese.class_pairs import class_pairs, nearest_classes
from core.problems.siamese.noise import add_label_noise, add_noise
from core.run.config import EVALUATION_PAIRS, RunConfig

PAIRS_SEED = 20161105
DRAWN_FIRST = (20_000, 0.5, 0.5)  # training pairs, share of the same number, of hard pairs
DIFFICULTY = ("training_pairs", "same_share", "hard_share", "image_noise", "label_noise")


@dataclass(frozen=True)
class Pairs:
    """N pairs of images.

    Attributes:
        img_1: First images, shape (N, height, width, channels): float32 in 0..1, or uint8 in
            0..255, which stands for the same and takes a quarter of the memory.
        img_2: Second images, same shape and type.
        labels: Class indices, int32, shape (N, 3), one column a head in their order: class of
            image 1, class of image 2, and 1 where both show the same class, else 0.
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


def load_dataset(name: str, folder: Path | None = None) -> Dataset:
    """The pairs of a dataset by its name (a `RunConfig.dataset`), at the default difficulty."""
    return dataset_of(RunConfig(dataset=name), folder)


def dataset_of(config: RunConfig, folder: Path | None = None) -> Dataset:
    """The pairs that a run is trained and validated on.

    "digits": two handwritten digits of the UCI optical recognition set (Alpaydin and Kaynak
    1998, 8x8, 16 grey levels) side by side make a number from 00 to 99. The digits are split
    first and composed afterwards, so that no validation digit was ever trained on. Of other
    datasets, training and validation images are drawn from two sets without a common image.

    The pairs do not depend on a run's seed, and the validation pairs on `hard_share` and
    `image_noise` alone: runs are compared on the same validation pairs.

    Args:
        config: `dataset` and the settings of `DIFFICULTY` count.
        folder: Where the images of other datasets than "digits" are.

    Raises:
        DataError: If the images are not there or cannot be read.
    """
    return _dataset(config.dataset, *(getattr(config, name) for name in DIFFICULTY), folder)


@lru_cache(maxsize=2)
def _dataset(name, training_pairs, same_share, hard_share, image_noise, label_noise, folder):
    how = (training_pairs, same_share, hard_share)
    if name == "digits":
        dataset = digit_dataset(*load_digits(), *how)
    elif folder is None:
        raise DataError(f"The images of {name!r} are looked for in a folder, and none is given.")
    else:
        parts = [(part.images, part.labels) for part in images.load(name, folder)]
        dataset = class_dataset(*parts, *how)
    if image_noise:
        add_noise_to_images(dataset, image_noise)
    if label_noise:
        add_noise_to_labels(dataset, RunConfig(dataset=name).n_classes, label_noise)
    return dataset


# What follows is also written into the Keras scripts of core/export: it
# knows of arrays and numbers only.


def add_noise_to_images(dataset: Dataset, deviation: float) -> None:
    """Add noise to all images, in place; see `core.problems.siamese.noise.add_noise`."""
    for part, pairs in enumerate((dataset.training, dataset.validation)):
        rng = np.random.default_rng([PAIRS_SEED, 2 + part])
        add_noise(pairs.img_1, deviation, rng)
        add_noise(pairs.img_2, deviation, rng)


def add_noise_to_labels(dataset: Dataset, n_classes: int, share: float) -> None:
    """Replace some training labels, in place; see `core.problems.siamese.noise.add_label_noise`."""
    rng = np.random.default_rng([PAIRS_SEED, 4])
    add_label_noise(dataset.training.labels, n_classes, share, rng)


def digit_dataset(
    digits: np.ndarray,
    labels: np.ndarray,
    training_pairs: int,
    same_share: float,
    hard_share: float,
) -> Dataset:
    """Pairs of two-digit numbers.

    Args:
        digits: Shape (D, 8, 8), grey levels 0 to 16.
        labels: Their digits 0..9, shape (D,).
        training_pairs: Number of training pairs.
        same_share: Share of the training pairs that show the same number.
        hard_share: Share of the different pairs that differ in a single digit.
    """
    digits = digits.astype(np.float32) / 16
    of_training, of_validation = split_digits(labels)

    def draw(part, n, rng, same_share, hard_share):
        return digit_pairs(digits[part], labels[part], n, rng, same_share, hard_share)

    # What is drawn by default comes first in any case, so that the validation pairs, which
    # follow, are the same whatever is trained on.
    rng = np.random.default_rng(PAIRS_SEED)
    training = draw(of_training, DRAWN_FIRST[0], rng, *DRAWN_FIRST[1:])
    validation = draw(of_validation, EVALUATION_PAIRS, rng, 0.5, hard_share)
    if (training_pairs, same_share, hard_share) != DRAWN_FIRST:
        rng = np.random.default_rng(PAIRS_SEED)
        training = draw(of_training, training_pairs, rng, same_share, hard_share)
    return Dataset(training, validation)


def digit_pairs(
    images: np.ndarray,
    labels: np.ndarray,
    n: int,
    rng,
    same_share: float = 0.5,
    hard_share: float = 0.5,
) -> Pairs:
    """Make `n` pairs of two-digit numbers, evenly mixed of the same number and different ones.

    Args:
        images: Digits, shape (D, 8, 8), float32 in 0..1.
        labels: Their digits 0..9, shape (D,).
        n: Number of pairs.
        rng: A `numpy.random.Generator`.
        same_share: Share of the pairs that show the same number.
        hard_share: Share of the different pairs that differ in a single digit; the others
            differ in any way.
    """
    number_1 = rng.integers(100, size=n)
    other = (number_1 + rng.integers(1, 100, size=n)) % 100
    shift = rng.integers(1, 10, size=n)
    tens, ones = number_1 // 10, number_1 % 10
    near = np.where(
        rng.random(n) < 0.5, (tens + shift) % 10 * 10 + ones, tens * 10 + (ones + shift) % 10
    )
    different = np.where(rng.random(n) < hard_share, near, other)
    # Every other pair of a half, every tenth of a tenth; rounded, since 0.1 * 30 is not 3.
    is_same = np.diff(np.ceil(np.round(np.arange(n + 1) * same_share, 6))) > 0
    number_2 = np.where(is_same, number_1, different)
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


def class_dataset(
    training: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray],
    training_pairs: int,
    same_share: float,
    hard_share: float,
) -> Dataset:
    """Pairs of any images that have classes.

    Args:
        training: Images, uint8, (N, height, width, channels), and their classes 0 to C - 1, (N,).
        validation: Others of the same classes.
        training_pairs: Number of training pairs.
        same_share: Share of the training pairs that show the same class.
        hard_share: Share of the different pairs that show a class and the one nearest to it.
    """
    near = nearest_classes(*training)

    def draw(part, n, seed, *shares):
        images, labels = part
        rng = np.random.default_rng([PAIRS_SEED, seed])
        first, second, of_pairs = class_pairs(labels, n, rng, near, *shares)
        return Pairs(images[first], images[second], of_pairs)

    return Dataset(
        training=draw(training, training_pairs, 0, same_share, hard_share),
        validation=draw(validation, EVALUATION_PAIRS, 1, 0.5, hard_share),
    )
