"""The best and the last validation of each lane, kept beside the records so that lists are fast."""

from dataclasses import dataclass

from core.run.heads import HEAD_NAMES
from core.store.tables import COLUMNS, LOOKED, SELECT, VALIDATED

_VALUES = [COLUMNS.index(f"{quantity}.{head}") for quantity in VALIDATED for head in HEAD_NAMES]
_N = len(HEAD_NAMES)
_LAST = [f'"{quantity}.{head}"' for quantity in VALIDATED for head in HEAD_NAMES]
_BEST = [*(f'"best.{head}"' for head in HEAD_NAMES), "best_worst"]
NAMES = ", ".join([*_LAST, *_BEST])
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


def add(db, run: str, rows: list[tuple]) -> None:
    """Take up new records, in the order of `COLUMNS`; within a transaction."""
    looks = []
    for row in rows:
        if row[_VALUES[0]] is not None:
            last = [row[i] for i in _VALUES]
            accuracies = last[_N:]
            lane, step = row[COLUMNS.index("lane")], row[COLUMNS.index("step")]
            looks.append((run, lane, step, *last, *accuracies, min(accuracies)))
    if looks:
        db.executemany(_UPSERT, looks)


def rebuild(db, run: str, branches: list[int]) -> None:
    """Find the results anew from the records that no rewind has left behind."""
    db.execute("DELETE FROM results WHERE run = ?", (run,))
    query = f'SELECT {SELECT} FROM records WHERE run = ? AND "{LOOKED}" IS NOT NULL ORDER BY seq'
    step, branch = COLUMNS.index("step"), COLUMNS.index("branch")
    rows = db.execute(query, (run,)).fetchall()
    add(db, run, [row for row in rows if is_in_force(row[step], row[branch], branches)])


def is_in_force(step: int, branch: int, branches) -> bool:
    """Whether no rewind has left a record behind; see `Run.branches`."""
    return all(start >= step for start in branches[branch + 1 :])
