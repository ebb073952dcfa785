"""What training changes, and the live settings it changes it with."""

from typing import NamedTuple

import tensorflow as tf

from core.run.config import RunConfig
from core.run.weights import LossWeights


class TrainState(NamedTuple):
    """All that training changes in a lane. Copy it, keep it, go back: there is nothing else.

    Attributes:
        variables: The model's trainable variables.
        slots: The optimizer's memory: for sgd one velocity a variable, for adam all first
            moments, then all second moments; for any other, all of its variables.
        moving: Non-trainable variables that a step changes, such as the averages of batch
            normalisation.
        fixed: Those that no step changes, such as frozen layers.
        seeds: Keras' seed-generator states of the dropout layers, (2,) int each. Lanes of a run
            have the same at the same step, which is what gives them the same masks.
        step: Updates done, int32 scalar.
    """

    variables: list
    slots: list
    moving: list
    fixed: list
    seeds: list
    step: tf.Tensor

    def filled(self, tensors) -> "TrainState":
        """The state of the same model that has these tensors, in the order of `tf.nest.flatten`."""
        given = iter(tensors)
        *parts, _ = self
        return TrainState(*([next(given) for _ in part] for part in parts), next(given))


class StepSettings(NamedTuple):
    """The live settings of a lane, as tensors, so that changing one compiles nothing anew.

    Attributes:
        loss_weights: Shape (H,), float32, heads in the order of the run's.
        learning_rate: Scalar float32.
        momentum: Scalar float32; sgd alone takes it.
    """

    loss_weights: tf.Tensor
    learning_rate: tf.Tensor
    momentum: tf.Tensor

    @classmethod
    def of(cls, loss_weights: LossWeights, config: RunConfig) -> "StepSettings":
        """From the weights of a lane and the live settings of `config`."""
        return cls(
            tf.constant(loss_weights.as_tuple(), tf.float32),
            tf.constant(config.learning_rate, tf.float32),
            tf.constant(config.momentum, tf.float32),
        )

    @classmethod
    def specs(cls, n_heads: int) -> "StepSettings":
        """What compiled functions take for such."""
        number = tf.TensorSpec([], tf.float32)
        return cls(tf.TensorSpec([n_heads], tf.float32), number, number)
