"""Who has opened the page."""

import streamlit as st

from core.run.run import Can, Run
from core.run.visitor import Visitor
from dashboard.gate.access import visitor_of

NOTHING = Can(False, False, False, False, False, False, False, False)


def visitor() -> Visitor:
    """Who the session is, by the cookies that its browser has sent."""
    return visitor_of(st.context.cookies)


def standing() -> str:
    """What there is to say of who they are, in a sentence; empty for most."""
    who = visitor()
    if who.is_teacher:
        return "Opened with the teacher's link: you may steer, stop, rename and delete every run."
    if not (who.person or who.is_open):
        return (
            "This browser keeps no cookies, so what is started here is nobody's to steer. Allow "
            "cookies for this page, or have it opened with the teacher's link."
        )
    return ""


def can(run: Run | None) -> Can:
    """What they can do with a run; nothing where there is none."""
    return run.can_by(visitor()) if run else NOTHING
