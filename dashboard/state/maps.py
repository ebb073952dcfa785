"""What a weight map would cover, as the widgets and the sliders stand."""

from itertools import combinations

import streamlit as st

from core.run.config import RunConfig
from core.run.heads import names_of
from core.run.simplex import MapConfig
from core.run.weights import LossWeights
from dashboard.state.race import heads, loss_weights
from dashboard.state.widgets import config, get, put

MAP_WIDGETS = ("resolution", "total", "spacing", "seeds")  # settings of a map with one of their own


def can_vary() -> dict[str, tuple[str, ...]]:
    """Each three heads whose weights can vary, by what the choice among them calls these.

    Nothing where there is no choice, since all heads fit onto a map.
    """
    names = names_of(heads())
    return {} if len(names) <= 3 else {", ".join(one): one for one in combinations(names, 3)}


def map_settings() -> MapConfig:
    """What a weight map would cover; heads that do not vary stay at the weights of the sliders.

    Raises:
        ConfigError: If no map can be drawn of the heads.
    """
    covers = {name: st.session_state[name] for name in MAP_WIDGETS}
    choices, present = can_vary(), loss_weights().root
    varied = choices.get(get("vary"), next(iter(choices.values()), ()))
    others = {name: weight for name, weight in present.items() if varied and name not in varied}
    return MapConfig(**covers, heads=varied, others=LossWeights(others)).complete(heads())


def map_config() -> RunConfig:
    """The settings of a weight map as the widgets stand: its number of steps is its own."""
    return config().model_copy(update={"steps": st.session_state["map_steps"]})


def keep_choice(name: str, options, begin) -> None:
    """Put a choice that an earlier problem has left to where it begins; before it is drawn."""
    if get(name) is not None and get(name) not in options:
        put(name, begin)
