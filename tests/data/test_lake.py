"""The lake: merges that may be repeated, states published whole, readers that are never disturbed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lake_rows import bars, candle_table, cap, exit_code, fit, merged, note, python, stored

from data import queries
from data.candles import merge_candles
from data.lake import CannotWrite, Counts, Lake, LakeBusy, NoLake
from data.tables import TABLES

SLOW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

# ── merging ───────────────────────────────────────────────────────────────────────────────────────────

_batches = st.lists(
    st.dictionaries(st.integers(1, 8), st.sampled_from([1e12, 2e12, 3e12]), max_size=5), min_size=1, max_size=5
)


@SLOW
@given(_batches)
def test_merging_is_updating_a_dictionary(empty_home, batches):
    """Counts and content of any sequence of merges are those of ``dict.update``; no write, no new version."""
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(str(shutil.copytree(empty_home, Path(folder) / "lake")))
        expected: dict[int, float] = {}
        for batch in batches:
            before = lake.pin().versions["market_caps"]
            counts = merged(lake, "market_caps", [cap(day, value) for day, value in batch.items()])
            same = sum(expected.get(day) == value for day, value in batch.items())
            new = len(batch.keys() - expected.keys())
            assert counts == Counts(new, len(batch) - new - same, same)
            assert (lake.pin().versions["market_caps"] == before) == (same == len(batch))
            expected.update(batch)
        assert {row["period_end"].day: row["market_cap_usd"] for row in stored(lake.pin(), "market_caps")} == expected


@SLOW
@given(st.data())
def test_the_same_rows_in_any_split_and_order_give_the_same_table(empty_home, data):
    opens = pd.date_range("2025-01-31 23:50", periods=20, freq="min", tz="UTC")  # across two partitions
    rows = bars(opens, range(100, 120))
    order = data.draw(st.permutations(range(20)))
    cuts = sorted(data.draw(st.sets(st.integers(1, 19), max_size=3)))
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(str(shutil.copytree(empty_home, Path(folder) / "lake")))
        total = Counts()
        with lake.writing():
            for first, last in zip([0, *cuts], [*cuts, 20], strict=True):
                total += lake.merge("candles", candle_table(rows.iloc[list(order[first:last])]))
        assert total == Counts(new=20)
        assert stored(lake.pin(), "candles") == candle_table(rows).to_pylist()


def test_a_null_that_becomes_a_value_is_a_change_and_so_is_the_reverse(lake):
    assert merged(lake, "market_caps", [cap(1)]) == Counts(new=1)
    assert merged(lake, "market_caps", [cap(1, price_usd=84_000.0)]) == Counts(changed=1)
    assert merged(lake, "market_caps", [cap(1)]) == Counts(changed=1)
    assert stored(lake.pin(), "market_caps")[0]["price_usd"] is None


def test_kept_columns_hold_their_stored_value_and_are_no_change(lake):
    merged(lake, "annotations", [note(1)])
    later = note(1) | {"created_at": datetime(2026, 1, 1, tzinfo=UTC)}
    assert merged(lake, "annotations", [later], keep=("created_at",)) == Counts(same=1)
    assert merged(lake, "annotations", [later | {"note": "new"}], keep=("created_at",)) == Counts(changed=1)
    row = stored(lake.pin(), "annotations")[0]
    assert (row["note"], row["created_at"]) == ("new", datetime(2025, 4, 1, tzinfo=UTC))


OPEN = [pd.Timestamp("2025-03-28 10:00", tz="UTC")]


def _put(lake: Lake, close: float, derived_from: str | None) -> Counts:
    with lake.writing():
        return lake.merge(
            "candles",
            candle_table(bars(OPEN, [close], interval="1h", derived_from=derived_from)),
            protect="derived_from",
        )


@pytest.mark.parametrize(
    ("first", "second", "counts", "closes"),
    [
        ((None, 100), ("1m", 200), Counts(same=1), 100),  # derived never replaces fetched
        (("1m", 100), (None, 200), Counts(changed=1), 200),  # fetched replaces derived
        (("1m", 100), (None, 100), Counts(changed=1), 100),  # … and says so even where the figures agree
        (("1m", 100), ("5m", 200), Counts(changed=1), 200),  # derived replaces derived
        ((None, 100), (None, 200), Counts(changed=1), 200),  # fetched replaces fetched
        (("1m", 100), ("1m", 100), Counts(same=1), 100),
    ],
)
def test_what_replaces_what(lake, first, second, counts, closes):
    _put(lake, first[1], first[0])
    assert _put(lake, second[1], second[0]) == counts
    row = stored(lake.pin(), "candles")[0]
    assert row["close"] == closes
    assert (row["derived_from"] is None) == (None in (first[0], second[0]))


def test_delete_removes_the_rows_named_and_survives_quotes(lake):
    merged(lake, "annotations", [note(1), note(2), {**note(3), "annotation_id": "it's"}])
    with lake.writing():
        assert lake.delete("annotations", "annotation_id", ["n1", "it's"]) == 2
        assert lake.delete("annotations", "annotation_id", []) == 0
    assert [row["annotation_id"] for row in stored(lake.pin(), "annotations")] == ["n2"]


def test_creating_again_changes_nothing(lake):
    merged(lake, "market_caps", [cap(1)])
    before = lake.pin()
    lake.create()
    assert lake.pin().versions == before.versions
    assert lake.pin().id == before.id


# ── published states ──────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_seen_before_it_is_published(lake):
    with lake.writing():
        lake.merge("market_caps", fit("market_caps", [cap(1)]))
        assert stored(lake.pin(), "market_caps") == []
    assert len(stored(lake.pin(), "market_caps")) == 1


def test_a_pinned_reader_keeps_reading_its_state_through_merges_and_compaction(lake):
    for day in range(1, 6):
        merged(lake, "market_caps", [cap(day, 1e12)])
    pinned = lake.pin()
    before = stored(pinned, "market_caps")
    for day in range(1, 9):
        merged(lake, "market_caps", [cap(day, 2e12)])
    sizes = lake.compact()
    assert sizes["market_caps"][1] == 1 < sizes["market_caps"][0]
    assert stored(pinned, "market_caps") == before
    again = Lake(lake.home).pin()
    assert [row["market_cap_usd"] for row in stored(again, "market_caps")] == [2e12] * 8


DIES = """
import os, sys
from lake_rows import cap, fit, note
from data.lake import Lake
lake = Lake(sys.argv[1])
with lake.writing():
    lake.merge("market_caps", fit("market_caps", [cap(1, 9e12), cap(2)]))
    lake.merge("annotations", fit("annotations", [note(1)]))
    os._exit(9)
