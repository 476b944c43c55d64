"""Articles that people bring as files: text as pasted, pages as saved, one file or folders of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd

from analysis.extract import Extracted, from_text
from analysis.page import Stated, extracted
from connectors.answers import is_html
from connectors.contained import Contained
from connectors.records import Reject
from connectors.urls import canonical_url
from data.articles import imported
from data.import_files import BadFile, printable
from data.import_pages import read_contained
from data.ingest import Batch, Taken, new_run_id, take
from data.lake import Counts, Lake

#: An article longer than this is not an article; a page carries its scripts and styles besides.
MAX_ARTICLE_BYTES = 2_000_000
MAX_PAGE_BYTES = 5_000_000
#: Articles of a folder stored at once: what an interrupted import may lose.
BATCH = 100
KINDS = (".html", ".htm", ".txt")


@dataclass(frozen=True)
class Found:
    """What lies in the folders and files named."""

    files: tuple[Path, ...]  # in order of their names within a folder
    skipped: int  # other files in the folders: pictures, scripts, hidden ones, the parts of a saved page


def find(paths: Sequence[Path]) -> Found:
    """Files as they are named, and those of kind ``KINDS`` within folders, however deep. Links are not followed."""
    files: list[Path] = []
    skipped = 0
    for path in paths:
        if not path.is_dir():
            files.append(path)
            continue
        for folder, inner, names in os.walk(path):
            # A browser saves story.html with its pictures and frames in story_files.
            parts = {f"{name.rpartition('.')[0]}_files" for name in names if name.lower().endswith(KINDS[:2])}
            for name in [one for one in inner if one.startswith(".") or one in parts]:
                inner.remove(name)
                skipped += sum(len(files) for _, _, files in os.walk(Path(folder, name)))
            inner.sort()
            wanted = [name for name in names if name.lower().endswith(KINDS) and not name.startswith(".")]
            files += [Path(folder, name) for name in sorted(wanted)]
            skipped += len(names) - len(wanted)
    return Found(tuple(files), skipped)


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
    """Store one article; what the caller states wins over what the file says.

    Raises BadFile for a file that is missing, empty, too large, not text, or a page without an article.
    """
    stated = {"title": title, "published_at": published_at, "published_precision": published_precision}
    with Contained(workers=1) as contained:
        row = _row(contained, path, now, url=url, publisher=publisher, **stated)
    return _take(lake, new_run_id(now), f"import {path.name}", [row], [], now)


def import_folder(
    lake: Lake,
    files: Sequence[Path],
    name: str,
    now: datetime,
    *,
    publisher: str | None = None,
    read: Callable[[Path], object] = lambda path: None,
) -> Iterator[Taken]:
    """Store many articles, ``BATCH`` at once. A file that cannot be used is a reject; ``read`` is told of each."""
    run_id = new_run_id(now)
    with Contained(workers=1) as contained:
        for n, first in enumerate(range(0, len(files), BATCH), 1):
            rows: list[pd.DataFrame] = []
            rejects: list[Reject] = []
            for path in files[first : first + BATCH]:
                try:
                    rows.append(_row(contained, path, now, publisher=publisher))
                except BadFile as error:
                    reason = str(error).removeprefix(str(path)).lstrip(": ")
                    rejects.append(Reject(reason, printable(str(path))[-200:]))
                read(path)
            source = f"import {name}" if n == 1 else f"import {name} part {n}"
            yield _take(lake, run_id, source, rows, rejects, now)


def _take(
    lake: Lake, run_id: str, source: str, rows: list[pd.DataFrame], rejects: list[Reject], now: datetime
) -> Taken:
    frame = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=["article_id"], dtype=object)
    taken = take(lake, run_id, Batch(source, "articles", frame, now, tuple(rejects)), unless_known=True)
    known = taken.counts != Counts() and not taken.articles
    return replace(taken, articles=tuple(frame["article_id"])) if known else taken


def _row(
    contained: Contained, path: Path, now: datetime, *, url: str | None = None, publisher: str | None = None, **stated
) -> pd.DataFrame:
    try:
        size = path.stat().st_size
        if size > MAX_PAGE_BYTES:
            raise _too_long(str(path), size, MAX_PAGE_BYTES)
        with path.open("rb") as file:
            raw = file.read(MAX_PAGE_BYTES + 1)  # it may grow, or be no plain file
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror or error}.") from error
    page = path.suffix.lower() in KINDS[:2]
    return article_row(contained, raw, str(path), now, page=page, url=url, publisher=publisher, **stated)


def article_row(
    contained: Contained,
    raw: bytes,
    name: str,
    now: datetime,
    *,
    page: bool = False,
    url: str | None = None,
    publisher: str | None = None,
    **stated,
) -> pd.DataFrame:
    """An article's bytes, a ``page`` or whatever they show to be, as a row of ``articles``; nothing is stored.

    Raises BadFile for what is empty, too large, not text, or a page without an article; ``name`` is what it is called.
    """
    said, article = _read(contained, raw, name, page=page)
    if not (article.body or article.captions):
        raise BadFile(f"{name}: no article in it once boilerplate is taken out; is this the article's own file?")
    address = canonical_url(url) if url else _canonical(said.url)
    named = publisher or said.publisher or article.publisher_hint or _host(address) or "unknown"
    return imported(article, now=now, source=named.lower(), publisher=named, url=address, **stated)


def _read(contained: Contained, raw: bytes, name: str, *, page: bool) -> tuple[Stated, Extracted]:
    if not raw.strip():
        raise BadFile(f"{name} is empty; there is no article in it.")
    if len(raw) > MAX_PAGE_BYTES:
        raise _too_long(name, len(raw), MAX_PAGE_BYTES)
    if page or is_html(raw):
        try:
            said = read_contained(contained, raw)
            return said, extracted(said)
        except ValueError as error:
            raise BadFile(f"{name} cannot be read as a page: {error}.") from error
    return Stated(""), from_text(_text(name, raw))


def _too_long(name: str, size: int, most: int) -> BadFile:
    return BadFile(f"{name} has {size:,} bytes, more than an article can have ({most:,}).")


def _text(name: str, raw: bytes) -> str:
    if len(raw) > MAX_ARTICLE_BYTES:
        raise _too_long(name, len(raw), MAX_ARTICLE_BYTES)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(f"{name} is not UTF-8 text (byte {error.start}); save it as UTF-8 plain text first.") from error
    if "\0" in text:
        raise BadFile(f"{name} holds binary data, not text.")
    return text


def _canonical(url: str | None) -> str | None:
    try:
        return canonical_url(url) if url else None
    except ValueError:
        return None


def _host(url: str | None) -> str | None:
    return (urlsplit(url).hostname or "").removeprefix("www.") or None if url else None
