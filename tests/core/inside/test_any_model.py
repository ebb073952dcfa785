"""Gradients and answers of models of any kind, against `tf.GradientTape` and scikit-learn."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.metrics import confusion_matrix

from core import LossWeights, RunConfig, RunState
from core.analysis import snapshot
from core.analysis.gradients import columns, cosines, of_shared, row
from core.inside.layers import layers_of, told_apart
from core.inside.measurements import MOST_EXAMPLES, Measurements
from core.problems import own
from core.problems.build import problem_of
from core.problems.detector.losses import LOSSES as OF_DETECTOR
from core.problems.making import file
from core.problems.making.problem import Problem
from core.run.commands import Preview
from core.run.heads import names_of
from core.run.layers import NOTHING_SHARED, Layer
from core.training.program import Program
from tests.core.inside.scene import Scene
from tests.core.problems import animals, strangers
from tests.core.problems.making.models import MODELS

BATCH = 8
CROSS = keras.losses.SparseCategoricalCrossentropy
ONE_HOT = keras.losses.CategoricalCrossentropy
BINARY = keras.losses.BinaryCrossentropy
PIXELS = keras.losses.BinaryCrossentropy(reduction="sum")
ANIMALS = [CROSS(), BINARY(), keras.losses.MeanSquaredError(), BINARY()]


def divergence(_, told):
    """By the formula of the density, from the moments: not by the one in the product."""
    mean, log_variance = tf.split(told, 2, axis=-1)
    variance = tf.exp(log_variance)
    return tf.reduce_mean(tf.reduce_sum((variance + mean**2 - 1 - log_variance) / 2, axis=-1))


def of_detector(name):
    """A loss of the detector, whose own tests compute it by other means, as Keras reduces it."""
    return lambda target, output: tf.reduce_mean(OF_DETECTOR[name](target, output))


# Of each problem the losses of its heads, in their order.
CASES = {
    "animals": (animals.problem, ANIMALS),
    "strangers": (
        strangers.problem,
        [keras.losses.MeanSquaredError(), keras.losses.MeanAbsoluteError()],
    ),
    "tickets": ("tickets", [BINARY(), ONE_HOT()]),
    "normalised": ("normalised", [keras.losses.Huber(), CROSS(from_logits=True)]),
    "detector": ({"training_scenes": 40}, [of_detector(name) for name in OF_DETECTOR]),
    "autoencoder": (
        {"latent_size": 3},
        [lambda t, o: PIXELS(t[..., None], o[..., None]) / BATCH, divergence, CROSS()],
    ),
}


def made(name):
    what, losses = CASES[name]
    keras.utils.set_random_seed(2)
    if callable(what):
        return what(), losses
    if isinstance(what, str):
        model, data = MODELS[what]()
        return Problem.of(model, data, data), losses
    return problem_of(RunConfig(problem=name, **what)), losses


class Reference:
    """The model with variables of its own, and a tape for one head after the other."""

    def __init__(self, problem, losses, program, state, batch):
        self.model, self.losses = problem.model, losses
        for variable, value in zip(self.model.trainable_variables, state.variables, strict=True):
            variable.assign(value)
        self.others = program.problem.others(state.moving, state.fixed, state.seeds)

        def take(structure):
            return tf.nest.map_structure(lambda array: tf.constant(array[batch]), structure)

        self.inputs, self.targets = (
            take(part) for part in (problem.training.inputs, problem.training.targets)
        )

    def gradients(self, head):
        """Of each variable that of the head's loss, None where it is not connected."""
        for variable, value in zip(self.model.non_trainable_variables, self.others, strict=True):
            variable.assign(value)  # the state of dropout's seeds as well
        with tf.GradientTape() as tape:
            outputs = tf.nest.flatten(self.outputs())
            loss = self.losses[head](self.targets[head], outputs[head])
        return tape.gradient(loss, self.model.trainable_variables), float(loss)

    def outputs(self):
        outputs = self.model(self.inputs, training=True)
        # `tf.nest` would sort a dict by its keys.
        return list(outputs.values()) if isinstance(outputs, dict) else outputs


