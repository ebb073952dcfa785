"""What heads answer to validation examples: as arrays to be kept, and as JSON to be shown."""

import numpy as np

from core.analysis.confusion import confusion

CLASSES, NUMBERS = "answer.classes.", "answer.numbers."  # before the head, in names of arrays
SIZE = "answer.size."
MOST_POINTS = 500  # of a head that answers with numbers


def arrays_of_classes(head: str, true, given, n_classes: int) -> dict[str, np.ndarray]:
    """What is kept of a head that answers with a class; N examples.

    Args:
        head: Its name.
        true: The right classes, whole numbers from 0, shape (N,).
        given: Those that it gave.
        n_classes: How many there are.
    """
    both = np.stack([np.asarray(true), np.asarray(given)]).astype(np.int16)
    return {f"{CLASSES}{head}": both, f"{SIZE}{head}": np.array(n_classes)}


def arrays_of_numbers(head: str, true, given) -> dict[str, np.ndarray]:
    """The same of a head that answers with numbers: `MOST_POINTS` of them, evenly chosen.

    Args:
        head: Its name.
        true: The right numbers, shape (N,).
        given: Those that it gave.
    """
    n = len(true)
    chosen = np.linspace(0, n - 1, min(n, MOST_POINTS)).round().astype(int)
    both = np.stack([np.asarray(true), np.asarray(given)])[:, chosen].astype(np.float32)
    return {f"{NUMBERS}{head}": both, f"{SIZE}{head}": np.array(n)}


def answers_json(arrays: dict[str, np.ndarray]) -> dict[str, dict]:
    """What the page is told of each head of which answers are kept.

    Returns:
        By name of the head its `kind`. Of "classes": their number `n_classes`, and `confusion`,
        see `sparse`. Of "numbers": `true` and `given`, of `n` that there are.
    """
    told: dict[str, dict] = {}
    for name, both in arrays.items():
        if name.startswith(CLASSES):
            head = name.removeprefix(CLASSES)
            n_classes = int(arrays[f"{SIZE}{head}"])
            cells = sparse(confusion(both[0], both[1], n_classes))
            told[head] = {"kind": "classes", "n_classes": n_classes, "confusion": cells}
        elif name.startswith(NUMBERS):
            head = name.removeprefix(NUMBERS)
            true, given = both.astype(np.float64).tolist()
            n = int(arrays[f"{SIZE}{head}"])
            told[head] = {"kind": "numbers", "true": true, "given": given, "n": n}
    return told


def sparse(counts: np.ndarray) -> list[list[int]]:
    """Rows (true, predicted, count) of the cells of a matrix that are not 0."""
    return [[int(t), int(p), int(counts[t, p])] for t, p in zip(*np.nonzero(counts), strict=True)]


def rounded(array, digits: int = 4) -> list:
    """An array as lists of short numbers."""
    return np.round(np.asarray(array, np.float64), digits).tolist()
