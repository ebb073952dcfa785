"""The Siamese model: one trunk used twice, three heads; plain functional Keras."""

import keras
import numpy as np
from keras import layers

from core.problems.siamese.heads import OUTPUTS
from core.run.config import RunConfig


def build_model(config: RunConfig, image_shape: tuple[int, ...]) -> keras.Model:
    """The model of the source article, on a small trunk.

    Two inputs `img_1`, `img_2` of shape (batch, *image_shape) pass the same trunk; the outputs,
    in the order of the heads, are softmax probabilities: `ctg_out_1` and `ctg_out_2` (batch,
    n_classes) from one embedding each, behind dropout, and `bin_out` (batch, 2) from the
    distance of both. Zheng, Zheng and Yang 2016 (arXiv 1611.05666) give the wiring and call
    the element-wise squared difference the square layer.

    Args:
        config: Its fixed settings; the live ones play no part here.
        image_shape: Height, width, channels.
    """
    img_1 = keras.Input(image_shape, name="img_1")
    img_2 = keras.Input(image_shape, name="img_2")
    trunk = build_trunk(config, image_shape)
    feature1, feature2 = trunk(img_1), trunk(img_2)
    sees = {
        "ctg_out_1": layers.Dropout(config.dropout, name="dropout_1")(feature1),
        "ctg_out_2": layers.Dropout(config.dropout, name="dropout_2")(feature2),
        "bin_out": build_distance(config, feature1, feature2),
    }
    outputs = [
        layers.Dense(head.n_classes(config.n_classes), activation="softmax", name=head.name)(
            sees[head.name]
        )
        for head in OUTPUTS
    ]
    return keras.Model([img_1, img_2], outputs, name="siamese")


def build_trunk(config: RunConfig, image_shape: tuple[int, ...]) -> keras.Model:
    """The shared layers: an image of `image_shape` to an embedding (batch, embedding_size)."""
    image = keras.Input(image_shape, name="image")
    if config.trunk == "dense":
        x = layers.Flatten(name="flatten")(image)
        x = layers.Dense(128, activation="relu", name="hidden")(x)
    else:
        x = layers.Conv2D(16, 3, padding="same", activation="relu", name="conv_1")(image)
        x = layers.MaxPooling2D(name="pool_1")(x)
        x = layers.Conv2D(32, 3, padding="same", activation="relu", name="conv_2")(x)
        x = layers.MaxPooling2D(name="pool_2")(x)
        x = layers.Flatten(name="flatten")(x)
    embedding = layers.Dense(config.embedding_size, activation="relu", name="embedding")(x)
    return keras.Model(image, embedding, name="trunk")


def build_distance(config: RunConfig, feature1, feature2):
    """What `bin_out` sees of the two embeddings, (batch, embedding_size) or (batch, 1)."""
    difference = layers.Subtract(name="difference")([feature1, feature2])
    square = layers.Multiply(name="square")([difference, difference])
    if config.distance == "square":
        return square
    # The root has no finite slope at 0, where both images are the same: hence the small term.
    return keras.ops.sqrt(keras.ops.sum(square, axis=-1, keepdims=True) + 1e-7)


def initial_values(model: keras.Model, seed: int) -> list[np.ndarray]:
    """Initial values of `model.trainable_variables`: Glorot uniform kernels, zero biases.

    The same as Keras' defaults, but settled by `seed` alone, whatever was built before.
    """
    seeds = np.random.SeedSequence(seed).generate_state(len(model.trainable_variables))
    return [
        np.zeros(variable.shape, np.float32)
        if len(variable.shape) == 1
        else keras.initializers.GlorotUniform(seed=int(own_seed))(variable.shape).numpy()
        for variable, own_seed in zip(model.trainable_variables, seeds, strict=True)
    ]
