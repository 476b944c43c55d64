"""CSV: every cell comes back as it was, from whichever reader, and no spreadsheet runs one as a formula."""

from __future__ import annotations

import csv
import io
import math
import os
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lake_rows import bars, candle_table, cap, merged

from data import columns, queries
from data.candles import merge_candles
from data.export import CHUNK, csv_bytes, csv_lines, csv_of, defuse, stamp, undefuse, write_csv
from data.imports import import_table
from data.lake import Counts
from data.queries.exports import to_pandas

NOW = datetime(2026, 7, 1, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
TRICKY = st.sampled_from(
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "'",
        "''",
        "'=1",
        'a "b"',
        "a,b",
        "a\nb",
        "a\r\nb",
        "\r",
        "\n",
        "ñ€🪙",
        " lead",
        "trail ",
        "NULL",
        "nan",
        "None",
        '"',
        "0012",
        "1e5",
    ]
)


def _read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))


@given(TEXT | TRICKY)
@example("=cmd|' /C calc'!A0")
def test_text_comes_back_as_it_was_and_never_as_a_formula(text):
    frame = pd.DataFrame({"a": [text], "b": ["x"]})
    header, row = _read(csv_bytes(frame))
    assert header == ["a", "b"]
    assert undefuse(row[0]) == text
    assert row[0][0] not in "=+-@\t\r"
    assert row[1] == "x"
    by_pandas = pd.read_csv(io.BytesIO(csv_bytes(frame)), dtype=str, keep_default_na=False)
    assert undefuse(by_pandas["a"][0]) == text.replace("\0", "") or "\0" in text or "\r" in text


@given(TEXT | TRICKY)
def test_undefuse_is_the_inverse_of_defuse(text):
    assert undefuse(defuse(text)) == text
    assert defuse(text) in (text, f"'{text}")


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(-0.0)
@example(5e-324)
@example(0.1 + 0.2)
@example(1e308)
def test_numbers_read_back_equal_to_the_last_bit_and_are_not_defused(value):
    cell = _read(csv_bytes(pd.DataFrame({"a": [value]})))[1][0]
    assert not cell.startswith("'")
    back = float(cell)
    assert back == value
    assert math.copysign(1, back) == math.copysign(1, value)


@given(st.integers(1_230_940_800_000_000, 4_102_444_799_999_999))  # 2009-01-03 to the end of 2099
def test_instants_are_utc_with_z_and_read_back_equal(microseconds):
    value = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    at = pd.Timestamp(value)
    cell = _read(csv_bytes(pd.DataFrame({"a": pd.Series([at])})))[1][0]
    assert cell.endswith("Z")
    assert datetime.fromisoformat(cell) == value


def test_an_instant_given_in_another_zone_is_written_in_utc():
    # 18:05 in Tokyo, nine hours ahead, is 09:05 UTC.
    assert stamp(pd.Timestamp("2025-03-28 18:05", tz="Asia/Tokyo")) == "2025-03-28T09:05:00Z"
    assert stamp(pd.Timestamp("2025-03-28 09:05:00.25", tz="UTC")) == "2025-03-28T09:05:00.250000Z"


def test_every_kind_of_cell_and_its_null():
    frame = pd.DataFrame(
        {
            "text": pd.Series(["a", None], dtype="str"),
            "object": pd.Series(["=a", None], dtype=object),
            "real": [1.5, float("nan")],
            "whole": pd.array([3, None], dtype="Int64"),
            "int": [4, -5],
            "flag": pd.array([True, None], dtype="boolean"),
            "sure": [True, False],
            "time": pd.to_datetime(pd.Series(["2025-03-28T00:00Z", None])),
        }
    )
    assert _read(csv_bytes(frame))[1:] == [
        ["a", "'=a", "1.5", "3", "4", "true", "true", "2025-03-28T00:00:00Z"],
        ["", "", "", "", "-5", "", "false", ""],
    ]


def test_lines_end_in_crlf_and_an_empty_frame_has_a_header():
    assert csv_bytes(pd.DataFrame({"a": [1], "b": [2]})) == b"a,b\r\n1,2\r\n"
    assert csv_bytes(pd.DataFrame({"a": [], "b": []})) == b"a,b\r\n"


def test_rows_beyond_one_chunk_are_all_there_once_and_in_order():
    frame = pd.DataFrame({"n": range(2 * CHUNK + 3)})
    parts = list(csv_lines(frame))
    assert len(parts) == 1 + 3
    assert [int(row[0]) for row in _read("".join(parts).encode())[1:]] == list(range(2 * CHUNK + 3))


# ── files ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_is_put_in_place_whole_or_not_at_all(tmp_path, monkeypatch):
    target = tmp_path / "out.csv"
    write_csv(pd.DataFrame({"a": [1]}), str(target))
    assert target.read_bytes() == b"a\r\n1\r\n"

    def half(frame):
        yield "a\r\n"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("data.export.csv_lines", half)
    with pytest.raises(ValueError, match=r"out\.csv cannot be written: No space left on device\.$"):
        write_csv(pd.DataFrame({"a": [2]}), str(target))
    assert target.read_bytes() == b"a\r\n1\r\n"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("place", ["missing/out.csv", "file/out.csv", "folder"])
