"""Candles through the real ccxt classes, answered on loopback.

1743206400 is 2025-03-29 00:00 UTC. The written payloads hold three 1h bars from there: the third, 02:00 to
03:00, is unfinished in a window that ends at 02:30.
"""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from exchange_servers import AT, OKX_NEWEST  # pytest puts this folder on sys.path
from hypothesis import given
from hypothesis import strategies as st
from replay import Answer

from connectors.errors import BadAnswer, Refused
from connectors.exchanges import ExchangeCandles, ExchangeSender
from connectors.pace import Pace
from connectors.pull import pull, pull_chain
from connectors.records import Answer as Answered
from connectors.records import Candle, Limits, Request, Window
from connectors.registry import DEFAULT, sender
from connectors.transport import Transport

START = datetime(2025, 3, 29, tzinfo=UTC)
HOUR = timedelta(hours=1)
WINDOW = Window(START, START + timedelta(hours=2, minutes=30))
EACH = pytest.mark.parametrize("exchange", AT)


@pytest.fixture
def serve(replay, payloads):
    """``serve("kraken", candles=[Answer(...)])``: the written payloads, or something in their place."""

    def serve(exchange, markets=None, candles=None):
        at = AT[exchange]
        replay.serve(at.markets, *(markets or [payloads / at.files[0]]))
        replay.serve(at.candles, *(candles or [payloads / at.files[1]]))

    return serve


@pytest.fixture
def send(replay):
    with Transport(base_url=replay.base_url, environ={}) as transport:
        yield sender(transport, paced=False)


def pull_at_once(connector, send, window=WINDOW):
    return pull(connector, window, send, pace=Pace(sleep=lambda _: None))


def hours_of(exchange):
    return ExchangeCandles(exchange, AT[exchange].symbol, "1h")


@EACH
def test_closed_candles_come_out_in_time_order(serve, send, exchange):
    serve(exchange)
    pulled = pull_at_once(hours_of(exchange), send)
    assert pulled.error is None
    assert pulled.rejects == ()
    symbol = AT[exchange].symbol
    assert pulled.records == (
        Candle(exchange, symbol, "1h", START, 84010.0, 84120.0, 83900.0, 84050.0, 12.5),
        Candle(exchange, symbol, "1h", START + HOUR, 84050.0, 84300.0, 84000.0, 84200.0, 7.25),
    )


@EACH
def test_a_bar_is_closed_at_the_second_it_ends(serve, send, exchange):
    connector = hours_of(exchange)
    for end, opens in ((3 * HOUR, 3), (3 * HOUR - timedelta(seconds=1), 2)):
        serve(exchange)
        assert len(pull_at_once(connector, send, Window(START, START + end)).records) == opens


@EACH
def test_bars_before_the_window_stay_out(serve, send, exchange):
    serve(exchange)
    window = Window(START + timedelta(minutes=1), WINDOW.end)
    pulled = pull_at_once(hours_of(exchange), send, window)
    assert [candle.open_time for candle in pulled.records] == [START + HOUR]


def test_kraken_is_asked_once_and_says_how_far_it_reaches(replay, serve, send):
    serve("kraken")
    connector = ExchangeCandles("kraken", "BTC/USD", "1h")
    pulled = pull_at_once(connector, send, Window(START - 5000 * HOUR, WINDOW.end))
    assert len(pulled.records) == 2
    assert connector.reach == timedelta(days=30)
    assert replay.urls().count(AT["kraken"].candles) == 1


def test_a_window_before_what_kraken_has_is_refused(serve, send):
    serve("kraken")
    pulled = pull_at_once(ExchangeCandles("kraken", "BTC/USD"), send, Window(START - 9 * HOUR, START - 5 * HOUR))
    assert isinstance(pulled.error, Refused)
    assert "2025-03-29 00:00 UTC" in str(pulled.error)


def test_kraken_means_the_open_market_though_its_dark_pool_has_the_same_symbol(replay, serve, send):
    serve("kraken")
    assert pull_at_once(ExchangeCandles("kraken", "BTC/USD"), send).records
    [asked] = [a for a in replay.asked if a.url == AT["kraken"].candles]
    assert asked.query["pair"] == "XXBTZUSD"


def test_markets_are_looked_up_once_for_two_symbols(replay, serve, send):
    serve("kraken")
    pull_at_once(ExchangeCandles("kraken", "BTC/USD"), send)
    pull_at_once(ExchangeCandles("kraken", "ETH/USD"), send)
    assert replay.urls().count(AT["kraken"].markets) == 1


