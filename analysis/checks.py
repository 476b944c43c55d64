"""Checking a stated figure against what each source recorded.

The rule, for a claim *v* ± *p* (*p* is half of its last digit) stated for the span from *a* to *b*:

* only observations within the span count; a series whose spacing is coarser than the span (and than an
  hour, for an instant) cannot answer, nor can one without observations there, nor readings that do not reach
  from the beginning of the span to its end: **cannot check**;
* the recorded range is the lowest low to the highest high of those observations; the claim **matches**
  where *v* ± *p* touches it. "under" needs a low below *v*, "more than" a high above it, and "roughly"
  takes *p* as at least 1 % of *v*;
* otherwise it **differs**, and where another universe's range does hold it, the verdict is
  **another definition**.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

#: A question about an instant is answered by a value at most this old.
INSTANT_TOLERANCE_S = 3600
#: "Roughly" is taken to mean within this fraction.
APPROXIMATE = 0.01
#: How far after the first possible day other fitting days are listed.
LATER_DAYS = 30


@dataclass(frozen=True)
class Stated:
    """A claim as a number and a span; start equals end for an instant (aware UTC)."""

    value: float
    precision: float
    comparator: str  # eq, lt, gt, approx
    start: pd.Timestamp
    end: pd.Timestamp
    open_ended: bool = False  # the span is only the first possible one


def check(stated: Stated, observations: pd.DataFrame, *, universes: bool = True) -> pd.DataFrame:
    """One row for every (source, definition) among the observations.

    ``observations``: ``source``, ``definition``, ``start``, ``end`` (aware UTC; equal for a reading at an
    instant, else a bar ``[start, end)``), ``low``, ``high``, ``value`` (at ``end``), ``resolution_s``,
    ``available_at`` (when it had been published). They should reach from the span's start to
    ``LATER_DAYS`` after its end where the span is open-ended. ``universes``: the definitions count different
    things, so that one may hold what another does not; not so for the prices of several markets.

    Returns ``source``, ``definition``, ``value_usd``, ``low_usd``, ``high_usd``, ``difference`` (claimed
    over recorded − 1), ``resolution_s``, ``age_s``, ``verdict``, ``also_matches`` (ISO dates, or None),
    ``note`` and ``available_at`` (of the last observation that decided the verdict, or NaT).
    """
    rows = [
        _check_one(stated, source, definition, series)
        for (source, definition), series in observations.groupby(["source", "definition"], sort=True)
    ]
    result = pd.DataFrame(
        rows,
        columns=[
            "source",
            "definition",
            "value_usd",
            "low_usd",
            "high_usd",
            "difference",
            "resolution_s",
            "age_s",
            "verdict",
            "also_matches",
            "note",
            "available_at",
        ],
    )
    matching, differing = result["verdict"] == "matches", result["verdict"] == "differs"
    if universes and matching.any():
        result.loc[differing, "verdict"] = "another definition"
        first_match = result.loc[matching, "available_at"].min()
        result.loc[differing, "available_at"] = result.loc[differing, "available_at"].clip(lower=first_match)
    return result


def _check_one(stated: Stated, source: str, definition: str, series: pd.DataFrame) -> dict:
    span_s = (stated.end - stated.start).total_seconds()
    readings = series["start"] == series["end"]
    tolerance = pd.Timedelta(seconds=INSTANT_TOLERANCE_S if span_s == 0 else 0)
    within = (readings & (series["end"] >= stated.start - tolerance) & (series["end"] <= stated.end)) | (
        ~readings
        & (series["start"] < stated.end + (pd.Timedelta(1, "us") if span_s == 0 else pd.Timedelta(0)))
        & (series["end"] > stated.start)
    )
    fine = series["resolution_s"] <= max(span_s, INSTANT_TOLERANCE_S)
    usable = series[within & fine].sort_values("end")
    if span_s and len(usable) and (usable["start"] == usable["end"]).all() and not _spans(stated, usable["end"]):
        usable = usable.iloc[:0]
    row = {"source": source, "definition": definition, "also_matches": None}
    if usable.empty:
        coarse = series[within]
        note = (
            f"Recorded only every {_spacing(coarse['resolution_s'].min())}, coarser than the question."
            if len(series[within & ~fine])
            else "Too few values recorded over that time to tell its range."
            if len(coarse)
            else "Nothing recorded at that time."
        )
        return row | {
            "value_usd": None,
            "low_usd": None,
            "high_usd": None,
            "difference": None,
            "resolution_s": int(coarse["resolution_s"].min()) if len(coarse) else None,
            "age_s": None,
            "verdict": "cannot check",
            "note": note,
            "available_at": pd.NaT,
        }
    low, high, last = usable["low"].min(), usable["high"].max(), usable.iloc[-1]
    matches = _touches(stated, low, high)
    over = "at that time" if span_s == 0 else f"between {_day(stated.start)} and {_day(stated.end)}"
    also = None
    if matches and stated.open_ended:
        later = series[~within & (series["end"] > stated.end) & (series["resolution_s"] <= 86_400)]
        fitting = later[[_touches(stated, one.low, one.high) for one in later.itertuples()]]
        also = ", ".join(sorted({f"{start:%Y-%m-%d}" for start in fitting["start"]})) or None
    return row | {
        "value_usd": float(last["value"]),
        "low_usd": float(low),
        "high_usd": float(high),
        "difference": stated.value / float(last["value"]) - 1,
        "resolution_s": int(usable["resolution_s"].max()),
        "age_s": max(int((stated.end - last["end"]).total_seconds()), 0),
        "verdict": "matches" if matches else "differs",
        "also_matches": also,
        "note": f"Recorded {_short(low)} to {_short(high)} {over}.",
        "available_at": usable["available_at"].max(),
    }


def _spans(stated: Stated, readings: pd.Series) -> bool:
    """Whether readings at instants reach from the beginning to the end of the span, within a quarter of it."""
    quarter = (stated.end - stated.start) / 4
    return readings.min() - stated.start <= quarter and stated.end - readings.max() <= quarter


def _touches(stated: Stated, low: float, high: float) -> bool:
    if stated.comparator == "lt":
        return low < stated.value
    if stated.comparator == "gt":
        return high > stated.value
    margin = max(stated.precision, APPROXIMATE * stated.value if stated.comparator == "approx" else 0.0)
    # The last digits of a sum of floats are noise, not a difference.
    slack = 1e-9 * abs(stated.value)
    return low - margin - slack <= stated.value <= high + margin + slack


def _day(at: pd.Timestamp) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _spacing(seconds: float) -> str:
    for size, name in ((604_800, "week"), (86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            count = int(seconds // size)
            return name if count == 1 else f"{count} {name}s"
    return f"{seconds:.0f} s"


def _short(value: float) -> str:
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M")):
        if value >= size:
            return f"${value / size:,.3f} {letter}"
    return f"${value:,.2f}"
