"""What analysts keep beside the data: notes, watchlists, saved views. The only writes a page makes besides stories.

Each function is one short stay under the lake's writer lock: it looks at what is stored now, not at what the page
showed, so two people who write at once both keep what they wrote. Nothing to change writes nothing.

    NotSaved       what was typed cannot be kept; the message is a sentence for who typed it
    └── NameTaken  another one has this name

All of them raise ``data.lake.LakeError`` where the lake cannot be written to; then nothing is changed.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlencode

import pandas as pd
import pyarrow as pa

from data import queries, view
from data.columns import EARLIEST, LATEST
from data.correction_values import storable
from data.export import stamp
from data.lake import Lake
from data.tables import TABLES

LONGEST_NOTE = 4_000
LONGEST_NAME = 100
LONGEST_QUERY = 8_000
MOST_ASSETS = 200
#: Who writes, where nobody says; the page remembers what was said last.
AUTHOR_ENV = "NEWSTAPE_AUTHOR"
AUTHOR = "analyst"
HOME_PAGE = "timeline"
_PAGE = re.compile(r"[a-z][a-z0-9_-]{0,40}")


class NotSaved(Exception):
    pass


class NameTaken(NotSaved):
    pass


def default_author() -> str:
    """``$NEWSTAPE_AUTHOR``, else "analyst"."""
    return clean(os.environ.get(AUTHOR_ENV, ""))[:LONGEST_NAME] or AUTHOR


# ── notes ─────────────────────────────────────────────────────────────────────────────────────────────


def add_note(
    lake: Lake,
    text: str,
    *,
    at: pd.Timestamp | None = None,
    until: pd.Timestamp | None = None,
    story_id: str | None = None,
    author: str = "",
    now: datetime,
) -> str:
    """Write a note on an instant, on the span ``[at, until)`` or on a story; its ``note_id``.

    The same words by the same author on the same thing are one note, however often they are saved.
    """
    words, by = note_text(text), _author(author)
    kind, target = ("story", story_id) if story_id else ("time", _time(at, until))
    with lake.writing():
        newest = lake.newest()
        if story_id and queries.story_redirect(newest, story_id).empty:
            raise NotSaved("The story this note is on is not stored.")
        held = queries.notes_on(newest, kind, target)
        same = held[(held["note"] == words) & (held["author"] == by)]
        if len(same):
            return same["note_id"].iloc[0]
        name = uuid.uuid4().hex
        _write_note(lake, name, kind, target, words, by, now)
    return name


def edit_note(lake: Lake, note_id: str, text: str, *, author: str = "", now: datetime) -> None:
    """Give a note other words. What it said before stays stored."""
    words = note_text(text)
    with lake.writing():
        last = _last_note(lake, note_id)
        if last["note"] != words:
            now = max(pd.Timestamp(now), last["created_at"] + timedelta(microseconds=1))
            _write_note(
                lake, uuid.uuid4().hex, last["target_kind"], last["target_id"], words, _author(author), now,
                was=json.dumps(note_id),
            )  # fmt: skip


def delete_note(lake: Lake, note_id: str, *, author: str = "", now: datetime) -> None:
    """Take a note away. What it said stays stored, and a clock set before this still shows it."""
    with lake.writing():
        last = _last_note(lake, note_id)
        now = max(pd.Timestamp(now), last["created_at"] + timedelta(microseconds=1))
        _write_note(
            lake, uuid.uuid4().hex, last["target_kind"], last["target_id"], "Deleted.", _author(author), now,
            was=json.dumps(note_id), value="null",
        )  # fmt: skip


def note_text(text: str) -> str:
    """A note's words as they are stored. Raises NotSaved."""
    words = _short(text, "The note", LONGEST_NOTE, lines=True)
    if not words:
        raise NotSaved("The note is empty: write something first.")
    return words


def time_typed(text: str, zone: str) -> pd.Timestamp:
    """An instant as someone in ``zone`` types it: with ``Z`` or an offset as it says, else by that zone's clocks.

    Raises NotSaved.
    """
    try:
        at = pd.Timestamp(text.strip().replace(" UTC", "Z").replace(" ", "T", 1))
        naive = at is not pd.NaT and at.tzinfo is None
    except (ValueError, OverflowError):
        naive = False
    try:
        return view.clock(at.tz_localize(zone).isoformat() if naive else text)
    except ValueError as error:
        if naive and "nonexistent" in f"{type(error).__name__} {error}".lower():
            raise NotSaved(f"The clocks of {zone} leave that time out; add an offset such as +01:00.") from error
        if naive and "ambiguous" in f"{type(error).__name__} {error}".lower():
            raise NotSaved(f"The clocks of {zone} show that time twice; add an offset such as +01:00.") from error
        raise NotSaved(f"“{clean(text[:40])}” cannot be used: {error}.") from error


