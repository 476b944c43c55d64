"""Windows of several pages, answered by servers that keep to their exchanges' documentation.

1483228800 is 2017-01-01 00:00 UTC, a Sunday. The series are synthetic: a bar each step, but for a hole.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import ccxt
import exchange_servers as servers  # pytest puts this folder on sys.path
import pytest
from exchange_servers import AT, OKX_NEWEST, SERVERS

from connectors.errors import BadAnswer
from connectors.exchanges import INTERVAL_S, QUIRKS, ExchangeCandles
from connectors.pace import Pace
from connectors.pull import pull
from connectors.records import Window
from connectors.registry import sender
from connectors.transport import Transport

T0 = 1_483_228_800
PAGE = {"coinbase": 300, "bitstamp": 1_000, "binance": 1_000, "okx": 100, "bitfinex": 10_000, "kucoin": 1_500}
BITFINEX = "https://api-pub.bitfinex.com/v2/candles/trade:{}:tBTCUSD/hist"
INTERVAL_NAME = {  # of 1m, 5m, 1h, 1d, from the documentation that exchange_quirks names
    "coinbase": ("ONE_MINUTE", "FIVE_MINUTE", "ONE_HOUR", "ONE_DAY"),
    "bitstamp": ("60", "300", "3600", "86400"),
    "binance": ("1m", "5m", "1h", "1d"),
    "okx": ("1m", "5m", "1H", "1Dutc"),  # 1D opens at 16:00 UTC
    "bitfinex": tuple(BITFINEX.format(name) for name in ("1m", "5m", "1h", "1D")),
    "kucoin": ("1min", "5min", "1hour", "1day"),
}
EACH = pytest.mark.parametrize("exchange", PAGE)


@pytest.fixture
def send(replay):
    with Transport(base_url=replay.base_url, environ={}) as transport:
        yield sender(transport, paced=False)


@pytest.fixture
def serve(replay, payloads):
    def serve(exchange, answer, interval="1m"):
        replay.serve(AT[exchange].markets, payloads / AT[exchange].files[0])
        named = {"1d": "1D"}.get(interval, interval)
        replay.serve(BITFINEX.format(named) if exchange == "bitfinex" else AT[exchange].candles, answer)

    return serve


@pytest.fixture
def at_noon(monkeypatch):
    """ccxt picks OKX's endpoint by the wall clock: it is 2017-06-01 12:00 UTC."""
    now = 1_496_318_400
    monkeypatch.setattr(ccxt.Exchange, "milliseconds", staticmethod(lambda: now * 1000))
    return now


def utc(seconds):
    return datetime.fromtimestamp(seconds, UTC)


def pull_at_once(exchange, interval, window, send):
    connector = ExchangeCandles(exchange, AT[exchange].symbol, interval)
    return pull(connector, window, send, pace=Pace(sleep=lambda _: None))


def opens(pulled):
    return [int(candle.open_time.timestamp()) for candle in pulled.records]


