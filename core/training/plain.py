"""Training operation by operation: for every model."""

import numpy as np
import tensorflow as tf

from core.problems.making.problem import Problem
from core.training.optimizers import Optimizer
from core.training.state import StepSettings, TrainState
from core.training.step import Compiled, columns_of, of_batch, one_step, specs


class Plain:
    """The steps of a chunk as a loop of TensorFlow's operations.

    Args:
        problem: What is trained.
        optimizer: Moves its variables.
        training: The training examples, as tensors.
        example: A state, of any values.
        batch_size: Examples in a batch.
    """

    def __init__(
        self,
        problem: Problem,
        optimizer: Optimizer,
        training: tuple,
        example: TrainState,
        batch_size: int,
    ):
        self._problem, self._optimizer, self._training = problem, optimizer, training
        self._batch_size = batch_size
        batches = tf.TensorSpec([None, batch_size], tf.int32)
        signature = [specs(example), StepSettings.specs(len(problem.heads)), batches]
        self._train = Compiled(self._steps, signature)

    def compile(self, state: TrainState, settings: StepSettings) -> None:
        """Use it once: the first use takes longer."""
        batches = np.zeros((1, self._batch_size), np.int32)
        self.train(state, settings, self.feed(state.seeds, batches))

    def feed(self, seeds: list, batches: np.ndarray) -> tf.Tensor:
        """What the steps are given: indices, and noise they draw themselves."""
        return tf.constant(batches)

    def train(self, state: TrainState, settings: StepSettings, feed: tf.Tensor):
        """See `Program.train_chunk`."""
        state, measured = self._train(state, settings, feed)
        return state, measured.numpy()

    def _steps(self, state, settings, batches):
        n_steps = tf.shape(batches)[0]
        shape = [2, columns_of(self._problem)]
        measured = tf.TensorArray(tf.float32, n_steps, element_shape=shape)

        def step(i, state, measured):
            data = of_batch(self._training, batches[i])
            state, found = one_step(self._problem, self._optimizer, state, settings, data)
            return i + 1, state, measured.write(i, found)

        start = [tf.constant(0), state, measured]
        _, state, measured = tf.while_loop(lambda i, *_: i < n_steps, step, start)
        return state, measured.stack()
