"""Pins: table versions that compaction keeps for as long as somebody wants to read them again."""

from __future__ import annotations

import os
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lake_rows import bars, candle_table, cap, merged, stored

from data import pins
from data.candles import merge_candles
from data.lake import Lake
from data.snapshot import open_table

NOW = datetime(2026, 7, 1, 12, 30, tzinfo=UTC)


def _read_again(lake: Lake, snapshot):
    return pins.reopen(lake.pin(), snapshot.lake_id, snapshot.versions)


def _a_month_passes(home: Path) -> None:
    """What there is a month later: no version but the newest in the log, every replaced file past its retention."""
    for log in home.glob("*/_delta_log"):
        for file in log.glob("*.json"):
            file.write_text(re.sub(r'"deletionTimestamp":\d+', '"deletionTimestamp":1700000000000', file.read_text()))
        table = open_table(str(home), log.parent.name)
        table.create_checkpoint()
        for file in log.glob("*.json"):
            if int(file.stem) < table.version():
                file.unlink()
    old = time.time() - 30 * 86_400
    for file in home.glob("**/*.parquet"):
        os.utime(file, (old, old))


def _three_days(lake: Lake) -> None:
    for day in (1, 2, 3):
        merged(lake, "market_caps", [cap(day, 2.7e12 + day)])
    opens = [datetime(2025, 3, 28, 9, minute, tzinfo=UTC) for minute in range(10)]
    with lake.writing():
        merge_candles(lake, candle_table(bars(opens, range(100, 110))))


def _changed(lake: Lake) -> None:
    merged(lake, "market_caps", [cap(2, 1.0e12)])
    lake.compact()


def test_a_pinned_version_reads_the_same_after_its_log_is_gone_and_its_files_are_replaced(lake, home):
    _three_days(lake)
    before = lake.pin()
    caps, candles = stored(before, "market_caps"), stored(before, "candles")
    pins.keep(before, "Bukele", NOW)
    _changed(lake)
    _a_month_passes(home)
    lake.compact()
    again = _read_again(lake, before)
    assert stored(again, "market_caps") == caps
    assert stored(again, "candles") == candles
    assert [row["market_cap_usd"] for row in caps] == [2.7e12 + 1, 2.7e12 + 2, 2.7e12 + 3]
    assert stored(lake.pin(), "market_caps")[1]["market_cap_usd"] == 1.0e12


def test_without_a_pin_a_replaced_version_is_gone_past_its_retention_and_named(lake, home):
    _three_days(lake)
    before = lake.pin()
    version = before.versions["market_caps"]
    _changed(lake)
    assert stored(_read_again(lake, before), "market_caps") == stored(before, "market_caps")  # within the retention
    _a_month_passes(home)
    lake.compact()
    with pytest.raises(pins.VersionsGone, match=rf"no longer holds version {version} of market_caps"):
        _read_again(lake, before)


def test_a_dropped_pins_files_are_deleted_by_the_next_compaction_and_nothing_else_is(lake, home):
    _three_days(lake)
    pin = pins.keep(lake.pin(), "Bukele", NOW)
    _changed(lake)
    _a_month_passes(home)
    lake.compact()
    held = {file.name for file in home.glob("market_caps/*.parquet")}
    assert {Path(path).name for path in pin.files["market_caps"]} < held
    pins.drop(lake.home, pin.id)
    lake.compact()
    needed = {Path(path).name for path in open_table(lake.home, "market_caps").file_uris()}
    assert {file.name for file in home.glob("market_caps/*.parquet")} == needed
    assert len(stored(lake.pin(), "market_caps")) == 3


def test_the_same_versions_are_pinned_once_and_listed_with_what_they_keep_alive(lake, home):
    _three_days(lake)
    first = pins.keep(lake.pin(), "Bukele", NOW)
    assert pins.keep(lake.pin(), "again", datetime(2026, 8, 1, tzinfo=UTC)) == first
    assert (first.about, first.made_at) == ("Bukele", "2026-07-01T12:30:00Z")
    assert pins.kept_alive(first, lake.pin()) == 0
    replaced = sum(file.stat().st_size for file in home.glob("market_caps/*.parquet"))
    _changed(lake)
    assert pins.kept_alive(first, lake.pin()) == replaced
    second = pins.keep(lake.pin(), "later", datetime(2026, 7, 2, tzinfo=UTC))
    assert pins.pins(lake.home) == [first, second]
    assert first.size == sum(
        (home / table / path).stat().st_size for table in first.files for path in first.files[table]
    )


def test_another_lake_is_not_taken_for_the_one_that_was_pinned(lake, tmp_path):
    other = Lake(str(tmp_path / "other"))
    other.create()
    with pytest.raises(pins.VersionsGone, match="another lake"):
        pins.reopen(other.pin(), lake.pin().lake_id, lake.pin().versions)


def test_a_pin_that_cannot_be_read_holds_up_compaction_until_it_is_released(lake, home):
    (home / "pin-0123456789.json").write_text('{"format": 1}')
    with pytest.raises(pins.BadPin, match="pin-0123456789"):
        lake.compact()
    pins.drop(lake.home, "0123456789")
    lake.compact()
    with pytest.raises(ValueError, match="no pin 0123456789"):
        pins.drop(lake.home, "0123456789")
    with pytest.raises(ValueError, match="no pin"):
        pins.drop(lake.home, "../published")


def test_a_snapshot_whose_files_are_gone_cannot_be_pinned(lake, home):
    _three_days(lake)
    at = lake.pin()
    next(iter(home.glob("market_caps/*.parquet"))).unlink()
    with pytest.raises(pins.VersionsGone, match="market_caps"):
        pins.keep(at, "too late", NOW)
    assert pins.pins(lake.home) == []


def test_a_full_disk_leaves_no_half_a_pin(lake, home, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        pins.keep(lake.pin(), "Bukele", NOW)
    assert [file.name for file in home.iterdir() if "pin-" in file.name] == []


def test_a_lake_in_a_folder_with_a_space_in_its_name(tmp_path):
    lake = Lake(str(tmp_path / "my lake"))
    lake.create()
    _three_days(lake)
    before = lake.pin()
    pins.keep(before, "Bukele", NOW)
    _changed(lake)
    _a_month_passes(tmp_path / "my lake")
    lake.compact()
    assert stored(_read_again(lake, before), "candles") == stored(before, "candles")
    assert len(stored(_read_again(lake, before), "market_caps")) == 3
