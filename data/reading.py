"""What a view shows, read from one pinned snapshot: the same rows for a page, a CSV, an address and a manifest.

What is made from whole tables (the story index, contexts, series of market caps, blocks of bars) is kept for the
process by the versions of the tables it comes from, so that bars that arrive do not touch the index of stories.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.check_dominance import shares
from data import queries
from data.cap_lines import SERIES, CapLine, Caps
from data.kept import Kept
from data.markets import ASSETS, Prices, price_gaps, price_reach, price_window
from data.queries.timeline import Filters, Marks, marks
from data.queries.timeline_index import NOW, StoryIndex, index_key, micro, story_index
from data.queries.timeline_rows import COLUMNS, Contexts, place_of, rows_of, story_contexts, table_rows
from data.snapshot import Snapshot
from data.view import View

#: Where a story has several names it stands in the lane of the first of these.
LANE_ORDER = {
    "topic": ("hack", "ETF", "regulation", "politics", "adoption", "macro", "exchange", "protocol"),
    "asset": ASSETS,
    "source": (),
}
#: Whose part of the total a panel of dominance shows.
DOMINANT = ("BTC", "ETH")
DOMINANCE = ["source", "definition", "asset", "period_end", "dominance", "resolution_s", "available_at"]
_EVER = pd.Timestamp("1970-01-01", tz="UTC"), pd.Timestamp("2200-01-01", tz="UTC")


@dataclass(frozen=True)
class Stored:
    """How far what is stored, and was known at the clock, reaches. Aware, UTC."""

    first: pd.Timestamp  # price or story
    first_price: pd.Timestamp
    last_price: pd.Timestamp
    last: pd.Timestamp  # price or story


def hour_after(last: pd.Timestamp) -> pd.Timestamp:
    """The first full hour after an instant: where a range ends that has to show it."""
    return (last + pd.Timedelta(microseconds=1)).ceil("h")


class Reading:
    """What views show of one snapshot. Cheap to make, safe to share between threads."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._index_key = index_key(snapshot)
        # A page asks for the same several times while it is drawn.
        self._prices: Kept[Prices] = Kept(32)
        self._stored: Kept[Stored] = Kept(32)
        self._openings: Kept[View] = Kept(32)

    # ── prices ────────────────────────────────────────────────────────────────────────────────────────

    def prices(self, view: View, asset: str | None = None) -> Prices:
        """The bars of the view's asset, or of another one, over its range."""
        asked = asset or view.asset, view.start, view.end, view.known_at
        return self._prices.get(asked, lambda: price_window(self.snapshot, *asked))

    def gaps(self, view: View, asset: str | None = None) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
        """Spans of the range, between stored bars, without those that ``prices`` would show: for hatching."""
        asset = asset or view.asset
        return price_gaps(self.snapshot, asset, self.prices(view, asset), view.start, view.end, view.known_at)

    def compared(self, view: View) -> dict[str, pd.DataFrame]:
        """Closes of the view's asset and of those beside it, in bars of one width: ``at`` (of the close), ``value``.

        Each is 100 at the first instant of the range at which all of them have a close. Assets without bars in the
        range are left out; where no instant is common to the others, all are.
        """
        read = {asset: self.prices(view, asset) for asset in dict.fromkeys((view.asset, *view.compare))}
        width = max((prices.bar_s for prices in read.values() if len(prices.bars)), default=0)
        closes = {}
        for asset, prices in read.items():
            if prices.bar_s < width:
                prices = price_window(self.snapshot, asset, view.start, view.end, view.known_at, least_s=width)
            if len(prices.bars):
                at = pd.DatetimeIndex(prices.bars["open_time"], name="at") + pd.Timedelta(seconds=prices.bar_s)
                closes[asset] = pd.Series(prices.bars["close"].to_numpy(), at, name="value")
        common = reduce(pd.Index.intersection, [series.index for series in closes.values()]) if closes else ()
        if not len(common):
            return {}
        return {asset: (100 * series / series[common.min()]).reset_index() for asset, series in closes.items()}

    # ── market caps ───────────────────────────────────────────────────────────────────────────────────

    def totals(self, view: View, asset: str = "TOTAL") -> pd.DataFrame:
        """Market caps within the range as ``queries.cap_series`` has them, by the view's sources and definitions.

        Of a series with more than ``queries.MAX_BARS`` values there, the last one of each span of a round width.
        """
        return self._caps(asset).within(view)

    def total_lines(self, view: View) -> list[CapLine]:
        """What ``totals`` has, as arrays: for charts."""
        return self._caps("TOTAL").lines(view)

    def dominance(self, view: View) -> pd.DataFrame:
        """BTC's and ETH's part of the total, in percent, by the source and definition of the total.

        Columns ``source``, ``definition``, ``asset``, ``period_end``, ``dominance``, ``resolution_s``,
        ``available_at``; thinned as ``totals`` are.
        """
        return self._dominance.within(view)

    def dominance_lines(self, view: View) -> list[CapLine]:
        """What ``dominance`` has, as arrays: for charts."""
        return self._dominance.lines(view)

    @property
    def _dominance(self) -> Caps:
        return _SHARES.get(self._version("market_caps"), self._shares)

    def _caps(self, asset: str) -> Caps:
        key = (*self._version("market_caps"), asset)
        return _CAPS.get(key, lambda: Caps(queries.cap_series(self.snapshot, asset, *_EVER), "market_cap_usd"))

    def _shares(self) -> Caps:
        totals = self._caps("TOTAL").frame
        found = [
            shares(self._caps(asset).frame, totals)
            .rename(columns={"end": "period_end", "value": "dominance"})
            .assign(asset=asset)
            .reindex(columns=DOMINANCE)
            for asset in DOMINANT
        ]
        found = [frame for frame in found if len(frame)]
        if not found:
            return Caps(totals.iloc[:0].assign(dominance=0.0)[DOMINANCE], "dominance")
        ordered = pd.concat(found).sort_values([*SERIES, "period_end"], ignore_index=True)
        return Caps(ordered.drop_duplicates([*SERIES, "period_end"], keep="last", ignore_index=True), "dominance")

    # ── stories ───────────────────────────────────────────────────────────────────────────────────────

    @property
    def index(self) -> StoryIndex:
        return _INDEXES.get(self._index_key, lambda: story_index(self.snapshot))

    def contexts(self, asset: str) -> Contexts | None:
        """The market that stories met, row by row of the index; ``None`` for an asset they were not paired with."""
        return _CONTEXTS.get(self._contexts_key, lambda: story_contexts(self.snapshot, self.index)).get(asset)

    @property
    def _contexts_key(self) -> tuple:
        return self._index_key, self._version("contexts")

    @property
    def is_ready(self) -> bool:
        """Whether the stories and what they met are in memory: to read them takes seconds in a large lake."""
        return self._index_key in _INDEXES and self._contexts_key in _CONTEXTS

    def make_ready(self) -> None:
        self.contexts("")

    def marks(self, view: View) -> Marks:
        """The stories of the range, as marks and counted bins."""
        order = LANE_ORDER[view.lanes]
        asked = {"filters": _filters(view), "known_at": view.known_at}
        return marks(self.index, view.start, view.end, lanes=view.lanes, order=order, **asked)

    def rows(self, view: View, first: int = 0, count: int | None = None) -> tuple[pd.DataFrame, int]:
        """The story table, newest first: ``count`` rows from the ``first``, and how many there are in all.

        Columns as ``queries.timeline_rows.table_rows`` has them; the market is that of the view's asset.
        """
        table, total = self.table(view, first, count)
        return table.to_pandas(use_threads=False), total

    def table(
        self, view: View, first: int = 0, count: int | None = None, columns: Sequence[str] = COLUMNS
    ) -> tuple[pa.Table, int]:
        """``rows`` as Arrow has them, with some of their columns: a quarter of the time."""
        asked = {"filters": _filters(view), "known_at": view.known_at, "first": first, "count": count}
        return table_rows(self.index, self.contexts(view.asset), view.start, view.end, columns=columns, **asked)

    def place(self, view: View, story_id: str) -> int | None:
        """Which of ``rows`` a story is, 0 the newest; ``None`` where it is not among them."""
        asked = {"filters": _filters(view), "known_at": view.known_at}
        return place_of(self.index, story_id, view.start, view.end, **asked)

    def published(
        self, story_id: str, known_at: pd.Timestamp | None = None
    ) -> tuple[pd.Timestamp, pd.Timestamp] | None:
        """Between which instants a story came out, equal where that is known; ``None``: not known then."""
        index, clock = self.index, _clock(known_at)
        rows = rows_of(index, story_id)
        rows = rows[(index.known[rows] <= clock) & (clock < index.until[rows])]
        if not len(rows):
            return None
        row = rows[0]
        told = [index.span_start[row], index.span_end[row]]
        if pd.NaT.value in told:
            told = [index.shown[row]] * 2
        return tuple(pd.Timestamp(int(at), unit="us", tz="UTC") for at in told)

    def choices(self, known_at: pd.Timestamp | None = None) -> dict[str, list[str]]:
        """What stories can be filtered by, as far as it was known: ``topics``, ``about`` (assets) and ``sources``."""
        index, clock = self.index, _clock(known_at)
        hold = (index.known <= clock) & (clock < index.until)
        found = {"sources": sorted(index.sources[code] for code in np.unique(index.source[hold]))}
        for field, kind in (("topics", "topic"), ("about", "asset")):
            names = index.named[kind]
            codes = np.unique(names.codes[names.hold(slice(None), clock) & hold[names.rows]])
            found[field] = sorted(names.values[code] for code in codes)
        return found

    # ── how far it reaches ────────────────────────────────────────────────────────────────────────────

    def stored(self, known_at: pd.Timestamp | None = None) -> Stored:
        """How far prices and stories reach, as far as it was known; where there are none, the month before then."""
        return self._stored.get(known_at, lambda: self._reaching(known_at))

    def _reaching(self, known_at: pd.Timestamp | None) -> Stored:
        index, clock = self.index, _clock(known_at)
        shown = index.shown[(index.known <= clock) & (clock < index.until)]
        told = [pd.Timestamp(at, unit="us", tz="UTC") for at in shown[[0, -1]].tolist()] if len(shown) else []
        priced = price_reach(self.snapshot, known_at) or told
        if not priced:
            now = known_at or pd.Timestamp.now("UTC")
            priced = now - pd.DateOffset(months=1), now
        return Stored(min(*priced, *told), priced[0], priced[1], max(*priced, *told))

    def opening(self, known_at: pd.Timestamp | None = None) -> View:
        """What the timeline opens with: from the first price to the full hour after the last price or story."""
        return self._openings.get(known_at, lambda: self._opening(self.stored(known_at)))

    def _opening(self, found: Stored) -> View:
        return View(found.first_price.floor("D"), hour_after(found.last))

    def _version(self, table: str) -> tuple[str, str, int | None]:
        return self.snapshot.home, self.snapshot.lake_id, self.snapshot.versions.get(table)


# Two versions of each: the one that is still read, and its successor.
_INDEXES: Kept[StoryIndex] = Kept(2)
_CONTEXTS: Kept[dict[str, Contexts]] = Kept(2)
_SHARES: Kept[Caps] = Kept(2)
#: Of the total and of single assets, in rows: a series of a value a day since 2013 has 4,500.
_CAPS: Kept[Caps] = Kept(1_000_000, lambda caps: len(caps.frame))


def _filters(view: View) -> Filters:
    return Filters(view.topics, view.about, view.sources, view.search)


def _clock(known_at: pd.Timestamp | None) -> int:
    return NOW if known_at is None else micro(known_at)
