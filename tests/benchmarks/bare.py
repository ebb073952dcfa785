"""The least page that Streamlit can make with a button and a chart: what ours is compared with."""

import streamlit as st

st.button("Train")
st.plotly_chart({"data": [{"y": [3, 1, 2]}]})
