"""What the address asks for as a page is opened, and what of it could not be used."""

import math
import re

import streamlit as st

from core.run.config import RunConfig
from core.run.heads import HEAD_NAMES
from core.run.settings import allowed
from core.run.simplex import MapConfig
from core.run.weights import RACE_LANES, LossWeights
from dashboard import address

FIELDS = {**RunConfig.model_fields, **MapConfig.model_fields, **LossWeights.model_fields}
FIELDS["map_steps"] = RunConfig.model_fields["steps"]
NO_WIDGETS = {"lanes", "lane"}
TOLD_ELSEWHERE = {"dataset"}  # by its own widget


def ask() -> dict[str, str]:
    """What the address asks for; nothing in a session that has begun, whose own it is by now.

    Call it before the widgets put what they take into the address.
    """
    if "asked" in st.session_state:
        return {}
    st.session_state["asked"] = True
    return st.query_params.to_dict()


def tell_unusable(asked: dict[str, str], page: str) -> None:
    """Say what of it the page cannot use, and what it takes instead, as long as that is so.

    Args:
        asked: What `ask` gave, before the widgets were drawn.
        page: The title of the page.
    """
    here = (page, st.query_params.get("run"))
    if parts := [*_refused_widgets(asked), *_refused_lanes(asked)]:
        sentence = f"The address asks for what cannot be used: {'; '.join(parts)}."
        st.session_state["unusable"] = (here, sentence)
    where, sentence = st.session_state.get("unusable", (None, ""))
    if where == here:
        st.warning(sentence)


def _refused_widgets(asked: dict[str, str]) -> list[str]:
    if address.lanes_of(asked.get("lanes", "")):  # the sliders are those of one of them
        asked = {name: text for name, text in asked.items() if name not in HEAD_NAMES}
    values = st.session_state.to_dict()
    names = asked.keys() & values.keys() - NO_WIDGETS - TOLD_ELSEWHERE
    return [
        f"{name} = {_quoted(text)}{_allowed(name)}, taken is {values[name]}"
        for name, text in asked.items()
        if name in names and not _is(text, values[name])
    ]


def _refused_lanes(asked: dict[str, str]) -> list[str]:
    parts, lanes = [], address.lanes_of(asked.get("lanes", ""))
    if asked.get("lanes") and not lanes:
        heads = ", ".join(HEAD_NAMES)
        parts.append(
            f"lanes = {_quoted(asked['lanes'])} (allowed are 2 to {RACE_LANES} lanes of {heads}, "
            "such as 1,1,0.5;1,1,0), taken is one lane"
        )
    if "lane" in asked and lanes and asked["lane"] not in map(str, range(1, len(lanes) + 1)):
        parts.append(
            f"lane = {_quoted(asked['lane'])} (allowed is 1 to {len(lanes)}), "
            f"taken is {st.session_state['lane'] + 1}"
        )
    return parts


def _quoted(text: str) -> str:
    """A text of the address for a notice, which is Markdown: it makes no link and no formula."""
    return re.sub(r"([\[\]`*$<>])", r"\\\1", repr(text[:40]))


def _allowed(name: str) -> str:
    return f" (allowed is {allowed(FIELDS[name])})" if name in FIELDS else ""


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
