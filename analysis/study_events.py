"""Which bar each event falls on, and what becomes of it: every event gets an outcome."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

__all__ = ["OUTCOMES", "Placed", "bar_length", "place"]

#: What can become of an event.
OUTCOMES = {
    "used": "in the study",
    "no_time": "no bar and no time is given",
    "no_asset": "the asset has no returns here",
    "no_bar": "no bar of that label, or none that opens at or after the story was known",
    "duplicate": "the same story, asset and bar stand in an earlier row",
    "window_outside_data": "the window begins before the first bar or ends after the last",
    "too_few_observations": "too few returns in the estimation window, other events' windows left out",
    "no_returns_in_window": "no return in the window has its benchmark's beside it",
    "no_variation": "nothing varies in the estimation window, so nothing can be measured against it",
}


@dataclass(frozen=True)
class Placed:
    """Events on bars, in the events' order."""

    outcomes: pd.DataFrame  # event_id, asset, outcome (``used`` so far), bar (label), wait_s, contaminated_bar (label)
    position: np.ndarray  # of bar 0 in the index; −1 where there is none
    column: np.ndarray  # of the asset in the returns; −1 where there is none
    contaminated: np.ndarray  # position of the bar that contains the publication; −1 where none does


def bar_length(index: pd.Index) -> pd.Timedelta | None:
    """The least distance of two bars; None where bars are not stamped with times."""
    if not isinstance(index, pd.DatetimeIndex) or len(index) < 2:
        return None
    return pd.Timedelta((index[1:] - index[:-1]).min())


def place(index: pd.Index, columns: pd.Index, events: pd.DataFrame, window: tuple[int, int]) -> Placed:
    """Find bar 0 of each event: the bar it names, or the first that opens at or after ``known_at``.

    ``events``: ``event_id``, ``asset`` and ``bar`` (a label of ``index``) or ``known_at`` (aware; ``index`` then
    holds aware bar opens); with both, ``bar`` counts and ``known_at`` says which bar contains the publication: the
    one that had opened before and had not yet closed. Raises ValueError where a column is missing or zones differ.
    """
    missing = {"event_id", "asset"} - set(events.columns)
    if missing or not {"bar", "known_at"} & set(events.columns):
        raise ValueError(f"events need event_id, asset and bar or known_at; they have {list(events.columns)}")
    known = _instants(index, events["known_at"]) if "known_at" in events else None
    if "bar" in events:
        labels = events["bar"]
        nothing = labels.isna().to_numpy()
        named = _instants(index, labels) if isinstance(index, pd.DatetimeIndex) else pd.Index(labels)
        position = index.get_indexer(named)
    else:
        nothing = np.asarray(known.isna())
        position = index.searchsorted(known.fillna(index[0]) if len(index) else known, side="left")
        position = np.where(position < len(index), position, -1)
    position = np.where(nothing, -1, position).astype(int)
    column = pd.Index(columns).get_indexer(pd.Index(events["asset"]))
    contaminated, wait = _publication(index, known, position)

    outcome = np.full(len(events), "used", dtype=object)
    outside = (position + window[0] < 0) | (position + window[1] >= len(index))
    again = pd.DataFrame({"id": events["event_id"].to_numpy(), "column": column, "position": position}).duplicated()
    for name, where in (
        ("window_outside_data", outside),
        ("duplicate", again.to_numpy()),
        ("no_bar", position < 0),
        ("no_time", nothing),
        ("no_asset", column < 0),
    ):
        outcome[where] = name
    outcomes = pd.DataFrame(
        {
            "event_id": events["event_id"].to_numpy(),
            "asset": events["asset"].to_numpy(),
            "outcome": pd.array(outcome, dtype="str"),
            "bar": _labels(index, position),
            "wait_s": wait,
            "contaminated_bar": _labels(index, contaminated),
        }
    )
    return Placed(outcomes, position, column, contaminated)


def _instants(index: pd.Index, values: pd.Series) -> pd.DatetimeIndex:
    if not isinstance(index, pd.DatetimeIndex):
        raise ValueError("known_at needs returns indexed by the bars' opens")
    times = pd.DatetimeIndex(values)
    if (times.tz is None) != (index.tz is None):
        raise ValueError("the events' times and the returns' index must both be aware")
    return times if index.tz is None else times.tz_convert(index.tz)


def _publication(
    index: pd.Index, known: pd.DatetimeIndex | None, position: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The bar that contains each publication (−1: none), and the seconds from there to bar 0's open."""
    contaminated, wait = np.full(len(position), -1), np.full(len(position), np.nan)
    if known is None or not len(index):
        return contaminated, wait
    there = np.flatnonzero((position >= 0) & ~np.asarray(known.isna()))
    at = known[there]
    wait[there] = (index[position[there]] - at).total_seconds()
    before = index.searchsorted(at, side="right") - 1
    opened = index[np.maximum(before, 0)]
    inside = (before >= 0) & np.asarray(opened < at)
    if len(index) > 1:
        # As long as the shortest bar until then: bars that come later change nothing.
        shortest = np.minimum.accumulate(np.diff(index.asi8))[np.clip(before - 1, 0, None)]
        inside &= np.asarray(at < opened + pd.to_timedelta(shortest, unit=index.unit))
    contaminated[there] = np.where(inside, before, -1)
    return contaminated, wait


def _labels(index: pd.Index, position: np.ndarray) -> pd.Index:
    """Labels at positions, missing where the position is −1."""
    if not len(index):
        return pd.Index([None] * len(position))
    held = index if isinstance(index, pd.DatetimeIndex) else index.astype(object)
    return held.take(position, allow_fill=True, fill_value=np.nan)
