"""What the timeline shows and how, as controls: each reflects the address, and writes to it when it is changed."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pandas as pd
import streamlit as st

from dashboard import cached
from dashboard.views import ranges, replay
from data.reading import Reading, Stored, hour_after
from data.view import LANES, PANELS, SCALES, STYLES, View

PRESETS = {
    "1D": pd.DateOffset(days=1),
    "1W": pd.DateOffset(weeks=1),
    "1M": pd.DateOffset(months=1),
    "3M": pd.DateOffset(months=3),
    "1Y": pd.DateOffset(years=1),
    "5Y": pd.DateOffset(years=5),
    "All": None,
}
PANEL_NAMES = {
    "price": "Price",
    "volume": "Volume",
    "caps": "Total market cap",
    "dominance": "Dominance",
    "news": "News lanes",
    "notes": "Notes",
}
SEARCH = "Search titles, people, places, publishers"
RANGE_HELP = "Up to the newest price stored; All: every story too. On the chart: drag to move, wheel to zoom"
SCALE_NAMES = {"auto": "Log over 3×", "log": "Log", "linear": "Linear"}


def current(reading: Reading, *, tell: bool = True) -> View:
    """The view the address names; ``tell`` says what of it could not be read."""
    return replay.view_of(reading.opening(replay.clock()), tell=tell)


# ── range ─────────────────────────────────────────────────────────────────────────────────────────────


def range_controls(reading: Reading, view: View) -> None:
    ranges.controls(view, _spans(reading.stored(view.known_at)), "chart", "table", told=RANGE_HELP)


@lru_cache(100)
def _spans(stored: Stored) -> dict[str, ranges.Range]:
    """Back from the newest price, as that is what stories are set beside; "All" is all that is stored."""
    end = hour_after(stored.last_price)  # the last bar opens there
    every = stored.first.floor("D"), hour_after(stored.last)
    return {name: every if back is None else (end - back, end) for name, back in PRESETS.items()}


def shown_range(reading: Reading, start: pd.Timestamp, end: pd.Timestamp, *fragments: str) -> None:
    ranges.go(replace(current(reading, tell=False), start=start, end=end), *fragments)


def choose(reading: Reading, story_id: str | None, *fragments: str) -> None:
    ranges.go(replace(current(reading, tell=False), story=story_id), *fragments)


# ── what and how ──────────────────────────────────────────────────────────────────────────────────────


def controls(reading: Reading, view: View) -> None:
    """Asset and search, with the filters and how the chart is drawn behind buttons. Call within a row."""
    can = cached.choices(reading, view.known_at)
    st.selectbox("Asset", with_(can.priced, view.asset), **_bound(reading, view, "asset"), width=105)
    st.text_input(
        SEARCH,
        **_bound(reading, view, "search"),
        placeholder="for example: El Salvador",
        icon=":material/search:",
        max_chars=200,
        width=300,
    )
    filters = {"topics": ("Topic", can.topics), "about": ("About asset", can.about), "sources": ("Source", can.sources)}
    held = any(getattr(view, field) for field in filters)
    with st.popover("Filters", icon=":material/filter_alt:", type="primary" if held else "secondary", key="filters"):
        for field, (label, values) in filters.items():
            st.multiselect(label, with_(values, *getattr(view, field)), **_bound(reading, view, field), width=300)
        if held:
            st.button("Clear", key="clear_filters", on_click=_clear, args=(reading,), type="tertiary")
    with st.popover("Chart", icon=":material/tune:", key="drawing"):
        _drawing(reading, view, can)


def _clear(reading: Reading) -> None:
    ranges.go(replace(current(reading, tell=False), topics=(), about=(), sources=()))


def _drawing(reading: Reading, view: View, can: cached.Choices) -> None:
    for label, field, values, name in (
        ("Price as", "style", STYLES, str.capitalize),
        ("Scale", "scale", SCALES, SCALE_NAMES.get),
        ("News lanes by", "lanes", LANES, str.capitalize),
    ):
        st.segmented_control(label, values, **_bound(reading, view, field), required=True, format_func=name)
    others = [asset for asset in with_(can.priced, *view.compare) if asset != view.asset]
    st.multiselect("Compare with (all from 100)", others, **_bound(reading, view, "compare"))
    st.multiselect("Total market cap of", with_(can.totals, *view.totals), **_bound(reading, view, "totals"))
    st.pills("Panels", PANELS, selection_mode="multi", **_bound(reading, view, "panels"), format_func=PANEL_NAMES.get)


def with_(values: list[str] | tuple[str, ...], *more: str) -> list[str]:
    """The values, and those the address names that are not among them, so that a control can show what holds."""
    return [*values, *(value for value in more if value not in values)]


def _bound(reading: Reading, view: View, field: str) -> dict[str, object]:
    """What ties a control to a field of the view: a key whose value is what the address says, and what writes it there.

    A control in a shut popover is not told of a change made elsewhere, and would be sent again as it was: it gets
    another key.
    """
    value = getattr(view, field)
    value = list(value) if isinstance(value, tuple) else value
    told, turns = st.session_state.get(f"{field}_told", (value, 0))
    turns += told != value
    st.session_state[f"{field}_told"] = value, turns
    key = f"{field}_{turns}" if turns else field
    st.session_state[key] = value
    return {"key": key, "on_change": _write, "args": (reading, field, key)}


def _write(reading: Reading, field: str, key: str) -> None:
    value = st.session_state[key]
    if field == "panels":
        value = [name for name in PANELS if name in value]
    st.session_state[f"{field}_told"] = value, st.session_state[f"{field}_told"][1]
    view = replace(current(reading, tell=False), **{field: tuple(value) if isinstance(value, list) else value})
    ranges.go(replace(view, compare=tuple(asset for asset in view.compare if asset != view.asset)))
