"""The inside view: what pulls on the trunk, and what it sees, kept up to date by the browser.

The browser asks `/api/runs/{id}/inside` for what is measured; no script runs here while a run
trains. Python says what to show; the browser says when the run has another state or number of
lanes, and which pair was picked.
"""

import json
from functools import cache

import streamlit as st

from core.run.config import RunConfig
from core.run.heads import HEADS
from core.run.run import Run
from core.run.weights import LossWeights
from dashboard import state
from dashboard.client.scripts import scripts_path
from dashboard.inside.snapshot_charts import figures
from dashboard.theme import HEAD_COLOURS

LOADER = """
export default async (component) =>
  (await import(location.origin + "%s/inside/view.js")).show(component)
"""


@cache
def _component():
    return st.components.v2.component(
        "loss_weight_explorer.inside_view",
        html='<div class="inside-view"></div>',
        js=LOADER % scripts_path(),
        isolate_styles=False,
    )


def inside_view(
    run: Run | None,
    *,
    config: RunConfig,
    n_lanes: int,
    lane: int,
    sliders: LossWeights,
    pair: int,
    smoothing: float,
    log_norm: bool,
    on_pair,
    key: str,
) -> None:
    """Show the inside of a run, live while it trains; without one, what a step would be.

    Args:
        run: The run, as this script run found it.
        config: The settings of the next run, whose first step is shown where there is no run.
        n_lanes: Number of lanes of the run.
        lane: Index of the lane that is shown.
        sliders: The loss weights as the sliders stand.
        pair: Index of the validation pair that is picked.
        smoothing: Strength of the exponential smoothing, 0 (none) to below 1.
        log_norm: Whether the axes of norms are logarithmic.
        on_pair: Called with the index of a pair that was picked.
        key: Streamlit's key of the element.
    """
    shown = {
        "run": run.id if run else None,
        "state": run.state if run else None,
        "nLanes": n_lanes,
        "lane": lane,
        "steps": (run.config if run else config).steps,
        "nClasses": (run.config if run else config).n_classes,
        "config": config.model_dump_json(),
        "sliders": sliders.as_tuple(),
        "pair": pair,
        "smoothing": smoothing,
        "logNorm": log_norm,
        "heads": [{"name": head.name, "colours": HEAD_COLOURS[head.name]} for head in HEADS],
        "figures": figures(),
    }
    _component()(
        key=key,
        data=json.dumps(shown).encode(),
        on_news_change=lambda: None,
        on_pair_change=lambda: on_pair(int(state.get(key).pair)),
    )
