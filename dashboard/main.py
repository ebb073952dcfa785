"""The script that Streamlit runs: page settings and navigation."""

from pathlib import Path

import streamlit as st

from core.errors import ExplorerError
from dashboard import state
from dashboard.steering import controls
from dashboard.theme import STYLE

VIEWS = Path(__file__).parent / "views"

st.set_page_config(page_title="Loss-Weight Explorer", page_icon="⚖️", layout="wide")
explore = st.Page(VIEWS / "explore.py", title="Explore", default=True)
weight_map = st.Page(VIEWS / "map.py", title="Map")
runs = st.Page(VIEWS / "runs.py", title="Runs")
compare = st.Page(VIEWS / "compare.py", title="Compare")
inside = st.Page(VIEWS / "inside.py", title="Inside")
learn = st.Page(VIEWS / "learn.py", title="Learn")
page = st.navigation([explore, weight_map, runs, compare, inside, learn], position="top")
st.html(STYLE)
shown = {"Map": ["map"], "Runs": ["runs", "list"], "Compare": ["runs", "baseline"]}
state.keep_address(*shown.get(page.title, ["run"]))
try:
    page.run()
    if state.is_settling():
        controls.run_again_once(lambda: True)
except ExplorerError as error:  # foreseen: a sentence here, and nothing on the terminal
    st.error(str(error))
