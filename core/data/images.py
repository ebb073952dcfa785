"""Files of labelled images, as they lie in the folder beside the store; known by their content."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.data import datasets
from core.data.class_names import KEPT
from core.errors import DataError

VALIDATION_SHARE = 0.15
LEAST_IMAGES = 2  # of a class, in training and in validation: a pair of the same class takes two


@dataclass(frozen=True)
class Images:
    """N labelled images.

    Attributes:
        images: uint8, shape (N, height, width, channels).
        labels: Their classes, int32, 0 to C - 1, shape (N,).
    """

    images: np.ndarray
    labels: np.ndarray

    def __getitem__(self, index) -> "Images":
        return Images(self.images[index], self.labels[index])


@dataclass(frozen=True)
class Given:
    """N labelled images as somebody gave them, not yet compared with each other.

    Attributes:
        images: uint8, shape (N, height, width, channels).
        labels: The names of their classes, whole numbers or strings, shape (N,).
        place: Says where an image stands, such as "x[3]", by its index.
        n_training: How many of the first are to train on, where all others are to validate
            with; None where that is not settled.
        told: What was done to them, in sentences.
    """

    images: np.ndarray
    labels: np.ndarray
    place: Callable[[int], str]
    n_training: int | None
    told: list[str]


def digest(*parts: Images) -> str:
    """Ten hexadecimal digits that other images, labels or parts hardly share."""
    content = hashlib.sha256()
    for part in parts:
        content.update(repr(part.images.shape).encode())
        content.update(np.ascontiguousarray(part.images).data)
        content.update(part.labels.astype("<i4").data)
    return content.hexdigest()[:10]


def save(path: Path, class_names: Sequence[str] = (), **parts: Images) -> None:
    """Write images to a file, whole or not at all.

    Args:
        path: The file; its folder is made if need be.
        class_names: What their classes are called, if that is to be kept.
        **parts: By name: `all`, or `training` and `validation` where that is settled.

    Raises:
        DataError: If the file cannot be written.
    """
    arrays: dict[str, np.ndarray] = {KEPT: np.array(class_names)} if class_names else {}
    for name, part in parts.items():
        arrays |= {f"{name}_images": part.images, f"{name}_labels": part.labels}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            try:
                np.savez(file, allow_pickle=False, **arrays)
                file.close()
                os.replace(file.name, path)
            except BaseException:
                os.unlink(file.name)
                raise
    except OSError as error:
        raise DataError(
            f"The images cannot be kept in {path.parent}: {error}. Check that the folder is "
            "writable and the disk has room."
        ) from error


def load(name: str, folder: Path) -> tuple[Images, Images]:
    """Training and validation images of a dataset that is here; no image is in both.

    Raises:
        DataError: If they are not there, cannot be read, or are not those of the name.
    """
    facts = datasets.facts_of(name)
    path = datasets.path_of(name, folder)
    if not path.is_file():
        raise DataError(
            f"The images of {name!r} are not in {folder}. "
            + (
                "Add them again, on the page or with --data, or choose another dataset."
                if facts.is_own
                else "They are fetched when a run with them is started."
            )
        )
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            parts = {
                part: Images(file[f"{part}_images"], file[f"{part}_labels"])
                for part in ("all", "training", "validation")
                if f"{part}_images" in file.files
            }
        if facts.is_own:
            shapes = {part.images.shape[1:] for part in parts.values()}
            if digest(*parts.values()) != name[-10:] or shapes != {facts.image_shape}:
                raise ValueError("the images are not those that were added under this name")
        if whole := parts.get("all"):
            training, validation = split(whole.labels)
            return whole[training], whole[validation]
        return parts["training"], parts["validation"]
    except Exception as error:  # whatever a damaged file leads to
        raise DataError(
            f"The images of {name!r} cannot be read from {path}: {error}. Remove that file, then "
            f"{'add the images again' if facts.is_own else 'start the run again'}."
        ) from error


def split(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the training and of the validation images, each with images of every class.

    Validation gets `VALIDATION_SHARE` of a class, `LEAST_IMAGES` at least; a class must have
    twice as many.
    """
    rng = np.random.default_rng(2016)
    training, validation = [], []
    for label in range(labels.max() + 1):
        own = rng.permutation(np.flatnonzero(labels == label))
        cut = max(LEAST_IMAGES, round(len(own) * VALIDATION_SHARE))
        validation.append(own[:cut])
        training.append(own[cut:])
    return np.concatenate(training), np.concatenate(validation)
