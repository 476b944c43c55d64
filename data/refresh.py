"""Refresh: ask every source for what is missing, side by side, and take in what each one brings.

Sources are asked by threads; the lake is written by the caller's thread alone, one source after the other
as their answers arrive, so one that is slow or broken holds up no other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

from connectors import registry
from connectors.pull import Pulled, Send, pull_chain
from connectors.records import Article, Candle, Connector, MarketCap, Window
from data import queries
from data.articles import fetched
from data.ingest import Batch, Taken, new_run_id, take
from data.lake import Lake, Snapshot
from data.tables import TABLES
from data.validate import records_frame

T = TypeVar("T")

#: Without a cursor, this far back.
FIRST_WINDOW = timedelta(days=30)
#: Asked for again at every pull: sources revise their latest bars.
OVERLAP = timedelta(hours=3)
THREADS = 8

_TABLES = {Candle: "candles", MarketCap: "market_caps", Article: "articles"}


def chosen(names: Sequence[str]) -> dict[str, tuple[Connector, ...]]:
    """The jobs of these names: chains, or single sources; all of them where none is named.

    Raises KeyError, with the names there are, for one that is unknown.
    """
    return {name: registry.chain(name) for name in names} if names else registry.jobs()


def refresh(
    lake: Lake,
    jobs: dict[str, tuple[Connector, ...]],
    send: Send,
    *,
    now: datetime,
    since: datetime | None = None,
    asked: Callable[[str], None] = lambda _: None,
) -> Iterator[Taken]:
    """Pull every job and take in what it brings; yields what came of each source, as it comes.

    ``since`` replaces the cursors. ``asked`` is told the name of each job that has answered. Raises
    ``data.lake.LakeError`` when the lake cannot be written to. An interruption leaves whole sources stored
    and the others untouched.
    """
    run_id = new_run_id(now)
    snapshot = lake.pin()
    windows = {name: _windows(snapshot, connectors, now, since) for name, connectors in jobs.items()}
    for name, tried in _answers(jobs, lambda name: _pull(jobs[name], windows[name], send)):
        asked(name)
        for batch in _batches(snapshot, tried, now):
            yield take(lake, run_id, batch)


def _answers(names: Iterable[str], ask: Callable[[str], T]) -> Iterator[tuple[str, T]]:
    """What each job brought, as it comes.

    Its threads are daemons and not a ThreadPoolExecutor's, which Python waits for at its end: a refresh that is
    interrupted ends at once, however slow a source is.
    """
    waiting, answered = deque(names), SimpleQueue()

    def work() -> None:
        with suppress(IndexError):
            while True:
                name = waiting.popleft()
                try:
                    answered.put((name, ask(name), None))
                except BaseException as defect:  # raised again where the answers are awaited
                    answered.put((name, None, defect))

    count = len(waiting)
    for n in range(min(THREADS, count)):
        Thread(target=work, name=f"pull-{n}", daemon=True).start()
    try:
        for _ in range(count):
            name, answer, defect = answered.get()
            if defect is not None:
                raise defect
            yield name, answer
    finally:
        waiting.clear()  # nothing more is begun


def _windows(
    snapshot: Snapshot, connectors: Sequence[Connector], now: datetime, since: datetime | None
) -> dict[str, Window]:
    """By source: from where its own last complete pull ended, less the overlap.

    So a source that was down is asked for all it missed, though another stood in for it meanwhile. One that
    never succeeded begins where the others are.
    """
    if since is not None:
        return {source_key(connector): Window(since, now) for connector in connectors}
    cursors = {key: queries.cursor(snapshot, key) for key in map(source_key, connectors)}
    reached = [at for at in cursors.values() if at is not None]
    start = max(reached) - OVERLAP if reached else now - FIRST_WINDOW
    return {key: Window(at - OVERLAP if at else start, now) for key, at in cursors.items()}


def source_key(connector: Connector) -> str:
    """A source as the run ledger names it; one exchange has a cursor for every series."""
    symbol = getattr(connector, "symbol", None)
    return f"{connector.source} {symbol} {connector.interval}" if symbol else connector.source


def _pull(
    connectors: Sequence[Connector], windows: dict[str, Window], send: Send
) -> list[tuple[Connector, Pulled, datetime]]:
    started = datetime.now(UTC)
    tried = pull_chain(connectors, lambda connector: windows[source_key(connector)], send)
    return [(connector, pulled, started) for connector, pulled in zip(connectors, tried, strict=False)]


def _batches(snapshot: Snapshot, tried: Sequence[tuple[Connector, Pulled, datetime]], now: datetime) -> Iterator[Batch]:
    why = None  # this source was asked
    for connector, pulled, started in tried:
        table, key = table_of(connector), source_key(connector)
        records = pulled.records
        frame = fetched(records, now) if table == "articles" else records_frame(records, TABLES[table])
        short = (
            f"{connector.source} keeps its newest {connector.interval} bars only: nothing before "
            f"{pulled.reached:%Y-%m-%d %H:%M} UTC came"
            if pulled.reached
            else None
        )
        yield Batch(
            source=key,
            table=table,
            frame=frame,
            started_at=started,
            rejects=pulled.rejects,
            window=pulled.window,
            pages=len(pulled.pages),
            note="; ".join(filter(None, [why, short])) or None,
            cursor=pulled.window.end if _closes_up(snapshot, key, pulled) else None,
            error=None if pulled.complete else str(pulled.error),
        )
        why = f"Asked because {key} failed: {pulled.error}" if pulled.error else f"Asked because {short}"


def _closes_up(snapshot: Snapshot, key: str, pulled: Pulled) -> bool:
    """Whether a cursor may move: the pull reached its last page, and began where the one before had ended."""
    before = queries.cursor(snapshot, key)
    return pulled.complete and (before is None or pulled.window.start <= before)


def table_of(connector: Connector) -> str:
    """The table a connector feeds, by the type of record it makes."""
    return _TABLES[connector.record]
