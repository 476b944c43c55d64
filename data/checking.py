"""Claims set beside what sources recorded for the time they are about.

Call within ``lake.writing()``, after the claims and what they are checked against were merged.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.checks import LATER_DAYS, Stated, check
from data import queries
from data.contexts import PAIRED
from data.derived import replace_derived
from data.lake import Lake, Snapshot
from data.markets import markets
from data.tables import CLAIM_CHECKS, INTERVAL_S


def refresh_checks(lake: Lake, article_ids: Sequence[str], between: tuple[pd.Timestamp, pd.Timestamp] | None) -> None:
    """Check claims against what sources recorded: of the articles named, and of those with one stated for a span."""
    snapshot = lake.newest()
    claims = queries.claims(snapshot)
    article_ids = list(article_ids)
    if between is not None:
        touched = claims[(claims["as_of"] <= between[1]) & (claims["as_of_end"] >= between[0])]
        article_ids = list(dict.fromkeys([*article_ids, *touched["article_id"]]))
    if not article_ids:
        return
    # Whole articles: what is not made again here is taken away.
    claims = claims[claims["article_id"].isin(list(article_ids))]
    rows = [_checks(snapshot, claim) for claim in claims.itertuples()]
    frame = pd.concat(rows) if rows else pd.DataFrame(columns=CLAIM_CHECKS.names)
    replace_derived(lake, CLAIM_CHECKS, "article_id", list(article_ids), frame)


def _checks(snapshot: Snapshot, claim: object) -> pd.DataFrame:
    keys = {"article_id": claim.article_id, "offset": claim.offset}
    if pd.isna(claim.as_of):
        return _uncheckable(keys, "The text does not say for when.", claim)
    reach = (claim.as_of - pd.Timedelta(days=8), claim.as_of_end + pd.Timedelta(days=LATER_DAYS))
    if claim.quantity in ("total_market_cap", "asset_market_cap"):
        observed = _cap_observations(queries.cap_series(snapshot, claim.asset, *reach))
    elif claim.quantity == "price":
        observed = _price_observations(snapshot, claim.asset, claim.as_of, claim.as_of_end)
    else:
        return _uncheckable(keys, f"Nothing is recorded to check a {claim.quantity.replace('_', ' ')} against.", claim)
    if observed.empty:
        return _uncheckable(keys, "Nothing is recorded for that time.", claim)
    stated = Stated(
        claim.value,
        claim.precision,
        claim.comparator,
        claim.as_of,
        claim.as_of_end,
        open_ended=pd.isna(claim.published_at) and claim.as_of != claim.as_of_end,
    )
    result = check(stated, observed, universes=claim.quantity != "price").assign(**keys)
    published = pd.to_datetime(result["available_at"], utc=True).astype("datetime64[us, UTC]")
    return result.assign(known_at=published.fillna(claim.as_of_end).clip(lower=claim.as_of_end))


def _uncheckable(keys: dict, note: str, claim: object) -> pd.DataFrame:
    known = claim.as_of_end if pd.notna(claim.as_of_end) else pd.Timestamp("2009-01-03", tz="UTC")
    return pd.DataFrame(
        [
            {
                **dict.fromkeys(CLAIM_CHECKS.names),
                **keys,
                "source": "none",
                "definition": "none",
                "verdict": "cannot check",
                "note": note,
                "known_at": known,
            }
        ]
    )


def _cap_observations(caps: pd.DataFrame) -> pd.DataFrame:
    bars = caps["low_usd"].notna() & caps["high_usd"].notna()
    length = pd.to_timedelta(caps["resolution_s"].where(bars, 0), unit="s")
    return pd.DataFrame(
        {
            "source": caps["source"],
            "definition": caps["definition"],
            "start": caps["period_end"] - length,
            "end": caps["period_end"],
            "low": caps["low_usd"].where(bars, caps["market_cap_usd"]),
            "high": caps["high_usd"].where(bars, caps["market_cap_usd"]),
            "value": caps["market_cap_usd"],
            "resolution_s": caps["resolution_s"],
            "available_at": caps["available_at"],
        }
    )


def _price_observations(snapshot: Snapshot, asset: str, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Bars of every market over the span, from the finest interval that it has there."""
    found: list[pd.DataFrame] = []
    left = set(markets(asset))
    for interval in PAIRED:
        step = pd.Timedelta(seconds=INTERVAL_S[interval])
        bars = queries.all_series(snapshot, sorted(left), interval, start.floor(step), end + step)
        if bars.empty:
            continue
        left -= set(bars[["source", "symbol"]].itertuples(index=False, name=None))
        found.append(
            pd.DataFrame(
                {
                    "source": bars["source"],
                    "definition": bars["symbol"],
                    "start": bars["open_time"],
                    "end": bars["open_time"] + step,
                    "low": bars["low"],
                    "high": bars["high"],
                    "value": bars["close"],
                    "resolution_s": INTERVAL_S[interval],
                    "available_at": bars["open_time"] + step,
                }
            )
        )
        if not left:
            break
    return pd.concat(found) if found else pd.DataFrame(columns=["source"])
