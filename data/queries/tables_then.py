"""Each table as it would stand in a lake that had stored nothing after a clock, ``$known_at``, as far as that is kept.

``docs/replay.md`` says what is not. Articles, mentions, claims and stories are told as on the Story page
(``data.queries.then_words``).
"""

from __future__ import annotations

from data.queries.then_words import (
    DATED_ALIKE,
    INDEXED,
    LATER,
    SAID,
    SAID_THEN,
    SHOWN_AT,
    STATED,
    TOLD,
    article_columns,
)
from data.tables import HORIZONS_H, INTERVAL_S, TABLES

#: Members of stories that were known, as they were. ``anchor_at``: as ``analysis.anchors`` has it.
_KNOWN = f"""dated AS (
      SELECT a.article_id, {SAID_THEN["title"]} AS title, {SAID_THEN["published_at"]} AS published_at,
             {SAID_THEN["published_precision"]} AS published_precision, {INDEXED} AS indexed_at,
             a.published_not_before, a.known_at, {SHOWN_AT} AS placed_now,
             {DATED_ALIKE} AS dated_alike
      FROM {{articles}} a LEFT JOIN told ON told.article_id = a.article_id WHERE a.known_at <= $known_at),
    known AS (
      SELECT m.*, {SHOWN_AT} AS placed_then, a.placed_now, a.title, a.published_precision,
             a.article_id = s.first_article_id AS is_first, is_first AND a.dated_alike AS paired,
             CASE WHEN a.published_at IS NULL
                  THEN coalesce(a.indexed_at, date_trunc('day', a.published_not_before) + INTERVAL 1 DAY)
                  WHEN a.published_precision IN ('hour', 'day', 'month', 'year')
                  THEN date_trunc(a.published_precision, a.published_at) + CASE a.published_precision
                    WHEN 'hour' THEN INTERVAL 1 HOUR WHEN 'day' THEN INTERVAL 1 DAY
                    WHEN 'month' THEN INTERVAL 1 MONTH ELSE INTERVAL 1 YEAR END
                  ELSE a.published_at END AS anchor_at
      FROM {{story_members}} m JOIN dated a USING (article_id) LEFT JOIN {{stories}} s USING (story_id)),
    firsts AS (
      SELECT story_id, max(anchor_at) AS last_at, coalesce(bool_or(is_first), false) AS has_first,
             min(ROW(placed_then, article_id, title, published_precision, anchor_at, paired)) AS first
      FROM known GROUP BY story_id)"""


def then(table: str) -> str:
    """A query of a table's columns as known at ``$known_at``; ``{name}`` in it stands for the source of that name."""
    if table in _THEN:
        return _THEN[table]
    declared = TABLES[table]
    return f"SELECT * FROM {{{table}}} WHERE {declared.known_at or 'created_at'} <= $known_at"


def _contexts() -> str:
    """A move is known when it has ended; how a context came out and by which bars, when its last move has."""
    week = f"c.anchor_at + INTERVAL {max(HORIZONS_H.values())} HOUR > $known_at"
    columns = {
        f"{kind}_{name}": f"CASE WHEN c.anchor_at + INTERVAL {hours} HOUR <= $known_at THEN c.{kind}_{name} END"
        for kind in ("log_return", "sigma")
        for name, hours in HORIZONS_H.items()
        if hours > 0
    }
    columns |= {
        "moves_resolution_s": f"CASE WHEN NOT ({week}) THEN c.moves_resolution_s END",
        "outcome": f"CASE WHEN c.outcome IN ('used', 'gaps', 'overlaps') AND {week} THEN 'out_of_span' "
        "ELSE c.outcome END",
    }
    told = ", ".join(f"{value} AS {name}" for name, value in columns.items())
    return f"""WITH {TOLD}, {_KNOWN} SELECT c.* REPLACE ({told})
        FROM {{contexts}} c JOIN firsts USING (story_id)
        WHERE first[6] AND (c.anchor_at IS NULL OR c.anchor_at <= $known_at)"""


def _of(name: str) -> str:
    return f"JOIN {{articles}} a ON a.article_id = {name}.article_id LEFT JOIN told ON told.article_id = a.article_id"


_CLAIMED = f"a.known_at <= $known_at AND {STATED}"
_THEN = {
    "candles": 'SELECT * FROM {candles} WHERE open_time + CASE "interval" '
    + " ".join(f"WHEN '{name}' THEN INTERVAL {seconds} SECOND" for name, seconds in INTERVAL_S.items())
    + " END <= $known_at",
    "articles": f"""WITH {TOLD}, {LATER} SELECT a.* REPLACE ({article_columns()})
        FROM {{articles}} a LEFT JOIN told ON told.article_id = a.article_id
        LEFT JOIN later ON later.article_id = a.article_id WHERE a.known_at <= $known_at""",
    # What it said at the clock itself stands in articles.
    "article_versions": "SELECT v.* FROM {article_versions} v JOIN {articles} a USING (article_id) "
    "WHERE v.seen_until <= $known_at AND a.known_at <= $known_at",
    "mentions": f"""WITH {TOLD} SELECT n.* FROM {{mentions}} n {_of("n")}
        WHERE a.known_at <= $known_at AND {SAID}""",
    "stories": f"""WITH {TOLD}, {_KNOWN}
        SELECT s.* REPLACE (first[2] AS first_article_id, first[3] AS title, first[5] AS first_at,
                            first[4] AS first_precision, firsts.last_at AS last_at,
                            CAST(NULL AS VARCHAR) AS merged_into)
        FROM {{stories}} s LEFT JOIN firsts USING (story_id) WHERE s.known_at <= $known_at""",
    "story_members": f"""WITH {TOLD}, {_KNOWN}
        SELECT k.* REPLACE (
                 CASE WHEN has_first THEN relation WHEN article_id = first[2] THEN 'original' END AS relation,
                 CASE WHEN has_first THEN similarity WHEN article_id = first[2] THEN 1.0 END AS similarity,
                 CASE WHEN placed_at IS NOT NULL AND placed_then <> placed_now THEN placed_then
                      ELSE placed_at END AS placed_at)
        FROM known k JOIN firsts USING (story_id)""",
    "claims": f"WITH {TOLD} SELECT c.* FROM {{claims}} c {_of('c')} WHERE {_CLAIMED}",
    "claim_checks": f"""WITH {TOLD} SELECT k.* REPLACE (CAST(NULL AS VARCHAR) AS also_matches)
        FROM {{claim_checks}} k JOIN {{claims}} c ON c.article_id = k.article_id AND c.offset = k.offset {_of("c")}
        WHERE k.known_at <= $known_at AND {_CLAIMED}""",
    "contexts": _contexts(),
    "context_caps": f"""WITH {TOLD}, {_KNOWN} SELECT k.*
        FROM {{context_caps}} k JOIN firsts USING (story_id) JOIN {{stories}} s USING (story_id)
        WHERE first[6] AND s.first_at <= $known_at""",
    "runs": "SELECT * FROM {runs} WHERE finished_at <= $known_at",
    "rejects": "SELECT x.* FROM {rejects} x SEMI JOIN (SELECT * FROM {runs} WHERE finished_at <= $known_at) r "
    "USING (run_id, source)",
}
