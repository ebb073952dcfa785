"""Fetches a dataset through Keras in a process of its own: `-m core.worker.fetch NAME FOLDER`.

The images end up in `FOLDER/NAME.npz`, whole or not at all; Keras keeps its own files where
`KERAS_HOME` says. The one line on standard output is a JSON object: empty, or with the `problem`
in words. The process ends early when its standard input closes.
"""

import json
import os
import socket
import sys
import threading
from pathlib import Path

import keras
import numpy as np

from core.data import datasets, images
from core.data.datasets import Facts
from core.data.images import LEAST_IMAGES, Images
from core.errors import DataError

PATIENCE = 30  # s without a byte until a connection counts as lost


def fetch(facts: Facts, folder: Path) -> None:
    """Have Keras load a dataset, and keep its images in the folder.

    Raises:
        DataError: If they cannot be fetched, read or kept; the message says what to do.
    """
    home = datasets.keras_folder()
    home.mkdir(parents=True, exist_ok=True)  # or else Keras would take one of its own
    try:
        training, validation = getattr(keras.datasets, facts.name).load_data()
        parts = {"training": checked(facts, *training), "validation": checked(facts, *validation)}
    except Exception as error:  # whatever a network or a damaged file leads to
        raise DataError(what_to_do(facts, home, error)) from error
    images.save(datasets.path_of(facts.name, folder), **parts)


def checked(facts: Facts, x: np.ndarray, y: np.ndarray) -> Images:
    """The images that Keras gave, if they are what the facts say.

    Raises:
        ValueError: If they are not.
    """
    part = Images(x.reshape(-1, *facts.image_shape), y.ravel().astype(np.int32))
    counts = np.bincount(part.labels, minlength=facts.n_classes)
    if part.images.dtype != np.uint8 or len(part.images) != len(part.labels):
        raise ValueError("it does not hold as many images as labels")
    if len(counts) != facts.n_classes or counts.min() < LEAST_IMAGES:
        raise ValueError(f"it does not hold {LEAST_IMAGES} images of {facts.n_classes} classes")
    return part


def what_to_do(facts: Facts, home: Path, error: Exception) -> str:
    """Why a dataset cannot be had, and the remedy, in sentences."""
    missing = [file for file in facts.files if not (home / file.path).exists()]
    if not missing:
        there = ", ".join(str(home / file.path) for file in facts.files)
        return (
            f"{facts.title} cannot be read: {error}. Remove {there} and press Train again: it is "
            "fetched anew. Or choose another dataset."
        )
    # Keras puts the address before it, which is said below.
    reason = getattr(error.__context__, "reason", error)
    where = " and ".join(f"{file.url} to {home / file.path}" for file in missing)
    return (
        f"{facts.title} is not on this computer and cannot be fetched: {reason}. Choose the "
        "dataset digits, which needs no network; or press Train again once there is one; or "
        f"download {where} and press Train again."
    )


def main() -> None:
    """Fetch what the arguments name."""
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Keras draws its progress there
    facts = datasets.facts_of(sys.argv[1])
    home = datasets.keras_folder()
    new = [home / file.path for file in facts.files if not (home / file.path).exists()]

    def end_with_parent() -> None:
        sys.stdin.buffer.read()
        for path in new:  # one half of a file would be taken for a whole one
            path.unlink(missing_ok=True)
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()
    socket.setdefaulttimeout(PATIENCE)
    try:
        fetch(facts, Path(sys.argv[2]))
        problem = {}
    except DataError as error:
        problem = {"problem": str(error)}
    print(json.dumps(problem), file=answer, flush=True)
    os._exit(0)  # the thread still reads


if __name__ == "__main__":
    main()
