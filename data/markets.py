"""Which markets an asset's price is read from, and its bars over any range, at a width that can be drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property

import numpy as np
import pandas as pd

from data import queries
from data.bar_blocks import FIGURES, AssetBars, Bars
from data.queries.timeline_index import NOW, micro
from data.snapshot import Snapshot
from data.tables import INTERVAL_S

#: Exchanges in order of preference: dollar markets before tether markets, which are not quite the same.
EXCHANGES = ("kraken", "coinbase", "bitstamp", "bitfinex", "binance", "okx", "kucoin")
QUOTES = ("USD", "USDT", "USDC")
ASSETS = ("BTC", "ETH")
#: A wider interval is preferred when a finer one covers less than this share of what it covers.
GOOD_COVERAGE = 0.98
_DAY = 86_400
#: Widths that bars are drawn in. Each is whole bars of the widest stored interval within it, and at most 2.5 times the
#: one before, so that a range inside a series has between 800 and ``queries.MAX_BARS`` bars.
WIDTHS_S = (
    *(60, 120, 300, 600, 900, 1800),
    *(3600 * hours for hours in (1, 2, 3, 4, 6, 8, 12)),
    *(_DAY * days for days in (1, 2, 3, 7, 14, 28, 56)),
)
_US = 1_000_000
_EVER = np.iinfo(np.int64).min // 2


def markets(asset: str) -> list[tuple[str, str]]:
    """(exchange, symbol) pairs of an asset, best first."""
    return [(exchange, f"{asset}/{quote}") for quote in QUOTES for exchange in EXCHANGES]


@dataclass(frozen=True)
class Prices:
    """Bars to draw, each from one of the markets ``of``; ``bar_s`` is their length."""

    read: Bars
    of: tuple[tuple[str, str], ...]
    bar_s: int
    interval: str  # the stored interval they were read from

    @cached_property
    def bars(self) -> pd.DataFrame:
        """Columns ``open_time`` … ``volume``, ``source``, ``symbol``."""
        opened = pd.Series(self.read.opens.view("datetime64[us]")).dt.tz_localize("UTC")
        named = zip(("source", "symbol"), _names(self.of), strict=True)
        names = {name: values.take(self.read.market) for name, values in named}
        return pd.DataFrame({"open_time": opened, **dict(zip(FIGURES, self.read.figures, strict=True)), **names})

    @cached_property
    def venues(self) -> str:
        """Where the bars are from, oldest first: "kraken BTC/USD, binance BTC/USDT"."""
        return ", ".join(" ".join(self.of[place]) for place in dict.fromkeys(self.read.market.tolist()))


def price_window(
    snapshot: Snapshot,
    asset: str,
    start: datetime,
    end: datetime,
    known_at: datetime | None = None,
    *,
    least_s: int = 0,
) -> Prices:
    """An asset's bars that open within ``[start, end)``: as fine as can be, and at most ``queries.MAX_BARS``.

    Bars are of a round width, ``least_s`` or more, joined from the widest stored ones within it; where a wider interval
    covers clearly more of the range, its bars are shown. A bar that was not over when the series ended, or at the
    clock, is left out. Each stored bar is from the first of ``markets`` that has it.

    Bars are held in memory (see ``data.bar_blocks``): a range that is asked for again takes 1 ms.
    """
    stored = AssetBars(snapshot, markets(asset))
    low, high, clock = micro(start), micro(end), NOW if known_at is None else micro(known_at)
    begun = _first(stored, clock)
    length = high - (low if begun is None else min(max(low, begun), high))
    width = next((s for s in WIDTHS_S if s >= least_s and length <= queries.MAX_BARS * s * _US), WIDTHS_S[-1])
    finest = max(s for s in INTERVAL_S.values() if s <= width)
    best, most = None, -1.0
    for interval, bar_s in INTERVAL_S.items():
        if bar_s < finest:
            continue
        read = stored.between(interval, low, min(high, clock - bar_s * _US + 1))
        covered = len(read.opens) * bar_s * _US
        if covered * GOOD_COVERAGE > most:
            best, most = (interval, bar_s, read), covered
        if covered >= GOOD_COVERAGE * (min(high, clock) - low):
            break
    interval, bar_s, read = best
    if bar_s < width:
        read = _joined(stored, interval, width * _US, low, high, clock)
    return Prices(read, stored.markets, max(bar_s, width), interval)


def _first(stored: AssetBars, clock: int) -> int | None:
    """When the asset's first bar opens, of any interval."""
    found = [_known_after(stored, interval, _EVER, clock) for interval in INTERVAL_S]
    return min((at for at in found if at is not None), default=None)


