"""The autoencoder and its digits, as what is trained."""

import keras

from core.problems.autoencoder.digits import digits, targets_of
from core.problems.autoencoder.heads import HEADS
from core.problems.autoencoder.losses import LOSSES
from core.problems.autoencoder.metrics import metrics
from core.problems.autoencoder.model import build_model
from core.problems.autoencoder.settings import AutoencoderConfig

BETTER = {head.name: head.better for head in HEADS}


def compiled(config: AutoencoderConfig) -> keras.Model:
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


def examples(config: AutoencoderConfig):
    """Training and validation examples, each as `fit` takes them: images, and targets by head."""
    training, validation = ((part.images, targets_of(part)) for part in digits())
    return training, validation
