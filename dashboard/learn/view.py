"""The figures of the page Learn: made and kept up to date by the browser, over the shown run.

Python says which run and which settings; the browser asks for records, and for what is measured
inside the run while a figure that needs it is on screen.
"""

import json
from functools import cache

import streamlit as st

from core.run.config import EVALUATION_PAIRS, RunConfig
from core.run.heads import HEADS
from core.run.run import Run
from core.run.weights import RACE_LANES, LossWeights
from dashboard.client.scripts import scripts_path
from dashboard.learn.charts import BINS, FIGURES, figure_json
from dashboard.learn.lessons import inverse_log
from dashboard.theme import HEAD_COLOURS

LOADER = """
export default async (component) =>
  (await import(location.origin + "%s/learn/view.js")).show(component)
"""


@cache
def _component():
    return st.components.v2.component(
        "loss_weight_explorer.learn_view",
        html='<div class="learn-view"></div>',
        js=LOADER % scripts_path(),
        isolate_styles=False,
    )


def learn_view(
    figure: str, run: Run | None, *, config: RunConfig, weights: LossWeights, lane: int, key: str
) -> None:
    """Show one figure, or the status line.

    Args:
        figure: One of `learn_charts.FIGURES`, or "status".
        run: The run, as this script run found it.
        config: The settings as the widgets stand.
        weights: The loss weights as the sliders stand.
        lane: Index of the lane that is shown.
        key: Streamlit's key of the element.
    """
    n_classes = (run.config if run else config).n_classes
    shown = {
        "figure": figure,
        "run": run.id if run else None,
        "state": run.state if run else None,
        "lane": lane,
        "most": RACE_LANES,
        "nClasses": n_classes,
        "trunk": (run.config if run else config).trunk,
        "config": config.model_dump(),
        "weights": weights.as_tuple(),
        "inverseLog": inverse_log(config.n_classes).as_tuple(),
        "classes": [head.n_classes(config.n_classes) for head in HEADS],
        "pairs": EVALUATION_PAIRS,
        "bins": BINS,
        "heads": [
            {
                "name": head.name,
                "asks": head.asks,
                "colours": HEAD_COLOURS[head.name],
                "classes": head.n_classes(n_classes),
            }
            for head in HEADS
        ],
        "chart": figure_json(figure, n_classes) if figure in FIGURES else None,
    }
    # Bytes, not a dict: for a dict Streamlit would import pandas and pyarrow.
    _component()(key=key, data=json.dumps(shown).encode(), on_news_change=lambda: None)
