"""Training as pure functions of a value: (state, settings, batches) -> (state, metrics).

Lanes are the leading axis of a state: M copies of the model with the same initial values, fed
the same batches and dropout masks, each with its own loss weights.
"""

import threading

import numpy as np
import tensorflow as tf

from core.problems.making.data import each
from core.problems.making.problem import Examples, Problem
from core.problems.making.total import weighted_total
from core.problems.making.variables import FIXED, MOVING, SEED, seed_state
from core.run.config import RunConfig
from core.run.weights import LossWeights
from core.training.optimizers import optimizer_of
from core.training.state import StepSettings, TrainState

LOOKED_AT = 2048  # validation examples at once


class Program:
    """The compiled training of one problem: any seed, any live settings.

    Each function is traced twice at most: for one lane, and, vectorised, for any larger number.

    Args:
        problem: What is trained.
        config: Its fixed settings, but for the seed, are what is compiled.

    Attributes:
        problem: The same.
        heads: The losses that it has, see `core.run.heads`.
        model: The Keras model. Its own variables are never trained; a `TrainState` is.
        columns: How many values a step gives of losses, and of metrics: one a head, and after
            them, where the model has any, its regularisation.
        optimizer: Moves the variables.
        training: The training examples, as tensors.
        validation: The same of the validation examples.
        traces: How often TensorFlow has traced a function of this program.
    """

    def __init__(self, problem: Problem, config: RunConfig):
        self.problem, self.model, self.heads = problem, problem.model, problem.heads
        self.columns = len(problem.heads) + problem.has_regularisation
        self.optimizer = optimizer_of(problem, config)
        self.training = as_tensors(problem.training)
        self.validation = as_tensors(problem.validation)
        self.traces = 0
        self._compiled = {}
        self._prepared: set[int | None] = set()
        self._preparing = threading.Lock()

    def initial_state(self, seed: int, n_lanes: int) -> TrainState:
        """`n_lanes` copies of the model as it stands before the first step."""
        trainable, others = self.problem.initial_values(seed)
        of_kind = {
            kind: [
                value for value, own in zip(others, self.problem.kinds, strict=True) if own == kind
            ]
            for kind in (MOVING, FIXED, SEED)
        }

        def in_lanes(values: list) -> list:
            return [tf.repeat(tf.constant(value)[None], n_lanes, axis=0) for value in values]

        variables = in_lanes(trainable)
        return TrainState(
            variables=variables,
            slots=self.optimizer.slots(variables),
            moving=in_lanes(of_kind[MOVING]),
            fixed=[tf.constant(value) for value in of_kind[FIXED]],
            seeds=[
                tf.constant(seed_state(seed, layer, value))
                for layer, value in enumerate(of_kind[SEED])
            ],
            step=tf.constant(0),
        )

    def train_chunk(self, state: TrainState, settings: StepSettings, batches):
        """Train every lane on the given batches, one step a batch.

        Args:
            state: Where to start; it is left as it is.
            settings: The live settings, the same for all steps of the chunk.
            batches: Indices of training examples, int32, shape (n_steps, batch_size).

        Returns:
            The new state, and what each step measured before its update, float32, shape
            (n_steps, M, 2, columns): head losses and metrics in the order of the heads, NaN of a
            head without a metric.
        """
        function = self._function(self._train, state, settings, batches)
        return function(state, settings, tf.constant(batches))

    def prepare(self, config: RunConfig, n_lanes: int) -> None:
        """Compile ahead what a run of so many lanes will call, if that was not done."""
        with self._preparing:
            if self.is_prepared(n_lanes):
                return
            state = self.initial_state(0, n_lanes)
            weights = LossWeights().complete(self.heads)
            settings = StepSettings.of([weights] * n_lanes, config)
            self.train_chunk(state, settings, np.zeros((1, config.batch_size), np.int32))
            self.evaluate(state)
            self._prepared.add(vectorised(n_lanes))

    def is_prepared(self, n_lanes: int) -> bool:
        """Whether nothing is left to compile for so many lanes."""
        return vectorised(n_lanes) in self._prepared

    def evaluate(self, state: TrainState):
        """Head losses and metrics of every lane on the validation examples, without dropout.

        Returns:
            float32, shape (M, 2, H): losses and metrics, in the order of the heads.
        """
        return self._function(self._evaluate, state)(state)

    def _function(self, python_function, state, *more):
        n_lanes = vectorised(len(state.variables[0]))
        key = (python_function.__name__, n_lanes)
        if key not in self._compiled:

            def traced(*arguments):
                self.traces += 1
                map_lanes = alone if n_lanes else tf.vectorized_map
                return python_function(*arguments, map_lanes=map_lanes)

            signature = argument_signature(n_lanes, state, *more)
            # Of one signature, so that a call need not look for what fits: 2 ms instead of 4.
            compiled = tf.function(traced, input_signature=signature)
            self._compiled[key] = compiled.get_concrete_function()
        return self._compiled[key]

    def _train(self, state, settings, batches, map_lanes):
        problem = self.problem
        n_steps = tf.shape(batches)[0]
        shape = [settings.loss_weights.shape[0], 2, self.columns]
        metrics = tf.TensorArray(tf.float32, n_steps, element_shape=shape)
        variables, slots, moving, fixed, seeds, step = state
        for i in tf.range(n_steps):
            inputs, targets, weights = of_batch(self.training, batches[i])
            inputs = problem.prepared(inputs)

            def one_step(lane, seeds=seeds, step=step, data=(inputs, targets, weights)):
                variables, slots, moving, loss_weights = lane
                inputs, targets, weights = data
                with tf.GradientTape() as tape:
                    tape.watch(variables)
                    outputs, others, own = self.model.stateless_call(
                        variables,
                        self.others(moving, fixed, seeds),
                        inputs,
                        training=True,
                        return_losses=True,
                    )
                    losses = tf.stack(problem.losses(targets, outputs, weights))
                    total = weighted_total(losses, loss_weights)
                    if problem.has_regularisation:
                        added = tf.add_n([tf.reduce_sum(tf.cast(x, tf.float32)) for x in own])
                        total += added
                gradients = tape.gradient(total, variables)
                variables, slots = self.optimizer.update(
                    variables, slots, gradients, settings, step
                )
                measured = tf.stack([losses, problem.metrics(targets, outputs, weights)])
                if problem.has_regularisation:
                    measured = tf.concat([measured, [[added], [0.0]]], axis=1)
                return variables, slots, *self._parted(others), measured

            lanes = (variables, slots, moving, settings.loss_weights)
            variables, slots, moving, seeds, measured = map_lanes(one_step, lanes)
            seeds = [seed[0] for seed in seeds]
            metrics = metrics.write(i, measured)
            step += 1
        return TrainState(variables, slots, moving, fixed, seeds, step), metrics.stack()

    def _evaluate(self, state, map_lanes):
        inputs, targets, weights = self.validation
        inputs = self.problem.prepared(inputs)

        def one_look(lane):
            variables, moving = lane
            others = self.others(moving, state.fixed, state.seeds)

            def outputs_of(inputs):
                return self.model.stateless_call(variables, others, inputs, training=False)[0]

            parts = (targets, in_batches(outputs_of, inputs), weights)
            losses = tf.stack(self.problem.losses(*parts))
            return tf.stack([losses, self.problem.metrics(*parts)])

        return map_lanes(one_look, (state.variables, state.moving))

    def others(self, moving: list, fixed: list, seeds: list) -> list:
        """The values of the model's non-trainable variables, in its order."""
        of_kind = {MOVING: iter(moving), FIXED: iter(fixed), SEED: iter(seeds)}
        return [next(of_kind[kind]) for kind in self.problem.kinds]

    def _parted(self, others: list) -> tuple[list, list]:
        """Of those values, what moves and the states of seed generators."""
        pairs = list(zip(others, self.problem.kinds, strict=True))
        moving, seeds = ([v for v, own in pairs if own == kind] for kind in (MOVING, SEED))
        return moving, seeds


