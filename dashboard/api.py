"""Read-only routes beside the page: runs and records as JSON, and the scripts of the charts."""

import gzip
import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.analysis import hints
from core.config import EVALUATION_PAIRS
from core.errors import ExplorerError, RunNotFound
from core.messages import Run
from core.store import COLUMNS
from dashboard import service

ROWS_AT_ONCE = 5000
SCRIPTS = ("live_view.js", "live_chart.js")
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
NOT_KEPT = {"Cache-Control": "no-store"}


def run_json(run: Run) -> dict:
    """What the routes tell of a run."""
    return {
        "id": run.id,
        "state": run.state,
        "config": run.config.model_dump(),
        "lanes": [weights.model_dump() for weights in run.lanes],
        "created": run.created,
        "step": run.step,
        "message": run.message,
    }


def list_runs(request: Request) -> list[dict]:
    """`GET /api/runs`: every run, newest first."""
    return [run_json(run) for run in service.store().runs()]


def show_run(request: Request) -> dict:
    """`GET /api/runs/{id}`."""
    return run_json(service.store().run(request.path_params["run"]))


def show_records(request: Request) -> dict:
    """`GET /api/runs/{id}/records?after=SEQ`: the records after a cursor, as columns.

    Of all lanes, or with `lane=N` of one.

    `cursor` is what to ask for next; `more` says that there are rows beyond it already.
    """
    after = whole_number(request, "after") or 0
    lane = whole_number(request, "lane")
    store = service.store()
    run = store.run(request.path_params["run"])
    rows = store.rows(run.id, after, ROWS_AT_ONCE, lane)
    seq, *columns = zip(*rows, strict=True) if rows else [()] * (1 + len(COLUMNS))
    return {
        "run": run_json(run),
        "hints": hints(run, store.last_validated(run.id), EVALUATION_PAIRS),
        "fault": service.engine().fault,
        "ready": service.engine().is_ready,
        "cursor": seq[-1] if seq else after,
        "more": len(rows) == ROWS_AT_ONCE,
        "columns": dict(zip(COLUMNS, columns, strict=True)),
    }


def whole_number(request: Request, name: str) -> int | None:
    """A whole number of the query, as SQLite can hold it; None where it is not given.

    Raises:
        ValueError: If it is no such number, or there are several.
    """
    texts = request.query_params.getlist(name)
    if not texts:
        return None
    text = " and ".join(texts)
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValueError(
            f"{name} = {text[:40]!r} is refused: expected one whole number from 0. "
            "`after` is the cursor of the last answer, 0 for all."
        )
    return int(text)


def answering(tell):
    """Make an endpoint of a function that gives JSON; its errors are JSON too."""

    async def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(await run_in_threadpool(tell, request), headers=NOT_KEPT)
        except RunNotFound as error:
            return JSONResponse({"error": str(error)}, status_code=404)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        except ExplorerError as error:
            return JSONResponse({"error": str(error)}, status_code=503)

    return endpoint


@cache
def scripts() -> dict[str, bytes]:
    """The browser's scripts by name, compressed: ours, and Plotly's out of its Python package."""
    here = Path(__file__).parent
    sources = {name: (here / name).read_bytes() for name in SCRIPTS}
    sources["plotly.min.js"] = files("plotly").joinpath("package_data/plotly.min.js").read_bytes()
    return {name: gzip.compress(source, 6, mtime=0) for name, source in sources.items()}


@cache
def scripts_path() -> str:
    """Where the scripts are served; it changes with their content, so they may be kept for ever."""
    content = b"".join(packed for _, packed in sorted(scripts().items()))
    return f"/scripts/{hashlib.sha256(content).hexdigest()[:12]}"


async def send_script(request: Request) -> Response:
    """`GET /scripts/{version}/{name}`."""
    packed = scripts().get(request.path_params["name"])
    if packed is None:
        return JSONResponse({"error": "No such script."}, status_code=404)
    current = request.url.path.startswith(f"{scripts_path()}/")
    headers = {"Content-Encoding": "gzip", **(FOR_EVER if current else NOT_KEPT)}
    return Response(packed, media_type="text/javascript", headers=headers)


async def send_nothing(request: Request) -> Response:
    """Any other path below `/api`, where Streamlit would send its page."""
    return JSONResponse({"error": "No such route: see /api/runs."}, status_code=404)


ROUTES = [
    Route("/api/runs", answering(list_runs)),
    Route("/api/runs/{run}", answering(show_run)),
    Route("/api/runs/{run}/records", answering(show_records)),
    Route("/api/{path:path}", send_nothing),
    Route("/scripts/{version}/{name}", send_script),
]
