"""What the widgets stand at: settings, each under its name."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.problems.own import OwnConfig
from core.run.config import RunConfig

# Fast enough to reach the end in five seconds, slow enough to steer on the way.
WATCHABLE = 300
NO_WIDGET = ("record_every", "eval_every", "source")

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


def kind() -> type[RunConfig]:
    """The settings of the problem that is chosen."""
    chosen = get("problem") or st.query_params.get("problem")  # its widget may be yet to be drawn
    return RunConfig.kind_of(chosen) or type(RunConfig())


def with_widget(kind: type[RunConfig]) -> tuple[str, ...]:
    """The settings that have a widget: of what a file says alone, none is chosen here."""
    said = ("optimizer",) if issubclass(kind, OwnConfig) else ()
    if issubclass(kind, OwnConfig) and not kind.is_live("learning_rate"):
        said = (*said, "learning_rate")
    return tuple(name for name in kind.names() if name not in (*NO_WIDGET, *said))


def default(name: str, of: type[RunConfig] | None = None):
    """Where a setting's widget begins, of the problem that is chosen or of another one."""
    return WATCHABLE if name == "steps_per_second" else (of or kind()).model_fields[name].default


def config() -> RunConfig:
    """The settings as the widgets stand; a setting without a widget has its default."""
    chosen = kind()
    names = [name for name in with_widget(chosen) if name in st.session_state]
    values = {name: st.session_state[name] for name in names}
    return RunConfig(problem=chosen.model_fields["problem"].default, **values)


def choose_problem(problem: str) -> None:
    """Put the settings' widgets to the defaults of a problem."""
    put("problem", problem)
    for name in with_widget(kind()):
        put(name, default(name))


def renewed_key(name: str) -> str:
    """A key under which a widget begins anew after each `renew_keys`."""
    return f"{name}_{st.session_state.get('renewals', 0)}"


def renew_keys() -> None:
    """Let the widgets with a `renewed_key` begin anew."""
    st.session_state["renewals"] = st.session_state.get("renewals", 0) + 1
