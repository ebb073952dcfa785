"""What training minimises: pure functions of tensors."""

import keras
import tensorflow as tf

from core.run.heads import HEADS


def head_losses(labels, outputs):
    """Mean cross-entropy of each head over the batch, unweighted.

        loss = mean over pairs of -log(probability given to the right class)

    Keras' own categorical cross-entropy, fed with class indices instead of one-hot rows (the
    same number, less work); within a graph it goes back to the logits before the softmax, so
    that its gradient does not vanish where a head is sure and wrong. A head that knows nothing
    scores ln(number of classes).

    Args:
        labels: Class indices, int32, shape (batch, 3), columns in the order of `HEADS`.
        outputs: Softmax outputs of each head, in that order, shapes (batch, classes).

    Returns:
        The head losses, in nats. Shape (3,), float32.
    """
    return tf.stack(
        [
            tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(labels[:, h], outputs[h]))
            for h in range(len(HEADS))
        ]
    )


def head_accuracies(labels, outputs):
    """Share of the batch whose most probable class is the right one, for each head.

    A right class that shares the greatest probability with another counts as found.

    Args:
        labels: Class indices, int32, shape (batch, 3), columns in the order of `HEADS`.
        outputs: Softmax outputs of each head, in that order, shapes (batch, classes).

    Returns:
        The accuracies, 0 to 1. Shape (3,), float32.
    """
    # TensorFlow's argmax is slow on a CPU; the greatest probability is found by faster code.
    right = [
        tf.gather(outputs[h], labels[:, h], batch_dims=1) >= tf.reduce_max(outputs[h], axis=-1)
        for h in range(len(HEADS))
    ]
    return tf.reduce_mean(tf.cast(tf.stack(right), tf.float32), axis=-1)


def weighted_total(head_losses, loss_weights):
    """Combine the head losses into the one scalar that training minimises.

        total = sum over heads h of loss_weights[h] * head_losses[h]

    The weights are used as given, not normalised: doubling all of them doubles every gradient,
    which under plain SGD acts like doubling the learning rate (Adam largely cancels it).

    Args:
        head_losses: Mean loss of each head over the batch, in nats, in the order of `HEADS`.
            Shape (3,), float32.
        loss_weights: Weight of each head, same order, unitless, >= 0. Shape (3,), float32.

    Returns:
        The weighted total, in nats. Shape (), float32. Do not compare it between runs whose
        weights differ; compare `head_losses`.

    Raises:
        ValueError: If the shapes differ; the message gives both.
    """
    head_losses = tf.convert_to_tensor(head_losses)
    loss_weights = tf.convert_to_tensor(loss_weights)
    if head_losses.shape != loss_weights.shape:
        raise ValueError(
            f"Expected one loss weight a head: head_losses has shape {head_losses.shape}, "
            f"loss_weights {loss_weights.shape}."
        )
    return tf.reduce_sum(loss_weights * head_losses)
