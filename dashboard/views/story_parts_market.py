"""The Story page's price path, its moves, and the other stories told around that time."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard import cached, widgets, words
from dashboard import path as paths
from dashboard.views import story as panel
from dashboard.views.story_parts_times import CHART
from data.lake import Snapshot
from data.view import View

BEFORE, AFTER = pd.Timedelta(hours=24), pd.Timedelta(days=7)
WINDOWS = {"6 h": pd.Timedelta(hours=6), "24 h": pd.Timedelta(hours=24), "7 days": pd.Timedelta(days=7)}
#: More stories than this are counted, not listed.
LISTED = 500
#: Set where a ticked story is to be drawn by the whole page, not by its part alone.
OPENED = "story_opened"
COLUMNS = {
    "shown_at": "Time",
    "hours": "Hours away",
    "title": "Story",
    "publisher": "Publisher",
    "articles": "Articles",
    "topics": "Topics",
    "move_m24h": "−24 h",
    "move_p24h": "+24 h",
    "move_p7d": "+7 d",
}


@dataclass(frozen=True)
class Around:
    """The span shown around a story, ``[start, end]``, and one market's bars of it."""

    start: pd.Timestamp
    end: pd.Timestamp
    anchor: pd.Timestamp | None
    path: paths.PricePath


def around(at: Snapshot, view: View, story: pd.Series, asset: str) -> Around:
    """A day before a story to a week after it, but not beyond the clock."""
    anchor = story["anchor_at"] if pd.notna(story["anchor_at"]) else None
    middle = anchor if anchor is not None else story["shown_at"]
    start, end = middle - BEFORE, middle + AFTER
    if view.known_at is not None and view.known_at < end:
        end = view.known_at
        start = min(start, end - BEFORE)  # a publisher may state a time that is still to come
    market = story["price_source"] if pd.notna(story["price_source"]) else None
    return Around(start, end, anchor, cached.path(at, asset, market, start, end, view.known_at))


def path(at: Snapshot, view: View, story: pd.Series, articles: pd.DataFrame, asset: str, span: Around) -> None:
    widgets.head(f"{asset} around it")
    found, anchor, start, end = span.path, span.anchor, span.start, span.end
    base = found.at(anchor) if anchor is not None else None
    marks = pd.DataFrame(
        {
            "at": articles["published_at"],
            "title": articles["title"],
            "publisher": articles["publisher"],
            "relation": articles["relation"],
        }
    ).dropna(subset="at")
    chart, moves = st.columns([2.4, 1], gap="medium")
    with chart:
        summary = _summary(view, span, marks, len(articles), asset, base)
        figure = paths.figure(found, marks, asset=asset, anchor=anchor, base=base, start=start, end=end, zone=view.zone)
        st.plotly_chart(figure, key="path", alt=summary, config=CHART)
        widgets.plain(summary)
        widgets.download(
            "Path CSV",
            lambda: paths.rows(found, anchor, base).assign(market=found.market, bar_s=found.bar_s),
            f"newstape-story-{asset.lower()}-path.csv",
            "csv_path",
        )
    with moves:
        panel.market(story, cached.story(at, story["story_id"], view.known_at)["caps"], asset, view.zone)


def _summary(view: View, span: Around, marks: pd.DataFrame, articles: int, asset: str, base: float | None) -> str:
    found, start, end = span.path, span.start, span.end
    if found.bars.empty:
        told = f"{words.when(start, zone=view.zone)} to {words.when(end, zone=view.zone)}"
        then = "" if view.known_at is None else ", as known at that moment"
        return f"No {asset} price is stored from {told}{then}: `newstape refresh` may bring it."
    expected = (end - start) // pd.Timedelta(seconds=found.bar_s)
    drawn = len(marks[(marks["at"] >= start) & (marks["at"] <= end)])
    relative = (
        f"returns since {words.when(span.anchor, zone=view.zone)}, {words.usd(base)}"
        if base is not None
        else "the price itself, as the price at its publication is not known"
    )
    missing = max(expected - len(found.bars), 0)
    return (
        f"{found.market}, {len(found.bars):,} bars of {words.bar_name(found.bar_s)}: {relative}. "
        f"{f'{missing:,} bars of that span are not stored. ' if missing else ''}"
        f"{drawn} of {articles} articles have a publication time in it. "
        "A price that moved after a story moved after it: that says nothing of why."
    )


