"""What every source of the registry keeps, each with a small answer of the shape it is given."""

from __future__ import annotations

import inspect
import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from connectors.errors import BadAnswer, RateLimited, SourceError
from connectors.exchange_candles import ExchangeCandles
from connectors.feeds import Feed
from connectors.gdelt import Gdelt
from connectors.records import Window
from connectors.registry import DEFAULT, SOURCES

START = datetime(2025, 3, 29, tzinfo=UTC)
WINDOW = Window(START, START + timedelta(hours=2))
EVERY = pytest.mark.parametrize("name", SOURCES)
HTML = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>check</body></html>"
#: A small answer for every class of connector that is not an exchange.
PAYLOADS = {
    "Feed": "bitcoinist_feed.xml",
    "Gdelt": "gdelt_artlist.json",
    "CryptoPanic": "cryptopanic_posts.json",
    "CoinGeckoGlobal": "coingecko_global.json",
    "CoinGeckoMarkets": "coingecko_markets.json",
    "CoinGeckoChart": "coingecko_market_chart.json",
    "CoinMarketCapGlobal": "coinmarketcap_global.json",
    "CoinMarketCapListings": "coinmarketcap_listings.json",
    "CoinPaprikaGlobal": "coinpaprika_global.json",
    "CoinPaprikaTickers": "coinpaprika_tickers.json",
    "CoinLoreGlobal": "coinlore_global.json",
    "CoinLoreTickers": "coinlore_tickers.json",
    "CoinMetricsCaps": "coinmetrics_caps.json",
    "FearAndGreed": "alternative_me_fng.json",
}


@pytest.fixture
def body(name, payloads):
    connector = SOURCES[name]
    if isinstance(connector, ExchangeCandles):
        return json.dumps([[START.timestamp() * 1000, 84010.0, 84120.0, 83900.0, 84050.0, 12.5]]).encode()
    return (payloads / PAYLOADS[type(connector).__name__]).read_bytes()


@EVERY
def test_has_a_docstring(name):
    assert len(inspect.getdoc(SOURCES[name]) or "") > 40


@EVERY
def test_limits_are_sane(name):
    limits = SOURCES[name].limits
    assert 0.1 <= limits.min_interval_s <= 60
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
    # That sentence is how GDELT asks for patience.
    expected = RateLimited if isinstance(connector, Gdelt) and broken == BROKEN["prose"] else BadAnswer
    with pytest.raises(expected) as caught:
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
def test_rejects_are_short(name, body):
    """Each reject a payload's bad rows give, whatever is written over their texts."""
    connector = SOURCES[name]
    if isinstance(connector, Feed):
        body = b"<rss version='2.0'><channel><item><description>%s</description></item></channel></rss>" % (
            b"x" * 5_000
        )
    else:
        body = json.dumps(_long(json.loads(body))).encode()
    try:
        told = [reject.excerpt for reject in connector.parse(connector.first(WINDOW), body).rejects]
    except SourceError as error:  # the envelope itself is made of texts
        told = [str(error)[-200:]] if len(str(error)) < 1_000 else []
    assert told
    assert all(0 < len(text) <= 200 for text in told)


def _long(value):
    """The same shape, every text and number in it 5,000 letters long."""
    if isinstance(value, dict):
        return {key: _long(held) for key, held in value.items()}
    if isinstance(value, list):
        return [_long(held) for held in value]
    return "x" * 5_000


def test_every_source_has_a_name_of_its_own_and_every_chain_brings_one_kind_of_row():
    assert len({id(connector) for connector in SOURCES.values()}) == len(SOURCES)
    for chain in DEFAULT.chains:
        assert len({source.connector.record for source in DEFAULT.chain(chain)}) == 1


def test_every_enabled_source_is_in_exactly_one_job():
    asked = [source.name for sources in DEFAULT.jobs().values() for source in sources]
    assert sorted(asked) == sorted(name for name, source in DEFAULT.sources.items() if source.enabled)


@EVERY
def test_the_cadence_is_a_span_and_a_key_is_a_variables_name(name):
    source = DEFAULT.source(name)
    assert 60 <= source.cadence_s <= 7 * 86_400
    assert source.needs_key is None or source.needs_key.isupper()


def test_an_unknown_exchange_or_interval_is_refused_at_once():
    with pytest.raises(ValueError, match="3w"):
        ExchangeCandles("kraken", "BTC/USD", "3w")
