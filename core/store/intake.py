"""A run from elsewhere written into a store, in one transaction: all of it, or nothing."""

import json
import time
import uuid
from collections.abc import Iterable

from core.errors import ExportError
from core.run.heads import HEADS
from core.run.lanes import Change
from core.run.records import Record, in_force_until
from core.store import Store, results
from core.store.database import Database
from core.store.runs import LONGEST_NOTE
from core.store.tables import insertion, row_of

OWNER = "0-taken-in"  # no engine has this name; one that rewinds the run makes it its own


def take_in(
    store: Store,
    values: dict,
    changes: list[Change],
    chunks: Iterable[list[Record]],
    checkpoint: tuple[int, float, bytes] | None,
) -> str:
    """Write an ended run with all that belongs to it, and find its results.

    Args:
        store: Where to.
        values: Of the table `runs`, by column; those that are not given get their defaults. The
            `id` is kept if it is free; else the `note` says whose copy this is, if it has room.
        changes: In order; their commands get the run's id.
        chunks: The records, some at a time.
        checkpoint: Step, seconds of training, and the arrays as a `.npz` file, or None.

    Returns:
        The id that it has here.

    Raises:
        ExportError: If two rows are of the same branch, step and lane.
        StoreError: If the store cannot be written.
    """
    database = Database(store.path)
    try:
        with database.writing():
            # `changed` is now, so that lists that wait for changes show the run.
            row = {**values, "owner": OWNER, "changed": time.time()}
            if database.execute("SELECT 1 FROM runs WHERE id = ?", (row["id"],)).fetchone():
                said = f"Copy of run {row['id']}."
                row["id"] = uuid.uuid4().hex[:12]
                note = "\n\n".join(filter(None, [row["note"], said]))
                row["note"] = note if len(note) <= LONGEST_NOTE else row["note"]
            run = row["id"]
            until = in_force_until(row["branches"])
            heads = HEADS.validate_python(row["heads"])
            row = {
                column: json.dumps(value) if isinstance(value, (list, dict)) else value
                for column, value in row.items()
            }
            titles, marks = ", ".join(row), ", ".join("?" * len(row))
            database.execute(f"INSERT INTO runs ({titles}) VALUES ({marks})", (*row.values(),))
            wanted = 0
            for records in chunks:
                rows = [(run, *row_of(record, heads)) for record in records]
                database.executemany(insertion(heads), rows)
                # As `results.rebuild` does, but with what one chunk takes of memory.
                in_force = [one for one in records if one.step <= until[one.branch]]
                results.add(database, run, heads, in_force)
                wanted += len(records)
            query = "SELECT count(*) FROM records WHERE run = ?"
            if database.execute(query, (run,)).fetchone() != (wanted,):
                raise ExportError("This file is refused: it records a step of a lane twice.")
            database.executemany(
                "INSERT INTO changes (run, step, command) VALUES (?, ?, ?)",
                [
                    (run, c.step, c.command.model_copy(update={"run": run}).model_dump_json())
                    for c in changes
                ],
            )
            if checkpoint:
                database.execute(
                    "INSERT INTO checkpoints (run, step, time, kept, arrays) "
                    "VALUES (?, ?, ?, 1, ?)",
                    (run, *checkpoint),
                )
    finally:
        database.close()
    return run
