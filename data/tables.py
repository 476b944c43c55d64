"""Every table of the lake, declared once.

A declaration gives the writer's schema, the validator, the CSV column order and the data dictionary
(``docs/tables.md``). Instants are aware, UTC, microseconds; intervals are half-open; candles are stamped
at their open.
"""

from __future__ import annotations

from connectors.records import PRECISIONS
from data.columns import REAL, Column, Table, amount, flag, instant, not_negative, positive, real, text, usd, whole

#: Bar length of every interval the pyramid knows, finest first.
INTERVAL_S = {"1m": 60, "5m": 300, "1h": 3600, "1d": 86400}

OUTCOMES = ("used", "no_time", "no_price", "out_of_span", "gaps", "overlaps")
VERDICTS = ("matches", "another definition", "differs", "cannot check")

CANDLES = Table(
    "candles",
    "Closed price bars, stamped at their open. A missing bar stays missing.",
    key=("source", "symbol", "interval", "open_time"),
    partition_by=("symbol", "interval", "span"),
    columns=(
        text("source", "Exchange the bar is from"),
        text("symbol", "Base and quote currency, such as BTC/USD"),
        text("interval", "Bar length", allowed=tuple(INTERVAL_S)),
        instant("open_time", "Start of the bar; it covers [open_time, open_time + interval)"),
        Column("open", REAL, "First price (quote per base)", False, positive, "must be a positive number"),
        Column("high", REAL, "Highest price (quote per base)", False, positive, "must be a positive number"),
        Column("low", REAL, "Lowest price (quote per base)", False, positive, "must be a positive number"),
        Column("close", REAL, "Last price (quote per base)", False, positive, "must be a positive number"),
        amount("volume", "Traded amount (base currency)"),
        text(
            "derived_from",
            "Finer interval this bar was built from; empty when fetched",
            nullable=True,
            allowed=tuple(INTERVAL_S),
        ),
        text("span", "Partition: the month of a 1m bar, the year of a 5m or 1h bar, 'all' for 1d"),
    ),
)

MARKET_CAPS = Table(
    "market_caps",
    "Market capitalisation of an asset, or of a total by a named definition.",
    key=("source", "definition", "asset", "period_end"),
    known_at="available_at",
    columns=(
        text("source", "Who states it"),
        text("definition", "The universe counted: all-coins, top-125, cmc-tracked; 'asset' for one asset's own cap"),
        text("asset", "Asset symbol, or TOTAL, TOTAL2, TOTAL3"),
        instant("period_end", "The instant the value holds for, or the close of its bar"),
        usd("market_cap_usd", "Market cap at period_end"),
        usd("open_usd", "Market cap at the start of the period", nullable=True),
        usd("high_usd", "Highest market cap within the period", nullable=True),
        usd("low_usd", "Lowest market cap within the period", nullable=True),
        usd("price_usd", "Price at period_end", nullable=True),
        Column("volume_usd", REAL, "Volume over 24 hours (USD)", True, not_negative, "must be zero or more"),
        Column("supply", REAL, "Circulating supply (base units)", True, not_negative, "must be zero or more"),
        instant("available_at", "When the provider had published it"),
        whole("resolution_s", "Spacing of the series the value is from (seconds)"),
        text("asset_id", "The provider's own name for the asset, where symbols are ambiguous", nullable=True),
    ),
)

TOTAL_MEMBERS = Table(
    "total_members",
    "Which coins a computed total was counted from, and which large ones were kept out of it.",
    key=("source", "definition", "period_end", "rank"),
    known_at="period_end",
    columns=(
        text("source", "Source of the computed total, as in market_caps"),
        text("definition", "Its universe"),
        instant("period_end", "The instant the total holds for"),
        whole("rank", "By the cap the provider states, 1 is the largest"),
        text("asset", "Asset symbol"),
        text("asset_id", "The provider's own name for it", nullable=True),
        usd("market_cap_usd", "The cap the provider states"),
        flag("used", "Counted"),
        text("reason", "Why it was not", nullable=True),
    ),
)

INDICATORS = Table(
    "indicators",
    "Series that are neither a price nor a market cap, such as the Fear & Greed index.",
    key=("source", "name", "period_end"),
    known_at="available_at",
    columns=(
        text("source", "Who states it"),
        text("name", "The series, such as fear-and-greed"),
        instant("period_end", "The end of the span the value is for"),
        real("value", "Its value, in the series' own unit"),
        text("label", "The provider's word for it", nullable=True),
        instant("available_at", "When the provider had published it"),
        whole("resolution_s", "Spacing of the series (seconds)"),
    ),
)

