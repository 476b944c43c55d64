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
    asked_spans,
    bar_runs,
    cap_coverage,
    covered,
    cursor,
    indicator_coverage,
    last_rejects,
    latest_runs,
    reject_reasons,
    rejects,
    row_count,
    runs,
)
from data.queries.market import MAX_BARS, all_series, cap_series, coverage, price_series, series
from data.queries.merging import Sorted, classify
from data.queries.stories import stories, story_articles, story_caps, story_claims, story_mentions, story_span

__all__ = [
    "MAX_BARS",
    "Files",
    "Held",
    "Sorted",
    "Source",
    "all_series",
    "article_coverage",
    "articles",
    "asked_spans",
    "bar_runs",
    "cap_coverage",
    "cap_series",
    "claims",
    "classify",
    "coverage",
    "covered",
    "cursor",
    "derived_ids",
    "export",
    "indicator_coverage",
    "last_rejects",
    "latest_runs",
    "price_series",
    "reject_reasons",
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
