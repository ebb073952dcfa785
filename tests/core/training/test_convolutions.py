"""Convolutions of images as products: the same as TensorFlow's own."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from core.training.convolutions import FEW, MOST_BYTES, as_products
from core.training.fused import operations

SEEN = 32, 32, 3  # a usual image


def model_of(shape, **options) -> keras.Model:
    image = keras.Input(shape)
    layer = keras.layers.Conv2D(**options, bias_initializer="random_normal", activation="tanh")
    return keras.Model(image, layer(image))


def traced(model: keras.Model, n: int, products: bool):
    """Outputs, and their gradients by kernel, bias and images, of a compiled function."""

    @tf.function(autograph=False)
    def step(variables, images):
        with tf.GradientTape() as tape:
            tape.watch([variables, images])
            outputs, _ = model.stateless_call(variables, [], images)
            total = tf.reduce_sum(outputs**2)
        return outputs, *tape.gradient(total, [*variables, images])

    variables = [tf.constant(variable.numpy()) for variable in model.trainable_variables]
    images = tf.constant(
        np.random.default_rng(0).normal(size=(n, *model.input_shape[1:])), tf.float32
    )
    if not products:
        return step.get_concrete_function(variables, images), (variables, images)
    with as_products(model):
        return step.get_concrete_function(variables, images), (variables, images)


@settings(max_examples=25, deadline=None)
@given(
    size=some.tuples(some.integers(1, 9), some.integers(1, 9)),
    channels=some.integers(1, FEW),
    kernel=some.tuples(some.integers(1, 5), some.integers(1, 4)),
    strides=some.integers(1, 3),
    dilation=some.integers(1, 2),
    padding=some.sampled_from(["same", "valid"]),
)
def test_it_is_what_keras_gives(size, channels, kernel, strides, dilation, padding):
    assume(strides == 1 or dilation == 1)  # Keras has no layer with both
    reach = [dilation * (taps - 1) + 1 for taps in kernel]
    assume(padding == "same" or all(r <= s for r, s in zip(reach, size, strict=True)))
    model = model_of(
        (*size, channels),
        filters=5,
        kernel_size=kernel,
        strides=strides,
        dilation_rate=dilation,
        padding=padding,
    )
    ours, arguments = traced(model, 3, products=True)
    own, _ = traced(model, 3, products=False)
    assert "Conv2D" not in operations(ours)
    assert "Conv2D" in operations(own)
    for found, expected in zip(ours(*arguments), own(*arguments), strict=True):
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("shape", "n", "options"),
    [
        ((8, 8, FEW + 1), 4, {}),
        (SEEN, 1 + MOST_BYTES // (4 * 32 * 32 * 9 * 3), {"padding": "same"}),
        ((8, 8, 4), 4, {"groups": 2}),
    ],
    ids=["many channels", "more than the cache has room for", "groups"],
)
def test_others_are_left_as_they_are(shape, n, options):
    model = model_of(shape, filters=6, kernel_size=3, **options)
    ours, _ = traced(model, n, products=True)
    assert "Conv2D" in operations(ours)


def test_what_is_traced_afterwards_has_its_own_again():
    model = model_of((8, 8, 1), filters=4, kernel_size=3)
    traced(model, 4, products=True)
    assert "Conv2D" in operations(traced(model, 4, products=False)[0])
