"""A web page to an article: the text readers came for, what stands beside it, and what the page states of itself.

Pure, and never guesses: what the page does not state is None. trafilatura finds the text; captions, embedded posts and
boxes of the site are taken out before, and told apart. The text goes the way of pasted text (``analysis.extract``);
title, author, language and times are the page's own statements (``analysis.page_metadata``, ``analysis.page_times``).

``read`` parses and can be run in a process that may be ended; ``extracted`` makes the article of what it sends back.
Not seen: text nested deeper than 256 elements, where the HTML parser ends.
"""

from __future__ import annotations

import re
from dataclasses import astuple, dataclass, replace
from datetime import datetime, timedelta

from lxml import etree
from lxml import html as lxml_html

from analysis import page_metadata as metadata
from analysis.extract import Extracted, from_text
from analysis.page_encoding import decoded
from analysis.page_parts import take_boxes, take_captions
from analysis.page_posts import take_posts
from analysis.page_text import merge_text, plain, remove_code, remove_unseen
from analysis.page_times import stated_times
from analysis.paragraphs import publisher_hint
from analysis.posts import Post

_DAY_ANYWHERE = timedelta(hours=36)  # from a day's midnight UTC to where it ends last
MAX_BYTES = 10_000_000
#: Elements left once code, posts and boxes are out. Reading takes at worst their square: 5 s for this many.
MAX_ELEMENTS = 25_000


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
    modified_at: datetime | None = None  # aware, UTC
    captions: tuple[str, ...] = ()
    boxes: tuple[str, ...] = ()  # of the site: newsletter, related articles, about the author
    posts: tuple[tuple, ...] = ()  # the fields of a ``Post`` each
    date_conflicts: tuple[str, ...] = ()  # quoted: times that do not agree, and those without a zone


def read(html: bytes | str, url: str | None = None) -> Stated:
    """Read a page. ``url`` is where it was found, if that is known; relative addresses are of that place.

    Raises ValueError for what cannot be read as a page, with the reason.
    """
    if len(html) > MAX_BYTES:
        raise ValueError(f"it has {len(html):,} bytes, more than a page can have ({MAX_BYTES:,})")
    text = decoded(html) if isinstance(html, bytes) else html.replace("\0", "")
    try:
        tree = lxml_html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    except (etree.LxmlError, ValueError) as error:
        raise ValueError(f"not HTML: {error}") from error
    try:
        return _read(tree, url)
    except RecursionError as error:
        raise ValueError("its elements are nested too deep") from error


def _read(tree: lxml_html.HtmlElement, url: str | None) -> Stated:
    import trafilatura  # takes seconds to load; whoever has read a page elsewhere needs it not

    meta = metadata.elements(tree)
    linked = metadata.json_ld(tree)
    address = metadata.address(tree, meta, url)
    times = stated_times(tree, meta, linked, url or address)
    title = metadata.title(tree, meta, linked)
    language = metadata.language(tree)
    remove_unseen(tree)
    posts, conflicts = take_posts(tree)
    remove_code(tree)
    captions = take_captions(tree)
    boxes = take_boxes(tree)
    elements = sum(1 for _ in tree.iter(etree.Element))
    if elements > MAX_ELEMENTS:
        raise ValueError(f"it has {elements:,} elements, more than an article's page has ({MAX_ELEMENTS:,})")
    merge_text(tree)
    text = trafilatura.extract(tree, favor_precision=True, include_comments=False, include_tables=False) or ""
    return Stated(
        text="\n".join(filter(None, map(plain, text.split("\n")))),
        title=title,
        author=metadata.names(linked.get("author")) or meta.get("author"),
        publisher=meta.get("og:site_name") or metadata.names(linked.get("publisher")),
        url=address,
        language=language,
        published_at=times.published_at,
        precision=times.precision,
        modified_at=times.modified_at,
        captions=captions,
        boxes=boxes,
        posts=tuple(map(astuple, posts)),
        date_conflicts=(*times.conflicts, *conflicts),
    )


def extracted(page: Stated) -> Extracted:
    """The article: its text as if it had been pasted, under what the page states."""
    first, _, rest = page.text.partition("\n")
    found = from_text(rest if _same(first, page.title) else page.text)
    if found.title and page.title and not _same(found.title, page.title):  # a line that only looked like a title
        found = replace(found, headings=(found.title, *found.headings))
    headings = tuple(line for line in found.headings if not _same(line, page.title))
    embedded = tuple(Post(*fields) for fields in page.posts)
    ids = {post.post_id for post in embedded} - {None}
    posts = (*embedded, *(post for post in found.posts if post.post_id not in ids))
    published_at = page.published_at or found.published_at
    boilerplate = (*found.boilerplate, *page.boxes)
    precision = page.precision or found.precision
    until = published_at + _DAY_ANYWHERE if published_at and precision == "day" else published_at
    changed = max(filter(None, (until, page.modified_at)), default=None)
    latest = max((post.posted_at for post in posts if post.posted_at), default=None)
    return replace(
        found,
        title=page.title or found.title,
        title_derived=None if page.title else found.title_derived,
        headings=headings,
        captions=tuple(dict.fromkeys((*page.captions, *found.captions))),
        boilerplate=boilerplate,
        posts=posts,
        author=page.author or found.author,
        published_at=published_at,
        precision=precision,
        modified_at=page.modified_at,
        published_not_before=None if published_at else _day_of(latest),
        date_conflicts=(*found.date_conflicts, *page.date_conflicts, *_later(posts, changed)),
        publisher_hint=publisher_hint(list(boilerplate)),
        language=page.language or found.language,
    )


def _later(posts: tuple[Post, ...], changed: datetime | None) -> list[str]:
    """Posts that are younger than the article says it is."""
    exact = [post for post in posts if post.posted_at and post.precision == "second"]
    return [
        f"post {post.post_id or post.url} {post.posted_at:%Y-%m-%dT%H:%M:%SZ} after {changed:%Y-%m-%dT%H:%M:%SZ}"
        for post in exact
        if changed and post.posted_at > changed + timedelta(minutes=1)
    ]


def _day_of(at: datetime | None) -> datetime | None:
    return at.replace(hour=0, minute=0, second=0, microsecond=0) if at else None


def _same(line: str, title: str | None) -> bool:
    return title is not None and " ".join(line.split()).casefold() == title.casefold()
