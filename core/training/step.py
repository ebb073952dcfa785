"""One step of training, as a pure function of a value."""

from typing import NamedTuple

import tensorflow as tf

from core.problems.making.data import each
from core.problems.making.problem import Problem
from core.problems.making.total import weighted_total
from core.problems.making.variables import MOVING, SEED
from core.training.optimizers import Optimizer
from core.training.state import StepSettings, TrainState

Data = tuple  # inputs, targets and weights of examples, as tensors


def of_batch(examples: Data, batch) -> Data:
    """The examples of a batch of indices, or of several, along the axes that those have."""
    return tuple(each(lambda array: tf.gather(array, batch), part) for part in examples)


class Setup(NamedTuple):
    """What a way of training is made of.

    Attributes:
        problem: What is trained.
        optimizer: Moves its variables.
        training: The training examples.
        example: A state, of any values.
        batch_size: Examples in a batch.
    """

    problem: Problem
    optimizer: Optimizer
    training: Data
    example: TrainState
    batch_size: int


def columns_of(problem: Problem) -> int:
    """How many values a step gives of losses, and of metrics: one a head, and after them, where
    the model has any, its regularisation."""
    return len(problem.heads) + problem.has_regularisation


def specs(structure):
    """What compiled functions take for tensors of such shapes and types."""
    return tf.nest.map_structure(
        lambda tensor: tf.TensorSpec(tensor.shape, tensor.dtype), structure
    )


class Compiled:
    """A function of tensors, traced once, whose call costs little.

    A `ConcreteFunction` looks at each of its arguments again, which for a step's thirty of them
    takes Python 0.5 ms a call (measured), and holds up other threads meanwhile.

    Args:
        function: Of structures of tensors.
        signature: The TensorSpecs of its arguments.
        options: Of `tf.function`.

    Attributes:
        traced: The `ConcreteFunction`.
    """

    def __init__(self, function, signature: list, **options):
        # As Keras' own `fit`; AutoGraph took three quarters of the time to trace it (measured).
        options |= {"input_signature": signature, "autograph": False}
        function = tf.function(function, **options)
        self.traced = function.get_concrete_function()
        self._gives = self.traced.structured_outputs

    def __call__(self, *arguments):
        return tf.nest.pack_sequence_as(self._gives, self.flat(*arguments))

    def flat(self, *arguments) -> list:
        """What it gives, as a flat list of tensors: to give it its structure takes 0.1 ms."""
        given = [*tf.nest.flatten(arguments), *self.traced.captured_inputs]
        return self.traced.inference_fn.call_flat(*given)


def one_step(setup: Setup, state: TrainState, settings: StepSettings, data: Data):
    """Train on a batch.

    Args:
        setup: What is trained, and with what.
        state: Where to start; it is left as it is.
        settings: The live settings.
        data: The batch.

    Returns:
        The new state, and what the batch measured before the update, float32, shape (2, columns):
        head losses and metrics in the order of the heads, NaN of a head without a metric.
    """
    problem = setup.problem
    inputs, targets, weights = data
    variables, slots, moving, fixed, seeds, step = state
    with tf.GradientTape() as tape:
        tape.watch(variables)
        outputs, others, own = problem.model.stateless_call(
            variables,
            problem.others(moving, fixed, seeds),
            problem.prepared(inputs),
            training=True,
            return_losses=True,
        )
        losses = tf.stack(problem.losses(targets, outputs, weights))
        total = weighted_total(losses, settings.loss_weights)
        if problem.has_regularisation:
            added = tf.add_n([tf.reduce_sum(tf.cast(x, tf.float32)) for x in own])
            total += added
    gradients = tape.gradient(total, variables)
    variables, slots = setup.optimizer.update(variables, slots, gradients, settings, step)
    measured = tf.stack([losses, problem.metrics(targets, outputs, weights)])
    if problem.has_regularisation:
        measured = tf.concat([measured, [[added], [0.0]]], axis=1)
    moving, seeds = (problem.of_kind(kind, others) for kind in (MOVING, SEED))
    return TrainState(variables, slots, moving, fixed, seeds, step + 1), measured
