"""``newstape refresh``, ``backfill`` and ``schedule``: bringing data in, once, for long ago, and for ever."""

from __future__ import annotations

import random
import re
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer

from dashboard.command import INTERRUPTED, NOTHING, PARTLY, Home, fail, note, plainly, ready
from data.home import resolve
from data.lake import CannotWrite, LakeBusy

BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url", help="Send every request to this address, the real host as first path segment (for replays)."
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        "--since",
        help="From this time on instead of where the last refresh ended: 2025-03-28 or 2025-03-28T12:00Z.",
    ),
]
SPANS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
#: Of the pause between two rounds, either way: jobs of many machines do not all begin in the same second.
JITTER = 0.1


def refresh(
    home: Home = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--source",
            help="Only this source or chain; may be repeated. `newstape status` lists them; kraken:SOL/USD:5m is the "
            "candles of any market, candles:SOL/USD:5m those of the default chain.",
        ),
    ] = None,
    since: Since = None,
    plan: Annotated[bool, typer.Option("--plan", help="Say what would be asked, and ask nothing.")] = False,
    every: Annotated[
        str | None, typer.Option("--every", help="Go on for ever, with this pause: 5m, 1h. SIGTERM ends it cleanly.")
    ] = None,
    base_url: BaseUrl = None,
) -> None:
    """Ask the sources for what is new and store it.

    Example: newstape refresh --source candles-btc-usd --since 2026-11-01
    """
    with plainly():
        from dashboard.progress import say_plan, sources_of, watched_refresh
        from data.enrich import ready_to_read

        jobs, begin = sources_of(source or []), _past(since)
        pause_s = _span_s(every) if every else None
        if plan:
            say_plan(resolve(home), jobs, begin)
            return
        lake = ready(home)
        ready_to_read(lake)
        with _stoppable() as stop:
            while True:
                try:
                    taken = watched_refresh(lake, jobs, begin, base_url, stop)
                    code = _told(jobs, taken, looping=pause_s is not None)
                except (LakeBusy, CannotWrite) as error:
                    if pause_s is None:
                        raise
                    note(f"{error} The next round tries again.")
                if pause_s is None or stop.is_set():
                    break
                begin = None  # the rounds after the first go on from there
                stop.wait(pause_s * random.uniform(1 - JITTER, 1 + JITTER))
        if stop.is_set():
            note("Stopped. What was stored is kept.")
            raise typer.Exit(0 if every else INTERRUPTED)
        raise typer.Exit(code)


def _told(jobs: dict, taken: list, *, looping: bool) -> int:
    """The exit code of one round, said where it is not 0."""
    # A chain whose fallback answered is fresh: its earlier failures are told, not counted.
    answered = {
        name
        for name, sources in jobs.items()
        if any(one.error is None and one.source in {s.name for s in sources} for one in taken)
    }
    asked = {name for name, sources in jobs.items() if any(one.source in {s.name for s in sources} for one in taken)}
    if not asked:
        return 0
    if not answered:
        first = next(one.error for one in taken if one.error)
        all_of = "the one source asked" if len(asked) == 1 else f"all {len(asked)} of the sources and chains asked"
        sentence = f"Nothing fetched: {all_of} failed. The first: {first}"
        if looping:
            note(sentence)
            return NOTHING
        fail(sentence, NOTHING)
    return PARTLY if len(answered) < len(asked) else 0


def backfill(
    source: Annotated[str, typer.Argument(help="A source or market, such as bitstamp:BTC/USD:1h.")],
    home: Home = None,
    since: Annotated[str | None, typer.Option("--since", help="Not before this day; default: the first bar.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Only up to this time; default: now.")] = None,
    base_url: BaseUrl = None,
) -> None:
    """Bring in the whole history of one market, newest part first; run again, it goes on where it was stopped.

    Example: newstape backfill bitstamp:BTC/USD:1h --since 2013-01-01
    """
    with plainly():
        from dashboard.progress import sources_of, watched_backfill

        [[chosen, *_]] = sources_of([source]).values()
        with _stoppable() as stop:
            failed = watched_backfill(ready(home), chosen, _past(since), _past(until), base_url, stop)
        if stop.is_set():
            fail("Stopped. Run the same command again to go on.", INTERRUPTED)
        if failed:
            fail(f"Stopped at an error; run the same command again to go on. {failed}", PARTLY)


def schedule(
    home: Home = None,
    every: Annotated[str, typer.Option("--every", help="How often: 5m, 15m, 1h.")] = "15m",
    form: Annotated[str, typer.Option("--as", help="cron, systemd, or both.")] = "both",
) -> None:
    """Print a cron line and systemd units that refresh this lake; nothing is installed.

    Example: newstape schedule --every 15m --as cron
    """
    with plainly():
        from dashboard.schedule import cron, systemd

        if form not in ("cron", "systemd", "both"):
            raise ValueError(f"--as {form} is none of cron, systemd, both.")
        place, span_s = resolve(home), _span_s(every)
        if form in ("cron", "both"):
            typer.echo(cron(place, span_s))
        if form in ("systemd", "both"):
            typer.echo(systemd(place, span_s))


def _past(text: str | None) -> datetime | None:
    from data.imports import parse_time

    at = parse_time(text)[0] if text else None
    if at and at > datetime.now(UTC):
        raise ValueError(f"{text} lies in the future; give a time that has been.")
    return at


def _span_s(text: str) -> int:
    match = re.fullmatch(r"(\d{1,6})([smhd])", text.strip())
    if match is None or int(match[1]) == 0:
        raise ValueError(f"--every {text!r} is no span; write 30s, 5m, 1h or 1d.")
    return int(match[1]) * SPANS_S[match[2]]


@contextmanager
def _stoppable() -> Iterator[threading.Event]:
    """SIGTERM sets the event: what is being stored is finished, nothing more is begun."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread() or sys.platform == "win32":
        yield stop
        return
    before = signal.signal(signal.SIGTERM, lambda *_: stop.set())
    try:
        yield stop
    finally:
        signal.signal(signal.SIGTERM, before)
