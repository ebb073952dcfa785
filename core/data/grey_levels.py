"""Pixels of any type as uint8, where they have one meaning; else the line that gives them one."""

from math import ceil
from typing import NoReturn

import numpy as np

from core.errors import DataError

FEW = 0.05  # share of images, or of places in them, that may be faults, and not what they are like
FEW_VALUES = 0.001  # share of the values
LEAST_LEVELS = 32  # that the others must keep of 256 when a few are stretched to
DARK = 63  # the brightest level of images that are almost black
SHOWN = 10  # images that a message names
USUAL_RANGES = ((0, 1), (-1, 1), (0, 255))
Arrays = dict[str, np.ndarray]  # by name


def check_type(name: str, dtype: np.dtype, file: str) -> None:
    """Refuse pixels that are no numbers to begin with.

    Raises:
        DataError: With what was expected.
    """
    if dtype.kind not in "buif":
        raise DataError(
            f"{file}: `{name}` is of type {dtype}: expected are whole numbers from 0 to 255, "
            "floats from 0 to 1, or bool."
        )


def as_grey_levels(arrays: Arrays, file: str) -> tuple[Arrays, list[str]]:
    """Images as uint8, all by one scale.

    Floats from 0 to 1, and bool, become 0 to 255; whole numbers from 0 to 255 stay as they are;
    floats of another range are stretched, unless a few values would make all others black.

    Args:
        arrays: By name, images of shape (N, ...), of types that `check_type` lets pass.
        file: What to call the file.

    Returns:
        By name, uint8 of the same shapes, and sentences that tell what was done.

    Raises:
        DataError: If there is more than one meaning, or none; the message has the line that
            mends it.
    """
    kinds = {array.dtype.kind.replace("u", "i") for array in arrays.values()}
    if len(kinds) > 1:
        types = " and ".join(f"`{name}` of type {array.dtype}" for name, array in arrays.items())
        raise DataError(
            f"{file}: there are {types}: expected is one type. Bring both to values from 0 to 1: "
            "divide whole numbers by 255."
        )
    if kinds == {"b"}:
        levels = {name: array.astype(np.uint8) * 255 for name, array in arrays.items()}
        return levels, ["Of bool, False was taken as black and True as white."]
    if kinds == {"f"}:
        _check_finite(arrays, file)
    full = [array for array in arrays.values() if array.size]
    low = min((array.min().item() for array in full), default=0)
    high = max((array.max().item() for array in full), default=1)
    if kinds == {"i"}:
        levels, notes = _of_whole_numbers(arrays, low, high, file)
    else:
        levels, notes = _of_floats(arrays, low, high, file)
    if high > 0 and max((part.max() for part in levels.values() if part.size), default=255) <= DARK:
        white = 1 if kinds == {"f"} else 255
        notes.append(
            f"The images are almost black: their greatest value is {high:g}, and white is {white}. "
            f"If that should be white, divide by it, `x / {high!r}`, and add them again."
        )
    return levels, notes


def _of_whole_numbers(arrays: Arrays, low: int, high: int, file: str) -> tuple[Arrays, list[str]]:
    """Whole numbers as uint8, which must not wrap."""
    if low < 0 or high > 255:
        _refuse_beyond(arrays, low, high, file)
    levels = {name: array.astype(np.uint8, copy=False) for name, array in arrays.items()}
    types = sorted({str(array.dtype) for array in arrays.values()} - {"uint8"})
    if not types:
        return levels, []
    return levels, [f"Whole numbers from 0 to 255 of type {' and '.join(types)} became uint8."]


def _of_floats(arrays: Arrays, low: float, high: float, file: str) -> tuple[Arrays, list[str]]:
    """Floats as uint8: 0..1 as it is, another range stretched."""
    if low >= 0 and high <= 1:
        return {name: _scaled(array, 0.0, 1.0) for name, array in arrays.items()}, []
    _check_differ(arrays, low, high, file)
    levels = {name: _scaled(array, low, high) for name, array in arrays.items()}
    _check_outliers(arrays, levels, file)
    _check_ranges(arrays, file)
    return levels, [f"Values from {low:g} to {high:g} were stretched to black and white."]


def _scaled(array: np.ndarray, black: float, white: float) -> np.ndarray:
    levels = np.empty(array.shape, np.uint8)
    for i in range(0, len(array), 1000):  # in parts: float64 takes eight times the memory
        part = array[i : i + 1000].astype(np.float64)
        levels[i : i + 1000] = np.rint((part / 2 - black / 2) / (white / 2 - black / 2) * 255)
    return levels


def _check_differ(arrays: Arrays, low: float, high: float, file: str) -> None:
    """Refuse values of which none is another than the others: there is nothing between them."""
    if low == high:
        raise DataError(
            f"{file}: `{next(iter(arrays))}` is {low:g} everywhere: expected are images."
        )


def _check_finite(arrays: Arrays, file: str) -> None:
    """Refuse values that are no numbers, and say in which images they are."""
    bad = {name: ~np.isfinite(array) for name, array in arrays.items()}
    if not any(part.any() for part in bad.values()):
        return
    name, part = next((name, part) for name, part in bad.items() if part.any())
    place = _first(part)
    good = arrays[name][~part]
    white = 255 if good.size and good.max() > 1 else 1
    raise DataError(
        f"{file}: `{name}` holds {part.sum():,} values that are no finite numbers, the first at "
        f"{_at(name, place)} = {arrays[name][place]}. {_images_of(bad)} To have them black or "
        f"white, save `{name} = numpy.nan_to_num({name}, nan=0, posinf={white}, neginf=0)`."
    )


