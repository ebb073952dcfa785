"""The metric of the autoencoder that Keras has not, and those that it has."""

import keras
from keras import ops

LEAST_VARIANCE = 0.01


@keras.saving.register_keras_serializable(package="autoencoder")
def active_units(y_true, y_pred):
    """How many parts of what is told differ from image to image.

    A part is active if the variance of its mean over the images is over 0.01 (Burda, Grosse and
    Salakhutdinov 2016, arXiv 1509.00519); here over the images of the batch.

    Args:
        y_true: Not looked at. Shape (batch,).
        y_pred: Means, then logarithms of variances. Shape (batch, 2 * latent_size).

    Returns:
        0 to latent_size; a number of the batch, not of each image. Shape ().
    """
    mean, _ = ops.split(y_pred, 2, axis=-1)
    return ops.sum(ops.cast(ops.var(mean, axis=0) > LEAST_VARIANCE, y_pred.dtype))


def metrics() -> dict[str, keras.metrics.Metric]:
    """A new metric for each head."""
    return {
        "reconstruction": keras.metrics.MeanSquaredError(),
        "kl": keras.metrics.MeanMetricWrapper(active_units, name="active_units"),
        "class": keras.metrics.SparseCategoricalAccuracy(name="accuracy"),
    }
