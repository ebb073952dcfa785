"""What sets the learning rate of an optimizer."""

import keras
from keras.optimizers.schedules import LearningRateSchedule


def schedule_of(optimizer: keras.Optimizer) -> LearningRateSchedule | None:
    """The schedule of its learning rate, None if it has none.

    `learning_rate` is what the schedule says now; the schedule itself is in no public attribute.
    """
    rate = optimizer._learning_rate
    return rate if isinstance(rate, LearningRateSchedule) else None
