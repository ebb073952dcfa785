"""Widgets of settings: a live one steers the run in training, the others wait for the next."""

from typing import Any, Literal, get_args, get_origin

import streamlit as st

from core.run.settings import bounds
from dashboard import service, state
from dashboard.steering.callbacks import telling

NUMBER_STEPS = {
    "embedding_size": 8,
    "dropout": 0.05,
    "learning_rate": 0.01,
    "momentum": 0.05,
    "batch_size": 16,
    "steps": 500,
    "steps_per_second": 100,
    "seed": 1,
    "training_pairs": 1000,
    "same_share": 0.05,
    "hard_share": 0.1,
    "image_noise": 0.05,
    "label_noise": 0.05,
}

LABELS = {"steps_per_second": "Speed limit, steps/s (0: none)"}

DATA = ("dataset", "training_pairs", "same_share", "hard_share", "image_noise", "label_noise")


def live() -> tuple[str, ...]:
    """The settings that change a run in training, of those that have a widget."""
    return tuple(name for name in state.with_widget(state.kind()) if state.kind().is_live(name))


def fixed() -> tuple[str, ...]:
    """Those that take effect with the next run, but for its data."""
    names = (*live(), *DATA)
    return tuple(name for name in state.with_widget(state.kind()) if name not in names)


def waiting() -> tuple[str, ...]:
    """All that take effect with the next run."""
    return tuple(name for name in state.with_widget(state.kind()) if name not in live())


def widgets(names: tuple[str, ...]) -> None:
    """One widget for each of these settings of the problem that is chosen."""
    for name in names:
        setting(name)


def setting(name: str) -> None:
    """The widget of one setting, as its field describes it; a live one steers a run in training."""
    field = state.kind().model_fields[name]
    label = LABELS.get(name, name.replace("_", " ").capitalize())
    begin = state.default(name)
    common: dict[str, Any] = {"help": field.description, **state.bound(name, begin)}
    if state.kind().is_live(name):
        common |= {"on_change": steer_setting, "args": (name,)}
    elif name == "optimizer":
        common |= {"on_change": take_optimizer}
    field_widget(field, label, begin, NUMBER_STEPS.get(name), **common)


def field_widget(field, label: str, begin, step=None, **common) -> None:
    """A choice of what a field allows, or a number in its range, raised and lowered by `step`."""
    if get_origin(field.annotation) is Literal:
        options = list(get_args(field.annotation))
        st.segmented_control(label, options, default=begin, required=True, **common)
    else:
        low, high = (field.annotation(limit) for limit in bounds(field))
        form = "%.6g" if field.annotation is float else None
        st.number_input(label, low, high, begin, step, form, **common)


@telling
def steer_setting(name: str):
    """Send a live setting to the shown run; if it has ended, or is somebody else's, it waits for
    the next one."""
    run = state.run()
    if run and not state.can(run).why:
        service.engine().set_live(run.id, **{name: state.get(name)})


def take_optimizer():
    """Another optimizer gets its usual learning rate, unless the rate was chosen by hand."""
    usual = state.kind().usual_rates()
    if state.get("learning_rate") in usual.values():
        state.put("learning_rate", usual[state.get("optimizer")])