def _time(at: pd.Timestamp | None, until: pd.Timestamp | None) -> str:
    if at is None:
        raise NotSaved("Say which time the note is on.")
    for one in (at, until):
        if one is not None and not EARLIEST <= one < LATEST:
            raise NotSaved(f"A note is on a time between {EARLIEST:%Y} and {LATEST:%Y}.")
    if until is None:
        return stamp(at)
    if until <= at:
        raise NotSaved("The span ends before it begins.")
    return f"{stamp(at)}/{stamp(until)}"


def _last_note(lake: Lake, note_id: str) -> pd.Series:
    history = queries.note_history(lake.newest(), note_id)
    if history.empty:
        raise NotSaved("This note is not stored.")
    if history["deleted"].iloc[-1]:
        raise NotSaved("Somebody deleted this note meanwhile; write a new one to keep these words.")
    return history.iloc[-1]


def _write_note(
    lake: Lake, name: str, kind: str, target: str, words: str, by: str, now: datetime,
    *, was: str | None = None, value: str | None = None,
) -> None:  # fmt: skip
    row = {"annotation_id": name, "target_kind": kind, "target_id": target, "field": None, "value": value, "was": was}
    lake.merge("annotations", _rows("annotations", [{**row, "note": words, "author": by, "created_at": now}]))


# ── watchlists ────────────────────────────────────────────────────────────────────────────────────────


def create_watchlist(lake: Lake, name: str, assets: Iterable[str], *, now: datetime) -> str:
    """Make a list of these assets, in this order; its ``watchlist_id``."""
    name, listed = name_text(name), symbols(assets)
    with lake.writing():
        _name_free(queries.watchlists(lake.newest()), "watchlist", name)
        watchlist_id = uuid.uuid4().hex
        _write_list(lake, watchlist_id, name, listed, now)
    return watchlist_id


def rename_watchlist(lake: Lake, watchlist_id: str, name: str) -> None:
    name = name_text(name)
    with lake.writing():
        held = queries.watchlists(lake.newest())
        row = _one(held, "watchlist", watchlist_id)
        _name_free(held, "watchlist", name, besides=watchlist_id)
        _write_list(lake, watchlist_id, name, row["assets"], row["created_at"])


def arrange_watchlist(lake: Lake, watchlist_id: str, before: Sequence[str], after: Iterable[str]) -> tuple[str, ...]:
    """Make of a list what someone made of the one they saw: ``before`` became ``after``; what is stored then.

    Assets are added, removed and put in order on the list as it is now: one that another person added meanwhile
    stays, at the end; one they removed stays removed, unless it is new here.
    """
    after = symbols(after)
    with lake.writing():
        row = _one(queries.watchlists(lake.newest()), "watchlist", watchlist_id)
        held = list(row["assets"])
        wanted = symbols(arranged(held, before, after))
        if wanted != tuple(held):
            if not set(held) <= set(wanted):
                lake.delete("watchlists", "watchlist_id", [watchlist_id])
            _write_list(lake, watchlist_id, row["name"], wanted, row["created_at"])
    return wanted


def arranged(held: Sequence[str], before: Sequence[str], after: Sequence[str]) -> list[str]:
    """What ``held`` becomes where someone who saw ``before`` made ``after`` of it."""
    mine = [asset for asset in after if asset in held or asset not in before]
    return mine + [asset for asset in held if asset not in before and asset not in mine]


def delete_watchlist(lake: Lake, watchlist_id: str) -> None:
    """One that is gone already stays gone."""
    with lake.writing():
        lake.delete("watchlists", "watchlist_id", [watchlist_id])


def symbols(assets: Iterable[str]) -> tuple[str, ...]:
    """Assets as a list holds them: capitals, each once, at least one. Raises NotSaved."""
    listed = tuple(dict.fromkeys(asset.strip().upper() for asset in assets if asset.strip()))
    for asset in listed:
        if not (asset.isascii() and asset.isalnum() and len(asset) <= 20):
            raise NotSaved(f"“{clean(asset[:20])}{'…' * (len(asset) > 20)}” is not an asset's symbol, such as BTC.")
    if not listed:
        raise NotSaved("A watchlist has at least one asset; delete the list where none is left.")
    if len(listed) > MOST_ASSETS:
        raise NotSaved(f"A watchlist has {MOST_ASSETS} assets at most, not {len(listed):,}.")
    return listed


def _write_list(lake: Lake, watchlist_id: str, name: str, assets: Sequence[str], created_at: datetime) -> None:
    row = {"watchlist_id": watchlist_id, "name": name, "created_at": created_at}
    lake.merge("watchlists", _rows("watchlists", [{**row, "asset": a, "position": n} for n, a in enumerate(assets)]))


