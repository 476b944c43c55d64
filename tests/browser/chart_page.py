"""A page that holds the chart alone, over invented figures; served by the tests of the chart.

The address may say ``?style=candles|line``, ``&zone=…``, ``&marks=none|few|many|twins|hostile`` and ``&slow=seconds``.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.chart.payload import Band, Candles, Chart, Columns, Lanes, Line, Panel, encode, height_of

FIRST, LAST = pd.Timestamp("2025-01-01", tz="UTC"), pd.Timestamp("2025-05-01", tz="UTC")
START, END = pd.Timestamp("2025-03-01", tz="UTC"), pd.Timestamp("2025-04-10", tz="UTC")
STEPS_S = (60, 300, 3600, 14_400, 86_400)
LANES = ["regulation", "hack", "ETF", "notes"]
HOSTILE = "<img src=x onerror=alert(1)><b>bold</b> ${1+1} **stars** =HYPERLINK()"


def grid(step_s: int, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Bars that depend on their own time alone, so that any resolution of any range can be told beforehand."""
    at = pd.date_range(start.ceil(f"{step_s}s"), end, freq=f"{step_s}s", inclusive="left", unit="us")
    edges = np.append(at.asi8, at.asi8[-1] + step_s * 1_000_000) / 1e6 / 86_400 if len(at) else np.array([0.0])
    path = 85_000 * np.exp(0.05 * np.sin(edges / 9) + 0.02 * np.sin(edges * 2.3) + 0.004 * np.sin(edges * 31))
    opened, closed = path[:-1], path[1:]
    return pd.DataFrame(
        {
            "open_time": at,
            "open": opened,
            "high": np.maximum(opened, closed) * 1.002,
            "low": np.minimum(opened, closed) * 0.998,
            "close": closed,
            "value": 1000 + 800 * np.sin(edges[1:] * 7) ** 2,
        }
    )


def marks(kind: str) -> pd.DataFrame:
    def row(at, lane, title, shape="circle", span="point", until=None, count=1, item=None):
        at = pd.Timestamp(at, tz="UTC")
        until = pd.Timestamp(until, tz="UTC") if until else at
        detail = "Example Wire"
        item = item or f"{lane}-{at:%m%d%H%M}".lower()
        return (item, at, until, lane, title, detail, shape, span, count)

    rows = [
        row("2025-03-05 14:05", "regulation", "A regulator writes to exchanges"),
        row("2025-03-09", "hack", "A bridge is drained over a weekend", "diamond", "event", "2025-03-12"),
        row("2025-03-18", "ETF", "A fund files, on a day its page does not say", "square", "uncertain", "2025-03-20"),
        row("2025-03-25 08:00", "ETF", "17 stories", "circle", "bin", "2025-03-29 16:00", 17),
        row("2025-03-28 14:05:30", "regulation", "A president plans to receive another", "triangle"),
        row("2025-04-02 20:00", "notes", "Tariffs announced after the close", "note"),
    ]
    if kind == "hostile":
        rows.append(row("2025-03-15 12:00", "hack", HOSTILE + "x" * 100_000, "cross"))
    if kind == "twins":  # two of one minute, and two of one day that is all that is known of them
        rows += [row("2025-03-14 09:30", "hack", f"Twin {name}", item=f"twin-{name}") for name in "AB"]
        rows += [
            row("2025-03-15", "notes", f"Some time {n}", "square", "uncertain", "2025-03-16", item=n) for n in "CD"
        ]
    if kind == "many":
        spread = pd.date_range("2025-03-01", "2025-04-09", periods=494)
        rows += [row(at, LANES[i % 3], f"Story {i}") for i, at in enumerate(spread)]
    columns = ["item_id", "at", "until", "lane", "title", "detail", "shape", "span", "count"]
    return pd.DataFrame(rows if kind != "none" else [], columns=columns).astype(
        {"at": "datetime64[us, UTC]", "until": "datetime64[us, UTC]"}
    )


