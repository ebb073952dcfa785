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
    can = state.can(run)
    paused = run is not None and run.state is RunState.PAUSED
    is_full = run is not None and active and len(run.lanes_now) >= RACE_LANES
    with st.container(horizontal=True, key="buttons"):
        if run is not None and can.why:
            buttons_of_others()
            return
        train_button("Stop this run to start another." if active else "Start a new run.", active)
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
            disabled=not can.fork,
            help=f"A run has at most {RACE_LANES} lanes."
            if is_full
            else "Copy the selected lane as it stands to a new one, which the sliders then steer.",
        )
        st.button("Stop", key="stop", on_click=command, args=("stop",), disabled=not active)


def train_button(meaning: str, disabled: bool = False) -> None:
    """Train."""
    st.button(
        "Train",
        key="train",
        type="primary",
        icon=":material/play_arrow:",
        on_click=train,
        disabled=disabled,
        help=meaning,
    )


def buttons_of_others() -> None:
    """Train, and Fork into a run of your own, beside a run that is not to be steered."""
    train_button("Start a run of your own. The one shown goes on as it does.")
    st.button(
        "Fork into a run of your own",
        key="fork_run",
        on_click=fork_run,
        help="Copy this run, as it stood at its newest checkpoint, to one that waits there for you "
        "to go on with it.",
    )


# Callbacks


@telling
def train():
    """Start a run as the widgets stand, and show it."""
    start()


@telling
def again(learning_rate: float):
    """Start a run as the widgets stand, but for another learning rate."""
    state.put("learning_rate", learning_rate)
    start()


def start() -> None:
    """Start a run of whoever asks, and show it."""
    person = state.visitor().person
    state.show_run(service.engine().start(state.config(), state.lanes(), person))
    state.note_training()


@telling
def command(verb: str):
    """Give the shown run a command."""
    run = state.run()
    if run:
        run.check(state.visitor())
        getattr(service.engine(), verb)(run.id)


@telling
def watch(run: Run):
    """Show a run, with the widgets as it is trained now."""
    watch_run(run)


def watch_run(run: Run) -> None:
    """The same, within another callback."""
    state.show_run(run.id)
    state.adopt(run)


@telling
def fork():
    """Copy the selected lane of the shown run, and select the copy."""
    run = state.run()
    if run is None:
        return
    run.check(state.visitor())
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
        run.check(state.visitor())
        service.engine().rewind(run.id, step)


@telling
def fork_run():
    """Copy the shown run to one of whoever asks, and show that."""
    run = state.run()
    if run:
        engine = service.engine()
        own = engine.store.run(engine.fork_run(run.id, state.visitor().person))
        watch_run(own)
        if run.step >= run.config.steps:
            state.complain(
                f"Run #{own.number} is your own copy of run #{run.number}, at its last step: raise "
                "Steps to train on, or rewind it."
            )
