"""What analysts keep, as pieces of pages: saved views, notes, watchlists.

Each piece is a plain function, called where it is to stand, within a fragment or not. What is chosen stands in the
address; only a press of a button writes, and then the whole page is drawn again. Where writing fails, what was typed
stays in its field. What people typed goes into fields, options and escaped HTML alone: labels read Markdown.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from dashboard import cached, widgets
from data import desk
from data.desk import NameTaken, NotSaved
from data.lake import Lake, LakeBusy, LakeError, Snapshot
from data.view import View, stamp

#: Waiting longer for another writer would look like a page that hangs.
WAIT_S = 4.0
BUSY = (
    "A refresh or another person is writing to the lake just now. Nothing was saved, and what you typed is kept: "
    "press the button again in a moment."
)
#: Notes drawn at a time; the table holds them all.
NOTES_SHOWN = 100
#: Who writes, for as long as the session lasts.
AUTHOR = "desk_author_said"

#: The watchlist's place in an address.
LIST = "list"

Params = Mapping[str, Sequence[str]]


# ── saved views ───────────────────────────────────────────────────────────────────────────────────────


def saved_views(at: Snapshot, page: str, params: Params | Callable[[], Params]) -> None:
    """A popover with every saved view as a link, and the form that saves this one.

    ``page``: the page's ``url_path``. ``params``: its address, as ``data.view.params`` writes it; a function is
    asked when it is needed.
    """
    held = cached.desk(at, "saved_views")
    with st.popover("Views", icon=":material/bookmarks:", key="desk_views"):
        here = dict(params() if callable(params) else params)
        _view_links(held, page, urlencode(here, doseq=True))
        _saved_lately("view")
        name = st.text_input("Name of this view", key=_key("view", "name"), placeholder="Range and filters")
        taken = (
            name.strip() and held["name"].str.casefold().eq(desk.clean(name[: 2 * desk.LONGEST_NAME]).casefold()).any()
        )
        overwrite = bool(taken) and st.checkbox("Replace the view of this name", key=_key("view", "overwrite"))
        if st.button("Save this view", key="desk_view_save", type="primary"):
            _write(
                at,
                "view",
                "The view is saved.",
                lambda lake, now: desk.save_view(lake, name, page, here, overwrite=overwrite, now=now),
            )
        if len(held):
            _manage_views(at, held)


def _view_links(held: pd.DataFrame, page: str, here: str) -> None:
    if held.empty:
        widgets.plain("No view is saved yet. A saved view is this page's address under a name.")
        return
    lines = []
    for row in held.itertuples():
        current = (row.page, row.query) == (page, here)
        link = desk.address(row.page, row.query)
        aria = ' aria-current="page"' if current else ""
        where = "shown now" if current else html.escape(row.page) if row.page != page else ""
        lines.append(
            f'<li style="overflow-wrap: anywhere"><a style="color: inherit" href="{html.escape(link)}"{aria}>'
            f"{html.escape(row.name[: desk.LONGEST_NAME])}</a>"
            f'<span class="nt-note"> {where}</span></li>'
        )
    with st.container(height=280 if len(held) > 10 else "content", border=False):
        st.html(f'<ul style="margin: 0; padding-left: 1.1rem">{"".join(lines)}</ul>')


def _manage_views(at: Snapshot, held: pd.DataFrame) -> None:
    with st.expander("Rename or delete"):
        names = dict(zip(held["view_id"], held["name"], strict=True))
        view_id = _chosen_of("View", names, "desk_view_chosen")
        name = st.text_input("New name", key=_key("view", "rename"))
        with st.container(horizontal=True, gap="small"):
            rename = st.button("Rename", key="desk_view_rename", disabled=view_id is None)
            delete = st.button("Delete", key="desk_view_delete", disabled=view_id is None)
    if rename and view_id:
        _write(at, "view", "The view is renamed.", lambda lake, _: desk.rename_view(lake, view_id, name))
    if delete and view_id:
        _write(at, "view", "The view is deleted.", lambda lake, _: desk.delete_view(lake, view_id))


# ── notes ─────────────────────────────────────────────────────────────────────────────────────────────


def note_form(
    at: Snapshot,
    when: pd.Timestamp | None,
    story_id: str | None,
    zone: str,
    *,
    known_at: pd.Timestamp | None = None,
) -> None:
    """A popover that writes a note on the chosen story, or on a time: ``when``, until another is typed.

    Times are typed and shown by the clocks of ``zone``. ``known_at``: the page's clock.
    """
    with st.popover("Note", icon=":material/edit_note:", key="desk_note"):
        _saved_lately("note")
        if known_at is not None:
            widgets.plain("The clock stands in the past: a note written now shows once it is set to now.")
        text = st.text_area("Note", key=_key("note", "text"), height=120)
        about = "story" if story_id else "time"
        if story_id:
            choices = {"story": "The chosen story", "time": "A time"}
            about = st.radio("About", list(choices), format_func=choices.get, key="desk_note_about", horizontal=True)
        begins = ends = ""
        if about == "time":
            with st.container(horizontal=True, gap="small"):
                shown = _typed_time(when, zone)
                begins = st.text_input(
                    "Time", shown, key=_key("note", f"at_{shown}"), placeholder="2025-03-28 14:05", width=185
                )
                ends = st.text_input("Until, for a span", key=_key("note", "until"), width=185)
            widgets.plain(f"By the clocks of {zone}; Z or an offset such as +01:00 says otherwise.")
        author = st.text_input(
            "Your name",
            st.session_state.get(AUTHOR, desk.default_author()),
            key="desk_note_author",
        )
        st.session_state[AUTHOR] = author
        if st.button("Save the note", key="desk_note_save", type="primary"):

            def write(lake: Lake, now: datetime) -> None:
                if about == "story":
                    desk.add_note(lake, text, story_id=story_id, author=author, now=now)
                    return
                start = desk.time_typed(begins, zone) if begins.strip() else None
                end = desk.time_typed(ends, zone) if ends.strip() else None
                desk.add_note(lake, text, at=start, until=end, author=author, now=now)

            _write(at, "note", "The note is saved.", write)


def notes_list(at: Snapshot, view: View) -> None:
    """The notes of the view's range at its clock, and, while the clock stands at now, a way to change one."""
    held = cached.desk(at, "notes", view.start, view.end, view.known_at)
    if held.empty:
        widgets.plain("No note stands in this range" + (" at this clock." if view.known_at is not None else "."))
        _saved_lately("notes")
        return
    shown = held.tail(NOTES_SHOWN)
    more = f", the last {len(shown):,} shown" if len(shown) < len(held) else ""
    widgets.head(f"{len(held):,} note{'s' * (len(held) != 1)} in this range{more}; times in {view.zone}")
    st.html("".join(_note(row, view.zone) for row in shown.itertuples()))
    if view.known_at is not None:
        widgets.plain("Shown as they stood at the clock; set it to now to change them.")
        return
    _saved_lately("notes")
    _change_note(at, shown, view.zone)


