"""Refresh: ask every source for what is missing, side by side, and take in what each one brings.

Sources are asked by threads; the lake is written by the caller's thread alone, one source after the other
as their answers arrive, so one that is slow or broken holds up no other. One refresh at a time has the lake.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from typing import TypeVar

from connectors.answers import excerpt
from connectors.errors import Fatal
from connectors.pace import Pace
from connectors.pull import Parse, Pulled, Send, pull, pull_chain
from connectors.records import Article, Candle, Indicator, MarketCap, Request, Validators, Window
from connectors.registry import Source
from data import asked, queries
from data.articles import fetched
from data.asked import Asked
from data.ingest import Batch, Taken, new_run_id, take_all
from data.lake import Lake, Snapshot
from data.tables import TABLES
from data.validate import records_frame

T = TypeVar("T")
Jobs = Mapping[str, tuple[Source, ...]]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Without a cursor, this far back.
FIRST_WINDOW = timedelta(days=30)
#: Asked for again at every pull: sources revise their latest bars.
OVERLAP = timedelta(hours=3)
#: They wait for answers, most of the time.
THREADS = 16
#: A pull that brings this many coins is a list of the market; fewer are series of some assets.
A_LIST = 100
#: Answers that arrive this close to each other are stored by one commit, which costs little more than one alone.
GATHER_S = 0.5
TOGETHER = 16
#: How long a stop may go unnoticed.
STOP_S = 0.2

_TABLES = {Candle: "candles", MarketCap: "market_caps", Indicator: "indicators", Article: "articles"}


@dataclass(frozen=True)
class Question:
    """What a refresh would ask of one source first."""

    job: str
    source: str
    window: Window
    request: Request
    validators: Validators | None  # the source is asked whether it has changed since
    stands_in: bool  # asked only where those before it in its chain fall short
    answered_at: datetime | None


def plan(lake: Lake, jobs: Jobs, *, now: datetime, since: datetime | None = None) -> list[Question]:
    """What ``refresh`` would ask, without asking; in the order of the jobs. Without a lake: a first one."""
    snapshot, told = (lake.pin(), lake.asked()) if lake.exists() else (None, {})
    questions = []
    for job, sources in jobs.items():
        windows = _windows(snapshot, sources, now, since)
        for n, source in enumerate(sources):
            window, known = windows[source.name], told.get(source.name, Asked())
            conditional = source.connector.limits.max_pages == 1
            questions.append(
                Question(
                    job,
                    source.name,
                    window,
                    source.connector.first(window),
                    known.validators if conditional and since is None else None,
                    n > 0,
                    known.answered_at,
                )
            )
    return questions


def askable(jobs: Jobs, has_key: Callable[[str], bool]) -> tuple[Jobs, dict[str, str]]:
    """Jobs without the sources that need a key nobody gave; and those sources, with the variable that names it."""
    lacking = {
        source.name: source.needs_key
        for sources in jobs.values()
        for source in sources
        if source.needs_key and not has_key(source.needs_key)
    }
    kept = {name: tuple(s for s in sources if s.name not in lacking) for name, sources in jobs.items()}
    return {name: sources for name, sources in kept.items() if sources}, lacking


def refresh(
    lake: Lake,
    jobs: Jobs,
    send: Send,
    *,
    now: datetime,
    since: datetime | None = None,
    parse: Parse | None = None,
    answered: Callable[[str], None] = lambda _: None,
    stop: threading.Event | None = None,
) -> Iterator[Taken]:
    """Pull every job and take in what it brings; yields what came of each source, as it comes.

    ``since`` replaces the cursors. ``answered`` is told the name of each job that has. ``stop`` ends it before the
    next job's answer is taken in. Raises ``data.lake.RefreshRunning`` when another refresh of this lake runs,
    ``data.lake.LakeError`` when the lake cannot be written to. An interruption leaves whole sources stored and the
    others untouched.
    """
    stop = stop or threading.Event()
    with lake.refreshing():
        run_id = new_run_id(now)
        snapshot, told = lake.pin(), lake.asked()
        windows = {name: _windows(snapshot, sources, now, since) for name, sources in jobs.items()}
        pace = Pace()

        def ask(source: Source, window: Window) -> _Timed:
            validators = told.get(source.name, Asked()).validators if since is None else None
            started = datetime.now(UTC)
            try:
                pulled = pull(source.connector, window, send, validators=validators, pace=pace, parse=parse)
            except Exception as defect:  # of ours: it costs this source, and no other
                told_as = f"Newstape itself failed at {source.name} ({type(defect).__name__}: {excerpt(defect)})"
                pulled = Pulled(source.connector.source, window, error=Fatal(f"{told_as}; please report it."))
            return _Timed(pulled, started)

        def ask_job(name: str) -> list[tuple[Source, _Timed]]:
            tried = pull_chain(jobs[name], lambda source: windows[name][source.name], ask)
            return list(zip(jobs[name], tried, strict=False))

        try:
            for arrived in _answers(jobs, ask_job, stop):
                for name in arrived:
                    answered(name)
                came = [one for tried in arrived.values() for one in _batches(snapshot, tried, now)]
                taken = take_all(lake, run_id, [batch for *_, batch in came], unless_known=True)
                for (source, timed, batch), one in zip(came, taken, strict=True):
                    line = asked.after(told.get(source.name, Asked()), timed.pulled, timed.started)
                    # What its table refused today (a bar not closed, an article to come) may be fit tomorrow.
                    refused = len(one.rejects) > len(batch.rejects)
                    told[source.name] = replace(line, validators=None) if refused else line
                yield from taken
        finally:
            lake.keep_asked(told)


@dataclass(frozen=True)
class _Timed:
    """A pull and when it began; for ``pull_chain`` it is the pull."""

    pulled: Pulled
    started: datetime

    @property
    def complete(self) -> bool:
        return self.pulled.complete

    @property
    def reached(self) -> datetime | None:
        return self.pulled.reached


def _answers(names: Iterable[str], ask: Callable[[str], T], stop: threading.Event) -> Iterator[dict[str, T]]:
    """What each job brought, by its name, as it comes: those together that arrive together.

    Its threads are daemons and not a ThreadPoolExecutor's, which Python waits for at its end: a refresh that is
    interrupted ends at once, however slow a source is.
    """
    waiting, arrived = deque(names), SimpleQueue()

    def work() -> None:
        with suppress(IndexError):
            while True:
                name = waiting.popleft()
                try:
                    arrived.put((name, ask(name), None))
                except BaseException as defect:  # raised again where the answers are awaited
                    arrived.put((name, None, defect))

    count = len(waiting)
    for n in range(min(THREADS, count)):
        threading.Thread(target=work, name=f"pull-{n}", daemon=True).start()
    try:
        while count and not stop.is_set():
            together: dict[str, T] = {}
            with suppress(Empty):
                wait_s = STOP_S
                while len(together) < TOGETHER:
                    name, answer, defect = arrived.get(timeout=wait_s)
                    if defect is not None:
                        raise defect
                    together[name] = answer
                    wait_s = GATHER_S if len(together) < count else 0.0
            if together:
                yield together
                count -= len(together)
    finally:
        waiting.clear()  # nothing more is begun


def _windows(
    snapshot: Snapshot | None, sources: Sequence[Source], now: datetime, since: datetime | None
) -> dict[str, Window]:
    """By source: from where its own last complete pull ended, less the overlap.

    So a source that was down is asked for all it missed, though another stood in for it meanwhile. One that
    never succeeded begins where the others are.
    """
    if since is not None:
        return {s.name: whole_bars(Window(since, now), getattr(s.connector, "step", timedelta(0))) for s in sources}
    cursors = {s.name: queries.cursor(snapshot, s.name) if snapshot else None for s in sources}
    reached = [at for at in cursors.values() if at is not None]
    start = max(reached) - OVERLAP if reached else now - FIRST_WINDOW
    windows = {}
    for source in sources:
        at, step = cursors[source.name], getattr(source.connector, "step", timedelta(0))
        windows[source.name] = whole_bars(Window(at - max(OVERLAP, step) if at else start, now), step)
    return windows


def whole_bars(window: Window, step: timedelta) -> Window:
    """Both ends floored to the grid of a series' bars: a cursor amid an open bar would leave it out for good."""
    if not step:
        return window
    return Window(window.start - (window.start - EPOCH) % step, window.end - (window.end - EPOCH) % step)


