"""What steps are given, made ahead of them: their examples, and their noise."""

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import tensorflow as tf

from core.training.cores import CORES, devices

AHEAD = ThreadPoolExecutor(CORES, thread_name_prefix="ahead")
KEPT = 2 * CORES  # feeds that are ahead of their runs: each takes some megabytes


class Piece:
    """What some steps are given, as tensors with room for as many as a piece may have.

    Args:
        arrays: The arrays of inputs, targets and weights, batch after batch; and the noise, see
            `core.training.noise`. They are on the first device.
        n_steps: How many steps.
        before: The states of the seed generators before the first one.
        after: The same after the last one.
    """

    def __init__(self, arrays: tuple[list, list], n_steps: int, before: list, after: list):
        self._n_steps, self._before, self._after = n_steps, before, after
        self._arrays, self._on = arrays, {devices()[0]: arrays}

    def on(self, device: str) -> tuple[list, list]:
        """The arrays, on a device: copied there once, and not for each lane."""
        if device not in self._on:
            self._on[device] = tf.nest.map_structure(tf.identity, self._arrays)
        return self._on[device]

    def seeds_after(self, n_steps: int) -> list[tf.Tensor]:
        """The states of the seed generators after some of the steps, one at least."""
        if n_steps == self._n_steps:
            return self._after
        # Keras adds the same to a state with each draw, and all steps draw as often.
        both = zip(map(np.asarray, self._before), map(np.asarray, self._after), strict=True)
        counted = [before + (after - before) // self._n_steps * n_steps for before, after in both]
        return [tf.constant(state) for state in counted]


class Span(NamedTuple):
    """Steps of a piece, from `first` up to but not including `last`; it may be being made yet."""

    piece: Future[Piece]
    first: int
    last: int


class Coming(NamedTuple):
    """A piece of a feed: the steps from `begin` up to but not including `end`."""

    piece: Future[Piece]
    begin: int
    end: int


_lock = threading.Lock()
_count = itertools.count()
_used: WeakKeyDictionary["Feed", int] = WeakKeyDictionary()  # when each was used last, by count


class Feed:
    """The pieces of a run: all its lanes are given the same, each at its own time.

    Once it was asked twice in a row, the next pieces are made while those asked for are trained.
    Of more than `KEPT` feeds in use none is ahead. What is given is the same, bit for bit.

    Args:
        make: Of (seeds, batches) a piece.
        batches: Of (first step, number of steps) the batches, see `BatchOrder`.
        most: Steps of a piece at most.
    """

    def __init__(self, make, batches: Callable[[int, int], np.ndarray], most: int):
        self._make, self._batches, self._most = make, batches, most
        self._coming: list[Coming] = []
        self._next: int | None = None  # the step that is asked for if the run goes on
        self._ahead = 1  # steps of what is made ahead of turns shorter than a piece

    def of(self, step: int, n_steps: int, seeds: list) -> list[Span]:
        """What some steps are given.

        Args:
            step: The first one.
            n_steps: How many, one at least.
            seeds: The states of the seed generators before it.
        """
        last, size = step + n_steps, min(n_steps, self._most)
        with _lock:
            goes_on, self._next = step == self._next, last
            coming = self._coming if goes_on else []
            is_whole = goes_on and size == self._most
            self._extend(coming, step, last + size * is_whole, seeds, size, is_whole)
            given = [one for one in coming if one.begin < last]
            if goes_on and not is_whole:
                # A turn shorter than a piece has one of its own: of many lanes each call costs. It
                # has room for one that is a little longer, as those after a boundary may be.
                if given[-1].end > last:
                    coming = [*given[:-1], given[-1]._replace(end=last)]
                if not size <= self._ahead <= size + size // 4:
                    self._ahead = size
                self._extend(coming, step, last + self._ahead, seeds, self._ahead, is_whole=True)
            # What is about to be trained is not kept: it takes some megabytes.
            self._coming = [one for one in coming if one.end > last]
            self._keep()
        return [
            Span(one.piece, max(step - one.begin, 0), min(last, one.end) - one.begin)
            for one in given
        ]

    def _extend(self, coming, step: int, until: int, seeds: list, size: int, is_whole: bool):
        """Have the pieces up to a step made; or beyond it, where they are to be whole."""
        before = coming[-1] if coming else None
        more, begin = [], before.end if before else step
        while begin < until:
            end = begin + size if is_whole else min(begin + size, until)
            more.append(Coming(Future(), begin, end))
            begin = end
        if more:
            coming += more
            AHEAD.submit(self._fill, before, seeds, more)

    def _fill(self, before: Coming | None, seeds: list, more: list[Coming]) -> None:
        """Make pieces, one after the other."""
        try:
            if before:  # it was submitted earlier, so that it does not wait for this thread
                seeds = before.piece.result().seeds_after(before.end - before.begin)
            for one in more:
                n_steps = one.end - one.begin
                piece = self._make(seeds, self._batches(one.begin, n_steps))
                one.piece.set_result(piece)
                seeds = piece.seeds_after(n_steps)
        except Exception as error:  # of any kind: it is told by who waits for it
            for one in more:
                if not one.piece.done():
                    one.piece.set_exception(error)

    def _keep(self) -> None:
        """Be one of those that were used last; those that were not have nothing ready."""
        _used[self] = next(_count)
        while len(_used) > KEPT:
            oldest = min(_used, key=lambda feed: _used[feed])
            oldest._coming, oldest._next = [], None
            del _used[oldest]
