"""What a run trains: a Keras model with one or more losses, and data for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from core.errors import ProblemError
from core.problems.making import answers, chance, compiled, data, indices, targets, variables
from core.problems.making.answers import Answers
from core.problems.making.data import each
from core.problems.making.view import View
from core.run.heads import Heads

Values = tuple[list[np.ndarray], list[np.ndarray]]


def as_they_are(inputs: Any) -> Any:
    """Inputs that the model takes as they are kept."""
    return inputs


@dataclass(frozen=True, eq=False)
class Examples:
    """N examples.

    Attributes:
        inputs: What the model is given: an array whose first axis has N entries, or a dict, list or
            tuple of such.
        targets: What the losses are given beside the outputs, in the same manner.
        weights: How much each example counts, float32, in the same manner as the losses take it, or
            None where all count alike.
    """

    inputs: Any
    targets: Any
    weights: Any = None

    def __len__(self) -> int:
        return len(tf.nest.flatten(self.targets)[0])


@dataclass(frozen=True, eq=False)
class Problem:
    """A Keras model with one or more losses, and data for it.

    `Problem.of` makes one of a compiled model.

    Attributes:
        model: The model. Its own variables are never trained; a `TrainState` is.
        heads: The losses that it has, in their order.
        training: The examples to train on.
        validation: Those that are looked at.
        losses: Of (targets, outputs, weights) of a batch, the unweighted head losses, a list of
            float32 scalars, so that each has a gradient of its own: a pure function.
        metrics: Of the same, the heads' metrics, (H,), float32; NaN of a head that has none.
        optimizer: The Keras optimizer that it was compiled with; None where a setting says which.
        initial_values: Of a seed, the values that trainable and non-trainable variables begin with.
        kinds: Of each non-trainable variable, what it is; see `core.problems.making.variables`.
        has_regularisation: Whether the model adds losses of its own to the total.
        prepared: What is done to the inputs of a batch before the model takes them.
        answers: What each head answers to the validation examples; empty where `view` shows it.
        view: Makes what it shows of its own; None of a problem that has no such view.
        notes: What was understood of it, in sentences.
        outputs: What `compile` was told of each head; empty of a model that was not compiled.
    """

    model: keras.Model
    heads: Heads
    training: Examples
    validation: Examples
    losses: Callable[[Any, Any, Any], list]
    metrics: Callable[[Any, Any, Any], Any]
    optimizer: keras.Optimizer | None
    initial_values: Callable[[int], Values]
    kinds: tuple[str, ...]
    has_regularisation: bool = False
    prepared: Callable[[Any], Any] = as_they_are
    answers: tuple[Answers, ...] = ()
    view: Callable[[], View] | None = None
    notes: tuple[str, ...] = ()
    outputs: tuple[compiled.Output, ...] = ()

    def begin(self, seed: int) -> None:
        """Have the model itself begin as a run of that seed does, for who trains it by `fit`."""
        values, others = self.initial_values(seed)
        for variable, value in zip(self.model.trainable_variables, values, strict=True):
            variable.assign(value)
        layers = count()
        every = zip(self.model.non_trainable_variables, others, self.kinds, strict=True)
        for variable, value, kind in every:
            is_seed = kind == variables.SEED
            variable.assign(variables.seed_state(seed, next(layers), value) if is_seed else value)

    def others(self, moving: list, fixed: list, seeds: list) -> list:
        """The values of the model's non-trainable variables, in its order, from those of a kind."""
        of_kind = {
            variables.MOVING: iter(moving),
            variables.FIXED: iter(fixed),
            variables.SEED: iter(seeds),
        }
        return [next(of_kind[kind]) for kind in self.kinds]

    def of_kind(self, kind: str, others: list) -> list:
        """Of the values of the model's non-trainable variables, those of a kind."""
        return [value for value, own in zip(others, self.kinds, strict=True) if own == kind]

    @classmethod
    def of(
        cls,
        model: keras.Model,
        training: Any,
        validation: Any = None,
        *,
        better: Mapping[str, str] | None = None,
        class_weight: Mapping | None = None,
        asks: Mapping[str, str] | None = None,
    ) -> Problem:
        """The problem of a model as `compile` was told of it.

        Losses, loss weights, metrics and the optimizer are those that `compile` was given. The
        metric of an output is the first one that is named for it.

        Args:
            model: Functional, Sequential or subclassed, and compiled.
            training: What `fit` takes: a tuple (x, y) or (x, y, sample_weight) of arrays or of
                dicts, lists or tuples of arrays by input and by output; or a `tf.data.Dataset` or
                `keras.utils.PyDataset` of such batches, which is read into memory, whole.
            validation: The same. Without it a seeded 15 % of the training examples is set apart.
            better: "higher" or "lower" by head, for metrics of your own: it is known of Keras'.
            class_weight: By head, or of a single one, weights of its classes: `{0: 1.0, 3: 5.0}`;
                a class that is not named has weight 1.
            asks: The question that a head answers, by head, for whoever looks at the page.

        Raises:
            ProblemError: If it cannot be trained as it is; the message says what was expected, what
                came and what to do.
        """
        compiled.check(model)
        whole = data.read(training, "training")
        notes: tuple[str, ...] = ()
        if validation is None:
            whole, apart = data.split(whole)
            notes = (
                f"No validation data were given: {len(apart)} of {len(whole) + len(apart)} "
                "examples, drawn with a fixed seed, are set apart for it.",
            )
        else:
            apart = data.read(validation, "validation")
        few = whole.first(2)
        for part in (whole, apart):
            indices.check(model, part)
        outputs = compiled.outputs_of(model, few.x)
        found = compiled.read(model, few, outputs, better or {}, asks or {})
        parts = []
        for part in (whole, apart):
            own = targets.targets_of(part, found, model, outputs)
            weights = targets.weights_of(part, found, own, class_weight or {})
            parts.append(Examples(part.x, own, weights))
        check_losses(found, parts[0], model, outputs)
        seen = list(zip(found.outputs, parts[1].targets, parts[1].weights, strict=True))
        return cls(
            model=model,
            heads=tuple(
                chance.with_chance(head, *one) for head, one in zip(found.heads, seen, strict=True)
            ),
            training=parts[0],
            validation=parts[1],
            losses=found.losses,
            metrics=found.metrics,
            optimizer=model.optimizer,
            initial_values=variables.own_values(model),
            kinds=variables.kinds(model, few.x),
            has_regularisation=compiled.has_regularisation(model, few.x),
            answers=tuple(answers.answers_of(*one) for one in seen),
            notes=(*notes, *targets.notes(found, parts[0].weights)),
            outputs=found.outputs,
        )


def check_losses(found: compiled.Compiled, training: Examples, model, outputs) -> None:
    """Refuse a loss that gives no number: seen on two examples, before anything trains.

    Raises:
        ProblemError: If one cannot be computed, is more than one number, or not finite.
    """
    first = (
        each(lambda array: tf.constant(array[:2]), s) for s in (training.targets, training.weights)
    )
    for output, target, weights in zip(found.outputs, *first, strict=True):
        called = f"The loss {output.loss.name!r} of {output.name!r}"
        try:
            loss = output.loss(target, output.of(outputs), sample_weight=weights)
        except Exception as error:  # of any kind: the loss may be the user's
            raise ProblemError(
                f"{called} cannot be computed of targets of shape {target.shape[1:]} and outputs "
                f"of shape {output.shape}: {compiled.in_short(error)}"
            ) from error
        if loss.shape.rank != 0:
            raise ProblemError(
                f"{called} gives {loss.shape} numbers for a batch: expected one. Give it another "
                "reduction than None."
            )
        if not np.isfinite(loss):
            raise ProblemError(
                f"{called} is {float(loss):g} on the first two training examples, before any step: "
                "expected a finite number."
            )
