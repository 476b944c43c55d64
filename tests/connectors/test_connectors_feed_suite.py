"""Every recorded feed: the laws that hold for all of them, and feedparser's own suite as oracle.

The suite's files (https://github.com/kurtmckee/feedparser, tests/) say in a comment what a reader should find:
``Expect: not bozo and entries[0]['title'] == 'bar'``. What such a line says of a field we carry is compared.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from connectors.errors import BadAnswer
from connectors.feeds import parse_feed
from connectors.records import Article, Page

pytestmark = pytest.mark.shared

FETCHED = datetime(2026, 10, 1, tzinfo=UTC)
URL = "http://127.0.0.1:8097/"  # where feedparser's suite serves its files from
#: Rejects that stand beside a record. Every other one stands for an item.
FLAGS = {
    "date not understood",
    "date's zone has several meanings",
    "feed is not well-formed, items may be missing",
    "encoding is not the declared one, texts may be misread",
}
OURS = {
    ("feed", "title"): "publisher",
    ("entries", 0, "title"): "title",
    ("entries", 0, "link"): "url",
    ("entries", 0, "author"): "author",
    ("entries", 0, "summary"): "summary",
    ("entries", 0, "description"): "summary",
    ("entries", 0, "content", 0, "value"): "body",
}
FORMULA = "a formula or a drawing is no text"
#: What we mean to read otherwise: file, our value, why.
DIFFERENT: dict[str, tuple[object, str]] = {
    "bozo_linenoise.xml": ("’<>”\ufffd", "one broken byte in UTF-8 is one broken character, not another encoding"),
    "demoronize-3.xml": ("don’t", "text escaped once too often is unescaped again"),
    "atommathml.xml": (None, FORMULA),
    "atomsvgdesc.xml": (None, FORMULA),
    "atomsvgtitle.xml": (None, FORMULA),
    "rss2.0mathml.xml": (None, FORMULA),
    "rss2.0svgtitle.xml": (None, FORMULA),
}


def files(shared: Path, *folders: str) -> list[Path]:
    return [p for folder in folders for p in sorted((shared / "recordings" / folder).rglob("*")) if p.is_file()]


@functools.cache
def read(path: Path) -> Page[Article] | None:
    try:
        return parse_feed(path.read_bytes(), URL, FETCHED)
    except BadAnswer:
        return None


def test_the_laws_hold_for_every_recorded_feed(shared):
    """A page or a ``BadAnswer``; titles, web addresses, UTC; a date that is written is stored or flagged."""
    paths = files(shared, "feeds", "news_rss", "feeds_feedparser_suite")
    assert len(paths) >= 560
    pages = [(path, page) for path in paths if (page := read(path))]
    assert len(pages) > 200
    for path, page in pages:
        assert len({article.url for article in page.records}) == len(page.records), path
        for article in page.records:
            assert article.title.strip(), path
            assert urlsplit(article.url).scheme in ("http", "https"), path
            assert urlsplit(article.url).netloc, path
            assert (article.published_at is None) == (article.published_precision is None), path
            assert article.published_at is None or article.published_at.utcoffset() == timedelta(0), path
            for text in (article.title, article.summary, article.body, article.author):
                assert text is None or not re.search(r"</?(?:p|a|b|i|div|span|img|br|font)\b[^<>]*>", text), path


DATE = re.compile(rb"<(?:\w+:)?(?:pubDate|published|updated|modified|issued|created|date)\b[^>]*>\s*[^<\s]", re.I)


def test_a_date_that_is_written_is_stored_or_flagged(shared):
    """Counted from the bytes: items that write a date, against records with one and rejects that name one."""
    written = stored = flagged = 0
    for path in files(shared, "feeds", "news_rss", "feeds_feedparser_suite"):
        page = read(path)
        if page is None or not page.records:
            continue
        items = re.split(rb"<(?:\w+:)?(?:item|entry)[\s>]", path.read_bytes())[1:]
        dated = sum(1 for item in items if DATE.search(item))
        has = sum(1 for article in page.records if article.published_at)
        named = sum(1 for reject in page.rejects if reject.reason == "date not understood")
        lost = sum(1 for reject in page.rejects if reject.reason not in FLAGS)
        assert has + named + lost >= dated, path
        written, stored, flagged = written + dated, stored + has, flagged + named
    assert written > 500
    assert stored > 500
    assert flagged < 20


#: Counted by eye and by ``grep -c`` in the files: no reader could split these.
NOT_A_FEED = {
    "nodefeedparser_compressed.xml": "gzip bytes, as Transport never hands them on",
    "nodefeedparser_invalid-characters-gzipped.xml": "gzip bytes",
    "rssparser_unrecognized.rss": "an HTML page",
    "aggregated_articles_2026-01.jsonl": "lines of JSON",
}


def test_every_item_of_the_awkward_feeds_is_a_record_or_a_reject(shared):
    total = 0
    for path in files(shared, "feeds", "news_rss"):
        page = read(path)
        assert (page is None) == (path.name in NOT_A_FEED), path
        if page is not None:
            items = len(re.findall(rb"<(?:item|entry)[\s>]", path.read_bytes()))
            lost = [reject for reject in page.rejects if reject.reason not in FLAGS]
            assert len(page.records) + len(lost) == items, path
            total += items
    assert total == 617  # grep -c on the files gives this, too


def expectations(body: bytes) -> Iterator[tuple[tuple[object, ...], str]]:
    """The ``path == 'text'`` parts of a file's Expect line, paths as tuples: ("entries", 0, "title")."""
    for encoding in ("utf-16", "utf-8"):
        text = body.decode(encoding, "replace")
        match = re.search(r"Expect:\s*(.*?)\s*-->", text, re.S)
        if match:
            break
    else:
        return
    try:
        tree = ast.parse(match[1].strip(), mode="eval").body
    except SyntaxError:
        return
    for part in tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]:
        match part:
            case ast.Compare(left=left, ops=[ast.Eq()], comparators=[ast.Constant(value=str(value))]):
                path = tuple(steps(left))
                if path in OURS:
                    yield path, value


