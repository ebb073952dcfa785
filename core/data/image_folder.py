"""Reads a folder of images, one sub-folder a class, as `image_dataset_from_directory` does."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.data import datasets
from core.data.datasets import LARGEST_SIDE, SMALLEST_SIDE
from core.data.folder_listing import counted, listed, named, sentences
from core.data.image_file import DONE, read_image
from core.data.images import Given
from core.errors import DataError

SIDE = 32  # pixels of images that have to be resized


def read_folder(folder: Path, leave_out_broken: bool = False) -> Given:
    """Images and class names of a folder.

    A class is a sub-folder; its images are the files below it whose names end as those of images
    do, or that have no ending and are images, in the order of their names. If all sub-folders
    are parts, such as `train` and `test`, the classes are theirs. What is hidden is skipped.

    Each image is read as a person sees it (see `core.data.image_file`). Images that all have
    the same size, of at most `LARGEST_SIDE` pixels a side, stay as they are; others are resized
    to `SIDE` x `SIDE`, whatever their shape was. All are grey, or else all are colour.

    Args:
        folder: The folder.
        leave_out_broken: Whether to do without files that cannot be read.

    Raises:
        DataError: If there are none or too many, or some cannot be read; the message names them.
    """
    try:
        listing = listed(folder)
    except OSError as error:
        raise DataError(f"The folder {folder} cannot be read: {error}.") from None
    left_out = sentences(listing, folder)
    if not listing.images:
        raise DataError(
            f"The folder {folder} has no images. Expected is one sub-folder a class, with image "
            f"files such as .png, .jpg or .tiff. {' '.join(left_out)}".strip()
        )
    if len(listing.images) > datasets.MOST_IMAGES:
        raise DataError(
            f"The folder {folder} has {len(listing.images):,} images; at most "
            f"{datasets.MOST_IMAGES:,} are taken."
        )
    reading = read_files([path for path, _ in listing.images], folder)
    if reading.broken and not (leave_out_broken and reading.images):
        raise DataError(about_broken(reading.broken, len(listing.images), folder))
    notes = [f"The images were resized to {SIDE}x{SIDE}."] if reading.is_resized else []
    for what in DONE:
        if n := reading.done[what]:
            notes.append(f"{what}: {n:,} image{'s' if n > 1 else ''}.")
    n_grey = sum(image.ndim == 2 for image in reading.images)
    if 0 < n_grey < len(reading.images):
        notes.append(f"Grey, and taken as colour since others are: {n_grey:,} of the images.")
    if reading.broken:
        notes.append(f"Left out, since they cannot be read: {with_reasons(reading.broken)}.")
    taken = [listing.images[i] for i in reading.indices]
    n_training = listing.n_training
    return Given(
        alike(reading.images),
        np.array([name for _, name in taken]),
        lambda i: named(taken[i][0], folder),
        n_training and sum(i < n_training for i in reading.indices),
        notes + left_out,
    )


@dataclass
class Reading:
    """What was read of image files.

    Attributes:
        images: uint8, (height, width) or (height, width, 3), all of one height and width.
        indices: Which files they are of.
        broken: Names of the others, with the reason why each cannot be read.
        done: How often each of `DONE` was.
        is_resized: Whether they were resized to `SIDE` x `SIDE`.
    """

    images: list[np.ndarray] = field(default_factory=list)
    indices: list[int] = field(default_factory=list)
    broken: list[tuple[str, str]] = field(default_factory=list)
    done: Counter = field(default_factory=Counter)
    is_resized: bool = False


def read_files(paths: list[Path], folder: Path) -> Reading:
    """Read image files, each once, and hold no more of each than is kept.

    Raises:
        DataError: If they take too much memory.
    """
    reading, size, held = Reading(), None, 0
    for i, path in enumerate(paths):
        try:
            image, done = read_image(path)
        except DataError as error:
            reading.broken.append((named(path, folder), str(error)))
            continue
        reading.done.update(done)
        size = size or image.size
        fits = all(SMALLEST_SIDE <= side <= LARGEST_SIDE for side in image.size)
        if not reading.is_resized and not (fits and image.size == size):
            reading.is_resized = True
            reading.images = [resized(one) for one in reading.images]
            held = sum(one.nbytes for one in reading.images)
        pixels = np.asarray(image)
        reading.images.append(resized(pixels) if reading.is_resized else pixels)
        reading.indices.append(i)
        held += reading.images[-1].nbytes
        if held > datasets.LARGEST_ARRAY:
            raise DataError(
                f"The images of {folder} take more than {datasets.LARGEST_ARRAY:,} bytes, which "
                "is the most that is kept. Leave some out, or make them smaller."
            )
    return reading


def resized(pixels: np.ndarray) -> np.ndarray:
    """An image of `SIDE` x `SIDE`."""
    from PIL import Image

    return np.asarray(Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BILINEAR))


def alike(images: list[np.ndarray]) -> np.ndarray:
    """Images of one size in one array, all grey or else all colour."""
    grey = [image[..., None] if image.ndim == 2 else image for image in images]
    channels = max((image.shape[-1] for image in grey), default=1)
    return np.stack([np.broadcast_to(one, (*one.shape[:2], channels)) for one in grey])


def about_broken(broken: list[tuple[str, str]], n: int, folder: Path) -> str:
    """What to say of files that are not the images they are named as, and what to do."""
    how = "with --leave-out-broken, in a script with add(..., leave_out_broken=True)."
    if len(broken) == 1:
        ((name, reason),) = broken
        return (
            f"{folder}: {name} ends like an image and cannot be read as one ({reason}). Remove it, "
            f"save it again as PNG or JPEG, or leave it out {how}"
        )
    return (
        f"{folder}: {len(broken):,} of {n:,} files end like images and cannot be read as such: "
        f"{with_reasons(broken)}. Remove them, save them again as PNG or JPEG, or leave them out "
        f"{how}"
    )


def with_reasons(broken: list[tuple[str, str]]) -> str:
    """The first ten of the files that cannot be read, each with its reason."""
    return counted([f"{name} ({reason})" for name, reason in broken])
