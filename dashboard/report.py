"""What the command line prints about stories and about the lake."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from dashboard import words
from dashboard.secrets import with_secrets
from data import home, queries
from data.lake import Lake, Snapshot
from data.status import job_states, source_states
from data.tables import TABLES


def article_report(at: Snapshot, article_id: str) -> str:
    """An article, its claims and the market it met, as plain lines."""
    article = queries.articles(at, [article_id]).iloc[0]
    [story_id] = queries.stories_of(at, [article_id])["story_id"]
    story = queries.stories(at, story_id=story_id).iloc[0]
    lines = [
        f"  {article['title']}" + (" (derived title)" if article["title_derived"] else ""),
        f"  source {article['source']}; published {_published(article)}",
    ]
    if pd.notna(article["date_conflicts"]):
        lines.append(f"  dates disagree: {article['date_conflicts']}")
    if story["articles"] > 1:
        told = queries.story_articles(at, story_id).set_index("article_id").loc[article_id, "relation"]
        lines.append(f"  one of {story['articles']} articles of a story ({told}): {story['title']}")
    if pd.notna(story["price_usd"]):
        lines.append(
            f"  {story['asset']} {words.usd(story['price_usd'])} at {words.when(story['anchor_at'])} "
            f"({story['price_source']})"
        )
    lines += [
        f"  total cap {words.usd(cap.market_cap_usd)} by {cap.source}, {cap.definition}"
        for cap in queries.story_caps(at, story["story_id"]).itertuples()
    ]
    claims = queries.story_claims(at, story["story_id"])
    for claim in claims[claims["article_id"] == article_id].itertuples():
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


@dataclass(frozen=True)
class Health:
    """A lake and its sources at one moment."""

    snapshot: Snapshot
    now: pd.Timestamp
    sources: pd.DataFrame  # data.status.source_states
    jobs: pd.DataFrame  # data.status.job_states

    @property
    def fresh(self) -> bool:
        return bool((self.jobs["state"] == "fresh").all())

    @property
    def some_fresh(self) -> bool:
        return bool((self.jobs["state"] == "fresh").any())

    def as_json(self) -> dict[str, object]:
        """Plain values; instants as ISO 8601 with Z, spans in seconds."""
        tables = {
            name: {"rows": queries.row_count(self.snapshot, name), "version": version}
            for name, version in self.snapshot.versions.items()
        }
        return {
            "home": self.snapshot.home,
            "now": _plain(self.now),
            "fresh": self.fresh,
            "jobs": _plain_rows(self.jobs),
            "sources": _plain_rows(self.sources),
            "tables": tables,
        }


def health(lake: Lake) -> Health:
    """How the lake and its sources stand now. Raises ``data.lake.NoLake``, and BadRegistry for a person's own list."""
    at, now = lake.pin(), pd.Timestamp.now("UTC")
    keys = with_secrets()
    states = source_states(
        queries.latest_runs(at), lake.asked(), home.registry(), now, lambda variable: bool(keys.get(variable))
    )
    return Health(at, now, states, job_states(states))


def _plain_rows(frame: pd.DataFrame) -> list[dict[str, object]]:
    return [{name: _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _plain(value: object) -> object:
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat().replace("+00:00", "Z")
    return value.item() if hasattr(value, "item") else value


def status_report(found: Health) -> None:
    """Tables with their rows and versions, sources with their state; to standard output."""
    console = Console(highlight=False)
    console.print(Text(f"Lake: {found.snapshot.home}"))
    held = Grid("table", "rows", "version", box=None, pad_edge=False)
    for name in TABLES:
        held.add_row(name, f"{queries.row_count(found.snapshot, name):,}", str(found.snapshot.versions.get(name, "–")))
    console.print(held)
    console.print("Sources (a name, or its chain in brackets, is what --source takes)")
    for row in found.sources.itertuples():
        told = [row.state]
        if pd.notna(row.last_success):
            told.append(f"last success {words.when(row.last_success)}, {words.span(row.lag_s)} ago")
        if row.runs:
            told.append(f"{row.new:,} new, {row.changed:,} changed, {row.rejected:,} rejected in {row.runs:,} runs")
        if pd.notna(row.left):
            told.append(f"{row.left:,} requests left" + (f" of {row.left_of:,}" if pd.notna(row.left_of) else ""))
        if row.state == "needs a key":
            told.append(f"set {row.needs_key}")
        chain = f" [{row.job}]" if isinstance(row.job, str) and row.job != row.source else ""
        # One line a source, never cut: its name is what a person copies.
        console.print(Text(f"  {row.source}{chain}: {'; '.join(told)}"), soft_wrap=True)
        if isinstance(row.last_error, str):
            console.print(Text(f"    {row.last_error}"), soft_wrap=True)
