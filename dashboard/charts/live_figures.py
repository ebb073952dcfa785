"""The charts as Plotly figures. Pure. What is live is told by each trace's `meta`.

A trace with `meta.column` is filled in the browser, by `live_chart.js`, from the columns of
`/api/runs/{id}/records`, rows of `meta.lane`; `meta.role` says how: "raw" as recorded, "smooth"
exponentially smoothed, "validation" where evaluated, "abandoned" what a rewind left behind,
"chance" as a level over the whole width, "changes" as marks where loss weights changed or a lane
was forked. `meta.colours` are for light and dark ground.
"""

import json

import plotly.graph_objects as go

from core.analysis.hints import chance_accuracy, chance_loss
from core.run.heads import HEADS, Head
from core.run.weights import RACE_LANES
from dashboard.theme import HEAD_COLOURS, LANE_COLOURS, QUIET

QUANTITIES = {"loss": "Loss (unweighted, nats)", "accuracy": "Accuracy"}
# Marks of changed weights hang at the top, whatever the axis below them shows.
MARKS_AXIS = {"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True}
OPACITY = {"raw": 0.25, "abandoned": 0.35}
SMALL = {"title": {"font": {"size": 13}}, "height": 250, "margin": {"l": 42, "r": 8, "t": 32}}


def live_figure(quantity: str, n_classes: int) -> go.Figure:
    """An empty live chart of one lane: curves of each head, and chance levels.

    Args:
        quantity: "loss" or "accuracy".
        n_classes: Number of classes of the dataset.
    """
    figure = go.Figure(layout=_layout(quantity))
    for level in sorted({head.n_classes(n_classes) for head in HEADS}, reverse=True):
        figure.add_trace(chance_trace(quantity, level))
    for role, column in _curves(quantity, raw=True):
        for head in HEADS:
            colours = HEAD_COLOURS[head.name]
            figure.add_trace(curve(role, f"{column}.{head.name}", head.name, 0, colours))
    figure.add_trace(changes_trace("loss weights changed", 0, QUIET))
    return figure


def race_figure(quantity: str, head: Head, n_classes: int) -> go.Figure:
    """An empty small live chart of one head: curves of each lane, and its chance level.

    The recorded curves are left out: those of four lanes would hide one another. So are markers,
    which take half the time of drawing.
    """
    figure = small_figure(quantity, head)
    figure.add_trace(chance_trace(quantity, head.n_classes(n_classes)))
    for role, column in _curves(quantity, raw=False):
        for lane in range(RACE_LANES):
            name, colours = f"lane {lane + 1}", LANE_COLOURS[lane]
            trace = curve(role, f"{column}.{head.name}", name, lane, colours, is_small=True)
            figure.add_trace(trace)
    for lane in range(RACE_LANES):
        figure.add_trace(changes_trace(f"lane {lane + 1}", lane, LANE_COLOURS[lane]))
    return figure


def small_figure(quantity: str, head: Head) -> go.Figure:
    """A small chart of one head with nothing in it, whose legend is beside it on the page."""
    figure = go.Figure(layout=_layout(quantity))
    figure.update_layout(SMALL, title_text=f"{head.name}: {QUANTITIES[quantity].lower()}")
    figure.update_layout(showlegend=False)
    return figure


def figures(n_classes: int) -> dict[str, list[dict]]:
    """The charts of one lane and those of a race: quantity, head if it is of one, and figure."""
    one = [(q, "", live_figure(q, n_classes)) for q in QUANTITIES]
    race = [(q, h.name, race_figure(q, h, n_classes)) for q in QUANTITIES for h in HEADS]
    return {
        layout: [
            {"quantity": quantity, "head": head, "figure": json.loads(figure.to_json())}
            for quantity, head, figure in charts
        ]
        for layout, charts in (("one", one), ("race", race))
    }


def _curves(quantity: str, raw: bool) -> list[tuple[str, str]]:
    """Role and quantity of the curves of a chart, from the lowest to the uppermost."""
    validated = f"val_{quantity}"
    return [
        ("abandoned", quantity),
        ("abandoned", validated),
        *([("raw", quantity)] if raw else []),
        ("smooth", quantity),
        ("validation", validated),
    ]


def curve(
    role: str,
    column: str,
    name: str,
    lane: int,
    colours: tuple[str, str],
    is_small: bool = False,
) -> go.Scatter:
    """A curve, empty: solid in training, dashed in validation, faint where it is in the background.

    Args:
        role, column, lane, colours: Its `meta`.
        name: What it shows, without "(val)".
        is_small: Whether it has no markers, which take half the time of drawing.
    """
    of_validation = column.startswith("val_")
    name = f"{name} (val)" if of_validation else name
    hovered = role in ("smooth", "validation")
    exact = "%{customdata:.4f}" if role == "smooth" else "%{y:.4f}"
    return go.Scatter(
        name=name,
        meta={"role": role, "column": column, "lane": lane, "colours": colours},
        x=[],
        y=[],
        mode="lines+markers" if of_validation and not is_small else "lines",
        line={
            "dash": "dash" if of_validation else "solid",
            "width": 1 if role == "raw" else 2,
        },
        marker={"size": 5},
        opacity=OPACITY.get(role, 1),
        legendgroup=name,
        showlegend=hovered,
        hoverinfo=None if hovered else "skip",
        hovertemplate=exact if hovered else None,
    )


def chance_trace(quantity: str, n_classes: int) -> go.Scatter:
    """The level of a head of so many classes that guesses, empty."""
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


def changes_trace(name: str, lane: int, colours: tuple[str, str]) -> go.Scatter:
    """The marks where loss weights of a lane changed, empty; on the layout's second y axis."""
    return go.Scatter(
        name=name,
        meta={"role": "changes", "lane": lane, "colours": colours},
        x=[],
        y=[],
        yaxis="y2",
        mode="text",  # a marker would hang half over the plot
        textposition="top center",
        textfont={"size": 15},
        cliponaxis=False,
        showlegend=False,
        hoverinfo="skip",
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
        "yaxis2": MARKS_AXIS,
    }
