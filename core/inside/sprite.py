"""The images of pairs as one PNG."""

import numpy as np
import tensorflow as tf

from core.store.inside import LARGEST

PER_ROW = 32


def sprite(img_1: np.ndarray, img_2: np.ndarray) -> bytes:
    """All images in cells, `PER_ROW` a row: image 1 of pair i is cell 2 i, image 2 the next.

    Each image is a cell of its own size, or of a half, a quarter ... of it where the PNG would
    take more than `LARGEST`.

    Args:
        img_1: First images, shape (N, height, width, channels), float32 in 0..1 or uint8.
        img_2: Second images.
    """
    images = np.stack([img_1, img_2], axis=1).reshape(-1, *img_1.shape[1:])
    if images.dtype != np.uint8:
        images = np.round(images * 255).astype(np.uint8)
    if images.shape[-1] not in (1, 3, 4):
        images = images[..., :1]
    n_rows = -(-len(images) // PER_ROW)
    _, height, width, channels = images.shape
    blank = np.zeros((n_rows * PER_ROW - len(images), height, width, channels), np.uint8)
    cells = np.concatenate([images, blank]).reshape(n_rows, PER_ROW, height, width, channels)
    whole = cells.transpose(0, 2, 1, 3, 4).reshape(n_rows * height, PER_ROW * width, channels)
    png = tf.io.encode_png(whole).numpy()
    while len(png) > LARGEST:
        whole = whole[::2, ::2]
        png = tf.io.encode_png(whole).numpy()
    return png
