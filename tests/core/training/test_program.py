"""Training: against Keras itself, lane against lane, and without a second compilation."""

import time
from functools import cache

import keras
import numpy as np
import pytest
import tensorflow as tf

from core import RunConfig
from core.problems.build import problem_of
from core.problems.making.total import weighted_total
from core.problems.siamese.heads import HEAD_NAMES, OUTPUTS
from core.problems.siamese.losses import head_losses
from core.problems.siamese.model import build_model
from core.problems.siamese.pairs import Dataset, Pairs, load_dataset
from core.problems.siamese.problem import problem
from core.run.config import LIVE_SETTINGS
from core.training.batches import BatchOrder
from core.training.program import Program
from core.training.state import StepSettings
from core.training.step import Compiled
from tests.article import ARTICLE
from tests.core.training.keras_reference import TRAINING, KerasReference
from tests.siamese import weighted

VALIDATION = load_dataset("digits").validation
SIZES = [head.n_classes(100) for head in OUTPUTS]
CHANCE = np.log([100, 100, 2])
LANES = [
    ARTICLE,
    weighted(ctg_out_1=0.3, ctg_out_2=0, bin_out=1.5),
    weighted(ctg_out_1=0, ctg_out_2=0, bin_out=1),
    weighted(ctg_out_1=1, ctg_out_2=1, bin_out=0),
    weighted(ctg_out_1=2, ctg_out_2=0.5, bin_out=0.1),
    weighted(ctg_out_1=0.5, ctg_out_2=0.5, bin_out=1),
]


def batches(n_steps, first=0, seed=0, batch_size=64):
    return BatchOrder(len(TRAINING), batch_size, seed).batches(first, n_steps)


def train(program, lanes, n_steps=50, states=None, first=0, seed=0, **live):
    """Train lanes from the initial state, or on from others; the new states and the metrics."""
    states = states or [program.initial_state(seed)] * len(lanes)
    config, order = RunConfig(**live), batches(n_steps, first, seed)
    trained = [
        program.train_chunk(state, StepSettings.of(weights, config), order)
        for state, weights in zip(states, lanes, strict=True)
    ]
    return [state for state, _ in trained], np.stack([found for _, found in trained], axis=1)


def looked_at(program, states):
    """What the lanes make of the validation pairs."""
    return np.stack([program.evaluate(state).numpy() for state in states])


def assert_same_losses(of_seed):
    """Two ways of training give the same head losses to 1e-4, at one seed of three at least.

    Where rounding tips a relu or a maximum over, two right programs part by 1e-3: noise of 1e-7
    in the initial values did so within 50 steps in a fifth of the cases measured. The first
    steps must agree for every seed that is tried, and a wrong program agrees for none.

    Args:
        of_seed: Trains both ways with a seed; gives two arrays of shape (n_steps, 3).
    """
    for seed in (0, 1, 2):
        ours, theirs = map(np.asarray, of_seed(seed))
        np.testing.assert_allclose(ours[:5], theirs[:5], rtol=1e-5, atol=1e-6)
        if np.allclose(ours, theirs, rtol=1e-4, atol=1e-6):
            return
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def assert_same_state(one, other, **tolerance):
    for a, b in zip(tf.nest.flatten(one), tf.nest.flatten(other), strict=True):
        np.testing.assert_allclose(a, b, **tolerance)


# Against Keras


def keras_optimizer(name):
    """Keras' own, with the learning rate that these tests use for it."""
    if name == "sgd":
        return keras.optimizers.SGD(learning_rate=0.05, momentum=0.9), 0.05
    return keras.optimizers.Adam(learning_rate=0.001), 0.001


