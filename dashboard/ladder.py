"""The time ladder of a story: from the event to the posts about it, to publication, to our fetch.

Frames in, frame or figure out. Every instant is aware UTC and stands with how exactly it is known, who states it
and how long it came after the one before; what no source states is said to be unknown.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.anchors import anchors
from dashboard import words
from dashboard.figures import CHOSEN, GRID, MARK, escape, naive, times, wrap

#: The steps from top to bottom.
STEPS = ("Event", "Post", "Not before", "Published", "In an index", "First seen here", "Changed")
#: What is drawn reaches at most this many spans of the publications, and not under MIN_REACH, beyond them.
REACH_SPANS = 1.0
MIN_REACH = pd.Timedelta(days=2)
LANE_PX = 34

COLUMNS = ("step", "at", "until", "precision", "who", "source", "gap_min_s", "gap_max_s", "note", "article_id")


def rungs(articles: pd.DataFrame, posts: pd.DataFrame, known_at: pd.Timestamp | None = None) -> pd.DataFrame:
    """Every instant known of a story, in order, under the event, which no source dates; below them, what is unknown.

    ``articles``: rows of the articles table. ``posts``: mentions of kind ``embedded post`` (``article_id``, ``value``,
    ``posted_at``, ``posted_precision``). Returns ``COLUMNS``: the instant lies in ``[at, until]`` (equal where exact;
    NaT where unknown), ``source`` says where it is stated, and ``gap_min_s`` to ``gap_max_s`` is how long after the
    rung before it came, a range where either is imprecise. What is known to have come out by ``known_at`` did so by
    then, however long the span that is stated.
    """
    found = [*_article_rungs(articles), *_post_rungs(posts, articles)]
    found.append(_rung("Event", pd.NaT, None, "", "", None, "No source here states when it happened."))
    frame = pd.DataFrame(found)
    for column in ("at", "until"):
        frame[column] = pd.to_datetime(frame[column], utc=True).astype("datetime64[us, UTC]")
    spans = anchors(
        pd.DataFrame(
            {
                "published_at": frame["at"],
                "published_precision": frame["precision"],
                "indexed_at": pd.NaT,
                "published_not_before": pd.NaT,
            }
        )
    )
    frame["at"], frame["until"] = spans["span_start"], frame["until"].fillna(spans["span_end"])
    if known_at is not None:
        frame["until"] = frame["until"].mask((frame["at"] <= known_at) & (frame["until"] > known_at), known_at)
    frame["order"] = frame["step"].map(STEPS.index)
    frame["known"] = frame["at"].notna().where(frame["step"] != "Event", True)
    frame = frame.sort_values(["at", "order", "who", "article_id"], na_position="first", kind="stable")
    frame = frame.sort_values("known", ascending=False, kind="stable")
    # A post that several articles embed is one instant.
    frame = frame[~(frame.duplicated(["step", "at", "who"]) & (frame["step"] == "Post"))].reset_index(drop=True)
    after, before = frame["at"].shift(), frame["until"].shift()
    frame["gap_min_s"] = (frame["at"] - before).dt.total_seconds().clip(lower=0)
    frame["gap_max_s"] = (frame["until"] - after).dt.total_seconds()
    return frame[list(COLUMNS)]


def _rung(
    step: str, at: object, precision: object, who: str, source: str, article_id: object, note: str = ""
) -> dict[str, object]:
    return {
        "step": step,
        "at": at,
        "until": pd.NaT,
        "precision": precision,
        "who": who,
        "source": source,
        "note": note,
        "article_id": article_id,
    }


def _article_rungs(articles: pd.DataFrame) -> list[dict[str, object]]:
    found = []
    for article in articles.itertuples():
        who, key = article.publisher, article.article_id
        disagree = f"Dates disagree: {article.date_conflicts}" if pd.notna(article.date_conflicts) else ""
        if pd.notna(article.published_at):
            precision = article.published_precision if pd.notna(article.published_precision) else None
            found.append(_rung("Published", article.published_at, precision, who, "publisher's claim", key, disagree))
        else:
            none = "What it stated by then is not kept." if pd.isna(article.title) else "No date is stated."
            found.append(_rung("Published", pd.NaT, None, who, "", key, f"{none} {disagree}".strip()))
        if pd.notna(article.published_not_before):
            found.append(
                _rung("Not before", article.published_not_before, None, who, "earliest possible publication", key)
            )
        if pd.notna(article.indexed_at):
            found.append(_rung("In an index", article.indexed_at, None, who, "a third party had it", key))
        seen = "imported later: nobody here saw it come out" if article.known_at_assumed else ""
        found.append(
            _rung("First seen here", article.first_seen_at, None, who, f"our clock, {article.source}", key, seen)
        )
        if pd.notna(article.revised_at):
            times_changed = f"{article.revisions} change{'s' if article.revisions > 1 else ''} seen; this is the last"
            found.append(_rung("Changed", article.revised_at, None, who, "our clock", key, times_changed))
    return found


def _post_rungs(posts: pd.DataFrame, articles: pd.DataFrame) -> list[dict[str, object]]:
    publishers = articles.set_index("article_id")["publisher"]
    return [
        _rung(
            "Post",
            post.posted_at,
            post.posted_precision if pd.notna(post.posted_precision) else None,
            f"@{post.value.lstrip('@')}",
            f"post embedded by {publishers.get(post.article_id, 'an article')}",
            post.article_id,
            "" if pd.notna(post.posted_at) else "The post's time is not stated.",
        )
        for post in posts.itertuples()
    ]


def window(frame: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """What the figure spans: the publications and what lies near them; None where nothing is known."""
    told = frame[frame["at"].notna()]
    core = told[told["step"].isin(["Published", "In an index", "Not before"])]
    core = core if len(core) else told
    if core.empty:
        return None
    low, high = core["at"].min(), core["until"].max()
    reach = max(REACH_SPANS * (high - low), MIN_REACH)
    near = told[(told["until"] >= low - reach) & (told["at"] <= high + reach)]
    low, high = near["at"].min(), near["until"].max()
    margin = max(0.04 * (high - low), pd.Timedelta(minutes=5))
    return low - margin, high + margin


def beyond(frame: pd.DataFrame) -> int:
    """How many instants lie outside ``window``; the figure draws them at its edge."""
    span = window(frame)
    if span is None:
        return 0
    return int(((frame["at"] > span[1]) | (frame["until"] < span[0])).sum())


def figure(frame: pd.DataFrame, zone: str = "UTC") -> go.Figure:
    """A dot an instant, one lane a step, a bar as long as the time is imprecise; arrows at an edge lie beyond it.

    The axis is in ``zone`` and says so.
    """
    told = frame[frame["at"].notna()]
    lanes = [step for step in STEPS if (told["step"] == step).any()]
    figure = go.Figure()
    span = window(frame)
    if span is None:
        return figure
    low, high = span
    ahead, zone_name = words.axis(low, high, zone)
    late, early = (told["at"] > high).to_numpy(), (told["until"] < low).to_numpy()
    inset = 0.012 * (high - low)
    left, right = (told[name].clip(lower=low + inset, upper=high - inset) for name in ("at", "until"))
    imprecise = (right > left).to_numpy()
    # A line for each imprecise time, with an empty point behind it so that they do not join.
    ends = np.column_stack([times(left + ahead), times(right + ahead), times(right + ahead)])[imprecise].ravel()
    lane = np.repeat(told["step"].to_numpy()[imprecise], 3)
    lane[2::3] = None
    figure.add_trace(
        go.Scatter(
            x=ends,
            y=lane,
            mode="lines",
            connectgaps=False,
            line={"width": 4, "color": MARK},
            hoverinfo="skip",
        )
    )
    published = (told["step"] == "Published").to_numpy()
    figure.add_trace(
        go.Scatter(
            x=times(left + (right - left) / 2 + ahead),
            y=told["step"],
            mode="markers",
            text=[_hover(rung, zone) for rung in told.itertuples()],
            hovertemplate="%{text}<extra></extra>",
            marker={
                "size": np.where(published, 12, 10),
                "color": np.where(published, CHOSEN, MARK),
                "symbol": np.select([late, early], ["triangle-right", "triangle-left"], "circle"),
                "line": {"width": 1, "color": "rgba(255,255,255,0.6)"},
            },
        )
    )
    figure.update_layout(
        height=60 + LANE_PX * len(lanes),
        margin={"l": 112, "r": 12, "t": 8, "b": 40},
        showlegend=False,
        hovermode="closest",
        dragmode="pan",
        xaxis={
            "range": [naive(low + ahead), naive(high + ahead)],
            "gridcolor": GRID,
            "automargin": False,
            "title": {"text": zone_name, "standoff": 2, "font": {"size": 11}},
        },
        yaxis={
            "type": "category",
            "categoryorder": "array",
            "categoryarray": lanes[::-1],
            "range": [-0.6, len(lanes) - 0.4],
            "gridcolor": GRID,
            "automargin": False,
            "fixedrange": True,
        },
    )
    return figure


def _hover(rung: object, zone: str) -> str:
    when = f"{rung.at.tz_convert(zone):%Y-%m-%d %H:%M:%S} {words.zone_name(zone, rung.at)}"
    if rung.until > rung.at:
        when = words.period(rung.at, rung.until, zone)
    note = f"<br>{escape(wrap(rung.note))}" if rung.note else ""
    return f"{rung.step}: {escape(rung.who)}<br>{when}<br>{escape(rung.source)}{note}"
