"""Runs on disk: SQLite in WAL mode. The worker appends; everyone else reads after a cursor."""

import time
from collections.abc import Iterable, Iterator

import numpy as np

from core.run.commands import Command, Rewind
from core.run.config import RunConfig
from core.run.heads import Heads
from core.run.lanes import Lane
from core.run.records import Record, in_force_until
from core.run.states import RunState
from core.store import checkpoints, map_states, results
from core.store.results import Result
from core.store.runs import Runs
from core.store.tables import (
    LOOKED,
    heads_of,
    insertion,
    quoted,
    record_of,
    row_of,
    selected,
    titles_of,
)


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

    def append(self, run: str, records: Iterable[Record]) -> None:
        """Append records, whatever their `seq`; a (branch, step, lane) that is there stays."""
        records, heads = list(records), self._heads(run)
        rows = [(run, *row_of(record, heads)) for record in records]
        with self._db.writing():
            if not self._is_finished(run):
                self._db.executemany(insertion(heads), rows)
                results.add(self._db, run, heads, records)

    def records(self, run: str, after: int = 0, lane: int | None = None) -> Iterator[Record]:
        """The run's records in order, those after the `seq` given, of one lane or of all.

        Raises:
            RunNotFound: If there is no such run.
        """
        self.run(run)
        heads = self._heads(run)
        while rows := self._rows(run, after, 1000, lane):
            yield from (record_of(row, heads) for row in rows)
            after = rows[-1][0]

    def columns(
        self, run: str, after: int = 0, limit: int = -1, lane: int | None = None
    ) -> dict[str, tuple]:
        """The same as columns, at most `limit` records: `seq` and `titles_of` its heads.

        All are alike in length.
        """
        titles = ("seq", *titles_of(self._heads(run)))
        rows = self._rows(run, after, limit, lane)
        values = zip(*rows, strict=True) if rows else [()] * len(titles)
        return dict(zip(titles, values, strict=True))

    def _heads(self, run: str) -> Heads:
        """Its heads, which stay as they are; none of a run that is not there."""
        if run not in self._heads_of:
            with self._db.told("read"):
                row = self._db.execute("SELECT heads FROM runs WHERE id = ?", (run,)).fetchone()
            if row is None:
                return ()
            self._heads_of[run] = heads_of(row[0])
        return self._heads_of[run]

    def _rows(self, run: str, after: int, limit: int, lane: int | None) -> list[tuple]:
        of_lane, values = ("", ()) if lane is None else ("AND lane = ?", (lane,))
        with self._db.told("read"):
            return self._db.execute(
                f"SELECT seq, {selected(self._heads(run))} FROM records "
                f"WHERE run = ? AND seq > ? {of_lane} ORDER BY seq LIMIT ?",
                (run, after, *values, limit),
            ).fetchall()

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
        heads = self._heads(run)
        with self._db.told("read"):
            row = self._db.execute(
                f"SELECT seq, {selected(heads)} FROM records WHERE run = ? AND lane = ? "
                f'AND "{LOOKED}" IS NOT NULL ORDER BY seq DESC LIMIT 1',
                (run, lane),
            ).fetchone()
        return record_of(row, heads) if row else None

    def n_lanes_at(self, run: str, step: int) -> int:
        """Number of lanes that have a record at this step."""
        with self._db.told("read"):
            query = "SELECT count(*) FROM records WHERE run = ? AND branch = 0 AND step = ?"
            return self._db.execute(query, (run, step)).fetchone()[0]

    def metric_curves(self, run: str) -> dict[int, list[tuple]]:
        """By lane, a row for each look in force: step, and of each head its metric in validation.

        Of a head that has no metric it is the loss.

        Raises:
            RunNotFound: If there is no such run.
        """
        stored = self.run(run)
        until = in_force_until(stored.branches)
        metrics = quoted(
            f"{'val_metric' if head.metric else 'val_loss'}.{place}"
            for place, head in enumerate(stored.heads)
        )
        curves: dict[int, list[tuple]] = {}
        with self._db.told("read"):
            for lane, branch, *row in self._db.execute(
                f"SELECT lane, branch, step, {metrics} FROM records "
                f'WHERE run = ? AND "{LOOKED}" IS NOT NULL ORDER BY lane, seq',
                (run,),
            ):
                if row[0] <= until[branch]:
                    curves.setdefault(lane, []).append(tuple(row))
        return curves

    def results(self, run: str) -> list[Result]:
        """What each lane has reached on the validation pairs, in the order of lanes."""
        with self._db.told("read"):
            query = f"SELECT lane, step, {results.NAMES} FROM results WHERE run = ? ORDER BY lane"
            heads = self._heads(run)
            return [results.result_of(row, heads) for row in self._db.execute(query, (run,))]

    def all_heads(self) -> list[Heads]:
        """Those that runs have, each once."""
        with self._db.told("read"):
            rows = self._db.execute("SELECT DISTINCT heads FROM runs").fetchall()
        return [heads_of(heads) for (heads,) in rows]

    def all_results(self) -> dict[str, list[Result]]:
        """The same of every run that is no weight map, by its id."""
        by_run: dict[str, list[Result]] = {}
        query = (
            f"SELECT run, heads, lane, step, {results.NAMES} FROM results "
            "JOIN runs ON runs.id = run WHERE map IS NULL ORDER BY run, lane"
        )
        with self._db.told("read"):
            for run, heads, *row in self._db.execute(query):
                by_run.setdefault(run, []).append(results.result_of(row, heads_of(heads)))
        return by_run

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

    def lanes(self, run: str) -> list[Lane]:
        """The lanes that the run has now, with the loss weights in force."""
        return list(self.run(run).lanes_now)

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
                evenly as can be; otherwise until there is a newer one. Those of a weight map are
                not kept.
        """
        if file := map_states.file_of(self._db, run):
            with self._db.told("read"):
                is_finished = self._is_finished(run)
            if not is_finished:
                map_states.write(file, step, seconds, arrays)
            return
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
        if file := map_states.file_of(self._db, run):
            return map_states.read(file)
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
        config = rewound.config_at(command.step)
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
            branches = [*rewound.branches, command.step]
            results.rebuild(self._db, run, rewound.heads, branches)
