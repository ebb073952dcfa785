"""The page "Explore": steer one run and watch it."""

import streamlit as st

from core.problems.siamese.settings import SiameseConfig
from dashboard import state
from dashboard.explore.view import live_view
from dashboard.steering import run_controls
from dashboard.steering.frame import frame, smoothing_slider

STEER = "Press **Train**, then drag a loss weight while it trains."


def view_options() -> dict:
    """How the curves are drawn."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        smoothing = smoothing_slider(
            "Exponential moving average of the training curves; the recorded values stay visible "
            "behind it, unless there are several lanes."
        )
        x = st.segmented_control(
            "Horizontal axis",
            ["step", "seconds"],
            default="step",
            required=True,
            **state.bound("x", "step"),
        )
        log_loss = st.toggle("Logarithmic loss axis", **state.bound("log_loss", False))
        same_axes = st.toggle(
            "Same axes",
            **state.bound("same_axes", False),
            help="In a race: one loss axis for all heads. Without, heads whose guess costs the "
            "same share one, so that the others are not flat at its foot.",
        )
    return {"smoothing": smoothing, "log_loss": log_loss, "same_axes": same_axes, "x": x}


def about() -> str:
    """What the page is for, with the problem that is chosen."""
    if isinstance(state.config(), SiameseConfig):
        what = "One network, three losses: what is on image 1, what is on image 2, and are they the"
        return f"{what} same? {STEER}"
    n_heads = len(state.heads())
    return f"One model, {n_heads} {'loss' if n_heads == 1 else 'losses'}. {STEER}"


run = frame("Loss-Weight Explorer", about())
shown = st.container()
options = view_options()
config, usual = state.config(), SiameseConfig()
with shown:
    live_view(
        run,
        heads=run.heads if run else state.heads(),
        has_network=isinstance(config, SiameseConfig),
        shows_digits=isinstance(config, SiameseConfig) and config.dataset == usual.dataset,
        lanes=[lane.loss_weights for lane in run.lanes_now] if run else state.lanes(),
        lane=state.lane(),
        sliders=state.loss_weights(),
        steps=config.steps,
        on_rewind=run_controls.rewind,
        on_again=run_controls.again,
        key="live_view",
        **options,
    )
state.keep_lanes(run)
