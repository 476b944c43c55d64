"""``newstape``: the command line.

Exit codes, the same for every command:

    0    done
    2    the command line itself is wrong
    3    a file, row filter or value given cannot be used; nothing was stored
    4    partly done: some sources of a refresh failed, or some rows of an import were refused; the rest is stored;
         with `status --check`: some sources are not fresh
    5    nothing fetched: every source failed; with `status --check`: no source is fresh
    6    another process is writing to the lake
    7    the lake cannot be written to (disk full, no permission, store unreachable)
    8    there is no lake at that place
    9    another refresh of this lake is running; nothing was asked
    130  interrupted; what was stored before is kept
"""

from __future__ import annotations

import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dashboard.cli_export import export, pins
from dashboard.cli_imports import imports
from dashboard.cli_refresh import backfill, refresh, schedule
from dashboard.command import (
    BAD_INPUT,
    BUSY,
    CANNOT_WRITE,
    INTERRUPTED,
    NO_LAKE,
    NOTHING,
    PARTLY,
    RUNNING,
    Home,
    build,
    note,
    plainly,
    ready,
)
from data.home import ENV, resolve
from data.lake import Lake

__all__ = ["BAD_INPUT", "BUSY", "CANNOT_WRITE", "INTERRUPTED", "NOTHING", "NO_LAKE", "PARTLY", "RUNNING", "app", "main"]


class By(StrEnum):
    """How stories are found."""

    words = "words"
    meaning = "meaning"


app = typer.Typer(
    name="newstape",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Crypto news beside the market it met.\n\n"
    "Exit codes: 0 done; 2 wrong command line; 3 bad input, nothing stored; 4 partly done; 5 nothing fetched; "
    "6 lake busy; 7 lake cannot be written; 8 no lake there; 9 another refresh runs; 130 interrupted.",
)
app.add_typer(imports, name="import")


@app.callback()
def everywhere(home: Home = None) -> None:
    """Take --home before the command as well as after it."""
    if home:
        os.environ[ENV] = resolve(home)


@app.command()
def init(
    home: Home = None, empty: Annotated[bool, typer.Option("--empty", help="Without the sample.")] = False
) -> None:
    """Build a lake from the embedded sample, or bring the sample of an existing one up to date.

    Example: newstape init --home ./lake
    """
    with plainly():
        build(Lake(resolve(home)), sample=not empty)


@app.command()
def serve(
    home: Home = None,
    port: Annotated[int, typer.Option(help="Port on localhost.")] = 8501,
    address: Annotated[str, typer.Option(help="Address to listen on.")] = "localhost",
) -> None:
    """Serve the dashboard, building the lake first where there is none.

    For monitors: GET /api/health answers 200 while every job is fresh, else 503, with `status --json`.

    Example: newstape serve --port 8501
    """
    with plainly():
        lake = ready(home)
        script = Path(__file__).parents[1] / "streamlit_app.py"
        note(f"Serving {lake.home} at http://{address}:{port} (Ctrl-C stops)")
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


app.command()(refresh)
app.command()(backfill)
app.command()(schedule)


@app.command()
def enrich(
    by: Annotated[
        By | None, typer.Option(help="Find stories by words, or by meaning too (pip install '.[semantic]'); kept.")
    ] = None,
    home: Home = None,
) -> None:
    """Read every stored article again: mentions, claims, stories, and the market they met.

    For after an update that reads better, or to change how stories are found. What was put in by hand stays.

    Example: newstape enrich --by words
    """
    with plainly():
        from data.enrich import enrich_all

        lake = Lake(resolve(home))
        lake.pin()
        count = enrich_all(lake, by=by and by.value)
        typer.echo(f"{count:,} articles read again; stories found by {lake.stories_by()}.")


app.command()(export)
app.command()(pins)


@app.command()
def status(
    home: Home = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object on standard output.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="For monitors: exit with 4 where a source is not fresh, 5 where none is.")
    ] = False,
) -> None:
    """Say where the lake is, what it holds, and how each source stands.

    Example: newstape status --json --check
    """
    with plainly():
        from dashboard.report import health, status_report

        lake = Lake(resolve(home))
        found = health(lake)
        if as_json:
            typer.echo(json.dumps(found.as_json(), indent=1))
        else:
            status_report(found)
        if check and not found.fresh:
            raise typer.Exit(PARTLY if found.some_fresh else NOTHING)


@app.command()
def compact(home: Home = None) -> None:
    """Join small files and delete those replaced more than seven days ago that no pin names.

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
