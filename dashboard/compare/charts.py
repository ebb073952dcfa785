"""The charts of the page Compare as Plotly figures. Pure; `chart.js` fills them.

A trace's `meta.role` is as in `live_figures.py`; those of curves are there once, as the pattern
that the browser copies for each curve and gives its colour and symbol.
"""

import json
from functools import cache

import plotly.graph_objects as go

from core.run.heads import HEADS, Head
from dashboard.charts import live_figures
from dashboard.theme import QUIET


def compare_figure(quantity: str, head: Head, classes: tuple[int, ...]) -> go.Figure:
    """An empty chart of one head and quantity, with the pattern of a curve.

    Args:
        quantity: "loss" or "accuracy".
        head: The head.
        classes: The numbers of classes of the datasets compared, whose chance levels are shown.
    """
    figure = live_figures.small_figure(quantity, head)
    figure.update_layout(height=300, hovermode="closest")
    for n_classes in sorted({head.n_classes(n) for n in classes}):
        figure.add_trace(live_figures.chance_trace(quantity, n_classes))
    for role in ("raw", "smooth", "validation"):
        column = f"val_{quantity}" if role == "validation" else quantity
        figure.add_trace(live_figures.curve(role, f"{column}.{head.name}", "", 0, QUIET))
    return figure


def parallel_figure() -> go.Figure:
    """Empty parallel coordinates: axes are drawn by the browser, which knows their ends.

    A plain chart and not Plotly's `parcoords`, whose lines need WebGL, tell nothing when pointed
    at and become pixels in an SVG.
    """
    layout = {
        "template": {},
        "title": {
            "text": "Loss weights and last validation accuracy",
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
def figures(classes: tuple[int, ...]) -> dict:
    """All charts of the page: of each quantity and head, and the parallel coordinates."""
    return {
        "curves": [
            {
                "quantity": quantity,
                "head": head.name,
                "figure": json.loads(compare_figure(quantity, head, classes).to_json()),
            }
            for quantity in live_figures.QUANTITIES
            for head in HEADS
        ],
        "parallel": json.loads(parallel_figure().to_json()),
    }
