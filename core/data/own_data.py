"""Images of one's own: checked, then kept beside the store under a name that says what they are."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from core.data import datasets, images
from core.data.datasets import LARGEST_SIDE, MOST_CLASSES, SMALLEST_SIDE
from core.data.image_folder import read_folder
from core.data.images import LEAST_IMAGES, Images
from core.data.npz import LARGEST_FILE, Header, Npz
from core.errors import DataError

LARGEST_ARRAY = 200_000_000  # bytes of an array, unpacked
MOST_IMAGES = 200_000
CHANNELS = range(1, 5)


@dataclass(frozen=True)
class Added:
    """Images that were added.

    Attributes:
        name: What `RunConfig.dataset` calls them.
        told: What was done to them, in sentences.
    """

    name: str
    told: tuple[str, ...]


def add(source: str | Path | BinaryIO, folder: Path, title: str = "") -> Added:
    """Check images and keep them; the same images get the same name again.

    Args:
        source: A `.npz` file (its path, or the open file) with `x`, (N, H, W) or (N, H, W, C),
            uint8 or float, and `y`, (N,), whole numbers or strings; or the path of a folder of
            images, see `core.data.image_folder`.
        folder: Where to keep them, see `core.data.datasets.folder_of`.
        title: What the name begins with; that of the file if left out.

    Raises:
        DataError: If they cannot be used; the message says what is wrong, where, and what to do.
    """
    path = Path(source) if isinstance(source, str | os.PathLike) else None
    title = title or (path.stem if path else str(getattr(source, "name", "")))
    if path and path.is_dir():
        x, y, told = read_folder(path, MOST_IMAGES)
        if x.nbytes > LARGEST_ARRAY:
            raise DataError(
                f"The images of {path} take {x.nbytes:,} bytes; at most {LARGEST_ARRAY:,} are kept."
            )
    else:
        x, y, told = read_npz(path or source, path.name if path else title or "The file")
    names, labels = np.unique(y, return_inverse=True)
    whole, same = without_copies(Images(x, labels.astype(np.int32)))
    if same:
        told.append(f"{same:,} images were there more than once; each is used once.")
    check_classes(whole.labels, names)
    height, width, channels = x.shape[1:]
    slug = re.sub(r"[^a-z0-9_]+", "_", Path(title).stem.lower()).strip("_")[:24] or "images"
    name = f"{slug}-{len(names)}c-{height}x{width}x{channels}-{whole.digest}"
    images.save(datasets.path_of(name, folder), all=whole)
    told.insert(0, f"{len(whole.labels):,} images of {len(names)} classes were added as {name}.")
    return Added(name, tuple(told))


def read_npz(file: Path | BinaryIO, name: str) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Images as uint8 (N, H, W, C), labels as they are, and what there is to tell.

    Raises:
        DataError: If they cannot be used.
    """
    if isinstance(file, Path):
        try:
            size = file.stat().st_size
        except OSError as error:
            raise DataError(f"{file} cannot be read: {error.strerror}. Check the path.") from None
        if size > LARGEST_FILE:
            raise DataError(
                f"{name} has {size:,} bytes; at most {LARGEST_FILE:,} are taken. Save fewer or "
                "smaller images, or uint8 instead of float."
            )
    with Npz(file, name) as npz:
        of_x, of_y = npz.header("x"), npz.header("y")
        check_headers(of_x, of_y, name)
        x, y = npz.read(of_x), npz.read(of_y)
    if x.ndim == 3:
        x = x[..., None]
    told = []
    if x.dtype != np.uint8:
        x, told = as_grey_levels(x, name)
    return np.ascontiguousarray(x), y, told


