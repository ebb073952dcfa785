"""Which class is taken for which. NumPy alone."""

import numpy as np


def confusion(true, predicted, n_classes: int) -> np.ndarray:
    """Count images by what they show and what they are taken for.

    Args:
        true: The right classes, whole numbers 0 to `n_classes` - 1, shape (N,).
        predicted: The classes that were given, same shape and range.
        n_classes: Number of classes, C.

    Returns:
        The counts, int64, shape (C, C): rows are the right classes, columns the given ones. What
        is right is on the diagonal.

    Raises:
        ValueError: If the shapes differ, or a class is not in the range.
    """
    true, predicted = (
        checked(classes, n_classes, name)
        for classes, name in ((true, "true"), (predicted, "predicted"))
    )
    if true.shape != predicted.shape:
        raise ValueError(
            f"Expected one given class a right one: true has shape {true.shape}, predicted "
            f"{predicted.shape}."
        )
    counts = np.bincount(true * n_classes + predicted, minlength=n_classes**2)
    return counts.reshape(n_classes, n_classes)


def digit_confusion(true, predicted) -> np.ndarray:
    """Count the digits of two-digit numbers by what they are and what they are taken for.

    Tens are compared with tens and ones with ones, and both are counted in one table: a number
    that is taken for another with one digit wrong counts once beside the diagonal, once on it.

    Args:
        true: The right numbers, 0 to 99, shape (N,).
        predicted: The numbers that were given, same shape and range.

    Returns:
        The counts, int64, shape (10, 10), rows right, columns given; their sum is 2 N.

    Raises:
        ValueError: If the shapes differ, or a number is not in the range.
    """
    of_numbers = confusion(true, predicted, 100).reshape(10, 10, 10, 10)
    tens = of_numbers.sum(axis=(1, 3))
    ones = of_numbers.sum(axis=(0, 2))
    return tens + ones


def checked(classes, n_classes: int, name: str) -> np.ndarray:
    """The classes as whole numbers.

    Raises:
        ValueError: If they are not a row of whole numbers in the range.
    """
    classes = np.asarray(classes)
    if classes.size == 0:
        classes = classes.astype(int)
    if classes.ndim != 1 or classes.dtype.kind not in "iu":
        raise ValueError(
            f"{name} has shape {classes.shape} and type {classes.dtype}: expected one whole "
            "number an image."
        )
    if classes.size and (classes.min() < 0 or classes.max() >= n_classes):
        raise ValueError(
            f"{name} has classes from {classes.min()} to {classes.max()}: expected 0 to "
            f"{n_classes - 1}."
        )
    return classes.astype(np.int64)
