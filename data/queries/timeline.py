"""Stories as marks on a time axis: single ones where there are few, counted bins where they are crowded.

What a range shows is counted from the arrays of ``story_index``: two searches and a count, whatever its length. The
same counts by SQL over a million articles take two seconds from the tables, and 10 to 30 ms from a file sorted for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import nsmallest

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.queries.timeline_index import NOW, Names, StoryIndex

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
#: Words whose rows are kept, so that zooming with a search on does not search again.
_KEPT_WORDS = 16
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
    within = _Within(index, start, end, known_at)
    within.meet(filters)
    names, in_lane = _lanes(within, lanes, order, filters)
    rows = within.rows()
    if lane is not None:
        held = in_lane == (names.index(lane) if lane in names else -1)
        names, rows, in_lane = (lane,) if held.any() else (), rows[held], np.zeros(held.sum(), dtype=np.int8)
    single, bins, bin_s = np.ones(len(rows), dtype=bool), (np.empty(0, dtype=np.int64),) * 3, 0
    if len(rows) > most:
        single, bins, bin_s = _binned(index.shown[rows], in_lane, len(names), (_micro(start), _micro(end)), most)
    alone = rows[single]
    return Marks(
        lanes=names,
        total=len(rows),
        lane=in_lane[single].astype(np.int64),
        shown_at=index.shown[alone].view("datetime64[us]"),
        span_start=index.span_start[alone].view("datetime64[us]"),
        span_end=index.span_end[alone].view("datetime64[us]"),
        story_id=index.story_id.take(pa.array(alone)).to_pylist(),
        title=_titles(within, alone),
        publisher=[index.publishers[code] for code in index.publisher[alone]],
        bin_lane=bins[0],
        bin_start=bins[1].view("datetime64[us]"),
        bin_count=bins[2],
        bin_s=bin_s,
    )


def listed(
    index: StoryIndex,
    start: datetime,
    end: datetime,
    *,
    filters: Filters = NO_FILTERS,
    known_at: datetime | None = None,
    first: int = 0,
    count: int = 100,
) -> tuple[list[str], int]:
    """The ids of so many of the stories that ``marks`` shows or counts, newest first, and how many there are."""
    within = _Within(index, start, end, known_at)
    within.meet(filters)
    rows = within.rows()
    return index.story_id.take(pa.array(rows[::-1][first : first + count])).to_pylist(), len(rows)


class _Within:
    """The rows of an index in a range, and which of them fit: hold at the clock, and meet what was asked so far."""

    def __init__(self, index: StoryIndex, start: datetime, end: datetime, known_at: datetime | None) -> None:
        self.index, self.clock = index, NOW if known_at is None else _micro(known_at)
        first, last = np.searchsorted(index.shown, [_micro(start), _micro(end)])
        self.some = slice(int(first), int(max(first, last)))
        self.fits = index.until[self.some] > self.clock
        if known_at is not None:
            self.fits &= index.known[self.some] <= self.clock

    def rows(self) -> np.ndarray:
        return np.flatnonzero(self.fits) + self.some.start

    def meet(self, filters: Filters) -> None:
        for kind, wanted in (("topic", filters.topics), ("asset", filters.assets)):
            if wanted:
                self.fits &= self._naming(kind, [value in wanted for value in self.index.named[kind].values])
        if filters.sources:
            ours = [source in filters.sources for source in self.index.sources]
            self.fits &= np.array(ours, dtype=bool)[self.index.source[self.some]]
        for word in dict.fromkeys(filters.search.lower().split()):
            self.fits &= self._saying(word)

    def named(self, kind: str) -> tuple[Names, slice]:
        """What rows name, and which part of that is about rows of the range."""
        names = self.index.named[kind]
        return names, slice(*np.searchsorted(names.rows, [self.some.start, self.some.stop]))

    def _naming(self, kind: str, wanted: list[bool]) -> np.ndarray:
        """Which rows name one of the wanted values at the clock."""
        found = np.zeros(len(self.fits), dtype=bool)
        names, part = self.named(kind)
        if any(wanted):
            ours = np.array(wanted)[names.codes[part]] & (names.since[part] <= self.clock)
            found[names.rows[part][ours] - self.some.start] = True
        return found

    def _saying(self, word: str) -> np.ndarray:
        found = _texts_with(self.index, word)[self.some].copy()
        for row in self.index.told if self.clock != NOW else ():
            title = _told_at(self.index, row, self.clock) if self.some.start <= row < self.some.stop else None
            if title is not None:
                publisher = self.index.publishers[self.index.publisher[row]]
                found[row - self.some.start] = word in title.lower() or word in publisher.lower()
        for kind in ("person", "place"):
            found |= self._naming(kind, [word in value.lower() for value in self.index.named[kind].values])
        return found


def _texts_with(index: StoryIndex, word: str) -> np.ndarray:
    """Every row whose title or publisher has the word."""
    found = index.searched.get(word)
    if found is None:
        found = pc.match_substring(index.title, word, ignore_case=True).to_numpy(zero_copy_only=False)
        if len(found):
            found = found | np.array([word in name.lower() for name in index.publishers])[index.publisher]
        while len(index.searched) >= _KEPT_WORDS:
            index.searched.pop(next(iter(index.searched)), None)
        index.searched[word] = found
    return found


def _titles(within: _Within, rows: np.ndarray) -> list[str]:
    titles = within.index.title.take(pa.array(rows)).to_pylist()
    if within.clock != NOW and within.index.told:
        titles = [
            _told_at(within.index, row, within.clock) or title for row, title in zip(rows.tolist(), titles, strict=True)
        ]
    return titles


def _told_at(index: StoryIndex, row: int, clock: int) -> str | None:
    """The title at the clock, where its publisher changed it since."""
    versions = index.told.get(row, ())
    return next((title for seen_from, seen_until, title in versions if seen_from <= clock < seen_until), None)


def _lanes(within: _Within, lanes: str, order: Sequence[str], filters: Filters) -> tuple[tuple[str, ...], np.ndarray]:
    """The names of the lanes that hold anything, and the lane of each fitting row."""
    index, fits = within.index, within.fits
    if lanes == "source":
        asked, values = filters.sources, index.sources
        places = np.flatnonzero(fits)
        codes = index.source[within.some][places]
    else:
        asked = filters.topics if lanes == "topic" else filters.assets
        names, part = within.named(lanes)
        values, codes, places = names.values, names.codes[part], names.rows[part] - within.some.start
        held = fits[places] & (names.since[part] <= within.clock)
        codes, places = codes[held], places[held]
    often = np.bincount(codes, minlength=len(values))
    preferred = {name: n for n, name in enumerate(dict.fromkeys([*asked, *order]))}
    ranked = nsmallest(
        MOST_LANES,
        np.flatnonzero(often).tolist(),
        key=lambda code: (preferred.get(values[code], len(preferred)), -often[code], values[code]),
    )
    rank = np.full(len(values), MOST_LANES, dtype=np.int8)
    rank[ranked] = np.arange(len(ranked))
    best = np.full(len(fits), MOST_LANES, dtype=np.int8)
    np.minimum.at(best, places, rank[codes])
    best = best[fits]
    used = [n for n in range(MOST_LANES + 1) if (best == n).any()]
    place_of = np.zeros(MOST_LANES + 1, dtype=np.int8)
    place_of[used] = np.arange(len(used))
    return tuple(OTHER if n == MOST_LANES else values[ranked[n]] for n in used), place_of[best]


def _binned(
    shown: np.ndarray, lane: np.ndarray, lanes: int, span: tuple[int, int], most: int
) -> tuple[np.ndarray, tuple[np.ndarray, ...], int]:
    """Which stories stay marks, the bins of the others (lane, start, count), and their width."""
    room = max(most // lanes, 1)
    for bin_s in WIDTHS_S:
        width = bin_s * _SECOND
        first, count = span[0] // width, -(-span[1] // width) - span[0] // width
        if count <= room:
            break
    edges = np.searchsorted(shown, (first + np.arange(count + 1)) * width)
    place = np.repeat(np.arange(count), np.diff(edges))
    place += lane.astype(np.int64) * count
    counts = np.bincount(place, minlength=lanes * count)
    many = np.flatnonzero(counts > 1)
    return (counts == 1)[place], (many // count, (many % count + first) * width, counts[many]), bin_s


def _micro(at: datetime) -> int:
    """Microseconds since 1970 of an aware instant."""
    return int(pd.Timestamp(at).tz_convert(UTC).as_unit("us").asm8.view("int64"))
