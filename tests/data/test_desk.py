"""What analysts keep: nobody's words are lost, whoever writes at the same time, and a clock shows what stood then."""

from __future__ import annotations

import subprocess
import threading
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lake_rows import fit, merged, python, stored
from story_lakes import OUT, story_lake

from data import desk, queries
from data.desk import NameTaken, NotSaved
from data.lake import Lake, LakeBusy
from data.view import View, params, parse

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def t(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC").as_unit("us")


MARCH = (t("2025-03-01"), t("2025-04-01"))


def said(lake: Lake, *range_and_clock: object) -> list[str]:
    return list(queries.notes(lake.pin(), *range_and_clock)["note"])


# ── notes ─────────────────────────────────────────────────────────────────────────────────────────────


def test_notes_stand_in_the_ranges_they_touch(lake):
    desk.add_note(lake, "instant", at=t("2025-03-10 12:00"), now=NOW)
    desk.add_note(lake, "span", at=t("2025-03-20"), until=t("2025-03-22"), now=NOW)
    assert said(lake) == ["instant", "span"]
    assert said(lake, t("2025-03-10 12:00"), t("2025-03-20")) == ["instant"]
    assert said(lake, t("2025-03-01"), t("2025-03-10 12:00")) == []
    assert said(lake, t("2025-03-21"), t("2025-03-21 01:00")) == ["span"]
    assert said(lake, t("2025-03-22"), t("2025-03-23")) == []
    row = queries.notes(lake.pin()).iloc[1]
    assert (row["at"], row["until"], row["target_kind"]) == (t("2025-03-20"), t("2025-03-22"), "time")
    assert pd.isna(row["story_id"])
    assert (row["author"], row["created_at"].to_pydatetime(), row["edited_at"]) == ("analyst", NOW, pd.NaT)


def test_a_note_keeps_what_it_said_and_a_clock_shows_it(lake):
    note = desk.add_note(lake, "first", at=t("2025-03-10"), author="Ann", now=NOW)
    desk.edit_note(lake, note, "second", author="Bob", now=NOW + HOUR)
    desk.delete_note(lake, note, author="Bob", now=NOW + 2 * HOUR)
    seen = {hours: said(lake, None, None, NOW + hours * HOUR) for hours in (-1, 0, 0.5, 1, 1.5, 2)}
    assert seen == {-1: [], 0: ["first"], 0.5: ["first"], 1: ["second"], 1.5: ["second"], 2: []}
    assert said(lake) == []
    changed = queries.notes(lake.pin(), None, None, NOW + HOUR).iloc[0]
    assert (changed["note_id"], changed["author"]) == (note, "Ann")
    assert (changed["created_at"], changed["edited_at"]) == (pd.Timestamp(NOW), pd.Timestamp(NOW + HOUR))
    assert list(queries.note_history(lake.pin(), note)["author"]) == ["Ann", "Bob", "Bob"]
    with pytest.raises(NotSaved, match="deleted this note meanwhile"):
        desk.edit_note(lake, note, "third", now=NOW)
    with pytest.raises(NotSaved, match="not stored"):
        desk.delete_note(lake, "never", now=NOW)


def test_saving_twice_writes_once(lake):
    again = [desk.add_note(lake, "same ", at=t("2025-03-10"), now=NOW + n * HOUR) for n in range(2)]
    assert again[0] == again[1]
    version = lake.pin().versions["annotations"]
    desk.edit_note(lake, again[0], "same", now=NOW)
    assert lake.pin().versions["annotations"] == version
    desk.add_note(lake, "same", at=t("2025-03-11"), now=NOW)
    desk.add_note(lake, "same", at=t("2025-03-10"), author="Ann", now=NOW)
    assert len(stored(lake.pin(), "annotations")) == 3


def test_the_later_edit_holds_even_where_a_clock_went_back(lake):
    note = desk.add_note(lake, "first", at=t("2025-03-10"), now=NOW)
    desk.edit_note(lake, note, "second", now=NOW - HOUR)
    desk.edit_note(lake, note, "third", now=NOW - HOUR)
    assert said(lake) == ["third"]


def test_a_note_on_a_story_follows_it(home: Path):
    lake = story_lake(home)
    note = desk.add_note(lake, "look here", story_id="harbour", now=NOW)
    row = queries.notes(lake.pin(), *MARCH).iloc[0]
    assert (row["note_id"], row["story_id"], row["at"].to_pydatetime()) == (note, "harbour", OUT)
    with pytest.raises(NotSaved, match="not stored"):
        desk.add_note(lake, "look there", story_id="nowhere", now=NOW)
    # The story becomes part of another, which is shown later.
    stories = {row["story_id"]: row for row in stored(lake.pin(), "stories")}
    merged(lake, "stories", [stories["harbour"] | {"merged_into": "exchange"}])
    row, shown = queries.notes(lake.pin()).iloc[0], queries.stories(lake.pin(), story_id="exchange")["shown_at"].iloc[0]
    assert (row["story_id"], row["at"]) == ("exchange", shown)
    # It is no longer stored at all: the note is kept, where it was written.
    with lake.writing():
        lake.delete("stories", "story_id", ["harbour", "exchange"])
    row = queries.notes(lake.pin()).iloc[0]
    assert (row["story_id"], row["at"].to_pydatetime()) == ("harbour", NOW)


def test_a_clock_before_the_story_hides_its_note(home: Path):
    lake = story_lake(home)
    desk.add_note(lake, "written early", story_id="harbour", now=OUT - timedelta(days=30))
    assert said(lake) == ["written early"]
    assert said(lake, None, None, OUT - timedelta(days=1)) == []


def test_rows_that_someone_brought_break_nothing(lake):
    base = {"target_kind": "time", "author": "a", "created_at": NOW}
    brought = [
        {**base, "annotation_id": "a", "target_id": "the day it all began", "note": "no time"},
        {**base, "annotation_id": "b", "target_id": "infinity", "note": "endless"},
        {**base, "annotation_id": "c", "target_id": "2025-03-10/2025-03-01", "note": "ends early"},
        {**base, "annotation_id": "d", "target_id": "2025-03-10/x/y", "note": "odd", "was": "{[", "value": "}"},
        {**base, "annotation_id": "e", "target_id": "a1", "note": "on an article", "target_kind": "article"},
    ]
    merged(lake, "annotations", brought)
    found = queries.notes(lake.pin())
    assert list(found["note"]) == ["ends early", "odd"]
    assert found["until"].isna().all()


def test_notes_travel_as_a_file_with_their_history(lake, run, empty_home, tmp_path, monkeypatch):
    note = desk.add_note(lake, "=first, “quoted”\nline", at=t("2025-03-10"), now=NOW)
    desk.edit_note(lake, note, "second", now=NOW + HOUR)
    desk.create_watchlist(lake, "Mine", ["BTC", "ETH"], now=NOW)
    desk.save_view(lake, "March", "timeline", {"from": ["2025-03-01"], "topic": ["a", "b c"]}, now=NOW)
    tables = ("annotations", "watchlists", "saved_views")
    for table in tables:
        run("export", table, "-o", tmp_path / f"{table}.csv")
    other = Lake(str(tmp_path / "other"))
    other.create()
    monkeypatch.setenv("NEWSTAPE_HOME", other.home)
    for table in tables:
        run("import", "table", table, tmp_path / f"{table}.csv")
    for read in (queries.notes, queries.watchlists, queries.saved_views):
        pd.testing.assert_frame_equal(read(other.pin()), read(lake.pin()))
    assert said(other, None, None, NOW) == ["=first, “quoted”\nline"]


@pytest.mark.parametrize(
    ("at", "until", "why"),
    [
        (None, None, "Say which time"),
        (t("2008-01-01"), None, "between 2009 and 2100"),
        (t("2025-03-10"), t("2025-03-10"), "ends before it begins"),
    ],
)
def test_a_time_that_cannot_be(lake, at, until, why):
    with pytest.raises(NotSaved, match=why):
        desk.add_note(lake, "x", at=at, until=until, now=NOW)


def test_times_are_typed_by_the_clocks_of_the_zone():
    typed = {
        ("2025-03-28 14:05", "UTC"): "2025-03-28 14:05",
        ("2025-03-28 14:05", "Asia/Kolkata"): "2025-03-28 08:35",  # UTC+5:30
        ("2025-03-28", "America/New_York"): "2025-03-28 04:00",  # UTC−4 since 9 March
        ("2025-03-28T14:05-04:00", "Asia/Kolkata"): "2025-03-28 18:05",
        ("2025-03-28 14:05 UTC", "Asia/Kolkata"): "2025-03-28 14:05",
    }
    assert {key: desk.time_typed(*key) for key in typed} == {key: t(at) for key, at in typed.items()}
    for text, why in (("2025-03-09 02:30", "leave that time out"), ("2025-11-02 01:30", "show that time twice")):
        with pytest.raises(NotSaved, match=why):
            desk.time_typed(text, "America/New_York")
    for text in ("", "NaT", "now-ish", "2025-13-40", "9" * 100_000):
        with pytest.raises(NotSaved):
            desk.time_typed(text, "America/New_York")


# ── words ─────────────────────────────────────────────────────────────────────────────────────────────


@given(st.text(st.characters(codec=None)), st.booleans())
def test_cleaned_words_can_be_stored_and_cleaning_again_changes_nothing(text, lines):
    words = desk.clean(text, lines=lines)
    words.encode()  # no lone surrogate
    assert {one for one in words if unicodedata.category(one) == "Cc"} <= ({"\n", "\t"} if lines else set())
    assert desk.clean(words, lines=lines) == words
    if text.isascii() and text.isprintable():
        assert words == (text.strip() if lines else " ".join(text.split()))


def test_a_note_with_anything_in_it_reads_back(lake):
    text = "half an emoji \ud83d, nul \0, bell \a, Arabic مرحبا, zero-width joiner 👩‍🚀,\r\ntwo lines"
    desk.add_note(lake, text, at=t("2025-03-10"), now=NOW)
    assert said(lake) == ["half an emoji \ufffd, nul , bell , Arabic مرحبا, zero-width joiner 👩‍🚀,\ntwo lines"]


@pytest.mark.parametrize("one", ["x", " ", "\0", "\ud83d", "\u0301", "{", "%"])
def test_a_megabyte_is_refused_with_a_sentence(lake, one):
    for write in (
        lambda text: desk.add_note(lake, f"a{text}a", at=t("2025-03-10"), now=NOW),
        lambda text: desk.save_view(lake, f"a{text}a", "timeline", {"q": ["a"]}, now=NOW),
        lambda text: desk.save_view(lake, "Mine", "timeline", {"q": [text]}, now=NOW),
        lambda text: desk.create_watchlist(lake, "Mine", [f"a{text}a"], now=NOW),
    ):
        with pytest.raises(NotSaved) as refused:
            write(one * 1_000_000)
        assert len(str(refused.value)) < 120


def test_the_name_of_who_writes(lake, monkeypatch):
    monkeypatch.delenv(desk.AUTHOR_ENV, raising=False)
    assert desk.default_author() == "analyst"
    monkeypatch.setenv(desk.AUTHOR_ENV, " Ann\tLee ")
    desk.add_note(lake, "x", at=t("2025-03-10"), now=NOW)
    assert queries.notes(lake.pin())["author"].iloc[0] == "Ann Lee"
    with pytest.raises(NotSaved, match="Your name has 101 characters"):
        desk.add_note(lake, "x", at=t("2025-03-10"), author="a" * 101, now=NOW)


# ── watchlists ────────────────────────────────────────────────────────────────────────────────────────


def lists(lake: Lake) -> dict[str, list[str]]:
    return {row.name: list(row.assets) for row in queries.watchlists(lake.pin()).itertuples(index=False)}


def test_a_watchlist_from_beginning_to_end(lake):
    one = desk.create_watchlist(lake, " My  list ", ["btc", "ETH", "BTC"], now=NOW)
    desk.create_watchlist(lake, "another", ["SOL"], now=NOW)
    assert list(lists(lake).items()) == [("another", ["SOL"]), ("My list", ["BTC", "ETH"])]
    with pytest.raises(NameTaken, match="There is a watchlist named “My list” already"):
        desk.create_watchlist(lake, "MY LIST", ["BTC"], now=NOW)
    with pytest.raises(NameTaken, match="“another”"):
        desk.rename_watchlist(lake, one, "Another")
    desk.rename_watchlist(lake, one, "my list")
    assert desk.arrange_watchlist(lake, one, ["BTC", "ETH"], ["ADA", "ETH", "BTC"]) == ("ADA", "ETH", "BTC")
    assert lists(lake)["my list"] == ["ADA", "ETH", "BTC"]
    desk.arrange_watchlist(lake, one, ["ADA", "ETH", "BTC"], ["ETH"])
    assert lists(lake)["my list"] == ["ETH"]
    before = lake.pin()
    with pytest.raises(NotSaved, match="at least one asset"):
        desk.arrange_watchlist(lake, one, ["ETH"], [])
    for _ in range(2):
        desk.delete_watchlist(lake, one)
    assert lists(lake) == {"another": ["SOL"]}
    assert len(queries.watchlists(before)) == 2  # a reader pinned before sees what it saw
    with pytest.raises(NotSaved, match="deleted this watchlist meanwhile"):
        desk.rename_watchlist(lake, one, "back")


@pytest.mark.parametrize("asset", ["B TC", "BTC/USD", "<b>", "ΒΤΣ", "A" * 21, "\ud83d"])
def test_what_is_no_symbol_is_refused(lake, asset):
    with pytest.raises(NotSaved, match="is not an asset's symbol"):
        desk.create_watchlist(lake, "Mine", ["BTC", asset], now=NOW)


SETS = st.lists(st.sampled_from(["A", "B", "C", "D", "E"]), unique=True)


@given(seen=SETS, mine=SETS, theirs=SETS)
def test_two_people_who_change_one_list_both_get_what_they_did(seen, mine, theirs):
    after = desk.arranged(theirs, seen, mine)
    # By sets: what either added is there, what either removed is not.
    wanted = (set(seen) & set(mine) & set(theirs)) | (set(mine) - set(seen)) | (set(theirs) - set(seen))
    assert (set(after), len(after)) == (wanted, len(wanted))
    assert [asset for asset in after if asset in mine] == [asset for asset in mine if asset in wanted]
    if theirs == seen:
        assert after == mine


def test_what_another_person_did_to_a_list_meanwhile_stays(lake):
    one = desk.create_watchlist(lake, "One", ["BTC", "ETH"], now=NOW)
    desk.arrange_watchlist(lake, one, ["BTC", "ETH"], ["BTC", "ADA"])
    assert desk.arrange_watchlist(lake, one, ["BTC", "ETH"], ["SOL", "ETH", "BTC"]) == ("SOL", "BTC", "ADA")


# ── saved views ───────────────────────────────────────────────────────────────────────────────────────


def test_a_saved_view_from_beginning_to_end(lake):
    one = desk.save_view(lake, "March", "timeline", {"from": ["2025-03-01"]}, now=NOW)
    assert desk.save_view(lake, "march", "timeline", {"from": ["2025-03-01"]}, now=NOW) == one
    with pytest.raises(NameTaken, match="There is a view named “March” already"):
        desk.save_view(lake, "MARCH", "timeline", {"from": ["2024-03-01"]}, now=NOW)
    assert desk.save_view(lake, "March", "market", {"asset": ["ETH"]}, overwrite=True, now=NOW) == one
    two = desk.save_view(lake, "April", "timeline", {"from": ["2025-04-01"]}, now=NOW)
    with pytest.raises(NameTaken, match="“April”"):
        desk.rename_view(lake, one, "april")
    desk.rename_view(lake, one, "Ether")
    held = queries.saved_views(lake.pin())
    assert held[["name", "page", "query"]].values.tolist() == [
        ["April", "timeline", "from=2025-04-01"],
        ["Ether", "market", "asset=ETH"],
    ]
    desk.delete_view(lake, two)
    desk.delete_view(lake, two)
    assert list(queries.saved_views(lake.pin())["view_id"]) == [one]
    with pytest.raises(NotSaved, match="deleted this view meanwhile"):
        desk.rename_view(lake, two, "x")
    desk.save_view(lake, "Half", "timeline", {"q": ["\ud83d"]}, now=NOW)
    for page, query, why in (("../x", {"a": ["b"]}, "cannot be saved"), ("market", {}, "says nothing yet")):
        with pytest.raises(NotSaved, match=why):
            desk.save_view(lake, "New", page, query, now=NOW)


def test_a_saved_view_opens_as_the_view_that_was_saved(lake):
    default = View(*MARCH)
    chosen = View(
        t("2024-01-01"),
        t("2024-02-01 10:30"),
        "ETH",
        compare=("BTC", "SOL"),
        topics=("mining & power", "a=b;c"),
        search="+50% “up” #1",
        story="s1",
        known_at=t("2024-01-20 14:05"),
        zone="Asia/Kolkata",
    )
    desk.save_view(lake, "It", "timeline", params(chosen), now=NOW)
    row = queries.saved_views(lake.pin()).iloc[0]
    assert parse(desk.saved_params(row["query"]), default) == (chosen, [])
    assert desk.address("timeline", row["query"]) == f"./?{row['query']}"


@given(st.text(), st.text())
def test_a_brought_views_link_leads_to_a_page(page, query):
    link = desk.address(page, query)
    place, _, rest = link.partition("?")
    assert place == "./" or (place.isascii() and place.replace("-", "").replace("_", "").isalnum())
    assert not set(rest) & set("\"'<> \n")


# ── at once ───────────────────────────────────────────────────────────────────────────────────────────


def test_people_who_write_at_once_all_keep_what_they_wrote(lake):
    begun = threading.Barrier(4)

    def write(n: int) -> None:
        mine = Lake(lake.home, lock_wait_s=30)
        begun.wait()
        desk.add_note(mine, f"note {n}", at=t("2025-03-10"), now=NOW)
        desk.save_view(mine, f"view {n}", "timeline", {"q": [str(n)]}, now=NOW)
        desk.create_watchlist(mine, f"list {n}", ["BTC"], now=NOW)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said(lake)) == [f"note {n}" for n in range(4)]
    assert list(queries.saved_views(lake.pin())["name"]) == [f"view {n}" for n in range(4)]
    assert set(lists(lake)) == {f"list {n}" for n in range(4)}