def check_headers(x: Header, y: Header, name: str) -> None:
    """Refuse what arrays say of themselves if they cannot be used, before they are read.

    Raises:
        DataError: The message says what is wrong, and what was expected.
    """

    def refuse(what: str):
        raise DataError(f"{name}: {what}")

    for header in (x, y):
        if header.size > LARGEST_ARRAY:
            refuse(
                f"`{header.name}` would take {header.size:,} bytes unpacked; at most "
                f"{LARGEST_ARRAY:,} are taken. Save fewer or smaller images, or uint8."
            )
    if x.dtype != np.uint8 and x.dtype.kind != "f":
        refuse(f"`x` is of type {x.dtype}: expected uint8 or float. Convert it with x.astype().")
    if len(x.shape) not in (3, 4):
        refuse(f"`x` has the shape {x.shape}: expected (N, height, width) or (N, H, W, channels).")
    n, height, width, channels = (*x.shape, 1)[:4]
    if n > MOST_IMAGES:
        refuse(f"`x` holds {n:,} images; at most {MOST_IMAGES:,} are taken.")
    for side in (height, width):
        if not SMALLEST_SIDE <= side <= LARGEST_SIDE:
            refuse(
                f"`x` holds images of {height}x{width} pixels: expected are {SMALLEST_SIDE} to "
                f"{LARGEST_SIDE} a side. Resize them, or give a folder of image files, which are "
                "resized."
            )
    if channels not in CHANNELS:
        refuse(
            f"`x` holds images of {channels} channels: expected are 1 to 4, as the last axis. "
            "If they come first, use x.transpose(0, 2, 3, 1)."
        )
    if y.dtype.kind not in "biuSU" or not y.dtype.itemsize:
        refuse(f"`y` is of type {y.dtype}: expected whole numbers or strings, one a class.")
    if len(y.shape) != 1:
        refuse(f"`y` has the shape {y.shape}: expected (N,). Try y.ravel() or y.argmax(axis=1).")
    if y.shape[0] != n:
        refuse(f"`x` holds {n:,} images and `y` {y.shape[0]:,} labels: expected are as many.")


def as_grey_levels(x: np.ndarray, name: str) -> tuple[np.ndarray, list[str]]:
    """Float images as uint8: 0..1 becomes 0..255; other ranges are stretched to it, and told.

    Raises:
        DataError: If a value is not finite, or all are the same.
    """
    bad = np.argwhere(~np.isfinite(x))
    if len(bad):
        place = tuple(bad[0].tolist())
        raise DataError(
            f"{name}: `x` holds {len(bad):,} values that are no finite numbers, the first at "
            f"x[{', '.join(map(str, place))}] = {x[place]}. Replace them, as numpy.nan_to_num does."
        )
    low, high = (float(x.min()), float(x.max())) if x.size else (0.0, 1.0)
    told = []
    if low < 0 or high > 1:
        if low == high:
            raise DataError(f"{name}: `x` is {low:g} everywhere: expected are images.")
        told = [f"Values from {low:g} to {high:g} were stretched to black and white."]
    else:
        low, high = 0.0, 1.0
    levels = np.empty(x.shape, np.uint8)
    for i in range(0, len(x), 1000):  # in parts: float64 takes eight times the memory
        part = x[i : i + 1000].astype(np.float64)
        levels[i : i + 1000] = np.rint((part / 2 - low / 2) / (high / 2 - low / 2) * 255)
    return levels, told


def without_copies(whole: Images) -> tuple[Images, int]:
    """Each image once, and how many copies were left out.

    Or else an image that was trained on could be validated with, too.
    """
    first = {}
    for i, image in enumerate(whole.images):
        first.setdefault(hashlib.blake2b(image.tobytes(), digest_size=16).digest(), i)
    return whole[np.array([*first.values()], int)], len(whole.images) - len(first)


def check_classes(labels: np.ndarray, names: np.ndarray) -> None:
    """Refuse too few or too many classes, and classes of too few images.

    Raises:
        DataError: The message names the class.
    """
    if not 2 <= len(names) <= MOST_CLASSES:
        raise DataError(
            f"The labels name {len(names):,} classes: expected are 2 to {MOST_CLASSES:,}. Labels "
            "are one a class, not one an image."
        )
    counts, least = np.bincount(labels, minlength=len(names)), 2 * LEAST_IMAGES
    if few := np.flatnonzero(counts < least).tolist():
        raise DataError(
            f"The class {str(names[few[0]])!r:.60} has {counts[few[0]]} different images: expected "
            f"are {least} or more, {LEAST_IMAGES} to train on and {LEAST_IMAGES} to validate with. "
            f"So it is with {len(few)} of {len(names)} classes; add images to them, or leave them "
            "out."
        )
