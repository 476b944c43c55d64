"""Opening a table file that a person brings: CSV, CSV in a zip, or Parquet, row by row with its line number.

What a file is, is told by its first bytes. A file that is no table is refused in one sentence that says what to do; a
single bad line becomes a reject. Memory is bounded by ``CHUNK`` rows and ``CHUNK_TEXT`` characters, whatever the
file's size or the length it claims to have.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from connectors.records import Reject

#: Rows, and characters of text, held in memory at once.
CHUNK = 200_000
CHUNK_TEXT = 100_000_000
#: Longer than any line of a table; an article's text fits.
MAX_LINE = 10_000_000
#: Beyond this a zip is not read on, whatever it says of itself.
MAX_UNZIPPED = 4_000_000_000
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
#: What reading a file can fail with, a zip that is cut short, encrypted or packed in another way included.
_BROKEN = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)
#: First column of every frame read from a file: where the row stands.
LINE = "line"
#: A first line that is no header: what Excel reads a separator from, or an address.
_SEPARATOR = re.compile(r"sep=(.)", re.I)
_ADDRESS = re.compile(r"#?\s*https?://\S+|.*cryptodatadownload\.com.*", re.I)
_COMMAS = "Save it with commas (in Excel: “CSV UTF-8 (Comma delimited)”)."


class BadFile(Exception):
    """The file cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Part:
    """Some rows of a file, ready to be validated or already refused."""

    frame: pd.DataFrame
    rejects: tuple[Reject, ...] = ()
    note: str | None = None  # what was left out, or read from elsewhere than the rows


@dataclass(frozen=True)
class Sheet:
    """A file opened as a table. Its rows can be read once."""

    path: Path
    columns: tuple[str, ...]  # of a file without a header: its first row
    repeated: tuple[str, ...]  # columns named more than once
    parts: Iterator[Part]  # of text, with the column ``line`` first; Parquet keeps its types
    address: str = ""  # what stands above the header


@contextmanager
def open_sheet(path: Path, headless: Sequence[str] = ()) -> Iterator[Sheet]:
    """Open a CSV, zipped CSV or Parquet file.

    ``headless``: columns of a file that has as many numbers where its header should be. Raises BadFile for what
    cannot be read or is no table, also while its parts are read; what came before can still be used.
    """
    with ExitStack() as open_files:  # errors of whoever uses the sheet pass through as they are
        try:
            file = open_files.enter_context(path.open("rb"))
            start = file.read(8)
            file.seek(0)
        except OSError as error:
            raise BadFile(f"{path} cannot be read: {error.strerror or error}.") from error
        if not start.strip():
            raise BadFile(f"{path} is empty; its first line should name the columns.")
        if start.startswith(b"PAR1") or path.suffix == ".parquet":
            yield _parquet(path, file)
        else:
            packed = open_files.enter_context(_only_member(path, file)) if start.startswith(_ZIP) else file
            text = open_files.enter_context(io.TextIOWrapper(packed, encoding="utf-8-sig", newline=""))
            yield _csv(path, text, headless)


# Parquet --------------------------------------------------------------------------------------------------


def _parquet(path: Path, file: IO[bytes]) -> Sheet:
    try:
        opened = pq.ParquetFile(file)
        columns = tuple(opened.schema_arrow.names)
    except (pa.ArrowException, OSError) as error:
        raise BadFile(f"{path} cannot be read: {_one_line(error)}.") from error
    return Sheet(path, columns, _twice(columns), _parquet_parts(path, opened))


def _parquet_parts(path: Path, opened: pq.ParquetFile) -> Iterator[Part]:
    row = 1
    try:
        for batch in opened.iter_batches(CHUNK):
            frame = batch.to_pandas()
            frame.insert(0, LINE, range(row, row + len(frame)))
            row += len(frame)
            yield Part(frame)
        if row == 1:
            yield Part(opened.schema_arrow.empty_table().to_pandas().assign(**{LINE: []}))
    except (pa.ArrowException, OSError) as error:
        raise BadFile(f"{path} cannot be read beyond row {row - 1:,}: {_one_line(error)}.") from error


# Zip ------------------------------------------------------------------------------------------------------


def _only_member(path: Path, file: IO[bytes]) -> IO[bytes]:
    """The one CSV in a zip, as a stream. Nothing is unpacked to the disk, so its name leads nowhere."""
    try:
        archive = zipfile.ZipFile(file)
        members = [one for one in archive.infolist() if not one.is_dir()]
        if len(members) != 1 or not members[0].filename.lower().endswith(".csv"):
            raise BadFile(f"{path} must hold one CSV file and nothing else; it holds {len(members):,} files.")
        return archive.open(members[0])
    except _BROKEN as error:
        raise BadFile(f"{path} is a zip that cannot be read ({_one_line(error)}).") from error


# CSV ------------------------------------------------------------------------------------------------------


