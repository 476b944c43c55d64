"""The form under an article that is added or corrected: what was read of it, to be put right and saved."""

from __future__ import annotations

import html
import json
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from dashboard import widgets, words
from data import gazetteers
from data.add_article import Draft, Saved, moved, save
from data.correction_values import COMPARATORS, KINDS, MODALITIES, QUANTITIES, Correction
from data.import_files import BadFile
from data.lake import Lake, LakeError, Snapshot
from data.times_written import read_time
from data.typed_story import Typed, TypedClaim, field_text, outcome, typed_claim, values_of
from data.view import NAMES

LABELS = {"title": "Title", "publisher": "Publisher", "author": "Author", "language": "Language (code)"}
MENTIONED = {
    "asset": "Assets",
    "topic": "Topics",
    "person": "People",
    "place": "Places",
    "organisation": "Organisations",
    "cited source": "Cites",
    "demonym": "As a demonym only",
    "embedded post": "Embedded posts",
}
QUANTITY = {
    "total_market_cap": "total market cap",
    "asset_market_cap": "an asset's market cap",
    "price": "price",
    "pct_change": "change in percent",
    "dominance": "dominance",
    "drawdown_from_ath": "below the all-time high",
}
COMPARISON = {"eq": "is", "lt": "below", "gt": "above", "approx": "about"}
#: So much of a text is shown; all of it is stored.
SHOWN_CHARACTERS, SHOWN_LINES = 20_000, 40
#: Waiting longer for another writer would look like a page that hangs.
WAIT_S = 4.0


def form(at: Snapshot, draft: Draft, prefix: str, zone: str) -> Saved | None:
    """Draw it; what came of saving where that was asked for and done. ``prefix``: of the widgets' keys."""
    _stored_already(draft, zone)
    left, right = st.columns([1.2, 1], gap="medium")
    with right:
        _text(draft)
    with left:
        draft, address_problem = _address(at, draft, prefix)
        typed = Typed(
            _fields(draft, prefix, zone), _mentions(draft, prefix), _claims(draft, prefix), _held(draft, prefix, zone)
        )
        return _save(at, draft, typed, address_problem, prefix)


def way(page: str, zone: str, **query: str) -> str:
    """The address of a page, with the zone, as an attribute of HTML holds it."""
    if zone != "UTC":
        query[NAMES["zone"]] = zone
    return html.escape(f"{page}?{urlencode(query)}" if query else page)


# ── what stands in the lake ───────────────────────────────────────────────────────────────────────────


def _stored_already(draft: Draft, zone: str) -> None:
    for row in draft.same.itertuples():
        told = f"“{row.title}”, {row.publisher}, {words.when(row.published_at, row.published_precision, zone)}"
        if not draft.stored and row.article_id == draft.article_id:
            told = f"Already stored: {told}. Saving makes this its newest text."
        else:
            told = f"Stored already with the same {row.same}: {told}."
        st.html(
            f'<div class="nt-alert" role="status">{html.escape(told)} '
            f'<a style="color: inherit" href="{way("add", zone, article=row.article_id)}">Correct that one</a></div>'
        )


def _held(draft: Draft, prefix: str, zone: str) -> list[Correction]:
    """Corrections of before; those to take back."""
    if not draft.corrections:
        return []
    widgets.head("Corrections so far")
    stated = json.loads(draft.row["stated"]) if pd.notna(draft.row["stated"]) else {}
    back = []
    for n, one in enumerate(draft.corrections):
        widgets.plain(_told(one, stated), "")
        by = f"{one.author}, {words.when(one.created_at, zone=zone)}: {one.note}"
        widgets.plain(by)
        if st.checkbox("Take back", key=f"{prefix}back{n}"):
            back.append(one)
    return back


def _told(one: Correction, stated: dict) -> str:
    """A correction in words."""
    if one.field == "mention":
        _, kind, value = one.thing
        return f"{kind} {value}: {'not mentioned' if one.value is None else 'mentioned'}"
    if one.field == "claim":
        _, quantity, quote = one.thing
        told = "no claim" if one.value is None else f"{one.value['asset']} {one.value['value']:,}"
        return f"“{quote}” ({QUANTITY.get(quantity, quantity)}): {told}"
    name = LABELS.get(one.field, "Published").lower()
    return f"{name}: {one.value or 'none'}; the publisher states {stated.get(one.field) or 'none'}"


