"""The newest state of each weight map that trains: a file beside the store, for the next worker.

It is large and soon of no use, and SQLite takes four times as long for it (measured: 20 MB in
0.16 s, and a file in 0.04 s). What counts is that it outlives its worker, not a failure of power.
"""

import glob
import os
from contextlib import suppress
from pathlib import Path

import numpy as np

from core.store.database import Database


def file_of(db: Database, run: str) -> Path | None:
    """Where the state of a weight map is, by the part that trains; None of any other run."""
    with db.told("read"):
        query = "SELECT parts_done FROM runs WHERE id = ? AND map IS NOT NULL"
        row = db.execute(query, (run,)).fetchone()
    return db.path.with_name(f"{db.path.name}-{run}-{row[0]}.state") if row else None


def write(file: Path, step: int, seconds: float, arrays: list[np.ndarray]) -> None:
    """Put a state in the place of the one before; where that cannot be, that one stays."""
    fresh = file.with_suffix(".new")
    try:
        with fresh.open("wb") as opened:
            np.savez(opened, np.array([step]), np.array([seconds]), *arrays, allow_pickle=False)
        os.replace(fresh, file)
    except OSError:
        with suppress(OSError):
            fresh.unlink()


def read(file: Path) -> tuple[int, float, list[np.ndarray]] | None:
    """Step, seconds of training and arrays of a state, if there is one."""
    if not file.is_file():
        return None
    with np.load(file, allow_pickle=False) as opened:
        (step,), (seconds,), *arrays = (opened[f"arr_{i}"] for i in range(len(opened.files)))
    return int(step), float(seconds), arrays


def written(db: Database, run: str) -> int | None:
    """When the state of a weight map was written, in nanoseconds; None if there is none."""
    file = file_of(db, run)
    try:
        return os.stat(file).st_mtime_ns if file else None
    except FileNotFoundError:
        return None


def remove(store: Path, run: str) -> None:
    """Forget the states of a weight map."""
    for suffix in ("state", "new"):
        for file in store.parent.glob(f"{glob.escape(store.name)}-{run}-*.{suffix}"):
            with suppress(OSError):  # of no use any more, wherever it is
                file.unlink()