ARTICLES = Table(
    "articles",
    "News items as their publishers state them.",
    key=("article_id",),
    order_by=("known_at", "article_id"),
    known_at="known_at",
    columns=(
        text("article_id", "Hash of the canonical URL, or of the text where there is none"),
        text("source", "Feed or import it came by"),
        text("publisher", "Who published it"),
        text("url", "Canonical address", nullable=True),
        text("title", "Headline, plain text"),
        flag("title_derived", "The title was taken from the text because none was given"),
        text("summary", "Publisher's own summary, plain text", nullable=True),
        text("text", "What mentions and claims are read from: body, headings, captions, posts", nullable=True),
        text("body", "Text without boilerplate, captions and embedded posts", nullable=True),
        text("captions", "Captions of figures and pictures, one a line", nullable=True),
        text("posts", "Embedded posts, one a paragraph", nullable=True),
        text("boilerplate", "What the publisher puts under every article", nullable=True),
        text("author", "Byline", nullable=True),
        text("language", "Language code as stated", nullable=True),
        instant("published_at", "The publisher's claim", nullable=True),
        text("published_precision", "How exactly it is known", nullable=True, allowed=PRECISIONS),
        instant("published_not_before", "Earliest possible publication where published_at is unknown", nullable=True),
        instant("indexed_at", "When a third party's index had it: it was out by then", nullable=True),
        text("date_conflicts", "Statements about time in the text that disagree, quoted", nullable=True),
        instant("first_seen_at", "When we first stored it; never rewritten"),
        instant(
            "known_at",
            "When a reader could have known it: first_seen_at if fetched live, else published_at "
            "(end of its span where imprecise), else indexed_at, else the end of the published_not_before day",
        ),
        flag("known_at_assumed", "known_at was not observed by us"),
        whole("revisions", "How often a stored field has changed since first_seen_at"),
        instant("revised_at", "When the present text was first seen; empty where it never changed", nullable=True),
        text("stated", "What was stated in the columns an analyst corrected (JSON); empty without one", nullable=True),
    ),
)

ARTICLE_VERSIONS = Table(
    "article_versions",
    "What an article said before its publisher changed it; what it says now is in articles.",
    key=("article_id", "revision"),
    known_at="seen_from",
    columns=(
        text("article_id", "Article"),
        whole("revision", "0 for the first text, 1 for the one after the first change"),
        text("title", "Headline, plain text"),
        text("summary", "Publisher's own summary, plain text", nullable=True),
        text("text", "Text", nullable=True),
        instant("published_at", "The publisher's claim", nullable=True),
        text("published_precision", "How exactly it is known", nullable=True, allowed=PRECISIONS),
        instant("seen_from", "When this version was first seen"),
        instant("seen_until", "When the next one was"),
    ),
)

MENTIONS = Table(
    "mentions",
    "Who and what an article is about. Offsets are into title, line break, text.",
    key=("article_id", "kind", "value", "offset"),
    columns=(
        text("article_id", "Article"),
        text(
            "kind",
            "What is mentioned",
            allowed=("asset", "person", "place", "organisation", "topic", "cited source", "embedded post", "demonym"),
        ),
        text("value", "Canonical name, asset symbol, topic, or handle of a post"),
        whole("offset", "Where the mention starts (characters)"),
        text("quote", "The words that mention it"),
        text(
            "basis",
            "Read from the text, brought along with it, or an analyst's correction",
            allowed=("text", "curated", "corrected"),
        ),
        instant("posted_at", "Time of an embedded post", nullable=True),
        text("posted_precision", "How exactly posted_at is known", nullable=True, allowed=PRECISIONS),
    ),
)

STORIES = Table(
    "stories",
    "What an analyst thinks in: one event, however many articles.",
    key=("story_id",),
    order_by=("known_at", "story_id"),
    known_at="known_at",
    columns=(
        text("story_id", "Story"),
        text("first_article_id", "Its first article"),
        text("title", "Title of its first article"),
        instant("first_at", "Anchor of its first article: the time its market context is read at", nullable=True),
        text("first_precision", "How exactly first_at is known", nullable=True, allowed=PRECISIONS),
        instant("last_at", "Anchor of its last article", nullable=True),
        instant("known_at", "When a reader could first have known it"),
        text("merged_into", "The story this one was merged into", nullable=True),
    ),
)

