"""The charts as Plotly figures. Pure. What is live is told by each trace's `meta`.

A trace with `meta.column` is filled in the browser, by `live_chart.js`, from the columns of
`/api/runs/{id}/records`, rows of `meta.lane`; `meta.role` says how: "raw" as recorded, "smooth"
exponentially smoothed, "validation" where evaluated, "abandoned" what a rewind left behind,
"chance" as a level over the whole width, "changes" as marks where loss weights changed or a lane
was forked. `meta.colours` are for light and dark ground.
"""

import json
import math
from collections.abc import Iterable

import plotly.graph_objects as go

from core.run.heads import ACCURACY, Head, Heads, unit_of
from core.run.weights import RACE_LANES
from dashboard.plain_text import in_chart
from dashboard.theme import LANE_COLOURS, QUIET, head_colours, head_dashes

LOSS, METRIC = "loss", "metric"  # quantities: which chart it is; columns have the metric's own name
# Marks of changed weights hang at the top, whatever the axis below them shows.
MARKS_AXIS = {"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True}
OPACITY = {"raw": 0.25, "abandoned": 0.35}
SHORT = 4  # letters of a metric such as mae, rmse or auc
MOST_LARGE = 2  # charts of one lane; more of them are small, or else most would be out of sight
SMALL = {"title": {"font": {"size": 13}}, "height": 250, "margin": {"l": 42, "r": 8, "t": 32}}


def columns_of(quantity: str, head: Head) -> tuple[str, str]:
    """The columns of records with a quantity of a head, in training and in validation."""
    called = head.metric if quantity == METRIC else quantity
    return f"{called}.{head.name}", f"val_{called}.{head.name}"


def kind_of(quantity: str, head: Head) -> str | None:
    """What an axis for it shows; heads of one kind share it. None of a head without a metric."""
    return head.metric if quantity == METRIC else head.loss_kind


def alike(heads: Heads, quantity: str) -> list[list[tuple[int, Head]]]:
    """The heads, and their places, that share a chart of a quantity."""
    groups: dict[str, list[tuple[int, Head]]] = {}
    for place, head in enumerate(heads):
        if kind := kind_of(quantity, head):
            groups.setdefault(kind, []).append((place, head))
    return list(groups.values())


def in_words(quantity: str, head: Head) -> str:
    """What an axis shows, such as "Loss (unweighted, nats)" or "Accuracy"."""
    if quantity == METRIC:
        words = (head.metric or "").replace("_", " ")
        return words.upper() if len(words) <= SHORT else words[:1].upper() + words[1:]
    if unit := unit_of(head.loss):
        return f"Loss (unweighted, {unit})"
    return f"Loss (unweighted): {head.loss.replace('_', ' ')}"


def live_figure(quantity: str, group: list[tuple[int, Head]], is_small: bool = False) -> go.Figure:
    """An empty live chart of one lane: curves of heads that are alike, and chance levels.

    Args:
        quantity: `LOSS` or `METRIC`.
        group: The heads and their places.
        is_small: Whether it is one of many, whose legend is beside them on the page.
    """
    figure = go.Figure(layout=_layout(quantity, group[0][1]))
    if is_small:
        figure.update_layout(SMALL, showlegend=False)
    for level, name in levels(quantity, [head for _, head in group]).items():
        figure.add_trace(chance_trace(level, name))
    for role, is_validated in _curves(raw=True):
        for place, head in group:
            column = columns_of(quantity, head)[is_validated]
            dash = head_dashes(place)[is_validated]
            figure.add_trace(curve(role, column, in_chart(head.name), 0, head_colours(place), dash))
    figure.add_trace(changes_trace("loss weights changed", 0, QUIET))
    return figure


def race_figure(quantity: str, head: Head) -> go.Figure:
    """An empty small live chart of one head: curves of each lane, and its chance level.

    The recorded curves are left out: those of four lanes would hide one another. So are markers,
    which take half the time of drawing.
    """
    figure = small_figure(quantity, head)
    for level, name in levels(quantity, [head]).items():
        figure.add_trace(chance_trace(level, name))
    for role, is_validated in _curves(raw=False):
        for lane in range(RACE_LANES):
            name, colours = f"lane {lane + 1}", LANE_COLOURS[lane]
            column = columns_of(quantity, head)[is_validated]
            figure.add_trace(curve(role, column, name, lane, colours, is_small=True))
    for lane in range(RACE_LANES):
        figure.add_trace(changes_trace(f"lane {lane + 1}", lane, LANE_COLOURS[lane]))
    return figure


def small_figure(quantity: str, head: Head) -> go.Figure:
    """A small chart of one head with nothing in it, whose legend is beside it on the page."""
    figure = go.Figure(layout=_layout(quantity, head))
    title = in_chart(f"{head.name}: {in_words(quantity, head).lower()}")
    figure.update_layout(SMALL, title_text=title, showlegend=False)
    return figure


def figures(heads: Heads) -> dict[str, list[dict]]:
    """The charts of one lane and those of a race.

    Each has its `quantity`, "loss" or the name of the metric; the `head`, if it is of one; what
    `alike` charts of a race share an axis by; and its `figure`.
    """
    groups = [(quantity, group) for quantity in (LOSS, METRIC) for group in alike(heads, quantity)]
    one, race = [], []
    for quantity, group in groups:
        called = LOSS if quantity == LOSS else group[0][1].metric
        one.append((called, "", "", live_figure(quantity, group, len(groups) > MOST_LARGE)))
        for _, head in group:
            level = head.chance_loss if quantity == LOSS else head.chance
            shares = f"{kind_of(quantity, head)} {level}"
            called = LOSS if quantity == LOSS else head.metric
            race.append((called, head.name, shares, race_figure(quantity, head)))
    return {
        layout: [
            {
                "quantity": quantity,
                "head": head,
                "alike": shares,
                "figure": json.loads(figure.to_json()),
            }
            for quantity, head, shares, figure in charts
        ]
        for layout, charts in (("one", one), ("race", race))
    }


def levels(quantity: str, heads: Iterable[Head]) -> dict[float, str]:
    """Levels of chance, and what each is called: "chance, ln 100" where classes come up alike."""
    found: dict[float, str] = {}
    heads = list(heads)
    for head in sorted(heads, key=lambda head: -(head.chance_loss or 0)):
        level = head.chance_loss if quantity == LOSS else head.chance
        if level is not None:
            words = equal_classes(quantity, head) or (head.name if len(heads) > 1 else "")
            found.setdefault(level, in_chart(f"chance, {words}") if words else "chance")
    return found


def equal_classes(quantity: str, head: Head) -> str:
    """The level of chance of a head with classes that come up alike, such as "ln 100"; or ""."""
    if head.metric != ACCURACY or not head.chance or head.chance_loss is None:
        return ""
    n_classes = round(1 / head.chance)
    is_equal = math.isclose(n_classes * head.chance, 1) and math.isclose(
        head.chance_loss, math.log(n_classes)
    )
    if not is_equal:
        return ""
    return f"ln {n_classes}" if quantity == LOSS else f"1/{n_classes}"


def _curves(raw: bool) -> list[tuple[str, bool]]:
    """Role of the curves of a chart, from the lowest to the uppermost, and which are validation."""
    return [
        ("abandoned", False),
        ("abandoned", True),
        *([("raw", False)] if raw else []),
        ("smooth", False),
        ("validation", True),
    ]


def curve(
    role: str,
    column: str,
    name: str,
    lane: int,
    colours: tuple[str, str],
    dash: str = "",
    is_small: bool = False,
) -> go.Scatter:
    """A curve, empty: solid in training, dashed in validation, faint where it is in the background.

    Args:
        role, column, lane, colours: Its `meta`.
        name: What it shows, without "(val)".
        dash: Of its line; the usual one of training or validation if left out.
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
            "dash": dash or ("dash" if of_validation else "solid"),
            "width": 1 if role == "raw" else 2,
        },
        marker={"size": 5},
        opacity=OPACITY.get(role, 1),
        legendgroup=name,
        showlegend=hovered,
        hoverinfo=None if hovered else "skip",
        hovertemplate=exact if hovered else None,
    )


def chance_trace(level: float, name: str) -> go.Scatter:
    """The level of a head that guesses, empty."""
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


def _layout(quantity: str, head: Head) -> dict:
    is_share = quantity == METRIC and head.metric == ACCURACY
    title = in_chart(in_words(quantity, head))
    return {
        "template": {},
        "title": {"text": title, "x": 0, "xanchor": "left", "font": {"size": 16}},
        "height": 400,
        "margin": {"l": 46, "r": 12, "t": 40, "b": 40},
        "hovermode": "x unified",
        "legend": {"orientation": "h", "y": -0.16, "yanchor": "top", "x": 0, "font": {"size": 12}},
        "xaxis": {"rangemode": "tozero", "zeroline": False},
        "yaxis": {
            "rangemode": "normal" if quantity == METRIC and not is_share else "tozero",
            "zeroline": False,
            **({"range": [0, 1.02], "tickformat": ".0%"} if is_share else {}),
        },
        "yaxis2": MARKS_AXIS,
    }
