"""The choice of what is trained."""

import streamlit as st

from core.problems import known
from core.run.config import RunConfig
from dashboard import state
from dashboard.plain_text import sentence
from dashboard.steering.callbacks import telling


def problem_choice() -> None:
    """The problem of the next run; while one trains it is that run's."""
    # By their names: an address has what is shown of an option.
    st.selectbox(
        "Problem",
        known(),
        on_change=take_problem,
        help="What is trained: a model with several losses, and data for it. A run keeps the one "
        "that it began with: stop it to choose another.",
        **state.bound("problem", RunConfig().problem),
    )
    st.caption(sentence(" ".join(state.kind().notes())))


@telling
def take_problem():
    """Have the settings and lanes of the problem that was chosen, unless a run trains another."""
    run = state.run()
    if run and not run.is_finished:
        state.put("problem", run.config.problem)
        state.complain(f"Run {run.called} goes on: stop it to choose another problem.")
    else:
        state.choose_problem(state.get("problem"))
