"""The read-only routes of the list of runs: one row a lane, and only what may have changed."""

from contextlib import suppress

from starlette.requests import Request
from starlette.routing import Route

from core.analysis.comparison import curves_of
from core.errors import CommandError, RunNotFound
from core.run.config import RunConfig
from core.run.heads import HEAD_NAMES
from core.run.run import Run
from core.store.results import Result
from dashboard import service
from dashboard.api.answers import answering, state_json

SETTINGS = tuple(name for name in RunConfig.model_fields if name != "steps")
MOST_RUNS = 100
MOST_POINTS = 40  # of a curve: more than it has pixels to tell them apart by


def list_lanes(request: Request) -> dict:
    """`GET /api/lanes[?token=T]`: the rows of all runs, newest first: one a lane, or a weight map.

    With the `token` of an earlier answer, and if no run was added, deleted, named or moved to a
    state since, only the rows of runs that have not ended; `all` says which of the two it is.
    """
    store = service.store()
    token = store.token()
    everything = request.query_params.get("token") != token
    runs = [run for run in store.runs() if everything or not run.is_finished]
    results = store.all_results()
    return {
        "token": token,
        "all": everything,
        "heads": HEAD_NAMES,
        "settings": SETTINGS,
        "curves_at_once": MOST_RUNS,
        "rows": [row for run in runs for row in rows_of(run, results.get(run.id, []))],
    }


def rows_of(run: Run, results: list[Result]) -> list[dict]:
    """The rows of one run: what is the same for all of its lanes, and what is each one's own."""
    common = {
        "run": run.id,
        "number": run.number,
        "name": run.name,
        "note": run.note,
        "pinned": run.pinned,
        **state_json(run.state),
        "created": run.created,
        "seconds": run.seconds,
        "step": run.step,
        "steps": run.config.steps,
        "settings": [getattr(run.config, name) for name in SETTINGS],
        "points": run.map.n_points if run.map else 0,
    }
    if run.map:
        none = {"lane": None, "weights": None, "began": None, "moved": None, "result": None}
        return [{**common, "label": run.label, "what": run.in_short(), **none}]
    of_lane = {result.lane: result for result in results}
    return [
        {
            **common,
            "label": curve.name,
            "what": curve.in_short(),
            "lane": curve.lane if curve.n_lanes > 1 else None,
            "weights": lane.loss_weights.as_tuple(),
            "began": lane.began_with.as_tuple(),
            "moved": lane.moved_heads,
            "result": result_json(of_lane[curve.lane]) if curve.lane in of_lane else None,
        }
        for curve, lane in zip(curves_of(run), run.lanes_now, strict=True)
    ]


def result_json(result: Result) -> dict:
    """Validation accuracies, heads in the order of `HEADS`."""
    return {"last": result.val_accuracy, "best": result.best, "best_worst": result.best_worst}


def list_curves(request: Request) -> dict:
    """`GET /api/lanes/curves?runs=ID,ID`: validation accuracies, thinned to draw small curves of.

    By run and lane a list of rows (step, accuracy of each head), `MOST_POINTS` at most: the first,
    the last and such as are evenly spread between them. A run that is not there is left out.
    """
    ids = list(dict.fromkeys(request.query_params.get("runs", "").split(",")))
    if len(ids) > MOST_RUNS:
        raise CommandError(
            f"{len(ids)} runs are refused: at most {MOST_RUNS} at once are allowed in `runs`. "
            "Ask for the others with another request."
        )
    store = service.store()
    curves = {}
    for run in ids:
        with suppress(RunNotFound):
            curves[run] = {lane: thinned(rows) for lane, rows in store.accuracy_curves(run).items()}
    return {"curves": curves}


def thinned(rows: list) -> list:
    """At most `MOST_POINTS` of them, evenly spread, with the first and the last one."""
    if len(rows) <= MOST_POINTS:
        return rows
    gap = (len(rows) - 1) / (MOST_POINTS - 1)
    return [rows[round(k * gap)] for k in range(MOST_POINTS)]


ROUTES = [
    Route("/api/lanes", answering(list_lanes)),
    Route("/api/lanes/curves", answering(list_curves)),
]
