"""The map view: progress, triangle, front, picked point and table, kept up to date by the browser.

The browser asks `/api/runs/{id}/map` for what the map has found so far; no script runs here while
it trains. Python says what to show; the browser says which point was picked or is to be trained,
and when the run has changed its state.
"""

import json
from functools import lru_cache

from core.analysis.maps import FRONTS, MAP_COLUMNS, QUANTITIES
from core.run.config import RunConfig
from core.run.presets import ARTICLE
from core.run.run import Run
from core.run.simplex import MapConfig, grid
from core.run.weights import LossWeights
from dashboard import state
from dashboard.charts.live_figures import QUANTITIES as CURVES
from dashboard.client.component import view
from dashboard.map import charts
from dashboard.theme import HEADS_SHOWN


@lru_cache(maxsize=8)
def _figures(n_classes: int) -> dict:
    figures = {"triangle": charts.triangle_figure(), "front": charts.front_figure()}
    for quantity in CURVES:
        figures[quantity] = charts.curve_figure(quantity, n_classes)
    return {name: json.loads(figure.to_json()) for name, figure in figures.items()}


def map_view(
    run: Run | None,
    *,
    over: MapConfig,
    quantity: str,
    column: str,
    front: str,
    present: LossWeights,
    point: int | None,
    on_point,
    on_train,
    key: str,
) -> None:
    """Show a weight map, live while it trains; an empty triangle where there is none.

    Args:
        run: The map, as this script run found it.
        over: What a map would cover, shown where there is none.
        quantity: What the triangle shows, of `QUANTITIES`.
        column: Of which head, or "worst" or "mean": of `MAP_COLUMNS`.
        front: Which two heads the scatter shows, of `FRONTS`.
        present: The loss weights as the sliders stand.
        point: Index of the picked point, if there is one.
        on_point: Called with the index of a point that was picked.
        on_train: Called with the index of a point that a run is wanted of.
        key: Streamlit's key of the element.
    """
    covered = run.map if run and run.map else over
    n_classes = (run.config if run else RunConfig()).n_classes
    shown = {
        "run": run.id if run else None,
        "state": run.state if run else None,
        "places": None if run else grid(covered.resolution),
        "figures": _figures(n_classes),
        "chance": charts.chance(n_classes),
        "heads": HEADS_SHOWN,
        "columns": MAP_COLUMNS,
        "sign": QUANTITIES[quantity],
        "quantity": quantity,
        "column": column,
        "title": charts.in_words(quantity, column),
        "front": front,
        "axes": [charts.in_words("val_accuracy", head) for head in FRONTS[front]],
        "marks": {
            "article": charts.place_of(ARTICLE, covered.spacing),
            "present": charts.place_of(present, covered.spacing),
        },
        "sliders": present.as_tuple(),
        "point": point,
        "leave": state.take_leave(),
    }

    view("map", shown, key=key, point=on_point, train=on_train)
