"""A refresh as it runs: a live display on a terminal, plain log lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import stamina
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from connectors import registry
from connectors.records import Connector
from connectors.transport import Transport
from dashboard.secrets import with_secrets
from data.ingest import Taken
from data.lake import Lake
from data.refresh import refresh

Say = Callable[[str], None]


def watched_refresh(
    lake: Lake, jobs: dict[str, tuple[Connector, ...]], since: datetime | None, base_url: str | None
) -> list[Taken]:
    """Refresh, telling what comes of each source as it comes. Returns all of it."""
    results = []
    stamina.instrumentation.set_on_retry_hooks([])  # a retry that helps is no news; one that does not is the error
    with Transport(base_url=base_url, environ=with_secrets()) as transport, _display(len(jobs)) as (say, advance):
        send = registry.sender(transport, paced=base_url is None)
        for taken in refresh(lake, jobs, send, now=datetime.now(UTC), since=since, asked=advance):
            results.append(taken)
            say(_line(taken))
    return results


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
def _display(total: int) -> Iterator[tuple[Say, Say]]:
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
        task = progress.add_task("Asking sources", total=total)
        yield (
            (lambda line: progress.console.print(escape(line))),
            (lambda name: progress.update(task, advance=1, description=f"Answered: {escape(name)}")),
        )
