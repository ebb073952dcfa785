"""Which run, map or point a page shows, as its address says."""

from urllib.parse import parse_qsl

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.errors import RunNotFound
from core.run.run import Run
from dashboard import service
from dashboard.state.said import complain, has_complaint

SHOWN = ("run", "map", "runs", "list", "baseline")  # by their names in the address
NO_RUN = "none"  # in an address that is to name no run, where one that says nothing has some


def in_address(name: str) -> str | None:
    """What the address says under a name, which need not be allowed."""
    return st.query_params.get(name)


def put_in_address(name: str, text: str) -> None:
    """Let the address say this under a name; nothing, also on the way back, if it is empty."""
    st.session_state.setdefault("put", {})[name] = (st.query_params.get(name, ""), text)
    if text:
        st.query_params[name] = text
    else:
        st.query_params.pop(name, None)
        st.session_state.pop(f"shown_{name}", None)


def runs_in_address() -> list[str]:
    """What the address names as `runs`: ids, or ID-LANE for a lane of one."""
    text = st.query_params.get("runs", "")
    return [one for one in text[:2000].split(",") if one and one != NO_RUN]


def run() -> Run | None:
    """The run that the page shows, if there is one."""
    return _of_kind("run", False, "is a weight map: see it on the page Map")


def show_run(run_id: str) -> None:
    """Let the page show another run."""
    put_in_address("run", run_id)


def map_run() -> Run | None:
    """The weight map that the page shows, if there is one."""
    return _of_kind("map", True, "is not a weight map: see it on the page Explore")


def show_map(run_id: str) -> None:
    """Let the page show another weight map, with none of its points picked."""
    put_in_address("map", run_id)
    put_in_address("point", "")


def picked(shown: Run | None) -> int | None:
    """Index of the point that is picked of the map that the page shows, if there is one."""
    text, points = st.query_params.get("point"), range(len(shown.lanes) if shown else 0)
    if not text:
        return None
    if text in map(str, points):
        return int(text)
    if shown:
        allowed = f"expected is 0 to {points[-1]}"
        complain(f"This map has no point {text[:40]!r}: {allowed}. None is picked.")
    elif not has_complaint():  # or else it is told already that the map is not there
        complain(f"The address names point {text[:40]!r}, and no map that has it. None is picked.")
    put_in_address("point", "")
    return None


def pick(point: int) -> None:
    """Let the page show a point of the map."""
    put_in_address("point", str(point))


def keep_address(*own: str) -> None:
    """Have what a page shows, under its `own` names, there again after a look at another page.

    Where the address is opened, the page shows what is in it, and nothing else. What was put there
    stays, where the browser had sent another message before it saw that.
    """
    _put_again()
    for name in SHOWN:
        key = f"shown_{name}"
        if name in own and st.session_state.get("opening"):
            st.session_state.pop(key, None)
        if name in st.query_params:
            st.session_state[key] = st.query_params[name]
            if name not in own:
                del st.query_params[name]
        elif name in own and key in st.session_state:
            st.query_params[name] = st.session_state[key]


def _put_again() -> None:
    context = get_script_run_ctx()
    sent = dict(parse_qsl(context.query_string)) if context else {}
    put = st.session_state.setdefault("put", {})
    for name, (before, now) in list(put.items()):
        if st.session_state.get("opening") or sent.get(name, "") != before:
            del put[name]  # the browser has seen it, or is elsewhere
        elif st.query_params.get(name, "") == before != now:
            put_in_address(name, now)


def take_leave() -> str | None:
    """The address that the browser is to go to, if there is one."""
    return st.session_state.pop("leaving", None)


def _of_kind(name: str, is_map: bool, otherwise: str) -> Run | None:
    shown = _shown(name)
    if shown is not None and bool(shown.map) != is_map:
        complain(f"Run {shown.label} {otherwise}.")
        put_in_address(name, "")
        return None
    return shown


def _shown(name: str) -> Run | None:
    wanted = st.query_params.get(name)
    if not wanted:
        return None
    try:
        return service.store().run(wanted)
    except RunNotFound as error:
        complain(f"{error} The page shows none instead.")
        put_in_address(name, "")
        return None
