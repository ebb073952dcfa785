"""What the pictures of a weight map are drawn from. Pure; the browser fills them.

A line and the front are Plotly figures; what each trace shows is said by its `meta.role`. Of a
line: "grid" the settings not measured yet, "values" those measured, and marks: "ties", "diverged",
"picked", "article", "present" (the sliders) and "best". Of the front: "dominated", "front",
"picked" and "best". A triangle has the same marks, and is drawn by `triangle.js`.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import plotly.graph_objects as go
from plotly.colors import get_colorscale

from core.run.heads import Head
from dashboard.charts.live_figures import LOSS, SMALL, in_words, live_figure
from dashboard.plain_text import in_chart
from dashboard.theme import MAP_COLOURS, MARK_COLOURS, QUIET

# px, as in the style sheet of `view.js`
HEIGHT, FRONT_HEIGHT, CURVE_HEIGHT = 480, 420, 200
BROKEN = "#DD3333"  # of what has diverged: seen on both grounds, and on every colour of the map
LONG = 18  # letters of a title that leave room for what dashes mean
USUAL = "article"  # what the mark of the default weights is called


def triangle(names: Iterable[str], usual: str = USUAL) -> dict:
    """Corners, colours and marks of a triangle: each corner is a head that has all of the total.

    Args:
        names: Of the three heads whose weights vary.
        usual: What the mark of the default weights is called.
    """
    tie = {"symbol": "hexagon-open", "color": MARK_COLOURS["edge"], "line": {"width": 2}, "size": 0}
    return {
        "corners": [f"only {name}" for name in names],
        "colours": [colour for _, colour in get_colorscale(MAP_COLOURS)],  # evenly apart
        "marks": [
            {"role": role, "name": name, "marker": marker}
            for role, name, marker in _marks(usual, tie, larger=0)
        ],
    }


def line_figure(names: Iterable[str], usual: str = USUAL) -> go.Figure:
    """An empty line: from all of the total for the second head to all of it for the first.

    Args:
        names: Of the two heads whose weights vary.
        usual: What the mark of the default weights is called.
    """
    first, second = names
    figure = go.Figure(layout=_line_layout(in_chart(f"share of {first}, the rest is {second}")))
    quiet: dict[str, Any] = {"size": 9, "line": {"width": 1}}
    figure.add_trace(_on_line("grid", symbol="circle-open", opacity=0.5, **quiet))
    figure.add_trace(_on_line("values", mode="lines+markers", size=11))
    tie = {"symbol": "circle-open", "line": {"width": 2}, "size": 19}
    for role, name, marker in _marks(usual, tie, larger=2):
        figure.add_trace(_on_line(role, name, **marker))
    return figure


def curve_figure(quantity: str, group: list[tuple[int, Head]]) -> go.Figure:
    """An empty small live chart of a point, whose legend are the numbers beside it.

    Args:
        quantity: "loss" or "metric".
        group: Heads that are alike in it, with their places.
    """
    figure = live_figure(quantity, group)
    # Where there is so little room, words on a level would stand over curves.
    for trace in figure.data:
        if trace.meta["role"] == "chance":
            trace.update(mode="lines", text=None)
    title = in_words(quantity, group[0][1]).replace(" (unweighted, nats)", ", nats")
    title = title.replace(" (unweighted)", "")
    meaning = " (dashed: validation)" if quantity == LOSS else " (dotted: chance)"
    title += meaning if len(title) < LONG else ""
    figure.update_layout(SMALL, height=CURVE_HEIGHT, showlegend=False, title_text=in_chart(title))
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


def _marks(usual: str, tie: dict, larger: int) -> Iterator[tuple[str, str, dict]]:
    """Role, name and Plotly's marker of each mark of a picture; those drawn later are on top."""
    cross = {"symbol": "x-thin", "size": 9 + larger, "line": {"width": 2, "color": BROKEN}}
    yield "ties", "tied", tie
    yield "diverged", "diverged", cross
    yield "picked", "picked", {**_ring(), "size": 20 + larger}
    yield "article", usual, {**_mark("square"), "size": 11}
    yield "present", "sliders", {**_mark("circle"), "size": 11}
    yield "best", "best", {**_mark("star"), "size": 16 + larger}


def _on_line(role: str, name: str = "", mode: str = "markers", **marker) -> go.Scatter:
    return go.Scatter(
        name=name or role,
        meta={"role": role},
        x=[],
        y=[],
        mode=mode,
        marker=marker,
        cliponaxis=False,
        showlegend=bool(name),
        hoverinfo="skip",  # `readout.js` tells what is where
    )


def _mark(symbol: str) -> dict:
    line = {"color": MARK_COLOURS["edge"], "width": 2}
    return {"symbol": symbol, "color": MARK_COLOURS["fill"], "line": line}


def _ring() -> dict:
    return {"symbol": "circle-open", "line": {"width": 3}}


CENTRED = {"xref": "container", "x": 0.5, "xanchor": "center"}


def _line_layout(title: str) -> dict:
    axis = {"zeroline": False, "fixedrange": True, "automargin": False}
    return {
        "template": {},
        "height": HEIGHT,
        "margin": {"l": 78, "r": 24},  # the browser makes room for words
        "xaxis": {**axis, "title": {"text": title, "standoff": 6}, "range": [-0.03, 1.03]},
        "yaxis": axis,
        "dragmode": False,
        "hovermode": False,
        "legend": {**_legend(0), **CENTRED, "itemclick": False, "itemdoubleclick": False},
    }


def _legend(y: float) -> dict:
    return {"orientation": "h", "x": 0, "y": y, "yanchor": "top", "itemsizing": "constant"}


def _front_layout() -> dict:
    axis = {"zeroline": False}
    return {
        "template": {},
        "height": FRONT_HEIGHT,
        "margin": {"l": 70, "r": 12, "t": 40, "b": 90},  # with room for the legend
        "hovermode": "closest",
        "xaxis": dict(axis),
        "yaxis": dict(axis),
        "legend": {**_legend(-0.16), "itemclick": False, "itemdoubleclick": False},
    }
