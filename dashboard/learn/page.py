"""The page "Learn": why loss weights do what they do, over the real numbers of the shown run."""

from typing import Any

import streamlit as st

from core.problems.siamese.settings import SiameseConfig
from dashboard import state
from dashboard.learn import controls
from dashboard.learn.lessons import PARTS
from dashboard.learn.view import learn_view
from dashboard.steering.frame import frame

SPEAKS_OF = (
    "This page speaks of the siamese network, and its figures show a run of it. Choose that as the "
    "problem, at the side, and no run of another."
)
WIDTH = 900  # px: longer lines are hard to read

run = frame(
    "Learn",
    "What a loss is, what several of them do to one network, and why their weights matter. Every "
    "figure shows the run of this page, live while it trains.",
)
if not isinstance(run.config if run else state.config(), SiameseConfig):
    st.info(SPEAKS_OF)
    state.keep_lanes(run)
    st.stop()
st.caption("A **Try it** button sets sliders and settings; **Train** does the rest.")
shown: dict[str, Any] = {
    "config": state.config(),
    "sliders": state.loss_weights(),
    "n_lanes": len(run.lanes_now) if run else state.n_lanes(),
    "lane": state.lane(),
}
learn_view("status", run, key="learn_status", **shown)
st.markdown("\n".join(f"{i}. [{part.title}](#{part.name})" for i, part in enumerate(PARTS, 1)))
for part in PARTS:
    with st.container(width=WIDTH, key=f"part_{part.name}"):
        st.header(part.title, anchor=part.name)
        for kind, content in part.blocks():
            if kind == "text":
                st.markdown(content)
            elif kind == "code":
                st.code(content, wrap_lines=True)
            elif kind == "figure":
                learn_view(content, run, key=f"learn_{content}", **shown)
            else:
                controls.try_it(content, run)
state.keep_lanes(run)