@pytest.mark.parametrize("distance", ["square", "euclidean"])
@pytest.mark.parametrize("trunk", ["dense", "conv"])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_training_agrees_with_keras(trunk, distance, optimizer, program_of):
    fixed = {"trunk": trunk, "distance": distance, "optimizer": optimizer, "dropout": 0}
    program = program_of(**fixed)

    def both(seed):
        theirs, rate = keras_optimizer(optimizer)
        reference = KerasReference(RunConfig(seed=seed, **fixed), theirs)
        (state,), metrics = train(program, [ARTICLE], seed=seed, learning_rate=rate, momentum=0.9)
        expected = reference.head_losses(batches(50, seed=seed))
        moved = []
        start = program.initial_state(seed).variables
        trained = reference.model.trainable_variables
        for before, mine, variable in zip(start, state.variables, trained, strict=True):
            np.testing.assert_allclose(mine, variable.numpy(), atol=2e-3)
            moved.append(abs(mine - before).numpy().max())
        assert max(moved) > 0.01
        return metrics[:, 0, 0], expected

    assert_same_losses(both)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_so_it_is_when_the_weights_change_in_mid_run(optimizer, program_of):
    fixed = {"optimizer": optimizer, "dropout": 0}
    program, later = program_of(**fixed), weighted(ctg_out_1=0, ctg_out_2=0.2, bin_out=2)

    def both(seed):
        theirs, rate = keras_optimizer(optimizer)
        reference = KerasReference(RunConfig(seed=seed, **fixed), theirs)
        live = {"seed": seed, "learning_rate": rate}
        state, before = train(program, [ARTICLE], 25, **live)
        _, after = train(program, [later], 25, state, first=25, **live)

        expected_before = reference.head_losses(batches(25, seed=seed))
        for variable, weight in zip(reference.weights.values(), later.as_tuple(), strict=True):
            variable.assign(weight)  # compiling anew would lose the optimizer's memory
        expected_after = reference.head_losses(batches(25, first=25, seed=seed))

        # The change is there to be seen: without it the losses would be others.
        _, unchanged = train(program, [ARTICLE], 25, state, first=25, **live)
        assert abs(unchanged[:, 0, 0] / expected_after - 1).max() > 0.01
        ours = np.concatenate([before, after])[:, 0, 0]
        return ours, np.concatenate([expected_before, expected_after])

    assert_same_losses(both)


def test_so_it_is_when_the_learning_rate_changes(program_of):
    program = program_of(dropout=0)

    def both(seed):
        optimizer, _ = keras_optimizer("sgd")
        reference = KerasReference(RunConfig(dropout=0, seed=seed), optimizer)
        state, before = train(program, [ARTICLE], 20, seed=seed)
        live = {"seed": seed, "learning_rate": 0.01}
        _, after = train(program, [ARTICLE], 20, state, first=20, **live)
        expected_before = reference.head_losses(batches(20, seed=seed))
        optimizer.learning_rate = 0.01
        expected_after = reference.head_losses(batches(20, first=20, seed=seed))
        ours = np.concatenate([before, after])[:, 0, 0]
        return ours, np.concatenate([expected_before, expected_after])

    assert_same_losses(both)


def test_so_it_is_with_another_momentum(program_of):
    program = program_of(dropout=0)

    def both(seed):
        optimizer = keras.optimizers.SGD(learning_rate=0.05, momentum=0.5)
        reference = KerasReference(RunConfig(dropout=0, seed=seed), optimizer)
        _, metrics = train(program, [ARTICLE], seed=seed, momentum=0.5)
        return metrics[:, 0, 0], reference.head_losses(batches(50, seed=seed))

    assert_same_losses(both)


