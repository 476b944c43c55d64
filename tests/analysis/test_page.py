"""A saved page to an article: the text readers came for, and only what the page states of itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from analysis.extract import from_html
from analysis.page import read

AT = datetime(2025, 3, 28, 17, 17, tzinfo=UTC)
BODY = "".join(
    f"<p>{text}</p>"
    for text in (
        "Bitcoin fell on Friday as traders weighed new tariffs and the dollar gained against most other currencies.",
        "The total crypto market cap stood at $2.68 trillion, according to TradingView. Analysts expect more.",
        "Volumes were thin across exchanges, and traders said that they would wait for the figures of next week.",
    )
)


def page(head: str = "", body: str = BODY, lang: str = "") -> str:
    return (
        f"<!DOCTYPE html><html {lang}><head>{head}</head><body><nav><a href='/m'>Markets</a></nav>"
        f"<article>{body}</article><aside>Most read: ten coins to buy</aside><footer>About us</footer></body></html>"
    )


def ld(**stated: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **stated})}</script>'


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


def test_the_text_is_the_articles_and_not_the_sites():
    found = from_html(page())
    assert found.body.split("\n\n")[1].startswith("The total crypto market cap stood at $2.68 trillion")
    assert len(found.body.split("\n\n")) == 3
    for of_the_site in ("Markets", "Most read", "About us"):
        assert of_the_site not in found.full_text


def test_a_title_comes_from_json_ld_then_open_graph_then_the_title_element_and_stands_once():
    heading = f"<h1>Bitcoin falls</h1>{BODY}"
    assert from_html(page("<title>Bitcoin falls</title>", heading)).title == "Bitcoin falls"
    assert from_html(page("<title>A</title>" + meta("og:title", "B"), heading)).title == "B"
    found = from_html(page(meta("og:title", "B") + ld(headline="Bitcoin&#8217;s fall"), heading))
    assert found.title == "Bitcoin’s fall"
    assert from_html(page("<title>Bitcoin falls</title>", heading)).full_text.count("Bitcoin falls") == 1


def test_without_a_title_one_is_derived_from_the_text():
    found = from_html(page())
    assert found.title is None
    assert found.heading.startswith("Bitcoin fell on Friday as traders weighed")


@pytest.mark.parametrize(
    ("head", "at", "precision"),
    [
        (ld(datePublished="2025-03-28T18:17:00+01:00"), AT, "second"),
        (ld(datePublished="2025-03-28T17:17Z"), AT, "minute"),
        (meta("article:published_time", "2025-03-28T13:17:00-04:00"), AT, "second"),
        ('<meta itemprop="datePublished" content="2025-03-28T17:17:00.000Z">', AT, "second"),
        (ld(datePublished=f"{AT:%FT%TZ}") + meta("article:published_time", "2025-03-28T18:17+01:00"), AT, "second"),
        (meta("article:modified_time", "2025-03-28T17:17:00Z"), None, None),
        (ld(datePublished="0001-01-01T00:00:00+23:00"), None, None),
    ],
)  # fmt: skip
def test_a_time_of_publication_is_a_stated_instant(head, at, precision):
    found = from_html(page(head))
    assert (found.published_at, found.precision) == (at, precision)


def test_a_time_without_a_zone_is_no_instant_and_is_told():
    found = from_html(page(ld(datePublished="2025-03-28T17:17:00")))
    assert found.published_at is None
    assert found.date_conflicts == ("datePublished 2025-03-28T17:17:00 (no zone)",)


def test_times_that_disagree_are_each_quoted_and_json_ld_counts():
    found = from_html(
        page(ld(datePublished="2025-03-28T17:17:00Z") + meta("article:published_time", "2025-03-29T09:00Z"))
    )
    assert found.published_at == AT
    assert found.date_conflicts == ("datePublished 2025-03-28T17:17:00Z", "article:published_time 2025-03-29T09:00Z")


def test_the_articles_own_json_ld_counts_and_not_that_of_those_it_lists():
    listed = {"@type": "ItemList", "itemListElement": [{"@type": "NewsArticle", "headline": "Another"}]}
    own = {"@type": ["NewsArticle"], "headline": "This one", "author": [{"name": "Ann Lee"}, {"name": "Bo Roy"}]}
    graph = json.dumps({"@context": "https://schema.org", "@graph": [listed, {"@type": "WebPage"}, own]})
    found = from_html(page(f'<script type="application/ld+json">{graph}</script>'))
    assert (found.title, found.author) == ("This one", "Ann Lee, Bo Roy")


@pytest.mark.parametrize(
    "script", ["{", "[[]]", "null", '{"@type": {}, "@graph": 3}', '{"@graph": [1, null]}', "[" * 9999]
)
def test_json_ld_that_is_broken_states_nothing(script):
    assert from_html(page(f'<script type="application/ld+json">{script}</script><title>T</title>')).title == "T"


@pytest.mark.parametrize(
    ("head", "base", "address"),
    [
        ('<link rel="canonical" href="https://a.example/story">', None, "https://a.example/story"),
        (meta("og:url", "https://a.example/?p=1"), None, "https://a.example/?p=1"),
        ('<link rel="canonical" href="/story">', "https://a.example/amp/story", "https://a.example/story"),
        ('<link rel="canonical" href="/story">', None, None),
        ('<link rel="canonical" href="https://a.example/">', None, None),  # the front page is no article's address
        ('<link rel="canonical" href="file:///home/me/story.html">', None, None),
        ('<link rel="canonical" href="https://[broken/x">', None, None),
        ("", "https://a.example/story", "https://a.example/story"),
        ("", None, None),
    ],
)
def test_a_page_is_known_by_the_address_it_states(head, base, address):
    assert read(page(head), base).url == address


def test_publisher_author_and_language_as_stated():
    found = read(page(meta("og:site_name", "Example") + '<meta name="author" content="Ann  Lee">', lang="lang='pt-BR'"))
    assert (found.publisher, found.author, found.language) == ("Example", "Ann Lee", "pt")
    assert read(page(ld(publisher={"@type": "Organization", "name": "Example"}))).publisher == "Example"


def test_a_line_of_the_text_that_only_looks_like_a_title_is_kept():
    found = from_html(page("<title>Bitcoin falls</title>", f"<p>A week of losses</p>{BODY}"))
    assert found.title == "Bitcoin falls"
    assert "A week of losses" in found.full_text


@pytest.mark.parametrize("html", ["", " ", "<!-- only a comment -->", '<?xml version="1.0"?>'])
def test_what_is_no_page_is_refused(html):
    with pytest.raises(ValueError, match="not HTML"):
        read(html)


@pytest.mark.parametrize(
    "html",
    [
        "<html><body></body></html>",
        "<div>" * 3000 + "deep" + "</div>" * 3000,
        "<p>" + "&nbsp;" * 1000,
        "\ufffe<html>\ud83d</html>".encode("utf-8", "replace").decode(),
        '<?xml version="1.0" encoding="latin-1"?><html><body><p>x</p></body></html>',
    ],
    ids=["empty", "deep", "spaces", "noncharacters", "xhtml"],
)
def test_a_page_without_an_article_has_no_body_and_raises_nothing_else(html):
    assert len(from_html(html).body) < 5


@pytest.mark.shared
def test_a_news_sites_page_as_its_makers_state_it(shared):
    """Read by eye from the page's source: JSON-LD headline, author and datePublished, link rel=canonical."""
    html = (shared / "recordings/articles/de.cointelegraph.com_cme_2023.html").read_text()
    stated, found = read(html), from_html(html)
    assert (
        stated.url
        == "https://de.cointelegraph.com/news/cme-second-largest-bitcoin-futures-exchange-open-interest-surges"
    )
    assert (stated.publisher, found.author, found.language) == ("Cointelegraph", "Prashant Jha", "de")
    assert found.published_at == datetime(2023, 10, 31, 12, tzinfo=UTC)
    assert found.title.startswith("CME nun zweitgrößte")
