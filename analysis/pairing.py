"""Pairing: the market each item met.

Prices are read from a dense grid of closes by index: the price at instant *t* is the close of the bar that
closed last at or before *t*, and it counts only if no bar is missing there; a gap is never bridged. Only
bars that were closed at *t* are used, so nothing later than *t* leaks into the price at *t*.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

#: Moves reported, in hours from the item's time.
HORIZONS_H = {"m24h": -24, "m1h": -1, "p1h": 1, "p24h": 24, "p7d": 168}
#: The volatility window: this many days, ending one day before the item.
VOLATILITY_DAYS = 30
#: How many bars long a move must be when it starts within a bar.
FINE_ENOUGH = 7
#: Share of the window's bars that must be there.
MIN_OBSERVED = 0.5

_NS_FREE = "datetime64[us, UTC]"


class _Grid:
    """Closes of one series on a regular grid of seconds; NaN where there is no bar."""

    def __init__(self, open_time: pd.Series, close: pd.Series, step: int) -> None:
        opens = open_time.astype(_NS_FREE).astype("int64").to_numpy() // 1_000_000
        if len(opens) and np.any(opens % step):
            raise ValueError(f"candles must open on multiples of {step} s")
        self.step = step
        self.first = int(opens.min()) if len(opens) else 0
        size = (int(opens.max()) - self.first) // step + 1 if len(opens) else 0
        self.close = np.full(size, np.nan)
        self.close[(opens - self.first) // step] = close.to_numpy(dtype=float)

    def at(self, seconds: np.ndarray) -> np.ndarray:
        """Close of the bar that closed last at or before each instant; NaN outside or in a gap."""
        index = (seconds - self.first) // self.step - 1
        inside = (index >= 0) & (index < len(self.close))
        out = np.full(len(seconds), np.nan)
        out[inside] = self.close[index[inside]]
        return out

    def covers(self, seconds: np.ndarray) -> np.ndarray:
        index = (seconds - self.first) // self.step - 1
        return (index >= 0) & (index < len(self.close))

    def volatility(self, seconds: np.ndarray) -> np.ndarray:
        """Standard deviation of bar log returns over the window, per square root of an hour.

        s² = Σ(r − r̄)² / (n − 1) over the bars that closed within the VOLATILITY_DAYS that end 24 hours
        before each instant; NaN under MIN_OBSERVED of them.
        """
        if not len(self.close):
            return np.full(len(seconds), np.nan)
        returns = np.diff(np.log(self.close), prepend=np.nan)
        seen = np.isfinite(returns)
        filled = np.where(seen, returns, 0.0)
        count, total, square = (np.concatenate([[0.0], np.cumsum(x)]) for x in (seen, filled, filled**2))
        end = np.clip((seconds - 86_400 - self.first) // self.step, 0, len(self.close))
        window = VOLATILITY_DAYS * 86_400 // self.step
        start = np.clip((seconds - 86_400 - self.first) // self.step - window, 0, len(self.close))
        n = count[end] - count[start]
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = (total[end] - total[start]) / n
            variance = np.maximum((square[end] - square[start]) - n * mean**2, 0.0) / (n - 1)
            out = np.sqrt(variance) * np.sqrt(3600 / self.step)
        return np.where((n >= MIN_OBSERVED * window) & (out > 0), out, np.nan)


def pair(items: pd.DataFrame, candles: pd.DataFrame, caps: pd.DataFrame | None, *, interval_s: int) -> pd.DataFrame:
    """The market each item met, one row an item, in the items' order.

    ``items``: ``item_id``, ``published_at`` (aware UTC, may be NaT). ``candles``: one series, ``open_time``
    (aware UTC, bar open, on the grid), ``close``; bars are ``interval_s`` seconds long. ``caps``:
    ``period_end``, ``definition``, ``market_cap_usd`` of one definition, or None.

    Returns ``item_id``, ``price_usd``, ``market_cap_usd`` (the last with ``period_end`` at or before the
    item), ``log_return_<h>`` for −24 h, −1 h, +1 h, +24 h, +7 d: the natural log of the later price over
    the earlier; ``volatility_1h`` and ``sigma_<h>`` = ``log_return_<h>`` / (``volatility_1h`` · √hours);
    and ``outcome``: ``used`` (every move that bars of this length can resolve is there), ``no_time``,
    ``no_price`` (no candles at all), ``out_of_span`` (an instant lies before the first close or after the
    last), ``gaps`` (a bar is missing there). A move is NaN where bars cannot resolve it: from within a bar the
    price is up to a bar old, so a move must be FINE_ENOUGH bars long, unless the item lies on the grid.

    Raises ValueError when candles are off the grid or caps mix definitions.
    """
    if caps is not None and caps["definition"].nunique() > 1:
        raise ValueError("caps must hold one definition: totals of different universes cannot be mixed")
    grid = _Grid(candles["open_time"], candles["close"], interval_s)
    published = items["published_at"].astype(_NS_FREE)
    timed = published.notna().to_numpy()
    at = np.where(timed, published.astype("int64").to_numpy() // 1_000_000, 0)

    price = np.where(timed, grid.at(at), np.nan)
    on_grid = at % interval_s == 0
    out: dict[str, object] = {"item_id": items["item_id"].to_numpy(), "price_usd": price}
    out["market_cap_usd"] = _last_cap(published, caps)
    volatility = np.where(timed, grid.volatility(at), np.nan)
    inside = grid.covers(at)
    complete = np.isfinite(price)
    for name, hours in HORIZONS_H.items():
        length = abs(hours) * 3600
        resolved = (length >= interval_s) & (on_grid | (length >= FINE_ENOUGH * interval_s))
        other_at = at + hours * 3600
        other = np.where(timed & resolved, grid.at(other_at), np.nan)
        inside &= grid.covers(other_at) | ~resolved
        complete &= np.isfinite(other) | ~resolved
        with np.errstate(divide="ignore", invalid="ignore"):
            out[f"log_return_{name}"] = np.log(other / price) if hours > 0 else np.log(price / other)
    out["volatility_1h"] = volatility
    for name, hours in HORIZONS_H.items():
        out[f"sigma_{name}"] = out[f"log_return_{name}"] / (volatility * np.sqrt(abs(hours)))
    out["outcome"] = np.select(
        [~timed, np.full(len(items), not len(grid.close)), complete, ~inside],
        ["no_time", "no_price", "used", "out_of_span"],
        default="gaps",
    )
    result = pd.DataFrame(out)
    return result[
        [
            "item_id",
            "price_usd",
            "market_cap_usd",
            *(f"log_return_{n}" for n in HORIZONS_H),
            "volatility_1h",
            *(f"sigma_{n}" for n in HORIZONS_H),
            "outcome",
        ]
    ]


def _last_cap(published: pd.Series, caps: pd.DataFrame | None) -> np.ndarray:
    """The last cap whose period ended at or before each instant; NaN before the first."""
    if caps is None or caps.empty:
        return np.full(len(published), np.nan)
    ordered = caps.sort_values("period_end")
    index = (
        np.searchsorted(
            ordered["period_end"].astype(_NS_FREE).astype("int64").to_numpy(),
            published.astype("int64").to_numpy(),
            side="right",
        )
        - 1
    )
    values = ordered["market_cap_usd"].to_numpy(dtype=float)
    return np.where(published.notna() & (index >= 0), values[np.maximum(index, 0)], np.nan)


def combine(paired: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    """One pairing from several bar lengths: each figure from the finest bars that have it.

    ``paired``: ``pair()`` results of the same items by bar length in seconds. Besides ``pair()``'s columns,
    ``resolution_s`` is the bar length the price is from and ``moves_resolution_s`` the coarsest one used
    for a move. σ-scores are recomputed from the chosen move and the finest volatility known.
    """
    intervals = sorted(paired)
    result = paired[intervals[0]].copy()
    result["resolution_s"] = pd.array(np.where(result["price_usd"].notna(), intervals[0], -1), dtype="Int64")
    moves = [f"log_return_{name}" for name in HORIZONS_H]
    coarsest = result[moves].notna().any(axis=1).to_numpy() * intervals[0]
    for interval in intervals[1:]:
        coarser = paired[interval]
        gained = result["price_usd"].isna() & coarser["price_usd"].notna()
        result.loc[gained, "resolution_s"] = interval
        used = (result[moves].isna() & coarser[moves].notna()).any(axis=1).to_numpy()
        coarsest = np.where(used, interval, coarsest)
        for column in ["price_usd", "volatility_1h", *moves]:
            result[column] = result[column].fillna(coarser[column])
        improves = (result["outcome"] != "used") & coarser["outcome"].isin(["used", "gaps"])
        better = improves | ((result["outcome"] == "no_price") & (coarser["outcome"] != "no_price"))
        result["outcome"] = result["outcome"].where(~better, coarser["outcome"])
    for name, hours in HORIZONS_H.items():
        result[f"sigma_{name}"] = result[f"log_return_{name}"] / (result["volatility_1h"] * np.sqrt(abs(hours)))
    result["resolution_s"] = result["resolution_s"].where(result["resolution_s"] > 0)
    result["moves_resolution_s"] = pd.array(coarsest, dtype="Int64")
    result["moves_resolution_s"] = result["moves_resolution_s"].where(result["moves_resolution_s"] > 0)
    return result
