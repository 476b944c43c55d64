"""Stories as arrays in the order of time, made by SQL once for a version of the tables: what the timeline counts.

A story is where it was known to be: its first article, among those known at the clock, places it and titles it, and
it has the topics and assets of the articles known by then. So it has one row for each first article it has had.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from data.kept import Kept
from data.queries.engine import Held, Source, run, tables
from data.queries.then_words import SHOWN_AT, corrected

if TYPE_CHECKING:
    from data.lake import Snapshot

#: What an index is made from: it stays valid while these tables' versions do. (What an analyst corrects or adds changes
#: articles or mentions too; a note they write moves nothing.)
INDEXED = ("stories", "story_members", "articles", "article_versions", "mentions")
#: Bytes that an index remembers, those asked for last: a view of a million articles makes 15 to 30 million.
MOST_REMEMBERED = 128_000_000
#: Until when a row holds that still does, and the clock of who asks without one.
FOREVER = np.iinfo(np.int64).max
NOW = FOREVER - 1
_NONE = np.iinfo(np.int64).min  # NaT

#: What an article said from when until when, of articles that changed, were indexed after they were known, or whose
#: publisher was corrected. ``words``: what its mentions were read from; empty where that is the present text, or is not
#: kept.
_CHANGED = """WITH moments AS (
      SELECT DISTINCT article_id, greatest(moment, a.known_at) AS since
      FROM (SELECT article_id, unnest([seen_from, seen_until]) AS moment FROM {article_versions}
            UNION ALL SELECT article_id, revised_at FROM {articles} WHERE revised_at > known_at
            UNION ALL SELECT article_id, indexed_at FROM {articles} WHERE indexed_at > known_at
            UNION ALL SELECT target_id, created_at FROM {annotations}
                      WHERE target_kind = 'article' AND field = 'publisher') t
      JOIN {articles} a USING (article_id)),
    begun AS (
      SELECT * FROM moments
      UNION SELECT article_id, known_at FROM {articles} WHERE article_id IN (SELECT article_id FROM moments))
    SELECT b.article_id, b.since, lead(b.since) OVER (PARTITION BY b.article_id ORDER BY b.since) AS until,
           v.title, v.published_at, v.published_precision,
           v.article_id IS NOT NULL OR coalesce(a.revised_at > b.since, false) AS differs,
           concat(v.title, chr(10), coalesce(v.text, v.summary)) AS words
    FROM begun b JOIN {articles} a USING (article_id) LEFT JOIN {article_versions} v
      ON v.article_id = b.article_id AND v.seen_from <= b.since AND v.seen_until > b.since
    QUALIFY row_number() OVER (PARTITION BY b.article_id, b.since ORDER BY v.revision) = 1"""
#: Every article as it was from when until when.
_STATES = f"""later AS (
      SELECT c.article_id, c.since, bool_or(t.created_at > c.since) AS publisher_follows,
             arg_max_null(t.value, (t.created_at, t.annotation_id)) FILTER (t.created_at <= c.since) AS publisher
      FROM {{changed}} c JOIN {{annotations}} t
        ON t.target_id = c.article_id AND t.target_kind = 'article' AND t.field = 'publisher'
      GROUP BY ALL),
    states AS (
      SELECT article_id, known_at AS since, NULL::TIMESTAMPTZ AS until, title, published_at, published_precision,
             indexed_at, published_not_before, known_at, source, publisher, true AS dated_alike
      FROM {{articles}} ANTI JOIN {{changed}} USING (article_id)
      UNION ALL
      SELECT a.article_id, c.since, c.until, CASE WHEN differs THEN coalesce(c.title, '') ELSE a.title END,
             CASE WHEN differs THEN c.published_at ELSE a.published_at END,
             CASE WHEN differs THEN c.published_precision ELSE a.published_precision END,
             CASE WHEN a.indexed_at <= c.since THEN a.indexed_at END,
             a.published_not_before, a.known_at, a.source, {corrected("publisher")},
             NOT differs OR (c.published_at IS NOT DISTINCT FROM a.published_at
                             AND c.published_precision IS NOT DISTINCT FROM a.published_precision)
      FROM {{changed}} c JOIN {{articles}} a USING (article_id)
      LEFT JOIN later ON later.article_id = c.article_id AND later.since = c.since)"""
#: The span a publication lies in, as ``analysis.anchors`` has it; none where nobody dates it.
_IMPRECISE = "a.published_precision IN ('hour', 'day', 'month', 'year')"
_SPAN_START = f"""CASE WHEN a.published_at IS NOT NULL AND {_IMPRECISE}
                    THEN date_trunc(a.published_precision, a.published_at)
                    WHEN a.published_at IS NULL AND a.indexed_at IS NULL THEN date_trunc('day', a.published_not_before)
                    ELSE coalesce(a.published_at, a.indexed_at) END"""
_SPAN_END = """span_start + CASE WHEN spread = 'hour' THEN INTERVAL 1 HOUR WHEN spread = 'day' THEN INTERVAL 1 DAY
                    WHEN spread = 'month' THEN INTERVAL 1 MONTH WHEN spread = 'year' THEN INTERVAL 1 YEAR
                    ELSE INTERVAL 0 HOUR END"""


@dataclass(frozen=True, eq=False, repr=False)
class Names:
    """What rows name, in the rows' order: ``rows[i]`` names ``codes[i]`` of ``values`` as long as they hold."""

    values: list[str]
    codes: np.ndarray
    rows: np.ndarray
    since: np.ndarray
    until: np.ndarray

    def hold(self, which: slice | np.ndarray, clock: int) -> np.ndarray:
        """Which of these hold at the clock."""
        return (self.since[which] <= clock) & (clock < self.until[which])


