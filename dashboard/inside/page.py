"""The page "Inside": why the weights do what they do, and what the model sees."""

import streamlit as st

from core.run.config import EVALUATION_PAIRS
from dashboard import state
from dashboard.inside.view import inside_view
from dashboard.steering.frame import frame, smoothing_slider

ABOUT = (
    "Three losses pull on one trunk: how hard, whether they agree, and who gets their way. Below, "
    "what the model sees in the validation pairs."
)
NOT_OF_ANY = (
    "What goes on inside is measured of the siamese network alone so far. The curves of this "
    "problem are on the page Explore."
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
    """Index of the validation pair in the address, or the first."""
    text = state.in_address("pair") or ""
    is_one = text.isascii() and text.isdigit() and len(text) < 4 and int(text) < EVALUATION_PAIRS
    return int(text) if is_one else 0


run = frame("Inside the model", ABOUT if state.config().has_inside else "")
if not (run.config if run else state.config()).has_inside:
    st.info(NOT_OF_ANY)
    state.keep_lanes(run)
    st.stop()
options = view_options()
n_lanes = len(run.lanes_now) if run else state.n_lanes()
inside_view(
    run,
    config=state.config(),
    n_lanes=n_lanes,
    lane=min(state.lane(), n_lanes - 1),
    sliders=state.loss_weights(),
    pair=picked_pair(),
    on_pair=lambda pair: state.put_in_address("pair", str(pair)),
    key="inside_view",
    **options,
)
state.keep_lanes(run)
