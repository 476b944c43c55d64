"""News feeds: RSS, Atom and JSON Feed to articles.

feedparser reads the XML, with four precautions. It opens a *path* when handed bytes that look like one, so it
always gets a file object; it takes 40 s for 100,000 items, so a longer feed is cut before; it leaves markup
in titles (``plain_text``); and it misreads dates (``dates``).
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import urljoin, urlsplit

import feedparser

from connectors.answers import excerpt, is_html, read_json, web_page
from connectors.dates import read_date
from connectors.errors import BadAnswer
from connectors.plain_text import plain_text
from connectors.records import Article, Limits, Page, Reject, Request, Window
from connectors.urls import canonical_url

MAX_ITEMS = 2_000
_ITEM = re.compile(rb"<(?:[a-z]\w*:)?(?:item|entry)[\s>]", re.I)
_ITEM_END = re.compile(rb"</(?:[a-z]\w*:)?(?:item|entry)\s*>", re.I)
_WIDE = re.compile(rb"\A(?:\xff\xfe|\xfe\xff|\x00|[^\x00]\x00)")  # UTF-16, UTF-32


class Feed:
    """One publisher's feed. It holds its newest items only; the window's bounds do not matter."""

    record = Article
    limits = Limits(max_pages=1, max_bytes=8_000_000)

    def __init__(self, source: str, publisher: str, url: str) -> None:
        self.source, self.publisher, self.url = source, publisher, url

    def first(self, window: Window) -> Request:
        return Request(self.url, asked_at=window.end)

    def parse(self, request: Request, body: bytes) -> Page[Article]:
        """See ``parse_feed``. ``first_seen_at`` is the moment of asking."""
        return parse_feed(body, request.url, request.asked_at, source=self.source, publisher=self.publisher)


def parse_feed(
    body: bytes, url: str, fetched_at: datetime, *, source: str | None = None, publisher: str | None = None
) -> Page[Article]:
    """The articles of one feed, in its order.

    ``source`` defaults to the feed's host, ``publisher`` to its title. Texts are plain text. ``url`` is
    canonical; ``published_at`` is the publication date, or where an item has none the update date, as the
    publisher states it, in UTC. An item whose date cannot be known is kept with ``published_at`` None
    beside a reject "date not understood"; an item without title or link is a reject; items beyond the first
    2,000 are one reject with their number. Raises ``BadAnswer`` when ``body`` is not a feed.
    """
    if not body.strip():
        raise BadAnswer(f"{url} answered with nothing where a feed was expected; try again later.")
    if is_html(body):
        raise web_page(url, body, "a feed")
    read = _read_json_feed if body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{" else _read_xml
    title, language, items, rejects = read(url, body)
    host = urlsplit(url).hostname or url
    source, publisher = source or host, publisher or title or host
    articles = []
    for item in items:
        article = _article(item, url, fetched_at, source, publisher, language, rejects)
        if article is not None:
            articles.append(article)
    return Page(tuple(articles), tuple(rejects))


#: What both readers give for an item: names of ``Article`` to raw text, "date" for the publisher's string.
Item = Mapping[str, object]
Read = tuple[str | None, str | None, Iterable[Item], list[Reject]]


def _article(
    item: Item,
    feed_url: str,
    fetched_at: datetime,
    source: str,
    publisher: str,
    feed_language: str | None,
    rejects: list[Reject],
) -> Article | None:
    title, link, date = plain_text(item.get("title")), item.get("link"), item.get("date")
    named = excerpt(f"{title or ''} {link or ''}".strip() or dict(item))
    if title is None or not isinstance(link, str) or not link.strip():
        rejects.append(Reject("item without title" if title is None else "item without link", named))
        return None
    try:
        url = canonical_url(urljoin(feed_url, link.strip()))
        url.encode()
    except ValueError:
        rejects.append(Reject("link is not an http or https address", named))
        return None
    published = read_date(date, fetched_at) if isinstance(date, str) else None
    if published is None and date:
        rejects.append(Reject("date not understood", excerpt(f"{date} | {named}")))
    summary, body = plain_text(item.get("summary")), plain_text(item.get("body"))
    return Article(
        source=source,
        publisher=publisher,
        url=url,
        title=title,
        summary=None if summary == body else summary,  # a feed with one text states it as both
        body=body,
        author=plain_text(item.get("author")),
        language=plain_text(item.get("language")) or feed_language,
        published_at=published[0] if published else None,
        published_precision=published[1] if published else None,
        first_seen_at=fetched_at,
    )


def _read_xml(url: str, body: bytes) -> Read:
    body, rejects = _cut_xml(url, body)
    try:
        feed = feedparser.parse(
            io.BytesIO(body),
            response_headers={"content-type": "application/xml", "content-location": url},
            sanitize_html=False,  # all markup is taken out here
            resolve_relative_uris=False,
        )
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError) as error:
        raise BadAnswer(f"{url} answered with a feed that cannot be read: {excerpt(error)}") from error
    broken = feed.get("bozo_exception")
    malformed = feed.get("bozo") and not isinstance(broken, feedparser.ThingsNobodyCaresAboutButMe)
    if not feed.version and not feed.entries:
        raise BadAnswer(f"{url} answered with something that is not a feed: {excerpt(body[:120])}")
    if malformed:
        if not feed.entries:
            raise BadAnswer(f"{url} answered with a feed that breaks off before its first item: {excerpt(broken)}")
        rejects.append(Reject("feed is not well-formed, items may be missing", excerpt(broken)))
    items = [
        {
            "title": entry.get("title"),
            "link": entry.get("link"),
            "summary": entry.get("summary"),
            "body": entry.content[0].get("value") if entry.get("content") else None,
            "author": ", ".join(a["name"] for a in entry.get("authors", ()) if a.get("name")) or entry.get("author"),
            "language": (entry.get("title_detail") or {}).get("language"),
            "date": _first_of(entry, "published", "created", "updated"),
        }
        for entry in feed.entries
    ]
    return plain_text(feed.feed.get("title")), plain_text(feed.feed.get("language")), items, rejects


def _first_of(entry: feedparser.FeedParserDict, *names: str) -> str | None:
    # dict.get: FeedParserDict's own answers "published" when asked for a missing "updated"
    return next((value for name in names if (value := dict.get(entry, name))), None)


def _cut_xml(url: str, body: bytes) -> tuple[bytes, list[Reject]]:
    """At most ``MAX_ITEMS`` items, the first ones, and a reject that counts the others."""
    if _WIDE.match(body):  # feedparser decodes these; whether to cut is told without zeros, and is rare
        if len(_ITEM.findall(body.replace(b"\0", b""))) > MAX_ITEMS:
            raise BadAnswer(f"{url} answered with more than {MAX_ITEMS:,} items in UTF-16 or UTF-32; not read.")
        return body, []
    starts = [match.start() for match in _ITEM.finditer(body)]
    if len(starts) <= MAX_ITEMS:
        return body, []
    ends = [match.end() for match in _ITEM_END.finditer(body, starts[-1])]
    kept = body[: starts[MAX_ITEMS]] + (body[ends[-1] :] if ends else b"")
    return kept, [_too_many(len(starts))]


def _read_json_feed(url: str, body: bytes) -> Read:
    """https://www.jsonfeed.org/version/1.1/ (and 1, which has one ``author`` in place of ``authors``)."""
    feed = read_json(url, body.removeprefix(b"\xef\xbb\xbf"))
    entries = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(feed, dict) or not isinstance(entries, list):
        raise BadAnswer(f"{url} answered JSON that is not a JSON Feed: {excerpt(feed)}")
    rejects = [_too_many(len(entries))] if len(entries) > MAX_ITEMS else []
    items = []
    for entry in entries[:MAX_ITEMS]:
        if not isinstance(entry, dict):
            rejects.append(Reject("item is not an object", excerpt(json.dumps(entry))))
            continue
        items.append(
            {
                "title": entry.get("title"),
                "link": entry.get("url") or entry.get("external_url"),
                "summary": entry.get("summary"),
                "body": entry.get("content_html") or entry.get("content_text"),
                "author": _names(entry) or _names(feed),
                "language": entry.get("language"),
                "date": entry.get("date_published") or entry.get("date_modified"),
            }
        )
    return plain_text(feed.get("title")), plain_text(feed.get("language")), items, rejects


def _names(holder: Mapping[str, object]) -> str | None:
    authors = holder.get("authors") or [holder.get("author")]
    if not isinstance(authors, list):
        return None
    names = [a["name"] for a in authors if isinstance(a, dict) and isinstance(a.get("name"), str)]
    return ", ".join(names) or None


def _too_many(count: int) -> Reject:
    return Reject("too many items", f"{count:,} items, the first {MAX_ITEMS:,} read, {count - MAX_ITEMS:,} left out")