def test_of_two_who_take_one_name_at_once_one_is_told(lake):
    begun, outcomes = threading.Barrier(2), []

    def write(n: int) -> None:
        begun.wait()
        try:
            desk.save_view(Lake(lake.home, lock_wait_s=30), "Same", "timeline", {"q": [str(n)]}, now=NOW)
            outcomes.append("saved")
        except NameTaken:
            outcomes.append("told")

    threads = [threading.Thread(target=write, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["saved", "told"]
    assert len(queries.saved_views(lake.pin())) == 1


WRITES = """
import sys
from data.lake import Lake
with Lake(sys.argv[1]).writing():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_while_another_process_writes_a_note_waits_and_is_refused_whole(lake):
    writer = python(WRITES, lake.home, stdin=subprocess.PIPE)
    assert writer.stdout.readline() == "held\n"
    with pytest.raises(LakeBusy):
        desk.add_note(lake, "later", at=t("2025-03-10"), now=NOW)
    assert said(lake) == []
    waiting = threading.Timer(0.3, writer.communicate)
    waiting.start()
    desk.add_note(Lake(lake.home, lock_wait_s=30), "later", at=t("2025-03-10"), now=NOW)
    waiting.join()
    assert (said(lake), writer.returncode) == (["later"], 0)


def test_a_list_that_is_changed_half_is_not_changed(lake, monkeypatch):
    one = desk.create_watchlist(lake, "One", ["BTC", "ETH"], now=NOW)
    monkeypatch.setattr(desk, "_write_list", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(Exception, match="disk full"):
        desk.arrange_watchlist(lake, one, ["BTC", "ETH"], ["ETH"])
    assert lists(lake) == {"One": ["BTC", "ETH"]}
    monkeypatch.undo()
    desk.add_note(lake, "x", at=t("2025-03-10"), now=NOW)  # the next writer takes the half back
    assert lists(lake) == {"One": ["BTC", "ETH"]}
    assert fit("watchlists", []).num_rows == 0
