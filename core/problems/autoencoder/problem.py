"""The autoencoder and its digits, as what is trained."""

import keras

from core.problems.autoencoder.digits import digits, targets_of
from core.problems.autoencoder.heads import HEADS
from core.problems.autoencoder.losses import LOSSES
from core.problems.autoencoder.metrics import metrics
from core.problems.autoencoder.model import build_model
from core.problems.autoencoder.settings import AutoencoderConfig
from core.problems.making import settings

BETTER = {head.name: head.better for head in HEADS}


def compiled(config: AutoencoderConfig) -> keras.Model:
    """The model with these settings, compiled as for `fit`."""
    return settings.compiled(config, build_model(config), HEADS, LOSSES, metrics())


def examples(config: AutoencoderConfig):
    """Training and validation examples, each as `fit` takes them: images, and targets by head."""
    training, validation = ((part.images, targets_of(part)) for part in digits())
    return training, validation
