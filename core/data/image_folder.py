"""Reads a folder of images, one sub-folder a class, as `image_dataset_from_directory` does."""

import os
from pathlib import Path

import numpy as np

from core.data.datasets import LARGEST_SIDE, SMALLEST_SIDE
from core.errors import DataError

ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")  # Keras' own
FORMATS = ("BMP", "GIF", "JPEG", "PNG")
GREY = {"1", "L", "LA"}
DEEP = ("I", "F")  # begin the modes with more than 256 levels
SIDE = 32  # pixels of images that have to be resized
LARGEST_IMAGE = 50_000_000  # pixels, before it is resized
SHOWN = 3  # files that a message names


def read_folder(folder: Path, most_images: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Images, class names and what there is to tell of a folder.

    A class is a sub-folder whose name does not begin with a dot; its images are the files below
    it with one of the `ENDINGS`, in the order of their names. Images that all have the same
    size, of at most `LARGEST_SIDE` pixels a side, stay as they are; others are resized to
    `SIDE` x `SIDE`, whatever their shape was. All are grey, or else all are colour.

    Args:
        folder: The folder.
        most_images: Number of images that are too many if there are more.

    Returns:
        uint8 (N, height, width, 1 or 3), the name of each image's class (N,), and sentences.

    Raises:
        DataError: If there are none or too many, or one cannot be read; the message names it.
    """
    try:
        files, others = listed(folder)
    except OSError as error:
        raise DataError(f"The folder {folder} cannot be read: {error}.") from None
    if not files:
        raise DataError(
            f"The folder {folder} has no images. Expected is one sub-folder a class, with files "
            f"that end in {', '.join(ENDINGS)}."
        )
    if len(files) > most_images:
        raise DataError(
            f"The folder {folder} has {len(files):,} images; at most {most_images:,} are taken."
        )
    looks = [look(path) for path, _ in files]
    mode = "L" if all(mode in GREY for _, mode in looks) else "RGB"
    sizes = {size for size, _ in looks}
    size = next(iter(sizes)) if len(sizes) == 1 else (0, 0)
    keep = all(SMALLEST_SIDE <= side <= LARGEST_SIDE for side in size)
    x = np.stack([pixels(path, mode, None if keep else SIDE) for path, _ in files])
    told = [] if keep else [f"The images were resized to {SIDE}x{SIDE}."]
    if others:
        named = ", ".join(str(path.relative_to(folder)) for path in others[:SHOWN])
        more = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
        told.append(f"Left out, since no images of a class: {named}{more}.")
    return x if x.ndim == 4 else x[..., None], np.array([name for _, name in files]), told


def listed(folder: Path) -> tuple[list[tuple[Path, str]], list[Path]]:
    """The image files of a folder with their class names, and the other files."""
    files, others = [], []
    for entry in sorted(folder.iterdir()):
        if not entry.is_dir():
            others.append(entry)
        elif not entry.name.startswith("."):
            for root, _, names in sorted(os.walk(entry)):
                for name in sorted(names):
                    path = Path(root, name)
                    if name.lower().endswith(ENDINGS):
                        files.append((path, entry.name))
                    else:
                        others.append(path)
    return files, others


def look(path: Path) -> tuple[tuple[int, int], str]:
    """Size and mode of an image, without decoding it.

    Raises:
        DataError: If it is none, or too large, or has more than 256 levels.
    """
    with opened(path) as image:
        width, height = image.size
        if width * height > LARGEST_IMAGE:
            raise DataError(
                f"{path} has {width:,}x{height:,} pixels; at most {LARGEST_IMAGE:,} are read. "
                "Make it smaller."
            )
        if image.mode.startswith(DEEP):
            raise DataError(f"{path} has more than 256 levels. Save it with 8 bits a channel.")
        return image.size, image.mode


def pixels(path: Path, mode: str, side: int | None) -> np.ndarray:
    """The image as uint8, (height, width) or (height, width, 3), resized if a side is given.

    Raises:
        DataError: If it cannot be decoded.
    """
    from PIL.Image import Resampling

    with opened(path) as image:
        try:
            image = image.convert(mode)
        except Exception as error:  # whatever damaged bytes lead to
            raise unreadable(path, error) from None
        return np.asarray(image.resize((side, side), Resampling.BILINEAR) if side else image)


def opened(path: Path):
    """The image file, its head read.

    Raises:
        DataError: If it is none.
    """
    from PIL import Image  # at first use: the server starts without it

    try:
        return Image.open(path, formats=FORMATS)
    except Exception as error:  # Pillow has many
        raise unreadable(path, error) from None


def unreadable(path: Path, error: Exception) -> DataError:
    """What to say of a file that is not the image it is named as."""
    return DataError(
        f"{path} ends like an image and cannot be read as one ({str(error)[:200]}). Remove it, or "
        "save it again as PNG or JPEG."
    )
