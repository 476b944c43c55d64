"""From one page of a provider's list of coins to market caps, one a coin: the part that all such lists share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from connectors.answers import excerpt, instant, number
from connectors.records import MarketCap, Reject

DEFINITION = "asset"  # an asset's own cap: a share of no universe
#: Names that mean something else in the table of market caps; a coin may well call itself so.
TAKEN: Mapping[str, str] = {"TOTAL": "", "TOTAL2": "", "TOTAL3": ""}


@dataclass(frozen=True, slots=True)
class Coin:
    """One row of a list as the provider wrote it, unread. None where it has no such field."""

    symbol: object
    asset_id: object  # the provider's own name for it, unique
    market_cap_usd: object
    at: object  # when the provider last updated it
    price_usd: object = None
    volume_usd: object = None  # of the last 24 hours
    supply: object = None  # circulating


@dataclass(frozen=True, slots=True)
class Listing:
    """What a page of coins held. ``names``: every asset name given so far and its coin, for the next page."""

    records: tuple[MarketCap, ...]
    rejects: tuple[Reject, ...]
    names: Mapping[str, str]


def read_listing(
    source: str,
    rows: Iterable[object],
    coin: Callable[[dict[str, object]], Coin],
    resolution_s: int,
    *,
    names: Mapping[str, str] = TAKEN,
    read: Callable[[object], float | None] = number,
) -> Listing:
    """Market caps in the order of ``rows``, ``period_end`` and ``available_at`` alike being ``Coin.at``.

    Many coins share a symbol. The largest cap keeps the bare one, in capitals ("BNX"); every other is
    "BNX (coin-id)", so that none hides another. ``names`` are those given on earlier pages, of larger caps.
    ``read`` reads the provider's numbers. A row is rejected without a symbol, an id, a time or a cap above
    zero (zero means unknown), and where a field beside the cap is there but cannot be read.
    """
    kept: list[MarketCap] = []
    rejects: list[Reject] = []
    for row in rows:
        made = (
            _market_cap(source, coin(row), resolution_s, read) if isinstance(row, dict) else "a coin is not an object"
        )
        if isinstance(made, str):
            rejects.append(Reject(made, excerpt(row)))
        else:
            kept.append(made)
    given = dict(names)
    for record in sorted(kept, key=lambda record: (-record.market_cap_usd, record.asset_id)):
        given.setdefault(record.asset, record.asset_id)
    return Listing(tuple(_named(record, given) for record in kept), tuple(rejects), given)


def _market_cap(source: str, coin: Coin, resolution_s: int, read: Callable[[object], float | None]) -> MarketCap | str:
    """The record, or why there is none."""
    symbol = coin.symbol.strip().upper() if isinstance(coin.symbol, str) else ""
    asset_id = coin.asset_id.strip() if isinstance(coin.asset_id, str) else ""
    cap, at = read(coin.market_cap_usd), instant(coin.at)
    if not symbol or not asset_id:
        return "no symbol or no id"
    if cap is None or cap <= 0:
        return "no market cap" if cap is None else "the market cap is zero or less"
    if at is None:
        return "no time that it was updated at"
    fields = beside(read, price_usd=coin.price_usd, volume_usd=coin.volume_usd, supply=coin.supply)
    if isinstance(fields, str):
        return fields
    return MarketCap(source, DEFINITION, symbol, at, cap, resolution_s, at, asset_id=asset_id, **fields)


def beside(read: Callable[[object], float | None], **values: object) -> dict[str, float | None] | str:
    """The fields beside a cap, None for null; or which of them is there and no number of zero or more."""
    fields = {name: read(value) for name, value in values.items()}
    for name, value in values.items():
        if value is not None and (fields[name] is None or fields[name] < 0):
            return f"{name} is not a number of zero or more"
    return fields


def _named(record: MarketCap, given: Mapping[str, str]) -> MarketCap:
    holder = given[record.asset]
    return record if holder == record.asset_id else replace(record, asset=f"{record.asset} ({record.asset_id})")
