"""Read-only routes to what is measured inside runs; to ask is what has it measured."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.analysis import gradients, snapshot
from core.data import datasets
from core.data.class_names import class_names
from core.errors import RunNotFound
from core.problems import seen as views
from core.run.config import EVALUATION_PAIRS, RunConfig
from core.run.heads import Heads
from core.run.layers import NOTHING_SHARED, Layers
from core.run.run import Run
from core.run.weights import MAX_LANES
from core.store.inside import Cells, Measurement, Snapshot
from dashboard import service
from dashboard.api import example
from dashboard.api.answers import (
    CURSOR,
    FOR_EVER,
    Refused,
    answering,
    is_of_a_page,
    lanes_json,
    run_json,
    whole_number,
)

VALUES_AT_ONCE = 200_000
MAP = "A weight map has many lanes and keeps none of them: train one of its points as a run."
UNKNOWN = "Nothing has been measured inside this run yet. It is measured while this page is open."
NOT_KEPT = (
    "Nothing was measured inside this run while it trained, and none of its states are kept: "
    "only the newest ended runs keep theirs."
)
FOREIGN = (
    "Only a page of this server has something measured. A program that is to, sends the header "
    "Sec-Fetch-Site: same-origin."
)
LOADING = "The training process is still loading TensorFlow."


def show_inside(request: Request) -> dict:
    """`GET /api/runs/{id}/inside?lane=N&pair=I&after=SEQ&seen=TOKEN&watch=1`.

    The gradients of all lanes measured after a cursor, as columns; and of one lane, what its model
    makes of the validation examples, if that is not what the token stands for. With `watch`, both
    are measured for the next seconds, if a page of this server asks; `is_coming` says whether
    anything is, or is there.
    """
    lane = whole_number(request, "lane", "Leave it out for the first lane.", MAX_LANES - 1) or 0
    pair = whole_number(request, "pair", "Leave it out for the first pair.", EVALUATION_PAIRS - 1)
    pair = pair or 0
    after = whole_number(request, "after", CURSOR) or 0
    is_watched = whole_number(request, "watch", "1 has it measured, 0 does not.", 1)
    seen = request.query_params.get("seen")
    if request.path_params["run"] == service.EXAMPLE:
        return example.answer("inside", after, pair, seen)
    store = service.store()
    run = store.run(request.path_params["run"])
    engine = service.engine()
    engine.inside.follow(run.id)
    if is_watched and run.map is None and is_of_a_page(request):
        engine.inside.watch(run.id, lane, pair)
    # The training process writes them before any gradients: without them nothing is measured yet,
    # even if it is by the time that the gradients are read.
    layers = (None if run.map else store.inside.layers(run.id)) or ()
    names = ("step", "lane", "branch", *gradients.columns(run.heads, layers))
    at_once = VALUES_AT_ONCE // len(names)
    measured = store.inside.gradients(run.id, after, at_once) if layers else []
    newest = store.inside.newest_gradients(run.id, lane) if layers else None
    seq = None if run.map else store.inside.snapshot_seq(run.id, lane)
    token = None if seq is None else str(seq)
    is_new = token is not None and token != seen
    snapshot_now = store.inside.snapshot(run.id, lane) if is_new else None
    cells = store.inside.cells(run.id) if snapshot_now else None
    broke, collapsed = _facts(snapshot_now) if snapshot_now else _kept(run.id, lane, token)
    told = _told(run, newest is not None or token is not None)
    config = run.first_config
    return {
        "run": run_json(run, request),
        "lanes_now": lanes_json(run),
        "fault": engine.fault,
        "ready": engine.is_ready,
        "told": told,
        "is_coming": told in ("", LOADING, UNKNOWN),
        "cursor": measured[-1].seq if measured else after,
        "more": len(measured) == at_once,
        "columns": columns(measured, names, layers),
        "layers": layers_json(layers, run.heads),
        "unshared": NOTHING_SHARED if layers and not any(la.is_shared for la in layers) else "",
        "gram": gradients.of_shared(newest.grams, layers).tolist() if newest else None,
        "broke": json.loads(broke) if broke else None,
        "collapse": _collapse(run, lane, collapsed),
        "token": token,
        "snapshot": snapshot_json(snapshot_now, cells, config) if snapshot_now else None,
    }


def columns(measured: list[Measurement], names: tuple, layers: Layers) -> dict[str, tuple]:
    """Measurements as columns of these names."""
    rows = [
        (
            measurement.step,
            measurement.lane,
            measurement.branch,
            *gradients.row(measurement.grams, measurement.loss_weights, layers),
        )
        for measurement in measured
    ]
    values: Iterable[tuple] = zip(*rows, strict=True) if rows else [()] * len(names)
    return dict(zip(names, values, strict=True))


def layers_json(layers: Layers, heads: Heads) -> list[dict]:
    """Each layer, the heads whose losses reach it, and whether it is shared."""
    return [
        {
            "name": layer.name,
            "heads": [heads[place].name for place in layer.heads],
            "trunk": layer.is_shared,
        }
        for layer in layers
    ]


def snapshot_json(kept: Snapshot, cells: Cells | None, config: RunConfig) -> dict:
    """What a model makes of the validation examples: heads by their kind, and the problem's view.

    Of pairs of images `classes` are the names of the classes, and `image` says where their images
    are in the pictures: None if these are gone, since somebody has just deleted the run.
    """
    told = {
        "step": kept.step,
        "lane": kept.lane,
        "pair": {"index": kept.pair},
        "answers": snapshot.answers_json(kept.arrays),
    }
    if config.view == "pairs":
        height, width = config.facts.image_shape[:2]
        told |= {
            "classes": class_names(config.dataset, datasets.folder_of(service.store().path)),
            "image": {"height": height, "width": width, "cells": asdict(cells) if cells else None},
        }
    return told | views.as_json(kept.arrays, kept.pair, config)


def _facts(kept: Snapshot | None) -> tuple[str, Any]:
    """What broke the lane, and what can be seen to be wrong with it."""
    return (kept.broke, views.trouble_in(kept.arrays)) if kept else ("", None)


@lru_cache(maxsize=64)
def _kept(run: str, lane: int, token: str | None) -> tuple[str, Any]:
    return _facts(service.store().inside.snapshot(run, lane) if token else None)


def _collapse(run: Run, lane: int, found: Any) -> str | None:
    """In words, with what leads out of it as the lane is trained now."""
    if found is None or lane >= len(run.lanes_now):
        return None
    return views.in_words(found, run.config, run.lanes_now[lane].loss_weights)


def _told(run: Run, is_known: bool) -> str:
    if run.map:
        return MAP
    engine = service.engine()
    if problem := engine.inside.problem(run.id):
        return problem
    if is_known:
        return ""
    if not engine.is_ready:
        return LOADING
    if run.is_finished and len(service.store().checkpoints(run.id)) == 1:
        return NOT_KEPT if run.step else UNKNOWN
    return UNKNOWN


def show_pictures(request: Request) -> Response:
    """`GET /api/runs/{id}/pictures`: the images of the validation pairs as a PNG."""
    if request.path_params["run"] == service.EXAMPLE:
        return Response(example.pictures(), media_type="image/png", headers=FOR_EVER)
    run = service.store().run(request.path_params["run"])
    png = service.store().inside.pictures(run.id)
    if png is None:
        raise RunNotFound(f"There are no pictures of run {run.id} yet: they come with page Inside.")
    return Response(png, media_type="image/png", headers=FOR_EVER)


def show_start(request: Request) -> dict:
    """`GET /api/start?config=JSON`: the heads' gradients at the start of such a run.

    Asks for them at first: `gram` is null, and `told` says why, until `is_final`.
    """
    text = request.query_params.get("config", "{}")
    try:
        settings = json.loads(text)
    except (ValueError, RecursionError):
        settings = None
    if not isinstance(settings, dict):
        raise Refused(
            f"config = {text[:40]!r} is refused: expected the settings of a run as a JSON object, "
            'such as {"seed": 1}. Leave it out for the defaults.'
        )
    config = RunConfig(**settings)
    if not is_of_a_page(request):
        return {"gram": None, "told": FOREIGN, "is_final": False}
    gram, told, is_final = service.engine().inside.preview(config)
    return {"gram": gram, "told": told, "is_final": is_final}


ROUTES = [
    Route("/api/runs/{run}/inside", answering(show_inside)),
    Route("/api/runs/{run}/pictures", answering(show_pictures)),
    Route("/api/start", answering(show_start)),
]
