"""The routes of the weights desk: how a run is trained now, and other loss weights for a lane."""

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.errors import ConfigError
from core.run.weights import LossWeights
from dashboard import service
from dashboard.api.answers import answering, lanes_json, run_json

LARGEST_BODY = 4096  # bytes
BODY = 'expected JSON such as {"lane": 0, "weights": {"bin_out": 0.7}}. Send what was moved.'


def show_lanes(request: Request) -> dict:
    """`GET /api/runs/{id}/lanes`: how each lane of a run is trained now."""
    return now(request.path_params["run"])


def now(run_id: str) -> dict:
    """What the desk follows of a run."""
    run, engine = service.store().run(run_id), service.engine()
    return {
        "run": run_json(run),
        "lanes_now": lanes_json(run),
        "fault": engine.fault,
        "ready": engine.is_ready,
    }


async def move_weights(request: Request) -> Response:
    """`POST /api/runs/{id}/weights` `{"lane": 0, "weights": {"bin_out": 0.7}}`.

    Heads that are not named keep what they have, whoever set it. `sent` is false where the run has
    ended, so that nothing was changed.
    """
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BODY:
            error = f"The body is refused: over {LARGEST_BODY:,} bytes; {BODY}"
            return JSONResponse({"error": error}, status_code=413)

    def move(request: Request) -> dict:
        lane, weights = moved(bytes(body))
        run = request.path_params["run"]
        return {"sent": service.engine().move_loss_weights(run, lane, **weights)}

    return await answering(move)(request)


def moved(body: bytes) -> tuple[int, dict[str, float]]:
    """Lane and weights by head.

    Raises:
        ConfigError: If it is no such JSON, a head is unknown or its weight is not allowed.
    """
    try:
        told = json.loads(body)
        lane, weights = told["lane"], told["weights"]
        is_whole = type(lane) is int and isinstance(weights, dict) and bool(weights)
    except (ValueError, TypeError, KeyError, RecursionError):
        is_whole = False
    if not is_whole:
        raise ConfigError(f"The body {body[:80]!r} is refused: {BODY}")
    LossWeights().moved(weights)  # or else a name such as "run" would be taken for an argument
    return lane, weights


ROUTES = [
    Route("/api/runs/{run}/lanes", answering(show_lanes)),
    Route("/api/runs/{run}/weights", move_weights, methods=["POST"]),
]
