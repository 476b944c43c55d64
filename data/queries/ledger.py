"""Runs, rejects, and how far each series reaches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.records import Window
from data.queries.engine import frame, listed, quote, run, tables
from data.tables import INTERVAL_S

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


def last_rejects(snapshot: Snapshot, source: str) -> pd.DataFrame:
    """``reason`` and ``excerpt`` of what a source's newest run refused."""
    return frame(
        run(
            """SELECT x.reason, x.excerpt FROM {rejects} x
           WHERE x.source = $source AND x.run_id = (
             SELECT last(run_id ORDER BY finished_at) FROM {runs} WHERE source = $source)""",
            tables(snapshot, "rejects", "runs"),
            {"source": source},
        )
    )


def reject_reasons(snapshot: Snapshot) -> pd.DataFrame:
    """One row a ``source`` and ``reason``, the commonest first.

    ``rejects``: how many, of how many ``runs``; ``last_at`` and the newest ``example``.
    """
    return frame(
        run(
            """SELECT x.source, x.reason, count(*) AS rejects, count(DISTINCT x.run_id) AS runs,
                  max(r.started_at) AS last_at, last(x.excerpt ORDER BY r.started_at, x.n DESC) AS example
           FROM {rejects} x JOIN {runs} r USING (run_id, source)
           GROUP BY x.source, x.reason ORDER BY rejects DESC, x.source, x.reason""",
            tables(snapshot, "rejects", "runs"),
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


def has_live_news(snapshot: Snapshot) -> bool:
    """Whether any article was seen when it came out, and not taken from an archive."""
    found = run("SELECT 1 FROM {articles} WHERE NOT known_at_assumed LIMIT 1", tables(snapshot, "articles"))
    return found.num_rows > 0


def indicator_coverage(snapshot: Snapshot) -> pd.DataFrame:
    """Every indicator: ``source``, ``name``, first, last, number of values, and the newest one with its label."""
    return frame(
        run(
            """SELECT source, name, min(period_end) AS first, max(period_end) AS last, count(*) AS points,
                  last(value ORDER BY period_end) AS value, last(label ORDER BY period_end) AS label
           FROM {indicators} GROUP BY source, name ORDER BY name, source""",
            tables(snapshot, "indicators"),
        )
    )


def bar_runs(snapshot: Snapshot, source: str, symbol: str, interval: str) -> pd.DataFrame:
    """One series as unbroken runs of bars: ``start``, ``end`` (close of the last), ``idle`` and ``bars``; in order.

    ``idle``: nothing was traded, the volume is zero. A run ends at a gap and where trading stops or begins.
    """
    prune = f'symbol = {quote(symbol)} AND "interval" = {quote(interval)}'
    # Sorting and comparing neighbours take DuckDB three times as long as reading 2.6 million bars does.
    read = run(
        """SELECT epoch_us(open_time) AS at, coalesce(volume = 0, false) AS idle FROM {candles}
           WHERE source = $source AND symbol = $symbol AND interval = $interval""",
        {"candles": snapshot.source("candles", prune)},
        {"source": source, "symbol": symbol, "interval": interval},
    )
    at, idle, step = read["at"].to_numpy(), read["idle"].to_numpy(), INTERVAL_S[interval] * 1_000_000
    order = np.argsort(at, kind="stable")
    at, idle = at[order], idle[order]
    breaks = np.flatnonzero((np.diff(at) != step) | (idle[1:] != idle[:-1])) + 1
    first = np.concatenate([[0], breaks]).astype(int) if len(at) else np.array([], dtype=int)
    last = np.concatenate([breaks, [len(at)]])[: len(first)].astype(int) - 1
    instants = {"start": at[first], "end": at[last] + step}
    return pd.DataFrame(
        {name: pd.to_datetime(us, unit="us", utc=True).astype("datetime64[us, UTC]") for name, us in instants.items()}
        | {"idle": idle[first], "bars": last - first + 1}
    )


def asked_spans(snapshot: Snapshot, sources: Sequence[str]) -> pd.DataFrame:
    """``covered`` of several sources that feed one series, joined where they touch: ``start``, ``end``; in order."""
    if not sources:
        return pd.DataFrame({name: pd.Series(dtype="datetime64[us, UTC]") for name in ("start", "end")})
    return frame(
        run(
            f"""WITH windows AS (
             SELECT window_start, window_end, max(window_end) OVER (
               ORDER BY window_start, window_end ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
             FROM {{runs}} WHERE source IN ({listed(sources)}) AND error IS NULL AND window_start < window_end),
           islands AS (
             SELECT *, sum((reached IS NULL OR reached < window_start)::INT) OVER (
               ORDER BY window_start, window_end) AS island
             FROM windows)
           SELECT min(window_start) AS start, max(window_end) AS "end" FROM islands GROUP BY island ORDER BY start""",
            tables(snapshot, "runs"),
        )
    )


def covered(snapshot: Snapshot, source: str) -> list[Window]:
    """The spans a source was asked for and answered completely, in order; they may overlap."""
    found = frame(
        run(
            """SELECT window_start, window_end FROM {runs}
           WHERE source = $source AND error IS NULL AND window_start < window_end ORDER BY window_start, window_end""",
            tables(snapshot, "runs"),
            {"source": source},
        )
    )
    return [Window(a.to_pydatetime(), b.to_pydatetime()) for a, b in found.itertuples(index=False)]


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
