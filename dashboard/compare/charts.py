"""The charts of the page Compare as Plotly figures. Pure; `chart.js` fills them.

A trace's `meta.role` is as in `live_figures.py`; those of curves are there once, as the pattern
that the browser copies for each curve and gives its colour and symbol.
"""

import json
from functools import cache

import plotly.graph_objects as go

from core.run.heads import ACCURACY, Head, Heads
from dashboard.charts import live_figures
from dashboard.charts.live_figures import LOSS, METRIC
from dashboard.theme import QUIET


def compare_figure(quantity: str, places: tuple[Head, ...]) -> go.Figure:
    """An empty chart of one head and quantity, with the pattern of a curve.

    Args:
        quantity: `LOSS` or `METRIC`.
        places: The head as each of the runs has it, whose chance levels are shown.
    """
    head = places[0]
    figure = live_figures.small_figure(quantity, head)
    figure.update_layout(height=300, hovermode="closest")
    of_one = [place for place in places if place.metric == head.metric or quantity == LOSS]
    for level, name in live_figures.levels(quantity, of_one).items():
        figure.add_trace(live_figures.chance_trace(level, name))
    for role in ("raw", "smooth", "validation"):
        column = live_figures.columns_of(quantity, head)[role == "validation"]
        figure.add_trace(live_figures.curve(role, column, "", 0, QUIET))
    return figure


def parallel_figure(heads: Heads) -> go.Figure:
    """Empty parallel coordinates: axes are drawn by the browser, which knows their ends.

    A plain chart and not Plotly's `parcoords`, whose lines need WebGL, tell nothing when pointed
    at and become pixels in an SVG.
    """
    are_shares = all(head.metric == ACCURACY for head in heads)
    layout = {
        "template": {},
        "title": {
            "text": f"Loss weights and last validation{' accuracy' if are_shares else ''}",
            "x": 0,
            "xanchor": "left",
            "font": {"size": 13},
        },
        "height": 360,
        "margin": {"l": 30, "r": 30, "t": 70, "b": 16},
        "hovermode": "closest",
        "showlegend": False,
        "xaxis": {"visible": False, "fixedrange": True},
        "yaxis": {"visible": False, "fixedrange": True, "range": [-0.06, 1.06]},
    }
    return go.Figure(layout=layout)


@cache
def figures(runs: tuple[Heads, ...]) -> dict:
    """All charts of the page: of each quantity and head, and the parallel coordinates.

    Args:
        runs: The heads of the runs compared, which have the same names and losses. Where they have
            other metrics, those of the first one are shown.
    """
    return {
        "curves": [
            {
                "quantity": LOSS if quantity == LOSS else places[0].metric,
                "head": places[0].name,
                "alike": "",
                "figure": json.loads(compare_figure(quantity, places).to_json()),
            }
            for quantity in (LOSS, METRIC)
            for places in zip(*runs, strict=True)
            if quantity == LOSS or places[0].metric
        ],
        "parallel": json.loads(parallel_figure(runs[0]).to_json()),
    }
