"""The one number that training minimises."""

import tensorflow as tf


def weighted_total(head_losses, loss_weights):
    """Combine the head losses into the one scalar that training minimises.

        total = sum over heads h of loss_weights[h] * head_losses[h]

    The weights are used as given, not normalised: doubling all of them doubles every gradient,
    which under plain SGD acts like doubling the learning rate (Adam largely cancels it).

    Args:
        head_losses: Mean loss of each head over the batch, in nats, in the order of the heads.
            Shape (H,), float32.
        loss_weights: Weight of each head, same order, unitless, >= 0. Shape (H,), float32.

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
