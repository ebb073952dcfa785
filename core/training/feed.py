"""What the steps of a chunk are given, made ahead of them: their examples, and their noise."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import tensorflow as tf

from core.training.cores import CORES

AHEAD = ThreadPoolExecutor(CORES, thread_name_prefix="ahead")


class Piece:
    """What some steps are given, as tensors with room for as many as a piece may have.

    Args:
        n_steps: How many steps these are.
        arrays: The arrays of inputs, targets and weights, batch after batch; and the noise, see
            `core.training.noise`.
        seeds: The states of the seed generators after the steps.
    """

    def __init__(self, n_steps: int, arrays: tuple[list, list], seeds: list):
        self.n_steps, self.seeds = n_steps, seeds
        self._arrays = arrays
        self._on: dict[str, tuple[list, list]] = {}

    def on(self, device: str) -> tuple[list, list]:
        """The arrays, on a device: copied there once, and not for each lane."""
        if device not in self._on:
            self._on[device] = tf.nest.map_structure(tf.identity, self._arrays)
        return self._on[device]


class Feed:
    """The pieces of a chunk. All lanes of a run are given the same, each at its own time.

    Args:
        make: Of (seeds, batches) a piece.
        seeds: The states of the seed generators before the first step.
        batches: Indices of training examples, int32, shape (n_steps, batch_size).
        most: Steps of a piece at most.
    """

    def __init__(self, make, seeds: list, batches: np.ndarray, most: int):
        self._make = make
        self._batches = [batches[i : i + most] for i in range(0, len(batches), most)]
        self._pieces: list[Future[Piece]] = [Future() for _ in self._batches]
        AHEAD.submit(self._fill, seeds)

    def _fill(self, seeds: list) -> None:
        for batches, piece in zip(self._batches, self._pieces, strict=True):
            try:
                made = self._make(seeds, batches)
            except Exception as error:  # of any kind: it is told by who waits for it
                for one in self._pieces:
                    if not one.done():
                        one.set_exception(error)
                return
            piece.set_result(made)
            seeds = made.seeds

    def __iter__(self) -> Iterator[Piece]:
        for piece in self._pieces:
            yield piece.result()
