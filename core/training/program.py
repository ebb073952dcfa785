"""Training as pure functions of a value: (state, settings, batches) -> (state, metrics).

Lanes are the leading axis of a state: M copies of the model with the same initial values, fed
the same batches and dropout masks, each with its own loss weights.
"""

import numpy as np
import tensorflow as tf

from core.problems.siamese.losses import head_accuracies, head_losses, weighted_total
from core.problems.siamese.model import build_model, initial_values
from core.problems.siamese.pairs import Dataset
from core.run.config import RunConfig
from core.run.heads import HEADS
from core.run.weights import LossWeights
from core.training.optimizers import OPTIMIZERS
from core.training.state import StepSettings, TrainState


class Program:
    """The compiled training of one set of fixed settings: any seed, any live settings.

    Each function is traced twice at most: for one lane, and, vectorised, for any larger number.

    Args:
        config: Its fixed settings, but for the seed, are what is compiled.
        dataset: The pairs to train on and to validate with.

    Attributes:
        model: The Keras model. Its own variables are never trained; a `TrainState` is.
        training: Images 1, images 2 and labels of the training pairs, as tensors.
        validation: The same of the validation pairs.
        traces: How often TensorFlow has traced a function of this program.
    """

    def __init__(self, config: RunConfig, dataset: Dataset):
        self.model = build_model(config, dataset.image_shape)
        self.traces = 0
        self._update, self._n_moments = OPTIMIZERS[config.optimizer]
        self.training = tuple(map(tf.constant, vars(dataset.training).values()))
        self.validation = tuple(map(tf.constant, vars(dataset.validation).values()))
        self._compiled = {}

    def initial_state(self, seed: int, n_lanes: int) -> TrainState:
        """`n_lanes` copies of the model as it stands before the first step."""
        values = initial_values(self.model, seed)
        variables = [tf.repeat(tf.constant(value)[None], n_lanes, axis=0) for value in values]
        slots = [tf.zeros_like(variable) for variable in variables * self._n_moments]
        seeds = [
            tf.constant([seed, layer * 2**20], generator.dtype)
            for layer, generator in enumerate(self.model.non_trainable_variables)
        ]
        return TrainState(variables, slots, seeds, tf.constant(0))

    def train_chunk(self, state: TrainState, settings: StepSettings, batches):
        """Train every lane on the given batches, one step a batch.

        Args:
            state: Where to start; it is left as it is.
            settings: The live settings, the same for all steps of the chunk.
            batches: Indices of training pairs, int32, shape (n_steps, batch_size).

        Returns:
            The new state, and the metrics of each step before its update, float32, shape
            (n_steps, M, 2, 3): head losses in nats and head accuracies, in the order of `HEADS`.
        """
        function = self._function(self._train, state, settings, batches)
        return function(state, settings, tf.constant(batches))

    def prepare(self, config: RunConfig, n_lanes: int) -> None:
        """Compile ahead what a run of so many lanes will call."""
        state = self.initial_state(0, n_lanes)
        settings = StepSettings.of([LossWeights()] * n_lanes, config)
        self.train_chunk(state, settings, np.zeros((1, config.batch_size), np.int32))
        self.evaluate(state)

    def evaluate(self, state: TrainState):
        """Head losses and accuracies of every lane on the validation pairs, without dropout.

        Returns:
            float32, shape (M, 2, 3): losses in nats and accuracies, in the order of `HEADS`.
        """
        return self._function(self._evaluate, state)(state)

    def _function(self, python_function, state, *more):
        n_lanes = 1 if len(state.variables[0]) == 1 else None
        key = (python_function.__name__, n_lanes)
        if key not in self._compiled:

            def traced(*arguments):
                self.traces += 1
                map_lanes = alone if n_lanes else tf.vectorized_map
                return python_function(*arguments, map_lanes=map_lanes)

            signature = argument_signature(n_lanes, state, *more)
            self._compiled[key] = tf.function(traced, input_signature=signature)
        return self._compiled[key]

    def _train(self, state, settings, batches, map_lanes):
        n_steps = tf.shape(batches)[0]
        lanes = settings.loss_weights.shape[0]
        metrics = tf.TensorArray(tf.float32, n_steps, element_shape=[lanes, 2, len(HEADS)])
        variables, slots, seeds, step = state
        for i in tf.range(n_steps):
            *images, labels = (tf.gather(array, batches[i]) for array in self.training)
            images = [as_float(image) for image in images]

            def one_step(lane, seeds=seeds, step=step, images=images, labels=labels):
                variables, slots, loss_weights = lane
                with tf.GradientTape() as tape:
                    tape.watch(variables)
                    outputs, seeds = self.model.stateless_call(
                        variables, seeds, images, training=True
                    )
                    losses = head_losses(labels, outputs)
                    total = weighted_total(losses, loss_weights)
                gradients = tape.gradient(total, variables)
                variables, slots = self._update(variables, slots, gradients, settings, step)
                return variables, slots, seeds, tf.stack([losses, head_accuracies(labels, outputs)])

            lanes = (variables, slots, settings.loss_weights)
            variables, slots, seeds, measured = map_lanes(one_step, lanes)
            seeds = [seed[0] for seed in seeds]
            metrics = metrics.write(i, measured)
            step += 1
        return TrainState(variables, slots, seeds, step), metrics.stack()

    def _evaluate(self, state, map_lanes):
        *images, labels = self.validation
        images = [as_float(image) for image in images]

        def one_look(variables):
            outputs, _ = self.model.stateless_call(variables, state.seeds, images, training=False)
            return tf.stack([head_losses(labels, outputs), head_accuracies(labels, outputs)])

        return map_lanes(one_look, state.variables)


def as_float(images):
    """Images as the model takes them: float32 in 0..1; uint8 is divided by 255."""
    return tf.cast(images, tf.float32) / 255 if images.dtype == tf.uint8 else images


def alone(function, lanes):
    """As `tf.vectorized_map`, for one lane, without the cost of vectorised operations."""
    result = function(tf.nest.map_structure(lambda array: array[0], lanes))
    return tf.nest.map_structure(lambda part: part[None], result)


def argument_signature(lanes, state, settings=None, batches=None):
    """TensorSpecs of the arguments, with `lanes` (None for any number) as their leading axis."""

    def of_lane(array):
        return tf.TensorSpec([lanes, *array.shape[1:]], array.dtype)

    def shared(array):
        return tf.TensorSpec(array.shape, array.dtype)

    state = TrainState(
        [of_lane(v) for v in state.variables],
        [of_lane(v) for v in state.slots],
        [shared(v) for v in state.seeds],
        shared(state.step),
    )
    if settings is None:
        return (state,)
    settings = StepSettings(of_lane(settings.loss_weights), *map(shared, settings[1:]))
    return state, settings, tf.TensorSpec([None, batches.shape[1]], tf.int32)
