"""The page "Map": train the whole simplex of loss weights, and see which are good."""

import streamlit as st

from core.analysis.maps import FRONTS, MAP_COLUMNS, QUANTITIES
from dashboard import service, state
from dashboard.map import controls
from dashboard.map.charts import NAMES, OF_ALL
from dashboard.map.view import map_view
from dashboard.steering import data_controls, settings
from dashboard.steering.desk import desk

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


def short_name(column: str) -> str:
    """A column of the map as the choice among them calls it."""
    return OF_ALL.get(column, column).removeprefix("the ")


def view_options() -> dict:
    """What the pictures show."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        quantity = st.segmented_control(
            "Quantity",
            list(QUANTITIES),
            default="val_accuracy",
            format_func=NAMES.__getitem__,
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
        front = st.segmented_control(
            "Pareto front of",
            list(FRONTS),
            default=list(FRONTS)[1],
            required=True,
            **state.bound("front", list(FRONTS)[1]),
        )
    return {"quantity": quantity, "column": column, "front": front}


def notices(run) -> None:
    """Problems to tell; the newest map of this server where the page shows none."""
    if problem := state.take_problem():
        st.error(problem)
    if run is None:
        newest = next((run_of_map for run_of_map in service.store().runs() if run_of_map.map), None)
        if newest:
            st.button(
                f"Show the newest map ({newest.label}, {newest.state})",
                on_click=state.show_map,
                args=(newest.id,),
                key="show_newest",
            )
    elif run.elsewhere:
        st.warning(run.elsewhere)


st.title("Weight map", anchor=False)
st.caption(
    "The whole triangle of loss weights, trained at once: each corner gives one head all of the "
    "total. Press **Train map**, then click a point to put its weights into the sliders."
)
told = st.container()
with st.sidebar:
    sidebar()
run = state.map_run()
state.find_lanes(None)
with told:
    notices(run)
controls.buttons(run)
desk(None)
over = state.map_settings()
busy = run is not None and not run.is_finished
controls.estimate(over, state.map_config(), busy)
options = view_options()
map_view(
    run,
    over=over,
    present=state.loss_weights(),
    point=state.picked(),
    on_point=controls.take_point,
    on_train=controls.train_point,
    key="map_view",
    **options,
)
st.caption(LIMITS)
state.keep_lanes(None)
