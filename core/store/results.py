"""The best and the last validation of each lane, kept beside the records so that lists are fast."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.run.heads import HEAD_NAMES
from core.run.records import Record
from core.store.tables import LOOKED, SELECT, VALIDATED, record_of

_N = len(HEAD_NAMES)
_LAST = [f'"{quantity}.{head}"' for quantity in VALIDATED for head in HEAD_NAMES]
_BEST = [*(f'"best.{head}"' for head in HEAD_NAMES), "best_worst"]
NAMES = ", ".join([*_LAST, *_BEST])
# Results are kept in the same transaction as the records, since finding them anew would read all
# looks of all runs for each list.
_UPSERT = (
    f"INSERT INTO results (run, lane, step, {NAMES}) "
    f"VALUES (?, ?, ?{', ?' * (len(_LAST) + len(_BEST))}) ON CONFLICT (run, lane) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in ["step", *_LAST])
    + "".join(f", {name} = max({name}, excluded.{name})" for name in _BEST)
)


@dataclass(frozen=True, slots=True)
class Result:
    """What a lane has reached on the validation pairs, by head in the order of `HEADS`.

    Attributes:
        lane: Index of the lane.
        step: Updates done at the newest look.
        val_loss: There, in nats.
        val_accuracy: There, 0 to 1.
        best: The greatest accuracy of each head at any look.
        best_worst: The greatest accuracy, at any look, of the head that did worst there.
    """

    lane: int
    step: int
    val_loss: tuple[float, ...]
    val_accuracy: tuple[float, ...]
    best: tuple[float, ...]
    best_worst: float


def result_of(row) -> Result:
    """The result of a row (lane, step, NAMES)."""
    lane, step, *values = row
    return Result(
        lane,
        step,
        tuple(values[:_N]),
        tuple(values[_N : 2 * _N]),
        tuple(values[2 * _N : 3 * _N]),
        values[-1],
    )


def add(db, run: str, records: Iterable[Record]) -> None:
    """Take up new records; within a transaction."""
    looks = []
    for record in records:
        if record.val_loss and record.val_accuracy:
            accuracies = [record.val_accuracy[name] for name in HEAD_NAMES]
            losses = [record.val_loss[name] for name in HEAD_NAMES]
            last = (*losses, *accuracies)
            looks.append((run, record.lane, record.step, *last, *accuracies, min(accuracies)))
    if looks:
        db.executemany(_UPSERT, looks)


def rebuild(db, run: str, branches: Sequence[int]) -> None:
    """Find the results anew from the records that no rewind has left behind."""
    db.execute("DELETE FROM results WHERE run = ?", (run,))
    query = (
        f'SELECT seq, {SELECT} FROM records WHERE run = ? AND "{LOOKED}" IS NOT NULL ORDER BY seq'
    )
    looked = map(record_of, db.execute(query, (run,)).fetchall())
    add(db, run, [record for record in looked if record.is_in_force(branches)])
