"""RoIAlign: what a map of features shows within a box, whatever the size of the box."""

import keras
import numpy as np
from keras import ops

from core.problems.detector.boxes import CANVAS, N_ANCHORS, UNITS, anchors

GREATEST_OFFSET = 5.0  # in `UNITS`: a box of no training cannot become e^1 times an anchor


@keras.saving.register_keras_serializable(package="detector")
class RegionAlign(keras.layers.Layer):
    """Cut one region for each anchor out of a map, at the box that its offsets tell.

    Linear interpolation between the map's cells at `size` x `size` places, evenly spread over the
    box: RoIAlign of He et al. 2017 with one place a bin. As two products with matrices it needs
    nothing but plain operations. Through the map flows a gradient, through the boxes none: hand
    over offsets behind `keras.ops.stop_gradient`, as Ren et al. 2015 do with proposals.

    Args:
        size: Places along each side of the result.
    """

    def __init__(self, size: int, **more):
        super().__init__(**more)
        self.size = size

    def call(self, features, offsets):
        """The regions.

        Args:
            features: Shape (batch, S, S, channels), any map of the whole canvas.
            offsets: As `core.problems.detector.boxes.encode` has them, (batch, N_ANCHORS, 4).

        Returns:
            Shape (batch, N_ANCHORS, size * size * channels).
        """
        cells, channels = features.shape[1], features.shape[3]
        grid = anchors()
        of_anchor = grid[:, 2:] - grid[:, :2]
        offsets = ops.clip(offsets, -GREATEST_OFFSET, GREATEST_OFFSET) * UNITS
        centre = (grid[:, :2] + grid[:, 2:]) / 2 + offsets[..., :2] * of_anchor
        sides = of_anchor * ops.exp(offsets[..., 2:])
        spread = (np.arange(self.size, dtype=np.float32) + 0.5) / self.size - 0.5
        places = centre[..., None] + sides[..., None] * spread  # y and x, in pixels
        places = ops.clip(places * cells / CANVAS - 0.5, 0, cells - 1)  # in cells
        near = ops.maximum(1 - ops.abs(places[..., None] - np.arange(cells, dtype=np.float32)), 0)
        # Plain products of matrices: einsums of the same took twice as long (measured).
        columns = ops.reshape(ops.transpose(features, (0, 2, 1, 3)), (-1, cells, cells * channels))
        columns = ops.reshape(near[:, :, 1], (-1, N_ANCHORS * self.size, cells)) @ columns
        columns = ops.reshape(columns, (-1, N_ANCHORS, self.size, cells, channels))
        columns = ops.transpose(columns, (0, 1, 3, 2, 4))
        columns = ops.reshape(columns, (-1, N_ANCHORS, cells, self.size * channels))
        regions = near[:, :, 0] @ columns
        return ops.reshape(regions, (-1, N_ANCHORS, self.size * self.size * channels))

    def get_config(self):
        """What it was made with."""
        return {**super().get_config(), "size": self.size}
