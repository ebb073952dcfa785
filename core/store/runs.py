"""The runs of a store: added, found, moved from state to state, named, pinned, deleted."""

import json
import time
import uuid
from collections.abc import Collection
from pathlib import Path

from core.errors import CommandError, RunNotFound
from core.problems import heads_of
from core.run.config import RunConfig
from core.run.heads import HEADS, Heads
from core.run.run import Run
from core.run.simplex import MapConfig
from core.run.states import RunState
from core.run.weights import LossWeights
from core.store import checkpoints, map_states
from core.store.database import Database
from core.store.inside import Inside
from core.store.tables import RUN_ROW, run_of

LONGEST_NAME = 200  # characters
LONGEST_NOTE = 20_000


class Runs:
    """The table of runs; `Store` adds what belongs to each of them.

    Args:
        path: The file; its folder is made if need be.

    Attributes:
        inside: What is measured inside runs while somebody looks.

    Raises:
        StoreError: If the file cannot be opened, is no store, or is of a newer version.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path).absolute()
        self._db = Database(self.path)
        self._heads_of: dict[str, Heads] = {}  # by run
        self.inside = Inside(self._db)

    def close(self) -> None:
        """Close the file; the object is of no use afterwards."""
        self._db.close()

    @property
    def problem(self) -> str:
        """Why nothing can be written, because the file is gone or may not be written; else empty.

        In sentences. Looking takes some microseconds; what only a write can find is not known here.
        """
        return self._db.problem

    def rescue(self) -> Path | None:
        """Go on in a new file beside one that is gone, with all that it had.

        Returns:
            The new file; None if the store is where it was.

        Raises:
            StoreError: If the new file cannot be written.
        """
        return self._db.rescue()

    def add_run(
        self,
        config: RunConfig,
        lanes: list[LossWeights],
        owner: str,
        map_config: MapConfig | None = None,
        lanes_at_once: int = 0,
        person: str = "",
        heads: Heads | None = None,
    ) -> str:
        """Write a new queued run and give back its id; of a weight map, `lanes` is empty.

        Those heads that its settings have are meant where none are given.
        """
        heads = heads_of(config) if heads is None else heads
        run = uuid.uuid4().hex[:12]
        settings = config.model_dump_json()
        weights = json.dumps([lane.complete(heads).model_dump() for lane in lanes])
        over = map_config.model_dump_json() if map_config else None
        now = time.time()
        with self._db.writing():
            self._db.execute(
                "INSERT INTO runs (id, owner, state, first_config, config, lanes, created, map, "
                "lanes_at_once, changed, person, heads) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(run, owner, RunState.QUEUED, settings, settings, weights),
                    *(now, over, lanes_at_once, now, person, HEADS.dump_json(heads).decode()),
                ),
            )
        return run

    def run(self, run: str) -> Run:
        """The run of that id.

        Raises:
            RunNotFound: If there is none.
        """
        with self._db.told("read"):
            row = self._db.execute(f"{RUN_ROW} AND id = ?", (run,)).fetchone()
        if row is None:
            raise RunNotFound(
                f"No run has the id {run!r:.80}: expected is one of those that Store.runs() and "
                "/api/runs list."
            )
        return run_of(row)

    def runs(self, owner: str | None = None) -> list[Run]:
        """All runs, or those of one engine, newest first."""
        where, values = ("AND owner = ?", (owner,)) if owner else ("", ())
        with self._db.told("read"):
            rows = self._db.execute(f"{RUN_ROW} {where} ORDER BY number DESC", values).fetchall()
        return [run_of(row) for row in rows]

    def signs_of_life(self, owner: str) -> dict[str, tuple]:
        """For each run of one engine, what changes whenever it gets on.

        That is its newest record and checkpoint, the parts that are done, when it came to wait, and
        when the state of a weight map was written.
        """
        query = (
            "SELECT id, (SELECT max(seq) FROM records WHERE run = runs.id), "
            "(SELECT max(step) FROM checkpoints WHERE run = runs.id), parts_done, "
            "CASE state WHEN ? THEN changed END FROM runs WHERE owner = ?"
        )
        with self._db.told("read"):
            rows = self._db.execute(query, (RunState.PAUSED, owner)).fetchall()
        return {run: (*signs, map_states.written(self._db, run)) for run, *signs in rows}

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
        with self._db.writing():
            if self._is_finished(run):
                return
            now = time.time()
            self._db.execute(
                "UPDATE runs SET state = ?, message = ?, changed = ?, ended = ? WHERE id = ?",
                (state, message, now, now if state.is_finished else None, run),
            )
            if state.is_finished:
                checkpoints.thin(self._db, run)
        if state.is_finished:
            map_states.remove(self.path, run)

    def set_unfused(self, run: str, why: str) -> None:
        """Note why a run is trained operation by operation, see `Run.unfused`."""
        with self._db.writing():
            self._db.execute("UPDATE runs SET unfused = ? WHERE id = ?", (why, run))

    def reopen(self, run: str, owner: str) -> None:
        """Give a finished run to an engine, which is about to rewind it."""
        with self._db.writing():
            self._db.execute(
                "UPDATE runs SET state = ?, message = '', owner = ?, ended = NULL, changed = ? "
                "WHERE id = ?",
                (RunState.QUEUED, owner, time.time(), run),
            )

    # Labels and deletion

    def rename(self, run: str, name: str) -> None:
        """Give a run a name, or with an empty one take it away.

        Raises:
            CommandError: If it is longer than `LONGEST_NAME` characters or has unprintable ones.
            RunNotFound: If there is no such run.
        """
        name = name.strip()
        if len(name) > LONGEST_NAME or not name.isprintable():
            raise CommandError(
                f"The name {name[:20]!r}... of {len(name):,} characters is refused: expected one "
                f"line of at most {LONGEST_NAME} printable characters. A note holds more."
            )
        self._label(run, "name", name)

    def annotate(self, run: str, note: str) -> None:
        """Write down a note on a run, in Markdown, in place of the one it has.

        Raises:
            CommandError: If it is longer than `LONGEST_NOTE` characters.
            RunNotFound: If there is no such run.
        """
        if len(note) > LONGEST_NOTE:
            raise CommandError(
                f"The note of {len(note):,} characters is refused: at most {LONGEST_NOTE:,} are "
                "kept. Put a link to the rest."
            )
        self._label(run, "note", note)

    def pin(self, run: str, pinned: bool = True) -> None:
        """Keep a run on top of lists, and all its checkpoints, or do so no more."""
        self._label(run, "pinned", int(pinned))

    def _label(self, run: str, column: str, value) -> None:
        self.run(run)
        with self._db.writing():
            self._db.execute(
                f"UPDATE runs SET {column} = ?, changed = ? WHERE id = ?",
                (value, time.time(), run),
            )

    def delete(self, runs: list[str], by: str) -> None:
        """Take ended runs out of sight; `undelete` brings them back until they are purged.

        Args:
            runs: Their ids.
            by: The engine for whose life they can be brought back.

        Raises:
            CommandError: If one has not ended; then none is deleted.
            RunNotFound: If one is not there.
        """
        for run in map(self.run, runs):
            if not run.is_finished:
                raise CommandError(
                    f"Run {run.label} is {run.state} and was not deleted, nor were the others. "
                    "Stop it first."
                )
        with self._db.writing():
            self._db.executemany(
                "UPDATE runs SET deleted = ? WHERE id = ?", [(by, run) for run in runs]
            )

    def undelete(self, runs: list[str]) -> int:
        """Bring deleted runs back; gives how many were still there."""
        now = time.time()
        with self._db.writing():
            return sum(
                self._db.execute(
                    "UPDATE runs SET deleted = NULL, changed = ? WHERE id = ? AND deleted NOT NULL",
                    (now, run),
                ).rowcount
                for run in runs
            )

    def deleters(self) -> set[str]:
        """The engines that have deleted runs which are not purged yet."""
        with self._db.told("read"):
            query = "SELECT DISTINCT deleted FROM runs WHERE deleted NOT NULL"
            return {by for (by,) in self._db.execute(query)}

    def purge(self, by: str, person: str | None = None, runs: Collection[str] = ()) -> None:
        """Delete for good what an engine has deleted, and give the space back.

        Args:
            by: The engine.
            person: Whose runs alone, see `Run`, and these:
            runs: Ids of others; of no meaning without a person.
        """
        with self._db.told("read"):
            query = "SELECT id, person FROM runs WHERE deleted = ?"
            deleted = self._db.execute(query, (by,)).fetchall()
        rows = [
            (run,)
            for run, whose in deleted
            if person is None or run in runs or (person and person == whose)
        ]
        for row in rows:  # one by one, so that nobody waits long to write
            with self._db.writing():
                self._db.execute("DELETE FROM runs WHERE id = ? AND deleted NOT NULL", row)
        if rows:
            self._db.shrink()

    def token(self) -> str:
        """Another text after each run that is added, deleted, labelled or moved to a state."""
        with self._db.told("read"):
            query = "SELECT count(*), max(changed) FROM runs WHERE deleted IS NULL"
            return "{}-{}".format(*self._db.execute(query).fetchone())

    def finish_parts(self, run: str, n: int = 1) -> None:
        """Note that parts of a weight map are trained; their states are of no use any more."""
        with self._db.writing():
            if not self._is_finished(run):
                self._db.execute(
                    "UPDATE runs SET parts_done = parts_done + ? WHERE id = ?", (n, run)
                )
        map_states.remove(self.path, run)

    def _is_finished(self, run: str) -> bool:
        row = self._db.execute("SELECT state FROM runs WHERE id = ?", (run,)).fetchone()
        return row is not None and RunState(row[0]).is_finished
