"""What training minimises: pure functions of tensors."""

import keras
import tensorflow as tf

from core.problems.siamese.heads import OUTPUTS


def head_losses(labels, outputs):
    """Mean cross-entropy of each head over the batch, unweighted.

        loss = mean over pairs of -log(probability given to the right class)

    Keras' own categorical cross-entropy, fed with class indices instead of one-hot rows (the
    same number, less work); within a graph it goes back to the logits before the softmax, so
    that its gradient does not vanish where a head is sure and wrong. A head that knows nothing
    scores ln(number of classes).

    Args:
        labels: Class indices, int32, shape (batch, 3), columns in the order of the heads.
        outputs: Softmax outputs of each head, in that order, shapes (batch, classes).

    Returns:
        The head losses, in nats: three scalars, float32.
    """
    return [
        tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(labels[:, h], outputs[h]))
        for h in range(len(OUTPUTS))
    ]


def head_accuracies(labels, outputs):
    """Share of the batch whose most probable class is the right one, for each head.

    A right class that shares the greatest probability with another counts as found.

    Args:
        labels: Class indices, int32, shape (batch, 3), columns in the order of the heads.
        outputs: Softmax outputs of each head, in that order, shapes (batch, classes).

    Returns:
        The accuracies, 0 to 1. Shape (3,), float32.
    """
    # TensorFlow's argmax is slow on a CPU; the greatest probability is found by faster code.
    right = [
        tf.gather(outputs[h], labels[:, h], batch_dims=1) >= tf.reduce_max(outputs[h], axis=-1)
        for h in range(len(OUTPUTS))
    ]
    return tf.reduce_mean(tf.cast(tf.stack(right), tf.float32), axis=-1)
