"""Stories as marks on a time axis: single ones where there are few, counted bins where they are crowded.

What a range shows is counted by searching in sorted rows of ``story_index``, so that all years cost what a day does;
what filters, clock and lanes make of the whole index is remembered beside it. The same counts by SQL over a million
articles take two seconds from the tables, and 10 to 30 ms from a file sorted for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import nsmallest

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.queries.timeline_index import NOW, StoryIndex, micro

#: Marks and bins together that a panel holds.
MOST = 500
#: Lanes drawn besides OTHER, the last, where all stands that is in none of them.
MOST_LANES = 8
OTHER = "other"
LANES = ("topic", "asset", "source")
#: Widths of bins, seconds: round ones, so that panning does not move their edges.
_DAY = 86_400
WIDTHS_S = (
    *(1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800),
    *(3600 * hours for hours in (1, 2, 3, 4, 6, 8, 12)),
    *(_DAY * days for days in (1, 2, 3, 7, 14, 28, 56, 91, 182)),
    *(_DAY * 364 * 2**n for n in range(12)),
)
_SECOND = 1_000_000


@dataclass(frozen=True)
class Filters:
    """What a story has to have: one of each list that is not empty, and every word of the search.

    A word is looked for in the title, the publisher, and the names of people and places, whatever its case.
    """

    topics: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    search: str = ""


NO_FILTERS = Filters()


@dataclass(frozen=True)
class Marks:
    """What a panel of news shows. Instants are ``datetime64[us]``, UTC; lanes are places in ``lanes``.

    Every story of the range is a mark or is counted in a bin: ``shown`` marks, ``total`` stories.
    """

    lanes: tuple[str, ...]
    total: int
    # one story each, oldest first
    lane: np.ndarray
    shown_at: np.ndarray
    span_start: np.ndarray  # equal to span_end where it is known to the minute or better; both NaT where unknown
    span_end: np.ndarray  # the instant its market context is read at; may lie after the clock
    story_id: list[str]
    title: list[str]
    publisher: list[str]
    # several stories each, by lane and time
    bin_lane: np.ndarray
    bin_start: np.ndarray
    bin_count: np.ndarray
    bin_s: int = 0  # width of the bins; 0 where there are none

    @property
    def shown(self) -> int:
        return len(self.lane)


def marks(
    index: StoryIndex,
    start: datetime,
    end: datetime,
    *,
    lanes: str = "topic",
    order: Sequence[str] = (),
    filters: Filters = NO_FILTERS,
    lane: str | None = None,
    known_at: datetime | None = None,
    most: int = MOST,
) -> Marks:
    """The stories shown in ``[start, end)``: all of them as marks where they are ``most`` at most, else counted.

    Counted means bins of one round width, in each lane; a bin that would count a single story is that story's mark.
    Marks and bins together are ``most`` at most (at least one a lane).

    ``lanes``: "topic", "asset" or "source". A story stands in one lane, that of the first name in ``order`` which it
    has; names that are filtered for come before those in ``order``, and those not in it after, the most frequent
    in the range first. ``lane``: that lane's stories alone. Nothing that was not known at ``known_at`` counts, neither
    stories nor what they name; without it all that is stored does.
    """
    if lanes not in LANES:
        raise ValueError(f"lanes must be one of {', '.join(LANES)}, not {lanes!r}")
    fitting = fitting_rows(index, filters, known_at)
    span = micro(start), max(micro(start), micro(end))
    first, last = np.searchsorted(index.shown, span).tolist()
    names, parts = _lanes(fitting, lanes, order, (first, last))
    if lane is not None:
        parts = [part for name, part in zip(names, parts, strict=True) if name == lane]
        names = (lane,) if parts else ()
    total, bins, bin_s = sum(map(len, parts)), (np.empty(0, dtype=np.int64),) * 3, 0
    if total > most:
        parts, bins, bin_s = _binned(index.shown, parts, span, most)
    rows = np.concatenate([np.empty(0, dtype=np.int32), *parts])
    order_of = np.argsort(rows)
    alone = rows[order_of]
    return Marks(
        lanes=names,
        total=total,
        lane=np.repeat(np.arange(len(parts)), [len(part) for part in parts])[order_of],
        shown_at=index.shown[alone].view("datetime64[us]"),
        span_start=index.span_start[alone].view("datetime64[us]"),
        span_end=index.span_end[alone].view("datetime64[us]"),
        story_id=index.story_id.take(pa.array(alone)).to_pylist(),
        title=index.title.take(pa.array(alone)).to_pylist(),
        publisher=[index.publishers[code] for code in index.publisher[alone]],
        bin_lane=bins[0],
        bin_start=bins[1].view("datetime64[us]"),
        bin_count=bins[2],
        bin_s=bin_s,
    )


@dataclass(frozen=True, eq=False, repr=False)
class Fitting:
    """The rows of an index that hold at a clock and meet filters: ``rows`` in order, ``fits`` for each row of it."""

    index: StoryIndex
    filters: Filters
    clock: int
    fits: np.ndarray
    rows: np.ndarray

    @property
    def nbytes(self) -> int:
        return self.fits.nbytes + self.rows.nbytes

    def between(self, start: datetime, end: datetime) -> np.ndarray:
        """Those shown in ``[start, end)``."""
        first, last = np.searchsorted(self.index.shown, [micro(start), micro(end)])
        return _part(self.rows, first, max(first, last))


def fitting_rows(index: StoryIndex, filters: Filters = NO_FILTERS, known_at: datetime | None = None) -> Fitting:
    """What fits, remembered by the index. At a million articles it takes 5 ms, a word to look for 0.1 s."""
    clock = NOW if known_at is None else micro(known_at)
    return index.remembered.get((filters, clock), lambda: _fitting(index, filters, clock))


def _fitting(index: StoryIndex, filters: Filters, clock: int) -> Fitting:
    fits = (index.until > clock) & (index.known <= clock)
    for kind, wanted in (("topic", filters.topics), ("asset", filters.assets)):
        if wanted:
            fits &= _naming(index, kind, [value in wanted for value in index.named[kind].values], clock)
    if filters.sources:
        fits &= np.array([source in filters.sources for source in index.sources], dtype=bool)[index.source]
    for word in dict.fromkeys(filters.search.lower().split()):
        found = index.remembered.get(word, lambda word=word: _texts_with(index, word)).copy()
        for kind in ("person", "place"):
            found |= _naming(index, kind, [word in value.lower() for value in index.named[kind].values], clock)
        fits &= found
    return Fitting(index, filters, clock, fits, np.flatnonzero(fits).astype(np.int32))


def _naming(index: StoryIndex, kind: str, wanted: list[bool], clock: int) -> np.ndarray:
    """Which rows name one of the wanted values at the clock."""
    found, names = np.zeros(len(index.shown), dtype=bool), index.named[kind]
    if any(wanted):
        found[names.rows[np.array(wanted)[names.codes] & names.hold(slice(None), clock)]] = True
    return found


def _texts_with(index: StoryIndex, word: str) -> np.ndarray:
    """Every row whose title or publisher has the word."""
    found = pc.match_substring(index.title, word, ignore_case=True).to_numpy(zero_copy_only=False)
    if len(found):
        found = found | np.array([word in name.lower() for name in index.publishers])[index.publisher]
    return found


def _part(rows: np.ndarray, first: int, last: int) -> np.ndarray:
    """Those of sorted rows that are in ``[first, last)``. (Numbers of another type would copy all of them.)"""
    return rows[slice(*np.searchsorted(rows, np.array([first, last], dtype=rows.dtype)))]


# ── lanes ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False, repr=False)
class _ByValue:
    """The fitting rows that have each value: ``keys`` are ``code * rows of the index + row``, in order."""

    values: list[str]
    keys: np.ndarray

    @property
    def nbytes(self) -> int:
        return self.keys.nbytes


@dataclass(frozen=True, eq=False, repr=False)
class _Laned:
    """The fitting rows of each lane, in order."""

    parts: list[np.ndarray]

    @property
    def nbytes(self) -> int:
        return sum(part.nbytes for part in self.parts)


def _lanes(
    of: Fitting, lanes: str, order: Sequence[str], span: tuple[int, int]
) -> tuple[tuple[str, ...], list[np.ndarray]]:
    """The names of the lanes that hold anything between two rows, and the rows there of each."""
    asked = {"topic": of.filters.topics, "asset": of.filters.assets, "source": of.filters.sources}[lanes]
    remembered, key = of.index.remembered, (of.filters, of.clock, lanes)
    by_value = remembered.get(key, lambda: _by_value(of, lanes))
    size = len(of.fits)
    starts = np.arange(len(by_value.values)) * size
    often = np.searchsorted(by_value.keys, starts + span[1]) - np.searchsorted(by_value.keys, starts + span[0])
    preferred = {name: n for n, name in enumerate(dict.fromkeys([*asked, *order]))}
    ranked = nsmallest(
        MOST_LANES,
        np.flatnonzero(often).tolist(),
        key=lambda code: (preferred.get(by_value.values[code], len(preferred)), -often[code], by_value.values[code]),
    )
    laned = remembered.get((*key, tuple(ranked)), lambda: _laned(of, by_value, ranked))
    parts = [_part(part, *span) for part in laned.parts]
    names = [*(by_value.values[code] for code in ranked), OTHER]
    used = [n for n, part in enumerate(parts) if len(part)]
    return tuple(names[n] for n in used), [parts[n] for n in used]


def _by_value(of: Fitting, lanes: str) -> _ByValue:
    index, size = of.index, len(of.fits)
    if lanes == "source":
        values, codes, rows = index.sources, index.source[of.rows], of.rows
    else:
        names = index.named[lanes]
        held = names.hold(slice(None), of.clock) & of.fits[names.rows]
        values, codes, rows = names.values, names.codes[held], names.rows[held]
    return _ByValue(values, np.sort(codes.astype(np.int64) * size + rows))


def _laned(of: Fitting, by_value: _ByValue, ranked: list[int]) -> _Laned:
    """A row stands in the first lane, of those ranked, whose value it has; else in the last."""
    size = len(of.fits)
    lane = np.full(size, len(ranked), dtype=np.int8)
    for n, code in reversed([*enumerate(ranked)]):
        first, last = np.searchsorted(by_value.keys, [code * size, (code + 1) * size])
        lane[by_value.keys[first:last] - code * size] = n
    lane = lane[of.rows]
    return _Laned([of.rows[lane == n] for n in range(len(ranked) + 1)])


def _binned(
    shown: np.ndarray, parts: list[np.ndarray], span: tuple[int, int], most: int
) -> tuple[list[np.ndarray], tuple[np.ndarray, ...], int]:
    """The rows of each lane that stay marks, the bins of the others (lane, start, count), and their width."""
    room = max(most // len(parts), 1)
    for bin_s in WIDTHS_S:
        width = bin_s * _SECOND
        first, count = span[0] // width, -(-span[1] // width) - span[0] // width
        if count <= room:
            break
    # Times to rows once for all lanes, then rows to places of a lane.
    edges = np.searchsorted(shown, (first + np.arange(count + 1)) * width)
    alone, lane, start, counts = [], [], [], []
    for n, part in enumerate(parts):
        places = np.searchsorted(part, edges.astype(part.dtype))
        held = np.diff(places)
        alone.append(part[places[:-1][held == 1]])
        many = np.flatnonzero(held > 1)
        lane.append(np.full(len(many), n))
        start.append((many + first) * width)
        counts.append(held[many])
    return alone, (np.concatenate(lane), np.concatenate(start), np.concatenate(counts)), bin_s
