"""Data health, the ledger: the last runs, and what was refused and why."""

from __future__ import annotations

import streamlit as st

from dashboard import cached, widgets
from dashboard.views.health_columns import count, time
from data.lake import Snapshot


def runs(at: Snapshot, zone: str) -> None:
    widgets.head("Last runs")
    rows = cached.health(at, "runs")
    if rows.empty:
        widgets.plain("None yet. A run that finds nothing new is not listed; the sources above say when it was made.")
        return
    st.dataframe(
        rows,
        hide_index=True,
        alt="Last runs",
        placeholder="–",
        height="content" if len(rows) <= 8 else 320,
        column_order=["started_at", "source", "table_name", *_COUNTS, "error", "note"],
        column_config={
            "started_at": time("Started", rows["started_at"], zone),
            "source": st.column_config.TextColumn("Source", width=150),
            "table_name": st.column_config.TextColumn("Table", width=100),
            **{name: count(name.capitalize(), 78) for name in _COUNTS},
            "error": st.column_config.TextColumn("Error", width=320),
            "note": st.column_config.TextColumn("Note", width=420),
        },
    )
    widgets.plain("A run that found nothing new is not listed; the sources above say when one was made.")
    widgets.download("Runs CSV", lambda: rows, "newstape-runs.csv", "csv_runs")


_COUNTS = ("new", "changed", "same", "rejected", "pages")


def rejects(at: Snapshot, zone: str) -> None:
    widgets.head("Rejects")
    reasons, rows = cached.health(at, "reject_reasons"), cached.health(at, "rejects")
    if reasons.empty:
        widgets.plain("None: every row so far fitted its table.")
        return
    st.dataframe(
        reasons,
        hide_index=True,
        alt="Rejects by source and reason",
        height="content" if len(reasons) <= 8 else 320,
        column_config={
            "source": st.column_config.TextColumn("Source", width=150),
            "reason": st.column_config.TextColumn("Reason", width=320),
            "rejects": count("Rejects", 78),
            "runs": count("In runs", 78),
            "last_at": time("Last", reasons["last_at"], zone),
            "example": st.column_config.TextColumn("Newest example", width=420),
        },
    )
    with st.expander(f"The newest {len(rows):,} of {reasons['rejects'].sum():,}, one by one"):
        st.dataframe(
            rows,
            hide_index=True,
            alt="Rejected rows",
            height=260,
            column_order=["started_at", "source", "reason", "excerpt"],
            column_config={
                "started_at": time("Run", rows["started_at"], zone),
                "source": st.column_config.TextColumn("Source", width=150),
                "reason": st.column_config.TextColumn("Reason", width=320),
                "excerpt": st.column_config.TextColumn("What it looked like", width=420),
            },
        )
    widgets.download("Rejects CSV", lambda: rows, "newstape-rejects.csv", "csv_rejects")
