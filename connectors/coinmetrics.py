"""Coin Metrics' community API: the daily history of assets' market caps. Keyless.

https://docs.coinmetrics.io/api-reference/timeseries/timeseries-rest/asset-metrics (CC BY-NC 4.0: non-commercial use)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from connectors.answers import excerpt, instant, numeral, read_json, table
from connectors.errors import BadAnswer, Blocked, for_status
from connectors.listings import DEFINITION, beside
from connectors.records import Limits, MarketCap, Page, Reject, Request, Window

SOURCE = "coinmetrics"
URL = "https://community-api.coinmetrics.io/v4/timeseries/asset-metrics"
DAY, RESOLUTION_S = timedelta(days=1), 86_400
STATUSES = {"unauthorized": 401, "forbidden": 403, "too_many_requests": 429}


class CoinMetricsCaps:
    """Daily market cap, price (USD) and supply of ``assets`` ("btc,eth"), definition ``asset``, all history.

    ``time`` is the beginning of the day and the value that of its end: "the daily frequency represents the price
    as of the end of the day in UTC time" (https://docs.coinmetrics.io/asset-metrics/market/priceusd), a
    "start-of-interval" timestamp (https://docs.coinmetrics.io/market-data/cm-prices-faqs). Their example of five
    days in March 2023 is 0.2 to 0.8 % from an exchange's close of the day, 0.5 to 4.7 % from its open. So
    ``period_end`` is ``time`` + 1 day. Values are reviewed 10 to 14 hours after that in the documented example;
    ``available_at`` is ``period_end`` + 1 day, on the late side. ``asset_id`` is Coin Metrics' name ("btc").
    Cap, price and supply are CapMrktCurUSD, PriceUSD and SplyCur: text, absent or null where there is none.
    """

    source = SOURCE
    record = MarketCap
    limits = Limits(min_interval_s=0.7, max_pages=100, max_bytes=8_000_000)  # 10 requests in 6 s from an address
    cadence_s = float(RESOLUTION_S)

    def __init__(self, assets: str = "btc,eth") -> None:
        if not re.fullmatch(r"[a-z0-9._]+(,[a-z0-9._]+)*", assets):
            raise ValueError(f"assets are names as btc,eth, not {assets!r}")
        self.assets = assets

    def first(self, window: Window) -> Request:
        metrics = {"assets": self.assets, "metrics": "CapMrktCurUSD,PriceUSD,SplyCur", "frequency": "1d"}
        asked = metrics | {
            "start_time": (window.start - DAY).astimezone(UTC).strftime("%Y-%m-%d"),
            "end_time": window.end.astimezone(UTC).strftime("%Y-%m-%d"),
            "page_size": "10000",
        }
        return Request(URL, asked_at=window.end, params=asked)

    def parse(self, request: Request, body: bytes) -> Page[MarketCap]:
        """Raises ``BadAnswer``, ``Blocked`` where the next page is on another host, or what an error means."""
        answer = table(read_json(request.url, body))
        error = table(answer.get("error"))
        if status := STATUSES.get(str(error.get("type"))):
            raise for_status(status, request.url, said=excerpt(error.get("message"))) or BadAnswer(request.url)
        rows = answer.get("data")
        if not isinstance(rows, list):
            raise BadAnswer(f'{request.url} answered JSON without its "data" list: {excerpt(answer)}')
        read = [_read(row, request.asked_at) for row in rows]
        rejects = tuple(r for r in read if isinstance(r, Reject))
        return Page(tuple(r for r in read if isinstance(r, MarketCap)), rejects, _next(request, answer))


def _read(given: object, asked_at: datetime) -> MarketCap | Reject:
    row = table(given)
    asset, time, cap = row.get("asset"), instant(row.get("time")), numeral(row.get("CapMrktCurUSD"))
    if not isinstance(asset, str) or not asset or time is None or cap is None or cap <= 0:
        return Reject("a day without an asset, a time or a market cap above zero", excerpt(given))
    end = time + DAY
    if end > asked_at:
        return Reject("a day that is not over", excerpt(given))
    fields = beside(numeral, price_usd=row.get("PriceUSD"), supply=row.get("SplyCur"))
    if isinstance(fields, str):
        return Reject(fields, excerpt(given))
    return MarketCap(SOURCE, DEFINITION, asset.upper(), end, cap, RESOLUTION_S, end + DAY, asset_id=asset, **fields)


def _next(request: Request, answer: Mapping[str, object]) -> Request | None:
    if (url := answer.get("next_page_url")) is None:
        return None
    asked = urlsplit(str(url))
    if (asked.scheme, asked.netloc) != ("https", urlsplit(URL).netloc):
        raise Blocked(f"{request.url} names a next page on another host ({excerpt(url)}); it is not followed.")
    return Request(str(url), asked_at=request.asked_at)
