"""What travels up into the store: one row of metrics of one lane."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from core.run.weights import LossWeights


@dataclass(frozen=True, slots=True)
class Record:
    """One row of metrics of one lane, the mean over the steps since the lane's last record.

    Attributes:
        seq: Place in the store, rising; a reader goes on after the last one it has.
        step: Updates done so far. Loss and accuracy are those before each update.
        lane: Index of the lane.
        time: Seconds of training since the run began, pauses not counted.
        loss: Unweighted training loss by head, such as cross-entropy in nats.
        metric: Training metric by head, of those that have one, such as an accuracy, 0 to 1; see
            `Head.metric`.
        val_loss: Validation loss by head, or None where not evaluated.
        val_metric: Validation metric by head, or None where not evaluated.
        total_loss: Weighted sum of `loss` and the model's own regularisation: what training
            minimises. Not comparable between lanes or runs whose weights differ.
        loss_weights: In force, by head.
        learning_rate: In force.
        branch: How often the run had been rewound. Records of a branch beyond the step at which
            a later one begins (`Run.branches`) are an abandoned future.
    """

    seq: int
    step: int
    lane: int
    time: float
    loss: dict[str, float]
    metric: dict[str, float]
    val_loss: dict[str, float] | None
    val_metric: dict[str, float] | None
    total_loss: float
    loss_weights: dict[str, float]
    learning_rate: float
    branch: int = 0

    @classmethod
    def of(
        cls,
        step,
        lane,
        branch,
        time,
        loss,
        metric,
        validation,
        loss_weights: LossWeights,
        rate,
        regularisation=0.0,
    ):
        """A record that no store has yet.

        Args:
            step, lane, branch, time: As the attributes.
            loss, metric: Values in the order of the heads; NaN of a head without a metric.
            validation: Losses and metrics in that order, or None where not evaluated.
            loss_weights: In force, of all heads, in their order.
            rate: The learning rate in force.
            regularisation: What the model itself adds to the total.
        """

        def by_head(values) -> dict[str, float]:
            return dict(zip(loss_weights.root, values, strict=True))

        def measured(values) -> dict[str, float]:
            return {head: v for head, v in by_head(values).items() if not math.isnan(v)}

        val_loss, val_metric = (
            (by_head(validation[0]), measured(validation[1])) if validation else (None, None)
        )
        weighted = sum(w * x for w, x in zip(loss_weights.as_tuple(), loss, strict=True))
        return cls(
            seq=0,
            step=step,
            lane=lane,
            time=time,
            loss=by_head(loss),
            metric=measured(metric),
            val_loss=val_loss,
            val_metric=val_metric,
            total_loss=weighted + regularisation,
            loss_weights=dict(loss_weights.root),
            learning_rate=rate,
            branch=branch,
        )

    @property
    def is_validated(self) -> bool:
        """Whether the validation pairs were looked at with it."""
        return self.val_loss is not None

    @property
    def accuracy(self) -> dict[str, float]:
        """The same as `metric`, for problems whose metrics are accuracies."""
        return self.metric

    @property
    def val_accuracy(self) -> dict[str, float] | None:
        """The same as `val_metric`, for problems whose metrics are accuracies."""
        return self.val_metric

    def is_in_force(self, branches: Sequence[int]) -> bool:
        """Whether no rewind has left it behind; see `Run.branches`."""
        return self.step <= in_force_until(branches)[self.branch]


def in_force_until(branches: Sequence[int]) -> list[float]:
    """Of each branch, up to which step its records are in force; see `Run.branches`."""
    later = [math.inf, *reversed(branches[1:])]
    return [*accumulate(later, min)][::-1]
