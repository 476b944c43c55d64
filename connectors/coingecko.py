"""CoinGecko's ``/global``: the market cap of all coins, and the largest coins' shares of it.

https://docs.coingecko.com/reference/crypto-global (keyless, or with the optional Demo key).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.answers import excerpt, read_json
from connectors.errors import BadAnswer, for_status
from connectors.records import Limits, MarketCap, Page, Reject, Request, Window

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

    source = "coingecko"
    record = MarketCap
    limits = Limits(min_interval_s=2.0, max_pages=1, max_bytes=1_000_000)  # keyless: about 5 a minute seen

    def first(self, window: Window) -> Request:
        return Request(URL, asked_at=window.end)

    def parse(self, request: Request, body: bytes) -> Page[MarketCap]:
        """Raises ``BadAnswer``, or what an error inside a 200 means (``RateLimited``, ``Refused``)."""
        data = _data(request.url, read_json(request.url, body))
        total = _number(_table(data, "total_market_cap").get("usd"))
        at = _instant(data.get("updated_at"))
        if total is None or at is None:
            raise BadAnswer(f"{request.url} answered without a total in USD or the time it holds for: {excerpt(data)}")
        records = [_cap("TOTAL", total, at, volume_usd=_number(_table(data, "total_volume").get("usd")))]
        rejects = []
        for asset, percentage in _table(data, "market_cap_percentage").items():
            share = _number(percentage)
            if share is None:
                rejects.append(Reject("market_cap_percentage is not a number", excerpt(f"{asset}: {percentage!r}")))
            else:
                records.append(_cap(asset.upper(), total * share / 100, at))
        return Page(tuple(records), tuple(rejects))


def _cap(asset: str, cap_usd: float, at: datetime, volume_usd: float | None = None) -> MarketCap:
    return MarketCap(
        source=CoinGeckoGlobal.source,
        definition=DEFINITION,
        asset=asset,
        period_end=at,
        market_cap_usd=cap_usd,
        resolution_s=RESOLUTION_S,
        available_at=at,
        volume_usd=volume_usd,
    )


def _data(url: str, answer: object) -> Mapping[str, object]:
    if isinstance(answer, dict):
        if isinstance(data := answer.get("data"), dict):
            return data
        _raise_named_error(url, answer)
    raise BadAnswer(f'{url} answered JSON without its "data" object: {excerpt(answer)}')


def _raise_named_error(url: str, answer: Mapping[str, object]) -> None:
    """The three shapes: ``{"error": text}``, ``{"status": {...}}``, ``{"error": {"status": {...}}}``.

    Codes of 10000 and up are about keys and plans, 1020 is the CDN's block; others are HTTP statuses.
    https://docs.coingecko.com/docs/errors-and-rate-limits
    """
    error = answer.get("error")
    status = error.get("status") if isinstance(error, dict) else answer.get("status")
    if isinstance(status, dict):
        code, said = status.get("error_code"), excerpt(status.get("error_message", ""))
        if isinstance(code, int):
            http = 401 if code >= 10_000 else 403 if code == 1020 else code
            raise for_status(http, url, said=said) or BadAnswer(f"{url} answered an error: {said}")
    if error is not None:
        raise BadAnswer(f"{url} answered an error: {excerpt(error)}")


def _table(data: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _instant(value: object) -> datetime | None:
    seconds = _number(value)
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
