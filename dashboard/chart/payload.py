"""What the chart shows, and its bytes: panels of frames in, one compact message out. No Streamlit, no lake.

A message is a JSON header, then typed arrays in little-endian order, each aligned to eight bytes::

    uint32 length of the header | header (UTF-8 JSON, padded with spaces) | arrays

An array stands in the header as ``{"type": "f8" | "i4" | "u1", "at": byte offset, "n": length}``. Instants are
milliseconds since 1970 (UTC), or, where that loses nothing, whole seconds after ``base``. What is in a frame is
drawn as it is: a caller limits the rows (``MOST_BARS``, ``MOST_MARKS``), here more than that is an error.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import numpy as np
import pandas as pd

#: A panel of more is refused: nobody could tell them apart, and the goal of 250 kB a change would not hold.
MOST_BARS = 2_000
MOST_MARKS = 500
#: Longer headlines are cut; the panel beside the chart has the whole one.
MOST_TITLE = 160
MOST_DETAIL = 120
#: Half a minute of minute bars fills no chart.
SHORTEST_S = 600

Colour = Literal["blue", "orange", "teal", "violet", "grey", "pink"]
Unit = Literal["usd", "percent", "index", "count"]
SHAPES = ("circle", "diamond", "square", "triangle", "cross", "note", "star")
SPANS = ("point", "event", "uncertain", "bin")
# As assets/layout.js has them.
_TOP_PX, _HEAD_PX, _LANE_PX, _BETWEEN_PX, _AXIS_PX = 2, 24, 28, 8, 26
_MISSING = np.iinfo(np.int64).min


#: Values by name; of a mapping, times are int64 microseconds since 1970, UTC.
Frame = pd.DataFrame | Mapping[str, np.ndarray]


class TooMuch(ValueError):
    """More rows than a panel may draw."""


@dataclass(frozen=True)
class Candles:
    """Bars of ``step_s`` seconds: ``frame`` has ``open_time`` (aware, in order) and the four prices by name."""

    name: str
    frame: Frame
    step_s: int


@dataclass(frozen=True)
class Line:
    """``frame``: ``at`` (aware, in order), ``value``. Points over 1.5 ``step_s`` apart are not joined."""

    name: str
    frame: Frame
    colour: Colour
    step_s: int | None = None
    dash: bool = False


@dataclass(frozen=True)
class Band:
    """Between two values, such as the lowest and the highest provider: ``frame`` has ``at``, ``low``, ``high``."""

    name: str
    frame: Frame
    colour: Colour


@dataclass(frozen=True)
class Columns:
    """Volume: ``frame`` has ``open_time``, ``value``, and ``open`` and ``close`` for the colour."""

    name: str
    frame: Frame
    step_s: int


Series = Candles | Line | Band | Columns


@dataclass(frozen=True)
class Panel:
    """Values over time. ``gaps``: spans without data, hatched. ``empty``: what is said where nothing can be drawn."""

    title: str
    series: Sequence[Series]
    unit: Unit = "usd"
    log: bool = False
    height: int = 180
    note: str = ""
    gaps: Sequence[tuple[datetime, datetime]] = ()
    empty: str = ""


@dataclass(frozen=True)
class Marks:
    """The marks of lanes as arrays, one item a mark: what a frame of them (see ``Lanes``) is read into.

    ``at``, ``until``: int64, microseconds since 1970. ``lane``, ``shape``, ``span``: places in the panel's lanes, in
    SHAPES and in SPANS.
    """

    item_id: Sequence[str]
    at: np.ndarray
    until: np.ndarray
    lane: np.ndarray
    title: Sequence[str]
    detail: Sequence[str]
    shape: np.ndarray
    span: np.ndarray
    count: np.ndarray

    def __len__(self) -> int:
        return len(self.item_id)


@dataclass(frozen=True)
class Lanes:
    """News: one lane a name in ``lanes``, top to bottom, and one row of ``marks`` a mark.

    ``marks``: ``item_id``, ``at`` (aware), ``until`` (aware, may be missing), ``lane`` (one of ``lanes``), ``title``,
    ``detail`` (such as the publisher; the chart adds the time), ``shape`` (of ``SHAPES``), ``span`` (of ``SPANS``),
    ``count`` (1, or how many items a bin holds). An ``event`` is a band from ``at`` to ``until``; ``uncertain`` a
    whisker over the span the time is known to; a ``bin`` a pill with its count, whose click shows ``at`` to
    ``until``. ``note`` is the line that says how many of how many are shown; where neighbours would touch at the
    chart's width, the browser counts them together and says its own line, of ``things``.
    """

    title: str
    lanes: Sequence[str]
    marks: pd.DataFrame | Marks
    note: str = ""
    empty: str = ""
    things: str = "stories"


@dataclass(frozen=True)
class Chart:
    """Panels over one time axis. ``start``, ``end``: the range shown; ``first``, ``last``: how far it can be moved.

    ``zone`` is an IANA name, ``zone_name`` what stands for it beside the axis; ``zone_names``: what its time is called
    where it is so many seconds ahead of UTC. ``known_at``: a replay's clock; what is after it is shaded.
    ``summary``: one sentence for those who do not see the chart.
    """

    panels: Sequence[Panel | Lanes]
    start: datetime
    end: datetime
    first: datetime
    last: datetime
    summary: str
    zone: str = "UTC"
    zone_name: str = "UTC"
    zone_names: Mapping[int, str] = field(default_factory=dict)
    known_at: datetime | None = None
    shortest_s: int = SHORTEST_S


@dataclass
class _Store:
    """The arrays of one message, end to end."""

    parts: list[bytes] = field(default_factory=list)
    size: int = 0

    def put(self, values: np.ndarray, type_: str) -> dict[str, object]:
        raw = np.ascontiguousarray(values, dtype=f"<{type_}").tobytes()
        told = {"type": type_, "at": self.size, "n": len(values)}
        padded = raw + b"\0" * (-len(raw) % 8)
        self.parts.append(padded)
        self.size += len(padded)
        return told

    def put_instants(self, us: np.ndarray) -> dict[str, object]:
        if len(us):
            after = us - us[0]
            if us[0] % 1000 == 0 and not (after % 1_000_000).any() and abs(after[-1]) < 2**31 * 1_000_000:
                return {**self.put(after // 1_000_000, "i4"), "base": int(us[0] // 1000)}
        return self.put(us / 1000, "f8")


def encode(chart: Chart) -> bytes:
    """The chart's message. Raises ``TooMuch``, and ``ValueError`` for what cannot be drawn (order, lanes, zones)."""
    if not chart.start < chart.end:
        raise ValueError(f"the range ends ({chart.end}) before it begins ({chart.start})")
    store = _Store()
    first, last = min(chart.first, chart.start), max(chart.last, chart.end)
    head = {
        "range": [_ms(chart.start), _ms(chart.end)],
        "limits": [_ms(first), _ms(last)],
        "shortest": min(chart.shortest_s * 1000, _ms(last) - _ms(first)),
        "zone": chart.zone,
        "zoneName": chart.zone_name,
        "zoneNames": {str(ahead): name for ahead, name in chart.zone_names.items()},
        "knownAt": None if chart.known_at is None else _ms(chart.known_at),
        "summary": chart.summary,
        "panels": [_lanes(p, store) if isinstance(p, Lanes) else _panel(p, store) for p in chart.panels],
    }
    arrays = b"".join(store.parts)
    return framed(head) + arrays


