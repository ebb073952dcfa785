"""What is understood of a compiled model and its data."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from core import RunConfig
from core.problems.making.problem import Problem
from core.training.program import Program
from tests.core.problems.making import models
from tests.core.problems.making.models import (
    CLASSES,
    MODELS,
    NUMBERS,
    N,
    X,
    model,
    optimizers,
    problem,
    targets,
)


def of(**more):
    return Problem.of(model(), (X, targets()), (X, targets()), **more)


# Heads


def test_heads_are_what_compile_was_given():
    found = problem("tickets", asks={"priority": "Is it urgent?"})
    told = [(h.name, h.default_weight, h.metric, h.better, h.loss, h.asks) for h in found.heads]
    assert told == [
        ("priority", 1.0, "accuracy", "higher", "binary_crossentropy", "Is it urgent?"),
        ("department", 0.2, "accuracy", "higher", "categorical_crossentropy", ""),
    ]


def test_heads_of_a_list_are_called_as_their_layers_and_metrics_have_directions():
    told = [(h.name, h.metric, h.better) for h in problem("normalised").heads]
    assert told == [("score", "mae", "lower"), ("kind", "accuracy", "higher")]


def test_a_head_without_a_metric_has_its_loss_alone():
    assert [h.metric for h in problem("subclassed").heads] == [None, "rmse"]


def test_the_direction_of_a_metric_of_ones_own_is_asked_for():
    def closeness(target, output):
        return -keras.ops.mean(keras.ops.abs(target - output), axis=-1)

    made = model(metrics={"dose": [closeness]})
    found = Problem.of(made, (X, targets()), better={"dose": "higher"})
    assert [(h.metric, h.better) for h in found.heads] == [
        (None, "higher"),
        ("closeness", "higher"),
    ]


def test_one_output_is_one_head():
    made = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, name="dose")])
    made.compile(loss="mse", metrics=["mae"])
    (head,) = Problem.of(made, (X, NUMBERS)).heads
    assert (head.name, head.default_weight, head.metric) == ("dose", 1.0, "mae")


def test_chance_is_what_one_answer_for_all_gets():
    """By hand: the entropy of the classes, the share of the most frequent, the variance."""
    found = Problem.of(
        model(metrics={"kind": ["accuracy"], "dose": ["mae"]}), (X, targets()), (X, targets())
    )
    kind, dose = found.heads
    share = np.bincount(CLASSES) / len(CLASSES)
    assert kind.chance == pytest.approx(share.max())
    assert kind.chance_loss == pytest.approx(-sum(p * math.log(p) for p in share), rel=1e-5)
    assert dose.chance_loss == pytest.approx(NUMBERS.var(), rel=1e-5)
    assert dose.chance == pytest.approx(np.abs(NUMBERS - NUMBERS.mean()).mean(), rel=1e-5)


def test_chance_is_of_what_counts():
    counts = (CLASSES < 2).astype(np.float32)
    data = (X, targets(), {"kind": counts})
    found = Problem.of(model(metrics={"kind": ["accuracy"]}), data, data)
    share = np.bincount(CLASSES[CLASSES < 2]) / counts.sum()
    assert found.heads[0].chance == pytest.approx(share.max())


# Data


def test_without_validation_a_seeded_share_is_set_apart_and_told():
    one, other = (Problem.of(model(), (X, targets())) for _ in range(2))
    assert (len(one.training), len(one.validation)) == (34, 6)
    assert one.notes == (
        "No validation data were given: 6 of 40 examples, drawn with a fixed seed, are set apart "
        "for it.",
    )
    np.testing.assert_array_equal(one.validation.inputs, other.validation.inputs)
    both = np.concatenate([one.training.inputs, one.validation.inputs])
    assert {row.tobytes() for row in both} == {row.tobytes() for row in X}


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 5

    @property
    def num_batches(self):
        return 5

    def __getitem__(self, i):
        rows = slice(8 * i, 8 * i + 8)
        return X[rows], {name: y[rows] for name, y in targets().items()}


def test_datasets_are_read_whole_in_their_order():
    dataset = tf.data.Dataset.from_tensor_slices((X, targets())).batch(16)
    for given in (dataset, Batches(workers=1)):
        found = Problem.of(model(), given, (X, targets()))
        np.testing.assert_array_equal(found.training.inputs, X)
        np.testing.assert_array_equal(found.training.targets[0], CLASSES)


def test_inputs_keep_their_structure_and_floats_become_float32():
    found = problem("tickets")
    assert {name: a.dtype.kind for name, a in found.training.inputs.items()} == {
        "title": "f",
        "body": "i",
        "tags": "i",
    }
    assert found.training.inputs["title"].dtype == np.float32
    assert isinstance(problem("subclassed").training.inputs, tuple)
    assert len(found.training) == N


def test_class_weights_multiply_sample_weights():
    counts = np.linspace(0.1, 2, 40)
    found = Problem.of(
        model(),
        (X, targets(), {"kind": counts}),
        (X, targets()),
        class_weight={"kind": {0: 3.0, 2: 0.5}},
    )
    factor = np.array([3.0, 1.0, 0.5, 1.0])[CLASSES]
    np.testing.assert_allclose(found.training.weights[0], counts * factor, rtol=1e-6)
    assert found.training.weights[1] is None
    np.testing.assert_allclose(found.validation.weights[0], factor)


def test_class_weights_are_those_of_keras_for_a_single_head():
    """Keras refuses them where there are several outputs; of one, `fit` is the yardstick."""
    keras.utils.set_random_seed(1)
    made = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, "softmax", name="kind")])
    made.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(0.0))
    weights = {0: 3.0, 1: 1.0, 2: 0.5, 3: 1.0}
    told = made.fit(X, CLASSES, batch_size=40, class_weight=weights, verbose=0).history["loss"][0]
    found = Problem.of(made, (X, CLASSES), (X, CLASSES), class_weight=weights)
    part = found.training
    loss = found.losses(part.targets, made(X), part.weights)
    assert float(loss[0]) == pytest.approx(told, rel=1e-5)


def test_missing_labels_are_told_where_the_loss_divides_by_all_of_a_batch():
    """What Keras does by itself: the loss of a head with few labels looks small."""
    data = (X, targets(), {"kind": (CLASSES < 2).astype(float)})
    (note,) = Problem.of(model(), data, data).notes
    missing = int((CLASSES >= 2).sum())
    assert note.startswith(f"kind: {missing} of 40 training examples have weight 0")
    mean = keras.losses.SparseCategoricalCrossentropy(reduction="mean_with_sample_weight")
    assert Problem.of(model(loss={"kind": mean, "dose": "mse"}), data, data).notes == ()


# Variables


def test_kinds_of_variables_are_seen_by_what_a_step_changes():
    assert problem("normalised").kinds == ("fixed", "fixed", "moving", "moving")
    assert problem("tickets").kinds == ()
    x = inputs = keras.Input((3,))
    x = keras.layers.Dropout(0.5)(keras.layers.BatchNormalization()(x))
    made = keras.Model(inputs, keras.layers.Dense(1, name="dose")(x))
    made.compile(loss="mse")
    assert sorted(Problem.of(made, (X, NUMBERS)).kinds) == ["moving", "moving", "seed"]


def test_regularisation_is_seen():
    seen = {name: problem(name).has_regularisation for name in MODELS}
    assert seen == {"tickets": False, "normalised": True, "subclassed": True, "weighted": False}


def test_optimizers_are_there_for_the_tests():
    assert set(optimizers()) >= {"SGD", "Adam", "AdamW", "RMSprop"}


@pytest.mark.parametrize("looked_at", [20, 24], ids=["with a rest", "without"])
@pytest.mark.parametrize("make", [models.tickets, models.normalised])
def test_many_validation_examples_are_looked_at_in_batches_and_judged_together(
    make, looked_at, monkeypatch
):
    model, data = make()
    problem = Problem.of(model, training=data)
    assert len(problem.validation) == 48
    sizes = []
    call = model.stateless_call

    def noting(variables, others, inputs, **more):
        sizes.append(tf.nest.flatten(inputs)[0].shape[0])
        return call(variables, others, inputs, **more)

    monkeypatch.setattr(model, "stateless_call", noting)

    def found():
        sizes.clear()
        program = Program(problem, RunConfig())
        return program.evaluate(program.initial_state(3)).numpy()

    at_once = found()
    assert set(sizes) == {48}
    monkeypatch.setattr("core.training.program.LOOKED_AT", looked_at)
    np.testing.assert_allclose(found(), at_once, rtol=1e-5)
    assert set(sizes) == {looked_at, 48 % looked_at or 1}
