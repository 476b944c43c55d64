"""How lively each hour of the week is: a quiet Sunday night is no measure of a Wednesday afternoon."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["HOURS", "hour_of_week", "hour_of_week_scale"]

#: Hours of a week, Monday 00:00 UTC the first.
HOURS = 168
#: 1970 began on a Thursday.
_EPOCH_HOUR = 72
#: Weeks' worth of "as any other hour" that every hour starts with: until data say otherwise, it is 1.
_PRIOR_WEEKS = 8


def hour_of_week(index: pd.DatetimeIndex) -> np.ndarray:
    """0 … 167 of each stamp, UTC."""
    return (_hours(index) + _EPOCH_HOUR) % HOURS


def _hours(index: pd.DatetimeIndex) -> np.ndarray:
    return index.as_unit("s").asi8 // 3600


def hour_of_week_scale(index: pd.DatetimeIndex, returns: np.ndarray) -> np.ndarray:
    """Each bar's expected volatility beside the average bar's (1), from earlier weeks alone; bars × assets.

    The mean |return| of each hour over that of the week before it, averaged over the same hour of all *earlier*
    weeks, with _PRIOR_WEEKS ones besides: absolute returns relative to the current level, so neither a crash nor a
    lively year bends the pattern (intraday periodicity after Andersen and Bollerslev 1997, J. Empirical Finance 4,
    standardised by the local level as in Boudt, Croux and Laurent 2011, J. Empirical Finance 18). ``returns``:
    bars × assets, NaN missing; bars of an hour share its scale.
    """
    monday = _hours(index[:1])[0] - hour_of_week(index[:1])[0]
    slot = _hours(index) - monday
    weeks = int(slot[-1]) // HOURS + 1
    scale = np.empty(returns.shape)
    for asset in range(returns.shape[1]):
        size = np.abs(returns[:, asset])
        there = np.isfinite(size)
        total = np.bincount(slot, weights=np.where(there, size, 0.0), minlength=weeks * HOURS)
        count = np.bincount(slot, weights=there, minlength=weeks * HOURS)
        with np.errstate(divide="ignore", invalid="ignore"):
            hourly = total / count
            level = _trailing(total) / _trailing(count)
            ratio = (hourly / level).reshape(weeks, HOURS)
        known = np.isfinite(ratio)
        sums = np.cumsum(np.where(known, ratio, 0.0), axis=0)
        seen = np.cumsum(known, axis=0)
        factor = np.ones((weeks, HOURS))
        factor[1:] = (sums[:-1] + _PRIOR_WEEKS) / (seen[:-1] + _PRIOR_WEEKS)
        scale[:, asset] = factor.ravel()[slot]
    return scale


def _trailing(values: np.ndarray) -> np.ndarray:
    """Sum of the week that ends with each hour."""
    summed = np.cumsum(values)
    summed[HOURS:] -= summed[:-HOURS].copy()
    return summed
