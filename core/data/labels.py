"""Labels as people save them, made one class an image where they have one meaning."""

import numpy as np

from core.data.npz import Header
from core.errors import DataError

SHOWN = 8  # values of a row that a message quotes


def check_labels(header: Header, images: Header, file: str) -> None:
    """Refuse labels by what they say of themselves, before they are read.

    Args:
        header: What the labels say.
        images: What their images say.
        file: What to call the file.

    Raises:
        DataError: If no reading of them could give one class an image.
    """
    name, shape, dtype, n = header.name, header.shape, header.dtype, images.shape[0]
    has_rows = len(shape) == 2 and dtype.kind in "biuf"
    if dtype.kind not in "biufSU" or not dtype.itemsize:
        raise DataError(
            f"{file}: `{name}` is of type {dtype}: expected whole numbers or strings, one a class. "
            f"Save `{name} = {name}.astype(str)`."
        )
    if _is_column(shape, n) or (has_rows and shape[0] == n and shape[1] > 1):
        return
    if len(shape) == 1:
        raise DataError(
            f"{file}: `{images.name}` holds {n:,} images and `{name}` {shape[0]:,} labels: "
            "expected are as many."
        )
    advice = "Save one label an image."
    if has_rows and shape[1] == n:
        advice = f"If its columns are the images, save `{name} = {name}.T`."
    raise DataError(
        f"{file}: `{name}` has the shape {shape}: expected is ({n},), one class an image, or one "
        f"row an image with a single 1, ({n}, classes). {advice}"
    )


def classes_of(y: np.ndarray, name: str, n: int, file: str) -> tuple[np.ndarray, list[str]]:
    """One class an image, and what there is to tell.

    Args:
        y: What `check_labels` let pass.
        name: The array's name.
        n: Number of images.
        file: What to call the file.

    Returns:
        Whole numbers or strings, shape (n,), and sentences.

    Raises:
        DataError: If a label is not one class; the message says which, and the line that mends it.
    """
    notes = []
    if y.dtype.kind == "f":
        _check_finite(y, name, file)
    if not _is_column(y.shape, n):
        _check_one_hot(y, name, file)
        columns = y.shape[1]
        return y.argmax(axis=1), [
            f"`{name}` is one-hot: the column of the 1, 0 to {columns - 1:,}, was taken as the "
            "class."
        ]
    if y.ndim > 1:
        notes.append(f"`{name}` of shape {y.shape} was taken as ({n},).")
    y = y.ravel()
    if y.dtype.kind == "f":
        broken = np.flatnonzero(y != np.floor(y))
        if len(broken):
            raise DataError(
                f"{file}: `{name}` holds {len(broken):,} labels that are no whole numbers, the "
                f"first `{name}[{broken[0]}]` = {y[broken[0]]:g}: expected is one class an image. "
                f"If these are names of classes, save `{name} = {name}.astype(str)`; if they are "
                f"measured, make classes of them, such as `{name} = {name} > numpy.median({name})`."
            )
        notes.append(f"`{name}` holds whole numbers as {y.dtype}; they were taken as classes.")
    return y, notes


def _is_column(shape: tuple[int, ...], n: int) -> bool:
    """Whether there is one value an image, whatever axes of length 1 stand around."""
    return shape == (n,) or (len(shape) > 1 and sorted(shape) == [1] * (len(shape) - 1) + [n])


def _check_finite(y: np.ndarray, name: str, file: str) -> None:
    bad = ~np.isfinite(y)
    if bad.any():
        place = np.unravel_index(bad.argmax(), y.shape)
        where = ", ".join(map(str, place))
        raise DataError(
            f"{file}: `{name}` holds {bad.sum():,} values that are no finite numbers, the first at "
            f"`{name}[{where}]` = {y[place]}. To leave such images out, have "
            f"`good = numpy.isfinite({name}).reshape(len({name}), -1).all(axis=1)` and save the "
            f"images and the labels of `good` alone, as in `{name}[good]`."
        )


def _check_one_hot(y: np.ndarray, name: str, file: str) -> None:
    """Refuse rows that are not all 0 but for a single 1."""
    ones = (y == 1).sum(axis=1)
    bad = np.flatnonzero((ones != 1) | ((y != 0).sum(axis=1) != 1))
    if not len(bad):
        return
    row = y[bad[0]]
    quoted = " ".join(f"{value:g}" for value in row[:SHOWN].astype(float))
    quoted += " ..." if len(row) > SHOWN else ""
    if not row.any():
        advice = (
            f"An image of no class cannot be used: have `good = {name}.any(axis=1)` and save the "
            f"images and the labels of `good` alone, as in `{name}[good]`."
        )
    elif ones[bad[0]] > 1:
        advice = (
            "An image of several classes cannot be used: choose one, such as the first by "
            f"`{name} = {name}.argmax(axis=1)`."
        )
    else:
        advice = f"If the class is where a row is greatest, save `{name} = {name}.argmax(axis=1)`."
    raise DataError(
        f"{file}: `{name}` has the shape {y.shape}: expected are one class an image, ({len(y)},), "
        f"or rows with a single 1. So it is not with {len(bad):,} of {len(y):,} rows, the first "
        f"`{name}[{bad[0]}]` = [{quoted}]. {advice}"
    )