def _batches(
    snapshot: Snapshot, tried: Sequence[tuple[Source, _Timed]], now: datetime
) -> Iterator[tuple[Source, _Timed, Batch]]:
    why = None  # this source was asked
    for source, timed in tried:
        pulled = timed.pulled
        short = (
            f"{source.name} keeps its newest {source.connector.interval} bars only: nothing before "
            f"{pulled.reached:%Y-%m-%d %H:%M} UTC came"
            if pulled.reached
            else None
        )
        yield (
            source,
            timed,
            replace(
                batch_of(source, pulled, timed.started, now),
                note="; ".join(filter(None, [why, short])) or None,
                cursor=pulled.window.end if _closes_up(snapshot, source.name, pulled) else None,
            ),
        )
        why = f"Asked because {source.name} failed: {pulled.error}" if pulled.error else f"Asked because {short}"


def batch_of(source: Source, pulled: Pulled, started_at: datetime, now: datetime) -> Batch:
    """What a pull brought, as rows for its table; without a cursor."""
    table = table_of(source)
    return Batch(
        source=source.name,
        table=table,
        frame=fetched(pulled.records, now) if table == "articles" else records_frame(pulled.records, TABLES[table]),
        started_at=started_at,
        rejects=pulled.rejects,
        # What the pull covered: a source that keeps its newest bars only covers what it gave.
        window=Window(pulled.reached or pulled.window.start, pulled.window.end),
        pages=len(pulled.pages),
        listing=table == "market_caps" and len({record.asset_id for record in pulled.records}) >= A_LIST,
        error=None if pulled.complete else str(pulled.error),
    )


def _closes_up(snapshot: Snapshot, name: str, pulled: Pulled) -> bool:
    """Whether a cursor may move: the pull reached its last page, and began where the one before had ended."""
    before = queries.cursor(snapshot, name)
    return pulled.complete and (before is None or pulled.window.start <= before)


def table_of(source: Source) -> str:
    """The table a source feeds, by the type of record it makes."""
    return _TABLES[source.connector.record]
