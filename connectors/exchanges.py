"""Closed candles of Kraken, Coinbase and Bitstamp, through ccxt.

ccxt knows how each exchange is asked and how it answers; the HTTP is ours: ``ExchangeSender`` gives it a
session that goes through ``Transport``. ``import ccxt`` takes 0.7 s and 76 MB, so it waits for the first
request.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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
from connectors.records import Candle, Limits, Page, Reject, Request, Window

INTERVAL_S = {"1m": 60, "5m": 300, "1h": 3_600, "1d": 86_400}


@dataclass(frozen=True, slots=True)
class Quirks:
    """How one exchange differs: bars in an answer, and where in it they lie (``{id}`` is its market id)."""

    host: str
    bars: int
    path: tuple[str, ...]
    newest_only: bool = False  # ignores how far back it is asked for
    min_interval_s: float = 0.5


QUIRKS = {
    "kraken": Quirks("api.kraken.com", 720, ("result", "{id}"), newest_only=True, min_interval_s=1.0),
    "coinbase": Quirks("api.coinbase.com", 300, ("candles",)),
    "bitstamp": Quirks("www.bitstamp.net", 1000, ("data", "ohlc")),
}


class ExchangeCandles:
    """Closed candles of one symbol, stamped at their open, within the window.

    Only bars with ``window.start <= open`` and ``open + interval <= window.end`` come out: the unfinished
    bar every exchange ends its answer with is left out here and nowhere else, uncounted because it is no
    data yet. A bar in which nothing traded is missing on Coinbase and Bitstamp, and repeats the last price
    with volume 0 on Kraken.

    **Kraken** gives the newest 720 bars whatever start it is asked for (30 days of 1h, 12 hours of 1m; see
    ccxt#5614): an older part of the window stays empty. ``reach`` says how far back that is. A window
    that lies wholly before them raises ``Refused``, so that the next source of the chain is asked.
    Coinbase gives 300 and Bitstamp 1,000 bars a page, back to their first trade.
    """

    record = Candle

    def __init__(self, source: str, symbol: str, interval: str = "1h") -> None:
        if source not in QUIRKS or interval not in INTERVAL_S:
            raise ValueError(f"no candles of {source!r} at {interval!r}: have {list(QUIRKS)} at {list(INTERVAL_S)}")
        quirks = QUIRKS[source]
        self.source, self.symbol, self.interval = source, symbol, interval
        self.limits = Limits(min_interval_s=quirks.min_interval_s, max_pages=2_000, max_bytes=16_000_000)
        self.step = timedelta(seconds=INTERVAL_S[interval])
        self.reach = quirks.bars * self.step if quirks.newest_only else None  # before now; None: all history

    def first(self, window: Window) -> Request:
        first_open = _ceil(window.start, self.step)
        return self._ask(first_open, window.start, window.end)

    def parse(self, request: Request, body: bytes) -> Page[Candle]:
        """Read ccxt's unified rows, ``[open time in ms, open, high, low, close, volume]``, as JSON.

        Raises ``BadAnswer`` when they are not rows, ``Refused`` when the window is out of Kraken's reach.
        """
        rows = read_json(request.url, body)
        if not isinstance(rows, list):
            raise BadAnswer(f"{request.url} gave no list of candles: {excerpt(rows)}")
        start, end = (datetime.fromisoformat(str(request.state[name])) for name in ("start", "end"))
        candles, rejects = [], []
        for row in rows:
            candle = self._candle(row)
            if candle is None:
                rejects.append(Reject("not a candle on the interval's grid", excerpt(row)))
            elif start <= candle.open_time and candle.open_time + self.step <= end:
                candles.append(candle)
        self._refuse_out_of_reach(request, rows, candles, end)
        return Page(tuple(candles), tuple(rejects), self._next(request, start, end))

    def _ask(self, since: datetime, start: datetime, end: datetime) -> Request:
        quirks = QUIRKS[self.source]
        bars = quirks.bars if quirks.newest_only else max(1, min(quirks.bars, (end - since) // self.step))
        return Request(
            f"https://{quirks.host}/",  # ccxt builds the path; the parameters below are its own
            asked_at=end,
            params={
                "symbol": self.symbol,
                "interval": self.interval,
                "since": since.isoformat(),
                "bars": str(bars),
            },
            state={
                "exchange": self.source,
                "since": since.isoformat(),
                "start": start.isoformat(),
                "end": end.isoformat(),
            },
        )

    def _next(self, request: Request, start: datetime, end: datetime) -> Request | None:
        """Pages are spans of time, so that an hour, or a year, without trades doesn't end the pull."""
        if QUIRKS[self.source].newest_only:
            return None
        since = datetime.fromisoformat(request.params["since"]) + int(request.params["bars"]) * self.step
        return self._ask(since, start, end) if since + self.step <= end else None

    def _candle(self, row: object) -> Candle | None:
        if not isinstance(row, list) or len(row) != 6:
            return None
        if not all(isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x) for x in row):
            return None
        try:
            open_time = datetime.fromtimestamp(row[0] / 1000, UTC)
        except (ValueError, OverflowError, OSError):
            return None
        if open_time != _ceil(open_time, self.step):
            return None
        return Candle(self.source, self.symbol, self.interval, open_time, *map(float, row[1:]))

    def _refuse_out_of_reach(self, request: Request, rows: list[Any], candles: list[Candle], end: datetime) -> None:
        if self.reach is None or candles or not rows:
            return
        opens = [candle.open_time for row in rows if (candle := self._candle(row))]
        if opens and min(opens) >= end:
            raise Refused(
                f"{request.url} ({self.source} {self.symbol} {self.interval}) gives its newest {len(rows)} "
                f"bars only, from {min(opens):%Y-%m-%d %H:%M} UTC. Ask another source for this window."
            )


