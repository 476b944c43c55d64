"""One series of market caps, read at instants: what ``analysis.pairing`` reads caps from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.pairing_grid import NO_TIME, microseconds

#: A cap older than this many spacings of its series, and than a day, says nothing of a moment.
STALE_SPACINGS = 2


class Caps:
    """The last cap whose period had ended, by instant. Never changes.

    ``caps``: ``period_end``, ``definition``, ``market_cap_usd``, in any order; ``available_at`` and ``resolution_s``
    where they are there (see ``analysis.pairing.pair``). Raises ValueError for several definitions, two values of one
    time, times that are not aware.
    """

    READS = ("period_end", "definition", "market_cap_usd", "available_at", "resolution_s")

    def __init__(self, caps: pd.DataFrame) -> None:
        if caps["definition"].nunique() > 1:
            raise ValueError("caps must hold one definition: totals of different universes cannot be mixed")
        ended, value = microseconds(caps["period_end"], "period_end"), caps["market_cap_usd"].to_numpy(dtype=float)
        told, known = (ended != NO_TIME) & ~np.isnan(value), ended
        if "available_at" in caps:
            available = microseconds(caps["available_at"], "available_at")
            told, known = told & (available != NO_TIME), np.maximum(ended, available)
        limit_us = np.full(len(caps), np.nan)
        if "resolution_s" in caps:
            spacing_s = caps["resolution_s"].to_numpy(dtype=float, na_value=np.nan)
            limit_us = np.maximum(STALE_SPACINGS * spacing_s, 86_400) * 1e6
        order = np.lexsort((value, ended, known))
        order = order[told[order]]
        _refuse_two_values(ended[order], value[order])
        # Of what was known by then, the latest period: one that came late is not newer for that.
        latest = np.maximum.accumulate(ended[order])
        order = order[np.maximum.accumulate(np.where(ended[order] == latest, np.arange(len(order)), 0))]
        self._known = np.sort(known[told])
        # Before the first there is none: what lies before it is read from an empty place.
        self._value = np.concatenate([[np.nan], value[order]])
        self._until = np.concatenate([[np.nan], ended[order] + limit_us[order]])
        self._stale = not np.isnan(self._until).all()

    def at(self, published: np.ndarray) -> np.ndarray:
        """The cap at each instant (microseconds); NaN before the first, where it is stale, and for ``NO_TIME``."""
        place = np.searchsorted(self._known, published, side="right")
        found = self._value[place]
        if self._stale:
            found[published > self._until[place]] = np.nan
        return found


def _refuse_two_values(ended: np.ndarray, value: np.ndarray) -> None:
    order = np.lexsort((value, ended))
    twice = np.flatnonzero((np.diff(ended[order]) == 0) & (np.diff(value[order]) != 0))
    if len(twice):
        when = pd.Timestamp(int(ended[order][twice[0]]), unit="us", tz="UTC")
        raise ValueError(f"caps hold two values of {when}: give one source and one asset")
