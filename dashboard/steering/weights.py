"""The loss weights: presets, one slider a head, exact values; they steer a run in training."""

import streamlit as st

from core.run.heads import HEAD_NAMES, HEADS
from core.run.presets import PRESETS
from core.run.weights import LossWeights
from dashboard import service, state
from dashboard.steering.callbacks import telling

GREATEST_WEIGHT = 2.0


def weight_controls() -> None:
    """Presets, one slider a head, and an exact entry; they steer a run in training."""
    chosen = st.container()
    greatest = state.greatest_weight(GREATEST_WEIGHT)
    for head in HEADS:
        st.slider(
            head.name,
            0.0,
            greatest,
            head.default_weight,
            0.05,
            key=head.name,
            help=f"{head.asks} Multiplies this head's loss in the total.",
            on_change=take_slider,
            args=(head.name,),
            bind="query-params",
        )
    weights = state.loss_weights()
    with chosen:
        presets(weights)
    exact_entry(weights, greatest)


def exact_entry(weights: LossWeights, greatest: float) -> None:
    """Numbers that the sliders' steps leave out.

    A form, since beside a slider a number input would be a second source of the same value: the
    browser may send its old value along with the slider's new one.
    """
    with st.popover("Exact values", width="stretch"), st.form("exact", border=False):
        keys = {head.name: state.renewed_key(f"{head.name}_exact") for head in HEADS}
        for name, key in keys.items():
            value = getattr(weights, name)
            st.number_input(f"{name}, exact", 0.0, greatest, value, 0.05, "%.4g", key=key)
        st.form_submit_button("Set", key="set_exact", on_click=take_exact, args=(keys,))


def presets(weights: LossWeights) -> None:
    """One button a preset, and the line on the one that the sliders stand at."""
    st.markdown("Presets")
    with st.container(horizontal=True, gap="xsmall"):
        for preset in PRESETS:
            st.button(
                preset.name,
                key=f"preset_{preset.name}",
                type="primary" if preset.weights == weights else "secondary",
                help=f"{preset.weights.in_short()}: {preset.known_for}",
                on_click=take_weights,
                args=(preset.weights,),
            )
    known_for = (preset.known_for for preset in PRESETS if preset.weights == weights)
    st.caption(next(known_for, "Weights of your own."))


@telling
def steer(*heads: str):
    """Send weights of the selected lane to the shown run; if it has ended, they wait for the next.

    Only what was moved is sent: somebody else may be steering the other heads.
    """
    run = state.run()
    if run and not run.is_finished:
        weights = state.loss_weights().model_dump(include=set(heads))
        if service.engine().move_loss_weights(run.id, state.lane(), **weights):
            state.note_sent(weights)


def take_slider(head: str):
    """A moved slider is where exact entries begin."""
    state.renew_keys()
    steer(head)


def take_exact(keys: dict[str, str]):
    """Exact entries move the sliders, if they are other than those."""
    before = state.loss_weights().model_dump()
    entries = {name: state.get(key) for name, key in keys.items()}
    moved = [name for name, weight in entries.items() if weight != before[name]]
    state.set_loss_weights(LossWeights(**entries))
    state.renew_keys()
    steer(*moved)


def take_weights(weights: LossWeights):
    """Move all sliders."""
    state.set_loss_weights(weights)
    state.renew_keys()
    steer(*HEAD_NAMES)
