"""The script that Streamlit runs: page settings and navigation."""

from pathlib import Path

import streamlit as st

from core import ExplorerError

VIEWS = Path(__file__).parent / "views"

st.set_page_config(page_title="Loss-Weight Explorer", page_icon="⚖️", layout="wide")
explore = st.Page(VIEWS / "explore.py", title="Explore", default=True)
page = st.navigation([explore], position="hidden")
try:
    page.run()
except ExplorerError as error:  # foreseen: a sentence here, and nothing on the terminal
    st.error(str(error))
