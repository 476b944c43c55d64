"""Reference: Dash with plotly-resampler over the same minute closes, as its documentation sets it up."""

from __future__ import annotations

import sys

import pandas as pd
import plotly.graph_objects as go
from dash import Dash, dcc, html
from minutes import BARS, FIRST_S, close
from plotly_resampler import FigureResampler

figure = FigureResampler(go.Figure())
at = pd.to_datetime(FIRST_S, unit="s") + pd.to_timedelta(range(BARS), unit="min")
figure.add_trace(go.Scatter(name="close"), hf_x=at, hf_y=close())
app = Dash(__name__, assets_folder="none")
app.layout = html.Div([dcc.Graph(id="chart", figure=figure)])
figure.register_update_graph_callback(app=app, graph_id="chart")
if __name__ == "__main__":
    app.run(port=int(sys.argv[1]), debug=False)
