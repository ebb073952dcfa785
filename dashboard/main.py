"""The script that Streamlit runs: page settings and navigation."""

from pathlib import Path

import streamlit as st

from core.errors import ExplorerError
from dashboard import state
from dashboard.plain_text import sentence
from dashboard.theme import STYLE

PAGES = Path(__file__).parent

explore = st.Page(PAGES / "explore" / "page.py", title="Explore", default=True)
weight_map = st.Page(PAGES / "map" / "page.py", title="Map", url_path="map")
runs = st.Page(PAGES / "runs" / "page.py", title="Runs", url_path="runs")
compare = st.Page(PAGES / "compare" / "page.py", title="Compare", url_path="compare")
inside = st.Page(PAGES / "inside" / "page.py", title="Inside", url_path="inside")
learn = st.Page(PAGES / "learn" / "page.py", title="Learn", url_path="learn")
pages = [explore, weight_map, runs, compare, inside, learn]
page = st.navigation(pages, position="top")
title = f"{page.title} · Loss-Weight Explorer"
st.set_page_config(page_title=title, page_icon="⚖️", layout="wide")
st.html(STYLE)
with st.container(horizontal=True, gap="xsmall", key="pages"):  # a phone has no room at the top
    for other in pages:
        st.page_link(other)
unusable, asked = st.container(), state.ask(page.title)
shown = {"Map": ["map"], "Runs": ["runs", "list"], "Compare": ["runs", "baseline"]}
state.keep_address(*shown.get(page.title, ["run"]))
try:
    page.run()
    with unusable:
        state.tell_unusable(asked, page.title)
    if said := state.standing():
        st.caption(said)
except ExplorerError as error:  # foreseen: a sentence here, and nothing on the terminal
    st.error(sentence(str(error)))