def test_threads_may_share_a_sender(replay, serve, send):
    """A refresh pulls its sources at once; two symbols of one exchange must not get each other's answers."""
    serve("kraken")
    ether = b'{"error": [], "result": {"XETHZUSD": [[1743206400, "1", "2", "1", "2", "1", "3", 1]], "last": 0}}'
    replay.serve(AT["kraken"].candles, Answer(ether, after_s=0.2), pair="XETHZUSD")
    connectors = [ExchangeCandles("kraken", symbol) for symbol in ("BTC/USD", "ETH/USD")]
    with ThreadPoolExecutor(2) as pool:
        btc, eth = pool.map(lambda connector: pull_at_once(connector, send), connectors)
    assert (btc.error, eth.error) == (None, None)
    assert [candle.open for candle in btc.records] == [84010.0, 84050.0]
    assert [candle.open for candle in eth.records] == [1.0]
    assert replay.urls().count(AT["kraken"].markets) == 1


@EACH
def test_a_symbol_that_is_not_listed_is_refused_and_looked_up_anew(replay, serve, send, exchange):
    serve(exchange)
    pulled = pull_at_once(ExchangeCandles(exchange, "DOGE/GBP"), send)
    assert isinstance(pulled.error, Refused)
    assert "DOGE/GBP" in str(pulled.error)
    assert pull_at_once(hours_of(exchange), send).records
    assert replay.urls().count(AT[exchange].markets) >= 2


def test_rows_outside_the_window_stay_out_whoever_sends_them():
    """2025-03-28 23:00, 2025-03-29 00:00, 02:00 (closes at 03:00, after the window)."""
    connector = ExchangeCandles("kraken", "BTC/USD", "1h")
    rows = [[1743206400000 + n * 3_600_000, 2, 3, 1, 2, n] for n in (-1, 0, 2)]
    page = connector.parse(connector.first(WINDOW), json.dumps(rows).encode())
    assert [candle.volume for candle in page.records] == [0.0]


def test_a_number_beyond_all_bounds_is_a_reject():
    connector = ExchangeCandles("kraken", "BTC/USD", "1h")
    body = b"[[1743206400000, 1e999, 1, 1, 1, 1], [1743210000000, 2, 3, 1, 2, 0]]"
    page = connector.parse(connector.first(WINDOW), body)
    assert (len(page.records), len(page.rejects)) == (1, 1)


def test_a_chain_falls_through_with_the_reasons(serve, send):
    serve("kraken", candles=[b"<html>no</html>"])
    serve("coinbase", markets=[Answer(b"blocked", 403)])
    serve("bitstamp")
    connectors = [source.connector for source in DEFAULT.chain("candles-btc-usd")]
    tried = pull_chain(connectors, WINDOW, lambda connector, window: pull_at_once(connector, send, window))
    assert [(p.source, type(p.error), len(p.records)) for p in tried] == [
        ("kraken", BadAnswer, 0),
        ("coinbase", Refused, 0),
        ("bitstamp", type(None), 2),
    ]


@pytest.mark.parametrize(
    "row",
    [
        [1743206400000, None, 1, 1, 1, 1],
        [None] * 6,
        [1743206400000, 1, 1, 1, 1],
        [1743206400000, "1", 1, 1, 1, 1],
        [1743206400000, True, 1, 1, 1, 1],
        [1743206460000, 1, 1, 1, 1, 1],
        [1743206400, 1, 1, 1, 1, 1],
        [10**30, 1, 1, 1, 1, 1],
        "row",
        {},
    ],
)
def test_a_row_that_is_no_candle_is_a_reject_beside_the_others(row):
    connector = ExchangeCandles("coinbase", "BTC/USD", "1h")
    good = [1743206400000, 2, 3, 1, 2.5, 0]
    page = connector.parse(connector.first(WINDOW), json.dumps([row, good]).encode())
    assert [candle.close for candle in page.records] == [2.5]
    assert len(page.rejects) == 1


