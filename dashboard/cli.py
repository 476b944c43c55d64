"""``newstape``: the command line.

Exit codes, the same for every command:

    0    done
    2    the command line itself is wrong
    3    a file, row filter or value given cannot be used; nothing was stored
    4    partly done: some sources of a refresh failed, or some rows of an import were refused; the rest is stored
    5    nothing fetched: every source failed
    6    another process is writing to the lake
    7    the lake cannot be written to (disk full, no permission, store unreachable)
    8    there is no lake at that place
    130  interrupted; what was stored before is kept
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from data.home import ENV, resolve
from data.lake import CannotWrite, Lake, LakeBusy, LakeError, NoLake

if TYPE_CHECKING:
    from data.ingest import Taken

BAD_INPUT, PARTLY, NOTHING, BUSY, CANNOT_WRITE, NO_LAKE, INTERRUPTED = 3, 4, 5, 6, 7, 8, 130

app = typer.Typer(
    name="newstape",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Crypto news beside the market it met.\n\n"
    "Exit codes: 0 done; 2 wrong command line; 3 bad input, nothing stored; 4 partly done; 5 nothing fetched; "
    "6 lake busy; 7 lake cannot be written; 8 no lake there; 130 interrupted.",
)
imports = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Bring in files: articles, candles, market caps.\n\nExample: newstape import article story.txt",
)
app.add_typer(imports, name="import")

Home = Annotated[
    str | None,
    typer.Option(
        "--home",
        help=f"Where the lake is: a folder or an object-store URL. Default: ${ENV}, else the user's data folder.",
    ),
]


@app.callback()
def everywhere(home: Home = None) -> None:
    """Take --home before the command as well as after it."""
    if home:
        os.environ[ENV] = resolve(home)


@contextmanager
def plainly() -> Iterator[None]:
    """Turn what can go wrong into one sentence and an exit code."""
    from data.imports import BadFile

    try:
        yield
    except BadFile as error:
        _fail(str(error), BAD_INPUT)
    except ValueError as error:
        _fail(str(error), BAD_INPUT)
    except LakeBusy as error:
        _fail(str(error), BUSY)
    except CannotWrite as error:
        _fail(str(error), CANNOT_WRITE)
    except NoLake as error:
        _fail(str(error), NO_LAKE)
    except LakeError as error:
        _fail(str(error), BAD_INPUT)
    except KeyboardInterrupt:
        _fail("Interrupted. What was stored before is kept; run the same command again to go on.", INTERRUPTED)


def _fail(sentence: str, code: int) -> None:
    typer.echo(sentence, err=True)
    raise typer.Exit(code)


def _note(sentence: str) -> None:
    typer.echo(sentence, err=True)


def _ready(home: str | None) -> Lake:
    """The lake, built from the embedded sample where there is none yet."""
    lake = Lake(resolve(home))
    if not lake.exists():
        _build(lake)
    return lake


def _build(lake: Lake, *, sample: bool = True) -> None:
    from data.sample import load_sample

    doing = "Adding to the lake at" if lake.exists() else "Building a lake at"
    _note(f"{doing} {lake.home}" + (" from the embedded sample …" if sample else " without any data …"))
    with lake.writing():  # published whole: a build that is cut short leaves no half a lake
        for taken in load_sample(lake, datetime.now(UTC)) if sample else ():
            _note(
                f"  {taken.source}: {taken.counts.new:,} rows"
                + (f", {len(taken.rejects)} refused" if taken.rejects else "")
            )


@app.command()
def init(
    home: Home = None, empty: Annotated[bool, typer.Option("--empty", help="Without the sample.")] = False
) -> None:
    """Build a lake from the embedded sample, or bring the sample of an existing one up to date.

    Example: newstape init --home ./lake
    """
    with plainly():
        _build(Lake(resolve(home)), sample=not empty)


@app.command()
def serve(
    home: Home = None,
    port: Annotated[int, typer.Option(help="Port on localhost.")] = 8501,
    address: Annotated[str, typer.Option(help="Address to listen on.")] = "localhost",
) -> None:
    """Serve the dashboard, building the lake first where there is none.

    Example: newstape serve --port 8501
    """
    with plainly():
        lake = _ready(home)
        script = Path(__file__).parents[1] / "streamlit_app.py"
        _note(f"Serving {lake.home} at http://{address}:{port} (Ctrl-C stops)")
        os.environ[ENV] = lake.home
        os.chdir(script.parent)  # Streamlit reads .streamlit/config.toml beside the script
        os.execv(
            sys.executable,
            [
                sys.executable,
                "-m",
                "streamlit",
                "run",
                str(script),
                "--server.port",
                str(port),
                "--server.address",
                address,
            ],
        )


@app.command()
def refresh(
    home: Home = None,
    source: Annotated[
        list[str] | None,
        typer.Option("--source", help="Only this source or chain; may be repeated. `newstape status` lists them."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            help="From this time on instead of where the last refresh ended: 2025-03-28 or 2025-03-28T12:00Z.",
        ),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(
            "--base-url", help="Send every request to this address, the real host as first path segment (for replays)."
        ),
    ] = None,
) -> None:
    """Ask the sources for what is new and store it.

    Example: newstape refresh --source candles-btc-usd --since 2026-11-01
    """
    with plainly():
        from dashboard.progress import watched_refresh
        from data.imports import parse_time
        from data.refresh import chosen

        try:
            jobs = chosen(source or [])
        except KeyError as error:
            raise ValueError(str(error.args[0])) from error
        begin = parse_time(since)[0] if since else None
        if begin and begin > datetime.now(UTC):
            raise ValueError(f"--since {since} lies in the future; give a time that has been.")
        taken = watched_refresh(_ready(home), jobs, begin, base_url)
        failed = [one for one in taken if one.error]
        # A chain whose fallback answered is fresh: its earlier failures are told, not counted.
        answered = {
            name
            for name, connectors in jobs.items()
            if any(one.error is None and one.source in _keys(connectors) for one in taken)
        }
        if not answered:
            _fail(f"Nothing fetched: {_all(len(jobs))} failed. The first: {failed[0].error}", NOTHING)
        if len(answered) < len(jobs):
            raise typer.Exit(PARTLY)


def _all(count: int) -> str:
    return "the one source asked" if count == 1 else f"all {count} of the sources and chains asked"


def _keys(connectors: tuple) -> set[str]:
    from data.refresh import source_key

    return {source_key(connector) for connector in connectors}


Files = Annotated[list[Path], typer.Argument(help="Files to read.")]


@imports.command("article")
def import_article(
    files: Files,
    home: Home = None,
    url: Annotated[str | None, typer.Option(help="Its address.")] = None,
    title: Annotated[str | None, typer.Option(help="Its headline, where the text has none.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Who published it.")] = None,
    published_at: Annotated[str | None, typer.Option(help="When: 2025-03-28 or 2025-03-28T17:17Z.")] = None,
) -> None:
    """Store articles from text files, one a file.

    Example: newstape import article story.txt --publisher Bitcoinist --published-at 2025-03-29T08:00Z
    """
    with plainly():
        from data.imports import import_article as read
        from data.imports import parse_time

        if len(files) > 1 and (url or title or published_at):
            raise ValueError("--url, --title and --published-at describe one article; give one file with them.")
        stated, precision = parse_time(published_at) if published_at else (None, None)
        lake = _ready(home)
        _take_files(
            files,
            lambda path: [
                read(
                    lake,
                    path,
                    datetime.now(UTC),
                    url=url,
                    title=title,
                    publisher=publisher,
                    published_at=stated,
                    published_precision=precision,
                )
            ],
            then=lambda taken: _tell_article(lake, taken.articles),
        )


def _tell_article(lake: Lake, ids: tuple[str, ...]) -> None:
    from dashboard.report import article_report

    for article in ids:
        typer.echo(article_report(lake.pin(), article))


@imports.command("candles")
def import_candles(
    files: Files,
    home: Home = None,
    source: Annotated[str | None, typer.Option(help="Exchange, where the file has no such column.")] = None,
    symbol: Annotated[str | None, typer.Option(help="Symbol such as BTC/USD, where the file has none.")] = None,
    interval: Annotated[str | None, typer.Option(help="1m, 5m, 1h or 1d, where the file has none.")] = None,
) -> None:
    """Store price bars from CSV or Parquet files.

    Columns: open_time (ISO 8601 with zone, the bar's open), open, high, low, close, volume, and source,
    symbol, interval unless given as options.

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
) -> None:
    """Store market caps from CSV or Parquet files.

    Columns: period_end and available_at (ISO 8601 with zone), market_cap_usd, resolution_s, and source,
    definition, asset unless given as options; optional: open_usd, high_usd, low_usd, price_usd, volume_usd, supply.

    Example: newstape import market-caps total.csv --source tradingview --definition top-125 --asset TOTAL
    """
    _import_table("market_caps", files, home, {"source": source, "definition": definition, "asset": asset})


