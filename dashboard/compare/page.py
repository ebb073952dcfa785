"""The page "Compare": curves of several runs over one another."""

import streamlit as st

from dashboard import state
from dashboard.compare import controls
from dashboard.compare.view import compare_view
from dashboard.plain_text import sentence

st.title("Compare", anchor=False)
st.caption(
    "Runs over one another: what their weights did to each head. The address holds all that is "
    "chosen here; send it to somebody."
)
# Each in a container of its own: a widget that moves because another one comes or goes may lose its
# place in the address.
told, choice, options = (
    st.container(),
    st.container(),
    st.container(horizontal=True, vertical_alignment="bottom"),
)
chosen = controls.chosen_curves()
with choice:
    controls.curve_choice(chosen.listed)
with options:
    baseline = controls.baseline_choice(chosen.curves)
    drawn = controls.view_options(baseline)
with told:
    for problem in (*chosen.problems, *filter(None, [state.take_problem()])):
        st.error(sentence(problem))
    for warning in (*chosen.warnings, *controls.without_epochs(chosen.curves, drawn["x"])):
        st.warning(sentence(warning))
compare_view(chosen.curves, baseline=baseline, key="compare_view", **drawn)
