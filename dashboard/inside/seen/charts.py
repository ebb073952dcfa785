"""The charts of what a model sees in pairs, on the page "Inside", as Plotly figures. Pure.

`meta.role` says what a trace shows; `charts.js` and `plane.js` fill it from a snapshot.
`meta.colours` and `meta.scales` are for light and dark ground.
"""

import plotly.graph_objects as go

from core.run.heads import Head
from dashboard.inside.layout import HEIGHT, TALL, layout
from dashboard.theme import (
    CURVE_COLOURS,
    CURVE_SYMBOLS,
    LANE_COLOURS,
    QUIET,
    SAME_COLOURS,
    head_colours,
)

TITLES = {
    "histogram": "Distance of the two embeddings",
    "roc": "Same or different: ROC",
    "plane": "Embeddings of the validation images",
}


def histogram_figure() -> go.Figure:
    """How far apart the embeddings of same and of different pairs are, over one another."""
    figure = go.Figure(layout=layout(TITLES["histogram"], HEIGHT))
    for kind, pattern in (("different", "/"), ("same", "")):
        figure.add_trace(
            go.Bar(
                name=f"{kind} pairs",
                meta={"role": kind, "colours": SAME_COLOURS[kind]},
                x=[],
                y=[],
                opacity=0.65,
                marker={"pattern": {"shape": pattern, "solidity": 0.3}},
                hovertemplate="%{customdata}: %{y} " + f"{kind} pairs<extra></extra>",
            )
        )
    figure.update_layout(
        barmode="overlay",
        bargap=0,
        hovermode="closest",
        xaxis={"title": {"text": "distance", "standoff": 6}, "rangemode": "tozero"},
        yaxis={"title": {"text": "pairs", "standoff": 4}, "rangemode": "tozero"},
    )
    return figure


def roc_figure(head: Head, place: int) -> go.Figure:
    """The ROC of the probability of "same", of the distance alone, and of a guess.

    Args:
        head: That says whether both images are of one class.
        place: Its place among all of them.
    """
    figure = go.Figure(layout=layout(TITLES["roc"], HEIGHT))
    for role, dash, colours in (
        ("guess", "dot", QUIET),
        ("distance", "dash", LANE_COLOURS[0]),
        (head.name, "solid", head_colours(place)),
    ):
        is_guess = role == "guess"
        figure.add_trace(
            go.Scatter(
                name=role,
                meta={"role": role, "colours": colours},
                x=[0, 1] if is_guess else [],
                y=[0, 1] if is_guess else [],
                mode="lines",
                line={"dash": dash, "width": 1 if is_guess else 2},
                showlegend=not is_guess,
                hoverinfo="skip" if is_guess else None,
                hovertemplate=None
                if is_guess
                else "%{y:.1%} of the same pairs found, %{x:.1%} of the different ones taken for "
                f"same<extra>{role}</extra>",
            )
        )
    axis = {"range": [-0.02, 1.02], "tickformat": ".0%", "zeroline": False}
    figure.update_layout(
        hovermode="closest",
        xaxis={**axis, "title": {"text": "different pairs called same", "standoff": 6}},
        yaxis={**axis, "title": {"text": "same pairs called same", "standoff": 4}},
    )
    return figure


def plane_figure() -> go.Figure:
    """The embeddings in a plane: a trace for each group of classes, and one for all others.

    "group": the images of one, such as of a class or of a digit; `meta.group` is its place among
    the colours. "rest": those of classes without a colour, where there are many. "join": the two
    images of a pair. "picked": those of the one that is picked.
    """
    figure = go.Figure(layout=layout(TITLES["plane"], TALL))
    points = {"x": [], "y": [], "mode": "markers", "hovertemplate": "%{text}<extra></extra>"}
    figure.add_trace(
        go.Scatter(
            name="other classes",
            meta={"role": "rest", "colours": QUIET},
            marker={"size": 5, "line": {"width": 0}},
            opacity=0.35,
            **points,
        )
    )
    for group, (colours, symbol) in enumerate(zip(CURVE_COLOURS, CURVE_SYMBOLS, strict=True)):
        figure.add_trace(
            go.Scatter(
                name=str(group),
                meta={"role": "group", "group": group, "colours": colours},
                marker={"size": 7, "symbol": symbol, "line": {"width": 0}},
                opacity=0.8,
                **points,
            )
        )
    for role, name, dash in (("join", "one pair", "dot"), ("picked", "picked pair", "solid")):
        figure.add_trace(
            go.Scatter(
                name=name,
                meta={"role": role, "colours": LANE_COLOURS[0]},
                x=[],
                y=[],
                mode="lines+markers",
                line={"width": 2, "dash": dash},
                marker={"size": 13, "symbol": "circle-open", "line": {"width": 2}},
                hoverinfo="skip",
                showlegend=role == "picked",
            )
        )
    figure.update_layout(
        hovermode="closest",
        xaxis={"zeroline": False},
        yaxis={"zeroline": False, "scaleanchor": "x"},
        legend={"itemsizing": "constant"},
    )
    return figure
