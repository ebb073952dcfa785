"""The read-only route of the list of runs: one row a lane, and only what may have changed."""

from starlette.requests import Request
from starlette.routing import Route

from core.run.config import RunConfig
from core.run.heads import HEAD_NAMES
from core.run.run import Run
from core.store.results import Result
from dashboard import service
from dashboard.api.answers import answering, state_json

SETTINGS = tuple(name for name in RunConfig.model_fields if name != "steps")


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
        "rows": [row for run in runs for row in rows_of(run, results.get(run.id, []))],
    }


def rows_of(run: Run, results: list[Result]) -> list[dict]:
    """The rows of one run: what is the same for all of its lanes, and what is each one's own."""
    common = {
        "run": run.id,
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
        return [{**common, "lane": None, "weights": None, "moved": False, "result": None}]
    of_lane = {result.lane: result for result in results}
    lanes = run.lanes_now
    return [
        {
            **common,
            "lane": index if len(lanes) > 1 else None,
            "weights": lane.began_with.as_tuple(),
            "moved": lane.is_moved,
            "result": result_json(of_lane[index]) if index in of_lane else None,
        }
        for index, lane in enumerate(lanes)
    ]


def result_json(result: Result) -> dict:
    """Validation accuracies, heads in the order of `HEADS`."""
    return {"last": result.val_accuracy, "best": result.best, "best_worst": result.best_worst}


ROUTES = [Route("/api/lanes", answering(list_lanes))]
