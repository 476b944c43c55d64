"""News feeds: RSS, Atom, CDF and JSON Feed to articles."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, time
from urllib.parse import urljoin, urlsplit

from connectors.answers import excerpt, is_html, web_page
from connectors.dates import meanings
from connectors.errors import BadAnswer
from connectors.feed_bytes import MAX_ITEMS as MAX_ITEMS
from connectors.feed_bytes import as_utf8
from connectors.feed_formats import Item, read_json_feed, read_xml
from connectors.plain_text import plain_text
from connectors.records import Article, Limits, Page, Reject, Request, Window
from connectors.urls import canonical_url, one_per_address

#: A feed under an HTML doctype, which some templates write, is one all the same.
_FEED_ROOT = re.compile(rb"(?>\s+|<\?[^>]*>|<!--.*?-->|<!doctype[^>]*>)*<(?:rss|feed|rdf:rdf|channel)\b", re.I | re.S)


class Feed:
    """One publisher's feed. It holds its newest items only; the window's bounds do not matter."""

    record = Article
    limits = Limits(max_pages=1, max_bytes=8_000_000)
    untrusted = True  # anyone's markup, read by libraries that can be made slow

    def __init__(self, source: str, publisher: str, url: str, cadence_s: float = 3600.0) -> None:
        self.source, self.publisher, self.url, self.cadence_s = source, publisher, url, cadence_s

    def first(self, window: Window) -> Request:
        return Request(self.url, asked_at=window.end)

    def parse(self, request: Request, body: bytes) -> Page[Article]:
        """See ``parse_feed``. ``first_seen_at`` is the moment of asking."""
        return parse_feed(body, request.url, request.asked_at, source=self.source, publisher=self.publisher)


def parse_feed(
    body: bytes, url: str, fetched_at: datetime, *, source: str | None = None, publisher: str | None = None
) -> Page[Article]:
    """The articles of one feed, in its order, one an address.

    ``source`` defaults to the feed's host, ``publisher`` to its title. Texts are plain text. ``url`` is
    canonical; ``published_at`` is the publication date, or where an item has none the update date, as the
    publisher states it, in UTC.

    Every item is a record or a reject: one without title, without an http or https link, with the address of an
    item before it, or beyond the first 2,000 (one reject with their number). Other rejects stand beside records:
    a date that cannot be known (``published_at`` None), or only to the day for its zone's name has several
    meanings; a feed that is not well-formed, or not in the encoding it declares. Raises ``BadAnswer`` when
    ``body`` is not a feed.
    """
    if not body.strip():
        raise BadAnswer(f"{url} answered with nothing where a feed was expected; try again later.")
    body, rejects = as_utf8(body)
    if is_html(body) and not _FEED_ROOT.match(body[:4096]):
        raise web_page(url, body, "a feed")
    feed = (read_json_feed if body.lstrip()[:1] == b"{" else read_xml)(url, body)
    rejects += feed.rejects
    host = urlsplit(url).hostname or url
    origin = Article(
        source=source or host,
        publisher=publisher or plain_text(feed.title) or host,
        url=None,
        title=None,
        language=plain_text(feed.language),
        first_seen_at=fetched_at,
    )
    articles, repeated = one_per_address(
        article for item in feed.items if (article := _article(item, url, fetched_at, origin, rejects))
    )
    return Page(articles, (*rejects, *repeated))


def _article(item: Item, feed_url: str, now: datetime, origin: Article, rejects: list[Reject]) -> Article | None:
    title, link, date = plain_text(item.get("title")), _link(item.get("link")), item.get("date")
    named = excerpt(f"{title or ''} {link or ''}".strip() or plain_text(item.get("summary")) or "an item without text")
    if title is None or link is None:
        rejects.append(Reject("item without title" if title is None else "item without link", named))
        return None
    try:
        url = canonical_url(urljoin(feed_url, link))
        url.encode()
    except ValueError:
        rejects.append(Reject("link is not an http or https address", named))
        return None
    published, precision, doubt = _published(date, now)
    if doubt:
        rejects.append(Reject(doubt, excerpt(f"{date} | {named}")))
    summary, body = plain_text(item.get("summary")), plain_text(item.get("body"))
    return replace(
        origin,
        url=url,
        title=title,
        summary=None if summary == body else summary,  # a feed with one text states it as both
        body=body,
        author=plain_text(item.get("author")),
        language=plain_text(item.get("language")) or origin.language,
        published_at=published,
        published_precision=precision,
    )


def _link(link: object) -> str | None:
    """Not ``plain_text``: ``?a=1&copy=2`` is no entity. "NULL", which templates write, is already an address here."""
    address = link.strip() if isinstance(link, str) else ""
    return address if address.rpartition("/")[2] not in ("NULL", "null") and address else None


def _published(date: object, now: datetime) -> tuple[datetime | None, str | None, str | None]:
    """When an item was published, how exactly that is known, and what is doubtful about it."""
    if date is None or date == "":
        return None, None, None
    text = str(date) if isinstance(date, str | int) else ""
    found = meanings(text, now)
    if not found:
        return None, None, "date not understood"
    if len(found) == 1:
        return *found[0], None
    days = {instant.date() for instant, _ in found}
    day = datetime.combine(days.pop(), time(), UTC) if len(days) == 1 else None
    return day, "day" if day else None, "date's zone has several meanings"
