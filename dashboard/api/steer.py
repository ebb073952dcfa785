"""The routes of the weights desk: how a run is trained now, and other loss weights for a lane."""

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.errors import ConfigError
from dashboard import service
from dashboard.api.answers import answering, lanes_json, run_json
from dashboard.gate.access import visitor_at

LARGEST_BODY = 4096  # bytes
BODY = 'expected JSON such as {"lane": 0, "weights": {"HEAD": 0.7}}. Send what was moved.'


def show_lanes(request: Request) -> dict:
    """`GET /api/runs/{id}/lanes`: how each lane of a run is trained now."""
    run, engine = service.store().run(request.path_params["run"]), service.engine()
    engine.inside.follow(run.id)
    return {
        "run": run_json(run, request),
        "lanes_now": lanes_json(run),
        "fault": engine.fault,
        "ready": engine.is_ready,
    }


async def move_weights(request: Request) -> Response:
    """`POST /api/runs/{id}/weights` `{"lane": 0, "weights": {HEAD: 0.7}}`.

    Heads that are not named keep what they have, whoever set it. `sent` is false where the run has
    ended, so that nothing was changed. Of somebody else's run it is refused with 403.
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
        service.store().run(run).check(visitor_at(request))
        return {"sent": service.engine().move_loss_weights(run, lane, weights)}

    return await answering(move)(request)


def moved(body: bytes) -> tuple[int, dict[str, float]]:
    """Lane and weights by head.

    Raises:
        ConfigError: If it is no such JSON.
    """
    try:
        told = json.loads(body)
        lane, weights = told["lane"], told["weights"]
        is_whole = type(lane) is int and isinstance(weights, dict) and bool(weights)
    except (ValueError, TypeError, KeyError, RecursionError):
        is_whole = False
    if not is_whole:
        raise ConfigError(f"The body {body[:80]!r} is refused: {BODY}")
    return lane, weights


ROUTES = [
    Route("/api/runs/{run}/lanes", answering(show_lanes)),
    Route("/api/runs/{run}/weights", move_weights, methods=["POST"]),
]
