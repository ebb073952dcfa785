"""How a store of an older version becomes one of this version."""

import json

from core.store import results
from core.store.tables import INSIDE, NUMBERS, RESULTS


def name_runs_and_keep_results(db) -> None:
    """1 to 2: names, notes, pins and deletion of runs; results beside the records."""
    for column in (
        "name TEXT NOT NULL DEFAULT ''",
        "note TEXT NOT NULL DEFAULT ''",
        "pinned INTEGER NOT NULL DEFAULT 0",
        "ended REAL",
        "changed REAL NOT NULL DEFAULT 0",
        "deleted TEXT",
    ):
        db.execute(f"ALTER TABLE runs ADD COLUMN {column}")
    db.execute("UPDATE runs SET changed = created")
    db.execute(RESULTS)
    for run, branches in db.execute("SELECT id, branches FROM runs").fetchall():
        results.rebuild(db, run, json.loads(branches))


def keep_what_is_measured_inside(db) -> None:
    """2 to 3: gradients, snapshots and pictures."""
    for statement in INSIDE.split(";\n"):
        db.execute(statement)


def number_runs(db) -> None:
    """3 to 4: a number for each run, in the order in which they were added."""
    for statement in NUMBERS.split(";\n"):
        db.execute(statement)
    db.execute("INSERT INTO numbers (run) SELECT id FROM runs ORDER BY rowid")


MIGRATIONS = {
    1: name_runs_and_keep_results,
    2: keep_what_is_measured_inside,
    3: number_runs,
}
