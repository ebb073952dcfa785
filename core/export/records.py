"""Records as one CSV file, of any number of runs, never all in memory."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from core.run.run import Run
from core.store import Store
from core.store.results import is_in_force
from core.store.tables import COLUMNS

ROWS_AT_ONCE = 5000
TITLES = ("run", *COLUMNS)


def write(store: Store, runs: list[str], out: Path, lane: int | None = None) -> None:
    """Write the records of the runs, one after the other, of one lane or of all."""
    with out.open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_chunks(store, runs, lane))


def csv_chunks(store: Store, runs: list[str], lane: int | None = None) -> Iterator[str]:
    """The CSV file in pieces: a row of `TITLES`, then one row a record, in order.

    Numbers are written so that they read back the same; what was not measured is empty. The
    records of an abandoned branch are there too: column `branch`, see `core.run.run.Run`.
    """
    yield ",".join(TITLES) + "\r\n"
    for run in runs:
        for rows in row_chunks(store, run, lane):
            text = io.StringIO()
            csv.writer(text).writerows((run, *row) for row in rows)
            yield text.getvalue()


def row_chunks(store: Store, run: str, lane: int | None = None) -> Iterator[list[tuple]]:
    """Rows of values in the order of `COLUMNS`, at most `ROWS_AT_ONCE` at a time."""
    after = 0
    while rows := store.rows(run, after, ROWS_AT_ONCE, lane):
        after = rows[-1][0]
        yield [row[1:] for row in rows]


def is_abandoned(run: Run, row: tuple) -> bool:
    """Whether a row (`COLUMNS`) is of a branch that a rewind has left before that step."""
    step, branch = row[COLUMNS.index("step")], row[COLUMNS.index("branch")]
    return not is_in_force(step, branch, run.branches)
