"""The charts of gradients on the page "Inside" as Plotly figures. Pure; the browser fills them.

Curves over steps are filled by `live_chart.js`, as `live_figures.py` describes, from the columns of
`/api/runs/{id}/inside`. Of the others `meta.role` says what a trace shows, and `tug.js` how.
`meta.colours` and `meta.scales` are for light and dark ground.
"""

from itertools import combinations

import plotly.graph_objects as go

from core.run.heads import Heads, names_of
from dashboard.charts.live_figures import MARKS_AXIS, changes_trace, curve
from dashboard.inside.layout import HEIGHT, TALL, called, layout
from dashboard.theme import DIVERGING, HEAD_PAIR_COLOURS, QUIET, head_colours, head_dashes

TITLES = {
    "weighted": "Pull on what is shared: weight x gradient norm",
    "norm": "Without the weights: gradient norm",
    "cosine": "Do two heads agree? Cosine of their gradients",
    "share": "Who pays for the step: share of each head",
    "layers": "Cosine by shared layer",
    "prediction": "What the sliders would do: share of the step",
}
BAR = 54  # px that the two bars of a head take
FEW = len(HEAD_PAIR_COLOURS)  # pairs of heads that are shown all at once


def norm_figure(quantity: str, heads: Heads) -> go.Figure:
    """A curve a head: the norm of its gradient, "weighted" or, unweighted, "norm"."""
    figure = _over_steps(quantity, {"rangemode": "tozero"}, can_be_log=True)
    _add_head_curves(figure, quantity, heads)
    return figure


def cosine_figure(heads: Heads) -> go.Figure:
    """Curves of each two heads, and below 0 a region where they are in conflict.

    Of more than `FEW` pairs those with one head are shown at a time: `meta.of` names it, and a
    curve has the colour of the other head.
    """
    figure = _over_steps("cosine", {"range": [-1.02, 1.02]})
    figure.layout.meta["conflict"] = {"from": -1.02, "to": 0, "text": "conflict"}
    figure.add_trace(_level(0))
    pairs = list(combinations(names_of(heads), 2))
    for role in ("raw", "smooth"):
        if len(pairs) <= FEW:
            for (one, other), colours in zip(pairs, HEAD_PAIR_COLOURS, strict=False):
                name = f"{called(one)}, {called(other)}"
                _add_curve(figure, role, f"cosine.{one}.{other}", name, colours)
            continue
        for one, other in pairs:
            for of, shown in ((one, other), (other, one)):
                place = names_of(heads).index(shown)
                _add_curve(figure, role, f"cosine.{one}.{other}", called(shown), place)
                figure.data[-1].meta |= {"of": of}
    return figure


def share_figure(heads: Heads) -> go.Figure:
    """A curve a head: its share of the step, which may be negative; they sum to 1."""
    figure = _over_steps("share", {"tickformat": ".0%"})
    figure.add_trace(_level(0))
    _add_head_curves(figure, "share", heads)
    for trace in figure.data:
        if trace.meta["role"] == "smooth":
            trace.hovertemplate = "%{customdata:.1%}"
    return figure


def layers_figure() -> go.Figure:
    """A heat map: a row for each shared layer and each two heads, a column for some steps."""
    figure = go.Figure(layout=layout(TITLES["layers"], TALL))
    figure.add_trace(
        go.Heatmap(
            meta={"role": "layers", "scales": DIVERGING},
            zmin=-1,
            zmax=1,
            colorbar={
                "title": {"text": "conflict &lt; 0 &lt; agreement", "side": "top"},
                "orientation": "h",
                "y": -0.14,
                "yanchor": "top",
                "thickness": 10,
                "outlinewidth": 0,
            },
            hovertemplate="%{customdata}<br>about step %{x:,.0f}: cosine %{z:.2f}<extra></extra>",
        )
    )
    figure.update_layout(
        hovermode="closest",
        yaxis={"automargin": True, "autorange": "reversed", "showgrid": False},
        xaxis={"title": {"text": "step", "standoff": 6}},
        margin={"b": 96},
    )
    figure.update_yaxes(tickfont={"size": 11})
    return figure


def prediction_figure(heads: Heads) -> go.Figure:
    """Two bars a head: its share of the step with the weights in force, and at the sliders."""
    height = max(300, 138 + BAR * len(heads))
    figure = go.Figure(layout=layout(TITLES["prediction"], height))
    for role, name, pattern in (("sliders", "at the sliders", ""), ("now", "in force now", "/")):
        figure.add_trace(
            go.Bar(
                name=name,
                meta={
                    "role": role,
                    "of_heads": [head_colours(place) for place in range(len(heads))],
                },
                orientation="h",
                y=[called(head.name) for head in heads],
                x=[],
                texttemplate="%{x:.0%}",
                textposition="outside",
                cliponaxis=False,
                marker={"pattern": {"shape": pattern, "solidity": 0.4}},
                hovertemplate="%{customdata} " + name + ": %{x:.1%}<extra></extra>",
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


def _add_head_curves(figure: go.Figure, quantity: str, heads: Heads) -> None:
    for role in ("raw", "smooth"):
        for place, head in enumerate(heads):
            _add_curve(figure, role, f"{quantity}.{head.name}", called(head.name), place)


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
    """A curve in these colours, or in those of the head at that place."""
    if isinstance(colours, int):
        dash = head_dashes(colours)[0]
        figure.add_trace(curve(role, column, name, 0, head_colours(colours), dash))
    else:
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
