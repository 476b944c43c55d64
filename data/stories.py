"""Keeping stories: which articles tell the same one, as articles come in late, change, or come all at once.

Clustering (``analysis.stories.cluster``) goes through articles in the order of their publication, and what it makes of
one depends on those of its ``BATCH`` (a UTC day) and of the ``SPAN`` before it alone. So what an article that is new
or changed can alter begins with its day, and ends where a whole ``SPAN`` has come out as it was stored: only that
part is gone through again, and the outcome is that of clustering everything, whatever order the articles arrived in.

Call within ``lake.writing()``.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.anchors import anchors
from analysis.stories import BATCH, SPAN, cluster
from data import queries
from data.derived import merge_derived
from data.lake import Lake, Snapshot
from data.tables import STORIES, STORY_MEMBERS

#: Articles clustered at a time: bounds the memory that an import of a whole archive takes.
AT_ONCE = 20_000
_COLUMNS = ["article_id", "url", "title", "body", "published_at", "known_at"]

Embed = Callable[[list[str]], np.ndarray]


@dataclass(frozen=True)
class Moved:
    """What became of stories."""

    live: tuple[str, ...]  # with an article that is new, changed, or came from another story
    gone: tuple[str, ...]  # no longer stories of their own: each redirects to the one it was merged into


def refresh_stories(lake: Lake, ids: Sequence[str], embed: Embed | None = None) -> Moved:
    """Put these articles, which are new or changed, into stories, and others again where that alters theirs."""
    if not len(ids):
        return Moved((), ())
    decided = _decide(lake.newest(), ids, embed)
    stored = decided["story_id"].notna()
    moved = decided[decided["story_id"] != decided["now"]]
    changed = decided[
        (decided["story_id"] != decided["now"])
        | (decided["relation"] != decided["relation_now"])
        | ((decided["similarity"] - decided["similarity_now"]).abs() > 1e-9)
        | (decided["placed_at"] != decided["placed_before"])
    ]
    lake.delete(STORY_MEMBERS.name, "article_id", list(moved.loc[stored[moved.index], "article_id"]))
    members = changed[["now", "article_id", "relation_now", "similarity_now", "placed_at"]]
    merge_derived(lake, STORY_MEMBERS, members.set_axis(STORY_MEMBERS.names, axis=1))

    snapshot = lake.newest()
    touched = {*queries.stories_of(snapshot, ids)["story_id"], *changed["now"], *moved["story_id"].dropna()}
    live = _story_rows(queries.story_parts(snapshot, sorted(touched)))
    gone = _redirects(snapshot, moved)
    merge_derived(lake, STORIES, pd.concat([live, gone]) if len(gone) else live)
    return Moved(tuple(live["story_id"]), tuple(gone["story_id"]))


def _decide(snapshot: Snapshot, ids: Sequence[str], embed: Embed | None) -> pd.DataFrame:
    """Every article that was gone through, as ``queries.to_cluster`` gives it, and what it is ``now``: its story,
    ``relation_now`` and ``similarity_now``."""
    places = queries.clustering_times(snapshot, ids)
    parts, reached = [], None
    for place in places:
        if reached is not None and place < reached:
            continue
        start = place.floor(BATCH)
        before = queries.to_cluster(snapshot, start - SPAN, start).assign(now=lambda rows: rows["story_id"])
        reached = _reach(place)
        while start < reached:
            while (further := _reach(places[bisect_left(places, reached) - 1])) > reached:
                reached = further  # what lies within reach and is new or changed itself reaches further
            fresh, start = _whole_batches(snapshot, start, reached)
            if fresh.empty:
                continue
            fresh = _cluster(before, fresh, embed)
            parts.append(fresh)
            altered = fresh.loc[fresh["story_id"] != fresh["now"], "placed_at"]
            if len(altered):
                reached = max(reached, _reach(altered.max()))
            together = pd.concat([before, fresh]) if len(before) else fresh
            before = together[together["placed_at"] >= start - SPAN]
    return pd.concat(parts, ignore_index=True)


def _reach(place: pd.Timestamp) -> pd.Timestamp:
    """Where what stands at this place can no longer alter anything."""
    return (place + SPAN).floor(BATCH) + BATCH


def _whole_batches(snapshot: Snapshot, start: pd.Timestamp, end: pd.Timestamp) -> tuple[pd.DataFrame, pd.Timestamp]:
    """The next articles, some ``AT_ONCE`` of them, and where the ones after them start: a batch is never cut."""
    found = queries.to_cluster(snapshot, start, end, limit=AT_ONCE)
    if len(found) < AT_ONCE:
        return found, end
    last = found["placed_at"].iloc[-1].floor(BATCH)
    if last > start:
        return found[found["placed_at"] < last], last
    return queries.to_cluster(snapshot, start, start + BATCH), start + BATCH


def _cluster(before: pd.DataFrame, fresh: pd.DataFrame, embed: Embed | None) -> pd.DataFrame:
    together = pd.concat([before, fresh], ignore_index=True) if len(before) else fresh
    assigned = before.set_index("article_id")["now"] if len(before) else None
    found = cluster(together[_COLUMNS], assigned=assigned, embed=embed).iloc[len(before) :]
    return fresh.assign(
        now=found["story_id"].to_numpy(),
        relation_now=found["relation"].to_numpy(),
        similarity_now=found["similarity"].to_numpy(),
    )


def _story_rows(parts: pd.DataFrame) -> pd.DataFrame:
    """Rows of the stories table from the articles of each story, its first one first."""
    parts = parts.assign(anchor_at=anchors(parts)["anchor_at"])
    by_story = parts.groupby("story_id", sort=True)
    first = by_story.nth(0).set_index("story_id")
    rows = pd.DataFrame(
        {
            "first_article_id": first["article_id"],
            "title": first["title"],
            "first_at": first["anchor_at"],
            "first_precision": first["published_precision"],
            "last_at": by_story["anchor_at"].max(),
            "known_at": by_story["known_at"].min(),
        }
    )
    return rows.assign(merged_into=None).rename_axis("story_id").reset_index()


def _redirects(snapshot: Snapshot, moved: pd.DataFrame) -> pd.DataFrame:
    """Stories named for an article that now tells another one: the id goes on to that one, however often it moves."""
    own = "s" + moved["article_id"]
    elsewhere = moved.loc[own != moved["now"]]
    target = pd.Series(elsewhere["now"].to_numpy(), index="s" + elsewhere["article_id"])
    rows = queries.story_rows(snapshot, list(target.index))
    return rows.assign(merged_into=rows["story_id"].map(target)) if len(rows) else rows
