"""The pictures of a weight map as Plotly figures. Pure; the browser fills them.

What each trace shows is said by its `meta.role`, which `picture.js` reads. Of the triangle:
"corners" their names, "grid" the settings not measured yet, "values" those measured, coloured,
"ties", "best", "diverged", "picked", and the marks "article" and "present" (the sliders). Of the
front: "dominated", "front", "picked" and "best".
"""

import math
from statistics import mean
from typing import Any

import plotly.graph_objects as go

from core.analysis.hints import chance_accuracy, chance_loss
from core.run.heads import HEADS
from core.run.simplex import FINENESS
from core.run.weights import LossWeights
from dashboard.charts.live_figures import SMALL, live_figure
from dashboard.theme import MAP_COLOURS, MARK_COLOURS, QUIET

# px, as in the style sheet of `view.js`
HEIGHT, FRONT_HEIGHT, CURVE_HEIGHT = 480, 420, 200
BROKEN = "#DD3333"  # of what has diverged: seen on both grounds, and on every colour of the map
NAMES = {"val_accuracy": "Validation accuracy", "val_loss": "Validation loss"}
UNITS = {"val_accuracy": "", "val_loss": ", nats"}
OF_ALL = {"worst": "the worst head", "mean": "the mean of the heads"}


def in_words(quantity: str, column: str) -> str:
    """What a quantity of a head, of the worst or of the mean is, such as for an axis."""
    return f"{NAMES[quantity]} of {OF_ALL.get(column, column)}{UNITS[quantity]}"


def chance(n_classes: int) -> dict[str, dict[str, float]]:
    """What a guess scores, by quantity and column of a map: where its colours begin.

    Of the worst head it is the lowest accuracy and the highest loss, which some head always has.
    """
    levels = {
        "val_accuracy": {h.name: chance_accuracy(h.n_classes(n_classes)) for h in HEADS},
        "val_loss": {h.name: chance_loss(h.n_classes(n_classes)) for h in HEADS},
    }
    worst = {"val_accuracy": min, "val_loss": max}
    return {
        quantity: {**of, "worst": worst[quantity](of.values()), "mean": mean(of.values())}
        for quantity, of in levels.items()
    }


def place_of(weights: LossWeights, spacing: str) -> list[float] | None:
    """Where loss weights stand in the triangle: three coordinates that sum to 1.

    The inverse of `MapConfig.points`, for any weights and not only those of a grid.

    Args:
        weights: The loss weights; their total does not matter.
        spacing: "even" or "log".

    Returns:
        One coordinate a head, or None where all weights are 0: they have no place.
    """
    whole = sum(weights.as_tuple())
    if whole == 0:
        return None
    shares = [weight / whole for weight in weights.as_tuple()]
    if spacing == "even":
        return shares
    # share = (FINENESS ** x - 1) / scale, where the scale is such that the x sum to 1.
    low, high = 0.0, float(FINENESS)
    for _ in range(60):
        scale = (low + high) / 2
        places = [math.log(1 + scale * share, FINENESS) for share in shares]
        low, high = (scale, high) if sum(places) < 1 else (low, scale)
    return places


def triangle_figure() -> go.Figure:
    """An empty triangle: each corner is a head that has all of the total."""
    figure = go.Figure(layout=_triangle_layout())
    hexagon: dict[str, Any] = {"symbol": "hexagon", "line": {"width": 0}}
    figure.add_trace(_corners())
    figure.add_trace(_place("grid", symbol="hexagon-open", opacity=0.35, line={"width": 1}))
    figure.add_trace(
        _place(
            "values",
            **hexagon,
            colorscale=MAP_COLOURS,
            colorbar={
                "orientation": "h",
                "thickness": 12,
                "len": 0.9,
                "yanchor": "top",
                "title": {"side": "top", "font": {"size": 13}},
            },
        )
    )
    tie = {"symbol": "hexagon-open", "color": MARK_COLOURS["edge"], "line": {"width": 2}}
    figure.add_trace(_place("ties", "tied", **tie))
    cross = {"symbol": "x-thin", "size": 9, "line": {"width": 2, "color": BROKEN}}
    figure.add_trace(_place("diverged", "diverged", **cross))
    figure.add_trace(_place("picked", "picked", **_ring(), size=20))
    figure.add_trace(_place("article", "article", **_mark("square"), size=11))
    figure.add_trace(_place("present", "sliders", **_mark("circle"), size=11))
    figure.add_trace(_place("best", "best", **_mark("star"), size=16))
    return figure