def test_a_place_that_cannot_be_written_is_said_in_one_sentence(tmp_path, place):
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ValueError, match=r"cannot be written: [^.\n]+\.$"):
        write_csv(pd.DataFrame({"a": [1]}), str(tmp_path / place))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder"]


def test_a_link_stays_a_link_and_a_pipe_a_pipe(tmp_path):
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    write_csv(pd.DataFrame({"a": [1]}), str(tmp_path / "link.csv"))
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_bytes() == b"a\r\n1\r\n"
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_csv(pd.DataFrame({"a": [1]}), str(tmp_path / "pipe"))
    assert os.read(reader, 100) == b"a\r\n1\r\n"
    os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


def test_an_interrupted_export_leaves_no_part_of_a_file(tmp_path, monkeypatch):
    def interrupted(frame):
        yield "a\r\n"
        raise KeyboardInterrupt

    monkeypatch.setattr("data.export.csv_lines", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_csv(pd.DataFrame({"a": [2]}), str(tmp_path / "out.csv"))
    assert list(tmp_path.iterdir()) == []


# ── long tables, some rows at a time ──────────────────────────────────────────────────────────────────

CELLS = {
    "text": st.none() | TEXT | TRICKY,
    "real": st.none() | st.floats(allow_nan=False, allow_infinity=False),
    "whole": st.none() | st.integers(-(2**60), 2**60),
    "flag": st.none() | st.booleans(),
    "time": st.none() | st.datetimes(datetime(2009, 1, 3), datetime(2099, 12, 31), timezones=st.just(UTC)),
}
SCHEMA = pa.schema(
    {"text": pa.string(), "real": pa.float64(), "whole": pa.int64(), "flag": pa.bool_(), "time": columns.TIME}
)


@settings(deadline=None)
@given(st.lists(st.fixed_dictionaries(CELLS), max_size=30), st.sets(st.integers(0, 30)))
@example([{**dict.fromkeys(CELLS), "whole": 2**53 + 1}, dict.fromkeys(CELLS)], {1})
def test_rows_are_the_same_bytes_however_they_are_cut_into_pieces(rows, cuts):
    table = pa.Table.from_pylist(rows, SCHEMA)
    places = [0, *sorted(cuts), len(rows)]
    pieces = [to_pandas(table.slice(first, max(last - first, 0))) for first, last in pairwise(places)]
    whole = "".join(csv_of([to_pandas(table)]))
    assert "".join(csv_of(pieces)) == whole
    assert [(row["whole"], row["real"]) for row in csv.DictReader(io.StringIO(whole, newline=""))] == [
        tuple("" if row[name] is None else repr(row[name]) for name in ("whole", "real")) for row in rows
    ]


@pytest.mark.parametrize("piece", [1, 2, 7, 1000])
@pytest.mark.parametrize("table", ["candles", "market_caps", "mentions", "articles", "context_caps", "alerts"])
def test_a_table_written_in_pieces_is_the_table_written_whole(sample, monkeypatch, table, piece):
    monkeypatch.setattr("data.queries.exports.PIECE", 400 * piece if table == "mentions" else 50 * piece)
    known_at = datetime(2025, 3, 28, 14, 5, tzinfo=UTC)
    where = "symbol = 'BTC/USDT' AND interval = '1h'" if table == "candles" else None
    in_pieces = "".join(csv_of(queries.exported(sample, table, where, known_at)))
    assert in_pieces == "".join(csv_lines(queries.export(sample, table, where, known_at)))


def test_pieces_end_where_many_rows_share_the_first_column(lake, monkeypatch):
    monkeypatch.setattr("data.queries.exports.PIECE", 2)
    merged(lake, "market_caps", [cap(day, source=name) for name in ("a", "b") for day in (1, 2, 3, 4, 5)])
    lines = "".join(csv_of(queries.exported(lake.pin(), "market_caps"))).splitlines()[1:]
    # Two rows a piece would cut within a source, whose rows stay together: nothing twice, nothing lost.
    assert [line.split(",")[0::3][:2] for line in lines] == [
        [name, f"2025-03-{day:02}T00:00:00Z"] for name in ("a", "b") for day in (1, 2, 3, 4, 5)
    ]


# ── and back ──────────────────────────────────────────────────────────────────────────────────────────


def _back(lake, table: str, path: Path) -> Counts:
    write_csv(queries.export(lake.pin(), table), str(path))
    before = lake.pin().versions[table]
    total = Counts()
    for taken in import_table(lake, table, path, NOW, {}):
        assert taken.rejects == ()
        total += taken.counts
    assert lake.pin().versions[table] == before
    return total


def test_exported_candles_read_back_are_all_the_same_the_derived_ones_too(lake, tmp_path):
    opens = pd.date_range("2025-03-28", periods=120, freq="min", tz="UTC")
    with lake.writing():
        merge_candles(lake, candle_table(bars(opens, [84_000.1 + n / 7 for n in range(120)])))
    # 120 minutes, 24 five minutes, 2 hours; no day.
    assert _back(lake, "candles", tmp_path / "candles.csv") == Counts(same=146)


def test_exported_market_caps_read_back_are_all_the_same(lake, tmp_path):
    merged(lake, "market_caps", [cap(1, 2.68e12 / 3), cap(2, low_usd=2e12, high_usd=3e12), cap(3, source="=formula")])
    assert _back(lake, "market_caps", tmp_path / "caps.csv") == Counts(same=3)
