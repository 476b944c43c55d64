"""CoinMarketCap: its total with the shares of BTC and ETH in it, and its list of coins; without a key or with one.

https://pro.coinmarketcap.com/api/documentation/pro-api-reference/global-metrics (quotes/latest) and
.../cryptocurrency (listings/latest); without a key under ``/public-api``:
https://coinmarketcap.com/api/resources/coinmarketcap-keyless-public-api-guide-developers-guide/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from connectors.answers import excerpt, instant, number, numeral, read_json, table
from connectors.errors import BadAnswer, for_status
from connectors.listings import Coin, read_listing
from connectors.records import Limits, MarketCap, Page, Reject, Request, Window

SOURCE = "coinmarketcap"
DEFINITION = "cmc-tracked"
HOSTS = {"keyless": "https://pro-api.coinmarketcap.com/public-api", "keyed": "https://pro-api.coinmarketcap.com"}
KEY = "CMC_PRO_API_KEY"
USD_ID = "2781"  # CoinMarketCap's id of the dollar; a quote may be keyed by it
RESOLUTION_S = 60  # its documentation of quotes: "Cache / Update frequency: Every 60 seconds"
#: https://coinmarketcap.com/api/resources/how-to-handle-coinmarketcap-api-errors-and-rate-limit--responses
STATUSES = {1001: 401, 1002: 401, 1003: 402, 1004: 402, 1005: 403, 1006: 403, 1007: 403}
#: Too many in a minute, a day, a month (the longest wait it may mean), from this address (not said).
TOO_MANY: Mapping[int, float | None] = {1008: 60.0, 1009: 86_400.0, 1010: 31 * 86_400.0, 1011: None}


class CoinMarketCapGlobal:
    """``TOTAL`` over the coins CoinMarketCap tracks, and the caps of BTC and ETH in it, definition ``cmc-tracked``.

    An asset's cap is ``TOTAL × dominance / 100``. ``volume_usd`` of ``TOTAL`` is the last 24 hours'. The
    instant, ``period_end`` and ``available_at`` alike, is the ``last_updated`` beside the quote (ISO 8601, UTC),
    a minute or two before the answer in both recorded ones. Only "now" is known; yesterday's figures in the
    answer are not kept. ``access``: "keyless", or "keyed" for a key's own quota (``CMC_PRO_API_KEY``).
    """

    source = SOURCE
    record = MarketCap
    limits = Limits(min_interval_s=2.0, max_pages=1, max_bytes=1_000_000)
    cadence_s = 600.0

    def __init__(self, access: str = "keyless") -> None:
        self.base, self.needs_key = _access(access)

    def first(self, window: Window) -> Request:
        return Request(f"{self.base}/v1/global-metrics/quotes/latest", window.end, {"convert": "USD"})

    def parse(self, request: Request, body: bytes) -> Page[MarketCap]:
        """Raises ``BadAnswer``, or what an ``error_code`` inside a 200 means (``RateLimited``, ``Refused``)."""
        data = table(_data(request.url, body))
        quote = _usd(data)
        total, at = number(quote.get("total_market_cap")), instant(quote.get("last_updated", data.get("last_updated")))
        if total is None or total <= 0 or at is None:
            raise BadAnswer(f"{request.url} answered without a total in USD or the time it holds for: {excerpt(data)}")
        records = [_cap("TOTAL", total, at, number(quote.get("total_volume_24h")))]
        rejects = []
        for asset in ("btc", "eth"):
            share = number(data.get(f"{asset}_dominance"))
            if share is None or not 0 <= share <= 100:
                rejects.append(
                    Reject(f"{asset}_dominance is not a percentage", excerpt(data.get(f"{asset}_dominance")))
                )
            else:
                records.append(_cap(asset.upper(), total * share / 100, at))
        return Page(tuple(records), tuple(rejects))


class CoinMarketCapListings:
    """One market cap a coin, definition ``asset``: the ``limit`` largest of CoinMarketCap's ranked list.

    ``asset_id`` is the slug ("bitcoin"). ``period_end`` and ``available_at`` are the quote's ``last_updated``
    (ISO 8601, UTC); cap, price (USD), volume (USD, 24 hours) and circulating supply are of that instant. Only
    "now" is known. ``access`` as in ``CoinMarketCapGlobal``.
    """

    source = SOURCE
    record = MarketCap
    limits = Limits(min_interval_s=2.0, max_pages=1, max_bytes=20_000_000)
    cadence_s = 3600.0

    def __init__(self, limit: int = 250, access: str = "keyless") -> None:
        if not 1 <= limit <= 5000:
            raise ValueError(f"limit is 1 to 5000 coins, not {limit}")
        self.base, self.needs_key = _access(access)
        self.limit = limit

    def first(self, window: Window) -> Request:
        asked = {"start": "1", "limit": str(self.limit), "convert": "USD", "sort": "market_cap"}
        return Request(f"{self.base}/v1/cryptocurrency/listings/latest", window.end, asked)

    def parse(self, request: Request, body: bytes) -> Page[MarketCap]:
        """Raises ``BadAnswer``, or what an ``error_code`` inside a 200 means (``RateLimited``, ``Refused``)."""
        data = _data(request.url, body)
        if not isinstance(data, list) or not data:
            raise BadAnswer(f"{request.url} answered without a list of coins: {excerpt(data)}")
        read = read_listing(SOURCE, data, _coin, RESOLUTION_S)
        return Page(read.records, read.rejects)


def _access(access: str) -> tuple[str, str | None]:
    if access not in HOSTS:
        raise ValueError(f"access is keyless or keyed, not {access!r}")
    return HOSTS[access], KEY if access == "keyed" else None


def _data(url: str, body: bytes) -> object:
    """What stands under "data", once ``status.error_code`` says that all is well (0, or "0" without a key)."""
    answer = table(read_json(url, body))
    status = table(answer.get("status"))
    code, said = numeral(status.get("error_code")), excerpt(status.get("error_message") or "")
    if code:
        status = 429 if code in TOO_MANY else STATUSES.get(int(code), int(code))
        error = for_status(status, url, said=said, retry_after_s=TOO_MANY.get(int(code)))
        raise error or BadAnswer(f"{url} answered the error {code:g}: {said}")
    if code is None or "data" not in answer:
        raise BadAnswer(f'{url} answered JSON without its "status" and "data": {excerpt(answer)}')
    return answer["data"]


def _usd(row: Mapping[str, object]) -> Mapping[str, object]:
    quotes = table(row.get("quote"))
    return table(quotes.get("USD", quotes.get(USD_ID)))


def _coin(row: Mapping[str, object]) -> Coin:
    quote = _usd(row)
    return Coin(
        symbol=row.get("symbol"),
        asset_id=row.get("slug"),
        market_cap_usd=quote.get("market_cap"),
        at=quote.get("last_updated"),
        price_usd=quote.get("price"),
        volume_usd=quote.get("volume_24h"),
        supply=row.get("circulating_supply"),
    )


def _cap(asset: str, cap_usd: float, at: datetime, volume_usd: float | None = None) -> MarketCap:
    return MarketCap(SOURCE, DEFINITION, asset, at, cap_usd, RESOLUTION_S, at, volume_usd=volume_usd)