@pytest.mark.parametrize("lanes", [LANES[:2], LANES])
def test_evaluation_agrees_with_keras(lanes, program_of):
    program = program_of()
    states, _ = train(program, lanes, 30)
    found = looked_at(program, states)
    assert found.shape == (len(lanes), 2, 3)
    one_hot = [keras.utils.to_categorical(VALIDATION.labels[:, h], n) for h, n in enumerate(SIZES)]
    model = build_model(RunConfig(), TRAINING.img_1.shape[1:])
    model.compile(
        loss=["categorical_crossentropy"] * 3, metrics=[["categorical_accuracy"] for _ in OUTPUTS]
    )
    for lane in range(len(lanes)):
        for variable, value in zip(model.trainable_variables, states[lane].variables, strict=True):
            variable.assign(value)
        told = model.evaluate(
            [VALIDATION.img_1, VALIDATION.img_2], one_hot, verbose=0, return_dict=True
        )
        losses = [told[f"{name}_loss"] for name in HEAD_NAMES]
        accuracies = [told[f"{name}_categorical_accuracy"] for name in HEAD_NAMES]
        np.testing.assert_allclose(found[lane], [losses, accuracies], rtol=1e-4)


# At the start


@pytest.mark.parametrize("trunk", ["dense", "conv"])
def test_colour_images_of_bytes_train_as_the_same_floats_do(trunk):
    rng = np.random.default_rng(5)
    config = RunConfig(
        dataset="own-7c-10x15x3-0123456789", trunk=trunk, embedding_size=8, batch_size=16
    )
    measured = {}
    labels = np.stack([rng.integers(n, size=80) for n in (7, 7, 2)], axis=1).astype(np.int32)
    levels = [rng.integers(256, size=(80, 10, 15, 3), dtype=np.uint8) for _ in range(2)]
    for name, images in (
        ("bytes", levels),
        ("floats", [(one / 255).astype(np.float32) for one in levels]),
    ):
        pairs = Pairs(*images, labels)
        program = Program(problem(config, Dataset(pairs, pairs)), config)
        settings = StepSettings.of(weighted(), config)
        batches = BatchOrder(80, 16, 0).batches(0, 10)
        state, metrics = program.train_chunk(program.initial_state(0), settings, batches)
        measured[name] = (metrics, program.evaluate(state).numpy())
    for of_bytes, of_floats in zip(measured["bytes"], measured["floats"], strict=True):
        np.testing.assert_allclose(of_bytes, of_floats, rtol=1e-4, atol=1e-5)
    assert measured["bytes"][0][0, 0, :2] == pytest.approx(np.log(7), rel=0.3)


@pytest.mark.parametrize("trunk", ["dense", "conv"])
def test_losses_begin_at_chance(trunk, program_of):
    # ln(classes): a head that knows nothing. Random logits of variance v cost v / 2 more on
    # average. Glorot gives v = |embedding|^2 * 2 / (64 + 100), and |embedding|^2 is about 5 here:
    # 0.03 more; over twelve seeds the largest was 0.054. A wrong loss (weighted, summed, of
    # logits taken for probabilities) is off by far more than 0.1.
    program = program_of(trunk=trunk)
    for seed in range(5):
        losses = program.evaluate(program.initial_state(seed)).numpy()[0]
        np.testing.assert_allclose(losses, CHANCE, atol=0.1)
    _, metrics = train(program, [ARTICLE], 1)
    # Dropout of 0.5 doubles |embedding|^2, and a batch is 64 pairs only.
    np.testing.assert_allclose(metrics[0, 0, 0], CHANCE, atol=0.2)


def test_the_seed_settles_the_initial_values(program_of):
    program = program_of()
    one, again, other = (program.initial_state(seed) for seed in (4, 4, 5))
    assert_same_state(one, again, rtol=0)
    kernels = [i for i, v in enumerate(one.variables) if len(v.shape) > 1]
    for i in kernels:
        assert np.mean(one.variables[i] != other.variables[i]) > 0.99
    assert int(one.step) == 0
    assert not any(np.any(slot) for slot in one.slots)


# Lanes


