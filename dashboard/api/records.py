"""Read-only routes beside the page: runs and records as JSON, and the scripts of the charts."""

import gzip
import json
import re
from functools import cache, lru_cache
from importlib.resources import files as files_of

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.analysis.hints import hints
from core.data.datasets import MOST_CLASSES
from core.errors import ExplorerError, RunNotFound
from core.run.config import EVALUATION_PAIRS
from core.run.records import Record
from core.run.run import Run
from core.store.results import is_in_force
from core.store.tables import COLUMNS
from dashboard import service
from dashboard.charts.live_figures import figures
from dashboard.client.scripts import DASHBOARD, names, scripts_path

ROWS_AT_ONCE = 5000
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
NOT_KEPT = {"Cache-Control": "no-store"}


def run_json(run: Run) -> dict:
    """What the routes tell of a run."""
    return {
        "id": run.id,
        "state": run.state,
        "config": run.config.model_dump(),
        "lanes": [] if run.map else [weights.model_dump() for weights in run.lanes],
        "name": run.name,
        "created": run.created,
        "step": run.step,
        "message": run.message,
        "branches": run.branches,
        "map": run.map.model_dump() if run.map else None,
    }


def list_runs(request: Request) -> list[dict]:
    """`GET /api/runs`: every run, newest first."""
    return [run_json(run) for run in service.store().runs()]


def show_run(request: Request) -> dict:
    """`GET /api/runs/{id}`."""
    return run_json(service.store().run(request.path_params["run"]))


def show_records(request: Request) -> dict:
    """`GET /api/runs/{id}/records?after=SEQ`: the records after a cursor, as columns.

    Of all lanes, or with `lane=N` of one. `hints` are those of the lane `hints=N`, else of that
    one, else of the first.

    `cursor` is what to ask for next; `more` says that there are rows beyond it already. The
    `checkpoints` are the steps that the run can be rewound to. `lanes_now` is how each lane is
    trained now, and which one it was forked from, at which step; neither is told of a weight map.
    """
    after = whole_number(request, "after") or 0
    lane = whole_number(request, "lane")
    store = service.store()
    run = store.run(request.path_params["run"])
    hinted = whole_number(request, "hints")
    if hinted is None:
        hinted = lane or 0
    rows = store.rows(run.id, after, ROWS_AT_ONCE, lane)
    seq, *columns = zip(*rows, strict=True) if rows else [()] * (1 + len(COLUMNS))
    return {
        "run": run_json(run),
        "hints": hints(run, present_look(run, hinted), EVALUATION_PAIRS),
        "checkpoints": [] if run.map else store.checkpoints(run.id),
        "lanes_now": [] if run.map else lanes_json(run),
        "fault": service.engine().fault,
        "ready": service.engine().is_ready,
        "cursor": seq[-1] if seq else after,
        "more": len(rows) == ROWS_AT_ONCE,
        "columns": dict(zip(COLUMNS, columns, strict=True)),
    }


def lanes_json(run: Run) -> list[dict]:
    """How each lane of a run is trained now, and where it comes from."""
    return [
        {"weights": lane.loss_weights.model_dump(), "source": lane.source, "since": lane.since}
        for lane in service.store().lanes(run.id)
    ]


def present_look(run: Run, lane: int) -> Record | None:
    """The newest record of a lane that has validation, unless a rewind has left it behind."""
    record = service.store().last_validated(run.id, lane)
    if record is None or not is_in_force(record.step, record.branch, run.branches):
        return None
    return record


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
    """Make an endpoint of a function that gives JSON or an answer; its errors are JSON too."""

    async def endpoint(request: Request) -> Response:
        try:
            told = await run_in_threadpool(tell, request)
            return told if isinstance(told, Response) else JSONResponse(told, headers=NOT_KEPT)
        except RunNotFound as error:
            return JSONResponse({"error": str(error)}, status_code=404)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        except ExplorerError as error:
            return JSONResponse({"error": str(error)}, status_code=503)

    return endpoint


@cache
def scripts() -> dict[str, bytes]:
    """The browser's scripts by name, compressed: ours, and Plotly's own; see also `script`.

    Plotly's comes out of its Python package, so no other server is asked.
    """
    sources = {name: (DASHBOARD / name).read_bytes() for name in names()}
    plotly = files_of("plotly").joinpath("package_data/plotly.min.js")
    sources["plotly.min.js"] = plotly.read_bytes()
    return {name: gzip.compress(source, 6, mtime=0) for name, source in sources.items()}


@lru_cache(maxsize=32)
def figures_script(n_classes: int) -> bytes:
    """The charts of so many classes as a script of the browser, compressed."""
    source = f"export const figures = {json.dumps(figures(n_classes))}"
    return gzip.compress(source.encode(), 6, mtime=0)


def script(name: str) -> bytes | None:
    """One of the browser's scripts, compressed; None if there is none of that name."""
    if found := re.fullmatch(r"charts/figures-([1-9]\d{0,3})\.js", name):
        n_classes = int(found[1])
        return figures_script(n_classes) if 2 <= n_classes <= MOST_CLASSES else None
    return scripts().get(name)


async def send_script(request: Request) -> Response:
    """`GET /scripts/{version}/{name:path}`."""
    packed = await run_in_threadpool(script, request.path_params["name"])
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
    Route("/scripts/{version}/{name:path}", send_script),
]
