"""What the outputs of heads answer: a class, numbers, or what is neither.

The only place that knows: by the loss, the shape of the output, and the targets.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import tensorflow as tf

from core.problems.making.compiled import Output
from core.problems.making.targets import INDICES, ONE_HOT, SHARES, function_of

REGRESSIONS = (
    "mean_squared_error",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_logarithmic_error",
    "huber",
    "log_cosh",
    "poisson",
)
MOST_CLASSES = 1000  # that a confusion matrix can be seen of


@dataclass(frozen=True, eq=False)
class Answers:
    """What a head answers to the validation examples, and what would be right.

    Attributes:
        kind: "classes", a class to each example; "numbers", one or several to each; or "other",
            such as masks, boxes, or a divergence.
        output: The head, as it was compiled; None of "other".
        true: Of "classes" the right ones, int, shape (N,); of "numbers" float32, (N, K).
        counts: Which examples count: not those of sample weight 0. Shape (N,), bool.
        n_classes: Of "classes", how many there are.
    """

    kind: Literal["classes", "numbers", "other"] = "other"
    output: Output | None = None
    true: np.ndarray | None = None
    counts: np.ndarray | None = None
    n_classes: int = 0

    def of(self, outputs):
        """The answers of a batch, a tensor shaped as `true`.

        Args:
            outputs: Of the model.
        """
        assert self.output, "it has answers"
        given = self.output.of(outputs)
        if self.kind == "numbers":
            return tf.reshape(given, [tf.shape(given)[0], -1])
        if function_of(self.output) not in SHARES:
            return tf.argmax(given, axis=-1, output_type=tf.int32)
        of_logits = self.output.loss.get_config().get("from_logits")
        return tf.cast(tf.reshape(given, [-1]) > (0.0 if of_logits else 0.5), tf.int32)


def answers_of(output: Output, target: np.ndarray, weights: np.ndarray | None) -> Answers:
    """What a head answers.

    Args:
        output: It, as it was compiled.
        target: Of the validation examples.
        weights: How much each of them counts, or None.
    """
    counts = np.ones(len(target), bool)
    if weights is not None:
        if weights.ndim > 1 and weights[0].size > 1:
            return Answers()  # parts of an example count
        counts = weights.reshape(len(target)) > 0
    function, flat = function_of(output), target.reshape(len(target), -1)
    n, n_true = int(np.prod(output.shape)), flat.shape[1]
    if len(output.shape) > 1 or not counts.any():
        return Answers()
    if function in REGRESSIONS and n == n_true:
        return Answers("numbers", output, flat.astype(np.float32), counts)
    true = None
    if function in INDICES and n_true == 1:
        true = flat[:, 0]
        counts = counts & (true != output.loss.get_config().get("ignore_class"))
    elif function in ONE_HOT and n_true == n:
        true = flat.argmax(axis=1)
    elif function in SHARES and n == n_true == 1 and np.isin(flat[counts], (0, 1)).all():
        true, n = np.where(counts, flat[:, 0], 0), 2
    if true is None or n > MOST_CLASSES or not counts.any():
        return Answers()
    return Answers("classes", output, np.rint(true).astype(int), counts, n)