def steps(node: ast.expr) -> Iterator[object]:
    match node:
        case ast.Name(id=name):
            yield name
        case ast.Attribute(value=inner, attr=name):
            yield from (*steps(inner), name)
        case ast.Subscript(value=inner, slice=ast.Constant(value=key)):
            yield from (*steps(inner), key)


def completed(body: bytes, about: tuple[object, ...]) -> bytes:
    """The document with what an article needs besides: the suite's files hold the one element they are about."""
    if about[0] == "feed":
        item = b"<item><title>T</title><link>http://a.test/</link></item>"
        entry = b"<entry><title>T</title><link href='http://a.test/'/></entry>"
        return re.sub(rb"(?=</channel>)", item, re.sub(rb"(?=</feed>)", entry, body))
    *_, document = body.partition(b"-->")
    first = re.search(rb"<(\w+:)?(?:item|entry)\b.*?(?=</(?:\w+:)?(?:item|entry)\s*>)", document, re.S | re.I)
    if first is None:
        return body
    prefix, inside, missing = first[1] or b"", first[0], b""
    inside = inside.partition(b"<svg")[0]  # it has titles of its own
    if about[-1] != "title" and not re.search(rb"<(?:\w+:)?title\b", inside, re.I):
        missing += b"<%stitle>T</%stitle>" % (prefix, prefix)
    if about[-1] != "link" and not re.search(rb"<(?:\w+:)?link\b|<item\s+href", inside, re.I):
        missing += b"<%slink href='http://a.test/'>http://a.test/</%slink>" % (prefix, prefix)
    at = body.index(document) + first.end()
    return body[:at] + missing + body[at:]


def plainly(text: str) -> str | None:
    """An expected value as text without tags, on one line; ``DIFFERENT`` has those where this is not enough."""
    return " ".join(re.sub(r"<[^>]*>", "", text).split()) or None


def test_what_feedparser_gets_right_stays_right(shared):
    compared, differing = 0, {}
    for path in files(shared, "feeds_feedparser_suite"):
        body = path.read_bytes()
        address = re.search(rb"Content-Location:\s*(\S+)", body)
        for about, expected in expectations(body):
            page = parse_feed(completed(body, about), address[1].decode() if address else URL, FETCHED)
            ours = getattr(page.records[0], OURS[about]) if page.records else page.rejects
            compared += 1
            if ours != plainly(expected):
                differing[path.name] = ours
    assert compared > 300
    assert differing == {name: value for name, (value, _) in DIFFERENT.items()}