@pytest.fixture(scope="module", params=CASES)
def measured(request):
    """What is measured of a problem, and what tapes say, by head and by variable."""
    problem, losses = made(request.param)
    config = RunConfig(batch_size=BATCH)
    program = Program(problem, config)
    measurements = Measurements(program, config)
    state = program.initial_state(4)
    batch = np.random.default_rng(1).permutation(len(problem.training))[:BATCH].astype(np.int32)
    grams, told = measurements.measure(state, batch)
    reference = Reference(problem, losses, program, state, batch)
    found = [reference.gradients(head) for head in range(len(losses))]
    np.testing.assert_allclose(told, [loss for _, loss in found], rtol=1e-4)
    return measurements, grams, [gradients for gradients, _ in found]


def rows_of(measurements, of_heads, places):
    """The gradients of each head on some variables, a row each; zeros where there is none."""
    variables = measurements.program.model.trainable_variables

    def flat(gradient, i):
        if gradient is None:
            return np.zeros(np.prod(variables[i].shape))
        return np.asarray(tf.convert_to_tensor(gradient), float).ravel()

    return np.stack([np.concatenate([flat(g[i], i) for i in places]) for g in of_heads])


def test_the_gram_matrix_of_each_layer_is_that_of_a_tape_on_each_head(measured):
    measurements, grams, of_heads = measured
    seen = []
    for layer, places, gram in zip(measurements.layers, measurements._places, grams, strict=True):
        rows = rows_of(measurements, of_heads, places)
        scale = np.abs(rows @ rows.T).max()
        np.testing.assert_allclose(gram, rows @ rows.T, rtol=1e-3, atol=1e-5 * scale)
        seen += places
        connected = [
            h
            for h, gradients in enumerate(of_heads)
            if any(gradients[i] is not None for i in places)
        ]
        assert layer.heads == tuple(connected)
    assert sorted(seen) == list(range(len(of_heads[0])))


def test_shared_is_what_the_gradients_of_two_heads_or_more_are_connected_with(measured):
    measurements, _, of_heads = measured
    shared = [
        i
        for i in range(len(of_heads[0]))
        if sum(gradients[i] is not None for gradients in of_heads) > 1
    ]
    told = [
        i
        for layer, places in zip(measurements.layers, measurements._places, strict=True)
        if layer.is_shared
        for i in places
    ]
    assert sorted(told) == shared
    assert measurements.is_shared == bool(shared)


def test_the_cosines_of_what_is_shared_are_those_of_all_of_its_variables_together(measured):
    measurements, grams, of_heads = measured
    if not measurements.is_shared:
        np.testing.assert_array_equal(of_shared(grams, measurements.layers), 0)
        return
    places = [
        i
        for layer, places in zip(measurements.layers, measurements._places, strict=True)
        if layer.is_shared
        for i in places
    ]
    rows = list(rows_of(measurements, of_heads, places))
    pairs = [(a, b) for k, a in enumerate(rows) for b in rows[k + 1 :]]
    expected = [a @ b / np.linalg.norm(a) / np.linalg.norm(b) for a, b in pairs]
    found = cosines(of_shared(grams, measurements.layers))
    np.testing.assert_allclose(found, expected, atol=1e-4)


def layers_by_name(name):
    problem, _ = made(name)
    config = RunConfig(batch_size=BATCH)
    measurements = Measurements(Program(problem, config), config).prepare()
    return {layer.name: layer.heads for layer in measurements.layers}


