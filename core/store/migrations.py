"""How a store of an older version becomes one of this version."""

import json

from core.problems import heads_of
from core.problems.siamese.heads import HEAD_NAMES
from core.problems.siamese.layers import layers_of
from core.run.config import RunConfig
from core.run.heads import HEADS, MOST_HEADS
from core.run.layers import as_text
from core.store import results
from core.store.tables import LAYERS, LOOKED_AT, NUMBERS, SEEN, in_places, quoted

# Tables as older versions had them: with three heads, by name, and an accuracy each.
VALIDATED = ("val_loss", "val_accuracy")
QUANTITIES = ("loss", "accuracy", *VALIDATED, "loss_weights")
RESULTS = f"""CREATE TABLE results (
    run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE, lane INTEGER NOT NULL,
    step INTEGER NOT NULL,
    {quoted((f"{q}.{name}" for q in (*VALIDATED, "best") for name in HEAD_NAMES), " REAL")},
    best_worst REAL, PRIMARY KEY (run, lane)
) WITHOUT ROWID"""
GRADIENTS = """CREATE TABLE gradients (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    lane INTEGER NOT NULL, branch INTEGER NOT NULL, step INTEGER NOT NULL,
    weight_1 REAL NOT NULL, weight_2 REAL NOT NULL, weight_3 REAL NOT NULL, grams BLOB NOT NULL,
    UNIQUE (run, lane, branch, step)
);
CREATE INDEX gradients_of_run ON gradients (run, seq)"""


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
    db.execute(RESULTS)  # filled by `keep_any_metrics`, which knows where a record has what


def keep_what_is_measured_inside(db) -> None:
    """2 to 3: gradients, snapshots and pictures."""
    for statement in f"{GRADIENTS};\n{SEEN}".split(";\n"):
        db.execute(statement)


def number_runs(db) -> None:
    """3 to 4: a number for each run, in the order in which they were added."""
    for statement in NUMBERS.split(";\n"):
        db.execute(statement)
    db.execute("INSERT INTO numbers (run) SELECT id FROM runs ORDER BY rowid")


def know_whose_runs_are(db) -> None:
    """4 to 5: the person whose run it is; nobody's browser is known of older ones."""
    db.execute("ALTER TABLE runs ADD COLUMN person TEXT NOT NULL DEFAULT ''")


def keep_any_heads(db) -> None:
    """5 to 6: any number of heads, in columns by their place; which they are, in the run's row."""
    for table, quantities in (("records", QUANTITIES), ("results", (*VALIDATED, "best"))):
        for quantity in quantities:
            for place, name in enumerate(HEAD_NAMES):
                old, new = f'"{quantity}.{name}"', f'"{quantity}.{place}"'
                db.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")
        for column in in_places(quantities, MOST_HEADS):
            if int(column.rpartition(".")[2]) >= len(HEAD_NAMES):
                db.execute(f'ALTER TABLE {table} ADD COLUMN "{column}" REAL')
    db.execute("ALTER TABLE gradients ADD COLUMN weights TEXT NOT NULL DEFAULT '[]'")
    db.execute("UPDATE gradients SET weights = json_array(weight_1, weight_2, weight_3)")
    for column in ("weight_1", "weight_2", "weight_3"):
        db.execute(f"ALTER TABLE gradients DROP COLUMN {column}")
    db.execute("ALTER TABLE runs ADD COLUMN heads TEXT NOT NULL DEFAULT '[]'")
    for run, config in db.execute("SELECT id, first_config FROM runs").fetchall():
        text = HEADS.dump_json(heads_of(RunConfig.model_validate_json(config))).decode()
        db.execute("UPDATE runs SET heads = ? WHERE id = ?", (text, run))


def keep_any_metrics(db) -> None:
    """6 to 7: a metric of each head, if it has one; a look is known by its losses."""
    db.execute("DROP INDEX records_looked")
    for old in ("accuracy", "val_accuracy"):
        for table in ("records", "results") if old in VALIDATED else ("records",):
            for place in range(MOST_HEADS):
                new = f"{old.replace('accuracy', 'metric')}.{place}"
                db.execute(f'ALTER TABLE {table} RENAME COLUMN "{old}.{place}" TO "{new}"')
    db.execute(LOOKED_AT)
    has_results = {run for (run,) in db.execute("SELECT DISTINCT run FROM results")}
    for run, branches, heads in db.execute("SELECT id, branches, heads FROM runs").fetchall():
        if run not in has_results:  # of version 1, or nothing was looked at
            results.rebuild(db, run, HEADS.validate_json(heads), json.loads(branches))


def keep_layers(db) -> None:
    """7 to 8: the layers that gradients were measured of; until then, of the network alone."""
    db.execute(LAYERS)
    measured = "SELECT id, first_config FROM runs WHERE id IN (SELECT run FROM gradients)"
    for run, config in db.execute(measured).fetchall():
        text = as_text(layers_of(RunConfig.model_validate_json(config)))
        db.execute("INSERT INTO layers (run, layers) VALUES (?, ?)", (run, text))


def know_what_is_not_fused(db) -> None:
    """8 to 9: why the steps of a run are not one program of XLA; of older ones it is not known."""
    db.execute("ALTER TABLE runs ADD COLUMN unfused TEXT NOT NULL DEFAULT ''")


MIGRATIONS = {
    1: name_runs_and_keep_results,
    2: keep_what_is_measured_inside,
    3: number_runs,
    4: know_whose_runs_are,
    5: keep_any_heads,
    6: keep_any_metrics,
    7: keep_layers,
    8: know_what_is_not_fused,
}
