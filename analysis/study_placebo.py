"""The same study on dates when nothing was known to happen.

Every cluster moves as a whole – the same assets, the same distances between its events – to a random bar of the same
hour of the week and the same third of volatility, clear of the real events' windows; the study's t is taken again;
and that 9,999 times. The share of draws with a |t| at least as large as the real one is the placebo p.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pandas as pd

from analysis.study_models import MODELS
from analysis.study_season import hour_of_week

__all__ = ["MATCHES", "Bars", "Placebo", "Rolling", "draw"]

#: A cluster's dates match in the first of these that leaves POOL of them.
MATCHES = ("hour of week and volatility", "hour of week", "volatility", "any date")
POOL = 10
#: Draws behind the band of the mean path, at most: quantiles of 2.5 % need no more.
_BAND_DRAWS = 1_999


@dataclass(frozen=True)
class Bars:
    """Returns on one calendar, up to the last bar that any event needs; NaN is missing."""

    index: pd.Index
    returns: np.ndarray  # assets × bars
    benchmark: np.ndarray  # assets × bars; NaN where there is none
    quiet: np.ndarray  # assets × bars: outside every event's window
    scale: np.ndarray | None  # assets × bars: the hour's expected volatility beside the average


@dataclass(frozen=True)
class Placebo:
    """What the draws gave."""

    p: float
    draws: int
    matched: dict[str, int]  # clusters by what their dates were matched on
    band: pd.DataFrame  # t, low, mid, high: 2.5, 50 and 97.5 % of the mean cumulated abnormal return of the draws


@dataclass
class Rolling:
    """One asset's study of every bar as if it were bar 0; NaN where a bar cannot be one."""

    scar: np.ndarray  # at the window's last bar
    sigma: np.ndarray
    _alpha: np.ndarray = field(repr=False)
    _beta: np.ndarray = field(repr=False)
    _summed: np.ndarray = field(repr=False)  # returns summed before each bar
    _summed_benchmark: np.ndarray = field(repr=False)
    _first: int = field(repr=False)

    @classmethod
    def of(
        cls, bars: Bars, column: int, model: str, estimation: int, gap: int, window: tuple[int, int], min_obs: float
    ) -> Rolling:
        """The formulas of ``study_models`` from running sums: bars, not bars × window."""
        y, x, k = bars.returns[column], bars.benchmark[column], MODELS[model]
        present = np.isfinite(y) if model == "mean_adjusted" else np.isfinite(y) & np.isfinite(x)
        paired = present & bars.quiet[column]
        clean, other = np.where(present, y, 0.0), np.where(present & (model != "mean_adjusted"), x, 0.0)
        f = None if bars.scale is None else bars.scale[column]
        count, first, last = len(y), window[0], window[1]
        width = last - first + 1
        at = np.arange(estimation + gap - first, count - max(last, 0))  # bars with both windows whole
        begin = at + first - gap - estimation

        def rolled(values: np.ndarray) -> np.ndarray:
            summed = _summed(values)
            return summed[begin + estimation] - summed[begin]

        def across(values: np.ndarray) -> np.ndarray:
            summed = _summed(values)
            return summed[at + last + 1] - summed[at + first]

        one = paired.astype(float)
        weight = one if f is None else one / f**2
        n = rolled(one)
        with np.errstate(divide="ignore", invalid="ignore"):
            enough = (n >= min_obs * estimation) & (n > k) & (across(bars.quiet[column] & present) == width)
            n = np.where(enough, n, np.nan)
            alpha, beta = np.zeros(len(at)), np.full(len(at), 1.0 if k != 1 else 0.0)
            noise = width if f is None else across(f**2)
            variance = noise + (width**2 / n if k else 0.0)
            sum_w = n if f is None else rolled(weight)
            if k == 0:
                squares = rolled(weight * (clean - other) ** 2)
            else:
                sum_y = rolled(one * clean)
                alpha = sum_y / n
                sum_wy = sum_y if f is None else rolled(weight * clean)
                squares = rolled(weight * clean**2) - 2 * alpha * sum_wy + alpha**2 * sum_w
            if k == 2:
                sum_x, sum_xx, sum_xy = rolled(one * other), rolled(one * other**2), rolled(one * clean * other)
                ssx = sum_xx - sum_x**2 / n
                beta = (sum_xy - sum_x * sum_y / n) / ssx
                mean_y, alpha = alpha, (sum_y - beta * sum_x) / n
                shift = alpha - mean_y
                wx, wxx, wxy = (
                    (sum_x, sum_xx, sum_xy)
                    if f is None
                    else (rolled(weight * other), rolled(weight * other**2), rolled(weight * clean * other))
                )
                # Σ w (y − α − βx)² from what Σ w (y − ȳ)² already holds.
                squares += -2 * shift * (sum_wy - mean_y * sum_w) + shift**2 * sum_w
                squares += -2 * beta * (wxy - alpha * wx) + beta**2 * wxx
                variance = variance + (across(other) - width * sum_x / n) ** 2 / ssx
            sigma = np.sqrt(np.where(squares > 0, squares, np.nan) / (n - k))
            car = across(clean) - width * alpha - beta * across(other)
            scar = car / (sigma * np.sqrt(variance))

        def spread(values: np.ndarray) -> np.ndarray:
            full = np.full(count, np.nan)
            full[at] = values
            return full

        return cls(spread(scar), spread(sigma), spread(alpha), spread(beta), _summed(clean), _summed(other), first)

    def path(self, at: np.ndarray, width: int) -> np.ndarray:
        """Cumulated abnormal returns from each of the bars ``at``: bars × window bars."""
        ends = at[:, None] + self._first + np.arange(1, width + 1)
        begin = at[:, None] + self._first
        own = self._summed[ends] - self._summed[begin] - np.arange(1, width + 1) * self._alpha[at][:, None]
        return own - self._beta[at][:, None] * (self._summed_benchmark[ends] - self._summed_benchmark[begin])


