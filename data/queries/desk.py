"""What analysts keep beside the data: notes, watchlists, saved views."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from data.columns import EARLIEST, LATEST
from data.kept import Kept
from data.queries.engine import frame, run, tables
from data.queries.then_words import SHOWN_AT

if TYPE_CHECKING:
    from data.lake import Snapshot

#: What is read for notes, and kept by these tables' versions: a range or a clock that moves reads nothing.
_READ = ("annotations", "stories", "story_members", "articles")
_KEPT: Kept[tuple[pd.DataFrame, pd.DataFrame]] = Kept(4)
_PLACED: Kept[pd.DataFrame] = Kept(64)
_NOTE = ["note_id", "at", "until", "target_kind", "story_id", "note", "author", "created_at", "edited_at"]


def notes(
    snapshot: Snapshot,
    start: datetime | None = None,
    end: datetime | None = None,
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """Notes that stand in ``[start, end)``, by time: ``note_id``, ``at``, ``until``, ``target_kind`` ("time" or
    "story"), ``story_id``, ``note``, ``author``, ``created_at``, ``edited_at`` (NaT where it never was).

    A note on a span stands from ``at`` to ``until`` (NaT for an instant). A note on a story stands where the story is
    shown, under the story it was merged into; at a clock before the story was known it does not stand at all, and
    where the story is no longer stored it stands at the time it was written. A note is known from ``created_at`` on;
    at a clock before its last edit it says what it said then.
    """
    if not snapshot.versions:  # what is committed but not published has no versions to keep it by
        return notes_within(_placed(*_read(snapshot), known_at), start, end)
    key = (snapshot.home, snapshot.lake_id, *(snapshot.versions.get(name) for name in _READ))
    read = _KEPT.get(key, lambda: _read(snapshot))
    return notes_within(_PLACED.get((key, known_at), lambda: _placed(*read, known_at)), start, end)


def notes_within(found: pd.DataFrame, start: datetime | None, end: datetime | None) -> pd.DataFrame:
    """Those of the ``notes`` of all time that stand in ``[start, end)``."""
    if found.empty:
        return found
    if start is not None:
        # Half-open: a span that ends where the range begins is not of the range.
        found = found[(found["at"] >= start) | (found["until"] > start)]
    if end is not None:
        found = found[found["at"] < end]
    return found.reset_index(drop=True)


def notes_on(snapshot: Snapshot, target_kind: str, target_id: str) -> pd.DataFrame:
    """The notes on one thing as they are now, oldest first: ``note_id``, ``note``, ``author``, ``created_at``."""
    found = _standing(_versions(snapshot), None)
    found = found[(found["target_kind"] == target_kind) & (found["target_id"] == target_id)]
    return found[["note_id", "note", "author", "created_at"]].sort_values(["created_at", "note_id"], ignore_index=True)


def note_history(snapshot: Snapshot, note_id: str) -> pd.DataFrame:
    """What a note has said, oldest first: ``note``, ``author``, ``created_at``, ``deleted``, ``target_kind``,
    ``target_id``. No row where there never was such a note."""
    versions = _versions(snapshot)
    said = ["note", "author", "created_at", "deleted", "target_kind", "target_id"]
    return versions.loc[versions["note_id"] == note_id, said].reset_index(drop=True)


def watchlists(snapshot: Snapshot) -> pd.DataFrame:
    """One row a list, by name: ``watchlist_id``, ``name``, ``assets`` (list of symbols, in its order),
    ``created_at``."""
    return frame(
        run(
            """SELECT * FROM (
             SELECT watchlist_id, arg_min(name, (position, asset)) AS name,
                    list(asset ORDER BY position, asset) AS assets, min(created_at) AS created_at
             FROM {watchlists} GROUP BY watchlist_id)
           ORDER BY lower(name), watchlist_id""",
            tables(snapshot, "watchlists"),
        )
    )


def saved_views(snapshot: Snapshot) -> pd.DataFrame:
    """Saved addresses, by name: ``view_id``, ``name``, ``page``, ``query``, ``created_at``."""
    return frame(
        run(
            "SELECT view_id, name, page, query, created_at FROM {saved_views} ORDER BY lower(name), view_id",
            tables(snapshot, "saved_views"),
        )
    )


def _read(snapshot: Snapshot) -> tuple[pd.DataFrame, pd.DataFrame]:
    versions = _versions(snapshot)
    return versions, _members(snapshot, list(versions.loc[versions["target_kind"] == "story", "target_id"].unique()))


def _versions(snapshot: Snapshot) -> pd.DataFrame:
    """Every version of every note, each note's oldest first: an edited or deleted one names the first by ``was``."""
    return frame(
        run(
            """SELECT CASE WHEN was IS NULL THEN annotation_id ELSE trim(was, '"') END AS note_id,
                  target_kind, target_id, note, author, created_at, coalesce(value = 'null', false) AS deleted,
                  CASE WHEN target_kind = 'time' THEN TRY_CAST(split_part(target_id, '/', 1) AS TIMESTAMPTZ) END AS at,
                  CASE WHEN target_kind = 'time' THEN TRY_CAST(split_part(target_id, '/', 2) AS TIMESTAMPTZ)
                  END AS until
           FROM {annotations} WHERE field IS NULL AND target_kind IN ('time', 'story')
           ORDER BY note_id, created_at, annotation_id""",
            tables(snapshot, "annotations"),
        )
    )


