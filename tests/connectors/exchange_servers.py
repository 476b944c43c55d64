"""Exchanges on loopback: where each is asked, and how each documents that it answers.

A server here holds a synthetic series (open times in seconds; a bar's volume is its place in the series) and
does with a question's span and limit what its exchange's documentation says, ``exchange_quirks`` names which.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

OPEN, HIGH, LOW, CLOSE = 2, 4, 1, 3


@dataclass(frozen=True)
class At:
    """Where an exchange is asked, and the written payloads of three 1h bars of ``symbol``."""

    markets: str
    candles: str
    symbol: str
    files: tuple[str, str]


AT = {
    "kraken": At(
        "https://api.kraken.com/0/public/AssetPairs",
        "https://api.kraken.com/0/public/OHLC",
        "BTC/USD",
        ("kraken_assetpairs.json", "kraken_ohlc.json"),
    ),
    "coinbase": At(
        "https://api.coinbase.com/api/v3/brokerage/market/products",
        "https://api.coinbase.com/api/v3/brokerage/market/products/BTC-USD/candles",
        "BTC/USD",
        ("coinbase_products.json", "coinbase_candles.json"),
    ),
    "bitstamp": At(
        "https://www.bitstamp.net/api/v2/markets/",
        "https://www.bitstamp.net/api/v2/ohlc/btcusd/",
        "BTC/USD",
        ("bitstamp_markets.json", "bitstamp_ohlc.json"),
    ),
    "binance": At(
        "https://data-api.binance.vision/api/v3/exchangeInfo",
        "https://data-api.binance.vision/api/v3/klines",
        "BTC/USDT",
        ("binance_exchangeinfo.json", "binance_klines.json"),
    ),
    "okx": At(
        "https://www.okx.com/api/v5/public/instruments",
        "https://www.okx.com/api/v5/market/history-candles",
        "BTC/USDT",
        ("okx_instruments.json", "okx_candles.json"),
    ),
    "bitfinex": At(
        "https://api-pub.bitfinex.com/v2/conf/"
        "pub:info:pair,pub:info:pair:futures,pub:list:pair:securities,pub:list:pair:margin",
        "https://api-pub.bitfinex.com/v2/candles/trade:1h:tBTCUSD/hist",
        "BTC/USD",
        ("bitfinex_conf.json", "bitfinex_candles.json"),
    ),
    "kucoin": At(
        "https://api.kucoin.com/api/v2/symbols",
        "https://api.kucoin.com/api/v1/market/candles",
        "BTC/USDT",
        ("kucoin_symbols.json", "kucoin_candles.json"),
    ),
}
OKX_NEWEST = "https://www.okx.com/api/v5/market/candles"

Query = dict[str, str]
Server = Callable[[Query], bytes]


def _within(series: Sequence[int], first: float, last: float) -> list[tuple[int, int]]:
    """(open time, place) of the bars from ``first`` to ``last``, both counted in."""
    return [(at, place) for place, at in enumerate(series) if first <= at <= last]


def kraken(series: Sequence[int]) -> Server:
    """`since` only cuts the newest 720 (and the unfinished one) shorter."""

    def answer(query: Query) -> bytes:
        rows = _within(series, -1, 1e12)[-721:]
        rows = [[at, *map(str, (OPEN, HIGH, LOW, CLOSE, CLOSE, place)), 1] for at, place in rows]
        return json.dumps({"error": [], "result": {"XXBTZUSD": rows, "last": 0}}).encode()

    return answer


def coinbase(series: Sequence[int]) -> Server:
    """From start to end, both counted in; newest first, and no more than the newest 300."""

    def answer(query: Query) -> bytes:
        rows = _within(series, int(query["start"]), int(query["end"]))[-300:]
        names = ("start", "open", "high", "low", "close", "volume")
        candles = [dict(zip(names, map(str, (at, OPEN, HIGH, LOW, CLOSE, place)), strict=True)) for at, place in rows]
        return json.dumps({"candles": candles[::-1]}).encode()

    return answer


def bitstamp(series: Sequence[int]) -> Server:
    """Of start and end, end is used where both are given: the `limit` bars up to it. Oldest first."""

    def answer(query: Query) -> bytes:
        limit = min(int(query["limit"]), 1_000)
        if "end" in query:
            rows = _within(series, -1, int(query["end"]))[-limit:]
        else:
            rows = _within(series, int(query["start"]), 1e12)[:limit]
        names = ("timestamp", "open", "high", "low", "close", "volume")
        ohlc = [dict(zip(names, map(str, (at, OPEN, HIGH, LOW, CLOSE, place)), strict=True)) for at, place in rows]
        return json.dumps({"data": {"pair": "BTC/USD", "ohlc": ohlc}}).encode()

    return answer


def binance(series: Sequence[int]) -> Server:
    """The first `limit` (500; 1,000 at most) from startTime, up to endTime and counting it in. Oldest first."""

    def answer(query: Query) -> bytes:
        limit = min(int(query.get("limit", 500)), 1_000)
        rows = _within(series, int(query["startTime"]) / 1000, int(query.get("endTime", 10**15)) / 1000)[:limit]
        return json.dumps(
            [
                [at * 1000, *map(str, (OPEN, HIGH, LOW, CLOSE, place)), at * 1000, "0", 1, "0", "0", "0"]
                for at, place in rows
            ]
        ).encode()

    return answer


def okx(series: Sequence[int], cap: int = 100) -> Server:
    """`before` and `after` are not counted in; newest first, the newest `limit` (100) of them, `cap` at most."""

    def answer(query: Query) -> bytes:
        limit = min(int(query.get("limit", 100)), cap)
        newer, older = int(query["before"]) / 1000, int(query["after"]) / 1000
        rows = [(at, place) for at, place in _within(series, newer, older) if newer < at < older][-limit:]
        data = [[str(x) for x in (at * 1000, OPEN, HIGH, LOW, CLOSE, place, 0, 0, 1)] for at, place in rows]
        return json.dumps({"code": "0", "msg": "", "data": data[::-1]}).encode()

    return answer


def bitfinex(series: Sequence[int]) -> Server:
    """From start to end, both counted in: with sort=1 the first `limit` (100; 10,000 at most), else the newest."""

    def answer(query: Query) -> bytes:
        limit = min(int(query.get("limit", 100)), 10_000)
        rows = _within(series, int(query.get("start", 0)) / 1000, int(query.get("end", 10**15)) / 1000)
        rows = rows[:limit] if query.get("sort") == "1" else rows[-limit:][::-1]
        return json.dumps([[at * 1000, OPEN, CLOSE, HIGH, LOW, place] for at, place in rows]).encode()

    return answer


def kucoin(series: Sequence[int], *, end_counts: bool = True) -> Server:
    """From startAt to endAt (whether a bar at endAt counts is not documented); the newest 1,500, newest first."""

    def answer(query: Query) -> bytes:
        last = int(query["endAt"]) - (0 if end_counts else 1)
        rows = _within(series, int(query["startAt"]), last)[-1_500:]
        data = [[str(x) for x in (at, OPEN, CLOSE, HIGH, LOW, place, 0)] for at, place in rows]
        return json.dumps({"code": "200000", "data": data[::-1]}).encode()

    return answer


SERVERS: dict[str, Callable[[Sequence[int]], Server]] = {
    "coinbase": coinbase,
    "bitstamp": bitstamp,
    "binance": binance,
    "okx": okx,
    "bitfinex": bitfinex,
    "kucoin": kucoin,
}