def _note(row: object, zone: str) -> str:
    until = "" if pd.isna(row.until) else f" to {_local(row.until, zone)}"
    by = f"{row.author}, written {_local(row.created_at.floor('min'), zone)}"
    if pd.notna(row.edited_at):
        by += f", changed {_local(row.edited_at.floor('min'), zone)}"
    story = ""
    if row.target_kind == "story":
        link = f"story?{urlencode({'story': row.story_id})}"
        story = f' · <a style="color: inherit" href="{html.escape(link)}">its story</a>'
    said = html.escape(row.note[: desk.LONGEST_NOTE])
    return (
        f'<div class="nt-card"><b>{html.escape(_local(row.at, zone) + until)}</b>{story}'
        f'<div style="white-space: pre-wrap; overflow-wrap: anywhere" dir="auto">{said}</div>'
        f'<div class="nt-note" dir="auto">{html.escape(by)}</div></div>'
    )


def _change_note(at: Snapshot, shown: pd.DataFrame, zone: str) -> None:
    texts = dict(zip(shown["note_id"], shown["note"], strict=True))
    labels = {row.note_id: f"{_local(row.at, zone)}  {desk.clean(row.note[:80])}" for row in shown.itertuples()}
    note_id = _chosen_of("Change a note", labels, "desk_notes_chosen")
    if note_id is None:
        return
    text = st.text_area("Its words", texts[note_id], key=_key("notes", note_id), height=120)
    with st.container(horizontal=True, gap="small"):
        save = st.button("Save the change", key="desk_notes_save", type="primary")
        delete = st.button("Delete the note", key="desk_notes_delete")
    by = st.session_state.get(AUTHOR, "")
    if save:
        _write(
            at,
            "notes",
            "The note is changed.",
            lambda lake, now: desk.edit_note(lake, note_id, text, author=by, now=now),
        )
    if delete:
        _write(
            at, "notes", "The note is deleted.", lambda lake, now: desk.delete_note(lake, note_id, author=by, now=now)
        )


# ── watchlists ────────────────────────────────────────────────────────────────────────────────────────


def watchlist_picker(at: Snapshot) -> tuple[str, ...] | None:
    """Choose a watchlist, or none; the chosen one's assets in its order. Beside it a popover that edits lists.

    The choice stands in the address as ``list``, the list's id.
    """
    held = cached.desk(at, "watchlists").set_index("watchlist_id")
    named = st.query_params.get(LIST)
    st.session_state["desk_list"] = named if named in held.index else None
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Watchlist",
            list(held.index),
            None,
            format_func=held["name"].get,
            key="desk_list",
            placeholder="No list chosen" if len(held) else "No list yet",
            on_change=_list_chosen,
            width=200,
        )
        with st.popover("Lists", icon=":material/playlist_add:", key="desk_lists"):
            _saved_lately("list")
            if chosen:
                _change_list(at, chosen, held.loc[chosen, "name"], tuple(held.loc[chosen, "assets"]))
            _new_list(at)
    if named and chosen is None:
        widgets.plain("The watchlist named in the address is not stored; somebody may have deleted it.")
    return tuple(held.loc[chosen, "assets"]) if chosen else None


