"""The losses of the detector: Keras functions of (target, output), with what counts in the target.

Of a scene's anchors only some count, other ones for each loss. A column of the target says which;
its loss is the mean over those. Keras in turn takes the mean over the scenes of a batch. Targets
are described in `core.problems.detector.targets`, outputs in `core.problems.detector.model`.
"""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="detector")
def objectness_crossentropy(y_true, y_pred):
    """Binary cross-entropy of "there is a digit", over positive and negative anchors.

    Args:
        y_true: 1 positive, 0 negative, -1 ignored. Shape (batch, A).
        y_pred: Probability that there is a digit. Shape (batch, A).

    Returns:
        Of each scene, in nats; ln 2 of whoever does not know. Shape (batch,).
    """
    y_true = ops.cast(y_true, y_pred.dtype)
    losses = ops.binary_crossentropy(ops.maximum(y_true, 0), y_pred)
    return mean_where(y_true >= 0, losses)


@keras.saving.register_keras_serializable(package="detector")
def smooth_l1(y_true, y_pred):
    """Smooth L1 of box offsets, summed over the four, over positive anchors.

        0.5 d^2 where |d| < 1, else |d| - 0.5

    A square near 0 and a line beyond, so that one far box does not rule the gradient (Girshick
    2015, arXiv 1504.08083, equation 3).

    Args:
        y_true: Four offsets, and 1 if the anchor is positive, else 0. Shape (batch, A, 5).
        y_pred: Four offsets, in the same units. Shape (batch, A, 4).

    Returns:
        Of each scene, unitless. Shape (batch,).
    """
    offsets, is_positive = y_true[..., :4], y_true[..., 4] > 0
    distance = ops.abs(offsets - y_pred)
    losses = ops.where(distance < 1, 0.5 * distance**2, distance - 0.5)
    return mean_where(is_positive, ops.sum(losses, axis=-1))


@keras.saving.register_keras_serializable(package="detector")
def class_crossentropy(y_true, y_pred):
    """Categorical cross-entropy of the digit, over positive anchors.

    Args:
        y_true: The digit 0..9, -1 where there is none. Shape (batch, A).
        y_pred: Probability of each digit. Shape (batch, A, 10).

    Returns:
        Of each scene, in nats; ln 10 of whoever does not know. Shape (batch,).
    """
    digit = ops.cast(y_true, "int32")
    # An index of -1 is refused where it is looked up, whether it counts or not.
    losses = ops.sparse_categorical_crossentropy(ops.maximum(digit, 0), y_pred)
    return mean_where(digit >= 0, losses)


@keras.saving.register_keras_serializable(package="detector")
def mask_crossentropy(y_true, y_pred):
    """Binary cross-entropy of each pixel of the mask, over positive anchors.

    Args:
        y_true: The pixels, and 1 if the anchor is positive, else 0. Shape (batch, A, P + 1).
        y_pred: Logits of the pixels. Shape (batch, A, P).

    Returns:
        Of each scene, in nats a pixel. Shape (batch,).
    """
    y_true = ops.cast(y_true, y_pred.dtype)
    losses = ops.binary_crossentropy(y_true[..., :-1], y_pred, from_logits=True)
    return mean_where(y_true[..., -1] > 0, ops.mean(losses, axis=-1))


def mean_where(counts, values):
    """Mean of each scene's values over the anchors that count; 0 where none does.

    Args:
        counts: Shape (batch, A), bool.
        values: Shape (batch, A).

    Returns:
        Shape (batch,).
    """
    counts = ops.cast(counts, values.dtype)
    return ops.sum(counts * values, axis=-1) / ops.maximum(ops.sum(counts, axis=-1), 1)


LOSSES = {
    "rpn_class_loss": objectness_crossentropy,
    "rpn_bbox_loss": smooth_l1,
    "mrcnn_class_loss": class_crossentropy,
    "mrcnn_bbox_loss": smooth_l1,
    "mrcnn_mask_loss": mask_crossentropy,
}
