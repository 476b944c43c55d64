"""The timeline's chart: what a view shows, as panels over one time axis, and the sentence that says it. No Streamlit.

What is read is drawn as it is: what limits their rows is what read them (``data.reading``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

import numpy as np
import pandas as pd

from dashboard import words
from dashboard.chart import payload
from dashboard.chart.payload import Candles, Chart, Colour, Columns, Lanes, Line, Panel
from data.bar_blocks import FIGURES
from data.cap_lines import CapLine
from data.markets import Prices
from data.queries import desk
from data.queries.timeline import Marks
from data.reading import Reading
from data.view import View

#: Over a range in which a price grows more than this many times, equal moves look equal only on a logarithmic axis.
LOG_OVER = 3.0
#: Totals are told apart by colour and by dashes.
DEFINITIONS = {"all-coins": "blue", "top-125": "orange"}
OTHER_COLOURS = ("violet", "teal", "pink", "grey")
COMPARED = ("teal", "blue", "orange", "violet", "pink", "grey")
NOTES = "notes"
#: What a note's mark is called; other ids are stories'.
NOTE_ID = "note:"
_BIN_ID = "bin:"
_CIRCLE, _SQUARE = (payload.SHAPES.index(name) for name in ("circle", "square"))
_POINT, _UNCERTAIN, _BIN = (payload.SPANS.index(name) for name in ("point", "uncertain", "bin"))


@dataclass(frozen=True)
class Shown:
    """What was read for a view's panels, as ``Reading`` gives it; None for those it does not show."""

    prices: Prices
    gaps: Sequence[tuple[pd.Timestamp, pd.Timestamp]]
    compared: Mapping[str, pd.DataFrame]
    caps: Sequence[CapLine] | None
    dominance: Sequence[CapLine] | None
    marks: Marks
    notes: pd.DataFrame | None


def read(of: Reading, view: View) -> Shown:
    """What the view's panels need."""
    return Shown(
        of.prices(view),
        [] if view.compare else of.gaps(view),
        of.compared(view) if view.compare else {},
        of.total_lines(view) if "caps" in view.panels else None,
        of.dominance_lines(view) if "dominance" in view.panels else None,
        of.marks(view),
        desk.notes(of.snapshot, view.start, view.end, view.known_at) if "notes" in view.panels else None,
    )


def chart(shown: Shown, view: View, first: pd.Timestamp, last: pd.Timestamp) -> Chart:
    """``first``, ``last``: how far what is stored reaches, at the view's clock."""
    names = [name for name in view.panels if name != "notes" or (shown.notes is not None and len(shown.notes))]
    drawn = [_PANELS[name](shown, view) for name in names]
    return Chart(
        drawn or [Panel("Nothing chosen", [], empty="Choose a panel under “Chart”.")],
        view.start,
        view.end,
        first,
        last,
        summary(shown, view),
        zone=view.zone,
        zone_name=words.zones_told(view.zone, view.start, view.end),
        zone_names=words.zone_names(view.zone, view.start, view.end),
        known_at=view.known_at,
    )


def summary(shown: Shown, view: View) -> str:
    """One sentence for those who do not see the chart, and for all under it: range, stories, price, totals."""
    parts = [
        words.period(view.start, view.end, view.zone),
        f"{shown.marks.total:,} {'story' if shown.marks.total == 1 else 'stories'}",
    ]
    opens, closes = (shown.prices.read.figures[FIGURES.index(name)] for name in ("open", "close"))
    if not len(opens):
        parts.append(f"no {view.asset} price is stored for this range: `newstape refresh` may bring it")
    else:
        opened, closed = float(opens[0]), float(closes[-1])
        parts.append(
            f"{view.asset} from {words.usd(opened)} to {words.usd(closed)} ({words.move(math.log(closed / opened))}), "
            f"{len(opens):,} bars of "
            f"{words.bar_name(shown.prices.bar_s)} ({shown.prices.venues})"
        )
    if shown.caps is not None:
        totals = ", ".join(f"{line.source} {line.definition}" for line in shown.caps)
        parts.append(f"total market cap: {totals or 'nothing stored for this range'}")
    return "; ".join(parts) + "."


