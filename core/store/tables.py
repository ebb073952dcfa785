"""The tables of the store: their columns, and what their rows mean."""

import json
import time
from functools import lru_cache
from typing import Any

from core.run.commands import Rewind, parse_command
from core.run.config import RunConfig
from core.run.heads import HEAD_NAMES
from core.run.lanes import Change
from core.run.records import Record
from core.run.run import Run
from core.run.simplex import MapConfig
from core.run.states import RunState
from core.run.weights import LossWeights

VERSION = 4
VALIDATED = ("val_loss", "val_accuracy")
QUANTITIES = ("loss", "accuracy", *VALIDATED, "loss_weights")
HEAD_COLUMNS = tuple(f"{quantity}.{head}" for quantity in QUANTITIES for head in HEAD_NAMES)
COLUMNS = ("step", "lane", "branch", "time", "total_loss", "learning_rate", *HEAD_COLUMNS)
# A record has validation of all heads or of none; this column says which.
LOOKED = f"val_accuracy.{HEAD_NAMES[0]}"
TYPES = {"step": "INTEGER", "lane": "INTEGER", "branch": "INTEGER"}

RESULTS = f"""CREATE TABLE results (
    run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE, lane INTEGER NOT NULL,
    step INTEGER NOT NULL,
    {", ".join(f'"{q}.{head}" REAL' for q in (*VALIDATED, "best") for head in HEAD_NAMES)},
    best_worst REAL, PRIMARY KEY (run, lane)
) WITHOUT ROWID"""
INSIDE = """CREATE TABLE gradients (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    lane INTEGER NOT NULL, branch INTEGER NOT NULL, step INTEGER NOT NULL,
    weight_1 REAL NOT NULL, weight_2 REAL NOT NULL, weight_3 REAL NOT NULL, grams BLOB NOT NULL,
    UNIQUE (run, lane, branch, step)
);
CREATE INDEX gradients_of_run ON gradients (run, seq);
CREATE TABLE snapshots (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    lane INTEGER NOT NULL, branch INTEGER NOT NULL, step INTEGER NOT NULL, pair INTEGER NOT NULL,
    arrays BLOB NOT NULL, broke TEXT NOT NULL, UNIQUE (run, lane)
);
CREATE TABLE pictures (
    run TEXT PRIMARY KEY REFERENCES runs ON DELETE CASCADE, png BLOB NOT NULL
)"""

# The number that people call a run by: counted up, and never given twice, also after a deletion.
# The trigger is there for whoever adds a run.
NUMBERS = """CREATE TABLE numbers (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL UNIQUE REFERENCES runs ON DELETE CASCADE
);
CREATE TRIGGER number_of_run AFTER INSERT ON runs
    BEGIN INSERT INTO numbers (run) VALUES (new.id); END"""

SCHEMA = f"""
CREATE TABLE runs (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, state TEXT NOT NULL,
    first_config TEXT NOT NULL, config TEXT NOT NULL, lanes TEXT NOT NULL,
    created REAL NOT NULL, message TEXT NOT NULL DEFAULT '', branches TEXT NOT NULL DEFAULT '[0]',
    map TEXT, lanes_at_once INTEGER NOT NULL DEFAULT 0, parts_done INTEGER NOT NULL DEFAULT 0,
    name TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '',
    pinned INTEGER NOT NULL DEFAULT 0, ended REAL, changed REAL NOT NULL DEFAULT 0, deleted TEXT
);
CREATE TABLE records (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    {", ".join(f'"{column}" {TYPES.get(column, "REAL")}' for column in COLUMNS)},
    UNIQUE (run, branch, step, lane)
);
CREATE INDEX records_of_run ON records (run, seq);
CREATE INDEX records_looked ON records (run, lane, seq) WHERE "{LOOKED}" IS NOT NULL;
CREATE TABLE changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    step INTEGER NOT NULL, command TEXT NOT NULL
);
CREATE INDEX changes_of_run ON changes (run);
CREATE TABLE checkpoints (
    run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE, step INTEGER NOT NULL,
    time REAL NOT NULL, kept INTEGER NOT NULL, arrays BLOB NOT NULL, PRIMARY KEY (run, step)
);
{RESULTS};
{INSIDE};
{NUMBERS}"""
SELECT = ", ".join(f'"{column}"' for column in COLUMNS)
INSERT = f"INSERT OR IGNORE INTO records (run, {SELECT}) VALUES (?{', ?' * len(COLUMNS)})"
# All that a run is told by, in one statement: a page reads it many times a second, and each look
# into another table is one index away.
RUN_ROW = (
    "SELECT id, state, first_config, config, lanes, created, message, branches, map, "
    "lanes_at_once, parts_done, name, note, pinned, ended, owner, number, "
    "(SELECT time FROM records WHERE run = runs.id ORDER BY seq DESC LIMIT 1), "
    "(SELECT max(step) FROM records WHERE run = runs.id "
    "AND branch = json_array_length(branches) - 1), "
    "(SELECT json_array(lane, step) FROM records WHERE run = runs.id ORDER BY seq DESC LIMIT 1), "
    "(SELECT json_group_array(json_array(step, command)) FROM "
    "(SELECT step, command FROM changes WHERE run = runs.id ORDER BY seq)) "
    "FROM runs JOIN numbers ON numbers.run = runs.id WHERE deleted IS NULL"
)


