"""What the command line prints about stories and about the lake."""

from __future__ import annotations

import pandas as pd
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from dashboard import words
from data import queries
from data.lake import Snapshot
from data.status import source_states
from data.tables import TABLES


def article_report(at: Snapshot, article_id: str) -> str:
    """An article, its claims and the market it met, as plain lines."""
    article = queries.articles(at, [article_id]).iloc[0]
    story = queries.stories(at, story_id=f"s{article_id}").iloc[0]
    lines = [
        f"  {article['title']}" + (" (derived title)" if article["title_derived"] else ""),
        f"  source {article['source']}; published {_published(article)}",
    ]
    if pd.notna(article["date_conflicts"]):
        lines.append(f"  dates disagree: {article['date_conflicts']}")
    if pd.notna(story["price_usd"]):
        lines.append(
            f"  {story['asset']} {words.usd(story['price_usd'])} at {words.when(story['anchor_at'])} "
            f"({story['price_source']})"
        )
    lines += [
        f"  total cap {words.usd(cap.market_cap_usd)} by {cap.source}, {cap.definition}"
        for cap in queries.story_caps(at, story["story_id"]).itertuples()
    ]
    for claim in queries.story_claims(at, story["story_id"]).itertuples():
        lines.append(
            f"  “{claim.quote}”: {claim.verdict} by {claim.source}, {claim.definition}. {claim.note}"
            + (f" Not a unique day: also {claim.also_matches}." if pd.notna(claim.also_matches) else "")
        )
    return "\n".join(lines)


def _published(article: pd.Series) -> str:
    if pd.notna(article["published_at"]):
        return words.when(article["published_at"], article["published_precision"])
    if pd.notna(article["published_not_before"]):
        return f"unknown, not before {article['published_not_before']:%Y-%m-%d}"
    return "unknown"


def status_report(at: Snapshot) -> None:
    """Tables with their rows and versions, sources with their state; to standard output."""
    console = Console(highlight=False)
    console.print(Text(f"Lake: {at.home}"))
    held = Grid("table", "rows", "version", box=None, pad_edge=False)
    for name in TABLES:
        held.add_row(name, f"{queries.row_count(at, name):,}", str(at.versions.get(name, "–")))
    console.print(held)
    console.print("Source (--source takes the name in brackets)")
    for row in source_states(queries.latest_runs(at), pd.Timestamp.now("UTC")).itertuples():
        named = f" [{row.registered_as}]" if isinstance(row.registered_as, str) else ""
        told = f"{row.state}, last success {words.when(row.last_success)}" if pd.notna(row.last_success) else row.state
        counts = f"; {row.new:,} new, {row.rejected:,} rejected in all" if row.runs else ""
        # One line a source, never cut: its name is what a person copies.
        console.print(Text(f"  {row.source}{named}: {told}{counts}"), soft_wrap=True)
        if isinstance(row.last_error, str):
            console.print(Text(f"    {row.last_error}"), soft_wrap=True)