@pytest.mark.parametrize("n_lanes", [2, 6])
@pytest.mark.parametrize("trunk", ["dense", "conv"])
def test_a_lane_of_many_is_the_run_alone(trunk, n_lanes, program_of):
    # Dropout is on: lanes of one seed drop the same units, as the single run does.
    program = program_of(trunk=trunk)
    lanes = LANES[:n_lanes]

    @cache
    def all_lanes(seed):
        return train(program, lanes, seed=seed)[1]

    for lane in {0, 1, n_lanes - 1}:

        def both(seed, lane=lane):
            many = all_lanes(seed)
            _, alone = train(program, [lanes[lane]], seed=seed)
            assert many.shape == (50, n_lanes, 2, 3)
            np.testing.assert_allclose(many[:5, lane, 1], alone[:5, 0, 1], atol=1.01 / 64)
            assert abs(many[-1, 0] - many[-1, 1]).max() > 0.01  # lanes are not copies
            return many[:, lane, 0], alone[:, 0, 0]

        assert_same_losses(both)


def test_lanes_of_the_same_weights_stay_the_same(program_of):
    for n_lanes in (3, 7):
        _, metrics = train(program_of(), [ARTICLE] * n_lanes, 20)
        for lane in range(1, n_lanes):
            np.testing.assert_allclose(metrics[:, lane], metrics[:, 0], rtol=1e-5)


def test_one_lane_and_sixty_six(program_of):
    program = program_of()
    simplex = [
        weighted(ctg_out_1=i / 10, ctg_out_2=j / 10, bin_out=(10 - i - j) / 10)
        for i in range(11)
        for j in range(11 - i)
    ]
    assert len(simplex) == 66
    for lanes in ([ARTICLE], simplex):
        states, metrics = train(program, lanes, 5)
        assert metrics.shape == (5, len(lanes), 2, 3)
        assert looked_at(program, states).shape == (len(lanes), 2, 3)
        assert np.isfinite(metrics).all()


# Compiled once


@pytest.mark.parametrize("trunk", ["dense", "conv"])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_what_is_prepared_compiles_nothing_anew(trunk, optimizer, monkeypatch):
    config = RunConfig(trunk=trunk, optimizer=optimizer)
    program = Program(problem_of(config), config)
    began = time.perf_counter()
    program.prepare()
    prepared = time.perf_counter() - began
    assert program.is_prepared

    def never(*_, **__):
        raise AssertionError("traced again")

    monkeypatch.setattr(Compiled, "__init__", never)
    states, _ = train(program, [ARTICLE], 2)
    looked_at(program, states)
    other = {"learning_rate": 0.01, "momentum": 0.5, "steps": 7, "steps_per_second": 3}
    assert set(other) == set(LIVE_SETTINGS)
    began = time.perf_counter()
    for name, value in other.items():
        train(program, [ARTICLE], 2, states, **{name: value})
    train(program, [LANES[1]], 2, states)  # weights
    for n_steps in (1, 3, 40):
        train(program, [ARTICLE], n_steps, states)
    train(program, [ARTICLE], 3, seed=99)
    train(program, LANES, 1)
    assert time.perf_counter() - began < prepared, "XLA compiles nothing either"


# A state is a value


@pytest.mark.parametrize("n_lanes", [1, 6])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_chunk_may_be_cut_up_anyhow(optimizer, n_lanes, program_of):
    program, lanes = program_of(optimizer=optimizer), LANES[:n_lanes]
    whole, expected = train(program, lanes, 90)
    states, metrics = None, []
    for first, n_steps in ((0, 1), (1, 9), (10, 80)):
        states, some = train(program, lanes, n_steps, states, first)
        metrics.append(some)
    np.testing.assert_array_equal(np.concatenate(metrics), expected)
    for state, same in zip(states, whole, strict=True):
        assert_same_state(state, same, rtol=0)
        assert int(state.step) == 90


def test_training_leaves_its_state_as_it_was_and_can_go_back(program_of):
    program = program_of()
    states, _ = train(program, [ARTICLE], 10)
    kept = [np.array(leaf) for leaf in tf.nest.flatten(states)]
    model = [v.numpy() for v in program.model.variables]
    _, once = train(program, [ARTICLE], 10, states, first=10)
    looked_at(program, states)
    _, again = train(program, [ARTICLE], 10, states, first=10)
    np.testing.assert_array_equal(once, again)  # the dropout masks are in the state, too
    assert_same_state(states, kept, rtol=0)
    for now, then in zip(program.model.variables, model, strict=True):
        np.testing.assert_array_equal(now.numpy(), then)


