"""The price path around a story: one market's bars, and the figure. No Streamlit, no lake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import words
from dashboard.figures import CHOSEN, GRID, MARK, PRICE_LINE, broken_at_gaps, escape, naive, times, wrap
from data.tables import INTERVAL_S

#: A finer series is preferred when it covers at least this share of what the best one covers.
GOOD_COVERAGE = 0.98
SYMBOLS = {"original": "star", "syndicated": "circle", "rewritten": "diamond", "follow-up": "triangle-right"}


@dataclass(frozen=True)
class PricePath:
    """Bars of one market (``open_time`` UTC, ``close``, …), each ``bar_s`` seconds long; oldest first."""

    bars: pd.DataFrame
    bar_s: int
    market: str  # "binance BTC/USDT"

    def at(self, instant: pd.Timestamp) -> float | None:
        """The close of the bar that closed last at or before an instant; None where that bar is missing."""
        closed_at = self.bars["open_time"] + pd.Timedelta(seconds=self.bar_s)
        index = int(closed_at.searchsorted(instant, side="right")) - 1
        if index < 0 or instant - closed_at.iloc[index] >= pd.Timedelta(seconds=self.bar_s):
            return None
        return float(self.bars["close"].iloc[index])


def finest(read: Mapping[str, pd.DataFrame], market: str, known_at: datetime | None = None) -> PricePath:
    """The finest of a market's intervals that covers nearly as much as the best one does.

    ``read``: bars by interval. Only bars that were closed at ``known_at`` count.
    """
    best = PricePath(pd.DataFrame({"open_time": pd.Series(dtype="datetime64[us, UTC]"), "close": []}), 0, market)
    for interval, bar_s in INTERVAL_S.items():
        bars = read.get(interval)
        if bars is None:
            continue
        if known_at is not None:
            bars = bars[bars["open_time"] + pd.Timedelta(seconds=bar_s) <= known_at]
        if len(bars) * bar_s * GOOD_COVERAGE > len(best.bars) * best.bar_s:
            best = PricePath(bars.reset_index(drop=True), bar_s, market)
    return best


def rows(path: PricePath, anchor: pd.Timestamp | None, base: float | None) -> pd.DataFrame:
    """What the figure draws: ``closed_at``, ``close`` (USD) and ``log_return`` since the anchor (NaN without one)."""
    closed_at = path.bars["open_time"] + pd.Timedelta(seconds=path.bar_s)
    known = base is not None and anchor is not None
    returns = np.log(path.bars["close"].to_numpy(float) / base) if known else np.full(len(path.bars), np.nan)
    return pd.DataFrame({"closed_at": closed_at, "close": path.bars["close"], "log_return": returns})


def figure(
    path: PricePath,
    marks: pd.DataFrame,
    *,
    asset: str,
    anchor: pd.Timestamp | None,
    base: float | None,
    start: pd.Timestamp,
    end: pd.Timestamp,
    zone: str = "UTC",
) -> go.Figure:
    """An asset's path over ``[start, end]`` and the times its articles came out, each at its exact time.

    The axis is the log return since the anchor in percent (100 · ln(price / ``base``)); without a ``base`` it is the
    price. ``marks``: ``at`` (aware UTC), ``title``, ``publisher``, ``relation`` (may be empty), one trace below the
    path. The axis of time is in ``zone`` and says so.
    """
    drawn = rows(path, anchor, base)
    ahead, zone_name = words.axis(start, end, zone)
    relative = base is not None and anchor is not None
    values = 100 * drawn["log_return"] if relative else drawn["close"]
    figure = go.Figure()
    if len(drawn):
        x, y = broken_at_gaps(drawn["closed_at"] + ahead, values, path.bar_s)
        prices = broken_at_gaps(drawn["closed_at"], drawn["close"], path.bar_s)[1]
        figure.add_trace(
            go.Scatter(
                x=x,
                y=y,
                customdata=prices,
                mode="lines",
                name=escape(f"{asset}, {path.market}"),
                line={"color": PRICE_LINE, "width": 1.5},
                connectgaps=False,
                hovertemplate=f"%{{x|%Y-%m-%d %H:%M}} {zone_name}"
                + "<br>$%{customdata:,.2f}"
                + ("<br>%{y:+.2f} % log return" if relative else "")
                + "<extra></extra>",
            )
        )
    else:
        figure.add_trace(go.Scatter(x=[None], y=[None], showlegend=False, hoverinfo="skip"))
        figure.add_annotation(
            text=f"No {asset} price is stored for this span",
            xref="x domain",
            yref="y domain",
            x=0.5,
            y=0.5,
            showarrow=False,
            font={"size": 13},
            opacity=0.7,
        )
    inside = marks[(marks["at"] >= start) & (marks["at"] <= end)]
    figure.add_trace(
        go.Scatter(
            x=times(inside["at"] + ahead),
            y=np.zeros(len(inside)),
            yaxis="y2",
            mode="markers",
            name="articles",
            text=[_hover(mark, zone) for mark in inside.itertuples()],
            hovertemplate="%{text}<extra></extra>",
            marker={
                "size": 12,
                "color": np.where(inside["relation"] == "original", CHOSEN, MARK),
                "symbol": [SYMBOLS.get(relation, "circle") for relation in inside["relation"]],
                "line": {"width": 1, "color": "rgba(255,255,255,0.6)"},
            },
        )
    )
    if anchor is not None:
        figure.add_shape(
            type="line",
            x0=naive(anchor + ahead),
            x1=naive(anchor + ahead),
            xref="x",
            yref="paper",
            y0=0,
            y1=1,
            layer="below",
            line={"color": CHOSEN, "width": 1.5, "dash": "dot"},
        )
    margin = 0.012 * (end - start)
    figure.update_layout(
        height=380,
        margin={"l": 78, "r": 12, "t": 28, "b": 46},
        dragmode="pan",
        hovermode="closest",
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "font": {"size": 12}},
        xaxis={
            "range": [naive(start - margin + ahead), naive(end + margin + ahead)],
            "gridcolor": GRID,
            "automargin": False,
            "anchor": "y2",
            "title": {"text": zone_name, "standoff": 2, "font": {"size": 11}},
        },
        yaxis={
            "domain": [0.13, 1],
            "gridcolor": GRID,
            "automargin": False,
            "fixedrange": True,
            "title": {"text": "Log return, %" if relative else f"{asset}, USD", "standoff": 4},
            "zeroline": relative,
            "zerolinecolor": "#8a8d93",
            "tickformat": "+.2~f" if relative else "$,.6~r",
        },
        yaxis2={"domain": [0, 0.1], "range": [-1, 1], "showticklabels": False, "showgrid": False, "fixedrange": True},
    )
    return figure


def _hover(mark: object, zone: str) -> str:
    who = escape(mark.publisher) + (f" · {escape(mark.relation)}" if pd.notna(mark.relation) else "")
    return f"{escape(wrap(mark.title))}<br>{who} · {words.when(mark.at, zone=zone)}"
