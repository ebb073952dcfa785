"""Buttons of the page Learn that set loss weights and settings, and say what to do then."""

import streamlit as st

from core.run.run import Run
from dashboard import state
from dashboard.learn.lessons import TRIES, settings_of, weights_of
from dashboard.steering import run_controls, settings, weights


def try_it(name: str, run: Run | None) -> None:
    """The button of one of `TRIES`; once pressed, what it has set and what to press next."""
    trial = TRIES[name]
    st.button(trial.label, key=f"try_{name}", on_click=take, args=(name,), icon=":material/tune:")
    if state.get("tried") != name:
        return
    active = run is not None and not run.is_finished
    tried = weights_of(trial, state.config().n_classes).model_dump()
    weights = ", ".join(f"{head} {weight:g}" for head, weight in tried.items())
    others = ", ".join(
        f"{settings.LABELS.get(key, key.replace('_', ' '))} {value:g}"
        for key, value in trial.settings.items()
    )
    then = "Press **Train it**." if not active else "The run in training has the weights already."
    if active and others:
        then = "Press **Stop the run**, then **Train it**: the rest needs a new run."
    with st.container(border=True):
        st.markdown(f"Set: {weights}{'; ' if others else ''}{others}. {then} {trial.watch}")
        if active:
            st.button(
                "Stop the run", key=f"stop_{name}", on_click=run_controls.command, args=("stop",)
            )
        else:
            st.button("Train it", key=f"train_{name}", type="primary", on_click=run_controls.train)


def take(name: str) -> None:
    """Put the widgets where one of `TRIES` has them; a run in training takes the weights."""
    trial = TRIES[name]
    for key, value in settings_of(trial, state.default).items():
        state.put(key, value)
    weights.take_weights(weights_of(trial, state.config().n_classes))
    state.put("tried", name)
