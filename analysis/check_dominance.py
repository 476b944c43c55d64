"""What a source recorded of an asset's share of the total market cap.

Dominance is 100 · cap / total percent (BTC.D, see ``analysis.totals``), both by one source at the same instant.
Sources that state the share itself are stored as caps made from it, so that the share comes out as it was stated.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

#: A cap and a total further apart than this are not of one instant.
SAME_INSTANT = pd.Timedelta(minutes=15)


def shares(caps: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """Observations of dominance (percent), as ``analysis.checks.records`` takes them; readings, one a total.

    ``caps`` and ``totals``: ``source``, ``definition``, ``period_end`` (aware UTC), ``market_cap_usd``,
    ``resolution_s``, ``available_at``, of one asset and of ``TOTAL``. An asset's cap is taken from the total's own
    definition where that has it, else from ``asset``. The result's ``definition`` is the total's.
    """
    found = []
    for (source, definition), total in totals.groupby(["source", "definition"], sort=True):
        own = caps[(caps["source"] == source) & caps["definition"].isin([definition, "asset"])]
        if own.empty:
            continue
        if (own["definition"] == definition).any():
            own = own[own["definition"] == definition]
        columns = ["period_end", "market_cap_usd", "resolution_s", "available_at"]
        pairs = pd.merge_asof(
            total[columns].sort_values("period_end"),
            own[columns].sort_values("period_end").assign(at=lambda rows: rows["period_end"]),
            on="period_end",
            direction="nearest",
            tolerance=SAME_INSTANT,
            suffixes=("_total", ""),
        ).dropna(subset="market_cap_usd")
        share = 100 * pairs["market_cap_usd"] / pairs["market_cap_usd_total"]
        # Known for the instant by which both were.
        at = pairs[["period_end", "at"]].max(axis=1)
        found.append(
            pd.DataFrame(
                {
                    "source": source,
                    "definition": definition,
                    "start": at,
                    "end": at,
                    "low": share,
                    "high": share,
                    "value": share,
                    "resolution_s": np.maximum(pairs["resolution_s_total"], pairs["resolution_s"]).astype("int64"),
                    "available_at": pairs[["available_at_total", "available_at"]].max(axis=1),
                }
            )
        )
    return pd.concat(found) if found else pd.DataFrame(columns=["source"])