def _import_table(table: str, files: list[Path], home: str | None, defaults: dict[str, str | None]) -> None:
    with plainly():
        from data.imports import import_table

        lake, given = _ready(home), {name: value for name, value in defaults.items() if value}
        _take_files(files, lambda path: import_table(lake, table, path, datetime.now(UTC), given))


def _take_files(
    files: list[Path], read: Callable[[Path], Iterable[Taken]], then: Callable[[Taken], None] = lambda _: None
) -> None:
    """Take files one after the other; one that cannot be used says so and holds up no other."""
    from data.imports import BadFile
    from data.lake import Counts

    stored = unusable = refused = False
    for path in files:
        parts: list[Taken] = []
        try:
            parts.extend(read(path))  # what came before an error stays counted
        except BadFile as error:
            _note(str(error))
            unusable = True
        if parts:
            rejects = tuple(reject for taken in parts for reject in taken.rejects)
            _report(path, sum((taken.counts for taken in parts), Counts()), rejects)
            for taken in parts:
                then(taken)
            kept = any(taken.counts != Counts() for taken in parts)
            stored, refused = stored or kept, refused or bool(rejects)
    if (unusable or refused) and not stored:
        raise typer.Exit(BAD_INPUT)
    if unusable or refused:
        raise typer.Exit(PARTLY)


