"""What callbacks of widgets have in common: a problem is kept and shown, and a page may wait."""

import streamlit as st

from core.errors import ExplorerError
from dashboard import state

ASK_EVERY = 0.3  # s between two looks for what the page waits for


def telling(action):
    """Turn a foreseen error of a callback into a sentence on the page."""

    def callback(*args):
        try:
            action(*args)
        except ExplorerError as error:
            state.complain(str(error))

    return callback


def run_again_once(condition) -> None:
    """Run the page again as soon as a condition holds, but for this run, which is to end first."""
    is_first = iter([True])

    @st.fragment(run_every=ASK_EVERY)
    def ask():
        if not next(is_first, False) and condition():
            st.rerun()

    ask()
