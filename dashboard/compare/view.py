"""The compare view: curves of several runs over one another, kept up to date by the browser.

The browser asks `/api/runs/{id}/records` of each run for what is new and draws it. Python says
which curves there are and in what they differ; the browser says when a run has another state or
number of lanes.
"""

from core.analysis.comparison import MOST_CURVES, Curve, differences, pairs_in_epoch
from core.analysis.hints import chance_loss
from core.run.heads import HEAD_NAMES, HEADS
from dashboard.client.component import view
from dashboard.compare.charts import figures
from dashboard.theme import CURVE_COLOURS, CURVE_SYMBOLS


def compare_view(
    curves: list[Curve],
    *,
    baseline: str | None,
    x: str,
    log_x: bool,
    log_y: bool,
    smoothing: float,
    outliers: bool,
    differences_shown: bool,
    key: str,
) -> None:
    """Show curves over one another, live while their runs train; a sentence where there is none.

    Args:
        curves: What is compared, `MOST_CURVES` at most.
        baseline: Key of the curve that the others are compared with, if there is one.
        x: What the horizontal axis shows, "step", "seconds" or "epochs".
        log_x, log_y: Whether the axes are logarithmic; differences are never drawn so.
        smoothing: Strength of the exponential smoothing, 0 (none) to below 1.
        outliers: Whether the vertical axis leaves outliers out of sight.
        differences_shown: Whether to draw differences from the baseline.
        key: Streamlit's key of the element.
    """
    runs = {curve.run.id: curve for curve in curves}
    shown = {
        "curves": [curve_json(curve, i) for i, curve in enumerate(curves)],
        "told": [
            {"run": curve.run.id, "state": curve.run.state, "lanes": curve.n_lanes}
            for curve in runs.values()
        ],
        "heads": HEAD_NAMES,
        "most": MOST_CURVES,
        "figures": figures(tuple(sorted({curve.run.config.n_classes for curve in curves})) or (2,)),
        "settings": differences(curves),
        "baseline": baseline,
        "options": {
            "x": x,
            "logX": log_x,
            "logY": log_y,
            "smoothing": smoothing,
            "outliers": outliers,
            "differences": differences_shown,
        },
    }
    view("compare", shown, key=key)


def curve_json(curve: Curve, place: int) -> dict:
    """What the browser is told of a curve, which has the colour and symbol of its place."""
    config = curve.run.config
    return {
        "key": curve.key,
        "run": curve.run.id,
        "lane": curve.lane,
        "name": curve.name,
        "label": curve.label,
        "weights": curve.began_with.as_tuple(),
        "chance": [chance_loss(head.n_classes(config.n_classes)) for head in HEADS],
        "colours": CURVE_COLOURS[place],
        "symbol": CURVE_SYMBOLS[place],
        "perEpoch": pairs_in_epoch(config) / config.batch_size,
    }
