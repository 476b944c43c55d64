"""Stories as arrays in the order of time, made by SQL once for a version of the tables: what the timeline counts.

A story is where it was known to be: its first article, among those known at the clock, places it and titles it, and
it has the topics and assets of the articles known by then. So it has one row for each first article it has had.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data.queries.engine import Held, Source, run, tables
from data.queries.stories import SHOWN_AT

if TYPE_CHECKING:
    from data.lake import Snapshot

#: What an index is made from: it stays valid while these tables' versions do.
INDEXED = ("stories", "story_members", "articles", "article_versions", "mentions")
#: Until when a row holds that still does, and the clock of who asks without one.
FOREVER = np.iinfo(np.int64).max
NOW = FOREVER - 1
_NONE = np.iinfo(np.int64).min  # NaT

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
    """What rows name, in the rows' order: ``rows[i]`` names ``codes[i]`` of ``values`` since ``since[i]``."""

    values: list[str]
    codes: np.ndarray
    rows: np.ndarray
    since: np.ndarray


@dataclass(frozen=True, eq=False, repr=False)
class StoryIndex:
    """Every story that was not merged, in the order of time. Never changes but for what it remembers of searches.

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
    story_id: pa.Array
    title: pa.Array
    named: dict[str, Names]
    #: Rows whose first article its publisher changed: what it said from when until when, oldest first.
    told: dict[int, list[tuple[int, int, str]]]
    searched: dict[str, np.ndarray] = field(default_factory=dict)


def index_key(snapshot: Snapshot) -> str:
    """Equal for equal indexes: what a cache of ``story_index`` is keyed on."""
    versions = ",".join(f"{name}={snapshot.versions.get(name)}" for name in INDEXED)
    return f"{snapshot.home} {snapshot.lake_id} {versions}"


def story_index(snapshot: Snapshot) -> StoryIndex:
    """Read every story. Some 4 s and 170 MB for a million articles, 0.8 s for 200,000: keep it by ``index_key``."""
    sources = tables(snapshot, *INDEXED)
    rows = run(
        f"""WITH known AS (
          SELECT m.story_id, a.article_id, {SHOWN_AT} AS placed_at, greatest(s.known_at, a.known_at) AS known_at,
                 a.source, a.publisher, a.title, {_SPAN_START} AS span_start,
                 CASE WHEN a.published_at IS NOT NULL THEN a.published_precision
                      WHEN a.indexed_at IS NULL THEN 'day' END AS spread
          FROM {{stories}} s JOIN {{story_members}} m USING (story_id) JOIN {{articles}} a USING (article_id)
          WHERE s.merged_into IS NULL),
        firsts AS (
          SELECT *, ROW(placed_at, article_id) AS place, min(place) OVER (
            PARTITION BY story_id ORDER BY known_at, placed_at, article_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS place_before
          FROM known)
        SELECT story_id, article_id, placed_at, known_at,
               lead(known_at) OVER (PARTITION BY story_id ORDER BY known_at) AS until,
               span_start, {_SPAN_END} AS span_end, source, publisher, title
        FROM firsts WHERE place_before IS NULL OR place < place_before
        ORDER BY placed_at, story_id, known_at""",
        sources,
    ).combine_chunks()
    place = pa.array(np.arange(len(rows), dtype="int32"))
    numbered = Held(rows.select(["story_id", "article_id"]).append_column("row", place))
    source, publisher = (rows[name].combine_chunks().dictionary_encode() for name in ("source", "publisher"))
    return StoryIndex(
        shown=_us(rows["placed_at"]),
        known=_us(rows["known_at"]),
        until=_us(rows["until"], empty=FOREVER),
        span_start=_us(rows["span_start"]),
        span_end=_us(rows["span_end"]),
        source=source.indices.to_numpy(),
        sources=source.dictionary.to_pylist(),
        publisher=publisher.indices.to_numpy(),
        publishers=publisher.dictionary.to_pylist(),
        story_id=rows["story_id"].combine_chunks(),
        title=rows["title"].combine_chunks(),
        named=_named(sources | {"rows": numbered}),
        told=_told(sources | {"rows": numbered}),
    )


def _named(sources: dict[str, Source]) -> dict[str, Names]:
    found = run(
        """SELECT n.kind, n.value, r.row, a.known_at AS since
           FROM (SELECT DISTINCT article_id, kind, value FROM {mentions}
                 WHERE kind IN ('topic', 'asset', 'person', 'place')) n
           JOIN {articles} a USING (article_id) JOIN {story_members} m USING (article_id)
           JOIN {rows} r USING (story_id)
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
            values.dictionary.to_pylist(), values.indices.to_numpy(), part["row"].to_numpy(), _us(part["since"])
        )
    return named


def _told(sources: dict[str, Source]) -> dict[int, list[tuple[int, int, str]]]:
    found = run(
        """SELECT r.row, v.seen_from, v.seen_until, v.title FROM {rows} r JOIN {article_versions} v USING (article_id)
           ORDER BY r.row, v.revision""",
        sources,
    )
    told: dict[int, list[tuple[int, int, str]]] = {}
    for row, seen_from, seen_until, title in zip(
        found["row"].to_pylist(),
        _us(found["seen_from"]).tolist(),
        _us(found["seen_until"]).tolist(),
        found["title"].to_pylist(),
        strict=True,
    ):
        told.setdefault(row, []).append((seen_from, seen_until, title))
    return told


def _us(column: pa.ChunkedArray, empty: int = _NONE) -> np.ndarray:
    return column.cast(pa.int64()).fill_null(empty).to_numpy()
