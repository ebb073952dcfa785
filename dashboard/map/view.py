"""The map view: progress, triangle, front, picked point and table, kept up to date by the browser.

The browser asks `/api/runs/{id}/map` for what the map has found so far; no script runs here while
it trains. Python says what to show; the browser says which point was picked or is to be trained,
and when the run has changed its state.
"""

import json
from functools import lru_cache

from core.analysis.measures import fronts_of, map_columns
from core.problems import presets_of
from core.run.config import RunConfig
from core.run.heads import Heads, names_of
from core.run.run import Run
from core.run.simplex import MapConfig
from core.run.weights import LossWeights
from dashboard import state
from dashboard.charts.live_figures import LOSS, METRIC, alike
from dashboard.client.component import view
from dashboard.map import words
from dashboard.map.pictures import charts
from dashboard.theme import heads_shown


@lru_cache(maxsize=8)
def _figures(heads: Heads, varied: tuple[str, ...], usual: str) -> dict:
    if len(varied) == 2:
        picture = {"line": json.loads(charts.line_figure(varied, usual).to_json())}
    else:
        picture = {"triangle": charts.triangle(varied, usual)}
    return picture | {
        "front": json.loads(charts.front_figure().to_json()),
        "curves": [
            {
                "quantity": LOSS if quantity == LOSS else group[0][1].metric,
                "figure": json.loads(charts.curve_figure(quantity, group).to_json()),
            }
            for quantity in (LOSS, METRIC)
            for group in alike(heads, quantity)
        ],
    }


SHORT = 8  # letters of the longest name in the legend, by which it is cut into rows


def usual_name(config: RunConfig) -> str:
    """What the default weights of a problem are called, such as "article"."""
    name = "" if config.obstacle else presets_of(config)[0].name.lower()
    return name if 0 < len(name) <= SHORT else "default"


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
    """Show a weight map, live while it trains; an empty picture where there is none.

    Args:
        run: The map, as this script run found it.
        over: What a map would cover, shown where there is none.
        quantity: What the picture shows, of `measures_of`.
        column: Of which head, or of all of them: of `map_columns`.
        front: Which two heads the scatter shows, of `fronts_of`.
        present: The loss weights as the sliders stand.
        point: Index of the picked point, if there is one.
        on_point: Called with the index of a point that was picked.
        on_train: Called with the index of a point that a run is wanted of.
        key: Streamlit's key of the element.
    """
    covered = run.map if run and run.map else over
    heads = run.heads if run else state.heads()
    names, usual = names_of(heads), LossWeights().complete(heads)
    varied, pair = covered.varied(names), fronts_of(names)[front]
    measures = words.told(heads)
    first = next(iter(measures))
    shown = {
        "run": run.id if run else None,
        "state": run.state if run else None,
        "places": None if run else covered.places,
        "shape": covered.shape,
        "figures": _figures(heads, varied, usual_name(run.config if run else state.config())),
        "heads": heads_shown(heads),
        "varied": [names.index(name) for name in varied],
        "others": words.others_in_words(covered),
        "columns": map_columns(heads),
        "measures": measures,
        "quantity": quantity,
        "column": column,
        "title": measures[quantity][column]["title"],
        "front": front,
        "pair": pair,
        "axes": [measures[first][head]["title"] for head in pair],
        "marks": {
            "article": words.place_on(covered, usual, names),
            "present": words.place_on(covered, present, names),
        },
        "ticks": words.shares_along(covered.spacing),
        "sliders": present.as_tuple(),
        "point": point,
        "leave": state.take_leave(),
    }

    view("map", shown, key=key, point=on_point, train=on_train)
