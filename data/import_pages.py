"""Saved web pages: bytes to what the page states, read where a hostile one can do no harm.

Kept apart from the rest of ``data``: the reading process loads this and nothing of the lake.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

from analysis.page import Stated, read
from connectors.contained import Contained
from connectors.errors import BadAnswer
from connectors.records import Limits, Page, Request, Window

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_page(raw: bytes) -> Stated:
    """A saved page, in whichever encoding it names (``analysis.page_encoding``).

    Raises ValueError for what is no page, with the reason.
    """
    return read(raw)


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
