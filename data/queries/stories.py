"""Stories with their articles, mentions, claims and the market they met."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from data.queries.engine import frame, run, tables
from data.queries.then_words import (
    DATED_ALIKE,
    LATER,
    SAID,
    SAID_THEN,
    SHOWN_PRECISION,
    SHOWN_THEN,
    STATED,
    TITLE_DERIVED,
    TOLD,
    article_columns,
    corrected,
)
from data.tables import HORIZONS_H

if TYPE_CHECKING:
    from data.lake import Snapshot


#: The articles of stories that were known at the clock; ``paired``: whether its story's context is read by its times.
_KNOWN = f"""known AS (
              SELECT m.story_id, a.article_id, {SHOWN_THEN} AS placed_at, a.known_at, a.revised_at,
                     s.first_article_id, a.article_id = s.first_article_id AND {DATED_ALIKE} AS paired
              FROM {{stories}} s JOIN {{story_members}} m USING (story_id) JOIN {{articles}} a USING (article_id)
              LEFT JOIN told ON told.article_id = a.article_id
              WHERE s.merged_into IS NULL
                AND ($story_id IS NULL OR s.story_id = $story_id)
                AND ($known_at IS NULL OR (s.known_at <= $known_at AND a.known_at <= $known_at)))"""
#: Whether a claim's time is only that of its article, which is not known to be later than its earliest possible day.
AS_OF_ASSUMED = """coalesce(
                    a.published_at IS NULL AND c.as_of <= a.published_not_before
                    AND a.published_not_before < c.as_of + INTERVAL 1 DAY
                    AND c.as_of_end - c.as_of <= INTERVAL 1 DAY, false) AS as_of_assumed"""


_TABLES = ("stories", "articles", "article_versions", "story_members")


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

    At a clock the first article is the first of those known by then, by what they stated then; ``title`` is "" where
    that is not kept.
    ``shown_at`` is the first article's publication, else its earliest possible one, else when it was first
    known; ``shown_precision`` how exactly that is known. ``topics``, ``assets``, ``people``, ``places`` are the
    distinct mentions of that kind over its articles, joined by ``"; "``. The context is that of ``asset``; at a clock
    none that was read by a time stated later.
    """
    week = f"c.anchor_at + INTERVAL {max(HORIZONS_H.values())} HOUR > $known_at"
    return frame(
        run(
            f"""WITH {TOLD}, {LATER}, {_KNOWN},
            sizes AS (
              SELECT story_id, count(*) AS articles, min(known_at) AS known_at, min(placed_at) AS shown_at,
                     arg_min(article_id, (placed_at, article_id)) AS first_article_id,
                     arg_min(paired, (placed_at, article_id)) AS paired
              FROM known GROUP BY story_id),
            picked AS (
              SELECT * FROM sizes
              WHERE ($start IS NULL OR shown_at >= $start) AND ($end IS NULL OR shown_at < $end)),
            named AS (
              SELECT a.story_id, n.kind, string_agg(DISTINCT n.value, '; ' ORDER BY n.value) AS names
              FROM picked JOIN known a USING (story_id) JOIN {{mentions}} n USING (article_id)
              LEFT JOIN told ON told.article_id = n.article_id
              WHERE n.kind IN ('topic', 'asset', 'person', 'place') AND {SAID} GROUP BY ALL)
            SELECT s.story_id, s.first_article_id, s.shown_at, {SHOWN_PRECISION} AS shown_precision,
                   {SAID_THEN["published_at"]} AS published_at,
                   coalesce({SAID_THEN["published_precision"]}, 'unknown') AS published_precision,
                   coalesce({SAID_THEN["title"]}, '') AS title, coalesce({TITLE_DERIVED}, false) AS title_derived,
                   {corrected("publisher")} AS publisher, a.source, a.url,
                   s.articles,
                   coalesce(topics.names, '') AS topics, coalesce(assets.names, '') AS assets,
                   coalesce(people.names, '') AS people, coalesce(places.names, '') AS places,
                   s.known_at, a.known_at_assumed,
                   c.asset, c.anchor_at, c.anchor_basis, c.price_usd, c.price_source,
                   {_move_columns()}, c.resolution_s, c.moves_resolution_s,
                   CASE WHEN c.outcome IN ('used', 'gaps', 'overlaps') AND {week}
                        THEN 'out_of_span' ELSE coalesce(c.outcome, 'no_price') END AS outcome
            FROM picked s
            JOIN {{articles}} a ON a.article_id = s.first_article_id
            LEFT JOIN told ON told.article_id = s.first_article_id
            LEFT JOIN later ON later.article_id = s.first_article_id
            LEFT JOIN {{contexts}} c ON c.story_id = s.story_id AND c.asset = $asset
                 AND ($known_at IS NULL OR (c.anchor_at <= $known_at AND s.paired))
            LEFT JOIN named topics ON topics.story_id = s.story_id AND topics.kind = 'topic'
            LEFT JOIN named assets ON assets.story_id = s.story_id AND assets.kind = 'asset'
            LEFT JOIN named people ON people.story_id = s.story_id AND people.kind = 'person'
            LEFT JOIN named places ON places.story_id = s.story_id AND places.kind = 'place'
            ORDER BY s.shown_at, s.story_id""",
            tables(snapshot, *_TABLES, "mentions", "annotations", "contexts"),
            {"asset": asset, "story_id": story_id, "start": start, "end": end, "known_at": known_at},
        )
    )


