"""The best and the last validation of each lane, kept beside the records so that lists are fast."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.run.heads import MOST_HEADS, Heads
from core.run.records import Record
from core.store.tables import LOOKED, VALIDATED, in_places, quoted, record_of, selected

_LAST = in_places(VALIDATED, MOST_HEADS)
_BEST = [*in_places(("best",), MOST_HEADS), "best_worst"]
NAMES = quoted([*_LAST, *_BEST])
# Results are kept in the same transaction as the records, since finding them anew would read all
# looks of all runs for each list.
_UPSERT = (
    f"INSERT INTO results (run, lane, step, {NAMES}) "
    f"VALUES (?, ?, ?{', ?' * (len(_LAST) + len(_BEST))}) ON CONFLICT (run, lane) DO UPDATE SET "
    + ", ".join(f'"{name}" = excluded."{name}"' for name in ["step", *_LAST])
    + "".join(
        # `max` is NULL where one of both is: of a look at which a metric was no number.
        f', "{name}" = coalesce(max("{name}", excluded."{name}"), "{name}", excluded."{name}")'
        for name in _BEST
    )
)


@dataclass(frozen=True, slots=True)
class Result:
    """What a lane has reached on the validation pairs, by head in their order.

    Attributes:
        lane: Index of the lane.
        step: Updates done at the newest look.
        val_loss: There.
        val_metric: There; None of a head that has no metric.
        best: The best metric of each head at any look, and None of the same.
        best_worst: The best metric, at any look, of the head that did worst there; None where
            heads have metrics that cannot be compared.
    """

    lane: int
    step: int
    val_loss: tuple[float, ...]
    val_metric: tuple[float | None, ...]
    best: tuple[float | None, ...]
    best_worst: float | None

    @property
    def val_accuracy(self) -> tuple[float | None, ...]:
        """The same as `val_metric`, for problems whose metrics are accuracies."""
        return self.val_metric


def result_of(row, heads: Heads) -> Result:
    """The result of a row (lane, step, NAMES) of a run with these heads."""
    lane, step, *values, best_worst = row
    losses, metrics, best = (values[i * MOST_HEADS : i * MOST_HEADS + len(heads)] for i in range(3))
    of_best = zip(best, heads, strict=True)
    sign = sign_of(heads)
    return Result(
        lane,
        step,
        tuple(losses),
        tuple(metrics),
        tuple(None if value is None else head.sign * value for value, head in of_best),
        None if best_worst is None or sign is None else sign * best_worst,
    )


def sign_of(heads: Heads) -> int | None:
    """Whether more (1) or less (-1) of their metric is better, if all heads have the same one."""
    return heads[0].sign if len({(head.metric, head.sign) for head in heads}) == 1 else None


def add(db, run: str, heads: Heads, records: Iterable[Record]) -> None:
    """Take up new records of these heads; within a transaction.

    What is best is kept with the head's sign, so that it is the greatest in any case.
    """
    looks = []
    none = [None] * (MOST_HEADS - len(heads))
    for record in records:
        if record.val_loss is None or record.val_metric is None:
            continue
        losses = [record.val_loss[head.name] for head in heads]
        metrics = [record.val_metric.get(head.name) for head in heads]
        signed = [
            None if value is None else head.sign * value
            for value, head in zip(metrics, heads, strict=True)
        ]
        known = [value for value in signed if value is not None]
        worst = min(known) if len(known) == len(heads) and sign_of(heads) else None
        by_place = [*losses, *none, *metrics, *none, *signed, *none]
        looks.append((run, record.lane, record.step, *by_place, worst))
    if looks:
        db.executemany(_UPSERT, looks)


def rebuild(db, run: str, heads: Heads, branches: Sequence[int]) -> None:
    """Find the results anew from the records that no rewind has left behind."""
    db.execute("DELETE FROM results WHERE run = ?", (run,))
    query = (
        f"SELECT seq, {selected(heads)} FROM records "
        f'WHERE run = ? AND "{LOOKED}" IS NOT NULL ORDER BY seq'
    )
    looked = [record_of(row, heads) for row in db.execute(query, (run,)).fetchall()]
    add(db, run, heads, [record for record in looked if record.is_in_force(branches)])