def _joined(stored: AssetBars, interval: str, width: int, low: int, high: int, clock: int) -> Bars:
    """Bars as if those of that width were stored: whole ones, the last one over at the clock."""
    bar = INTERVAL_S[interval] * _US
    first, last = -(-low // width) * width, -(-high // width) * width
    whole = stored.between(interval, first, min(last, clock - bar + 1)).joined(width)
    if len(whole.opens):
        begun = int(whole.opens[-1])
        if begun + width > clock or _known_after(stored, interval, begun + width - bar, clock) is None:
            whole = whole.between(first, begun)
    return whole


@cache
def _names(of: tuple[tuple[str, str], ...]) -> list[pd.api.extensions.ExtensionArray]:
    """The sources and the symbols of markets, to take from."""
    return [pd.array(names, dtype="str") for names in zip(*of, strict=True)]


def price_gaps(
    snapshot: Snapshot, asset: str, prices: Prices, start: datetime, end: datetime, known_at: datetime | None = None
) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Spans within ``[start, end)``, between two bars of the series, that the bars of ``price_window`` leave out."""
    stored = AssetBars(snapshot, markets(asset))
    low, high, clock = micro(start), micro(end), NOW if known_at is None else micro(known_at)
    if not len(prices.read.opens):  # no interval has a bar there, but one may have bars around it
        before = [at + bar_s * _US for i, bar_s in INTERVAL_S.items() if (at := stored.before(i, low)) is not None]
        after = [at for i in INTERVAL_S if (at := _known_after(stored, i, high, clock)) is not None]
        spans = [(max(before), min(after))] if before and after else []
    else:
        width = prices.bar_s * _US
        before = stored.before(prices.interval, -(-low // width) * width)
        after = _known_after(stored, prices.interval, -(-high // width) * width, clock)
        around = [np.array([at - at % width for at in found if at is not None]) for found in ([before], [after])]
        opens = np.concatenate([around[0], prices.read.opens, around[1]]).astype(np.int64)
        jumps = np.flatnonzero(np.diff(opens) > width)
        spans = zip((opens[jumps] + width).tolist(), opens[jumps + 1].tolist(), strict=True)
    clipped = [(max(begin, low), min(until, high)) for begin, until in spans]
    return [(_at(begin), _at(until)) for begin, until in clipped if begin < until]


def price_reach(snapshot: Snapshot, known_at: datetime | None = None) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """When the first and the last bar open that are stored of ``ASSETS`` and were over at the clock."""
    clock = NOW if known_at is None else micro(known_at)
    first, last = [], []
    for asset in ASSETS:
        stored = AssetBars(snapshot, markets(asset))
        for interval, bar_s in INTERVAL_S.items():
            if (at := _known_after(stored, interval, _EVER, clock)) is not None:
                first.append(at)
                last.append(stored.before(interval, clock - bar_s * _US + 1))
    return (_at(min(first)), _at(max(last))) if first else None


def _known_after(stored: AssetBars, interval: str, at: int, clock: int) -> int | None:
    """When the first bar opens that opens then or later, if it was over at the clock."""
    found = stored.after(interval, at)
    return found if found is not None and found + INTERVAL_S[interval] * _US <= clock else None


def _at(us: int) -> pd.Timestamp:
    return pd.Timestamp(us, unit="us", tz="UTC")
