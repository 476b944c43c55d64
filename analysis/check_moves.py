"""Checking a stated move ("down 4 % in 24 hours") against what one series recorded.

A move over the horizon *h* that ends at *t* is 100 · (P(t) / P(t − h) − 1) percent. The claim is stated for ends
between *a* and *b*. Both prices are of one series. A move "since 12 June" began at any price of that day.

* A series knows its price at the end (and the open) of every bar, and at its readings: the moves between those
  points were certainly there, and so was everything between the lowest and the highest of them. A claim that
  touches this range **matches**.
* Between the points a bar's price lay between its low and its high, so no move was below low(t) / high(t − h) − 1
  or above high(t) / low(t − h) − 1. A claim outside of that **differs**.
* A claim between the two is **cannot check**: the series is too coarse to tell. So it is where readings are not
  much finer than the horizon, for then nothing bounds what was between them.

For an instant the bar that contains it counts, or the readings of the hour before; it must be at most an hour long
and a sixth of the horizon. For a span, bars at most as long as the span and as the horizon count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.checks import (
    DAY_US,
    INSTANT_TOLERANCE_S,
    SECOND_US,
    Record,
    Stated,
    answer,
    cannot,
    over,
    percent,
    range_of,
    spacing,
    touches,
)

#: What is taken for a point in time lies within this part of the horizon of it, and within an hour.
FINE = 6

_UNITS_US = {"min": 60 * SECOND_US, "h": 3600 * SECOND_US, "d": DAY_US, "w": 7 * DAY_US}
_MONTHS = {"mo": 1, "q": 3, "y": 12}
_STARTS = {"ytd": "Y", "mtd": "M"}
_NAMED = re.compile(r"([1-9]\d{0,2})(min|h|d|w|mo|q|y)")
_SINCE = re.compile(r"since (?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?")
_WORDS = {"min": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "q": "quarter", "y": "year"}


@dataclass(frozen=True)
class Horizon:
    """How far a move reaches back."""

    unit: str  # min, h, d, w, mo, q, y; or ytd, mtd: to where the year or month began; or since
    count: int = 1
    since: str = ""  # the day, month or year that it began in, as ISO 8601

    def starts(self, ends_us: np.ndarray) -> np.ndarray:
        """Where moves with these ends began, the earliest (microseconds UTC). Months are calendar months."""
        if self.unit == "since":
            return np.full(len(ends_us), self._since[0])
        if self.unit in _UNITS_US:
            return ends_us - self.count * _UNITS_US[self.unit]
        times = ends_us.astype("datetime64[us]")
        if self.unit in _STARTS:
            return _us(times.astype(f"datetime64[{_STARTS[self.unit]}]"))
        return _us((pd.DatetimeIndex(times) - pd.DateOffset(months=self.count * _MONTHS[self.unit])).to_numpy())

    def begun(self, first_us: int, last_us: int) -> tuple[int, int]:
        """The span in which moves that end within ``[first_us, last_us]`` began."""
        if self.unit == "since":
            return self._since
        first, last = self.starts(np.array([first_us, last_us]))
        return int(first), int(last)

    @property
    def _since(self) -> tuple[int, int]:
        named = np.datetime64(self.since)
        return int(_us(named)), int(_us(named + 1))

    @property
    def words(self) -> str:
        if self.unit == "since":
            return f"since {self.since}"
        if self.unit in _STARTS:
            return f"since the {'year' if self.unit == 'ytd' else 'month'} began"
        return f"over {self.count} {_WORDS[self.unit]}{'s' if self.count > 1 else ''}"


def _us(times: np.ndarray | np.datetime64) -> np.ndarray:
    return times.astype("datetime64[us]").astype("int64")


def read_horizon(name: str | None) -> Horizon | None:
    """``24h``, ``7d``, ``2w``, ``1mo``, ``1y``, ``ytd``, ``mtd``, ``since 2025-06-12``; None for any other."""
    if not isinstance(name, str):
        return None
    if name in _STARTS:
        return Horizon(name)
    if match := _NAMED.fullmatch(name):
        return Horizon(match[2], int(match[1]))
    if _SINCE.fullmatch(name):
        try:
            np.datetime64(name[6:])
        except ValueError:
            return None
        return Horizon("since", since=name[6:])
    return None


def finest_needed_s(stated: Stated, horizon: Horizon) -> float:
    """The longest spacing (seconds) that can answer."""
    length_s = _length_s(stated, horizon)
    if stated.start_us == stated.end_us:
        return min(INSTANT_TOLERANCE_S, length_s / FINE)
    return min(max((stated.end_us - stated.start_us) / SECOND_US, INSTANT_TOLERANCE_S), length_s)


def _length_s(stated: Stated, horizon: Horizon) -> float:
    return (stated.end_us - horizon.begun(stated.end_us, stated.end_us)[1]) / SECOND_US


def check_move(stated: Stated, horizon: Horizon, record: Record) -> dict:
    """One row of ``analysis.checks.check`` for a claim in percent; ``available_at`` in microseconds.

    ``record`` reaches from the horizon before the span's start, less an hour, to the span's end and the bar there.
    """
    length_s = _length_s(stated, horizon)
    if length_s <= 0:
        return cannot(record, "The move it speaks of had just begun.")
    instant = stated.start_us == stated.end_us
    tolerance_us = int(min(INSTANT_TOLERANCE_S, length_s / FINE) * SECOND_US)
    near = _near(stated, record, tolerance_us)
    if not len(near):
        return cannot(record, "Nothing recorded at that time.")
    fine = near.resolution_s <= finest_needed_s(stated, horizon)
    if not fine.any():
        note = f"Recorded only every {spacing(near.resolution_s.min())}, too coarse for a move {horizon.words}."
        return cannot(record, note, int(near.resolution_s.min()))
    near = near.take(fine)
    times, prices = _points(near)
    if not instant:
        inside = (times >= stated.start_us) & (times <= stated.end_us)
        times, prices = times[inside], prices[inside]
    bases = _bases(record, horizon, times, tolerance_us)
    known = ~np.isnan(bases.value)
    if not known.any():
        note = f"Nothing recorded at the start of a move {horizon.words}."
        return cannot(record, note, int(near.resolution_s.max()))
    times, prices = times[known], prices[known]
    quarter_us = (stated.end_us - stated.start_us) / 4
    if not instant and (times.min() - stated.start_us > quarter_us or stated.end_us - times.max() > quarter_us):
        note = "Too few values recorded over that time to tell the range of moves."
        return cannot(record, note, int(near.resolution_s.max()))
    low = float((100 * (prices / bases.high[known] - 1)).min())
    high = float((100 * (prices / bases.low[known] - 1)).max())
    last = float(100 * (prices[-1] / bases.value[known][-1] - 1))
    row = {
        **answer(stated, record, low, high, last, int(times[-1])),
        "resolution_s": int(near.resolution_s.max()),
        "note": f"Moved {range_of(stated, low, high) if low < high else percent(low)} {horizon.words}, "
        f"{'' if instant else 'ending '}{over(stated)}.",
        "available_at": max(int(near.available_at.max()), _published(record, bases.at[known])),
    }
    if touches(stated, low, high):
        return row | {"verdict": "matches"}
    least, most = _bounds(near, record, horizon, tolerance_us)
    if touches(stated, min(least, low), max(most, high)):
        far = "" if np.isinf(least) else f" (up to {range_of(stated, least, most)})"
        row["note"] += f" Recorded every {spacing(row['resolution_s'])}, too coarse to tell what was between{far}."
        return row | {"verdict": "cannot check"}
    return row | {"verdict": "differs"}


def _near(stated: Stated, record: Record, tolerance_us: int) -> Record:
    """What tells of the ends of moves: the bars that overlap the span, or contain the instant, and its readings."""
    readings = record.readings
    instant = stated.start_us == stated.end_us
    earliest = stated.start_us - (tolerance_us if instant else 0)
    return record.take(
        (readings & (record.end >= earliest) & (record.end <= stated.end_us))
        | (~readings & (record.start < stated.end_us + instant) & (record.end > stated.start_us))
    )


def _points(record: Record) -> tuple[np.ndarray, np.ndarray]:
    """The instants at which a price is known, in order, and the prices: a bar's close before the next one's open."""
    opens = ~record.readings & ~np.isnan(record.open)
    times = np.concatenate([record.end, record.start[opens]])
    prices = np.concatenate([record.value, record.open[opens]])
    times, first = np.unique(times, return_index=True)
    return times, prices[first]


@dataclass(frozen=True)
class _Bases:
    """The price each of some moves began at, and what it may have been at least and at most; NaN where unknown."""

    at: np.ndarray  # microseconds UTC
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray


def _bases(record: Record, horizon: Horizon, ends: np.ndarray, tolerance_us: int) -> _Bases:
    if horizon.unit == "since":
        begin, end = horizon.begun(0, 0)
        inside = (record.start >= begin) & (record.end <= end)
        if not inside.any():
            nothing = np.full(len(ends), np.nan)
            return _Bases(ends, nothing, nothing, nothing)
        there = record.take(inside)
        figures = (there.end[-1], there.value[-1], there.low.min(), there.high.max())
        return _Bases(*(np.full(len(ends), figure) for figure in figures))
    times, prices = _points(record)
    wanted = horizon.starts(ends)
    after = np.clip(np.searchsorted(times, wanted), 1, max(len(times) - 1, 1))
    before = after - 1
    after = np.minimum(after, len(times) - 1)
    at = np.where(np.abs(times[after] - wanted) < np.abs(wanted - times[before]), after, before)
    price = np.where(np.abs(times[at] - wanted) <= tolerance_us, prices[at], np.nan)
    return _Bases(times[at], price, price, price)


def _published(record: Record, times: np.ndarray) -> int:
    """When the last of these points had been published."""
    used = (record.end >= times.min()) & (record.start <= times.max())
    return int(record.available_at[used].max())


def _bounds(near: Record, record: Record, horizon: Horizon, tolerance_us: int) -> tuple[float, float]:
    """What no move that ends within these bars can have been below or above, in percent."""
    bars = near.take(~near.readings)
    if not len(bars):
        return (-np.inf, np.inf) if near.resolution_s.max() * SECOND_US > tolerance_us else (np.inf, -np.inf)
    if horizon.unit == "since" or horizon.unit in _STARTS:
        # All of them began at one price, or within one range of prices.
        bases = _bases(record, horizon, bars.start, tolerance_us)
        lows, highs = bases.low, bases.high
    else:
        held = record.take(~record.readings)
        first = np.searchsorted(held.end, horizon.starts(bars.start), side="right")
        last = np.searchsorted(held.start, horizon.starts(bars.end))
        lows = np.array([held.low[i:j].min(initial=np.inf) for i, j in zip(first, last, strict=True)])
        highs = np.array([held.high[i:j].max(initial=-np.inf) for i, j in zip(first, last, strict=True)])
        # No bar there: nothing traded, nothing to compare with.
        lows, highs = np.where(np.isfinite(lows), lows, np.nan), np.where(np.isfinite(highs), highs, np.nan)
    known = ~np.isnan(lows)
    if not known.any():
        return -np.inf, np.inf
    return (
        float((100 * (bars.low[known] / highs[known] - 1)).min()),
        float((100 * (bars.high[known] / lows[known] - 1)).max()),
    )
