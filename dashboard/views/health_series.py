"""Data health, the series: gap strips of prices, and how far market caps, indicators and news reach."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import cached, strips, widgets, words
from dashboard.cached import Standing
from dashboard.views.health_columns import count, time
from data.lake import Snapshot
from data.tables import INTERVAL_S

SPANS = {"30 days": pd.DateOffset(days=30), "1 year": pd.DateOffset(years=1), "All": None}
KEY = (
    ("present", "present"),
    ("idle", "idle: nothing traded"),
    ("missing", "missing: asked for, none there"),
    ("never", "never asked for"),
)
COLUMNS = {
    "series": "Series",
    "interval": "Bars of",
    "first_open": "First bar",
    "last_open": "Last bar",
    "ends": "Ends before now",
    "bars": "Bars",
    "idle_bars": "Idle",
    "gaps": "Gaps",
    "missing_bars": "Bars missing",
    "longest_gap": "Longest gap",
    "longest_at": "It begins",
    "never_asked": "Never asked",
}


def prices(at: Snapshot, standing: Standing, zone: str) -> None:
    widgets.head("Price series")
    coverage = cached.coverage(at)
    if coverage.empty:
        st.info("No prices are stored. `newstape refresh` brings them, `newstape import candles FILE` reads a CSV.")
        return
    chosen = st.segmented_control(
        "Span",
        list(SPANS),
        default="1 year",
        key="span",
        bind="query-params",
        required=True,
        label_visibility="collapsed",
    )
    length = coverage["interval"].map(INTERVAL_S)
    coverage = coverage.iloc[length.argsort(kind="stable")].sort_values(["symbol", "source"], kind="stable")
    end = standing.now
    start = coverage["first_open"].min() if SPANS[chosen] is None else end - SPANS[chosen]
    shown = {
        (row.source, row.symbol, row.interval): strips.within(
            cached.spans(at, row.source, row.symbol, row.interval, standing), start, end, INTERVAL_S[row.interval]
        )
        for row in coverage.itertuples()
    }
    table = _table(coverage, shown, end)
    summary = _summary(table, chosen)
    widgets.key(KEY)
    st.plotly_chart(
        strips.figure({" ".join(name): spans for name, spans in shown.items()}, start, end, zone),
        key="strips",
        alt=summary,
        config={"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"]},
    )
    widgets.plain(summary)
    times = {name: time(COLUMNS[name], table[name], zone) for name in ("first_open", "last_open", "longest_at")}
    counts = {name: count(COLUMNS[name], 90) for name in ("bars", "idle_bars", "gaps", "missing_bars")}
    st.dataframe(
        table,
        hide_index=True,
        alt="Price series: their ends, and the gaps in the chosen span",
        placeholder="–",
        height="content" if len(table) <= 12 else 460,
        column_config={**COLUMNS, **times, **counts},
    )
    widgets.download("Series CSV", lambda: table, "newstape-series.csv", "csv_series")


def _table(coverage: pd.DataFrame, shown: dict[tuple[str, str, str], pd.DataFrame], now: pd.Timestamp) -> pd.DataFrame:
    """The strips as rows: the first and last bar of each series, and what of it lies in the chosen span."""
    rows = []
    for row in coverage.itertuples():
        measured = strips.measures(shown[row.source, row.symbol, row.interval])
        closed = row.last_open + pd.Timedelta(seconds=INTERVAL_S[row.interval])
        rows.append(
            {
                "series": f"{row.source} {row.symbol}",
                "interval": row.interval,
                "first_open": row.first_open,
                "last_open": row.last_open,
                "ends": words.span((now - closed).total_seconds()),
                **{name: measured[name] for name in ("bars", "idle_bars", "gaps", "missing_bars")},
                "longest_gap": words.span(measured["longest_s"]),
                "longest_at": measured["longest_at"],
                "never_asked": words.span(measured["never asked_s"]) if measured["never asked_s"] else "–",
            }
        )
    table = pd.DataFrame(rows)
    return table.assign(longest_at=pd.to_datetime(table["longest_at"], utc=True))[list(COLUMNS)]


def _summary(table: pd.DataFrame, chosen: str) -> str:
    holed, unasked = table[table["gaps"] > 0], table[table["never_asked"] != "–"]
    span = "All that is stored" if chosen == "All" else f"The last {chosen.removeprefix('1 ')}"
    lacking = (
        f"{len(holed)} of {len(table)} series lack bars that were asked for ({table['missing_bars'].sum():,} in all)"
        if len(holed)
        else "no series lacks a bar that was asked for"
    )
    never = f"; {len(unasked)} have spans that were never asked for" if len(unasked) else ""
    return f"{span}: {lacking}{never}. What is very short is drawn longer than it is; the table has the figures."


def others(at: Snapshot, zone: str) -> None:
    """Market caps, indicators and news: one table each."""
    widgets.head("Market cap series")
    _reach(
        cached.health(at, "cap_coverage"),
        "Market cap series",
        {"source": "Source", "definition": "Definition", "asset": "Asset"},
        "No market cap is stored. `newstape refresh` brings the total.",
        zone,
    )
    widgets.head("Indicators")
    _reach(
        cached.health(at, "indicator_coverage"),
        "Indicators",
        {"source": "Source", "name": "Series", "value": "Newest value", "label": "In the source's words"},
        "No indicator is stored.",
        zone,
    )
    widgets.head("News")
    _reach(
        cached.health(at, "article_coverage"),
        "News by source",
        {"source": "Source"},
        "No news is stored. `newstape refresh` brings it.",
        zone,
    )


def _reach(rows: pd.DataFrame, title: str, named: dict[str, str], empty: str, zone: str) -> None:
    if rows.empty:
        widgets.plain(empty)
        return
    times = {"first": "First", "last": "Last", "last_seen": "Last stored"}
    counts = {"points": "Values", "articles": "Articles"}
    st.dataframe(
        rows,
        hide_index=True,
        alt=title,
        placeholder="–",
        height="content" if len(rows) <= 12 else 460,
        column_config={
            **named,
            **{name: time(label, rows[name], zone) for name, label in times.items() if name in rows},
            **{name: count(label) for name, label in counts.items()},
        },
    )
