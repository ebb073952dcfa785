"""The tables of the store: their columns, and what their rows mean.

Values of heads are in columns by the head's place, such as `loss.0`; which heads a run has is in
its own row. Outside of SQL they are called by the names of the head and of its metric, such as
`loss.department` and `accuracy.department`.
"""

import json
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from core.errors import StoreError
from core.run.commands import Rewind, parse_command
from core.run.config import RunConfig
from core.run.heads import HEADS, MOST_HEADS, Head, Heads, names_of
from core.run.lanes import Change
from core.run.records import Record
from core.run.run import Run
from core.run.simplex import MapConfig
from core.run.states import RunState
from core.run.weights import LossWeights

VERSION = 9
VALIDATED = ("val_loss", "val_metric")
QUANTITIES = ("loss", "metric", *VALIDATED, "loss_weights")
OF_ALL = ("step", "lane", "branch", "time", "total_loss", "learning_rate")
METRICS = {"metric": "", "val_metric": "val_"}  # and what stands before the name of the metric
# A record has validation of all heads or of none; this column says which.
LOOKED = "val_loss.0"
TYPES = {"step": "INTEGER", "lane": "INTEGER", "branch": "INTEGER"}


def in_places(quantities: Iterable[str], n_heads: int) -> list[str]:
    """The columns of quantities of so many heads."""
    return [f"{quantity}.{place}" for quantity in quantities for place in range(n_heads)]


def quoted(columns: Iterable[str], more: str = "") -> str:
    """Columns for a statement."""
    return ", ".join(f'"{column}"{more}' for column in columns)


