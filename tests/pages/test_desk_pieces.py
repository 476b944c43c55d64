"""What analysts write on a page: views, notes and watchlists, and what the page says where that cannot be kept."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from pages_run import html
from story_lakes import OUT, story_lake
from streamlit.testing.v1 import AppTest

from data import desk, queries
from data.home import ENV
from data.lake import Lake

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
MARCH = {"from": ["2025-03-01"], "to": ["2025-03-31"], "topic": ["tariffs & trade", "mining"]}
#: What a label or a page's HTML would make something of.
HOSTILE = "<img src=https://x.example/a.png> **bold** [a](https://x.example) :red[b] ![c](https://x.example/c.png)"


def t(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC").as_unit("us")


@pytest.fixture
def here(home: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    monkeypatch.setattr("dashboard.views.desk.WAIT_S", 0.2)
    monkeypatch.setenv(ENV, str(home))
    monkeypatch.delenv(desk.AUTHOR_ENV, raising=False)
    return Lake(str(home), lock_wait_s=0.2)


@pytest.fixture
def draw() -> Callable[..., AppTest]:
    """Run one piece on a page of its own."""

    def draw(call: str, **query: str) -> AppTest:
        app = AppTest.from_string(
            "import pandas as pd\nimport streamlit as st\nfrom dashboard import cached\n"
            "from dashboard.views.desk import *\nfrom data.view import View, parse\n"
            f"at = cached.snapshot()\ngiven = {call}\n"
            "if given is not None: st.text(f'given: {given}')",
            default_timeout=30,
        )
        for name, value in query.items():
            app.query_params[name] = value
        return ran(app)

    return draw


def ran(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, app.exception
    return app


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click()
    return ran(app)


def field(app: AppTest, ending: str):
    [found] = [one for one in [*app.text_input, *app.text_area] if one.key.endswith(ending)]
    return found


def labels(app: AppTest) -> list[str]:
    """Every label of a widget: the texts that are read as Markdown."""
    kinds = ("button", "checkbox", "radio", "selectbox", "text_area", "text_input", "expander", "popover", "markdown")
    return [str(getattr(one, "label", "") or getattr(one, "value", "")) for kind in kinds for one in app.get(kind)]


# ── saved views ───────────────────────────────────────────────────────────────────────────────────────

VIEWS = f"saved_views(at, 'timeline', {MARCH!r})"


def names(lake: Lake) -> list[str]:
    return list(queries.saved_views(lake.pin())["name"])


def test_a_view_is_saved_under_a_name_and_listed_as_a_link(draw, here):
    app = draw(VIEWS)
    assert "No view is saved yet" in html(app)
    field(app, "_name").set_value("March")
    app = press(app, "desk_view_save")
    assert "The view is saved." in html(app)
    link = 'href="./?from=2025-03-01&amp;to=2025-03-31&amp;topic=tariffs+%26+trade&amp;topic=mining"'
    assert f'{link} aria-current="page">March</a>' in html(app)
    assert field(app, "_name").value == ""
    assert "The view is saved." not in html(ran(app))  # said once


def test_a_name_that_is_taken_is_told_and_replaced_only_when_that_is_ticked(draw, here):
    desk.save_view(here, "March", "timeline", {"from": ["2024-03-01"]}, now=NOW)
    app = draw(VIEWS)
    field(app, "_name").set_value("march")
    app = press(app, "desk_view_save")
    assert "There is a view named “March” already. Choose another name, or tick the box to replace it." in html(app)
    assert field(app, "_name").value == "march"
    app.checkbox[0].check()
    app = press(app, "desk_view_save")
    view = queries.saved_views(here.pin())
    assert desk.saved_params(view["query"].iloc[0]) == MARCH
    assert list(view["name"]) == ["march"]


def test_a_view_is_renamed_and_deleted(draw, here):
    first = desk.save_view(here, "One", "timeline", MARCH, now=NOW)
    desk.save_view(here, "Two", "market", {"from": ["2025-01-01"]}, now=NOW)
    app = draw(VIEWS)
    app.selectbox(key="desk_view_chosen").set_value(first)
    app = ran(app)
    field(app, "_rename").set_value("two")
    app = press(app, "desk_view_rename")
    assert "There is a view named “Two” already." in html(app)
    field(app, "_rename").set_value("Three")
    app = press(app, "desk_view_rename")
    assert names(here) == ["Three", "Two"]
    app.selectbox(key="desk_view_chosen").set_value(first)
    app = press(ran(app), "desk_view_delete")
    assert names(here) == ["Two"]
    assert app.selectbox(key="desk_view_chosen").value is None


def test_a_page_hands_its_address_over_when_it_is_asked(draw, here):
    app = draw("saved_views(at, 'market', lambda: {'asset': ['ETH']})")
    field(app, "_name").set_value("Ether")
    press(app, "desk_view_save")
    assert queries.saved_views(here.pin())[["page", "query"]].values.tolist() == [["market", "asset=ETH"]]


# ── notes ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_note_is_written_on_the_time_shown_by_the_clocks_of_the_zone(draw, here):
    app = draw("note_form(at, pd.Timestamp('2025-03-28T08:35Z'), None, 'Asia/Kolkata')")
    assert field(app, "_at_2025-03-28 14:05").value == "2025-03-28 14:05"
    field(app, "_text").set_value("Volume jumps here\nand falls")
    field(app, "_author").set_value("Ann")
    app = press(app, "desk_note_save")
    assert "The note is saved." in html(app)
    assert field(app, "_text").value == ""
    [row] = queries.notes(here.pin()).to_dict("records")
    assert (row["at"], row["note"], row["author"]) == (t("2025-03-28 08:35"), "Volume jumps here\nand falls", "Ann")
    assert field(app, "_author").value == "Ann"  # remembered


def test_a_note_on_a_span_is_typed(draw, here):
    app = draw("note_form(at, None, None, 'America/New_York')")
    field(app, "_text").set_value("Strike")
    field(app, "_at_").set_value("2025-03-08")
    field(app, "_until").set_value("2025-03-10")
    press(app, "desk_note_save")
    [row] = queries.notes(here.pin()).to_dict("records")
    # The clocks of New York go from UTC−5 to UTC−4 in between.
    assert (row["at"], row["until"]) == (t("2025-03-08 05:00"), t("2025-03-10 04:00"))


@pytest.mark.parametrize(
    ("text", "time", "said"),
    [
        ("", "2025-03-28", "The note is empty: write something first."),
        ("x" * 4001, "2025-03-28", "The note has 4,001 characters; 4,000 can be kept."),
        ("x", "", "Say which time the note is on."),
        ("x", "soon", "“soon” cannot be used: it is not a time such as 2025-03-28T14:05Z."),
        ("x", "2025-03-09 02:30", "The clocks of America/New_York leave that time out"),
    ],
)
def test_what_cannot_be_kept_is_told_in_a_sentence_and_stays_in_its_field(draw, here, text, time, said):
    app = draw("note_form(at, None, None, 'America/New_York')")
    field(app, "_text").set_value(text)
    field(app, "_at_").set_value(time)
    app = press(app, "desk_note_save")
    assert said in html(app)
    assert (field(app, "_text").value, field(app, "_at_").value) == (text, time)
    assert queries.notes(here.pin()).empty


def test_while_a_refresh_writes_the_note_stays_in_the_form_and_is_saved_later(draw, here):
    app = draw("note_form(at, pd.Timestamp('2025-03-28T14:05Z'), None, 'UTC')")
    field(app, "_text").set_value("not to be lost")
    with Lake(here.home).writing():
        app = press(app, "desk_note_save")
        assert "A refresh or another person is writing to the lake just now. Nothing was saved" in html(app)
    assert field(app, "_text").value == "not to be lost"
    assert queries.notes(here.pin()).empty
    press(app, "desk_note_save")
    assert list(queries.notes(here.pin())["note"]) == ["not to be lost"]


def test_a_note_on_the_chosen_story_stands_where_the_story_is_shown(draw, here):
    story_lake(Path(here.home))
    app = draw("note_form(at, pd.Timestamp('2024-01-01T00:00Z'), 'harbour', 'UTC')")
    assert app.radio(key="desk_note_about").value == "story"
    field(app, "_text").set_value("Compare with last year's vote")
    press(app, "desk_note_save")
    [row] = queries.notes(here.pin()).to_dict("records")
    assert (row["story_id"], row["at"].to_pydatetime(), row["author"]) == ("harbour", OUT, "analyst")


def test_a_clock_in_the_past_says_when_a_note_will_show(draw, here):
    app = draw("note_form(at, None, None, 'UTC', known_at=pd.Timestamp('2025-03-28T14:05Z'))")
    assert "a note written now shows once it is set to now" in html(app)


LIST = "notes_list(at, parse(st.query_params.to_dict() or {}, View(pd.Timestamp('2025-03-01', tz='UTC'), " + (
    "pd.Timestamp('2025-04-01', tz='UTC')))[0])"
)


def test_notes_of_the_range_are_listed_changed_and_deleted(draw, here):
    desk.add_note(here, "before the range", at=t("2025-02-01"), now=NOW)
    note = desk.add_note(here, "inside", at=t("2025-03-28 14:05"), author="Ann", now=NOW)
    app = draw(LIST, tz="Asia/Kolkata")
    assert "1 note in this range; times in Asia/Kolkata" in html(app)
    assert "<b>2025-03-28 19:35</b>" in html(app)
    assert "before the range" not in html(app)
    app.selectbox(key="desk_notes_chosen").set_value(note)
    app = ran(app)
    field(app, note).set_value("inside, and sure")
    app = press(app, "desk_notes_save")
    assert "The note is changed." in html(app)
    assert "inside, and sure" in html(app)
    assert "Ann, written 2026-11-20 14:30, changed" in html(app)
    app = press(app, "desk_notes_delete")
    assert "No note stands in this range" in html(app)
    assert "The note is deleted." in html(app)
    assert len(queries.note_history(here.pin(), note)) == 3


def test_at_a_clock_notes_are_read_as_they_stood_and_not_changed(draw, here):
    note = desk.add_note(here, "first words", at=t("2025-03-28"), now=NOW)
    desk.edit_note(here, note, "second words", now=NOW.replace(hour=11))
    app = draw(LIST, known="2026-11-20T10:00Z")
    assert "first words" in html(app)
    assert "second words" not in html(app)
    assert not app.button
    assert "No note stands in this range at this clock." in html(draw(LIST, known="2026-11-20T08:00Z"))


# ── watchlists ────────────────────────────────────────────────────────────────────────────────────────

PICK = "watchlist_picker(at)"


def given(app: AppTest) -> str:
    return next((one.value for one in app.text if one.value.startswith("given")), "")


def test_a_list_is_made_and_is_the_chosen_one(draw, here):
    app = draw(PICK)
    assert given(app) == ""
    field(app, "_new_name").set_value("Mine")
    field(app, "_new_assets").set_value("btc, ETH sol")
    app = press(app, "desk_list_create")
    assert given(app) == "given: ('BTC', 'ETH', 'SOL')"
    [watchlist_id] = queries.watchlists(here.pin())["watchlist_id"]
    assert app.query_params["list"] == watchlist_id


def test_the_address_says_which_list_and_the_box_writes_to_it(draw, here):
    one = desk.create_watchlist(here, "One", ["BTC"], now=NOW)
    two = desk.create_watchlist(here, "Two", ["ETH"], now=NOW)
    app = draw(PICK, list=two)
    assert given(app) == "given: ('ETH',)"
    app.selectbox(key="desk_list").set_value(one)
    app = ran(app)
    assert given(app) == "given: ('BTC',)"
    assert app.query_params["list"] == one
    app.selectbox(key="desk_list").set_value(None)
    app = ran(app)
    assert (given(app), "list" in app.query_params) == ("", False)
    assert "is not stored" in html(draw(PICK, list="gone"))


def test_a_list_is_renamed_reordered_and_deleted(draw, here):
    one = desk.create_watchlist(here, "One", ["BTC", "ETH"], now=NOW)
    app = draw(PICK, list=one)
    assert field(app, f"{one}_assets").value == "BTC, ETH"
    field(app, f"{one}_name").set_value("Won")
    field(app, f"{one}_assets").set_value("SOL ETH BTC")
    app = press(app, "desk_list_save")
    assert given(app) == "given: ('SOL', 'ETH', 'BTC')"
    assert list(queries.watchlists(here.pin())["name"]) == ["Won"]
    field(app, f"{one}_assets").set_value(" ")
    app = press(app, "desk_list_save")
    assert "A watchlist has at least one asset" in html(app)
    app = press(app, "desk_list_delete")
    assert queries.watchlists(here.pin()).empty
    assert "list" not in app.query_params


def test_what_another_person_added_meanwhile_stays(draw, here):
    one = desk.create_watchlist(here, "One", ["BTC"], now=NOW)
    app = draw(PICK, list=one)
    desk.arrange_watchlist(here, one, ["BTC"], ["BTC", "ADA"])
    desk.rename_watchlist(here, one, "Theirs")
    app = ran(app)  # the page sees it, and the fields that are being edited do not move
    assert field(app, f"{one}_assets").value == "BTC"
    field(app, f"{one}_assets").set_value("SOL, BTC")
    app = press(app, "desk_list_save")
    assert given(app) == "given: ('SOL', 'BTC', 'ADA')"
    assert list(queries.watchlists(here.pin())["name"]) == ["Theirs"]


# ── untrusted words ───────────────────────────────────────────────────────────────────────────────────


def test_what_people_typed_never_stands_in_a_label_or_as_html(draw, here):
    view = desk.save_view(here, HOSTILE[:90], "timeline", {"q": [HOSTILE]}, now=NOW)
    note = desk.add_note(here, HOSTILE, at=t("2025-03-28"), author="<b>Ann</b>", now=NOW)
    watchlist = desk.create_watchlist(here, HOSTILE[:90], ["BTC"], now=NOW)
    calls = "[saved_views(at, 'timeline', {}), note_form(at, None, None, 'UTC'), " + LIST + ", watchlist_picker(at)][3]"
    app = draw(calls, list=watchlist)
    app.selectbox(key="desk_view_chosen").set_value(view)
    app.selectbox(key="desk_notes_chosen").set_value(note)
    app = ran(app)
    assert not any("bold" in one or "img" in one for one in labels(app))
    assert "<img" not in html(app)
    assert "<b>Ann" not in html(app)
    assert "&lt;img src=https://x.example/a.png&gt; **bold**" in html(app)


def test_a_brought_view_cannot_lead_anywhere_but_to_a_page(draw, here):
    bad = {"view_id": "v", "name": "bad", "page": 'javascript:alert(1)//"', "query": '"><script>', "created_at": NOW}
    with here.writing():
        here.merge("saved_views", desk._rows("saved_views", [bad]))
    app = draw(VIEWS)
    assert 'href="./?"' in html(app)
    assert "<script" not in html(app)


def test_a_lake_without_any_of_it_draws_every_piece(draw, here, sample_home, tmp_path, monkeypatch):
    monkeypatch.setenv(ENV, str(shutil.copytree(sample_home, tmp_path / "copy")))
    for call in (VIEWS, LIST, PICK, "note_form(at, None, None, 'UTC')"):
        assert given(draw(call)) == ""
