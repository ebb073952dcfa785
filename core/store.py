"""Runs on disk: SQLite in WAL mode. The worker appends; everyone else reads after a cursor."""

import io
import json
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from core.config import HEAD_NAMES, LossWeights, RunConfig
from core.errors import RunNotFound, StoreError
from core.messages import Change, Command, Record, Run, RunState, SetLossWeights, parse_command

VERSION = 1
QUANTITIES = ("loss", "accuracy", "val_loss", "val_accuracy", "loss_weights")
HEAD_COLUMNS = tuple(f"{quantity}.{head}" for quantity in QUANTITIES for head in HEAD_NAMES)
COLUMNS = ("step", "lane", "time", "total_loss", "learning_rate", *HEAD_COLUMNS)
LOOKED = f"val_accuracy.{HEAD_NAMES[0]}"
TYPES = {"step": "INTEGER", "lane": "INTEGER"}
KEPT_CHECKPOINTS = 2
BUSY = 10  # seconds to wait for a lock

SCHEMA = f"""
CREATE TABLE runs (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, state TEXT NOT NULL,
    first_config TEXT NOT NULL, config TEXT NOT NULL, lanes TEXT NOT NULL,
    created REAL NOT NULL, message TEXT NOT NULL DEFAULT ''
);
CREATE TABLE records (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    {", ".join(f'"{column}" {TYPES.get(column, "REAL")}' for column in COLUMNS)},
    UNIQUE (run, step, lane)
);
CREATE INDEX records_of_run ON records (run, seq);
CREATE TABLE changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    step INTEGER NOT NULL, command TEXT NOT NULL
);
CREATE INDEX changes_of_run ON changes (run);
CREATE TABLE checkpoints (
    run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE, step INTEGER NOT NULL,
    time REAL NOT NULL, arrays BLOB NOT NULL, PRIMARY KEY (run, step)
);
"""
SELECT = ", ".join(f'"{column}"' for column in COLUMNS)
INSERT = f"INSERT OR IGNORE INTO records (run, {SELECT}) VALUES (?{', ?' * len(COLUMNS)})"
RUN_ROW = (
    "SELECT id, state, first_config, config, lanes, created, message, "
    "(SELECT max(step) FROM records WHERE run = runs.id) FROM runs"
)


