"""The one way to show a view of the browser, and to hear what has happened in it."""

import json
from functools import cache

import streamlit as st

from dashboard import state
from dashboard.client.scripts import scripts_path

# Found from the page, which may be served below a path.
LOADER = """
export default async (component) =>
  (await import(new URL(".%s/%s/view.js", document.baseURI).href)).show(component)
"""


@cache
def _component(page: str):
    return st.components.v2.component(
        f"loss_weight_explorer.{page}_view",
        html=f'<div class="view {page}-view"></div>',
        js=LOADER % (scripts_path(), page),
        isolate_styles=False,
    )


def _nothing() -> None:
    """Streamlit keeps the state alone that somebody listens to."""


def view(page: str, shown: dict, *, key: str, keeps=(), **on) -> None:
    """Show what `view.js` of a page draws, and act on what it tells.

    The browser tells something again until it sees that it was heard, and each telling has an id
    of its own: an action is called once for it. "news", that Python has told something which is
    not so any more, needs no action: the script runs, and tells it anew.

    Args:
        page: The folder of the page.
        shown: What is to be shown, as the browser's `types.js` has it.
        key: Streamlit's key of the element.
        keeps: Names of what the browser keeps as the element's state; it is in
            `st.session_state[key]`, and comes with each script run.
        **on: By the name of an event, what is called with its value.
    """

    def hearing(event: str, action):
        def callback():
            told, value = json.loads(getattr(state.get(key), event))
            heard = state.get(f"{key}_heard") or {}
            if heard.get(event) != told:
                state.put(f"{key}_heard", {**heard, event: told})
                action(value)

        return callback

    actions = {"news": lambda _: None, **on}
    # Bytes, not a dict: for a dict Streamlit would import pandas and pyarrow.
    _component(page)(
        key=key,
        data=json.dumps({**shown, "heard": state.get(f"{key}_heard") or {}}).encode(),
        **{f"on_{event}_change": hearing(event, action) for event, action in actions.items()},
        **{f"on_{name}_change": _nothing for name in keeps},
    )
