"""The three outputs of the autoencoder."""

import math

from core.problems.autoencoder.settings import AutoencoderConfig
from core.run.heads import Head, Heads

# Of the validation digits, each rebuilt as their mean; a test computes them.
MEAN_IMAGE_ERROR = 0.07398
MEAN_IMAGE_LOSS = 27.137  # nats an image

HEADS = (
    Head(
        name="reconstruction",
        asks="What did the digit look like?",
        called="rebuilt",
        loss="pixel_crossentropy",
        metric="mean_squared_error",
        better="lower",
        chance=MEAN_IMAGE_ERROR,
        chance_loss=MEAN_IMAGE_LOSS,
    ),
    Head(
        name="kl",
        asks="How much is told of the digit?",
        called="told",
        loss="normal_divergence",
        metric="active_units",
        chance=0.0,
        chance_loss=0.0,
    ),
    Head(
        name="class",
        asks="Which digit is it?",
        called="which digit",
        loss="sparse_categorical_crossentropy",
        metric="accuracy",
        chance=1 / 10,
        chance_loss=math.log(10),
    ),
)


def heads(config: AutoencoderConfig) -> Heads:
    """The heads, the same whatever the settings; the first two add up to the evidence bound.

    Chance is that of whoever tells nothing of the digit: the mean image, a divergence of 0, and
    every class as often.
    """
    return HEADS
