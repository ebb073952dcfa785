"""What training changes, and the live settings it changes it with."""

from typing import NamedTuple

import tensorflow as tf

from core.run.config import RunConfig


class TrainState(NamedTuple):
    """All that training changes. Copy it, keep it, go back to it: there is nothing else.

    Attributes:
        variables: The model's trainable variables, each with a leading axis of M lanes.
        slots: The optimizer's memory, same layout: for sgd one velocity a variable, for adam
            all first moments, then all second moments; for any other, all of its variables.
        moving: Non-trainable variables that a step changes, such as the averages of batch
            normalisation, each with a leading axis of M lanes.
        fixed: Those that no step changes, such as frozen layers; shared by the lanes.
        seeds: Keras' seed-generator states of the dropout layers, (2,) int each; shared by the
            lanes, which is what gives them the same masks.
        step: Updates done, int32 scalar.
    """

    variables: list
    slots: list
    moving: list
    fixed: list
    seeds: list
    step: tf.Tensor


class StepSettings(NamedTuple):
    """The live settings, as tensors, so that changing one never compiles anything anew.

    Attributes:
        loss_weights: Shape (M, H), float32, heads in the order of the run's.
        learning_rate: Scalar float32.
        momentum: Scalar float32; sgd alone takes it.
    """

    loss_weights: tf.Tensor
    learning_rate: tf.Tensor
    momentum: tf.Tensor

    @classmethod
    def of(cls, loss_weights, config: RunConfig) -> "StepSettings":
        """From a list of `LossWeights`, one a lane, and the live settings of `config`."""
        return cls(
            tf.constant([weights.as_tuple() for weights in loss_weights], tf.float32),
            tf.constant(config.learning_rate, tf.float32),
            tf.constant(config.momentum, tf.float32),
        )
