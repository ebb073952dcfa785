"""Records as one CSV file, of any number of runs, never all in memory."""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.errors import ExportError
from core.run.heads import Heads
from core.run.records import Record
from core.run.run import Run
from core.store import Store
from core.store.tables import OF_ALL, row_of, titles_of

ROWS_AT_ONCE = 5000
NO_SCALARS = ("step", "lane", "branch", "time")


def titles(store: Store, runs: list[str]) -> tuple[str, ...]:
    """The titles of the columns of these runs' records.

    Raises:
        RunNotFound: If there is no such run.
        ExportError: If they have other heads than each other.
    """
    found = {("run", *titles_of(store.run(run).heads)) for run in runs}
    if len(found) > 1:
        raise ExportError(
            "These runs have other heads than each other, so that their records do not fit into "
            "one table. Take those of each problem apart."
        )
    return found.pop() if found else ("run", *OF_ALL)


def write(store: Store, runs: list[str], out: Path, lane: int | None = None) -> None:
    """Write the records of the runs, one after the other, of one lane or of all."""
    with out.open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_chunks(store, runs, lane))


def csv_chunks(store: Store, runs: list[str], lane: int | None = None) -> Iterator[str]:
    """The CSV file in pieces: a row of `titles`, then one row a record, in order.

    Numbers are written so that they read back the same; what was not measured is empty. The
    records of an abandoned branch are there too: column `branch`, see `core.run.run.Run`.
    """
    yield as_text([titles(store, runs)])
    for run in runs:
        for columns in column_chunks(store, run, lane):
            yield as_text(zip(*columns.values(), strict=True))


def as_text(rows: Iterable) -> str:
    """Rows of a CSV file."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def column_chunks(store: Store, run: str, lane: int | None = None) -> Iterator[dict[str, tuple]]:
    """The columns `titles` of a run's records, at most `ROWS_AT_ONCE` at a time."""
    after = 0
    while seq := (columns := store.columns(run, after, ROWS_AT_ONCE, lane)).pop("seq"):
        after = seq[-1]
        yield {"run": (run,) * len(seq), **columns}


def records_in_force(store: Store, run: Run, lane: int) -> Iterator[Record]:
    """The records of a lane that no rewind has left behind."""
    records = store.records(run.id, lane=lane)
    return (record for record in records if record.is_in_force(run.branches))


def scalars_of(record: Record, heads: Heads) -> dict[str, float]:
    """What was measured, by the titles that it has in the CSV."""
    values = dict(zip(titles_of(heads), row_of(record, heads), strict=True))
    return {
        title: value
        for title, value in values.items()
        if title not in NO_SCALARS and value is not None
    }