STORY_MEMBERS = Table(
    "story_members",
    "Which article belongs to which story, and how.",
    key=("story_id", "article_id"),
    columns=(
        text("story_id", "Story"),
        text("article_id", "Article"),
        text("relation", "To the story's first article", allowed=("original", "syndicated", "rewritten", "follow-up")),
        real("similarity", "To the story's first article, 0 to 1"),
        instant(
            "placed_at", "Where it stood in the order of clustering: when it came out, or was known", nullable=True
        ),
    ),
)

CLAIMS = Table(
    "claims",
    "Market figures that an article states.",
    key=("article_id", "offset"),
    columns=(
        text("article_id", "Article"),
        whole("offset", "Where the quote starts (characters into title, line break, text)"),
        text("quote", "The exact words"),
        text(
            "quantity",
            "What is stated",
            allowed=("total_market_cap", "asset_market_cap", "price", "pct_change", "dominance", "drawdown_from_ath"),
        ),
        text("asset", "Asset symbol or TOTAL", nullable=True),
        real("value", "The figure, in the unit"),
        text("unit", "USD or percent", allowed=("USD", "percent")),
        real("precision", "Half of the last digit stated, in the unit: the value means value ± precision"),
        text("comparator", "How it is stated", allowed=("eq", "lt", "gt", "approx")),
        text("horizon", "Span of a change, such as 24h", nullable=True),
        text("cited_source", "Who the article names for it, such as TradingView", nullable=True),
        instant("as_of", "Start of the span the figure is stated for", nullable=True),
        instant("as_of_end", "End of that span; equal to as_of where it is an instant", nullable=True),
        text("as_of_precision", "How exactly the as-of time is known", nullable=True, allowed=PRECISIONS),
        text("modality", "current or historical", allowed=("current", "historical")),
    ),
)

CLAIM_CHECKS = Table(
    "claim_checks",
    "A claim against one source and definition.",
    key=("article_id", "offset", "source", "definition"),
    columns=(
        text("article_id", "Article"),
        whole("offset", "Where the claim's quote starts"),
        text("source", "Source checked against; 'none' where no source covers the quantity"),
        text("definition", "Its universe (of a dominance: the total's), or the symbol of a price"),
        real("value_usd", "Recorded value nearest to the end of the as-of span", nullable=True),
        real("low_usd", "Lowest recorded over the span", nullable=True),
        real("high_usd", "Highest recorded over the span", nullable=True),
        real("difference", "Claimed over recorded, minus one (fraction); of a claim in USD", nullable=True),
        real("value_percent", "As value_usd, of a claim in percent", nullable=True),
        real("low_percent", "As low_usd, of a claim in percent", nullable=True),
        real("high_percent", "As high_usd, of a claim in percent", nullable=True),
        real("difference_points", "Claimed minus recorded (percentage points), of a claim in percent", nullable=True),
        whole("resolution_s", "Spacing of the recorded series (seconds)", nullable=True),
        whole("age_s", "Age of the recorded value at the end of the span (seconds)", nullable=True),
        text("verdict", "What comes of it", allowed=VERDICTS),
        text("also_matches", "Other days on which the recorded range contains the claim", nullable=True),
        text("note", "One sentence in words"),
        instant("known_at", "When the last observation used had been published"),
    ),
)

HORIZONS_H = {"m24h": -24, "m1h": -1, "p1h": 1, "p24h": 24, "p7d": 168}

CONTEXTS = Table(
    "contexts",
    "The market a story met.",
    key=("story_id", "asset"),
    columns=(
        text("story_id", "Story"),
        text("asset", "Asset paired"),
        instant("anchor_at", "Instant the context is read at", nullable=True),
        text(
            "anchor_basis",
            "Why that instant",
            nullable=True,
            allowed=("published_at", "end of published span", "indexed_at", "end of not-before day"),
        ),
        usd("price_usd", "Close of the last bar closed at anchor_at", nullable=True),
        text("price_source", "Where that bar is from, such as binance BTC/USDT", nullable=True),
        usd("market_cap_usd", "The asset's own market cap at anchor_at", nullable=True),
        *(
            real(f"log_return_{h}", f"Log return between anchor_at and {hours:+d} h (fraction)", nullable=True)
            for h, hours in HORIZONS_H.items()
        ),
        *(
            real(f"sigma_{h}", f"log_return_{h} in standard deviations of the 30 days before (see docs)", nullable=True)
            for h in HORIZONS_H
        ),
        whole("resolution_s", "Length of the bar price_usd is from (seconds)", nullable=True),
        whole("moves_resolution_s", "Longest bar used for a move (seconds)", nullable=True),
        text("outcome", "Whether every figure is there, and why not", allowed=OUTCOMES),
    ),
)

