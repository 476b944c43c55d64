"""What every source of the registry keeps, each with a small answer of the shape it is given."""

from __future__ import annotations

import inspect
import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from connectors.errors import BadAnswer
from connectors.feeds import Feed
from connectors.records import Window
from connectors.registry import CHAINS, SOURCES, candles, chain, jobs

START = datetime(2025, 3, 29, tzinfo=UTC)
WINDOW = Window(START, START + timedelta(hours=2))
EVERY = pytest.mark.parametrize("name", SOURCES)
HTML = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>check</body></html>"


@pytest.fixture
def body(name, payloads):
    connector = SOURCES[name]
    if isinstance(connector, Feed):
        return (payloads / "bitcoinist_feed.xml").read_bytes()
    if name == "coingecko":
        return (payloads / "coingecko_global.json").read_bytes()
    rows = [[1743206400000, 84010.0, 84120.0, 83900.0, 84050.0, 12.5]]
    return json.dumps(rows).encode()


@EVERY
def test_has_a_docstring(name):
    assert len(inspect.getdoc(SOURCES[name]) or "") > 40


@EVERY
def test_limits_are_sane(name):
    limits = SOURCES[name].limits
    assert 0.2 <= limits.min_interval_s <= 60
    assert 1 <= limits.attempts <= 6
    assert 1 <= limits.timeout_s <= 60
    assert 1 <= limits.max_pages <= 5_000
    assert 100_000 <= limits.max_bytes <= 50_000_000


@EVERY
def test_first_is_pure_and_https(name):
    one, two = SOURCES[name].first(WINDOW), SOURCES[name].first(WINDOW)
    assert one == two
    assert one.asked_at == WINDOW.end
    assert urlsplit(one.url).scheme == "https"


@EVERY
def test_parse_is_deterministic_and_gives_this_source_in_utc(name, body):
    connector = SOURCES[name]
    request = connector.first(WINDOW)
    page = connector.parse(request, body)
    assert page == connector.parse(request, body)
    assert page.records
    for record in page.records:
        assert record.source == connector.source
        assert type(record) is connector.record
        for value in (getattr(record, field.name) for field in fields(record)):
            if isinstance(value, datetime):
                assert value.utcoffset() == timedelta(0)


BROKEN = {
    "empty": b"",
    "blank": b" \r\n ",
    "html": HTML,
    "html after a byte order mark": b"\xef\xbb\xbf\n" + HTML,
    "truncated json": b'{"data": {"total_market_cap": {"usd": 28',
    "not a number": b'{"data": NaN}',
    "another json": b'{"message": "moved"}',
    "json null": b"null",
    "json text": b'"hello"',
    "deep json": b"[" * 100_000,
    "binary": bytes(range(256)),
    "prose": b"Please limit requests to one every 5 seconds",
}


@EVERY
@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_body_is_a_bad_answer(name, broken):
    connector = SOURCES[name]
    with pytest.raises(BadAnswer) as caught:
        connector.parse(connector.first(WINDOW), broken)
    assert urlsplit(connector.first(WINDOW).url).netloc in str(caught.value)


@EVERY
@pytest.mark.parametrize("nothing", [b"", b" \r\n"])
def test_nothing_is_called_nothing(name, nothing):
    connector = SOURCES[name]
    with pytest.raises(BadAnswer, match="answered with nothing"):
        connector.parse(connector.first(WINDOW), nothing)


@EVERY
def test_a_web_page_is_called_one(name):
    connector = SOURCES[name]
    with pytest.raises(BadAnswer, match='web page titled "Just a moment'):
        connector.parse(connector.first(WINDOW), HTML)


@EVERY
def test_rejects_are_short(name):
    connector = SOURCES[name]
    request = connector.first(WINDOW)
    long = "x" * 5_000
    body = f'[["{long}", 1, 1, 1, 1, 1]]'
    if name == "coingecko":
        shares = {"market_cap_percentage": {"b": long}}
        body = json.dumps({"data": {"total_market_cap": {"usd": 1}, "updated_at": 1743206700, **shares}})
    if isinstance(connector, Feed):
        body = f"<rss version='2.0'><channel><item><description>{long}</description></item></channel></rss>"
    [reject] = connector.parse(request, body.encode()).rejects
    assert 0 < len(reject.excerpt) <= 200


def test_chains_name_sources_and_every_source_is_asked_once():
    asked = [connector for job in jobs().values() for connector in job]
    assert len(asked) == len(SOURCES)
    assert {id(c) for c in asked} == {id(c) for c in SOURCES.values()}
    assert [c.source for c in chain("candles-btc-usd")] == ["kraken", "coinbase", "bitstamp"]
    assert {c.symbol for n in CHAINS if n.startswith("candles") for c in chain(n)} == {"BTC/USD", "ETH/USD"}


def test_a_single_source_is_a_chain_of_one_and_an_unknown_name_says_which_there_are():
    assert chain("coindesk") == (SOURCES["coindesk"],)
    with pytest.raises(KeyError, match="cointelegraph"):
        chain("coin-desk")


def test_candles_of_any_symbol_come_from_the_same_three():
    assert [(c.source, c.symbol, c.interval) for c in candles("SOL/USD", "5m")] == [
        ("kraken", "SOL/USD", "5m"),
        ("coinbase", "SOL/USD", "5m"),
        ("bitstamp", "SOL/USD", "5m"),
    ]


def test_an_unknown_exchange_or_interval_is_refused_at_once():
    with pytest.raises(ValueError, match="3w"):
        candles("BTC/USD", "3w")