@pytest.mark.shared
def test_recorded_kraken_minutes(shared, replay, send):
    """OHLC of XBTUSDT, read by eye: first row 1762777020 (2025-11-10 12:17 UTC) at 106038.2, last row
    1762820220 unfinished ("last" in the payload is 1762820160); 721 rows, so 720 are closed."""
    replay.serve_recorded(shared, "kraken/AssetPairs_few_nautilus.json", "kraken/OHLC_full_nautilus.json")
    window = Window(datetime.fromtimestamp(1762777020, UTC), datetime.fromtimestamp(1762820230, UTC))
    pulled = pull_at_once(ExchangeCandles("kraken", "BTC/USDT", "1m"), send, window)
    assert pulled.error is None
    assert len(pulled.records) == 720
    assert pulled.records[0].open_time == datetime(2025, 11, 10, 12, 17, tzinfo=UTC)
    assert pulled.records[0].open == 106038.2
    assert pulled.records[-1].open_time == datetime.fromtimestamp(1762820160, UTC)
    assert (
        sum(candle.volume == 0 for candle in pulled.records) == 215
    )  # 216 in the payload have no trades, the last one among them


@pytest.mark.shared
def test_recorded_kraken_pairs_of_2021_with_dark_pools(shared, replay, send):
    """1502402520 is 2017-08-10 22:02 UTC: row by eye 3449.992, 3449.999, 3449.992, 3449.999, 1.012."""
    replay.serve_recorded(shared, "kraken/AssetPairs_2021-04-17.json", "kraken/OHLC_full_xchange.json")
    window = Window(datetime.fromtimestamp(1502402520, UTC), datetime.fromtimestamp(1502402640, UTC))
    pulled = pull_at_once(ExchangeCandles("kraken", "BTC/USD", "1m"), send, window)
    assert pulled.records[0] == Candle(
        "kraken", "BTC/USD", "1m", datetime(2017, 8, 10, 22, 2, tzinfo=UTC),
        3449.992, 3449.999, 3449.992, 3449.999, 1.012,
    )  # fmt: skip
    assert len(pulled.records) == 2


@pytest.mark.shared
def test_recorded_coinbase_hours(shared, replay, send):
    """By eye: 1712188800 is 2024-04-04 00:00 UTC; the payload is newest first."""
    replay.serve_recorded(shared, "coinbase/products_advanced_nautilus.json", "coinbase/candles_advanced_nautilus.json")
    start = datetime(2024, 4, 4, tzinfo=UTC)
    pulled = pull_at_once(ExchangeCandles("coinbase", "BTC/USD", "1h"), send, Window(start, start + 2 * HOUR))
    assert pulled.records == (
        Candle("coinbase", "BTC/USD", "1h", start, 65984.18, 66387.77, 65857.35, 66314.59, 358.74851052),
        Candle("coinbase", "BTC/USD", "1h", start + HOUR, 66312.4, 66331.99, 66055.14, 66181.6, 355.82896243),
    )


@pytest.mark.shared
def test_recorded_binance_hours(shared, replay, send):
    """By eye: 1770523200 is 2026-02-08 04:00 UTC. Three hours, of which the third is unfinished at 06:30."""
    replay.serve_recorded(shared, "binance/exchangeInfo_2021-10-12.json", url=AT["binance"].markets)
    replay.serve_recorded(shared, "binance/fetch_ohlcv_BTC_USDT_2026-02.json", url=AT["binance"].candles)
    start = datetime(2026, 2, 8, 4, tzinfo=UTC)
    window = Window(start, start + timedelta(hours=2, minutes=30))
    assert pull_at_once(ExchangeCandles("binance", "BTC/USDT", "1h"), send, window).records == (
        Candle("binance", "BTC/USDT", "1h", start, 69100.0, 69372.06, 68952.01, 69340.16, 390.41434),
        Candle("binance", "BTC/USDT", "1h", start + HOUR, 69340.15, 69422.43, 69146.47, 69220.52, 386.01063),
    )


@pytest.mark.shared
def test_recorded_okx_hours(shared, replay, send):
    """By eye, the same hours on OKX; newest first, volume in BTC sixth, the last field 0 on the unfinished one."""
    replay.serve_recorded(shared, "okx/instruments_SPOT_2022-05-13.json")
    for url in (OKX_NEWEST, AT["okx"].candles):  # which one is asked is a matter of today's date
        replay.serve_recorded(shared, "okx/fetch_ohlcv_BTC_USDT_2026-02.json", url=url)
    start = datetime(2026, 2, 8, 4, tzinfo=UTC)
    window = Window(start, start + timedelta(hours=2, minutes=30))
    assert pull_at_once(ExchangeCandles("okx", "BTC/USDT", "1h"), send, window).records == (
        Candle("okx", "BTC/USDT", "1h", start, 69101.1, 69370.3, 68971.0, 69345.7, 159.66146446),
        Candle("okx", "BTC/USDT", "1h", start + HOUR, 69345.6, 69420.0, 69149.6, 69222.8, 193.69239203),
    )


