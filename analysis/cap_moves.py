"""What market caps of assets did lately: their change over a day and a week, and one value a day.

A change is taken only where a value stands where it ought to: at the span before the newest one, a tenth of the span
off at most. Where none does there is no figure but the reason.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

#: Spans of a change, by the name of its column.
SPANS = {"24h": pd.Timedelta(hours=24), "7d": pd.Timedelta(days=7)}
#: A value this share of the span off is still "a day before".
TOLERANCE = 0.1
#: Days that ``daily`` looks back, each ending at the newest value's time of day.
DAYS = 30
_DAY_US = 86_400_000_000


def changes(newest: pd.DataFrame, history: pd.DataFrame, span: pd.Timedelta) -> pd.DataFrame:
    """``newest``'s caps against those a span before: ``change`` (fraction), ``since``, ``reason``; its own index.

    ``newest``: a row an asset: ``asset``, ``asset_id`` (may be null), ``period_end`` (aware UTC), ``market_cap_usd``,
    ``resolution_s``. ``history``: the same source's values, without ``resolution_s``. ``since``: the instant of the
    value compared with, the nearest to a span before. ``reason``: why there is no change, else None.
    """
    if newest.empty:
        return pd.DataFrame({"change": np.array([], float), "since": newest["period_end"], "reason": newest["asset"]})
    named = _named(newest, "period_end")
    wanted = named.assign(wanted=named["period_end"] - span, row=range(len(named))).sort_values("wanted")
    past = _named(history, "period_end", "market_cap_usd")
    past = past.assign(wanted=past["period_end"]).rename(columns={"period_end": "since", "market_cap_usd": "before"})
    found = pd.merge_asof(
        wanted,
        past.sort_values("wanted"),
        on="wanted",
        by=["asset", "asset_id"],
        direction="nearest",
        tolerance=span * TOLERANCE,
    ).sort_values("row")
    change = newest["market_cap_usd"].to_numpy(float) / found["before"].to_numpy(float) - 1
    coarse = newest["resolution_s"].to_numpy(float) > span.total_seconds()
    lacks = ~np.isfinite(change)
    reasons = np.select(
        [coarse, lacks], ["its values are further apart than that", "no value is stored from then"], ""
    ).astype(object)
    reasons[reasons == ""] = None
    return pd.DataFrame(
        {
            "change": np.where(coarse, np.nan, change),
            "since": pd.DatetimeIndex(found["since"]).where(~coarse),
            "reason": reasons,
        },
        index=newest.index,
    )


def daily(newest: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """One value a day of the 30 days that end at each asset's newest value: the last of each day, oldest first.

    Days without a value have none. Returns ``asset``, ``asset_id`` ("" for null), ``period_end``, ``market_cap_usd``;
    arguments as for ``changes``.
    """
    key = ["asset", "asset_id"]
    last = _named(newest, "period_end").rename(columns={"period_end": "newest"})
    rows = _named(history, "period_end", "market_cap_usd").merge(last, on=key)
    back = (rows["newest"] - rows["period_end"]) // pd.Timedelta(microseconds=_DAY_US)
    rows = rows[(back >= 0) & (back < DAYS)].assign(back=back)
    rows = rows.sort_values("period_end", kind="stable").drop_duplicates([*key, "back"], keep="last")
    return rows[[*key, "period_end", "market_cap_usd"]].reset_index(drop=True)


def _named(rows: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """``columns`` by asset and id, "" where there is no id, so that rows without one belong together."""
    key = ["asset", "asset_id"]
    return rows[[*key, *columns]].astype(dict.fromkeys(key, "str")).fillna({"asset_id": ""})
