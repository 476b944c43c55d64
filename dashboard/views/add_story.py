"""Add a story: paste it, upload it or give its address; see what is read from it, correct that, save.

``/add?article=<id>`` opens a stored article to be corrected. Only pressing *Fetch the page* asks the network, and only
*Save* writes; what was typed stays where saving fails.
"""

from __future__ import annotations

import html
from collections.abc import Callable

import pandas as pd
import streamlit as st

from analysis.gazetteers import BadGazetteer
from dashboard import cached, widgets, words
from dashboard.views import add_story_form, replay
from dashboard.views.add_story_form import way
from data.add_article import Draft, Saved, draft_of, fetched_draft, stored_draft
from data.import_articles import MAX_ARTICLE_BYTES, MAX_PAGE_BYTES
from data.import_files import BadFile
from data.lake import LakeError, Snapshot
from data.view import FIRST_DAY, LAST_DAY, View

#: Of the page's own state: the article being added, which one it is, why none was read, and what was saved last.
DRAFT, NUMBER, PROBLEM, SAVED = "add_draft", "add_number", "add_problem", "add_saved"


def page() -> None:
    widgets.style()
    named, view = st.query_params.get("article"), replay.view_of(View(FIRST_DAY, LAST_DAY))
    st.subheader("Correct a story" if named else "Add a story")
    if view.known_at is not None:
        widgets.plain("The clock in the address changes nothing here: what is read and saved is of now.", "nt-alert")
    try:
        at = widgets.require_lake()
        replay.zone_field(view)
        _saved(st.session_state.get(SAVED), view.zone)
        draft = _stored(at, named, view.zone) if named else _given(at)
        if draft is not None:
            number = st.session_state.get(NUMBER, 0)
            saved = add_story_form.form(at, draft, f"add{named}_{number}_" if named else f"add{number}_", view.zone)
            if saved is not None:
                _keep(saved)
    except (LakeError, BadGazetteer) as error:
        widgets.plain(str(error), "nt-alert")


def _stored(at: Snapshot, article_id: str, zone: str) -> Draft | None:
    """The article as it was when it was opened or last saved: a refresh meanwhile moves nothing under one's hands."""
    opened = (article_id, st.session_state.get(NUMBER, 0))
    held = st.session_state.get(DRAFT)
    if not (isinstance(held, tuple) and held[0] == opened):
        held = (opened, stored_draft(at, article_id))
        st.session_state[DRAFT] = held
    if held[1] is None:
        st.warning("The article named in the address is not in this lake.")
        st.html(f'<a style="color: inherit" href="{way("add", zone)}">Add a story</a>')
    return held[1]


def _given(at: Snapshot) -> Draft | None:
    """The article that was given last, under the three ways to give one."""
    paste, upload, address = st.tabs(["Paste text", "Upload a file", "From an address"])
    with paste:
        text = st.text_area("Text of the story", key="add_text", height=200, placeholder="Headline, date and all")
        url = st.text_input("Address of the story, if it has one", key="add_text_url", placeholder="https://…")
        widgets.plain(f"Up to {MAX_ARTICLE_BYTES / 1e6:g} MB of text.")
        if st.button("Read the text", key="add_read_text", type="primary"):
            raw = text.encode("utf-8", "replace")
            _read(lambda now: draft_of(at, raw, "The text", now, url=url))
    with upload:
        file = st.file_uploader(
            "Text or saved page",
            type=["txt", "html", "htm"],
            key="add_file",
            max_upload_size=MAX_PAGE_BYTES // 1_000_000,
            help=f"Plain text up to {MAX_ARTICLE_BYTES / 1e6:g} MB, a web page up to {MAX_PAGE_BYTES / 1e6:g} MB",
        )
        if st.button("Read the file", key="add_read_file", type="primary"):
            if file is None:
                _refuse("Choose a file first.")
            else:
                _read(lambda now: draft_of(at, file.getvalue(), file.name, now))
    with address:
        asked = st.text_input("Address of the story", key="add_url", placeholder="https://…")
        widgets.plain("Fetched once, when you press the button, and from public addresses only.")
        if st.button("Fetch the page", key="add_fetch", type="primary"):
            _read(lambda now: fetched_draft(at, asked, now))
    if problem := st.session_state.get(PROBLEM):
        widgets.plain(problem, "nt-alert")
    draft = st.session_state.get(DRAFT)
    return draft if isinstance(draft, Draft) else None


def _read(read: Callable[[pd.Timestamp], Draft]) -> None:
    """Make what was given the draft, or say why it cannot be one."""
    try:
        with st.spinner("Reading …"):
            draft = read(pd.Timestamp.now("UTC").to_pydatetime())
    except BadFile as error:
        _refuse(str(error))
        return
    st.session_state[DRAFT] = draft
    _next()
    for name in (PROBLEM, SAVED):
        st.session_state.pop(name, None)
    st.rerun()


def _refuse(sentence: str) -> None:
    st.session_state[PROBLEM] = sentence
    for name in (DRAFT, SAVED):
        st.session_state.pop(name, None)


def _next() -> None:
    """What is drawn next has fields of its own, not the last one's."""
    st.session_state[NUMBER] = st.session_state.get(NUMBER, 0) + 1


def _keep(saved: Saved) -> None:
    cached.wait_for_stories()
    st.session_state[SAVED] = saved
    _next()
    for name in (DRAFT, PROBLEM):
        st.session_state.pop(name, None)
    st.rerun()


def _saved(saved: Saved | None, zone: str) -> None:
    if saved is None:
        return
    what = "The story is stored" if saved.counts.new else "Saved"
    told = (
        f"{what}, with {saved.corrections:,} correction{'s' * (saved.corrections != 1)}." if saved.corrections else ""
    )
    st.success(told or f"{what}." if saved.counts.written else told or "This story was stored already, just as it is.")
    around = pd.Timedelta(days=15)
    span = {"from": f"{saved.shown_at - around:%Y-%m-%d}", "to": f"{saved.shown_at + around:%Y-%m-%d}"}
    ways = {
        "Open the story": way("story", zone, story=saved.story_id),
        "On the timeline": way("./", zone, story=saved.story_id, **span),
        "Correct it": way("add", zone, article=saved.article_id),
        "Add another": way("add", zone),
    }
    links = (f'<a style="color: inherit" href="{address}">{name}</a>' for name, address in ways.items())
    shown = html.escape(words.when(saved.shown_at, zone=zone))
    st.html(f'{" · ".join(links)}<div class="nt-note">Shown at {shown}.</div>')
