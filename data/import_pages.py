"""Saved web pages: bytes to what the page states, read where a hostile one can do no harm.

Kept apart from the rest of ``data``: the reading process loads this and nothing of the lake.
"""

from __future__ import annotations

import codecs
import re
from datetime import UTC, datetime
from typing import ClassVar

from analysis.page import Stated, read
from connectors.contained import Contained
from connectors.errors import BadAnswer
from connectors.records import Limits, Page, Request, Window

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.I)
#: Encodings that web pages have; Python knows others, some of them slow to read.
_OF_THE_WEB = re.compile(r"utf-?8|utf-16(-[lb]e)?|cp\d+|iso8859-\d+|koi8-[ru]|gb\w+|big5\w*|shift_jis\w*|euc_\w+|ascii")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_page(raw: bytes) -> Stated:
    """A saved page, in whichever encoding it names; UTF-8 where it names none.

    Raises ValueError for what is no page, with the reason.
    """
    match = _CHARSET.search(raw[:4096])
    stated = match[1].decode("ascii", "replace") if match else "utf-8"
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        stated = "utf-16"
    elif raw.startswith(codecs.BOM_UTF8):
        stated = "utf-8-sig"
    try:
        name = codecs.lookup(stated).name
    except LookupError:
        name = ""
    if not _OF_THE_WEB.match(name):
        raise ValueError(f"its encoding is not known: {stated}")
    try:
        html = raw.decode("cp1252" if name in ("iso8859-1", "ascii") else stated)  # as browsers read those two
    except UnicodeError as error:
        raise ValueError(f"it is not the {stated} it should be (byte {getattr(error, 'start', 0):,})") from error
    try:
        return read(html)
    except RecursionError as error:
        raise ValueError("its elements are nested too deep") from error


class SavedPage:
    """A page as ``Contained`` takes one: what answers are to connectors, a file is to this."""

    source = "saved page"
    record = Stated
    limits: ClassVar[Limits] = Limits()
    cadence_s = 0.0

    def first(self, window: Window) -> Request:
        return Request("file", window.end)

    def parse(self, request: Request, body: bytes) -> Page[Stated]:
        return Page((read_page(body),))


def read_contained(contained: Contained, raw: bytes) -> Stated:
    """``read_page``, in a process of its own that has a time limit. Raises ValueError where that ends it."""
    try:
        return contained.parse(SavedPage(), Request("file", _EPOCH), raw).records[0]
    except BadAnswer as error:
        raise ValueError(str(error).partition(" bytes that ")[2].removesuffix("; skipped.") or str(error)) from error