"""


def test_a_killed_writer_leaves_the_published_state_and_the_next_run_does_all_of_its_work_again(lake):
    """What the dead run had merged but nobody was told of counts as never written."""
    merged(lake, "market_caps", [cap(1, 1e12)])
    before = lake.pin()
    assert exit_code(DIES, lake.home) == 9
    after = Lake(lake.home).pin()
    assert after.versions == before.versions
    assert [row["market_cap_usd"] for row in stored(after, "market_caps")] == [1e12]
    assert stored(after, "annotations") == []
    with lake.writing():
        assert lake.merge("market_caps", fit("market_caps", [cap(1, 9e12), cap(2)])) == Counts(new=1, changed=1)
    state = lake.pin()
    assert [row["market_cap_usd"] for row in stored(state, "market_caps")] == [9e12, 2.7e12]
    assert stored(state, "annotations") == []  # the dead run's; this run did not bring it
    assert stored(before, "market_caps") == stored(after, "market_caps")  # pinned before, still readable


DIES_BUILDING = DIES.replace('lake.merge("annotations"', 'lake.create(); lake.merge("annotations"')


def test_a_first_build_that_dies_leaves_no_lake_and_the_next_one_starts_afresh(tmp_path):
    home = str(tmp_path / "lake")
    assert exit_code(DIES_BUILDING, home) == 9
    with pytest.raises(NoLake):
        Lake(home).pin()
    lake = Lake(home)
    assert merged(lake, "market_caps", [cap(1, 9e12)]) == Counts(new=1)
    assert len(stored(lake.pin(), "market_caps")) == 1


def test_an_error_within_a_run_publishes_nothing_of_it_even_with_the_next_run(lake):
    with suppress(ZeroDivisionError), lake.writing():
        lake.merge("market_caps", fit("market_caps", [cap(1)]))
        raise ZeroDivisionError
    merged(lake, "annotations", [note(1)])
    assert stored(lake.pin(), "market_caps") == []


PYRAMID_DIES = """
import os, sys
import pandas as pd
from lake_rows import bars, candle_table
from data.lake import Lake
lake = Lake(sys.argv[1])
opens = pd.date_range("2025-03-28", periods=1440, freq="min", tz="UTC")
with lake.writing():
    lake.merge("candles", candle_table(bars(opens, range(100, 1540))), protect="derived_from")
    os._exit(9)
