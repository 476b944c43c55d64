"""Runs, rejects, and how far each series reaches."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from data.queries.engine import frame, quote, run, tables

if TYPE_CHECKING:
    from data.lake import Snapshot


def latest_runs(snapshot: Snapshot) -> pd.DataFrame:
    """One row a source: its last run, its last success, and what that brought."""
    return frame(
        run(
            """SELECT source, any_value(table_name) AS table_name,
                  max(finished_at) FILTER (error IS NULL) AS last_success, max(finished_at) AS last_run,
                  last(error ORDER BY finished_at) AS last_error,
                  sum(new) AS new, sum(changed) AS changed, sum(same) AS same, sum(rejected) AS rejected,
                  count(*) AS runs
           FROM {runs} GROUP BY source ORDER BY source""",
            tables(snapshot, "runs"),
        )
    )


def runs(snapshot: Snapshot, limit: int = 200) -> pd.DataFrame:
    """The newest runs, newest first."""
    return frame(
        run(
            "SELECT * FROM {runs} ORDER BY started_at DESC, run_id, source LIMIT $limit",
            tables(snapshot, "runs"),
            {"limit": limit},
        )
    )


def rejects(snapshot: Snapshot, limit: int = 200) -> pd.DataFrame:
    """The newest rejects with the time of their run, newest first."""
    return frame(
        run(
            """SELECT r.started_at, x.source, x.reason, x.excerpt, x.run_id, x.n
           FROM {rejects} x JOIN {runs} r USING (run_id, source)
           ORDER BY r.started_at DESC, x.run_id, x.source, x.n LIMIT $limit""",
            tables(snapshot, "rejects", "runs"),
            {"limit": limit},
        )
    )


def cap_coverage(snapshot: Snapshot) -> pd.DataFrame:
    """Every market cap series: ``source``, ``definition``, ``asset``, first, last and number of values."""
    return frame(
        run(
            """SELECT source, definition, asset, min(period_end) AS first, max(period_end) AS last, count(*) AS points
           FROM {market_caps} GROUP BY ALL ORDER BY asset, source, definition""",
            tables(snapshot, "market_caps"),
        )
    )


def article_coverage(snapshot: Snapshot) -> pd.DataFrame:
    """Every news source: first and last publication, first seen, and number of articles."""
    return frame(
        run(
            """SELECT source, min(published_at) AS first, max(published_at) AS last, max(first_seen_at) AS last_seen,
                  count(*) AS articles
           FROM {articles} GROUP BY source ORDER BY source""",
            tables(snapshot, "articles"),
        )
    )


def open_times(snapshot: Snapshot, source: str, symbol: str, interval: str) -> pd.Series:
    """The bar opens of one series, in order."""
    prune = f'symbol = {quote(symbol)} AND "interval" = {quote(interval)}'
    return frame(
        run(
            """SELECT open_time FROM {candles} WHERE source = $source AND symbol = $symbol AND interval = $interval
           ORDER BY open_time""",
            {"candles": snapshot.source("candles", prune)},
            {"source": source, "symbol": symbol, "interval": interval},
        )
    )["open_time"]


def cursor(snapshot: Snapshot, source: str) -> datetime | None:
    """Where the next incremental pull of a source begins; None when it never succeeded."""
    found = frame(
        run(
            "SELECT max(cursor) AS at FROM {runs} WHERE source = $source AND error IS NULL",
            tables(snapshot, "runs"),
            {"source": source},
        )
    )["at"].iloc[0]
    return None if pd.isna(found) else found.to_pydatetime()


def row_count(snapshot: Snapshot, table: str) -> int:
    return run(f"SELECT count(*) AS n FROM {{{table}}}", tables(snapshot, table))["n"][0].as_py()
