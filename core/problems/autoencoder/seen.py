"""What the autoencoder rebuilds and draws: as arrays to be kept, and as JSON to be shown."""

import base64

import numpy as np

from core.problems.autoencoder.digits import N_CLASSES, SIDE, Digits


def some_of(digits: Digits, of_each: int) -> Digits:
    """So many of each class, in the order of the classes."""
    places = [np.flatnonzero(digits.labels == c)[:of_each] for c in range(N_CLASSES)]
    chosen = np.concatenate(places)
    return Digits(digits.images[chosen], digits.labels[chosen])


def arrays_of(digits: Digits, rebuilt: np.ndarray, drawn: np.ndarray) -> dict[str, np.ndarray]:
    """What of it is kept.

    Args:
        digits: As they are, N of them.
        rebuilt: What the model makes of them, 0 to 1, shape (N, SIDE, SIDE).
        drawn: What it makes of draws, shape (M, SIDE, SIDE).
    """
    return {
        "labels": digits.labels,
        "images": in_grey(digits.images),
        "rebuilt": in_grey(rebuilt),
        "drawn": in_grey(drawn),
        "error": np.float32(((rebuilt - digits.images) ** 2).mean()),
    }


def in_grey(images: np.ndarray) -> np.ndarray:
    """Grey levels as whole numbers to 255."""
    return np.round(np.clip(images, 0, 1) * 255).astype(np.uint8)


def as_json(arrays: dict[str, np.ndarray]) -> dict:
    """What the page is told of kept arrays.

    Returns:
        `side`, of a picture in pixels; `labels` of the digits; their `images`, what is `rebuilt` of
        each, and what is `drawn`, each grey levels as bytes; `error`, the mean squared one.
    """
    pictures = {
        name: [base64.b64encode(one.tobytes()).decode() for one in arrays[name]]
        for name in ("images", "rebuilt", "drawn")
    }
    labels, error = arrays["labels"].tolist(), round(float(arrays["error"]), 5)
    return {"side": SIDE, "labels": labels, "error": error, **pictures}
