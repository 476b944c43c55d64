"""Pairing: the market each item met.

The price at instant *t* is the close of the bar that closed last at or before *t*, and it counts only if no bar is
missing there: a gap is never bridged, and no price is a bar old. Nothing later than *t* is in the price at *t*.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.pairing_caps import STALE_SPACINGS, Caps
from analysis.pairing_grid import NO_TIME, VOLATILITY_DAYS, Grid, microseconds
from analysis.pairing_memory import remembered

__all__ = ["HORIZONS_H", "STALE_SPACINGS", "VOLATILITY_DAYS", "Caps", "Grid", "combine", "pair", "pair_on"]

#: Moves reported, in hours from the item's time.
HORIZONS_H = {"m24h": -24, "m1h": -1, "p1h": 1, "p24h": 24, "p7d": 168}
#: How many bars long a move must be when it starts within a bar.
FINE_ENOUGH = 7

_OUTCOMES = pa.array(["used", "no_time", "no_price", "out_of_span", "gaps"], pa.large_string())
_USED, _NO_TIME, _NO_PRICE, _OUT_OF_SPAN, _GAPS = range(5)
_TEXT = pd.StringDtype(na_value=np.nan)
_FIGURES = [
    "price_usd",
    "market_cap_usd",
    *(f"log_return_{name}" for name in HORIZONS_H),
    "volatility_1h",
    *(f"sigma_{name}" for name in HORIZONS_H),
]
#: Items looked up at a time: what is worked out for them stays in the processor's cache.
_AT_ONCE = 16_384


def pair(items: pd.DataFrame, candles: pd.DataFrame, caps: pd.DataFrame | None, *, interval_s: int) -> pd.DataFrame:
    """The market each item met, one row an item, in the items' order.

    ``items``: ``item_id`` (may repeat), ``published_at`` (aware, may be NaT), in any order. ``candles``: one series
    in any order, ``open_time`` (aware, bar open, on the grid), ``close``; bars are ``interval_s`` seconds long; a
    close that is not a positive number is a missing bar. ``caps``: ``period_end``, ``definition``,
    ``market_cap_usd`` of one definition, or None; a row without time or value says nothing. Where caps carry
    ``available_at``, none counts before it; where they carry ``resolution_s``, none counts that is older than
    STALE_SPACINGS of it and than a day.

    Returns ``item_id``, ``price_usd``, ``market_cap_usd`` (the last with ``period_end`` at or before the
    item), ``log_return_<h>`` for −24 h, −1 h, +1 h, +24 h, +7 d: the natural log of the later price over
    the earlier; ``volatility_1h`` and ``sigma_<h>`` = ``log_return_<h>`` / (``volatility_1h`` · √hours);
    and ``outcome``: ``used`` (every move that bars of this length can resolve is there), ``no_time``,
    ``no_price`` (no candles at all), ``out_of_span`` (an instant lies before the first close or after the
    last), ``gaps`` (a bar is missing there). A move is NaN where bars cannot resolve it: from within a bar the
    price is up to a bar old, so a move must be FINE_ENOUGH bars long, unless the item lies on the grid (to the second).

    What prices and caps are read from is built once for a frame (``pairing_memory``): pairing with the same frames
    again costs what its items cost. Who keeps it for longer than frames builds ``Grid`` and ``Caps`` and calls
    ``pair_on``.

    Raises ValueError when times are not aware, candles are off the grid, without time or twice at one time, when
    caps mix definitions or say two values of one time.
    """
    grid = remembered(candles, ["open_time", "close"], Grid, interval_s)
    last_caps = None if caps is None else remembered(caps, [name for name in Caps.READS if name in caps], Caps)
    return pair_on(items, grid, last_caps)


def pair_on(items: pd.DataFrame, grid: Grid, caps: Caps | None) -> pd.DataFrame:
    """``pair`` with what it reads from built already."""
    published = microseconds(items["published_at"], "published_at")
    figures = np.empty((len(_FIGURES), len(published)))
    codes = np.empty(len(published), dtype=np.int8)
    for first in range(0, len(published), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        codes[some] = _read(grid, caps, published[some], figures[:, some])
    columns = {"item_id": items["item_id"].array.copy(), **dict(zip(_FIGURES, figures, strict=True))}
    columns["outcome"] = _TEXT.__from_arrow__(_OUTCOMES.take(pa.array(codes)))
    return pd.DataFrame(columns, copy=False)


def _read(grid: Grid, caps: Caps | None, published: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Fill ``out``, a row for each of ``_FIGURES``; returns the outcomes' codes."""
    price, cap, volatility = out[0], out[1], out[7]
    moves, sigmas = dict(zip(HORIZONS_H, out[2:7], strict=True)), dict(zip(HORIZONS_H, out[8:], strict=True))
    cap[:] = np.nan if caps is None else caps.at(published)
    closed = grid.closed_by(published)
    grid.price(closed, out=price)
    grid.volatility(grid.later(published, closed, -86_400), out=volatility)
    complete = np.isfinite(price)
    asked: list[tuple[np.ndarray, np.ndarray | None]] = [(closed, None)]
    for name, hours in HORIZONS_H.items():
        move = moves[name]
        if abs(hours) * 3600 < grid.interval_s:
            move[:] = sigmas[name][:] = np.nan
            continue
        then = grid.later(published, closed, hours * 3600)
        grid.price(then, out=move)
        # From within a bar the price is up to a bar old.
        within = grid.into_bar(published, closed) if abs(hours) * 3600 < FINE_ENOUGH * grid.interval_s else None
        complete &= np.isfinite(move) if within is None else np.isfinite(move) | within
        asked.append((then, within))
        np.divide(*((move, price) if hours > 0 else (price, move)), out=move)
        np.log(move, out=move)
        if within is not None:
            move[within] = np.nan
        np.divide(move, volatility * math.sqrt(abs(hours)), out=sigmas[name])
    return _outcomes(grid, published != NO_TIME, complete, asked)


def _outcomes(grid: Grid, timed: np.ndarray, complete: np.ndarray, asked: list) -> np.ndarray:
    if not grid.cells:
        return np.where(timed, np.int8(_NO_PRICE), np.int8(_NO_TIME))
    codes = np.full(len(timed), _USED, dtype=np.int8)
    rest = np.flatnonzero(~complete)
    inside = np.ones(len(rest), dtype=bool)
    for closed, within in asked:
        inside &= grid.covers(closed[rest]) | (False if within is None else within[rest])
    codes[rest] = np.where(inside, _GAPS, _OUT_OF_SPAN)
    codes[~timed] = _NO_TIME
    return codes


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
