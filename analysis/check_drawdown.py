"""How far below its all-time high a price was, by one market.

The drawdown at *t* is 100 · (P(t) / H(t) − 1) percent, H(t) the highest price paid on that market until *t*.

A market whose stored history may lack the all-time high must not answer. Its own highest price until *t* counts as
the all-time high only where every time that its history lacks, back to the asset's first trade, is known to have been
lower. That is known

* before a date of ``HIGHEST_BEFORE_USD``, where that figure is lower, and
* on days on which other stored records (other markets' highs, prices stated with market caps) were lower; days
  without any record are forgiven up to ``FORGIVEN_DAYS`` in a row.

An asset without an entry there cannot be checked, nor can a market that begins after the high.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.checks import DAY_US, NO_TIME, Record

#: No exchange is known to have traded an asset higher than this before that day (UTC). Rounded up by a percent or more
#: from the daily highs of CoinMarketCap, Binance, Kraken and Coinbase, and for the first from Mt. Gox's ($266 on
#: 2013-04-10). A row may be added when a record has stood for a while; a missing one only leaves claims unchecked.
HIGHEST_BEFORE_USD: dict[str, tuple[tuple[str, float], ...]] = {
    "BTC": (
        ("2013-10-01", 270),
        ("2017-09-01", 5_000),
        ("2020-01-01", 20_300),
        ("2021-07-01", 66_000),
        ("2025-01-01", 110_000),
        ("2025-11-01", 128_000),
    ),
    "ETH": (
        ("2015-08-10", 4),
        ("2017-09-01", 430),
        ("2020-01-01", 1_650),
        ("2021-07-01", 4_450),
        ("2025-01-01", 4_950),
        ("2025-11-01", 5_020),
    ),
    "XRP": (("2020-01-01", 4.5),),
    "SOL": (("2021-01-01", 5.5), ("2021-07-01", 60)),
    "BNB": (("2020-01-01", 41), ("2021-07-01", 705)),
    "DOGE": (("2020-01-01", 0.02), ("2021-07-01", 0.75)),
    "ADA": (("2020-01-01", 1.4), ("2021-07-01", 2.55)),
    "LINK": (("2020-01-01", 5), ("2021-07-01", 54)),
}
#: A price read once in a while may have been exceeded in between by this fraction.
BETWEEN_READINGS = 0.1
FORGIVEN_DAYS = 3


@dataclass(frozen=True)
class Peak:
    """The highest price of a market's days before one, or why it cannot stand for the all-time high."""

    usd: float
    day: str | None = None  # ISO, UTC
    available_at: int = NO_TIME  # when the last record used to establish it had been published
    missing: str | None = None


class Peaks:
    """What is stored of an asset's highest prices, by day.

    ``highs``: ``source``, ``symbol``, ``day`` (UTC midnight, aware), ``high`` (USD), of every market;
    ``readings``: ``period_end``, ``price_usd``, ``available_at``.
    """

    def __init__(self, asset: str, highs: pd.DataFrame, readings: pd.DataFrame) -> None:
        self._known = [(_day_of(day), usd) for day, usd in HIGHEST_BEFORE_USD.get(asset, ())]
        days = [_days(highs["day"]), _days(readings["period_end"]), np.array([day for day, _ in self._known], "int64")]
        every = np.concatenate(days)
        self._first = int(every.min()) if len(every) else 0
        length = int(every.max()) - self._first + 1 if len(every) else 0
        self._own: dict[tuple[str, str], np.ndarray] = {}
        for market, one in highs.groupby(["source", "symbol"]):
            self._own[market] = np.full(length, np.nan)
            self._own[market][_days(one["day"]) - self._first] = one["high"]
        self._readings = np.full(length, np.nan)
        self._published = np.full(length, NO_TIME)
        at = days[1] - self._first
        np.fmax.at(self._readings, at, readings["price_usd"].to_numpy("float64") * (1 + BETWEEN_READINGS))
        available = readings["available_at"].to_numpy("datetime64[us]").astype("int64")
        np.maximum.at(self._published, at, available)

    def before(self, market: tuple[str, str], at_us: int) -> Peak:
        """A market's highest price on the days before that of ``at_us`` (microseconds UTC)."""
        until = min(max(at_us // DAY_US - self._first, 0), len(self._readings))
        own = self._own[market][:until] if market in self._own else np.empty(0)
        highest = float(np.nanmax(own)) if not np.isnan(own).all() else 0.0
        lower = [day for day, usd in self._known if usd < highest and day - self._first <= until]
        if not lower:
            return Peak(highest, missing="What is stored of it does not reach back to its all-time high for certain.")
        begin = max(lower) - self._first
        lacking = np.isnan(own[begin:])
        elsewhere = self._readings[begin:until]
        for other, high in self._own.items():
            if other != market:
                elsewhere = np.fmax(elsewhere, high[begin:until])
        if _longest_run(lacking & np.isnan(elsewhere)) > FORGIVEN_DAYS:
            return Peak(highest, missing="What is stored of it leaves days out on which its all-time high may lie.")
        if (elsewhere[lacking] >= highest).any():
            return Peak(
                highest,
                missing="On a day that it leaves out, others recorded a price as high as its highest, or nearly so.",
            )
        published = self._published[begin:until][lacking]
        day = str(np.datetime64(int(np.nanargmax(own)) + self._first, "D"))
        return Peak(highest, day, int(published.max(initial=NO_TIME)))


def drawdowns(record: Record, peak: Peak) -> Record:
    """A market's bars as drawdowns in percent, from the peak before the first of them and those within.

    Of a bar with a new high the low counts from the high before it: whichever came first, it was that far down.
    """
    after = np.maximum.accumulate(np.maximum(record.high, peak.usd))
    before = np.concatenate([[peak.usd], after[:-1]])
    return replace(
        record,
        open=100 * (record.open / before - 1),
        low=100 * (record.low / before - 1),
        high=100 * (np.minimum(record.high / before, 1) - 1),
        value=100 * (record.value / after - 1),
        available_at=np.maximum(record.available_at, peak.available_at),
    )


def _longest_run(flags: np.ndarray) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype("int8"), [0]])))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def _days(times: pd.Series) -> np.ndarray:
    return times.to_numpy("datetime64[us]").astype("int64") // DAY_US


def _day_of(iso: str) -> int:
    return int(np.datetime64(iso, "D").astype("int64"))
