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
from analysis.claims import extract_claims
from analysis.mentions import find_mentions
from data import gazetteers, queries
from data.checking import refresh_checks
from data.contexts import AHEAD, REACH, refresh_contexts
from data.corrections import Corrections, text_of
from data.derived import fitted, replace_derived
from data.lake import Lake
from data.stories import Embed, refresh_stories
from data.tables import CLAIMS, CONTEXT_CAPS, CONTEXTS, MENTIONS


def enrich(
    lake: Lake,
    ids: Sequence[str],
    priced: tuple[datetime, datetime] | None = None,
    *,
    curated: pd.DataFrame | None = None,
) -> None:
    """Everything that follows from articles that are new or changed, and from prices or market caps over a span.

    Articles are read again and put into stories; the stories that alters, and those whose market the span can change,
    are paired again, and so are claims checked. ``curated``: mentions put in by hand, which stand instead of those read
    from the text of their article.
    """
    touched: list[str] = []
    if len(ids):
        _read_again(lake, ids, curated)
        moved = refresh_stories(lake, ids, embedding(lake))
        touched = list(moved.live)
        for table in (CONTEXTS, CONTEXT_CAPS):
            lake.delete(table.name, "story_id", moved.gone)
    if not len(ids) and priced is None:
        return
    between = None if priced is None else (pd.Timestamp(priced[0]), pd.Timestamp(priced[1]))
    refresh_contexts(lake, touched, between and (between[0] - AHEAD, between[1] + REACH))
    refresh_checks(lake, ids, between)


def enrich_all(lake: Lake, *, by: str | None = None) -> int:
    """Read every stored article again, as after an update that reads better; mentions put in by hand stay.

    ``by``: how stories are found from now on, "words" or "meaning"; unless it is given, as before. One commit. Returns
    how many articles there are. Raises ``data.lake.LakeError``, and ``data.embeddings.NoEmbeddings`` where "meaning"
    needs what is not installed.
    """
    with lake.writing():
        if by is not None:
            lake.find_stories_by(by)
        ready_to_read(lake)
        ids = queries.article_ids(lake.newest())
        enrich(lake, ids)
    return len(ids)


def ready_to_read(lake: Lake) -> None:
    """Raise now what would else stop a refresh in its middle: ``analysis.gazetteers.BadGazetteer`` for a person's own
    names that cannot be used, ``data.embeddings.NoEmbeddings``."""
    gazetteers.load()
    embedding(lake)


def embedding(lake: Lake) -> Embed | None:
    """How this lake's stories are found besides by their words. Raises ``data.embeddings.NoEmbeddings``."""
    if lake.stories_by() == "words":
        return None
    from data import embeddings

    return embeddings.load()


#: Articles read at a time: bounds the memory that an import of a whole archive takes.
AT_ONCE = 5_000


def _read_again(lake: Lake, ids: Sequence[str], curated: pd.DataFrame | None) -> None:
    """Mentions and claims of these articles."""
    corrections = Corrections.of(lake.newest(), ids)
    by_hand = corrections.brought(lake.newest(), ids)
    if curated is not None:
        by_hand = pd.concat([curated, by_hand[~by_hand["article_id"].isin(curated["article_id"])]])
    mentions, claims = [], []
    for n in range(0, len(ids), AT_ONCE):
        articles = queries.articles(lake.newest(), ids[n : n + AT_ONCE])
        read, stated = read_articles(articles, by_hand, corrections)
        mentions.append(fitted(MENTIONS, read))
        claims.append(fitted(CLAIMS, stated))
    replace_derived(lake, MENTIONS, "article_id", ids, pa.concat_tables(mentions))
    replace_derived(lake, CLAIMS, "article_id", ids, pa.concat_tables(claims))


def read_articles(
    articles: pd.DataFrame, brought: pd.DataFrame, corrections: Corrections
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Mentions and claims of articles: read from their text and corrected; mentions ``brought`` along stand instead."""
    brought = brought[brought["article_id"].isin(articles["article_id"])]
    read = _mentions(articles[~articles["article_id"].isin(brought["article_id"])])
    found = pd.concat([brought, read]) if len(brought) else read
    return corrections.over_mentions(found, articles), corrections.over_claims(_claims(articles), articles)


def _mentions(articles: pd.DataFrame) -> pd.DataFrame:
    gazetteer = gazetteers.load()
    rows = []
    for article in articles.itertuples():
        for m in _read(find_mentions(text_of(article), gazetteer), article):
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
            text_of(article),
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
