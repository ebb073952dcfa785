"""What the autoencoder has learnt, to look at: digits rebuilt, and digits that there never were."""

import keras
import numpy as np

from core.problems.autoencoder import seen
from core.problems.autoencoder.digits import SIDE, digits
from core.problems.making.problem import Problem

OF_EACH = 2  # digits of each class that are shown
DRAWN = 20  # pictures


def rebuilt(model: keras.Model, trainable: list, images: np.ndarray) -> np.ndarray:
    """What the model makes of images, (N, SIDE, SIDE), when it tells their means.

    Args:
        model: Of `core.problems.autoencoder.model.build_model`.
        trainable: Values of its trainable variables, in its order; its own are not looked at.
        images: Grey levels, 0 to 1, shape (N, SIDE, SIDE).
    """
    others = [variable.value for variable in model.non_trainable_variables]
    return keras.ops.convert_to_numpy(rebuild(model, trainable, others, images))


def rebuild(model: keras.Model, trainable: list, others: list, images):
    """The same as a tensor; `others` are the values of the variables that no gradient moves."""
    return model.stateless_call(trainable, others, images, training=False)[0][0]


def drawn(model: keras.Model, trainable: list, n: int, seed: int = 0) -> np.ndarray:
    """`n` pictures of draws from the standard normal distribution, (n, SIDE, SIDE).

    Where the divergence was trained, they look like digits.

    Args:
        model: As above.
        trainable: As above.
        n: Number of pictures.
        seed: The same seed gives the same draws, so that two states can be compared.
    """
    return keras.ops.convert_to_numpy(draw(model, trainable, n, seed))


def draw(model: keras.Model, trainable: list, n: int, seed: int = 0):
    """The same as a tensor."""
    decoder = model.get_layer("decoder")
    value_of = {id(v): t for v, t in zip(model.trainable_variables, trainable, strict=True)}
    own = [value_of[id(variable)] for variable in decoder.trainable_variables]
    draws = np.random.default_rng(seed).standard_normal((n, *decoder.input_shape[1:]), np.float32)
    pixels, _ = decoder.stateless_call(own, [], draws)
    return keras.ops.reshape(pixels, (n, SIDE, SIDE))


class DigitsView:
    """See `core.problems.making.view.View`; nothing is picked.

    Args:
        problem: Of the autoencoder.
    """

    images = None
    keeps = ()

    def __init__(self, problem: Problem):
        self._model = problem.model
        self._digits = seen.some_of(digits()[1], OF_EACH)

    def look(self, variables: list, others: list, index) -> tuple:
        """Some validation digits, rebuilt, and some pictures, drawn."""
        pictures = rebuild(self._model, variables, others, self._digits.images)
        return pictures, draw(self._model, variables, DRAWN)

    def arrays(self, pictures: tuple, index: int, last: dict) -> dict[str, np.ndarray] | None:
        """See `core.problems.autoencoder.seen.arrays_of`."""
        if not all(np.isfinite(array).all() for array in pictures):
            return None
        return seen.arrays_of(self._digits, *pictures)