# ── what was read ─────────────────────────────────────────────────────────────────────────────────────


def _text(draft: Draft) -> None:
    row = draft.row
    widgets.head("What was read")
    body = row["body"] if pd.notna(row["body"]) else row["text"] if pd.notna(row["text"]) else ""
    with st.container(height=460 if len(body) > 1500 else "content", border=True):
        st.text(body[:SHOWN_CHARACTERS] or "No text is stored of this story.")
        if len(body) > SHOWN_CHARACTERS:
            widgets.plain(f"{len(body) - SHOWN_CHARACTERS:,} more characters are read and stored.")
    if pd.notna(row["date_conflicts"]):
        widgets.facts([("Dates disagree", words.quoted(row["date_conflicts"]))])
    for name, label in (
        ("captions", "Captions"),
        ("posts", "Embedded posts"),
        ("boilerplate", "Left out as boilerplate"),
    ):
        if pd.notna(row[name]):
            with st.expander(label, expanded=name != "boilerplate"):
                st.text(row[name][:SHOWN_CHARACTERS])
    unread, count = draft.unread(SHOWN_LINES)
    if count:
        with st.expander(f"{count:,} figure{'s' * (count != 1)} not read as a claim"):
            for line in unread:
                widgets.plain(line)
            if count > len(unread):
                widgets.plain(f"and {count - len(unread):,} more")


# ── what can be put right ─────────────────────────────────────────────────────────────────────────────


def _address(at: Snapshot, draft: Draft, prefix: str) -> tuple[Draft, str | None]:
    """The address is what an article is known by: another one makes another article."""
    url = "" if pd.isna(draft.row["url"]) else draft.row["url"]
    widgets.head("The article")
    typed = st.text_input(
        "Address",
        url,
        key=f"{prefix}url",
        disabled=draft.stored,
        help="A stored article keeps its address: it is what the next refresh knows it by" if draft.stored else None,
    )
    if draft.stored or typed.strip() == url:
        return draft, None
    try:
        draft = moved(at, draft, typed)
    except BadFile as error:
        return draft, str(error)
    return draft, None


def _fields(draft: Draft, prefix: str, zone: str) -> dict[str, str]:
    row = draft.row
    typed = {"title": st.text_input("Title", field_text(draft, "title"), key=f"{prefix}title", max_chars=1000)}
    if row["title_derived"]:
        widgets.plain("The text has no headline; this one is its first words.")
    with st.container(horizontal=True, gap="small"):
        for name in ("publisher", "author", "language"):
            typed[name] = st.text_input(
                LABELS[name], field_text(draft, name), key=f"{prefix}{name}", width=100 if name == "language" else 220
            )
    typed["published_at"] = st.text_input(
        "Published",
        field_text(draft, "published_at"),
        key=f"{prefix}published_at",
        placeholder="2025-03-28, or 2025-03-28T17:17Z",
        help="As far as it is known: 2025-03 is a month, 2025-03-28 a day; a time of day needs Z (UTC) or an offset",
        width=260,
    )
    widgets.plain(_published(typed["published_at"], row, zone))
    return typed


def _published(text: str, row: pd.Series, zone: str) -> str:
    if text.strip():
        try:
            at, precision = read_time(text)
        except ValueError as error:
            return str(error)
        return f"{words.when(pd.Timestamp(at), precision, zone)}, known to the {precision}"
    if pd.notna(row["published_not_before"]):
        return f"Unknown; not before {row['published_not_before']:%Y-%m-%d} (UTC)"
    return "Unknown"


