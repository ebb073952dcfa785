"""What the routes' answers have in common: errors as JSON, what is told of a run."""

from dataclasses import asdict

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.errors import ExplorerError, NotAllowed, RunNotFound
from core.run.run import Run
from core.run.states import RunState
from dashboard.gate.access import visitor_at

FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}

NOT_KEPT = {"Cache-Control": "no-store"}
MOST_DIGITS = 18  # of a whole number: SQLite holds it
NESTED = (
    "What was sent is refused: lists or objects in it lie in one another too deeply. Expected are "
    'plain values, such as {"seed": 1}.'
)
CURSOR = "Take the `cursor` of the last answer, or leave it out for all."


class Refused(ExplorerError, ValueError):
    """What is asked for is not told as it is asked; the message says what can be."""


def state_json(state: RunState) -> dict:
    """What the routes tell of a run's state, so that nobody has to know the words."""
    return {
        "state": state,
        "is_finished": state.is_finished,
        "is_moving": state.is_moving,
        "is_grave": state.is_grave,
    }


def run_json(run: Run, request: Request) -> dict:
    """What the routes tell of a run, and of what can be done with it by whoever asks."""
    return {
        "id": run.id,
        **state_json(run.state),
        "config": run.config.model_dump(),
        "lanes": [] if run.map else [weights.model_dump() for weights in run.lanes],
        "name": run.name,
        "created": run.created,
        "step": run.step,
        "message": run.message,
        "branches": run.branches,
        "map": run.map.model_dump() if run.map else None,
        "can": asdict(run.can_by(visitor_at(request))),
    }


def lanes_json(run: Run) -> list[dict]:
    """How each lane of a run is trained now, and where it comes from; nothing of a weight map."""
    return [
        {"weights": lane.loss_weights.model_dump(), "source": lane.source, "since": lane.since}
        for lane in ([] if run.map else run.lanes_now)
    ]


def is_of_a_page(request: Request) -> bool:
    """Whether a page of this server asks: by what the browser tells, or by a header of ours.

    Another site can have a browser ask for anything, but cannot have it say the one, nor send the
    other without a question beforehand, which is refused. Over plain HTTP from another computer
    browsers do not tell.
    """
    told = request.headers.get("sec-fetch-site") == "same-origin"
    return told or "x-explorer-page" in request.headers


def whole_number(request: Request, name: str, remedy: str, most: int | None = None) -> int | None:
    """A whole number of the query; None where it is not given.

    Args:
        request: What is asked.
        name: The parameter.
        remedy: What to do where it is refused, as a sentence.
        most: The greatest one allowed; if left out, any that SQLite can hold.

    Raises:
        Refused: If it is no such number, or there are several.
    """
    texts = request.query_params.getlist(name)
    if not texts:
        return None
    text = " and ".join(texts)
    is_one = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    if not is_one or (most is not None and int(text) > most):
        span = f"of at most {MOST_DIGITS} digits" if most is None else f"to {most:,}"
        raise Refused(
            f"{name} = {text[:40]!r} is refused: expected one whole number from 0 {span}. {remedy}"
        )
    return int(text)


def answering(tell):
    """Make an endpoint of a function that gives JSON or an answer; its errors are JSON too."""

    async def endpoint(request: Request) -> Response:
        try:
            answer = await run_in_threadpool(tell, request)
            return (
                answer if isinstance(answer, Response) else JSONResponse(answer, headers=NOT_KEPT)
            )
        except RecursionError:
            return JSONResponse({"error": NESTED}, status_code=400)
        except RunNotFound as error:
            return JSONResponse({"error": str(error)}, status_code=404)
        except NotAllowed as error:
            return JSONResponse({"error": str(error)}, status_code=403)
        except ExplorerError as error:
            is_refused = isinstance(error, ValueError)
            return JSONResponse({"error": str(error)}, status_code=400 if is_refused else 503)

    return endpoint
