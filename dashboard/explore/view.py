"""The live view: status, charts and tables of a run, kept up to date by the browser.

The browser asks `/api/runs/{id}/records` for what is new and draws it; no script runs here while
a run trains. Python says what to show; the browser says when the run has another state or number
of lanes, and where it is to be rewound to.
"""

import json
from functools import cache
from pathlib import Path

from core.run.config import EVALUATION_PAIRS
from core.run.heads import Heads, key_of
from core.run.run import Run
from core.run.weights import LossWeights
from dashboard.client.component import view
from dashboard.theme import LANE_COLOURS, heads_shown

EXAMPLES = Path(__file__).with_name("examples.json")


@cache
def examples() -> dict:
    """Pairs of the default dataset, as `core.problems.siamese.examples` has written them."""
    return json.loads(EXAMPLES.read_text(encoding="utf-8"))


def live_view(
    run: Run | None,
    *,
    heads: Heads,
    has_network: bool,
    shows_digits: bool,
    lanes: list[LossWeights],
    lane: int,
    sliders: LossWeights,
    smoothing: float,
    log_loss: bool,
    same_axes: bool,
    x: str,
    steps: int,
    on_rewind,
    on_again,
    key: str,
) -> None:
    """Show a run, live while it trains; empty charts where there is none.

    Args:
        run: The run, as this script run found it.
        heads: Those of the run, or of the next one.
        has_network: Whether the network of the article is what is trained, so that it can be drawn.
        shows_digits: Whether the pairs are of the default dataset, so that some can be shown.
        lanes: Loss weights of its lanes now; without a run, of those that there would be.
        lane: Index of the lane that the sliders steer, whose total and hints are shown.
        sliders: The loss weights as the sliders stand.
        smoothing: Strength of the exponential smoothing, 0 (none) to below 1.
        log_loss: Whether the loss axis is logarithmic.
        same_axes: Whether all small charts of losses have one axis, whatever a guess costs there.
        x: What the horizontal axis shows, "step" or "seconds".
        steps: Width of the step axis while there is no run.
        on_rewind: Called with the step that the run is to go back to.
        on_again: Called with the learning rate to try again with, where the run has diverged.
        key: Streamlit's key of the element.
    """
    shown = {
        "run": run.id if run else None,
        "state": run.state if run else None,
        "steps": steps,
        "figures": key_of(heads),
        "hasNetwork": has_network,
        "lanes": [weights.model_dump() for weights in lanes],
        "lane": lane,
        "sliders": sliders.as_tuple(),
        "laneColours": LANE_COLOURS,
        "heads": heads_shown(heads),
        "pairs": EVALUATION_PAIRS,
        "examples": None if run or not shows_digits else examples(),
        "smoothing": smoothing,
        "logLoss": log_loss,
        "sameAxes": same_axes,
        "x": x,
    }
    view("explore", shown, key=key, rewind=on_rewind, again=on_again)
