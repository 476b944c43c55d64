"""Feeds as they come: dates of every kind, wrong encodings, items that share an address, bytes meant to hurt."""

from __future__ import annotations

import json
import pickle
import time
from datetime import UTC, datetime

import pytest

from connectors.errors import BadAnswer
from connectors.feeds import MAX_ITEMS, Feed, parse_feed
from connectors.records import Request

FETCHED = datetime(2026, 10, 1, tzinfo=UTC)
URL = "https://news.example/feed"
MISREAD = "encoding is not the declared one, texts may be misread"


def rss(*items: str, declaration: str = "") -> str:
    inner = "".join(f"<item>{item}</item>" for item in items)
    return f'{declaration}<rss version="2.0"><channel><title>News</title>{inner}</channel></rss>'


def item(title="A title", link="https://news.example/a", date="", **more: str) -> str:
    date = date and f"<pubDate>{date}</pubDate>"
    rest = "".join(f"<{name}>{value}</{name}>" for name, value in more.items())
    return f"<title>{title}</title><link>{link}</link>{date}{rest}"


def read(body: str | bytes):
    return parse_feed(body.encode() if isinstance(body, str) else body, URL, FETCHED)


def reasons(page) -> list[str]:
    return [reject.reason for reject in page.rejects]


def test_three_forms_of_date_in_one_feed():
    forms = ("Wed, 30 Sep 2026 13:30:00 +0200", "2026-09-30T11:30:00Z", "1790767800")  # all the same moment
    page = read(rss(*(item(date=form, link=f"https://news.example/{n}") for n, form in enumerate(forms))))
    assert page.rejects == ()
    assert {a.published_at for a in page.records} == {datetime(2026, 9, 30, 11, 30, tzinfo=UTC)}


@pytest.mark.parametrize(
    ("date", "day"),
    [
        # India 02:30 to 21:00 the day before, Ireland and Israel 01:30 and 00:30: two days
        ("Wed, 30 Sep 2026 02:30:00 IST", None),
        # 08:00 in Ireland, 07:00 in Israel, 03:30 in India: one day
        ("Wed, 30 Sep 2026 09:00:00 IST", datetime(2026, 9, 30, tzinfo=UTC)),
        # winter 23:30 on the 29th, summer 22:30 on it
        ("Tue, 29 Sep 2026 18:30:00 ET", datetime(2026, 9, 29, tzinfo=UTC)),
        # winter 00:30 on the 30th, summer 23:30 on the 29th
        ("Tue, 29 Sep 2026 19:30:00 ET", None),
    ],
)
def test_a_zone_of_several_meanings_gives_at_most_the_day_and_is_flagged(date, day):
    page = read(rss(item(date=date)))
    [article], [reject] = page.records, page.rejects
    assert (article.published_at, article.published_precision) == (day, "day" if day else None)
    assert reject.reason == "date's zone has several meanings"
    assert date in reject.excerpt


@pytest.mark.parametrize(
    ("value", "published"),
    [
        (1790767800, datetime(2026, 9, 30, 11, 30, tzinfo=UTC)),
        (1790767800250, datetime(2026, 9, 30, 11, 30, 0, 250000, tzinfo=UTC)),
        (True, None),
        ({"at": 1}, None),
        ("2026-09-30T11:30:00", None),
        ("NULL", None),
    ],
)
def test_json_dates_of_any_type_are_stored_or_flagged(value, published):
    entry = {"title": "T", "url": "https://news.example/a", "date_published": value}
    page = read(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [entry]}))
    assert page.records[0].published_at == published
    assert reasons(page) == ([] if published else ["date not understood"])


def test_items_of_one_address_with_another_title_are_named_not_lost():
    first, second = item(title="One"), item(title="Two", link="https://news.example/a?utm_source=x#part")
    page = read(rss(first, second, first))
    assert [article.title for article in page.records] == ["One"]
    assert [(r.reason, r.excerpt) for r in page.rejects] == [
        ("same address as another item", "Two https://news.example/a"),
        ("item repeated", "One https://news.example/a"),
    ]