def in_batches(outputs_of, inputs):
    """Outputs of all inputs, `LOOKED_AT` at once: what layers need meanwhile fits into memory.

    Losses and metrics are then of all outputs together, since not every one is a mean.
    """
    n = tf.nest.flatten(inputs)[0].shape[0]
    n_batches, rest = divmod(n, LOOKED_AT)
    if n <= LOOKED_AT:
        return outputs_of(inputs)
    whole = n_batches * LOOKED_AT

    def batches(array):
        return tf.reshape(array[:whole], [n_batches, LOOKED_AT, *array.shape[1:]])

    last = outputs_of(each(lambda array: array[n - max(rest, 1) :], inputs))
    kinds = each(lambda array: tf.TensorSpec([LOOKED_AT, *array.shape[1:]], array.dtype), last)
    outputs = tf.map_fn(
        outputs_of, each(batches, inputs), parallel_iterations=1, fn_output_signature=kinds
    )

    def joined(first, last):
        return tf.concat([tf.reshape(first, [whole, *first.shape[2:]]), last[:rest]], axis=0)

    return tf.nest.map_structure(joined, outputs, last)


def as_tensors(examples: Examples) -> tuple:
    """Inputs, targets and weights as tensors."""
    parts = (examples.inputs, examples.targets, examples.weights)
    return tuple(each(tf.constant, part) for part in parts)


def of_batch(examples: tuple, batch) -> tuple:
    """The examples of a batch of indices."""
    return tuple(each(lambda array: tf.gather(array, batch), part) for part in examples)


def vectorised(n_lanes: int) -> int | None:
    """The number of lanes as it is compiled: 1, or None for any larger one."""
    return 1 if n_lanes == 1 else None


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
        [of_lane(v) for v in state.moving],
        [shared(v) for v in state.fixed],
        [shared(v) for v in state.seeds],
        shared(state.step),
    )
    if settings is None:
        return (state,)
    settings = StepSettings(of_lane(settings.loss_weights), *map(shared, settings[1:]))
    return state, settings, tf.TensorSpec([None, batches.shape[1]], tf.int32)
