"""The Story page: one event with its articles, times, claims and the market it met."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import cached, widgets, words
from dashboard.views import claims_card, replay, story_parts_market, story_parts_members, story_parts_times
from dashboard.views import story as panel
from data.lake import Snapshot
from data.markets import ASSETS
from data.view import FIRST_DAY, LAST_DAY, View

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
    view = replay.view_of(View(FIRST_DAY, LAST_DAY))
    asset = view.asset if view.asset in ASSETS else ASSETS[0]
    story_id = _asked(at)
    found = cached.story_row(at, story_id, asset, view.known_at) if story_id else None
    shown = found is not None and len(found) > 0
    span = story_parts_market.around(at, view, found.iloc[0], asset) if shown else None
    replay.bar(view, steps=(span.path.bar_s if span else 0) or replay.HOUR_S)
    st.session_state["asset"] = asset
    st.segmented_control("Price of", ASSETS, key="asset", on_change=_asset_picked, required=True, width="content")
    if not shown:
        _say_why_none(at, view, story_id)
        _choose(at, view, asset)
        return
    _say_if_merged(at, view)
    story, parts = found.iloc[0], cached.story(at, story_id, view.known_at)
    _head(view, story, parts["articles"], asset)
    mentions = cached.article_mentions(at, story_id, view.known_at)
    story_parts_times.draw(view, parts["articles"], mentions)
    copy = story_parts_members.members(view, story, parts["articles"])
    story_parts_members.diff(view, story, parts["articles"], mentions, copy)
    _claims(at, view, story_id, parts["claims"], parts["articles"])
    story_parts_market.path(at, view, story, parts["articles"], asset, span)
    story_parts_market.window(at, view, story, asset)


def _asset_picked() -> None:
    st.query_params["asset"] = st.session_state["asset"]


def _asked(at: Snapshot) -> str | None:
    """The story the address names, or the one it was merged into."""
    named = st.query_params.get("story")
    led = cached.story_redirect(at, named) if named else None
    return None if led is None or led.empty else led["story_id"].iloc[0]


def _say_why_none(at: Snapshot, view: View, story_id: str | None) -> None:
    if story_id is not None:
        st.warning(panel.missing(view))
    elif "story" in st.query_params:
        st.warning("The story named in the address is not in this lake. Choose another one.")
    else:
        st.info("Choose a story: from the timeline, or below.")


def _say_if_merged(at: Snapshot, view: View) -> None:
    """A merge carries no time: at a clock it is not told as something that had happened."""
    if cached.story_redirect(at, st.query_params["story"])["merges"].iloc[0]:
        widgets.plain(
            "The story named in the address turned out to be part of this one and was merged into it."
            if view.known_at is None
            else "The story named in the address is part of this one.",
            "nt-alert",
        )


def _choose(at: Snapshot, view: View, asset: str) -> None:
    """The newest stories, where the address names none."""
    last = cached.story_span(at, view.known_at)[1]
    if pd.isna(last):
        st.info(
            "No story is stored yet. `newstape refresh` brings news; `newstape import article FILE` reads a saved one."
            if view.known_at is None
            else "No story that is stored was known at that moment. Step the clock on."
        )
        return
    end = last + pd.Timedelta(seconds=1)
    widgets.head("The newest stories")
    stories = cached.stories_between(at, asset, end - pd.DateOffset(days=30), end, view.known_at)
    story_parts_market.story_table(stories.tail(200).iloc[::-1], view.zone, key="newest")


def _head(view: View, story: pd.Series, articles: pd.DataFrame, asset: str) -> None:
    widgets.plain(panel.headline(story), "nt-title")
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
        when = f"Published {words.when(first['published_at'], first['published_precision'], view.zone, full=True)}"
    elif pd.isna(first["title"]):
        when = f"The publication time stated by then is not kept; known from {_moment(story['known_at'], view)}"
    elif pd.notna(first["published_not_before"]):
        when = f"Not before {first['published_not_before']:%Y-%m-%d}; its publication time is unknown"
    else:
        when = f"Publication time unknown; known here from {_moment(story['shown_at'], view)}"
    widgets.plain(f"{when} · {count} · first source: {story['publisher']}", "nt-line")
    facts = [(label, story[name]) for name, label in NAMED.items() if story[name]]
    if facts:
        widgets.facts(facts)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if pd.notna(story["url"]) and story["url"].startswith(("https://", "http://")):
            st.link_button("Open at the publisher", story["url"], icon=":material/open_in_new:", type="tertiary")
        widgets.page_link(
            "timeline", "Show on the timeline", story=story["story_id"], asset=asset, **replay.carried(view)
        )
        widgets.page_link("add", "Correct what was read", article=story["first_article_id"], **replay.carried(view))


def _moment(at: pd.Timestamp, view: View) -> str:
    return words.when(at, zone=view.zone, full=True)


def _claims(at: Snapshot, view: View, story_id: str, claims: pd.DataFrame, articles: pd.DataFrame) -> None:
    widgets.head("Figures it states")
    panel.left_out(at, view, story_id)
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
            widgets.plain(", ".join(part for part in (article["publisher"], article["relation"]) if pd.notna(part)))
        claims_card.card(checks, widgets.full_text(article), view.zone)
    if len(groups) > CLAIMS:
        widgets.plain(f"The first {CLAIMS} of {len(groups)} figures; the CSV has all.")
    widgets.download("Claims CSV", lambda: claims, "newstape-story-claims.csv", "csv_claims")
