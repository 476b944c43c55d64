"""Data health: how every source stands, where series end and have gaps, what came of runs, and what was refused."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import cached, freshness, widgets, words
from dashboard.cached import Standing
from dashboard.views import health_runs, health_series, replay
from dashboard.views.health_columns import count, time
from data.view import FIRST_DAY, LAST_DAY, View

#: So many errors stand above the table.
SHOWN = 5


def page() -> None:
    widgets.style()
    at = widgets.require_lake()
    standing = cached.standing(at)
    view = replay.view_of(View(FIRST_DAY, LAST_DAY))
    zone = view.zone
    st.subheader("Data health")
    _lead(standing, zone)
    if view.known_at is not None:
        widgets.plain("The clock in the address changes nothing here: this page is of now.", "nt-alert")
    replay.zone_field(view)
    _sources(standing, zone)
    health_series.prices(at, standing, zone)
    health_series.others(at, zone)
    health_runs.runs(at, zone)
    health_runs.rejects(at, zone)


def _lead(standing: Standing, zone: str) -> None:
    """What an operator wants to know first."""
    widgets.plain(freshness.headline(standing.jobs), "nt-lead")
    files = "" if zone == "UTC" else "; CSV files are in UTC"
    widgets.plain(f"Now {words.when(standing.now, zone=zone)}. All times are {zone}{files}.")
    if standing.trouble:
        widgets.plain(standing.trouble, "nt-alert")
    if freshness.never_asked(standing.jobs):
        st.info(
            "No source has been asked yet: this lake holds the embedded sample and what was imported. "
            "Run `newstape refresh` to bring in news and prices."
        )
    failing = standing.jobs[standing.jobs["state"] == "failing"]
    for job in failing.head(SHOWN).itertuples():
        widgets.plain(f"{job.job}: {job.last_error}", "nt-alert")
    if len(failing) > SHOWN:
        widgets.plain(f"{len(failing) - SHOWN} more fail; the table has their errors.", "nt-alert")


def _sources(standing: Standing, zone: str) -> None:
    widgets.head("Sources")
    rows = freshness.source_rows(standing.states)
    picked = st.dataframe(
        rows,
        key="sources",
        on_select="rerun",
        selection_mode="single-row",
        hide_index=True,
        alt="Sources, what needs attention first",
        placeholder="–",
        height="content" if len(rows) <= 12 else 460,
        column_config={
            "state": st.column_config.TextColumn("State", width=106),
            "source": st.column_config.TextColumn("Source", width=172),
            "chain": st.column_config.TextColumn(
                "Stands in a chain", help="A next one is asked only where the one before fell short", width=172
            ),
            "lag": st.column_config.TextColumn(
                "Last answer", help="And how often the source has something new", width=190
            ),
            "left": st.column_config.TextColumn(
                "Requests left", help="As the source says, else by our own count of this month", width=108
            ),
            "new": count("New"),
            "changed": count("Changed"),
            "same": count("Same"),
            "rejected": count("Rejected"),
            "last_success": time("Last success", rows["last_success"], zone),
            "last_error": st.column_config.TextColumn("Last error", width="large"),
        },
    )["selection"]["rows"]
    if picked and picked[0] < len(rows):
        _source(standing.states.loc[rows.index[picked[0]]], zone)
    else:
        widgets.plain("Tick a row for its error in full, its terms and how to ask it alone.")
    widgets.download("Sources CSV", lambda: standing.states, "newstape-sources.csv", "csv_sources")


def _source(row: pd.Series, zone: str) -> None:
    """One source in full."""
    facts = [
        ("Source", row["source"]),
        ("State", f"{freshness.SIGNS[row['state']]} {row['state']}"),
        ("Last success", words.when(row["last_success"], zone=zone) if pd.notna(row["last_success"]) else "never"),
        ("Last run stored", words.when(row["last_run"], zone=zone) if pd.notna(row["last_run"]) else "none"),
        ("Runs", f"{row['runs']:,}: {row['new']:,} new, {row['changed']:,} changed, {row['rejected']:,} rejected"),
    ]
    if isinstance(row["needs_key"], str):
        facts.append(("Key", f"environment variable {row['needs_key']}, or .streamlit/secrets.toml"))
    if isinstance(row["terms"], str):
        facts.append(("Terms", row["terms"]))
    if row["state"] != "imported":
        facts.append(("Ask it alone", f"newstape refresh --source {row['source']}"))
    widgets.facts(facts)
    if isinstance(row["last_error"], str):
        widgets.plain(row["last_error"], "nt-quote")
