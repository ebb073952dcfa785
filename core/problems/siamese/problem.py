"""The siamese network and its pairs, as what is trained."""

from pathlib import Path

import numpy as np
import tensorflow as tf

from core.problems.making.problem import Examples, Problem, Values
from core.problems.making.variables import SEED
from core.problems.siamese import losses
from core.problems.siamese.heads import heads
from core.problems.siamese.model import build_model, initial_values
from core.problems.siamese.pairs import Dataset, Pairs, dataset_of
from core.problems.siamese.settings import SiameseConfig


def problem_of(config: SiameseConfig, folder: Path | None = None) -> Problem:
    """The network with these settings, and the pairs that it is trained on.

    Raises:
        DataError: If the images of its dataset cannot be had.
    """
    return problem(config, dataset_of(config, folder))


def problem(config: SiameseConfig, dataset: Dataset) -> Problem:
    """The same, on these pairs."""
    model = build_model(config, dataset.image_shape)

    def values(seed: int) -> Values:
        return initial_values(model, seed), [v.numpy() for v in model.non_trainable_variables]

    return Problem(
        model=model,
        heads=heads(config.n_classes),
        training=examples(dataset.training),
        validation=examples(dataset.validation),
        losses=lambda labels, outputs, _: losses.head_losses(labels, outputs),
        metrics=lambda labels, outputs, _: losses.head_accuracies(labels, outputs),
        optimizer=None,
        initial_values=values,
        kinds=(SEED,) * len(model.non_trainable_variables),
        prepared=lambda images: [as_float(image) for image in images],
    )


def examples(pairs: Pairs) -> Examples:
    """Pairs as examples: two images, and a row of three labels."""
    return Examples([pairs.img_1, pairs.img_2], pairs.labels)


def as_float(images):
    """Images as the model takes them: float32 in 0..1; uint8 is divided by 255."""
    if images.dtype in (tf.uint8, np.uint8):
        return tf.cast(images, tf.float32) / 255
    return images
