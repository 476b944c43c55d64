"""From articles to what analysts ask of them: mentions, stories, claims, checks, market contexts.

Each step reads the lake, calls a pure function of ``analysis/`` and merges its result. Call within
``lake.writing()``, after the rows they are made from were merged.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import pyarrow as pa

from analysis.anchors import anchors
from analysis.checks import LATER_DAYS, Stated, check
from analysis.claims import extract_claims
from analysis.mentions import find_mentions
from analysis.pairing import HORIZONS_H, VOLATILITY_DAYS, combine, pair
from data import gazetteers, queries
from data.columns import Table
from data.lake import Lake, Snapshot
from data.markets import ASSETS, markets
from data.tables import CLAIM_CHECKS, CLAIMS, CONTEXT_CAPS, CONTEXTS, INTERVAL_S, MENTIONS, STORIES, STORY_MEMBERS

#: Bars that pairing reads, finest first (5m bars say nothing that 1m bars do not).
PAIRED = ("1m", "1h", "1d")
#: A market cap older than this many of its spacings, and than a day, says nothing of a moment.
STALE_SPACINGS = 2
#: What a market is chosen by.
ASKED = ["price_usd", *(f"log_return_{name}" for name in HORIZONS_H)]
NO_BARS = pd.DataFrame({"open_time": pd.Series(dtype="datetime64[us, UTC]"), "close": pd.Series(dtype="float64")})
REACH = pd.Timedelta(days=VOLATILITY_DAYS + 2)
AHEAD = pd.Timedelta(days=8)


def enrich(
    lake: Lake,
    ids: Sequence[str],
    priced: tuple[datetime, datetime] | None = None,
    *,
    curated: pd.DataFrame | None = None,
) -> None:
    """Everything that follows from articles that are new or changed, and from prices or market caps over a span.

    Articles are read again; the stories they make, and those whose market the span can change, are paired again, and
    so are claims checked. ``curated``: mentions put in by hand, which stand instead of those read from the text.
    """
    if len(ids):
        _enrich_articles(lake, ids, curated)
    if not len(ids) and priced is None:
        return
    paired = checked = None
    if priced is not None:
        first, last = map(pd.Timestamp, priced)
        paired = (first - AHEAD, last + REACH)
        checked = (first - pd.Timedelta(days=LATER_DAYS + 1), last + AHEAD)
    _refresh_contexts(lake, [f"s{article}" for article in ids], paired)
    _refresh_checks(lake, ids, checked)


def _enrich_articles(lake: Lake, ids: Sequence[str], curated: pd.DataFrame | None) -> None:
    articles = queries.articles(lake.newest(), ids)
    found = _mentions(articles) if curated is None else curated
    _replace(lake, MENTIONS, "article_id", ids, found)
    _merge(lake, STORIES, _stories(articles))
    _merge(
        lake,
        STORY_MEMBERS,
        pd.DataFrame(
            {
                "story_id": "s" + articles["article_id"],
                "article_id": articles["article_id"],
                "relation": "original",
                "similarity": 1.0,
            }
        ),
    )
    _replace(lake, CLAIMS, "article_id", ids, _claims(articles))


def _text(article: object) -> str:
    """What offsets count in: title, line break, text."""
    return f"{article.title}\n{article.text if isinstance(article.text, str) else ''}"


def _mentions(articles: pd.DataFrame) -> pd.DataFrame:
    gazetteer = gazetteers.load()
    rows = []
    for article in articles.itertuples():
        for m in _read(find_mentions(_text(article), gazetteer), article):
            rows.append(
                {
                    "article_id": article.article_id,
                    "kind": m.kind,
                    "value": m.value,
                    "offset": m.start,
                    "quote": m.quote,
                    "basis": "text",
                    "posted_at": m.posted_at,
                    "posted_precision": m.posted_precision,
                }
            )
    return pd.DataFrame(rows, columns=MENTIONS.names).drop_duplicates(list(MENTIONS.key))


def _read(found: list, article: object) -> list:
    """Leave out what stands in a derived title only: it is the text's first words once more."""
    return [one for one in found if one.start > len(article.title)] if article.title_derived else found


