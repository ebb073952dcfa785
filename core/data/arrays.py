"""Reads the `.npz` files that people have: images and labels, whole or split as Keras has them."""

from math import ceil, isqrt
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from core.data import datasets
from core.data.datasets import CHANNELS, LARGEST_SIDE, SMALLEST_SIDE
from core.data.grey_levels import as_grey_levels, check_type
from core.data.images import Given
from core.data.labels import check_labels, classes_of
from core.data.npz import LARGEST_FILE, Header, Npz
from core.errors import DataError

SPLIT = (("x_train", "y_train"), ("x_test", "y_test"))  # Keras' own names
# By number of axes: what turns those that are not (N, height, width, channels), and what they are.
OTHER_ORDERS = {
    4: (
        ((0, 2, 3, 1), "channels that come first"),
        ((3, 0, 1, 2), "images along its last axis"),
        ((3, 1, 2, 0), "images along its last axis and channels along its first"),
    ),
    3: (((2, 0, 1), "images along its last axis"),),
}


def read_npz(file: Path | BinaryIO, name: str) -> Given:
    """The images and labels of a file.

    Args:
        file: The file, or its path.
        name: What to call it in messages.

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
        pairs, notes = pairs_of(npz)
        headers = [(npz.header(x), npz.header(y)) for x, y in pairs]
        check_headers(headers, name)
        x = {of_x.name: npz.read(of_x) for of_x, _ in headers}
        y = {of_y.name: npz.read(of_y) for _, of_y in headers}
    levels, more = as_grey_levels(x, name)
    notes += more
    labels = []
    for of_x, of_y in headers:
        some, more = classes_of(y[of_y.name], of_y.name, of_x.shape[0], name)
        labels.append(some)
        notes += more
    images = np.concatenate([*levels.values()]) if len(levels) > 1 else levels[pairs[0][0]]
    counts = [of_x.shape[0] for of_x, _ in headers]

    def place(i: int) -> str:
        first = i < counts[0]
        return f"{headers[0 if first else 1][0].name}[{i if first else i - counts[0]}]"

    return Given(
        np.ascontiguousarray(images if images.ndim == 4 else images[..., None]),
        together(labels, [of_y.name for _, of_y in headers], name),
        place,
        counts[0] if len(counts) > 1 else None,
        notes,
    )


def pairs_of(npz: Npz) -> tuple[list[tuple[str, str]], list[str]]:
    """The names of images and labels that are taken: one pair, or one to train on and one not.

    Raises:
        DataError: If Keras' names are not all there.
    """

    def name_of(name: str) -> str | None:
        """The array of that name, whether its letters are small or not."""
        alike = [other for other in npz.names if other.lower() == name]
        return name if name in alike else next(iter(alike), None)

    of_keras = {name: name_of(name) for pair in SPLIT for name in pair}
    there = {name: here for name, here in of_keras.items() if here}
    if name_of("x") or name_of("y") or not there:
        x, y = name_of("x") or "x", name_of("y") or "y"
        return [(x, y)], [f"Left out: {', '.join(there.values())}."] if there else []
    if len(there) < 4:
        x, y = next(((there[x], there[y]) for x, y in SPLIT if {x, y} <= set(there)), SPLIT[0])
        raise DataError(
            f"{npz.name} has {', '.join(there.values())}: expected are all of "
            f"{', '.join(name for pair in SPLIT for name in pair)}; or x and y, which are split "
            f"here. Save it with numpy.savez(path, x={x}, y={y})."
        )
    split = [(there[x], there[y]) for x, y in SPLIT]
    (x_train, _), (x_test, _) = split
    return split, [f"As it is split, {x_train} is to train on, {x_test} to validate with."]


def check_headers(headers: list[tuple[Header, Header]], file: str) -> None:
    """Refuse what arrays say of themselves if they cannot be used, before they are read.

    Raises:
        DataError: The message says what is wrong, what was expected, and the line that mends it.
    """
    most, largest = datasets.MOST_IMAGES, datasets.LARGEST_ARRAY
    for x, y in headers:
        for header in (x, y):
            if header.size > largest:
                remedy = "Save fewer or smaller images, or uint8."
                if header is y and len(y.shape) == 2:
                    remedy = f"Save `{y.name} = {y.name}.argmax(axis=1)`."
                raise DataError(
                    f"{file}: `{header.name}` would take {header.size:,} bytes unpacked; at most "
                    f"{largest:,} are taken. {remedy}"
                )
        check_type(x.name, x.dtype, file)
        check_shape(x, y, file)
        check_labels(y, x, file)
    names = " and ".join(f"`{x.name}`" for x, _ in headers)
    n, size = sum(x.shape[0] for x, _ in headers), sum(x.size for x, _ in headers)
    if n > most:
        raise DataError(f"{file}: {names} holds {n:,} images; at most {most:,} are taken.")
    if size > largest:
        raise DataError(
            f"{file}: {names} would take {size:,} bytes unpacked; at most {largest:,} are taken. "
            "Save fewer or smaller images, or uint8."
        )
    is_empty = len(headers) > 1 and not all(x.shape[0] for x, _ in headers)
    if is_empty or len({x.shape[1:] for x, _ in headers}) > 1:
        shapes = " and ".join(f"`{x.name}` {x.shape}" for x, _ in headers)
        raise DataError(f"{file}: {shapes}: expected are some images in both, all of one shape.")


def check_shape(x: Header, y: Header, file: str) -> None:
    """Refuse images of a shape that is not (N, height, width) or (N, height, width, channels).

    Raises:
        DataError: With the line that mends it, where there is one.
    """
    name, shape, n_labels = x.name, x.shape, (*y.shape, 0)[0]

    def refuse(what: str):
        raise DataError(f"{file}: `{name}` {what}")

    if len(shape) not in (3, 4):
        refuse(
            f"has the shape {shape}: expected (N, height, width) or (N, H, W, channels)."
            f"{flat_advice(name, shape)}"
        )
    height, width, channels = (*shape[1:], 1)[:3]
    advice = large_advice(name, height, width)
    if not (could_be(shape) and shape[0] == n_labels):
        for order, what in OTHER_ORDERS[len(shape)]:
            turned = tuple(shape[axis] for axis in order)
            if could_be(turned) and (turned[0] == n_labels or not could_be(shape)):
                refuse(
                    f"has the shape {shape}, with {what}: expected is (N, height, width, "
                    f"channels), here {turned}. Save `{name} = {name}.transpose{order}`."
                    f"{large_advice(name, *turned[1:3])}"
                )
    if min(height, width) < SMALLEST_SIDE or advice:
        refuse(
            f"holds images of {height}x{width} pixels: expected are {SMALLEST_SIDE} to "
            f"{LARGEST_SIDE} a side. Resize them, or give a folder of image files, which are "
            f"resized.{advice}"
        )
    if channels not in CHANNELS:
        refuse(
            f"holds images of {channels} channels: expected are 1 to 4, as the last axis. To keep "
            f"the first three, save `{name} = {name}[..., :3]`; if the channels come first, "
            f"`{name} = {name}.transpose(0, 2, 3, 1)`."
        )


def could_be(shape: tuple[int, ...]) -> bool:
    """Whether a shape could be that of images, however large."""
    _, height, width, channels = (*shape, 1)[:4]
    return min(height, width) >= SMALLEST_SIDE and channels in CHANNELS


def flat_advice(name: str, shape: tuple[int, ...]) -> str:
    """The line that makes images of rows of pixels, if those they are."""
    if len(shape) != 2:
        return ""
    for channels in (1, 3):
        side = isqrt(shape[1] // channels)
        if side * side * channels != shape[1] or not SMALLEST_SIDE <= side <= LARGEST_SIDE:
            continue
        if channels == 1:
            return f" Save `{name} = {name}.reshape(-1, {side}, {side})`."
        return (
            f" Save `{name} = {name}.reshape(-1, {side}, {side}, 3)`, or, if all red comes first "
            f"as in CIFAR's own files, `{name} = {name}.reshape(-1, 3, {side}, {side})"
            ".transpose(0, 2, 3, 1)`."
        )
    return f" Save `{name} = {name}.reshape(-1, height, width)` with the sides that they had."


def large_advice(name: str, height: int, width: int) -> str:
    """The line that makes images small enough; empty if they are."""
    every = ceil(max(height, width) / LARGEST_SIDE)
    if every < 2:
        return ""
    if ceil(min(height, width) / every) < SMALLEST_SIDE:
        return " They are too long and narrow: cut them."
    return (
        f" At most {LARGEST_SIDE} pixels a side are taken: `{name} = {name}[:, ::{every}, "
        f"::{every}]` keeps one in {every} rows and columns."
    )


def together(parts: list[np.ndarray], names: list[str], file: str) -> np.ndarray:
    """Labels of one kind, one after the other.

    Raises:
        DataError: If some are numbers and some are strings.
    """
    if len({part.dtype.kind in "SU" for part in parts}) > 1:
        raise DataError(
            f"{file}: of {' and '.join(f'`{name}`' for name in names)} one holds strings and one "
            "numbers: expected are the same names of classes in both."
        )
    if {part.dtype.kind for part in parts} == {"S", "U"}:
        parts = [np.char.decode(p, errors="replace") if p.dtype.kind == "S" else p for p in parts]
    common: Any = np.result_type(*parts)
    if common.kind == "f" and all(part.dtype.kind != "f" for part in parts):
        common = object  # signed and unsigned, which floats would round
    return np.concatenate([part.astype(common) for part in parts])