def _summed(values: np.ndarray) -> np.ndarray:
    return np.concatenate([[0.0], np.cumsum(values, dtype=float)])


@dataclass(frozen=True)
class _Strata:
    """Bars an asset could have had an event at, by what they are matched on."""

    cuts: np.ndarray  # of σ, between its thirds
    order: tuple[np.ndarray, ...]  # positions sorted by key, for each of MATCHES
    keys: tuple[np.ndarray, ...]  # the keys in that order

    @classmethod
    def of(cls, rolling: Rolling, hour: np.ndarray) -> _Strata:
        free = np.flatnonzero(np.isfinite(rolling.scar))
        sigma = rolling.sigma[free]
        cuts = np.quantile(sigma, [1 / 3, 2 / 3]) if len(free) else np.full(2, np.nan)
        keys = _keys(hour[free], np.searchsorted(cuts, sigma))
        sorts = [np.argsort(key, kind="stable") for key in keys]
        return cls(cuts, tuple(free[by] for by in sorts), tuple(key[by] for key, by in zip(keys, sorts, strict=True)))

    def like(self, hour: int, sigma: float, match: int) -> np.ndarray:
        """Positions like an event at this hour of the week, with this σ."""
        key = _keys(hour, int(np.searchsorted(self.cuts, sigma)))[match]
        low, high = np.searchsorted(self.keys[match], [key, key + 1])
        return self.order[match][low:high]


def _keys(hour, third):
    return hour * 3 + third, hour + 0 * third, third, 0 * third