def with_a_hole(first, last, step, page):
    """All but half a page across the end of the second page, the first bar of the third page included."""
    hole = range(first + (2 * page - page // 4) * step, first + (2 * page + page // 4) * step, step)
    return [at for at in range(first - page * step, last + page * step, step) if at not in hole]


@EACH
def test_every_bar_of_a_window_of_several_pages_comes_once_in_order_of_time(serve, send, exchange):
    """Three pages and a bit of minutes. The series goes on for a page on both sides of the window."""
    page = PAGE[exchange]
    last = T0 + (3 * page + page // 3) * 60
    series = with_a_hole(T0, last, 60, page)
    serve(exchange, SERVERS[exchange](series))
    pulled = pull_at_once(exchange, "1m", Window(utc(T0), utc(last)), send)
    assert pulled.error is None
    assert pulled.rejects == ()
    assert len(pulled.pages) == 4
    assert opens(pulled) == [at for at in series if T0 <= at < last]
    assert [candle.volume for candle in pulled.records] == [n for n, at in enumerate(series) if T0 <= at < last]
    assert {(c.open, c.high, c.low, c.close) for c in pulled.records} == {(2.0, 4.0, 1.0, 3.0)}
    assert {c.source for c in pulled.records} == {exchange}


@EACH
@pytest.mark.parametrize("interval", INTERVAL_S)
def test_each_interval_is_asked_for_by_the_exchanges_name_for_it(replay, serve, send, exchange, interval):
    step = INTERVAL_S[interval]
    serve(exchange, SERVERS[exchange](range(T0 - step, T0 + 5 * step, step)), interval)
    pulled = pull_at_once(exchange, interval, Window(utc(T0), utc(T0 + 3 * step)), send)
    assert opens(pulled) == [T0, T0 + step, T0 + 2 * step]
    asked = replay.asked[-1]
    assert INTERVAL_NAME[exchange][list(INTERVAL_S).index(interval)] in (*asked.query.values(), asked.url)
    assert ExchangeCandles(exchange, AT[exchange].symbol, interval).cadence_s == step


def test_kucoins_pages_are_whole_whether_or_not_its_end_counts(serve, send):
    last = T0 + 3_200 * 60
    series = range(T0 - 60, last + 60, 60)
    for end_counts in (True, False):
        serve("kucoin", servers.kucoin(series, end_counts=end_counts))
        pulled = pull_at_once("kucoin", "1m", Window(utc(T0), utc(last)), send)
        assert opens(pulled) == list(range(T0, last, 60))


@pytest.mark.parametrize("cap", [100, 300])
def test_okx_is_asked_at_two_addresses_and_no_bar_between_them_is_lost(replay, serve, send, at_noon, cap):
    """The newest 1,440 minutes at the one, all closed ones at the other, 100 or 300 a page: both were documented."""
    every = range(at_noon - 3_000 * 60, at_noon + 60, 60)  # the last one is unfinished
    serve("okx", servers.okx(every[:-1], cap))
    replay.serve(OKX_NEWEST, servers.okx(every[-1_440:], 300))
    window = Window(utc(at_noon - 2_000 * 60), utc(at_noon + 30))
    pulled = pull_at_once("okx", "1m", window, send)
    assert pulled.error is None
    assert opens(pulled) == list(range(at_noon - 2_000 * 60, at_noon, 60))
    assert {OKX_NEWEST, AT["okx"].candles} <= set(replay.urls())


@EACH
def test_a_days_pull_over_all_years_finds_the_exchanges_first_day(replay, serve, send, monkeypatch, exchange):
    """Listed on 2017-08-17 (1502928000), asked on 2025-03-29 01:30 from the day of Bitcoin's first block.

    Both kinds: Binance and Bitfinex give the first bars from a start, the others the newest before an end.
    """
    now = 1_743_206_400 + 5_400
    monkeypatch.setattr(ccxt.Exchange, "milliseconds", staticmethod(lambda: now * 1000))
    days = range(1_502_928_000, now, 86_400)
    serve(exchange, SERVERS[exchange](days), "1d")
    replay.serve(OKX_NEWEST, servers.okx(days[-1_440:], 300))
    connector = ExchangeCandles(exchange, AT[exchange].symbol, "5m").daily()
    window = Window(datetime(2009, 1, 3, tzinfo=UTC), utc(now))
    pulled = pull(connector, window, send, pace=Pace(sleep=lambda _: None))
    assert pulled.error is None
    assert pulled.records[0].open_time == datetime(2017, 8, 17, tzinfo=UTC)
    assert opens(pulled) == list(days[:-1])  # the last day is not over


def test_krakens_days_say_that_they_begin_later_than_the_exchange(replay, payloads, send):
    """720 closed days before 2025-03-29 begin on 2023-04-09."""
    days = range(1_743_206_400 - 3_000 * 86_400, 1_743_206_400 + 1, 86_400)
    replay.serve(AT["kraken"].markets, payloads / "kraken_assetpairs.json")
    replay.serve(AT["kraken"].candles, servers.kraken(days))
    pulled = pull_at_once("kraken", "1d", Window(datetime(2009, 1, 3, tzinfo=UTC), utc(1_743_206_400)), send)
    assert pulled.error is None
    assert len(pulled.records) == 720
    assert pulled.records[0].open_time == pulled.reached == datetime(2023, 4, 9, tzinfo=UTC)


@EACH
def test_an_exchange_that_goes_round_in_circles_is_a_bad_answer_not_a_gap(serve, send, exchange):
    """It ignores the span, and gives its newest bars for every page."""
    page = PAGE[exchange]
    last = T0 + 3 * page * 60
    answer = SERVERS[exchange](range(last - page * 60, last, 60))
    wide = {"start": 0, "end": 10**15, "startTime": 0, "endTime": 10**15, "startAt": 0, "endAt": 10**12}
    wide |= {"before": 0, "after": 10**15, "limit": page, "sort": -1}
    serve(exchange, lambda query: answer({**query, **{k: str(v) for k, v in wide.items() if k in query}}))
    pulled = pull_at_once(exchange, "1m", Window(utc(T0), utc(last)), send)
    assert isinstance(pulled.error, BadAnswer)
    assert "did not heed the span" in str(pulled.error)
    assert pulled.records == ()


def test_a_full_page_that_runs_past_its_span_may_have_lost_its_beginning(serve, send):
    """300 bars, of which the span's first 10 are not, and the 10 after its end are."""
    late = servers.coinbase(range(T0 + 600, T0 + 310 * 60, 60))
    serve("coinbase", lambda query: late({**query, "end": "9999999999"}))
    pulled = pull_at_once("coinbase", "1m", Window(utc(T0), utc(T0 + 400 * 60)), send)
    assert isinstance(pulled.error, BadAnswer)
    assert "gave 10 of 300 from later" in str(pulled.error)


@EACH
def test_a_bar_in_which_nothing_traded_is_kept_as_sent_and_none_is_made_up(serve, send, exchange):
    """Volume 0 is the first bar of a series here; the second minute is missing, before it and after."""
    serve(exchange, SERVERS[exchange]([T0, T0 + 120]))
    pulled = pull_at_once(exchange, "1m", Window(utc(T0), utc(T0 + 180)), send)
    assert [(c.open_time, c.volume) for c in pulled.records] == [(utc(T0), 0.0), (utc(T0 + 120), 1.0)]
    assert QUIRKS[exchange].idle in ("missing", "repeats last price with volume 0")


@EACH
def test_no_bar_in_a_window_is_no_error(serve, send, exchange):
    serve(exchange, SERVERS[exchange]([T0 + 10**6]))
    pulled = pull_at_once(exchange, "1m", Window(utc(T0), utc(T0 + 180)), send)
    assert (pulled.error, pulled.records, pulled.rejects) == (None, (), ())


@EACH
def test_pages_are_as_long_as_ccxt_says_the_exchange_gives(exchange):
    """OKX gives 300 now; 100 is right by its older documentation, too."""
    features = getattr(ccxt, exchange)().features["spot"]["fetchOHLCV"]["limit"]
    assert QUIRKS[exchange].bars == PAGE[exchange] == (100 if exchange == "okx" else features)


def test_a_window_may_begin_anywhere(serve, send):
    serve("binance", servers.binance(range(T0, T0 + 6_000, 60)))
    window = Window(utc(T0) + timedelta(seconds=1), utc(T0) + timedelta(minutes=3, seconds=59))
    assert opens(pull_at_once("binance", "1m", window, send)) == [T0 + 60, T0 + 120]


def test_the_mirrors_markets_are_asked_for_without_their_long_permissions(replay, serve, send):
    serve("binance", json.dumps([]).encode())
    pull_at_once("binance", "1m", Window(utc(T0), utc(T0 + 60)), send)
    [asked] = [a for a in replay.asked if a.url == AT["binance"].markets]
    assert asked.query == {"showPermissionSets": "false"}
    assert not [url for url in replay.urls() if "data-api.binance.vision" not in url]