def _mentions(draft: Draft, prefix: str) -> dict[str, list[str]]:
    widgets.head("Who and what")
    known: dict[str, set[str]] = {}
    for name in gazetteers.load().names:
        known.setdefault("cited source" if name.kind == "source" else name.kind, set()).add(name.value)
    typed = {}
    with st.container(horizontal=True, gap="small"):
        for kind in sorted(KINDS, key=list(MENTIONED).index):
            read = values_of(draft, kind)
            if kind in ("demonym", "embedded post") and not read:
                continue
            typed[kind] = st.multiselect(
                MENTIONED[kind],
                sorted({*known.get(kind, ()), *read}),
                default=read,
                key=f"{prefix}{kind}",
                accept_new_options=kind not in ("topic", "embedded post"),
                placeholder="None",
                width=300,
            )
    return typed


def _claims(draft: Draft, prefix: str) -> list[TypedClaim]:
    widgets.head("Figures it states")
    typed = [_claim(typed_claim(row), f"{prefix}claim{n}_") for n, row in enumerate(draft.claims.itertuples())]
    if not typed:
        widgets.plain("No claim was read from the text.")
    further = f"{prefix}further"
    if st.button("Add a claim", key=f"{prefix}add_claim", icon=":material/add:"):
        st.session_state[further] = st.session_state.get(further, 0) + 1
    blank = TypedClaim("", "total_market_cap", "TOTAL", "")
    return typed + [_claim(blank, f"{prefix}new{n}_") for n in range(st.session_state.get(further, 0))]


def _claim(shown: TypedClaim, key: str) -> TypedClaim:
    with st.container(border=True, gap="xsmall"):
        keep = st.checkbox("Is stated", True, key=f"{key}keep")
        quote = st.text_area("Words of the text", shown.quote, key=f"{key}quote", height=68, disabled=not keep)
        with st.container(horizontal=True, gap="small"):
            quantity = st.selectbox(
                "Quantity",
                list(QUANTITIES),
                list(QUANTITIES).index(shown.quantity),
                format_func=QUANTITY.get,
                key=f"{key}quantity",
                width=190,
                disabled=not keep,
            )
            asset = st.text_input("Asset", shown.asset, key=f"{key}asset", width=90, disabled=not keep)
            comparator = st.selectbox(
                "It",
                COMPARATORS,
                COMPARATORS.index(shown.comparator),
                format_func=COMPARISON.get,
                key=f"{key}comparator",
                width=95,
                disabled=not keep,
            )
            unit = "US dollars" if QUANTITIES[quantity] == "USD" else "percent"
            value = st.text_input(f"Figure ({unit})", shown.value, key=f"{key}value", width=150, disabled=not keep)
            modality = st.selectbox(
                "Meant as", MODALITIES, MODALITIES.index(shown.modality), key=f"{key}modality", width=120,
                disabled=not keep,
            )  # fmt: skip
            as_of = st.text_input(
                "Stated for",
                shown.as_of,
                key=f"{key}as_of",
                placeholder="the publication",
                help="A day, an instant, or two with / between; empty: the time of publication",
                width=200,
                disabled=not keep,
            )
    return TypedClaim(quote, quantity, asset.strip(), value.strip(), comparator, modality, as_of.strip(), keep)


# ── saving ────────────────────────────────────────────────────────────────────────────────────────────


def _save(at: Snapshot, draft: Draft, typed: Typed, problem: str | None, prefix: str) -> Saved | None:
    widgets.head("Save")
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        author = st.text_input("Your name", key="add_author", placeholder="analyst", max_chars=100, width=160)
        note = st.text_input("Why (kept with corrections)", key=f"{prefix}note", max_chars=1000, width=260)
        pressed = st.button(
            "Save the corrections" if draft.stored else "Save the story", key=f"{prefix}save", type="primary"
        )
    if not pressed:
        return None
    now = pd.Timestamp.now("UTC").to_pydatetime()
    found = outcome(draft, typed, now)
    problems = [*filter(None, [problem]), *found.problems]
    if draft.stored and not (found.made or problems):
        problems = ["Nothing was changed, so there is nothing to save."]
    if not problems:
        try:
            with st.spinner("Saving …"):
                return save(Lake(at.home, lock_wait_s=WAIT_S), draft, found.made, author=author, note=note, now=now)
        except (LakeError, BadFile) as error:
            problems = [str(error)]
    for sentence in problems:
        widgets.plain(sentence, "nt-alert")
    return None
