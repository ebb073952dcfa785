"""Updates of variables by gradients, as pure functions."""

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from core.problems.making.optimizers import schedule_of
from core.problems.making.problem import Problem
from core.run.config import RunConfig


class Optimizer(NamedTuple):
    """An optimizer without a memory of its own.

    Attributes:
        slots: Of the variables, the memory that it begins with, as a list of tensors.
        update: Of (variables, slots, gradients, settings, step) the new variables and slots.
        rate: Of (learning rate of the settings, step) the one that is in force.
    """

    slots: Callable[[list], list]
    update: Callable[..., tuple[list, list]]
    rate: Callable[[float, int], float] = lambda rate, step: rate


def optimizer_of(problem: Problem, config: RunConfig) -> Optimizer:
    """The one that the problem was compiled with, or else that the settings name."""
    if problem.optimizer is None:
        return OPTIMIZERS[config.optimizer]
    return of_keras(problem.optimizer, problem.model.trainable_variables)


def sgd(variables, slots, gradients, settings, step):
    """SGD with momentum as Keras defines it: v <- momentum v - rate g; variable <- variable + v."""
    slots = [
        settings.momentum * v - settings.learning_rate * g
        for v, g in zip(slots, gradients, strict=True)
    ]
    return [w + v for w, v in zip(variables, slots, strict=True)], slots


def adam(variables, slots, gradients, settings, step):
    """Adam (Kingma and Ba 2015, arXiv 1412.6980) with Keras' defaults 0.9, 0.999, 1e-7."""
    beta_1, beta_2, epsilon = 0.9, 0.999, 1e-7
    n = len(variables)
    t = tf.cast(step + 1, tf.float32)
    rate = settings.learning_rate * tf.sqrt(1 - beta_2**t) / (1 - beta_1**t)
    first = [m + (g - m) * (1 - beta_1) for m, g in zip(slots[:n], gradients, strict=True)]
    second = [
        v + (tf.square(g) - v) * (1 - beta_2) for v, g in zip(slots[n:], gradients, strict=True)
    ]
    moves = [rate * m / (tf.sqrt(v) + epsilon) for m, v in zip(first, second, strict=True)]
    return [w - move for w, move in zip(variables, moves, strict=True)], first + second


def zeros(variables: list) -> list:
    """A zero for each number of the variables."""
    return [tf.zeros_like(variable) for variable in variables]


OPTIMIZERS = {
    "sgd": Optimizer(zeros, sgd),
    "adam": Optimizer(lambda variables: zeros(variables * 2), adam),
}


def of_keras(optimizer: keras.Optimizer, variables: list) -> Optimizer:
    """A Keras optimizer as pure functions; its slots are all of its own variables.

    Its learning rate is the one of the settings, unless it has a schedule: then that sets it.

    Args:
        optimizer: Any, such as `compile` was given. It is of no other use afterwards.
        variables: Those of the model that it moves.
    """
    pure = without_distribution(optimizer, variables)
    rate = pure.learning_rate
    # With a schedule that is a tensor; else it is one of the optimizer's variables.
    places = [i for i, variable in enumerate(pure.variables) if variable is rate]
    begins = [variable.numpy() for variable in pure.variables]
    # What Keras does every so many steps, it does in a branch, out of which nothing would come.
    every, pure.ema_overwrite_frequency = pure.ema_overwrite_frequency, None
    averages = [v.path for v in getattr(pure, "_model_variables_moving_average", ())]
    of_averages = [i for i, v in enumerate(pure.variables) if v.path in averages]

    def slots(variables: list) -> list:
        return [tf.constant(value) for value in begins]

    def update(values, slots, gradients, settings, step):
        slots = list(slots)
        for place in places:
            slots[place] = settings.learning_rate
        values, slots = pure.stateless_apply(slots, gradients, values)
        if pure.use_ema and every:
            is_due = (step + 1) % every == 0
            pairs = zip(values, (slots[place] for place in of_averages), strict=True)
            values = [tf.where(is_due, average, value) for value, average in pairs]
        return values, slots

    schedule = schedule_of(pure)

    def rate_at(rate: float, step: int) -> float:
        return float(schedule(step)) if schedule else rate

    return Optimizer(slots, update, rate_at)


def without_distribution(optimizer: keras.Optimizer, variables: list) -> keras.Optimizer:
    """The same optimizer, built, whose `stateless_apply` works.

    With TensorFlow, Keras (3.15) assigns to variables by way of `tf.distribute` and so refuses
    `stateless_apply`. What it does with any other backend is in its base class, and is put back.
    """
    base = next(c for c in type(optimizer).__mro__ if c.__name__ == "BaseOptimizer")
    distributed = next(c for c in type(optimizer).__mro__ if c.__name__ == "TFOptimizer")
    plain = {
        name: getattr(base, name)
        for name in vars(distributed)
        if not name.startswith("__") and name in vars(base)
    }

    # An embedding's gradient is rows and their indices, and goes through Keras' formulas as such:
    # they make another second moment of it than of the whole matrix.
    def assign_add(self, variable, value):
        variable.assign(variable + tf.convert_to_tensor(value))

    def assign_sub(self, variable, value):
        variable.assign(variable - tf.convert_to_tensor(value))

    plain |= {"assign_add": assign_add, "assign_sub": assign_sub}
    optimizer.__class__ = type(type(optimizer).__name__, (type(optimizer),), plain)
    if not optimizer.built:
        optimizer.build(variables)
    # Variables are found by another key than the one that it was built with, if it was.
    places: Any = {optimizer._var_key(v): i for i, v in enumerate(optimizer._trainable_variables)}
    optimizer._trainable_variables_indices = places
    return optimizer
