"""The charts of what a model sees, on the page "Inside", as Plotly figures. Pure.

`meta.role` says what a trace shows, and `snapshot_charts.js` fills it from a snapshot.
`meta.colours` and `meta.scales` are for light and dark ground.
"""

import json
from functools import cache

import plotly.graph_objects as go

from core.problems.siamese.heads import HEAD_NAMES
from dashboard.inside import gradient_charts
from dashboard.inside.gradient_charts import HEIGHT, TALL, layout
from dashboard.theme import (
    CONFUSION,
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


@cache
def figures() -> dict[str, dict]:
    """All figures of the page by name, as JSON values."""
    made = {
        "weighted": gradient_charts.norm_figure("weighted"),
        "norm": gradient_charts.norm_figure("norm"),
        "cosine": gradient_charts.cosine_figure(),
        "share": gradient_charts.share_figure(),
        "layers": gradient_charts.layers_figure(),
        "prediction": gradient_charts.prediction_figure(),
        "histogram": histogram_figure(),
        "roc": roc_figure(),
        "plane": plane_figure(),
        **{f"confusion.{name}": confusion_figure(name) for name in HEAD_NAMES[:2]},
        **{f"digits.{name}": confusion_figure(name, of_digits=True) for name in HEAD_NAMES[:2]},
    }
    return {name: json.loads(figure.to_json()) for name, figure in made.items()}


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


def roc_figure() -> go.Figure:
    """The ROC of `bin_out`'s probability and of the distance alone, and that of a guess."""
    figure = go.Figure(layout=layout(TITLES["roc"], HEIGHT))
    for role, dash, colours in (
        ("guess", "dot", QUIET),
        ("distance", "dash", LANE_COLOURS[0]),
        ("bin_out", "solid", head_colours(2)),
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


def confusion_figure(head: str, of_digits: bool = False) -> go.Figure:
    """A confusion matrix of a head: rows are true, columns predicted; what is right is blue.

    Args:
        head: Its name.
        of_digits: Whether it is of single digits, tens and ones pooled, with its numbers written.
    """
    title = f"{head}: digits taken for one another" if of_digits else f"{head}: confusion matrix"
    figure = go.Figure(layout=layout(title, TALL))
    what = "digit" if of_digits else "class"
    for role in ("wrong", "right"):
        figure.add_trace(
            go.Heatmap(
                name=role,
                meta={
                    "role": role,
                    "scales": [[(0, low), (1, high)] for low, high in CONFUSION[role]],
                },
                showscale=False,
                xgap=1 if of_digits else 0,
                ygap=1 if of_digits else 0,
                texttemplate="%{text}" if of_digits else None,
                hoverongaps=False,
                hovertemplate=f"%{{hovertext}}<extra>{role}</extra>",
            )
        )
    square = {"constrain": "domain", "zeroline": False}
    figure.update_layout(
        hovermode="closest",
        showlegend=False,
        xaxis={**square, "title": {"text": f"predicted {what}", "standoff": 6}},
        yaxis={
            **square,
            "title": {"text": f"true {what}", "standoff": 4},
            "autorange": "reversed",
            "scaleanchor": "x",
        },
        margin={"b": 50},
    )
    figure.update_xaxes(showgrid=not of_digits, automargin=True)
    figure.update_yaxes(showgrid=not of_digits, automargin=True)
    return figure
