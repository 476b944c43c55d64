"""Whatever one source answers with, the others are stored, and the run says in one sentence what was wrong."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime

import pytest
from replay import Answer

from connectors.coingecko import CoinGeckoGlobal
from connectors.contained import Contained
from connectors.feeds import Feed
from connectors.records import Limits
from connectors.registry import DEFAULT, sender
from connectors.transport import Transport
from data import queries
from data.refresh import refresh

NOW = datetime(2026, 11, 1, tzinfo=UTC)
COINDESK, BITCOINIST = "https://www.coindesk.com/arc/outboundfeeds/rss", "https://bitcoinist.com/feed/"
COINGECKO = "https://api.coingecko.com/api/v3/global"
HTML = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>check</body></html>"
TOO_MANY = {"status": {"error_code": 429, "error_message": "You have exceeded the rate limit"}}
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12))
    + b"]><rss version='2.0'><channel><title>&m;</title><item><title>&m;</title>"
    + b"<link>https://x.example/1</link></item></channel></rss>"
)


def raw(*lines: str, drip_s: float = 0.0) -> Answer:
    return Answer("\r\n".join(lines).encode(), raw=True, drip_s=drip_s)


#: What CoinDesk's feed answers with, and words of the sentence that the run then holds.
FEED_FAULTS = {
    "429": (Answer(b"", 429), "asked too often"),
    "429, wait an hour": (Answer(b"", 429, {"Retry-After": "3600"}), "try again in 3600 s"),
    "401": (Answer(b"", 401), "wants a key"),
    "402": (Answer(b"", 402), "wants a paid plan"),
    "403": (Answer(HTML, 403), "refuses this network"),
    "451": (Answer(b"", 451), "does not serve this country"),
    "a web page as 200": (Answer(HTML), "a web page titled"),
    "500 with a whole feed": (Answer(b"<rss version='2.0'><channel/></rss>", 500), "in trouble itself"),
    "empty": (Answer(b""), "answered with nothing"),
    "hung": (Answer(b"", after_s=30), "did not answer completely within"),
    "headers by the drop": (raw("HTTP/1.1 200 OK", "X-A: " + "a" * 500, "", "", drip_s=0.1), "within 0.5 s"),
    "body by the drop": (Answer(b"<rss>" + b" " * 500, drip_s=0.1), "within 0.5 s"),
    "cut short": (Answer(b"<rss version='2.0'>", 200, {"Content-Length": "5000"}), "broke"),
    "redirects in a loop": (Answer(b"", 302, {"Location": COINDESK}), "redirects more than 5 times"),
    "redirect to a private address": (
        Answer(b"", 302, {"Location": "http://169.254.169.254/latest"}),
        "169.254.169.254 is a link-local address",
    ),
    "redirect to a private host": (Answer(b"", 302, {"Location": "https://10.0.0.7/"}), "10.0.0.7"),
    "redirect to a file": (Answer(b"", 302, {"Location": "file:///etc/passwd"}), "not an http or https address"),
    "not a feed": (Answer(b"<opml version='2.0'></opml>"), "not a feed"),
    "longer than we hold": (Answer(b"<rss>" + b" " * 2_000_000), "more than 1,000,000 bytes"),
}
#: The same for CoinGecko's JSON.
JSON_FAULTS = {
    "429 in a 200": (Answer(json.dumps(TOO_MANY).encode()), "asked too often"),
    "cut JSON": (Answer(b'{"data": {"total_market_cap": {"us'), "broken JSON"),
    "500 with whole JSON": (Answer(b'{"data": {}}', 500), "in trouble itself"),
    "a web page as 200": (Answer(HTML), "a web page titled"),
    "another shape": (Answer(b'{"data": []}'), "without its"),
    "empty": (Answer(b""), "answered with nothing"),
    "a lone surrogate": (Answer(b'{"error": "\\ud800"}'), "answered an error"),
}


@pytest.fixture
def refreshed(lake, replay, payloads, monkeypatch):
    """Refresh CoinDesk, CoinGecko and Bitcoinist; what came of each. Only Bitcoinist is always well."""
    for connector in (Feed, CoinGeckoGlobal):
        short = dataclasses.replace(
            connector.limits, min_interval_s=0.0, timeout_s=0.5, attempts=2, max_bytes=1_000_000
        )
        monkeypatch.setattr(connector, "limits", short)
    assert Limits().timeout_s > 0.5
    replay.serve(COINDESK, payloads / "bitcoinist_feed.xml")
    replay.serve(BITCOINIST, payloads / "bitcoinist_feed.xml")
    replay.serve(COINGECKO, payloads / "coingecko_global.json")

    def refreshed():
        with Transport(base_url=replay.base_url, environ={}) as transport, Contained() as contained:
            jobs = DEFAULT.jobs(["coindesk", "coingecko", "bitcoinist"])
            taken = refresh(lake, jobs, sender(transport, paced=False), now=NOW, parse=contained.parse)
            return {one.source: one for one in taken}

    return refreshed


@pytest.mark.parametrize(("answer", "words"), FEED_FAULTS.values(), ids=FEED_FAULTS.keys())
def test_a_feeds_fault_is_one_sentence_and_costs_nobody_else(refreshed, lake, replay, answer, words):
    replay.serve(COINDESK, answer)
    taken = refreshed()
    assert words in taken["coindesk"].error
    assert taken["coindesk"].error in set(queries.runs(lake.pin())["error"].dropna())
    assert taken["bitcoinist"].counts.new == 2
    assert taken["coingecko"].counts.new == 3
    assert set(queries.export(lake.pin(), "articles")["source"]) == {"bitcoinist"}
    assert queries.cursor(lake.pin(), "coindesk") is None


@pytest.mark.parametrize(("answer", "words"), JSON_FAULTS.values(), ids=JSON_FAULTS.keys())
def test_a_json_sources_fault_is_one_sentence_and_costs_nobody_else(refreshed, lake, replay, answer, words):
    replay.serve(COINGECKO, answer)
    taken = refreshed()
    assert words in taken["coingecko"].error
    assert taken["coindesk"].counts.new + taken["bitcoinist"].counts.new == 2  # the same two articles in both
    assert queries.row_count(lake.pin(), "market_caps") == 0


def test_a_fault_that_passes_is_asked_again_and_leaves_no_error(refreshed, replay, payloads):
    replay.serve(COINDESK, Answer(b"", 503), Answer(payloads / "bitcoinist_feed.xml"))
    assert refreshed()["coindesk"].error is None


def test_laughs_and_a_hundred_thousand_items_end_and_are_counted(refreshed, lake, replay, monkeypatch):
    monkeypatch.setattr(Feed, "limits", dataclasses.replace(Feed.limits, max_bytes=20_000_000, timeout_s=20.0))
    items = b"".join(
        b"<item><title>t%d</title><link>https://x.example/%d</link></item>" % (n, n) for n in range(100_000)
    )
    replay.serve(COINDESK, b"<rss version='2.0'><channel><title>X</title>%s</channel></rss>" % items)
    taken = refreshed()
    assert taken["coindesk"].counts.new == 2_000
    assert "100,000 items, the first 2,000 read, 98,000 left out" in {r.excerpt for r in taken["coindesk"].rejects}

    replay.serve(COINDESK, LAUGHS)
    laughed = refreshed()["coindesk"]
    assert laughed.error or laughed.counts.new <= 1
    titles = queries.export(lake.pin(), "articles")["title"]
    assert max(map(len, titles)) < 10_000