def _csv(path: Path, text: IO[str], headless: Sequence[str]) -> Sheet:
    lines = _Lines(path, text)
    first = lines.peek()
    if "\0" in first:
        raise BadFile(f"{path} holds binary data or UTF-16; save the table as UTF-8 text.")
    if first.lstrip()[:200].lower().startswith(("<!doctype html", "<html", "<?xml", "<head", "<body")):
        raise BadFile(f"{path} is a web page, not a table; open the download's address in a browser to see which.")
    address = ""
    if separator := _SEPARATOR.fullmatch(first.strip()):
        if separator[1] != ",":
            raise BadFile(f"{path} is separated by {separator[1]!r}. {_COMMAS}")
        lines.skip()
    elif _ADDRESS.fullmatch(first.strip().rstrip(",").strip('"')):
        address = first.strip()
        lines.skip()
    first = lines.peek()
    for sign, named in ((";", "semicolons"), ("\t", "tabs")):
        if first.count(sign) > 1 and first.count(",") < first.count(sign):
            raise BadFile(f"{path} is separated by {named}. {_COMMAS}")
    rows = _rows(path, lines)
    cells = first.rstrip("\r\n").split(",")
    if len(cells) == len(headless) and all(_is_number(cell) for cell in cells):
        names = tuple(headless)
    else:
        _, header = next(rows, (0, []))
        names = tuple(cell.strip() for cell in header)
    return Sheet(path, names, _twice(names), _csv_parts(path, names, rows), address)


class _Lines:
    """The lines of a text, with a limit to each and to all of them."""

    def __init__(self, path: Path, text: IO[str]) -> None:
        self._path = path
        self._text = text
        self._held: str | None = None
        self._size = 0
        self.number = 0  # of the line last given

    def peek(self) -> str:
        if self._held is None:
            self._held = self._read()
        return self._held

    def skip(self) -> None:
        next(self, None)

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line, self._held = self.peek(), None
        if not line:
            raise StopIteration
        self.number += 1
        return line

    def _read(self) -> str:
        try:
            line = self._text.readline(MAX_LINE)
        except UnicodeError as error:
            start = getattr(error, "object", b"")[:2]
            kind = "UTF-16" if start in (b"\xff\xfe", b"\xfe\xff") else "not UTF-8 text"
            raise BadFile(
                f"{self._path} is {kind} (after line {self.number:,}); save it as UTF-8 "
                "(in Excel: “CSV UTF-8 (Comma delimited)”)."
            ) from error
        except _BROKEN as error:
            why = getattr(error, "strerror", None) or _one_line(error)
            raise BadFile(f"{self._path} cannot be read beyond line {self.number:,}: {why}.") from error
        self._size += len(line)
        if len(line) >= MAX_LINE:
            raise BadFile(f"{self._path}: line {self.number + 1:,} is longer than {MAX_LINE:,} characters; no table.")
        if self._size > MAX_UNZIPPED:
            raise BadFile(f"{self._path}: longer than {MAX_UNZIPPED:,} characters at line {self.number:,}; split it.")
        return line


def _rows(path: Path, lines: _Lines) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of the line each begins at. Blank lines are no rows."""
    csv.field_size_limit(MAX_LINE)
    reader = csv.reader(lines, strict=True)
    while True:
        begins = lines.number + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise BadFile(f"{path}: line {begins:,} is no line of a CSV file ({_one_line(error)}).") from error
        if row is None:
            return
        if row and row != [""]:
            yield begins, row


def _csv_parts(path: Path, names: tuple[str, ...], rows: Iterator[tuple[int, list[str]]]) -> Iterator[Part]:
    """Rows in chunks. When a line cannot be read, the rows before it come first, then the error."""
    unique = _told_apart(names)
    taken: list[list[object]] = []
    rejects: list[Reject] = []
    size = 0
    broken: BadFile | None = None
    given = False  # a table without rows is one all the same
    while True:
        try:
            begins, row = next(rows, (0, None))
        except BadFile as error:
            broken, row = error, None
        if row is None:
            break
        if len(row) == len(names):
            taken.append([begins, *row])
            size += sum(map(len, row))
        else:
            rejects.append(_ragged(begins, row, len(names)))
        if len(taken) + len(rejects) >= CHUNK or size >= CHUNK_TEXT:
            yield Part(pd.DataFrame(taken, columns=[LINE, *unique]), tuple(rejects))
            taken, rejects, size, given = [], [], 0, True
    if taken or rejects or not (broken or given):
        yield Part(pd.DataFrame(taken, columns=[LINE, *unique]), tuple(rejects))
    if broken:
        raise broken


def _ragged(line: int, row: list[str], wanted: int) -> Reject:
    thousands = "; are there commas within its numbers?" if len(row) > wanted else ""
    return Reject(f"{len(row)} values for {wanted} columns{thousands}", at_line(line, ",".join(row)[:200]))


def at_line(line: object, told: str) -> str:
    return printable(f"line {line}: {told}")[:200]


def printable(text: str) -> str:
    """What is not printable could steer a terminal."""
    return "".join(c if c.isprintable() else "�" for c in text)


def _twice(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name, count in Counter(names).items() if count > 1)


def _told_apart(names: Sequence[str]) -> list[str]:
    seen: Counter[str] = Counter()
    result = []
    for name in names:
        seen[name] += 1
        result.append(name if seen[name] == 1 and name != LINE else f"{name} ({seen[name]})")
    return result


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"\d+(\.\d+)?", cell.strip()) is not None


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(".")