def counted(marks: Marks) -> str:
    """How many of how many stories have a mark of their own: "120 of 1,412 stories shown singly, the rest counted"."""
    told = f"{marks.shown:,} of {marks.total:,} {'story' if marks.total == 1 else 'stories'} shown"
    return told if marks.shown == marks.total else f"{told}, the others counted in {len(marks.bin_count):,} bins"


def is_log(view: View, values: Sequence[np.ndarray | pd.Series]) -> bool:
    """Whether an axis is logarithmic: as asked for, or where what is drawn spans more than a threefold range."""
    if view.scale != "auto":
        return view.scale == "log"
    drawn = np.concatenate([np.asarray(series, dtype=float) for series in values]) if values else np.empty(0)
    drawn = drawn[drawn > 0]
    return len(drawn) > 0 and bool(drawn.max() > LOG_OVER * drawn.min())


# ── panels ────────────────────────────────────────────────────────────────────────────────────────────


def _price(shown: Shown, view: View) -> Panel:
    if view.compare:
        return _compared(shown, view)
    bars, bar_s = _arrays(shown.prices), shown.prices.bar_s
    empty = f"No {view.asset} price is stored for this range"
    note = f"{shown.prices.venues}, bars of {words.bar_name(bar_s)}" if len(bars["close"]) else ""
    log = is_log(view, [bars["low"], bars["high"]])
    series: Candles | Line
    if view.style == "candles":
        series = Candles(f"{view.asset}", bars, bar_s)
    else:
        # A close holds at the end of its bar.
        closes = {"at": bars["open_time"] + bar_s * 1_000_000, "value": bars["close"]}
        series = Line(view.asset, closes, "teal", bar_s)
    title = f"{view.asset}, USD{' (log)' if log else ''}"
    return Panel(title, [series], log=log, height=300, note=note, gaps=shown.gaps, empty=empty)


def _compared(shown: Shown, view: View) -> Panel:
    found = [(asset, frame) for asset, frame in shown.compared.items() if len(frame)]
    # All are in bars of the widest's width, which need not be that of the asset's own price.
    spacings = pd.concat([frame["at"].diff() for _, frame in found]) if found else pd.Series(dtype="timedelta64[us]")
    bar_s = shown.prices.bar_s if spacings.isna().all() else int(spacings.min().total_seconds())
    series = [
        Line(asset, frame, COMPARED[n % len(COMPARED)], bar_s, dash=n >= len(COMPARED))
        for n, (asset, frame) in enumerate(found)
    ]
    missing = [asset for asset in (view.asset, *view.compare) if asset not in dict(found)]
    note = f"no price in this range: {', '.join(missing)}" if missing else f"bars of {words.bar_name(bar_s)}"
    since = min((frame["at"].iloc[0] for _, frame in found), default=None)
    title = f"100 = {words.when(since, zone=view.zone)}" if since is not None else "Indexed to 100"
    log = is_log(view, [frame["value"] for _, frame in found])
    return Panel(title, series, unit="index", log=log, height=300, note=note, empty="No price of these in this range")


def _arrays(prices: Prices) -> dict[str, np.ndarray]:
    return {"open_time": prices.read.opens, **dict(zip(FIGURES, prices.read.figures, strict=True))}


def _volume(shown: Shown, view: View) -> Panel:
    bars = _arrays(shown.prices)
    series = Columns("volume", {**bars, "value": bars["volume"]}, shown.prices.bar_s)
    return Panel(
        f"Volume, {view.asset}", [series], unit="count", height=80, empty=f"No {view.asset} volume in this range"
    )


def _caps(shown: Shown, view: View) -> Panel:
    series = by_definition(shown.caps)
    log = is_log(view, [line.values for line in shown.caps])
    empty = "No total market cap is stored for this range"
    return Panel(f"Total cap, USD{' (log)' if log else ''}", series, log=log, height=150, empty=empty)


