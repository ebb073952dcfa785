"""The page "Map": train the whole simplex of loss weights, and see which are good."""

import streamlit as st

from core.analysis.measures import fronts_of, measures_of
from core.run.heads import Heads, names_of
from core.run.simplex import map_obstacle
from dashboard import state
from dashboard.map import controls, words
from dashboard.map.view import map_view
from dashboard.plain_text import plain, sentence
from dashboard.steering import data_controls, problem_choice, settings
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
ABOUT = {
    "line": (
        "The whole line of loss weights between two heads, trained at once: each end gives one "
        "head all of the total. Press **Train map**, then click a point to put its weights into "
        "the sliders."
    ),
    "triangle": (
        "The whole triangle of loss weights, trained at once: each corner gives one head all of "
        "the total. Press **Train map**, then click a point to put its weights into the sliders."
    ),
}
VALUES = {"line": "Height: validation", "triangle": "Colour: validation"}


def sidebar() -> None:
    """What the map covers, and its training."""
    problem_choice.problem_choice()
    if map_obstacle(state.heads()):
        return
    with st.expander("Map: which weights, how often", expanded=True, key="map_settings"):
        controls.map_settings()
    with st.expander("Training: the same for all of them", key="map_training"):
        settings.widgets(controls.training())
    if "dataset" in state.kind().names():
        with st.expander("Data, and how hard it is", key="data_settings"):
            data_controls.data_settings()


def view_options(heads: Heads, shape: str) -> dict:
    """What the pictures show of heads."""
    measures = measures_of(heads)
    quantities, columns = list(measures), next(iter(measures.values()))
    of_all = next(name for name, measure in columns.items() if measure.of != "head")
    fronts = list(fronts_of(names_of(heads)))
    usual_front = fronts[min(1, len(fronts) - 1)]
    for name, options, begin in (
        ("quantity", quantities, quantities[0]),
        ("column", columns, of_all),
        ("front", fronts, usual_front),
    ):
        state.keep_choice(name, options, begin)
    with st.container(horizontal=True, vertical_alignment="top", key="map_options"):
        quantity = st.segmented_control(
            VALUES[shape],
            quantities,
            default=quantities[0],
            format_func=words.short_quantity,
            required=True,
            **state.bound("quantity", quantities[0]),
        )
        column = st.segmented_control(
            "Of",
            list(columns),
            default=of_all,
            format_func=lambda name: words.short_name(name, columns[name]),
            required=True,
            **state.bound("column", of_all),
        )
        front = st.selectbox(
            "Pareto front of",
            fronts,
            index=fronts.index(usual_front),
            width=215,
            **state.bound("front", usual_front),
        )
    return {"quantity": quantity, "column": column, "front": front}


def notices(run, is_hidden: bool) -> None:
    """Problems to tell."""
    if problem := state.take_problem():
        st.error(sentence(problem))
    if is_hidden:
        st.info(
            f"Map {plain(run.label)} is of the problem {plain(run.config.problem)}, and not shown: "
            "choose that to see it."
        )
    elif run and run.elsewhere:
        st.warning(sentence(run.elsewhere))
    elif run and not run.is_finished and (why := state.can(run).why):
        st.caption(sentence(why))


st.title("Weight map", anchor=False)
told = st.container()
asked = state.map_run()
point = state.picked(asked)
state.find_lanes(None, asked)
run = controls.shown_map(asked)
with st.sidebar:
    sidebar()
if obstacle := map_obstacle(state.heads()):
    with told:
        notices(asked, run is not asked)
        st.info(sentence(obstacle))
    st.stop()
heads, over = (run.heads if run else state.heads()), state.map_settings()
shape = (run.map if run and run.map else over).shape
with told:
    introduce(run, ABOUT[shape])
    notices(asked, run is not asked)
with st.container(horizontal=True, vertical_alignment="center", key="map_bar"):
    controls.buttons(run)
    controls.estimate(over, state.map_config(), run)
desk(None)
options = view_options(heads, shape)
map_view(
    run,
    over=over,
    present=state.loss_weights(),
    point=point if run else None,
    on_point=controls.take_point,
    on_train=controls.train_point,
    key="map_view",
    **options,
)
st.caption(LIMITS)
state.keep_lanes(None)
