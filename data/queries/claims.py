"""Stated figures across all stories: a queue, its counts, and who agrees with what the press states.

A claim's *standing* is what its checks come to: ``matches`` where the source the article names for it does; else
``another definition`` where at least one definition of the total holds it and at least one does not, else ``matches``
where any source does, else ``differs`` where any does, else ``cannot check``; ``not checked`` where no check is stored.
All but ``matches`` are unresolved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from data.queries.engine import Source, frame, run, tables
from data.queries.stories import AS_OF_ASSUMED
from data.queries.then_words import LATER, SAID_THEN, SHOWN_PRECISION, SHOWN_THEN, STATED, TOLD, corrected

if TYPE_CHECKING:
    from data.lake import Snapshot

#: Fewer differences than this have no median.
LEAST_FOR_MEDIAN = 5
STANDINGS = ("differs", "another definition", "cannot check", "not checked", "matches")


@dataclass(frozen=True)
class Asked:
    """Which claims are asked for; an empty tuple, ``None`` or ``""`` asks for all."""

    quantities: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    standings: tuple[str, ...] = ()
    start: datetime | None = None  # by the time the article is shown at, half-open
    end: datetime | None = None
    text: str = ""  # words that quote, title and publisher together hold, in any order

    def parameters(self) -> dict[str, object]:
        return {
            "quantities": list(self.quantities) or None,
            "assets": list(self.assets) or None,
            "modalities": list(self.modalities) or None,
            "standings": list(self.standings) or None,
            "start": self.start,
            "end": self.end,
            "words": self.text.lower().split() or None,
        }


_TABLES = ("claims", "claim_checks", "articles", "article_versions", "stories", "story_members", "annotations")


def _listed(parameter: str, column: str) -> str:
    return f"($%s IS NULL OR list_contains(CAST($%s AS VARCHAR[]), {column}))" % (parameter, parameter)


def _nearest(column: str) -> str:
    """The smallest of the checks that set the standing: of its verdict, of the cited source where that matches."""
    least = f"arg_min(k.{column}, abs(k.{column}))"
    return f"""CASE WHEN cited > 0
                  THEN {least} FILTER (k.verdict = 'matches' AND lower(k.source) = lower(s.cited_source))
                  WHEN another > 0 THEN {least} FILTER (k.verdict = 'another definition')
                  WHEN matches > 0 THEN {least} FILTER (k.verdict = 'matches')
                  ELSE {least} END"""


_JUDGED = f"""
    {TOLD}, {LATER},
    homes AS (
      SELECT m.article_id, min(m.story_id) AS story_id
      FROM {{story_members}} m JOIN {{stories}} s USING (story_id)
      WHERE s.merged_into IS NULL AND ($known_at IS NULL OR s.known_at <= $known_at) GROUP BY m.article_id),
    stated AS (
      SELECT c.*, homes.story_id, {SAID_THEN["title"]} AS title, {corrected("publisher")} AS publisher,
             {SHOWN_THEN} AS shown_at, {SHOWN_PRECISION} AS shown_precision
      FROM {{claims}} c JOIN {{articles}} a USING (article_id)
      LEFT JOIN told ON told.article_id = c.article_id LEFT JOIN later ON later.article_id = c.article_id
      LEFT JOIN homes ON homes.article_id = c.article_id
      WHERE ($known_at IS NULL OR a.known_at <= $known_at) AND {STATED}
        AND {_listed("quantities", "c.quantity")} AND {_listed("assets", "coalesce(c.asset, '')")}
        AND {_listed("modalities", "c.modality")}
        AND ($start IS NULL OR {SHOWN_THEN} >= $start) AND ($end IS NULL OR {SHOWN_THEN} < $end)
        AND ($words IS NULL OR list_bool_and(list_transform(CAST($words AS VARCHAR[]), lambda word: contains(
             lower(concat_ws(' ', c.quote, {SAID_THEN["title"]}, {corrected("publisher")})), word))))),
    checked AS (SELECT * FROM {{claim_checks}} WHERE $known_at IS NULL OR known_at <= $known_at),
    judged AS (
      SELECT s.article_id, s.offset,
             count(k.source) FILTER (k.verdict = 'matches') AS matches,
             count(k.source) FILTER (k.verdict = 'another definition') AS another,
             count(k.source) FILTER (k.verdict = 'differs') AS differs,
             count(k.source) FILTER (k.verdict = 'cannot check') AS cannot,
             count(k.source) FILTER (k.verdict = 'matches' AND lower(k.source) = lower(s.cited_source)) AS cited,
             CASE WHEN count(k.source) = 0 THEN 'not checked' WHEN cited > 0 THEN 'matches'
                  WHEN another > 0 THEN 'another definition' WHEN matches > 0 THEN 'matches'
                  WHEN differs > 0 THEN 'differs' ELSE 'cannot check' END AS standing,
             {_nearest("difference")} AS nearest_difference, {_nearest("difference_points")} AS nearest_points
      FROM stated s LEFT JOIN checked k ON k.article_id = s.article_id AND k.offset = s.offset
      GROUP BY s.article_id, s.offset),
    queue AS (
      SELECT * FROM stated JOIN judged USING (article_id, "offset") WHERE {_listed("standings", "standing")})"""


def _run(snapshot: Snapshot, select: str, asked: Asked, known_at: datetime | None, **more: object) -> pd.DataFrame:
    sources: dict[str, Source] = tables(snapshot, *_TABLES)
    return frame(run(f"WITH {_JUDGED} {select}", sources, {**asked.parameters(), "known_at": known_at, **more}))


def claim_queue(snapshot: Snapshot, asked: Asked, limit: int = 200, known_at: datetime | None = None) -> pd.DataFrame:
    """The newest claims asked for, newest first, at most ``limit``: the claim's columns and

    ``story_id`` (may be null), ``title``, ``publisher``, ``shown_at`` and ``shown_precision`` of its article, its
    ``standing``, how many checks came to each verdict (``matches``, ``another``, ``differs``, ``cannot``; ``cited`` of
    the ``matches`` are of the source the article names) and, against the nearest value of the checks that set the
    standing, ``nearest_difference`` (fraction) of a claim in USD, ``nearest_points`` (percentage points) of one in
    percent.
    """
    return _run(
        snapshot,
        """SELECT * FROM queue ORDER BY shown_at DESC, article_id, "offset" LIMIT $limit""",
        asked,
        known_at,
        limit=limit,
    )


def claim_counts(snapshot: Snapshot, asked: Asked, known_at: datetime | None = None) -> pd.DataFrame:
    """How many of the claims asked for have each ``quantity``, ``asset``, ``modality`` and ``standing``: ``claims``."""
    return _run(
        snapshot,
        """SELECT quantity, coalesce(asset, '') AS asset, modality, standing, count(*) AS claims FROM queue
           GROUP BY ALL ORDER BY ALL""",
        asked,
        known_at,
    )


def claim_providers(snapshot: Snapshot, asked: Asked, known_at: datetime | None = None) -> pd.DataFrame:
    """What each source and definition says of the claims asked for, one row a quantity.

    ``source``, ``definition``, ``quantity``, the number of checks by verdict (``matches``, ``another``, ``differs``,
    ``cannot``) and ``median_difference`` (fraction) and ``median_points`` (points) over claims that state the figure
    itself or about it, for one day or less; null below ``LEAST_FOR_MEDIAN`` of them. A claim of a longer span, or
    "more than", says too little of where the figure was.
    """
    plain = "q.comparator IN ('eq', 'approx') AND q.as_of_end - q.as_of <= INTERVAL 1 DAY"
    medians = ", ".join(
        f"CASE WHEN count(k.{name}) FILTER ({plain}) >= {LEAST_FOR_MEDIAN} "
        f"THEN median(k.{name}) FILTER ({plain}) END AS median_{name.removeprefix('difference_')}"
        for name in ("difference", "difference_points")
    )
    return _run(
        snapshot,
        f"""SELECT k.source, k.definition, q.quantity,
                  count(*) FILTER (k.verdict = 'matches') AS matches,
                  count(*) FILTER (k.verdict = 'another definition') AS another,
                  count(*) FILTER (k.verdict = 'differs') AS differs,
                  count(*) FILTER (k.verdict = 'cannot check') AS cannot,
                  {medians}
           FROM queue q JOIN checked k ON k.article_id = q.article_id AND k.offset = q.offset
           GROUP BY ALL ORDER BY ALL""",
        asked,
        known_at,
    )


def claims_of(
    snapshot: Snapshot, claims: tuple[tuple[str, int], ...], known_at: datetime | None = None
) -> pd.DataFrame:
    """The checks of these claims, (article, offset) each: as ``story_claims``, in the order given."""
    return frame(
        run(
            f"""WITH {TOLD}, wanted AS (
                 SELECT article_id, "offset", row_number() OVER () AS place FROM (
                   SELECT unnest($of_articles) AS article_id, unnest($at_offsets) AS "offset"))
               SELECT c.*, k.* EXCLUDE (article_id, "offset", also_matches, known_at),
                      CASE WHEN $known_at IS NULL THEN k.also_matches END AS also_matches, {AS_OF_ASSUMED}
               FROM wanted w JOIN {{claims}} c ON c.article_id = w.article_id AND c.offset = w.offset
               JOIN {{articles}} a ON a.article_id = c.article_id AND ($known_at IS NULL OR a.known_at <= $known_at)
               LEFT JOIN told ON told.article_id = c.article_id
               LEFT JOIN {{claim_checks}} k ON k.article_id = c.article_id AND k.offset = c.offset
                    AND ($known_at IS NULL OR k.known_at <= $known_at)
               WHERE {STATED}
               ORDER BY w.place, k.source, k.definition""",
            tables(snapshot, "claims", "articles", "claim_checks", "article_versions", "annotations"),
            {"of_articles": [a for a, _ in claims], "at_offsets": [o for _, o in claims], "known_at": known_at},
        )
    )


def claims_left_out(snapshot: Snapshot, story_id: str | None = None, known_at: datetime | None = None) -> int:
    """How many claims of articles known at the clock are not shown at it.

    They were read from words or a time that their article got later, what it said then is not kept, or they were
    corrected since.
    ``story_id``: of that story's articles alone.
    """
    found = run(
        f"""WITH {TOLD}
            SELECT count(*) AS claims FROM {{claims}} c JOIN {{articles}} a USING (article_id)
            LEFT JOIN told ON told.article_id = c.article_id
            WHERE a.known_at <= $known_at AND NOT ({STATED})
              AND ($story_id IS NULL OR c.article_id IN (
                SELECT article_id FROM {{story_members}} WHERE story_id = $story_id))""",
        tables(snapshot, "claims", "articles", "article_versions", "story_members", "annotations"),
        {"story_id": story_id, "known_at": known_at},
    )
    return found["claims"][0].as_py()


def claim_text(snapshot: Snapshot, article_id: str, known_at: datetime | None = None) -> pd.DataFrame:
    """What a claim's offset counts in, one row: ``title`` and ``text`` as known, ``publisher``, ``url``."""
    return frame(
        run(
            f"""WITH {TOLD}, {LATER}
               SELECT {SAID_THEN["title"]} AS title, {SAID_THEN["text"]} AS text,
                      {corrected("publisher")} AS publisher, a.url
               FROM {{articles}} a LEFT JOIN told ON told.article_id = a.article_id
               LEFT JOIN later ON later.article_id = a.article_id
               WHERE a.article_id = $article_id AND ($known_at IS NULL OR a.known_at <= $known_at)""",
            tables(snapshot, "articles", "article_versions", "annotations"),
            {"article_id": article_id, "known_at": known_at},
        )
    )
