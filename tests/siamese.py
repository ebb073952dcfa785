"""What tests know of the default problem: its heads, and the columns that their records have."""

from core import LossWeights
from core.analysis.measures import map_columns, measures_of
from core.problems.siamese.heads import heads
from core.problems.siamese.presets import ARTICLE
from core.run.heads import HEADS as heads_as_json
from core.run.heads import MOST_HEADS
from core.run.records import Record
from core.store import tables

HEADS = heads(100)
COLUMNS = tables.titles_of(HEADS)
MAP_COLUMNS = map_columns(HEADS)
MAP_QUANTITIES = tuple(measures_of(HEADS))
# As the store has them, for whoever writes rows by SQL: the heads, and a result with a 1 for each.
HEADS_TEXT = heads_as_json.dump_json(HEADS).decode()
RESULT = ", ".join([*(["1"] * len(HEADS) + ["NULL"] * (MOST_HEADS - len(HEADS))) * 3, "1"])


def weighted(**moved: float) -> LossWeights:
    """The article's loss weights, with others of these heads."""
    return ARTICLE.moved(moved)


def record_of(row) -> Record:
    """The record of a row (seq, *COLUMNS)."""
    return tables.record_of(row, HEADS)