def _dominance(shown: Shown, view: View) -> Panel:
    series = by_definition([line for line in shown.dominance if line.asset == view.asset])
    empty = f"No source states both {view.asset}'s market cap and the total for this range"
    return Panel(f"{view.asset} dominance", series, unit="percent", height=90, empty=empty)


@dataclass(frozen=True)
class Look:
    """How a total is drawn."""

    colour: Colour
    dash: bool


def looks(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Look]:
    """By source and definition, in their order: the best known definitions have colours of their own, each once."""
    found, others, used = {}, cycle(OTHER_COLOURS), set()
    for source, definition in keys:
        colour = DEFINITIONS.get(definition) if definition not in used else None
        found[source, definition] = Look(colour or next(others), dash=definition != "all-coins")
        used.add(definition)
    return found


def by_definition(lines: Sequence[CapLine]) -> list[Line]:
    """What is drawn of each, told apart by source and definition."""
    look = looks((line.source, line.definition) for line in lines)
    return [
        Line(
            f"{line.source} {line.definition}",
            {"at": line.at, "value": line.values},
            look[line.source, line.definition].colour,
            line.resolution_s,
            dash=look[line.source, line.definition].dash,
        )
        for line in lines
    ]


def _news(shown: Shown, view: View) -> Lanes:
    marks = shown.marks
    return Lanes(
        f"News by {view.lanes}",
        marks.lanes or ("",),
        news_marks(marks),
        note=counted(marks),
        empty="No story fits: widen the range or drop a filter",
    )


def news_marks(marks: Marks) -> payload.Marks:
    """What ``Lanes`` draws: a mark a story, then a bin a count."""
    known = ~np.isnat(marks.span_start)
    start = np.where(known, marks.span_start, marks.shown_at).astype("datetime64[us]").astype(np.int64)
    end = np.where(known, marks.span_end, marks.shown_at).astype("datetime64[us]").astype(np.int64)
    uncertain, bins = end > start, len(marks.bin_count)
    begin = marks.bin_start.astype("datetime64[us]").astype(np.int64)
    in_bins = [marks.lanes[lane] for lane in marks.bin_lane.tolist()]
    return payload.Marks(
        [*marks.story_id, *(f"{_BIN_ID}{lane}:{at}" for lane, at in zip(in_bins, begin.tolist(), strict=True))],
        np.concatenate([start, begin]),
        np.concatenate([end, begin + marks.bin_s * 1_000_000]),
        np.concatenate([marks.lane, marks.bin_lane]),
        [*marks.title, *(f"{count:,} stories" for count in marks.bin_count.tolist())],
        [*marks.publisher, *(f"{lane}; click to open" for lane in in_bins)],
        np.concatenate([np.where(uncertain, _SQUARE, _CIRCLE), np.full(bins, _CIRCLE)]),
        np.concatenate([np.where(uncertain, _UNCERTAIN, _POINT), np.full(bins, _BIN)]),
        np.concatenate([np.ones(len(start), dtype=np.int64), marks.bin_count]),
    )


def _notes(shown: Shown, view: View) -> Lanes:
    notes = shown.notes
    until = notes["until"] if "until" in notes else notes["at"]
    until = until.fillna(notes["at"])
    marks = pd.DataFrame(
        {
            "item_id": NOTE_ID + notes["note_id"].astype(str),
            "at": notes["at"],
            "until": until,
            "lane": NOTES,
            "title": notes["note"],
            "detail": notes["author"],
            "shape": "note",
            "span": np.where(until > notes["at"], "event", "point"),
            "count": 1,
        }
    )
    return Lanes("Notes", [NOTES], marks, note=f"{len(notes):,} in this range", things="notes")


_PANELS = {
    "price": _price,
    "volume": _volume,
    "caps": _caps,
    "dominance": _dominance,
    "news": _news,
    "notes": _notes,
}