RESULTS = f"""CREATE TABLE results (
    run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE, lane INTEGER NOT NULL,
    step INTEGER NOT NULL,
    {quoted(in_places((*VALIDATED, "best"), MOST_HEADS), " REAL")},
    best_worst REAL, PRIMARY KEY (run, lane)
) WITHOUT ROWID"""
GRADIENTS = """CREATE TABLE gradients (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    lane INTEGER NOT NULL, branch INTEGER NOT NULL, step INTEGER NOT NULL,
    weights TEXT NOT NULL, grams BLOB NOT NULL,
    UNIQUE (run, lane, branch, step)
);
CREATE INDEX gradients_of_run ON gradients (run, seq)"""
LAYERS = """CREATE TABLE layers (
    run TEXT PRIMARY KEY REFERENCES runs ON DELETE CASCADE, layers TEXT NOT NULL
)"""
SEEN = """CREATE TABLE snapshots (
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

LOOKED_AT = f'CREATE INDEX records_looked ON records (run, lane, seq) WHERE "{LOOKED}" IS NOT NULL'

SCHEMA = f"""
CREATE TABLE runs (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, state TEXT NOT NULL,
    first_config TEXT NOT NULL, config TEXT NOT NULL, lanes TEXT NOT NULL,
    created REAL NOT NULL, message TEXT NOT NULL DEFAULT '', branches TEXT NOT NULL DEFAULT '[0]',
    map TEXT, lanes_at_once INTEGER NOT NULL DEFAULT 0, parts_done INTEGER NOT NULL DEFAULT 0,
    name TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '',
    pinned INTEGER NOT NULL DEFAULT 0, ended REAL, changed REAL NOT NULL DEFAULT 0, deleted TEXT,
    person TEXT NOT NULL DEFAULT '', heads TEXT NOT NULL, unfused TEXT NOT NULL DEFAULT ''
);
CREATE TABLE records (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    {", ".join(f'"{column}" {TYPES.get(column, "REAL")}' for column in OF_ALL)},
    {quoted(in_places(QUANTITIES, MOST_HEADS), " REAL")},
    UNIQUE (run, branch, step, lane)
);
CREATE INDEX records_of_run ON records (run, seq);
{LOOKED_AT};
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
{GRADIENTS};
{LAYERS};
{SEEN};
{NUMBERS}"""


@lru_cache
def of_heads(heads: Heads) -> tuple[tuple[str, int], ...]:
    """What a record has of its heads: a quantity, and the place of the head, each."""
    return tuple(
        (quantity, place)
        for quantity in QUANTITIES
        for place, head in enumerate(heads)
        if head.metric or quantity not in METRICS
    )


@lru_cache
def columns_of(heads: Heads) -> tuple[str, ...]:
    """The columns of a record with these heads."""
    return (*OF_ALL, *(f"{quantity}.{place}" for quantity, place in of_heads(heads)))


@lru_cache
def titles_of(heads: Heads) -> tuple[str, ...]:
    """What they are called outside."""
    return (*OF_ALL, *(title_of(quantity, heads[place]) for quantity, place in of_heads(heads)))


def title_of(quantity: str, head: Head) -> str:
    """What a quantity of a head is called outside."""
    called = f"{METRICS[quantity]}{head.metric}" if quantity in METRICS else quantity
    return f"{called}.{head.name}"


@lru_cache
def selected(heads: Heads) -> str:
    """The same for a statement."""
    return quoted(columns_of(heads))


@lru_cache
def insertion(heads: Heads) -> str:
    """The statement that adds a record of a run."""
    marks = ", ?" * len(columns_of(heads))
    return f"INSERT OR IGNORE INTO records (run, {selected(heads)}) VALUES (?{marks})"


# All that a run is told by, in one statement: a page reads it many times a second, and each look
# into another table is one index away.
RUN_ROW = (
    "SELECT id, state, first_config, config, lanes, created, message, branches, map, "
    "lanes_at_once, parts_done, name, note, pinned, ended, owner, number, person, heads, "
    "unfused, "
    "(SELECT time FROM records WHERE run = runs.id ORDER BY seq DESC LIMIT 1), "
    "(SELECT max(step) FROM records WHERE run = runs.id "
    "AND branch = json_array_length(branches) - 1), "
    "(SELECT json_array(lane, step) FROM records WHERE run = runs.id ORDER BY seq DESC LIMIT 1), "
    "(SELECT json_group_array(json_array(step, command)) FROM "
    "(SELECT step, command FROM changes WHERE run = runs.id ORDER BY seq)) "
    "FROM runs JOIN numbers ON numbers.run = runs.id WHERE deleted IS NULL"
)


def run_of(row) -> Run:
    """The run of a row that `RUN_ROW` selects.

    Raises:
        StoreError: If the row is damaged.
    """
    try:
        return _run_of(row)
    except (ValueError, TypeError, LookupError) as error:
        raise StoreError(
            f"Run {row[0]!s:.40} cannot be read, since the file of the store is damaged: "
            f"{' '.join(str(error).split())[:200]}. `python3 -m core.store check` tells what else "
            "is; take a backup of the store in its place."
        ) from error


def _run_of(row) -> Run:
    run, state, first_config, config, lanes, created, message, branches, over, *more = row
    at_once, done, name, note, pinned, ended, owner, number, person, *rest = more
    heads, unfused, seconds, step, newest, changes = rest
    heads = heads_of(heads)
    map_config = MapConfig.model_validate_json(over) if over else None
    branches = tuple(json.loads(branches))
    return Run(
        id=run,
        state=RunState(state),
        first_config=RunConfig.model_validate_json(first_config),
        config=RunConfig.model_validate_json(config),
        lanes=map_config.points(names_of(heads))
        if map_config
        else tuple(map(LossWeights, json.loads(lanes))),
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
        person=person,
        heads=heads,
        unfused=unfused,
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


# Most runs have the same ones.
heads_of = lru_cache(maxsize=1024)(HEADS.validate_json)


def row_of(record: Record, heads: Heads) -> tuple:
    """The values of a record in the order of `columns_of`, with these heads.

    Raises:
        KeyError: If it has other heads.
    """
    of_all = (record.step, record.lane, record.branch)
    by_head = {quantity: getattr(record, quantity) for quantity in QUANTITIES}
    looked = record.is_validated

    def value(quantity: str, name: str) -> float | None:
        if quantity in METRICS:  # which a batch may be without, such as one that no label counts in
            return (by_head[quantity] or {}).get(name)
        return by_head[quantity][name] if looked or quantity not in VALIDATED else None

    return (
        *(*of_all, record.time, record.total_loss, record.learning_rate),
        *(value(quantity, heads[place].name) for quantity, place in of_heads(heads)),
    )


def record_of(row, heads: Heads) -> Record:
    """The record of a row (seq, *columns_of), with these heads."""
    seq, step, lane, branch, seconds, total_loss, learning_rate, *values = row
    by_head: dict[str, Any] = {quantity: {} for quantity in QUANTITIES}
    for (quantity, place), value in zip(of_heads(heads), values, strict=True):
        if value is not None:
            by_head[quantity][heads[place].name] = value
    if not by_head["val_loss"]:
        by_head["val_loss"] = by_head["val_metric"] = None
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
