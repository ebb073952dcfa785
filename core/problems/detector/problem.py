"""The detector and its scenes, as what is trained."""

import keras

from core.problems.detector.heads import HEADS
from core.problems.detector.losses import LOSSES
from core.problems.detector.metrics import metrics
from core.problems.detector.model import build_model
from core.problems.detector.scenes import scenes_of
from core.problems.detector.settings import DetectorConfig
from core.problems.detector.targets import targets_of
from core.problems.making import settings

BETTER = {head.name: head.better for head in HEADS}


def compiled(config: DetectorConfig) -> keras.Model:
    """The model with these settings, compiled as for `fit`."""
    return settings.compiled(config, build_model(config), HEADS, LOSSES, metrics())


def examples(config: DetectorConfig):
    """Training and validation examples, each as `fit` takes them: scenes, and targets by head."""
    training, validation = (
        (scenes.images, targets_of(scenes))
        for scenes in scenes_of(config.training_scenes, config.most_digits)
    )
    return training, validation
