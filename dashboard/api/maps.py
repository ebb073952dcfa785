"""Read-only routes of a weight map: what it has found, as JSON and as CSV."""

import csv
import io
import math
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.analysis.maps import (
    FRONTS,
    MAP_COLUMNS,
    QUANTITIES,
    WeightMap,
    sampling_error,
    weight_map,
)
from core.run.config import EVALUATION_PAIRS
from core.run.heads import HEAD_NAMES
from core.run.simplex import grid
from dashboard import service
from dashboard.api.answers import NOT_KEPT, answering, run_json


def show_map(request: Request) -> dict:
    """`GET /api/runs/{id}/map`: all that a weight map has found so far, and how far it is."""
    store = service.store()
    of_map = weight_map(store, request.path_params["run"])
    return {
        "run": {**run_json(of_map.run), "lanes": None, "map": of_map.over.model_dump()},
        "fault": service.engine().fault,
        "ready": service.engine().is_ready,
        "model_steps": of_map.model_steps,
        "all_model_steps": of_map.all_model_steps,
        "places": grid(of_map.over.resolution),
        "weights": [weights.as_tuple() for weights in of_map.points],
        "n_seeds": of_map.n_seeds.tolist(),
        "step": of_map.step.tolist(),
        "diverged": diverged(of_map),
        "fronts": {name: of_map.front(pair) for name, pair in FRONTS.items()},
        "values": {quantity: values_json(of_map, quantity) for quantity in QUANTITIES},
    }


def values_json(of_map: WeightMap, quantity: str) -> dict:
    """One quantity of a weight map; each part by column of `MAP_COLUMNS`."""
    of_columns = {
        "mean": lambda c, column: numbers(of_map.mean[quantity][:, c]),
        "spread": lambda c, column: numbers(of_map.spread[quantity][:, c]),
        "best": lambda c, column: of_map.best(quantity, column),
        "ties": lambda c, column: np.flatnonzero(of_map.ties(quantity, column)).tolist(),
        "noise": lambda c, column: noise(of_map, quantity, column),
    }
    parts: dict[str, dict[str, Any]] = {
        part: {column: value(c, column) for c, column in enumerate(MAP_COLUMNS)}
        for part, value in of_columns.items()
    }
    if quantity == "val_accuracy":
        means = parts["mean"].items()
        parts["error"] = {
            column: [None if p is None else sampling_error(p) for p in mean]
            for column, mean in means
        }
    return parts


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
    c = MAP_COLUMNS.index(column)
    spread = of_map.spread[quantity][:, c]
    accuracy = quantity == "val_accuracy"
    n_tied, n_others = int(of_map.ties(quantity, column).sum()) - 1, len(of_map.points) - 1
    tied = (
        f"{n_tied} of {n_others} other settings "
        "differ from the best by less than that: ties, outlined."
    )
    if np.isfinite(spread).any():
        middle = float(np.nanmedian(spread))
        size = f"{100 * middle:.1f} points" if accuracy else f"{middle:.3g} nats"
        return (
            f"{of_map.over.seeds} seeds: the same setting differs by {size} from seed to seed "
            f"(standard deviation, median of all settings). {tied}"
        )
    seeds = "One seed so far" if of_map.over.seeds > 1 else "One seed"
    if not accuracy:
        return f"{seeds}: how much of a loss is noise is not known. Several seeds show it."
    error = sampling_error(float(of_map.mean[quantity][best, c]))
    return (
        f"{seeds}: how much another seed would change is not known. The {EVALUATION_PAIRS} "
        f"validation pairs alone leave a standard error of {100 * error:.1f} points at the best "
        f"setting. {tied}"
    )


def send_csv(request: Request) -> Response:
    """`GET /api/runs/{id}/map.csv`: one row a setting, in the order of the map's points."""
    of_map = weight_map(service.store(), request.path_params["run"])
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\r\n")
    of_values = [(q, c, column) for q in QUANTITIES for c, column in enumerate(MAP_COLUMNS)]
    titles = [f"{q}.{column}{end}" for q, _, column in of_values for end in ("", ".spread")]
    out.writerow([*(f"loss_weights.{name}" for name in HEAD_NAMES), "seeds", "step", *titles])
    columns = [
        numbers(of[quantity][:, c])
        for quantity, c, _ in of_values
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