def height_of(chart: Chart) -> int:
    """What the chart takes on a page, in CSS pixels; the same at every width."""
    values = sum(_LANE_PX * max(1, len(p.lanes)) if isinstance(p, Lanes) else p.height for p in chart.panels)
    return _TOP_PX + values + len(chart.panels) * (_HEAD_PX + _BETWEEN_PX) - _BETWEEN_PX + _AXIS_PX


def framed(head: Mapping[str, object]) -> bytes:
    """A JSON header with its length before it, padded so that what follows stands at a multiple of eight."""
    text = json.dumps(head, allow_nan=False, separators=(",", ":")).encode()
    text += b" " * (-(4 + len(text)) % 8)
    return len(text).to_bytes(4, "little") + text


def _panel(panel: Panel, store: _Store) -> dict[str, object]:
    drawn = [_series(series, store, panel.title) for series in panel.series]
    return {
        "title": panel.title,
        "unit": panel.unit,
        "log": panel.log,
        "height": panel.height,
        "note": panel.note,
        "gaps": [[_ms(start), _ms(end)] for start, end in panel.gaps],
        "empty": panel.empty if all(series["t"]["n"] == 0 for series in drawn) else "",
        "series": drawn,
    }


def _series(series: Series, store: _Store, panel: str) -> dict[str, object]:
    frame, told = series.frame, {"name": series.name}
    match series:
        case Candles():
            kind, at, columns = "candles", "open_time", {n: n for n in ("open", "high", "low", "close")}
            told["step"] = series.step_s * 1000
        case Columns():
            kind, at, columns = "columns", "open_time", {"value": "value"}
            told["step"] = series.step_s * 1000
        case Line():
            kind, at, columns = "line", "at", {"value": "value"}
            told |= {"step": series.step_s and series.step_s * 1000, "colour": series.colour, "dash": series.dash}
        case Band():
            kind, at, columns = "band", "at", {"value": "low", "upper": "high"}
            told |= {"step": None, "colour": series.colour}
    us = microseconds(frame[at])
    if len(us) > MOST_BARS:
        raise TooMuch(f"{panel}: {len(us):,} values of {series.name}; at most {MOST_BARS:,} are drawn")
    values = {name: _figures(frame[column]) for name, column in columns.items()}
    if kind == "columns":
        values["rising"] = _figures(frame["close"]) >= _figures(frame["open"])
    if (us[1:] < us[:-1]).any():
        raise ValueError(f"{series.name}: its times are not in order")
    if kind != "line":  # a bar that lacks a value would be drawn from nowhere: the gap shows instead
        whole = np.logical_and.reduce([np.isfinite(column) for column in values.values()])
        if not whole.all():
            us, values = us[whole], {name: column[whole] for name, column in values.items()}
    stored = {name: store.put(column, "u1" if name == "rising" else "f8") for name, column in values.items()}
    return {**told, "kind": kind, "t": store.put_instants(us), **stored}


