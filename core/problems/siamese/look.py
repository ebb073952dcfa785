"""What the network sees in the validation pairs, layer by layer."""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from core.problems.making.problem import Problem
from core.problems.siamese import seen

FEATURES = ("hidden", "conv_1", "pool_1", "conv_2", "pool_2", "embedding")


class Activations(NamedTuple):
    """What a model makes of the validation pairs; N pairs, C classes.

    Attributes:
        embeddings: Shape (N, 2, embedding_size), of both images.
        outputs: Softmax outputs of each head, shapes (N, C), (N, C) and (N, 2).
        features: Of one pair, by layer of the trunk, shape (2, ...), of both images.
    """

    embeddings: np.ndarray
    outputs: list[np.ndarray]
    features: dict[str, np.ndarray]


class PairsView:
    """See `core.problems.making.view.View`; an example is a pair.

    Args:
        problem: Of the network.
    """

    keeps = ("points",)

    def __init__(self, problem: Problem):
        self._problem, model = problem, problem.model
        first, second = problem.validation.inputs
        self.images: tuple[np.ndarray, np.ndarray] | None = (first, second)
        self._images = [tf.constant(array) for array in problem.validation.inputs]
        self.labels = problem.validation.targets
        trunk = model.get_layer("trunk")
        self._layers = [layer for layer in trunk.layers if layer.name in FEATURES]
        self._trunk = keras.Model(trunk.input, [layer.output for layer in self._layers])
        embeddings = [model.get_layer(f"dropout_{image}").input for image in (1, 2)]
        self._whole = keras.Model(model.inputs, [*embeddings, *model.outputs])
        self._places = self._places_of(self._trunk)
        assert self._places_of(self._whole) == list(range(len(model.trainable_variables)))

    def _places_of(self, part: keras.Model) -> list[int]:
        """Where the variables of a part of the model are among all of them."""
        places = {id(v): i for i, v in enumerate(self._problem.model.trainable_variables)}
        return [places[id(variable)] for variable in part.trainable_variables]

    def look(self, variables: list, others: list, index) -> Activations:
        """All pairs, and the features of the picked one, without dropout."""
        images, prepared = self._images, self._problem.prepared
        embedding_1, embedding_2, *outputs = self._whole.stateless_call(
            variables, others, prepared(images), training=False
        )[0]
        (both,) = prepared([tf.stack([images[0][index], images[1][index]])])
        own = [variables[i] for i in self._places]
        features = self._trunk.stateless_call(own, [], both, training=False)[0]
        features = features if isinstance(features, list | tuple) else [features]
        names = [layer.name for layer in self._layers]
        return Activations(
            tf.stack([embedding_1, embedding_2], axis=1),
            outputs,
            dict(zip(names, features, strict=True)),
        )

    def arrays(self, activations: Activations, index: int, last: dict):
        """See `core.problems.siamese.seen.arrays_of`."""
        every = (activations.embeddings, *activations.outputs)
        if not all(np.isfinite(array).all() for array in every):
            return None
        return seen.arrays_of(self.labels, *activations, index, last.get("points"))
