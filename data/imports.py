"""Files a person brings: articles as text, candles and market caps as CSV or Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from analysis.extract import from_text
from connectors.records import PRECISIONS
from connectors.urls import canonical_url
from data.articles import imported
from data.export import undefuse
from data.ingest import Batch, Taken, new_run_id, take
from data.lake import Lake
from data.tables import TABLES

#: An article longer than this is not an article.
MAX_ARTICLE_BYTES = 2_000_000
#: Rows of a CSV held in memory at once.
CHUNK = 200_000
#: Columns the lake fills by itself.
OURS = {"candles": {"span"}, "market_caps": set()}


class BadFile(Exception):
    """The file cannot be used; the message says why and what to do."""


def import_article(
    lake: Lake,
    path: Path,
    now: datetime,
    *,
    url: str | None = None,
    title: str | None = None,
    publisher: str | None = None,
    published_at: datetime | None = None,
    published_precision: str | None = None,
) -> Taken:
    """Store one article from a text file; what the caller states wins over what the text says.

    Raises BadFile for a file that is missing, empty, too large, not UTF-8 text, or HTML.
    """
    text = _text(path)
    extracted = from_text(text)
    if not (extracted.body or extracted.captions):
        raise BadFile(f"{path}: no text left once boilerplate is taken out; is this the article's own file?")
    named = publisher or extracted.publisher_hint or "unknown"
    frame = imported(
        extracted,
        now=now,
        source=named.lower(),
        publisher=named,
        url=canonical_url(url) if url else None,
        title=title,
        published_at=published_at,
        published_precision=published_precision,
    )
    return take(lake, new_run_id(now), Batch(f"import {path.name}", "articles", frame, now))


def _text(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > MAX_ARTICLE_BYTES:
            raise BadFile(f"{path} has {size:,} bytes, more than an article can have ({MAX_ARTICLE_BYTES:,}).")
        raw = path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror or error}.") from error
    if not raw.strip():
        raise BadFile(f"{path} is empty; there is no article in it.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8 plain text first.") from error
    if "\0" in text:
        raise BadFile(f"{path} holds binary data, not text.")
    if text.lstrip()[:200].lower().startswith(("<!doctype html", "<html", "<?xml", "<head", "<body")):
        raise BadFile(f"{path} is HTML; copy the article's text out of the browser into a plain text file.")
    return text


def import_table(lake: Lake, table: str, path: Path, now: datetime, defaults: dict[str, str]) -> Iterator[Taken]:
    """Store a CSV or Parquet file of candles or market caps; one result a chunk of rows.

    Columns are those of the table, in any order; ``defaults`` fills columns the file lacks. Raises BadFile
    before anything is stored when the file cannot be read or lacks a column, and after the chunks before it
    when a line cannot be read.
    """
    columns = _columns(path)
    needed = {c.name for c in TABLES[table].columns if not c.nullable} - OURS[table] - set(defaults)
    missing = sorted(needed - set(columns))
    if missing:
        raise BadFile(
            f"{path} has no column {', '.join(missing)}. It needs: {', '.join(sorted(needed))}; "
            f"it has: {', '.join(columns) or 'none'}. `newstape import {table.replace('_', '-')} --help` "
            "says which options fill a missing one."
        )
    run_id = new_run_id(now)
    n = -1
    for n, frame in enumerate(_chunks(path)):
        for name, value in defaults.items():
            if name not in frame:
                frame[name] = value
        frame = frame.drop(columns=[name for name in OURS[table] if name in frame])
        source = f"import {path.name}" if n == 0 else f"import {path.name} part {n + 1}"
        yield take(lake, run_id, Batch(source, table, frame, now))
    if n < 0:
        raise BadFile(f"{path} names its columns and has no row.")


def _columns(path: Path) -> list[str]:
    try:
        if path.suffix == ".parquet":
            return list(pd.read_parquet(path).columns)
        with path.open("rb") as file:
            if not file.read(1):
                raise BadFile(f"{path} is empty; its first line should name the columns.")
        return list(pd.read_csv(path, dtype=str, nrows=0, encoding="utf-8-sig").columns)
    except (ValueError, OSError) as error:  # pandas' parser errors are ValueErrors
        raise BadFile(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from error


def _chunks(path: Path) -> Iterator[pd.DataFrame]:
    if path.suffix == ".parquet":
        frame = pd.read_parquet(path)
        for first in range(0, len(frame), CHUNK):
            yield frame.iloc[first : first + CHUNK].reset_index(drop=True)
        return
    try:
        with pd.read_csv(path, dtype=str, keep_default_na=False, chunksize=CHUNK, encoding="utf-8-sig") as parts:
            for frame in parts:
                yield frame.map(undefuse)
    except ValueError as error:
        raise BadFile(f"{path} cannot be read to its end: {' '.join(str(error).split())}.") from error


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
