"""What the detector finds in validation scenes."""

from typing import Any

import numpy as np
import tensorflow as tf

from core.problems.detector import seen
from core.problems.detector.scenes import validation_scenes
from core.problems.detector.settings import DetectorConfig
from core.problems.making.problem import Problem

SHOWN = 24  # scenes


class ScenesView:
    """See `core.problems.making.view.View`; nothing is picked.

    Args:
        problem: Of the detector.
        config: Its settings.
    """

    images = None
    keeps = ()

    def __init__(self, problem: Problem, config: DetectorConfig):
        self._problem = problem
        self._scenes = validation_scenes(config.most_digits).first(SHOWN)
        self._images = tf.constant(self._scenes.images)

    def look(self, variables: list, others: list, index) -> list:
        """The outputs of the first scenes."""
        call = self._problem.model.stateless_call
        return list(call(variables, others, self._images, training=False)[0])

    def arrays(self, outputs: Any, index: int, last: dict) -> dict[str, np.ndarray] | None:
        """See `core.problems.detector.seen.arrays_of`."""
        if not all(np.isfinite(output).all() for output in outputs):
            return None
        return seen.arrays_of(outputs, self._scenes)
