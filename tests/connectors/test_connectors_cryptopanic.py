"""CryptoPanic: posts to articles, pages back to the window's start, and no key in any address."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime, timedelta

import pytest

from connectors.cryptopanic import CryptoPanic
from connectors.errors import BadAnswer, RateLimited, Refused
from connectors.pull import pull
from connectors.records import Article, Window
from connectors.transport import Transport

URL = "https://cryptopanic.com/api/growth/v2/posts/"
START = datetime(2025, 3, 29, tzinfo=UTC)
WINDOW = Window(START, START + timedelta(hours=2))
SOURCE = CryptoPanic()


def parse(answer: object, window: Window = WINDOW):
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return SOURCE.parse(SOURCE.first(window), body)


def post(n: int, at: str) -> dict[str, object]:
    return {"title": f"T{n}", "url": f"https://cryptopanic.com/news/{n}/t", "published_at": at}


def test_posts_are_articles_of_their_publishers(payloads):
    page = parse((payloads / "cryptopanic_posts.json").read_bytes())
    one, two, three = page.records
    assert one == Article(
        source="cryptopanic",
        publisher="CoinDesk",
        url="https://www.coindesk.com/one",
        title="One bold & true",
        summary="About one",
        author="A. Writer",
        language="en",
        published_at=datetime(2025, 3, 29, 1, 45, tzinfo=UTC),
        published_precision="second",
    )
    assert (two.publisher, two.url) == ("noticias.example", "https://cryptopanic.com/news/2/two")
    assert two.published_at == datetime(2025, 3, 29, 0, 30, tzinfo=UTC)
    assert (three.publisher, three.url) == ("cryptopanic.com", "https://cryptopanic.com/news/3/three")
    assert three.published_at is None
    assert [reject.reason for reject in page.rejects] == [
        "date not understood",
        "item without title",
        "item without link",
        "item without title",
    ]


def test_pages_are_followed_back_to_the_windows_start_without_the_key(replay):
    def page(*posts, following=None):
        return json.dumps({"next": following, "results": posts}).encode()

    replay.serve(URL, page(post(1, "2025-03-29T01:30:00Z"), following=f"{URL}?auth_token=k3y&kind=news&page=2"))
    replay.serve(
        URL, page(post(2, "2025-03-28T23:30:00Z"), following=f"{URL}?auth_token=k3y&kind=news&page=3"), page="2"
    )
    with Transport(base_url=replay.base_url, environ={}) as transport:
        pulled = pull(SOURCE, WINDOW, transport.send)
    assert (pulled.error, [article.title for article in pulled.records]) == (None, ["T1", "T2"])
    assert [asked.query for asked in replay.asked] == [
        {"public": "true", "kind": "news"},
        {"public": "true", "kind": "news", "page": "2"},
    ]


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.test/api/growth/v2/posts/?auth_token=k3y&page=2",
        "http://cryptopanic.com/api/growth/v2/posts/?auth_token=k3y&page=2",
        "https://cryptopanic.com/api/growth/v2/other/?auth_token=k3y&page=2",
        "https://cryptopanic.com:8443/api/growth/v2/posts/?auth_token=k3y&page=2",
        "https://user@cryptopanic.com/api/growth/v2/posts/?auth_token=k3y",
        "https://[x",
        7,
    ],
)
def test_a_next_page_elsewhere_is_not_followed_and_said_without_the_key(link):
    page = parse({"next": link, "results": [post(1, "2025-03-29T01:30:00Z")]})
    assert page.next is None
    [reject] = page.rejects
    assert reject.reason == "next page is at another address, not followed"
    assert "k3y" not in reject.excerpt


def test_no_further_page_is_asked_for_where_none_is_needed():
    old = post(1, "2025-03-28T23:59:59Z")
    assert parse({"next": f"{URL}?page=2", "results": [old]}).next is None
    assert parse({"next": f"{URL}?page=2", "results": []}).next is None
    assert parse({"next": None, "results": [post(1, "2025-03-29T01:00:00Z")]}).next is None


def test_two_posts_of_one_article_are_one_and_a_reject():
    first, second = post(1, "2025-03-29T01:30:00Z"), post(2, "2025-03-29T01:20:00Z")
    first["original_url"] = second["original_url"] = "https://news.example/a"
    page = parse({"results": [first, second]})
    assert [article.title for article in page.records] == ["T1"]
    assert [(r.reason, r.excerpt) for r in page.rejects] == [
        ("same address as another item", "T2 https://news.example/a")
    ]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"status": "api_error", "info": "Token not found"}, Refused),
        ({"status": "Incomplete", "info": "API plan does not allow this"}, Refused),
        ({"status": "api_error", "info": "Rate limit exceeded"}, RateLimited),
        ({"results": None, "next": "https://cryptopanic.com/?auth_token=k3y"}, BadAnswer),
        ([], BadAnswer),
        (None, BadAnswer),
        (b"<!doctype html><title>Just a moment</title>", BadAnswer),
        (b"", BadAnswer),
    ],
)
def test_what_is_no_list_of_posts_is_an_error(answer, error):
    with pytest.raises(error, match=r"cryptopanic\.com") as caught:
        parse(answer)
    assert "k3y" not in str(caught.value)


@pytest.mark.shared
@pytest.mark.parametrize(("name", "count"), [("NEO", 20), ("generic", 20)])
def test_recorded_posts_of_the_old_shape(shared, name, count):
    body = (shared / f"recordings/cryptopanic/v1_posts_{name}_2018-01-18.json").read_bytes()
    posts = json.loads(body)["results"]
    page = parse(body, Window(datetime(2018, 1, 18, tzinfo=UTC), datetime(2018, 1, 19, tzinfo=UTC)))
    assert len(page.records) + len(page.rejects) == len(posts) + len(
        [r for r in page.rejects if "another address" in r.reason]
    )
    first = page.records[0]
    assert first.title == "NEO ($NEO) price is up 20.99%"
    assert first.published_at == datetime(2018, 1, 18, 9, 45, 28, 965353, tzinfo=UTC)
    assert first.publisher == "CoinMarketCap"
    assert first.summary == "This post is auto-generated based on coinmarketcap.com data."


def test_the_plan_is_part_of_the_path_and_the_key_of_none():
    assert CryptoPanic(plan="enterprise").first(WINDOW).url == "https://cryptopanic.com/api/enterprise/v2/posts/"
    assert CryptoPanic(currencies="BTC,ETH").first(WINDOW).params["currencies"] == "BTC,ETH"
    assert CryptoPanic.needs_key == "CRYPTOPANIC_API_KEY"
    assert "auth_token" not in str(SOURCE.first(WINDOW))
    for plan in ("", "../v1", "a/b", "Growth Weekly"):
        with pytest.raises(ValueError, match="plan"):
            CryptoPanic(plan=plan)
    assert (SOURCE.cadence_s, SOURCE.untrusted) == (900, True)
    assert pickle.loads(pickle.dumps(SOURCE)).first(WINDOW) == SOURCE.first(WINDOW)
