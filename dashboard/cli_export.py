"""``newstape export`` and ``newstape pins``: what leaves the lake, and what is kept so that it can leave again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from dashboard.command import Home, note, plainly
from data.home import resolve
from data.lake import Lake


def export(
    table: Annotated[
        str | None, typer.Argument(help="Table, such as candles, stories, claims; see docs/tables.md.")
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", help="File to write, or - for standard output; with --manifest the folder."),
    ] = None,
    where: Annotated[str | None, typer.Option(help="Condition over the table's columns, in SQL.")] = None,
    known_at: Annotated[str | None, typer.Option(help="Only what was known then: 2025-03-28T14:05Z.")] = None,
    manifest: Annotated[
        Path | None, typer.Option(help="Make the CSVs of a manifest, or of an evidence pack, again, byte for byte.")
    ] = None,
    home: Home = None,
) -> None:
    """Write a table as CSV: UTC times with Z, formula cells defused with an apostrophe.

    Example: newstape export candles --where "symbol = 'BTC/USDT' AND interval = '1d'" -o btc.csv
    """
    if manifest is not None:
        if table or where or known_at:
            raise typer.BadParameter("--manifest says it all: no table, --where or --known-at beside it.")
        _again(manifest, output or ".", home)
        return
    if table is None or output is None:
        raise typer.BadParameter("Give a table and --output, or --manifest.")
    with plainly():
        from data import queries
        from data.export import csv_of, write_lines
        from data.imports import parse_time
        from data.tables import TABLES

        name = table.replace("-", "_")
        if name not in TABLES:
            raise ValueError(f"There is no table {table}. There are: {', '.join(sorted(TABLES))}.")
        clock = parse_time(known_at)[0] if known_at else None
        rows: list[int] = []
        write_lines(csv_of(_counted(queries.exported(Lake(resolve(home)).pin(), name, where, clock), rows)), output)
        if output != "-":
            note(f"{output}: {sum(rows):,} rows of {name}.")


def _counted(frames: Iterable, rows: list[int]) -> Iterator:
    for frame in frames:
        rows.append(len(frame))
        yield frame


def _again(manifest: Path, folder: str, home: str | None) -> None:
    with plainly():
        from data.manifest import read, remake

        for file in remake(Lake(resolve(home)), read(manifest), Path(folder)):
            note(f"{file}: the bytes the manifest names.")


def pins(
    drop: Annotated[str | None, typer.Option(help="Release this pin; `newstape compact` then frees its space.")] = None,
    home: Home = None,
) -> None:
    """List the table versions that saved manifests keep from being deleted.

    Example: newstape pins --drop 3f9a1c20b7
    """
    with plainly():
        from data import pins as kept

        lake = Lake(resolve(home))
        newest = lake.pin()
        if drop:
            kept.drop(lake.home, drop)
            note(f"{drop} is released; its manifests can be exported for as long as the versions are there.")
            return
        found = kept.pins(lake.home)
        for pin in found:
            alive = kept.kept_alive(pin, newest)
            typer.echo(f"{pin.id}  {pin.made_at}  keeps {alive / 1e6:,.1f} MB  {_plain(pin.about)}")
        if not found:
            note("Nothing is pinned.")


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
