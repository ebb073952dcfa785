"""What the widgets stand at: settings and loss weights, each under the name of its setting."""

from contextlib import suppress

import streamlit as st

from core.errors import ConfigError
from core.run.config import RunConfig
from core.run.heads import HEAD_NAMES
from core.run.simplex import MapConfig
from core.run.weights import LossWeights

# Fast enough to reach the end in five seconds, slow enough to steer on the way.
WATCHABLE = 300


def get(name: str):
    """A widget's value, None where it has none yet."""
    return st.session_state.get(name)


def put(name: str, value) -> None:
    """Set a widget's value, before it is drawn or in a callback."""
    st.session_state[name] = value


def default(name: str):
    """Where a setting's widget begins."""
    return WATCHABLE if name == "steps_per_second" else RunConfig.model_fields[name].default


def loss_weights() -> LossWeights:
    """The loss weights as the sliders stand."""
    return LossWeights(**{name: st.session_state[name] for name in HEAD_NAMES})


def set_loss_weights(weights: LossWeights) -> None:
    """Put the sliders to these loss weights."""
    for name in HEAD_NAMES:
        put(name, getattr(weights, name))


def config() -> RunConfig:
    """The settings as the widgets stand; a setting without a widget has its default."""
    values = {
        name: st.session_state[name] for name in RunConfig.model_fields if name in st.session_state
    }
    return RunConfig(**values)


def map_settings() -> MapConfig:
    """What a weight map would cover, as the widgets stand."""
    return MapConfig(**{name: st.session_state[name] for name in MapConfig.model_fields})


def map_config() -> RunConfig:
    """The settings of a weight map as the widgets stand: its number of steps is its own."""
    return config().model_copy(update={"steps": st.session_state["map_steps"]})


def greatest_weight(least: float) -> float:
    """Where the sliders end: at `least`, or at the greatest weight they have had to show.

    Call it before the sliders are drawn.
    """
    if is_settling():
        set_loss_weights(st.session_state.pop("longer"))
    before = st.session_state.get("greatest_weight", least)
    weights = [before]
    for name in HEAD_NAMES:
        with suppress(ConfigError):
            weight = st.session_state.get(name, st.query_params.get(name, 0))
            weights.append(getattr(LossWeights(**{name: weight}), name))
    if max(weights) > before and all(name in st.session_state for name in HEAD_NAMES):
        st.session_state["longer"] = loss_weights()
    st.session_state["greatest_weight"] = max(weights)
    return max(weights)


def is_settling() -> bool:
    """Whether the sliders have grown longer, so that the script must run once more.

    They are new widgets then, which may begin with what the address says, and whose values come
    into the address only if they are put to them once more.
    """
    return "longer" in st.session_state


def renewed_key(name: str) -> str:
    """A key under which a widget begins anew after each `renew_keys`."""
    return f"{name}_{st.session_state.get('renewals', 0)}"


def renew_keys() -> None:
    """Let the widgets with a `renewed_key` begin anew."""
    st.session_state["renewals"] = st.session_state.get("renewals", 0) + 1
