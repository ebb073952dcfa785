"""The charts of the page Learn as Plotly figures. Pure; `figure.js` and others fill them.

As in `live_figures.py`, a trace's `meta.role` says what it shows and `meta.colours` its colours on
light and dark ground; `meta.head` is the head that it is of, if it is of one.
"""

import json
from functools import cache

import numpy as np
import plotly.graph_objects as go

from core.analysis.hints import chance_loss
from core.problems.siamese.heads import HEAD_NAMES, OUTPUTS
from dashboard.theme import HEAD_COLOURS, LANE_COLOURS, QUIET, colours_of

INK = LANE_COLOURS[0]
COLOURS = colours_of(HEAD_NAMES)
RIGHT, WRONG = HEAD_COLOURS[:2]
SYMBOLS = dict(zip(COLOURS, ("circle", "square", "diamond"), strict=True))
LEGEND = {
    "orientation": "h",
    "yref": "container",
    "y": 0,
    "yanchor": "bottom",
    "x": 0,
    "font": {"size": 12},
    "traceorder": "normal",
}
BINS = 20  # of the probability given to the right class


def curve(n_classes: int) -> go.Figure:
    """-ln p over p, the chosen point with its tangent, guesses, and a point a head."""
    figure = _figure("What the right class's probability costs", "loss -ln p, nats", height=380)
    figure.update_layout(
        xaxis={
            "title": {"text": "probability p of the right class", "standoff": 6},
            "range": [0, 1.02],
        },
        yaxis={"range": [0, 7]},
        hovermode="closest",
    )
    p = np.concatenate([np.geomspace(1e-3, 0.1, 60), np.linspace(0.11, 1, 90)])
    loss = np.abs(np.log(p))  # not -log: it would give -0 at 1
    figure.add_trace(_line("curve", "-ln p", INK, x=p.round(5).tolist(), y=loss.round(5).tolist()))
    figure.add_trace(_line("tangent", "slope there", QUIET, dash="dot"))
    figure.update_traces(showlegend=False, hoverinfo="skip", hovertemplate=None)
    levels = sorted({head.n_classes(n_classes) for head in OUTPUTS})
    figure.add_trace(
        go.Scatter(
            name="a guess",
            meta={"role": "guess", "colours": QUIET},
            x=[1 / n for n in levels],
            y=[chance_loss(n) for n in levels],
            text=[f"guess, 1 of {n}" for n in levels],
            mode="markers+text",
            textposition="middle right",
            textfont={"size": 11},
            marker={"symbol": "line-ew-open", "size": 12},
            showlegend=False,
            hovertemplate="%{text}: ln C = %{y:.3f}<extra></extra>",
        )
    )
    for head in OUTPUTS:
        figure.add_trace(
            go.Scatter(
                name=head.name,
                meta={"role": "head", "head": head.name, "colours": COLOURS[head.name]},
                x=[],
                y=[],
                mode="markers",
                marker={"symbol": SYMBOLS[head.name], "size": 13},
                hovertemplate="loss %{y:.3f}, as if p = %{x:.3f}",
            )
        )
    figure.add_trace(
        go.Scatter(
            name="your p",
            meta={"role": "chosen", "colours": INK},
            x=[],
            y=[],
            mode="markers",
            marker={"symbol": "circle-open", "size": 16, "line": {"width": 3}},
            hovertemplate="p = %{x:.3f}: %{y:.3f} nats<extra></extra>",
        )
    )
    return figure


def terms(n_classes: int) -> go.Figure:
    """Probability of each class above, its term of the loss below."""
    figure = _figure("Each class's probability, and its term of the loss", "probability p", 380)
    _halve(figure, "term -y ln p, nats")
    figure.update_layout(hovermode="closest", bargap=0.1, showlegend=False, margin={"b": 44})
    figure.update_layout(
        xaxis={"range": [-0.5, n_classes - 0.5], "title": {"text": "class", "standoff": 6}}
    )
    figure.add_trace(_bars("probability", "p", QUIET, "y", "class %{x}: p = %{y:.4f}"))
    figure.add_trace(_bars("term", "term", RIGHT, "y2", "class %{x}: term %{y:.4f}"))
    return figure


