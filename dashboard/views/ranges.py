"""The range of a chart as controls: presets, and the days it touches. They write the address, which holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache

import pandas as pd
import streamlit as st

from dashboard import words
from dashboard.views import replay
from data.view import FIRST_DAY, LAST_DAY, View, params

Range = tuple[pd.Timestamp, pd.Timestamp]

#: What an address need not say; its range, which is never this one, it always says.
_PLAIN = View(LAST_DAY, LAST_DAY)
_INSTANT = pd.Timedelta(microseconds=1)


@lru_cache(1000)
def said(view: View) -> dict[str, list[str]]:
    """The address of a view, as short as it can be."""
    return params(view, _PLAIN)


def go(view: View, *fragments: str) -> None:
    """Show a view from now on: the address says it whole. Of the page, only the fragments named are drawn again, or,
    where none is named, what the widget stands in. For callbacks."""
    st.query_params.from_dict(said(view))
    if fragments:
        st.rerun(list(fragments))


def controls(view: View, ranges: Mapping[str, Range], *fragments: str, prefix: str = "", told: str = "") -> None:
    """``ranges``: of the presets, by name. ``fragments``: what draws the range. ``prefix``: of the widgets' keys.

    The range itself may be finer than days, as the chart was moved: the days are those it touches.
    """
    state, keys = st.session_state, {name: prefix + name for name in ("preset", "from", "to")}
    state[keys["preset"]] = next((name for name, span in ranges.items() if span == (view.start, view.end)), None)
    state[keys["from"]] = view.start.tz_convert(view.tz).date()
    state[keys["to"]] = (view.end - _INSTANT).tz_convert(view.tz).date()
    low, high = FIRST_DAY.date(), (pd.Timestamp.now("UTC") + pd.DateOffset(years=2)).date()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"{prefix}range"):
        st.segmented_control(
            "Range",
            list(ranges),
            key=keys["preset"],
            on_change=_preset_picked,
            args=(view, dict(ranges), keys["preset"], fragments),
            help=told,
        )
        for label, name in ((f"From ({words.zone_name(view.zone, view.start)})", "from"), ("To, included", "to")):
            st.date_input(
                label,
                min_value=min(low, state[keys[name]]),
                max_value=max(high, state[keys[name]]),
                key=keys[name],
                on_change=_days_picked,
                args=(view, keys["from"], keys["to"], fragments),
                width=140,
                format="YYYY-MM-DD",
            )


def _preset_picked(view: View, ranges: dict[str, Range], key: str, fragments: tuple[str, ...]) -> None:
    name = st.session_state[key]
    if name is not None:  # the one pressed again stays pressed
        start, end = ranges[name]
        go(replace(view, start=start, end=end), *fragments)


def _days_picked(view: View, from_key: str, to_key: str, fragments: tuple[str, ...]) -> None:
    begin, until = st.session_state[from_key], st.session_state[to_key]
    if begin is None or until is None:
        return
    if begin > until:  # the day just picked holds; the other comes along
        begin, until = (begin, begin) if begin != view.start.tz_convert(view.tz).date() else (until, until)
    start, end = (replay.day_start(day, view.zone) for day in (begin, until + timedelta(days=1)))
    go(replace(view, start=start, end=end), *fragments)
