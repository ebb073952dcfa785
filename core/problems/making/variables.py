"""The variables of a model that no gradient moves: what they are, and what they begin with."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

SEED, MOVING, FIXED = "seed", "moving", "fixed"
SPACING = 2**20  # draws that a layer may take before it repeats those of the next one


def kinds(model: keras.Model, inputs) -> tuple[str, ...]:
    """What each of `model.non_trainable_variables` is.

    `SEED`: the state of a Keras seed generator, such as dropout's. `MOVING`: what a step in
    training changes, such as the averages of batch normalisation. `FIXED`: the rest, frozen layers
    above all.

    Args:
        model: Built.
        inputs: Of some examples, to see what training changes.
    """
    before = values_of(model.non_trainable_variables)
    trainable = values_of(model.trainable_variables)
    after = model.stateless_call(trainable, before, inputs, training=True)[1]

    def kind(variable, old, new) -> str:
        if variable.path.endswith("seed_generator_state"):
            return SEED
        # What no layer assigns to is handed back itself; an average may stay the same number.
        return FIXED if new is old else MOVING

    return tuple(map(kind, model.non_trainable_variables, before, after))


def values_of(variables) -> list:
    """The values of variables now, as tensors."""
    return [tf.constant(variable.numpy()) for variable in variables]


def own_values(model: keras.Model) -> Callable:
    """Whatever the seed, the values that the model has now."""
    values = (
        [variable.numpy() for variable in model.trainable_variables],
        [variable.numpy() for variable in model.non_trainable_variables],
    )
    return lambda seed: values


def seed_state(seed: int, layer: int, like) -> np.ndarray:
    """The state that the seed generator of a layer begins a run with."""
    return np.array([seed, layer * SPACING], like.dtype)
