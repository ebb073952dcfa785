"""What `compile` was given: the losses and metrics of a model, as pure functions.

Keras itself resolves names, functions and structures, so that what is trained here is what `fit`
would train. What it has resolved it keeps in attributes that are not public: all that this project
reads of them it reads in `resolved`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from core.errors import ProblemError
from core.problems.making import directions
from core.problems.making.data import Part, described
from core.problems.making.variables import values_of
from core.run.heads import (
    GREATEST,
    LONGEST_HEAD,
    LONGEST_QUESTION,
    MOST_HEADS,
    Head,
    Heads,
)

OVERRIDES = ("train_step", "compute_loss", "compute_metrics")


@dataclass(frozen=True, eq=False)
class Output:
    """One output with a loss.

    Attributes:
        name: Of the head: what Keras calls the output.
        path: The keys that lead to it among the model's outputs.
        loss: A `keras.Loss`, its reduction included.
        weight: Of the loss, unitless.
        metric: The first one that was named for it, or None.
        shape: Of the output for one example.
    """

    name: str
    path: tuple
    loss: keras.Loss
    weight: float
    metric: keras.Metric | None
    shape: tuple[int, ...]

    def of(self, structure: Any) -> Any:
        """Its part of outputs, or of what has their structure."""
        for key in self.path:
            if not tf.nest.is_nested(structure):
                break  # a single output has no key
            structure = structure[key]
        return structure


@dataclass(frozen=True, eq=False)
class Compiled:
    """What was found: the outputs that have a loss, and the heads that these are."""

    outputs: tuple[Output, ...]
    heads: Heads

    def losses(self, targets, outputs, weights):
        """The head losses of a batch, unweighted, as Keras reduces them, float32 scalars.

        Args:
            targets: Of each head.
            outputs: Of the model.
            weights: Sample weights of each head, or None.
        """
        every = zip(self.outputs, targets, weights, strict=True)
        return [tf.cast(o.loss(t, o.of(outputs), sample_weight=w), tf.float32) for o, t, w in every]

    def metrics(self, targets, outputs, weights):
        """The metrics of a batch alone, (H,), float32: means over what counts, NaN for none."""
        every = zip(self.outputs, targets, weights, strict=True)
        return tf.stack([measured(o.metric, t, o.of(outputs), w) for o, t, w in every])


def measured(metric: keras.Metric | None, target, output, weights):
    """A metric of a batch, whatever the metric object has seen before."""
    if metric is None:
        return tf.constant(np.nan, tf.float32)
    begun = metric.stateless_reset_state()
    state = metric.stateless_update_state(begun, target, output, sample_weight=weights)
    return tf.cast(metric.stateless_result(state), tf.float32)


def check(model: Any) -> None:
    """Refuse what is no compiled Keras model, or trains otherwise than by what `compile` says."""
    if not isinstance(model, keras.Model):
        raise ProblemError(f"{described(model)} is no model: expected a compiled keras.Model.")
    if not model.compiled or model.optimizer is None:
        raise ProblemError(
            f"Model {model.name!r} is not compiled: call its `compile` with optimizer and loss."
        )
    for name in OVERRIDES:
        if getattr(type(model), name) is not getattr(keras.Model, name):
            raise ProblemError(
                f"{type(model).__name__} has a `{name}` of its own, which is not carried out here: "
                "what is trained is what `compile` was given. Expected losses and metrics given to "
                "`compile`, and `add_loss` for what is no loss of an output."
            )
    # Not `_flatten_layers`: the policy of each layer is what a step computes with.
    for layer in (model, *getattr(model, "layers", ())):
        if layer.compute_dtype != "float32":
            raise ProblemError(
                f"Layer {layer.name!r} computes in {layer.compute_dtype}: expected float32, since "
                "lanes are compared by small differences. Leave out the dtype policy "
                f"{layer.dtype_policy.name!r}."
            )
    if model.optimizer.gradient_accumulation_steps:
        n = model.optimizer.gradient_accumulation_steps
        raise ProblemError(
            f"The optimizer has gradient_accumulation_steps={n}, which is not supported: leave it "
            f"out, and take a batch {n} times as large."
        )


def outputs_of(model: keras.Model, inputs) -> Any:
    """What the model makes of some examples; builds it, if that was not done.

    Raises:
        ProblemError: If it cannot be called on them.
    """
    try:
        return model(inputs, training=False)
    except Exception as error:  # of any kind: the model is the user's
        given = tf.nest.map_structure(lambda array: f"{array.shape} {array.dtype}", inputs)
        raise ProblemError(
            f"Model {model.name!r} cannot be called on two training examples, whose x is {given}: "
            f"{in_short(error)}"
        ) from error


def read(model: keras.Model, few: Part, outputs, better: Mapping, asks: Mapping) -> Compiled:
    """The outputs that have a loss, and what `compile` says of them.

    Args:
        model: Compiled and built.
        few: Some training examples.
        outputs: What the model makes of them.
        better: The direction of metrics, by head.
        asks: The questions that heads answer, by head.

    Raises:
        ProblemError: If there are too many, or two of one name, or Keras finds that they do not go
            together; or if the direction of a metric is not known.
    """
    found = resolved(model, as_outputs(few.y, model, outputs, few.called), outputs)
    names = [output.name for output in found]
    if not 1 <= len(found) <= MOST_HEADS:
        raise ProblemError(
            f"Model {model.name!r} has {len(found)} outputs with a loss: expected 1 to "
            f"{MOST_HEADS}."
        )
    if twice := [name for name in names if names.count(name) > 1]:
        raise ProblemError(
            f"Two outputs are called {twice[0]!r}: expected a name for each. Name the layers that "
            "give them, or have the model give a dict by name."
        )
    for called, given in (("better", better), ("asks", asks)):
        if unknown := [name for name in given if name not in names]:
            raise ProblemError(
                f"{called} names {unknown[0]!r}, which is no output with a loss: expected some of "
                f"{', '.join(names)}."
            )
    return Compiled(found, tuple(head_of(output, better, asks) for output in found))


def head_of(output: Output, better: Mapping, asks: Mapping) -> Head:
    """The head that an output is."""
    if not 0 <= output.weight <= GREATEST:
        raise ProblemError(
            f"The loss weight of {output.name!r} is {output.weight:g}: expected 0 to {GREATEST:g}."
        )
    metric = output.metric and output.metric.name.replace(".", "_")
    for text, called, most in (
        (output.name, "The name of an output", LONGEST_HEAD),
        (metric, f"The name of the metric of {output.name!r:.80}", LONGEST_HEAD),
        (asks.get(output.name), f"asks[{output.name!r:.80}]", LONGEST_QUESTION),
    ):
        if text and len(text) > most:
            raise ProblemError(
                f"{called} has {len(text)} letters: expected up to {most}. Make {text!r:.40}... "
                "shorter."
            )
    return Head(
        name=output.name,
        asks=asks.get(output.name, ""),
        default_weight=output.weight,
        loss=output.loss.name,
        metric=f"{metric}_metric" if metric in ("loss", "loss_weights", "total_loss") else metric,
        better=directions.of(output.metric, output.name, better.get(output.name)),
    )


def resolved(model: keras.Model, targets, outputs) -> tuple[Output, ...]:
    """The outputs that have a loss, as Keras finds them."""
    losses, metrics = model._compile_loss, model._compile_metrics
    try:
        if losses is None:
            raise ValueError("no loss was given")
        if not losses.built:
            losses.build(targets, outputs)
        if metrics is not None and not metrics.built:
            metrics.build(targets, outputs)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProblemError(
            f"Keras cannot bring together the outputs of model {model.name!r}, its y and what "
            f"`compile` was given: {in_short(error)}"
        ) from error
    first: dict[int, keras.Metric] = {}  # by identity of the output
    if metrics is not None:
        flat = metrics._flatten_y(outputs)
        for lists in (metrics._flat_weighted_metrics, metrics._flat_metrics):
            for output, found in zip(flat, lists, strict=True):
                if found and found.metrics:
                    first[id(output)] = found.metrics[0]
    rows = []
    for path, loss, weight, name in losses._flat_losses:
        # Of a single output Keras takes the name of its loss, since its history has no other.
        known = names_in(model)
        called = known[0] if known and not tf.nest.is_nested(outputs) else name
        one = Output(called, path, loss, 1.0 if weight is None else float(weight), None, ())
        own = one.of(outputs)
        metric = first.get(id(own))
        if metric is not None and not metric.variables:
            metric.update_state(one.of(targets), own)  # which makes them
        rows.append(replace(one, metric=metric, shape=tuple(own.shape[1:])))
    return tuple(rows)


def as_outputs(y, model: keras.Model, outputs, called: str) -> Any:
    """Targets, or sample weights, in the structure that the outputs have.

    Raises:
        ProblemError: If they cannot be brought together.
    """
    names = names_in(model)
    if isinstance(outputs, Mapping):
        expected = f"a dict with {', '.join(map(repr, outputs))}"
        fits = isinstance(y, Mapping)
    elif isinstance(outputs, list | tuple):
        expected = f"{len(outputs)} arrays, one an output, or a dict by {', '.join(names)}"
        if isinstance(y, Mapping) and set(y) <= set(names):
            y = [y.get(name) for name in names]
        fits = isinstance(y, list | tuple) and len(y) == len(outputs)
    else:
        expected = "one array"
        if isinstance(y, Mapping) and len(y) == 1:
            (y,) = y.values()
        elif isinstance(y, list | tuple) and len(y) == 1:
            (y,) = y
        fits = not tf.nest.is_nested(y)
    if not fits:
        keys = f" with {', '.join(map(repr, y))}" if isinstance(y, Mapping) else ""
        raise ProblemError(f"The {called} y is {described(y)}{keys}: expected {expected}.")
    return y


def names_in(model: keras.Model) -> list[str]:
    """The names of a model's outputs, in their order; of a subclassed one they are not known."""
    if isinstance(model, keras.Sequential):
        return [model.layers[-1].name]
    return list(getattr(model, "output_names", None) or [])


def has_regularisation(model: keras.Model, inputs) -> bool:
    """Whether the model adds losses of its own: by regularisers, or by `add_loss`."""
    values = map(values_of, (model.trainable_variables, model.non_trainable_variables))
    return bool(model.stateless_call(*values, inputs, training=True, return_losses=True)[2])


def in_short(error: Exception) -> str:
    """An error in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:600]
