"""Stories with their articles, mentions, claims and the market they met."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from data.queries.engine import frame, run, tables
from data.tables import HORIZONS_H

if TYPE_CHECKING:
    from data.lake import Snapshot


#: When a story is shown: its first article's publication, else its earliest possible one, else when it was known.
SHOWN_AT = "coalesce(a.published_at, a.indexed_at, a.published_not_before, a.known_at)"
#: What an article said at the clock, where its publisher has changed it since.
TOLD = """told AS (
              SELECT article_id, title, summary, text FROM {article_versions}
              WHERE seen_from <= $known_at AND seen_until > $known_at)"""
#: Whether a claim's time is only that of its article, which is not known to be later than its earliest possible day.
AS_OF_ASSUMED = """coalesce(
                    a.published_at IS NULL AND c.as_of <= a.published_not_before
                    AND a.published_not_before < c.as_of + INTERVAL 1 DAY
                    AND c.as_of_end - c.as_of <= INTERVAL 1 DAY, false) AS as_of_assumed"""
_MOVES = [f"{kind}_{name}" for kind in ("log_return", "sigma") for name in HORIZONS_H]


def _move_columns() -> str:
    """Moves as the clock allows: one that ends after it is not known yet."""
    return ", ".join(
        f"CASE WHEN $known_at IS NULL OR c.anchor_at + INTERVAL {max(hours, 0)} HOUR <= $known_at "
        f"THEN c.{kind}_{name} END AS {kind}_{name}"
        for kind in ("log_return", "sigma")
        for name, hours in HORIZONS_H.items()
    )


def stories(
    snapshot: Snapshot,
    start: datetime | None = None,
    end: datetime | None = None,
    *,
    asset: str = "BTC",
    story_id: str | None = None,
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """Stories by the time they are shown at, oldest first, each with its first article and the market it met.

    At a clock the first article is the first of those known by then.
    ``shown_at`` is the first article's publication, else its earliest possible one, else when it was first
    known. ``topics``, ``assets``, ``people``, ``places`` are the distinct mentions of that kind over its
    articles, joined by ``"; "``. The context is that of ``asset``.
    """
    return frame(
        run(
            f"""WITH known AS (
              SELECT m.story_id, a.article_id, {SHOWN_AT} AS placed_at, a.known_at, s.first_article_id
              FROM {{stories}} s JOIN {{story_members}} m USING (story_id) JOIN {{articles}} a USING (article_id)
              WHERE s.merged_into IS NULL
                AND ($story_id IS NULL OR s.story_id = $story_id)
                AND ($known_at IS NULL OR (s.known_at <= $known_at AND a.known_at <= $known_at))),
            sizes AS (
              SELECT story_id, count(*) AS articles, min(known_at) AS known_at,
                     any_value(first_article_id) AS paired_by,
                     arg_min(article_id, (placed_at, article_id)) AS first_article_id
              FROM known GROUP BY story_id),
            picked AS (
              SELECT sizes.* FROM sizes JOIN {{articles}} a ON a.article_id = sizes.first_article_id
              WHERE ($start IS NULL OR {SHOWN_AT} >= $start) AND ($end IS NULL OR {SHOWN_AT} < $end)),
            named AS (
              SELECT m.story_id, n.kind, string_agg(DISTINCT n.value, '; ' ORDER BY n.value) AS names
              FROM picked JOIN known m USING (story_id) JOIN {{mentions}} n USING (article_id)
              WHERE n.kind IN ('topic', 'asset', 'person', 'place') GROUP BY ALL),
            {TOLD}
            SELECT s.story_id, s.first_article_id, {SHOWN_AT} AS shown_at,
                   a.published_at, coalesce(a.published_precision, 'unknown') AS published_precision,
                   coalesce(told.title, a.title) AS title, a.title_derived, a.publisher, a.source, a.url,
                   s.articles,
                   coalesce(topics.names, '') AS topics, coalesce(assets.names, '') AS assets,
                   coalesce(people.names, '') AS people, coalesce(places.names, '') AS places,
                   s.known_at, a.known_at_assumed,
                   c.asset, c.anchor_at, c.anchor_basis, c.price_usd, c.price_source,
                   {_move_columns()}, c.resolution_s, c.moves_resolution_s,
                   CASE WHEN c.outcome = 'used' AND c.anchor_at + INTERVAL {max(HORIZONS_H.values())} HOUR > $known_at
                        THEN 'out_of_span' ELSE coalesce(c.outcome, 'no_price') END AS outcome
            FROM picked s
            JOIN {{articles}} a ON a.article_id = s.first_article_id
            LEFT JOIN told ON told.article_id = s.first_article_id
            LEFT JOIN {{contexts}} c ON c.story_id = s.story_id AND c.asset = $asset
                 AND ($known_at IS NULL OR (c.anchor_at <= $known_at AND s.paired_by = s.first_article_id))
            LEFT JOIN named topics ON topics.story_id = s.story_id AND topics.kind = 'topic'
            LEFT JOIN named assets ON assets.story_id = s.story_id AND assets.kind = 'asset'
            LEFT JOIN named people ON people.story_id = s.story_id AND people.kind = 'person'
            LEFT JOIN named places ON places.story_id = s.story_id AND places.kind = 'place'
            ORDER BY shown_at, s.story_id""",
            tables(snapshot, "stories", "articles", "article_versions", "story_members", "mentions", "contexts"),
            {"asset": asset, "story_id": story_id, "start": start, "end": end, "known_at": known_at},
        )
    )


def story_span(snapshot: Snapshot) -> pd.DataFrame:
    """One row: when the ``first`` and the ``last`` story are shown."""
    return frame(
        run(
            f"""SELECT min({SHOWN_AT}) AS first, max({SHOWN_AT}) AS last
           FROM {{stories}} s JOIN {{articles}} a ON a.article_id = s.first_article_id WHERE merged_into IS NULL""",
            tables(snapshot, "stories", "articles"),
        )
    )


def story_redirect(snapshot: Snapshot, story_id: str) -> pd.DataFrame:
    """Where a story's id leads: one row, the ``story_id`` it was merged into in the end and the ``merges`` on the way.

    No row of an id that is not stored, or whose merges go round in a circle.
    """
    return frame(
        run(
            """WITH RECURSIVE way AS (
             SELECT story_id, merged_into, 0 AS merges FROM {stories} WHERE story_id = $story_id
             UNION ALL
             SELECT s.story_id, s.merged_into, merges + 1 FROM way JOIN {stories} s ON s.story_id = way.merged_into
             WHERE merges < 100)
           SELECT story_id, merges FROM way WHERE merged_into IS NULL""",
            tables(snapshot, "stories"),
            {"story_id": story_id},
        )
    )


def story_article_mentions(snapshot: Snapshot, story_id: str, known_at: datetime | None = None) -> pd.DataFrame:
    """Every mention of a story's articles, whole, by article and offset."""
    return frame(
        run(
            """SELECT n.*
           FROM {story_members} m JOIN {mentions} n USING (article_id) JOIN {articles} a USING (article_id)
           WHERE m.story_id = $story_id AND ($known_at IS NULL OR a.known_at <= $known_at)
           ORDER BY n.article_id, n.offset, n.kind, n.value""",
            tables(snapshot, "story_members", "mentions", "articles"),
            {"story_id": story_id, "known_at": known_at},
        )
    )


