"""From articles to what analysts ask of them: mentions, stories, claims, checks, market contexts.

Each step reads the lake, calls a pure function of ``analysis/`` and merges its result. Call within
``lake.writing()``, after the rows they are made from were merged.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from analysis.anchors import anchors
from analysis.checks import LATER_DAYS
from analysis.claims import extract_claims
from analysis.mentions import find_mentions
from data import gazetteers, queries
from data.checking import refresh_checks
from data.contexts import AHEAD, REACH, refresh_contexts
from data.derived import merge_derived, replace_derived
from data.lake import Lake
from data.tables import CLAIMS, MENTIONS, STORIES, STORY_MEMBERS


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
    refresh_contexts(lake, [f"s{article}" for article in ids], paired)
    refresh_checks(lake, ids, checked)


def _enrich_articles(lake: Lake, ids: Sequence[str], curated: pd.DataFrame | None) -> None:
    articles = queries.articles(lake.newest(), ids)
    found = _mentions(articles) if curated is None else curated
    replace_derived(lake, MENTIONS, "article_id", ids, found)
    merge_derived(lake, STORIES, _stories(articles))
    merge_derived(
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
    replace_derived(lake, CLAIMS, "article_id", ids, _claims(articles))


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