@pytest.mark.shared
def test_recorded_okx_minutes(shared, replay, send, payloads):
    """By eye: 1747093980 is 2025-05-12 23:53 UTC. (The recording is of a contract, counted in contracts.)"""
    replay.serve(AT["okx"].markets, payloads / "okx_instruments.json")
    replay.serve_recorded(shared, "okx/candles_nautilus.json", url=AT["okx"].candles)
    start = datetime(2025, 5, 12, 23, 53, tzinfo=UTC)
    window = Window(start, start + timedelta(minutes=2))
    pulled = pull_at_once(ExchangeCandles("okx", "BTC/USDT", "1m"), send, window)
    assert [(c.open_time, c.open, c.high, c.low, c.close) for c in pulled.records] == [
        (start, 102806.0, 102820.5, 102783.1, 102806.1),
        (start + timedelta(minutes=1), 102806.1, 102820.4, 102806.1, 102820.4),
    ]


@pytest.mark.shared
def test_recorded_kucoin_symbols_of_2021(shared, replay, send, payloads):
    replay.serve_recorded(shared, "kucoin/symbols_2021-04-25.json", url=AT["kucoin"].markets)
    replay.serve(AT["kucoin"].candles, payloads / "kucoin_candles.json", symbol="REQ-ETH")
    pulled = pull_at_once(ExchangeCandles("kucoin", "REQ/ETH", "1h"), send)
    assert [candle.volume for candle in pulled.records] == [12.5, 7.25]


@pytest.mark.shared
def test_recorded_bitfinex_pairs_of_2021(shared, replay, send, payloads):
    """The names are recorded (AVAX:USD is the 16th), the limits of each pair are not; ccxt asks for both."""
    [names] = json.loads((shared / "recordings/bitfinex/conf_pub_list_pair_2021-04-17.json").read_text())
    limits = [None, None, None, "0.1", "100.0", None, None, None, 0.1, 0.05]
    replay.serve(AT["bitfinex"].markets, json.dumps([[[name, limits] for name in names], [], [], []]).encode())
    avax = "https://api-pub.bitfinex.com/v2/candles/trade:1h:tAVAX:USD/hist"
    replay.serve(avax, payloads / "bitfinex_candles.json")
    pulled = pull_at_once(ExchangeCandles("bitfinex", "AVAX/USD", "1h"), send)
    assert [candle.close for candle in pulled.records] == [84050.0, 84200.0]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("exchange", "candles"),
    [
        ("bitstamp", "https://www.bitstamp.net/api/v2/ohlc/btcusdt/"),
        ("bitfinex", "https://api-pub.bitfinex.com/v2/candles/trade:1h:tBTCUST/hist"),
    ],
)
def test_ccxts_own_examples(shared, replay, send, payloads, exchange, candles):
    example = json.loads((shared / f"recordings/ccxt_static/{exchange}.json").read_text())["methods"]["fetchOHLCV"]
    [[ms, *values]] = example["parsedResponse"]
    replay.serve(AT[exchange].markets, payloads / AT[exchange].files[0])
    replay.serve(candles, json.dumps(example["httpResponse"]).encode())
    start = datetime.fromtimestamp(ms / 1000, UTC)
    pulled = pull_at_once(ExchangeCandles(exchange, "BTC/USDT"), send, Window(start, start + HOUR))
    assert pulled.records == (Candle(exchange, "BTC/USDT", "1h", start, *values),)


@given(st.permutations(range(8)), st.integers(0, 8))
def test_order_and_page_breaks_do_not_change_what_is_kept(order, cut):
    """Law: rows in any order, on any pages, one sent twice: the same candles. The first two are before the window."""
    connector = ExchangeCandles("coinbase", "BTC/USD", "1h")
    request = connector.first(Window(START, START + 6 * HOUR))
    rows = [[1743206400000 + (n - 2) * 3_600_000, 2, 3, 1, 2, n] for n in order]
    pages = (rows[:cut], [*rows[cut:], rows[0]])
    kept = {c for rows in pages for c in connector.parse(request, json.dumps(rows).encode()).records}
    assert {c.volume for c in kept} == {2.0, 3.0, 4.0, 5.0, 6.0, 7.0}
    assert len(kept) == 6


