"""Reference: default Streamlit, one ``st.plotly_chart`` of 2,000 candles, a button that changes the range."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from minutes import RANGES, pyramid, window

built = st.cache_resource(pyramid)()
if st.button("Next"):
    st.session_state["i"] = st.session_state.get("i", 0) + 1
_, (at, opens, highs, lows, closes, _) = window(built, *RANGES[st.session_state.get("i", 0) % len(RANGES)])
candles = go.Candlestick(x=pd.to_datetime(at, unit="s"), open=opens, high=highs, low=lows, close=closes)
st.plotly_chart(go.Figure(candles), key="chart")
