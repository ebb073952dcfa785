"""The dashboard: Streamlit pages over the runs in the store."""
