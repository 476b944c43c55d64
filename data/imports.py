"""Tables that people bring as files: told by their columns, read in chunks, stored with what was refused of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pandas as pd

from connectors.records import PRECISIONS, Reject
from data import import_binance, import_cryptodatadownload, import_tradingview
from data.export import undefuse
from data.import_articles import import_article
from data.import_files import LINE, BadFile, Part, Sheet, at_line, open_sheet
from data.ingest import AHEAD, Batch, Taken, new_run_id, take
from data.lake import Lake
from data.tables import INTERVAL_S, TABLES
from data.validate import validate

__all__ = ["OWNED", "BadFile", "import_article", "import_table", "parse_time", "refuse_unowned"]

#: Tables that a person may bring: what came from outside, and what analysts made.
OWNED = ("candles", "market_caps", "indicators", "articles", "annotations", "watchlists", "saved_views", "alerts")
#: Columns the lake fills by itself.
OURS = {"candles": {"span"}}
#: Other programs' files, by the table they feed.
FORMS: dict[str, tuple[ModuleType, ...]] = {
    "candles": (import_binance, import_cryptodatadownload),
    "market_caps": (import_tradingview,),
}
_LOG = {"runs", "rejects"}


def refuse_unowned(table: str) -> None:
    """Raises ValueError for a table that is no person's to fill, and says why."""
    if table not in TABLES:
        raise ValueError(f"There is no table {table}. You can bring: {', '.join(OWNED)}.")
    if table in _LOG:
        raise ValueError(f"{table} is the record of what Newstape itself did; it cannot be brought in.")
    if table not in OWNED:
        raise ValueError(
            f"{table} is worked out by Newstape from articles and prices; bring those in, and it follows from them."
        )


def import_table(
    lake: Lake, table: str, path: Path, now: datetime, given: Mapping[str, str], *, own: bool = False
) -> Iterator[Taken]:
    """Store a file's rows; one result a chunk of rows, with the lines that were refused.

    The columns are those of ``table`` in any order, or for candles and market caps those of a program in ``FORMS``
    (not where ``own``). ``given`` fills columns the file lacks; it wins over what another program's file is named.
    Raises BadFile before anything is stored when the file cannot be used, and after what came before it when a line
    in it cannot be read. The same file again stores nothing, not even its rejects.
    """
    forms = () if own else FORMS.get(table, ())
    run_id = new_run_id(now)
    with open_sheet(path, import_binance.COLUMNS if import_binance in forms else ()) as sheet:
        form = next((form for form in forms if form.recognises(sheet)), None)
        parts = form.parts(sheet, given, now) if form else _own(sheet, table, given)
        for n, part in enumerate(parts):
            frame, rejects = _located(part, table, now)
            source = f"import {path.name}" if n == 0 else f"import {path.name} part {n + 1}"
            taken = take(lake, run_id, Batch(source, table, frame, now, rejects), unless_known=True)
            yield replace(taken, note=part.note)


def _own(sheet: Sheet, table: str, given: Mapping[str, str]) -> Iterator[Part]:
    """Rows of a file in the table's own columns, as ``newstape export`` writes them."""
    declared = TABLES[table].names
    if twice := set(sheet.repeated) & set(declared):
        raise BadFile(f"{sheet.path} names a column twice: {', '.join(sorted(twice))}.")
    ours = OURS.get(table, set())
    given = {name: value for name, value in given.items() if name in declared}
    needed = {c.name for c in TABLES[table].columns if not c.nullable} - ours - set(given)
    if missing := sorted(needed - set(sheet.columns)):
        raise BadFile(
            f"{sheet.path} has no column {', '.join(missing)}. It needs: {', '.join(sorted(needed))}; "
            f"it has: {', '.join(sheet.columns)[:300] or 'none'}. `newstape import {table.replace('_', '-')} --help` "
            "says which options fill a missing one, and what other programs' files are understood."
        )
    unknown = [name for name in sheet.columns if name not in declared]
    note = f"columns left out: {', '.join(unknown)[:300]}" if unknown else None
    for part in sheet.parts:
        frame = part.frame[[LINE, *(name for name in part.frame if name in declared and name not in ours)]]
        if sheet.path.suffix != ".parquet":
            text = frame.columns != LINE
            frame = frame.assign(**{name: frame[name].map(undefuse) for name in frame.columns[text]})
        yield replace(part, frame=frame.assign(**{k: v for k, v in given.items() if k not in frame}), note=note)
        note = None


def _located(part: Part, table: str, now: datetime) -> tuple[pd.DataFrame, tuple[Reject, ...]]:
    """The rows that ``take`` will accept, and a reject that names its line for each of the others."""
    frame = part.frame
    if frame.empty:
        return frame.drop(columns=LINE), part.rejects
    checked = frame.copy()
    checked.insert(1, "span", "all")  # of candles the lake fills it; elsewhere it is not looked at
    found = [(_line(reject.excerpt), reject) for reject in validate(checked, TABLES[table]).rejects]
    good = frame[~frame[LINE].isin([line for line, _ in found])]
    rejects = [
        Reject(reject.reason, at_line(line, reject.excerpt.partition(", span=all, ")[2])) for line, reject in found
    ]
    if early := _early(good, table, now):
        rejects += early
        good = good[~good[LINE].isin([_line(reject.excerpt) for reject in early])]
    return good.drop(columns=LINE).reset_index(drop=True), (*part.rejects, *rejects)


def _line(excerpt: str) -> int:
    return int(re.match(r"line[= ](\d+)", excerpt)[1])


def _early(frame: pd.DataFrame, table: str, now: datetime) -> list[Reject]:
    """Bars that are not closed and articles that are not out: ``take`` refuses them, here their line is known."""
    name = {"candles": "open_time", "articles": "published_at"}.get(table)
    if name is None or name not in frame or frame.empty:
        return []
    given = frame[name]
    at = pd.to_datetime(given.where(given != "", None), utc=True, format="ISO8601")
    if table == "candles":
        at = at + pd.to_timedelta(frame["interval"].map(INTERVAL_S), unit="s")
    reason = "the bar is not closed yet" if table == "candles" else "published_at lies in the future"
    late = at > pd.Timestamp(now + AHEAD)
    return [Reject(reason, at_line(line, f"{name}={at}")) for line, at in frame.loc[late, [LINE, name]].to_numpy()]


def parse_time(text: str) -> tuple[datetime, str]:
    """A time a person typed, as an aware UTC instant and its precision.

    ``2025-03-28`` is a day; ``2025-03-28T17:17Z`` a minute; with seconds, a second. Raises ValueError for what
    is no time, and for a time of day without a zone.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(
            f"{text!r} is not a time; write a day as 2025-03-28, an instant as 2025-03-28T17:17Z."
        ) from error
    if len(text) == len("2025-03-28"):
        return at.replace(tzinfo=UTC), PRECISIONS[3]
    if at.tzinfo is None:
        raise ValueError(f"{text} has no time zone; write {text}Z for UTC, or an offset such as +02:00")
    return at.astimezone(UTC), "second" if text.count(":") - (text[-3] == ":" and text[-6] in "+-") >= 2 else "minute"