def story_articles(snapshot: Snapshot, story_id: str, known_at: datetime | None = None) -> pd.DataFrame:
    """The articles of a story with their relation, first known first."""
    return frame(
        run(
            f"""WITH {TOLD}
           SELECT a.* REPLACE (CASE WHEN told.article_id IS NULL THEN a.title ELSE told.title END AS title,
                               CASE WHEN told.article_id IS NULL THEN a.summary ELSE told.summary END AS summary,
                               CASE WHEN told.article_id IS NULL THEN a.text ELSE told.text END AS text),
                  m.relation, m.similarity
           FROM {{story_members}} m JOIN {{articles}} a USING (article_id)
           LEFT JOIN told ON told.article_id = a.article_id
           WHERE m.story_id = $story_id AND ($known_at IS NULL OR a.known_at <= $known_at)
           ORDER BY a.known_at, a.article_id""",
            tables(snapshot, "story_members", "articles", "article_versions"),
            {"story_id": story_id, "known_at": known_at},
        )
    )


def story_mentions(snapshot: Snapshot, story_id: str, known_at: datetime | None = None) -> pd.DataFrame:
    """What a story mentions: ``kind``, ``value``, ``times``, the first ``posted_at`` of a post."""
    return frame(
        run(
            """SELECT n.kind, n.value, count(*) AS times, min(n.posted_at) AS posted_at
           FROM {story_members} m JOIN {mentions} n USING (article_id) JOIN {articles} a USING (article_id)
           WHERE m.story_id = $story_id AND ($known_at IS NULL OR a.known_at <= $known_at)
           GROUP BY ALL ORDER BY n.kind, times DESC, n.value""",
            tables(snapshot, "story_members", "mentions", "articles"),
            {"story_id": story_id, "known_at": known_at},
        )
    )


def story_claims(snapshot: Snapshot, story_id: str, known_at: datetime | None = None) -> pd.DataFrame:
    """A story's claims, one row a check (none yet: one row with empty check columns).

    ``as_of_assumed``: its time is the earliest day its article, of unknown publication, can have come out.
    """
    return frame(
        run(
            f"""SELECT c.*, k.* EXCLUDE (article_id, "offset", also_matches, known_at),
                  CASE WHEN $known_at IS NULL THEN k.also_matches END AS also_matches, {AS_OF_ASSUMED}
           FROM {{story_members}} m JOIN {{claims}} c USING (article_id) JOIN {{articles}} a USING (article_id)
           LEFT JOIN {{claim_checks}} k ON k.article_id = c.article_id AND k.offset = c.offset
                AND ($known_at IS NULL OR k.known_at <= $known_at)
           WHERE m.story_id = $story_id AND ($known_at IS NULL OR a.known_at <= $known_at)
           ORDER BY c.article_id, c.offset, k.source, k.definition""",
            tables(snapshot, "story_members", "claims", "articles", "claim_checks"),
            {"story_id": story_id, "known_at": known_at},
        )
    )


def story_caps(snapshot: Snapshot, story_id: str, known_at: datetime | None = None) -> pd.DataFrame:
    """The total market cap a story met, by source and definition."""
    return frame(
        run(
            """SELECT k.* FROM {context_caps} k
           WHERE k.story_id = $story_id AND ($known_at IS NULL OR k.story_id IN (
             SELECT s.story_id FROM {stories} s JOIN {articles} a ON a.article_id = s.first_article_id
             WHERE a.known_at <= $known_at))
           ORDER BY k.asset, k.source, k.definition""",
            tables(snapshot, "context_caps", "stories", "articles"),
            {"story_id": story_id, "known_at": known_at},
        )
    )
