"""The variational autoencoder: encoder, a draw, decoder, classifier; plain functional Keras."""

import keras
from keras import layers, ops

from core.problems.autoencoder.digits import N_CLASSES, SIDE
from core.problems.autoencoder.settings import AutoencoderConfig
from core.problems.autoencoder.size import CLASSIFYING


@keras.saving.register_keras_serializable(package="autoencoder")
class Draw(layers.Layer):
    """A draw from the normal distribution that the encoder tells, through which gradients flow.

        mean + standard deviation * draw from the standard normal

    The reparameterisation of Kingma and Welling 2014 (arXiv 1312.6114, section 2.4). Where nothing
    is trained it gives the mean, so that looking twice shows the same.
    """

    def __init__(self, **more):
        super().__init__(**more)
        self.seed_generator = keras.random.SeedGenerator()

    def call(self, mean, log_variance, training=False):
        """Shapes (batch, latent_size) all three."""
        if not training:
            return mean
        noise = keras.random.normal(ops.shape(mean), seed=self.seed_generator)
        return mean + ops.exp(log_variance / 2) * noise


def build_model(config: AutoencoderConfig) -> keras.Model:
    """A variational autoencoder (Kingma and Welling 2014, arXiv 1312.6114) with a classifier.

    One input `image`, (batch, SIDE, SIDE). Outputs, in the order of the heads:

    - `reconstruction`: probability that a pixel is white, (batch, SIDE, SIDE).
    - `kl`: what the encoder tells, means and then logarithms of variances of a normal
      distribution with independent parts, (batch, 2 * latent_size).
    - `class`: probability of each digit, from the means alone, (batch, 10).

    Args:
        config: Its fixed settings; the live ones play no part here.
    """
    image = keras.Input((SIDE, SIDE), name="image")
    hidden = layers.Flatten(name="flatten")(image)
    hidden = layers.Dense(config.hidden_size, activation="relu", name="encoding")(hidden)
    mean = layers.Dense(config.latent_size, name="mean")(hidden)
    log_variance = layers.Dense(config.latent_size, name="log_variance")(hidden)
    told = layers.Concatenate(name="kl")([mean, log_variance])

    rebuilt = build_decoder(config)(Draw(name="draw")(mean, log_variance))
    rebuilt = layers.Reshape((SIDE, SIDE), name="reconstruction")(rebuilt)

    digit = layers.Dense(CLASSIFYING, activation="relu", name="classifying")(mean)
    digit = layers.Dense(N_CLASSES, activation="softmax", name="class")(digit)
    return keras.Model(image, [rebuilt, told, digit], name="autoencoder")


def build_decoder(config: AutoencoderConfig) -> keras.Model:
    """What makes pixels, (batch, SIDE * SIDE), of a draw, (batch, latent_size)."""
    draw = keras.Input((config.latent_size,), name="drawn")
    hidden = layers.Dense(config.hidden_size, activation="relu", name="decoding")(draw)
    pixels = layers.Dense(SIDE**2, activation="sigmoid", name="pixels")(hidden)
    return keras.Model(draw, pixels, name="decoder")
