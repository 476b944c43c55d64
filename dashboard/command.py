"""What every command shares: where the lake is, exit codes, and one sentence for whatever goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, NoReturn

import typer

from data.home import ENV, resolve
from data.lake import CannotWrite, Lake, LakeBusy, LakeError, NoLake, OldLake, RefreshRunning

#: What they mean stands in ``dashboard.cli`` and in ``docs/cli.md``.
BAD_INPUT, PARTLY, NOTHING, BUSY, CANNOT_WRITE, NO_LAKE, RUNNING, INTERRUPTED = 3, 4, 5, 6, 7, 8, 9, 130

Home = Annotated[
    str | None,
    typer.Option(
        "--home",
        help=f"Where the lake is: a folder or an object-store URL. Default: ${ENV}, else the user's data folder.",
    ),
]


@contextmanager
def plainly() -> Iterator[None]:
    """Turn what can go wrong into one sentence and an exit code."""
    from data.imports import BadFile

    try:
        yield
    except BadFile as error:
        fail(str(error), BAD_INPUT)
    except ValueError as error:
        fail(str(error), BAD_INPUT)
    except RefreshRunning as error:
        fail(str(error), RUNNING)
    except LakeBusy as error:
        fail(str(error), BUSY)
    except CannotWrite as error:
        fail(str(error), CANNOT_WRITE)
    except NoLake as error:
        fail(str(error), NO_LAKE)
    except LakeError as error:
        fail(str(error), BAD_INPUT)
    except KeyboardInterrupt:
        fail("Interrupted. What was stored before is kept; run the same command again to go on.", INTERRUPTED)


def fail(sentence: str, code: int) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(code)


def note(sentence: str) -> None:
    typer.echo(sentence, err=True)


def ready(home: str | None) -> Lake:
    """The lake, built from the embedded sample where there is none yet, brought up to date where it is old."""
    lake = Lake(resolve(home))
    if not lake.exists():
        build(lake)
    try:
        lake.pin()
    except OldLake:
        note(f"Bringing the lake at {lake.home} up to date …")
        lake.create()
    return lake


def build(lake: Lake, *, sample: bool = True) -> None:
    from data.sample import load_sample

    doing = "Adding to the lake at" if lake.exists() else "Building a lake at"
    note(f"{doing} {lake.home}" + (" from the embedded sample …" if sample else " without any data …"))
    with lake.writing():  # published whole: a build that is cut short leaves no half a lake
        for taken in load_sample(lake, datetime.now(UTC)) if sample else ():
            note(
                f"  {taken.source}: {taken.counts.new:,} rows"
                + (f", {len(taken.rejects)} refused" if taken.rejects else "")
            )
