"""Widgets of loss weights and settings: what is moved steers the run in training."""

from dataclasses import dataclass
from typing import Literal, get_args, get_origin
from urllib.parse import urlencode

import streamlit as st

from core.errors import ExplorerError
from core.run.config import RunConfig
from core.run.heads import HEADS
from core.run.settings import bounds
from core.run.weights import LossWeights
from dashboard import address, service, state

GREATEST_WEIGHT = 2.0
ASK_EVERY = 0.3  # s between two looks for what the page waits for
USUAL_RATE = {"sgd": 0.05, "adam": 0.001}
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
LIVE = ("learning_rate", "momentum", "steps", "steps_per_second")
FIXED = ("trunk", "embedding_size", "distance", "dropout", "optimizer", "batch_size", "seed")
DIFFICULTY = ("training_pairs", "same_share", "hard_share", "image_noise", "label_noise")
NEW_RUN = (*FIXED, "dataset", *DIFFICULTY)


@dataclass(frozen=True)
class Preset:
    """Loss weights that are known for something."""

    name: str
    weights: LossWeights
    known_for: str


PRESETS = (
    Preset(
        "Article",
        LossWeights(ctg_out_1=1, ctg_out_2=1, bin_out=0.5),
        "The source article's choice: classes first, the pair question as a helper.",
    ),
    Preset(
        "Equal",
        LossWeights(ctg_out_1=1, ctg_out_2=1, bin_out=1),
        "What Keras does if you say nothing; not equal in effect, since ln 100 is far above ln 2.",
    ),
    Preset(
        "Verification first",
        LossWeights(ctg_out_1=0.5, ctg_out_2=0.5, bin_out=1),
        "For telling pairs apart, with the classes as helpers of the trunk.",
    ),
    Preset(
        "Only classes",
        LossWeights(ctg_out_1=1, ctg_out_2=1, bin_out=0),
        "The pair head learns nothing and stays at chance.",
    ),
    Preset(
        "Only pairs",
        LossWeights(ctg_out_1=0, ctg_out_2=0, bin_out=1),
        "The class heads stay at chance; the pair head loses what classes teach the trunk.",
    ),
)


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


def settings(names: tuple[str, ...]) -> None:
    """One widget for each of these settings of `RunConfig`."""
    for name in names:
        setting(name)


def setting(name: str) -> None:
    """The widget of one setting, as its field describes it; a live one steers a run in training."""
    field = RunConfig.model_fields[name]
    label = LABELS.get(name, name.replace("_", " ").capitalize())
    common = {"key": name, "help": field.description, "bind": "query-params"}
    if name in LIVE:
        common |= {"on_change": steer_setting, "args": (name,)}
    elif name == "optimizer":
        common |= {"on_change": take_optimizer}
    field_widget(field, label, state.default(name), NUMBER_STEPS.get(name), **common)


def field_widget(field, label: str, begin, step=None, **common) -> None:
    """A choice of what a field allows, or a number in its range, raised and lowered by `step`."""
    if get_origin(field.annotation) is Literal:
        options = list(get_args(field.annotation))
        st.segmented_control(label, options, default=begin, required=True, **common)
    else:
        low, high = (field.annotation(limit) for limit in bounds(field))
        form = {"format": "%.6g"} if field.annotation is float else {}
        st.number_input(label, low, high, begin, step, **form, **common)


def explore_address(config: RunConfig, lanes: list[LossWeights], **shown: str) -> str:
    """The page Explore with its widgets at these settings and lanes.

    Args:
        config: The settings; those without a widget are left out.
        lanes: One a lane; no more than a race has count.
        shown: What else the address is to say, such as the `run` to show.
    """
    values, begin = lanes[0].model_dump(), LossWeights().model_dump()
    for name in (*LIVE, *NEW_RUN):
        values[name], begin[name] = getattr(config, name), state.default(name)
    moved = {name: value for name, value in values.items() if value != begin[name]}
    race = address.of_lanes(lanes, 0)
    return f"./?{urlencode({**shown, **moved, **race})}"


def run_again_once(condition) -> None:
    """Run the page again as soon as a condition holds, but for this run, which is to end first."""
    is_first = iter([True])

    @st.fragment(run_every=ASK_EVERY)
    def ask():
        if not next(is_first, False) and condition():
            st.rerun()

    ask()


# Callbacks: what the widgets do. A problem is kept and shown, not raised.


def telling(action):
    """Turn a foreseen error of a callback into a sentence on the page."""

    def callback(*args):
        try:
            action(*args)
        except ExplorerError as error:
            state.complain(str(error))

    return callback


@telling
def steer():
    """Send a lane's loss weights to the shown run; if it has ended, they wait for the next one."""
    run = state.run()
    if run and not run.state.is_finished:
        service.engine().set_loss_weights(run.id, state.loss_weights(), state.lane())


@telling
def steer_setting(name: str):
    """Send a live setting to the shown run; if it has ended, it waits for the next one."""
    run = state.run()
    if run:
        service.engine().set_live(run.id, **{name: state.get(name)})


def take_slider():
    """A moved slider is where exact entries begin."""
    state.renew_keys()
    steer()


def take_exact(keys: dict[str, str]):
    """Exact entries move the sliders."""
    take_weights(LossWeights(**{name: state.get(key) for name, key in keys.items()}))


def take_weights(weights: LossWeights):
    """Move all sliders."""
    state.set_loss_weights(weights)
    state.renew_keys()
    steer()


def take_optimizer():
    """Another optimizer gets its usual learning rate, unless the rate was chosen by hand."""
    if state.get("learning_rate") in USUAL_RATE.values():
        state.put("learning_rate", USUAL_RATE[state.get("optimizer")])


def smoothing(meaning: str) -> float:
    """Strength of the smoothing of curves, 0 (none) to below 1; `meaning` is its help."""
    return st.slider(
        "Smoothing",
        0.0,
        0.99,
        0.6,
        0.01,
        key="smoothing",
        bind="query-params",
        width=220,
        help=meaning,
    )
