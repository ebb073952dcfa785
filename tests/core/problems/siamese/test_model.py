"""The Siamese model: its wiring, its sizes, its initial values, its file."""

import itertools
import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.stats import kstest

from core import RunConfig
from core.problems.siamese.heads import HEAD_NAMES, OUTPUTS
from core.problems.siamese.model import build_model, initial_values
from core.problems.siamese.pairs import load_dataset

IMAGE = (8, 16, 1)
TRUNKS = ["dense", "conv"]
DISTANCES = ["square", "euclidean"]


def made(**settings):
    return build_model(RunConfig(**settings), IMAGE)


@pytest.fixture
def images():
    validation = load_dataset("digits").validation
    return [validation.img_1[:32], validation.img_2[:32]]


def kernels_and_biases(*sizes):
    """Parameters of Dense layers of these sizes, one after the other."""
    return sum(a * b + b for a, b in itertools.pairwise(sizes))


@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize("trunk", TRUNKS)
def test_inputs_outputs_and_sizes(trunk, distance, images):
    model = made(trunk=trunk, distance=distance, embedding_size=48)
    assert [tensor.name for tensor in model.inputs] == ["img_1", "img_2"]
    assert model.output_names == list(HEAD_NAMES)
    assert [tuple(tensor.shape) for tensor in model.outputs] == [
        (None, 100),
        (None, 100),
        (None, 2),
    ]
    for output in model(images):  # softmax
        np.testing.assert_allclose(np.sum(output, axis=1), 1, rtol=1e-5)

    # The sizes that the issue gives, counted by hand; the trunk counts once, as it is shared.
    dense = kernels_and_biases(8 * 16, 128, 48)
    conv = (9 * 1 * 16 + 16) + (9 * 16 * 32 + 32) + kernels_and_biases(2 * 4 * 32, 48)
    heads = 2 * kernels_and_biases(48, 100)
    heads += kernels_and_biases(48 if distance == "square" else 1, 2)
    assert model.count_params() == {"dense": dense, "conv": conv}[trunk] + heads


def test_dropout_stands_before_the_class_heads_alone():
    model = made(dropout=0.3)
    dropouts = [layer for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    assert [layer.rate for layer in dropouts] == [0.3, 0.3]
    images = [np.ones((1, *IMAGE), np.float32)] * 2
    outputs = [model(images, training=True) for _ in range(8)]
    varies = [len({np.asarray(o[h]).tobytes() for o in outputs}) > 1 for h in range(3)]
    assert varies == [True, True, False] == [head.has_dropout for head in OUTPUTS]


@pytest.mark.parametrize("trunk", TRUNKS)
def test_both_images_pass_the_same_trunk(trunk, images):
    model = made(trunk=trunk)
    shared = model.get_layer("trunk")
    feature1, feature2 = shared(images[0]).numpy(), shared(images[1]).numpy()
    assert feature1.shape == (32, 64)
    assert feature1.min() >= 0  # relu

    # The heads by NumPy, from the two embeddings: the wiring of the article.
    def softmax(x):
        powers = np.exp(x - x.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    for name, sees, output in zip(
        HEAD_NAMES, [feature1, feature2, (feature1 - feature2) ** 2], model(images), strict=True
    ):
        kernel, bias = model.get_layer(name).get_weights()
        np.testing.assert_allclose(output, softmax(sees @ kernel + bias), rtol=2e-4, atol=1e-6)


def test_the_euclidean_distance_is_the_root_of_the_squares(images):
    model = made(distance="euclidean")
    trunk = model.get_layer("trunk")
    # The only way from the trunk to `bin_out` that has one number.
    inner = keras.Model(model.inputs, model.get_layer("bin_out").input)
    expected = np.linalg.norm(trunk(images[0]) - trunk(images[1]), axis=1, keepdims=True)
    assert expected.max() > 0.1
    np.testing.assert_allclose(inner(images), expected, rtol=1e-3, atol=4e-4)


@pytest.mark.parametrize("distance", DISTANCES)
def test_two_same_images_give_a_finite_gradient(distance, images):
    model = made(distance=distance, dropout=0)
    with tf.GradientTape() as tape:
        loss = -tf.math.log(model([images[0], images[0]])[2][:, 1])
    for gradient in tape.gradient(loss, model.get_layer("trunk").trainable_variables):
        assert np.isfinite(gradient).all()


@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize("trunk", TRUNKS)
def test_a_saved_model_is_read_by_plain_keras(trunk, distance, images, tmp_path):
    model = made(trunk=trunk, distance=distance)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert again.output_names == list(HEAD_NAMES)
    for one, other in zip(model(images), again(images), strict=True):
        np.testing.assert_array_equal(one, other)


# Initial values


@pytest.mark.parametrize("trunk", TRUNKS)
def test_initial_values_follow_keras_own_distribution(trunk):
    # Glorot and Bengio 2010: uniform within sqrt(6 / (fan in + fan out)); Keras' default.
    model = made(trunk=trunk)
    for variable, value in zip(
        model.trainable_variables, initial_values(model, seed=3), strict=True
    ):
        assert value.shape == tuple(variable.shape)
        assert value.dtype == np.float32
        if value.ndim == 1:
            assert not value.any()
            continue
        field = math.prod(value.shape[:-2])
        limit = math.sqrt(6 / (field * (value.shape[-2] + value.shape[-1])))
        assert kstest(value.ravel() / limit, "uniform", (-1, 2)).pvalue > 1e-4
        default = variable.numpy()  # what Keras itself drew
        assert kstest(default.ravel() / limit, "uniform", (-1, 2)).pvalue > 1e-4


def test_the_seed_alone_settles_them():
    model = made()
    one = initial_values(model, 7)
    keras.utils.set_random_seed(1)
    made(trunk="conv")
    again, other = initial_values(made(), 7), initial_values(model, 8)
    for a, b, c in zip(one, again, other, strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.ndim == 1 or (a != c).mean() > 0.99


def test_no_two_kernels_are_alike():
    kernels = [value for value in initial_values(made(), 0) if value.ndim > 1]
    starts = {(value.ravel() / value.max())[:4].round(5).tobytes() for value in kernels}
    assert len(starts) == len(kernels)
