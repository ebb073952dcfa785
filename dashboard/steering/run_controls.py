"""Widgets that start a run, command it, and add lanes to it."""

import streamlit as st

from core.run.run import Run
from core.run.states import RunState
from core.run.weights import RACE_LANES
from dashboard import service, state
from dashboard.steering.callbacks import telling


def buttons(run: Run | None) -> None:
    """Train, Pause or Resume, Step, Fork here and Stop, each where it makes sense."""
    active = run is not None and not run.is_finished
    paused = run is not None and run.state is RunState.PAUSED
    is_full = run is not None and active and len(run.lanes_now) >= RACE_LANES
    with st.container(horizontal=True, key="buttons"):
        st.button(
            "Train",
            key="train",
            type="primary",
            icon=":material/play_arrow:",
            on_click=train,
            disabled=active,
            help="Stop this run to start another." if active else "Start a new run.",
        )
        st.button(
            "Resume" if paused else "Pause",
            key="pause",
            on_click=command,
            args=("resume" if paused else "pause",),
            disabled=not active,
        )
        st.button(
            "Step",
            key="step",
            on_click=command,
            args=("step",),
            disabled=not active,
            help="Train a single step, then pause.",
        )
        st.button(
            "Fork here",
            key="fork",
            on_click=fork,
            disabled=run is None or not run.can.fork,
            help=f"A run has at most {RACE_LANES} lanes."
            if is_full
            else "Copy the selected lane as it stands to a new one, which the sliders then steer.",
        )
        st.button("Stop", key="stop", on_click=command, args=("stop",), disabled=not active)


# Callbacks


@telling
def train():
    """Start a run as the widgets stand, and show it."""
    state.show_run(service.engine().start(state.config(), state.lanes()))
    state.note_training()


@telling
def again(learning_rate: float):
    """Start a run as the widgets stand, but for another learning rate."""
    state.put("learning_rate", learning_rate)
    state.show_run(service.engine().start(state.config(), state.lanes()))
    state.note_training()


@telling
def command(verb: str):
    """Give the shown run a command."""
    run = state.run()
    if run:
        getattr(service.engine(), verb)(run.id)


@telling
def watch(run: Run):
    """Show a run, with the widgets as it is trained now."""
    state.show_run(run.id)
    state.adopt(run)


@telling
def fork():
    """Copy the selected lane of the shown run, and select the copy."""
    run = state.run()
    if run is None:
        return
    new_lane = service.engine().fork(run.id, lane=state.lane())
    if new_lane is None:
        state.complain("The run has ended. Rewind it to fork it.")
    else:
        state.set_lanes([*state.lanes(), state.loss_weights()], new_lane)


@telling
def rewind(step: int):
    """Bring the shown run back to a checkpoint; the widgets follow to what was in force there."""
    run = state.run()
    if run:
        service.engine().rewind(run.id, step)
