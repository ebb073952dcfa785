"""A zip file from anywhere, read without believing it."""

import hashlib
import io
import math
from collections.abc import Iterator
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy as np

from core.errors import ExportError
from core.export.manifest import MOST_STEPS
from core.export.records import ROWS_AT_ONCE, as_text
from core.run.heads import ACCURACY, Heads, names_of
from core.run.records import Record
from core.store.tables import METRICS, TYPES, VALIDATED, columns_of, record_of, titles_of

REFUSED = "This file is refused:"
LARGEST = {"manifest.json": 20_000_000, "records.csv": 600_000_000, "checkpoint.npz": 200_000_000}
MOST_ROWS = 2_000_000
LONGEST_LINE = 2_000
ANY_SIGN = ("total_loss", "loss", "val_loss", "metric", "val_metric")
LARGEST_DIRECTORY = 2_000  # bytes: of three entries
GROWTH = 200  # times that an honest file unpacks to, at most, beyond its first megabyte
ROUNDING = 1e-6  # nats that a loss may be below 0
ARRAYS = {"float32", "int64", "int32", "uint32", "uint64", "float64"}
N_ARRAYS = 10_000


def checked_entries(file: BinaryIO) -> dict[str, ZipInfo]:
    """The entries of a zip file by name, none of which is unpacked.

    Raises:
        ExportError: If there are others than those of a bundle, or one would grow too large.
    """
    check_directory(file)
    with ZipFile(file) as archive:
        entries = archive.infolist()
    for entry in entries:
        if entry.filename not in LARGEST:
            known = ", ".join(LARGEST)
            raise ExportError(f"{REFUSED} it holds {entry.filename!r:.100}, expected {known}.")
        most = min(LARGEST[entry.filename], 1_000_000 + GROWTH * entry.compress_size)
        if entry.file_size > most:
            raise ExportError(
                f"{REFUSED} {entry.filename} would unpack to {entry.file_size:,} bytes, and "
                f"{most:,} are allowed."
            )
        if entry.flag_bits & 1 or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise ExportError(f"{REFUSED} {entry.filename} is encrypted or packed unusually.")
    by_name = {entry.filename: entry for entry in entries}
    if len(by_name) < len(entries) or "manifest.json" not in by_name:
        raise ExportError(f"{REFUSED} manifest.json is missing, or a file is there twice.")
    return by_name