"""


def test_bars_of_a_killed_run_still_get_their_coarser_ones(lake):
    assert exit_code(PYRAMID_DIES, lake.home) == 9
    opens = pd.date_range("2025-03-28", periods=1440, freq="min", tz="UTC")
    with lake.writing():
        merge_candles(lake, candle_table(bars(opens, range(100, 1540))))
    found = queries.coverage(lake.pin()).set_index("interval")["bars"]
    assert found.to_dict() == {"1m": 1440, "5m": 288, "1h": 24, "1d": 1}


READER = """
import sys
from lake_rows import stored
from data import queries
from data.lake import Lake
lake, last, seen = Lake(sys.argv[1]), int(sys.argv[2]), None
while seen != last:
    state = lake.pin()
    caps, notes = queries.row_count(state, "market_caps"), queries.row_count(state, "annotations")
    assert caps == notes, (caps, notes)
    if caps != seen:
        print(seen := caps, flush=True)
"""


def test_readers_and_a_writer_at_the_same_time(lake):
    """Each run writes one row to two tables: no reader may ever count them differently."""
    readers = [python(READER, lake.home, 12) for _ in range(2)]
    assert [reader.stdout.readline() for reader in readers] == ["0\n", "0\n"]
    for day in range(1, 13):
        with lake.writing():
            lake.merge("market_caps", fit("market_caps", [cap(day)]))
            lake.merge("annotations", fit("annotations", [note(day)]))
        if day == 5:
            lake.compact()
        if day % 3 == 0:  # however slow they are, readers see more than the first and the last state
            for reader in readers:
                assert f"{day}\n" in iter(reader.stdout.readline, "")
    for reader in readers:
        _, err = reader.communicate(timeout=30)
        assert reader.returncode == 0, err


# ── one writer ────────────────────────────────────────────────────────────────────────────────────────

HOLDER = """
import sys
from data.lake import Lake
with Lake(sys.argv[1]).writing():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_writer_is_told_that_the_lake_is_busy_and_a_dead_one_frees_it(lake):
    holder = python(HOLDER, lake.home, stdin=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LakeBusy, match=r"Another process is writing .* nothing was changed"), lake.writing():
            pass
        assert stored(lake.pin(), "market_caps") == []  # readers do not wait
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        assert merged(lake, "market_caps", [cap(1)]) == Counts(new=1)
    finally:
        holder.kill()
        holder.communicate()


def test_writing_within_writing_publishes_once_at_the_end(lake):
    with lake.writing():
        with lake.writing():
            lake.merge("market_caps", fit("market_caps", [cap(1)]))
        assert stored(lake.pin(), "market_caps") == []
    assert len(stored(lake.pin(), "market_caps")) == 1


def test_the_lake_can_be_written_again_after_an_error(lake):
    with pytest.raises(ZeroDivisionError), lake.writing():
        raise ZeroDivisionError
    assert merged(lake, "market_caps", [cap(1)]) == Counts(new=1)


# ── places that are wrong ─────────────────────────────────────────────────────────────────────────────


def test_no_lake_says_what_to_do(tmp_path):
    with pytest.raises(NoLake, match=r"There is no lake at .*nothing.*`newstape init` builds one"):
        Lake(str(tmp_path / "nothing")).pin()


def test_a_file_in_the_place_of_the_folder(tmp_path):
    place = tmp_path / "lake"
    place.write_text("a file")
    lake = Lake(str(place))
    assert not lake.exists()
    with pytest.raises(NoLake):
        lake.pin()
    with pytest.raises(CannotWrite, match=r"Cannot write to the lake at .*permissions"):
        lake.create()
    assert place.read_text() == "a file"


