"""The detector: shared layers, proposals, and a second look at each; plain functional Keras."""

import keras
from keras import layers, ops

from core.problems.detector.align import RegionAlign
from core.problems.detector.boxes import CANVAS, N_ANCHORS, REGION
from core.problems.detector.settings import DetectorConfig
from core.problems.detector.size import (
    DRAWING,
    LOOKING,
    N_CLASSES,
    PROPOSING,
    REGION_SIZE,
    fine_channels,
)


def build_model(config: DetectorConfig) -> keras.Model:
    """A small detector in the manner of Mask R-CNN (He et al. 2017, arXiv 1703.06870).

    As there: a trunk that all five heads share; a region proposal network of objectness and box
    offsets for each anchor; a second stage that sees each proposal through RoIAlign and gives a
    class, a second box and a mask; no gradient flows through a proposal's box.

    Not as there: every anchor is one proposal, so that all shapes are fixed, instead of the best
    ones after non-maximum suppression; anchors have one size; whether there is a digit at all is
    asked of the first stage alone, so that the second has no background class; it also sees the
    trunk's features at the anchor; its box and its mask are the same for all classes, which the
    paper finds nearly as good for masks (29.7 against 30.3 AP); masks are drawn in the square
    around the anchor instead of the box.

    One input `scene` of shape (batch, CANVAS, CANVAS, 1). Outputs, in the order of the heads, A
    being the number of anchors:

    - `rpn_class_loss`: probability that there is a digit, (batch, A).
    - `rpn_bbox_loss`: offsets of its box from the anchor, (batch, A, 4).
    - `mrcnn_class_loss`: probability of each digit, (batch, A, 10).
    - `mrcnn_bbox_loss`: offsets of its box from the anchor, (batch, A, 4).
    - `mrcnn_mask_loss`: logits of each pixel of the region, (batch, A, REGION * REGION).

    Args:
        config: Its fixed settings; the live ones play no part here.
    """
    scene = keras.Input((CANVAS, CANVAS, 1), name="scene")
    fine, coarse = trunk(config, scene)
    at_anchor = layers.Reshape((N_ANCHORS, -1), name="at_anchor")(coarse)

    proposing = layers.Dense(PROPOSING, activation="relu", name="rpn")(at_anchor)
    objectness = layers.Dense(1, activation="sigmoid", name="objectness")(proposing)
    objectness = layers.Reshape((N_ANCHORS,), name="rpn_class_loss")(objectness)
    first_box = layers.Dense(4, name="rpn_bbox_loss")(proposing)

    proposal = ops.stop_gradient(first_box)
    in_box = RegionAlign(REGION_SIZE, name="align")(fine, proposal)
    region = layers.Concatenate(name="region")([in_box, at_anchor])
    looking = layers.Dense(LOOKING, activation="relu", name="mrcnn")(region)
    digit = layers.Dense(N_CLASSES, activation="softmax", name="mrcnn_class_loss")(looking)
    correction = layers.Dense(4, name="correction")(looking)
    second_box = layers.Add(name="mrcnn_bbox_loss")([proposal, correction])

    drawing = layers.Dense(DRAWING, activation="relu", name="mask")(region)
    mask = layers.Dense(REGION**2, name="mrcnn_mask_loss")(drawing)
    outputs = [objectness, first_box, digit, second_box, mask]
    return keras.Model(scene, outputs, name="detector")


def trunk(config: DetectorConfig, scene):
    """The shared layers: a fine map, one cell for two pixels, and a coarse one, one an anchor."""

    def convolution(channels: int, strides: int, name: str):
        return layers.Conv2D(
            channels, 3, strides=strides, padding="same", activation="relu", name=name
        )

    fine = convolution(fine_channels(config), 2, "conv_1")(scene)
    coarse = convolution(config.channels, 3, "conv_2")(fine)
    return fine, convolution(config.channels, 1, "conv_3")(coarse)