# ── saved views ───────────────────────────────────────────────────────────────────────────────────────


def save_view(
    lake: Lake, name: str, page: str, params: Mapping[str, Sequence[str]], *, overwrite: bool = False, now: datetime
) -> str:
    """Keep a page's address (``params``: as ``data.view.params`` writes them) under a name; its ``view_id``.

    Raises NameTaken where there is another address of this name, unless that is to be overwritten.
    """
    name, query = name_text(name), _query(params)
    if not _PAGE.fullmatch(page):
        raise NotSaved("This page cannot be saved as a view.")
    if not query:
        raise NotSaved("This page's address says nothing yet: choose a range or a filter first.")
    with lake.writing():
        held = queries.saved_views(lake.newest())
        same = held[_same_name(held, name)]
        made = {"view_id": uuid.uuid4().hex, "name": name, "page": page, "query": query, "created_at": now}
        if len(same):
            [stored, *_] = same.to_dict("records")
            if (stored["page"], stored["query"]) == (page, query):
                return stored["view_id"]
            if not overwrite:
                raise NameTaken(f"There is a view named “{stored['name']}” already.")
            made["view_id"] = stored["view_id"]
        lake.merge("saved_views", _rows("saved_views", [made]))
    return made["view_id"]


def rename_view(lake: Lake, view_id: str, name: str) -> None:
    name = name_text(name)
    with lake.writing():
        held = queries.saved_views(lake.newest())
        row = _one(held, "view", view_id)
        _name_free(held, "view", name, besides=view_id)
        lake.merge("saved_views", _rows("saved_views", [{**row, "name": name}]))


def delete_view(lake: Lake, view_id: str) -> None:
    """One that is gone already stays gone."""
    with lake.writing():
        lake.delete("saved_views", "view_id", [view_id])


def saved_params(query: str) -> dict[str, list[str]]:
    """A saved query as ``data.view.parse`` takes it; what is no query says nothing."""
    try:
        return parse_qs(query[:LONGEST_QUERY], max_num_fields=1_000)
    except ValueError:
        return {}


def address(page: str, query: str) -> str:
    """A saved view's link, relative to the app's pages. Whatever a file someone brought says, it leads to a page."""
    place = page if _PAGE.fullmatch(page) and page != HOME_PAGE else "./"
    return f"{place}?{urlencode(saved_params(query), doseq=True)}"


def _query(params: Mapping[str, Sequence[str]]) -> str:
    too_long = NotSaved(f"This page's address is longer than the {LONGEST_QUERY:,} characters that can be kept.")
    if sum(len(value) for values in params.values() for value in values) > LONGEST_QUERY:
        raise too_long
    query = urlencode({name: [storable(value) for value in values] for name, values in params.items()}, doseq=True)
    if len(query) > LONGEST_QUERY:
        raise too_long
    return query


# ── words and names ───────────────────────────────────────────────────────────────────────────────────


def clean(text: str, *, lines: bool = False) -> str:
    """Text without control characters, half an emoji replaced, no blank ends; on one line unless ``lines``."""
    text = storable(text)
    if not lines:
        return " ".join("".join(" " if _control(one) else one for one in text).split())
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(one for one in text if one in "\n\t" or not _control(one)).strip()


def name_text(name: str) -> str:
    """A name as it is stored. Raises NotSaved."""
    name = _short(name, "The name", LONGEST_NAME)
    if not name:
        raise NotSaved("Give it a name.")
    return name


def _short(text: str, called: str, longest: int, *, lines: bool = False) -> str:
    words = text
    if len(text) <= 2 * longest + 1_000:  # beyond that, blank ends and control characters do not explain it
        words = clean(text, lines=lines)
    if len(words) > longest:
        raise NotSaved(f"{called} has {len(words):,} characters; {longest:,} can be kept.")
    return words


def _control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Zl", "Zp")


def _author(author: str) -> str:
    return _short(author, "Your name", LONGEST_NAME) or default_author()


def _same_name(held: pd.DataFrame, name: str) -> pd.Series:
    return held["name"].map(str.casefold).astype(object) == name.casefold()


def _name_free(held: pd.DataFrame, called: str, name: str, *, besides: str = "") -> None:
    taken = held[_same_name(held, name) & (held[f"{called}_id"] != besides)]
    if len(taken):
        raise NameTaken(f"There is a {called} named “{taken['name'].iloc[0]}” already.")


def _one(held: pd.DataFrame, called: str, wanted: str) -> dict:
    found = held[held[f"{called}_id"] == wanted].to_dict("records")
    if not found:
        raise NotSaved(f"Somebody deleted this {called} meanwhile.")
    return found[0]


def _rows(table: str, rows: list[dict]) -> pa.Table:
    return pa.Table.from_pylist(rows, TABLES[table].schema)
