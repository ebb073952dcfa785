"""The forms in which runs can be taken away: one row each, and one module of this folder."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from core.errors import ExportError
from core.export.course import checked_lane
from core.store import Store

REFUSED = 3  # exit code of the command line where what was asked for is at fault


@dataclass(frozen=True)
class Format:
    """One form. All that the command line and the routes have to know of it is in this row.

    Attributes:
        module: The module of this folder whose `write` makes it.
        ending: How the file's name ends; empty for a folder.
        media_type: What a browser is told that it is.
        what: What it holds, in words.
        several: Whether several runs fit into one.
        of_lane: Whether it is of one lane alone.
        light: Whether it is made without TensorFlow or another library that takes much memory.
    """

    module: str
    ending: str
    media_type: str
    what: str
    several: bool = False
    of_lane: bool = False
    light: bool = True


FORMATS = {
    "csv": Format("records", ".csv", "text/csv", "all records, as text", several=True),
    "parquet": Format(
        *("parquet", ".parquet", "application/vnd.apache.parquet", "all records, as columns"),
        several=True,
        light=False,
    ),
    "json": Format("documents", ".json", "application/json", "settings and changes", several=True),
    "script": Format("script", ".py", "text/x-python", "a lane as Keras code", of_lane=True),
    "keras": Format(
        *("models.model", ".keras", "application/zip", "a lane's trained model"),
        of_lane=True,
        light=False,
    ),
    "tensorboard": Format(
        *("tensorboard", "", "application/zip", "event files and HParams in a folder"),
        several=True,
        light=False,
    ),
    "bundle": Format("bundle", ".run.zip", "application/zip", "a whole run, to be taken in again"),
}


def write(
    form: str, store: Store, runs: list[str], out: str | Path, lane: int | None = None
) -> None:
    """Write runs to a file, or into a folder, in one of the `FORMATS`.

    Args:
        form: A name in `FORMATS`.
        store: Where the runs are.
        runs: Their ids; one, where the format holds no more.
        out: The file, which is replaced if it is there, or the folder.
        lane: Index of a lane: of a format of one lane the first one if left out, of the others
            all lanes.

    Raises:
        RunNotFound, CommandError: If there is no such run or lane.
        ExportError: If the format cannot hold what is asked for; the message says why.
        LibraryMissing: If it needs a library that is not installed.
        StoreError: If the store cannot be read.
        OSError: If the file cannot be written.
    """
    check(form, store, runs, lane)
    module = import_module(f"core.export.{FORMATS[form].module}")
    out = Path(out)
    if not FORMATS[form].ending:
        module.write(store, runs, out, lane)
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    # Keras goes by the end of a name; nobody shall take half a file for a whole one.
    half = out.with_name(f".half-{out.stem}{FORMATS[form].ending}")
    try:
        module.write(store, runs, half, lane)
        half.replace(out)
    finally:
        half.unlink(missing_ok=True)


def check(form: str, store: Store, runs: list[str], lane: int | None = None) -> None:
    """Raise what `write` would, as far as it can be known beforehand.

    Raises:
        RunNotFound, CommandError, ExportError: As `write` does.
    """
    if form not in FORMATS:
        raise ExportError(f"format = {form!r:.40} is refused: allowed are {', '.join(FORMATS)}.")
    if not runs:
        raise ExportError(
            "No run is named: expected the id of at least one as `runs`. /api/runs lists them."
        )
    if len(runs) > 1 and not FORMATS[form].several:
        raise ExportError(
            f"The format {form} holds one run, and {len(runs)} were named in `runs`. Take "
            "them one by one."
        )
    for run in map(store.run, runs):
        if form in ("script", "keras") and run.config.obstacle:
            raise ExportError(run.config.obstacle)
        if lane is not None:
            checked_lane(run, lane)


def file_name(form: str, runs: list[str], lane: int | None = None) -> str:
    """A name for the file or folder: the run or how many there are, the lane, what is in it."""
    what = f"run-{runs[0]}" if len(runs) == 1 else f"{len(runs)}-runs"
    if lane is not None or FORMATS[form].of_lane:
        what += f"-lane-{lane or 0}"
    if form in ("csv", "parquet"):
        what += "-records"
    return what + (FORMATS[form].ending or f"-{form}")
