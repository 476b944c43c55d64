"""Closed candles of seven exchanges, through ccxt.

ccxt knows how each exchange is asked and how it answers; the HTTP is ours: ``ExchangeSender`` gives it a
session that goes through ``Transport``. What differs between exchanges is data, in ``exchange_quirks``; what
they share is in ``exchange_candles``. ``import ccxt`` takes 0.7 s and 76 MB, so it waits for the first request.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from threading import Lock
from typing import Any

from connectors.answers import excerpt, read_json
from connectors.errors import (
    BadAnswer,
    Blocked,
    Fatal,
    NoAnswer,
    RateLimited,
    Refused,
    ServerTrouble,
    SourceError,
)
from connectors.exchange_candles import ExchangeCandles
from connectors.exchange_quirks import INTERVAL_S, QUIRKS
from connectors.records import Answer, Limits, Request

__all__ = ["INTERVAL_S", "QUIRKS", "ExchangeCandles", "ExchangeSender"]

Send = Callable[[Request, Limits], Answer | bytes]  # Transport.send

#: What ccxt raises, beside its own errors, over an answer it does not expect.
_UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)


class ExchangeSender:
    """Answers the requests of ``ExchangeCandles``: one ccxt exchange each, its HTTP through ``transport``.

    ccxt's pacing stays on, because looking up an exchange's markets takes requests of its own
    (``paced=False`` is for replays); its retries stay off, because ``pull`` repeats. ``send`` is
    ``Transport.send``. Threads may share one: each exchange is asked one question at a time.

    The body is ccxt's unified rows as JSON, each as sent: not sorted, none left out. A row that ccxt cannot
    read stands there as text. The headers are those of the exchange's answer with the candles. Headers of the
    request, such as validators, are not passed on: they would be about our rows, not about its answer.
    """

    def __init__(self, send: Send, *, paced: bool = True) -> None:
        self._send = send
        self._paced = paced
        self._open: dict[str, Any] = {}
        self._one_at_a_time = {name: Lock() for name in QUIRKS}

    def __call__(self, request: Request, limits: Limits) -> Answer:
        name = str(request.state["exchange"])
        with self._one_at_a_time[name]:
            return self._answer(name, request, limits)

    def _answer(self, name: str, request: Request, limits: Limits) -> Answer:
        exchange = self._open.get(name)
        if exchange is None:
            exchange = self._open[name] = _open_exchange(name, self._send, self._paced)
        exchange.session.begin(request.asked_at, limits)
        try:
            rows = _fetch(exchange, request)
        except Fatal:
            del self._open[name]  # the markets it has loaded may be what is wrong
            raise
        return Answer(json.dumps(rows).encode(), exchange.session.answered)


def _open_exchange(name: str, send: Send, paced: bool) -> Any:
    import ccxt

    quirks = QUIRKS[name]
    exchange = getattr(ccxt, name)(
        {
            "session": _Session(send),
            "enableRateLimit": paced,
            "enableLastJsonResponse": True,  # the rows are read from there
            "has": {"fetchCurrencies": False},  # up to three more requests, for nothing a candle needs
            "urls": {"api": dict(quirks.api)},
            "exceptions": {"exact": dict.fromkeys(quirks.too_often, ccxt.RateLimitExceeded)},
            **quirks.config,
        }
    )
    exchange.on_rest_response = partial(_data_only, exchange)
    # It would leave out rows without a time, before `since` and beyond `limit` without a word: `_rows` reads them all.
    exchange.parse_ohlcvs = lambda *_: []
    return exchange


def _fetch(exchange: Any, request: Request) -> list[object]:
    """``fetch_ohlcv`` with every failure as one of ours, and no silent ``[]``."""
    import ccxt

    asked = f"{request.url} ({exchange.id} {request.params['symbol']} {request.params['interval']})"
    try:
        return _rows(exchange, request, asked)
    except SourceError:
        raise
    except (ccxt.RateLimitExceeded, ccxt.DDoSProtection) as error:
        raise RateLimited(f"{asked} is asked too often; try again in a minute. ({excerpt(error)})") from error
    except ccxt.ExchangeNotAvailable as error:
        raise ServerTrouble(f"{asked} is in trouble itself; try again later. ({excerpt(error)})") from error
    except ccxt.NetworkError as error:
        raise NoAnswer(f"{asked} could not be reached; try again later. ({excerpt(error)})") from error
    except (ccxt.AuthenticationError, ccxt.BadRequest, ccxt.NotSupported) as error:
        raise Refused(f"{asked} refused: check that it lists this symbol. ({excerpt(error)})") from error
    except (ccxt.BaseError, *_UNREADABLE) as error:
        raise BadAnswer(
            f"{asked} answered with what ccxt {ccxt.__version__} cannot read ({type(error).__name__}: {excerpt(error)})"
        ) from error


def _rows(exchange: Any, request: Request, asked: str) -> list[object]:
    quirks, params = QUIRKS[exchange.id], request.params
    exchange.load_markets(False, dict(quirks.markets))
    if not exchange.markets:
        raise BadAnswer(f"{asked} listed no market at all: {excerpt(exchange.last_json_response)}")
    market = _market(exchange, params["symbol"])
    since_ms = round(datetime.fromisoformat(params["since"]).timestamp() * 1000)
    limit, until = None, {}
    if quirks.end is not None:
        name, unit_ms = quirks.end
        limit = int(params["bars"])
        until = {name: (since_ms + limit * INTERVAL_S[params["interval"]] * 1000 - 1) // unit_ms}
    exchange.fetch_ohlcv(params["symbol"], params["interval"], since=since_ms, limit=limit, params=until)
    rows: object = exchange.last_json_response
    for key in quirks.path:
        rows = rows.get(key.format(id=market["id"])) if isinstance(rows, dict) else None
    if not isinstance(rows, list):
        raise BadAnswer(f"{asked} answered without candles: {excerpt(exchange.last_json_response)}")
    return [_unified(exchange, row, market) for row in rows]


def _market(exchange: Any, symbol: str) -> Mapping[str, Any]:
    """The market ccxt will ask for: of two under one symbol, the one that has candles."""
    market: Mapping[str, Any] = exchange.market(symbol)
    without = QUIRKS[exchange.id].no_candles
    if without is not None and market["id"].endswith(without):
        [market] = exchange.markets_by_id[market["id"].removesuffix(without)]
        exchange.markets[symbol] = market
    return market


def _unified(exchange: Any, row: object, market: Mapping[str, Any]) -> object:
    """``[open time in ms, open, high, low, close, volume]``, or the row as text where that is not what it holds."""
    try:
        unified = exchange.parse_ohlcv(row, market)
        if all(math.isfinite(number) for number in unified):
            return unified
    except _UNREADABLE:
        pass
    return excerpt(row)


def _data_only(
    exchange: Any,
    code: int,
    reason: str,
    url: str,
    method: str,
    headers: object,
    body: str,
    asked: object,
    sent: object,
) -> str:
    """ccxt's hook on every answer. Without it a web page with status 200 becomes ``[]``, or, for an endpoint
    that answers a list, one empty candle a character; and a list that says "error" becomes candles."""
    import ccxt

    answer = read_json(url, body.encode("utf-8", "replace"))
    if not isinstance(answer, dict | list):
        raise BadAnswer(f"{url} answered {excerpt(answer)!r} where a JSON object was expected.")
    refusal = QUIRKS[exchange.id].refusal
    if refusal is not None and isinstance(answer, list) and answer[:1] == [refusal]:
        kind = exchange.exceptions["exact"].get(str(answer[1]) if len(answer) > 1 else "", ccxt.ExchangeError)
        raise kind(excerpt(body))
    return body.strip()


class _Session:
    """As much of ``requests.Session`` as ccxt uses, by way of ``Transport.send``."""

    def __init__(self, send: Send) -> None:
        self.headers: dict[str, str] = {}
        self.cookies: dict[str, str] = {}
        self.answered: Mapping[str, str] = {}  # headers of the last answer
        self._send = send
        self._asked_at = datetime.min.replace(tzinfo=UTC)
        self._limits = Limits()

    def begin(self, asked_at: datetime, limits: Limits) -> None:
        self._asked_at, self._limits = asked_at, limits

    def request(self, method: str, url: str, headers: Mapping[str, str], **_: object) -> _Response:
        if method != "GET":
            raise Blocked(f"{url}: ccxt wanted to {method}; this application only reads.")
        answer = self._send(Request(url, self._asked_at, headers=headers), self._limits)
        body = answer.body if isinstance(answer, Answer) else answer
        self.answered = answer.headers if isinstance(answer, Answer) else {}
        return _Response(body, self.answered)

    def close(self) -> None:
        """Nothing to close: the transport is its owner's."""


class _Response:
    """A successful ``requests.Response``; ``Transport`` has raised for any other."""

    status_code, reason = 200, "OK"

    def __init__(self, body: bytes, headers: Mapping[str, str]) -> None:
        self.content = body
        self.text = body.decode("utf-8", "replace")
        self.headers = dict(headers)

    def raise_for_status(self) -> None:
        """It is a 200."""
