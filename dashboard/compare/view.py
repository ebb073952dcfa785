"""The compare view: curves of several runs over one another, kept up to date by the browser.

The browser asks `/api/runs/{id}/records` of each run for what is new and draws it. Python says
which curves there are and in what they differ; the browser says when a run has another state or
number of lanes.
"""

from core.analysis.comparison import MOST_CURVES, Curve, differences, pairs_in_epoch
from core.problems import heads_of
from core.run.config import RunConfig
from dashboard.client.component import view
from dashboard.compare.charts import figures
from dashboard.theme import CURVE_COLOURS, CURVE_SYMBOLS, heads_shown


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
        curves: What is compared, `MOST_CURVES` at most, which can be compared.
        baseline: Key of the curve that the others are compared with, if there is one.
        x: What the horizontal axis shows, "step", "seconds" or "epochs".
        log_x, log_y: Whether the axes are logarithmic; differences are never drawn so.
        smoothing: Strength of the exponential smoothing, 0 (none) to below 1.
        outliers: Whether the vertical axis leaves outliers out of sight.
        differences_shown: Whether to draw differences from the baseline.
        key: Streamlit's key of the element.
    """
    runs = {curve.run.id: curve for curve in curves}
    usual = curves[0].run.heads if curves else heads_of(RunConfig())
    shown = {
        "curves": [curve_json(curve, i) for i, curve in enumerate(curves)],
        "told": [
            {
                "run": curve.run.id,
                "label": curve.run.label,
                "state": curve.run.state,
                "lanes": curve.n_lanes,
            }
            for curve in runs.values()
        ],
        "heads": heads_shown(usual),
        "most": MOST_CURVES,
        "figures": figures(tuple(dict.fromkeys(curve.run.heads for curve in curves)) or (usual,)),
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
    pairs = pairs_in_epoch(config)
    return {
        "key": curve.key,
        "run": curve.run.id,
        "lane": curve.lane,
        "name": curve.name,
        "label": curve.label,
        "weights": curve.began_with.as_tuple(),
        "chance": [head.chance_loss for head in curve.run.heads],
        "colours": CURVE_COLOURS[place],
        "symbol": CURVE_SYMBOLS[place],
        "perEpoch": None if pairs is None else pairs / config.batch_size,
    }
