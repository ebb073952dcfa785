"""Images of one's own: checked, then kept beside the store under a name that says what they are."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from core.data import datasets, images
from core.data.arrays import read_npz
from core.data.class_names import written
from core.data.datasets import MOST_CLASSES
from core.data.image_folder import read_folder
from core.data.images import LEAST_IMAGES, Given, Images
from core.errors import DataError

SHOWN = 10  # images that a sentence names
# What a class needs images for, by the parts that are kept.
USES = {
    "all": f"{LEAST_IMAGES} to train on and {LEAST_IMAGES} to validate with",
    "training": "to train on",
    "validation": "to validate with",
}


@dataclass(frozen=True)
class Added:
    """Images that were added.

    Attributes:
        name: What `RunConfig.dataset` calls them.
        told: What was done to them, in sentences.
    """

    name: str
    told: tuple[str, ...]


def add(
    source: str | Path | BinaryIO,
    folder: Path,
    title: str = "",
    *,
    leave_out_broken: bool = False,
) -> Added:
    """Check images and keep them with the names of their classes.

    The same images get the same name again, and the names that their classes were given last.

    What has one meaning is taken and told; see `core.data.grey_levels` for pixels,
    `core.data.labels` for labels, and `core.data.image_folder` for files.

    Args:
        source: A `.npz` file (its path, or the open file) with `x`, (N, H, W) or (N, H, W, C),
            and `y`, one class an image; or with `x_train`, `y_train`, `x_test` and `y_test`,
            which stay split so; or the path of a folder of images.
        folder: Where to keep them, see `core.data.datasets.folder_of`.
        title: What the name begins with; that of the file if left out.
        leave_out_broken: Whether to do without the files of a folder that cannot be read.

    Raises:
        DataError: If they cannot be used; the message says what is wrong, where, and what to do.
    """
    path = Path(source) if isinstance(source, str | os.PathLike) else None
    title = title or (path.stem if path else str(getattr(source, "name", "")))
    if path and path.is_dir():
        given = read_folder(path, leave_out_broken)
    else:
        opened = source if path is None else path
        assert not isinstance(opened, str)
        given = read_npz(opened, path.name if path else title or "The file")
    names, labels = np.unique(given.labels, return_inverse=True)
    indices, notes = distinct(given, labels, names)
    parts = parts_of(Images(given.images, labels.astype(np.int32)), indices, given.n_training)
    notes = [*given.told, *notes]
    check_classes(parts, names, notes)
    height, width, channels = given.images.shape[1:]
    slug = re.sub(r"[^a-z0-9_]+", "_", Path(title).stem.lower()).strip("_")[:24] or "images"
    digest = images.digest(*parts.values())
    name = f"{slug}-{len(names)}c-{height}x{width}x{channels}-{digest}"
    images.save(datasets.path_of(name, folder), list(map(written, names.tolist())), **parts)
    notes.insert(0, f"{len(indices):,} images of {len(names)} classes were added as {name}.")
    return Added(name, tuple(notes))


def distinct(given: Given, labels: np.ndarray, names: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Each image once, or else one that was trained on could be validated with, too.

    Of copies the first counts, which is one to train on if there are any. Images that stand
    under several classes are left out.

    Returns:
        Indices of the images that are kept, and sentences about the others.
    """
    groups: dict[bytes, list[int]] = {}
    for i, image in enumerate(given.images):
        groups.setdefault(hashlib.blake2b(image.tobytes(), digest_size=16).digest(), []).append(i)
    indices, doubtful, n_doubtful, copies, leaks = [], [], 0, 0, 0
    for group in groups.values():
        other = next((i for i in group if labels[i] != labels[group[0]]), None)
        if other is not None:
            doubtful.append((group[0], other))
            n_doubtful += len(group)
            continue
        indices.append(group[0])
        copies += len(group) - 1
        if given.n_training is not None and group[0] < given.n_training:
            leaks += sum(i >= given.n_training for i in group)
    notes = []
    if copies:
        notes.append(f"{copies:,} images were there more than once; each is used once.")
    if leaks:
        notes.append(f"Of these, {leaks:,} to validate with are trained on, and on that alone.")
    if doubtful:
        places = "; ".join(
            " and ".join(f"{given.place(i)} as {quoted(names[labels[i]])}" for i in pair)
            for pair in doubtful[:SHOWN]
        )
        more = f"; and {len(doubtful) - SHOWN:,} more" if len(doubtful) > SHOWN else ""
        notes.append(
            f"{n_doubtful:,} images show the same under more than one class, and were left out, "
            f"since which is right cannot be known: {places}{more}."
        )
    return np.array(indices, int), notes


def parts_of(whole: Images, indices: np.ndarray, n_training: int | None) -> dict[str, Images]:
    """The images that are kept, by part: all, or those to train on and those to validate with."""
    if n_training is None:
        return {"all": whole[indices]}
    is_training = indices < n_training
    return {"training": whole[indices[is_training]], "validation": whole[indices[~is_training]]}


def check_classes(parts: dict[str, Images], names: np.ndarray, notes: list[str]) -> None:
    """Refuse too few or too many classes, and classes of too few images.

    Raises:
        DataError: The message names the class, and what was done to the images before.
    """
    before = f" What was done before: {' '.join(notes)}" if notes else ""
    if not 2 <= len(names) <= MOST_CLASSES:
        raise DataError(
            f"The labels name {len(names):,} classes: expected are 2 to {MOST_CLASSES:,}. Labels "
            f"are one a class, not one an image.{before}"
        )
    for part, some in parts.items():
        least = 2 * LEAST_IMAGES if part == "all" else LEAST_IMAGES
        counts = np.bincount(some.labels, minlength=len(names))
        if few := np.flatnonzero(counts < least).tolist():
            use = f": expected are {least} or more, {USES[part]}"
            if part != "all":
                use = f" {USES[part]}: expected are {least} or more"
            raise DataError(
                f"The class {quoted(names[few[0]])} has {counts[few[0]]} different images{use}. "
                f"So it is with {len(few)} of {len(names)} classes; add images to them, or leave "
                f"them out.{before}"
            )


def quoted(name: object) -> str:
    """The name of a class, for a sentence."""
    text = name.decode(errors="replace") if isinstance(name, bytes) else str(name)
    return f"{text!r:.60}"
