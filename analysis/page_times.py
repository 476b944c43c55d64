"""When a page says it was published and changed, and where it contradicts itself.

Pure. Statements are JSON-LD (https://schema.org/datePublished), meta elements, marked ``time`` elements and the day
in the page's address, in this order. Of those that disagree the first with a zone counts, and all are told. A time
without a zone is no instant; it is told, never taken as UTC. A day is good to the day; that of the address is
evidence only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from lxml.html import HtmlElement

from analysis.page_metadata import words

_PUBLISHED = (
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "parsely-pub-date",
    "pub_date",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "publication_date",
    "published_at",
    "articlepublicationdate",
    "dcsext.articlefirstpublished",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "date",
)
_MODIFIED = (
    "article:modified_time",
    "og:article:modified_time",
    "og:modified_time",
    "og:updated_time",
    "datemodified",
    "dc.date.modified",
    "dcterms.modified",
    "article:updated",
    "lastmod",
    "last-modified",
)
_DAY = re.compile(r"\d{4}-?\d\d-?\d\d")
_SHOWN = re.compile(r"publish|pubdate|entry-date|post(?:ed|-date)|byline|article-?date|relative-date|dateline", re.I)
_CHANGED = re.compile(r"updated|modified", re.I)
_OTHERS = re.compile(r"comment|related|sidebar|widget|teaser|latest|popular|reply|promo", re.I)
_IN_ADDRESS = re.compile(r"/(20\d\d)[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?=[/-]|$)")
_SAME = timedelta(minutes=1)


@dataclass(frozen=True)
class Times:
    """What a page says of its times; instants are aware, UTC."""

    published_at: datetime | None = None
    precision: str | None = None  # of published_at: second, minute, day (then midnight of the day stated)
    modified_at: datetime | None = None
    conflicts: tuple[str, ...] = ()  # quoted statements that disagree, have no zone, or cannot be read


@dataclass(frozen=True)
class _Statement:
    name: str
    value: str
    at: datetime | None  # aware
    kind: str  # second, minute, day, or what is wrong with it

    @property
    def quote(self) -> str:
        return f"{self.name} {self.value}"[:80] + ("" if self.at else f" ({self.kind})")


def stated_times(tree: HtmlElement, meta: Mapping[str, str], linked: Mapping, url: str | None) -> Times:
    """``meta`` by name, ``linked`` the article's JSON-LD, ``url`` where the page stands."""
    by_name = {name.lower(): (name, value) for name, value in reversed(list(meta.items()))}
    times = list(_time_elements(tree))
    published = _statements("datePublished", _PUBLISHED, "time element", times, linked, by_name)
    modified = _statements("dateModified", _MODIFIED, "changed time element", times, linked, by_name)
    published_by, conflicts = _compared(published)
    modified_by, others = _compared(modified)
    of_address = _day_of_address(url)
    if published_by and of_address and not _agree(published_by, of_address):
        conflicts = [*(conflicts or [published_by.quote]), of_address.quote]
    told = [*conflicts, *others]
    exact = published_by and modified_by and "day" not in (published_by.kind, modified_by.kind)
    if exact and modified_by.at < published_by.at - _SAME:
        told.append(f"{modified_by.quote} before {published_by.quote}")
    return Times(
        published_by.at if published_by else None,
        published_by.kind if published_by else None,
        modified_by.at if modified_by else None,
        tuple(dict.fromkeys(told)),
    )


def _statements(
    key: str,
    names: tuple[str, ...],
    element: str,
    times: list[tuple[str, str]],
    linked: Mapping,
    by_name: Mapping[str, tuple[str, str]],
) -> list[_Statement]:
    every = [(key, linked.get(key)), *(by_name[name] for name in names if name in by_name)]
    every += [(name, value) for name, value in times if name == element][:1]
    return [_read(name, value) for name, value in ((name, words(value)) for name, value in every) if value]


def _read(name: str, value: str) -> _Statement:
    value = value[:100]
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        try:
            at = parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            return _Statement(name, value, None, "not readable")
    if not 1995 <= at.year < 2100:  # a default, not a time
        return _Statement(name, value, None, "not readable")
    if _DAY.fullmatch(value):
        return _Statement(name, value, at.replace(tzinfo=UTC), "day")
    if at.tzinfo is None:
        return _Statement(name, value, None, "no zone")
    return _Statement(name, value, at.astimezone(UTC), "second" if re.search(r"\d:\d\d:\d\d", value) else "minute")


def _compared(statements: list[_Statement]) -> tuple[_Statement | None, list[str]]:
    """The statement that counts, and where others do not agree with it, all that is at odds."""
    exact = [one for one in statements if one.at and one.kind != "day"]
    days = [one for one in statements if one.kind == "day"]
    counts = next(iter((*exact, *days)), None)
    odd = [one for one in statements if one.at is None or not _agree(counts, one)]
    if not odd:
        return counts, []
    return counts, [one.quote for one in statements if one is counts or one in odd]


def _agree(one: _Statement, other: _Statement) -> bool:
    """Days have no zone: theirs may be any from 12 hours behind UTC to 14 ahead."""
    if "day" in (one.kind, other.kind):
        both_days = one.kind == other.kind
        day, at = (one, other) if one.kind == "day" else (other, one)
        if both_days:
            return abs(day.at - at.at) <= timedelta(days=1)
        return timedelta(hours=-14) <= at.at - day.at < timedelta(hours=36)
    return abs(one.at - other.at) < _SAME


def _time_elements(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    """Those that the page marks as its own times."""
    for element in tree.iter("time"):
        value = element.get("datetime")
        if not value:
            continue
        near = [element, *(holder for _, holder in zip(range(3), element.iterancestors(), strict=False))]
        names = [f"{one.get('class') or ''} {one.get('id') or ''}"[:500] for one in near]
        role = element.get("itemprop") or ""
        marked = role in ("datePublished", "dateModified")
        outside = {"aside", "nav"} if marked else {"aside", "nav", "footer"}
        if any(_OTHERS.search(name) for name in names) or any(one.tag in outside for one in near):
            continue
        if role == "dateModified" or _CHANGED.search(names[0]):
            yield "changed time element", value
        elif role == "datePublished" or element.get("pubdate") is not None or any(map(_SHOWN.search, names)):
            yield "time element", value


def _day_of_address(url: str | None) -> _Statement | None:
    match = _IN_ADDRESS.search(url or "")
    if not match:
        return None
    try:
        day = datetime(*map(int, match.groups()), tzinfo=UTC)
    except ValueError:
        return None
    return _Statement("address", match[0][1:], day, "day")
