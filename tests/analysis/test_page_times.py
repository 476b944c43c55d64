"""When a page says it was published and changed; what does not agree is told, and nothing is assumed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml import html as lxml_html

from analysis.page_metadata import elements
from analysis.page_times import Times, stated_times

AT = datetime(2025, 3, 28, 17, 17, tzinfo=UTC)
DAY = datetime(2025, 3, 28, tzinfo=UTC)
Z = "2025-03-28T17:17:00Z"


def times(*head: str, url: str | None = None, body: str = "", **linked: object) -> Times:
    tree = lxml_html.document_fromstring(f"<html><head>{''.join(head)}</head><body>x{body}</body></html>")
    return stated_times(tree, elements(tree), linked, url)


def meta(name: str, value: str) -> str:
    return f'<meta name="{name}" content="{value}">'


@pytest.mark.parametrize(
    ("value", "at", "precision"),
    [
        ("2025-03-28T17:17:00Z", AT, "second"),
        ("2025-03-29T01:17+08:00", AT, "minute"),
        ("2025-03-28T13:17:00-0400", AT, "second"),
        ("2025-03-28 17:17:00+00:00", AT, "second"),
        ("Fri, 28 Mar 2025 17:17:00 GMT", AT, "second"),
        ("2025-03-28", DAY, "day"),
        ("20250328", DAY, "day"),
    ],
)
def test_a_time_as_pages_write_it(value, at, precision):
    for found in (times(datePublished=value), times(meta("article:published_time", value))):
        assert (found.published_at, found.precision, found.conflicts) == (at, precision, ())


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ("2025-03-28T17:17:00", "no zone"),
        ("2025-03-28 17:17", "no zone"),
        ("Fri, 28 Mar 2025 17:17:00 -0000", "no zone"),  # RFC 5322: the zone is not known
        ("yesterday", "not readable"),
        ("1970-01-01T00:00:00Z", "not readable"),  # an unset field
        ("0001-01-01T00:00:00+23:00", "not readable"),
        ("9999-12-31T23:59:59-23:00", "not readable"),
    ],
)
def test_what_is_no_instant_is_told_and_never_taken_as_utc(value, wrong):
    found = times(datePublished=value, dateModified=value)
    assert (found.published_at, found.precision, found.modified_at) == (None, None, None)
    assert found.conflicts == (f"datePublished {value} ({wrong})", f"dateModified {value} ({wrong})")


def test_of_times_that_disagree_json_ld_counts_and_the_odd_ones_are_told():
    found = times(
        meta("article:published_time", "2025-03-28T18:17:00+01:00"),  # the same instant
        meta("pubdate", "2025-03-28T17:17:00+08:00"),
        datePublished=Z,
    )
    assert found.published_at == AT
    assert found.conflicts == (f"datePublished {Z}", "pubdate 2025-03-28T17:17:00+08:00")


def test_an_instant_counts_before_a_day_and_a_day_agrees_with_any_zone_of_its_own():
    found = times(meta("article:published_time", Z), datePublished="2025-03-29")  # 03:17 in Singapore's winter, say
    assert (found.published_at, found.precision, found.conflicts) == (AT, "second", ())
    apart = times(meta("article:published_time", Z), datePublished="2025-03-30")
    assert apart.conflicts == ("datePublished 2025-03-30", f"article:published_time {Z}")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://a.example/2025/03/28/story/", False),
        ("https://a.example/2025/3/29/story", False),
        ("https://a.example/2025-03-28-story", False),
        ("https://a.example/2025/03/25/story", True),
        ("https://a.example/2025/02/30/story", False),  # no day
        ("https://a.example/story-2025", False),
    ],
)
def test_the_day_in_an_address_is_evidence_only(url, told):
    found = times(meta("article:published_time", Z), url=url)
    assert found.published_at == AT
    assert found.conflicts == ((f"article:published_time {Z}", "address 2025/03/25") if told else ())
    assert times(url=url) == Times()


@pytest.mark.parametrize(
    ("body", "at"),
    [
        (f'<time itemprop="datePublished" datetime="{Z}">', AT),
        (f'<time pubdate datetime="{Z}">', AT),
        (f'<time class="entry-date published" datetime="{Z}">', AT),
        (f'<div class="byline"><time datetime="{Z}"></time></div>', AT),
        (f'<time datetime="{Z}">', None),
        (f'<div class="related-posts"><time class="published" datetime="{Z}"></time></div>', None),
        (f'<aside><time class="published" datetime="{Z}"></time></aside>', None),
    ],
)
def test_a_time_element_counts_where_the_page_marks_it_as_its_own(body, at):
    assert times(body=body).published_at == at


def test_a_change_is_told_apart_and_one_from_before_publication_is_told():
    later = times(datePublished=Z, dateModified="2025-03-28T18:00:00Z")
    assert (later.modified_at, later.conflicts) == (datetime(2025, 3, 28, 18, tzinfo=UTC), ())
    before = times(datePublished=Z, dateModified="2025-03-28T16:00:00Z")
    assert before.conflicts == (f"dateModified 2025-03-28T16:00:00Z before datePublished {Z}",)
    element = times(body=f'<time class="updated" datetime="{Z}">')
    assert (element.published_at, element.modified_at) == (None, AT)
