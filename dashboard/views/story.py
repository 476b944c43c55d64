"""The story panel: what was reported, the market it met, and the figures it states."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import cached, widgets, words
from dashboard.views import claims_card, replay
from data.lake import Snapshot
from data.view import View

HORIZONS = {"m24h": "24 h before", "m1h": "1 h before", "p1h": "1 h after", "p24h": "24 h after", "p7d": "7 days after"}
OUTCOMES = {
    "used": "complete, as far as these bars can tell",
    "no_time": "no publication time is known",
    "no_price": "no price is stored for that time",
    "out_of_span": "some of the prices asked for lie outside what is stored",
    "gaps": "bars are missing at some of the times asked for",
    "overlaps": "another story's window overlaps",
}
BASIS = {
    "published_at": "the publication time",
    "end of published span": "the end of the span its publication is known to",
    "indexed_at": "the time a third party's index had it; the publication time is unknown",
    "end of not-before day": "the end of the first day it can have been published; the true time is unknown",
}
#: Of an article whose words at the clock are not stored; its title is missing then, and its story's "".
NOT_KEPT = "What it said by then is not kept."


def panel(at: Snapshot, view: View, story_id: str | None, *, example: bool = False) -> None:
    """Everything about one story as known at the view's clock, or how to choose one."""
    if story_id is None:
        st.info("Choose a story: click a marker on the chart, or tick a row of the table.")
        return
    led = cached.story_redirect(at, story_id)
    if led.empty:
        st.warning("The story named in the address is not in this lake. Choose another one.")
        return
    story_id = led["story_id"].iloc[0]  # the one it was merged into
    found = cached.story_row(at, story_id, view.asset, view.known_at)
    if found.empty:
        st.warning(missing(view))
        return
    row, parts = found.iloc[0], cached.story(at, story_id, view.known_at)
    if example:
        widgets.plain("Example story. Click a marker, or tick a row below, for another.")
    widgets.plain(headline(row), "nt-title")
    _publication(row, parts, view.zone)
    widgets.page_link("story", "Open the story", story=story_id, asset=view.asset, **replay.carried(view))
    market(row, parts["caps"], view.asset, view.zone)
    _claims(parts["claims"], view.zone)
    left_out(at, view, story_id)
    _about(parts["mentions"])


def headline(story: pd.Series) -> str:
    """A story's title, or that it is not kept."""
    return (story["title"] or NOT_KEPT) + ("  (derived from the text)" if story["title_derived"] else "")


def missing(view: View) -> str:
    """Why a story that is stored is not shown."""
    if view.known_at is None:
        return "The first article of that story is not stored. Choose another one."
    return "The story named in the address was not known yet at that moment. Step the clock on, or choose another one."


def left_out(at: Snapshot, view: View, story_id: str | None = None) -> None:
    """How many figures the clock leaves out; nothing where it leaves out none."""
    if view.known_at is None:
        return
    count = cached.claims(at, "claims_left_out", story_id, known_at=view.known_at)
    if count:
        widgets.plain(
            f"{count:,} figure{'s are' if count != 1 else ' is'} left out: read from words or a time that came into "
            "the article after that moment, or corrected since."
        )


def _publication(row: pd.Series, parts: dict[str, pd.DataFrame], zone: str) -> None:
    articles = parts["articles"]
    article = articles.iloc[int((articles["article_id"] == row["first_article_id"]).argmax())]
    if pd.notna(row["published_at"]):
        published = words.when(row["published_at"], row["published_precision"], zone, full=True)
    elif pd.isna(article["title"]):
        published = "as it was stated by then is not kept"
    elif pd.notna(article["published_not_before"]):
        published = f"not before {article['published_not_before']:%Y-%m-%d}; no date in the text"
    else:
        published = "unknown"
    rows = [("Publisher", str(row["publisher"])), ("Published", published)]
    if pd.notna(article["date_conflicts"]):
        rows.append(("Dates disagree", words.quoted(article["date_conflicts"])))
    if len(parts["articles"]) > 1:
        rows.append(("Articles", str(len(parts["articles"]))))
    widgets.facts(rows)
    if pd.notna(article["summary"]):
        widgets.plain(article["summary"], "")
    if pd.notna(row["url"]) and row["url"].startswith(("https://", "http://")):
        st.link_button("Open at the publisher", row["url"], icon=":material/open_in_new:", type="tertiary")