def check_directory(file: BinaryIO) -> None:
    """Refuse a zip file with so many entries that listing them would take the memory."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - 2**16 - 22))
    end = file.read()
    file.seek(0)
    at = end.rfind(b"PK\5\6")
    if at < 0 or len(end) < at + 22:
        raise ExportError(
            f"{REFUSED} it is no zip file, or not all of one. Expected what "
            "`python3 -m core.export RUN --format bundle` writes."
        )
    directory = int.from_bytes(end[at + 12 : at + 16], "little")
    if directory > LARGEST_DIRECTORY or b"PK\6\7" in end[:at]:
        raise ExportError(f"{REFUSED} it holds more files than the {len(LARGEST)} of a run.")


def digest_of(archive: ZipFile, name: str) -> str:
    """SHA-256 of a file in an archive."""
    digest = hashlib.sha256()
    with archive.open(name) as file:
        while piece := file.read(2**18):
            digest.update(piece)
    return digest.hexdigest()


def checked_records(
    archive: ZipFile, run: str, n_lanes: int, n_branches: int, heads: Heads
) -> Iterator[list[Record]]:
    """The records of `records.csv`, some at a time.

    Raises:
        ExportError: If it is not a CSV file of records of this run; the message gives the line.
    """
    number, records = 1, []
    with archive.open("records.csv") as file:
        titles = ("run", *titles_of(heads))
        if file.readline(LONGEST_LINE) != as_text([titles]).encode():
            raise ExportError(f"{REFUSED} records.csv has other columns than {', '.join(titles)}.")
        while line := line_of(file, number := number + 1):
            if number > MOST_ROWS + 1:
                raise ExportError(f"{REFUSED} it has more than {MOST_ROWS:,} records.")
            records.append(checked_record(line.split(","), number, run, n_lanes, n_branches, heads))
            if len(records) == ROWS_AT_ONCE:
                yield records
                records = []
    if records:
        yield records


def line_of(file, number: int) -> str:
    """The next line without its end, empty at the end of the file."""
    line = file.readline(LONGEST_LINE)
    if line and not (line.endswith(b"\r\n") and line.isascii() and len(line) > 2):
        raise ExportError(f"{REFUSED} line {number} of records.csv is not one of a CSV file.")
    return line[:-2].decode("ascii")


def checked_record(
    cells: list[str],
    number: int,
    run: str,
    n_lanes: int,
    n_branches: int,
    heads: Heads,
) -> Record:
    """One record as the store has it."""
    try:
        if cells[0] != run:
            raise ValueError("run")
        pairs = zip(columns_of(heads), cells[1:], strict=True)
        row: tuple[Any, ...] = tuple(
            None if not c else int(c) if t in TYPES else float(c) for t, c in pairs
        )
        of = dict(zip(columns_of(heads), row, strict=True))
        check_values(of, heads)
        if not 1 <= of["step"] <= MOST_STEPS:
            raise ValueError("step")
        if of["lane"] >= n_lanes or of["branch"] >= n_branches:
            raise ValueError("the run has no such lane or branch")
    except (ValueError, OverflowError) as error:
        raise ExportError(
            f"{REFUSED} line {number} of records.csv is no record of run {run}: {str(error)[:200]}."
        ) from None
    return record_of((0, *row), heads)


def check_values(of: dict[str, Any], heads: Heads) -> None:
    """Have a record's values, by column, be such as training gives.

    Raises:
        ValueError: If they are not; the message says in words what is wrong.
    """
    looked = any(v is not None for column, v in of.items() if column.startswith(VALIDATED))
    can_be_negative = any(head.metric != ACCURACY for head in heads)
    for column, value in of.items():
        quantity, _, place = column.partition(".")
        is_accuracy = bool(place) and heads[int(place)].metric == ACCURACY
        if value is None:
            # Other metrics than accuracies have no value where no label counts.
            is_known = quantity in METRICS and not is_accuracy
            if not is_known and (looked or quantity not in VALIDATED):
                raise ValueError("a value is missing")
        elif not math.isfinite(value):
            raise ValueError("a value is not finite")
        elif value < -ROUNDING and not (can_be_negative and quantity in ANY_SIGN):
            raise ValueError("a value is negative")
        elif is_accuracy and quantity in METRICS and value > 1:
            raise ValueError("an accuracy is over 1")


def checked_arrays(content: bytes, n_lanes: int, heads: Heads) -> list[np.ndarray]:
    """The arrays of a checkpoint, from a `.npz` file as `numpy.savez` writes it.

    Raises:
        ExportError: If it holds anything else, a pickle above all.
    """
    check = "is no state of a training"
    with ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        if len(entries) > N_ARRAYS or len(content) < sum(entry.file_size for entry in entries):
            raise ExportError(f"{REFUSED} checkpoint.npz would unpack to more than it is.")
        expected = [f"arr_{i}.npy" for i in range(len(entries))]
        if [entry.filename for entry in entries] != expected:
            raise ExportError(f"{REFUSED} checkpoint.npz {check}.")
        arrays = [array_of(archive.read(entry)) for entry in entries]
    if len(arrays) < 3 or arrays[0].ndim != 1 or not 1 <= len(arrays[0]) <= n_lanes:
        raise ExportError(f"{REFUSED} checkpoint.npz {check} of {n_lanes} lanes.")
    if arrays[1].ndim != 4 or arrays[1].shape[1:] != (len(arrays[0]), 2, len(heads)):
        names = ", ".join(names_of(heads))
        raise ExportError(f"{REFUSED} checkpoint.npz {check} of the heads {names}.")
    return arrays


def array_of(content: bytes) -> np.ndarray:
    """One array of numbers, as large as it says it is."""
    file = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(file)
        if version != (1, 0):
            raise ValueError(f"version {version}")
        shape, in_columns, dtype = np.lib.format.read_array_header_1_0(file)
        rest = content[file.tell() :]
        n = math.prod(shape)
        if dtype.name not in ARRAYS or min(shape, default=0) < 0 or n * dtype.itemsize != len(rest):
            raise ValueError(f"{dtype} of shape {shape}, in {len(rest)} bytes")
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise ExportError(
            f"{REFUSED} checkpoint.npz holds what is no array of numbers: {str(error)[:200]}."
        ) from None
    return np.frombuffer(rest, dtype).reshape(shape, order="F" if in_columns else "C")


def archived_arrays(arrays: list[np.ndarray]) -> bytes:
    """Arrays as the store keeps them."""
    file = io.BytesIO()
    np.savez(file, *arrays, allow_pickle=False)
    return file.getvalue()
