"""Records as a table: as it must be, and as it is in a CSV file."""

import csv
from dataclasses import asdict

from core.problems.siamese.heads import HEAD_NAMES

# By what a record calls them, what columns are called.
EACH = {"loss": "loss", "metric": "accuracy", "val_loss": "val_loss", "val_metric": "val_accuracy"}
EACH["loss_weights"] = "loss_weights"


def row_of(record, run):
    """A record as the row of a table, by column."""
    row = {"run": run, **asdict(record)}
    del row["seq"]
    for quantity, title in EACH.items():
        by_head = row.pop(quantity) or dict.fromkeys(HEAD_NAMES)
        row |= {f"{title}.{head}": value for head, value in by_head.items()}
    return row


def expected_rows(store, *runs, lane=None):
    return [
        row_of(record, run)
        for run in runs
        for record in store.records(run)
        if lane in (None, record.lane)
    ]


def read_csv(path):
    """Rows of a CSV file of records as numbers, by column."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    whole = ("step", "lane", "branch")
    for row in rows:
        for title, text in row.items():
            if title != "run":
                row[title] = (int if title in whole else float)(text) if text else None
    return rows
