"""The page "Inside": why the weights do what they do, and what the model sees."""

import streamlit as st

from core.run.config import EVALUATION_PAIRS
from core.run.heads import names_of
from dashboard import state
from dashboard.inside.view import inside_view
from dashboard.steering.frame import frame, smoothing_slider

ABOUT = (
    "Several losses pull on what they share: how hard, whether they agree, and who gets their way. "
    "Below, what the model makes of the validation examples."
)


def view_options() -> dict:
    """How the curves are drawn."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        smoothing = smoothing_slider(
            "Exponential moving average of the curves; what was measured, on one batch at a "
            "time, stays visible behind it."
        )
        log_norm = st.toggle("Logarithmic axes of norms", **state.bound("log_norm", False))
    return {"smoothing": smoothing, "log_norm": log_norm}


def picked_pair() -> int:
    """Index of the validation example in the address, or the first."""
    text = state.in_address("pair") or ""
    is_one = text.isascii() and text.isdigit() and len(text) < 4 and int(text) < EVALUATION_PAIRS
    return int(text) if is_one else 0


run = frame("Inside the model", ABOUT)
options = view_options()
heads = run.heads if run else state.heads()
n_lanes = len(run.lanes_now) if run else state.n_lanes()
inside_view(
    run,
    heads=heads,
    config=state.config(),
    n_lanes=n_lanes,
    lane=min(state.lane(), n_lanes - 1),
    # The next run may be of another problem than the one that is shown.
    sliders=state.loss_weights() if names_of(heads) == names_of(state.heads()) else None,
    pair=picked_pair(),
    on_pair=lambda pair: state.put_in_address("pair", str(pair)),
    key="inside_view",
    **options,
)
state.keep_lanes(run)
