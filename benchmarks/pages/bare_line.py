"""Reference for the first paint: a Streamlit page that holds one bare chart of 2,000 points."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

at = pd.date_range("2021-01-01", periods=2_000, freq="h")
st.plotly_chart(go.Figure(go.Scatter(x=at, y=np.cumsum(np.random.default_rng(0).normal(0, 1, 2_000)))))
