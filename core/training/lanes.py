"""The states of the lanes of a run: trained side by side, the last sound one, as arrays."""

from itertools import groupby

import numpy as np
import tensorflow as tf

from core.training.cores import side_by_side
from core.training.program import Program
from core.training.state import TrainState


def is_finite(state: TrainState) -> bool:
    """Whether all variables of a state are finite numbers."""
    return all(np.isfinite(variable.numpy()).all() for variable in state.variables)


class Chunk:
    """Steps that lanes have been trained for: what they began with, and what came out.

    Args:
        program: Trains.
        states: Where the lanes began, all at the same step.
        settings: Of each lane.
        step: The first one.
        batches: Of each step.
        feed: Has what they are given, see `Program.feed`.
        lost: For each lane, whether it has diverged already: then it stays as it is.

    Attributes:
        states: The states at the end.
        metrics: Of each step and lane, shape (n_steps, M, 2, columns); NaN of a lost lane.
    """

    def __init__(self, program: Program, states, settings, step: int, batches, feed, lost):
        # Kept, since a divergence is seen only after the chunk: the last sound state is then
        # trained once more, which is cheaper than a copy after each step.
        self._began = (program, states, settings, batches)

        sound = [state for state, is_lost in zip(states, lost, strict=True) if not is_lost]
        given = feed.of(step, len(batches), sound[0].seeds) if sound else None
        nothing = np.full((len(batches), 2, program.columns), np.nan, np.float32)

        def train(state, settings, is_lost):
            if is_lost:
                return state, nothing
            return program.train_chunk(state, settings, batches, given)

        trained = side_by_side(train, states, settings, lost)
        self.states = [state for state, _ in trained]
        self.metrics = np.stack([metrics for _, metrics in trained], axis=1)

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
    """States as a list of arrays, without what is fixed: no training changes that.

    Of lanes one after another that have the same seeds and step, as all have but those that have
    diverged, come variables, slots and what moves, with a leading axis of lanes; then seeds and
    step.
    """
    arrays = []
    for shared, group in groupby(states, _shared):
        of_lanes = [(*state.variables, *state.slots, *state.moving) for state in group]
        arrays += [np.stack(values) for values in zip(*of_lanes, strict=True)]
        arrays += [np.frombuffer(content, kind).reshape(shape) for kind, shape, content in shared]
    return arrays


def _shared(state: TrainState) -> list[tuple]:
    """Seeds and step of a state, to be compared with those of another."""
    arrays = map(np.asarray, (*state.seeds, state.step))
    return [(array.dtype, array.shape, array.tobytes()) for array in arrays]


def unpacked(states: list[TrainState], arrays: list[np.ndarray]) -> list[TrainState]:
    """The states that `packed` gave the arrays of.

    Args:
        states: Of the same model, whatever they hold; one a lane.
        arrays: The arrays. Older ones may have one lane in each leading axis.

    Raises:
        ValueError: If they are of another model.
    """
    like = states[0]
    of_lane = [*like.variables, *like.slots, *like.moving]
    size = len(of_lane) + len(like.seeds) + 1
    found = []
    for start in range(0, len(arrays), size):
        group = arrays[start : start + size]
        if len(group) < size or any(
            array.shape[1:] != tensor.shape for array, tensor in zip(group, of_lane, strict=False)
        ):
            raise ValueError("The arrays are of another model.")
        *seeds, step = map(tf.constant, group[len(of_lane) :])
        for lane in range(len(group[0])):
            values = [tf.constant(array[lane]) for array in group[: len(of_lane)]]
            found.append(like.filled([*values, *like.fixed, *seeds, step]))
    return found