def run_of(row) -> Run:
    """The run of a row that `RUN_ROW` selects."""
    run, state, first_config, config, lanes, created, message, branches, over, *more = row
    at_once, done, name, note, pinned, ended, owner, number, *rest = more
    seconds, step, newest, changes = rest
    map_config = MapConfig.model_validate_json(over) if over else None
    branches = tuple(json.loads(branches))
    return Run(
        id=run,
        state=RunState(state),
        first_config=RunConfig.model_validate_json(first_config),
        config=RunConfig.model_validate_json(config),
        lanes=map_config.points()
        if map_config
        else tuple(LossWeights(**weights) for weights in json.loads(lanes)),
        created=created,
        step=step or branches[-1],
        message=message,
        branches=branches,
        map=map_config,
        lanes_at_once=at_once,
        parts_done=done,
        name=name,
        note=note,
        pinned=bool(pinned),
        seconds=(ended or time.time()) - created if map_config else seconds or 0.0,
        changes=changes_in_force(json.loads(changes)),
        newest=tuple(json.loads(newest)) if newest else (-1, 0),
        owner=owner,
        number=number,
    )


def changes_in_force(rows) -> tuple[Change, ...]:
    """The changes of rows (step, command) without those that a later rewind undid."""
    in_force: list[Change] = []
    for step, line in rows:
        command = _command_of(line)
        if isinstance(command, Rewind):
            in_force = [change for change in in_force if change.step <= command.step]
        else:
            in_force.append(Change(step, command))
    return tuple(in_force)


# A run is read again and again while it trains; its commands stay the same.
_command_of = lru_cache(maxsize=4096)(parse_command)


def row_of(record: Record) -> tuple:
    """The values of a record in the order of `COLUMNS`."""
    by_head = [getattr(record, q) or dict.fromkeys(HEAD_NAMES) for q in QUANTITIES]
    return (
        *(record.step, record.lane, record.branch),
        *(record.time, record.total_loss, record.learning_rate),
        *(values[name] for values in by_head for name in HEAD_NAMES),
    )


def record_of(row) -> Record:
    """The record of a row (seq, *COLUMNS)."""
    seq, step, lane, branch, seconds, total_loss, learning_rate, *values = row
    n = len(HEAD_NAMES)
    by_head: dict[str, Any] = {
        quantity: dict(zip(HEAD_NAMES, values[i * n : (i + 1) * n], strict=True))
        for i, quantity in enumerate(QUANTITIES)
    }
    if None in by_head["val_accuracy"].values():
        by_head["val_loss"] = by_head["val_accuracy"] = None
    return Record(
        seq=seq,
        step=step,
        lane=lane,
        branch=branch,
        time=seconds,
        total_loss=total_loss,
        learning_rate=learning_rate,
        **by_head,
    )
