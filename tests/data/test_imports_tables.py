"""What was exported comes back row for row, for every table that is a person's to bring."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lake_rows import bars, candle_table, cap, merged, note, stored

from data import queries
from data.candles import merge_candles
from data.export import csv_bytes
from data.imports import OWNED, import_table, refuse_unowned
from data.lake import Lake
from data.tables import TABLES

NOW = datetime(2027, 1, 1, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(lambda text: text.strip())
TIME = st.datetimes(datetime(2010, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC))
REAL = st.floats(0, allow_infinity=False, exclude_min=True)


def bytes_of(lake: Lake, table: str) -> bytes:
    return csv_bytes(queries.export(lake.pin(), table))


def comes_back(lake: Lake, empty_home, tmp_path, table: str) -> None:
    """Export, import into an empty lake, export again: the same bytes."""
    exported = bytes_of(lake, table)
    path = tmp_path / f"{table}.csv"
    path.write_bytes(exported)
    if not (tmp_path / "other").exists() or queries.row_count(Lake(str(tmp_path / "other")).pin(), table):
        shutil.rmtree(tmp_path / "other", ignore_errors=True)
        shutil.copytree(empty_home, tmp_path / "other")
    other = Lake(str(tmp_path / "other"))
    taken = list(import_table(other, table, path, NOW, {}, own=True))
    assert [reject for part in taken for reject in part.rejects] == []
    assert bytes_of(other, table) == exported


def filled(table: str, draw) -> dict:
    """A row of any values its columns allow."""
    row = {}
    for column in TABLES[table].columns:
        kind = str(column.type)
        values = {"string": TEXT, "double": REAL, "int64": st.integers(0, 2**53), "bool": st.booleans()}.get(kind, TIME)
        row[column.name] = draw(st.none() | values if column.nullable else values)
    return row


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_rows_of_a_table_come_back(empty_home, tmp_path, data):
    shutil.rmtree(tmp_path / "lake", ignore_errors=True)
    lake = Lake(str(shutil.copytree(empty_home, tmp_path / "lake")))
    for table in ("annotations", "watchlists", "saved_views", "alerts", "market_caps"):
        rows: list[dict] = []
        for n in range(data.draw(st.integers(0, 3))):
            row = filled(table, data.draw)
            if table == "annotations":
                row |= {"target_kind": "story", "field": None}
            if table == "market_caps":
                low, value, high = sorted(data.draw(st.tuples(REAL, REAL, REAL)))
                row |= {"low_usd": low, "market_cap_usd": value, "high_usd": high, "source": f"s{n}"}
                row["available_at"] = max(row["available_at"], row["period_end"])
            else:
                row[TABLES[table].key[0]] += str(n)
            rows.append(row)
        merged(lake, table, rows)
        comes_back(lake, empty_home, tmp_path, table)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    minutes=st.sets(st.integers(0, 200), min_size=1, max_size=120),
    closes=st.lists(st.floats(10, 1e6), min_size=120, max_size=120),
)
def test_bars_come_back_with_the_coarser_ones_that_were_built_from_them(empty_home, tmp_path, minutes, closes):
    shutil.rmtree(tmp_path / "lake", ignore_errors=True)
    lake = Lake(str(shutil.copytree(empty_home, tmp_path / "lake")))
    start = pd.Timestamp("2025-03-28T22:30Z")
    with lake.writing():
        opens = [start + pd.Timedelta(minutes=minute) for minute in sorted(minutes)]
        merge_candles(lake, candle_table(bars(opens, closes[: len(opens)])))
    comes_back(lake, empty_home, tmp_path, "candles")


def test_articles_come_back_with_the_times_they_were_seen_and_what_follows_from_them(sample, empty_home, tmp_path):
    path = tmp_path / "articles.csv"
    path.write_bytes(csv_bytes(queries.export(sample, "articles")))
    other = Lake(str(shutil.copytree(empty_home, tmp_path / "other")))
    assert [part.rejects for part in import_table(other, "articles", path, NOW, {}, own=True)] == [()]
    assert csv_bytes(queries.export(other.pin(), "articles")) == path.read_bytes()
    assert queries.row_count(other.pin(), "claims") == queries.row_count(sample, "claims")


def test_an_empty_table_comes_back_empty(lake, empty_home, tmp_path):
    for table in OWNED:
        comes_back(lake, empty_home, tmp_path, table)


@pytest.mark.parametrize("table", sorted(set(TABLES) - set(OWNED)))
def test_what_newstape_works_out_or_writes_down_itself_is_no_ones_to_bring(table):
    with pytest.raises(ValueError, match=r"is worked out by Newstape|is the record of what Newstape itself did"):
        refuse_unowned(table)


def test_the_command_says_so_too_and_takes_a_table_with_a_dash(run, lake, tmp_path):
    merged(lake, "market_caps", [cap(1), cap(2)])
    run("export", "market-caps", "-o", tmp_path / "caps.csv")
    assert "0 new, 0 changed, 2 same" in run("import", "table", "market-caps", tmp_path / "caps.csv").stdout
    assert "is worked out by Newstape" in run("import", "table", "claims", tmp_path / "caps.csv", code=3).stderr
    assert "There is no table prices" in run("import", "table", "prices", tmp_path / "caps.csv", code=3).stderr


def test_a_table_of_another_kind_is_told_by_its_columns(run, lake, tmp_path):
    merged(lake, "annotations", [note(1)])
    run("export", "annotations", "-o", tmp_path / "notes.csv")
    assert "has no column active" in run("import", "table", "alerts", tmp_path / "notes.csv", code=3).stderr


def test_a_formula_in_a_note_stays_what_it_was(lake, empty_home, tmp_path):
    merged(lake, "annotations", [note(1, "=1+1"), note(2, "'quoted'"), note(3, 'two\r\nlines, "three"')])
    comes_back(lake, empty_home, tmp_path, "annotations")
    assert {row["note"] for row in stored(lake.pin(), "annotations")} == {"=1+1", "'quoted'", 'two\r\nlines, "three"'}
