"""What is to be told on the page."""

import streamlit as st


def complain(problem: str) -> None:
    """Keep a problem, in a sentence, to be shown once."""
    st.session_state["complaint"] = problem


def has_complaint() -> bool:
    """Whether a problem is to be shown."""
    return "complaint" in st.session_state


def take_problem() -> str | None:
    """The problem to be shown, if there is one."""
    return st.session_state.pop("complaint", None)


def tell_script_error(error: Exception) -> bool:
    """Show in a sentence what nobody foresaw; Streamlit has put the details on the terminal."""
    st.error(
        f"The page hit an unforeseen error ({type(error).__name__}); the terminal has the "
        "details. Runs go on and records are kept: reload the page."
    )
    return True
