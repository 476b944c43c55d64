"""The Story page: one event with its articles, times, claims and the market it met."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import cached, widgets, words
from dashboard.views import claims_card, story_parts_market, story_parts_members, story_parts_times
from data.lake import Snapshot
from data.markets import ASSETS

NAMED = {"topics": "Topics", "assets": "Assets", "people": "People", "places": "Places"}
#: So many of a story's claims are drawn at once.
CLAIMS = 20


def page() -> None:
    widgets.style()
    at = widgets.require_lake()
    st.session_state.pop(story_parts_market.OPENED, None)  # a whole run follows anyway
    with st.container(gap="xsmall"):
        _page(at)


def _page(at: Snapshot) -> None:
    asset = st.segmented_control(
        "Price of", ASSETS, default=ASSETS[0], key="asset", bind="query-params", required=True, width="content"
    )
    story_id = _asked(at)
    found = cached.story_row(at, story_id, asset) if story_id else None
    if found is None or found.empty:
        if story_id:
            st.warning("The first article of that story is not stored. Choose another one.")
        _choose(at, asset)
        return
    story, parts = found.iloc[0], cached.story(at, story_id)
    _head(story, parts["articles"], asset)
    mentions = cached.article_mentions(at, story_id)
    story_parts_times.draw(parts["articles"], mentions)
    copy = story_parts_members.members(story, parts["articles"])
    story_parts_members.diff(story, parts["articles"], mentions, copy)
    _claims(parts["claims"], parts["articles"])
    story_parts_market.path(at, story, parts["articles"], asset)
    story_parts_market.window(at, story, asset)


def _asked(at: Snapshot) -> str | None:
    """The story the address names, or the one it was merged into, which is said."""
    named = st.query_params.get("story")
    if named is None:
        st.info("Choose a story: from the timeline, or below.")
        return None
    led = cached.story_redirect(at, named)
    if led.empty:
        st.warning("The story named in the address is not in this lake. Choose another one.")
        return None
    if led["merges"].iloc[0]:
        widgets.plain(
            "The story named in the address turned out to be part of this one and was merged into it.", "nt-alert"
        )
    return led["story_id"].iloc[0]


def _choose(at: Snapshot, asset: str) -> None:
    """The newest stories, where the address names none."""
    last = cached.story_span(at)[1]
    if pd.isna(last):
        st.info(
            "No story is stored yet. `newstape refresh` brings news; `newstape import article FILE` reads a saved one."
        )
        return
    end = last + pd.Timedelta(seconds=1)
    widgets.head("The newest stories")
    stories = cached.stories_between(at, asset, end - pd.DateOffset(days=30), end)
    story_parts_market.story_table(stories.tail(200).iloc[::-1], key="newest")


def _head(story: pd.Series, articles: pd.DataFrame, asset: str) -> None:
    widgets.plain(story["title"] + ("  (derived from the text)" if story["title_derived"] else ""), "nt-title")
    publishers = articles["publisher"].nunique()
    again = int(story_parts_members.repeats(articles, story["first_article_id"]).sum())
    told = len(articles) - again
    count = f"{told} article{'s' if told != 1 else ''}"
    if told > 1:
        count += f" by {publishers} publisher{'s' if publishers != 1 else ''}"
    if again:
        count += f" · the first stored {again + 1} times"
    first = articles[articles["article_id"] == story["first_article_id"]].iloc[0]
    if pd.notna(first["published_at"]):
        when = f"Published {words.when(first['published_at'], first['published_precision'])}"
    elif pd.notna(first["published_not_before"]):
        when = f"Not before {first['published_not_before']:%Y-%m-%d}; its publication time is unknown"
    else:
        when = f"Publication time unknown; known here from {words.when(story['shown_at'])}"
    widgets.plain(f"{when} · {count} · first source: {story['publisher']}", "nt-line")
    facts = [(label, story[name]) for name, label in NAMED.items() if story[name]]
    if facts:
        widgets.facts(facts)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if pd.notna(story["url"]) and story["url"].startswith(("https://", "http://")):
            st.link_button("Open at the publisher", story["url"], icon=":material/open_in_new:", type="tertiary")
        widgets.page_link("timeline", "Show on the timeline", story=story["story_id"], asset=asset)
        widgets.page_link("add", "Correct what was read", article=story["first_article_id"])


def _claims(claims: pd.DataFrame, articles: pd.DataFrame) -> None:
    widgets.head("Figures it states")
    if claims.empty:
        widgets.plain(
            "No market figure that can be checked was read from its text: a price, a market cap, a dominance, a move."
        )
        return
    texts = articles.set_index("article_id")
    groups = list(claims.groupby(["article_id", "offset"], sort=False))
    order = {article: place for place, article in enumerate(articles["article_id"])}
    groups.sort(key=lambda group: (order.get(group[0][0], len(order)), group[0][1]))
    for (article_id, _), checks in groups[:CLAIMS]:
        article = texts.loc[article_id]
        if len(articles) > 1:
            widgets.plain(f"{article['publisher']}, {article['relation']}")
        claims_card.card(checks, widgets.full_text(article))
    if len(groups) > CLAIMS:
        widgets.plain(f"The first {CLAIMS} of {len(groups)} figures; the CSV has all.")
    widgets.download("Claims CSV", lambda: claims, "newstape-story-claims.csv", "csv_claims")