def test_a_folder_below_a_file(tmp_path):
    (tmp_path / "file").write_text("a file")
    lake = Lake(str(tmp_path / "file" / "lake"))
    with pytest.raises(NoLake):
        lake.pin()
    with pytest.raises(CannotWrite):
        lake.create()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission(tmp_path):
    (tmp_path / "lake").mkdir(mode=0o500)
    with pytest.raises(CannotWrite):
        Lake(str(tmp_path / "lake")).create()


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    tried = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", place], capture_output=True, text=True, check=False
    )
    if tried.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {tried.stderr.strip()}")
    yield place
    subprocess.run(["umount", place], check=True)


def _fill(place: Path) -> None:
    with suppress(OSError), place.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1024))


def test_a_full_disk_is_said_and_what_was_stored_stays(small_disk):
    lake = Lake(str(small_disk / "lake"))
    lake.create()
    merged(lake, "market_caps", [cap(1, 1e12)])
    before = lake.pin()
    filler = small_disk / "filler"
    _fill(filler)
    with pytest.raises(CannotWrite, match="free some space"):
        merged(lake, "market_caps", [cap(1, 2e12), cap(2)])
    assert [row["market_cap_usd"] for row in stored(Lake(lake.home).pin(), "market_caps")] == [1e12]
    assert lake.pin().versions == before.versions
    filler.unlink()
    assert merged(lake, "market_caps", [cap(1, 2e12), cap(2)]) == Counts(new=1, changed=1)


def test_a_full_disk_when_building(small_disk):
    _fill(small_disk / "filler")
    with pytest.raises(CannotWrite):
        Lake(str(small_disk / "lake")).create()


def test_a_lake_older_than_a_table_reads_it_as_empty(lake, home):
    pointer = home / "published.json"
    versions = json.loads(pointer.read_text())
    del versions["versions"]["alerts"]
    pointer.write_text(json.dumps(versions))
    shutil.rmtree(home / "alerts")
    assert queries.export(lake.pin(), "alerts").columns.to_list() == TABLES["alerts"].names
    with lake.writing():
        pass
    assert lake.pin().versions["alerts"] == 0


def test_a_lake_that_lost_its_pointer_keeps_what_it_holds(lake, home):
    merged(lake, "market_caps", [cap(1), cap(2)])
    (home / "published.json").unlink()
    with lake.writing():
        pass
    assert len(stored(lake.pin(), "market_caps")) == 2


def test_a_first_build_that_died_is_begun_again(tmp_path):
    """Rows committed before anything was published would count as "same", and nothing be derived from them."""
    lake = Lake(str(tmp_path / "new"))
    with pytest.raises(RuntimeError), lake.writing():
        lake.merge("market_caps", fit("market_caps", [cap(1)]))
        raise RuntimeError("killed")
    assert not lake.exists()
    assert merged(lake, "market_caps", [cap(1)]).new == 1


def test_other_users_may_read_what_was_published(lake, home):
    """Tables are written with the user's own mask; the pointer to them is no more private than they are."""
    mask = os.umask(0)
    os.umask(mask)
    assert (home / "published.json").stat().st_mode & 0o777 == 0o666 & ~mask


def test_a_lake_built_anew_in_the_same_place_is_another_one(lake, home):
    before = lake.pin().id
    shutil.rmtree(home)
    lake.create()
    assert lake.pin().versions == Lake(str(home)).pin().versions
    assert lake.pin().id != before


def test_many_rows_are_deleted_without_a_statement_that_delta_cannot_read(lake):
    """From some 20,000 values on, one list of them ended the process."""
    merged(lake, "annotations", [note(n) for n in range(30_000)])
    with lake.writing():
        assert lake.delete("annotations", "annotation_id", [f"n{n}" for n in range(1, 30_000)]) == 29_999
    assert [row["annotation_id"] for row in stored(lake.pin(), "annotations")] == ["n0"]


def test_a_place_may_have_blanks_and_signs_in_its_name(tmp_path):
    lake = Lake(str(tmp_path / "My Data & 100% more" / "lake"))
    lake.create()
    merged(lake, "market_caps", [cap(1)])
    assert [row["market_cap_usd"] for row in stored(lake.pin(), "market_caps")] == [cap(1)["market_cap_usd"]]
