"""The charts as Plotly figures. Pure. What is live is told by each trace's `meta`.

A trace with `meta.column` is filled in the browser, by `live_chart.js`, from the columns of
`/api/runs/{id}/records`; `meta.role` says how: "raw" as recorded, "smooth" exponentially
smoothed, "validation" where evaluated, "chance" as a level over the whole width, "changes" as
marks where the loss weights changed. `meta.colours` are for light and dark ground.
"""

import plotly.graph_objects as go

from core.analysis import chance_accuracy, chance_loss
from core.config import HEADS
from dashboard.theme import HEAD_COLOURS, QUIET

QUANTITIES = {"loss": "Loss (unweighted, nats)", "accuracy": "Accuracy"}


def live_figure(quantity: str, n_classes: int) -> go.Figure:
    """An empty live chart: a training and a validation trace for each head, and chance levels.

    Args:
        quantity: "loss" or "accuracy".
        n_classes: Number of classes of the dataset.
    """
    figure = go.Figure(layout=_layout(quantity))
    for level in sorted({head.n_classes(n_classes) for head in HEADS}, reverse=True):
        figure.add_trace(_chance_trace(quantity, level))
    for role in ("raw", "smooth", "validation"):
        for head in HEADS:
            figure.add_trace(_head_trace(quantity, head.name, role))
    figure.add_trace(_changes_trace())
    return figure


def _head_trace(quantity: str, head: str, role: str) -> go.Scatter:
    column = f"val_{quantity}.{head}" if role == "validation" else f"{quantity}.{head}"
    exact = "%{customdata:.4f}" if role == "smooth" else "%{y:.4f}"
    return go.Scatter(
        name=f"{head} (val)" if role == "validation" else head,
        meta={"role": role, "column": column, "colours": HEAD_COLOURS[head]},
        x=[],
        y=[],
        mode="lines+markers" if role == "validation" else "lines",
        line={
            "dash": "dash" if role == "validation" else "solid",
            "width": 1 if role == "raw" else 2,
        },
        marker={"size": 5},
        opacity=0.25 if role == "raw" else 1,
        legendgroup=f"{head} (val)" if role == "validation" else head,
        showlegend=role != "raw",
        hoverinfo="skip" if role == "raw" else None,
        hovertemplate=None if role == "raw" else exact,
    )


def _chance_trace(quantity: str, n_classes: int) -> go.Scatter:
    if quantity == "loss":
        level, name = chance_loss(n_classes), f"chance, ln {n_classes}"
    else:
        level, name = chance_accuracy(n_classes), f"chance, 1/{n_classes}"
    return go.Scatter(
        name=name,
        meta={"role": "chance", "colours": QUIET, "level": level},
        x=[],
        y=[],
        mode="lines+text",
        text=["", name],
        textposition="top left",
        textfont={"size": 11},
        line={"dash": "dot", "width": 1},
        showlegend=False,
        hoverinfo="skip",
    )


def _changes_trace() -> go.Scatter:
    return go.Scatter(
        name="loss weights changed",
        meta={"role": "changes", "colours": QUIET},
        x=[],
        y=[],
        yaxis="y2",
        mode="markers",
        marker={"symbol": "triangle-down", "size": 9},
        showlegend=False,
        hovertemplate="%{text}",
    )


def _layout(quantity: str) -> dict:
    return {
        "template": {},
        "title": {"text": QUANTITIES[quantity], "x": 0, "xanchor": "left", "font": {"size": 16}},
        "height": 400,
        "margin": {"l": 46, "r": 12, "t": 40, "b": 40},
        "hovermode": "x unified",
        "legend": {"orientation": "h", "y": -0.16, "yanchor": "top", "x": 0, "font": {"size": 12}},
        "xaxis": {"rangemode": "tozero", "zeroline": False},
        "yaxis": {
            "rangemode": "tozero",
            "zeroline": False,
            **({"range": [0, 1.02], "tickformat": ".0%"} if quantity == "accuracy" else {}),
        },
        # Marks of changed weights hang at the top, whatever the axis below them shows.
        "yaxis2": {"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True},
    }
