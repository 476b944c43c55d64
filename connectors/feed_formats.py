"""What the feed formats have in common: each is read to a title, a language and items of the same names.

feedparser reads RSS, Atom and CDF, with four precautions. It opens a *path* when handed bytes that look like one,
so it always gets a file object; it is slow on many items, so a longer feed is cut before (``feed_bytes``); it
leaves markup in titles (``plain_text``); and it misreads dates (``dates``).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

import feedparser

from connectors.answers import excerpt, read_json
from connectors.errors import BadAnswer
from connectors.feed_bytes import MAX_ITEMS, NOT_AS_DECLARED, cut, legal, too_many
from connectors.records import Reject

#: Names of ``Article`` to what a publisher wrote, of any type; "link" and "date" for its address and time.
Item = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Read:
    """One feed as it says itself."""

    title: object
    language: object
    items: list[Item]
    rejects: list[Reject]


def read_xml(url: str, body: bytes) -> Read:
    """RSS, Atom or CDF. Raises ``BadAnswer`` for anything else, and for a feed cut off before its first item."""
    body, rejects = cut(legal(body))
    try:
        feed = feedparser.parse(
            io.BytesIO(body),
            response_headers={"content-type": "application/xml", "content-location": url},
            sanitize_html=False,  # all markup is taken out here
            resolve_relative_uris=False,
        )
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError) as error:
        raise BadAnswer(f"{url} answered with a feed that cannot be read: {excerpt(error)}") from error
    if not feed.version and not feed.entries:
        raise BadAnswer(f"{url} answered with something that is not a feed: {excerpt(body[:120])}")
    broken = feed.get("bozo_exception")
    if isinstance(broken, feedparser.CharacterEncodingOverride):
        rejects.append(Reject(NOT_AS_DECLARED, excerpt(broken)))
    elif feed.get("bozo") and not isinstance(broken, feedparser.ThingsNobodyCaresAboutButMe):
        if not feed.entries:
            raise BadAnswer(f"{url} answered with a feed that breaks off before its first item: {excerpt(broken)}")
        rejects.append(Reject("feed is not well-formed, items may be missing", excerpt(broken)))
    items = [_item(entry) for entry in feed.entries]
    return Read(feed.feed.get("title"), feed.feed.get("language"), items, rejects)


def _item(entry: feedparser.FeedParserDict) -> Item:
    return {
        "title": entry.get("title"),
        "link": entry.get("link"),
        "summary": entry.get("summary"),
        "body": entry.content[0].get("value") if entry.get("content") else None,
        "author": ", ".join(a["name"] for a in entry.get("authors", ()) if a.get("name")) or entry.get("author"),
        "language": (entry.get("title_detail") or {}).get("language"),
        "date": _first_of(entry, "published", "created", "updated"),
    }


def _first_of(entry: feedparser.FeedParserDict, *names: str) -> str | None:
    # dict.get: FeedParserDict's own answers "published" when asked for a missing "updated"
    return next((value for name in names if (value := dict.get(entry, name))), None)


def read_json_feed(url: str, body: bytes) -> Read:
    """https://www.jsonfeed.org/version/1.1/ (and 1, which has one ``author`` in place of ``authors``)."""
    feed = read_json(url, body)
    entries = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(feed, dict) or not isinstance(entries, list):
        raise BadAnswer(f"{url} answered JSON that is not a JSON Feed: {excerpt(feed)}")
    rejects = [too_many(len(entries))] if len(entries) > MAX_ITEMS else []
    items: list[Item] = []
    for entry in entries[:MAX_ITEMS]:
        if not isinstance(entry, dict):
            rejects.append(Reject("item is not an object", excerpt(repr(entry))))
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
    return Read(feed.get("title"), feed.get("language"), items, rejects)


def _names(holder: Mapping[str, object]) -> str | None:
    authors = holder.get("authors") or [holder.get("author")]
    if not isinstance(authors, list):
        return None
    names = [a["name"] for a in authors if isinstance(a, dict) and isinstance(a.get("name"), str)]
    return ", ".join(names) or None
