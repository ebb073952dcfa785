"""The images of pairs as one PNG."""

import numpy as np
import tensorflow as tf

from core.store.inside import LARGEST, PER_ROW


def sprite(img_1: np.ndarray, img_2: np.ndarray) -> bytes:
    """All images in cells of one size: `core.store.inside.cells_of` says where each one is.

    Each image is there as it is, or every second, fourth ... pixel of it where the PNG would
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
    while len(png := in_cells(images)) > LARGEST:
        images = images[:, ::2, ::2]  # each by itself: no cell has a part of its neighbour
    return png


def in_cells(images: np.ndarray) -> bytes:
    """Images, shape (N, height, width, channels), uint8, side by side in a PNG."""
    n_rows = -(-len(images) // PER_ROW)
    _, height, width, channels = images.shape
    blank = np.zeros((n_rows * PER_ROW - len(images), height, width, channels), np.uint8)
    cells = np.concatenate([images, blank]).reshape(n_rows, PER_ROW, height, width, channels)
    whole = cells.transpose(0, 2, 1, 3, 4).reshape(n_rows * height, PER_ROW * width, channels)
    return tf.io.encode_png(whole).numpy()
