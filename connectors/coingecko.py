"""CoinGecko's ``/global``: the market cap of all coins, and the largest coins' shares of it.

https://docs.coingecko.com/reference/crypto-global (keyless, or with the optional Demo key).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from connectors.answers import excerpt, instant, number, read_json, table
from connectors.errors import BadAnswer, for_status
from connectors.records import Limits, MarketCap, Page, Reject, Request, Window

SOURCE = "coingecko"
URL = "https://api.coingecko.com/api/v3/global"
DEFINITION = "all-coins"
#: CoinGecko's API description: "Cache / Update Frequency: every 10 minutes" for /global.
RESOLUTION_S = 600


class CoinGeckoGlobal:
    """The total market cap over every coin CoinGecko tracks, and the caps behind its dominance figures.

    One answer gives ``TOTAL`` and the assets in ``market_cap_percentage`` (about ten; symbols upper-cased,
    so ``BTC``), all with definition ``all-coins``. An asset's cap is ``TOTAL × percentage / 100``; its
    dominance is therefore cap / ``TOTAL`` of the same instant. ``volume_usd`` of ``TOTAL`` is the last 24
    hours'. The instant, ``period_end`` and ``available_at`` alike, is the payload's ``updated_at`` (epoch
    seconds, UTC). /global knows only "now": the window's bounds do not matter.
    """

    source = SOURCE
    record = MarketCap
    limits = Limits(min_interval_s=2.0, max_pages=1, max_bytes=1_000_000)  # keyless: about 5 a minute seen
    cadence_s = float(RESOLUTION_S)

    def first(self, window: Window) -> Request:
        return Request(URL, asked_at=window.end)

    def parse(self, request: Request, body: bytes) -> Page[MarketCap]:
        """Raises ``BadAnswer``, or what an error inside a 200 means (``RateLimited``, ``Refused``)."""
        answer = read_json(request.url, body)
        raise_named_error(request.url, answer)
        data = table(answer).get("data")
        if not isinstance(data, dict):
            raise BadAnswer(f'{request.url} answered JSON without its "data" object: {excerpt(answer)}')
        total = number(table(data.get("total_market_cap")).get("usd"))
        at = instant(number(data.get("updated_at")))
        if total is None or total <= 0 or at is None:
            raise BadAnswer(f"{request.url} answered without a total in USD or the time it holds for: {excerpt(data)}")
        records = [_cap("TOTAL", total, at, volume_usd=number(table(data.get("total_volume")).get("usd")))]
        rejects = []
        for asset, percentage in table(data.get("market_cap_percentage")).items():
            share = number(percentage)
            if share is None:
                rejects.append(Reject("market_cap_percentage is not a number", excerpt(f"{asset}: {percentage!r}")))
            else:
                records.append(_cap(asset.upper(), total * share / 100, at))
        return Page(tuple(records), tuple(rejects))


def raise_named_error(url: str, answer: object) -> None:
    """The three shapes: ``{"error": text}``, ``{"status": {...}}``, ``{"error": {"status": {...}}}``.

    Codes of 10000 and up are about keys and plans (10012: more than the plan's 365 days of history), 1020 is
    the CDN's block; others are HTTP statuses. https://docs.coingecko.com/docs/errors-and-rate-limits
    """
    named: Mapping[str, object] = table(answer)
    error = named.get("error")
    status = table(error).get("status", named.get("status"))
    if isinstance(status, dict):
        code, said = status.get("error_code"), excerpt(status.get("error_message", ""))
        if isinstance(code, int):
            http = 401 if code >= 10_000 else 403 if code == 1020 else code
            raise for_status(http, url, said=said) or BadAnswer(f"{url} answered an error: {said}")
    if error is not None:
        raise BadAnswer(f"{url} answered an error: {excerpt(error)}")


def _cap(asset: str, cap_usd: float, at: datetime, volume_usd: float | None = None) -> MarketCap:
    return MarketCap(SOURCE, DEFINITION, asset, at, cap_usd, RESOLUTION_S, at, volume_usd=volume_usd)
