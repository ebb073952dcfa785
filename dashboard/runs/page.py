"""The page "Runs": every run of the store, to be found, named, compared, taken away."""

import streamlit as st

from dashboard import state
from dashboard.plain_text import sentence
from dashboard.runs import controls
from dashboard.runs.view import runs_view

WHY_NO_TOTAL = (
    "What heads reach is measured in validation. There is no column of the total loss: it is "
    "weighted, so it says nothing between runs whose weights differ. \\* marks a weight that "
    "was another one before."
)

st.title("Runs", anchor=False)
st.caption("Select runs to compare them, to take them away, or to use their settings again.")
told, undo, actions = st.container(), st.container(), st.container()
runs = controls.selected()
with told:
    if problem := state.take_problem():
        st.error(sentence(problem))
with undo:
    controls.deletion()
with actions:
    controls.buttons(runs)
runs_view(
    [run.id for run in runs],
    table=controls.table(),
    on_select=controls.select,
    on_table=controls.keep_table,
    key="runs_view",
)
st.caption(WHY_NO_TOTAL)
if len(runs) == 1:
    controls.labels(runs[0])
    controls.keras_code(runs[0])
controls.importing()