def story_span(snapshot: Snapshot, known_at: datetime | None = None) -> pd.DataFrame:
    """One row: when the ``first`` and the ``last`` story are shown."""
    return frame(
        run(
            f"""WITH {TOLD}, {_KNOWN}
            SELECT min(shown_at) AS first, max(shown_at) AS last
            FROM (SELECT min(placed_at) AS shown_at FROM known GROUP BY story_id)""",
            tables(snapshot, *_TABLES),
            {"story_id": None, "known_at": known_at},
        )
    )


def neighbour_known(snapshot: Snapshot, clock: datetime | None = None, step: int = -1) -> pd.DataFrame:
    """The story that became known next after the clock (``step`` 1), or last before it (−1).

    One row, ``story_id`` and ``known_at``; none where there is none. Without a clock the last one is the newest of all.
    To set a clock by: it looks ahead of it.
    """
    which, order = (">", "ASC") if step > 0 else ("<", "DESC")
    within = f"known_at {which} $clock" if clock else str(step < 0)
    return frame(
        run(
            f"""SELECT story_id, known_at FROM {{stories}} WHERE merged_into IS NULL AND {within}
            ORDER BY known_at {order}, story_id LIMIT 1""",
            tables(snapshot, "stories"),
            {"clock": clock},
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
    """Every mention of a story's articles, whole, by article and offset.

    At a clock, those whose words the article had by then; their offsets are those of the present text.
    """
    return frame(
        run(
            f"""WITH {TOLD}
           SELECT n.*
           FROM {{story_members}} m JOIN {{mentions}} n USING (article_id) JOIN {{articles}} a USING (article_id)
           LEFT JOIN told ON told.article_id = n.article_id
           WHERE m.story_id = $story_id AND ($known_at IS NULL OR a.known_at <= $known_at) AND {SAID}
           ORDER BY n.article_id, n.offset, n.kind, n.value""",
            tables(snapshot, *_TABLES, "mentions", "annotations"),
            {"story_id": story_id, "known_at": known_at},
        )
    )


def story_articles(snapshot: Snapshot, story_id: str, known_at: datetime | None = None) -> pd.DataFrame:
    """The articles of a story with their relation, first known first.

    At a clock they say and state what they did by then, without later corrections. What is not kept of earlier
    versions is empty: parts of the text; title, words and times where there is none of then (``title`` never is
    otherwise). ``first_seen_at`` is empty where it was imported later. ``relation``
    and ``similarity`` are to the story's first article: while that was not known the first of those known is the
    original, and how the others stand to it is empty.
    """
    return frame(
        run(
            f"""WITH {TOLD}, {LATER},
           held AS (
             SELECT a.article_id, {SHOWN_THEN} AS placed_at, s.first_article_id
             FROM {{story_members}} m JOIN {{articles}} a USING (article_id) LEFT JOIN {{stories}} s USING (story_id)
             LEFT JOIN told ON told.article_id = a.article_id
             WHERE m.story_id = $story_id AND ($known_at IS NULL OR a.known_at <= $known_at)),
           firsts AS (
             SELECT $known_at IS NULL OR coalesce(bool_or(article_id = first_article_id), false) AS known,
                    arg_min(article_id, (placed_at, article_id)) AS stands_for_it
             FROM held)
           SELECT a.* REPLACE ({article_columns()}),
                  CASE WHEN firsts.known THEN m.relation
                       WHEN a.article_id = firsts.stands_for_it THEN 'original' END AS relation,
                  CASE WHEN firsts.known THEN m.similarity
                       WHEN a.article_id = firsts.stands_for_it THEN 1.0 END AS similarity
           FROM {{story_members}} m JOIN {{articles}} a USING (article_id) CROSS JOIN firsts
           LEFT JOIN told ON told.article_id = a.article_id LEFT JOIN later ON later.article_id = a.article_id
           WHERE m.story_id = $story_id AND ($known_at IS NULL OR a.known_at <= $known_at)
           ORDER BY a.known_at, a.article_id""",
            tables(snapshot, *_TABLES, "annotations"),
            {"story_id": story_id, "known_at": known_at},
        )
    )


def story_mentions(snapshot: Snapshot, story_id: str, known_at: datetime | None = None) -> pd.DataFrame:
    """What a story mentions: ``kind``, ``value``, ``times``, the first ``posted_at`` of a post."""
    return frame(
        run(
            f"""WITH {TOLD}
           SELECT n.kind, n.value, count(*) AS times, min(n.posted_at) AS posted_at
           FROM {{story_members}} m JOIN {{mentions}} n USING (article_id) JOIN {{articles}} a USING (article_id)
           LEFT JOIN told ON told.article_id = n.article_id
           WHERE m.story_id = $story_id AND ($known_at IS NULL OR a.known_at <= $known_at) AND {SAID}
           GROUP BY ALL ORDER BY n.kind, times DESC, n.value""",
            tables(snapshot, *_TABLES, "mentions", "annotations"),
            {"story_id": story_id, "known_at": known_at},
        )
    )


def story_claims(snapshot: Snapshot, story_id: str, known_at: datetime | None = None) -> pd.DataFrame:
    """A story's claims, one row a check (none yet: one row with empty check columns).

    At a clock, those that what their articles said by then has (``claims_left_out`` counts the others).
    ``as_of_assumed``: its time is the earliest day its article, of unknown publication, can have come out.
    """
    return frame(
        run(
            f"""WITH {TOLD}
           SELECT c.*, k.* EXCLUDE (article_id, "offset", also_matches, known_at),
                  CASE WHEN $known_at IS NULL THEN k.also_matches END AS also_matches, {AS_OF_ASSUMED}
           FROM {{story_members}} m JOIN {{claims}} c USING (article_id) JOIN {{articles}} a USING (article_id)
           LEFT JOIN told ON told.article_id = c.article_id
           LEFT JOIN {{claim_checks}} k ON k.article_id = c.article_id AND k.offset = c.offset
                AND ($known_at IS NULL OR k.known_at <= $known_at)
           WHERE m.story_id = $story_id AND ($known_at IS NULL OR a.known_at <= $known_at) AND {STATED}
           ORDER BY c.article_id, c.offset, k.source, k.definition""",
            tables(snapshot, *_TABLES, "claims", "claim_checks", "annotations"),
            {"story_id": story_id, "known_at": known_at},
        )
    )


def story_caps(snapshot: Snapshot, story_id: str, known_at: datetime | None = None) -> pd.DataFrame:
    """The total market cap a story met, by source and definition; at a clock, once what it is read by was known."""
    return frame(
        run(
            f"""WITH {TOLD}, {_KNOWN},
           firsts AS (SELECT story_id, arg_min(paired, (placed_at, article_id)) AS paired FROM known GROUP BY story_id)
           SELECT k.* FROM {{context_caps}} k
           WHERE k.story_id = $story_id AND ($known_at IS NULL OR k.story_id IN (
             SELECT story_id FROM firsts JOIN {{stories}} s USING (story_id) WHERE paired AND s.first_at <= $known_at))
           ORDER BY k.asset, k.source, k.definition""",
            tables(snapshot, *_TABLES, "context_caps"),
            {"story_id": story_id, "known_at": known_at},
        )
    )
