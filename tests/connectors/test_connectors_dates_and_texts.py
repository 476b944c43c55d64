"""The small readers under the feeds: dates, addresses, plain text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.dates import read_date
from connectors.plain_text import plain_text
from connectors.urls import canonical_url

NOW = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant", "precision"),
    [
        ("Fri, 28 Mar 2025 21:15:00 +0000", "2025-03-28T21:15:00", "second"),
        ("Fri, 28 Mar 2025 21:15:00 GMT", "2025-03-28T21:15:00", "second"),
        ("Fri, 28 Mar 2025 17:15:00 EDT", "2025-03-28T21:15:00", "second"),
        ("Fri, 28 Mar 2025 16:15:00 EST", "2025-03-28T21:15:00", "second"),
        ("28 Mar 2025 22:15 +0100", "2025-03-28T21:15:00", "minute"),
        ("Sat, 29 Mar 25 02:45:00 +0530", "2025-03-28T21:15:00", "second"),
        ("Friday, 28 March 2025 21:15:00 Z", "2025-03-28T21:15:00", "second"),
        ("Fri, 28 Mar 2025 14:15:00 -0700 (PDT)", "2025-03-28T21:15:00", "second"),
        ("2025-03-28T21:15:00Z", "2025-03-28T21:15:00", "second"),
        ("2025-03-28T23:15:00.123+02:00", "2025-03-28T21:15:00.123", "second"),
        ("2025-03-28 21:15 UTC", None, None),
        ("2025-03-28T16:15-05:00", "2025-03-28T21:15:00", "minute"),
        ("2025-03-28 21:15:00+00:00", "2025-03-28T21:15:00", "second"),
        ("2025-03-28", "2025-03-28T00:00:00", "day"),
    ],
)
def test_dates_with_a_zone_are_read(text, instant, precision):
    expected = instant and (datetime.fromisoformat(instant).replace(tzinfo=UTC), precision)
    assert read_date(text, NOW) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Fri, 28 Mar 2025 21:15:00",  # no zone
        "2025-03-28T21:15:00",
        "Fri, 28 Mar 2025 21:15:00 CET",  # zones of several meanings
        "Fri, 28 Mar 2025 21:15:00 BST",
        "Fri, 28 Mar 2025 21:15:00 IST",
        "1743196500",  # epochs
        "1743196500000",
        "28/03/2025 21:15 +0000",
        "03-28-2025",
        "yesterday",
        "",
        "Fri, 31 Feb 2025 21:15:00 +0000",
        "Fri, 28 Mar 2025 24:15:00 +0000",
        "Fri, 28 Mar 2025 21:15:00 +9900",
        "Fri, 28 Mar 2025 21:15:00 +0075",
        "Thu, 01 Jan 1970 00:00:00 +0000",
        "0001-01-01T00:00:00Z",
        "2026-10-02T00:00:01Z",  # more than a day ahead
        "9999-12-31T23:59:59-14:00",
        "٢٠٢٥-03-28T21:15:00Z",
    ],
)
def test_dates_that_cannot_be_known_are_not_guessed(text):
    assert read_date(text, NOW) is None


@given(
    st.datetimes(datetime(2010, 1, 1), datetime(2026, 9, 1)),
    st.integers(-12 * 60, 14 * 60),
)
def test_every_instant_survives_both_formats_in_any_zone(naive, offset_min):
    instant = naive.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=offset_min)))
    assert read_date(format_datetime(instant), NOW) == (instant, "second")
    assert read_date(instant.isoformat(), NOW) == (instant, "second")


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://Example.COM/A?utm_source=x&id=7&utm_Medium=y#top", "https://example.com/A?id=7"),
        ("https://example.com/a?fbclid=1&mtm_campaign=2", "https://example.com/a"),
        ("HTTP://example.com:80", "http://example.com/"),
        ("https://example.com:8443/a/", "https://example.com:8443/a/"),
        (" https://example.com/?p=1&q=a%20b&q=c ", "https://example.com/?p=1&q=a%20b&q=c"),
        ("https://example.com/utm_source=x", "https://example.com/utm_source=x"),
    ],
)
def test_addresses_lose_what_campaigns_add(url, canonical):
    assert canonical_url(url) == canonical
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize("url", ["", "/relative", "mailto:a@b.c", "javascript:alert(1)", "https://", "http://[x"])
def test_what_is_no_web_address_is_refused(url):
    with pytest.raises(ValueError):  # noqa: PT011 - the message is urllib's in part
        canonical_url(url)


@given(st.dictionaries(st.sampled_from(["id", "p", "utm_source", "fbclid", "q"]), st.sampled_from("abc")))
def test_tracking_parameters_never_matter(params):
    url = "https://example.com/a?" + "&".join(f"{k}={v}" for k, v in params.items())
    clean = [f"{k}={v}" for k, v in params.items() if k in ("id", "p", "q")]
    assert canonical_url(url) == "https://example.com/a" + ("?" + "&".join(clean) if clean else "")


@given(st.text())
def test_plain_text_is_plain(text):
    """Law: no tag opens, no control character, no double space, and cleaning again changes nothing."""
    plain = plain_text(text)
    if plain is not None:
        assert plain == " ".join(plain.split())
        assert plain_text(plain) == plain
        plain.encode()


@pytest.mark.parametrize("nothing", [None, "", "  \n", "NULL", "null", "<p></p>", "&nbsp;", 7, ["x"]])
def test_nothing_is_none(nothing):
    assert plain_text(nothing) is None


def test_lone_surrogates_are_replaced():
    assert plain_text("a\ud800b") == "a\ufffdb"


def test_control_characters_are_dropped_and_line_breaks_are_spaces():
    assert plain_text("a\x07b\x9fc\td\ne") == "abc d e"
