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
from hypothesis import given
from hypothesis import strategies as st
from replay import Answer

from connectors.errors import BadAnswer, NoAnswer, RateLimited, Refused, ServerTrouble, TooBig
from connectors.exchanges import ExchangeCandles
from connectors.pull import pull, pull_chain
from connectors.records import Candle, Limits, Window
from connectors.registry import chain, sender
from connectors.transport import Transport

START = datetime(2025, 3, 29, tzinfo=UTC)
HOUR = timedelta(hours=1)
WINDOW = Window(START, START + timedelta(hours=2, minutes=30))

KRAKEN = "https://api.kraken.com/0/public"
COINBASE = "https://api.coinbase.com/api/v3/brokerage/market/products"
BITSTAMP = "https://www.bitstamp.net/api/v2"
MARKETS = {"kraken": f"{KRAKEN}/AssetPairs", "coinbase": COINBASE, "bitstamp": f"{BITSTAMP}/markets/"}
CANDLES = {
    "kraken": f"{KRAKEN}/OHLC",
    "coinbase": f"{COINBASE}/BTC-USD/candles",
    "bitstamp": f"{BITSTAMP}/ohlc/btcusd/",
}
FILES = {
    "kraken": ("kraken_assetpairs.json", "kraken_ohlc.json"),
    "coinbase": ("coinbase_products.json", "coinbase_candles.json"),
    "bitstamp": ("bitstamp_markets.json", "bitstamp_ohlc.json"),
}
EACH = pytest.mark.parametrize("exchange", FILES)

CLOUDFLARE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking</body></html>"


@pytest.fixture
def serve(replay, payloads):
    """``serve("kraken", candles=Answer(...))``: the written payloads, or something in their place."""

    def serve(exchange, markets=None, candles=None):
        files = [payloads / name for name in FILES[exchange]]
        replay.serve(MARKETS[exchange], *(markets or [files[0]]))
        replay.serve(CANDLES[exchange], *(candles or [files[1]]))

    return serve


@pytest.fixture
def send(replay):
    with Transport(base_url=replay.base_url, environ={}) as transport:
        yield sender(transport, paced=False)


def pull_at_once(connector, send, window=WINDOW):
    return pull(connector, window, send, sleep=lambda _: None)


@EACH
def test_closed_candles_come_out_in_time_order(serve, send, exchange):
    serve(exchange)
    pulled = pull_at_once(ExchangeCandles(exchange, "BTC/USD", "1h"), send)
    assert pulled.error is None
    assert pulled.rejects == ()
    assert pulled.records == (
        Candle(exchange, "BTC/USD", "1h", START, 84010.0, 84120.0, 83900.0, 84050.0, 12.5),
        Candle(exchange, "BTC/USD", "1h", START + HOUR, 84050.0, 84300.0, 84000.0, 84200.0, 7.25),
    )


@EACH
def test_a_bar_is_closed_at_the_second_it_ends(serve, send, exchange):
    connector = ExchangeCandles(exchange, "BTC/USD", "1h")
    for end, opens in ((3 * HOUR, 3), (3 * HOUR - timedelta(seconds=1), 2)):
        serve(exchange)
        assert len(pull_at_once(connector, send, Window(START, START + end)).records) == opens


@EACH
def test_bars_before_the_window_stay_out(serve, send, exchange):
    serve(exchange)
    window = Window(START + timedelta(minutes=1), WINDOW.end)
    pulled = pull_at_once(ExchangeCandles(exchange, "BTC/USD", "1h"), send, window)
    assert [candle.open_time for candle in pulled.records] == [START + HOUR]


def test_coinbase_and_bitstamp_are_asked_in_spans_of_their_page_size(replay, send, payloads):
    """700 h: Coinbase in pages of 300, 300, 100. Served from a made-up market that trades every hour
    but for the second page, which is a gap and must not end the pull."""

    def candles(query):
        start, end = int(query["start"]), int(query["end"])
        bars = [] if start == 1743206400 + 300 * 3600 else range(start, end + 1, 3600)
        row = {"open": "2", "high": "3", "low": "1", "close": "2", "volume": "1"}
        return json.dumps({"candles": [{"start": str(s), **row} for s in bars]}).encode()

    replay.serve(COINBASE, payloads / "coinbase_products.json")
    replay.serve(CANDLES["coinbase"], candles)
    pulled = pull_at_once(ExchangeCandles("coinbase", "BTC/USD"), send, Window(START, START + 700 * HOUR))
    assert pulled.error is None
    assert [len(page.records) for page in pulled.pages] == [300, 0, 100]
    asked = [a.query for a in replay.asked if a.url == CANDLES["coinbase"]]
    assert [int(q["start"]) for q in asked] == [1743206400 + n * 300 * 3600 for n in range(3)]
    assert int(asked[2]["end"]) == 1743206400 + 700 * 3600


