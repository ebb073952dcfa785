"""What a lane's last record suggests doing, and what chance would score."""

import math

from core.run.heads import HEADS
from core.run.records import Record
from core.run.run import Run


def chance_loss(n_classes: int) -> float:
    """Cross-entropy of a head that knows nothing: ln(number of classes), in nats."""
    return math.log(n_classes)


def chance_accuracy(n_classes: int) -> float:
    """Accuracy of a head that guesses: 1 / number of classes."""
    return 1 / n_classes


def is_at_chance(accuracy: float, n_classes: int, n_pairs: int) -> bool:
    """Whether an accuracy over `n_pairs` is within three standard errors of guessing, or worse."""
    chance = chance_accuracy(n_classes)
    return accuracy <= chance + 3 * math.sqrt(chance * (1 - chance) / n_pairs)


def hints(run: Run, record: Record | None, n_pairs: int) -> list[str]:
    """What a lane's last validated record suggests doing, in sentences; none is the usual case.

    Args:
        run: The run that the record is of.
        record: A record with validation, or None.
        n_pairs: Number of validation pairs.
    """
    if record is None or record.val_accuracy is None:
        return []
    sentences = []
    for head in HEADS:
        n_classes = head.n_classes(run.config.n_classes)
        lost = is_at_chance(record.val_accuracy[head.name], n_classes, n_pairs)
        if record.loss_weights[head.name] == 0:
            sentences.append(
                f"`{head.name}` has weight 0: nothing trains it, so it stays at chance."
                if lost
                else f"`{head.name}` has weight 0 now: its own layer stands still while the trunk "
                "under it goes on."
            )
        elif lost and record.step >= run.config.steps / 3:
            sentences.append(
                f"`{head.name}` has weight, yet is still at chance. Try a "
                f"{'larger' if run.config.learning_rate < 0.005 else 'smaller'} learning rate, "
                "a larger embedding or less dropout."
            )
    return sentences
