"""Which markets an asset's price is read from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from analysis.bars import aggregate
from data import queries
from data.lake import Snapshot
from data.tables import INTERVAL_S

#: Exchanges in order of preference: dollar markets before tether markets, which are not quite the same.
EXCHANGES = ("kraken", "coinbase", "bitstamp", "bitfinex", "binance", "okx", "kucoin")
QUOTES = ("USD", "USDT", "USDC")
ASSETS = ("BTC", "ETH")
#: More stored bars than this are not read for one window; the next coarser interval is.
MAX_READ = 2_250
#: A finer series is preferred when it covers at least this share of what the best one covers.
GOOD_COVERAGE = 0.98
#: Widths that bars are joined to when a window of days holds more than queries.MAX_BARS of them.
JOINED_S = tuple(n * 3600 for n in (2, 4, 6, 12)) + tuple(n * 86_400 for n in (2, 3, 7, 14, 28))


def markets(asset: str) -> list[tuple[str, str]]:
    """(exchange, symbol) pairs of an asset, best first."""
    return [(exchange, f"{asset}/{quote}") for quote in QUOTES for exchange in EXCHANGES]


@dataclass(frozen=True)
class Prices:
    """Bars to draw: ``open_time`` … ``volume``, ``source``, ``symbol``; ``bar_s`` is their length."""

    bars: pd.DataFrame
    bar_s: int
    interval: str  # the stored interval they were read from

    @property
    def covered_s(self) -> int:
        return len(self.bars) * self.bar_s

    @property
    def venues(self) -> str:
        """Where the bars are from, oldest first: "kraken BTC/USD, binance BTC/USDT"."""
        named = self.bars["source"] + " " + self.bars["symbol"]
        return ", ".join(dict.fromkeys(named))


def price_window(
    snapshot: Snapshot, asset: str, start: datetime, end: datetime, known_at: datetime | None = None
) -> Prices:
    """An asset's bars over ``[start, end)``, fine enough to draw and at most ``queries.MAX_BARS`` of them.

    The finest stored interval that fits is read; where it covers clearly less of the window than a coarser
    one, that is. Days are joined into longer bars where there are too many.
    """
    window_s = (end - start).total_seconds()
    best: Prices | None = None
    for interval, bar_s in INTERVAL_S.items():
        if window_s / bar_s > MAX_READ and interval != "1d":
            continue
        read = Prices(queries.price_series(snapshot, markets(asset), interval, start, end, known_at), bar_s, interval)
        if best is None or read.covered_s * GOOD_COVERAGE > best.covered_s:
            best = read
        if best.covered_s >= GOOD_COVERAGE * window_s:
            break
    return _joined(best) if len(best.bars) > queries.MAX_BARS else best


def _joined(prices: Prices) -> Prices:
    least = prices.bar_s * math.ceil(len(prices.bars) / queries.MAX_BARS)
    width = next(s for s in JOINED_S if s >= least)
    bars = aggregate(prices.bars, width)
    first = prices.bars.groupby(prices.bars["open_time"].dt.floor(f"{width}s"), sort=True)[["source", "symbol"]].first()
    return Prices(
        bars.assign(source=first["source"].to_numpy(), symbol=first["symbol"].to_numpy()), width, prices.interval
    )