def test_every_step_drops_other_units(program_of):
    # The same batch three times, at a learning rate that changes nothing to speak of.
    program = program_of()
    settings = StepSettings.of(ARTICLE, RunConfig(learning_rate=1e-7, momentum=0))
    same_batch = np.repeat(batches(1), 3, axis=0)
    _, metrics = program.train_chunk(program.initial_state(0), settings, same_batch)
    losses = metrics[:, 0]
    assert len(np.unique(losses[:, 0].round(4))) == len(np.unique(losses[:, 1].round(4))) == 3
    np.testing.assert_allclose(losses[:, 2], losses[0, 2], rtol=1e-5)  # no dropout before it


def test_another_seed_drops_other_units_and_shows_other_numbers(program_of):
    program = program_of()
    settings = StepSettings.of(ARTICLE, RunConfig())
    state = program.initial_state(0)
    other = state._replace(seeds=program.initial_state(1).seeds)
    _, one = program.train_chunk(state, settings, batches(1))
    _, two = program.train_chunk(other, settings, batches(1))
    assert one[0, 0, 0] != two[0, 0, 0]
    assert one[0, 0, 2] == two[0, 0, 2]


# Weights


def test_a_head_of_weight_zero_leaves_the_trunks_gradient_unchanged():
    model = build_model(RunConfig(dropout=0), TRAINING.img_1.shape[1:])
    trunk = model.get_layer("trunk").trainable_variables
    batch = batches(1)[0]

    def gradients(total_of):
        with tf.GradientTape() as tape:
            outputs = model([TRAINING.img_1[batch], TRAINING.img_2[batch]], training=True)
            losses = tf.stack(head_losses(tf.constant(TRAINING.labels[batch]), outputs))
            total = total_of(losses)
        return tape.gradient(total, model.trainable_variables, unconnected_gradients="zero")

    for h, name in enumerate(HEAD_NAMES):
        weights = [0.0 if i == h else 0.7 for i in range(3)]
        ours = gradients(lambda losses, w=weights: weighted_total(losses, w))
        without = gradients(
            lambda losses, h=h: tf.add_n([0.7 * losses[i] for i in range(3) if i != h])
        )
        for variable, one, other in zip(model.trainable_variables, ours, without, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-8)
            if variable.path.startswith(name):
                assert not np.any(one)
    assert any(variable is trunk[0] for variable in model.trainable_variables)


def test_a_head_of_weight_zero_stands_still(program_of):
    program = program_of()
    start = program.initial_state(0)
    (state,), _ = train(program, [weighted(ctg_out_1=1, ctg_out_2=0, bin_out=0)], 10)
    for variable, before, after in zip(
        program.model.trainable_variables, start.variables, state.variables, strict=True
    ):
        stands_still = variable.path.startswith(("ctg_out_2", "bin_out"))
        assert np.array_equal(before, after) == stands_still, variable.path


def test_training_learns_what_it_is_weighted_for(program_of):
    lanes = [
        ARTICLE,
        weighted(ctg_out_1=1, ctg_out_2=1, bin_out=0),
        weighted(ctg_out_1=0, ctg_out_2=0, bin_out=1),
    ]
    program = program_of()
    states, _ = train(program, lanes, 600)
    accuracy = looked_at(program, states)[:, 1]
    assert accuracy[0].min() > 0.8
    assert accuracy[1, :2].min() > 0.8
    assert accuracy[2, 2] > 0.7
    assert accuracy[2, :2].max() < 0.05  # chance is 0.01
    np.testing.assert_allclose(accuracy[1, 2], 0.5, atol=0.3)
