"""Many series in one frame, cut to a range without a look at the rest of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

#: Values a series that a range shows, at most; of more, the last of each of equally long spans.
MOST = 500
_DAY_S = 86_400
#: Round spans, so that panning does not move their edges.
_WIDTHS_S = (60, 300, 600, 900, 1800, *(3600 * h for h in (1, 2, 3, 6, 12)), *(_DAY_S * d for d in (1, 2, 7, 14, 28)))
_SECOND = 1_000_000


class Series:
    """Never changes. ``rows``: in the order of ``by``, and within each series in that of ``at`` (aware UTC)."""

    def __init__(self, rows: pd.DataFrame, by: tuple[str, ...] = (), at: str = "period_end") -> None:
        self.rows = rows.reset_index(drop=True)
        self._us = pd.DatetimeIndex(rows[at]).as_unit("us").asi8
        codes = rows.groupby(list(by), observed=True, sort=False).ngroup().to_numpy() if by else np.zeros(len(rows))
        begins = np.flatnonzero(np.append(True, codes[1:] != codes[:-1])) if len(rows) else np.array([], int)
        self._spans = list(zip(begins, [*begins[1:], len(rows)][: len(begins)], strict=True))

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def newest(self) -> pd.DataFrame:
        """The last row of each series."""
        return self.rows.iloc[[end - 1 for _, end in self._spans]].reset_index(drop=True)

    @property
    def extent(self) -> tuple[pd.Timestamp, pd.Timestamp] | None:
        """The first and the last instant of any of them."""
        if not len(self):
            return None
        first, last = self._us.min(), self._us.max()
        return tuple(pd.Timestamp(us, unit="us", tz="UTC").as_unit("us") for us in (first, last))

    def within(self, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
        """The rows of ``[start, end]``, at most ``MOST`` a series, with ``span_s``: how long a span each stands for.

        Of a series with more rows the last of each span is there, as it was; ``span_s`` is 0 where all are.
        """
        first_us, last_us = pd.DatetimeIndex([start, end]).as_unit("us").asi8.tolist()
        # One span fewer than there may be: the range's edges cut two of them.
        least_s = (last_us - first_us) / _SECOND / (MOST - 1)
        width_s = next((s for s in _WIDTHS_S if s >= least_s), 364 * _DAY_S * int(np.ceil(least_s / (364 * _DAY_S))))
        width_us = width_s * _SECOND
        ends_us = np.arange(first_us // width_us + 1, last_us // width_us + 2) * width_us
        kept, spans = [], []
        for begin, stop in self._spans:
            us = self._us[begin:stop]
            low, high = np.searchsorted(us, first_us, "left"), np.searchsorted(us, last_us, "right")
            if high - low <= MOST:
                places = np.arange(low, high)
            else:
                places = np.unique(np.minimum(np.searchsorted(us, ends_us, "left"), high) - 1)
                places = places[places >= low]
            kept.append(begin + places)
            spans.append(np.full(len(places), 0 if high - low <= MOST else width_s))
        place = np.concatenate(kept) if kept else np.array([], int)
        return self.rows.take(place).assign(span_s=np.concatenate(spans) if spans else place).reset_index(drop=True)
