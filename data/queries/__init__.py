"""The only SQL: reading pinned tables with DuckDB.

Every function takes a snapshot (``data.lake.Snapshot``) and returns a pandas frame with aware UTC
instants. ``known_at`` is the clock: a row counts only if it was known by then; ``None`` means now. What
tells of the store itself (coverage, runs, rejects) takes none.
"""

from data.queries.derived import articles, claims, derived_ids, story_anchors
from data.queries.engine import Files, Held, Source, run, tables
from data.queries.exports import export
from data.queries.ledger import (
    article_coverage,
    cap_coverage,
    cursor,
    latest_runs,
    open_times,
    rejects,
    row_count,
    runs,
)
from data.queries.market import MAX_BARS, cap_series, coverage, price_series, series
from data.queries.merging import Sorted, classify
from data.queries.stories import stories, story_articles, story_caps, story_claims, story_mentions, story_span

__all__ = [
    "MAX_BARS",
    "Files",
    "Held",
    "Sorted",
    "Source",
    "article_coverage",
    "articles",
    "cap_coverage",
    "cap_series",
    "claims",
    "classify",
    "coverage",
    "cursor",
    "derived_ids",
    "export",
    "latest_runs",
    "open_times",
    "price_series",
    "rejects",
    "row_count",
    "run",
    "runs",
    "series",
    "stories",
    "story_anchors",
    "story_articles",
    "story_caps",
    "story_claims",
    "story_mentions",
    "story_span",
    "tables",
]
