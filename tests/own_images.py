"""Images of one's own for tests: files as people have them, and what was kept of them."""

import io
import re

import numpy as np
import pytest

from core import DataError
from core.data import images, own_data

N = 40


def sample(shape=(N, 8, 9), seed=0):
    """Images and labels that are taken."""
    rng = np.random.default_rng(seed)
    return rng.integers(256, size=shape, dtype=np.uint8), np.arange(shape[0]) % 4


def npz(**arrays) -> io.BytesIO:
    """An open `.npz` file of these arrays."""
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    file.seek(0)
    file.name = "mine.npz"
    return file


def kept(added, folder):
    """Training and validation images together, in no order."""
    training, validation = images.load(added.name, folder)
    return np.concatenate([training.images, validation.images]), np.concatenate(
        [training.labels, validation.labels]
    )


def as_set(x, y):
    """Images with their labels, in no order."""
    return {(image.tobytes(), str(label)) for image, label in zip(x, y, strict=True)}


def refusal(folder, **arrays) -> str:
    """What is said of arrays that are refused."""
    with pytest.raises(DataError) as refused:
        own_data.add(npz(**arrays), folder)
    return str(refused.value)


def mended(folder, line=0, **arrays):
    """Do what the refusal of these arrays says, in its own words, and add them again.

    Args:
        folder: Where images are kept.
        line: Which of the lines of Python in the refusal is followed.
        **arrays: What is refused.

    Returns:
        What was added, and the arrays as they are then.
    """
    said = refusal(folder, **arrays)
    lines = re.findall(r"`(\w+ = [^`]+)`", said)
    assert line < len(lines), said
    exec(lines[line], {"numpy": np}, arrays)
    return own_data.add(npz(**arrays), folder), arrays
