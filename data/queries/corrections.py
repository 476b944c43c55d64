"""What analysts corrected, and what a story that is about to be added would repeat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from data.queries.engine import frame, run, tables

if TYPE_CHECKING:
    from data.lake import Snapshot


def corrections(snapshot: Snapshot, ids: Sequence[str]) -> pd.DataFrame:
    """Every correction of these articles, their mentions and claims: rows of ``annotations``, oldest first."""
    return frame(
        run(
            """SELECT * FROM {annotations}
           WHERE field IS NOT NULL AND target_kind IN ('article', 'claim') AND target_id IN (SELECT unnest($ids))
           ORDER BY created_at, annotation_id""",
            tables(snapshot, "annotations"),
            {"ids": list(ids)},
        )
    )


def mentions_brought(snapshot: Snapshot, ids: Sequence[str]) -> pd.DataFrame:
    """Mentions of these articles that were brought along with them instead of read from their text."""
    return frame(
        run(
            """SELECT * FROM {mentions} WHERE basis = 'curated' AND article_id IN (SELECT unnest($ids))
           ORDER BY article_id, kind, value""",
            tables(snapshot, "mentions"),
            {"ids": list(ids)},
        )
    )


def same_articles(snapshot: Snapshot, article_id: str, url: str | None, text: str | None) -> pd.DataFrame:
    """Stored articles of this id, address or text: ``article_id``, ``title``, ``publisher``, ``published_at``,
    ``published_precision``, ``same`` ("address" or "text")."""
    return frame(
        run(
            """SELECT article_id, title, publisher, published_at, published_precision,
                  CASE WHEN url = $url THEN 'address' ELSE 'text' END AS same
           FROM {articles} WHERE article_id = $article_id OR url = $url OR text = $text
           ORDER BY known_at, article_id""",
            tables(snapshot, "articles"),
            {"article_id": article_id, "url": url, "text": text},
        )
    )