CONTEXT_CAPS = Table(
    "context_caps",
    "Total market cap that a story met, one row a definition.",
    key=("story_id", "source", "definition", "asset"),
    columns=(
        text("story_id", "Story"),
        text("source", "Who states it"),
        text("definition", "The universe counted"),
        text("asset", "TOTAL, or an asset symbol"),
        usd("market_cap_usd", "Last value published at anchor_at"),
        instant("period_end", "The instant that value holds for"),
        whole("age_s", "Age of the value at anchor_at (seconds)"),
        whole("resolution_s", "Spacing of the series (seconds)"),
    ),
)

RUNS = Table(
    "runs",
    "Every pull and import, with what came of it.",
    key=("run_id", "source"),
    order_by=("started_at", "run_id", "source"),
    columns=(
        text("run_id", "Run"),
        text("source", "Source asked"),
        text("table_name", "Table it feeds"),
        instant("window_start", "Start of the window asked for", nullable=True),
        instant("window_end", "End of the window asked for", nullable=True),
        instant("started_at", "When it began"),
        instant("finished_at", "When it ended"),
        whole("pages", "Answers read"),
        whole("new", "Rows not seen before"),
        whole("changed", "Rows whose values differ from what was stored"),
        whole("same", "Rows already stored as they are"),
        whole("rejected", "Rows or items refused"),
        instant("cursor", "Where the next incremental pull begins", nullable=True),
        text("error", "Why it failed; empty when it succeeded", nullable=True),
        text("note", "Anything an operator should know, such as why a fallback was used", nullable=True),
    ),
)

REJECTS = Table(
    "rejects",
    "What was refused, and why.",
    key=("run_id", "source", "n"),
    columns=(
        text("run_id", "Run"),
        text("source", "Source"),
        whole("n", "Counter within the run and source"),
        text("reason", "Why"),
        text("excerpt", "What it looked like (200 characters at most)", nullable=True),
    ),
)

ANNOTATIONS = Table(
    "annotations",
    "What analysts write beside a story, article or claim, and what they correct; no refresh touches it.",
    key=("annotation_id",),
    columns=(
        text("annotation_id", "Annotation"),
        text("target_kind", "What it is about", allowed=("story", "article", "claim", "time")),
        text("target_id", "Id of that, for a claim its article's; for a time an ISO instant, or two with / between"),
        text(
            "field",
            "What a correction is of; empty for a note. The newest correction of a thing holds",
            nullable=True,
            allowed=("title", "publisher", "author", "language", "published_at", "mention", "claim"),
        ),
        text(
            "value",
            "What it ought to be (JSON; null: nothing of the kind). Empty takes earlier corrections back. "
            "Of a note: null takes it away",
            nullable=True,
        ),
        text(
            "was",
            "What stood there (JSON): names the mention or claim. Of a note: the annotation it was first written as, "
            "where this is a later version of it",
            nullable=True,
        ),
        text("note", "The analyst's words"),
        text("author", "Who wrote it"),
        instant("created_at", "When"),
    ),
)

WATCHLISTS = Table(
    "watchlists",
    "Assets an analyst watches, one row an asset.",
    key=("watchlist_id", "asset"),
    columns=(
        text("watchlist_id", "Watchlist"),
        text("name", "Its name"),
        text("asset", "Asset symbol"),
        whole("position", "Order within the list"),
        instant("created_at", "When"),
    ),
)

SAVED_VIEWS = Table(
    "saved_views",
    "Named page addresses.",
    key=("view_id",),
    columns=(
        text("view_id", "View"),
        text("name", "Its name"),
        text("page", "Page"),
        text("query", "The query part of the page's address"),
        instant("created_at", "When"),
    ),
)

ALERTS = Table(
    "alerts",
    "Conditions an analyst wants to hear of.",
    key=("alert_id",),
    columns=(
        text("alert_id", "Alert"),
        text("name", "Its name"),
        text("query", "The filter a story must meet, as the timeline's address states it"),
        flag("active", "Whether it is on"),
        instant("created_at", "When"),
    ),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        CANDLES,
        MARKET_CAPS,
        TOTAL_MEMBERS,
        INDICATORS,
        ARTICLES,
        ARTICLE_VERSIONS,
        MENTIONS,
        STORIES,
        STORY_MEMBERS,
        CLAIMS,
        CLAIM_CHECKS,
        CONTEXTS,
        CONTEXT_CAPS,
        RUNS,
        REJECTS,
        ANNOTATIONS,
        WATCHLISTS,
        SAVED_VIEWS,
        ALERTS,
    )
}
