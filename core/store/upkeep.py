"""Looking after a store: is it sound, can it be smaller, and a copy of it."""

import sqlite3
import time
from contextlib import closing, contextmanager
from pathlib import Path

from core.errors import ExplorerError, StoreError
from core.run.owner import Standing, standing_of, told_of
from core.run.states import RunState
from core.store.database import UNREADABLE, opened_to_read
from core.store.store import Store
from core.store.tables import VERSION

MOST_FAULTS = 20  # told
RELEASED = (
    "It was trained {where}, and ended here as that was said to be gone. What was recorded is kept."
)


def check(path: Path) -> tuple[list[str], list[str]]:
    """Read a whole store, without changing it.

    Returns:
        What there is, runs that are trained elsewhere among it, and what is wrong, in sentences;
        a sound store has nothing wrong.

    Raises:
        StoreError: If there is no such file, or it is no store.
    """
    with _opened(path) as db:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        n_runs, n_records = (
            db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("runs", "records")
        )
        faults = [text for (text,) in db.execute("PRAGMA integrity_check") if text != "ok"]
        faults += [
            f"Row {row} of {table} belongs to a run that is not there."
            for table, row, *_ in db.execute("PRAGMA foreign_key_check")
        ]
    facts = [f"{path}: version {version}, {n_runs:,} runs, {n_records:,} records."]
    if version < VERSION:
        facts.append(f"It becomes version {VERSION} when this program opens it.")
    elif not faults:
        faults = _faults_of_runs(path)
    if version == VERSION and not faults:
        with closing(Store(path)) as store:
            facts += filter(None, [run.elsewhere for run in store.runs()])
    return facts, faults[:MOST_FAULTS]


def release(path: Path) -> int:
    """End what engines on other machines have left unfinished, as their end cannot be seen.

    Their runs are stopped, and what they have deleted is deleted for good. Were one of them still
    at work, its run would go on there without being recorded.

    Returns:
        How many runs were stopped.

    Raises:
        StoreError: If there is no such file, it is no store, or it cannot be written.
    """
    with _opened(path):
        pass
    with closing(Store(path)) as store:
        left = [run for run in store.runs() if run.elsewhere]
        for run in left:
            store.set_state(run.id, RunState.STOPPED, RELEASED.format(where=told_of(run.owner)))
        for owner in store.deleters():
            if standing_of(owner) is Standing.ELSEWHERE:
                store.purge(owner)
    return len(left)


def vacuum(path: Path) -> tuple[int, int]:
    """Write the file anew without what was deleted; bytes before and after.

    From then on, deletions give their space back by themselves.

    Raises:
        StoreError: If there is no such file, it is no store, or it cannot be written.
    """
    before = path.stat().st_size if path.exists() else 0
    with _opened(path, write=True) as db:
        db.execute("PRAGMA auto_vacuum = INCREMENTAL")
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return before, path.stat().st_size


def backup(path: Path, to: Path | None = None) -> Path:
    """Copy a store as it is at this moment, while others may read and write it.

    Args:
        path: The store.
        to: The new file; beside the store and with the time in its name if left out.

    Raises:
        StoreError: If there is no such store, or the new file is there already.
    """
    to = to or path.with_name(f"{path.stem}-{time.strftime('%Y%m%d-%H%M%S')}{path.suffix}")
    if to.exists():
        raise StoreError(f"{to} is there already and was left as it is: name another file.")
    with _opened(path) as db, _told(to), closing(sqlite3.connect(to)) as copy:
        db.backup(copy)
    return to


@contextmanager
def _opened(path: Path, write: bool = False):
    """The SQLite file as it is: nothing is made that is not there."""
    if not path.is_file():
        raise StoreError(f"There is no store {path}: give the path of its SQLite file.")
    with _told(path), closing(_to_write(path) if write else opened_to_read(path)) as db:
        db.execute("PRAGMA busy_timeout = 10000")
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchone():
            raise StoreError(f"{path} is an SQLite file, but no store of runs.")
        yield db


def _to_write(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)


@contextmanager
def _told(path: Path):
    try:
        yield
    except UNREADABLE as error:
        raise StoreError(f"The store {path} cannot be used: {error}.") from error


def _faults_of_runs(path: Path) -> list[str]:
    """Runs whose settings or changes cannot be read."""
    faults = []
    with closing(Store(path)) as store, _opened(path) as db:
        for (run,) in db.execute("SELECT id FROM runs WHERE deleted IS NULL").fetchall():
            try:
                store.run(run)
            except (ExplorerError, ValueError) as error:
                faults.append(f"Run {run} cannot be read: {str(error)[:200]}")
    return faults
