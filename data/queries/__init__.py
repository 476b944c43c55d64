"""The only SQL: reading pinned tables with DuckDB.

Every function takes a snapshot (``data.lake.Snapshot``) and returns a pandas frame with aware UTC
instants. ``known_at`` is the clock: a row counts only if it was known by then; ``None`` means now. What
tells of the store itself (coverage, runs, rejects) takes none.
"""

from data.queries.checking import (
    caps_within,
    claim_times,
    claims_to_check,
    daily_highs,
    span_bars,
    stated_prices,
    stored_spans,
)
from data.queries.claims import (
    STANDINGS,
    Asked,
    claim_counts,
    claim_providers,
    claim_queue,
    claim_text,
    claims_of,
)
from data.queries.clustering import (
    article_ids,
    clustering_times,
    stories_of,
    story_parts,
    story_rows,
    to_cluster,
)
from data.queries.corrections import corrections, mentions_brought, same_articles
from data.queries.derived import articles, derived_ids, story_anchors
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
from data.queries.market import MAX_BARS, cap_series, coverage, price_series, series
from data.queries.merging import Sorted, classify
from data.queries.stories import (
    stories,
    story_article_mentions,
    story_articles,
    story_caps,
    story_claims,
    story_mentions,
    story_redirect,
    story_span,
)

__all__ = [
    "MAX_BARS",
    "STANDINGS",
    "Asked",
    "Files",
    "Held",
    "Sorted",
    "Source",
    "article_coverage",
    "article_ids",
    "articles",
    "asked_spans",
    "bar_runs",
    "cap_coverage",
    "cap_series",
    "caps_within",
    "claim_counts",
    "claim_providers",
    "claim_queue",
    "claim_text",
    "claim_times",
    "claims_of",
    "claims_to_check",
    "classify",
    "clustering_times",
    "corrections",
    "coverage",
    "covered",
    "cursor",
    "daily_highs",
    "derived_ids",
    "export",
    "indicator_coverage",
    "last_rejects",
    "latest_runs",
    "mentions_brought",
    "price_series",
    "reject_reasons",
    "rejects",
    "row_count",
    "run",
    "runs",
    "same_articles",
    "series",
    "span_bars",
    "stated_prices",
    "stored_spans",
    "stories",
    "stories_of",
    "story_anchors",
    "story_article_mentions",
    "story_articles",
    "story_caps",
    "story_claims",
    "story_mentions",
    "story_parts",
    "story_redirect",
    "story_rows",
    "story_span",
    "tables",
    "to_cluster",
]
