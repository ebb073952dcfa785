"""The metrics of the detector: Keras functions of (target, output), of what counts alone.

Each gives a number of 0 to 1 for each scene, the mean over the same anchors as in the head's loss;
more is better.
"""

import keras
from keras import ops

from core.problems.detector.boxes import UNITS
from core.problems.detector.losses import mean_where


@keras.saving.register_keras_serializable(package="detector")
def objectness_accuracy(y_true, y_pred):
    """Share of the positive and negative anchors that are found to be so; (batch,)."""
    y_true = ops.cast(y_true, y_pred.dtype)
    right = (y_pred > 0.5) == (y_true > 0)
    return mean_where(y_true >= 0, ops.cast(right, y_pred.dtype))


@keras.saving.register_keras_serializable(package="detector")
def class_accuracy(y_true, y_pred):
    """Share of the positive anchors whose most probable digit is the right one; (batch,)."""
    digit = ops.cast(y_true, "int32")
    of_digit = ops.sum(ops.one_hot(digit, y_pred.shape[-1], dtype=y_pred.dtype) * y_pred, axis=-1)
    right = of_digit >= ops.max(y_pred, axis=-1)
    return mean_where(digit >= 0, ops.cast(right, y_pred.dtype))


@keras.saving.register_keras_serializable(package="detector")
def box_iou(y_true, y_pred):
    """Mean intersection over union of true and found boxes, over positive anchors; (batch,).

    Where an anchor lies and how large it is makes no difference to the overlap of two boxes that
    are told from it, so that both are seen from one of size 1 around 0.
    """

    def corners(offsets):
        offsets = offsets * UNITS
        centre, half = offsets[..., :2], ops.exp(offsets[..., 2:]) / 2
        return centre - half, centre + half

    (begin, end), (found_begin, found_end) = corners(y_true[..., :4]), corners(y_pred)
    common = ops.minimum(end, found_end) - ops.maximum(begin, found_begin)
    common = ops.prod(ops.maximum(common, 0), axis=-1)
    whole = ops.prod(end - begin, axis=-1) + ops.prod(found_end - found_begin, axis=-1) - common
    return mean_where(y_true[..., 4] > 0, common / whole)


@keras.saving.register_keras_serializable(package="detector")
def mask_iou(y_true, y_pred):
    """Mean intersection over union of true and found masks, over positive anchors; (batch,).

    A pixel is found to be the digit's where its logit is over 0.
    """
    y_true = ops.cast(y_true, y_pred.dtype)
    pixels, is_positive = y_true[..., :-1], y_true[..., -1] > 0
    found = ops.cast(y_pred > 0, y_pred.dtype)
    common = ops.sum(pixels * found, axis=-1)
    whole = ops.sum(pixels + found, axis=-1) - common
    return mean_where(is_positive, common / ops.maximum(whole, 1))


def metrics() -> dict[str, keras.metrics.Metric]:
    """A new metric for each head, named so that those that are alike share a chart."""
    named = {
        "rpn_class_loss": (objectness_accuracy, "accuracy"),
        "rpn_bbox_loss": (box_iou, "mean_IoU"),
        "mrcnn_class_loss": (class_accuracy, "accuracy"),
        "mrcnn_bbox_loss": (box_iou, "mean_IoU"),
        "mrcnn_mask_loss": (mask_iou, "mean_IoU"),
    }
    return {
        head: keras.metrics.MeanMetricWrapper(function, name=name)
        for head, (function, name) in named.items()
    }