def market(row: pd.Series, caps: pd.DataFrame, asset: str, zone: str = "UTC") -> None:
    """The price, totals and moves of one story's context (a row of ``stories``; its rows of ``context_caps``)."""
    widgets.head("The market it met")
    if row["outcome"] in ("no_time", "no_price"):
        widgets.plain(f"Not paired: {OUTCOMES[row['outcome']]}.")
        return
    rows = [(f"{asset} price", words.usd(row["price_usd"]))]
    rows += [
        (f"Total cap · {cap.source}, {cap.definition}", words.usd(cap.market_cap_usd))
        for cap in caps[caps["asset"] == "TOTAL"].itertuples()
    ]
    widgets.facts(rows, figures=True)
    widgets.facts(
        [(label, move_told(row, name), words.sigmas(row[f"sigma_{name}"])) for name, label in HORIZONS.items()],
        figures=True,
    )
    read_at = (
        f"Read at {words.when(row['anchor_at'], zone=zone)}, {BASIS.get(row['anchor_basis'], '')}"
        if pd.notna(row["anchor_at"])
        else ""
    )
    bars = (
        f" Price from {row['price_source']}, {words.bar_name(row['resolution_s'])} bars{_moves_from(row)}."
        if pd.notna(row["resolution_s"])
        else ""
    )
    ages = "".join(
        f" {cap.source}'s total is {words.span(cap.age_s)} older." for cap in caps.itertuples() if cap.age_s >= 60
    )
    widgets.plain(
        f"{read_at}.{bars}{ages} Moves are before or after, never because of; σ: of the 30 days "
        f"before. Pairing: {OUTCOMES[row['outcome']]}."
    )


def move_told(row: pd.Series, name: str) -> str:
    """A move; where the pairing is complete without it, why: the bars at hand cannot resolve it."""
    bar_s = row["resolution_s"] if pd.isna(row["moves_resolution_s"]) else row["moves_resolution_s"]
    if pd.isna(row[f"log_return_{name}"]) and row["outcome"] == "used" and pd.notna(bar_s):
        return f"no bars finer than {words.bar_name(bar_s)} here"
    return words.move(row[f"log_return_{name}"])


def _moves_from(row: pd.Series) -> str:
    if pd.isna(row["moves_resolution_s"]) or row["moves_resolution_s"] == row["resolution_s"]:
        return ""
    return f", moves where they reach further from {words.bar_name(row['moves_resolution_s'])} bars"


def _claims(claims: pd.DataFrame, zone: str) -> None:
    if claims.empty:
        return
    widgets.head("Figures it states")
    for _, checks in claims.groupby(["article_id", "offset"], sort=True):
        claims_card.card(checks, zone=zone)


def _about(mentions: pd.DataFrame) -> None:
    if mentions.empty:
        return
    widgets.head("Who and what")
    labels = {
        "person": "People",
        "organisation": "Organisations",
        "place": "Places",
        "demonym": "As a demonym only",
        "asset": "Assets",
        "topic": "Topics",
        "cited source": "Cites",
    }
    rows = [
        (label, ", ".join(mentions.loc[mentions["kind"] == kind, "value"]))
        for kind, label in labels.items()
        if (mentions["kind"] == kind).any()
    ]
    posts = mentions[mentions["kind"] == "embedded post"]
    if len(posts):
        rows.append(
            (
                "Embedded posts",
                ", ".join(
                    f"@{post.value}" + (f" {post.posted_at:%Y-%m-%d}" if pd.notna(post.posted_at) else "")
                    for post in posts.itertuples()
                ),
            )
        )
    widgets.facts(rows)
