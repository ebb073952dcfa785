"""What is measured inside a model, as compiled functions of one lane's state."""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from core.analysis.gradients import layers
from core.inside.sprite import sprite
from core.problems.siamese.losses import head_losses
from core.problems.siamese.problem import as_float
from core.run.config import RunConfig
from core.training.program import Program, of_batch
from core.training.state import TrainState

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


class Measurements:
    """The measurements of one program, compiled by `prepare`, which may run in a thread of its own.

    Args:
        program: The training whose states are looked at.
        config: Its fixed settings.

    Attributes:
        labels: Of the validation pairs, int32, shape (N, 3).
        pictures: Their images as one PNG, once it is prepared.
    """

    def __init__(self, program: Program, config: RunConfig):
        self.program = program
        self.labels = program.validation[1].numpy()
        model = program.model
        trunk = model.get_layer("trunk")
        self._shown = [layer for layer in trunk.layers if layer.name in FEATURES]
        self._trunk = keras.Model(trunk.input, [layer.output for layer in self._shown])
        embeddings = [model.get_layer(f"dropout_{image}").input for image in (1, 2)]
        self._whole = keras.Model(model.inputs, [*embeddings, *model.outputs])
        self._places = self._places_of(self._trunk)
        assert self._places_of(self._whole) == list(range(len(model.trainable_variables)))
        self._of_layer = self._by_layer(layers(config))
        example = program.initial_state(0, 1)
        state = [
            [tf.TensorSpec(v.shape[1:], v.dtype) for v in example.variables],
            [tf.TensorSpec(s.shape, s.dtype) for s in example.seeds],
        ]
        self._batch_size = config.batch_size
        batch = tf.TensorSpec([self._batch_size], tf.int32)
        self._grams = tf.function(self._measure, input_signature=[*state, batch])
        self._see = tf.function(self._look, input_signature=[*state, tf.TensorSpec([], tf.int32)])

    def prepare(self) -> "Measurements":
        """Compile all there is, and use it once: the first use takes longer, too."""
        state = self.program.initial_state(0, 1)
        self.measure(state, np.zeros(self._batch_size, np.int32))
        self.see(state, 0)
        images = [array.numpy() for array in self.program.validation[0]]
        self.pictures = sprite(*images)
        return self

    def measure(self, state: TrainState, batch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The heads' gradients on a batch, as the next step would have them, dropout included.

        Args:
            state: Of one lane.
            batch: Indices of training pairs, shape (batch_size,).

        Returns:
            Gram matrices of the unweighted gradients, one a layer of `gradients.layers`,
            float32, shape (L, 3, 3); and the head losses in nats, (3,).
        """
        grams, losses = self._grams(*self._alone(state), tf.constant(batch))
        return grams.numpy(), losses.numpy()

    def see(self, state: TrainState, pair: int) -> Activations:
        """What the model makes of all validation pairs, and its features of one, without dropout.

        Args:
            state: Of one lane.
            pair: Index of the validation pair whose features are wanted.
        """
        embeddings, outputs, features = self._see(*self._alone(state), tf.constant(pair))
        names = [layer.name for layer in self._shown]
        return Activations(
            embeddings.numpy(),
            [output.numpy() for output in outputs],
            {name: feature.numpy() for name, feature in zip(names, features, strict=True)},
        )

    @staticmethod
    def _alone(state: TrainState):
        return [variable[0] for variable in state.variables], state.seeds

    def _places_of(self, model: keras.Model) -> list[int]:
        """Where the variables of a part of the model are among all of them."""
        places = {id(v): i for i, v in enumerate(self.program.model.trainable_variables)}
        return [places[id(variable)] for variable in model.trainable_variables]

    def _by_layer(self, names) -> list[list[int]]:
        """Where each layer's variables are among all of them."""
        paths = [v.path.split("/")[-2] for v in self.program.model.trainable_variables]
        indices = [[i for i, layer in enumerate(paths) if layer == name] for name in names]
        assert sum(map(len, indices)) == len(paths)
        return indices

    def _measure(self, variables, seeds, batch):
        images, labels, _ = of_batch(self.program.training, batch)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(variables)
            outputs, _ = self.program.model.stateless_call(
                variables, seeds, [as_float(image) for image in images], training=True
            )
            losses = head_losses(labels, outputs)
            each = [losses[h] for h in range(len(self.program.heads))]
        gradients = [tape.gradient(loss, variables, unconnected_gradients="zero") for loss in each]
        grams = []
        for places in self._of_layer:
            flat = [tf.concat([tf.reshape(g[i], [-1]) for i in places], 0) for g in gradients]
            rows = tf.stack(flat)
            grams.append(tf.matmul(rows, rows, transpose_b=True))
        return tf.stack(grams), losses

    def _look(self, variables, seeds, pair):
        images = self.program.validation[0]
        embedding_1, embedding_2, *outputs = self._whole.stateless_call(
            variables, seeds, [as_float(image) for image in images], training=False
        )[0]
        both = as_float(tf.stack([images[0][pair], images[1][pair]]))
        own = [variables[i] for i in self._places]
        features = self._trunk.stateless_call(own, [], both, training=False)[0]
        features = features if isinstance(features, list | tuple) else [features]
        return tf.stack([embedding_1, embedding_2], axis=1), outputs, list(features)