def draw(
    bars: Bars,
    column: np.ndarray,
    position: np.ndarray,
    event: np.ndarray,
    cluster: np.ndarray,
    factor: np.ndarray,
    sigma: np.ndarray,
    observed_t: float,
    *,
    model: str,
    estimation: int,
    gap: int,
    window: tuple[int, int],
    min_obs: float,
    draws: int,
    seed: int,
) -> Placebo:
    """p = (1 + #{|t_draw| ≥ |t|}) / (1 + draws) (Davison and Hinkley 1997, *Bootstrap Methods*, 4.2).

    One row an event and asset: its ``column`` and ``position`` of bar 0 in ``bars``, the ``event`` and ``cluster``
    it belongs to, its event's ``factor`` (``study_clusters.averaged``) and its own ``sigma``. A cluster's third of
    volatility is that of its first row; thirds are cut on the bars up to the last event, so later bars change
    nothing. Seeded: the same input gives the same p.
    """
    width = window[1] - window[0] + 1
    rolling = {
        asset: Rolling.of(bars, asset, model, estimation, gap, window, min_obs) for asset in np.unique(column).tolist()
    }
    timed = isinstance(bars.index, pd.DatetimeIndex)
    hour = hour_of_week(bars.index) if timed else np.zeros(len(bars.index), dtype=int)
    strata = {asset: _Strata.of(rolled, hour) for asset, rolled in rolling.items()}
    rng = np.random.default_rng(seed)
    total, squares = np.zeros(draws), np.zeros(draws)
    some = min(draws, _BAND_DRAWS)
    paths, used = np.zeros((some, width)), 0
    matched = dict.fromkeys(MATCHES, 0)
    order = np.lexsort((event, position, cluster))
    bounds = np.searchsorted(cluster[order], np.arange(int(cluster.max()) + 2))
    for low, high in pairwise(bounds.tolist()):
        rows = order[low:high]
        if not len(rows):
            continue
        for match in range(len(MATCHES)):
            dates = strata[column[rows[0]]].like(hour[position[rows[0]]], sigma[rows[0]], match)
            dates, scars, cars = _moved(rolling, rows, dates, column, position, event, factor, width)
            if len(dates) >= POOL or match == len(MATCHES) - 1:
                break
        if not len(dates):
            continue
        matched[MATCHES[match]] += 1
        used += 1
        picked = rng.integers(0, len(dates), draws)
        drawn = scars[picked]
        total += drawn
        squares += drawn * drawn
        shown, again = np.unique(picked[:some], return_inverse=True)
        paths += cars(shown)[again]
    if used < 2:
        return Placebo(np.nan, 0, matched, _band(np.full((1, width), np.nan), window))
    mean = total / used
    t = mean / np.sqrt((squares / used - mean**2) / (used - 1))
    p = (1 + int((np.abs(t) >= abs(observed_t)).sum())) / (1 + draws) if np.isfinite(observed_t) else np.nan
    return Placebo(p, draws, matched, _band(paths / used, window))


def _moved(rolling, rows, dates, column, position, event, factor, width):
    """A cluster moved to each of the dates: those where it fits, its mean SCAR there, its mean CAR path at some."""
    if len(rows) == 1:
        own = rolling[column[rows[0]]]
        return dates, own.scar[dates] * factor[rows[0]], lambda some: own.path(dates[some], width)
    shifts = position[rows] - position[rows[0]]
    bars = len(next(iter(rolling.values())).scar)
    dates = dates[(dates + shifts.min() >= 0) & (dates + shifts.max() < bars)]
    _, of_event, assets = np.unique(event[rows], return_inverse=True, return_counts=True)
    weights = 1 / assets[of_event] / len(assets)
    scars = np.zeros(len(dates))
    for row, shift, weight in zip(rows, shifts, weights, strict=True):
        scars += weight * factor[row] * rolling[column[row]].scar[dates + shift]
    there = np.isfinite(scars)
    kept = dates[there]

    def cars(some: np.ndarray) -> np.ndarray:
        mean = np.zeros((len(some), width))
        for row, shift, weight in zip(rows, shifts, weights, strict=True):
            mean += weight * rolling[column[row]].path(kept[some] + shift, width)
        return mean

    return kept, scars[there], cars


def _band(paths: np.ndarray, window: tuple[int, int]) -> pd.DataFrame:
    low, mid, high = np.quantile(paths, [0.025, 0.5, 0.975], axis=0)
    return pd.DataFrame({"t": np.arange(window[0], window[1] + 1), "low": low, "mid": mid, "high": high})
