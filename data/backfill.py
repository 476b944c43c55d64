"""Deep history of one market: from the exchange's first bar on, newest spans first, resuming where it was stopped.

What was asked for already stands in the run ledger, so a backfill that is killed goes on with the spans that are
missing, and one that is complete asks for nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from connectors.errors import SourceError
from connectors.exchange_candles import ExchangeCandles
from connectors.pace import Pace
from connectors.pull import Send, pull
from connectors.records import Window
from connectors.registry import Source
from data import queries
from data.ingest import Taken, new_run_id, take
from data.lake import Lake
from data.refresh import EPOCH, batch_of, whole_bars

#: Nothing traded before Bitcoin's first block.
BEGINNING = datetime(2009, 1, 3, tzinfo=UTC)
#: Bars held in memory at once, and stored by one commit.
CHUNK_BARS = 50_000


class CannotBackfill(ValueError):
    """This source has no deep history; the message says what to do."""


def backfill(
    lake: Lake,
    source: Source,
    send: Send,
    *,
    now: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
    stop: threading.Event | None = None,
) -> Iterator[tuple[Window, Taken]]:
    """Store what is missing of ``[since, until)``; yields each span with what came of it.

    Without ``since``: from the exchange's first trading day, which its daily bars tell. A span that fails is
    yielded with its error and ends the backfill; running it again goes on there. Raises CannotBackfill for a
    source without deep history, ``SourceError`` where the first day cannot be asked for, and as ``refresh`` does.
    """
    connector, stop, pace = _candles(source), stop or threading.Event(), Pace()
    with lake.refreshing("backfill"):  # a right of its own: refreshes go on meanwhile
        first = since or _first_day(connector, now, send, pace)
        wanted = whole_bars(Window(first, until or now), connector.step)
        covered = [_whole_within(window, connector.step) for window in queries.covered(lake.pin(), source.name)]
        for window in _chunks(missing(wanted, covered), CHUNK_BARS * connector.step):
            if stop.is_set():
                return
            started = datetime.now(UTC)
            pulled = pull(connector, window, send, pace=pace)
            yield window, take(lake, new_run_id(started), batch_of(source, pulled, started, now))
            if not pulled.complete:
                return


def _whole_within(window: Window, step: timedelta) -> Window:
    """The bars that lie whole within a window: one across its edge was not stored."""
    start = window.start + (EPOCH - window.start) % step
    return Window(start, max(start, window.end - (window.end - EPOCH) % step))


def missing(wanted: Window, covered: list[Window]) -> list[Window]:
    """The parts of ``wanted`` that lie in no window of ``covered``; oldest first, in any order of ``covered``."""
    spans, at = [], wanted.start
    for window in sorted(covered, key=lambda w: w.start):
        if window.start > at:
            spans.append(Window(at, min(window.start, wanted.end)))
        at = max(at, window.end)
        if at >= wanted.end:
            break
    if at < wanted.end:
        spans.append(Window(at, wanted.end))
    return [span for span in spans if span.start < span.end]


def _chunks(spans: list[Window], length: timedelta) -> Iterator[Window]:
    """Spans of at most ``length``, the newest first."""
    for span in reversed(spans):
        end = span.end
        while end > span.start:
            start = max(span.start, end - length)
            yield Window(start, end)
            end = start


def _candles(source: Source) -> ExchangeCandles:
    connector = source.connector
    if not isinstance(connector, ExchangeCandles):
        raise CannotBackfill(
            f"{source.name} is no exchange; its history, as far as it keeps one, comes with "
            f"`newstape refresh --source {source.name} --since 2020-01-01`."
        )
    if connector.reach is not None:
        raise CannotBackfill(
            f"{connector.source} keeps its newest bars only ({connector.reach.days} days of {connector.interval}): "
            f"take the history from another exchange, such as bitstamp:{connector.symbol}:{connector.interval}."
        )
    return connector


def _first_day(connector: ExchangeCandles, now: datetime, send: Send, pace: Pace) -> datetime:
    daily = ExchangeCandles(connector.source, connector.symbol, "1d")
    pulled = pull(daily, Window(BEGINNING, now), send, pace=pace)
    if pulled.error is not None:
        raise pulled.error
    if not pulled.records:
        raise SourceError(f"{connector.source} has no daily bar of {connector.symbol}; check the symbol.")
    return min(candle.open_time for candle in pulled.records)