def test_kraken_is_asked_once_and_says_how_far_it_reaches(replay, serve, send):
    serve("kraken")
    connector = ExchangeCandles("kraken", "BTC/USD", "1h")
    pulled = pull_at_once(connector, send, Window(START - 5000 * HOUR, WINDOW.end))
    assert len(pulled.records) == 2
    assert connector.reach == timedelta(days=30)
    assert replay.urls().count(CANDLES["kraken"]) == 1


def test_a_window_before_what_kraken_has_is_refused(serve, send):
    serve("kraken")
    pulled = pull_at_once(ExchangeCandles("kraken", "BTC/USD"), send, Window(START - 9 * HOUR, START - 5 * HOUR))
    assert isinstance(pulled.error, Refused)
    assert "2025-03-29 00:00 UTC" in str(pulled.error)


def test_kraken_means_the_open_market_though_its_dark_pool_has_the_same_symbol(replay, serve, send):
    serve("kraken")
    assert pull_at_once(ExchangeCandles("kraken", "BTC/USD"), send).records
    [asked] = [a for a in replay.asked if a.url == CANDLES["kraken"]]
    assert asked.query["pair"] == "XXBTZUSD"


def test_markets_are_looked_up_once_for_two_symbols(replay, serve, send):
    serve("kraken")
    pull_at_once(ExchangeCandles("kraken", "BTC/USD"), send)
    pull_at_once(ExchangeCandles("kraken", "ETH/USD"), send)
    assert replay.urls().count(MARKETS["kraken"]) == 1


def test_threads_may_share_a_sender(replay, serve, send):
    """A refresh pulls its sources at once; two symbols of one exchange must not get each other's answers."""
    serve("kraken")
    ether = b'{"error": [], "result": {"XETHZUSD": [[1743206400, "1", "2", "1", "2", "1", "3", 1]], "last": 0}}'
    replay.serve(CANDLES["kraken"], Answer(ether, after_s=0.2), pair="XETHZUSD")
    connectors = [ExchangeCandles("kraken", symbol) for symbol in ("BTC/USD", "ETH/USD")]
    with ThreadPoolExecutor(2) as pool:
        btc, eth = pool.map(lambda connector: pull_at_once(connector, send), connectors)
    assert (btc.error, eth.error) == (None, None)
    assert [candle.open for candle in btc.records] == [84010.0, 84050.0]
    assert [candle.open for candle in eth.records] == [1.0]
    assert replay.urls().count(MARKETS["kraken"]) == 1


@EACH
@pytest.mark.parametrize("where", ["markets", "candles"])
def test_a_bot_check_with_status_200_is_a_bad_answer(serve, send, exchange, where):
    serve(exchange, **{where: [Answer(CLOUDFLARE, headers={"Content-Type": "text/html"})]})
    pulled = pull_at_once(ExchangeCandles(exchange, "BTC/USD"), send)
    assert pulled.records == ()
    assert isinstance(pulled.error, BadAnswer)
    assert 'web page titled "Just a moment' in str(pulled.error)


@pytest.mark.shared
@EACH
@pytest.mark.parametrize("page", ["cloudflare_js_challenge_2020-05-27", "200_html_spa_shell_behind_cloudflare"])
def test_recorded_web_pages_with_status_200_are_bad_answers(shared, serve, send, exchange, page):
    serve(exchange, candles=[Answer(shared / f"recordings/errors/{page}.html")])
    pulled = pull_at_once(ExchangeCandles(exchange, "BTC/USD"), send)
    assert isinstance(pulled.error, BadAnswer)
    assert pulled.records == ()


@EACH
@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ([Answer(b"", 429, {"Retry-After": "7"})], RateLimited),
        ([Answer(b"{}", 503)], ServerTrouble),
        ([Answer(b'{"error": "no"}', 451)], Refused),
        ([Answer(b"")], BadAnswer),
        ([Answer(b'{"data": {"oh')], BadAnswer),
        ([Answer(b"{}")], BadAnswer),
        ([Answer(b"[]")], BadAnswer),
        ([Answer(b"123")], BadAnswer),
        ([Answer(b'{"result": 1, "candles": 2, "data": 3}')], BadAnswer),
        ([Answer(b"x" * 20_000_000)], TooBig),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_failures_are_ours_not_ccxts(serve, send, exchange, answers, kind):
    serve(exchange, candles=answers)
    pulled = pull_at_once(ExchangeCandles(exchange, "BTC/USD"), send)
    assert (type(pulled.error), pulled.records) == (kind, ())


