"""Points of many dimensions on a plane, and pictures of them that keep still. NumPy alone."""

import numpy as np


def principal_plane(points) -> tuple[np.ndarray, np.ndarray]:
    """Scores of points on the plane in which they differ most: two principal components.

    The first axis is the direction of greatest variance, the second that of the greatest
    variance across it (Pearson 1901; Hotelling 1933). Of the two signs that an axis may have,
    each gets the one with which its score of greatest size is positive, the earliest of several
    of one size, so that the same points always give the same picture. Other points do not:
    `aligned` turns one picture onto another.

    Args:
        points: Shape (N, E), any unit, N and E at least 1.

    Returns:
        The scores, shape (N, 2), float64, in the unit of the points, each column with mean 0;
        and the share of the variance of the points that lies along each axis, shape (2,), 0 to
        1. An axis along which they do not differ at all has scores and a share of 0.

    Raises:
        ValueError: If the shape is another, or a value is not finite.
    """
    points = checked(points, "points")
    # By the first point, too: the mean of equal numbers need not be that number, rounded.
    size = np.abs(points).max() or 1.0
    centred = points / size
    centred -= centred[0]
    centred -= centred.mean(axis=0)
    n, width = centred.shape
    # Both products have the same eigenvalues, and the smaller one is sooner taken apart.
    product = centred.T @ centred if width <= n else centred @ centred.T
    variances, vectors = np.linalg.eigh(product)
    variances, vectors = variances[:-3:-1], vectors[:, :-3:-1]
    # Below this is nothing but rounding.
    least = variances[0] * max(n, width) * np.finfo(float).eps
    variances = np.where(variances > least, variances, 0.0)
    scores = centred @ vectors if width <= n else vectors * np.sqrt(variances)
    scores = np.where(variances > 0, scores, 0.0)
    far = np.abs(scores)
    first = (far >= far.max(axis=0) * (1 - 1e-9)).argmax(axis=0)
    scores *= np.where(np.take_along_axis(scores, first[None], axis=0) < 0, -size, size)
    explained = variances / (np.trace(product) or 1.0)
    missing = 2 - len(variances)
    return np.pad(scores, ((0, 0), (0, missing))), np.pad(explained, (0, missing))


def aligned(points, last) -> np.ndarray:
    """Points turned about their mean, and mirrored if need be, to lie as near as can be to others.

    Of all rotations and reflections, the one with the least sum of squared distances between
    the points and `last`, both taken from their own means; nothing is stretched or moved
    (orthogonal Procrustes; Schönemann 1966). Principal components jump from one picture to
    the next, where two variances change places or a sign is settled otherwise; the clouds that
    they show do not, once they are aligned.

    Args:
        points: The new picture, shape (N, D).
        last: The one before, the same points in the same order, shape (N, D).

    Returns:
        The new picture, shape (N, D), float64, with the mean that it had.

    Raises:
        ValueError: If the shapes differ or are others, or a value is not finite.
    """
    points, last = checked(points, "points"), checked(last, "last")
    if points.shape != last.shape:
        raise ValueError(
            f"Expected the same points in both pictures: points has shape {points.shape}, last "
            f"{last.shape}. Without a picture before, take the points as they are."
        )
    mean = points.mean(axis=0)
    centred, goal = points - mean, last - last.mean(axis=0)
    # Their sizes do not change the best turn, but products of large numbers may overflow.
    product = (centred / (np.abs(centred).max() or 1.0)).T @ (goal / (np.abs(goal).max() or 1.0))
    left, _, right = np.linalg.svd(product)
    return centred @ (left @ right) + mean


def checked(points, name: str) -> np.ndarray:
    """The points as float64.

    Raises:
        ValueError: If they are not a table of one or more, or a value is not finite.
    """
    points = np.asarray(points, float)
    if points.ndim != 2 or 0 in points.shape:
        raise ValueError(f"{name} has shape {points.shape}: expected one row a point, one or more.")
    if not np.isfinite(points).all():
        raise ValueError(
            f"{name} has values that are not finite, which have no place in a picture. Leave "
            "them out, or show a state from before the training diverged."
        )
    return points
