"""Files that people bring: what is wrong with one is said in one sentence, and nothing of it is stored."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest
from lake_rows import stored

from data import queries
from data.imports import MAX_ARTICLE_BYTES, BadFile, import_article, import_table, parse_time
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
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", "cannot be read|has no column"),
        (b"<!DOCTYPE html><html><body>Just a moment...</body></html>", "has no column"),
        ((HEAD.replace("close,", "") + GOOD).encode(), "has no column close"),
        ((HEAD + GOOD + "1,2,3,4,5,6,7,8,9\n").encode(), "cannot be read to its end"),
        ((HEAD + GOOD).encode("utf-16"), "cannot be read|has no column"),
    ],
    ids=["empty", "binary", "html", "missing column", "ragged", "utf-16"],
)
def test_a_file_that_is_no_such_table_is_refused_whole(lake, tmp_path, content, said):
    before = lake.pin().versions
    with pytest.raises(BadFile, match=said) as refused:
        take(lake, tmp_path, content)
    assert "in.csv" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert lake.pin().versions == before


def test_a_missing_file_and_a_folder(lake, tmp_path):
    with pytest.raises(BadFile, match="cannot be read: No such file"):
        list(import_table(lake, "candles", tmp_path / "none.csv", NOW, SERIES))
    with pytest.raises(BadFile, match="cannot be read: Is a directory"):
        list(import_table(lake, "candles", tmp_path, NOW, SERIES))


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
    monkeypatch.setattr("data.imports.CHUNK", 100)
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


# ── articles ──────────────────────────────────────────────────────────────────────────────────────────

STORY = (
    "Bitcoin fell on Friday as traders weighed new tariffs.\n\n"
    "The total crypto market cap stood at $2.68 trillion, according to TradingView. Analysts expect more.\n"
)


def _article(lake, tmp_path, content: bytes, **options):
    path = tmp_path / "story.txt"
    path.write_bytes(content)
    return import_article(lake, path, NOW, **options)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"\xff\xfe\x00bad", "is not UTF-8 text"),
        (b"text \x00 with a zero", "holds binary data"),
        (b"<!DOCTYPE html><html><p>Story</p></html>", "is HTML"),
        (b"  <html lang='en'>", "is HTML"),
        (b"x" * (MAX_ARTICLE_BYTES + 1), "more than an article can have"),
    ],
    ids=["empty", "blank", "not utf-8", "binary", "html", "html after blanks", "huge"],
)
def test_an_article_file_that_is_none_is_refused(lake, tmp_path, content, said):
    before = lake.pin().versions
    with pytest.raises(BadFile, match=said) as refused:
        _article(lake, tmp_path, content)
    assert "story.txt" in str(refused.value)
    assert lake.pin().versions == before


def test_a_missing_article_file(lake, tmp_path):
    with pytest.raises(BadFile, match=r"none\.txt cannot be read: No such file"):
        import_article(lake, tmp_path / "none.txt", NOW)


def test_an_article_is_stored_once_with_what_the_caller_states(lake, tmp_path):
    published = datetime(2025, 3, 29, 8, tzinfo=UTC)
    given = {
        "title": "Bitcoin falls",
        "publisher": "Bitcoinist",
        "published_at": published,
        "published_precision": "minute",
        "url": "https://Bitcoinist.com/story/?utm_source=x",
    }
    assert _article(lake, tmp_path, STORY.encode(), **given).counts == Counts(new=1)
    assert _article(lake, tmp_path, STORY.encode(), **given).counts == Counts(same=1)
    row = stored(lake.pin(), "articles")[0]
    assert (row["title"], row["publisher"], row["source"]) == ("Bitcoin falls", "Bitcoinist", "bitcoinist")
    assert "utm_source" not in row["url"]
    assert (row["published_at"], row["known_at"], row["first_seen_at"]) == (published, published, NOW)
    assert row["known_at_assumed"] is True
    assert row["title_derived"] is False


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
