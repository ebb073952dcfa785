"""The charts of gradients on the page "Inside" as Plotly figures. Pure; the browser fills them.

Curves over steps are filled by `live_chart.js`, as `live_figures.py` describes, from the columns of
`/api/runs/{id}/inside`. Of the others `meta.role` says what a trace shows, and `tug.js` how.
`meta.colours` and `meta.scales` are for light and dark ground.
"""

from itertools import combinations

import plotly.graph_objects as go

from core.problems.siamese.heads import HEAD_NAMES
from dashboard.charts.live_figures import MARKS_AXIS, changes_trace, curve
from dashboard.theme import DIVERGING, HEAD_PAIR_COLOURS, QUIET, colours_of

COLOURS = colours_of(HEAD_NAMES)
HEAD_PAIRS = tuple(combinations(HEAD_NAMES, 2))
TITLES = {
    "weighted": "Pull on the trunk: weight x gradient norm",
    "norm": "Without the weights: gradient norm",
    "cosine": "Do two heads agree? Cosine of their gradients",
    "share": "Who pays for the step: share of each head",
    "layers": "Cosine by layer of the trunk",
    "prediction": "What the sliders would do: share of the step",
}
HEIGHT = 380
TALL = 460


def norm_figure(quantity: str) -> go.Figure:
    """A curve a head: the norm of its gradient on the trunk, "weighted" or, unweighted, "norm"."""
    figure = _over_steps(quantity, {"rangemode": "tozero"}, can_be_log=True)
    for role in ("raw", "smooth"):
        for name in HEAD_NAMES:
            _add_curve(figure, role, f"{quantity}.{name}", name, COLOURS[name])
    return figure


def cosine_figure() -> go.Figure:
    """A curve for each two heads, and below 0 a region where they are in conflict."""
    figure = _over_steps("cosine", {"range": [-1.02, 1.02]})
    figure.layout.meta["conflict"] = {"from": -1.02, "to": 0, "text": "conflict"}
    figure.add_trace(_level(0))
    for role in ("raw", "smooth"):
        for (first, second), colours in zip(HEAD_PAIRS, HEAD_PAIR_COLOURS, strict=True):
            column = f"cosine.{first}.{second}"
            _add_curve(figure, role, column, f"{first}, {second}", colours)
    return figure


def share_figure() -> go.Figure:
    """A curve a head: its share of the step, which may be negative; they sum to 1."""
    figure = _over_steps("share", {"tickformat": ".0%"})
    figure.add_trace(_level(0))
    for role in ("raw", "smooth"):
        for name in HEAD_NAMES:
            _add_curve(figure, role, f"share.{name}", name, COLOURS[name])
    for trace in figure.data:
        if trace.meta["role"] == "smooth":
            trace.hovertemplate = "%{customdata:.1%}"
    return figure


def layers_figure() -> go.Figure:
    """A heat map: a row for each layer of the trunk and each two heads, a column for some steps."""
    figure = go.Figure(layout=layout(TITLES["layers"], TALL))
    figure.add_trace(
        go.Heatmap(
            meta={"role": "layers", "scales": DIVERGING},
            zmin=-1,
            zmax=1,
            colorbar={
                "title": {"text": "conflict (below 0) to agreement (above)", "side": "top"},
                "orientation": "h",
                "y": -0.14,
                "yanchor": "top",
                "thickness": 10,
                "outlinewidth": 0,
            },
            hovertemplate="%{y}<br>about step %{x:,.0f}: cosine %{z:.2f}<extra></extra>",
        )
    )
    figure.update_layout(
        hovermode="closest",
        yaxis={"automargin": True, "autorange": "reversed", "type": "category"},
        xaxis={"title": {"text": "step", "standoff": 6}},
        margin={"b": 96},
    )
    figure.update_yaxes(tickfont={"size": 11})
    return figure


def prediction_figure() -> go.Figure:
    """Two bars a head: its share of the step with the weights in force, and at the sliders."""
    figure = go.Figure(layout=layout(TITLES["prediction"], 300))
    for role, name, pattern in (("sliders", "at the sliders", ""), ("now", "in force now", "/")):
        figure.add_trace(
            go.Bar(
                name=name,
                meta={
                    "role": role,
                    "of_heads": [COLOURS[head] for head in HEAD_NAMES],
                },
                orientation="h",
                y=list(HEAD_NAMES),
                x=[],
                texttemplate="%{x:.0%}",
                textposition="outside",
                cliponaxis=False,
                marker={"pattern": {"shape": pattern, "solidity": 0.4}},
                hovertemplate="%{y} " + name + ": %{x:.1%}<extra></extra>",
            )
        )
    figure.update_layout(
        barmode="group",
        hovermode="closest",
        xaxis={"tickformat": ".0%", "zeroline": True},
        yaxis={"autorange": "reversed", "automargin": True},
        legend={"traceorder": "reversed"},
    )
    return figure


def _over_steps(quantity: str, yaxis: dict, can_be_log: bool = False) -> go.Figure:
    figure = go.Figure(layout=layout(TITLES[quantity], HEIGHT))
    figure.update_layout(
        hovermode="x unified",
        yaxis=yaxis,
        yaxis2=MARKS_AXIS,
        xaxis={"rangemode": "tozero"},
        meta={"canBeLog": can_be_log},
    )
    figure.add_trace(changes_trace("loss weights changed", 0, QUIET))
    return figure


def _add_curve(figure: go.Figure, role: str, column: str, name: str, colours) -> None:
    figure.add_trace(curve(role, column, name, 0, colours))


def _level(level: float) -> go.Scatter:
    return go.Scatter(
        meta={"role": "chance", "colours": QUIET, "level": level},
        x=[],
        y=[],
        mode="lines",
        line={"dash": "dot", "width": 1},
        showlegend=False,
        hoverinfo="skip",
    )


def layout(title: str, height: int) -> dict:
    """What the charts of the page have in common."""
    return {
        "template": {},
        "title": {
            "text": title,
            "x": 0,
            "xanchor": "left",
            "font": {"size": 15},
        },
        "height": height,
        "margin": {"l": 52, "r": 12, "t": 40, "b": 40},
        "legend": {"orientation": "h", "y": -0.16, "yanchor": "top", "x": 0, "font": {"size": 12}},
        "xaxis": {"zeroline": False},
        "yaxis": {"zeroline": False},
    }