def test_what_is_shared_in_the_problems_that_come_with_this_program():
    found = layers_by_name("detector")
    every = (0, 1, 2, 3, 4)
    assert [found[f"conv_{k}"] for k in (1, 2, 3)] == [every] * 3
    # The two heads of each stage have a layer of their own; a mask has all of its.
    assert (found["rpn"], found["mrcnn"], found["mask"]) == ((0, 1), (2, 3), (4,))
    found = layers_by_name("autoencoder")
    assert found["encoding"] == found["mean"] == (0, 1, 2)
    assert found["log_variance"] == (0, 1)  # the class is told from the means alone
    assert found["decoding"] == found["pixels"] == (0,)


def test_a_row_has_the_columns_of_heads_that_meet():
    layers = (Layer("trunk", (0, 1, 2)), Layer("pair", (0, 2)), Layer("own", (1,)))
    heads = made("animals")[0].heads[:3]
    names = names_of(heads)
    told = [name for name in columns(heads, layers) if name.startswith("layer_cosine.")]
    assert told == [
        f"layer_cosine.{layer}.{names[a]}.{names[b]}"
        for layer, a, b in (("trunk", 0, 1), ("trunk", 0, 2), ("trunk", 1, 2), ("pair", 0, 2))
    ]
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(3, 3, 5))
    grams = rows @ rows.transpose(0, 2, 1)
    values = dict(zip(columns(heads, layers), row(grams, (1, 1, 1), layers), strict=True))
    a, b = rows[1][0], rows[1][2]
    cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    assert values[f"layer_cosine.pair.{names[0]}.{names[2]}"] == pytest.approx(cosine)
    shared = np.concatenate(rows[:2], axis=1)
    assert values[f"norm.{names[1]}"] == pytest.approx(np.linalg.norm(shared[1]))


def test_layers_are_told_apart_by_as_much_of_their_path_as_it_takes():
    paths = ["left/dense", "right/dense", "right/out", "dense"]
    assert told_apart(paths) == {
        "left/dense": "left/dense",
        "right/dense": "right/dense",
        "right/out": "out",
        "dense": "dense",
    }
    layers, places = layers_of(
        ["a/kernel", "gates/shared", "gates/of_head", "a/bias", "free"],
        [(0, 1), (0, 1), (1,), (0, 1), ()],
    )
    assert layers == (
        Layer("a", (0, 1)),
        Layer("gates", (0, 1)),
        Layer("gates, own", (1,)),
        Layer("free", ()),
    )
    assert places == [[0, 3], [1], [2], [4]]


# Heads by their kind


@pytest.fixture(scope="module")
def answered():
    """A model of one's own, and what is kept of its answers."""
    problem, _ = made("animals")
    config = RunConfig(batch_size=BATCH)
    program = Program(problem, config)
    measurements = Measurements(program, config)
    state = program.initial_state(0)
    arrays = measurements.arrays(measurements.look(state, 0), 0, {})
    return problem, snapshot.answers_json(arrays)


def test_a_head_with_classes_has_a_confusion_matrix(answered):
    problem, told = answered
    outputs = problem.model(problem.validation.inputs)
    expected = {
        animals.KIND: (4, np.argmax(outputs[animals.KIND], axis=1)),
        animals.TAME: (2, np.asarray(outputs[animals.TAME])[:, 0] > 0.5),
    }
    for place, head in ((0, animals.KIND), (1, animals.TAME)):
        n, given = expected[head]
        assert (told[head]["kind"], told[head]["n_classes"]) == ("classes", n)
        counts = np.zeros((n, n), int)
        for true, guess, count in told[head]["confusion"]:
            counts[true, guess] = count
        true = np.ravel(problem.validation.targets[place]).astype(int)
        np.testing.assert_array_equal(counts, confusion_matrix(true, given, labels=range(n)))


def test_a_head_with_numbers_has_them_against_the_true_ones(answered):
    problem, told = answered
    weight = told[animals.WEIGHT]
    assert weight["kind"] == "numbers"
    assert weight["n"] == len(problem.validation)
    np.testing.assert_allclose(weight["true"], problem.validation.targets[2][:, 0])
    outputs = problem.model(problem.validation.inputs)[animals.WEIGHT]
    np.testing.assert_allclose(weight["given"], outputs[:, 0], atol=1e-4)