def _lanes(panel: Lanes, store: _Store) -> dict[str, object]:
    if len(panel.marks) > MOST_MARKS:
        raise TooMuch(f"{panel.title}: {len(panel.marks):,} marks; at most {MOST_MARKS:,} are drawn")
    marks = panel.marks if isinstance(panel.marks, Marks) else _marks_of(panel.marks, panel.lanes)
    told = {
        "t": store.put(marks.at / 1000, "f8"),
        "until": store.put(marks.until / 1000, "f8"),
        "lane": store.put(marks.lane, "i4"),
        "shape": store.put(marks.shape, "u1"),
        "span": store.put(marks.span, "u1"),
        "count": store.put(marks.count, "i4"),
        "id": list(marks.item_id),
        "title": [cut(one, MOST_TITLE) for one in marks.title],
        "detail": [cut(one, MOST_DETAIL) for one in marks.detail],
    }
    return {
        "title": panel.title,
        "note": panel.note,
        "things": panel.things,
        "lanes": [cut(name, 40) for name in panel.lanes],
        "gaps": [],
        "empty": "" if len(marks) else panel.empty,
        "series": [],
        "marks": told,
    }


def _marks_of(frame: pd.DataFrame, lanes: Sequence[str]) -> Marks:
    at, until = microseconds(frame["at"]), microseconds(frame["until"])
    return Marks(
        [str(one) for one in frame["item_id"].to_list()],
        at,
        np.where(until == _MISSING, at, until),
        np.array(_places(frame["lane"], lanes), dtype=np.int64),
        frame["title"].to_list(),
        frame["detail"].to_list(),
        np.array(_places(frame["shape"], SHAPES), dtype=np.int64),
        np.array(_places(frame["span"], SPANS), dtype=np.int64),
        frame["count"].to_numpy(),
    )


def _places(names: pd.Series, known: Sequence[str]) -> list[int]:
    place = {name: i for i, name in enumerate(known)}
    try:
        return [place[name] for name in names.to_list()]
    except KeyError as missing:
        raise ValueError(f"{names.name}: {missing} is not one of {list(known)}") from None


def cut(text: str, most: int) -> str:
    """One line of at most ``most`` characters; looks at no more of the text than it may keep."""
    if len(text) <= most and text.isprintable() and "  " not in text:  # nearly always; no other space is printable
        return text.strip()
    start = text[: 4 * most]
    line = " ".join(start.split())
    return line if len(line) <= most and len(text) <= 4 * most else line[: most - 1].rstrip() + "…"


def _figures(values: pd.Series | np.ndarray) -> np.ndarray:
    return values if isinstance(values, np.ndarray) else values.to_numpy(float)


def microseconds(at: pd.Series | np.ndarray) -> np.ndarray:
    """Since 1970, UTC; the smallest integer where it is missing. Raises ``TypeError`` for times without a zone."""
    if isinstance(at, np.ndarray):
        return at
    index = pd.DatetimeIndex(at)
    if index.tz is None:
        raise TypeError(f"{at.name}: its times have no zone")
    return index.as_unit("us").asi8


def _ms(at: datetime) -> int:
    if at.tzinfo is None:
        raise TypeError(f"{at}: a time without a zone")
    return int(pd.Timestamp(at).timestamp() * 1000)