def _check_outliers(arrays: Arrays, levels: Arrays, file: str) -> None:
    """Refuse a few values that would leave all others no more than `LEAST_LEVELS`."""
    first, last = _narrowest(levels)
    if last - first >= LEAST_LEVELS:
        return
    far = {name: (part < first) | (part > last) for name, part in levels.items()}
    others = [array[~far[name]] for name, array in arrays.items() if not far[name].all()]
    low = min(part.min().item() for part in others)
    high = max(part.max().item() for part in others)
    if low == high:  # the few are all that the images show
        return
    name = next(name for name, part in far.items() if part.any())
    place = _first(far[name])
    black, white = next(
        (usual for usual in USUAL_RANGES if usual[0] <= low and high <= usual[1]), (low, high)
    )
    raise DataError(
        f"{file}: {_share(far)} are far from all others, which go from {low:g} to {high:g}; the "
        f"first is {_at(name, place)} = {arrays[name][place]:g}. {_images_of(far)} Stretched to "
        "black and white together with these, the others would hardly differ. If they are faults, "
        f"save `{name} = numpy.clip({name}, {black!r}, {white!r})`; if they are meant, bring all "
        "values between 0 and 1 by a scale of your own."
    )


def _check_ranges(arrays: Arrays, file: str) -> None:
    """Refuse parts of which one would be left no more than `LEAST_LEVELS` beside the other."""
    ends = {name: (array.min().item(), array.max().item()) for name, array in arrays.items()}
    by_span = sorted(ends, key=lambda name: ends[name][1] - ends[name][0])
    narrow, wide = (ends[name][1] - ends[name][0] for name in (by_span[0], by_span[-1]))
    if narrow * 256 < wide * LEAST_LEVELS:
        listed = " and ".join(f"`{name}` from {a:g} to {b:g}" for name, (a, b) in ends.items())
        raise DataError(
            f"{file}: the values of {listed} are of different ranges: expected is one. If only "
            f"one was divided by 255, save `{by_span[-1]} = {by_span[-1]} / 255`."
        )


def _narrowest(levels: Arrays) -> tuple[int, int]:
    """Between which levels all lies but a few values, a few images, or a few places in them."""
    counts = np.sum([np.bincount(part.ravel(), minlength=256) for part in levels.values()], axis=0)
    below = np.cumsum(counts) / counts.sum()
    ends = [tuple(np.searchsorted(below, (FEW_VALUES, 1 - FEW_VALUES)).tolist())]
    flat = np.concatenate([part.reshape(len(part), -1) for part in levels.values()])
    for axis in (0, 1):
        lows, highs = np.sort(flat.min(axis)), np.sort(flat.max(axis))
        few = min(ceil(len(lows) * FEW), (len(lows) - 1) // 2)
        ends.append((int(lows[few]), int(highs[-1 - few])))
    return min(ends, key=lambda pair: pair[1] - pair[0])


def _refuse_beyond(arrays: Arrays, low: int, high: int, file: str) -> NoReturn:
    """Refuse whole numbers that are not all from 0 to 255: as faults if they are few."""
    _check_differ(arrays, low, high, file)
    far = {name: (array < 0) | (array > 255) for name, array in arrays.items()}
    name = next(name for name, part in far.items() if part.any())
    what = (
        f"{file}: `{name}` is of type {arrays[name].dtype} with values from {low} to {high}: "
        "expected are whole numbers from 0 to 255, or floats from 0 to 1."
    )
    if _are_few(far):
        place = _first(far[name])
        raise DataError(
            f"{what} Beyond are {_share(far)}, the first {_at(name, place)} = "
            f"{arrays[name][place]}. {_images_of(far)} If they are faults, save "
            f"`{name} = numpy.clip({name}, 0, 255)`."
        )
    _check_outliers(arrays, {name: _scaled(a, low, high) for name, a in arrays.items()}, file)
    if low < 0:
        raise DataError(f"{what} Save `{name} = ({name}.astype(float) + {-low}) / {high - low}`.")
    usual = next((2**bits - 1 for bits in (10, 12, 14, 16, 32) if high < 2**bits), high)
    line = f"Save `{name} = {name} / {usual}`, if {usual} is white"
    if high < usual:
        line += f", or `{name} = {name} / {high}`, if {high} is"
    raise DataError(f"{what} {line}.")


def _are_few(bad: Arrays) -> bool:
    """Whether it is true of a few values, or in a few images, or at a few places in them."""
    flat = np.concatenate([part.reshape(len(part), -1) for part in bad.values()])
    in_images, at_places = (int(flat.any(axis).sum()) for axis in (1, 0))
    n_images, n_places = flat.shape
    return (
        flat.sum() <= flat.size * FEW_VALUES
        or in_images <= ceil(n_images * FEW)
        or at_places <= ceil(n_places * FEW)
    )


def _first(bad: np.ndarray) -> tuple[int, ...]:
    """The place of the first that is true."""
    return tuple(int(i) for i in np.unravel_index(bad.argmax(), bad.shape))


def _share(bad: Arrays) -> str:
    """How many are true of how many."""
    count, size = (sum(map(of, bad.values())) for of in (np.sum, np.size))
    return f"{count:,} of {size:,} values"


def _at(name: str, place: tuple[int, ...]) -> str:
    """The name of a value, as NumPy has it."""
    return f"`{name}[{', '.join(map(str, place))}]`"


def _images_of(bad: Arrays) -> str:
    """A sentence that says which images hold what is true: the first ten, and how many."""
    lists = [
        f"{name}[{i}]"
        for name, part in bad.items()
        for i in np.flatnonzero(part.reshape(len(part), -1).any(axis=1))
    ]
    more = f" and {len(lists) - SHOWN:,} more" if len(lists) > SHOWN else ""
    noun = "image" if len(lists) == 1 else f"{len(lists):,} images"
    return f"They are in the {noun} {', '.join(lists[:SHOWN])}{more}."
