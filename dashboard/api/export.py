"""`GET /api/export`: runs to be taken away, as a file of one of the formats of `core.export`."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from core.errors import ExplorerError, ExportError
from core.export import formats
from core.export.formats import REFUSED
from core.export.records import csv_chunks
from core.places import PROJECT
from core.problems import own
from dashboard import service
from dashboard.api.answers import NOT_KEPT, answering, whole_number

WITHIN = 120  # seconds
MOST_RUNS = 1000
LANE = "Leave it out for all lanes, or for the first one where the format holds one."
PIECE = 2**18  # bytes
_processes = threading.BoundedSemaphore(2)


def send_export(request: Request) -> Response:
    """`GET /api/export?runs=ID,ID&format=NAME[&lane=N]`: the file as an attachment.

    Formats are those of `core.export.formats.FORMATS`; a folder comes as a zip file. What takes
    TensorFlow or much memory is made by a process of its own.
    """
    form = request.query_params.get("format", "")
    runs = [run for run in dict.fromkeys(request.query_params.get("runs", "").split(",")) if run]
    lane = whole_number(request, "lane", LANE)
    if len(runs) > MOST_RUNS:
        raise ExportError(
            f"{len(runs)} runs are refused: at most {MOST_RUNS} at once are allowed in "
            "`runs`. Take the others with another request."
        )
    store = service.store()
    formats.check(form, store, runs, lane)
    row = formats.FORMATS[form]
    name = formats.file_name(form, runs, lane) + ("" if row.ending else ".zip")
    if form == "csv":
        return attachment(csv_chunks(store, runs, lane), name, row.media_type)
    # Removed as soon as nobody holds it, even if the browser has gone before the first byte.
    folder = tempfile.TemporaryDirectory(prefix="explorer-export-", ignore_cleanup_errors=True)
    try:
        out = Path(folder.name) / name
        if row.light:
            formats.write(form, store, runs, out, lane)
        else:
            make_in_process(form, store.path, runs, out, lane)
    except BaseException:
        folder.cleanup()
        raise
    return attachment(pieces(folder, out), name, row.media_type, out.stat().st_size)


def attachment(content: Iterator, name: str, media_type: str, size: int | None = None) -> Response:
    """An answer that the browser saves as a file of that name."""
    headers = {**NOT_KEPT, "Content-Disposition": f'attachment; filename="{name}"'}
    if size is not None:
        headers["Content-Length"] = str(size)
    return StreamingResponse(content, media_type=media_type, headers=headers)


def pieces(folder: tempfile.TemporaryDirectory, path: Path) -> Iterator[bytes]:
    """The file in pieces; its folder is removed after the last one."""
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece
    finally:
        folder.cleanup()


def make_in_process(
    form: str, store: Path, runs: list[str], out: Path, lane: int | None = None
) -> None:
    """Write a file by `python -m core.export`, so that this process loads nothing for it.

    Raises:
        ExplorerError: With what that process says went wrong, or if two are at work already.
    """
    if not _processes.acquire(blocking=False):
        raise ExplorerError("Two other files are being made just now. Try again in a moment.")
    written = out if formats.FORMATS[form].ending else out.with_suffix("")
    of_lane = [] if lane is None else ["--lane", str(lane)]
    options = ["--store", str(store), "--format", form, "--out", str(written), *of_lane]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "core.export", *options, "--", *runs],
            cwd=PROJECT,
            env={
                **os.environ,
                "PYTHONPATH": str(PROJECT),
                own.ENVIRONMENT: own.as_text(own.known()),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=WITHIN,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ExplorerError(
            f"The file was not ready within {WITHIN} s. Take it with `python3 -m core.export`, "
            "which waits as long as it takes."
        ) from None
    finally:
        _processes.release()
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["The process that makes the file has died."]
        raise (ExportError if done.returncode == REFUSED else ExplorerError)(lines[-1])
    if written != out:
        shutil.make_archive(str(written), "zip", written)


ROUTES = [Route("/api/export", answering(send_export))]
