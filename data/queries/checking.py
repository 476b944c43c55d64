"""What claims are checked against."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from data.queries.engine import frame, listed, quote, run, tables

if TYPE_CHECKING:
    from data.lake import Snapshot

#: Instants as whole microseconds, read without a calendar.
_OPEN_US = "epoch_us(open_time)"


def claim_times(snapshot: Snapshot, start: datetime) -> pd.DataFrame:
    """What claims for a time at or after ``start`` need to be checked, with the ``published_at`` of their article.

    Columns ``article_id``, ``quantity``, ``horizon``, ``as_of``, ``as_of_end``, ``published_at``.
    """
    return frame(
        run(
            """SELECT article_id, c.quantity, c.horizon, c.as_of, c.as_of_end, a.published_at
           FROM {claims} c JOIN {articles} a USING (article_id) WHERE c.as_of_end >= $start""",
            tables(snapshot, "claims", "articles"),
            {"start": start},
        )
    )


def claims_to_check(snapshot: Snapshot, ids: Sequence[str]) -> pd.DataFrame:
    """The claims of these articles, but for their words, with the ``published_at`` of each article."""
    return frame(
        run(
            """SELECT article_id, c.offset, c.quantity, c.asset, c.value, c.unit, c.precision, c.comparator, c.horizon,
                  c.as_of, c.as_of_end, a.published_at
           FROM {claims} c JOIN {articles} a USING (article_id)
           WHERE article_id IN (SELECT unnest($ids)) ORDER BY article_id, c.offset""",
            tables(snapshot, "claims", "articles"),
            {"ids": list(ids)},
        )
    )


def stored_spans(snapshot: Snapshot, symbols: Sequence[str]) -> pd.DataFrame:
    """Which partitions hold bars of these symbols, by market: ``source``, ``symbol``, ``interval``, ``span``."""
    return frame(
        run(
            'SELECT DISTINCT source, symbol, "interval", span FROM {candles} WHERE symbol IN (SELECT unnest($symbols))',
            {"candles": snapshot.source("candles", f"symbol IN ({listed(symbols)})")},
            {"symbols": list(symbols)},
        )
    )


def span_bars(snapshot: Snapshot, symbols: Sequence[str], interval: str, span: str) -> pd.DataFrame:
    """Every bar of one partition, by market, oldest first; ``open_us`` is the open time in microseconds UTC."""
    prune = f'symbol IN ({listed(symbols)}) AND "interval" = {quote(interval)} AND span = {quote(span)}'
    return frame(
        run(
            f"""SELECT source, symbol, {_OPEN_US} AS open_us, open, high, low, close FROM {{candles}}
           WHERE symbol IN (SELECT unnest($symbols)) AND "interval" = $interval AND span = $span
           ORDER BY source, symbol, open_us""",
            {"candles": snapshot.source("candles", prune)},
            {"symbols": list(symbols), "interval": interval, "span": span},
        )
    )


def daily_highs(snapshot: Snapshot, symbols: Sequence[str]) -> pd.DataFrame:
    """The highest price of each market on each UTC day with bars of 1h or 1d.

    Columns ``source``, ``symbol``, ``day`` (its midnight), ``high``.
    """
    prune = f"symbol IN ({listed(symbols)}) AND \"interval\" IN ('1h', '1d')"
    return frame(
        run(
            """SELECT source, symbol, date_trunc('day', open_time) AS day, max(high) AS high FROM {candles}
           WHERE symbol IN (SELECT unnest($symbols)) AND "interval" IN ('1h', '1d') GROUP BY ALL ORDER BY ALL""",
            {"candles": snapshot.source("candles", prune)},
            {"symbols": list(symbols)},
        )
    )


def caps_within(snapshot: Snapshot, asset: str, start: datetime, end: datetime) -> pd.DataFrame:
    """As ``cap_series``, with ``asset_id``: the provider's name for the coin, where several share a symbol."""
    return frame(
        run(
            """SELECT source, definition, asset_id, period_end, market_cap_usd, open_usd, high_usd, low_usd,
                  resolution_s, available_at
           FROM {market_caps} WHERE asset = $asset AND period_end >= $start AND period_end <= $end
           ORDER BY source, definition, period_end""",
            tables(snapshot, "market_caps"),
            {"asset": asset, "start": start, "end": end},
        )
    )


def stated_prices(snapshot: Snapshot, asset: str) -> pd.DataFrame:
    """Prices that came with market caps: ``period_end``, ``price_usd``, ``available_at``."""
    return frame(
        run(
            """SELECT period_end, price_usd, available_at FROM {market_caps}
           WHERE asset = $asset AND price_usd IS NOT NULL ORDER BY period_end""",
            tables(snapshot, "market_caps"),
            {"asset": asset},
        )
    )
