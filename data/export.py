"""CSV, the same everywhere it leaves Newstape: page downloads and ``newstape export``.

UTF-8, comma, ``\\r\\n``, one header line; instants as ISO 8601 in UTC with ``Z``; numbers in the shortest form that
reads back equal; null is empty. A text cell that a spreadsheet would run as a formula (it begins with
``=``, ``+``, ``-``, ``@``, a tab or a carriage return) gets an apostrophe in front, and so does one that
begins with an apostrophe, so that ``undefuse`` gives every cell back as it was.
"""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "'")
CHUNK = 20_000


def defuse(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def undefuse(cell: str) -> str:
    return cell[1:] if cell.startswith("'") else cell


def csv_lines(frame: pd.DataFrame) -> Iterator[str]:
    """The frame as CSV text, header first, in chunks of rows."""
    return csv_of(frame.iloc[first : first + CHUNK] for first in range(0, len(frame) or 1, CHUNK))


def csv_of(frames: Iterable[pd.DataFrame]) -> Iterator[str]:
    """Frames of the same columns, one below the other, as one CSV text; the same one however they are cut."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for place, chunk in enumerate(frames):
        if place == 0:
            writer.writerow(chunk.columns)
            yield buffer.getvalue()
        if len(chunk):
            buffer.seek(0)
            buffer.truncate()
            writer.writerows(zip(*(_cells(chunk[column]) for column in chunk), strict=True))
            yield buffer.getvalue()


def csv_bytes(frame: pd.DataFrame) -> bytes:
    return "".join(csv_lines(frame)).encode()


def _cells(values: pd.Series) -> list[str]:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return _stamps(values)
    if pd.api.types.is_bool_dtype(values.dtype):
        return ["" if value is pd.NA else "true" if value else "false" for value in values.tolist()]
    if isinstance(values.dtype, np.dtype) and values.dtype.kind == "f":
        return ["" if value != value else repr(value) for value in values.tolist()]
    if pd.api.types.is_float_dtype(values.dtype):
        return ["" if value is pd.NA or value != value else repr(value) for value in values.tolist()]
    if pd.api.types.is_integer_dtype(values.dtype):
        return ["" if value is pd.NA else str(value) for value in values.tolist()]
    return [
        defuse(value) if type(value) is str else "" if pd.isna(value) else defuse(str(value))
        for value in values.tolist()
    ]


def _stamps(values: pd.Series) -> list[str]:
    """``stamp`` of each, without making a timestamp of each."""
    at = values.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    unit = "us" if (at.astype("int64")[~np.isnat(at)] % 1_000_000).any() else "s"
    return [
        "" if text == "NaT" else text.removesuffix(".000000") + "Z"
        for text in np.datetime_as_string(at, unit=unit).tolist()
    ]


def stamp(at: pd.Timestamp) -> str:
    """ISO 8601 in UTC with Z; microseconds only where there are any."""
    return at.tz_convert("UTC").tz_localize(None).isoformat(timespec="auto") + "Z"


def write_csv(frame: pd.DataFrame, output: str) -> None:
    """``write_lines`` of a frame."""
    write_lines(csv_lines(frame), output)


def write_lines(lines: Iterable[str], output: str) -> None:
    """Write to a file, or to standard output for ``-``. A file is put in place whole or not at all.

    Raises ValueError where the file cannot be written.
    """
    if output == "-":
        sys.stdout.reconfigure(encoding="utf-8", newline="")
        try:
            for part in lines:
                sys.stdout.write(part)
            sys.stdout.flush()
        except BrokenPipeError:  # the reader, such as `head`, has had enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    target = Path(output).resolve()  # a link stays one: what it points to is replaced
    special = target.exists() and not (target.is_file() or target.is_dir())  # a device or a pipe: never replaced
    written = target if special else target.with_name(f".{target.name}.part")
    try:
        with written.open("w", encoding="utf-8", newline="") as file:
            file.writelines(lines)
        if not special:
            written.replace(target)
    except BaseException as error:
        if not special:
            with suppress(OSError):
                written.unlink()
        if isinstance(error, OSError):
            raise ValueError(f"{output} cannot be written: {error.strerror or error}.") from error
        raise
