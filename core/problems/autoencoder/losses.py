"""The losses of the autoencoder that Keras has not: functions of (target, output).

With weights of 1, both add up to the negative evidence lower bound of Kingma and Welling 2014
(arXiv 1312.6114): each is a sum over what belongs to one image, not a mean, or else the one would
not weigh against the other as it does there.
"""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="autoencoder")
def pixel_crossentropy(y_true, y_pred):
    """Binary cross-entropy of the pixels, summed over the image.

    A grey level counts as the share of times that the pixel is white, so that the least that can
    be reached is not 0 but what the grey levels themselves leave open.

    Args:
        y_true: Grey levels, 0 to 1. Shape (batch, height, width).
        y_pred: Probability that a pixel is white. Same shape.

    Returns:
        Of each image, in nats. Shape (batch,).
    """
    return ops.sum(ops.binary_crossentropy(y_true, y_pred), axis=(1, 2))


@keras.saving.register_keras_serializable(package="autoencoder")
def normal_divergence(y_true, y_pred):
    """Divergence of what the encoder tells from the standard normal distribution.

        0.5 * sum over the parts of mean^2 + variance - log(variance) - 1

    How much is told of an image, in nats; 0 where the same is told of every image, which then
    cannot be rebuilt: the collapse that a large weight of this loss leads to.

    Args:
        y_true: Not looked at: nothing is right or wrong here. Shape (batch,).
        y_pred: Means, then logarithms of variances. Shape (batch, 2 * latent_size).

    Returns:
        Of each image, in nats, 0 or more. Shape (batch,).
    """
    mean, log_variance = ops.split(y_pred, 2, axis=-1)
    return 0.5 * ops.sum(mean**2 + ops.exp(log_variance) - log_variance - 1, axis=-1)


LOSSES = {
    "reconstruction": pixel_crossentropy,
    "kl": normal_divergence,
    "class": "sparse_categorical_crossentropy",
}
