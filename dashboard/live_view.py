"""The live view: status, charts and the make-up of the total, kept up to date by the browser.

The browser asks `/api/runs/{id}/records` for what is new and draws it; no script runs here while
a run trains. Python says what to show; the browser says when the run has changed its state.
"""

import json
from functools import cache

import streamlit as st

from core.config import EVALUATION_PAIRS, HEADS
from core.messages import Run
from dashboard.api import scripts_path
from dashboard.charts import QUANTITIES, live_figure
from dashboard.theme import HEAD_COLOURS

LOADER = """
export default async (component) =>
  (await import(location.origin + "%s/live_view.js")).show(component)
"""


@cache
def _component():
    return st.components.v2.component(
        "loss_weight_explorer.live_view",
        html='<div class="live-view"></div>',
        js=LOADER % scripts_path(),
        isolate_styles=False,
    )


@cache
def _figures(n_classes: int) -> dict:
    return {q: json.loads(live_figure(q, n_classes).to_json()) for q in QUANTITIES}


def live_view(
    run: Run | None,
    *,
    n_classes: int,
    smoothing: float,
    log_loss: bool,
    x: str,
    steps: int,
    key: str,
) -> None:
    """Show a run, live while it trains; empty charts where there is none.

    Args:
        run: The run, as this script run found it.
        n_classes: Number of classes of the dataset.
        smoothing: Strength of the exponential smoothing, 0 (none) to below 1.
        log_loss: Whether the loss axis is logarithmic.
        x: What the horizontal axis shows, "step" or "seconds".
        steps: Width of the step axis while there is no run.
        key: Streamlit's key of the element.
    """
    shown = {
        "run": run.id if run else None,
        "state": run.state if run else None,
        "steps": steps,
        "figures": _figures(n_classes),
        "heads": [
            {
                "name": head.name,
                "asks": head.asks,
                "colours": HEAD_COLOURS[head.name],
            }
            for head in HEADS
        ],
        "pairs": EVALUATION_PAIRS,
        "smoothing": smoothing,
        "logLoss": log_loss,
        "x": x,
    }
    # Bytes, not a dict: for a dict Streamlit would import pandas and pyarrow.
    _component()(key=key, data=json.dumps(shown).encode(), on_state_change=lambda: None)
