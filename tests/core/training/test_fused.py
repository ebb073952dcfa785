"""One program of XLA: what it is given ahead, which models it takes, and that it is the same."""

import time
import weakref
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.problems.build import problem_of
from core.problems.making.problem import Problem
from core.run.config import RunConfig
from core.run.weights import LossWeights
from core.training.batches import BatchOrder
from core.training.cores import CORES
from core.training.feed import AHEAD, KEPT, Feed, Piece
from core.training.fused import Fused
from core.training.noise import Noise
from core.training.plain import Plain
from core.training.program import Program
from core.training.state import StepSettings
from core.training.step import Setup
from tests.waiting import until

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
    steps = batches(n_steps)

    def trained(way):
        feed = way.feed(lambda step, n_steps: steps[step : step + n_steps])
        return way.train(state, settings, feed.of(0, n_steps, state.seeds))

    return [trained(way) for way in (Fused(setup), Plain(setup))]


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
    (drawn,), after = noise.drawn(state.seeds, tf.constant(3), 4)
    assert drawn.shape == (4, BATCH, 16)
    variable = layer.seed_generator.state
    variable.assign(state.seeds[0])
    for step in range(3):
        np.testing.assert_array_equal(drawn[step], layer(tf.ones((BATCH, 16)), training=True))
        counted = Piece(([], []), 3, state.seeds, after).seeds_after(step + 1)
        np.testing.assert_array_equal(counted[0], variable.numpy())
    assert not np.array_equal(drawn[0], drawn[1])
    assert np.all(layer(tf.ones((BATCH, 16))) == 1), "it is the layer that it was"


@pytest.fixture
def pieces():
    """Makes feeds whose seeds count their steps, and notes which pieces are made."""
    made = []

    def feed(fault_at=None):
        def make(seeds, batches):
            first, n_steps = int(batches[0, 0]), len(batches)
            if first == fault_at:
                raise ValueError("no more")
            assert seeds == [first], "the states before its first step"
            made.append((first, n_steps))
            return Piece(([], []), n_steps, seeds, [first + n_steps])

        return Feed(make, lambda step, n_steps: step + np.arange(n_steps)[:, None], 32)

    return SimpleNamespace(feed=feed, made=made)


def spans(given):
    """Of each span its first and last step, of the run."""
    return [
        (
            int(piece.result().seeds_after(first + 1)[0]) - 1,
            int(piece.result().seeds_after(last)[0]),
        )
        for piece, first, last in given
    ]


def test_who_asks_once_is_given_what_was_asked_for(pieces):
    assert spans(pieces.feed().of(100, 70, [100])) == [(100, 132), (132, 164), (164, 170)]
    assert pieces.made == [(100, 32), (132, 32), (164, 6)]


def test_who_goes_on_finds_the_next_pieces_made(pieces):
    feed = pieces.feed()
    assert spans(feed.of(0, 1, [0])) == [(0, 1)]
    assert spans(feed.of(1, 40, [1])) == [(1, 33), (33, 41)]
    until(lambda: (65, 32) in pieces.made)  # and nobody has asked for it
    pieces.made.clear()
    assert spans(feed.of(41, 50, [41])) == [(41, 65), (65, 91)], "cut out of what is there"
    until(lambda: (97, 32) in pieces.made)
    assert pieces.made == [(97, 32)]
    assert spans(feed.of(20, 5, [20])) == [(20, 25)], "from anywhere"


def test_turns_shorter_than_a_piece_are_one_call_each(pieces):
    feed, step, calls = pieces.feed(), 0, []
    for n_steps in (1, 2, 4, 8, 12, 12, 11, 11, 12, 12):
        given = spans(feed.of(step, n_steps, [step]))
        assert (given[0][0], given[-1][1]) == (step, step + n_steps)
        calls.append(len(given))
        step += n_steps
    assert calls == [1, 1, 2, 2, 2, 1, 1, 1, 1, 1]


def test_what_was_given_is_not_kept(pieces):
    feed = pieces.feed()
    for step in (0, 5, 10):
        given = feed.of(step, 5, [step])
        assert spans(given) == [(step, step + 5)]
    piece = weakref.ref(given[0].piece)
    del given
    until(lambda: pieces.made[-1] == (15, 5))  # for which it was asked
    until(lambda: piece() is None)


def test_of_many_runs_none_is_ahead(pieces):
    feeds = [pieces.feed() for _ in range(KEPT + 1)]
    for step in (0, 5, 10):
        for feed in feeds:
            spans(feed.of(step, 5, [step]))
    list(AHEAD.map(time.sleep, [0.05] * CORES))  # what was to be made before is made then
    assert set(pieces.made) == {(0, 5), (5, 5), (10, 5)}


def test_a_fault_is_told_to_each_lane(pieces):
    for _ in range(2):
        with pytest.raises(ValueError, match="no more"):
            spans(pieces.feed(fault_at=32).of(0, 70, [0]))


def test_operation_by_operation_a_step_is_a_function_that_a_loop_calls():
    """In the loop itself, TensorFlow would leave to chance which it replaces by faster ones."""
    program = program_of_layers(keras.layers.Dense(4))
    example = program.initial_state(0)
    plain = Plain(Setup(program.problem, program.optimizer, program.training, example, BATCH))
    functions = plain._train.traced.graph.as_graph_def().library.function
    (step,) = [one for one in functions if one.attr["_noinline"].b]
    assert {"MatMul", "BiasAddGrad"} <= {node.op for node in step.node_def}
