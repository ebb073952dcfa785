"""The five outputs of the detector, by the names that Mask R-CNN's losses have everywhere."""

import math

from core.problems.detector.settings import DetectorConfig
from core.run.heads import Head, Heads

HEADS = (
    Head(
        name="rpn_class_loss",
        asks="Is there a digit at this anchor?",
        called="digit or not",
        loss="objectness_crossentropy",
        metric="accuracy",
        chance=1 / 2,
        chance_loss=math.log(2),
    ),
    Head(
        name="rpn_bbox_loss",
        asks="How does the anchor have to move to become the digit's box?",
        called="first box",
        loss="smooth_l1",
        metric="mean_IoU",
    ),
    Head(
        name="mrcnn_class_loss",
        asks="Which digit is it?",
        called="which digit",
        loss="class_crossentropy",
        metric="accuracy",
        chance=1 / 10,
        chance_loss=math.log(10),
    ),
    Head(
        name="mrcnn_bbox_loss",
        asks="Where is its box, at a second look?",
        called="second box",
        loss="smooth_l1",
        metric="mean_IoU",
    ),
    Head(
        name="mrcnn_mask_loss",
        asks="Which pixels are the digit's?",
        called="mask",
        loss="mask_crossentropy",
        metric="mean_IoU",
    ),
)


def heads(config: DetectorConfig) -> Heads:
    """The heads, the same whatever the settings; each with weight 1, as He et al. 2017 have it.

    Chance is that of whoever gives the same answer everywhere: half of the anchors that count hold
    a digit, and every digit comes up as often.
    """
    return HEADS