@dataclass(frozen=True, eq=False, repr=False)
class Members:
    """The articles of each row's story, in the rows' order."""

    rows: np.ndarray
    since: np.ndarray


@dataclass(frozen=True, eq=False, repr=False)
class StoryIndex:
    """Every story that was not merged, in the order of time. Never changes but for what it remembers.

    Instants are microseconds since 1970. A row holds from ``known`` until ``until``.
    """

    shown: np.ndarray
    known: np.ndarray
    until: np.ndarray
    span_start: np.ndarray
    span_end: np.ndarray
    source: np.ndarray
    sources: list[str]
    publisher: np.ndarray
    publishers: list[str]
    precision: np.ndarray
    precisions: list[str]
    #: Whether a row's article is the one its story is paired by.
    paired: np.ndarray
    story_id: pa.Array
    title: pa.Array
    named: dict[str, Names]
    #: When each article of a row's story was known: ``articles.rows[i]`` has one since ``articles.since[i]``.
    articles: Members
    #: What filters, clocks and lanes make of the rows: ``data.queries.timeline``.
    remembered: Kept = field(default_factory=lambda: Kept(MOST_REMEMBERED, lambda value: value.nbytes))


def index_key(snapshot: Snapshot) -> str:
    """Equal for equal indexes: what a cache of ``story_index`` is keyed on."""
    versions = ",".join(f"{name}={snapshot.versions.get(name)}" for name in INDEXED)
    return f"{snapshot.home} {snapshot.lake_id} {versions}"


def story_index(snapshot: Snapshot) -> StoryIndex:
    """Read every story. Some 4 s and 170 MB for a million articles, 0.8 s for 200,000: keep it by ``index_key``."""
    sources = tables(snapshot, *INDEXED, "annotations")
    sources["changed"] = Held(run(_CHANGED, sources))
    rows = run(
        f"""WITH {_STATES},
        known AS (
          SELECT m.story_id, a.*, greatest(s.known_at, a.since) AS begun, {SHOWN_AT} AS placed_at,
                 {_SPAN_START} AS span_start,
                 CASE WHEN a.published_at IS NOT NULL THEN a.published_precision
                      WHEN a.indexed_at IS NULL THEN 'day' END AS spread,
                 a.article_id = s.first_article_id AND a.dated_alike AS paired
          FROM {{stories}} s JOIN {{story_members}} m USING (story_id) JOIN states a USING (article_id)
          WHERE s.merged_into IS NULL AND (a.until IS NULL OR a.until > s.known_at)),
        several AS (SELECT story_id FROM known GROUP BY story_id HAVING count(*) > 1),
        firsts AS (
          SELECT story_id, t.begun, min(ROW(k.placed_at, k.article_id, k.since)) AS first
          FROM (SELECT DISTINCT story_id, begun FROM known SEMI JOIN several USING (story_id)) t
          JOIN known k USING (story_id)
          WHERE k.begun <= t.begun AND (k.until IS NULL OR k.until > t.begun)
          GROUP BY ALL),
        turns AS (
          SELECT story_id, begun, first[2] AS article_id, first[3] AS since,
                 lag(first) OVER (PARTITION BY story_id ORDER BY begun) AS before
          FROM firsts QUALIFY before IS DISTINCT FROM first),
        held AS (
          SELECT k.*, k.begun AS held_from, NULL::TIMESTAMPTZ AS held_until
          FROM known k ANTI JOIN several USING (story_id)
          UNION ALL
          SELECT k.*, t.begun, lead(t.begun) OVER (PARTITION BY t.story_id ORDER BY t.begun)
          FROM turns t JOIN known k USING (story_id, article_id, since))
        SELECT story_id, placed_at, held_from AS known_at, held_until AS until, span_start, {_SPAN_END} AS span_end,
               source, publisher, coalesce(published_precision, 'unknown') AS published_precision, paired, title
        FROM held ORDER BY placed_at, story_id, held_from""",
        sources,
    ).combine_chunks()
    place = pa.array(np.arange(len(rows), dtype="int32"))
    numbered = Held(rows.select(["story_id"]).append_column("row", place))
    source, publisher, precision = (
        rows[name].combine_chunks().dictionary_encode() for name in ("source", "publisher", "published_precision")
    )
    return StoryIndex(
        shown=us(rows["placed_at"]),
        known=us(rows["known_at"]),
        until=us(rows["until"], empty=FOREVER),
        span_start=us(rows["span_start"]),
        span_end=us(rows["span_end"]),
        source=source.indices.to_numpy(),
        sources=source.dictionary.to_pylist(),
        publisher=publisher.indices.to_numpy(),
        publishers=publisher.dictionary.to_pylist(),
        precision=precision.indices.to_numpy(),
        precisions=precision.dictionary.to_pylist(),
        paired=rows["paired"].to_numpy(),
        story_id=rows["story_id"].combine_chunks(),
        title=rows["title"].combine_chunks(),
        named=_named(sources | {"rows": numbered}),
        articles=_members(sources | {"rows": numbered}),
    )