def _list_chosen() -> None:
    chosen = st.session_state["desk_list"]
    if chosen:
        st.query_params[LIST] = chosen
    else:
        st.query_params.pop(LIST, None)


def _change_list(at: Snapshot, watchlist_id: str, name: str, assets: tuple[str, ...]) -> None:
    widgets.head("This list")
    # What the fields began with: what another person changes meanwhile is kept, not undone.
    began = st.session_state.setdefault(_key("list", f"{watchlist_id}_began"), (name, assets))
    typed = st.text_input("Name", began[0], key=_key("list", f"{watchlist_id}_name"))
    wanted = st.text_area(
        "Assets, in order", ", ".join(began[1]), key=_key("list", f"{watchlist_id}_assets"), height=68
    )

    def change(lake: Lake, now: datetime) -> None:
        with lake.writing():
            if typed != began[0]:
                desk.rename_watchlist(lake, watchlist_id, typed)
            desk.arrange_watchlist(lake, watchlist_id, began[1], _symbols(wanted))

    with st.container(horizontal=True, gap="small"):
        save = st.button("Save the list", key="desk_list_save", type="primary")
        delete = st.button("Delete the list", key="desk_list_delete")
    if save:
        _write(at, "list", "The list is saved.", change)
    if delete:

        def remove(lake: Lake, now: datetime) -> None:
            desk.delete_watchlist(lake, watchlist_id)
            st.query_params.pop(LIST, None)

        _write(at, "list", "The list is deleted.", remove)


def _new_list(at: Snapshot) -> None:
    widgets.head("New list")
    name = st.text_input("Name of the new list", key=_key("list", "new_name"))
    assets = st.text_input("Its assets, in order", key=_key("list", "new_assets"), placeholder="BTC, ETH, SOL")

    def create(lake: Lake, now: datetime) -> None:
        st.query_params[LIST] = desk.create_watchlist(lake, name, _symbols(assets), now=now)

    if st.button("Make the list", key="desk_list_create"):
        _write(at, "list", "The list is made.", create)


def _symbols(text: str) -> list[str]:
    return text.replace(",", " ").replace(";", " ").split()


# ── what the pieces share ─────────────────────────────────────────────────────────────────────────────


def _write(at: Snapshot, piece: str, told: str, write: Callable[[Lake, datetime], object]) -> None:
    """Write and draw the whole page again; where that cannot be done, say why and leave what was typed."""
    try:
        with st.spinner("Saving …"):
            write(Lake(at.home, lock_wait_s=WAIT_S), datetime.now(UTC))
    except NameTaken as taken:
        problem = f"{taken} Choose another name" + (", or tick the box to replace it." * (piece == "view") or ".")
    except NotSaved as refused:
        problem = str(refused)
    except LakeBusy:
        problem = BUSY
    except LakeError as error:
        problem = str(error)
    else:
        st.session_state[_number(piece)] = st.session_state.get(_number(piece), 0) + 1
        st.session_state[f"desk_{piece}_told"] = told
        st.rerun()
    st.html(f'<div class="nt-alert" role="alert">{html.escape(problem)}</div>')


def _saved_lately(piece: str) -> None:
    told = st.session_state.pop(f"desk_{piece}_told", None)
    place = st.empty()  # kept: what comes and goes would shut an expander that stands below it
    if told:
        place.html(f'<div class="nt-note" role="status">{html.escape(told)}</div>')


def _number(piece: str) -> str:
    return f"desk_{piece}_number"


def _key(piece: str, field: str) -> str:
    """Fields are new ones, and empty, after each thing that was saved."""
    return f"desk_{piece}{st.session_state.get(_number(piece), 0)}_{field}"


def _chosen_of(label: str, names: Mapping[str, str], key: str) -> str | None:
    """One of these, by what it is called; options are drawn as text."""
    if st.session_state.get(key) not in names:
        st.session_state.pop(key, None)
    return st.selectbox(label, list(names), None, format_func=names.get, key=key, placeholder="Choose one")


def _local(at: pd.Timestamp, zone: str) -> str:
    local = at.tz_convert(zone)
    return f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"


def _typed_time(at: pd.Timestamp | None, zone: str) -> str:
    """An instant as someone in the zone would type it; where the zone's clocks show that twice, in UTC."""
    if at is None:
        return ""
    at = at.floor("s")
    try:
        local = _local(at, zone)
        return local if desk.time_typed(local, zone) == at else stamp(at)
    except NotSaved:
        return stamp(at)
