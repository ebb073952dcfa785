"""The states of the lanes of a run: who shares one, trained side by side, the last sound one."""

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import tensorflow as tf

from core.run.weights import RACE_LANES
from core.training.program import Program
from core.training.state import TrainState

MOST_LANES = 33  # of a vectorised state: its arrays stay in the cache (measured)
LEAST_LANES = 8  # of one: fewer gain nothing from a core of their own
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
POOL = ThreadPoolExecutor(CORES, thread_name_prefix="lanes")


def lane_groups(vectorises: bool, n_lanes: int) -> list[int]:
    """How many lanes go into each state; the states are trained side by side, one a core.

    Lanes of a race are each a state of their own, so that a fork is one more reference to a
    state. So are all where the problem gains nothing from being vectorised.
    """
    if n_lanes <= RACE_LANES or not vectorises:
        return [1] * n_lanes
    n_groups = max(1, min(CORES, n_lanes // LEAST_LANES), -(-n_lanes // MOST_LANES))
    cuts = [n_lanes * i // n_groups for i in range(n_groups + 1)]
    return [end - start for start, end in pairwise(cuts)]


def side_by_side(function, *arguments) -> list:
    """As `map`, on a core for each call."""
    return list((POOL.map if len(arguments[0]) > 1 else map)(function, *arguments))


def n_lanes_of(state: TrainState) -> int:
    """Number of lanes that share a state."""
    return len(state.variables[0])


def lane_of(states: list[TrainState], lane: int) -> TrainState:
    """One lane as a state of its own."""
    for state in states:
        n_lanes = n_lanes_of(state)
        if lane < n_lanes:
            cut = slice(lane, lane + 1)
            arrays = ([array[cut] for array in arrays] for arrays in state[:3])
            return state if n_lanes == 1 else TrainState(*arrays, *state[3:])
        lane -= n_lanes
    raise IndexError("there are fewer lanes")


def is_finite(state: TrainState) -> bool:
    """Whether all variables of a state are finite numbers."""
    return all(np.isfinite(variable.numpy()).all() for variable in state.variables)


class Chunk:
    """Steps that lanes have been trained for: what they began with, and what came out.

    Args:
        program: Trains.
        states: Where the lanes began.
        settings: Of each state.
        batches: Of each step.
        lost: For each state, whether it has diverged already: then it stays as it is.

    Attributes:
        states: The states at the end.
        metrics: Of each step and lane, shape (n_steps, M, 2, columns); NaN of a lost state.
    """

    def __init__(self, program: Program, states, settings, batches, lost):
        # Kept, since a divergence is seen only after the chunk: the last sound state is then
        # trained once more, which is cheaper than a copy after each step.
        self._began = (program, states, settings, batches)

        def train(state, settings, is_lost):
            if is_lost:
                return state, np.full((len(batches), 1, 2, program.columns), np.nan, np.float32)
            state, metrics = program.train_chunk(state, settings, batches)
            return state, metrics.numpy()

        trained = side_by_side(train, states, settings, lost)
        self.states = [state for state, _ in trained]
        self.metrics = np.concatenate([metrics for _, metrics in trained], axis=1)

    def state_after(self, index: int, n_steps: int) -> TrainState:
        """A state after some of the steps, trained once more."""
        program, states, settings, batches = self._began
        if n_steps == 0:
            return states[index]
        return program.train_chunk(states[index], settings[index], batches[:n_steps])[0]

    def __len__(self) -> int:
        return len(self._began[3])


def last_sound(before: Chunk | None, chunk: Chunk, index: int, n_sound: int) -> TrainState:
    """The last state of a lane whose loss was a finite number on the batch that was next.

    Args:
        before: The chunk that came before, if there is one.
        chunk: The one in which the loss was lost.
        index: Of the state, which is of one lane.
        n_sound: Steps of the chunk whose loss was finite.

    Returns:
        The state before the last sound step's update, which is what broke it.
    """
    if n_sound > 0:
        return chunk.state_after(index, n_sound - 1)
    if before is not None and index < len(before.states):
        return before.state_after(index, len(before) - 1)
    return chunk.state_after(index, 0)


def packed(states: list[TrainState]) -> list[np.ndarray]:
    """States as a list of arrays, without what is fixed."""
    return [leaf.numpy() for leaf in tf.nest.flatten(without_fixed(states))]


def unpacked(states: list[TrainState], arrays: list[np.ndarray]) -> list[TrainState]:
    """The states that `packed` gave the arrays of, in the structure of these states.

    Raises:
        ValueError: If they are of another model.
    """
    tensors = [tf.constant(array) for array in arrays]
    found = tf.nest.pack_sequence_as(without_fixed(states), tensors)
    return [one._replace(fixed=state.fixed) for one, state in zip(found, states, strict=True)]


def without_fixed(states: list[TrainState]) -> list[TrainState]:
    """States without what no training changes: it need not be kept to come back."""
    return [state._replace(fixed=[]) for state in states]