def _placed(versions: pd.DataFrame, members: pd.DataFrame, known_at: datetime | None) -> pd.DataFrame:
    """``notes`` of all time, by time."""
    found = _standing(versions, known_at)
    on_story = found["target_kind"] == "story"
    if on_story.any():
        known = members if known_at is None else members[members["known_at"] <= known_at]
        shown = known.groupby("named", as_index=False)["placed_at"].min()
        leads = members[["named", "leads_to"]].drop_duplicates()
        placed = found[["target_id"]].merge(leads, how="left", left_on="target_id", right_on="named")
        placed = placed.merge(shown, how="left", left_on="target_id", right_on="named")
        stored = placed["leads_to"].notna()
        found["at"] = found["at"].where(~on_story, placed["placed_at"].where(stored, found["created_at"]))
        found["story_id"] = placed["leads_to"].where(stored, found["target_id"]).where(on_story)
    # A time that nobody can read, of a file someone brought, places nothing.
    found = found[found["at"].between(EARLIEST, LATEST, inclusive="left")]
    found = found.assign(until=found["until"].where(found["until"] > found["at"]))
    return found[_NOTE].sort_values(["at", "created_at", "note_id"], ignore_index=True)


def _standing(versions: pd.DataFrame, known_at: datetime | None) -> pd.DataFrame:
    """Each note as it is at the clock, by its first author."""
    if known_at is not None:
        versions = versions[versions["created_at"] <= known_at]
    first, last = (versions.drop_duplicates("note_id", keep=end).reset_index(drop=True) for end in ("first", "last"))
    edited = last["created_at"].where(last["created_at"] > first["created_at"])
    found = last.assign(author=first["author"], created_at=first["created_at"], edited_at=edited, story_id=None)
    return found[~found["deleted"]].astype({"story_id": "str"}).reset_index(drop=True)


def _members(snapshot: Snapshot, named: Sequence[str]) -> pd.DataFrame:
    """The articles of the stories that these ids lead to, where they are stored: ``named``, ``leads_to``,
    ``placed_at``, ``known_at``. Three plain searches: one join over all of it takes eight times as long."""
    leads, sought = {one: one for one in named}, set(named)
    known: dict[str, pd.Timestamp] = {}
    for _ in range(100):  # merges may go round in a circle
        rows = _where(snapshot, "stories", "story_id", sought, "story_id, merged_into, known_at")
        known |= dict(zip(rows["story_id"], rows["known_at"], strict=True))
        merged = rows[rows["merged_into"].notna()]
        into = dict(zip(merged["story_id"], merged["merged_into"], strict=True))
        leads = {one: into.get(end, end) for one, end in leads.items()}
        sought = {*into.values()}
        if not sought:
            break
    ends = {one: end for one, end in leads.items() if end in known and end not in sought}
    members = _where(snapshot, "story_members", "story_id", {*ends.values()}, "story_id, article_id")
    placed = f"article_id, {SHOWN_AT} AS placed_at, known_at"
    articles = _where(snapshot, "articles", "article_id", {*members["article_id"]}, placed)
    found = pd.DataFrame({"named": list(ends), "leads_to": list(ends.values())}, dtype="str")
    found = found.merge(members, left_on="leads_to", right_on="story_id").merge(articles, on="article_id")
    since = found["leads_to"].map(known).astype(found["known_at"].dtype)
    return found.assign(known_at=found["known_at"].where(found["known_at"] >= since, since))[
        ["named", "leads_to", "placed_at", "known_at"]
    ]


def _where(snapshot: Snapshot, table: str, column: str, values: set[str], columns: str) -> pd.DataFrame:
    return frame(
        run(
            f"SELECT {columns} FROM {{{table}}} a WHERE {column} IN (SELECT unnest($values::VARCHAR[]))",
            tables(snapshot, table),
            {"values": sorted(values)},
        )
    )