@st.fragment
def window(at: Snapshot, view: View, story: pd.Series, asset: str) -> None:
    if st.session_state.pop(OPENED, False):
        st.rerun()
    widgets.head("Other stories around that time")
    chosen = st.segmented_control(
        "Within",
        list(WINDOWS),
        default="24 h",
        key="within",
        bind="query-params",
        required=True,
        label_visibility="collapsed",
        width="content",
    )
    middle, reach = story["shown_at"], WINDOWS[chosen]
    others = cached.stories_between(at, asset, middle - reach, middle + reach, view.known_at)
    others = others[others["story_id"] != story["story_id"]]
    if others.empty:
        st.info(f"No other story is stored within {chosen} of it. Choose a longer span.")
        return
    near = others.iloc[(others["shown_at"] - middle).abs().argsort(kind="stable")[:LISTED]]
    hours = (near["shown_at"] - middle).dt.total_seconds() / 3600
    left_out = len(others) - len(near)
    widgets.plain(
        f"{len(others):,} within {chosen}"
        + (f"; the {LISTED} nearest are listed, the nearest first." if left_out else ", the nearest first.")
        + " Tick one to open it."
    )
    story_table(near.assign(hours=hours), view.zone, key=f"window_{story['story_id']}_{chosen}", csv=True)


def story_table(stories: pd.DataFrame, zone: str, key: str, *, csv: bool = False) -> None:
    """Stories with their moves; ticking one opens it."""
    rows = stories.reset_index(drop=True)
    for horizon in ("m24h", "p24h", "p7d"):
        rows[f"move_{horizon}"] = rows[f"log_return_{horizon}"].map(words.fraction)
    times = [words.when(row.shown_at, row.shown_precision, zone) for row in rows.itertuples()]
    rows = rows[["story_id", *(name for name in COLUMNS if name in rows)]]
    st.session_state["window_key"], st.session_state["window_ids"] = key, rows["story_id"].tolist()
    percent = {
        name: st.column_config.NumberColumn(COLUMNS[name], format="percent", width=70)
        for name in ("move_m24h", "move_p24h", "move_p7d")
    }
    st.dataframe(
        rows.assign(shown_at=times, title=rows["title"].replace("", panel.NOT_KEPT)),
        key=key,
        on_select=_open,
        selection_mode="single-row",
        hide_index=True,
        alt="Stories",
        placeholder="–",
        height="content" if len(rows) <= 10 else 420,
        column_order=list(COLUMNS),
        column_config={
            "title": st.column_config.TextColumn(COLUMNS["title"], width=420),
            "publisher": st.column_config.TextColumn(COLUMNS["publisher"], width=140),
            "topics": st.column_config.TextColumn(COLUMNS["topics"], width=150),
            "articles": st.column_config.NumberColumn(COLUMNS["articles"], width=66),
            "hours": st.column_config.NumberColumn(COLUMNS["hours"], format="%+.1f", width=86),
            "shown_at": st.column_config.TextColumn(COLUMNS["shown_at"], width=150),
            **percent,
        },
    )
    if csv:
        widgets.download("Stories CSV", lambda: rows, "newstape-stories-around.csv", "csv_window")


def _open() -> None:
    rows = st.session_state[st.session_state["window_key"]]["selection"]["rows"]
    if rows:
        st.query_params["story"] = st.session_state["window_ids"][rows[0]]
        st.query_params.pop("copy", None)
        st.session_state[OPENED] = True
