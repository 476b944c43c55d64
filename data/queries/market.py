"""Candles and market caps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from data.queries.engine import frame, listed, quote, run, tables
from data.tables import INTERVAL_S

if TYPE_CHECKING:
    from data.lake import Snapshot


#: A chart window reads at most about this many bars a series.
MAX_BARS = 2000


def _spans(interval: str, start: datetime, end: datetime) -> list[str]:
    """The partitions a window of this interval lies in (see ``data.candles.with_span``)."""
    if interval == "1m":
        months = pd.period_range(pd.Timestamp(start).tz_convert(None), pd.Timestamp(end).tz_convert(None), freq="M")
        return [str(month) for month in months]
    if interval in ("5m", "1h"):
        return [str(year) for year in range(start.year, end.year + 1)]
    return ["all"]


def series(snapshot: Snapshot, source: str, symbol: str, interval: str, start: datetime, end: datetime) -> pd.DataFrame:
    """One stored series over ``[start, end)``: ``open_time`` and the five figures, oldest first."""
    prune = (
        f'symbol = {quote(symbol)} AND "interval" = {quote(interval)} '
        f"AND span IN ({listed(_spans(interval, start, end))})"
    )
    return frame(
        run(
            """SELECT open_time, open, high, low, close, volume, derived_from FROM {candles}
           WHERE source = $source AND symbol = $symbol AND interval = $interval
             AND open_time >= $start AND open_time < $end
           ORDER BY open_time""",
            {"candles": snapshot.source("candles", prune)},
            {"source": source, "symbol": symbol, "interval": interval, "start": start, "end": end},
        )
    )


def price_series(
    snapshot: Snapshot,
    markets: Sequence[tuple[str, str]],
    interval: str,
    start: datetime,
    end: datetime,
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """An asset's bars over ``[start, end)``, each from the first of ``markets`` that has it.

    ``markets``: (source, symbol) pairs in order of preference. Returns the figures with the ``source`` and
    ``symbol`` of every bar, oldest first; only bars that were closed at ``known_at``.
    """
    symbols = sorted({symbol for _, symbol in markets})
    prune = (
        f'symbol IN ({listed(symbols)}) AND "interval" = {quote(interval)} '
        f"AND span IN ({listed(_spans(interval, start, end))})"
    )
    ranks = " ".join(
        f"WHEN source = {quote(source)} AND symbol = {quote(symbol)} THEN {rank}"
        for rank, (source, symbol) in enumerate(markets)
    )
    last_open = min(end, known_at - pd.Timedelta(seconds=INTERVAL_S[interval] - 1e-6)) if known_at else end
    return frame(
        run(
            f"""WITH ranked AS (
              SELECT *, CASE {ranks} END AS rank FROM {{candles}}
              WHERE interval = $interval AND open_time >= $start AND open_time < $end)
            SELECT open_time, open, high, low, close, volume, source, symbol FROM ranked
            WHERE rank IS NOT NULL
            QUALIFY row_number() OVER (PARTITION BY open_time ORDER BY rank) = 1
            ORDER BY open_time""",
            {"candles": snapshot.source("candles", prune)},
            {"interval": interval, "start": start, "end": last_open},
        )
    )


def partition_bars(snapshot: Snapshot, symbols: Sequence[str], interval: str, span: str) -> pa.Table:
    """Every bar of some symbols in one partition span: ``open_time``, the five figures, ``source``, ``symbol``."""
    where = f'symbol IN ({listed(symbols)}) AND "interval" = {quote(interval)} AND span = {quote(span)}'
    return run(
        f"SELECT open_time, open, high, low, close, volume, source, symbol FROM {{candles}} WHERE {where}",
        {"candles": snapshot.source("candles", where)},
    )


def coverage(snapshot: Snapshot, interval: str | None = None) -> pd.DataFrame:
    """Every stored series: ``source``, ``symbol``, ``interval``, ``first_open``, ``last_open``, ``bars``."""
    prune = f'"interval" = {quote(interval)}' if interval else ""
    return frame(
        run(
            """SELECT source, symbol, interval, min(open_time) AS first_open, max(open_time) AS last_open,
                  count(*) AS bars
           FROM {candles} GROUP BY ALL ORDER BY symbol, source, last_open""",
            {"candles": snapshot.source("candles", prune)},
        )
    )


def cap_series(
    snapshot: Snapshot, asset: str, start: datetime, end: datetime, known_at: datetime | None = None
) -> pd.DataFrame:
    """Every source's and definition's market cap of an asset with ``period_end`` in ``[start, end]``.

    Columns ``source``, ``definition``, ``asset``, ``period_end``, ``market_cap_usd``, ``open_usd``,
    ``high_usd``, ``low_usd``, ``resolution_s``, ``available_at``; by definition, oldest first.
    """
    return frame(
        run(
            """SELECT source, definition, asset, period_end, market_cap_usd, open_usd, high_usd, low_usd,
                  resolution_s, available_at
           FROM {market_caps}
           WHERE asset = $asset AND period_end >= $start AND period_end <= $end
             AND ($known_at IS NULL OR available_at <= $known_at)
           ORDER BY source, definition, period_end""",
            tables(snapshot, "market_caps"),
            {"asset": asset, "start": start, "end": end, "known_at": known_at},
        )
    )
