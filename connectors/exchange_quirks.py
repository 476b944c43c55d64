"""How exchanges differ, a row each; ``exchange_candles`` holds what they share.

Page sizes are those of ccxt 4.5.90 (``features`` and ``fetch_ohlcv``), but where a row says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

INTERVAL_S = {"1m": 60, "5m": 300, "1h": 3_600, "1d": 86_400}

#: What becomes of a bar in which nothing traded. Bars of an outage are missing everywhere.
MISSING, REPEATED = "missing", "repeats last price with volume 0"


@dataclass(frozen=True, slots=True)
class Quirks:
    """One exchange's own ways. The rules are from ``docs``."""

    host: str
    bars: int  # asked for a page: never more than it gives, or the part it leaves out is lost
    path: tuple[str, ...]  # to the candles in an answer; {id} is the market's id
    idle: str  # MISSING or REPEATED
    docs: str
    #: ccxt's parameter for where a span ends, and its unit in ms. Newest-first exchanges answer with the newest
    #: bars before it; oldest-first ones would otherwise go on into the next page.
    end: tuple[str, int] | None = ("until", 1)
    newest_only: bool = False  # ignores how far back it is asked for
    min_interval_s: float = 0.5
    config: Mapping[str, object] = field(default_factory=dict)  # of the ccxt exchange
    api: Mapping[str, str] = field(default_factory=dict)  # other addresses than ccxt's
    markets: Mapping[str, object] = field(default_factory=dict)  # parameters of the list of markets
    no_candles: str | None = None  # ending of the ids of markets that share a symbol with one that has candles
    refusal: str | None = None  # first of a list that is no data: [this, code, message]
    too_often: tuple[str, ...] = ()  # codes for "asked too often" that ccxt does not know


_SPOT = {"fetchMarkets": {"types": ["spot"]}}  # one request for the markets instead of three to five

QUIRKS: Mapping[str, Quirks] = {
    "kraken": Quirks(
        # The newest 720 whatever `since` (ccxt#5614). Dark-pool pairs (XXBTZUSD.d), once listed, get the symbol of
        # the open market from ccxt; the last one listed wins, and a dark pool has no candles.
        "api.kraken.com",
        720,
        ("result", "{id}"),
        REPEATED,
        "https://docs.kraken.com/api-reference/market-data/get-ohlc-data",
        end=None,
        newest_only=True,
        min_interval_s=1.0,
        no_candles=".d",
    ),
    "coinbase": Quirks(
        "api.coinbase.com",
        300,
        ("candles",),
        MISSING,
        "https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/public/get-public-product-candles",
    ),
    "bitstamp": Quirks(
        # With both start and end, the `limit` bars up to end (ccxt#20222). What it does with idle bars is not
        # documented; public sets of its minutes hold flat ones from 2012 on.
        "www.bitstamp.net",
        1_000,
        ("data", "ohlc"),
        REPEATED,
        "https://www.bitstamp.net/api/#tag/Market-info/operation/GetOHLCData",
    ),
    "binance": Quirks(
        # The mirror of the public data answers where the exchange itself says 451. Without showPermissionSets=false
        # the list of markets is several times as long.
        "data-api.binance.vision",
        1_000,
        (),
        REPEATED,
        "https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints",
        min_interval_s=0.1,
        config={"options": _SPOT},
        api={"public": "https://data-api.binance.vision/api/v3"},
        markets={"showPermissionSets": "false"},
    ),
    "okx": Quirks(
        # market/candles holds the newest 1,440 bars, 300 a page; ccxt asks market/history-candles where a span
        # begins before its newest 1,439, with up to 300, too. The documentation gave 100 for those until 2025 and
        # 300 since (ccxt#26705). A page of 100 is right by both.
        "www.okx.com",
        100,
        ("data",),
        REPEATED,
        "https://www.okx.com/docs-v5/en/#order-book-trading-market-data-get-candlesticks-history",
        min_interval_s=0.2,
        config={"options": _SPOT},
    ),
    "bitfinex": Quirks(
        # 30 requests a minute. Errors may come as ["error", 11010, "ratelimit: error"].
        "api-pub.bitfinex.com",
        10_000,
        (),
        MISSING,
        "https://docs.bitfinex.com/reference/rest-public-candles",
        min_interval_s=2.0,
        refusal="error",
    ),
    "kucoin": Quirks(
        # ccxt has no `until` here and works its own endAt out; ours, in seconds, takes its place.
        "api.kucoin.com",
        1_500,
        ("data",),
        MISSING,
        "https://www.kucoin.com/docs-new/rest/spot-trading/market-data/get-klines",
        end=("endAt", 1_000),
        config={"options": {"fetchMarkets": {"types": ["spot"], "fetchTickersFees": False}}},
        too_often=("200002",),
    ),
}
