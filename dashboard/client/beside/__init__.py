"""What runs beside Streamlit, from the beginning: each script stands alone."""
