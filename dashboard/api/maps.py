"""Read-only routes of a weight map: what it has found, as JSON and as CSV."""

import csv
import io
import json
import math
import zlib
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.analysis.maps import WeightMap, sampling_error, weight_map
from core.analysis.measures import LOSS, METRIC, RANK, fronts_of
from core.run.heads import ACCURACY, names_of
from core.run.settings import unit_of
from dashboard import service
from dashboard.api.answers import NOT_KEPT, answering, run_json


def show_map(request: Request) -> dict:
    """`GET /api/runs/{id}/map?known=EDITION`: what a weight map has found, and how far it is.

    Whoever knows all that is measured, by the `edition` of an earlier answer, is told the rest
    alone: a page asks eight times for each that there is something new.
    """
    store = service.store()
    of_map = weight_map(store, request.path_params["run"])
    heads = names_of(of_map.run.heads)
    service.engine().inside.follow(of_map.run.id)
    progress = {
        "run": {**run_json(of_map.run, request), "lanes": None, "map": of_map.over.model_dump()},
        "fault": service.engine().fault,
        "ready": service.engine().is_ready,
        "model_steps": of_map.model_steps,
        "all_model_steps": of_map.all_model_steps,
        "parts": len(of_map.run.parts),
        "parts_done": of_map.run.parts_done,
        "edition": edition(of_map),
    }
    if request.query_params.get("known") == progress["edition"]:
        return progress
    return {
        **progress,
        "places": of_map.over.places,
        "weights": [weights.as_tuple() for weights in of_map.points],
        "n_seeds": of_map.n_seeds.tolist(),
        "step": of_map.step.tolist(),
        "diverged": diverged(of_map),
        "fronts": {name: of_map.front(pair) for name, pair in fronts_of(heads).items()},
        "values": {quantity: values_json(of_map, quantity) for quantity in of_map.measures},
    }


def edition(of_map: WeightMap) -> str:
    """Of all that is measured and told of it: another one where anything has changed."""
    told = [of_map.run.id, of_map.run.state, of_map.n_seeds.tolist(), of_map.step.tolist()]
    return f"{zlib.crc32(json.dumps(told).encode()):08x}"


def values_json(of_map: WeightMap, quantity: str) -> dict:
    """One quantity of a weight map; each part by its `columns`."""
    of_columns = {
        "mean": lambda c, column: numbers(of_map.mean[quantity][:, c]),
        "spread": lambda c, column: numbers(of_map.spread[quantity][:, c]),
        "best": lambda c, column: of_map.best(quantity, column),
        "ties": lambda c, column: np.flatnonzero(of_map.ties(quantity, column)).tolist(),
        "noise": lambda c, column: noise(of_map, quantity, column),
    }
    parts: dict[str, dict[str, Any]] = {
        part: {column: value(c, column) for c, column in enumerate(of_map.columns)}
        for part, value in of_columns.items()
    }
    n = of_map.run.config.n_validation
    errors = {
        column: [None if p is None else sampling_error(p, n) for p in parts["mean"][column]]
        for column, measure in of_map.measures[quantity].items()
        if measure.kind == ACCURACY
    }
    return {**parts, "error": errors} if errors else parts


def numbers(values: np.ndarray) -> list[float | None]:
    """Floats with None for what is not measured: JSON has no NaN."""
    return [None if math.isnan(value) else value for value in values.tolist()]


def diverged(of_map: WeightMap) -> list[int]:
    """Indices of the settings that have diverged; it is known at the end of the map."""
    if of_map.run.state not in ("finished", "diverged"):
        return []
    return np.flatnonzero(of_map.step < of_map.run.config.steps).tolist()


def noise(of_map: WeightMap, quantity: str, column: str) -> str:
    """How much of what a map shows is noise, in sentences; empty while nothing is measured."""
    best = of_map.best(quantity, column)
    if best is None:
        return ""
    c = of_map.columns.index(column)
    spread = of_map.spread[quantity][:, c]
    kind = of_map.measures[quantity][column].kind
    n_tied, n_others = int(of_map.ties(quantity, column).sum()) - 1, len(of_map.points) - 1
    tied = (
        f"{n_tied} of {n_others} other settings "
        "differ from the best by less than that: ties, outlined."
    )
    if np.isfinite(spread).any():
        middle = float(np.nanmedian(spread))
        size = {ACCURACY: f"{100 * middle:.1f} points", "nats": f"{middle:.3g} nats"}
        size[RANK] = f"{middle:.2g} ranks"
        return (
            f"{of_map.over.seeds} seeds: the same setting differs by "
            f"{size.get(kind, f'{middle:.3g}')} from seed to seed "
            f"(standard deviation, median of all settings). {tied}"
        )
    seeds = "One seed so far" if of_map.over.seeds > 1 else "One seed"
    if kind != ACCURACY:
        what = "a rank" if kind == RANK else "a loss" if quantity == LOSS else "that"
        return f"{seeds}: how much of {what} is noise is not known. Several seeds show it."
    config = of_map.run.config
    error = sampling_error(float(of_map.mean[quantity][best, c]), config.n_validation)
    examples = unit_of(type(config).model_fields["batch_size"])
    return (
        f"{seeds}: how much another seed would change is not known. The {config.n_validation} "
        f"validation {examples} alone leave a standard error of {100 * error:.1f} points at the "
        f"best setting. {tied}"
    )


def csv_columns(of_map: WeightMap) -> list[tuple[str, str, int]]:
    """What a row has beside its weights: title, quantity and index of the column.

    Values of heads are called as in records; those that two quantities have are there once.
    """
    titles: dict[str, tuple[str, int]] = {}
    for quantity, of in of_map.measures.items():
        for c, (column, measure) in enumerate(of.items()):
            called = quantity
            if quantity == METRIC and measure.of == "head":
                metric = of_map.run.heads[c].metric
                called = f"val_{metric}" if metric else LOSS
            titles.setdefault(f"{called}.{column}", (quantity, c))
    return [(title, *of) for title, of in titles.items()]


def send_csv(request: Request) -> Response:
    """`GET /api/runs/{id}/map.csv`: one row a setting, in the order of the map's points."""
    of_map = weight_map(service.store(), request.path_params["run"])
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\r\n")
    of_values = csv_columns(of_map)
    titles = [f"{title}{end}" for title, *_ in of_values for end in ("", ".spread")]
    weights_of = [f"loss_weights.{name}" for name in names_of(of_map.run.heads)]
    out.writerow([*weights_of, "seeds", "step", *titles])
    columns = [
        numbers(of[quantity][:, c])
        for _, quantity, c in of_values
        for of in (of_map.mean, of_map.spread)
    ]
    for i, weights in enumerate(of_map.points):
        values = [column[i] for column in columns]
        out.writerow([*weights.as_tuple(), of_map.n_seeds[i], of_map.step[i], *values])
    name = f"weight-map-{of_map.run.id}.csv"
    return Response(
        text.getvalue(),
        media_type="text/csv",
        headers={**NOT_KEPT, "Content-Disposition": f'attachment; filename="{name}"'},
    )


ROUTES = [
    Route("/api/runs/{run}/map", answering(show_map)),
    Route("/api/runs/{run}/map.csv", answering(send_csv)),
]
