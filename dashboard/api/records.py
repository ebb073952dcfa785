"""The read-only routes of runs and their records."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.analysis.hints import hints
from core.run.records import Record
from core.run.run import Run
from core.run.states import RunState
from dashboard import service
from dashboard.api import example
from dashboard.api.answers import CURSOR, answering, lanes_json, run_json, whole_number
from dashboard.gate.access import visitor_at

ROWS_AT_ONCE = 5000


def list_runs(request: Request) -> list[dict]:
    """`GET /api/runs`: every run, newest first."""
    return [run_json(run, request) for run in service.store().runs()]


def show_run(request: Request) -> dict:
    """`GET /api/runs/{id}`."""
    return run_json(service.store().run(request.path_params["run"]), request)


def show_records(request: Request) -> dict:
    """`GET /api/runs/{id}/records?after=SEQ`: the records after a cursor, as columns.

    Of all lanes, or with `lane=N` of one. `hints` are those of the lane `hints=N`, else of that
    one, else of the first.

    `cursor` is what to ask for next; `more` says that there are rows beyond it already. `run` has
    in `can` what whoever asks can do with it; the `checkpoints` are the steps that they can rewind
    it to, and `calmer` is the learning rate to try again with where it has diverged. `lanes_now` is
    how each lane is trained now, and which one it was forked from, at which step; neither is told
    of a weight map.
    The column `validated` says which records have validation.
    """
    after = whole_number(request, "after", CURSOR) or 0
    lane = whole_number(request, "lane", "Leave it out for the records of all lanes.")
    if request.path_params["run"] == service.EXAMPLE:
        return example.answer("records", after)
    store = service.store()
    run = store.run(request.path_params["run"])
    service.engine().inside.follow(run.id)
    hinted = whole_number(request, "hints", "It is a lane: leave it out for the first one's.")
    if hinted is None:
        hinted = lane or 0
    columns = store.columns(run.id, after, ROWS_AT_ONCE, lane)
    seq = columns.pop("seq")
    looks = columns[f"val_loss.{run.heads[0].name}"]
    validated = [value is not None for value in looks]
    return {
        "run": run_json(run, request),
        "hints": hints(run, present_look(run, hinted), run.config.n_validation),
        "checkpoints": ways_back(run, run.can_by(visitor_at(request)).rewind),
        "calmer": calmer_rate(run),
        "lanes_now": lanes_json(run),
        "fault": service.engine().fault,
        "ready": service.engine().is_ready,
        "cursor": seq[-1] if seq else after,
        "more": len(seq) == ROWS_AT_ONCE,
        "columns": {**columns, "validated": validated},
    }


def ways_back(run: Run, can_rewind: bool) -> list[int]:
    """The steps that a run can be rewound to with a use: what has diverged would do so again."""
    steps = service.store().checkpoints(run.id) if can_rewind else []
    is_lost = run.state is RunState.DIVERGED
    return [step for step in steps if step < run.step] if is_lost else steps


def calmer_rate(run: Run) -> float | None:
    """The learning rate to try next where a run has diverged."""
    is_lost = run.state is RunState.DIVERGED
    return float(f"{run.config.learning_rate / 10:.4g}") if is_lost else None


def present_look(run: Run, lane: int) -> Record | None:
    """The newest record of a lane that has validation, unless a rewind has left it behind."""
    record = service.store().last_validated(run.id, lane)
    if record is None or not record.is_in_force(run.branches):
        return None
    return record


async def send_nothing(request: Request) -> Response:
    """Any other path below `/api`, where Streamlit would send its page."""
    error = (
        f"There is no route {request.url.path!r:.80}: expected /api/runs or another one that the "
        "README lists."
    )
    return JSONResponse({"error": error}, status_code=404)


ROUTES = [
    Route("/api/runs", answering(list_runs)),
    Route("/api/runs/{run}", answering(show_run)),
    Route("/api/runs/{run}/records", answering(show_records)),
    Route("/api/{path:path}", send_nothing),
]
