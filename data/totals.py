"""Totals of our own counting, whenever a list of coins is stored, with the coins they were counted from."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from analysis.totals import COINS, DEFINITION, Totals, totals
from data.lake import Lake
from data.tables import MARKET_CAPS, TOTAL_MEMBERS

#: How the source of a computed total is named, after the provider of the list.
COMPUTED = "{} (computed)"


def merge_totals(lake: Lake, rows: pa.Table, resolution_s: int) -> str | None:
    """Compute TOTAL, TOTAL2 and TOTAL3 from a list of coins and store them; call within ``lake.writing()``.

    ``rows``: validated market caps of one provider at one time. Beside the totals stand BTC and ETH by the same
    definition, so that dominance is a cap over its TOTAL. Returns what an operator should know, in words: why there
    is no total, or which of the largest coins were kept out of it.
    """
    listing = rows.to_pandas()
    [provider] = listing["source"].unique()
    found = totals(listing)
    if found.reason is not None:
        return f"No total of the top {COINS} was computed: {found.reason}."
    source = COMPUTED.format(provider)
    lake.merge("market_caps", _caps(found, source, resolution_s))
    counted = found.members["used"] | ~found.members["reason"].fillna("").str.startswith("smaller")
    members = found.members[counted].assign(source=source, definition=DEFINITION, period_end=found.period_end)
    lake.merge("total_members", pa.Table.from_pandas(members, schema=TOTAL_MEMBERS.schema, preserve_index=False))
    kept_out = members[~members["used"]]
    if kept_out.empty:
        return None
    named = "; ".join(f"{row.asset}, {row.reason}" for row in kept_out.head(5).itertuples())
    more = f" and {len(kept_out) - 5} more" if len(kept_out) > 5 else ""
    return f"Kept out of the computed total: {named}{more}."


def _caps(found: Totals, source: str, resolution_s: int) -> pa.Table:
    values = {
        "TOTAL": found.total_usd,
        "TOTAL2": found.total2_usd,
        "TOTAL3": found.total3_usd,
        "BTC": found.total_usd * found.btc_dominance,
        "ETH": found.total_usd * found.eth_dominance,
    }
    frame = pd.DataFrame(
        {
            "source": source,
            "definition": DEFINITION,
            "asset": list(values),
            "period_end": found.period_end,
            "market_cap_usd": list(values.values()),
            "available_at": found.period_end,
            "resolution_s": resolution_s,
        }
    )
    return pa.Table.from_pandas(
        frame.reindex(columns=MARKET_CAPS.names), schema=MARKET_CAPS.schema, preserve_index=False
    )
