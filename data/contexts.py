"""The market that stories met: prices, moves and market caps at the time they came out.

Call within ``lake.writing()``, after the stories and prices were merged.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.anchors import anchors
from analysis.pairing import HORIZONS_H, VOLATILITY_DAYS, combine, pair
from data import queries
from data.derived import merge_derived, replace_derived
from data.lake import Lake, Snapshot
from data.markets import ASSETS, markets
from data.tables import CONTEXT_CAPS, CONTEXTS, INTERVAL_S

#: Bars that pairing reads, finest first (5m bars say nothing that 1m bars do not).
PAIRED = ("1m", "1h", "1d")
#: A market cap older than this many of its spacings, and than a day, says nothing of a moment.
STALE_SPACINGS = 2
#: What a market is chosen by.
ASKED = ["price_usd", *(f"log_return_{name}" for name in HORIZONS_H)]
NO_BARS = pd.DataFrame({"open_time": pd.Series(dtype="datetime64[us, UTC]"), "close": pd.Series(dtype="float64")})
REACH = pd.Timedelta(days=VOLATILITY_DAYS + 2)
AHEAD = pd.Timedelta(days=8)


def refresh_contexts(lake: Lake, story_ids: Sequence[str], between: tuple[pd.Timestamp, pd.Timestamp] | None) -> None:
    """Pair stories with the market they met: those named, and those anchored within a span."""
    snapshot = lake.newest()
    stories = queries.story_anchors(snapshot, story_ids, between)
    stories = pd.concat([stories, anchors(stories)], axis=1)
    wanted = stories["named"]
    if between is not None:
        wanted |= stories["anchor_at"].between(*between)
    stories = stories[wanted]
    if stories.empty:
        return
    for asset in ASSETS:
        merge_derived(lake, CONTEXTS, _contexts(snapshot, stories, asset))
    replace_derived(lake, CONTEXT_CAPS, "story_id", list(stories["story_id"]), _context_caps(snapshot, stories))


def _contexts(snapshot: Snapshot, stories: pd.DataFrame, asset: str) -> pd.DataFrame:
    stories = stories.reset_index(drop=True)
    items = stories[["story_id", "anchor_at"]].set_axis(["item_id", "published_at"], axis=1)
    result = _paired(snapshot, items, asset)
    frame = pd.DataFrame(
        {
            "story_id": result["item_id"],
            "asset": asset,
            "anchor_at": items["published_at"],
            "anchor_basis": stories["anchor_basis"],
            "market_cap_usd": _asset_caps(snapshot, asset, items),
        }
    )
    return pd.concat([frame, result.drop(columns=["item_id", "market_cap_usd"])], axis=1)


def _paired(snapshot: Snapshot, items: pd.DataFrame, asset: str) -> pd.DataFrame:
    """Each item paired with one market: the first, in order of preference, that knows most of what is asked.

    Prices of two markets differ, so a move never begins on one and ends on another. Adds ``price_source``.
    """
    first, last = items["published_at"].min(), items["published_at"].max()
    stored = queries.coverage(snapshot)
    held = set(zip(stored["source"], stored["symbol"], strict=True)) if pd.notna(first) else set()
    best = combine({INTERVAL_S[i]: pair(items, NO_BARS, None, interval_s=INTERVAL_S[i]) for i in PAIRED})
    best["price_source"] = None
    for source, symbol in (market for market in markets(asset) if market in held):
        by_length = {}
        for interval in PAIRED:
            bars = queries.series(snapshot, source, symbol, interval, first - REACH, last + AHEAD)
            by_length[INTERVAL_S[interval]] = pair(items, bars, None, interval_s=INTERVAL_S[interval])
        found = combine(by_length)
        found["price_source"] = pd.Series(f"{source} {symbol}", index=found.index).where(found["price_usd"].notna())
        more = found[ASKED].notna().sum(axis=1) > best[ASKED].notna().sum(axis=1)
        tells = (best["outcome"] == "no_price") & (found["outcome"] != "no_price")
        best = best.where(~(more | tells), found)
    return best


def _asset_caps(snapshot: Snapshot, asset: str, items: pd.DataFrame) -> pd.Series:
    caps = _fresh_caps(snapshot, asset, items.rename(columns={"item_id": "story_id", "published_at": "anchor_at"}))
    return (
        items["item_id"].map(caps.groupby("story_id")["market_cap_usd"].first())
        if len(caps)
        else pd.Series(float("nan"), index=items.index)
    )


def _context_caps(snapshot: Snapshot, stories: pd.DataFrame) -> pd.DataFrame:
    return _fresh_caps(snapshot, "TOTAL", stories)


def _fresh_caps(snapshot: Snapshot, asset: str, stories: pd.DataFrame) -> pd.DataFrame:
    """The last published cap at each anchor, by source and definition, unless it was stale by then."""
    timed = stories[stories["anchor_at"].notna()].sort_values("anchor_at")
    empty = pd.DataFrame(columns=CONTEXT_CAPS.names)
    if timed.empty:
        return empty
    caps = queries.cap_series(snapshot, asset, pd.Timestamp("2009-01-03", tz="UTC"), timed["anchor_at"].max())
    found = []
    for (source, definition), series in caps.groupby(["source", "definition"]):
        series = series.assign(visible_at=series[["period_end", "available_at"]].max(axis=1)).sort_values("visible_at")
        near = pd.merge_asof(timed[["story_id", "anchor_at"]], series, left_on="anchor_at", right_on="visible_at")
        age = (near["anchor_at"] - near["period_end"]).dt.total_seconds()
        near["age_s"] = age
        limit = (STALE_SPACINGS * near["resolution_s"]).clip(lower=86_400)
        found.append(near[age.notna() & (age <= limit)].assign(source=source, definition=definition))
    return pd.concat(found)[CONTEXT_CAPS.names] if found else empty
