"""One program of XLA: what it is given ahead, which models it takes, and that it is the same."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.problems.build import problem_of
from core.problems.making.problem import Problem
from core.run.config import RunConfig
from core.run.weights import LossWeights
from core.training.batches import BatchOrder
from core.training.feed import Feed, Piece
from core.training.fused import Fused
from core.training.noise import Noise
from core.training.plain import Plain
from core.training.program import Program
from core.training.state import StepSettings
from core.training.step import Setup

N, BATCH = 96, 16
CONFIG = RunConfig(batch_size=BATCH, learning_rate=0.01)


def model_of(*layers, optimizer="sgd"):
    """A compiled model of one head, with these layers between its input and it."""
    keras.utils.set_random_seed(7)
    x = given = keras.Input((12,))
    for layer in layers:
        x = layer(x)
    model = keras.Model(given, keras.layers.Dense(3, activation="softmax", name="kind")(x))
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def program_of_layers(*layers):
    rng = np.random.default_rng(0)
    data = (rng.normal(size=(N, 12)).astype(np.float32), rng.integers(3, size=N))
    return Program(Problem.of(model_of(*layers), data, data), CONFIG)


def batches(n_steps):
    return BatchOrder(N, BATCH, 0).batches(0, n_steps)


def both_ways(program, n_steps):
    """What the steps measure as one program, and operation by operation; and both states."""
    state = program.initial_state(3)
    settings = StepSettings.of(LossWeights().complete(program.heads), CONFIG)
    setup = Setup(program.problem, program.optimizer, program.training, state, BATCH)
    return [
        way.train(state, settings, way.feed(state.seeds, batches(n_steps)))
        for way in (Fused(setup), Plain(setup))
    ]


DENSE = keras.layers.Dense
MODELS = {
    "dropout": lambda: (DENSE(16, activation="relu"), keras.layers.Dropout(0.4)),
    "two": lambda: (keras.layers.Dropout(0.2), DENSE(8), keras.layers.Dropout(0.5)),
    "gaussian": lambda: (DENSE(8), keras.layers.GaussianDropout(0.3)),
    "nested": lambda: (keras.Sequential([DENSE(8), keras.layers.Dropout(0.3)]),),
    "twice": lambda: [*[keras.layers.Dropout(0.3)] * 2, DENSE(4)],
    "normalised": lambda: (
        DENSE(8),
        keras.layers.BatchNormalization(),
        keras.layers.Dropout(0.3),
    ),
    "none": lambda: (DENSE(8, activation="gelu", kernel_regularizer="l2"),),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_fused_step_is_the_step_operation_by_operation(name):
    program = program_of_layers(*MODELS[name]())
    program.prepare()
    assert program.obstacles == []
    assert isinstance(program.way, Fused)
    (state, fused), (same, plain) = both_ways(program, 70)  # three pieces
    np.testing.assert_allclose(fused, plain, rtol=2e-4, atol=1e-6)
    for one, other in zip(tf.nest.flatten(state), tf.nest.flatten(same), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)
    for seeds in zip(state.seeds, same.seeds, strict=True):
        np.testing.assert_array_equal(*seeds)  # it goes on with the same noise
    again = both_ways(program, 70)[0][1]
    np.testing.assert_array_equal(again, fused)


@pytest.mark.parametrize(
    ("layers", "obstacle"),
    [
        (lambda: (keras.layers.Reshape((4, 3)), keras.layers.Conv1D(4, 2)), "Conv2D"),
        (lambda: (DENSE(8), keras.layers.GaussianNoise(0.3)), "Stateless"),
    ],
)
def test_what_xla_makes_slow_or_other_is_trained_operation_by_operation(layers, obstacle):
    program = program_of_layers(*layers(), keras.layers.Flatten(), keras.layers.Dropout(0.3))
    state = program.initial_state(0)
    settings = StepSettings.of(LossWeights().complete(program.heads), CONFIG)
    _, measured = program.train_chunk(state, settings, batches(5))
    assert any(obstacle in name for name in program.obstacles)
    assert isinstance(program.way, Plain)
    assert np.isfinite(measured).all()


def test_so_is_what_is_too_much_for_one_core():
    program = program_of_layers(DENSE(600, activation="relu"), DENSE(600))
    program.prepare()
    assert isinstance(program.way, Plain)
    assert program.unfused == (
        "It is trained operation by operation, not as one program of XLA: it has more than 350,000 "
        "trainable numbers."
    )


@pytest.mark.parametrize(
    ("problem", "settings", "way"),
    [
        ("siamese", {}, Fused),
        ("siamese", {"optimizer": "adam", "distance": "euclidean", "dropout": 0}, Fused),
        ("siamese", {"trunk": "conv"}, Plain),
        ("detector", {}, Plain),
    ],
)
def test_which_way_is_a_fact_of_the_settings(problem, settings, way):
    config = RunConfig(problem=problem, **settings)
    program = Program(problem_of(config), config)
    program.prepare()
    assert isinstance(program.way, way)
    assert bool(program.unfused) == (way is Plain)


@pytest.mark.parametrize(
    ("obstacles", "told"),
    [
        (["A"], "it has A."),
        (["A", "B", "C"], "it has A, B and C."),
        (["A", "B", "C", "D", "E"], "it has A, B, C and 2 more."),
    ],
)
def test_what_keeps_it_from_being_fused_is_told_in_a_sentence(obstacles, told):
    program = program_of_layers(DENSE(4))
    program.obstacles = obstacles
    assert program.unfused.endswith(f"not as one program of XLA: {told}")


def test_noise_is_what_the_layers_themselves_would_draw():
    layer = keras.layers.Dropout(0.4, name="drops")
    program = program_of_layers(DENSE(16), layer)
    state = program.initial_state(5)
    noise = Noise(program.problem, state, program.training[0][:BATCH])
    assert [shape.as_list() for shape in noise.shapes] == [[BATCH, 16]]
    (drawn,), seeds = noise.drawn(state.seeds, tf.constant(3), 4)
    assert drawn.shape == (4, BATCH, 16)
    variable = layer.seed_generator.state
    variable.assign(state.seeds[0])
    for step in range(3):
        np.testing.assert_array_equal(drawn[step], layer(tf.ones((BATCH, 16)), training=True))
    np.testing.assert_array_equal(seeds[0], variable.numpy())
    assert not np.array_equal(drawn[0], drawn[1])
    assert np.all(layer(tf.ones((BATCH, 16))) == 1), "it is the layer that it was"


def test_lanes_are_given_the_same_and_a_fault_is_told_to_each():
    made = []

    def make(seeds, batches):
        made.append(len(batches))
        if len(made) == 4:
            raise ValueError("no more")
        return Piece(len(batches), ([tf.constant(0)], []), [seeds[0] + len(batches)])

    feed = Feed(make, [0], np.zeros((70, 2), np.int32), 32)
    for _ in range(2):
        assert [piece.n_steps for piece in feed] == [32, 32, 6]
        assert [piece.seeds for piece in feed] == [[32], [64], [70]]
    assert made == [32, 32, 6]
    broken = Feed(make, [0], np.zeros((70, 2), np.int32), 32)
    for _ in range(2):
        with pytest.raises(ValueError, match="no more"):
            list(broken)