class ExchangeSender:
    """Answers the requests of ``ExchangeCandles``: one ccxt exchange each, its HTTP through ``transport``.

    ccxt's pacing stays on, because looking up an exchange's markets takes requests of its own
    (``paced=False`` is for replays); its retries stay off, because ``pull`` repeats. ``send`` is
    ``Transport.send``. Threads may share one: each exchange is asked one question at a time.
    """

    def __init__(self, send: Callable[[Request, Limits], bytes], *, paced: bool = True) -> None:
        self._send = send
        self._paced = paced
        self._open: dict[str, Any] = {}
        self._one_at_a_time = {name: Lock() for name in QUIRKS}

    def __call__(self, request: Request, limits: Limits) -> bytes:
        name = str(request.state["exchange"])
        with self._one_at_a_time[name]:
            return self._answer(name, request, limits)

    def _answer(self, name: str, request: Request, limits: Limits) -> bytes:
        exchange = self._open.get(name)
        if exchange is None:
            exchange = self._open[name] = _open_exchange(name, self._send, self._paced)
        exchange.session.begin(request.asked_at, limits)
        try:
            rows = _fetch(exchange, request)
        except Fatal:
            del self._open[name]  # the markets it has loaded may be what is wrong
            raise
        return json.dumps(rows).encode()


def _open_exchange(name: str, send: Callable[[Request, Limits], bytes], paced: bool) -> Any:
    import ccxt

    exchange = getattr(ccxt, name)(
        {
            "session": _Session(send),
            "enableRateLimit": paced,
            "enableLastJsonResponse": True,  # to tell "no trades" from "no candles in it"
            "has": {"fetchCurrencies": False},  # up to three more requests, for nothing a candle needs
        }
    )
    exchange.on_rest_response = _json_only
    return exchange


def _fetch(exchange: Any, request: Request) -> list[list[float]]:
    """``fetch_ohlcv`` with every failure as one of ours, and no silent ``[]``."""
    import ccxt

    params = request.params
    since_ms = round(datetime.fromisoformat(params["since"]).timestamp() * 1000)
    limit = None if QUIRKS[exchange.id].newest_only else int(params["bars"])
    asked = f"{request.url} ({exchange.id} {params['symbol']} {params['interval']})"
    try:
        exchange.load_markets()
        market = _visible_market(exchange, params["symbol"])
        rows = exchange.fetch_ohlcv(params["symbol"], params["interval"], since=since_ms, limit=limit)
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
    except (ccxt.BaseError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise BadAnswer(
            f"{asked} answered with what ccxt {ccxt.__version__} cannot read ({type(error).__name__}: {excerpt(error)})"
        ) from error
    if not rows and not isinstance(_dig(exchange.last_json_response, exchange.id, market["id"]), list):
        raise BadAnswer(f"{asked} answered without candles: {excerpt(exchange.last_json_response)}")
    return rows


def _visible_market(exchange: Any, symbol: str) -> Mapping[str, Any]:
    """The market ccxt will ask for, after undoing one mix-up.

    Kraken used to list dark-pool pairs (``XXBTZUSD.d``), which ccxt 4.5.90 gives the same symbol as the open
    market. Whichever comes last wins, and the dark pool has no candles.
    """
    market = exchange.market(symbol)
    if market["id"].endswith(".d"):
        [market] = exchange.markets_by_id[market["id"].removesuffix(".d")]
        exchange.markets[symbol] = market
    return market


def _dig(answer: object, exchange: str, market_id: str) -> object:
    for key in QUIRKS[exchange].path:
        answer = answer.get(key.format(id=market_id)) if isinstance(answer, dict) else None
    return answer


def _json_only(
    code: int, reason: str, url: str, method: str, headers: object, body: str, asked: object, sent: object
) -> str:
    """ccxt's hook on every answer. Without it a web page with status 200 becomes ``[]``, or, for an endpoint
    that answers a list, one empty candle a character."""
    answer = read_json(url, body.encode("utf-8", "replace"))
    if not isinstance(answer, dict | list):
        raise BadAnswer(f"{url} answered {excerpt(answer)!r} where a JSON object was expected.")
    return body.strip()


class _Session:
    """As much of ``requests.Session`` as ccxt uses, by way of ``Transport.send``."""

    def __init__(self, send: Callable[[Request, Limits], bytes]) -> None:
        self.headers: dict[str, str] = {}
        self.cookies: dict[str, str] = {}
        self._send = send
        self._asked_at = datetime.min.replace(tzinfo=UTC)
        self._limits = Limits()

    def begin(self, asked_at: datetime, limits: Limits) -> None:
        self._asked_at, self._limits = asked_at, limits

    def request(self, method: str, url: str, headers: Mapping[str, str], **_: object) -> _Answer:
        if method != "GET":
            raise Blocked(f"{url}: ccxt wanted to {method}; this application only reads.")
        return _Answer(self._send(Request(url, self._asked_at, headers=headers), self._limits))

    def close(self) -> None:
        """Nothing to close: the transport is its owner's."""


class _Answer:
    """A successful ``requests.Response``; ``Transport`` has raised for any other."""

    status_code, reason = 200, "OK"

    def __init__(self, body: bytes) -> None:
        self.content = body
        self.text = body.decode("utf-8", "replace")
        self.headers: dict[str, str] = {}

    def raise_for_status(self) -> None:
        """It is a 200."""


def _ceil(instant: datetime, step: timedelta) -> datetime:
    """The first multiple of ``step`` since 1970-01-01 UTC at or after ``instant``."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch - (epoch - instant) // step * step
