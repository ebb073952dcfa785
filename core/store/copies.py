"""A run copied within a store, as it stood at its newest checkpoint: to go on as somebody's own."""

import json
import math
import time
import uuid

from core.errors import CommandError
from core.run.heads import HEADS
from core.run.records import in_force_until
from core.run.run import Run
from core.run.states import RunState
from core.store import Store, results
from core.store.database import Database
from core.store.tables import columns_of, quoted


def copy_run(store: Store, run: str, owner: str, person: str) -> str:
    """Copy a run with all that led to its newest checkpoint, and nothing that a rewind undid.

    The copy is paused there, in one branch. Without a checkpoint it stands at its start; of a run
    that has diverged, at the newest one before that.

    Args:
        store: Which has it.
        run: Its id; it may train meanwhile, here or elsewhere.
        owner: The engine that takes the copy up.
        person: Whose the copy is.

    Returns:
        The id of the copy.

    Raises:
        RunNotFound: If there is no such run.
        CommandError: If it is a weight map.
        StoreError: If the store cannot be written.
    """
    if store.run(run).map:
        raise CommandError(
            f"Run {run} is a weight map and is not forked. Train one of its points, or a map."
        )
    database = Database(store.path)
    try:
        with database.writing():  # so that all is of one moment
            source = store.run(run)
            most = source.step - 1 if source.state is RunState.DIVERGED else math.inf
            query = "SELECT max(step) FROM checkpoints WHERE run = ? AND step <= ?"
            step = database.execute(query, (run, most)).fetchone()[0] or 0
            copy, now = uuid.uuid4().hex[:12], time.time()
            row = {
                "id": copy,
                "owner": owner,
                "state": RunState.PAUSED,
                "first_config": source.first_config.model_dump_json(),
                "config": source.config_at(step).model_dump_json(),
                "lanes": json.dumps([lane.model_dump() for lane in source.lanes]),
                "created": now,
                "changed": now,
                "note": f"Forked from run #{source.number}, {run}, at step {step:,}.",
                "person": person,
                "heads": HEADS.dump_json(source.heads).decode(),
            }
            titles, marks = ", ".join(row), ", ".join("?" * len(row))
            database.execute(f"INSERT INTO runs ({titles}) VALUES ({marks})", (*row.values(),))
            for branch, until in enumerate(in_force_until(source.branches)):
                _copy_records(database, source, copy, branch, min(until, step))
            database.executemany(
                "INSERT INTO changes (run, step, command) VALUES (?, ?, ?)",
                [
                    (copy, c.step, c.command.model_copy(update={"run": copy}).model_dump_json())
                    for c in source.changes
                    if c.step <= step
                ],
            )
            database.execute(
                "INSERT INTO checkpoints (run, step, time, kept, arrays) "
                "SELECT ?, step, time, 1, arrays FROM checkpoints WHERE run = ? AND step = ?",
                (copy, run, step),
            )
            results.rebuild(database, copy, source.heads, [0])
    finally:
        database.close()
    return copy


def _copy_records(database: Database, source: Run, copy: str, branch: int, until: float) -> None:
    own = quoted(column for column in columns_of(source.heads) if column != "branch")
    database.execute(
        f"INSERT INTO records (run, branch, {own}) SELECT ?, 0, {own} FROM records "
        "WHERE run = ? AND branch = ? AND step <= ? ORDER BY seq",
        (copy, source.id, branch, until),
    )
