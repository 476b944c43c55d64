"""``newstape import``: files a person brings."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.command import BAD_INPUT, PARTLY, Home, note, plainly, ready
from data.lake import Counts, Lake

if TYPE_CHECKING:
    from connectors.records import Reject
    from data.ingest import Taken

#: Refused rows, and files without an article, that are told one by one; the table has all of them.
TOLD = 5

imports = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Bring in files: articles, candles, market caps, and tables that were exported.\n\n"
    "Example: newstape import article story.html",
)

Files = Annotated[list[Path], typer.Argument(help="Files to read.")]
Places = Annotated[list[Path], typer.Argument(help="Files to read, or folders of them.")]


@imports.command("article")
def import_article(
    files: Places,
    home: Home = None,
    url: Annotated[str | None, typer.Option(help="Its address.")] = None,
    title: Annotated[str | None, typer.Option(help="Its headline, where the text has none.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Who published it.")] = None,
    published_at: Annotated[str | None, typer.Option(help="When: 2025-03-28 or 2025-03-28T17:17Z.")] = None,
) -> None:
    """Store articles from text files and saved web pages, one a file; of a folder, all its .txt, .htm and .html.

    Example: newstape import article story.txt --publisher Bitcoinist --published-at 2025-03-29T08:00Z
    """
    with plainly():
        from data.imports import import_article as read
        from data.imports import parse_time

        if (len(files) > 1 or files[0].is_dir()) and (url or title or published_at):
            raise ValueError("--url, --title and --published-at describe one article; give one file with them.")
        stated, precision = parse_time(published_at) if published_at else (None, None)
        lake = ready(home)
        told = {"url": url, "title": title, "published_at": stated, "published_precision": precision}

        def one(path: Path) -> Iterator[Taken]:
            if path.is_dir():
                yield from _folder(lake, path, publisher)
            else:
                yield read(lake, path, datetime.now(UTC), publisher=publisher, **told)

        _take_files(files, one, then=lambda path, taken: None if path.is_dir() else _tell_article(lake, taken.articles))


def _folder(lake: Lake, folder: Path, publisher: str | None) -> Iterator[Taken]:
    from data.import_articles import find, import_folder

    found = find([folder])
    if found.skipped:
        note(f"{folder}: {found.skipped:,} other files passed over (read are .txt, .htm, .html).")
    with _counted(len(found.files)) as read:
        yield from import_folder(
            lake, found.files, folder.resolve().name, datetime.now(UTC), publisher=publisher, read=read
        )


@contextmanager
def _counted(total: int) -> Iterator[Callable[[object], None]]:
    """Progress over many files: a bar on a terminal, elsewhere a line for every five hundred."""
    if not sys.stderr.isatty():
        done = 0

        def read(_: object) -> None:
            nonlocal done
            done += 1
            if done % 500 == 0:
                note(f"  {done:,} of {total:,} files read …")

        yield read
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Reading articles", total=total)
        yield lambda _: progress.advance(task)


def _tell_article(lake: Lake, ids: tuple[str, ...]) -> None:
    from dashboard.report import article_report

    for article in ids:
        typer.echo(article_report(lake.pin(), article))


@imports.command("candles")
def import_candles(
    files: Files,
    home: Home = None,
    source: Annotated[str | None, typer.Option(help="Exchange, where the file does not say.")] = None,
    symbol: Annotated[str | None, typer.Option(help="Symbol such as BTC/USD, where the file does not say.")] = None,
    interval: Annotated[str | None, typer.Option(help="1m, 5m, 1h or 1d, where the file does not say.")] = None,
) -> None:
    """Store price bars from CSV (also zipped) or Parquet files.

    Columns: open_time (ISO 8601 with zone, the bar's open), open, high, low, close, volume, and source,
    symbol, interval unless given as options. Understood as they are: Binance's archive
    (BTCUSDT-1m-2025-01.zip) and CryptoDataDownload (Bitstamp_BTCUSD_1h.csv).

    Example: newstape import candles btc.csv --source kraken --symbol BTC/USD --interval 1h
    """
    _import_table("candles", files, home, {"source": source, "symbol": symbol, "interval": interval})


@imports.command("market-caps")
def import_market_caps(
    files: Files,
    home: Home = None,
    source: Annotated[str | None, typer.Option(help="Who states it, where the file has no such column.")] = None,
    definition: Annotated[str | None, typer.Option(help="Universe counted, such as all-coins or top-125.")] = None,
    asset: Annotated[str | None, typer.Option(help="Asset symbol, or TOTAL.")] = None,
    interval: Annotated[
        str | None, typer.Option(help="Bar length of a TradingView file where it does not show, such as 1d.")
    ] = None,
) -> None:
    """Store market caps from CSV (also zipped) or Parquet files.

    Columns: period_end and available_at (ISO 8601 with zone), market_cap_usd, resolution_s, and source,
    definition, asset unless given as options; optional: open_usd, high_usd, low_usd, price_usd, volume_usd, supply.
    Understood as it is: TradingView's chart export of a CRYPTOCAP symbol ("CRYPTOCAP_TOTAL, 1D.csv").

    Example: newstape import market-caps total.csv --source tradingview --definition top-125 --asset TOTAL
    """
    given = {"source": source, "definition": definition, "asset": asset, "interval": interval}
    _import_table("market_caps", files, home, given)


@imports.command("table")
def import_any_table(
    table: Annotated[str, typer.Argument(help="Table, such as candles, annotations, articles; see docs/tables.md.")],
    files: Files,
    home: Home = None,
) -> None:
    """Store what `newstape export` wrote, row for row: into another lake, or back into this one.

    For candles, market caps, indicators, articles, annotations, watchlists, saved views and alerts; all other tables
    follow from these.

    Example: newstape import table annotations notes.csv
    """
    with plainly():
        from data.imports import refuse_unowned

        name = table.replace("-", "_")
        refuse_unowned(name)
    _import_table(name, files, home, {}, own=True)


def _import_table(
    table: str, files: list[Path], home: str | None, options: dict[str, str | None], *, own: bool = False
) -> None:
    with plainly():
        from data.imports import import_table

        lake, given = ready(home), {name: value for name, value in options.items() if value}
        _take_files(files, lambda path: import_table(lake, table, path, datetime.now(UTC), given, own=own))


def _take_files(
    files: list[Path],
    read: Callable[[Path], Iterable[Taken]],
    then: Callable[[Path, Taken], None] = lambda path, taken: None,
) -> None:
    """Take files one after the other; one that cannot be used says so and holds up no other."""
    from data.imports import BadFile

    stored = unusable = False
    refused = 0
    for path in files:
        counts, rejects, shown, parts = Counts(), 0, [], 0
        try:
            for taken in read(path):
                parts += 1
                counts += taken.counts
                rejects += len(taken.rejects)
                shown += taken.rejects[: TOLD - len(shown)]
                if taken.note:
                    note(f"{path}: {taken.note}.")
        except BadFile as error:
            note(str(error))
            unusable = True
        if parts:  # what came before an error stays counted
            _report(path, counts, rejects, shown)
            then(path, taken)
        stored, refused = stored or counts != Counts(), refused + rejects
    if (unusable or refused) and not stored:
        raise typer.Exit(BAD_INPUT)
    if unusable or refused:
        raise typer.Exit(PARTLY)


def _report(path: Path, counts: Counts, rejects: int, shown: list[Reject]) -> None:
    typer.echo(f"{path}: {counts.new:,} new, {counts.changed:,} changed, {counts.same:,} same, {rejects:,} refused.")
    for reject in shown:
        note(f"  refused: {reject.reason} [{reject.excerpt[:120]}]")
    if rejects > len(shown):
        note(f"  … and {rejects - len(shown):,} more; all are in the table rejects (newstape export rejects -o -).")
