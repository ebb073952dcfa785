"""What the widgets stand at: settings, each under its name."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.run.config import RunConfig
from core.run.simplex import MapConfig

# Fast enough to reach the end in five seconds, slow enough to steer on the way.
WATCHABLE = 300
WITH_WIDGET = tuple(
    name for name in RunConfig.model_fields if name not in ("record_every", "eval_every")
)

# Of the widgets whose values are in the address, by name: where they begin, which pages have them.
_bound: dict[str, Any] = {}
_pages: dict[str, set[str | None]] = {}


def bound(name: str, begin) -> dict:
    """How a widget is made whose value is in the address, under its name, unless it is `begin`."""
    _bound[name] = begin
    _pages.setdefault(name, set()).add(get("page"))
    return {"key": name, "bind": "query-params"}


def go_to(query: Mapping[str, str], page: str) -> None:
    """Have the bound widgets of a page where an entry of the browser's history has them.

    Those of other pages stay as they are: the entry says nothing of them. Those whose value
    Streamlit would take from the address stay with it, since it looks at what is allowed. It drops
    those that were drawn on another page last: they were written there by it.
    """
    for name, begin in _bound.items():
        if name not in query and page in _pages[name]:
            put(name, begin)
        elif name in query and name not in st.query_params:
            put(name, query[name] == "true" if begin is False else type(begin)(query[name]))


def get(name: str):
    """A widget's value, None where it has none yet."""
    return st.session_state.get(name)


def put(name: str, value) -> None:
    """Set a widget's value, before it is drawn or in a callback."""
    st.session_state[name] = value


def default(name: str):
    """Where a setting's widget begins."""
    return WATCHABLE if name == "steps_per_second" else RunConfig.model_fields[name].default


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


def renewed_key(name: str) -> str:
    """A key under which a widget begins anew after each `renew_keys`."""
    return f"{name}_{st.session_state.get('renewals', 0)}"


def renew_keys() -> None:
    """Let the widgets with a `renewed_key` begin anew."""
    st.session_state["renewals"] = st.session_state.get("renewals", 0) + 1
