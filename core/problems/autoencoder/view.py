"""What the autoencoder has learnt, to look at: digits rebuilt, and digits that there never were."""

import keras
import numpy as np

from core.problems.autoencoder.digits import SIDE


def rebuilt(model: keras.Model, trainable: list, images: np.ndarray) -> np.ndarray:
    """What the model makes of images, (N, SIDE, SIDE), when it tells their means.

    Args:
        model: Of `core.problems.autoencoder.model.build_model`.
        trainable: Values of its trainable variables, in its order; its own are not looked at.
        images: Grey levels, 0 to 1, shape (N, SIDE, SIDE).
    """
    others = [variable.value for variable in model.non_trainable_variables]
    (pictures, _, _), _ = model.stateless_call(trainable, others, images, training=False)
    return keras.ops.convert_to_numpy(pictures)


def drawn(model: keras.Model, trainable: list, n: int, seed: int = 0) -> np.ndarray:
    """`n` pictures of draws from the standard normal distribution, (n, SIDE, SIDE).

    Where the divergence was trained, they look like digits.

    Args:
        model: As above.
        trainable: As above.
        n: Number of pictures.
        seed: The same seed gives the same draws, so that two states can be compared.
    """
    decoder = model.get_layer("decoder")
    value_of = {id(v): t for v, t in zip(model.trainable_variables, trainable, strict=True)}
    own = [value_of[id(variable)] for variable in decoder.trainable_variables]
    draws = np.random.default_rng(seed).standard_normal((n, *decoder.input_shape[1:]), np.float32)
    pixels, _ = decoder.stateless_call(own, [], draws)
    return keras.ops.convert_to_numpy(pixels).reshape(n, SIDE, SIDE)
