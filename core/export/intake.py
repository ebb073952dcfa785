"""A run from elsewhere written into a store, in one transaction: all of it, or nothing."""

import json
import uuid
from collections.abc import Iterable

from core.errors import ExportError
from core.messages import Change
from core.store import Store
from core.store.database import Database
from core.store.tables import INSERT

OWNER = "0-taken-in"  # no engine has this name; one that rewinds the run makes it its own


def take_in(
    store: Store,
    values: dict,
    changes: list[Change],
    chunks: Iterable[list[tuple]],
    checkpoint: tuple[int, float, bytes] | None,
) -> str:
    """Write an ended run with all that belongs to it.

    Args:
        store: Where to.
        values: Of the table `runs`, by column; columns that the table does not have are left
            out, and those that are not given get their defaults. The `id` is kept if it is free;
            else the `note` says whose copy this is.
        changes: In order; their commands get the run's id.
        chunks: Rows in the order of `COLUMNS`, some at a time.
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
            there = {column for _, column, *_ in database.execute("PRAGMA table_info(runs)")}
            row = {**values, "owner": OWNER}
            if database.execute("SELECT 1 FROM runs WHERE id = ?", (row["id"],)).fetchone():
                said = f"Copy of run {row['id']}."
                row["id"] = uuid.uuid4().hex[:12]
                row["note"] = "\n\n".join(filter(None, [row.get("note"), said]))
            run = row["id"]
            row = {
                column: json.dumps(value) if isinstance(value, (list, dict)) else value
                for column, value in row.items()
                if column in there
            }
            titles, marks = ", ".join(row), ", ".join("?" * len(row))
            database.execute(f"INSERT INTO runs ({titles}) VALUES ({marks})", (*row.values(),))
            wanted = 0
            for rows in chunks:
                database.executemany(INSERT, [(run, *values) for values in rows])
                wanted += len(rows)
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
