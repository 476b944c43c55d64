"""Checking a stated figure against what each source recorded.

The rule, for a claim *v* ± *p* (*p* is half of its last digit) stated for the span from *a* to *b*:

* only observations within the span count; a series whose spacing is coarser than the span (and than an
  hour, for an instant) cannot answer, nor can one without observations there, nor readings that do not reach
  from the beginning of the span to its end, nor bars that do not where the claim does not fit: **cannot check**;
* the recorded range is the lowest low to the highest high of those observations; the claim **matches**
  where *v* ± *p* touches it. "under" needs a low below *v*, "more than" a high above it, and "roughly"
  takes *p* as at least 1 % of *v*. Of a fall, "more than" and "under" speak of its size;
* otherwise it **differs**, and where another universe's range does hold it, the verdict is
  **another definition**.

What is recorded of a dominance is made in ``analysis.check_dominance``, of a drawdown in
``analysis.check_drawdown``; moves have a rule of their own, in ``analysis.check_moves``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd

#: A question about an instant is answered by a value at most this old.
INSTANT_TOLERANCE_S = 3600
#: "Roughly" is taken to mean within this fraction.
APPROXIMATE = 0.01
#: How far after the first possible day other fitting days are listed.
LATER_DAYS = 30

DAY_US, SECOND_US = 86_400_000_000, 1_000_000
#: No time: what a missing instant is in whole microseconds.
NO_TIME = np.iinfo("int64").min

COLUMNS = (
    "source",
    "definition",
    "value_usd",
    "low_usd",
    "high_usd",
    "difference",
    "value_percent",
    "low_percent",
    "high_percent",
    "difference_points",
    "resolution_s",
    "age_s",
    "verdict",
    "also_matches",
    "note",
    "available_at",
)


@dataclass(frozen=True)
class Stated:
    """A claim as a number and a span; start equals end for an instant (aware UTC)."""

    value: float  # USD, or signed percent
    precision: float
    comparator: str  # eq, lt, gt, approx; of a negative percentage, lt and gt are of its size
    start: pd.Timestamp
    end: pd.Timestamp
    open_ended: bool = False  # the span is only the first possible one
    unit: str = "USD"  # or percent

    @property
    def start_us(self) -> int:
        return self.start.value // 1000

    @property
    def end_us(self) -> int:
        return self.end.value // 1000


@dataclass(frozen=True)
class Record:
    """What one source recorded by one definition, ordered by ``end``: arrays of one length.

    Instants are whole microseconds since 1970 UTC. A reading at an instant has ``start == end``, a bar covers
    ``[start, end)``. ``open`` (the value at ``start``) is NaN where unknown.
    """

    source: str
    definition: str
    start: np.ndarray
    end: np.ndarray
    open: np.ndarray
    low: np.ndarray
    high: np.ndarray
    value: np.ndarray  # at end
    resolution_s: np.ndarray
    available_at: np.ndarray  # when it had been published

    def __len__(self) -> int:
        return len(self.end)

    def take(self, which: slice | np.ndarray) -> Record:
        arrays = {f.name: getattr(self, f.name)[which] for f in fields(self) if f.name not in ("source", "definition")}
        return replace(self, **arrays)

    def between(self, start_us: int, end_us: int) -> Record:
        """Those that end within ``[start_us, end_us]``."""
        return self.take(slice(*np.searchsorted(self.end, [start_us, end_us + 1])))

    @property
    def readings(self) -> np.ndarray:
        return self.start == self.end


def records(observations: pd.DataFrame) -> list[Record]:
    """One record for every (source, definition), in their order.

    ``observations``: ``source``, ``definition``, ``start``, ``end`` (aware UTC; equal for a reading), ``low``,
    ``high``, ``value`` (at ``end``), ``resolution_s``, ``available_at``; ``open`` may be missing.
    """
    if observations.empty:
        return []
    found = []
    for (source, definition), one in observations.sort_values("end", kind="stable").groupby(
        ["source", "definition"], sort=True
    ):
        found.append(
            Record(
                source,
                definition,
                *(_microseconds(one[name]) for name in ("start", "end")),
                one["open"].to_numpy("float64") if "open" in one else np.full(len(one), np.nan),
                *(one[name].to_numpy("float64") for name in ("low", "high", "value")),
                one["resolution_s"].to_numpy("int64"),
                _microseconds(one["available_at"]),
            )
        )
    return found


def join(parts: Iterable[Record]) -> Record:
    """Records of one series, one after another."""
    parts = list(parts)
    arrays = {
        f.name: np.concatenate([getattr(part, f.name) for part in parts])
        for f in fields(Record)
        if f.name not in ("source", "definition")
    }
    return replace(parts[0], **arrays)


def _microseconds(times: pd.Series) -> np.ndarray:
    return pd.to_datetime(times, utc=True).astype("datetime64[us, UTC]").to_numpy("datetime64[us]").astype("int64")


def check(stated: Stated, observations: pd.DataFrame, *, universes: bool = True) -> pd.DataFrame:
    """One row for every (source, definition) among the observations.

    ``observations``: see ``records``. They should reach from the span's start to ``LATER_DAYS`` after its end
    where the span is open-ended. ``universes``: see ``verdicts``.

    Returns ``source``, ``definition``; for a claim in USD ``value_usd``, ``low_usd``, ``high_usd`` and
    ``difference`` (claimed over recorded − 1); for one in percent ``value_percent``, ``low_percent``,
    ``high_percent`` and ``difference_points`` (claimed − recorded); ``resolution_s``, ``age_s``, ``verdict``,
    ``also_matches`` (ISO dates, or None), ``note`` and ``available_at`` (of the last observation that decided
    the verdict, or NaT).
    """
    rows = verdicts([check_record(stated, record) for record in records(observations)], universes=universes)
    times = pd.to_datetime([row["available_at"] for row in rows], unit="us", utc=True)
    return pd.DataFrame(rows, columns=list(COLUMNS)).assign(
        available_at=times.where([row["available_at"] != NO_TIME for row in rows])
    )


def verdicts(rows: list[dict], *, universes: bool) -> list[dict]:
    """The rows of one claim, each with its own verdict, seen together.

    ``universes``: the definitions count different things, so that one may hold what another does not; not so
    for several markets of one price.
    """
    matching = [row["available_at"] for row in rows if row["verdict"] == "matches"]
    if universes and matching:
        for row in rows:
            if row["verdict"] == "differs":
                # Known only once the one that matches is.
                row["verdict"] = "another definition"
                row["available_at"] = max(row["available_at"], min(matching))
    return rows


def check_record(stated: Stated, record: Record) -> dict:
    """One row of ``check``, by one record alone; ``available_at`` in microseconds, or ``NO_TIME``."""
    span_us = stated.end_us - stated.start_us
    near = record.take(_overlapping(stated, record))
    fine = near.resolution_s <= max(span_us / SECOND_US, INSTANT_TOLERANCE_S)
    usable = near.take(fine)
    if span_us and len(usable) and usable.readings.all() and not reaches(stated, usable):
        usable = usable.take(slice(0))
    if not len(near) and not span_us:
        return _too_old(stated, record)
    if not len(usable):
        note = (
            _coarse(stated, near)
            if not fine.all()
            else "Too few values recorded over that time to tell its range."
            if len(near)
            else "Nothing recorded at that time."
        )
        return cannot(record, note, int(near.resolution_s.min()) if len(near) else None)
    low, high = float(usable.low.min()), float(usable.high.max())
    matches = touches(stated, low, high)
    if span_us and not matches and not reaches(stated, usable):
        return cannot(record, "Recorded for a part of that time only.", int(usable.resolution_s.max()))
    return {
        **answer(stated, record, low, high, float(usable.value[-1]), int(usable.end[-1])),
        "resolution_s": int(usable.resolution_s.max()),
        "verdict": "matches" if matches else "differs",
        "also_matches": _also(stated, record) if matches and stated.open_ended else None,
        "note": f"Recorded {range_of(stated, low, high)} {over(stated) if span_us else 'in the hour up to then'}.",
        "available_at": int(usable.available_at.max()),
    }


def _coarse(stated: Stated, near: Record) -> str:
    """Why bars as long as these tell nothing of the question, and what they do tell."""
    note = f"Recorded only every {spacing(near.resolution_s.min())}, coarser than the question"
    bars = near.take(~near.readings)
    return f"{note}; over that bar: {range_of(stated, bars.low.min(), bars.high.max())}." if len(bars) else f"{note}."


def _too_old(stated: Stated, record: Record) -> dict:
    """What a record says of an instant that nothing recorded is near enough to: its last value, and its age."""
    earlier = record.between(0, stated.start_us)
    if not len(earlier):
        return cannot(record, "Nothing recorded at that time.")
    value, resolution_s = float(earlier.value[-1]), int(earlier.resolution_s[-1])
    age_s = (stated.start_us - int(earlier.end[-1])) // SECOND_US
    last = percent(value) if stated.unit == "percent" else dollars(value)
    note = f"Recorded every {spacing(resolution_s)}: the last value before, {last}, was {_age(age_s)} old."
    return cannot(record, note, resolution_s) | {
        "value_percent" if stated.unit == "percent" else "value_usd": value,
        "age_s": age_s,
        "available_at": int(earlier.available_at[-1]),
    }


def _overlapping(stated: Stated, record: Record) -> np.ndarray:
    """What lies at least partly within the span; for an instant, the hour before too: a text is written before it is
    published."""
    instant = stated.start_us == stated.end_us
    readings = record.readings
    tolerance = INSTANT_TOLERANCE_S * SECOND_US if instant else 0
    # The bar that opens at an instant tells of it, the one that closes there does not.
    return (readings & (record.end >= stated.start_us - tolerance) & (record.end <= stated.end_us)) | (
        ~readings & (record.start < stated.end_us + instant) & (record.end > stated.start_us - tolerance)
    )


def _also(stated: Stated, record: Record) -> str | None:
    later = (record.end > stated.end_us) & (record.resolution_s <= 86_400) & ~_overlapping(stated, record)
    days = {
        f"{start:%Y-%m-%d}"
        for start in pd.to_datetime(record.start[later & _touching(stated, record.low, record.high)], unit="us")
    }
    return ", ".join(sorted(days)) or None


def cannot(record: Record, note: str, resolution_s: int | None = None) -> dict:
    """A row that says why a record has no answer."""
    return {
        **dict.fromkeys(COLUMNS),
        "source": record.source,
        "definition": record.definition,
        "resolution_s": resolution_s,
        "verdict": "cannot check",
        "note": note,
        "available_at": NO_TIME,
    }


def answer(stated: Stated, record: Record, low: float, high: float, value: float, at_us: int) -> dict:
    """The recorded figures beside a claim, in its unit: ``value`` holds for ``at_us``."""
    row = dict.fromkeys(COLUMNS) | {"source": record.source, "definition": record.definition}
    if stated.unit == "percent":
        row |= {"value_percent": value, "low_percent": low, "high_percent": high}
        row["difference_points"] = stated.value - value
    else:
        row |= {"value_usd": value, "low_usd": low, "high_usd": high, "difference": stated.value / value - 1}
    return row | {"age_s": max((stated.end_us - at_us) // SECOND_US, 0)}


def reaches(stated: Stated, record: Record) -> bool:
    """Whether what is recorded reaches from the beginning to the end of the span, within a quarter of it."""
    quarter = (stated.end_us - stated.start_us) / 4
    return bool(record.start.min() - stated.start_us <= quarter and stated.end_us - record.end.max() <= quarter)


def touches(stated: Stated, low: float, high: float) -> bool:
    """Whether a claim fits somewhere within ``[low, high]``."""
    return bool(_touching(stated, np.array([low]), np.array([high]))[0])


def _touching(stated: Stated, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    value = stated.value
    if stated.unit == "percent" and value < 0:
        # "Fell more than 4 %": −4 or lower, turned round.
        value, low, high = -value, -high, -low
    if stated.comparator == "lt":
        return low < value
    if stated.comparator == "gt":
        return high > value
    margin = max(stated.precision, APPROXIMATE * abs(value) if stated.comparator == "approx" else 0.0)
    # The last digits of a sum of floats are noise, not a difference.
    slack = 1e-9 * abs(value)
    return (low - margin - slack <= value) & (value <= high + margin + slack)


# In words -----------------------------------------------------------------------------------------------------


def over(stated: Stated) -> str:
    if stated.start_us == stated.end_us:
        return "at that time"
    return f"between {stated.start:%Y-%m-%d %H:%M UTC} and {stated.end:%Y-%m-%d %H:%M UTC}"


def range_of(stated: Stated, low: float, high: float) -> str:
    written = percent if stated.unit == "percent" else dollars
    return f"{written(low)} to {written(high)}"


def percent(value: float) -> str:
    return f"{value:,.2f} %".replace("-", "−")


def spacing(seconds: float) -> str:
    """``604800`` is "week", ``7200`` "2 hours"."""
    for size, name in ((604_800, "week"), (86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            count = int(seconds // size)
            return name if count == 1 else f"{count} {name}s"
    return f"{seconds:.0f} s"


def _age(seconds: int) -> str:
    """``9000`` is "2.5 hours"."""
    for size, name in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {name}"
    return f"{seconds} seconds"


def joined(parts: Iterable[str]) -> str:
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


def dollars(value: float) -> str:
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M")):
        if value >= size:
            return f"${value / size:,.3f} {letter}"
    return f"${value:,.2f}" if value >= 1 else f"${value:,.4g}"
