"""One series of closes on a regular grid, read by index: what ``analysis.pairing`` reads prices from.

Building a grid looks at every bar once; reading an instant is then one division and one look into an array.
"""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd

#: The volatility window: this many days, ending one day before the item.
VOLATILITY_DAYS = 30
#: Share of the window's bars that must be there.
MIN_OBSERVED = 0.5
#: A grid is as long as the time its bars reach over; this many cells are 95 years of minutes, 0.8 GB.
MAX_CELLS = 50_000_000
#: Rounding of sums of squares: a variance below this share of all that was summed is none.
_ROUNDING = 1e-12

_SECOND = 1_000_000
_DAY_S = 86_400
#: NaT: outside of any grid, and so is what lies days before or after it.
NO_TIME = np.iinfo(np.int64).min


def microseconds(times: pd.Series, name: str) -> np.ndarray:
    """Aware instants as microseconds since 1970, rounded down; NaT is ``NO_TIME``. Not to be written to.

    Raises ValueError when they are not aware instants.
    """
    if isinstance(times.dtype, pd.DatetimeTZDtype):
        return (times if times.dtype.unit == "us" else times.dt.as_unit("us")).array.asi8
    if times.isna().all():  # whatever type a column without any time has
        return np.full(len(times), NO_TIME)
    raise ValueError(f"{name} must be aware instants (datetime64 with a time zone), not {times.dtype}")


class Grid:
    """Closes of one series, and its volatility, by the number of bars that had closed. Never changes.

    ``candles``: ``open_time`` (aware, each a multiple of ``interval_s`` since 1970), ``close``; in any order. A
    close that is not a positive number counts as a missing bar.

    Raises ValueError when a bar has no time, is off the grid, or stands there twice (two series, or one merged
    badly), when bars reach over more than ``MAX_CELLS``, and when ``interval_s`` is not a positive whole number.
    """

    def __init__(self, candles: pd.DataFrame, interval_s: int) -> None:
        if interval_s <= 0 or interval_s != int(interval_s):
            raise ValueError(f"interval_s must be a positive whole number of seconds, not {interval_s!r}")
        self.interval_s = int(interval_s)
        self._step = self.interval_s * _SECOND
        opens, closes = microseconds(candles["open_time"], "open_time"), candles["close"].to_numpy(dtype=float)
        self._first, self.cells = 0, 0
        place = slice(0, 0)
        if len(opens):
            place = self._places(opens)
        # One cell before the first and one after the last stay empty: whatever lies outside is read from them.
        self._closes = np.full(self.cells + 2, np.nan)
        inner = self._closes[1:-1]
        inner[place] = closes
        inner[~((inner > 0) & (inner < np.inf))] = np.nan
        self._volatility = _volatility(inner, self.interval_s)

    def _places(self, opens: np.ndarray) -> np.ndarray | slice:
        """Which cell each bar goes to; sets where the grid begins and ends."""
        lowest, highest = int(opens.min()), int(opens.max())
        if lowest == NO_TIME:
            raise ValueError("candles hold a bar without open_time")
        self._first, self.cells = lowest // self._step, (highest - lowest) // self._step + 1
        if self.cells > MAX_CELLS:
            reach = f"{pd.Timestamp(lowest, unit='us'):%Y-%m-%d} to {pd.Timestamp(highest, unit='us'):%Y-%m-%d}"
            raise ValueError(f"candles reach from {reach}: too far for bars of {self.interval_s} s")
        place = opens // self._step
        if not np.array_equal(place * self._step, opens):
            raise ValueError(f"candles must open on multiples of {self.interval_s} s")
        place -= self._first
        if len(place) == 1 or (np.diff(place) > 0).all():
            return slice(None) if len(place) == self.cells else place
        times = np.bincount(place, minlength=self.cells)
        if times.max() > 1:
            twice = pd.Timestamp((int(times.argmax()) + self._first) * self._step, unit="us", tz="UTC")
            raise ValueError(f"candles hold {times.max()} bars that open at {twice}: give one series")
        return place

    def until(self, clock: pd.Timestamp) -> Grid:
        """The grid of the bars that had closed by then; for items up to then."""
        then = copy.copy(self)
        at = pd.Timestamp(clock).tz_convert("UTC").as_unit("us").asm8.astype(np.int64)
        then.cells = min(max(int(self.closed_by(at)), 0), self.cells)
        then._closes = np.append(self._closes[: then.cells + 1], np.nan)
        return then

    def closed_by(self, at: np.ndarray) -> np.ndarray:
        """How many cells of the grid had closed at each instant (microseconds): below 1 and above ``cells`` outside."""
        return at // self._step - self._first

    def later(self, at: np.ndarray, closed: np.ndarray, seconds: int) -> np.ndarray:
        """``closed_by`` so many seconds after ``at``."""
        if seconds % self.interval_s == 0:
            return closed + seconds // self.interval_s
        return self.closed_by(at + seconds * _SECOND)

    def into_bar(self, at: np.ndarray, closed: np.ndarray) -> np.ndarray:
        """Whether a bar is under way at each instant; not within the second in which one closed."""
        return at - (closed + self._first) * self._step >= _SECOND

    def covers(self, closed: np.ndarray) -> np.ndarray:
        return (closed >= 1) & (closed <= self.cells)

    def price(self, closed: np.ndarray, out: np.ndarray) -> None:
        """Close of the last bar; NaN outside or where that bar is missing."""
        self._closes.take(closed, mode="clip", out=out)

    def volatility(self, closed_a_day_before: np.ndarray, out: np.ndarray) -> None:
        """Standard deviation of bar log returns over the window, per square root of an hour.

        s² = Σ(r − r̄)² / (n − 1) over the bars that closed within the VOLATILITY_DAYS that end 24 hours before the
        instant; NaN under MIN_OBSERVED of them, and of a price that did not move.
        """
        self._volatility.take(closed_a_day_before, mode="clip", out=out)


def _volatility(closes: np.ndarray, interval_s: int) -> np.ndarray:
    """By the number of bars closed when the window ends: from none to a window's length after the last, NaN at both."""
    window = VOLATILITY_DAYS * _DAY_S // interval_s
    if not len(closes):
        return np.full(1, np.nan)
    returns = np.diff(np.log(closes), prepend=np.nan)
    seen = np.isfinite(returns)
    returns[~seen] = 0.0
    n = _windowed(seen, window)
    square = _windowed(returns**2, window)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = _windowed(returns, window) / n
        variance = (square - n * mean**2) / (n - 1)
        told = (n >= max(MIN_OBSERVED * window, 2)) & (variance * n > _ROUNDING * (returns**2).sum())
        return np.sqrt(np.where(told, variance, np.nan)) * np.sqrt(3600 / interval_s)


def _windowed(values: np.ndarray, window: int) -> np.ndarray:
    """Sums over the ``window`` values before each place, from none to ``window`` places after the last."""
    sums = np.empty(len(values) + 1 + window)
    sums[0] = 0.0
    np.cumsum(values, out=sums[1 : len(values) + 1])
    sums[len(values) + 1 :] = sums[len(values)]
    sums[window:] -= sums[: len(values) + 1].copy()
    return sums
