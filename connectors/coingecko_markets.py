"""CoinGecko's ``/coins/markets``: the coins with the largest market caps, one by one.

https://docs.coingecko.com/reference/coins-markets (keyless, or with the optional Demo key).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from connectors.answers import excerpt, read_json
from connectors.coingecko import SOURCE, raise_named_error
from connectors.errors import BadAnswer
from connectors.listings import TAKEN, Coin, read_listing
from connectors.records import Limits, MarketCap, Page, Request, Window

URL = "https://api.coingecko.com/api/v3/coins/markets"
PER_PAGE = 250  # the documented maximum; 251 gives 250 without a word
#: CoinGecko's API description: "Cache / Update Frequency: every 45 seconds"; a little coarser, to be safe.
RESOLUTION_S = 60


class CoinGeckoMarkets:
    """One market cap a coin, definition ``asset``, largest first; ``pages`` of 250 coins.

    ``asset_id`` is CoinGecko's coin id ("bitcoin"). ``period_end`` and ``available_at`` are the row's
    ``last_updated`` (ISO 8601, UTC): in a listing recorded on 2022-02-23 all 250 lie within nine minutes. Cap,
    price (USD), volume (USD, 24 hours) and circulating supply are of that instant; a supply of 0 is how
    CoinGecko writes that it does not know. Since February 2026 wrapped and staked tokens are left out unless
    asked for (``include_rehypothecated``); they are not asked for. A page past the last coin is an empty list.
    Only "now" is known: the window's bounds do not matter. Error shapes as in ``connectors.coingecko``; a
    missing parameter is status 422 with ``{"error": text}``.
    """

    source = SOURCE
    record = MarketCap
    cadence_s = 3600.0

    def __init__(self, pages: int = 1) -> None:
        if not 1 <= pages <= 40:
            raise ValueError(f"pages is 1 to 40 (of {PER_PAGE} coins), not {pages}")
        self.pages = pages
        self.limits = Limits(min_interval_s=2.0, max_pages=pages, max_bytes=4_000_000)

    def first(self, window: Window) -> Request:
        asked = {"vs_currency": "usd", "order": "market_cap_desc", "per_page": str(PER_PAGE), "page": "1"}
        return Request(URL, asked_at=window.end, params=asked, state={"page": 1, "names": TAKEN})

    def parse(self, request: Request, body: bytes) -> Page[MarketCap]:
        """Raises ``BadAnswer`` where this is no list or an empty first page, or what an error inside a 200 means."""
        answer = read_json(request.url, body)
        raise_named_error(request.url, answer)
        page = request.state["page"]
        if not isinstance(answer, list) or (page == 1 and not answer):
            raise BadAnswer(f"{request.url} answered JSON that is not a list of coins: {excerpt(answer)}")
        read = read_listing(SOURCE, answer, _coin, RESOLUTION_S, names=request.state["names"])
        following = None
        if page < self.pages and len(answer) == PER_PAGE:
            following = replace(
                request,
                params={**request.params, "page": str(page + 1)},
                state={"page": page + 1, "names": read.names},
            )
        return Page(read.records, read.rejects, following)


def _coin(row: Mapping[str, object]) -> Coin:
    return Coin(
        symbol=row.get("symbol"),
        asset_id=row.get("id"),
        market_cap_usd=row.get("market_cap"),
        at=row.get("last_updated"),
        price_usd=row.get("current_price"),
        volume_usd=row.get("total_volume"),
        supply=row.get("circulating_supply"),
    )