def test_a_head_that_answers_with_neither_has_nothing(answered):
    _, told = answered
    assert set(told) == {animals.KIND, animals.TAME, animals.WEIGHT}


def test_of_many_numbers_some_are_kept_and_all_are_counted():
    n = 5000
    arrays = snapshot.arrays_of_numbers("x", np.arange(n), np.arange(n) + 1)
    told = snapshot.answers_json(arrays)["x"]
    assert (told["n"], len(told["true"])) == (n, snapshot.MOST_POINTS)
    assert (told["true"][0], told["true"][-1]) == (0, n - 1)
    np.testing.assert_array_equal(np.subtract(told["given"], told["true"]), 1)


def kinds(loss, shape, target, weights=None):
    """The kind of a single head with such a loss, output, and target."""
    x = inputs = keras.Input((3,))
    x = keras.layers.Dense(int(np.prod(shape)))(x)
    model = keras.Model(inputs, keras.layers.Reshape(shape, name="head")(x))
    model.compile(loss=loss)
    n = len(target)
    data = (np.zeros((n, 3), np.float32), target, *([] if weights is None else [weights]))
    (answers,) = Problem.of(model, data, data).answers
    return answers.kind, answers


RNG = np.random.default_rng(0)
FLOATS = RNG.normal(size=(30, 1))
BITS = RNG.integers(0, 2, (30, 1)).astype(float)
LABELS = RNG.integers(0, 3, 30)


@pytest.mark.parametrize(
    ("loss", "shape", "target", "kind"),
    [
        ("mse", (1,), FLOATS, "numbers"),
        ("mae", (1,), FLOATS[:, 0], "numbers"),
        (keras.losses.Huber(delta=2.0), (1,), FLOATS, "numbers"),
        ("mse", (2,), np.repeat(FLOATS, 2, axis=1), "numbers"),
        ("mse", (2, 2), np.repeat(FLOATS, 4, axis=1).reshape(30, 2, 2), "other"),  # a picture
        ("binary_crossentropy", (1,), BITS, "classes"),
        (keras.losses.BinaryCrossentropy(from_logits=True), (1,), BITS, "classes"),
        ("binary_crossentropy", (1,), 0.5 * BITS, "other"),  # shares, not classes
        ("binary_crossentropy", (4,), np.repeat(BITS, 4, axis=1), "other"),  # a mask
        (CROSS(from_logits=True), (3,), LABELS, "classes"),
        (CROSS(from_logits=True), (2, 3), np.stack([LABELS, LABELS], axis=1), "other"),
        (
            keras.losses.CategoricalCrossentropy(from_logits=True),
            (3,),
            np.eye(3)[LABELS],
            "classes",
        ),
        (lambda t, o: tf.reduce_mean((t - o) ** 2), (1,), FLOATS, "other"),  # somebody's own
    ],
)
def test_the_kind_of_a_head_follows_from_its_loss_its_output_and_its_targets(
    loss, shape, target, kind
):
    assert kinds(loss, shape, target)[0] == kind


def test_yes_is_more_likely_than_no_also_of_logits():
    given = tf.constant([[0.2], [0.6], [-0.1]])
    for loss, expected in (
        ("binary_crossentropy", [0, 1, 0]),
        (keras.losses.BinaryCrossentropy(from_logits=True), [1, 1, 0]),
    ):
        np.testing.assert_array_equal(kinds(loss, (1,), BITS)[1].of(given), expected)