def test_of_two_different_bars_for_one_open_time_the_last_is_kept_and_the_other_rejected():
    """As an answer may hold them: the first again, equal; then another for the same hour; out of order."""
    connector = ExchangeCandles("binance", "BTC/USDT", "1h")
    first, other, later = [[1743206400000 + h * 3_600_000, 2, 3, 1, 2, v] for h, v in ((0, 7), (0, 8), (1, 9))]
    page = connector.parse(connector.first(WINDOW), json.dumps([later, first, first, other, other]).encode())
    assert [(c.open_time, c.volume) for c in page.records] == [(START, 8.0), (START + HOUR, 9.0)]
    assert [r.reason for r in page.rejects] == ["two bars for one open time; the last is kept"]
    assert page.rejects[0].excerpt == "[1743206400000, 2, 3, 1, 2, 7]"


@EACH
def test_two_bars_for_one_open_time_are_seen_through_ccxt_too(replay, serve, send, payloads, exchange):
    """The second hour twice: the other one says 9 where the first says 7.25."""
    text = (payloads / AT[exchange].files[1]).read_text()
    [row] = [line.rstrip(",") for line in text.splitlines() if "17432100" in line and "last" not in line]
    serve(exchange, candles=[text.replace(row, f"{row},{row.replace('7.25', '9.00')}").encode()])
    pulled = pull_at_once(hours_of(exchange), send)
    assert [candle.volume for candle in pulled.records] == [12.5, 9.0]
    assert ["two bars" in reject.reason for reject in pulled.rejects] == [True]
    assert "7.25" in pulled.rejects[0].excerpt


@EACH
def test_a_row_ccxt_cannot_read_is_a_reject_with_what_was_sent(serve, send, payloads, exchange):
    """ccxt itself drops it, or makes it a row of None."""
    text = (payloads / AT[exchange].files[1]).read_text()
    serve(
        exchange,
        candles=[
            text.replace("84010", "high", 1).encode()
            if '"84010' in text
            else text.replace("84010", '"high"', 1).encode()
        ],
    )
    pulled = pull_at_once(hours_of(exchange), send)
    assert [candle.volume for candle in pulled.records] == [7.25]
    assert ["high" in reject.excerpt for reject in pulled.rejects] == [True]


def test_the_answers_headers_are_those_of_the_candles(replay, serve, payloads):
    """Binance says what of its quota is used up, https://developers.binance.com, "LIMITS"."""
    used = Answer(payloads / "binance_klines.json", headers={"X-MBX-USED-WEIGHT-1M": "22"})
    serve("binance", [Answer(payloads / "binance_exchangeinfo.json", headers={"X-MBX-USED-WEIGHT-1M": "20"})], [used])
    connector = hours_of("binance")
    with Transport(base_url=replay.base_url, environ={}) as transport:
        answer = ExchangeSender(transport.send, paced=False)(connector.first(WINDOW), connector.limits)
    assert answer.headers["x-mbx-used-weight-1m"] == "22"
    assert len(json.loads(answer.body)) == 3


@EACH
def test_a_transport_may_answer_with_headers_or_with_the_body_alone(payloads, exchange):
    files = {AT[exchange].markets: AT[exchange].files[0], AT[exchange].candles: AT[exchange].files[1]}

    def bodies(request, limits):
        return (payloads / files[request.url.partition("?")[0]]).read_bytes()

    def answers(request, limits):
        return Answered(bodies(request, limits), {"x-asked": "yes"})

    connector = hours_of(exchange)
    alone, whole = (
        ExchangeSender(send, paced=False)(connector.first(WINDOW), connector.limits) for send in (bodies, answers)
    )
    assert (alone.headers, whole.headers) == ({}, {"x-asked": "yes"})
    assert alone.body == whole.body
    assert len(connector.parse(connector.first(WINDOW), whole.body).records) == 2


@EACH
def test_validators_of_a_request_are_not_sent_to_the_exchange(replay, serve, send, exchange):
    """They would be of our rows; a 304 for the exchange's answer would say nothing about those."""
    serve(exchange)
    request = hours_of(exchange).first(WINDOW)
    conditional = Request(request.url, request.asked_at, request.params, {"If-None-Match": '"x"'}, request.state)
    assert not send(conditional, Limits()).not_modified
    assert not [asked for asked in replay.asked if "if-none-match" in asked.headers]


def test_ccxt_is_not_imported_with_the_registry():
    code = "import sys, connectors.registry; sys.exit('ccxt' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