def _report(path: Path, counts, rejects: tuple) -> None:
    typer.echo(
        f"{path}: {counts.new:,} new, {counts.changed:,} changed, {counts.same:,} same, {len(rejects):,} refused."
    )
    for reject in rejects[:5]:
        _note(f"  refused: {reject.reason} [{reject.excerpt[:120]}]")
    if len(rejects) > 5:
        _note(f"  … and {len(rejects) - 5:,} more; all are in the table rejects (newstape export rejects -o -).")


@app.command("export")
def export_table(
    table: Annotated[str, typer.Argument(help="Table, such as candles, stories, claims; see docs/tables.md.")],
    output: Annotated[str, typer.Option("-o", "--output", help="File to write, or - for standard output.")],
    where: Annotated[str | None, typer.Option(help="Condition over the table's columns, in SQL.")] = None,
    known_at: Annotated[str | None, typer.Option(help="Only what was known then: 2025-03-28T14:05Z.")] = None,
    home: Home = None,
) -> None:
    """Write a table as CSV: UTC times with Z, formula cells defused with an apostrophe.

    Example: newstape export candles --where "symbol = 'BTC/USDT' AND interval = '1d'" -o btc.csv
    """
    with plainly():
        from data import queries
        from data.export import write_csv
        from data.imports import parse_time
        from data.tables import TABLES

        name = table.replace("-", "_")
        if name not in TABLES:
            raise ValueError(f"There is no table {table}. There are: {', '.join(sorted(TABLES))}.")
        clock = parse_time(known_at)[0] if known_at else None
        frame = queries.export(Lake(resolve(home)).pin(), name, where, clock)
        write_csv(frame, output)
        if output != "-":
            _note(f"{output}: {len(frame):,} rows of {name}.")


@app.command()
def status(home: Home = None) -> None:
    """Say where the lake is, what it holds, and how each source stands.

    Example: newstape status
    """
    with plainly():
        from dashboard.report import status_report

        status_report(Lake(resolve(home)).pin())


@app.command()
def compact(home: Home = None) -> None:
    """Join small files and delete those replaced more than seven days ago.

    Example: newstape compact
    """
    with plainly():
        lake = Lake(resolve(home))
        lake.pin()
        for name, (before, after) in lake.compact().items():
            typer.echo(f"{name}: {before} files → {after}")


def main() -> None:
    """Entry point; a Ctrl-C before a command has begun ends as quietly as one within it."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
