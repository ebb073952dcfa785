"""States of runs on disk: for rewinds, for a new worker, and to take the model away."""

import io

import numpy as np

from core.run.states import RunState
from core.store.database import Database

KEPT_CHECKPOINTS = 12  # a run
REWINDABLE_RUNS = 20  # newest ended runs that keep theirs: one takes megabytes
TRAINED_RUNS = 500  # newest ended runs that keep their last one: it holds the trained model
ENDED = tuple(state for state in RunState if state.is_finished)
MARKS = ", ".join("?" * len(ENDED))
OLDER = f"SELECT id FROM runs WHERE state IN ({MARKS}) AND NOT pinned ORDER BY rowid DESC LIMIT -1"
LAST = "SELECT max(step) FROM checkpoints AS others WHERE others.run = checkpoints.run"


def add(db: Database, run: str, step: int, seconds: float, arrays: list, kept: bool) -> None:
    """Write a state; within a transaction. See `Store.add_checkpoint`."""
    file = io.BytesIO()
    np.savez(file, *arrays, allow_pickle=False)
    db.execute("DELETE FROM checkpoints WHERE run = ? AND NOT kept", (run,))
    db.execute(
        "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?, ?)",
        (run, step, seconds, kept, file.getvalue()),
    )
    steps = kept_steps(db, run)
    if len(steps) > KEPT_CHECKPOINTS:
        gaps = [steps[i + 1] - ([0, *steps])[i] for i in range(KEPT_CHECKPOINTS)]
        crowded = steps[gaps.index(min(gaps))]
        db.execute("DELETE FROM checkpoints WHERE run = ? AND step = ?", (run, crowded))


def kept_steps(db: Database, run: str) -> list[int]:
    """The steps of the states that are kept for rewinds."""
    query = "SELECT step FROM checkpoints WHERE run = ? AND kept ORDER BY step"
    return [step for (step,) in db.execute(query, (run,))]


def last(db: Database, run: str) -> tuple[int, float, list[np.ndarray]] | None:
    """Step, seconds of training and arrays of the newest one, if there is one."""
    query = "SELECT step, time, arrays FROM checkpoints WHERE run = ? ORDER BY step DESC LIMIT 1"
    return _state(db.execute(query, (run,)).fetchone())


def at(db: Database, run: str, step: int) -> tuple[int, float, list[np.ndarray]] | None:
    """The same of the one at this step."""
    query = "SELECT step, time, arrays FROM checkpoints WHERE run = ? AND step = ?"
    return _state(db.execute(query, (run, step)).fetchone())


def _state(row):
    return (row[0], row[1], unpacked(row[2])) if row else None


def unpacked(arrays: bytes) -> list[np.ndarray]:
    """The arrays of a state as it is written."""
    with np.load(io.BytesIO(arrays), allow_pickle=False) as file:
        return [file[f"arr_{i}"] for i in range(len(file.files))]


def thin(db: Database, run: str) -> None:
    """Keep what is worth its space, now that a run has ended; pinned runs keep all."""
    db.execute("DELETE FROM checkpoints WHERE run = ? AND NOT kept", (run,))
    db.execute(
        f"DELETE FROM checkpoints WHERE run IN ({OLDER} OFFSET ?) AND step < ({LAST})",
        (*ENDED, REWINDABLE_RUNS),
    )
    db.execute(f"DELETE FROM checkpoints WHERE run IN ({OLDER} OFFSET ?)", (*ENDED, TRAINED_RUNS))
