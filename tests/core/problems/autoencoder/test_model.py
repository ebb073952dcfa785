"""The autoencoder: its wiring, its size, that it learns, and that it collapses."""

from functools import cache

import keras
import numpy as np
import pytest
import tensorflow as tf

from core import RunConfig
from core.problems import heads_of, numbers_of_lane, presets_of
from core.problems.autoencoder.digits import digits
from core.problems.autoencoder.heads import HEADS
from core.problems.autoencoder.losses import LOSSES
from core.problems.autoencoder.metrics import metrics
from core.problems.autoencoder.model import build_model
from core.problems.autoencoder.presets import PRESETS
from core.problems.autoencoder.problem import BETTER, compiled, examples
from core.problems.autoencoder.size import n_parameters
from core.problems.autoencoder.view import drawn, rebuilt
from core.problems.making.problem import Problem
from core.run.heads import names_of

NAMES = ["reconstruction", "kl", "class"]


def settings(**more):
    return RunConfig(problem="autoencoder", **more)


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    return build_model(settings(latent_size=5))


@pytest.fixture(scope="module")
def trained():
    """Of the name of a preset, a model trained with its weights for 16 epochs, and its scores."""
    training, validation = examples(settings())

    @cache
    def trained(name):
        keras.utils.set_random_seed(0)
        model = compiled(settings())
        (preset,) = [preset for preset in PRESETS if preset.name == name]
        model.compile(model.optimizer, LOSSES, loss_weights=preset.weights.root, metrics=metrics())
        model.fit(*training, batch_size=64, epochs=16, verbose=0)
        return model, model.evaluate(*validation, batch_size=269, verbose=0, return_dict=True)

    return trained


def values(model):
    return [variable.value for variable in model.trainable_variables]


def test_outputs_in_the_order_of_the_heads(model):
    assert model.output_names == NAMES == list(names_of(heads_of(settings())))
    assert [tuple(output.shape[1:]) for output in model.outputs] == [(8, 8), (10,), (10,)]


@pytest.mark.parametrize(("latent", "hidden"), [(1, 4), (8, 128), (20, 33)])
def test_its_size_is_told_without_building_it(latent, hidden):
    config = settings(latent_size=latent, hidden_size=hidden)
    model = build_model(config)
    assert sum(int(np.prod(v.shape)) for v in model.trainable_variables) == n_parameters(config)
    assert numbers_of_lane(config) == 3 * n_parameters(config)


def test_a_draw_is_as_the_encoder_tells_it_and_in_training_alone(model):
    images = np.repeat(digits()[0].images[:1], 20_000, axis=0)
    draw = model.get_layer("draw")
    mean, log_variance = np.float32([1, -2]), np.log(np.float32([0.25, 4]))
    told = [np.tile(part, (len(images), 1)) for part in (mean, log_variance)]
    drawn = np.array(draw(*told, training=True))
    np.testing.assert_allclose(drawn.mean(axis=0), mean, atol=0.06)
    np.testing.assert_allclose(drawn.var(axis=0), [0.25, 4], rtol=0.05)
    np.testing.assert_array_equal(draw(*told), told[0])
    once, twice = (np.array(model(images[:4], training=True)[0]) for _ in range(2))
    assert not np.allclose(once, twice)
    np.testing.assert_array_equal(*(np.array(model(images[:4])[0]) for _ in range(2)))


def test_gradients_of_what_was_drawn_reach_the_means_and_the_variances(model):
    images = tf.constant(digits()[0].images[:16])
    layers = [model.get_layer(name).kernel for name in ("mean", "log_variance")]
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(model(images, training=True)[0])
    assert all(np.abs(gradient).max() > 0 for gradient in tape.gradient(total, layers))


def test_presets_weigh_the_three_losses():
    assert presets_of(settings()) == PRESETS
    assert len({preset.name for preset in PRESETS}) == len(PRESETS)
    # The first are the defaults.
    assert PRESETS[0].weights.as_tuple() == tuple(head.default_weight for head in HEADS)
    for preset in PRESETS:
        assert list(preset.weights.root) == NAMES
        assert preset.weights == preset.weights.complete(HEADS)


def test_the_heads_are_what_compile_was_given():
    config = settings()
    problem = Problem.of(compiled(config), *examples(config), better=BETTER)
    facts = ("name", "default_weight", "loss", "metric", "better")
    for head, known in zip(problem.heads, heads_of(config), strict=True):
        assert [getattr(head, f) for f in facts] == [getattr(known, f) for f in facts]
    assert problem.kinds == ("seed",)


def test_it_begins_at_the_level_of_chance():
    keras.utils.set_random_seed(0)
    model = compiled(settings())
    scores = model.evaluate(*examples(settings())[1], verbose=0, return_dict=True)
    assert scores["class_loss"] == pytest.approx(np.log(10), rel=0.15)
    # Every pixel as likely black as white.
    assert scores["reconstruction_loss"] == pytest.approx(64 * np.log(2), rel=0.05)
    assert scores["kl_loss"] < 2


def test_with_the_weights_of_the_bound_it_becomes_good(trained):
    model, scores = trained("Evidence bound")
    mean_image = HEADS[0]
    assert scores["reconstruction_mean_squared_error"] < 0.55 * mean_image.chance
    assert scores["reconstruction_loss"] < 0.85 * mean_image.chance_loss
    assert scores["class_accuracy"] > 0.9
    assert scores["kl_active_units"] >= 5
    assert scores["kl_loss"] > 2

    images = digits()[1].images
    again = rebuilt(model, values(model), images)
    np.testing.assert_allclose(again, model.predict(images, verbose=0)[0], atol=1e-5)
    error = scores["reconstruction_mean_squared_error"]
    assert ((again - images) ** 2).mean() == pytest.approx(error, rel=1e-3)

    # What is drawn differs from draw to draw, is the same for a seed, and white where digits are.
    pictures = drawn(model, values(model), 200, seed=3)
    np.testing.assert_array_equal(pictures, drawn(model, values(model), 200, seed=3))
    assert pictures.std(axis=0).mean() > 0.1
    assert np.corrcoef(pictures.mean(axis=0).ravel(), images.mean(axis=0).ravel())[0, 1] > 0.9


def test_too_large_a_weight_of_the_divergence_collapses_it(trained):
    model, scores = trained("Collapse")
    assert scores["kl_loss"] < 0.2
    assert scores["kl_active_units"] <= 1
    assert scores["reconstruction_loss"] == pytest.approx(HEADS[0].chance_loss, rel=0.02)
    assert rebuilt(model, values(model), digits()[1].images).std(axis=0).max() < 0.15


def test_without_it_more_is_told_and_rebuilt(trained):
    _, scores = trained("Plain autoencoder")
    _, bound = trained("Evidence bound")
    assert scores["kl_loss"] > 5 * bound["kl_loss"]
    assert scores["reconstruction_loss"] < bound["reconstruction_loss"] - 1


def test_views_take_the_values_that_they_are_given(model):
    zeros = [tf.zeros_like(value) for value in values(model)]
    # A sigmoid of 0 everywhere.
    np.testing.assert_array_equal(rebuilt(model, zeros, digits()[1].images[:2]), 0.5)
    np.testing.assert_array_equal(drawn(model, zeros, 3), np.full((3, 8, 8), 0.5))
