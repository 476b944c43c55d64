"""Pure functions on frames and values: no I/O, no clock, no lake, no Streamlit."""
