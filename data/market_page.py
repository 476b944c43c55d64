"""What the Market page shows, read for one clock and kept: totals, dominance, disagreement, mood, lists of assets.

Nothing here depends on the wall clock, so the same snapshot and clock give the same rows again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.cap_band import band, differences
from analysis.cap_moves import DAYS, SPANS, changes, daily
from analysis.check_dominance import shares
from data.kept import Kept
from data.queries import market_page as queries
from data.series import Series
from data.snapshot import Snapshot

TOTALS = ("TOTAL", "TOTAL2", "TOTAL3")
#: Whose share of the total is shown.
SHARED = ("BTC", "ETH")
MOOD = "fear-and-greed"
#: Assets listed.
LISTED = 100
SERIES = ("source", "definition", "asset")


@dataclass(frozen=True)
class Market:
    """All that was known at a clock, whole; by source, definition and asset, oldest first.

    ``totals``: ``data.queries.market_page.total_history`` of TOTAL, TOTAL2 and TOTAL3. ``dominance``: ``source``,
    ``definition``, ``asset``, ``period_end``, ``dominance`` (percent), ``resolution_s``, ``available_at``. ``band``:
    ``analysis.cap_band.band`` of TOTAL. ``differences``: ``analysis.cap_band.differences`` with ``asset``. ``mood``:
    ``data.queries.market_page.indicator_series`` of the Fear & Greed index.
    """

    totals: Series
    dominance: Series
    band: Series
    differences: pd.DataFrame
    mood: Series

    @property
    def extent(self) -> tuple[pd.Timestamp, pd.Timestamp] | None:
        """The first and the last instant that anything is known for."""
        known = [one.extent for one in (self.totals, self.dominance, self.mood) if len(one)]
        return (min(first for first, _ in known), max(last for _, last in known)) if known else None


def market(snapshot: Snapshot, known_at: pd.Timestamp | None = None, chosen: tuple[str, ...] = ()) -> Market:
    """``chosen``: "coingecko/all-coins", whose totals count; none: all of them. Treat what it returns as read-only."""
    return _MARKETS.get(_key(snapshot, known_at, chosen), lambda: _market(snapshot, known_at, chosen))


def _key(snapshot: Snapshot, *asked: object) -> tuple:
    """Equal where the tables read are: news that arrives changes none of them."""
    versions = (snapshot.versions.get(name) for name in ("market_caps", "indicators", "total_members"))
    return (snapshot.home, snapshot.lake_id, *versions, *asked)


def _market(snapshot: Snapshot, known_at: pd.Timestamp | None, chosen: tuple[str, ...]) -> Market:
    rows = queries.total_history(snapshot, known_at)
    if chosen:
        named = rows["source"].astype(str) + "/" + rows["definition"].astype(str)
        # A cap of an asset alone serves whichever total its source states.
        rows = rows[named.isin(chosen) | (rows["definition"] == "asset")].reset_index(drop=True)
    totals = rows[rows["asset"].isin(TOTALS)].reset_index(drop=True)
    total = totals[totals["asset"] == "TOTAL"]
    apart = [
        differences(totals[totals["asset"] == asset]).assign(asset=asset).astype({"asset": "str"}) for asset in TOTALS
    ]
    return Market(
        Series(totals, SERIES),
        Series(_dominance(rows, total), SERIES),
        Series(band(total), at="at"),
        pd.concat([frame for frame in apart if len(frame)] or apart[:1], ignore_index=True),
        Series(queries.indicator_series(snapshot, MOOD, known_at), ("source",)),
    )


def _dominance(rows: pd.DataFrame, total: pd.DataFrame) -> pd.DataFrame:
    """Shares of a source's own total by the same source's own cap: see ``analysis.check_dominance``."""
    columns = ["source", "definition", "asset", "period_end", "dominance", "resolution_s", "available_at"]
    found = [shares(rows[rows["asset"] == asset], total).assign(asset=asset) for asset in SHARED]
    found = [frame for frame in found if len(frame)]
    if not found:
        return total.assign(dominance=np.nan)[columns].head(0)
    return (
        pd.concat(found, ignore_index=True)
        .rename(columns={"end": "period_end", "value": "dominance"})
        .sort_values(["asset", "source", "definition", "period_end"], kind="stable", ignore_index=True)[columns]
    )


#: By rows: 20 bytes or so each.
_MARKETS: Kept[Market] = Kept(2_000_000, lambda made: 1 + len(made.totals) + len(made.dominance) + len(made.band))


# ── assets ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Assets:
    """A source's newest list. ``rows``: ``data.queries.market_page.asset_list`` with, for each span of
    ``analysis.cap_moves.SPANS``, ``change_…`` (fraction), ``since_…`` and ``reason_…``. ``days``: ``daily`` of them.
    ``lists``: who else has one (``asset_lists``)."""

    rows: pd.DataFrame
    days: pd.DataFrame
    lists: pd.DataFrame


def assets(
    snapshot: Snapshot,
    known_at: pd.Timestamp | None = None,
    wanted: tuple[str, ...] | None = None,
    source: str | None = None,
) -> Assets:
    """The ``LISTED`` largest assets, or those of ``wanted``; by ``source`` where it has a list, else the best list."""
    key = _key(snapshot, known_at, wanted, source)
    return _ASSETS.get(key, lambda: _assets(snapshot, known_at, wanted, source))


def _assets(
    snapshot: Snapshot, known_at: pd.Timestamp | None, wanted: tuple[str, ...] | None, source: str | None
) -> Assets:
    lists = queries.asset_lists(snapshot, known_at)
    names = lists["source"].tolist()
    chosen = source if source in names else next(iter(names), "")
    rows = queries.asset_list(snapshot, chosen, LISTED, wanted, known_at)
    oldest = rows["period_end"].min() if len(rows) else pd.Timestamp(0, tz="UTC")
    history = queries.asset_history(
        snapshot, chosen, rows["asset"].unique().tolist(), oldest - pd.Timedelta(days=DAYS + 1), known_at
    )
    for name, span in SPANS.items():
        moved = changes(rows, history, span)
        rows = rows.assign(**{f"{column}_{name}": moved[column] for column in moved})
    return Assets(rows, daily(rows, history), lists)


_ASSETS: Kept[Assets] = Kept(8)


def members(snapshot: Snapshot, known_at: pd.Timestamp | None = None) -> pd.DataFrame:
    """``data.queries.market_page.counted_members``."""
    return _MEMBERS.get(_key(snapshot, known_at), lambda: queries.counted_members(snapshot, known_at))


_MEMBERS: Kept[pd.DataFrame] = Kept(8)
