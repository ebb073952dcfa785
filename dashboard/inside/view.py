"""The inside view: what pulls on the trunk, and what it sees, kept up to date by the browser.

The browser asks `/api/runs/{id}/inside` for what is measured; no script runs here while a run
trains. Python says what to show; the browser says when the run has another state or number of
lanes, and which pair was picked.
"""

from core.run.config import RunConfig
from core.run.heads import Heads
from core.run.run import Run
from core.run.weights import RACE_LANES, LossWeights
from dashboard.client.component import view
from dashboard.inside.figures import figures
from dashboard.theme import heads_shown


def inside_view(
    run: Run | None,
    *,
    heads: Heads,
    config: RunConfig,
    n_lanes: int,
    lane: int,
    sliders: LossWeights | None,
    pair: int,
    smoothing: float,
    log_norm: bool,
    on_pair,
    key: str,
) -> None:
    """Show the inside of a run, live while it trains; without one, what a step would be.

    Args:
        run: The run, as this script run found it.
        heads: Of the run, or of the next one.
        config: The settings of the next run, whose first step is shown where there is no run.
        n_lanes: Number of lanes of the run.
        lane: Index of the lane that is shown.
        sliders: The loss weights as the sliders stand; None if they are of other heads.
        pair: Index of the validation example that is picked.
        smoothing: Strength of the exponential smoothing, 0 (none) to below 1.
        log_norm: Whether the axes of norms are logarithmic.
        on_pair: Called with the index of an example that was picked.
        key: Streamlit's key of the element.
    """
    of = run.config if run else config
    shown = {
        "run": run.id if run else None,
        "state": run.state if run else None,
        "nLanes": n_lanes,
        "mostLanes": RACE_LANES,
        "lane": lane,
        "steps": of.steps,
        "config": config.model_dump_json(),
        "sliders": sliders.as_tuple() if sliders else None,
        "pair": pair,
        "smoothing": smoothing,
        "logNorm": log_norm,
        "heads": heads_shown(heads),
        "own": of.view,
        "figures": figures(heads, of.view),
    }
    view("inside", shown, key=key, pair=on_pair)
