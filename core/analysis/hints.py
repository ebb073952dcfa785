"""What a lane's last record suggests doing, and what chance would score."""

import math
from functools import cache
from itertools import accumulate

from core.problems.siamese.heads import OUTPUTS, Output
from core.problems.siamese.settings import LARGEST_EMBEDDING, SiameseConfig
from core.run.config import RunConfig
from core.run.records import Record
from core.run.run import Run

TAIL = 0.005  # share of guessing heads that have more right answers, and that have less


def chance_loss(n_classes: int) -> float:
    """Cross-entropy of a head that knows nothing: ln(number of classes), in nats."""
    return math.log(n_classes)


def chance_accuracy(n_classes: int) -> float:
    """Accuracy of a head that guesses: 1 / number of classes."""
    return 1 / n_classes


def is_at_chance(accuracy: float, loss: float, n_classes: int, n_pairs: int) -> bool:
    """Whether a head that guesses would do as well, and no worse, on so many pairs.

    Its number of right answers must be one that 99 % of guessing heads have: neither tail of the
    binomial distribution beyond it may be below 0.5 % (Clopper and Pearson 1934). And its loss must
    not be less than answers that never look at the images can reach. Those reach the entropy of
    the frequencies of the classes, which is below ln C by a G of C - 1 degrees of freedom over
    2 N (Wilks 1938), taken here as three standard deviations above its mean.

    Args:
        accuracy: Share of right answers, 0 to 1.
        loss: Mean cross-entropy over the same pairs, in nats.
        n_classes: Number of classes, C, that come up alike.
        n_pairs: Number of pairs, N.
    """
    least, most = guessed(n_classes, n_pairs)
    freedom = n_classes - 1
    luck = (freedom + 3 * math.sqrt(2 * freedom)) / (2 * n_pairs)
    is_guess = least <= round(accuracy * n_pairs) <= most
    return is_guess and not loss < chance_loss(n_classes) - luck


@cache
def guessed(n_classes: int, n_pairs: int) -> tuple[int, int]:
    """The least and the greatest number of right answers that 99 % of guessing heads have."""
    p = chance_accuracy(n_classes)
    share = [
        math.exp(
            math.lgamma(n_pairs + 1)
            - math.lgamma(k + 1)
            - math.lgamma(n_pairs - k + 1)
            + k * math.log(p)
            + (n_pairs - k) * math.log1p(-p)
        )
        for k in range(n_pairs + 1)
    ]
    least = next(k for k, sum_ in enumerate(accumulate(share)) if sum_ > TAIL)
    beyond = next(k for k, sum_ in enumerate(accumulate(reversed(share))) if sum_ > TAIL)
    return least, n_pairs - beyond


def hints(run: Run, record: Record | None, n_pairs: int) -> list[str]:
    """What a lane's last validated record suggests doing, and what is slow about a run.

    Args:
        run: The run that the record is of.
        record: A record with validation, or None.
        n_pairs: Number of validation pairs.

    Returns:
        Sentences; none is the usual case.
    """
    return [*suggested(run, record, n_pairs), *([run.unfused] if run.unfused else [])]


def suggested(run: Run, record: Record | None, n_pairs: int) -> list[str]:
    """What to do about a head that learns nothing."""
    if record is None or record.val_metric is None or record.val_loss is None:
        return []
    if not isinstance(run.config, SiameseConfig):
        return resting(run, record)
    sentences = []
    for head in OUTPUTS:
        n_classes = head.n_classes(run.config.n_classes)
        measured = record.val_metric[head.name], record.val_loss[head.name]
        lost = is_at_chance(*measured, n_classes, n_pairs)
        if record.loss_weights[head.name] == 0:
            sentences.append(
                f"`{head.name}` has weight 0: nothing trains it, so it stays at chance."
                if lost
                else f"`{head.name}` has weight 0 now: its own layer stands still while the trunk "
                "under it goes on."
            )
        elif lost and record.step >= run.config.steps / 3:
            sentences.append(
                f"`{head.name}` has weight, yet is still at chance. Try "
                f"{one_of(remedies(head, run.config))}."
            )
    return sentences


def resting(run: Run, record: Record) -> list[str]:
    """What can be said of any problem: which heads nothing trains."""
    return [
        f"`{head.name}` has weight 0: its own layers stand still, and what it shares with others "
        "goes where they take it."
        for head in run.heads
        if record.loss_weights[head.name] == 0
    ]


def remedies(head: Output, config: RunConfig) -> list[str]:
    """What may help a head that learns nothing: only what reaches it, and can still be done."""
    found = [f"a {'larger' if config.learning_rate < 0.005 else 'smaller'} learning rate"]
    if config.embedding_size < LARGEST_EMBEDDING:
        found.append("a larger embedding")
    if head.has_dropout and config.dropout > 0:
        found.append("less dropout")
    return found


def one_of(things: list[str]) -> str:
    """Things in a sentence: "a, b or c"."""
    *first, last = things
    return f"{', '.join(first)} or {last}" if first else last