def total(n_classes: int) -> go.Figure:
    """Weight x loss of each head, one upon another, over the steps."""
    figure = _figure("How the total is made: weight x loss of each head", "nats", 340)
    figure.update_layout(xaxis={"title": {"text": "step", "standoff": 6}}, hovermode="x unified")
    for head in OUTPUTS:
        trace = _line("part", head.name, COLOURS[head.name], head=head.name)
        figure.add_trace(trace.update(stackgroup="total", line={"width": 1}))
    return figure


def reach(n_classes: int) -> go.Figure:
    """Which layer gets a gradient from which head's loss, as a table in colours."""
    figure = _figure("Gradient that reaches each layer from each loss (norm)", "", 330)
    figure.update_layout(hovermode="closest", margin={"l": 110, "t": 70, "b": 10})
    figure.update_layout(yaxis={"autorange": "reversed", "type": "category", "fixedrange": True})
    figure.update_layout(xaxis={"side": "top", "type": "category", "fixedrange": True})
    figure.add_trace(
        go.Heatmap(
            meta={"role": "reach", "colours": RIGHT},
            x=[],
            y=[],
            z=[],
            text=[],
            texttemplate="%{text}",
            textfont={"size": 13},
            showscale=False,
            xgap=3,
            ygap=3,
            hovertemplate="loss of %{x}, layer %{y}: %{text}<extra></extra>",
        )
    )
    return figure


def start(n_classes: int) -> go.Figure:
    """Share of each head of the total and of the first step, at several loss weights."""
    figure = _figure("Who has how much say when training begins", "", 400)
    figure.update_layout(
        barmode="relative",
        bargap=0.25,
        hovermode="closest",
        margin={"l": 150},
        xaxis={"tickformat": ".0%", "title": {"text": "share of the head", "standoff": 6}},
        yaxis={"autorange": "reversed", "type": "category", "fixedrange": True},
    )
    for head in OUTPUTS:
        trace = _bars("share", head.name, COLOURS[head.name], "y", "%{y}: %{x:.1%}")
        trace.update(orientation="h", textposition="inside", text=[], insidetextanchor="middle")
        trace.update(texttemplate="%{text}", textangle=0, hovertemplate="%{y}: %{x:.1%}")
        trace.meta = {**trace.meta, "head": head.name}
        figure.add_trace(trace)
    return figure


def histogram(n_classes: int) -> go.Figure:
    """How many pairs gave the right class how much, and which of them pay the loss."""
    figure = _figure("Probability given to the right class", "validation pairs", 420)
    _halve(figure, "share of the loss")
    figure.update_layout(barmode="stack", bargap=0.05, hovermode="closest")
    figure.update_layout(
        xaxis={"range": [0, 1], "title": {"text": "probability of the right class", "standoff": 6}},
        yaxis2={"tickformat": ".0%"},
    )
    for axis, what, told in (("y", "count", "%{y} pairs"), ("y2", "paid", "%{y:.1%} of the loss")):
        for name, colours, shape in (("right", RIGHT, ""), ("wrong", WRONG, "/")):
            said = f"p near %{{x:.3f}}: {told}"
            trace = _bars(f"{what} {name}", f"counted {name}", colours, axis, said)
            trace.update(marker={"pattern": {"shape": shape}}, showlegend=axis == "y")
            figure.add_trace(trace.update(legendgroup=name))
    return figure


def standing(n_classes: int) -> go.Figure:
    """Validation accuracy above, validation loss below, of one head."""
    figure = _figure("Accuracy that stands, and a loss that does not", "accuracy", 400)
    _halve(figure, "loss, nats")
    figure.update_layout(
        hovermode="x unified",
        xaxis={"title": {"text": "step", "standoff": 6}},
        yaxis={"tickformat": ".0%"},
    )
    accuracy = _line("accuracy", "validation accuracy", RIGHT)
    loss = _line("loss", "validation loss", WRONG, dash="dash").update(yaxis="y2")
    return figure.add_traces([accuracy, loss])


