"""CoinLore: its total with the shares of BTC and ETH in it, and its list of coins. Keyless.

https://www.coinlore.com/cryptocurrency-data-api: "about one request a second". Most numbers are text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from connectors.answers import excerpt, instant, numeral, read_json, table
from connectors.errors import BadAnswer
from connectors.listings import TAKEN, Coin, read_listing
from connectors.records import Limits, MarketCap, Page, Reject, Request, Window

SOURCE = "coinlore"
DEFINITION = "coinlore-tracked"
BASE = "https://api.coinlore.net/api"
PER_PAGE = 100  # the documented maximum
RESOLUTION_S = 600  # CoinLore does not say how often it updates: our guess, on the coarse side


class CoinLoreGlobal:
    """``TOTAL`` over the coins CoinLore tracks, and the caps of BTC and ETH in it, definition ``coinlore-tracked``.

    The answer is a list of one object. An asset's cap is ``TOTAL × btc_d / 100`` (``eth_d``), of percentages
    with two decimals. ``volume_usd`` of ``TOTAL`` is the last 24 hours'. The answer carries no time:
    ``period_end`` and ``available_at`` are when it was asked, the end of the window.
    """

    source = SOURCE
    record = MarketCap
    limits = Limits(min_interval_s=1.0, max_pages=1, max_bytes=1_000_000)
    cadence_s = 600.0

    def first(self, window: Window) -> Request:
        return Request(f"{BASE}/global/", asked_at=window.end)

    def parse(self, request: Request, body: bytes) -> Page[MarketCap]:
        """Raises ``BadAnswer``: CoinLore documents no other error."""
        answer = read_json(request.url, body)
        data = table(answer[0]) if isinstance(answer, list) and len(answer) == 1 else {}
        total, at = numeral(data.get("total_mcap")), request.asked_at
        if total is None or total <= 0:
            raise BadAnswer(f"{request.url} answered without its list of one total in USD: {excerpt(answer)}")
        records = [_cap("TOTAL", total, at, numeral(data.get("total_volume")))]
        rejects = []
        for asset in ("btc", "eth"):
            share = numeral(data.get(f"{asset}_d"))
            if share is None or not 0 <= share <= 100:
                rejects.append(Reject(f"{asset}_d is not a percentage", excerpt(data.get(f"{asset}_d"))))
            else:
                records.append(_cap(asset.upper(), total * share / 100, at))
        return Page(tuple(records), tuple(rejects))


class CoinLoreTickers:
    """One market cap a coin, definition ``asset``, largest first; ``pages`` of 100 coins.

    ``asset_id`` is CoinLore's ``nameid`` ("bitcoin"). ``period_end`` and ``available_at`` are ``info.time`` of
    the answer (epoch seconds, UTC), one for all its coins. Price (USD), volume (USD, 24 hours) and circulating
    supply are of that instant. Only "now" is known: the window's bounds do not matter.
    """

    source = SOURCE
    record = MarketCap
    cadence_s = 3600.0

    def __init__(self, pages: int = 2) -> None:
        if not 1 <= pages <= 100:
            raise ValueError(f"pages is 1 to 100 (of {PER_PAGE} coins), not {pages}")
        self.pages = pages
        self.limits = Limits(min_interval_s=1.0, max_pages=pages, max_bytes=4_000_000)

    def first(self, window: Window) -> Request:
        asked = {"start": "0", "limit": str(PER_PAGE)}
        return Request(f"{BASE}/tickers/", asked_at=window.end, params=asked, state={"page": 1, "names": TAKEN})

    def parse(self, request: Request, body: bytes) -> Page[MarketCap]:
        """Raises ``BadAnswer``: no list, no time, or a first page without coins."""
        answer = table(read_json(request.url, body))
        rows, at, page = answer.get("data"), table(answer.get("info")).get("time"), request.state["page"]
        if not isinstance(rows, list) or instant(at) is None or (page == 1 and not rows):
            raise BadAnswer(f"{request.url} answered without a list of coins and its time: {excerpt(answer)}")
        names = request.state["names"]
        read = read_listing(SOURCE, rows, lambda row: _coin(row, at), RESOLUTION_S, names=names, read=numeral)
        following = None
        if page < self.pages and len(rows) == PER_PAGE:
            asked = {**request.params, "start": str(page * PER_PAGE)}
            following = replace(request, params=asked, state={"page": page + 1, "names": read.names})
        return Page(read.records, read.rejects, following)


def _coin(row: Mapping[str, object], at: object) -> Coin:
    return Coin(
        symbol=row.get("symbol"),
        asset_id=row.get("nameid"),
        market_cap_usd=row.get("market_cap_usd"),
        at=at,
        price_usd=row.get("price_usd"),
        volume_usd=row.get("volume24"),
        supply=row.get("csupply") or None,  # "" where it does not know
    )


def _cap(asset: str, cap_usd: float, at: datetime, volume_usd: float | None = None) -> MarketCap:
    return MarketCap(SOURCE, DEFINITION, asset, at, cap_usd, RESOLUTION_S, at, volume_usd=volume_usd)
