"""Runs on disk: SQLite in WAL mode. The worker appends; everyone else reads after a cursor."""

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from operator import itemgetter

import numpy as np

from core.run.commands import Command, Fork, Rewind, SetLive, SetLossWeights, parse_command
from core.run.config import RunConfig
from core.run.records import Record
from core.run.run import Change, Lane, Run
from core.run.states import RunState
from core.store import checkpoints, results
from core.store.results import Result
from core.store.runs import Runs
from core.store.tables import INSERT, LOOKED, SELECT, record_of


class Store(Runs):
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

    # Records

    def append(self, run: str, rows: list[tuple]) -> None:
        """Append rows of values in the order of `COLUMNS`; a (lane, step) that is there stays."""
        with self._db.writing():
            if not self._is_finished(run):
                self._db.executemany(INSERT, [(run, *row) for row in rows])
                results.add(self._db, run, rows)

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

    def results(self, run: str) -> list[Result]:
        """What each lane has reached on the validation pairs, in the order of lanes."""
        with self._db.told("read"):
            query = f"SELECT lane, step, {results.NAMES} FROM results WHERE run = ? ORDER BY lane"
            return [results.result_of(row) for row in self._db.execute(query, (run,))]

    def all_results(self) -> dict[str, list[Result]]:
        """The same of every run that is no weight map, by its id."""
        found: dict[str, list[Result]] = {}
        query = (
            f"SELECT run, lane, step, {results.NAMES} FROM results "
            "WHERE run IN (SELECT id FROM runs WHERE map IS NULL) ORDER BY run, lane"
        )
        with self._db.told("read"):
            for run, *row in self._db.execute(query):
                found.setdefault(run, []).append(results.result_of(row))
        return found

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
            return in_force(self._db.execute(query, (run,)))

    def all_changes(self) -> dict[str, list[Change]]:
        """The same of every run that has any, by its id."""
        with self._db.told("read"):
            rows = self._db.execute("SELECT run, step, command FROM changes ORDER BY run, seq")
            return {
                run: in_force((step, line) for _, step, line in group)
                for run, group in groupby(rows, key=itemgetter(0))
            }

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
        with self._db.writing():
            if not self._is_finished(run):
                checkpoints.add(self._db, run, step, seconds, arrays, kept)

    def checkpoints(self, run: str) -> list[int]:
        """The steps that a run can be rewound to; 0, its start, is always one of them."""
        with self._db.told("read"):
            return [0, *checkpoints.kept_steps(self._db, run)]

    def last_checkpoint(self, run: str) -> tuple[int, float, list[np.ndarray]] | None:
        """Step, seconds of training and arrays of the newest checkpoint, if there is one.

        Of an ended run that is no weight map, the last state it was in.
        """
        with self._db.told("read"):
            return checkpoints.last(self._db, run)

    def checkpoint(self, run: str, step: int) -> tuple[int, float, list[np.ndarray]] | None:
        """The same of the checkpoint at `step`, if it is kept."""
        with self._db.told("read"):
            return checkpoints.at(self._db, run, step)

    def rewind(self, run: str, at: int, command: Rewind) -> None:
        """Begin a new branch at an earlier step: later changes and checkpoints do not count.

        Args:
            run: The run, which is paused from now on.
            at: Updates done until now.
            command: Where it goes. The settings that were in force there are so again.
        """
        rewound = self.run(run)
        config = rewound.first_config
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
                "branches = json_insert(branches, '$[#]', ?), changed = ? WHERE id = ?",
                (RunState.PAUSED, config.model_dump_json(), command.step, time.time(), run),
            )
            results.rebuild(self._db, run, [*rewound.branches, command.step])


def in_force(rows) -> list[Change]:
    """The changes of rows (step, command) without those that a later rewind undid."""
    kept: list[Change] = []
    for step, line in rows:
        command = parse_command(line)
        if isinstance(command, Rewind):
            kept = [change for change in kept if change.step <= command.step]
        else:
            kept.append(Change(step, command))
    return kept
