"""Records as one CSV file, of any number of runs, never all in memory."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from core.run.records import Record
from core.run.run import Run
from core.store import Store
from core.store.tables import COLUMNS, HEAD_COLUMNS, row_of

ROWS_AT_ONCE = 5000
TITLES = ("run", *COLUMNS)
SCALARS = (*HEAD_COLUMNS, "total_loss", "learning_rate")


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
        for columns in column_chunks(store, run, lane):
            text = io.StringIO()
            csv.writer(text).writerows(zip(*columns.values(), strict=True))
            yield text.getvalue()


def column_chunks(store: Store, run: str, lane: int | None = None) -> Iterator[dict[str, tuple]]:
    """The columns `TITLES` of a run's records, at most `ROWS_AT_ONCE` at a time."""
    after = 0
    while seq := (columns := store.columns(run, after, ROWS_AT_ONCE, lane)).pop("seq"):
        after = seq[-1]
        yield {"run": (run,) * len(seq), **columns}


def records_in_force(store: Store, run: Run, lane: int) -> Iterator[Record]:
    """The records of a lane that no rewind has left behind."""
    records = store.records(run.id, lane=lane)
    return (record for record in records if record.is_in_force(run.branches))


def scalars_of(record: Record) -> dict[str, float]:
    """What was measured, by the titles that it has in the CSV."""
    values = dict(zip(COLUMNS, row_of(record), strict=True))
    return {title: values[title] for title in SCALARS if values[title] is not None}
