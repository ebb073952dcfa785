"""What cannot be trained, each told in a sentence before anything trains."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.errors import ProblemError
from core.problems.making import data
from core.problems.making.problem import Problem
from tests.core.problems.making.models import CLASSES, NUMBERS, X, model, targets


def with_nan():
    bad = X.copy()
    bad[7, 2] = np.nan
    return bad


class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.layer = keras.layers.Dense(1)

    def call(self, inputs):
        return self.layer(inputs)

    def train_step(self, data):
        return {}


def own_step():
    made = Own()
    made.compile(loss="mse")
    return made


def endless():
    return tf.data.Dataset.from_tensor_slices((X, targets())).batch(8).repeat()


def not_compiled():
    inputs = keras.Input((3,))
    return keras.Model(inputs, keras.layers.Dense(1)(inputs))


def two_of_one_name():
    inputs = keras.Input((3,))
    made = keras.Sequential([inputs, keras.layers.Dense(2)])
    made.compile(loss=["mse", "mse"])
    return made


def half_precision():
    layer = keras.layers.Dense(4, "relu", dtype="mixed_float16", name="hidden")
    return model(layers=[layer])


def of_words(words, as_dict=False):
    """A model that looks words up in ten rows, and takes numbers beside them."""
    read, beside = keras.Input((4,), name="words"), keras.Input((2,), name="beside")
    rows = keras.layers.Flatten()(keras.layers.Embedding(10, 3, name="rows")(read))
    inputs = {"words": read, "beside": beside} if as_dict else [read, beside]
    made = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Concatenate()([rows, beside])))
    made.compile("sgd", "mse")
    x = {"words": words, "beside": np.zeros((len(words), 2))} if as_dict else None
    return Problem.of(made, (x or [words, np.zeros((len(words), 2))], np.zeros((len(words), 1))))


def one_called(name):
    inputs = keras.Input((3,))
    made = keras.Model(inputs, keras.layers.Dense(1, name=name)(inputs))
    made.compile(loss="mse")
    return made


def own_metric(target, output):
    return keras.ops.mean(keras.ops.abs(output))


CASES = {
    "no model": (lambda: Problem.of("model", (X, CLASSES)), "a str is no model: expected a comp"),
    "not compiled": (lambda: Problem.of(not_compiled(), (X, NUMBERS)), "is not compiled: call its"),
    "own train_step": (lambda: Problem.of(own_step(), (X, NUMBERS)), "Own has a `train_step` of"),
    "mixed precision": (
        lambda: Problem.of(half_precision(), (X, targets())),
        "Layer 'hidden' computes in float16: expected float32",
    ),
    "accumulation": (
        lambda: Problem.of(
            model(optimizer=keras.optimizers.Adam(gradient_accumulation_steps=4)), (X, targets())
        ),
        "gradient_accumulation_steps=4, which is not supported: leave it out, and take a batch 4",
    ),
    "x alone": (lambda: Problem.of(model(), X), "The training data are a ndarray: expected a tup"),
    "generator": (
        lambda: Problem.of(model(), (batch for batch in [(X, targets())])),
        "are a generator: expected a tuple .* collect them into arrays",
    ),
    "endless": (lambda: Problem.of(model(), endless()), "a dataset without an end: expected one"),
    "strings": (
        lambda: Problem.of(model(), (np.array(["a", "b"] * 20), targets())),
        "training x holds .* of <U1: expected numbers. .*TextVectorization",
    ),
    "nan": (
        lambda: Problem.of(model(), (with_nan(), targets())),
        r"training x\[7, 2\] is nan, the first of 1 values that are no finite numbers",
    ),
    "nan in y": (
        lambda: Problem.of(model(), (X, targets(dose=np.full((40, 1), np.inf)))),
        r"training y\['dose'\]\[0, 0\] is inf, the first of 40 .* sample weight of 0",
    ),
    "lengths": (
        lambda: Problem.of(model(), (X, targets(dose=NUMBERS[:39]))),
        r"differ in number: x has 40, y\['kind'\] has 40, y\['dose'\] has 39",
    ),
    "none": (
        lambda: Problem.of(model(), (X[:0], targets(kind=CLASSES[:0], dose=NUMBERS[:0]))),
        "The training data are empty: expected some examples",
    ),
    "shape of x": (
        lambda: Problem.of(model(), (X[:, :2], targets())),
        "cannot be called on two training examples, whose x is .2, 2. float32",
    ),
    "a target is missing": (
        lambda: Problem.of(model(), (X, {"kind": CLASSES})),
        r"Keras cannot bring together .* KeyError|The training y lacks 'dose', which has a loss",
    ),
    "y as an array": (
        lambda: Problem.of(model(), (X, CLASSES)),
        "The training y is a ndarray: expected a dict with 'kind', 'dose'",
    ),
    "label out of range": (
        lambda: Problem.of(model(), (X, targets(kind=np.where(CLASSES == 3, 4, CLASSES)))),
        "label 4 of 'kind' at .* is out of range: expected 0 to 3, as sparse_categorical",
    ),
    "label is no class": (
        lambda: Problem.of(model(), (X, targets(kind=CLASSES + 0.5))),
        "labels of 'kind' are no whole numbers: expected classes 0 to 3",
    ),
    "validation label out of range": (
        lambda: Problem.of(model(), (X, targets()), (X, targets(kind=CLASSES - 1))),
        "The validation label -1 of 'kind' at",
    ),
    "word that is none": (
        lambda: of_words(np.where(np.arange(160).reshape(40, 4) % 4 == 1, 10, 9)),
        r"x has 10 at \[\d+, 1\] for the layer 'rows', an Embedding of 10 rows: expected 0 to 9",
    ),
    "word below all": (
        lambda: of_words(np.full((40, 4), -1), as_dict=True),
        r"training x has -1 at \[0, 0\] for the layer 'rows', an Embedding of 10 rows",
    ),
    "loss gives no number": (
        lambda: Problem.of(
            model(
                loss={
                    "kind": keras.losses.SparseCategoricalCrossentropy(reduction=None),
                    "dose": "mse",
                }
            ),
            (X, targets()),
        ),
        r"The loss .* of 'kind' gives \(2,\) numbers for a batch: expected one",
    ),
    "loss is not finite": (
        lambda: Problem.of(
            model(
                loss={
                    "kind": "sparse_categorical_crossentropy",
                    "dose": lambda target, output: keras.ops.log(keras.ops.zeros_like(output)),
                }
            ),
            (X, targets()),
        ),
        "of 'dose' is -inf on the first two training examples, before any step",
    ),
    "loss does not fit": (
        lambda: Problem.of(
            model(loss={"kind": "categorical_crossentropy", "dose": "mse"}),
            (X, targets(kind=np.eye(3, dtype=np.float32)[CLASSES % 3])),
        ),
        "The loss 'categorical_crossentropy' of 'kind' cannot be computed of targets of shape",
    ),
    "negative loss weight": (
        lambda: Problem.of(model(loss_weights={"kind": -1.0, "dose": 1.0}), (X, targets())),
        "The loss weight of 'kind' is -1: expected 0 to 1000",
    ),
    "name of a head": (
        lambda: Problem.of(one_called("y" * 101), (X, NUMBERS)),
        "The name of an output has 101 letters: expected up to 100. Make 'y{39}... shorter",
    ),
    "name of a metric": (
        lambda: Problem.of(
            model(metrics={"dose": [keras.metrics.MeanSquaredError(name="m" * 101)]}),
            (X, targets()),
        ),
        "The name of the metric of 'dose' has 101 letters: expected up to 100. Make 'm",
    ),
    "question": (
        lambda: Problem.of(model(), (X, targets()), asks={"dose": "How much? " * 21}),
        r"asks\['dose'\] has 210 letters: expected up to 200. Make 'How much",
    ),
    "direction": (
        lambda: Problem.of(model(metrics={"dose": [own_metric]}), (X, targets())),
        "Metric 'own_metric' of head 'dose' is none of Keras' own, .*better=.'dose': 'higher'",
    ),
    "direction of nobody": (
        lambda: Problem.of(model(), (X, targets()), better={"nobody": "higher"}),
        "better names 'nobody', which is no output with a loss: expected some of kind, dose",
    ),
    "no direction": (
        lambda: Problem.of(
            model(metrics={"dose": ["mae"]}), (X, targets()), better={"dose": "smaller"}
        ),
        r"better\['dose'\] is 'smaller': expected 'higher' or 'lower'",
    ),
    "class weight of a number": (
        lambda: Problem.of(model(), (X, targets()), class_weight={"dose": {0: 1.0}}),
        "class_weight of 'dose' cannot be used with loss",
    ),
    "class weight of no class": (
        lambda: Problem.of(model(), (X, targets()), class_weight={"kind": {9: 1.0}}),
        "class_weight of 'kind' names class 9: expected 0 to 3",
    ),
    "class weight of nobody": (
        lambda: Problem.of(model(), (X, targets()), class_weight={"nobody": {0: 1.0}}),
        "class_weight names 'nobody', which is no output with a loss",
    ),
    "sample weight of nobody": (
        lambda: Problem.of(model(), (X, targets(), {"nobody": np.ones(40)})),
        "sample weights name 'nobody', which is no output with a loss",
    ),
    "negative sample weight": (
        lambda: Problem.of(model(), (X, targets(), {"kind": np.full(40, -0.5)})),
        "sample weights of 'kind' are as low as -0.5: expected 0 or more",
    ),
    "nothing counts": (
        lambda: Problem.of(model(), (X, targets(), {"kind": np.zeros(40)})),
        "sample weights of 'kind' are all 0: expected some example to count",
    ),
    "one example": (
        lambda: Problem.of(model(), (X[:1], targets(kind=CLASSES[:1], dose=NUMBERS[:1]))),
        "There is one training example, and no validation data: expected two",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_told_in_a_sentence(case):
    make, told = CASES[case]
    with pytest.raises(ProblemError, match=told) as refused:
        make()
    assert "\n" not in str(refused.value)


def test_what_does_not_fit_into_memory_is_refused_before_it_is_there(monkeypatch):
    monkeypatch.setattr(data, "MOST_BYTES", 500)
    dataset = tf.data.Dataset.from_tensor_slices((X, targets())).batch(8)
    with pytest.raises(ProblemError, match=r"take more than .* GB: they are held in memory"):
        Problem.of(model(), dataset)


def test_too_many_heads_are_refused():
    inputs = keras.Input((3,))
    outputs = {f"head_{i}": keras.layers.Dense(1, name=f"head_{i}")(inputs) for i in range(13)}
    made = keras.Model(inputs, outputs)
    made.compile(loss=dict.fromkeys(outputs, "mse"))
    with pytest.raises(ProblemError, match="has 13 outputs with a loss: expected 1 to 12"):
        Problem.of(made, (X, dict.fromkeys(outputs, NUMBERS)))


@pytest.mark.parametrize("as_dict", [False, True])
def test_words_that_there_are_are_taken(as_dict):
    words = np.arange(40).reshape(10, 4) % 10
    assert len(of_words(words, as_dict).training) + len(of_words(words, as_dict).validation) == 10
