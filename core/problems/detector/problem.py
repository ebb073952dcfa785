"""The detector and its scenes, as what is trained."""

import keras

from core.problems.detector.heads import HEADS
from core.problems.detector.losses import LOSSES
from core.problems.detector.metrics import metrics
from core.problems.detector.model import build_model
from core.problems.detector.scenes import scenes_of
from core.problems.detector.settings import DetectorConfig
from core.problems.detector.targets import targets_of

BETTER = {head.name: head.better for head in HEADS}


def compiled(config: DetectorConfig) -> keras.Model:
    """The model with these settings, compiled as for `fit`."""
    model = build_model(config)
    if config.optimizer == "adam":
        optimizer = keras.optimizers.Adam(config.learning_rate)
    else:
        optimizer = keras.optimizers.SGD(config.learning_rate, momentum=config.momentum)
    model.compile(
        optimizer=optimizer,
        loss=LOSSES,
        loss_weights={head.name: head.default_weight for head in HEADS},
        metrics=metrics(),
    )
    return model


def examples(config: DetectorConfig):
    """Training and validation examples, each as `fit` takes them: scenes, and targets by head."""
    training, validation = (
        (scenes.images, targets_of(scenes))
        for scenes in scenes_of(config.training_scenes, config.most_digits)
    )
    return training, validation