def fit(n_classes: int) -> go.Figure:
    """Training and validation loss of one head, with the gap between them."""
    figure = _figure("Training and validation loss, and the gap", "loss (unweighted, nats)", 380)
    figure.update_layout(
        xaxis={"title": {"text": "step", "standoff": 6}}, yaxis={"rangemode": "tozero"}
    )
    training = _line("training", "training", RIGHT)
    validation = _line("validation", "validation", WRONG, dash="dash")
    validation.update(fill="tonexty", fillcolor="rgba(128, 128, 128, 0.25)")
    return figure.add_traces([training, validation])


def memory(n_classes: int) -> go.Figure:
    """Memory of the training process after each run of it."""
    figure = _figure("Memory of the training process, run after run", "RSS, MB", 320)
    figure.update_layout(
        hovermode="closest",
        showlegend=False,
        margin={"b": 44},
        xaxis={
            "rangemode": "nonnegative",
            "title": {"text": "runs that this server has begun", "standoff": 6},
        },
        yaxis={"rangemode": "tozero"},
    )
    trace = _line("memory", "worker", RIGHT).update(mode="lines+markers", marker={"size": 7})
    trace.update(hovertemplate="after %{x} runs: %{y:.0f} MB<extra></extra>")
    return figure.add_trace(trace)


def weights(n_classes: int) -> go.Figure:
    """The loss weights over the steps, as stairs."""
    figure = _figure("The loss weights of this run", "loss weight", 320)
    figure.update_layout(
        xaxis={"title": {"text": "step", "standoff": 6}}, yaxis={"rangemode": "tozero"}
    )
    dashes = dict(zip(SYMBOLS, ("solid", "dash", "dot"), strict=True))
    for head in OUTPUTS:
        trace = _line("weight", head.name, COLOURS[head.name], dashes[head.name], head.name)
        figure.add_trace(trace.update(line={"shape": "vh", "width": 2.5}))
    return figure


FIGURES = {
    make.__name__: make
    for make in (curve, terms, total, reach, start, histogram, standing, fit, memory, weights)
}


@cache
def figure_json(name: str, n_classes: int) -> dict:
    """A figure as the browser takes it.

    Args:
        name: One of `FIGURES`.
        n_classes: Number of classes of the dataset.
    """
    return json.loads(FIGURES[name](n_classes).to_json())


def _figure(title: str, y_title: str, height: int) -> go.Figure:
    layout = {
        "template": {},
        "title": {"text": title, "x": 0, "xanchor": "left", "font": {"size": 14}},
        "height": height,
        "margin": {"l": 54, "r": 12, "t": 44, "b": 90},
        "hovermode": "x unified",
        "legend": LEGEND,
        "xaxis": {"zeroline": False},
        "yaxis": {"zeroline": False, "title": {"text": y_title, "standoff": 4}},
    }
    return go.Figure(layout=layout)


def _halve(figure: go.Figure, y_title: str) -> None:
    """Give the lower half of a figure to a second vertical axis."""
    figure.update_layout(
        xaxis={"anchor": "y2"},
        yaxis={"domain": [0.55, 1]},
        yaxis2={
            "domain": [0, 0.45],
            "anchor": "x",
            "zeroline": False,
            "title": {"text": y_title, "standoff": 4},
            "rangemode": "tozero",
        },
    )


def _line(role, name, colours, dash="solid", head=None, x=(), y=()) -> go.Scatter:
    return go.Scatter(
        name=name,
        meta={"role": role, "colours": colours, "head": head},
        x=list(x),
        y=list(y),
        mode="lines",
        line={"dash": dash, "width": 2},
        hovertemplate="%{y:.4f}",
    )


def _bars(role: str, name: str, colours, yaxis: str, told: str) -> go.Bar:
    return go.Bar(
        name=name,
        meta={"role": role, "colours": colours},
        x=[],
        y=[],
        yaxis=yaxis,
        hovertemplate=f"{told}<extra></extra>",
    )
