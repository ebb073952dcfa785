"""Records that are not in a store yet."""

from core.problems.siamese.heads import HEAD_NAMES
from tests.siamese import COLUMNS, record_of


def values_of(step, lane=0, looked=True, **values):
    """The values of a record by column, each another."""
    numbers = {column: step + i / 100 for i, column in enumerate(COLUMNS)}
    numbers |= {"step": step, "lane": lane, "branch": 0, "time": step / 1000} | values
    if not looked:
        numbers |= {column: None for column in COLUMNS if column.startswith("val_")}
    return numbers


def row(step, lane=0, looked=True, **values):
    """A record that is not in the store yet."""
    return record_of((0, *values_of(step, lane, looked, **values).values()))


def looked(step, accuracies, lane=0):
    """A row whose validation accuracies are these."""
    columns = (f"val_accuracy.{head}" for head in HEAD_NAMES)
    return row(step, lane, **dict(zip(columns, accuracies, strict=True)))
