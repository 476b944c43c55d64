"""The Story page's time ladder."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import ladder, widgets, words
from data.view import View

CHART = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"]}
COLUMNS = {
    "step": ("Step", 104),
    "when": ("Time", 168),
    "gap": ("After the one before", 128),
    "who": ("Who", 120),
    "source": ("Stated by", 190),
    "note": ("Note", 300),
}


def read_rows(rungs: pd.DataFrame, zone: str) -> pd.DataFrame:
    """The ladder as it is shown: ``COLUMNS`` in words."""
    return pd.DataFrame(
        {
            "step": rungs["step"],
            "when": [_when(rung, zone) for rung in rungs.itertuples()],
            "gap": [words.between(low, high) for low, high in zip(rungs["gap_min_s"], rungs["gap_max_s"], strict=True)],
            "who": rungs["who"],
            "source": rungs["source"],
            "note": rungs["note"],
        }
    )


def _when(rung: object, zone: str) -> str:
    if pd.isna(rung.at):
        return "unknown"
    if rung.precision in ("day", "month", "year"):
        return words.when(rung.at, rung.precision)
    if rung.precision in ("hour", "minute"):
        return words.when(rung.at, zone=zone) + (", to the hour" if rung.precision == "hour" else "")
    return f"{rung.at.tz_convert(zone):%Y-%m-%d %H:%M:%S} {words.zone_name(zone, rung.at)}"


def ladder_summary(rungs: pd.DataFrame) -> str:
    known = rungs["at"].notna().sum()
    text = f"{known} instants known, {len(rungs) - known} unknown. Bars: the time is only known to lie within."
    beyond = ladder.beyond(rungs)
    return f"{text} Far outside, at the edge: {beyond}." if beyond else text


def draw(view: View, articles: pd.DataFrame, mentions: pd.DataFrame) -> None:
    widgets.head("From event to our fetch")
    rungs = ladder.rungs(articles, mentions[mentions["kind"] == "embedded post"], view.known_at)
    disagree = articles[articles["date_conflicts"].notna()]
    if len(disagree):
        quoted = "; ".join(f"{a.publisher}: {words.quoted(a.date_conflicts)}" for a in disagree.itertuples())
        widgets.plain(f"Dates disagree within one article. {quoted}.", "nt-alert")
    summary = ladder_summary(rungs)
    chart, table = st.columns([1, 1.25], gap="medium")
    with chart:
        if rungs["at"].notna().any():
            st.plotly_chart(ladder.figure(rungs, view.zone), key="ladder", alt=summary, config=CHART)
        widgets.plain(summary)
    rows = read_rows(rungs, view.zone)
    with table:
        st.dataframe(
            rows,
            hide_index=True,
            alt="Times of the story, in order",
            placeholder="–",
            height="content" if len(rows) <= 9 else 350,
            column_config={
                name: st.column_config.TextColumn(label, width=width) for name, (label, width) in COLUMNS.items()
            },
        )
        widgets.download("Times CSV", lambda: rungs, "newstape-story-times.csv", "csv_times")
