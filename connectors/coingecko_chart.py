"""CoinGecko's ``/coins/{id}/market_chart``: the history of one coin's market cap.

https://docs.coingecko.com/demo/reference/coins-id-market-chart (keyless, or with the optional Demo key).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta

from connectors.answers import excerpt, instant, number, read_json, table
from connectors.coingecko import SOURCE, raise_named_error
from connectors.errors import BadAnswer
from connectors.listings import DEFINITION, beside
from connectors.records import Limits, MarketCap, Page, Reject, Request, Window

URL = "https://api.coingecko.com/api/v3/coins/{}/market_chart"
#: By interval: spacing in seconds, how far back it may be asked for. "Access to historical data via the Public
#: API (Demo plan) is restricted to the past 365 days"; hours come by themselves for 2 to 90 days.
INTERVALS = {"daily": (86_400, timedelta(days=365)), "hourly": (3_600, timedelta(days=90))}
#: "The last completed UTC day (00:00) is available 35 minutes after midnight on the next UTC day (00:35)."
DAY_OUT_AFTER = timedelta(minutes=35)
NOW_RESOLUTION_S = 300  # of a daily chart's last point


class CoinGeckoChart:
    """Market cap, price (USD) and 24-hour volume (USD) of ``coin_id`` under the name ``asset``, definition ``asset``.

    ``interval`` is "daily" (365 days back at most) or "hourly" (90); a window that begins earlier is asked as
    far back as the plan gives, and ``reach`` says so. ``period_end`` is the point's own instant (epoch
    milliseconds, UTC), so that "day D 00:00" is the close of D-1: over 367 recorded days the price is 0.2 %
    (median) from an exchange's open of D, 2.2 % from its close of D. Midnights were out 35 minutes later.
    The last point of a daily chart is "now": no day's close, kept as an instant of 5-minute resolution. Stamps
    may step back by a second near the end. Errors as in ``connectors.coingecko``: 10012 for too long a history.
    """

    source = SOURCE
    record = MarketCap
    limits = Limits(min_interval_s=2.0, max_pages=1, max_bytes=4_000_000)

    def __init__(self, coin_id: str = "bitcoin", asset: str = "BTC", interval: str = "daily") -> None:
        if interval not in INTERVALS or not re.fullmatch(r"[\w.-]+", coin_id):
            raise ValueError(f"a coin id and daily or hourly are needed, not {coin_id!r} and {interval!r}")
        self.coin_id, self.asset, self.interval = coin_id, asset, interval
        self.resolution_s, self.reach = INTERVALS[interval]
        self.cadence_s = float(self.resolution_s)

    def first(self, window: Window) -> Request:
        days = min(max(math.ceil((window.end - window.start) / timedelta(days=1)), 2), self.reach.days)
        asked = {"vs_currency": "usd", "days": str(days)} | ({"interval": "daily"} if self.interval == "daily" else {})
        return Request(URL.format(self.coin_id), asked_at=window.end, params=asked)

    def parse(self, request: Request, body: bytes) -> Page[MarketCap]:
        """Raises ``BadAnswer``, or what an error inside a 200 means (``RateLimited``, ``Refused``)."""
        answer = read_json(request.url, body)
        raise_named_error(request.url, answer)
        caps = table(answer).get("market_caps")
        if not isinstance(caps, list):
            raise BadAnswer(f'{request.url} answered JSON without its "market_caps" list: {excerpt(answer)}')
        prices, volumes = (_by_stamp(table(answer).get(name)) for name in ("prices", "total_volumes"))
        records, rejects = [], []
        for point in caps:
            stamp, cap = point if isinstance(point, list) and len(point) == 2 else (None, None)
            at, read = _at(stamp), number(cap)
            fields = beside(number, price_usd=prices.get(stamp), volume_usd=volumes.get(stamp))
            if at is None or read is None or read <= 0:
                rejects.append(Reject("a point without a time or a market cap above zero", excerpt(point)))
            elif isinstance(fields, str):
                rejects.append(Reject(fields, excerpt([*point, prices.get(stamp), volumes.get(stamp)])))
            else:
                records.append(self._cap(at, read, fields))
        return Page(tuple(records), tuple(rejects))

    def _cap(self, at: datetime, cap: float, fields: Mapping[str, float | None]) -> MarketCap:
        daily, midnight = self.interval == "daily", at.time() == time(0)
        resolution_s = NOW_RESOLUTION_S if daily and not midnight else self.resolution_s
        out = at + DAY_OUT_AFTER if daily and midnight else at
        return MarketCap(SOURCE, DEFINITION, self.asset, at, cap, resolution_s, out, asset_id=self.coin_id, **fields)


def _at(stamp: object) -> datetime | None:
    """Epoch milliseconds, without a float's error in the last digits."""
    seconds = instant(stamp // 1000) if isinstance(stamp, int) and not isinstance(stamp, bool) else None
    return None if seconds is None else seconds + timedelta(milliseconds=stamp % 1000)


def _by_stamp(points: object) -> Mapping[object, object]:
    pairs = points if isinstance(points, list) else []
    return {p[0]: p[1] for p in pairs if isinstance(p, list) and len(p) == 2 and isinstance(p[0], int)}
