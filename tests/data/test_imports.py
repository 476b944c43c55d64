"""Files that people bring: what is wrong with one is said in one sentence, and nothing of it is stored."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pandas as pd
import pytest
from lake_rows import stored

from data import queries
from data.imports import BadFile, import_table, parse_time
from data.lake import Counts

NOW = datetime(2026, 7, 1, tzinfo=UTC)
HEAD = "open_time,open,high,low,close,volume\n"
GOOD = "2025-03-28T10:00:00Z,100,110,90,105,1.5\n"
SERIES = {"source": "kraken", "symbol": "BTC/USD", "interval": "1h"}


def take(lake, tmp_path, text: str | bytes, *, table="candles", defaults=SERIES, name="in.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    taken = list(import_table(lake, table, path, NOW, defaults))
    assert len(taken) == 1
    return taken[0]


# ── candles and market caps ───────────────────────────────────────────────────────────────────────────


def test_a_bar_is_stored_with_the_series_that_the_caller_names(lake, tmp_path):
    taken = take(lake, tmp_path, HEAD + GOOD)
    assert (taken.counts, taken.rejects) == (Counts(new=1), ())
    row = stored(lake.pin(), "candles")[0]
    assert [
        row[name] for name in ("source", "symbol", "interval", "open", "high", "low", "close", "volume", "span")
    ] == ["kraken", "BTC/USD", "1h", 100.0, 110.0, 90.0, 105.0, 1.5, "2025"]
    assert row["open_time"] == datetime(2025, 3, 28, 10, tzinfo=UTC)
    assert row["derived_from"] is None


def test_a_column_in_the_file_wins_over_the_option_and_the_order_of_columns_does_not_matter(lake, tmp_path):
    text = "close,low,high,open,volume,open_time,source\n105,90,110,100,1.5,2025-03-28T10:00:00Z,coinbase\n"
    take(lake, tmp_path, text)
    row = stored(lake.pin(), "candles")[0]
    assert (row["source"], row["open"], row["low"]) == ("coinbase", 100.0, 90.0)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2025-03-28T11:00:00Z,100,90,110,100,1", "high is below low"),
        ("2025-03-28T11:00:00Z,100,110,90,120,1", "close is outside low..high"),
        ("2025-03-28T11:00:00Z,NaN,110,90,105,1", "open must be a finite number"),
        ("2025-03-28T11:00:00Z,100,inf,90,105,1", "high must be a finite number"),
        ("2025-03-28T11:00:00Z,100,110,90,NULL,1", "close must be a finite number"),
        ("2025-03-28T11:00:00Z,100,110,90,,1", "close is missing"),
        ("2025-03-28T11:00:00Z,100,110,0,105,1", "low must be a positive number"),
        ("2025-03-28T11:00:00Z,100,110,90,105,-1", "volume must be zero or more"),
        ("2025-03-28 11:00:00,100,110,90,105,1", "open_time has no time zone"),
        ("2025-03-28T11:30:00Z,100,110,90,105,1", "open_time is not a multiple of the interval"),
        ("1970-01-21T04:00:00Z,100,110,90,105,1", "open_time must lie between 2009-01-03 and 2100"),
        ("2925-03-28T11:00:00Z,100,110,90,105,1", "open_time must lie between 2009-01-03 and 2100"),
        ("28.03.2025 11:00Z,100,110,90,105,1", "open_time is not an ISO 8601 time"),
        ("1743206400,100,110,90,105,1", "open_time has no time zone"),
    ],
)
def test_a_bad_line_is_refused_with_its_reason_and_the_others_are_stored(lake, tmp_path, line, reason):
    taken = take(lake, tmp_path, f"{HEAD}{GOOD}{line}\n")
    assert taken.counts == Counts(new=1)
    assert len(taken.rejects) == 1
    assert reason in taken.rejects[0].reason
    assert line.split(",")[1] in taken.rejects[0].excerpt
    found = stored(lake.pin(), "rejects")
    assert [(row["source"], row["reason"]) for row in found] == [("import in.csv", taken.rejects[0].reason)]
    run = queries.runs(lake.pin()).iloc[0]
    assert (run["new"], run["rejected"], run["table_name"]) == (1, 1, "candles")


def test_the_same_file_again_is_all_the_same_and_equal_lines_within_it_are_too(lake, tmp_path):
    assert take(lake, tmp_path, HEAD + GOOD + GOOD).counts == Counts(new=1, same=1)
    before = lake.pin().versions["candles"]
    assert take(lake, tmp_path, HEAD + GOOD + GOOD).counts == Counts(same=2)
    assert lake.pin().versions["candles"] == before


def test_of_two_different_lines_for_one_bar_the_last_counts_and_the_first_is_refused(lake, tmp_path):
    taken = take(lake, tmp_path, HEAD + GOOD + GOOD.replace(",105,", ",106,"))
    assert taken.counts == Counts(new=1)
    assert [reject.reason for reject in taken.rejects] == ["a later row of the same input has the same key"]
    assert stored(lake.pin(), "candles")[0]["close"] == 106.0


def test_times_in_any_zone_are_the_same_instant(lake, tmp_path):
    take(lake, tmp_path, HEAD + GOOD)
    assert take(lake, tmp_path, HEAD + GOOD.replace("10:00:00Z", "19:00:00+09:00")).counts == Counts(same=1)


def test_a_byte_order_mark_and_crlf_are_no_part_of_the_data(lake, tmp_path):
    text = b"\xef\xbb\xbf" + (HEAD + GOOD).replace("\n", "\r\n").encode()
    assert take(lake, tmp_path, text).counts == Counts(new=1)


def test_a_file_with_a_header_alone_stores_nothing_and_is_no_error(lake, tmp_path):
    assert take(lake, tmp_path, HEAD).counts == Counts()
    assert stored(lake.pin(), "candles") == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\r\n \n", "is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", "is not UTF-8 text"),
        (b"\x00\x01\x02\x03,\x00", "holds binary data"),
        (b"<!DOCTYPE html><html><body>Just a moment...</body></html>", "is a web page"),
        ((HEAD.replace("close,", "") + GOOD).encode(), "has no column close"),
        (HEAD.replace(",", ";").encode(), "is separated by semicolons. Save it with commas"),
        (HEAD.replace(",", "\t").encode(), "is separated by tabs"),
        (b"sep=;\n" + HEAD.replace(",", ";").encode(), "is separated by ';'. Save it with commas"),
        (HEAD.replace("open,", "open,open,").encode(), "names a column twice: open"),
        ((HEAD + GOOD).encode("utf-16"), "is UTF-16.*save it as UTF-8"),
        ((HEAD + GOOD).encode("utf-16-le"), "UTF-16; save the table as UTF-8"),
        (b"a" * 10_000_001, "line 1 is longer than 10,000,000 characters"),
        (HEAD.encode() + b'"2025', "line 2 is no line of a CSV file"),
        (b"PK\x03\x04 and then nothing", "is a zip that cannot be read"),
    ],
    ids=lambda value: value[:20].decode("latin-1").strip() if isinstance(value, bytes) else "",
)
def test_a_file_that_is_no_such_table_is_refused_whole(lake, tmp_path, content, said):
    before = lake.pin().versions
    with pytest.raises(BadFile, match=said) as refused:
        take(lake, tmp_path, content)
    assert "in.csv" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert lake.pin().versions == before


def test_a_header_under_a_line_for_excel_is_found_and_lines_are_counted_from_the_files_first(lake, tmp_path):
    taken = take(lake, tmp_path, f"sep=,\r\n{HEAD}{GOOD}\n{GOOD.replace(',110,', ',80,').replace('T10', 'T11')}")
    assert taken.counts == Counts(new=1)
    assert taken.rejects[0].excerpt.startswith("line 5: open_time=2025-03-28T11:00:00Z, open=100, high=80")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('2025-03-28T11:00:00Z,"84,424.38","84,500",84000,84400,1', "open must be a finite number"),
        ("2025-03-28T11:00:00Z,84,424.38,84500,84000,84400,1", "7 values for 6 columns; are there commas within"),
        ("2025-03-28T11:00:00Z,100,110", "3 values for 6 columns"),
    ],
)
def test_thousands_separators_and_lines_of_another_length_are_refused_each(lake, tmp_path, row, reason):
    taken = take(lake, tmp_path, f"{HEAD}{row}\n{GOOD}")
    assert taken.counts == Counts(new=1)
    assert [reject.excerpt[:7] for reject in taken.rejects] == ["line 2:"]
    assert reason in taken.rejects[0].reason


def test_a_row_over_several_lines_has_the_number_of_its_first(lake, tmp_path):
    text = HEAD.replace("volume", "volume,remark") + f'{GOOD.strip()},"one\ntwo"\n' + "x,1,1,1,1,1,\n"
    assert [reject.excerpt[:7] for reject in take(lake, tmp_path, text).rejects] == ["line 4:"]


def test_columns_that_are_not_read_are_named(lake, tmp_path):
    text = HEAD.replace("volume", "volume,vwap,trades") + GOOD.replace(",1.5", ",1.5,101,7")
    assert take(lake, tmp_path, text).note == "columns left out: vwap, trades"


def test_what_came_before_a_line_that_cannot_be_read_is_stored(lake, tmp_path):
    path = tmp_path / "in.csv"
    path.write_bytes((HEAD + GOOD).encode() + b'"2025-03-28')
    parts = import_table(lake, "candles", path, NOW, SERIES)
    assert next(parts).counts == Counts(new=1)
    with pytest.raises(BadFile, match="line 3 is no line of a CSV file"):
        next(parts)
    assert len(stored(lake.pin(), "candles")) == 1


def test_the_same_file_again_stores_neither_its_refused_lines_nor_a_run(lake, tmp_path):
    text = HEAD + GOOD + GOOD.replace(",110,", ",80,").replace("T10", "T11")
    first = take(lake, tmp_path, text)
    before = lake.pin().versions
    again = take(lake, tmp_path, text)
    assert again.counts == Counts(same=1)
    assert again.rejects == first.rejects
    assert lake.pin().versions == before


def test_a_bar_that_is_not_closed_is_refused_with_its_line(lake, tmp_path):
    taken = take(lake, tmp_path, HEAD + GOOD + GOOD.replace("2025-03-28T10", "2026-07-01T00"))
    assert [(reject.reason, reject.excerpt[:30]) for reject in taken.rejects] == [
        ("the bar is not closed yet", "line 3: open_time=2026-07-01T0")
    ]


def test_a_missing_file_a_folder_and_one_without_permission(lake, tmp_path, monkeypatch):
    with pytest.raises(BadFile, match="cannot be read: No such file"):
        list(import_table(lake, "candles", tmp_path / "none.csv", NOW, SERIES))
    with pytest.raises(BadFile, match="cannot be read: Is a directory"):
        list(import_table(lake, "candles", tmp_path, NOW, SERIES))

    def refused(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refused)  # tests may run as root, who may read everything
    with pytest.raises(BadFile, match="cannot be read: Permission denied"):
        list(import_table(lake, "candles", tmp_path / "in.csv", NOW, SERIES))


def test_a_disk_that_fails_midway_keeps_what_came_before_and_says_where(lake, tmp_path, monkeypatch):
    path = tmp_path / "in.csv"
    path.write_text(HEAD + GOOD)
    opened = type(path).open

    class Failing(io.BytesIO):
        def read1(self, size=-1):
            if self.tell() == len(self.getvalue()):
                raise OSError(5, "Input/output error")
            return super().read1(size)

    monkeypatch.setattr(
        "pathlib.Path.open", lambda self, mode="r": Failing(path_bytes) if self == path else opened(self, mode)
    )
    path_bytes = (HEAD + GOOD).encode()
    parts = import_table(lake, "candles", path, NOW, SERIES)
    assert next(parts).counts == Counts(new=1)
    with pytest.raises(BadFile, match="cannot be read beyond line 2: Input/output error"):
        next(parts)


def test_errors_of_the_lake_stay_what_they_are(lake, tmp_path, monkeypatch):
    def broken(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("data.imports.take", broken)
    with pytest.raises(OSError, match="No space left"):
        take(lake, tmp_path, HEAD + GOOD)


def test_parquet_with_aware_times_is_stored_and_with_naive_ones_refused(lake, tmp_path):
    frame = pd.DataFrame(
        {
            "open_time": pd.to_datetime(["2025-03-28T10:00Z"]),
            "open": 100.0,
            "high": 110.0,
            "low": 90.0,
            "close": 105.0,
            "volume": 1.5,
        }
    )
    frame.to_parquet(tmp_path / "a.parquet")
    assert next(import_table(lake, "candles", tmp_path / "a.parquet", NOW, SERIES)).counts == Counts(new=1)
    frame.assign(open_time=frame["open_time"].dt.tz_localize(None)).to_parquet(tmp_path / "b.parquet")
    taken = next(import_table(lake, "candles", tmp_path / "b.parquet", NOW, SERIES))
    assert taken.counts == Counts()
    assert "open_time has no time zone" in taken.rejects[0].reason


def test_a_file_named_parquet_that_is_none(lake, tmp_path):
    with pytest.raises(BadFile, match=r"x\.parquet cannot be read"):
        take(lake, tmp_path, b"<html>", name="x.parquet")


def test_a_large_file_is_read_in_parts_and_counted_whole(lake, tmp_path, monkeypatch):
    monkeypatch.setattr("data.import_files.CHUNK", 100)
    opens = pd.date_range("2025-03-01", periods=250, freq="h", tz="UTC").strftime("%Y-%m-%dT%H:%M:%SZ")
    path = tmp_path / "in.csv"
    path.write_text(HEAD + "".join(f"{at},100,110,90,105,1\n" for at in opens))
    parts = list(import_table(lake, "candles", path, NOW, SERIES))
    assert [part.counts.new for part in parts] == [100, 100, 50]
    assert queries.coverage(lake.pin(), "1h")["bars"].to_list() == [250]
    assert queries.coverage(lake.pin(), "1d")["bars"].to_list() == [10]  # 250 h are ten whole days and ten hours


def test_market_caps_with_their_rules(lake, tmp_path):
    head = "period_end,available_at,market_cap_usd,low_usd,high_usd,resolution_s\n"
    good = "2025-03-29T00:00:00Z,2025-03-29T00:05:00Z,2701608601518,2671234914642,2812624528374,86400\n"
    outside = good.replace("2701608601518", "2900000000000").replace("03-29T00:0", "03-30T00:0")
    fraction = good.replace(",86400", ",86400.5").replace("03-29T00:0", "03-31T00:0")
    early = good.replace("03-29T00:00", "04-01T00:00")
    taken = take(
        lake,
        tmp_path,
        head + good + outside + fraction + early,
        table="market_caps",
        defaults={"source": "tradingview", "definition": "top-125", "asset": "TOTAL"},
    )
    assert taken.counts == Counts(new=1)
    assert [reject.reason for reject in taken.rejects] == [
        "market_cap_usd is outside low_usd..high_usd",
        "resolution_s must be a whole number",
        "available_at is before period_end",
    ]
    assert stored(lake.pin(), "market_caps")[0]["market_cap_usd"] == 2701608601518.0


# ── times that people type ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "expected", "precision"),
    [
        ("2025-03-28", "2025-03-28T00:00:00", "day"),
        ("2025-03-28T17:17Z", "2025-03-28T17:17:00", "minute"),
        ("2025-03-28T17:17:30Z", "2025-03-28T17:17:30", "second"),
        ("2025-03-28T17:17+02:00", "2025-03-28T15:17:00", "minute"),
        ("2025-03-28T17:17:30-05:30", "2025-03-28T22:47:30", "second"),
        ("2025-03-28 17:17Z", "2025-03-28T17:17:00", "minute"),
    ],
)
def test_times_as_typed(text, expected, precision):
    assert parse_time(text) == (datetime.fromisoformat(expected + "+00:00"), precision)


@pytest.mark.parametrize("text", ["yesterday", "2025-13-01", "2025-02-30", "", "28.03.2025"])
def test_what_is_no_time_is_said_with_how_to_write_one(text):
    with pytest.raises(ValueError, match=r"is not a time; write a day as 2025-03-28"):
        parse_time(text)


def test_a_time_of_day_needs_a_zone():
    with pytest.raises(ValueError, match="has no time zone; write 2025-03-28T17:17Z"):
        parse_time("2025-03-28T17:17")
