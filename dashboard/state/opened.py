"""What the address asks for as a page is opened, and what of it could not be used."""

import math
from urllib.parse import parse_qsl

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.run.config import RunConfig
from core.run.settings import allowed
from core.run.simplex import MapConfig
from core.run.weights import ALLOWED, RACE_LANES
from dashboard import address
from dashboard.plain_text import plain
from dashboard.state.widgets import config, go_to, kind

OTHERS = {**MapConfig.model_fields, "map_steps": RunConfig.model_fields["steps"]}
TOLD_ELSEWHERE = {"dataset"}  # by its own widget


def ask(page: str) -> dict[str, str]:
    """What the address asks for where it is opened; nothing later, when it follows the session.

    It is opened by a new session, and by Back and Forward. Call it before the widgets of the page
    of that title put what they take into the address.
    """
    context = get_script_run_ctx()
    is_back = bool(context and context.is_history_navigation)
    is_opened = "asked" not in st.session_state or is_back
    st.session_state.update(asked=True, opening=is_opened, page=page)
    if context and is_back:
        query = dict(parse_qsl(context.query_string, keep_blank_values=True))
        go_to(query, page)
        # Or else Streamlit puts what it has dropped from the address to its default.
        context.is_history_navigation = False
        return query
    return st.query_params.to_dict() if is_opened else {}


def tell_unusable(asked: dict[str, str], page: str) -> None:
    """Say what of it the page cannot use, and what it takes instead, as long as that is so.

    Args:
        asked: What `ask` gave, before the widgets were drawn.
        page: The title of the page.
    """
    here = (page, st.query_params.get("run"))
    if parts := [*_refused_widgets(asked), *_refused_lanes(asked)]:
        told = f"The address asks for what cannot be used: {'; '.join(parts)}."
        st.session_state["unusable"] = (here, told)
    where, told = st.session_state.get("unusable", (None, ""))
    if where == here:
        st.warning(plain(told))


def _refused_widgets(asked: dict[str, str]) -> list[str]:
    values = st.session_state.to_dict()
    names = asked.keys() & values.keys() - TOLD_ELSEWHERE
    return [
        f"{name} = {_quoted(text)}{_allowed(name)}, taken is {values[name]}"
        for name, text in asked.items()
        if name in names and not address.is_of_lanes(name) and not _is(text, values[name])
    ]


def _refused_lanes(asked: dict[str, str]) -> list[str]:
    taken = st.session_state.get("lanes")
    if not taken:  # no page with a desk was opened
        return []
    selected = st.session_state["lane"]
    keys = address.keys_of(config())
    if asked.get("lanes") and not address.lanes_of(asked["lanes"], config()):
        heads = ", ".join(keys)
        instead = "is one lane" if len(taken) == 1 else "are the run's"
        return [
            f"lanes = {_quoted(asked['lanes'])} (allowed are 2 to {RACE_LANES} lanes of {heads}, "
            f"such as 1,1,0.5;1,1,0), taken {instead}"
        ]
    parts = [
        f"{name} = {_quoted(text)} (the heads are {', '.join(keys.values())}), left out"
        for name, text in asked.items()
        if address.is_weight_of(name) and name not in keys.values()
    ]
    for name, key in keys.items() if "lanes" not in asked else ():
        if key in asked and not address.is_weight(asked[key]):
            weight = taken[selected][name]
            parts.append(
                f"{key} = {_quoted(asked[key])} (allowed is {ALLOWED}), taken is {weight:g}"
            )
    if "lane" in asked and asked["lane"] not in map(str, range(1, len(taken) + 1)):
        parts.append(
            f"lane = {_quoted(asked['lane'])} (allowed is 1 to {len(taken)}), "
            f"taken is {selected + 1}"
        )
    return parts


def _quoted(text: str) -> str:
    """A text of the address for a notice."""
    return repr(text[:40])


def _allowed(name: str) -> str:
    fields = {name: kind().model_fields[name] for name in kind().names()} | OTHERS
    return f" (allowed is {allowed(fields[name])})" if name in fields else ""


def _is(text: str, value) -> bool:
    """Whether a widget has the value that an address asks for."""
    if isinstance(value, bool):
        return text.lower() == str(value).lower()
    if isinstance(value, int | float):
        try:
            return math.isclose(float(text), value)
        except ValueError:
            return False
    return text == str(value)
