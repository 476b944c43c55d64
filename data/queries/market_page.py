"""What the Market page reads: totals and what dominance is made of, lists of assets, indicators, members of totals.

A row counts only if its period had ended and its value was available at ``known_at``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from data.queries.engine import frame, run, tables

if TYPE_CHECKING:
    from data.lake import Snapshot

#: A list of assets holds those whose value is at most so much older than its newest (as ``analysis.totals.STALE``).
LISTING_H = 6
#: A list of fewer assets is no list of the market.
LEAST_LISTED = 10
_KNOWN = "($known_at IS NULL OR (available_at <= $known_at AND period_end <= $known_at))"


def total_history(snapshot: Snapshot, known_at: datetime | None = None) -> pd.DataFrame:
    """Every TOTAL, TOTAL2 and TOTAL3, and the BTC and ETH caps of the sources that state a TOTAL.

    ``source``, ``definition``, ``asset``, ``period_end``, ``market_cap_usd``, ``resolution_s``, ``available_at``; by
    source, definition and asset (categories), oldest first.
    """
    found = frame(
        run(
            f"""SELECT source, definition, asset, period_end, market_cap_usd, resolution_s, available_at
           FROM {{market_caps}}
           WHERE {_KNOWN} AND (asset IN ('TOTAL', 'TOTAL2', 'TOTAL3') OR (asset IN ('BTC', 'ETH') AND source IN
             (SELECT source FROM {{market_caps}} WHERE asset = 'TOTAL')))
           ORDER BY source, definition, asset, period_end""",
            tables(snapshot, "market_caps"),
            {"known_at": known_at},
        )
    )
    return found.astype(dict.fromkeys(("source", "definition", "asset"), "category"))


def asset_lists(snapshot: Snapshot, known_at: datetime | None = None) -> pd.DataFrame:
    """Who states assets' own caps: ``source``, ``period_end`` of its newest, ``assets`` in that list; best first.

    Best is the newest list of ten assets or more; shorter ones come after all of those.
    """
    return frame(
        run(
            f"""WITH own AS (
              SELECT source, asset, asset_id, period_end, max(period_end) OVER (PARTITION BY source) AS newest
              FROM {{market_caps}} WHERE definition = 'asset' AND {_KNOWN})
            SELECT source, newest AS period_end, count(DISTINCT (asset, asset_id)) AS assets FROM own
            WHERE period_end >= newest - INTERVAL {LISTING_H} HOUR
            GROUP BY ALL
            ORDER BY assets >= {LEAST_LISTED} DESC, CASE WHEN assets < {LEAST_LISTED} THEN -assets END,
              period_end DESC, source""",
            tables(snapshot, "market_caps"),
            {"known_at": known_at},
        )
    )


def asset_list(
    snapshot: Snapshot,
    source: str,
    most: int,
    assets: Sequence[str] | None = None,
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """A source's newest list: its ``most`` largest assets, or of those only ``assets``, largest first.

    ``rank`` (within the whole list), ``source``, ``definition``, ``asset``, ``asset_id``, ``period_end``,
    ``market_cap_usd``, ``price_usd``, ``volume_usd``, ``resolution_s``.
    """
    return frame(
        run(
            f"""WITH own AS (
              SELECT *, max(period_end) OVER () AS newest FROM {{market_caps}}
              WHERE definition = 'asset' AND source = $source AND {_KNOWN}),
            listed AS (
              SELECT * FROM own WHERE period_end >= newest - INTERVAL {LISTING_H} HOUR
              QUALIFY row_number() OVER (PARTITION BY asset, asset_id ORDER BY period_end DESC) = 1),
            ranked AS (
              SELECT row_number() OVER (ORDER BY market_cap_usd DESC, asset, asset_id) AS rank, * FROM listed)
            SELECT rank, source, definition, asset, asset_id, period_end, market_cap_usd, price_usd, volume_usd,
              resolution_s
            FROM ranked WHERE $assets IS NULL OR list_contains($assets, asset)
            ORDER BY rank LIMIT {int(most)}""",
            tables(snapshot, "market_caps"),
            {"source": source, "assets": None if assets is None else list(assets), "known_at": known_at},
        )
    )


def asset_history(
    snapshot: Snapshot,
    source: str,
    assets: Sequence[str],
    start: datetime,
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """A source's own caps of assets from ``start`` on: ``asset``, ``asset_id``, ``period_end``, ``market_cap_usd``."""
    return frame(
        run(
            f"""SELECT asset, asset_id, period_end, market_cap_usd FROM {{market_caps}}
           WHERE definition = 'asset' AND source = $source AND list_contains($assets, asset)
             AND period_end >= $start AND {_KNOWN}
           ORDER BY asset, period_end""",
            tables(snapshot, "market_caps"),
            {"source": source, "assets": list(assets), "start": start, "known_at": known_at},
        )
    )


def indicator_series(snapshot: Snapshot, name: str, known_at: datetime | None = None) -> pd.DataFrame:
    """Every source's values of an indicator: ``source``, ``name``, ``period_end``, ``value``, ``label``,
    ``resolution_s``, ``available_at``; by source, oldest first."""
    return frame(
        run(
            f"""SELECT source, name, period_end, value, label, resolution_s, available_at FROM {{indicators}}
           WHERE name = $name AND {_KNOWN} ORDER BY source, period_end""",
            tables(snapshot, "indicators"),
            {"name": name, "known_at": known_at},
        )
    )


def counted_members(snapshot: Snapshot, known_at: datetime | None = None) -> pd.DataFrame:
    """What the newest computed total of each source was counted from.

    ``source``, ``definition``, ``period_end``, ``counted`` (coins), ``kept_out`` ("WBTC (wrapped …); …", largest
    first, three at most) and ``left_out`` (how many there were).
    """
    return frame(
        run(
            """WITH newest AS (
              SELECT *, max(period_end) OVER (PARTITION BY source, definition) AS newest FROM {total_members}
              WHERE $known_at IS NULL OR period_end <= $known_at)
            SELECT source, definition, period_end, count(*) FILTER (WHERE used) AS counted,
              count(*) FILTER (WHERE NOT used) AS left_out,
              array_to_string(list_slice(list(asset || ' (' || reason || ')' ORDER BY rank)
                FILTER (WHERE NOT used), 1, 3), '; ') AS kept_out
            FROM newest WHERE period_end = newest GROUP BY ALL ORDER BY source, definition""",
            tables(snapshot, "total_members"),
            {"known_at": known_at},
        )
    )
