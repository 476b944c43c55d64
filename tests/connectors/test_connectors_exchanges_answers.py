"""Answers that are no candles, from each of the exchanges, in place of its markets and of its candles."""

from __future__ import annotations

import json

import pytest
from exchange_servers import AT  # pytest puts this folder on sys.path
from replay import Answer
from test_connectors_exchanges import WINDOW, hours_of, pull_at_once

from connectors.errors import BadAnswer, NoAnswer, RateLimited, Refused, ServerTrouble, TooBig
from connectors.exchanges import QUIRKS
from connectors.records import Limits
from connectors.registry import sender
from connectors.transport import Transport

EACH = pytest.mark.parametrize("exchange", AT)
WHERE = pytest.mark.parametrize("where", ["markets", "candles"])
LISTS = ("binance", "bitfinex")  # whose candles are a list, so that [] says there are none

CLOUDFLARE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking</body></html>"


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


@pytest.fixture
def pulled_with(serve, send):
    """``pulled_with("okx", "markets", body)``: a pull where that stands in place of the exchange's markets."""

    def pulled_with(exchange, where, *answers):
        serve(exchange, **{where: [a if isinstance(a, Answer) else Answer(a) for a in answers]})
        return pull_at_once(hours_of(exchange), send)

    return pulled_with


def test_every_exchange_is_tested_here():
    assert list(AT) == list(QUIRKS)


@EACH
@WHERE
def test_a_bot_check_with_status_200_is_a_bad_answer(pulled_with, exchange, where):
    pulled = pulled_with(exchange, where, Answer(CLOUDFLARE, headers={"Content-Type": "text/html"}))
    assert pulled.records == ()
    assert isinstance(pulled.error, BadAnswer)
    assert 'web page titled "Just a moment' in str(pulled.error)


@pytest.mark.shared
@EACH
@WHERE
@pytest.mark.parametrize("page", ["cloudflare_js_challenge_2020-05-27", "200_html_spa_shell_behind_cloudflare"])
def test_recorded_web_pages_with_status_200_are_bad_answers(shared, pulled_with, exchange, where, page):
    pulled = pulled_with(exchange, where, Answer(shared / f"recordings/errors/{page}.html"))
    assert (type(pulled.error), pulled.records) == (BadAnswer, ())


@EACH
@WHERE
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"data": {"oh',
        b'[[1743206400000, "84010',
        b"{}",
        b"123",
        b'"moved"',
        b"null",
        b'{"message": "moved"}',
        b'{"result": 1, "candles": 2, "data": 3}',
        b'["moved", "for good"]',
        b"[[null, null, null, null, null, null]]",
    ],
)
def test_what_is_no_candles_is_a_bad_answer_never_nothing(pulled_with, exchange, where, body):
    pulled = pulled_with(exchange, where, body)
    assert (type(pulled.error), pulled.records) == (BadAnswer, ())


@EACH
@WHERE
def test_an_empty_list_is_no_market_and_no_candle_but_where_that_is_the_documented_shape(pulled_with, exchange, where):
    pulled = pulled_with(exchange, where, b"[]")
    expected = type(None) if where == "candles" and exchange in LISTS else BadAnswer
    assert (type(pulled.error), pulled.records) == (expected, ())


@EACH
@WHERE
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(b"", 429, {"Retry-After": "7"}), RateLimited),
        (Answer(b"{}", 503), ServerTrouble),
        (Answer(b'{"error": "no"}', 403), Refused),
        (Answer(b"x" * 17_000_000), TooBig),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_failures_are_ours_not_ccxts(pulled_with, exchange, where, answer, kind):
    pulled = pulled_with(exchange, where, answer)
    assert (type(pulled.error), pulled.records) == (kind, ())


@WHERE
@pytest.mark.parametrize(
    ("exchange", "body", "kind"),
    [
        ("kraken", {"error": ["EAPI:Rate limit exceeded"]}, RateLimited),
        ("kraken", {"error": ["EGeneral:Too many requests"]}, RateLimited),
        ("kraken", {"error": ["EService:Unavailable"]}, ServerTrouble),
        ("coinbase", {"error": "rate_limit_exceeded", "message": "rate limit exceeded"}, RateLimited),
        ("binance", {"code": -1003, "msg": "Too many requests; current limit is 6000."}, RateLimited),
        ("okx", {"code": "50011", "msg": "Too Many Requests", "data": []}, RateLimited),
        ("okx", {"code": "50001", "msg": "Service temporarily unavailable", "data": []}, ServerTrouble),
        ("kucoin", {"code": "429000", "msg": "Too many requests"}, RateLimited),
        ("kucoin", {"code": "200002", "msg": "Too many requests in a short period of time"}, RateLimited),
        ("bitfinex", ["error", 11010, "ratelimit: error"], RateLimited),
        ("bitfinex", ["error", 20060, "maintenance"], ServerTrouble),
        ("bitfinex", ["error", 10000, "unknown"], BadAnswer),
        ("bitfinex", ["error"], BadAnswer),
    ],
)
def test_an_exchanges_own_error_inside_a_200_is_known(pulled_with, exchange, where, body, kind):
    pulled = pulled_with(exchange, where, json.dumps(body).encode())
    assert (type(pulled.error), pulled.records) == (kind, ())


@pytest.mark.shared
@WHERE
def test_binances_451_says_what_to_do(shared, pulled_with, where):
    quoted = Answer(shared / "recordings/errors_quoted/binance_451_restricted.json", 451)
    pulled = pulled_with("binance", where, quoted)
    assert isinstance(pulled.error, Refused)
    assert "it does not serve this country: use another source of the chain" in str(pulled.error)
    assert "Service unavailable from a restricted location" in str(pulled.error)


@EACH
def test_503_then_ok_is_read(pulled_with, payloads, exchange):
    assert len(pulled_with(exchange, "candles", Answer(b"", 503), payloads / AT[exchange].files[1]).records) == 2


@EACH
def test_after_a_bad_list_of_markets_it_is_asked_for_anew(serve, send, exchange):
    serve(exchange, markets=[CLOUDFLARE])
    assert pull_at_once(hours_of(exchange), send).error
    serve(exchange)
    assert len(pull_at_once(hours_of(exchange), send).records) == 2


@EACH
def test_a_hung_exchange_is_given_up_in_time(serve, send, exchange):
    serve(exchange, candles=[Answer(after_s=20)])
    connector = hours_of(exchange)
    connector.limits = Limits(min_interval_s=0, attempts=2, timeout_s=0.2)
    pulled = pull_at_once(connector, send, WINDOW)
    assert (type(pulled.error), pulled.attempts) == (NoAnswer, 2)


def test_markets_of_another_shape_are_a_bad_answer(pulled_with):
    body = b'{"error": [], "result": {"XXBTZUSD": {"base": "XXBT", "quote": "ZUSD"}}}'
    pulled = pulled_with("kraken", "markets", body)
    assert isinstance(pulled.error, BadAnswer)
    assert "KeyError: 'altname'" in str(pulled.error)
