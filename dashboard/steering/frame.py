"""What the pages of one run have around it: its settings, buttons and desk; what is to be told."""

import streamlit as st

from core.run.run import Run
from dashboard import service, state
from dashboard.plain_text import plain, sentence
from dashboard.steering import data_controls, problem_choice, run_controls, settings
from dashboard.steering.desk import desk


def frame(title: str, about: str) -> Run | None:
    """Have a page of one run around it: title, notices, sidebar, buttons, desk.

    Args:
        title: Of the page.
        about: What it is for, in Markdown; said where no run is shown, which else is named there.

    Returns:
        The run, if there is one.
    """
    st.title(title, anchor=False)
    top = st.container()
    run = state.run()
    state.find_lanes(run)
    with st.sidebar:
        sidebar()
    with top:
        introduce(run, about)
        notices(run)
    run_controls.buttons(run)
    desk(run)
    if run is None or run.is_finished:
        service.engine().inside.prepare(state.config())
    return run


def introduce(run: Run | None, about: str) -> None:
    """What a page is for, or else which run it shows, in the same place."""
    with st.container(key="about"):
        st.caption(f"Run {plain(run.label)}" if run else about)


def sidebar() -> None:
    """The settings, by whether they change a run or need a new one."""
    problem_choice.problem_choice()
    with st.expander("Live: change the run in training", expanded=True, key="live_settings"):
        settings.widgets(settings.live())
    with st.expander("New run: take effect with the next Train", key="fixed_settings"):
        settings.widgets(settings.fixed())
    if "dataset" in state.kind().names():
        with st.expander("New run: its data, and how hard it is", key="data_settings"):
            data_controls.data_settings()


def notices(run) -> None:
    """A problem, a run that goes on without a page or elsewhere, settings that differ."""
    if problem := state.take_problem():
        st.error(sentence(problem))
    if run is None:
        active = [other for other in service.store().runs() if not (other.is_finished or other.map)]
        active.sort(key=lambda run: not state.visitor().owns(run.person))  # one's own first
        for other in active[:1]:
            st.button(
                f"Watch the run in progress ({plain(other.label)})",
                on_click=run_controls.watch,
                args=(other,),
                key="watch",
            )
        return
    if run.elsewhere:
        st.warning(sentence(run.elsewhere))
    follows = state.can(run).why and not run.is_finished  # and cannot steer it
    chosen = state.config()
    waiting = [*(settings.live() if follows else ()), *settings.waiting()]
    if chosen.problem != run.config.problem:
        waiting = ["problem"]
    moved = [
        f"{name} {getattr(run.config, name)} → {getattr(chosen, name)}"
        for name in waiting
        if getattr(run.config, name) != getattr(chosen, name)
    ]
    if moved:
        st.info(f"For the next run: {plain(', '.join(moved))}. The one shown keeps its own.")


def smoothing_slider(meaning: str) -> float:
    """Strength of the smoothing of curves, 0 (none) to below 1; `meaning` is its help."""
    return st.slider(
        "Smoothing",
        0.0,
        0.99,
        0.6,
        0.01,
        **state.bound("smoothing", 0.6),
        width=220,
        help=meaning,
    )
