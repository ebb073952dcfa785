"""The page "Explore": steer one run and watch it."""

import streamlit as st

from dashboard import controls, data_controls, run_controls, service, state
from dashboard.live_view import live_view


def sidebar(run) -> None:
    """Loss weights first; then the settings, by whether they change a run or need a new one."""
    st.header("Loss weights")
    run_controls.lanes(run)
    controls.weight_controls()
    with st.expander("Live: change the run in training", expanded=True, key="live_settings"):
        controls.settings(controls.LIVE)
    with st.expander("New run: take effect with the next Train", key="fixed_settings"):
        controls.settings(controls.FIXED)
    with st.expander("New run: its data, and how hard it is", key="data_settings"):
        data_controls.data_settings()


def view_options() -> dict:
    """How the curves are drawn."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        smoothing = st.slider(
            "Smoothing",
            0.0,
            0.99,
            0.6,
            0.01,
            key="smoothing",
            bind="query-params",
            width=220,
            help="Exponential moving average of the training curves; the recorded values stay "
            "visible behind it, unless there are several lanes.",
        )
        x = st.segmented_control(
            "Horizontal axis",
            ["step", "seconds"],
            default="step",
            required=True,
            key="x",
            bind="query-params",
        )
        log_loss = st.toggle("Logarithmic loss axis", key="log_loss", bind="query-params")
    return {"smoothing": smoothing, "log_loss": log_loss, "x": x}


def notices(run) -> None:
    """What is to be told: a problem, a run that goes on without a page, settings that differ."""
    if problem := state.take_problem():
        st.error(problem)
    if run is None:
        active = [one for one in service.store().runs() if not (one.state.is_finished or one.map)]
        for one in active[:1]:
            st.button(
                f"Watch the run in progress ({one.id})",
                on_click=run_controls.watch,
                args=(one,),
                key="watch",
            )
        return
    chosen = state.config()
    moved = [
        f"{name} {getattr(run.config, name)} → {getattr(chosen, name)}"
        for name in controls.NEW_RUN
        if getattr(run.config, name) != getattr(chosen, name)
    ]
    if moved:
        st.info(f"For the next run: {', '.join(moved)}. The one shown keeps its own.")


st.title("Loss-Weight Explorer", anchor=False)
st.caption(
    "One network, three losses: what is on image 1, what is on image 2, and are they the same? "
    "Press **Train**, then drag a loss weight while it trains."
)
told = st.container()
run = state.run()
state.find_lanes(run)
with st.sidebar:
    sidebar(run)
with told:
    notices(run)
run_controls.buttons(run)
shown = st.container()
options = view_options()
config = state.config()
with shown:
    live_view(
        run,
        n_classes=(run.config if run else config).n_classes,
        lanes=[lane.loss_weights for lane in service.store().lanes(run.id)]
        if run
        else state.lanes(),
        lane=state.lane(),
        steps=config.steps,
        on_rewind=run_controls.rewind,
        key="live_view",
        **options,
    )
state.keep_lanes()
