"""How far providers' market caps are apart at one instant: a band from the lowest to the highest.

Two values are of one instant where they are at most 15 minutes apart (as for a dominance, see
``analysis.check_dominance``): within a day the market itself moves as far as definitions differ. What is called the
spread is highest over lowest, minus one (fraction).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.check_dominance import SAME_INSTANT

BAND = ("at", "low_usd", "high_usd", "low_of", "high_of", "providers", "spread", "resolution_s")
DIFFERENCES = ("source", "definition", "other_source", "other_definition", "at", "difference")
_WINDOW_US = int(SAME_INSTANT.total_seconds() * 1e6)


def band(caps: pd.DataFrame) -> pd.DataFrame:
    """A row for each instant at which two or more providers are current, oldest first.

    ``caps``: ``source``, ``definition``, ``period_end`` (aware UTC), ``market_cap_usd``, ``resolution_s``, of one asset
    (TOTAL, say). Instants are those at which any of them has a value; each provider counts with its last value that is
    at most 15 minutes old by then, so nothing later than ``at`` is in a row. Returns ``at``, ``low_usd``, ``high_usd``,
    ``low_of``, ``high_of`` ("source definition"), ``providers`` (how many), ``spread`` (fraction) and ``resolution_s``,
    the coarsest spacing of those counted.
    """
    instants, series = _by_series(caps)
    if len(series) < 2:
        return _empty(BAND)
    values, spacing = _current(instants, series)
    known = np.isfinite(values)
    several = known.sum(axis=1) >= 2
    instants, values, known, spacing = instants[several], values[several], known[several], spacing[several]
    names = [" ".join(name) for name, _ in series]
    low, high = np.where(known, values, np.inf), np.where(known, values, -np.inf)
    lowest, highest = low.min(axis=1, initial=np.inf), high.max(axis=1, initial=-np.inf)
    return pd.DataFrame(
        {
            "at": _aware(instants),
            "low_usd": lowest,
            "high_usd": highest,
            "low_of": pd.Categorical.from_codes(low.argmin(axis=1), names),
            "high_of": pd.Categorical.from_codes(high.argmax(axis=1), names),
            "providers": known.sum(axis=1),
            "spread": highest / lowest - 1,
            "resolution_s": np.where(known, spacing, 0).max(axis=1, initial=0).astype("int64"),
        }
    )


def differences(caps: pd.DataFrame) -> pd.DataFrame:
    """Each provider against each other one, at the newest instant at which both are current.

    ``caps`` as for ``band``. Returns ``source``, ``definition``, ``other_source``, ``other_definition``, ``at`` and
    ``difference``: the first's cap over the other's, minus one (fraction). No row for two that never meet.
    """
    instants, series = _by_series(caps)
    if len(series) < 2:
        return _empty(DIFFERENCES)
    values, _ = _current(instants, series)
    rows = []
    for mine, (name, _) in enumerate(series):
        for other, (other_name, _) in enumerate(series):
            both = np.flatnonzero(np.isfinite(values[:, mine]) & np.isfinite(values[:, other]))
            if mine != other and len(both):
                ratio = values[both[-1], mine] / values[both[-1], other]
                rows.append((*name, *other_name, instants[both[-1]], ratio - 1))
    found = pd.DataFrame(rows, columns=list(DIFFERENCES))
    return found.assign(at=_aware(found["at"].to_numpy("int64"))) if rows else _empty(DIFFERENCES)


_Series = list[tuple[tuple[str, str], tuple[np.ndarray, np.ndarray, np.ndarray]]]


def _by_series(caps: pd.DataFrame) -> tuple[np.ndarray, _Series]:
    """Every instant, and by (source, definition): times (microseconds, rising), values, spacings."""
    caps = caps[caps["market_cap_usd"] > 0]
    series = []
    for name, own in caps.groupby(["source", "definition"], sort=True, observed=True):
        own = own.sort_values("period_end", kind="stable")
        times = pd.DatetimeIndex(own["period_end"]).as_unit("us").asi8
        series.append((name, (times, own["market_cap_usd"].to_numpy(float), own["resolution_s"].to_numpy("int64"))))
    # Sorted runs, end to end: merging them takes a tenth of what np.unique's hash table does.
    instants = np.sort(np.concatenate([[], *(times for _, (times, _, _) in series)]).astype("int64"), kind="stable")
    return instants[np.append(True, np.diff(instants) > 0)[: len(instants)]], series


def _current(instants: np.ndarray, series: _Series) -> tuple[np.ndarray, np.ndarray]:
    """By instant and series: the last value that is current, else NaN; and its spacing."""
    values = np.full((len(instants), len(series)), np.nan)
    spacing = np.zeros((len(instants), len(series)), "int64")
    for column, (_, (times, own, own_spacing)) in enumerate(series):
        place = np.searchsorted(times, instants, side="right") - 1
        current = (place >= 0) & (instants - times[place] <= _WINDOW_US)
        values[current, column] = own[place[current]]
        spacing[current, column] = own_spacing[place[current]]
    return values, spacing


def _aware(instants: np.ndarray) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(instants.astype("datetime64[us]")).tz_localize("UTC")


def _empty(columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame({name: _aware(np.array([], "int64")) if name == "at" else [] for name in columns})
