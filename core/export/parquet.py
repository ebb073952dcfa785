"""Records as one Parquet file: the columns of the CSV, typed."""

from pathlib import Path

from core.errors import LibraryMissing
from core.export.records import column_chunks, titles
from core.store import Store
from core.store.tables import TYPES


def write(store: Store, runs: list[str], out: Path, lane: int | None = None) -> None:
    """Write the records of the runs, one after the other, of one lane or of all.

    Columns are those of the CSV: `run` text, `step`, `lane` and `branch` int64, all others
    float64, null where not measured.
    """
    try:
        import pyarrow as pa
        from pyarrow.parquet import ParquetWriter
    except ImportError:
        raise LibraryMissing(
            "A Parquet file needs pyarrow, which is not installed: pip install pyarrow"
        ) from None
    kinds = {"run": pa.string(), **dict.fromkeys(TYPES, pa.int64())}
    schema = pa.schema([(title, kinds.get(title, pa.float64())) for title in titles(store, runs)])
    with ParquetWriter(out, schema) as writer:
        for run in runs:
            for columns in column_chunks(store, run, lane):
                arrays = [pa.array(columns[field.name], field.type) for field in schema]
                writer.write_batch(pa.record_batch(arrays, schema=schema))
