"""What an optimizer says of itself."""

import inspect

import keras
from keras.optimizers.schedules import LearningRateSchedule

from core.problems.own import RATE
from core.problems.script import literal


def schedule_of(optimizer: keras.Optimizer) -> LearningRateSchedule | None:
    """The schedule of its learning rate, None if it has none.

    `learning_rate` is what the schedule says now; the schedule itself is in no public attribute.
    """
    rate = optimizer._learning_rate
    return rate if isinstance(rate, LearningRateSchedule) else None


def call_of(optimizer: keras.Optimizer) -> str:
    """The call that makes it, with what is not by default; empty if it is none of Keras' own.

    The learning rate is written as `RATE`, since each run has one of its own.
    """
    kind = type(optimizer)
    if getattr(keras.optimizers, kind.__name__, None) is not kind:
        return ""
    config, parameters = optimizer.get_config(), inspect.signature(kind).parameters
    more = [
        f", {name}={literal(config[name])}"
        for name, parameter in parameters.items()
        if name not in ("learning_rate", "name")
        and isinstance(config.get(name), bool | int | float | str)
        and config[name] != parameter.default
    ]
    return f"keras.optimizers.{kind.__name__}(learning_rate={RATE}{''.join(more)})"