def test_a_guid_used_twice_is_two_articles():
    page = read(rss(item(guid="7"), item(title="B", link="https://news.example/b", guid="7")))
    assert [(a.title, a.url) for a in page.records] == [
        ("A title", "https://news.example/a"),
        ("B", "https://news.example/b"),
    ]
    assert page.rejects == ()


def test_a_link_is_no_text_with_entities():
    [article] = read(rss(item(link="https://news.example/a?x=1&amp;copy=2&amp;lt=3"))).records
    assert article.url == "https://news.example/a?x=1&copy=2&lt=3"
    assert reasons(read(rss(item(link="NULL")))) == ["item without link"]


@pytest.mark.parametrize("bad", ["&#xD800;", "&#55296;", "&#xdfff;", "&#x110000;", f"&#{'9' * 5000};"])
def test_a_reference_to_no_character_costs_that_character_alone(bad):
    page = read(rss(item(title=f"One {bad} end"), item(title="Two", link="https://news.example/b")))
    assert [article.title for article in page.records] == ["One \ufffd end", "Two"]
    assert page.rejects == ()


def test_a_lone_surrogate_in_json_spoils_neither_text_nor_address():
    entry = (
        '{"title": "One \\ud800 end", "url": "https://news.example/a"}, {"title": "T", "url": "https://x.test/\\ud800"}'
    )
    page = read(f'{{"version": "https://jsonfeed.org/version/1.1", "items": [{entry}]}}')
    assert [article.title for article in page.records] == ["One \ufffd end"]
    assert reasons(page) == ["link is not an http or https address"]
    page.rejects[0].excerpt.encode()


@pytest.mark.parametrize(
    ("encoding", "declaration"),
    [
        ("utf-8", ""),
        ("utf-8-sig", '<?xml version="1.0" encoding="UTF-8"?>'),
        ("utf-16", '<?xml version="1.0" encoding="UTF-16"?>'),
        ("utf-16-le", '<?xml version="1.0" encoding="utf-16"?>'),
        ("utf-16-be", '<?xml version="1.0"?>'),
        ("utf-32", '<?xml version="1.0" encoding="UTF-32"?>'),
        ("windows-1251", '<?xml version="1.0" encoding="windows-1251"?>'),
        ("koi8-r", "<?xml version='1.0' encoding='koi8-r'?>"),
        ("gb2312", '<?xml version="1.0" encoding="gb2312"?>'),
    ],
)
def test_a_feed_is_read_in_the_encoding_it_declares(encoding, declaration):
    page = read(rss(item(title="Биткоин"), declaration=declaration).encode(encoding))
    assert [article.title for article in page.records] == ["Биткоин"]
    assert page.rejects == ()


@pytest.mark.parametrize("declared", ["iso-8859-1", "Windows-1252", "us-ascii", "ascii", "latin1"])
def test_utf_8_declared_as_something_else_is_read_as_utf_8_and_flagged(declared):
    page = read(rss(item(title="Café €5"), declaration=f'<?xml version="1.0" encoding="{declared}"?>'))
    assert page.records[0].title == "Café €5"
    assert reasons(page) == [MISREAD]


def test_a_feed_without_declaration_in_another_encoding_is_flagged():
    page = read(rss(item(title="Café")).encode("windows-1252"))
    assert (page.records[0].title, reasons(page)) == ("Café", [MISREAD])


def test_plain_ascii_is_never_flagged():
    for declared in ("us-ascii", "iso-8859-1", "UTF-8"):
        assert read(rss(item(), declaration=f'<?xml version="1.0" encoding="{declared}"?>')).rejects == ()