def curve_figure(quantity: str, n_classes: int) -> go.Figure:
    """An empty small live chart of a point, whose legend are the numbers beside it."""
    figure = live_figure(quantity, n_classes)
    # Where there is so little room, words on a level would stand over curves.
    for trace in figure.data:
        if trace.meta["role"] == "chance":
            trace.update(mode="lines", text=None)
    title = "Loss, nats (dashed: validation)" if quantity == "loss" else "Accuracy (dotted: chance)"
    figure.update_layout(SMALL, height=CURVE_HEIGHT, showlegend=False, title_text=title)
    return figure


def front_figure() -> go.Figure:
    """An empty Pareto scatter: those that nothing dominates, joined, and the others faint."""
    figure = go.Figure(layout=_front_layout())
    for role, name in (("dominated", "dominated"), ("front", "on the front")):
        figure.add_trace(
            go.Scatter(
                name=name,
                meta={"role": role, "colours": QUIET if role == "dominated" else None},
                x=[],
                y=[],
                mode="markers" if role == "dominated" else "lines+markers",
                opacity=0.4 if role == "dominated" else 1,
                marker={"size": 8},
                line={"width": 2},
                hovertemplate="%{text}<extra></extra>",
            )
        )
    for role, mark in (
        ("picked", {**_ring(), "size": 16}),
        ("best", {**_mark("star"), "size": 15}),
    ):
        figure.add_trace(
            go.Scatter(
                name=f"{role} on the map" if role == "best" else role,
                meta={"role": role},
                x=[],
                y=[],
                mode="markers",
                marker={**mark, "size": 16},
                hoverinfo="skip",
            )
        )
    return figure


def _place(role: str, name: str = "", **marker) -> go.Scatterternary:
    return go.Scatterternary(
        name=name or role,
        meta={"role": role},
        a=[],
        b=[],
        c=[],
        mode="markers",
        marker=marker,
        cliponaxis=False,
        showlegend=bool(name),
        hoverinfo="skip",  # `readout.js` tells what is where
    )


def _corners() -> go.Scatterternary:
    """What the corners are, in words, as far from them as a marker of the grid reaches."""
    return go.Scatterternary(
        meta={"role": "corners"},
        a=[1, 0, 0],
        b=[0, 1, 0],
        c=[0, 0, 1],
        mode="markers+text",
        text=[f"only {head.name}" for head in HEADS],
        textposition=["top center", "bottom right", "bottom left"],
        marker={"opacity": 0},
        cliponaxis=False,
        showlegend=False,
        hoverinfo="skip",
    )


def _mark(symbol: str) -> dict:
    line = {"color": MARK_COLOURS["edge"], "width": 2}
    return {"symbol": symbol, "color": MARK_COLOURS["fill"], "line": line}


def _ring() -> dict:
    return {"symbol": "circle-open", "line": {"width": 3}}


def _triangle_layout() -> dict:
    centred = {"xref": "container", "x": 0.5, "xanchor": "center"}
    bare = {"showticklabels": False, "ticks": "", "showgrid": False, "showline": False, "min": 0}
    axes = {axis: {**bare, "title": {"text": ""}} for axis in ("aaxis", "baxis", "caxis")}
    return {
        "template": {},
        "height": HEIGHT,
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},  # the browser makes room for the hexagons
        "ternary": {"sum": 1, **axes},
        "dragmode": False,
        "hovermode": False,
        "legend": {**_legend(0), **centred, "itemclick": False, "itemdoubleclick": False},
    }


def _legend(y: float) -> dict:
    return {"orientation": "h", "x": 0, "y": y, "yanchor": "top", "itemsizing": "constant"}


def _front_layout() -> dict:
    axis = {"tickformat": ".0%", "zeroline": False}
    return {
        "template": {},
        "height": FRONT_HEIGHT,
        "margin": {"l": 70, "r": 12, "t": 40, "b": 90},  # with room for the legend
        "hovermode": "closest",
        "xaxis": dict(axis),
        "yaxis": dict(axis),
        "legend": {**_legend(-0.16), "itemclick": False, "itemdoubleclick": False},
    }