def test_what_has_no_label_is_no_answer_and_a_few_thousand_examples_are_enough():
    n = MOST_EXAMPLES + 500
    labels = np.arange(n) % 3
    weights = (labels != 2).astype(float)
    x = inputs = keras.Input((3,))
    model = keras.Model(inputs, keras.layers.Dense(3, "softmax", name="kind")(x))
    model.compile(loss="sparse_categorical_crossentropy")
    data = (np.zeros((n, 3), np.float32), labels, weights)
    config = RunConfig(batch_size=BATCH)
    program = Program(Problem.of(model, data, data), config)
    measurements = Measurements(program, config)
    looked = measurements.look(program.initial_state(0), 0)
    told = snapshot.answers_json(measurements.arrays(looked, 0, {}))["kind"]["confusion"]
    assert {true for true, _, _ in told} == {0, 1}
    assert sum(count for *_, count in told) == pytest.approx(MOST_EXAMPLES * 2 / 3, abs=2)


def test_a_state_that_gives_no_numbers_is_not_kept():
    problem, _ = made("animals")
    config = RunConfig(batch_size=BATCH)
    program = Program(problem, config)
    measurements = Measurements(program, config)
    state = program.initial_state(0)
    broken = state._replace(variables=[value * np.nan for value in state.variables])
    assert measurements.arrays(measurements.look(state, 0), 0, {}) is not None
    assert measurements.arrays(measurements.look(broken, 0), 0, {}) is None


# While it trains, and after


@pytest.fixture
def scene(store):
    """Has a problem of one's own be trained in this process, with somebody who looks."""
    before = dict(own._KNOWN)

    def scene(module, **settings):
        facts = file.facts_of(Path(module.__file__), module.problem())
        own.add(facts)
        config = RunConfig(problem=facts.name, **settings)
        program = Program(module.problem(), config)
        return Scene(store, program, config, [LossWeights().complete(program.heads)])

    yield scene
    own._KNOWN.clear()
    own._KNOWN.update(before)


def test_a_run_of_ones_own_is_measured_while_it_trains_and_after(scene):
    here = scene(animals, steps=40)
    here.watch()
    here.train(20, look=True, is_training=False)
    assert here.steps()
    kept = here.store.inside.snapshot(here.run, 0)
    assert set(snapshot.answers_json(kept.arrays)) == {animals.KIND, animals.TAME, animals.WEIGHT}
    assert here.store.inside.pictures(here.run) is None
    names = {layer.name for layer in here.store.inside.layers(here.run) if layer.is_shared}
    assert names == {"seen.from.afar", "a_layer_with_a_rather_long_name"}
    here.train(40)
    here.end()
    here.look_back()
    assert here.steps()[-1] == (0, 40)
    assert here.store.inside.snapshot(here.run, 0).step == 40
    assert here.told == []


def test_where_nothing_is_shared_answers_alone_are_kept_and_no_state_is_looked_at_twice(
    scene, monkeypatch
):
    here = scene(strangers, steps=30)
    here.watch()
    here.train(15, look=True, is_training=False)
    assert here.steps() == []
    layers = here.store.inside.layers(here.run)
    assert [layer.heads for layer in layers] == [(0,), (1,), (0,), (1,)]
    assert set(snapshot.answers_json(here.store.inside.snapshot(here.run, 0).arrays)) == {
        "left",
        "right",
    }
    here.train(30)
    here.end()
    here.look_back()
    assert here.store.inside.snapshot(here.run, 0).step == 30
    monkeypatch.setattr(here.store, "checkpoint", lambda *_: pytest.fail("it is known"))
    here.look_back()
    config = here.session.config
    here.observer.preview(Preview(run="q", config=config), is_training=False)
    assert here.told == [{"answer": "q", "gram": None, "told": NOTHING_SHARED, "is_final": True}]


def test_what_breaks_a_model_that_shares_nothing_is_named(scene):
    here = scene(strangers, steps=60, learning_rate=100)
    here.train(60)
    here.end(RunState.DIVERGED)
    assert here.session.diverged_at[0] < 60
    here.look_back()
    assert here.told == []
    broke = json.loads(here.store.inside.snapshot(here.run, 0).broke)
    assert set(broke["heads"]) <= {"left", "right"}
    assert broke["heads"]
