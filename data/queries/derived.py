"""What enrichment reads, to derive from and to replace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from data.queries.engine import frame, run, tables
from data.tables import TABLES

if TYPE_CHECKING:
    from data.lake import Snapshot


#: A publication known to its year can have been as much later than the beginning of it.
LONGEST_SPAN_DAYS = 367


def articles(snapshot: Snapshot, ids: Sequence[str]) -> pd.DataFrame:
    """The stored articles of these ids, whole."""
    return frame(
        run(
            "SELECT * FROM {articles} WHERE article_id IN (SELECT unnest($ids)) ORDER BY article_id",
            tables(snapshot, "articles"),
            {"ids": list(ids)},
        )
    )


def story_anchors(
    snapshot: Snapshot, ids: Sequence[str], between: tuple[datetime, datetime] | None = None
) -> pd.DataFrame:
    """These stories with the times their context is read by, their first article's; and those whose span of
    publication can reach into ``between``."""
    return frame(
        run(
            """SELECT s.story_id, s.first_article_id, a.published_at, a.published_precision, a.indexed_at,
                  a.published_not_before, s.story_id IN (SELECT unnest($ids)) AS named
           FROM {stories} s JOIN {articles} a ON a.article_id = s.first_article_id
           WHERE s.merged_into IS NULL AND (named OR
                 coalesce(a.published_at, a.indexed_at, a.published_not_before) BETWEEN $first AND $last)
           ORDER BY s.story_id""",
            tables(snapshot, "stories", "articles"),
            {
                "ids": list(ids),
                "first": between and between[0] - timedelta(days=LONGEST_SPAN_DAYS),
                "last": between and between[1],
            },
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
