"""Data health: what every source last brought, where series end, and where bars are missing."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis.bars import gaps
from dashboard import cached, widgets, words
from data.lake import Snapshot
from data.status import source_states
from data.tables import INTERVAL_S


def page() -> None:
    widgets.style()
    at = widgets.require_lake()
    now = pd.Timestamp.now("UTC")
    st.subheader("Data health")
    widgets.plain(f"Now {words.when(now)}. All times are UTC.")
    _sources(at, now)
    _series(at, now)
    _runs(at)
    _rejects(at)


def _sources(at: Snapshot, now: pd.Timestamp) -> None:
    widgets.head("Sources")
    states = source_states(cached.health(at, "latest_runs"), now)
    asked = states[states["registered_as"].notna()]
    failing = int((asked["state"] == "failing").sum())
    if (asked["state"] == "never asked").all():
        st.info(
            "No source has been asked yet: this lake holds the embedded sample and what was imported. "
            "Run `newstape refresh` to bring in news and prices."
        )
    elif failing:
        st.warning(f"{failing} of {len(asked)} sources failed at their last try. What they brought before is kept.")
    st.dataframe(
        states,
        hide_index=True,
        alt="Sources and their last runs",
        placeholder="–",
        height="content",
        column_order=["source", "state", "last_success", "lag", "new", "changed", "same", "rejected", "last_error"],
        column_config={
            "source": "Source",
            "state": "State",
            "last_success": _time("Last success"),
            "lag": st.column_config.TextColumn("Lag", help="Since the last success"),
            "new": _count("New"),
            "changed": _count("Changed"),
            "same": _count("Same"),
            "rejected": _count("Rejected"),
            "last_error": st.column_config.TextColumn("Last error", width="large"),
        },
    )
    widgets.download("Sources CSV", lambda: states, "newstape-sources.csv", "csv_sources")


def _series(at: Snapshot, now: pd.Timestamp) -> None:
    widgets.head("Price series")
    coverage = cached.coverage(at)
    if coverage.empty:
        st.info("No prices are stored. `newstape refresh` brings them, `newstape import candles FILE` reads a CSV.")
        return
    rows = [_with_gaps(at, row, now) for row in coverage.itertuples()]
    table = pd.DataFrame(rows)
    st.dataframe(
        table,
        hide_index=True,
        alt="Price series, their ends and gaps",
        placeholder="–",
        height="content",
        column_config={
            "series": "Series",
            "interval": "Bars of",
            "first_open": _time("First bar"),
            "last_open": _time("Last bar"),
            "lag": "Ends before now",
            "bars": st.column_config.NumberColumn("Bars", format="localized"),
            "gaps": st.column_config.NumberColumn("Gaps", help="Spans within the series that hold no bar"),
            "missing": st.column_config.NumberColumn("Bars missing", format="localized"),
            "longest_gap": "Longest gap",
            "longest_at": _time("It begins"),
        },
    )
    widgets.download("Series CSV", lambda: table, "newstape-series.csv", "csv_series")
    widgets.head("Market cap series")
    caps = cached.health(at, "cap_coverage")
    st.dataframe(
        caps,
        hide_index=True,
        alt="Market cap series",
        height="content",
        column_config={
            "source": "Source",
            "definition": "Definition",
            "asset": "Asset",
            "first": _time("First"),
            "last": _time("Last"),
            "points": st.column_config.NumberColumn("Values", format="localized"),
        },
    )
    widgets.head("News")
    st.dataframe(
        cached.health(at, "article_coverage"),
        hide_index=True,
        alt="News by source",
        height="content",
        column_config={
            "source": "Source",
            "first": _time("First published"),
            "last": _time("Last published"),
            "last_seen": _time("Last stored"),
            "articles": st.column_config.NumberColumn("Articles", format="localized"),
        },
    )


def _with_gaps(at: Snapshot, row: object, now: pd.Timestamp) -> dict:
    found = gaps(cached.health(at, "open_times", row.source, row.symbol, row.interval), INTERVAL_S[row.interval])
    longest = found.loc[found["missing"].idxmax()] if len(found) else None
    return {
        "series": f"{row.source} {row.symbol}",
        "interval": row.interval,
        "first_open": row.first_open,
        "last_open": row.last_open,
        "lag": words.span((now - row.last_open).total_seconds()),
        "bars": row.bars,
        "gaps": len(found),
        "missing": int(found["missing"].sum()),
        "longest_gap": words.span(longest["missing"] * INTERVAL_S[row.interval]) if longest is not None else "–",
        "longest_at": longest["gap_start"] if longest is not None else pd.NaT,
    }


def _runs(at: Snapshot) -> None:
    widgets.head("Last runs")
    runs = cached.health(at, "runs")
    st.dataframe(
        runs,
        hide_index=True,
        alt="Last runs",
        placeholder="–",
        height=280,
        column_order=[
            "started_at",
            "source",
            "table_name",
            "new",
            "changed",
            "same",
            "rejected",
            "pages",
            "error",
            "note",
        ],
        column_config={
            "started_at": _time("Started"),
            "source": "Source",
            "table_name": "Table",
            "new": _count("New"),
            "changed": _count("Changed"),
            "same": _count("Same"),
            "rejected": _count("Rejected"),
            "pages": _count("Pages"),
            "error": "Error",
            "note": "Note",
        },
    )
    widgets.download("Runs CSV", lambda: runs, "newstape-runs.csv", "csv_runs")


def _rejects(at: Snapshot) -> None:
    rejects = cached.health(at, "rejects")
    widgets.head(f"Rejects (newest {len(rejects)})" if len(rejects) else "Rejects")
    if rejects.empty:
        widgets.plain("None: every row so far fitted its table.")
        return
    st.dataframe(
        rejects,
        hide_index=True,
        alt="Rejected rows",
        height=220,
        column_order=["started_at", "source", "reason", "excerpt"],
        column_config={
            "started_at": _time("Run"),
            "source": "Source",
            "reason": "Reason",
            "excerpt": st.column_config.TextColumn("What it looked like", width="large"),
        },
    )


def _time(label: str) -> object:
    return st.column_config.DatetimeColumn(label, format="YYYY-MM-DD HH:mm", timezone="UTC")


def _count(label: str) -> object:
    return st.column_config.NumberColumn(label, format="localized")
