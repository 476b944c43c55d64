"""The small readers under the feeds: dates, addresses, plain text."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.dates import MONTH_NAMES, MONTHS, ZONES_H, meanings, read_date
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
        # month names of other languages
        ("30 set 2025 10:00:00 -0300", "2025-09-30T13:00:00", "second"),
        ("Qua, 30 Set 2025 08:00:00 -0300", "2025-09-30T11:00:00", "second"),
        ("Terça-feira, 4 Março 2025 08:00 -0300", "2025-03-04T11:00:00", "minute"),
        ("sáb, 1 fev 2025 08:00:00 -0300", "2025-02-01T11:00:00", "second"),
        ("vie, 03 ene 2025 22:15:00 +0100", "2025-01-03T21:15:00", "second"),
        ("ven. 28 févr. 2025 22:15:00 +0100", "2025-02-28T21:15:00", "second"),
        ("mer. 13 août 2025 22:15:00 +0200", "2025-08-13T20:15:00", "second"),
        ("Mi, 05 Mär 2025 22:15:00 +0100", "2025-03-05T21:15:00", "second"),
        ("Fr., 31 Okt 2025 22:15:00 CET", "2025-10-31T21:15:00", "second"),
        ("lun, 05 mag 2025 22:15:00 +0200", "2025-05-05T20:15:00", "second"),
        # what JavaScript, Java and date(1) print
        ("Tue Sep 30 2025 13:30:00 GMT+0200 (Central European Summer Time)", "2025-09-30T11:30:00", "second"),
        ("Fri Feb 07 2025 17:11:01 GMT-0500 (Horário Padrão do Acre)", "2025-02-07T22:11:01", "second"),
        ("Tue, 30 Sep 2025 13:30:00 GMT+02:00", "2025-09-30T11:30:00", "second"),
        ("Tue Sep 30 13:30:00 CEST 2025", "2025-09-30T11:30:00", "second"),
        # seconds and milliseconds since 1970: 2025-03-28 is day 20175, and 21:15 is second 76500 of it
        ("1743196500", "2025-03-28T21:15:00", "second"),
        ("1743196500123", "2025-03-28T21:15:00.123", "second"),
        ("1230940800", "2009-01-03T00:00:00", "second"),
        # zone names with one meaning
        ("Fri, 28 Mar 2025 22:15:00 CET", "2025-03-28T21:15:00", "second"),
        ("Fri, 28 Mar 2025 23:15:00 CEST", "2025-03-28T21:15:00", "second"),
        ("Sat, 29 Mar 2025 00:15:00 MSK", "2025-03-28T21:15:00", "second"),
        ("Sat, 29 Mar 2025 06:15:00 JST", "2025-03-28T21:15:00", "second"),
        ("Sat, 29 Mar 2025 06:45:00 ACST", "2025-03-28T21:15:00", "second"),
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
        "Fri, 28 Mar 2025 21:15:00 BST",  # zones of several meanings
        "Fri, 28 Mar 2025 21:15:00 IST",
        "1230940799",  # epochs before 2009-01-03
        "1230940799999",
        "2025032821",  # an hour, or a second of 2034
        "174319650000",  # twelve digits
        "28/03/2025 21:15 +0000",
        "28 marraskuu 2025 21:15:00 +0000",  # November in Finnish, which begins as March does
        "28 listopad 2024 21:15:00 +0000",  # November in Polish, October in Croatian
        "28 jui 2025 21:15:00 +0000",  # June or July
        "28 Mar 2025 09:15:00 PM +0000",
        "28 Mar 2025 21:15:00 PM",
        "28 Mar 2025 21:15:00 XYZ",
        "Fri Mar 28 21:15:00 2025",
        "Fri Mar 28 2025 21:15:00",
        "28 Mar 2025 21:15:00 +0000 (" + "x" * 200 + ")",
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


def test_a_zone_name_of_several_meanings_gives_each():
    assert meanings("28 Mar 2025 21:15 IST", NOW) == (
        (datetime(2025, 3, 28, 20, 15, tzinfo=UTC), "minute"),  # Ireland
        (datetime(2025, 3, 28, 19, 15, tzinfo=UTC), "minute"),  # Israel
        (datetime(2025, 3, 28, 15, 45, tzinfo=UTC), "minute"),  # India
    )
    assert meanings("28 Mar 2025 21:15", NOW) == ()
    # 13:00 UTC on 1 October in Bougainville, 23:00 in Britain: the latter is too far ahead, and nothing is chosen
    assert meanings("2 Oct 2026 00:00 BST", datetime(2026, 9, 30, 20, tzinfo=UTC)) == ()


def test_zone_names_mean_what_the_tz_database_says():
    """Every abbreviation in use in 2026 that we know has all its meanings, but for those RFC 822 settles."""
    used = defaultdict(set)
    for zone in map(ZoneInfo, available_timezones()):
        for month in (1, 7):
            local = datetime(2026, month, 15, tzinfo=zone)
            used[local.tzname()].add(local.utcoffset() / timedelta(hours=1))
    settled = {"GMT", "UT", "UTC", "Z", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT"}
    checked = [name for name in ZONES_H if name in used and name not in settled]
    assert len(checked) > 30
    for name in checked:
        assert used[name] <= set(ZONES_H[name]), name
        assert len(ZONES_H[name]) > 1 or used[name] == set(ZONES_H[name]), name
    for name in ("EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT"):
        assert set(ZONES_H[name]) <= used[name]


@pytest.mark.parametrize(
    "year",
    [
        "January February March April May June July August September October November December",
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez.",
        "ene feb mar abr may jun jul ago sept oct nov dic",
        "gen feb mar apr mag giu lug ago set ott nov dic",
    ],
)
def test_months_of_six_languages(year):
    for month, name in enumerate(year.split(), 1):
        assert read_date(f"05 {name} 2025 12:00 GMT", NOW) == (datetime(2025, month, 5, 12, tzinfo=UTC), "minute")


def test_no_month_name_means_two_months():
    names = [name for month in MONTH_NAMES for name in month.split()]
    assert len(names) == len(set(names))
    assert set(MONTHS.values()) == set(range(1, 13))


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


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<b>Bold</b> <script>hidden <b>too</b></script>end" + "<i>" * 3_000, "Bold end"),
        ("a <style>b{}</style>c<p>d" + "<i></i>" * 3_000, "a c d"),
        ("5 < 6" + "<i></i>" * 3_000 + " & 7 > 2", "5 < 6 & 7 > 2"),
        ("seen<script>" + "x" * 20_000, "seen"),
        ("un&amp;amp;escaped" + "<i></i>" * 3_000, "un&escaped"),
    ],
)
def test_very_much_markup_is_taken_out_as_little_is(markup, text):
    assert plain_text(markup) == text
