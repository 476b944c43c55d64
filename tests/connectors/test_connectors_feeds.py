"""Feeds to articles: recorded ones, written ones, hostile ones."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from connectors.errors import BadAnswer
from connectors.feeds import MAX_ITEMS, parse_feed
from connectors.pull import pull
from connectors.records import Article, Window
from connectors.registry import SOURCES
from connectors.transport import Transport

FETCHED = datetime(2026, 10, 1, tzinfo=UTC)
URL = "https://news.example/feed"


def rss(*items: str, head: str = "") -> bytes:
    inner = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0"><channel><title>News</title>{head}{inner}</channel></rss>'.encode()


def item(title="A title", link="https://news.example/a", date="", **more: str) -> str:
    date = date and f"<pubDate>{date}</pubDate>"
    rest = "".join(f"<{name}>{value}</{name}>" for name, value in more.items())
    return f"<title>{title}</title><link>{link}</link>{date}{rest}"


def read(body):
    return parse_feed(body, URL, FETCHED)


def test_a_wordpress_feed(payloads):
    page = SOURCES["bitcoinist"].parse(
        SOURCES["bitcoinist"].first(Window(FETCHED, FETCHED)), (payloads / "bitcoinist_feed.xml").read_bytes()
    )
    first, second = page.records
    assert first == Article(
        source="bitcoinist",
        publisher="Bitcoinist",
        url="https://bitcoinist.com/a-test-coin/",
        title="A Test Coin’s Price & Volume",
        summary="First sentence & no more […]",
        body="First sentence & no more. Second paragraph.",
        author="A. Writer",
        language="en-US",
        published_at=datetime(2025, 3, 29, 2, 30, 45, tzinfo=UTC),
        published_precision="second",
        first_seen_at=FETCHED,
    )
    assert (second.title, second.published_at, second.published_precision) == ("Untimed", None, None)
    assert second.summary is None  # the template's "NULL"
    assert [reject.reason for reject in page.rejects] == ["date not understood", "item without title"]
    assert "03:30:45 |" in page.rejects[0].excerpt  # and no zone


@pytest.mark.shared
def test_recorded_coindesk(shared, replay):
    replay.serve_recorded(shared, "news_rss/coindesk_2026-09-30_five_items.xml")
    with Transport(base_url=replay.base_url) as transport:
        pulled = pull(SOURCES["coindesk"], Window(FETCHED, FETCHED), transport.send)
    assert (len(pulled.records), pulled.rejects, pulled.error) == (5, (), None)
    live = pulled.records[4]
    assert live.title == "Live updates: Bitcoin returns to $84,000, giving up early gains"
    assert live.published_at == datetime(2026, 9, 30, 10, 18, 34, tzinfo=UTC)
    assert live.author == "Shaurya Malwa, James Van Straten, Omkar Godbole, Stephen Alpher, Helene Braun"
    assert live.body is None  # content:encoded is empty
    assert pulled.records[2].summary is None  # so is this description
    assert {article.first_seen_at for article in pulled.records} == {FETCHED}


@pytest.mark.shared
def test_recorded_cointelegraph(shared, replay):
    replay.serve_recorded(shared, "news_rss/cointelegraph_2026-09-30_four_items.xml")
    with Transport(base_url=replay.base_url) as transport:
        pulled = pull(SOURCES["cointelegraph"], Window(FETCHED, FETCHED), transport.send)
    assert (len(pulled.records), pulled.rejects) == (4, ())
    second = pulled.records[1]
    # pubDate, though atom:updated lies ten hours before it
    assert second.published_at == datetime(2026, 9, 30, 13, 30, tzinfo=UTC)
    assert second.url == (
        "https://cointelegraph.com/magazine/does-thorchain-face-a-criminal-reckoning-near-intents-bitget"
    )
    assert second.title == "Could THORChain face prosecution over stolen Bitget funds?"
    assert second.summary.startswith("THORChain will not — or can not — block")


def test_a_json_feed(payloads):
    page = parse_feed((payloads / "json_feed.json").read_bytes(), URL, FETCHED)
    one, two, three = page.records
    assert (one.title, one.summary, one.body) == ("One 🚀 \ufffd end", "About one", "Body of one")
    assert one.published_at == datetime(2025, 3, 29, 2, 30, tzinfo=UTC)
    assert (one.author, one.publisher, one.source, one.language) == (
        "The Desk",
        "A JSON Feed",
        "news.example",
        "en",
    )
    assert (two.url, two.author) == ("https://news.example/two", "A, B")
    assert (two.published_at, two.published_precision) == (datetime(2025, 3, 29, tzinfo=UTC), "day")
    assert (three.published_at, three.published_precision) == (None, None)
    assert [reject.reason for reject in page.rejects] == ["item is not an object", "date not understood"]


def test_atom_with_relative_links_and_only_an_update_date():
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><entry>
      <title type="html">&lt;b&gt;Bold&lt;/b&gt; news</title><link href="/a#top"/>
      <updated>2026-09-30T12:00Z</updated>
      <content type="html">&lt;p&gt;Text&lt;/p&gt;</content></entry></feed>"""
    [article] = read(body).records
    assert (article.title, article.url) == ("Bold news", "https://news.example/a")
    assert (article.published_at.hour, article.published_precision) == (12, "minute")
    assert (article.summary, article.body) == (None, "Text")