@EACH
def test_503_then_ok_is_read(serve, send, payloads, exchange):
    serve(exchange, candles=[Answer(b"", 503), payloads / FILES[exchange][1]])
    assert len(pull_at_once(ExchangeCandles(exchange, "BTC/USD"), send).records) == 2


@EACH
def test_a_hung_exchange_is_given_up_in_time(serve, send, exchange):
    serve(exchange, candles=[Answer(after_s=20)])
    connector = ExchangeCandles(exchange, "BTC/USD")
    connector.limits = Limits(min_interval_s=0, attempts=2, timeout_s=0.3)
    pulled = pull_at_once(connector, send)
    assert (type(pulled.error), pulled.attempts) == (NoAnswer, 2)


def test_krakens_own_rate_limit_inside_a_200_is_transient(serve, send):
    serve("kraken", candles=[b'{"error": ["EAPI:Rate limit exceeded"]}'])
    assert isinstance(pull_at_once(ExchangeCandles("kraken", "BTC/USD"), send).error, RateLimited)


@EACH
def test_a_symbol_that_is_not_listed_is_refused_and_looked_up_anew(replay, serve, send, exchange):
    serve(exchange)
    pulled = pull_at_once(ExchangeCandles(exchange, "DOGE/GBP"), send)
    assert isinstance(pulled.error, Refused)
    assert "DOGE/GBP" in str(pulled.error)
    assert pull_at_once(ExchangeCandles(exchange, "BTC/USD"), send).records
    assert replay.urls().count(MARKETS[exchange]) >= 2


def test_markets_of_another_shape_are_a_bad_answer(serve, send):
    serve("kraken", markets=[b'{"error": [], "result": {"XXBTZUSD": {"base": "XXBT", "quote": "ZUSD"}}}'])
    pulled = pull_at_once(ExchangeCandles("kraken", "BTC/USD"), send)
    assert isinstance(pulled.error, BadAnswer)
    assert "KeyError: 'altname'" in str(pulled.error)


def test_rows_outside_the_window_stay_out_whoever_sends_them():
    """2025-03-28 23:00, 2025-03-29 00:00, 02:00 (closes at 03:00, after the window)."""
    connector = ExchangeCandles("kraken", "BTC/USD", "1h")
    rows = [[1743206400000 + n * 3_600_000, 2, 3, 1, 2, n] for n in (-1, 0, 2)]
    page = connector.parse(connector.first(WINDOW), json.dumps(rows).encode())
    assert [candle.volume for candle in page.records] == [0.0]


def test_a_number_beyond_all_bounds_is_a_reject():
    connector = ExchangeCandles("kraken", "BTC/USD", "1h")
    page = connector.parse(connector.first(WINDOW), b"[[1743206400000, 1e999, 1, 1, 1, 1]]")
    assert (page.records, len(page.rejects)) == ((), 1)


def test_a_chain_falls_through_with_the_reasons(serve, send):
    serve("kraken", candles=[CLOUDFLARE])
    serve("coinbase", markets=[Answer(b"blocked", 403)])
    serve("bitstamp")
    tried = pull_chain(chain("candles-btc-usd"), WINDOW, send, sleep=lambda _: None)
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
def test_ccxts_own_bitstamp_example(shared, replay, send, payloads):
    example = json.loads((shared / "recordings/ccxt_static/bitstamp.json").read_text())["methods"]["fetchOHLCV"]
    [[ms, *values]] = example["parsedResponse"]
    replay.serve(MARKETS["bitstamp"], payloads / "bitstamp_markets.json")
    replay.serve(f"{BITSTAMP}/ohlc/btcusdt/", json.dumps(example["httpResponse"]).encode())
    start = datetime.fromtimestamp(ms / 1000, UTC)
    pulled = pull_at_once(ExchangeCandles("bitstamp", "BTC/USDT"), send, Window(start, start + HOUR))
    assert pulled.records == (Candle("bitstamp", "BTC/USDT", "1h", start, *values),)


@given(st.permutations(range(8)), st.integers(0, 8))
def test_order_and_page_breaks_do_not_change_what_is_kept(order, cut):
    """Law: rows in any order, on any pages, one sent twice: the same set of candles."""
    connector = ExchangeCandles("coinbase", "BTC/USD", "1h")
    request = connector.first(Window(START, START + 6 * HOUR))
    rows = [[1743206400000 + n * 3_600_000, 2, 3, 1, 2, n] for n in order]
    pages = (rows[:cut], [*rows[cut:], rows[0]])
    kept = {c for rows in pages for c in connector.parse(request, json.dumps(rows).encode()).records}
    assert {c.volume for c in kept} == {0.0, 1.0, 2.0, 3.0, 4.0, 5.0}
    assert len(kept) == 6


def test_ccxt_is_not_imported_with_the_registry():
    code = "import sys, connectors.registry; sys.exit('ccxt' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
