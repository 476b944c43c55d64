"""The Market page: totals with their definitions, how far providers are apart, dominance, mood, the largest assets.

The range moves the chart alone; tiles and tables show the newest that is known at the clock.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from dashboard import cached, market_chart, widgets
from dashboard.chart import ChartEvent, chart
from dashboard.chart.payload import encode, height_of
from dashboard.views import desk, market_lists, market_tiles, ranges, replay
from data import market_page
from data.market_tables import MARKET_TABLES
from data.reading import Reading
from data.view import View

PRESETS = {
    "1W": pd.DateOffset(weeks=1),
    "1M": pd.DateOffset(months=1),
    "3M": pd.DateOffset(months=3),
    "1Y": pd.DateOffset(years=1),
    "5Y": pd.DateOffset(years=5),
    "All": None,
}
OPENS_WITH = "1Y"
#: The tables of the range, under the chart.
OF_RANGE = {
    "market-totals": "Totals CSV",
    "market-disagreement": "Disagreement CSV",
    "market-dominance": "Dominance CSV",
    "market-mood": "Fear & Greed CSV",
}
HELP = "Up to the newest value stored. On the chart: drag to move, wheel to zoom"
_DAY_S = 86_400


def page() -> None:
    widgets.style()
    reading = cached.reading(widgets.require_lake())
    view = current(reading)
    st.subheader("Market")
    with st.container(gap="small"):
        replay.bar(view, steps=_DAY_S)
        market_tiles.tiles(reading, view, _now(view))
        _chart()
        _assets()
        market_lists.definitions(reading, view, _now(view))


def current(reading: Reading, *, tell: bool = True) -> View:
    """The view the address names; where it names no range, the year up to the newest value known at the clock."""
    start, end = preset_range(reading, OPENS_WITH, replay.clock())
    return replay.view_of(View(start, end), tell=tell)


def preset_range(reading: Reading, name: str, known_at: pd.Timestamp | None) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Back from the newest value known at the clock; "All" is from the first."""
    extent = market_page.market(reading.snapshot, known_at).extent
    if extent is None:
        end = (known_at if known_at is not None else pd.Timestamp.now("UTC")).ceil("h")
        extent = end - pd.DateOffset(years=1), end
    first, end = extent[0].floor("D"), extent[1].ceil("h")
    back = PRESETS[name]
    return (first if back is None else end - back), max(end, first + pd.Timedelta(hours=1))


def _now(view: View) -> pd.Timestamp:
    """What ages are counted to."""
    return view.known_at if view.known_at is not None else pd.Timestamp.now("UTC")


@st.fragment(key="market_assets")
def _assets() -> None:
    reading = cached.reading(widgets.require_lake())
    view = current(reading, tell=False)
    watched = desk.watchlist_picker(reading.snapshot)
    market_lists.top_assets(reading, view, _now(view), assets=watched)


# ── the chart ─────────────────────────────────────────────────────────────────────────────────────────


@st.fragment(key="market_chart")
def _chart() -> None:
    reading = cached.reading(widgets.require_lake())
    view = current(reading, tell=False)
    spans = {name: preset_range(reading, name, view.known_at) for name in PRESETS}
    ranges.controls(view, spans, prefix="market_", told=HELP)
    drawn = market_chart.chart(market_page.market(reading.snapshot, view.known_at, view.totals), view)
    chart(encode(drawn), key="market", height=height_of(drawn), on_event=_happened)
    widgets.plain(drawn.summary)
    with st.container(horizontal=True, gap="small"):
        for name, label in OF_RANGE.items():
            widgets.download(
                label, lambda name=name: MARKET_TABLES[name](reading, view), f"newstape-{name}.csv", f"csv_{name}"
            )


def _happened(event: ChartEvent) -> None:
    """What the hand did on the chart, before anything is read again."""
    if event.range:
        start, end = (pd.Timestamp(at).as_unit("us") for at in event.range)
        view = current(cached.reading(widgets.require_lake()), tell=False)
        ranges.go(replace(view, start=start, end=end))
