"""Reads one image file as a person sees it: upright, on a ground, in 256 levels."""

import warnings
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np

from core.errors import DataError

LARGEST_IMAGE = 50_000_000  # pixels, before it is resized
TOO_LARGE = f"it has more than {LARGEST_IMAGE:,} pixels"
# EPS is a program that Ghostscript would run; of the others Pillow knows no more than the names.
NOT_READ = {"BUFR", "EPS", "GRIB", "HDF5", "MPEG", "WMF"}
GREY = {"1", "L", "LA"}
WHITE = 255
# What may have been done to an image, in words.
TURNED = "Turned upright, as their EXIF says"
GROUND = "Put on white, since transparent in places"
FRAMES = "Of several frames or layers, the first was taken"
DEEP = "Of more than 256 levels, 256 were kept"
DONE = (TURNED, GROUND, FRAMES, DEEP)
ORIENTATION = 0x0112
# By the number in the EXIF, Pillow's name for what puts the image upright.
UPRIGHT = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
BITS, PHOTOMETRIC, WHITE_IS_ZERO = 258, 262, 0  # of TIFF


@cache
def formats() -> tuple[str, ...]:
    """The formats that are read, by Pillow's names."""
    from PIL import Image  # at first use: the server starts without it

    Image.init()
    return tuple(sorted(set(Image.OPEN) - NOT_READ))


@cache
def endings() -> frozenset[str]:
    """What the names of image files end in: small letters, with the dot."""
    from PIL import Image

    taken = {*formats(), "MPO"}  # a JPEG with more behind it
    return frozenset(end for end, name in Image.registered_extensions().items() if name in taken)


@contextmanager
def opened(path: Path):
    """An image file, its head read; without Pillow's warnings, but one, which is an error."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(path, formats=formats()) as image:
            yield image


def is_image(path: Path) -> bool:
    """Whether a file begins as an image does, whatever its name."""
    try:
        with opened(path):
            return True
    except Exception:  # Pillow has many
        return False


def read_image(path: Path):
    """An image as a person sees it, and what was done to it for that.

    Returns:
        A Pillow image of mode L or RGB, and a set of some of `DONE`.

    Raises:
        DataError: If it cannot be read, or has levels of which white is not known; the message
            is the reason alone.
    """
    from PIL.Image import Transpose

    done = set()
    try:
        with opened(path) as image:
            if image.width * image.height > LARGEST_IMAGE:
                raise DataError(TOO_LARGE)
            if getattr(image, "is_animated", False):
                done.add(FRAMES)
            if orientation(image):
                done.add(TURNED)
            image.load()
            seen = in_256_levels(image, done)
            if turn := orientation(image):  # of TIFF, Pillow has done it by now
                seen = seen.transpose(Transpose[UPRIGHT[turn]])
            return seen, done
    except DataError:
        raise
    except Exception as error:  # whatever damaged bytes lead to
        raise DataError(reason(path, error)) from None


def orientation(image) -> int | None:
    """What the EXIF says of how the camera was held: one of `UPRIGHT`, or None."""
    try:
        value = image.getexif().get(ORIENTATION)
    except Exception:  # an EXIF that cannot be read says nothing
        return None
    return value if value in UPRIGHT else None


def in_256_levels(image, done: set[str]):
    """An image of any mode as L or RGB; what had to be done is added to the set.

    Raises:
        DataError: If it is not known which of its levels is white.
    """
    from PIL import Image

    if image.mode[0] in "IF":
        done.add(DEEP)
        return Image.fromarray(of_deep_levels(image, done))
    mode = "L" if image.mode in GREY else "RGB"
    if image.has_transparency_data:
        image = image.convert("RGBA")
        if image.getchannel("A").getextrema()[0] < 255:
            done.add(GROUND)
            ground = Image.new("RGBA", image.size, (WHITE, WHITE, WHITE, 255))
            image = Image.alpha_composite(ground, image)
    return image.convert(mode)


def of_deep_levels(image, done: set[str]) -> np.ndarray:
    """The grey levels, uint8, of an image that has more of them.

    Raises:
        DataError: If it is not known which of them is white.
    """
    levels = np.asarray(image).astype(np.float32)
    tags = getattr(image, "tag_v2", {})
    if image.mode.startswith("I;16"):
        white = 2 ** tags.get(BITS, (16,))[0] - 1
    elif image.format == "PPM" and image.mode == "I":
        white = 65535  # Pillow has scaled them
    else:
        white = 1
    if not (levels.min() >= 0 and levels.max() <= white):  # or not a number
        raise DataError(
            f"its levels go from {levels.min():g} to {levels.max():g}, and which is white is not "
            "known; save it with 8 or 16 bits a channel"
        )
    grey = np.rint(levels / white * 255).astype(np.uint8)
    if tags.get(PHOTOMETRIC) == WHITE_IS_ZERO:
        grey = 255 - grey
    clear = image.info.get("transparency")
    if clear is not None and (levels == clear).any():
        done.add(GROUND)
        grey[levels == clear] = WHITE
    return grey


def reason(path: Path, error: Exception) -> str:
    """Why a file cannot be read, in few words."""
    from PIL import Image, UnidentifiedImageError

    if isinstance(error, (Image.DecompressionBombWarning, Image.DecompressionBombError)):
        return TOO_LARGE
    if isinstance(error, UnidentifiedImageError):
        return "no image that Pillow reads" if path.stat().st_size else "it is empty"
    return " ".join(str(error).split())[:100] or type(error).__name__
