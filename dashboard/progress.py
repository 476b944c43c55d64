"""A refresh or backfill as it runs: a live display on a terminal, plain log lines elsewhere."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import stamina
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from connectors import registry
from connectors.contained import Contained
from connectors.errors import SourceError
from connectors.pull import Send
from connectors.records import Connector, Page, Request
from connectors.registry import Source
from connectors.transport import Transport
from dashboard import words
from dashboard.command import note
from dashboard.secrets import with_secrets
from data import home
from data.backfill import backfill
from data.ingest import Taken
from data.lake import Lake
from data.refresh import Jobs, askable, plan, refresh

Say = Callable[[str], None]


def sources_of(names: Sequence[str]) -> Jobs:
    """The jobs of these names, or all; those that need a key nobody gave are left out, and said.

    Raises ValueError for a name there is not, and where all that was named needs a key.
    """
    try:
        jobs = home.registry().jobs(names)
    except KeyError as error:
        raise ValueError(str(error.args[0])) from error
    keys = with_secrets()
    kept, lacking = askable(jobs, lambda variable: bool(keys.get(variable)))
    if names and lacking and not kept:
        raise ValueError(
            f"{', '.join(lacking)} needs a key: set {', '.join(dict.fromkeys(lacking.values()))} in the environment or "
            "in .streamlit/secrets.toml."
        )
    for source, variable in lacking.items() if names else ():
        note(f"{source} is left out: it needs a key in {variable}.")
    return kept


def watched_refresh(
    lake: Lake, jobs: Jobs, since: datetime | None, base_url: str | None, stop: threading.Event
) -> list[Taken]:
    """Refresh, telling what comes of each source as it comes. Returns all of it."""
    results = []
    with _asking(base_url) as (send, parse), _display(len(jobs), "Asking sources") as (say, advance):
        now = datetime.now(UTC)
        for taken in refresh(lake, jobs, send, now=now, since=since, parse=parse, answered=advance, stop=stop):
            results.append(taken)
            say(_line(taken))
    return results


def watched_backfill(
    lake: Lake,
    source: Source,
    since: datetime | None,
    until: datetime | None,
    base_url: str | None,
    stop: threading.Event,
) -> str | None:
    """Backfill, telling each span as it is stored. Returns the error that ended it, if one did."""
    count = 0
    with _asking(base_url) as (send, _), _display(None, f"History of {source.name}") as (say, advance):
        try:
            for window, taken in backfill(
                lake, source, send, now=datetime.now(UTC), since=since, until=until, stop=stop
            ):
                advance(f"{window.start:%Y-%m-%d}")
                say(f"{window.start:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M} UTC: {_line(taken)}")
                count += taken.counts.new
                if taken.error:
                    return taken.error
        except SourceError as error:
            return str(error)
        say(f"{source.name}: complete, {count:,} new bars." if not stop.is_set() else f"{count:,} new bars so far.")
    return None


def say_plan(place: str, jobs: Jobs, since: datetime | None) -> None:
    """What a refresh would ask, a line each, to standard output."""
    for question in plan(Lake(place), jobs, now=datetime.now(UTC), since=since):
        request, window = question.request, question.window
        told = [f"{window.start:%Y-%m-%dT%H:%MZ} to {window.end:%Y-%m-%dT%H:%MZ}"]
        if question.stands_in:
            told.append("only if those before it in the chain fall short")
        if question.validators:
            told.append("only if changed")
        if question.answered_at:
            told.append(f"last answered {words.when(question.answered_at)}")
        asked = " ".join([request.url, *(f"{name}={value}" for name, value in request.params.items())])
        sys.stdout.write(f"{question.job}: {question.source}: {asked} ({'; '.join(told)})\n")


@contextmanager
def _asking(base_url: str | None) -> Iterator[tuple[Send, Callable[[Connector, Request, bytes], Page]]]:
    """How sources are asked and read: one transport, markup parsed where it can be ended."""
    stamina.instrumentation.set_on_retry_hooks([])  # a retry that helps is no news; one that does not is the error
    with Transport(base_url=base_url, environ=with_secrets()) as transport, Contained() as contained:

        def parse(connector: Connector, request: Request, body: bytes) -> Page:
            if getattr(connector, "untrusted", False):
                return contained.parse(connector, request, body)
            return connector.parse(request, body)

        yield registry.sender(transport, paced=base_url is None), parse


def _line(taken: Taken) -> str:
    counts = (
        f"{taken.counts.new:,} new, {taken.counts.changed:,} changed, {taken.counts.same:,} same, "
        f"{len(taken.rejects):,} rejected"
    )
    told = f"{taken.source}: {counts}"
    if taken.error:
        told += f"; failed: {taken.error}"
    return f"{told} ({taken.note})" if taken.note else told


@contextmanager
def _display(total: int | None, doing: str) -> Iterator[tuple[Say, Say]]:
    console = Console(stderr=True)
    if not console.is_terminal:

        def say(line: str) -> None:
            sys.stderr.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}\n")
            sys.stderr.flush()

        yield say, lambda _: None
        return
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    ) as progress:
        task = progress.add_task(doing, total=total)
        yield (
            (lambda line: progress.console.print(escape(line))),
            (lambda name: progress.update(task, advance=1, description=f"{doing}: {escape(name)}")),
        )