def shown(start: datetime, end: datetime, options: dict[str, str]) -> Chart:
    start, end = pd.Timestamp(start), pd.Timestamp(end)
    step_s = next((s for s in STEPS_S if (end - start).total_seconds() / s <= 2000), STEPS_S[-1])
    bars = grid(step_s, max(start, FIRST), min(end, LAST))
    gap = pd.Timestamp("2025-03-21", tz="UTC"), pd.Timestamp("2025-03-22 12:00", tz="UTC")
    kept = bars[(bars["open_time"] < gap[0]) | (bars["open_time"] >= gap[1])]
    days = grid(86_400, max(start.floor("D"), FIRST), min(end, LAST))
    news = marks(options.get("marks", "few"))
    caps = {
        name: pd.DataFrame({"at": days["open_time"], "value": days["close"] * factor})
        for name, factor in (("coingecko all-coins", 3.31e7), ("tradingview top-125", 3.15e7))
    }
    apart = pd.DataFrame(
        {
            "at": days["open_time"],
            "low": caps["tradingview top-125"]["value"],
            "high": caps["coingecko all-coins"]["value"],
        }
    )
    line = pd.DataFrame({"at": kept["open_time"] + pd.Timedelta(seconds=step_s), "value": kept["close"]})
    price = (
        Line("binance BTC/USDT", line, "teal", step_s)
        if options.get("style") == "line"
        else Candles("binance BTC/USDT", kept, step_s)
    )
    share = pd.DataFrame({"at": days["open_time"], "value": 60 + 2 * np.sin(np.arange(len(days)) / 5)})
    panels = [
        Panel("BTC, USD", [price], log=True, height=300, gaps=[gap], note=f"binance, bars of {step_s:,} s"),
        Panel(
            "Total cap, USD",
            [
                Band("providers", apart, "grey"),
                Line("coingecko all-coins", caps["coingecko all-coins"], "blue", 86_400),
                Line("tradingview top-125", caps["tradingview top-125"], "orange", 86_400, dash=True),
            ],
            height=130,
        ),
        Panel("Dominance", [Line("BTC", share, "violet", 86_400)], unit="percent", height=80),
        Panel("Volume, BTC", [Columns("volume", kept, step_s)], unit="count", height=70),
        Lanes("News", LANES, news, note=f"{len(news)} of 1,412 shown", empty="No story fits"),
    ]
    zone = options.get("zone", "UTC")
    return Chart(panels, start, end, FIRST, LAST, "Price, caps and news.", zone=zone, zone_name=zone.rsplit("/", 1)[-1])


def page() -> None:
    from dashboard.chart import ChartEvent, chart

    state = st.session_state
    state.setdefault("range", (START, END))
    state.setdefault("told", [])

    def happened(event: ChartEvent) -> None:
        if event.range:
            state["range"] = event.range
            state["told"].append("range")
        if event.selected:
            state["item"] = event.selected
            state["told"].append("selected")
        if event.picture:
            state["picture_bytes"] = len(event.picture[1])

    @st.fragment
    def part() -> None:
        options = st.query_params.to_dict()
        with st.container(horizontal=True):
            if st.button("One week"):
                state["range"] = (pd.Timestamp("2025-03-24", tz="UTC"), pd.Timestamp("2025-03-31", tz="UTC"))
            if st.button("Everything"):
                state["range"] = (FIRST, LAST)
            if st.button("Choose the note"):
                state["item"] = "notes-04022000"
            if st.button("Picture"):
                state["wanted"] = f"picture {datetime.now(UTC).isoformat()}"
            st.button("Rerun")
        if "slow" in options:
            time.sleep(float(options["slow"]))
        start, end = state["range"]
        drawn = shown(start, end, options)
        event = chart(
            encode(drawn),
            key="chart",
            height=height_of(drawn),
            selected=state.get("item"),
            picture=state.get("wanted"),
            on_event=happened,
        )
        st.text(f"range {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}")
        st.text(f"item {state.get('item')}")
        state["returned"] = event.selected or state.get("returned")
        st.text(f"returned {state['returned']}")
        st.text(f"told {' '.join(state['told'])}")
        st.text(f"picture {state.get('picture_bytes', 0)} bytes")

    part()


if __name__ == "__main__":
    st.set_page_config(page_title="Chart", layout="wide")
    page()
else:
    from dashboard.chart.routes import ROUTES

    app = st.App(__file__, routes=ROUTES)
