"""A saved web page to an article: the text readers came for, and what the page states of itself.

Pure, and never guesses: what the page does not state is None. The text goes the way of pasted text
(``analysis.extract``); title, author, language and time of publication are the page's own statements
(``analysis.page_metadata``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from lxml import etree
from lxml import html as lxml_html

from analysis import page_metadata as metadata
from analysis.extract import Extracted, from_text


@dataclass(frozen=True)
class Stated:
    """What a page states, as plain values: a parser can be run elsewhere and send this back."""

    text: str  # of the article, one paragraph a line; empty where there is none
    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    url: str | None = None  # absolute http or https; not yet canonical
    language: str | None = None
    published_at: datetime | None = None  # aware, UTC
    precision: str | None = None  # of published_at
    date_conflicts: tuple[str, ...] = ()  # quoted: instants a minute or more apart, and those without a zone


def from_html(html: str, url: str | None = None) -> Extracted:
    """Take a page apart, as ``read`` and ``extracted`` do one after the other."""
    return extracted(read(html, url))


def read(html: str, url: str | None = None) -> Stated:
    """Read a page. ``url`` is where it was found, if that is known; relative addresses are of that place.

    Raises ValueError for what cannot be parsed as HTML.
    """
    import trafilatura  # takes seconds to load; whoever has read a page elsewhere needs it not

    try:
        tree = lxml_html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", html))
    except (etree.LxmlError, ValueError) as error:
        raise ValueError(f"not HTML: {error}") from error
    meta = metadata.elements(tree)
    linked = metadata.json_ld(tree)
    published_at, precision, conflicts = metadata.published(meta, linked)
    title = linked.get("headline") or meta.get("og:title") or tree.findtext(".//title")
    return Stated(
        text=trafilatura.extract(tree, favor_precision=True, include_comments=False, include_tables=False) or "",
        title=metadata.words(title),
        author=metadata.names(linked.get("author")) or meta.get("author"),
        publisher=meta.get("og:site_name") or metadata.names(linked.get("publisher")),
        url=metadata.address(tree, meta, url),
        language=metadata.language(tree),
        published_at=published_at,
        precision=precision,
        date_conflicts=conflicts,
    )


def extracted(page: Stated) -> Extracted:
    """The article: its text as if it had been pasted, under what the page states."""
    first, _, rest = page.text.partition("\n")
    found = from_text(rest if _same(first, page.title) else page.text)
    if found.title and page.title and not _same(found.title, page.title):  # a line that only looked like a title
        found = replace(found, headings=(found.title, *found.headings))
    return replace(
        found,
        title=page.title or found.title,
        title_derived=None if page.title else found.title_derived,
        author=page.author or found.author,
        published_at=page.published_at or found.published_at,
        precision=page.precision or found.precision,
        published_not_before=None if page.published_at else found.published_not_before,
        date_conflicts=(*found.date_conflicts, *page.date_conflicts),
        language=page.language or found.language,
    )


def _same(line: str, title: str | None) -> bool:
    return title is not None and " ".join(line.split()).casefold() == title.casefold()
