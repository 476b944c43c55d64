"""What enrichment reads, to derive from and to replace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from data.queries.engine import frame, run, tables
from data.tables import TABLES

if TYPE_CHECKING:
    from data.lake import Snapshot


def articles(snapshot: Snapshot, ids: Sequence[str]) -> pd.DataFrame:
    """The stored articles of these ids, whole."""
    return frame(
        run(
            "SELECT * FROM {articles} WHERE article_id IN (SELECT unnest($ids)) ORDER BY article_id",
            tables(snapshot, "articles"),
            {"ids": list(ids)},
        )
    )


def story_anchors(snapshot: Snapshot) -> pd.DataFrame:
    """Every story with the times its context is read by: its first article's."""
    return frame(
        run(
            """SELECT s.story_id, s.first_article_id, a.published_at, a.published_precision, a.indexed_at,
                  a.published_not_before
           FROM {stories} s JOIN {articles} a ON a.article_id = s.first_article_id
           WHERE s.merged_into IS NULL ORDER BY s.story_id""",
            tables(snapshot, "stories", "articles"),
        )
    )


def claims(snapshot: Snapshot) -> pd.DataFrame:
    """Every claim with the publication times of its article."""
    return frame(
        run(
            """SELECT c.*, a.published_at, a.published_precision, a.published_not_before
           FROM {claims} c JOIN {articles} a USING (article_id) ORDER BY c.article_id, c.offset""",
            tables(snapshot, "claims", "articles"),
        )
    )


def derived_ids(snapshot: Snapshot, table: str, column: str, ids: Sequence[str]) -> pd.DataFrame:
    """The key columns of a derived table's rows that belong to these ids."""
    names = ", ".join(f'"{name}"' for name in TABLES[table].key)
    return frame(
        run(
            f'SELECT {names} FROM {{{table}}} WHERE "{column}" IN (SELECT unnest($ids))',
            tables(snapshot, table),
            {"ids": list(ids)},
        )
    )
