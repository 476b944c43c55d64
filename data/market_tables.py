"""The Market page's tables by name, for its own CSV buttons and for whoever asks for them by address.

Every one is a function of what is stored and of the view alone: ages, which depend on when one looks, are not in them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd

from data import market_page
from data.totals import COMPUTED
from data.view import View

if TYPE_CHECKING:
    from data.reading import Reading

#: What a definition counts; of a definition that an import brought, its own name is all that is known.
COUNTS = {
    "all-coins": "Every coin the provider tracks",
    "top-125": "The 125 largest coins of TradingView's screener",
    "cmc-tracked": "The coins CoinMarketCap tracks",
    "paprika-tracked": "The coins CoinPaprika tracks",
    "coinlore-tracked": "The coins CoinLore tracks",
}
_COMPUTED = COMPUTED.format("")
WITHOUT = {"TOTAL": "", "TOTAL2": ", without Bitcoin", "TOTAL3": ", without Bitcoin and Ethereum"}


def totals(reading: Reading, view: View) -> pd.DataFrame:
    """Total market caps of the range, by source and definition, as the chart draws them (``Series.within``)."""
    return _market(reading, view).totals.within(view.start, view.end)


def disagreement(reading: Reading, view: View) -> pd.DataFrame:
    """The lowest and the highest TOTAL wherever two or more providers are current, and the spread (fraction)."""
    return _market(reading, view).band.within(view.start, view.end)


def dominance(reading: Reading, view: View) -> pd.DataFrame:
    """Shares of BTC and ETH (percent), each of its own source's total."""
    return _market(reading, view).dominance.within(view.start, view.end)


def mood(reading: Reading, view: View) -> pd.DataFrame:
    """The Fear & Greed index of the range, with the provider's word."""
    return _market(reading, view).mood.within(view.start, view.end)


def assets(reading: Reading, view: View) -> pd.DataFrame:
    """The largest assets at the clock, or those the view is about; by the view's source where it has a list."""
    return _assets(reading, view).rows


def asset_days(reading: Reading, view: View) -> pd.DataFrame:
    """What the sparklines are drawn from: a value a day, of the source of ``assets``."""
    found = _assets(reading, view)
    return found.days.assign(source=found.rows["source"].iloc[0] if len(found.rows) else "")


def definitions(reading: Reading, view: View) -> pd.DataFrame:
    """What each definition counts, its newest value, and how far it is from each other one at the same instant."""
    read = _market(reading, view)
    rows = read.totals.newest.astype(dict.fromkeys(market_page.SERIES, "str"))
    made_of = market_page.members(reading.snapshot, view.known_at).set_index(["source", "definition"])
    apart = dict(list(read.differences.groupby(list(market_page.SERIES), observed=True)))
    rows["counts"] = [_counts(row, made_of) for row in rows.itertuples()]
    rows["compared"] = [_compared(apart.get((row.source, row.definition, row.asset))) for row in rows.itertuples()]
    order = rows.assign(place=rows["asset"].map(market_page.TOTALS.index)).sort_values(
        ["place", "source", "definition"]
    )
    return rows.loc[
        order.index,
        ["asset", "source", "definition", "counts", "market_cap_usd", "period_end", "resolution_s", "compared"],
    ].reset_index(drop=True)


def differences(reading: Reading, view: View) -> pd.DataFrame:
    """Each total against each other one, at the newest instant at which both are current (fraction)."""
    columns = ["asset", "source", "definition", "other_source", "other_definition", "at", "difference"]
    return _market(reading, view).differences[columns]


#: What each is called in addresses, file names and manifests.
MARKET_TABLES: dict[str, Callable[[Reading, View], pd.DataFrame]] = {
    "market-totals": totals,
    "market-disagreement": disagreement,
    "market-dominance": dominance,
    "market-mood": mood,
    "market-assets": assets,
    "market-asset-days": asset_days,
    "market-definitions": definitions,
    "market-differences": differences,
}


def counts(source: str, definition: str, asset: str = "TOTAL") -> str:
    """What a total counts, in words."""
    if source.endswith(_COMPUTED):
        known = f"The 125 largest coins of {source.removesuffix(_COMPUTED)}'s list, added up here"
    else:
        known = COUNTS.get(definition, f"What its source calls “{definition}”")
    return known + WITHOUT.get(asset, "")


def _market(reading: Reading, view: View) -> market_page.Market:
    return market_page.market(reading.snapshot, view.known_at, view.totals)


def _assets(reading: Reading, view: View) -> market_page.Assets:
    source = view.sources[0] if view.sources else None
    return market_page.assets(reading.snapshot, view.known_at, view.about or None, source)


def _counts(row: object, made_of: pd.DataFrame) -> str:
    said = counts(row.source, row.definition, row.asset)
    if row.asset != "TOTAL" or (row.source, row.definition) not in made_of.index:
        return said
    members = made_of.loc[(row.source, row.definition)]
    if not members["left_out"]:
        return f"{said}: {members['counted']} coins, none of the larger ones kept out"
    more = members["left_out"] - min(3, members["left_out"])
    return f"{said}: {members['counted']} coins; kept out: {members['kept_out']}" + (
        f" and {more} more" if more else ""
    )


def _compared(others: pd.DataFrame | None) -> str | None:
    """ "5.2 % above tradingview top-125 (2025-04-16 00:00 UTC)", one after the other; None without any."""
    if others is None:
        return None
    return "; ".join(
        f"{100 * abs(one.difference):.1f} % {'above' if one.difference >= 0 else 'below'} {one.other_source} "
        f"{one.other_definition} ({one.at:%Y-%m-%d %H:%M} UTC)"
        for one in others.itertuples()
    )
