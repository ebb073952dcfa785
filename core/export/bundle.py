"""A whole run as one zip file, and such a file taken in again, whoever made it.

manifest.json    format version, the run, its changes, digests of the other files
records.csv      as the format csv, of all lanes
checkpoint.npz   the newest state, if one was kept
"""

import hashlib
import io
import json
import struct
import zlib
from pathlib import Path
from typing import BinaryIO, NamedTuple
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import numpy as np
from pydantic import ValidationError

from core.data.datasets import folder_of, is_here
from core.errors import ExportError, StoreError
from core.export.documents import changes_of, run_document
from core.export.hostile import (
    LARGEST,
    MOST_ROWS,
    REFUSED,
    archived_arrays,
    checked_arrays,
    checked_entries,
    checked_records,
    digest_of,
)
from core.export.manifest import VERSION, WHAT, Manifest, Title
from core.export.records import csv_chunks
from core.run.states import RunState
from core.store import Store
from core.store.intake import take_in

# What Python's own reader of zip files may stumble over.
DAMAGED = (BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError, OSError)


class Arrival(NamedTuple):
    """A run that was taken in: its id in this store, and what there is to say of it."""

    run: str
    note: str


def write(store: Store, runs: list[str], out: Path, lane: int | None = None) -> None:
    """Write a run with all its lanes, records and changes, and its newest state.

    Of a run that has not ended it holds what is there by now. A state too large to be taken in
    again is left out.

    Raises:
        RunNotFound: If there is no such run.
        ExportError: If it has more records than can be taken in again.
    """
    run = store.run(runs[0])
    checkpoint = None if run.map else store.last_checkpoint(run.id)
    if (
        checkpoint
        and sum(array.nbytes for array in checkpoint[2]) > 0.99 * LARGEST["checkpoint.npz"]
    ):
        checkpoint = None
    digests, n_lines = {}, 0
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        digest = hashlib.sha256()
        with archive.open("records.csv", "w") as file:
            for chunk in csv_chunks(store, [run.id]):
                digest.update(chunk.encode())
                file.write(chunk.encode())
                n_lines += chunk.count("\n")
        if n_lines > MOST_ROWS + 1:
            raise ExportError(
                f"Run {run.id} has more than the {MOST_ROWS:,} records that a bundle can hold. "
                "Take its records as Parquet or CSV instead."
            )
        digests["records.csv"] = digest.hexdigest()
        if checkpoint:
            arrays = io.BytesIO()
            np.savez(arrays, *checkpoint[2], allow_pickle=False)
            archive.writestr("checkpoint.npz", arrays.getvalue())
            digests["checkpoint.npz"] = hashlib.sha256(arrays.getvalue()).hexdigest()
        manifest = {
            "what": WHAT,
            "version": VERSION,
            "run": run_document(run),
            "changes": changes_of(run),
            "checkpoint": {"step": checkpoint[0], "seconds": checkpoint[1]} if checkpoint else None,
            "files": digests,
        }
        archive.writestr("manifest.json", json.dumps(manifest, indent=2, allow_nan=False))


def import_run(store: Store, file: str | Path | bytes | BinaryIO, person: str = "") -> Arrival:
    """Take in a run that `write` has made a file of, here or elsewhere.

    Nothing of the file is believed: sizes are looked at before anything is unpacked, no pickle
    is read, and every value has to be one that a training could have recorded. The run counts
    as ended. It keeps its id, if that is free here.

    Args:
        store: Where to.
        file: Path, content, or an open file that can be read and searched, such as an upload.
        person: Whose it is here, see `Run`; the command line's if left out.

    Raises:
        ExportError: If the file is no such run; the message says what is wrong. Nothing is
            written then.
        StoreError: If the store cannot be written.
        OSError: If the file cannot be read.
    """
    if isinstance(file, (str, Path)):
        with Path(file).open("rb") as opened:
            return import_run(store, opened, person)
    if isinstance(file, bytes):
        file = io.BytesIO(file)
    try:
        return _taken_in(store, file, person)
    except (ExportError, StoreError):
        raise
    except DAMAGED as error:
        raise ExportError(
            f"{REFUSED} it is no zip file, or a damaged one ({str(error)[:200]}). "
            "Export the run again."
        ) from None


def _taken_in(store: Store, file: BinaryIO, person: str) -> Arrival:
    entries = checked_entries(file)
    with ZipFile(file) as archive:
        manifest = read_manifest(archive.read(entries["manifest.json"]))
        for name, digest in manifest.files.items():
            if name not in entries or digest_of(archive, name) != digest:
                raise ExportError(f"{REFUSED} {name} is not what was exported. Export it again.")
        if set(entries) != {"manifest.json", *manifest.files} or "records.csv" not in entries:
            raise ExportError(f"{REFUSED} files are missing, or not in the manifest.")
        try:
            changes = manifest.changes_made()
        except ValueError as error:
            raise ExportError(f"{REFUSED} {first_problem(error)}") from None
        checkpoint, heads = None, manifest.run.heads
        if manifest.checkpoint:
            if "checkpoint.npz" not in entries:
                raise ExportError(f"{REFUSED} checkpoint.npz is missing.")
            arrays = checked_arrays(archive.read("checkpoint.npz"), manifest.n_lanes(), heads)
            at = manifest.checkpoint
            checkpoint = (at.step, at.seconds, archived_arrays(arrays))
        run = manifest.run
        limits = (run.id, manifest.n_lanes(), len(run.branches), heads)
        for _ in checked_records(archive, *limits):
            pass  # all is looked at before the store is held
        rows = checked_records(archive, *limits)
        values = {**row_of(manifest), "person": person}
        arrived = take_in(store, values, changes, rows, checkpoint)
    said = [f"Taken in as run {arrived}."]
    if arrived != run.id:
        said.append(f"There is a run {run.id} here already, which stays as it is.")
    if values["state"] != run.state:
        said.append(values["message"])
    dataset = run.config.own_data
    if dataset and not is_here(dataset, folder_of(store.path)):
        said.append(f"Its images, {dataset}, are not here: to train it on, add them first.")
    return Arrival(arrived, " ".join(said))


def read_manifest(text: bytes) -> Manifest:
    """The manifest, checked.

    Raises:
        ExportError: If it is of a newer version, or not one at all.
    """
    try:
        title = Title.model_validate_json(text)
        if title.what == WHAT and title.version > VERSION:
            raise ExportError(
                f"{REFUSED} it is of version {title.version}, and this program reads up to "
                f"{VERSION}. Use a newer program, or export the run with an older one."
            )
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        raise ExportError(f"{REFUSED} manifest.json: {first_problem(error)}") from None


def first_problem(error: ValueError) -> str:
    """The first thing that is wrong, in a sentence."""
    if not isinstance(error, ValidationError):
        return f"{error}."
    problem = error.errors(include_url=False)[0]
    place = ".".join(map(str, problem["loc"]))[:200]
    return f"{place}: {problem['msg'][:500]}" if place else problem["msg"][:500]


def row_of(manifest: Manifest) -> dict:
    """The values of the table `runs` by column.

    Step and seconds of training are those of the records; a weight map has its seconds from
    `ended`. Nobody's pins are taken over.
    """
    run = manifest.run
    values = run.model_dump(exclude={"step", "seconds", "pinned"}, mode="json")
    values["ended"] = run.created + run.seconds
    for name in ("first_config", "config", "map"):
        settings = getattr(run, name)
        values[name] = settings.model_dump_json() if settings else None
    if not run.state.is_finished:
        values["state"] = str(RunState.STOPPED)
        values["message"] = f"It was exported at step {run.step}, before its end."
    return values
