"""What is measured: the timeline's chart with every panel full: 2,000 candles, volumes, three lines, 500 marks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st
from minutes import BARS, FIRST_S, RANGES, pyramid, window

from dashboard.chart.payload import Candles, Chart, Columns, Lanes, Line, Panel, encode

LANES = ["hack", "ETF", "regulation", "politics", "adoption", "macro", "exchange", "protocol"]


def message(built: dict, start_s: int, end_s: int) -> bytes:
    step, (at, opens, highs, lows, closes, volumes) = window(built, start_s, end_s)
    times = pd.Series(pd.to_datetime(at, unit="s", utc=True))
    bars = pd.DataFrame(
        {"open_time": times, "open": opens, "high": highs, "low": lows, "close": closes, "value": volumes}
    )
    draw = np.random.default_rng(start_s)
    marked = pd.Series(pd.to_datetime(np.sort(draw.uniform(start_s, end_s, 500)), unit="s", utc=True))
    marks = pd.DataFrame(
        {
            "item_id": [f"{start_s}-{i}" for i in range(500)],
            "at": marked,
            "until": marked,
            "lane": draw.choice(LANES, 500),
            "title": [
                f"A headline of the usual length about the matter numbered {i}, with its verb" for i in range(500)
            ],
            "detail": "Example Wire · 2025-03-28 14:05 UTC",
            "shape": "circle",
            "span": "point",
            "count": 1,
        }
    )

    def daily(factor: float) -> pd.DataFrame:
        return pd.DataFrame({"at": times[::10], "value": closes[::10] * factor})

    caps = [
        Line("all-coins", daily(3.3e7), "blue", 10 * step),
        Line("top-125", daily(3.1e7), "orange", 10 * step),
    ]
    panels = [
        Panel("BTC, USD", [Candles("BTC/USDT", bars, step)], log=True, height=330),
        Panel("Total cap, USD", caps, height=130),
        Panel("Volume", [Columns("volume", bars, step)], unit="count", height=70),
        Lanes("News", LANES, marks, note="500 of 1,412 shown"),
    ]
    first, last, start, end = (
        pd.Timestamp(s, unit="s", tz="UTC") for s in (FIRST_S, FIRST_S + BARS * 60, start_s, end_s)
    )
    return encode(Chart(panels, start, end, first, last, "Invented figures."))


@st.fragment
def part(built: dict) -> None:
    from dashboard.chart import chart

    if st.button("Next"):
        st.session_state["i"] = st.session_state.get("i", 0) + 1
    chart(message(built, *RANGES[st.session_state.get("i", 0) % len(RANGES)]), key="chart")


if __name__ == "__main__":
    part(st.cache_resource(pyramid)())
else:
    from dashboard.chart.routes import ROUTES

    app = st.App(__file__, routes=ROUTES)