def test_a_feed_cut_inside_a_character_keeps_the_others():
    """feedparser would read all of it as windows-1252: "CafÃ©"."""
    whole = rss(item(title="Café"), item(title="Bâle", link="https://news.example/b")).encode()
    page = read(whole[: whole.index("âle".encode()) + 1])
    assert page.records[0].title == "Café"
    assert reasons(page)[:2] == [MISREAD, "feed is not well-formed, items may be missing"]


def test_a_feed_under_an_html_doctype_is_a_feed():
    doctype = '<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://site.test/"><!-- -->'
    assert len(read(rss(item(), declaration=doctype)).records) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_web_page_is_no_feed(encoding):
    page = "<!DOCTYPE html><html><head><title>Wait</title></head><body><rss><item>x</item></rss></body></html>"
    with pytest.raises(BadAnswer, match='web page titled "Wait"'):
        read(page.encode(encoding))


def test_a_long_feed_in_utf_16_is_cut_and_counted():
    body = rss(*(item(title=f"t{n}", link=f"https://news.example/{n}") for n in range(MAX_ITEMS + 7)))
    page = read(body.encode("utf-16"))
    assert len(page.records) == MAX_ITEMS
    assert [(r.reason, r.excerpt) for r in page.rejects] == [
        ("too many items", "2,007 items, the first 2,000 read, 7 left out")
    ]


def test_one_long_entity_many_times_is_not_expanded():
    """The quadratic bomb: 100 kB by 20,000 references would be 2 GB."""
    head = f'<!DOCTYPE r [<!ENTITY a "{"x" * 100_000}">]>'
    page = read(head + rss(item(title="T " + "&a;" * 20_000)))
    assert all(len(article.title) < 100_000 for article in page.records)


@pytest.mark.parametrize(
    "hostile",
    [
        "&lt;div&gt;" * 100_000,
        "&amp;lt;div&amp;gt;" * 50_000,
        "<![CDATA[<a " + " ".join(f"x{n}=''" for n in range(200_000)) + ">]]>",
        "<![CDATA[<a " + " ".join(f"x{n}='>'" for n in range(200_000)) + ">]]>",
        "<![CDATA[<a " + " ".join(f"x{n}" if n % 1000 else "x='>'" for n in range(200_000)) + ">]]>",
        "<![CDATA[<a x='<' " + " ".join(f"x{n}" for n in range(200_000)) + "]]>",
        "&lt;" * 300_000,
        "&lt;script&gt;" * 50_000,
        "&amp;" * 300_000,
    ],
)
def test_markup_takes_time_with_its_length_alone(hostile):
    began = time.monotonic()
    page = read(rss(item(description=f"start {hostile}")))
    assert time.monotonic() - began < 10
    assert page.records[0].summary.startswith("start")


def test_deep_json_inside_an_item_is_a_reject():
    deep = "[" * 900 + "]" * 900
    page = read(f'{{"version": "https://jsonfeed.org/version/1.1", "items": [{deep}, {{"title": {deep}}}]}}')
    assert (page.records, reasons(page)) == ((), ["item is not an object", "item without title"])


def test_a_feed_and_its_page_go_to_another_process_and_back():
    feed = pickle.loads(pickle.dumps(Feed("news", "News", URL, cadence_s=600)))
    page = feed.parse(Request(URL, FETCHED), rss(item(date="yesterday"), item(title="Two")).encode())
    assert pickle.loads(pickle.dumps(page)) == page
    assert (len(page.records), reasons(page)) == (1, ["date not understood", "same address as another item"])
    for value in (page.records[0].title, page.records[0].source, page.records[0].url, page.rejects[0].excerpt):
        assert type(value) is str  # not feedparser's


def test_a_feed_says_that_it_is_untrusted_and_how_often_it_is_new():
    assert Feed.untrusted
    assert Feed("news", "News", URL).cadence_s == 3600
    assert Feed("news", "News", URL, cadence_s=600).cadence_s == 600
