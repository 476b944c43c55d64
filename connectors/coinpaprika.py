"""CoinPaprika: its total with Bitcoin's share of it, and its list of coins. Keyless.

https://api.coinpaprika.com/#tag/Global and https://api.coinpaprika.com/#tag/Tickers. Asked without a slash at the
end: with one it answers a redirect with a web page in it.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.answers import excerpt, instant, number, read_json, table
from connectors.errors import BadAnswer, for_status
from connectors.listings import Coin, read_listing
from connectors.records import Limits, MarketCap, Page, Reject, Request, Window

SOURCE = "coinpaprika"
DEFINITION = "paprika-tracked"
BASE = "https://api.coinpaprika.com/v1"
RESOLUTION_S = 300  # figures change about every five minutes without a paid plan


class CoinPaprikaGlobal:
    """``TOTAL`` over the coins CoinPaprika tracks, and ``BTC``'s cap in it, definition ``paprika-tracked``.

    BTC's cap is ``TOTAL × bitcoin_dominance_percentage / 100``; other shares are not given. ``volume_usd`` of
    ``TOTAL`` is the last 24 hours'. The instant, ``period_end`` and ``available_at`` alike, is ``last_updated``
    (epoch seconds, UTC). Only "now" is known.
    """

    source = SOURCE
    record = MarketCap
    limits = Limits(min_interval_s=1.0, max_pages=1, max_bytes=1_000_000)
    cadence_s = 600.0

    def first(self, window: Window) -> Request:
        return Request(f"{BASE}/global", asked_at=window.end)

    def parse(self, request: Request, body: bytes) -> Page[MarketCap]:
        """Raises ``BadAnswer``, or ``RateLimited`` where the body of a 200 says so."""
        data = table(_read(request.url, body))
        total, at = number(data.get("market_cap_usd")), instant(number(data.get("last_updated")))
        if total is None or total <= 0 or at is None:
            raise BadAnswer(f"{request.url} answered without a total in USD or the time it holds for: {excerpt(data)}")
        volume = number(data.get("volume_24h_usd"))
        records = [MarketCap(SOURCE, DEFINITION, "TOTAL", at, total, RESOLUTION_S, at, volume_usd=volume)]
        share = number(data.get("bitcoin_dominance_percentage"))
        if share is None or not 0 <= share <= 100:
            said = excerpt(data.get("bitcoin_dominance_percentage"))
            return Page(tuple(records), (Reject("bitcoin_dominance_percentage is not a percentage", said),))
        records.append(MarketCap(SOURCE, DEFINITION, "BTC", at, total * share / 100, RESOLUTION_S, at))
        return Page(tuple(records))


class CoinPaprikaTickers:
    """One market cap a coin, definition ``asset``, for all coins (about 2,000) in one answer.

    ``asset_id`` is CoinPaprika's ("btc-bitcoin"). ``period_end`` and ``available_at`` are ``last_updated``
    (ISO 8601, UTC); cap, price (USD) and volume (USD, 24 hours) are of that instant. The circulating supply is
    in paid answers only: None here. Coins no longer traded have a cap of 0 and are rejects. Only "now" is known.
    """

    source = SOURCE
    record = MarketCap
    limits = Limits(min_interval_s=1.0, max_pages=1, max_bytes=20_000_000)
    cadence_s = 3600.0

    def first(self, window: Window) -> Request:
        return Request(f"{BASE}/tickers", asked_at=window.end, params={"quotes": "USD"})

    def parse(self, request: Request, body: bytes) -> Page[MarketCap]:
        """Raises ``BadAnswer``, or ``RateLimited`` where the body of a 200 says so."""
        rows = _read(request.url, body)
        if not isinstance(rows, list) or not rows:
            raise BadAnswer(f"{request.url} answered JSON that is not a list of coins: {excerpt(rows)}")
        read = read_listing(SOURCE, rows, _coin, RESOLUTION_S)
        return Page(read.records, read.rejects)


def _read(url: str, body: bytes) -> object:
    """The answer, once it is no ``{"error": text}``. The limit's text: "you have reached maximum request limit"."""
    answer = read_json(url, body)
    if (error := table(answer).get("error")) is not None:
        said = excerpt(error)
        limited = for_status(429, url, said=said) if "request limit" in said else None
        raise limited or BadAnswer(f"{url} answered an error: {said}")
    return answer


def _coin(row: Mapping[str, object]) -> Coin:
    quote = table(table(row.get("quotes")).get("USD"))
    return Coin(
        symbol=row.get("symbol"),
        asset_id=row.get("id"),
        market_cap_usd=quote.get("market_cap"),
        at=row.get("last_updated"),
        price_usd=quote.get("price"),
        volume_usd=quote.get("volume_24h"),
        supply=row.get("circulating_supply"),
    )
