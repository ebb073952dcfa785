"""The page "Map": train the whole simplex of loss weights, and see which are good."""

import streamlit as st

from core.analysis.maps import FRONTS, MAP_COLUMNS, QUANTITIES
from dashboard import state
from dashboard.map import controls
from dashboard.map.charts import NAMES, OF_ALL
from dashboard.map.view import map_view
from dashboard.steering import data_controls, settings
from dashboard.steering.desk import desk
from dashboard.steering.frame import introduce

LIMITS = """
A common factor on all weights acts like a larger learning rate under sgd and hardly at all under
adam, whose updates do not depend on the scale of the gradient
([Kingma and Ba 2015](https://arxiv.org/abs/1412.6980)), so the total and the ratios of the weights
are two settings. No linear weights lead to the concave part of a Pareto front
([Lin et al. 2019](https://arxiv.org/abs/1912.12854)), so a gap in the front may be one of the
method and not of the network.
"""


def sidebar() -> None:
    """What the map covers, and its training."""
    with st.expander("Map: which weights, how often", expanded=True, key="map_settings"):
        controls.map_settings()
    with st.expander("Training: the same for all of them", key="map_training"):
        settings.widgets(controls.TRAINING)
    with st.expander("Data, and how hard it is", key="data_settings"):
        data_controls.data_settings()


def short_quantity(quantity: str) -> str:
    """A quantity of the map as the choice among them calls it."""
    return NAMES[quantity].removeprefix("Validation ")


def short_name(column: str) -> str:
    """A column of the map as the choice among them calls it."""
    return OF_ALL.get(column, column).removeprefix("the ").removesuffix(" of the heads")


def view_options() -> dict:
    """What the pictures show."""
    with st.container(horizontal=True, vertical_alignment="top", key="map_options"):
        quantity = st.segmented_control(
            "Colour: validation",
            list(QUANTITIES),
            default="val_accuracy",
            format_func=short_quantity,
            required=True,
            **state.bound("quantity", "val_accuracy"),
        )
        column = st.segmented_control(
            "Of",
            list(MAP_COLUMNS),
            default="worst",
            format_func=short_name,
            required=True,
            **state.bound("column", "worst"),
        )
        front = st.selectbox(
            "Pareto front of",
            list(FRONTS),
            index=1,
            width=215,
            **state.bound("front", list(FRONTS)[1]),
        )
    return {"quantity": quantity, "column": column, "front": front}


def notices(run) -> None:
    """Problems to tell."""
    if problem := state.take_problem():
        st.error(problem)
    if run and run.elsewhere:
        st.warning(run.elsewhere)


ABOUT = (
    "The whole triangle of loss weights, trained at once: each corner gives one head all of the "
    "total. Press **Train map**, then click a point to put its weights into the sliders."
)

st.title("Weight map", anchor=False)
told = st.container()
with st.sidebar:
    sidebar()
run = state.map_run()
state.find_lanes(None)
with told:
    introduce(run, ABOUT)
    notices(run)
with st.container(horizontal=True, vertical_alignment="center", key="map_bar"):
    controls.buttons(run)
    controls.estimate(state.map_settings(), state.map_config(), run)
desk(None)
options = view_options()
map_view(
    run,
    over=state.map_settings(),
    present=state.loss_weights(),
    point=state.picked(),
    on_point=controls.take_point,
    on_train=controls.train_point,
    key="map_view",
    **options,
)
st.caption(LIMITS)
state.keep_lanes(None)
