"""What the timeline shows and how, as controls: each reflects the address, and writes to it when it is changed."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from dashboard import cached
from dashboard.views import ranges, replay
from data.reading import Reading
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
_INSTANT = pd.Timedelta(microseconds=1)


def current(reading: Reading, *, tell: bool = True) -> View:
    """The view the address names; ``tell`` says what of it could not be read."""
    clock = replay.clock()
    stored = reading.stored(clock)
    return replay.view_of(View(stored.first_price.floor("D"), _end(stored.last)), tell=tell)


# ── range ─────────────────────────────────────────────────────────────────────────────────────────────


def range_controls(reading: Reading, view: View) -> None:
    spans = {name: preset_range(reading, view, name) for name in PRESETS}
    ranges.controls(view, spans, "chart", "table", told=RANGE_HELP)


def preset_range(reading: Reading, view: View, name: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Back from the newest price, as that is what stories are set beside; "All" is all that is stored."""
    stored, back = reading.stored(view.known_at), PRESETS[name]
    if back is None:
        return stored.first.floor("D"), _end(stored.last)
    end = _end(stored.last_price)  # the last bar opens there
    return end - back, end


def _end(last: pd.Timestamp) -> pd.Timestamp:
    """The first full hour after the last instant that is to be shown."""
    return (last + _INSTANT).ceil("h")


def shown_range(reading: Reading, start: pd.Timestamp, end: pd.Timestamp, *fragments: str) -> None:
    ranges.go(replace(current(reading, tell=False), start=start, end=end), *fragments)


def choose(reading: Reading, story_id: str | None, *fragments: str) -> None:
    ranges.go(replace(current(reading, tell=False), story=story_id), *fragments)


# ── what and how ──────────────────────────────────────────────────────────────────────────────────────


def controls(reading: Reading, view: View) -> None:
    """Asset and search, with the filters and how the chart is drawn behind buttons. Call within a row."""
    can = cached.choices(reading, view.known_at)
    _reflect("asset", view.asset)
    st.selectbox(
        "Asset", with_(can.priced, view.asset), key="asset", on_change=_write, args=(reading, "asset"), width=105
    )
    _reflect("search", view.search)
    st.text_input(
        SEARCH,
        key="search",
        on_change=_write,
        args=(reading, "search"),
        placeholder="for example: El Salvador",
        icon=":material/search:",
        max_chars=200,
        width=300,
    )
    filters = {"topics": can.topics, "about": can.about, "sources": can.sources}
    held = sum(bool(getattr(view, field)) for field in filters)
    # A popover's label is its identity: it is closed when that changes, so it counts beside it.
    with st.popover("Filters", icon=":material/filter_alt:", type="primary" if held else "secondary", key="filters"):
        for label, (field, values) in zip(("Topic", "About asset", "Source"), filters.items(), strict=True):
            chosen = getattr(view, field)
            _reflect(field, list(chosen))
            st.multiselect(label, with_(values, *chosen), key=field, on_change=_write, args=(reading, field), width=300)
        if held:
            st.button("Clear", key="clear_filters", on_click=_clear, args=(reading,), type="tertiary")
    with st.popover("Chart", icon=":material/tune:", key="drawing"):
        _drawing(reading, view, can)


def _clear(reading: Reading) -> None:
    ranges.go(replace(current(reading, tell=False), topics=(), about=(), sources=()))


def _drawing(reading: Reading, view: View, can: cached.Choices) -> None:
    def pick(label: str, field: str, values: tuple[str, ...], name=str) -> None:
        _reflect(field, getattr(view, field))
        st.segmented_control(
            label, values, key=field, on_change=_write, args=(reading, field), required=True, format_func=name
        )

    pick("Price as", "style", STYLES, str.capitalize)
    pick("Scale", "scale", SCALES, SCALE_NAMES.get)
    pick("News lanes by", "lanes", LANES, str.capitalize)
    others = [asset for asset in with_(can.priced, *view.compare) if asset != view.asset]
    for label, field, values in (
        ("Compare with (all from 100)", "compare", others),
        ("Total market cap of", "totals", with_(can.totals, *view.totals)),
    ):
        _reflect(field, list(getattr(view, field)))
        st.multiselect(label, values, key=field, on_change=_write, args=(reading, field))
    _reflect("panels", list(view.panels))
    st.pills(
        "Panels",
        PANELS,
        selection_mode="multi",
        key="panels",
        on_change=_write,
        args=(reading, "panels"),
        format_func=PANEL_NAMES.get,
    )


def with_(values: list[str] | tuple[str, ...], *more: str) -> list[str]:
    """The values, and those the address names that are not among them, so that a control can show what holds."""
    return [*values, *(value for value in more if value not in values)]


def _reflect(key: str, value: object) -> None:
    st.session_state[key] = value


def _write(reading: Reading, field: str) -> None:
    value = st.session_state[field]
    if field == "panels":
        value = tuple(name for name in PANELS if name in value)
    elif isinstance(value, list):
        value = tuple(value)
    view = replace(current(reading, tell=False), **{field: value})
    ranges.go(replace(view, compare=tuple(asset for asset in view.compare if asset != view.asset)))