def _claims(articles: pd.DataFrame) -> pd.DataFrame:
    times = anchors(articles)
    rows = []
    for article, span in zip(articles.itertuples(), times.itertuples(), strict=True):
        published = article.published_at.to_pydatetime() if pd.notna(article.published_at) else None
        start = len(article.title) + 1 if article.title_derived else 0
        for claim in extract_claims(
            _text(article),
            published,
            start=start,
            published_precision=article.published_precision if published else "second",
        ):
            as_of, end, precision = claim.as_of, claim.as_of_end, claim.as_of_precision
            if as_of is None and claim.modality == "current" and span.anchor_basis:
                as_of, end = span.span_start, span.span_end
                precision = article.published_precision if published else "day"
            rows.append(
                {
                    "article_id": article.article_id,
                    "offset": claim.start,
                    "quote": claim.quote,
                    "quantity": claim.quantity,
                    "asset": claim.asset,
                    "value": claim.value,
                    "unit": claim.unit,
                    "precision": claim.precision,
                    "comparator": claim.comparator,
                    "horizon": claim.horizon,
                    "cited_source": claim.cited_source,
                    "as_of": as_of,
                    "as_of_end": end,
                    "as_of_precision": precision,
                    "modality": claim.modality,
                }
            )
    return pd.DataFrame(rows, columns=CLAIMS.names)


def _stories(articles: pd.DataFrame) -> pd.DataFrame:
    """Every article is a story of its own until clustering finds which tell the same one."""
    at = anchors(articles)["anchor_at"]
    return pd.DataFrame(
        {
            "story_id": "s" + articles["article_id"],
            "first_article_id": articles["article_id"],
            "title": articles["title"],
            "first_at": at,
            "first_precision": articles["published_precision"],
            "last_at": at,
            "known_at": articles["known_at"],
            "merged_into": None,
        }
    )


# ── market contexts ───────────────────────────────────────────────────────────────────────────────────


def _refresh_contexts(lake: Lake, story_ids: Sequence[str], between: tuple[pd.Timestamp, pd.Timestamp] | None) -> None:
    """Pair stories with the market they met: those named, and those anchored within a span."""
    snapshot = lake.newest()
    stories = queries.story_anchors(snapshot)
    stories = pd.concat([stories, anchors(stories)], axis=1)
    wanted = stories["story_id"].isin(list(story_ids))
    if between is not None:
        wanted |= stories["anchor_at"].between(*between)
    stories = stories[wanted]
    if stories.empty:
        return
    for asset in ASSETS:
        _merge(lake, CONTEXTS, _contexts(snapshot, stories, asset))
    _replace(lake, CONTEXT_CAPS, "story_id", list(stories["story_id"]), _context_caps(snapshot, stories))


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


# ── claim checks ──────────────────────────────────────────────────────────────────────────────────────


def _refresh_checks(lake: Lake, article_ids: Sequence[str], between: tuple[pd.Timestamp, pd.Timestamp] | None) -> None:
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
    _replace(lake, CLAIM_CHECKS, "article_id", list(article_ids), frame)


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


# ── merging what was derived ──────────────────────────────────────────────────────────────────────────


def _merge(lake: Lake, table: Table, frame: pd.DataFrame) -> None:
    lake.merge(
        table.name, pa.Table.from_pandas(frame.reindex(columns=table.names), schema=table.schema, preserve_index=False)
    )


def _replace(lake: Lake, table: Table, column: str, ids: Sequence[str], frame: pd.DataFrame) -> None:
    """Merge what was derived for these ids, and remove what is no longer derived for them."""
    stored = queries.derived_ids(lake.newest(), table.name, column, ids)
    key = list(table.key)
    fresh = set(frame[key].itertuples(index=False, name=None))
    stale = {row[key.index(column)] for row in stored.itertuples(index=False, name=None) if tuple(row) not in fresh}
    lake.delete(table.name, column, sorted(stale))
    _merge(lake, table, frame)
