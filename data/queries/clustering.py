"""What finding stories reads: articles in the order they are clustered in, and what stories are made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from data.queries.engine import frame, run, tables

if TYPE_CHECKING:
    from data.lake import Snapshot

#: When an article came out, as far as that is known: a day stands for its beginning.
_OUT = "a.published_at, a.indexed_at, a.published_not_before"
#: Where it stands in the order of clustering: ``analysis.stories.cluster``'s own.
_AT = f"coalesce({_OUT}, a.known_at)"


def clustering_times(snapshot: Snapshot, ids: Sequence[str]) -> list[pd.Timestamp]:
    """Where these articles stand in the order of clustering, and where each stood when it was put into its story.

    Ascending.
    """
    found = run(
        f"""SELECT {_AT} AS placed_at FROM {{articles}} a WHERE a.article_id IN (SELECT unnest($ids))
            UNION
            SELECT placed_at FROM {{story_members}} WHERE article_id IN (SELECT unnest($ids)) AND placed_at IS NOT NULL
            ORDER BY placed_at""",
        tables(snapshot, "articles", "story_members"),
        {"ids": list(ids)},
    )
    return list(frame(found)["placed_at"])


def to_cluster(snapshot: Snapshot, start: datetime, end: datetime, *, limit: int | None = None) -> pd.DataFrame:
    """Articles within ``[start, end)`` in the order of clustering, and the story each is stored under, if any.

    ``placed_at``, ``article_id``, ``url``, ``title``, ``body`` (what was read of it), ``published_at`` (or
    what else is known of when it came out), ``known_at``, ``story_id``, ``relation``, ``similarity``,
    ``placed_before`` (where it stood when that was decided); the first ``limit`` of them.
    """
    return frame(
        run(
            f"""SELECT {_AT} AS placed_at, a.article_id, a.url, a.title, coalesce(a.text, a.summary) AS body,
                   coalesce({_OUT}) AS published_at, a.known_at,
                   m.story_id, m.relation, m.similarity, m.placed_at AS placed_before
            FROM {{articles}} a LEFT JOIN {{story_members}} m USING (article_id)
            WHERE {_AT} >= $start AND {_AT} < $end
            ORDER BY placed_at, a.article_id {"" if limit is None else "LIMIT $limit"}""",
            tables(snapshot, "articles", "story_members"),
            {"start": start, "end": end, "limit": limit},
        )
    )


def stories_of(snapshot: Snapshot, article_ids: Sequence[str]) -> pd.DataFrame:
    """``article_id``, ``story_id`` of those that are in a story."""
    return frame(
        run(
            "SELECT article_id, story_id FROM {story_members} WHERE article_id IN (SELECT unnest($ids))",
            tables(snapshot, "story_members"),
            {"ids": list(article_ids)},
        )
    )


def story_parts(snapshot: Snapshot, story_ids: Sequence[str]) -> pd.DataFrame:
    """The articles of these stories, each story's first one first, with what their rows are made of."""
    return frame(
        run(
            f"""SELECT m.story_id, a.article_id, a.title, a.published_at, a.published_precision, a.indexed_at,
                   a.published_not_before, a.known_at
            FROM {{story_members}} m JOIN {{articles}} a USING (article_id)
            WHERE m.story_id IN (SELECT unnest($ids)) ORDER BY m.story_id, {_AT}, a.article_id""",
            tables(snapshot, "story_members", "articles"),
            {"ids": list(story_ids)},
        )
    )


def story_rows(snapshot: Snapshot, story_ids: Sequence[str]) -> pd.DataFrame:
    """The stored rows of these stories, those merged into others too."""
    return frame(
        run(
            "SELECT * FROM {stories} WHERE story_id IN (SELECT unnest($ids)) ORDER BY story_id",
            tables(snapshot, "stories"),
            {"ids": list(story_ids)},
        )
    )


def article_ids(snapshot: Snapshot) -> list[str]:
    """Every article, in the order of clustering."""
    found = run(f"SELECT article_id FROM {{articles}} a ORDER BY {_AT}, article_id", tables(snapshot, "articles"))
    return found["article_id"].to_pylist()
