"""Runs on disk: SQLite in WAL mode. The worker appends; everyone else reads after a cursor."""

import io
import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.config import HEAD_NAMES, LossWeights, RunConfig
from core.database import Database
from core.errors import RunNotFound
from core.messages import (
    Change,
    Command,
    Fork,
    Lane,
    Record,
    Rewind,
    Run,
    RunState,
    SetLive,
    SetLossWeights,
    parse_command,
)
from core.simplex import MapConfig
from core.tables import (
    INSERT,
    LOOKED,
    RUN_ROW,
    SELECT,
    VALIDATED,
    record_of,
    run_of,
)

KEPT_CHECKPOINTS = 12  # a run
REWINDABLE_RUNS = 20  # newest ended runs that keep theirs: one takes megabytes


class Store:
    """The runs of one SQLite file. Made if it is not there; safe from several processes.

    One worker appends to a run; what is recorded never changes, not even by a rewind, which
    begins another branch. A finished run is immutable unless it is reopened for a rewind.
    An object may be used from several threads.

    Args:
        path: The file; its folder is made if need be.

    Raises:
        StoreError: If the file cannot be opened, is no store, or is of a newer version. Every
            method raises it where the file cannot be read or written.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path).absolute()
        self._db = Database(self.path)

    def close(self) -> None:
        """Close the file; the object is of no use afterwards."""
        self._db.close()

    # Runs

    def add_run(
        self,
        config: RunConfig,
        lanes: list[LossWeights],
        owner: str,
        map_config: MapConfig | None = None,
        lanes_at_once: int = 0,
    ) -> str:
        """Write a new queued run and give back its id; of a weight map, `lanes` is empty."""
        run = uuid.uuid4().hex[:12]
        settings = config.model_dump_json()
        weights = json.dumps([one.model_dump() for one in lanes])
        over = map_config.model_dump_json() if map_config else None
        with self._db.writing():
            self._db.execute(
                "INSERT INTO runs (id, owner, state, first_config, config, lanes, created, map, "
                "lanes_at_once) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(run, owner, RunState.QUEUED, settings, settings, weights),
                    *(time.time(), over, lanes_at_once),
                ),
            )
        return run

    def run(self, run: str) -> Run:
        """The run of that id.

        Raises:
            RunNotFound: If there is none.
        """
        with self._db.told("read"):
            row = self._db.execute(f"{RUN_ROW} WHERE id = ?", (run,)).fetchone()
        if row is None:
            raise RunNotFound(f"No run has the id {run!r:.80}. Store.runs() lists those there are.")
        return run_of(row)

    def runs(self, owner: str | None = None) -> list[Run]:
        """All runs, or those of one engine, newest first."""
        where, values = ("WHERE owner = ?", (owner,)) if owner else ("", ())
        with self._db.told("read"):
            rows = self._db.execute(f"{RUN_ROW} {where} ORDER BY rowid DESC", values).fetchall()
        return [run_of(row) for row in rows]

    def owners_of_unfinished(self) -> set[str]:
        """The engines that unfinished runs belong to."""
        active = [state for state in RunState if not state.is_finished]
        marks = ", ".join("?" * len(active))
        with self._db.told("read"):
            rows = self._db.execute(
                f"SELECT DISTINCT owner FROM runs WHERE state IN ({marks})", active
            ).fetchall()
        return {owner for (owner,) in rows}

    def set_state(self, run: str, state: RunState, message: str = "") -> None:
        """Move an unfinished run to another state; a finished run stays as it is."""
        finished = [one for one in RunState if one.is_finished]
        marks = ", ".join("?" * len(finished))
        with self._db.writing():
            self._db.execute(
                f"UPDATE runs SET state = ?, message = ? WHERE id = ? AND state NOT IN ({marks})",
                (state, message, run, *finished),
            )
            if state.is_finished:
                self._db.execute("DELETE FROM checkpoints WHERE run = ? AND NOT kept", (run,))
                self._db.execute(
                    f"DELETE FROM checkpoints WHERE run IN (SELECT id FROM runs WHERE state IN "
                    f"({marks}) ORDER BY rowid DESC LIMIT -1 OFFSET ?)",
                    (*finished, REWINDABLE_RUNS),
                )

    def reopen(self, run: str, owner: str) -> None:
        """Give a finished run to an engine, which is about to rewind it."""
        with self._db.writing():
            self._db.execute(
                "UPDATE runs SET state = ?, message = '', owner = ? WHERE id = ?",
                (RunState.QUEUED, owner, run),
            )

    def finish_parts(self, run: str, n: int = 1) -> None:
        """Note that parts of a weight map are trained; their checkpoints are of no use any more."""
        with self._db.writing():
            if not self._is_finished(run):
                self._db.execute(
                    "UPDATE runs SET parts_done = parts_done + ? WHERE id = ?", (n, run)
                )
                self._db.execute("DELETE FROM checkpoints WHERE run = ?", (run,))

    def _is_finished(self, run: str) -> bool:
        row = self._db.execute("SELECT state FROM runs WHERE id = ?", (run,)).fetchone()
        return row is not None and RunState(row[0]).is_finished

    # Records

    def append(self, run: str, rows: list[tuple]) -> None:
        """Append rows of values in the order of `COLUMNS`; a (lane, step) that is there stays."""
        with self._db.writing():
            if not self._is_finished(run):
                self._db.executemany(INSERT, [(run, *row) for row in rows])

    def rows(
        self, run: str, after: int = 0, limit: int = -1, lane: int | None = None
    ) -> list[tuple]:
        """(seq, *COLUMNS) of the records after the cursor `after`, in order, `limit` at most.

        Of all lanes, or of one.
        """
        of_lane, values = ("", ()) if lane is None else ("AND lane = ?", (lane,))
        with self._db.told("read"):
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
            yield from map(record_of, rows)
            after = rows[-1][0]

    def last_recorded(self, run: str, lanes: range, branch: int = 0) -> tuple[int, float]:
        """Step and seconds of training of the newest record of a branch, 0 and 0 if it has none.

        Of the lanes of one part of the run.
        """
        with self._db.told("read"):
            step, seconds = self._db.execute(
                "SELECT max(step), max(time) FROM records "
                "WHERE run = ? AND branch = ? AND lane >= ? AND lane < ?",
                (run, branch, lanes.start, lanes.stop),
            ).fetchone()
        return step or 0, seconds or 0.0

    def last_validated(self, run: str, lane: int = 0) -> Record | None:
        """The newest record of a lane that has validation, if there is one."""
        with self._db.told("read"):
            row = self._db.execute(
                f"SELECT seq, {SELECT} FROM records WHERE run = ? AND lane = ? "
                f'AND "{LOOKED}" IS NOT NULL ORDER BY seq DESC LIMIT 1',
                (run, lane),
            ).fetchone()
        return record_of(row) if row else None

    def n_lanes_at(self, run: str, step: int) -> int:
        """Number of lanes that have a record at this step."""
        with self._db.told("read"):
            query = "SELECT count(*) FROM records WHERE run = ? AND branch = 0 AND step = ?"
            return self._db.execute(query, (run, step)).fetchone()[0]

    def progress(self, run: Run) -> float:
        """How much of a run is trained, 0 to 1; of a weight map, of all its parts."""
        if run.map is None:
            return run.step / run.config.steps
        n_parts = len(run.parts)
        if run.parts_done == n_parts:
            return 1.0
        with self._db.told("read"):
            query = "SELECT lane, step FROM records WHERE run = ? ORDER BY seq DESC LIMIT 1"
            lane, step = self._db.execute(query, (run.id,)).fetchone() or (-1, 0)
        begun = lane in run.parts[run.parts_done].lanes
        return (run.parts_done + begun * step / run.config.steps) / n_parts

    def newest_looks(self, run: str) -> list[tuple[float, ...]]:
        """(lane, step, val_loss..., val_accuracy...) of each lane's newest record with validation.

        Heads are in the order of `HEADS`, lanes in their own.
        """
        columns = ", ".join(f'"{q}.{head}"' for q in VALIDATED for head in HEAD_NAMES)
        with self._db.told("read"):
            return self._db.execute(
                f"SELECT lane, step, {columns} FROM records WHERE seq IN (SELECT max(seq) "
                f'FROM records WHERE run = ? AND "{LOOKED}" IS NOT NULL GROUP BY lane) '
                "ORDER BY lane",
                (run,),
            ).fetchall()

    # Changes and checkpoints: what a new worker needs to take up a run

    def add_change(self, run: str, step: int, command: Command, config: RunConfig) -> None:
        """Note a changed live setting, and the settings now in force."""
        with self._db.writing():
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
        """The changes that are in force, in order: without those that a rewind undid."""
        with self._db.told("read"):
            query = "SELECT step, command FROM changes WHERE run = ? ORDER BY seq"
            rows = self._db.execute(query, (run,)).fetchall()
        kept: list[Change] = []
        for step, line in rows:
            command = parse_command(line)
            if isinstance(command, Rewind):
                kept = [change for change in kept if change.step <= command.step]
            else:
                kept.append(Change(step, command))
        return kept

    def lanes(self, run: str) -> list[Lane]:
        """The lanes that the run has now, with the loss weights in force."""
        lanes = [Lane(weights) for weights in self.run(run).lanes]
        for change in self.changes(run):
            command = change.command
            if isinstance(command, SetLossWeights):
                lanes[command.lane] = replace(
                    lanes[command.lane], loss_weights=command.loss_weights
                )
            elif isinstance(command, Fork):
                lanes.append(Lane(command.loss_weights, command.lane, change.step))
        return lanes

    def add_checkpoint(
        self, run: str, step: int, seconds: float, arrays: list, kept: bool = False
    ) -> None:
        """Keep a state (a list of arrays) at `step`, after `seconds` of training.

        Args:
            run: The run.
            step: Updates done.
            seconds: Seconds of training.
            arrays: What to keep.
            kept: Whether to keep it for rewinds, `KEPT_CHECKPOINTS` a run at most and spread as
                evenly as can be; otherwise until there is a newer one.
        """
        file = io.BytesIO()
        np.savez(file, *arrays, allow_pickle=False)
        with self._db.writing():
            if self._is_finished(run):
                return
            self._db.execute("DELETE FROM checkpoints WHERE run = ? AND NOT kept", (run,))
            self._db.execute(
                "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?, ?)",
                (run, step, seconds, kept, file.getvalue()),
            )
            steps = self._checkpoints(run)
            if len(steps) > KEPT_CHECKPOINTS:
                gaps = [steps[i + 1] - ([0, *steps])[i] for i in range(KEPT_CHECKPOINTS)]
                crowded = steps[gaps.index(min(gaps))]
                self._db.execute(
                    "DELETE FROM checkpoints WHERE run = ? AND step = ?", (run, crowded)
                )

    def _checkpoints(self, run: str) -> list[int]:
        query = "SELECT step FROM checkpoints WHERE run = ? AND kept ORDER BY step"
        return [step for (step,) in self._db.execute(query, (run,))]

    def checkpoints(self, run: str) -> list[int]:
        """The steps that a run can be rewound to; 0, its start, is always one of them."""
        with self._db.told("read"):
            return [0, *self._checkpoints(run)]

    def last_checkpoint(self, run: str) -> tuple[int, float, list[np.ndarray]] | None:
        """Step, seconds of training and arrays of the newest checkpoint, if there is one."""
        with self._db.told("read"):
            row = self._db.execute(
                "SELECT step, time, arrays FROM checkpoints WHERE run = ? "
                "ORDER BY step DESC LIMIT 1",
                (run,),
            ).fetchone()
        if row is None:
            return None
        with np.load(io.BytesIO(row[2]), allow_pickle=False) as file:
            return row[0], row[1], [file[f"arr_{i}"] for i in range(len(file.files))]

    def rewind(self, run: str, at: int, command: Rewind) -> None:
        """Begin a new branch at an earlier step: later changes and checkpoints do not count.

        Args:
            run: The run, which is paused from now on.
            at: Updates done until now.
            command: Where it goes. The settings that were in force there are so again.
        """
        config = self.run(run).first_config
        for change in self.changes(run):
            if isinstance(change.command, SetLive) and change.step <= command.step:
                config = change.command.config
        with self._db.writing():
            self._db.execute(
                "INSERT INTO changes (run, step, command) VALUES (?, ?, ?)",
                (run, at, command.model_dump_json()),
            )
            self._db.execute(
                "DELETE FROM checkpoints WHERE run = ? AND step > ?", (run, command.step)
            )
            self._db.execute(
                "UPDATE runs SET state = ?, message = '', config = ?, "
                "branches = json_insert(branches, '$[#]', ?) WHERE id = ?",
                (RunState.PAUSED, config.model_dump_json(), command.step, run),
            )
