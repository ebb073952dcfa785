"""What a head scores that knows nothing but how often each answer comes up."""

import numpy as np
import tensorflow as tf

from core.problems.making.compiled import Output, measured
from core.problems.making.targets import INDICES, ONE_HOT, SHARES, function_of
from core.run.heads import Head

MEANS = ("mean_squared_error", "huber", "log_cosh")
MEDIANS = ("mean_absolute_error",)
LEAST = 1e-7  # probability, as Keras cuts them off


def with_chance(head: Head, output: Output, target: np.ndarray, weights) -> Head:
    """A head with its levels of chance, where there are any.

    They are what its loss and its metric make of one answer for all examples: for classes, their
    frequencies; for numbers, the mean or the median, whichever the loss is least at.

    Args:
        head: Without them.
        output: It, as it was compiled.
        target: Of the validation examples.
        weights: How much each of them counts, or None.
    """
    answer = constant(output, target, weights)
    if answer is None:
        return head
    same = tf.constant(np.broadcast_to(answer, (len(target), *output.shape)).astype(np.float32))
    target, weights = tf.constant(target), None if weights is None else tf.constant(weights)
    levels = {"chance_loss": float(output.loss(target, same, sample_weight=weights))}
    if output.metric is not None:
        levels["chance"] = float(measured(output.metric, target, same, weights))
    finite = {name: value for name, value in levels.items() if np.isfinite(value)}
    return head.model_copy(update=finite)


def constant(output: Output, target: np.ndarray, weights) -> np.ndarray | None:
    """The best answer that does not look at the inputs, shaped as the output; None if unknown."""
    function = function_of(output)
    if len(output.shape) != 1 or (weights is not None and weights.ndim > 1):
        return None
    counts = np.ones(len(target)) if weights is None else weights.astype(float)
    flat = target.reshape(len(target), -1)
    if function in INDICES and flat.shape[1] == 1:
        n_classes = output.shape[-1]
        share = np.bincount(flat[:, 0].astype(int), counts, n_classes) / counts.sum()
        return as_output(output, share, np.log)
    if flat.shape[1] != output.shape[-1]:
        return None
    if function in ONE_HOT:
        return as_output(output, np.average(flat, axis=0, weights=counts), np.log)
    if function in SHARES:
        return as_output(
            output, np.average(flat, axis=0, weights=counts), lambda p: np.log(p / (1 - p))
        )
    if function in MEANS:
        return np.average(flat, axis=0, weights=counts)
    if function in MEDIANS:
        return np.median(flat[counts > 0], axis=0)
    return None


def as_output(output: Output, share: np.ndarray, logits) -> np.ndarray:
    """Probabilities as the loss takes them: as they are, or as logits."""
    share = np.clip(share, LEAST, 1 - LEAST)
    return logits(share) if output.loss.get_config().get("from_logits") else share
