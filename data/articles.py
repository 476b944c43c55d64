"""Articles as rows: identity, what is known when, revisions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

import pandas as pd
import pyarrow as pa

from analysis.anchors import anchors
from analysis.extract import Extracted
from connectors.records import Article
from data import queries
from data.lake import Counts, Lake
from data.tables import ARTICLES

#: What a revision is not told by.
NEVER_REWRITTEN = ("first_seen_at", "known_at", "known_at_assumed")
#: Optional fields: a publisher that no longer states one does not erase it.
_OPTIONAL = [c.name for c in ARTICLES.columns if c.nullable]


def article_id(url: str | None, text: str) -> str:
    """The first 16 hex digits of the SHA-256 of the canonical URL, or of the text where there is none."""
    return hashlib.sha256((url or " ".join(text.split())).encode("utf-8", "replace")).hexdigest()[:16]


def fetched(records: Iterable[Article], now: datetime) -> pd.DataFrame:
    """Rows for articles that a connector fetched: known since we saw them."""
    rows = []
    for r in records:
        text = "\n\n".join(part for part in (r.summary, r.body) if part) or None
        rows.append(
            {
                "article_id": article_id(r.url, f"{r.title}\n{text}"),
                "source": r.source,
                "publisher": r.publisher,
                "url": r.url,
                "title": r.title,
                "title_derived": False,
                "summary": r.summary,
                "body": r.body,
                "text": text,
                "author": r.author,
                "language": r.language,
                "published_at": r.published_at,
                "published_precision": r.published_precision,
                "published_not_before": r.published_not_before,
                "first_seen_at": r.first_seen_at or now,
                "known_at": r.first_seen_at or now,
                "known_at_assumed": False,
                "revisions": 0,
            }
        )
    return pd.DataFrame(rows, columns=ARTICLES.names, dtype=object)


def imported(
    extracted: Extracted,
    *,
    now: datetime,
    source: str,
    publisher: str,
    url: str | None = None,
    title: str | None = None,
    published_at: datetime | None = None,
    published_precision: str | None = None,
) -> pd.DataFrame:
    """One row for a pasted or saved article; what the caller states wins over what the text says."""
    heading = title or extracted.heading
    text = extracted.full_text[len(extracted.heading) + 1 :]
    row = {
        "article_id": article_id(url, text),
        "source": source,
        "publisher": publisher,
        "url": url,
        "title": heading,
        "title_derived": title is None and extracted.title is None,
        "text": text or None,
        "body": extracted.body or None,
        "captions": "\n".join(extracted.captions) or None,
        "posts": "\n\n".join(f"{post.text}\n{post.signature}".strip() for post in extracted.posts) or None,
        "boilerplate": "\n\n".join(extracted.boilerplate) or None,
        "author": extracted.author,
        "language": extracted.language,
        "published_at": published_at or extracted.published_at,
        "published_precision": published_precision if published_at else extracted.precision,
        "published_not_before": None if published_at else extracted.published_not_before,
        "date_conflicts": "; ".join(extracted.date_conflicts) or None,
        "first_seen_at": now,
        "known_at_assumed": True,
        "revisions": 0,
    }
    return with_assumed_known_at(pd.DataFrame([row], columns=ARTICLES.names, dtype=object))


def with_assumed_known_at(frame: pd.DataFrame) -> pd.DataFrame:
    """Fill ``known_at`` of rows that were not fetched live: the end of their publication's span.

    Where nothing is known of it, ``first_seen_at``.
    """
    times = frame[["published_at", "published_precision", "published_not_before"]].copy()
    for column in ("published_at", "published_not_before"):
        times[column] = pd.to_datetime(times[column], utc=True)
    anchor = anchors(times)["anchor_at"]
    first_seen = pd.to_datetime(frame["first_seen_at"], utc=True).astype(anchor.dtype)
    return frame.assign(known_at=anchor.fillna(first_seen), known_at_assumed=True)


def merge_articles(lake: Lake, rows: pa.Table) -> tuple[Counts, list[str]]:
    """Merge validated articles; call within ``lake.writing()``. Returns the counts and the ids written.

    A changed field counts as a revision and keeps ``first_seen_at`` and ``known_at``; a field no longer
    stated keeps its value.
    """
    incoming = rows.to_pandas().set_index("article_id", drop=False)
    stored = queries.articles(lake.newest(), list(incoming.index)).set_index("article_id", drop=False)
    both = incoming.index.intersection(stored.index)
    for column in _OPTIONAL:
        incoming.loc[both, column] = incoming.loc[both, column].fillna(stored.loc[both, column])
    # What we saw stays seen when we saw it; what was assumed follows the publication time it was assumed from.
    for column in ("known_at", "known_at_assumed"):
        observed = both[~(stored.loc[both, "known_at_assumed"] & incoming.loc[both, "known_at_assumed"])]
        incoming.loc[observed, column] = stored.loc[observed, column]
    changed = _differs(incoming.loc[both], stored.loc[both])
    incoming.loc[both, "revisions"] = stored.loc[both, "revisions"] + changed.astype("int64")
    written = [i for i in incoming.index if i not in stored.index or bool(changed.get(i, False))]
    table = pa.Table.from_pandas(incoming, schema=ARTICLES.schema, preserve_index=False)
    return lake.merge("articles", table, keep=("first_seen_at",)), written


def _differs(incoming: pd.DataFrame, stored: pd.DataFrame) -> pd.Series:
    result = pd.Series(False, index=incoming.index)
    for column in ARTICLES.values:
        if column not in (*NEVER_REWRITTEN, "revisions"):
            a, b = incoming[column], stored[column]
            result |= ~((a == b) | (a.isna() & b.isna()))
    return result


def curated_mentions(ids: Sequence[str], frame: pd.DataFrame, kinds: dict[str, str]) -> pd.DataFrame:
    """Mentions from columns of ``"; "``-separated names; ``kinds`` maps a column to its kind."""
    rows = [
        {
            "article_id": article,
            "kind": kind,
            "value": value.strip(),
            "offset": 0,
            "quote": value.strip(),
            "basis": "curated",
            "posted_at": None,
            "posted_precision": None,
        }
        for column, kind in kinds.items()
        for article, cell in zip(ids, frame[column], strict=True)
        for value in str(cell if cell is not None and cell == cell else "").split(";")
        if value.strip()
    ]
    return pd.DataFrame(
        rows, columns=["article_id", "kind", "value", "offset", "quote", "basis", "posted_at", "posted_precision"]
    )