def _members(sources: dict[str, Source]) -> Members:
    found = run(
        """SELECT r.row, a.known_at AS since
           FROM {rows} r JOIN {story_members} m USING (story_id) JOIN {articles} a ON a.article_id = m.article_id
           ORDER BY r.row""",
        sources,
    )
    return Members(found["row"].to_numpy(), us(found["since"]))


#: From when until when an article has said each thing it mentions; what an analyst added, since they did.
_NAMED = """SELECT n.article_id, n.kind, n.value, min(since) AS since, until
    FROM (SELECT n.*, greatest(c.since, added_at) AS since, c.until
          FROM (SELECT n.*, CASE WHEN n.basis = 'corrected' THEN coalesce((
                  SELECT min(t.created_at) FROM {annotations} t
                  WHERE t.target_id = n.article_id AND t.field = 'mention'
                    AND CASE WHEN json_valid(t.value) THEN json_extract_string(t.value, '$.value') = n.value END
                  ), 'infinity'::TIMESTAMPTZ) END AS added_at
                FROM {mentions} n WHERE kind IN ('topic', 'asset', 'person', 'place')) n
          JOIN (SELECT article_id, since, until, differs, words FROM {changed}
                UNION ALL SELECT article_id, known_at, NULL, false, ''
                FROM {articles} ANTI JOIN {changed} USING (article_id)) c USING (article_id)
          WHERE n.basis <> 'text' OR NOT differs OR contains(words, n.quote)) n
    GROUP BY ALL"""


def _named(sources: dict[str, Source]) -> dict[str, Names]:
    found = run(
        f"""SELECT n.kind, n.value, r.row, n.since, n.until
           FROM ({_NAMED}) n JOIN {{story_members}} m USING (article_id) JOIN {{rows}} r USING (story_id)
           ORDER BY n.kind, r.row""",
        sources,
    )
    kinds = found["kind"].combine_chunks().dictionary_encode()
    sizes = (
        dict(zip(kinds.dictionary.to_pylist(), np.bincount(kinds.indices).tolist(), strict=True)) if len(kinds) else {}
    )
    named, first = {}, 0
    for kind in ("asset", "person", "place", "topic"):  # as they are ordered
        part = found.slice(first, sizes.get(kind, 0))
        first += len(part)
        values = part["value"].combine_chunks().dictionary_encode()
        named[kind] = Names(
            values.dictionary.to_pylist(),
            values.indices.to_numpy(),
            part["row"].to_numpy(),
            np.minimum(us(part["since"]), NOW),  # later than any clock: added by nobody knows whom
            us(part["until"], empty=FOREVER),
        )
    return named


def us(column: pa.ChunkedArray, empty: int = _NONE) -> np.ndarray:
    """Microseconds since 1970."""
    return column.cast(pa.int64()).fill_null(empty).to_numpy()


def micro(at: datetime) -> int:
    """Microseconds since 1970 of an aware instant."""
    return int(pd.Timestamp(at).tz_convert(UTC).as_unit("us").asm8.view("int64"))
