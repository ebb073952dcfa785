"""What travels up into the store: one row of metrics of one lane."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from core.run.heads import HEAD_NAMES


@dataclass(frozen=True, slots=True)
class Record:
    """One row of metrics of one lane, the mean over the steps since the lane's last record.

    Attributes:
        seq: Place in the store, rising; a reader goes on after the last one it has.
        step: Updates done so far. Loss and accuracy are those before each update.
        lane: Index of the lane.
        time: Seconds of training since the run began, pauses not counted.
        loss: Unweighted training loss by head, in nats.
        accuracy: Training accuracy by head, 0 to 1.
        val_loss: Validation loss by head in nats, or None where not evaluated.
        val_accuracy: Validation accuracy by head, 0 to 1, or None where not evaluated.
        total_loss: Weighted sum of `loss`, what training minimises. Not comparable between
            lanes or runs whose weights differ.
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
    accuracy: dict[str, float]
    val_loss: dict[str, float] | None
    val_accuracy: dict[str, float] | None
    total_loss: float
    loss_weights: dict[str, float]
    learning_rate: float
    branch: int = 0

    @classmethod
    def of(cls, step, lane, branch, time, loss, accuracy, validation, loss_weights, learning_rate):
        """A record that no store has yet.

        Args:
            step, lane, branch, time, learning_rate: As the attributes.
            loss, accuracy, loss_weights: Values in the order of `HEADS`.
            validation: Losses and accuracies in that order, or None where not evaluated.
        """

        def by_head(values) -> dict[str, float]:
            return dict(zip(HEAD_NAMES, values, strict=True))

        val_loss, val_accuracy = map(by_head, validation) if validation else (None, None)
        return cls(
            seq=0,
            step=step,
            lane=lane,
            time=time,
            loss=by_head(loss),
            accuracy=by_head(accuracy),
            val_loss=val_loss,
            val_accuracy=val_accuracy,
            total_loss=sum(w * x for w, x in zip(loss_weights, loss, strict=True)),
            loss_weights=by_head(loss_weights),
            learning_rate=learning_rate,
            branch=branch,
        )

    @property
    def is_validated(self) -> bool:
        """Whether the validation pairs were looked at with it."""
        return self.val_accuracy is not None

    def is_in_force(self, branches: Sequence[int]) -> bool:
        """Whether no rewind has left it behind; see `Run.branches`."""
        return self.step <= in_force_until(branches)[self.branch]


def in_force_until(branches: Sequence[int]) -> list[float]:
    """Of each branch, up to which step its records are in force; see `Run.branches`."""
    later = [math.inf, *reversed(branches[1:])]
    return [*accumulate(later, min)][::-1]
