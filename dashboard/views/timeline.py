"""The home page: news on a timeline against price and total market cap, and the story behind a marker.

The address says what is shown; the controls reflect it and write to it. A range change draws the chart and the table
again and nothing else, a chosen story the table and its panel: each is a fragment with a key.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from dashboard import cached, widgets, words
from dashboard.chart import ChartEvent, chart
from dashboard.timeline_chart import NOTE_ID
from dashboard.views import desk, evidence, ranges, replay, story
from dashboard.views.timeline_controls import SEARCH, choose, controls, current, range_controls, shown_range
from data.reading import Reading
from data.view import View, params
from data.view_tables import VIEW_TABLES
from data.view_tables import shown as tables_shown

#: Rows of the table at a time; the CSV holds them all.
PAGE_ROWS = 100
#: The panel beside the chart scrolls.
PANEL_PX = 900
#: The story a new lake opens with: the one the tool was made for.
EXAMPLE = "Trump plans to receive El Salvador's Bukele"

COLUMNS = {
    "shown_at": "Time",
    "title": "Story",
    "price_usd": "Price",
    "move_m24h": "−24 h",
    "move_p24h": "+24 h",
    "move_p7d": "+7 d",
    "publisher": "Publisher",
    "topics": "Topics",
    "published_precision": "Known to the",
    "outcome": "Outcome",
}
MOVES = ("move_m24h", "move_p24h", "move_p7d")
#: Of which column of ``Reading.table`` each is made.
READ = {name: name.replace("move_", "log_return_") for name in COLUMNS}


def page() -> None:
    widgets.style()
    at = widgets.require_lake()
    reading = cached.reading(at)
    view = current(reading)
    bar_s = reading.prices(view).bar_s
    replay.bar(view, steps=bar_s, button=False)
    if view.known_at is None:
        widgets.stale_notice(at, view.asset, reading.stored().last_price)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="controls"):
        controls(reading, view)
        desk.saved_views(at, widgets.HOME, lambda: params(current(cached.reading(at), tell=False)))
        desk.note_form(at, None, view.story, view.zone, known_at=view.known_at)
        replay.chooser(view, steps=bar_s)
    # By its key the page's style puts them below one another where the screen is narrow.
    drawn, beside = st.container(key="below").columns([2.7, 1], gap="medium")
    with drawn:
        _chart()
    with beside:
        _panel()
    _table()


# ── chart ─────────────────────────────────────────────────────────────────────────────────────────────


@st.fragment(key="chart")
def _chart() -> None:
    reading = cached.reading(widgets.require_lake())
    view = current(reading, tell=False)
    range_controls(reading, view)
    drawn, chosen = cached.timeline(reading, view), _chosen(reading, view)
    chart(
        drawn.payload,
        key="timeline",
        height=drawn.height,
        selected=chosen,
        selected_at=chosen and reading.published(chosen, view.known_at),
        picture=st.session_state.get("picture_asked"),
        search=SEARCH,
        on_event=_happened,
    )
    widgets.plain(drawn.summary)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        widgets.csv_links(tables_shown(view), ranges.said(view))
        evidence.button(reading, view, drawn.payload, st.session_state.get("picture"), drawn.summary)


def _happened(event: ChartEvent) -> None:
    """What the hand did on the chart, before anything is read again."""
    reading = cached.reading(widgets.require_lake())
    if event.range:
        shown_range(reading, *(pd.Timestamp(at).as_unit("us") for at in event.range), "chart", "table")
    if event.selected:
        story_id = event.selected
        if story_id.startswith(NOTE_ID):
            story_id = _story_of_note(reading, story_id.removeprefix(NOTE_ID))
        choose(reading, story_id, "chart", "table", "panel")
    if event.picture:
        st.session_state["picture"] = event.picture


def _story_of_note(reading: Reading, note_id: str) -> str | None:
    """The story a note is on; of a note on a time, the one chosen already."""
    view = current(reading, tell=False)
    notes = VIEW_TABLES["notes"](reading, view)
    found = notes.loc[(notes["note_id"] == note_id) & notes["story_id"].notna(), "story_id"]
    return found.iloc[0] if len(found) else view.story


# ── the story beside it ───────────────────────────────────────────────────────────────────────────────


@st.fragment(key="panel")
def _panel() -> None:
    at = widgets.require_lake()
    reading = cached.reading(at)
    view = current(reading, tell=False)
    chosen = _chosen(reading, view)
    with st.container(gap="xsmall", height=PANEL_PX, border=False, key="beside"):
        with st.container(horizontal=True, gap="small"):
            place = reading.place(view, chosen) if chosen else None
            _neighbour(reading, view, "Earlier", "arrow_back", "J", 0 if place is None else place + 1)
            _neighbour(reading, view, "Later", "arrow_forward", "K", None if place is None else place - 1)
        story.panel(at, view, chosen, example=view.story is None)


def _neighbour(reading: Reading, view: View, label: str, icon: str, shortcut: str, place: int | None) -> None:
    """A button that chooses the story at a place of the table, 0 the newest; idle where there is none."""
    rows = reading.rows(view, place, 1)[0] if place is not None and place >= 0 else ()
    st.button(
        label,
        key=f"story_{label}",
        icon=f":material/{icon}:",
        shortcut=shortcut,
        disabled=not len(rows),
        on_click=_choose,
        args=(rows["story_id"].iloc[0] if len(rows) else "",),
        help="The story before this one, of those shown" if label == "Earlier" else "The story after it",
        type="tertiary",
    )


def _choose(story_id: str) -> None:
    choose(cached.reading(widgets.require_lake()), story_id, "chart", "table", "panel")


def _chosen(reading: Reading, view: View) -> str | None:
    """The story the address names; on a lake without live news, the example."""
    return view.story or cached.example(reading, EXAMPLE, view.known_at)


# ── the table under it ────────────────────────────────────────────────────────────────────────────────


@st.fragment(key="table")
def _table() -> None:
    reading = cached.reading(widgets.require_lake())
    view = current(reading, tell=False)
    _stories(reading, view)
    if "notes" in view.panels and len(VIEW_TABLES["notes"](reading, view)):
        desk.notes_list(reading.snapshot, view)


def _stories(reading: Reading, view: View) -> None:
    chosen = _chosen(reading, view)
    first = _first_row(reading, view, chosen)
    rows, total = reading.table(view, first, PAGE_ROWS, ("story_id", *READ.values()))
    if total == 0:
        widgets.head("No story in this range")
        st.info(_why_empty(reading, view))
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        last = first + len(rows)
        told = f"{count(total)} in this range"
        widgets.head(told if len(rows) == total else f"{told}, {first + 1:,} to {last:,} listed, newest first")
        if len(rows) < total:
            for label, at, able in (("Newer", first - PAGE_ROWS, first > 0), ("Older", last, last < total)):
                st.button(
                    label, key=f"turn_{label}", on_click=_turn, args=(view, at), disabled=not able, type="tertiary"
                )
    listed(rows, view, chosen)


def _why_empty(reading: Reading, view: View) -> str:
    """Why there is none, and what to do."""
    if view.topics or view.about or view.sources or view.search:
        unfiltered = replace(view, topics=(), about=(), sources=(), search="")
        others = reading.rows(unfiltered, 0, 0)[1]
        if others:
            return f"No story fits the search and filters, without them {count(others)}: drop one, or widen the range."
    if view.known_at is not None:
        return "No story of this range was known at the clock. Widen the range, or step the clock forward."
    return "No story is stored for this range. Widen it, or bring more with `newstape refresh`."


def _first_row(reading: Reading, view: View, chosen: str | None) -> int:
    """Where the page of the table begins that was turned to; else that of the chosen story."""
    turned = st.session_state.get("turned")
    if turned and turned[0] == view:
        return turned[1]
    place = reading.place(view, chosen) if chosen else None
    return (place or 0) // PAGE_ROWS * PAGE_ROWS


def _turn(view: View, first: int) -> None:
    st.session_state["turned"] = (view, max(first, 0))
    st.rerun(["table"])


def count(stories: int) -> str:
    return f"{stories:,} stor{'y' if stories == 1 else 'ies'}"


def listed(rows: pa.Table, view: View, chosen: str | None) -> None:
    """The table; ticking a row chooses its story."""
    ids = rows["story_id"].to_pylist()
    # A new key makes a new table, whose selection is the story chosen elsewhere.
    key = f"table_{hash((*ids, chosen))}"
    st.session_state["table_key"], st.session_state["table_ids"] = key, ids
    st.dataframe(
        _drawn(rows),
        key=key,
        on_select=_row_picked,
        selection_mode="single-row",
        hide_index=True,
        height="content" if len(ids) <= 10 else 420,
        selection_default={"selection": {"rows": [ids.index(chosen)] if chosen in ids else []}},
        column_order=list(COLUMNS),
        alt="Stories in this range, newest first",
        placeholder="–",
        column_config=_columns(words.zones_told(view.zone, view.start, view.end), view.zone),
    )


def _drawn(rows: pa.Table) -> pa.Table:
    """Moves as simple returns; a figure that is missing as nothing."""
    drawn = {"story_id": rows["story_id"]} | {name: rows[read] for name, read in READ.items()}
    drawn["title"] = pc.if_else(pc.equal(drawn["title"], ""), story.NOT_KEPT, drawn["title"])
    for name in MOVES:
        drawn[name] = pa.array(np.expm1(drawn[name].to_numpy()), from_pandas=True)
    drawn["price_usd"] = pa.array(drawn["price_usd"].to_numpy(), from_pandas=True)
    return pa.table(drawn)


@cache
def _columns(told: str, zone: str) -> dict[str, object]:
    widths = {"published_precision": 95, "title": 400, "publisher": 120, "topics": 150, "outcome": 80}
    return {
        **{name: st.column_config.TextColumn(COLUMNS[name], width=width) for name, width in widths.items()},
        "shown_at": st.column_config.DatetimeColumn(
            f"{COLUMNS['shown_at']} ({told})", format="YYYY-MM-DD HH:mm", timezone=zone, width=140
        ),
        "price_usd": st.column_config.NumberColumn(COLUMNS["price_usd"], format="dollar", width=92),
        **{name: st.column_config.NumberColumn(COLUMNS[name], format="percent", width=70) for name in MOVES},
    }


def _row_picked() -> None:
    rows = st.session_state[st.session_state["table_key"]]["selection"]["rows"]
    if rows:
        reading = cached.reading(widgets.require_lake())
        choose(reading, st.session_state["table_ids"][rows[0]], "chart", "panel")
