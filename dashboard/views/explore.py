"""The page "Explore": steer one run and watch it."""

import streamlit as st

from core.config import RunConfig
from dashboard import controls, service, state
from dashboard.live_view import live_view

# Streamlit leaves room above and beside a page that the charts need, and its captions and main
# buttons have too little contrast.
STYLE = """<style>
.stMainBlockContainer { padding: 2.5rem clamp(1rem, 3vw, 3rem) 3rem; }
@media (max-width: 768px) { .stMainBlockContainer { padding-top: 4rem; } }
.stMainBlockContainer h1 { font-size: 2rem; padding: 0; }
.stSidebar [data-testid="stSidebarHeader"] { height: 2.5rem; }
.stApp [data-testid="stCaptionContainer"] { opacity: 0.8; }
.stApp button[kind="primary"] { color: light-dark(#ffffff, #111111); }
</style>"""


def sidebar() -> None:
    """Loss weights first; then the settings, by whether they change a run or need a new one."""
    st.header("Loss weights")
    controls.weight_controls()
    with st.expander("Live: change the run in training", expanded=True, key="live_settings"):
        controls.settings(controls.LIVE)
    with st.expander("New run: take effect with the next Train", key="fixed_settings"):
        controls.settings(controls.FIXED)


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
            "visible behind it.",
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
    """A problem to tell; a run of this server that goes on without a page; settings that differ."""
    if problem := state.take_problem():
        st.error(problem)
    if run is None:
        active = next((one for one in service.store().runs() if not one.state.is_finished), None)
        if active:
            st.button(
                f"Watch the run in progress ({active.id})",
                on_click=controls.watch,
                args=(active,),
                key="watch",
            )
        return
    chosen = state.config()
    moved = [
        f"{name} {getattr(run.config, name)} → {getattr(chosen, name)}"
        for name in controls.FIXED
        if getattr(run.config, name) != getattr(chosen, name)
    ]
    if moved:
        st.info(f"For the next run: {', '.join(moved)}. The one shown keeps its own.")


st.html(STYLE)
st.title("Loss-Weight Explorer", anchor=False)
st.caption(
    "One network, three losses: which number is on image 1, which on image 2, and are they the "
    "same? Press **Train**, then drag a loss weight while it trains."
)
told = st.container()
with st.sidebar:
    sidebar()
run = state.run()
with told:
    notices(run)
controls.buttons(run)
shown = st.container()
options = view_options()
config = state.config()
with shown:
    live_view(
        run,
        n_classes=(run.config if run else RunConfig()).n_classes,
        steps=config.steps,
        key="live_view",
        **options,
    )
