"""Convolutions of images as products, where TensorFlow's own take longer.

    y[n, i, c] = sum over taps t and channels k of x[n, place[i, t], k] * kernel[t, k, c]

Of images with one channel TensorFlow's convolution takes several times as long as the product of
all patches with the kernel, forwards and backwards (measured: 1.7 ms and 0.6 ms for 64 images of
8x16 and 16 filters). The numbers are the same; they are added up in the same order.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import keras
import numpy as np
import tensorflow as tf

FEW = 4  # channels: of more, TensorFlow's own are as fast
MOST_BYTES = 4_000_000  # of all patches: they stay in the cache

_wanted: ContextVar[bool] = ContextVar("wanted", default=False)


@contextmanager
def as_products(model: keras.Model) -> Iterator[None]:
    """What is traced meanwhile has the model's convolutions of images as products."""
    for layer in model._flatten_layers():
        if type(layer) is keras.layers.Conv2D:
            _ask_first(layer)
    token = _wanted.set(True)
    try:
        yield
    finally:
        _wanted.reset(token)


def _ask_first(layer: keras.layers.Conv2D) -> None:
    own = layer.convolution_op
    if hasattr(own, "asks_first"):
        return

    def convolution_op(inputs, kernel):
        if _wanted.get() and inputs.dtype == tf.float32 and _is_of_images(layer, inputs.shape):
            return product(layer, inputs, kernel)
        return own(inputs, kernel)

    convolution_op.asks_first = True  # type: ignore[attr-defined]
    layer.convolution_op = convolution_op


def _is_of_images(layer: keras.layers.Conv2D, shape: tf.TensorShape) -> bool:
    if layer.data_format != "channels_last" or layer.groups != 1 or None in shape:
        return False
    n, *_, channels = shape
    return channels <= FEW and 4 * n * _places(layer, shape).size * channels <= MOST_BYTES


def product(layer: keras.layers.Conv2D, images, kernel):
    """What the layer's convolution gives, before bias and activation.

    Args:
        layer: A convolution of one group, channels last.
        images: float32, shape (n, height, width, channels), all of them known.
        kernel: The layer's.
    """
    n, height, width, channels = images.shape
    places = _places(layer, images.shape)
    # The images of a place lie beside one another: they are copied at once.
    by_place = tf.transpose(tf.reshape(images, (n, height * width, channels)), (1, 0, 2))
    with_zero = tf.concat([by_place, tf.zeros((1, n, channels), images.dtype)], axis=0)
    patches = tf.gather(with_zero, places.reshape(-1))
    patches = tf.reshape(patches, (*places.shape[:2], places.shape[2], n, channels))
    patches = tf.transpose(patches, (3, 0, 1, 2, 4))
    rows = tf.reshape(patches, (-1, places.shape[2] * channels))
    found = tf.matmul(rows, tf.reshape(kernel, (rows.shape[1], -1)))
    return tf.reshape(found, (n, *places.shape[:2], -1))


def _places(layer: keras.layers.Conv2D, shape) -> np.ndarray:
    """Where each tap of the kernel falls, by row and column of what comes out.

    Returns:
        Row times width plus column; height times width outside of the image. int32, shape (rows,
        columns, taps).
    """
    _, height, width, _ = shape
    (rows, in_height), (columns, in_width) = (
        _along(size, *of_axis, layer.padding)
        for size, *of_axis in zip(
            (height, width), layer.kernel_size, layer.strides, layer.dilation_rate, strict=True
        )
    )
    places = np.where(
        in_height[:, None, :, None] & in_width[None, :, None, :],
        rows[:, None, :, None] * width + columns[None, :, None, :],
        height * width,
    )
    return places.reshape(*places.shape[:2], -1).astype(np.int32)


def _along(size: int, taps: int, stride: int, dilation: int, padding: str):
    """Of an axis: where the taps fall, shape (out, taps), and whether that is in the image."""
    reach = dilation * (taps - 1) + 1
    n_out = -(-size // stride) if padding == "same" else (size - reach) // stride + 1
    # As TensorFlow pads: what is odd comes after.
    before = max((n_out - 1) * stride + reach - size, 0) // 2 if padding == "same" else 0
    places = stride * np.arange(n_out)[:, None] + dilation * np.arange(taps) - before
    return places, (places >= 0) & (places < size)
