"""The charts of what heads answer, by their kind, on the page "Inside" as Plotly figures. Pure.

`meta.role` says what a trace shows; `confusion.js` and `numbers.js` fill it from a snapshot.
`meta.colours` and `meta.scales` are for light and dark ground.
"""

import plotly.graph_objects as go

from dashboard.inside.layout import TALL, called, layout
from dashboard.theme import CONFUSION, QUIET, head_colours


def confusion_figure(head: str, of_digits: bool = False) -> go.Figure:
    """A confusion matrix of a head: rows are true, columns predicted; what is right is blue.

    Args:
        head: Its name.
        of_digits: Whether it is of single digits, tens and ones pooled.
    """
    what = "digits taken for one another" if of_digits else "confusion matrix"
    title = f"{called(head)}: {what}"
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


def numbers_figure(head: str, place: int) -> go.Figure:
    """Predicted against true numbers of a head, and the line where they are equal.

    Args:
        head: Its name.
        place: Its place among all of them.
    """
    figure = go.Figure(layout=layout(f"{called(head)}: predicted against true", TALL))
    figure.add_trace(
        go.Scatter(
            name="predicted = true",
            meta={"role": "equal", "colours": QUIET},
            x=[],
            y=[],
            mode="lines",
            line={"dash": "dot", "width": 1},
            hoverinfo="skip",
        )
    )
    figure.add_trace(
        go.Scatter(
            name="validation example",
            meta={"role": "points", "colours": head_colours(place)},
            x=[],
            y=[],
            mode="markers",
            marker={"size": 5, "line": {"width": 0}},
            opacity=0.6,
            hovertemplate="true %{x:.4g}, predicted %{y:.4g}<extra></extra>",
        )
    )
    figure.update_layout(
        hovermode="closest",
        xaxis={"title": {"text": "true", "standoff": 6}, "automargin": True},
        yaxis={"title": {"text": "predicted", "standoff": 4}, "automargin": True},
    )
    return figure