def test_the_publication_date_goes_before_the_update():
    dates = "<dc:date xmlns:dc='http://purl.org/dc/elements/1.1/'>2026-09-30T03:10:48Z</dc:date>"
    [article] = read(rss(item(date="Wed, 30 Sep 2026 13:30:00 +0000") + dates)).records
    assert article.published_at == datetime(2026, 9, 30, 13, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<![CDATA[<b>Bold</b> &amp; free]]>", "Bold & free"),
        ("AT&amp;amp;T", "AT&T"),
        ("5 &lt; 6 &amp; 7 &gt; 2", "5 < 6 & 7 > 2"),
        ("&amp;lt;script&amp;gt;x&amp;lt;/script&amp;gt;Safe", "Safe"),
        ("<![CDATA[<p>One</p><p>Two</p>]]>", "One Two"),
        ("two\n   lines ", "two lines"),
        ("<![CDATA[<img src=x onerror=alert(1)>Shown]]>", "Shown"),
    ],
)
def test_titles_and_summaries_are_plain_text(markup, text):
    [article] = read(rss(item(title=markup, description=f"x {markup}"))).records
    assert (article.title, article.summary) == (text, f"x {text}")


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (item(title=""), "item without title"),
        (item(title="NULL"), "item without title"),
        (item(title="&lt;b&gt;&lt;/b&gt;"), "item without title"),
        (item(link=""), "item without link"),
        (item(link="javascript:alert(1)"), "link is not an http or https address"),
        (item(link="mailto:desk@news.example"), "link is not an http or https address"),
    ],
)
def test_items_that_cannot_be_kept_are_rejects_beside_the_others(broken, reason):
    page = read(rss(broken, item(title="Good")))
    assert [article.title for article in page.records] == ["Good"]
    assert [reject.reason for reject in page.rejects] == [reason]


def test_too_many_items_are_cut_and_counted_in_time():
    count = 100_000
    body = rss(*(item(title=f"t{n}", link=f"https://news.example/{n}") for n in range(count)))
    began = time.monotonic()
    page = read(body)
    assert time.monotonic() - began < 10
    assert len(page.records) == MAX_ITEMS == 2_000
    assert page.records[-1].title == "t1999"
    [reject] = page.rejects
    assert "98,000 left out" in reject.excerpt


def test_exactly_as_many_items_as_allowed_are_all_read():
    page = read(rss(*(item(title=f"t{n}", link=f"https://news.example/{n}") for n in range(MAX_ITEMS))))
    assert (len(page.records), page.rejects) == (MAX_ITEMS, ())


def test_a_feed_cut_short_keeps_what_came_and_says_so():
    body = rss(item(title="Whole"), item(title="Half", link="https://news.example/b"))[:-40]
    page = read(body)
    assert page.records[0].title == "Whole"
    assert "feed is not well-formed, items may be missing" in [reject.reason for reject in page.rejects]


@pytest.mark.parametrize("body", [b"<rss", b"<rss version='2.0'><channel>", b"<foo/>", b"PAR1\x00", b"{}", b"[]"])
def test_what_is_no_feed_is_a_bad_answer(body):
    with pytest.raises(BadAnswer, match=r"news\.example"):
        read(body)


def test_bytes_that_look_like_a_path_are_not_opened(tmp_path):
    secret = tmp_path / "secret.xml"
    secret.write_bytes(rss(item(title="From disk")))
    with pytest.raises(BadAnswer):
        read(str(secret).encode())


def test_entities_from_files_and_bombs_are_not_expanded(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP SECRET")
    bomb = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    head = f'<!DOCTYPE r [<!ENTITY x SYSTEM "file://{secret}"><!ENTITY l0 "lol">{bomb}]>'
    page = read(head.encode() + rss(item(title="T &x; &l9;")))
    assert len(page.records[0].title) < 100
    assert "TOP SECRET" not in page.records[0].title


def test_deeply_nested_markup_takes_no_minutes():
    began = time.monotonic()
    [article] = read(rss(item(description="&lt;div&gt;" * 100_000 + "end"))).records
    assert article.summary == "end"
    assert time.monotonic() - began < 10


def test_an_empty_feed_is_an_answer():
    assert read(rss()).records == ()


@pytest.mark.shared
@pytest.mark.parametrize("folder", ["feeds", "feeds_feedparser_suite"])
def test_no_recorded_feed_raises_anything_but_bad_answer_or_leaves_markup(shared, folder):
    files = [path for path in sorted((shared / "recordings" / folder).rglob("*")) if path.is_file()]
    assert len(files) >= 40
    for path in files:
        try:
            page = read(path.read_bytes())
        except BadAnswer:
            continue
        for article in page.records:
            assert "</" not in article.title, path
            assert article.published_at is None or article.published_at.utcoffset().total_seconds() == 0
