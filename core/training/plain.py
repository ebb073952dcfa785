"""Training operation by operation: for every model."""

from collections.abc import Callable
from functools import partial

import numpy as np
import tensorflow as tf

from core.training.convolutions import as_products
from core.training.state import StepSettings, TrainState
from core.training.step import Compiled, Setup, columns_of, of_batch, one_step, specs


class Plain:
    """The steps of a chunk as a loop of TensorFlow's operations.

    Args:
        setup: What is trained, and with what.
    """

    def __init__(self, setup: Setup):
        self._setup = setup
        batches = tf.TensorSpec([None, setup.batch_size], tf.int32)
        settings = StepSettings.specs(len(setup.problem.heads))
        signature = [specs(setup.example), settings, batches]
        self._train = Compiled(self._steps, signature)

    def compile(self, state: TrainState, settings: StepSettings) -> None:
        """Use it once: the first use takes longer."""
        batches = np.zeros((1, self._setup.batch_size), np.int32)
        self.train(state, settings, tf.constant(batches))

    def feed(self, batches: Callable[[int, int], np.ndarray]) -> "Indices":
        """What the steps are given: indices, and noise they draw themselves."""
        return Indices(batches)

    def train(self, state: TrainState, settings: StepSettings, given: tf.Tensor):
        """See `Program.train_chunk`."""
        state, measured = self._train(state, settings, given)
        return state, measured.numpy()

    def _steps(self, state, settings, batches):
        n_steps = tf.shape(batches)[0]
        shape = [2, columns_of(self._setup.problem)]
        measured = tf.TensorArray(tf.float32, n_steps, element_shape=shape)

        # A function of its own, which the loop calls: TensorFlow puts faster operations for some in
        # an order that a loop around them leaves to chance (measured, conv: 1.7 ms a step, and
        # without it 1.9 to 2.5, another in each process).
        one = tf.function(
            partial(one_step, self._setup),
            autograph=False,
            experimental_attributes={"_noinline": True},
        )

        def step(i, state, measured):
            state, found = one(state, settings, of_batch(self._setup.training, batches[i]))
            return i + 1, state, measured.write(i, found)

        start = [tf.constant(0), state, measured]
        with as_products(self._setup.problem.model):
            _, state, measured = tf.while_loop(lambda i, *_: i < n_steps, step, start)
        return state, measured.stack()


class Indices:
    """Of each step the indices of its examples, as `Feed` has what it is given."""

    def __init__(self, batches: Callable[[int, int], np.ndarray]):
        self._batches = batches

    def of(self, step: int, n_steps: int, seeds: list) -> tf.Tensor:
        """What some steps are given, see `Feed.of`."""
        return tf.constant(self._batches(step, n_steps))