class Store:
    """The runs of one SQLite file. Made if it is not there; safe from several processes.

    One worker appends to a run; what is recorded never changes; a finished run is immutable.
    An object may be used from several threads.

    Args:
        path: The file; its folder is made if need be.

    Raises:
        StoreError: If the file cannot be opened, is no store, or is of a newer version. Every
            method raises it where the file cannot be read or written.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path).absolute()
        self._lock = threading.RLock()
        with self._told("opened"):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                self.path, timeout=BUSY, isolation_level=None, check_same_thread=False
            )
            self._use_wal()
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("PRAGMA foreign_keys = ON")
            self._make_tables()

    def _use_wal(self):
        """SQLite itself does not wait here while another process does the same."""
        deadline = time.monotonic() + BUSY
        while True:
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def _make_tables(self):
        with self._writing():
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version == VERSION:
                return
            if version > VERSION:
                raise StoreError(
                    f"The store {self.path} is of version {version}; this program reads up to "
                    f"{VERSION}. Use a newer program, or another file."
                )
            for statement in SCHEMA.split(";\n"):
                self._db.execute(statement)
            self._db.execute(f"PRAGMA user_version = {VERSION}")

    @contextmanager
    def _told(self, verb: str):
        try:
            with self._lock:
                yield
        except (sqlite3.Error, OSError) as error:
            if isinstance(error, StoreError):
                raise
            raise StoreError(
                f"The store {self.path} cannot be {verb}: {error}. Check that the folder is "
                "there and writable and the disk has room, or name another file with --store."
            ) from error

    @contextmanager
    def _writing(self):
        with self._told("written"):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def close(self) -> None:
        """Close the file; the object is of no use afterwards."""
        with self._lock:
            self._db.close()

    # Runs

    def add_run(self, config: RunConfig, lanes: list[LossWeights], owner: str) -> str:
        """Write a new queued run and give back its id."""
        run = uuid.uuid4().hex[:12]
        settings = config.model_dump_json()
        weights = json.dumps([one.model_dump() for one in lanes])
        with self._writing():
            self._db.execute(
                "INSERT INTO runs (id, owner, state, first_config, config, lanes, created) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (run, owner, RunState.QUEUED, settings, settings, weights, time.time()),
            )
        return run

    def run(self, run: str) -> Run:
        """The run of that id.

        Raises:
            RunNotFound: If there is none.
        """
        with self._told("read"):
            row = self._db.execute(f"{RUN_ROW} WHERE id = ?", (run,)).fetchone()
        if row is None:
            raise RunNotFound(f"No run has the id {run!r:.80}. Store.runs() lists those there are.")
        return _run_of(row)

    def runs(self, owner: str | None = None) -> list[Run]:
        """All runs, or those of one engine, newest first."""
        where, values = ("WHERE owner = ?", (owner,)) if owner else ("", ())
        with self._told("read"):
            rows = self._db.execute(f"{RUN_ROW} {where} ORDER BY rowid DESC", values).fetchall()
        return [_run_of(row) for row in rows]

    def owners_of_unfinished(self) -> set[str]:
        """The engines that unfinished runs belong to."""
        active = [state for state in RunState if not state.is_finished]
        marks = ", ".join("?" * len(active))
        with self._told("read"):
            rows = self._db.execute(
                f"SELECT DISTINCT owner FROM runs WHERE state IN ({marks})", active
            ).fetchall()
        return {owner for (owner,) in rows}

    def set_state(self, run: str, state: RunState, message: str = "") -> None:
        """Move an unfinished run to another state; a finished run stays as it is."""
        finished = [one for one in RunState if one.is_finished]
        marks = ", ".join("?" * len(finished))
        with self._writing():
            self._db.execute(
                f"UPDATE runs SET state = ?, message = ? WHERE id = ? AND state NOT IN ({marks})",
                (state, message, run, *finished),
            )
            if state.is_finished:
                self._db.execute("DELETE FROM checkpoints WHERE run = ?", (run,))

    def _is_finished(self, run: str) -> bool:
        row = self._db.execute("SELECT state FROM runs WHERE id = ?", (run,)).fetchone()
        return row is not None and RunState(row[0]).is_finished

    # Records

    def append(self, run: str, rows: list[tuple]) -> None:
        """Append rows of values in the order of `COLUMNS`; a (lane, step) that is there stays."""
        with self._writing():
            if not self._is_finished(run):
                self._db.executemany(INSERT, [(run, *row) for row in rows])

    def rows(
        self, run: str, after: int = 0, limit: int = -1, lane: int | None = None
    ) -> list[tuple]:
        """(seq, *COLUMNS) of the records after the cursor `after`, in order, `limit` at most.

        Of all lanes, or of one.
        """
        of_lane, values = ("", ()) if lane is None else ("AND lane = ?", (lane,))
        with self._told("read"):
            return self._db.execute(
                f"SELECT seq, {SELECT} FROM records WHERE run = ? AND seq > ? {of_lane} "
                "ORDER BY seq LIMIT ?",
                (run, after, *values, limit),
            ).fetchall()

    def records(self, run: str, after: int = 0) -> Iterator[Record]:
        """The run's records in order, those after the `seq` given.

        Raises:
            RunNotFound: If there is no such run.
        """
        self.run(run)
        while rows := self.rows(run, after, limit=1000):
            yield from map(_record_of, rows)
            after = rows[-1][0]

    def last_recorded(self, run: str) -> tuple[int, float]:
        """Step and seconds of training of the newest record, 0 and 0 if there is none."""
        with self._told("read"):
            query = "SELECT max(step), max(time) FROM records WHERE run = ?"
            step, seconds = self._db.execute(query, (run,)).fetchone()
        return step or 0, seconds or 0.0

    def last_validated(self, run: str, lane: int = 0) -> Record | None:
        """The newest record of a lane that has validation, if there is one."""
        with self._told("read"):
            row = self._db.execute(
                f"SELECT seq, {SELECT} FROM records WHERE run = ? AND lane = ? "
                f'AND "{LOOKED}" IS NOT NULL ORDER BY step DESC LIMIT 1',
                (run, lane),
            ).fetchone()
        return _record_of(row) if row else None

    # Changes and checkpoints: what a new worker needs to take up a run

    def add_change(self, run: str, step: int, command: Command, config: RunConfig) -> None:
        """Note a changed live setting, and the settings now in force."""
        with self._writing():
            if self._is_finished(run):
                return
            self._db.execute(
                "INSERT INTO changes (run, step, command) VALUES (?, ?, ?)",
                (run, step, command.model_dump_json()),
            )
            self._db.execute(
                "UPDATE runs SET config = ? WHERE id = ?", (config.model_dump_json(), run)
            )

    def changes(self, run: str) -> list[Change]:
        """The changes of live settings, in order."""
        with self._told("read"):
            query = "SELECT step, command FROM changes WHERE run = ? ORDER BY seq"
            rows = self._db.execute(query, (run,)).fetchall()
        return [Change(step, parse_command(command)) for step, command in rows]

    def loss_weights(self, run: str) -> list[LossWeights]:
        """The loss weights now in force, one a lane."""
        weights = list(self.run(run).lanes)
        for change in self.changes(run):
            if isinstance(change.command, SetLossWeights):
                weights[change.command.lane] = change.command.loss_weights
        return weights

    def add_checkpoint(self, run: str, step: int, seconds: float, arrays: list) -> None:
        """Keep a state (a list of arrays) at `step`, after `seconds` of training."""
        file = io.BytesIO()
        np.savez(file, *arrays, allow_pickle=False)
        with self._writing():
            if self._is_finished(run):
                return
            self._db.execute(
                "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?)",
                (run, step, seconds, file.getvalue()),
            )
            self._db.execute(
                "DELETE FROM checkpoints WHERE run = ? AND step NOT IN "
                "(SELECT step FROM checkpoints WHERE run = ? ORDER BY step DESC LIMIT ?)",
                (run, run, KEPT_CHECKPOINTS),
            )

    def last_checkpoint(self, run: str) -> tuple[int, float, list[np.ndarray]] | None:
        """Step, seconds of training and arrays of the newest checkpoint, if there is one."""
        with self._told("read"):
            row = self._db.execute(
                "SELECT step, time, arrays FROM checkpoints WHERE run = ? "
                "ORDER BY step DESC LIMIT 1",
                (run,),
            ).fetchone()
        if row is None:
            return None
        with np.load(io.BytesIO(row[2]), allow_pickle=False) as file:
            return row[0], row[1], [file[f"arr_{i}"] for i in range(len(file.files))]


def _run_of(row) -> Run:
    run, state, first_config, config, lanes, created, message, step = row
    return Run(
        id=run,
        state=RunState(state),
        first_config=RunConfig.model_validate_json(first_config),
        config=RunConfig.model_validate_json(config),
        lanes=tuple(LossWeights(**weights) for weights in json.loads(lanes)),
        created=created,
        step=step or 0,
        message=message,
    )


def _record_of(row) -> Record:
    seq, step, lane, seconds, total_loss, learning_rate, *values = row
    n = len(HEAD_NAMES)
    by_head = {
        quantity: dict(zip(HEAD_NAMES, values[i * n : (i + 1) * n], strict=True))
        for i, quantity in enumerate(QUANTITIES)
    }
    if by_head["val_loss"][HEAD_NAMES[0]] is None:
        by_head["val_loss"] = by_head["val_accuracy"] = None
    return Record(
        seq=seq,
        step=step,
        lane=lane,
        time=seconds,
        total_loss=total_loss,
        learning_rate=learning_rate,
        **by_head,
    )
