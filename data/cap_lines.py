"""Market caps over time, by source, definition and asset: whole series in memory, cut to a range by searching."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from data import queries
from data.markets import WIDTHS_S
from data.queries.timeline_index import NOW, micro
from data.view import View

SERIES = ["source", "definition", "asset"]


@dataclass(frozen=True, eq=False, repr=False)
class CapLine:
    """One series within a range: instants in microseconds since 1970, in order, and the values that hold at them."""

    source: str
    definition: str
    asset: str
    at: np.ndarray
    values: np.ndarray
    resolution_s: int  # of the last value


class Caps:
    """Whole series, sorted by ``source``, ``definition``, ``asset`` and ``period_end``; ``column`` has their values."""

    def __init__(self, frame: pd.DataFrame, column: str) -> None:
        self.frame = frame
        self._at, self._known = (
            frame[name].astype("datetime64[us, UTC]").astype("int64").to_numpy()
            for name in ("period_end", "available_at")
        )
        self._values, self._resolution_s = frame[column].to_numpy(float), frame["resolution_s"].to_numpy()
        named = frame[SERIES]
        starts = np.flatnonzero((named != named.shift()).any(axis=1).to_numpy())
        ends = [*starts[1:].tolist(), len(frame)][: len(starts)]  # no series, no end
        self._series = list(zip(named.iloc[starts].itertuples(index=False, name=None), starts, ends, strict=True))

    def within(self, view: View) -> pd.DataFrame:
        """What the view shows: of its range and clock, and of the series it names (all of them where it names none)."""
        places = [places for _, places in self._cut(view)]
        return self.frame.take(np.concatenate([np.empty(0, dtype=np.int64), *places])).reset_index(drop=True)

    def lines(self, view: View) -> list[CapLine]:
        """The same rows as arrays, series after series; those without a value there are left out."""
        return [
            CapLine(*names, self._at[places], self._values[places], int(self._resolution_s[places[-1]]))
            for names, places in self._cut(view)
            if len(places)
        ]

    def _cut(self, view: View) -> list[tuple[tuple[str, str, str], np.ndarray]]:
        span, clock = [micro(view.start), micro(view.end) + 1], NOW if view.known_at is None else micro(view.known_at)
        found = []
        for names, first, last in self._series:
            if not view.totals or f"{names[0]}/{names[1]}" in view.totals:
                places = np.arange(*(first + np.searchsorted(self._at[first:last], span)))
                found.append((names, self._thinned(places[self._known[places] <= clock])))
        return found

    def _thinned(self, places: np.ndarray) -> np.ndarray:
        """The last of each span of the narrowest round width that leaves few enough."""
        for width_s in WIDTHS_S:
            if len(places) <= queries.MAX_BARS:
                break
            # A value is of the span it ends: midnight's belongs to the day before.
            spans = (self._at[places] - 1) // (width_s * 1_000_000)
            last = np.append(spans[1:] != spans[:-1], True)
            if last.sum() <= queries.MAX_BARS:
                places = places[last]
        return places
