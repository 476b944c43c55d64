"""An asset's stored bars in memory: a block for each interval and partition, read once and cut by searching."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from data import queries
from data.kept import Kept
from data.snapshot import Snapshot
from data.tables import INTERVAL_S

#: Bars kept in memory, together: a year of 5m bars is 5 MB, a month of 1m bars 2 MB.
MOST_BYTES = 256_000_000
FIGURES = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, eq=False, repr=False)
class Bars:
    """Bars in order of time, one a time: ``opens`` in microseconds since 1970, a row of ``figures`` for each name.

    ``market`` is the place of a bar's market in the list that was asked for.
    """

    opens: np.ndarray
    figures: np.ndarray
    market: np.ndarray

    @property
    def nbytes(self) -> int:
        return self.opens.nbytes + self.figures.nbytes + self.market.nbytes

    def between(self, low: int, high: int) -> Bars:
        """Those that open in ``[low, high)``."""
        first, last = np.searchsorted(self.opens, [low, high])
        return Bars(self.opens[first:last], self.figures[:, first:last], self.market[first:last])

    def joined(self, width: int) -> Bars:
        """Bars of ``width`` microseconds from these: what ``analysis.bars.aggregate`` makes of a frame."""
        if not len(self.opens):
            return self
        opens = self.opens - self.opens % width
        first = np.append(0, np.flatnonzero(opens[1:] != opens[:-1]) + 1)
        last = np.append(first[1:], len(opens)) - 1
        opened, high, low, close, volume = self.figures
        figures = (
            opened[first],
            np.maximum.reduceat(high, first),
            np.minimum.reduceat(low, first),
            close[last],
            np.add.reduceat(volume, first),
        )
        return Bars(opens[first], np.stack(figures), self.market[first])


NO_BARS = Bars(np.empty(0, dtype=np.int64), np.empty((len(FIGURES), 0)), np.empty(0, dtype=np.int8))


class AssetBars:
    """The bars of some markets of one asset, each from the first market that has it. Cheap to make.

    What is read stays in memory for as long as its files are in the lake, whatever else arrives: ``MOST_BYTES`` in
    all, those asked for last. A block that is not there takes 20 to 100 ms.
    """

    def __init__(self, snapshot: Snapshot, markets: Sequence[tuple[str, str]]) -> None:
        self.snapshot, self.markets = snapshot, tuple(markets)
        state = snapshot.home, snapshot.lake_id, snapshot.versions.get("candles")
        self._files = _FILES.get(
            (*state, self.markets), lambda: _files(_PARTS.get(state, lambda: _parts(snapshot)), markets)
        )

    def between(self, interval: str, low: int, high: int) -> Bars:
        """Those that open in ``[low, high)``, microseconds since 1970."""
        first, last = _span_of(interval, low), _span_of(interval, high)
        spans = [span for span in self._files[interval] if first <= span <= last]
        found = [part for span in spans if len((part := self._block(interval, span).between(low, high)).opens)]
        if len(found) <= 1:
            return found[0] if found else NO_BARS
        return Bars(
            np.concatenate([part.opens for part in found]),
            np.concatenate([part.figures for part in found], axis=1),
            np.concatenate([part.market for part in found]),
        )

    def before(self, interval: str, at: int) -> int | None:
        """When the last bar opens that opens before then."""
        latest = _span_of(interval, at)
        for span in reversed(self._files[interval]):
            if span <= latest:
                opens = self._block(interval, span).opens
                place = np.searchsorted(opens, at)
                if place:
                    return int(opens[place - 1])
        return None

    def after(self, interval: str, at: int) -> int | None:
        """When the first bar opens that opens then or later."""
        earliest = _span_of(interval, at)
        for span in self._files[interval]:
            if span >= earliest:
                opens = self._block(interval, span).opens
                place = np.searchsorted(opens, at)
                if place < len(opens):
                    return int(opens[place])
        return None

    def _block(self, interval: str, span: str) -> Bars:
        key = self.snapshot.home, self.markets, self._files[interval][span]
        return _BLOCKS.get(key, lambda: self._read(interval, span))

    def _read(self, interval: str, span: str) -> Bars:
        rows = queries.partition_bars(self.snapshot, _symbols(self.markets), interval, span)
        opens = rows["open_time"].cast(pa.int64()).to_numpy()
        place = {market: n for n, market in enumerate(self.markets)}
        sources, symbols = (rows[name].combine_chunks().dictionary_encode() for name in ("source", "symbol"))
        rank = np.array(
            [
                [place.get((source, symbol), -1) for symbol in symbols.dictionary.to_pylist()]
                for source in sources.dictionary.to_pylist()
            ],
            dtype=np.int8,
        ).reshape(len(sources.dictionary), len(symbols.dictionary))
        market = rank[sources.indices.to_numpy(), symbols.indices.to_numpy()]
        order = np.lexsort((market, opens))
        order = order[market[order] >= 0]
        best = np.append(True, np.diff(opens[order]) != 0)[: len(order)]
        order = order[best]
        figures = np.stack([rows[name].to_numpy()[order] for name in FIGURES])
        return Bars(opens[order], figures, market[order])


def _parts(snapshot: Snapshot) -> dict[tuple[str, str], dict[str, list[str]]]:
    """The files of each span of each symbol and interval."""
    found: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for (symbol, interval, span), file in snapshot.partitions("candles"):
        found[symbol, interval][span].append(file)
    return {series: {span: sorted(files) for span, files in spans.items()} for series, spans in found.items()}


def _symbols(markets: Sequence[tuple[str, str]]) -> list[str]:
    return sorted({symbol for _, symbol in markets})


def _files(parts: dict, markets: Sequence[tuple[str, str]]) -> dict[str, dict[str, tuple[str, ...]]]:
    """By interval and span, in order, the files that hold bars of the markets."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for interval in INTERVAL_S:
        held = [parts[symbol, interval] for symbol in _symbols(markets) if (symbol, interval) in parts]
        spans = sorted({span for spans in held for span in spans})
        found[interval] = {span: tuple(file for spans in held for file in spans.get(span, ())) for span in spans}
    return found


def _span_of(interval: str, at: int) -> str:
    """The partition of a bar that opens then (see ``data.candles.with_span``)."""
    seconds = min(max(at // 1_000_000, _FIRST_S), _LAST_S)
    when = datetime.fromtimestamp(seconds, UTC)
    return {"1m": f"{when.year}-{when.month:02}", "1d": "all"}.get(interval, str(when.year))


_FIRST_S, _LAST_S = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (1970, 9999))
_PARTS: Kept[dict] = Kept(2)
_FILES: Kept[dict] = Kept(64)
_BLOCKS: Kept[Bars] = Kept(MOST_BYTES, lambda bars: bars.nbytes)
