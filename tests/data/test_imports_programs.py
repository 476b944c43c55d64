"""Other programs' files, in the shape their makers document: what is read from the rows, and what from the name."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from lake_rows import stored

from data.imports import BadFile, import_table
from data.lake import Counts

NOW = datetime(2026, 7, 1, tzinfo=UTC)
DAY = 86_400
MARCH_28 = 1_743_120_000  # 2025-03-28T00:00:00Z: 20,175 days of 86,400 s


def take(lake, tmp_path, name: str, content: str | bytes, table: str, **given):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    taken = list(import_table(lake, table, path, given.pop("now", NOW), given))
    assert len(taken) == 1
    return taken[0]


# ── TradingView ───────────────────────────────────────────────────────────────────────────────────────

CAPS = "time,open,high,low,close\n"
TWO_DAYS = f"{MARCH_28},2810e9,2812e9,2671e9,2701e9\n{MARCH_28 + DAY},2701e9,2712e9,2602e9,2650e9\n"


def caps(lake, tmp_path, rows=TWO_DAYS, name="CRYPTOCAP_TOTAL, 1D.csv", head=CAPS, **given):
    return take(lake, tmp_path, name, head + rows, "market_caps", **given)


def test_a_bar_of_the_total_is_stored_at_its_close_with_its_range(lake, tmp_path):
    taken = caps(lake, tmp_path)
    assert (taken.counts, taken.rejects) == (Counts(new=2), ())
    assert taken.note == "TOTAL, top-125: bars of 86,400 s, stamped at their open"
    row = stored(lake.pin(), "market_caps")[0]
    assert [row[name] for name in ("source", "definition", "asset", "resolution_s")] == [
        "tradingview", "top-125", "TOTAL", DAY,
    ]  # fmt: skip
    assert row["period_end"] == row["available_at"] == datetime(2025, 3, 29, tzinfo=UTC)
    assert [row[name] for name in ("open_usd", "high_usd", "low_usd", "market_cap_usd")] == [
        2810e9, 2812e9, 2671e9, 2701e9,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "asset", "definition"),
    [
        ("CRYPTOCAP_TOTAL, 1D_0a1b2.csv", "TOTAL", "top-125"),
        ("CRYPTOCAP_TOTAL2, 1D (1).csv", "TOTAL2", "top-125"),
        ("CRYPTOCAP_TOTAL3, D.csv", "TOTAL3", "top-125"),
        ("CRYPTOCAP_BTC, 1440.csv", "BTC", "asset"),
        ("CRYPTOCAP_ETH.csv", "ETH", "asset"),
    ],
)
def test_the_name_of_the_file_states_the_symbol(lake, tmp_path, name, asset, definition):
    assert caps(lake, tmp_path, name=name).counts == Counts(new=2)
    row = stored(lake.pin(), "market_caps")[0]
    assert (row["asset"], row["definition"], row["resolution_s"]) == (asset, definition, DAY)


def test_iso_times_in_any_zone_are_the_same_instants(lake, tmp_path):
    caps(lake, tmp_path)
    iso = TWO_DAYS.replace(str(MARCH_28 + DAY), "2025-03-29T00:00:00Z")
    assert caps(lake, tmp_path, iso.replace(str(MARCH_28), "2025-03-28T02:00:00+02:00")).counts == Counts(same=2)


@pytest.mark.parametrize("local", ["2025-03-28T00:00:00", "2025-03-28", "2025-03-28 00:00"])
def test_a_time_without_a_zone_is_refused_with_what_to_choose(lake, tmp_path, local):
    with pytest.raises(BadFile, match=r"have no zone.*“UNIX timestamp”.*“ISO time”"):
        caps(lake, tmp_path, TWO_DAYS.replace(str(MARCH_28), local))


def test_indicators_on_the_chart_are_left_out_and_named_even_twice(lake, tmp_path):
    rows = "".join(f"{line},1,2,3\n" for line in TWO_DAYS.splitlines())
    taken = caps(lake, tmp_path, rows, head="time,open,high,low,close,Volume,Plot,Plot\n")
    assert taken.counts == Counts(new=2)
    assert taken.note.endswith("; columns left out: Volume, Plot, Plot")


def test_the_bar_that_is_still_open_is_left_out_and_said(lake, tmp_path):
    taken = caps(lake, tmp_path, now=datetime(2025, 3, 29, 12, tzinfo=UTC))
    assert (taken.counts, taken.rejects) == (Counts(new=1), ())
    assert "left out the bar of line 3: it ends at 2025-03-30 00:00 UTC" in taken.note


def test_at_its_close_the_last_bar_counts(lake, tmp_path):
    assert caps(lake, tmp_path, now=datetime(2025, 3, 30, tzinfo=UTC)).counts == Counts(new=2)


def test_bars_beyond_the_open_one_are_refused_with_their_lines(lake, tmp_path):
    taken = caps(lake, tmp_path, now=datetime(2025, 3, 28, 12, tzinfo=UTC))
    assert taken.counts == Counts()
    assert [(r.reason, r.excerpt) for r in taken.rejects] == [
        ("the bar is not closed yet", "line 3: it ends at 2025-03-30T00:00:00+00:00")
    ]


def test_the_length_of_a_bar_is_taken_from_the_spacing_where_the_name_does_not_state_it(lake, tmp_path):
    hours = "".join(f"{MARCH_28 + 3600 * h},2e12,2e12,2e12,2e12\n" for h in (0, 1, 2, 5))  # a gap is no other length
    assert "bars of 3,600 s" in caps(lake, tmp_path, hours, name="x.csv", asset="TOTAL").note


@pytest.mark.parametrize("rows", [TWO_DAYS.splitlines()[0], "".join(
    f"{MARCH_28 + s},2e12,2e12,2e12,2e12\n" for s in (0, 60, 160, 420))])  # fmt: skip
def test_a_spacing_that_shows_no_length_is_refused_unless_it_is_given(lake, tmp_path, rows):
    with pytest.raises(BadFile, match="say so with --interval"):
        caps(lake, tmp_path, rows, name="x.csv", asset="TOTAL")
    assert caps(lake, tmp_path, rows.splitlines()[0], name="x.csv", asset="TOTAL", interval="1d").counts.new == 1


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("CRYPTOCAP_BTC.D, 1D.csv", {}, "is dominance, in percent"),
        ("x.csv", {}, "which symbol is it.*--asset"),
        ("CRYPTOCAP_TOTALES, 1D.csv", {}, "counts a universe of its own; name it with --definition"),
        ("CRYPTOCAP_TOTAL, 1M.csv", {}, "'1M' is no bar length"),
        ("CRYPTOCAP_TOTAL, 1W.csv", {}, "rows 86,400 s apart; its bars are said to be 604,800 s long"),
        ("CRYPTOCAP_TOTAL, 1D.csv", {"interval": "soon"}, "'soon' is no bar length"),
    ],
)
def test_a_chart_that_cannot_be_placed_is_refused(lake, tmp_path, name, given, said):
    with pytest.raises(BadFile, match=said):
        caps(lake, tmp_path, name=name, **given)
    assert stored(lake.pin(), "market_caps") == []


def test_percentages_are_refused_whatever_the_file_is_called(lake, tmp_path):
    with pytest.raises(BadFile, match="no value above 100"):
        caps(lake, tmp_path, f"{MARCH_28},61.2,61.9,60.8,61.5\n{MARCH_28 + DAY},61.5,62,61,61.8\n")


def test_a_line_that_does_not_fit_is_refused_with_its_number(lake, tmp_path):
    taken = caps(lake, tmp_path, TWO_DAYS + f"{MARCH_28 + 2 * DAY},2e12,1e12,2e12,NaN\nyesterday,1,1,1,1\n")
    assert taken.counts == Counts(new=2)
    assert [reject.excerpt[:7] for reject in taken.rejects] == ["line 4:", "line 5:"]
    assert "market_cap_usd must be a finite number" in taken.rejects[0].reason
    assert "period_end is missing" in taken.rejects[1].reason


@pytest.mark.shared
def test_a_chart_of_real_days_holds_the_claim_that_was_true_of_it(lake, tmp_path, shared):
    """47 days of CRYPTOCAP:TOTAL; DESIGN.md: it ranged 2.671 to 2.813 trillion on 28 March 2025."""
    with (shared / "data/total_marketcap_tradingview_2025-02-28_04-15.csv").open(newline="") as file:
        days = list(csv.DictReader(file))
    rows = "".join(f"{d['date_utc']}T00:00:00Z,{d['open']},{d['high']},{d['low']},{d['close']}\n" for d in days)
    assert caps(lake, tmp_path, rows).counts == Counts(new=47)
    row = next(r for r in stored(lake.pin(), "market_caps") if r["period_end"] == datetime(2025, 3, 29, tzinfo=UTC))
    assert (round(row["low_usd"] / 1e12, 3), round(row["high_usd"] / 1e12, 3)) == (2.671, 2.813)


# ── Binance's archive ─────────────────────────────────────────────────────────────────────────────────

MINUTE_MS = (
    "1735689540000,93560.1,93600,93500.5,93576,12.5,1735689599999,1169700,842,6.1,570800,0\n"  # 2024-12-31 23:59
)
MINUTE_US = "1735689600000000,93576,93610.9,93537.5,93610.9,8.2,1735689659999999,767609,1210,4.4,411900,0\n"  # 00:00
KLINES = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
    "taker_buy_volume,taker_buy_quote_volume,ignore\n"
)


def zipped(*members: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def klines(lake, tmp_path, content, name="BTCUSDT-1m-2025-01.csv", **given):
    return take(lake, tmp_path, name, content, "candles", **given)


@pytest.mark.parametrize("head", ["", KLINES])
def test_klines_in_both_units_of_time_are_bars_at_their_open(lake, tmp_path, head):
    taken = klines(lake, tmp_path, head + MINUTE_MS + MINUTE_US)
    assert (taken.counts, taken.rejects) == (Counts(new=2), ())
    rows = stored(lake.pin(), "candles")
    assert [(r["source"], r["symbol"], r["interval"]) for r in rows] == [("binance", "BTC/USDT", "1m")] * 2
    assert [r["open_time"] for r in rows] == [
        datetime(2024, 12, 31, 23, 59, tzinfo=UTC),
        datetime(2025, 1, 1, tzinfo=UTC),
    ]
    assert [rows[1][name] for name in ("open", "high", "low", "close", "volume")] == [
        93576, 93610.9, 93537.5, 93610.9, 8.2,
    ]  # fmt: skip


def test_the_zip_is_read_as_it_is_and_its_names_lead_nowhere(lake, tmp_path):
    packed = zipped(("../../etc/BTCUSDT-1m-2025-01.csv", MINUTE_US.encode()))
    assert klines(lake, tmp_path, packed, "BTCUSDT-1m-2025-01.zip").counts == Counts(new=1)
    assert [path.name for path in tmp_path.iterdir() if path.name != "lake"] == ["BTCUSDT-1m-2025-01.zip"]


@pytest.mark.parametrize(
    ("packed", "said"),
    [
        (zipped(), "holds 0 files"),
        (zipped(("a.csv", b"x"), ("b.csv", b"x")), "one CSV file and nothing else; it holds 2 files"),
        (zipped(("a.exe", b"x")), "one CSV file and nothing else"),
        (zipped(("a.csv", MINUTE_US.encode()))[:-30], "is a zip that cannot be read"),
        (zipped(("a.csv", b"0" * 50_000_000)), "line 1 is longer than 10,000,000 characters"),
        (zipped(("a.csv", zipped(("b.csv", b"x")))), "binary data|not UTF-8"),
    ],
    ids=["none", "two", "no csv", "cut short", "bomb", "zip in zip"],
)
def test_a_zip_that_is_no_archive_of_bars_is_refused(lake, tmp_path, packed, said):
    with pytest.raises(BadFile, match=said):
        klines(lake, tmp_path, packed, "BTCUSDT-1m-2025-01.zip")


def test_a_zip_that_unpacks_to_more_than_is_read_is_stopped(lake, tmp_path, monkeypatch):
    monkeypatch.setattr("data.import_files.MAX_UNZIPPED", 1000)
    path = tmp_path / "BTCUSDT-1m-2025-01.zip"
    path.write_bytes(zipped(("a.csv", (MINUTE_US * 100).encode())))
    with pytest.raises(BadFile, match="longer than 1,000 characters"):
        list(import_table(lake, "candles", path, NOW, {}))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (MINUTE_US.replace("1735689659999999", "1735689660000000"), "close_time is not the last instant"),
        (MINUTE_US.replace("1735689659999999", "1735693199999999"), "close_time is not the last instant"),  # an hour
        (MINUTE_US.replace("1735689600000000", "17356896"), "must be milliseconds"),
        (MINUTE_US.replace("93610.9", "1", 1), "high is below low"),
    ],
)
def test_a_kline_that_contradicts_itself_is_refused_with_its_line(lake, tmp_path, line, reason):
    taken = klines(lake, tmp_path, MINUTE_MS + line)
    assert taken.counts == Counts(new=1)
    assert [reject.excerpt[:7] for reject in taken.rejects] == ["line 2:"]
    assert reason in taken.rejects[0].reason


@pytest.mark.parametrize(
    ("written", "symbol"),
    [("ETHBTC", "ETH/BTC"), ("USDTTRY", "USDT/TRY"), ("BTCFDUSD", "BTC/FDUSD"), ("1INCHUSDT", "1INCH/USDT")],
)
def test_a_symbol_in_one_word_is_parted_before_its_currency(lake, tmp_path, written, symbol):
    klines(lake, tmp_path, MINUTE_US, f"{written}-1m-2025-01-01.csv")
    assert stored(lake.pin(), "candles")[0]["symbol"] == symbol


def test_what_the_name_does_not_tell_is_asked_for_and_options_win_over_it(lake, tmp_path):
    with pytest.raises(BadFile, match="give --symbol"):
        klines(lake, tmp_path, MINUTE_US, "BTCXYZ-1m-2025-01.csv")
    with pytest.raises(BadFile, match="give --symbol"):
        klines(lake, tmp_path, MINUTE_US, "data.csv")
    with pytest.raises(BadFile, match="Give --interval"):
        klines(lake, tmp_path, MINUTE_US, "data.csv", symbol="BTC/USDT")
    with pytest.raises(BadFile, match="Bars of 15m are not kept"):
        klines(lake, tmp_path, MINUTE_US, "BTCUSDT-15m-2025-01.csv")
    klines(lake, tmp_path, MINUTE_US, symbol="BTC/XYZ", source="binance-um")
    assert {(r["source"], r["symbol"]) for r in stored(lake.pin(), "candles")} == {("binance-um", "BTC/XYZ")}


# ── CryptoDataDownload ────────────────────────────────────────────────────────────────────────────────

ADDRESS = "https://www.CryptoDataDownload.com\n"
UNIX = "Unix,Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USDT,tradecount\n"
HOUR_2 = "1585710000000,2020-04-01 03:00:00,BTCUSDT,6412.1,6440,6400,6430.5,1500.25,9640000,21000\n"  # milliseconds
HOUR_1 = "1585706400,2020-04-01 02:00:00,BTCUSDT,6400,6420,6390,6412.1,1200,7690000,18000\n"  # seconds


def hours(lake, tmp_path, content, name="Binance_BTCUSDT_1h.csv", **given):
    return take(lake, tmp_path, name, content, "candles", **given)


def test_bars_with_the_newest_first_and_both_units_are_stored(lake, tmp_path):
    taken = hours(lake, tmp_path, ADDRESS + UNIX + HOUR_2 + HOUR_1)
    assert (taken.counts, taken.rejects) == (Counts(new=2), ())
    assert taken.note == "binance BTC/USDT, 1h bars; volume is “Volume BTC”"
    rows = stored(lake.pin(), "candles")
    assert [r["open_time"] for r in rows] == [datetime(2020, 4, 1, h, tzinfo=UTC) for h in (2, 3)]
    assert [rows[0][name] for name in ("source", "symbol", "interval", "close", "volume")] == [
        "binance", "BTC/USDT", "1h", 6412.1, 1200,
    ]  # fmt: skip


VOLUMES = "Symbol,Open,High,Low,Close,Volume BTC,Volume USD\n"


@pytest.mark.parametrize(
    ("head", "line", "name"),
    [
        ("unix,date," + VOLUMES.lower(), "1585706400,2020-04-01 02:00:00,BTC/USD,{}", "Bitstamp_BTCUSD_1h.csv"),
        ("Date," + VOLUMES, "2020-04-01 02-AM,BTCUSD,{}", "Bitstamp_BTCUSD_1h.csv"),
        (
            "Unix Timestamp,Date," + VOLUMES,
            "1585706400.0,2020-04-01 02:00:00,BTCUSD,{}",
            "bitstamp_BTCUSD_2020_1hr.csv",
        ),
    ],
)
def test_every_header_the_site_has_used_gives_the_same_bar(lake, tmp_path, head, line, name):
    assert (
        hours(lake, tmp_path, ADDRESS + head + line.format("6400,6420,6390,6412.1,1200,7690000\n"), name).counts.new
        == 1
    )
    row = stored(lake.pin(), "candles")[0]
    assert (row["source"], row["symbol"], row["open_time"]) == (
        "bitstamp",
        "BTC/USD",
        datetime(2020, 4, 1, 2, tzinfo=UTC),
    )
    assert (row["close"], row["volume"]) == (6412.1, 1200)


def test_daily_bars_and_noon_in_the_twelve_hour_dates(lake, tmp_path):
    head = "Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USD\n"
    hours(lake, tmp_path, ADDRESS + head + "2020-04-01,BTCUSD,1,1,1,1,1,1\n", "Bitstamp_BTCUSD_d.csv")
    hours(lake, tmp_path, ADDRESS + head + "2020-04-01 12-PM,BTCUSD,1,1,1,1,1,1\n", "Gemini_BTCUSD_1h.csv")
    assert [(r["source"], r["interval"], r["open_time"].hour) for r in stored(lake.pin(), "candles")] == [
        ("bitstamp", "1d", 0), ("gemini", "1h", 12),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (HOUR_1.replace("1585706400", "15857064"), "Unix must be seconds or milliseconds"),
        (HOUR_1.replace("02:00:00", "04:00:00"), "Unix and Date are two times"),
        (HOUR_1.replace("BTCUSDT", "ETHUSDT"), "another symbol than the first line's, BTCUSDT"),
        (HOUR_1.replace("1585706400", "1585706460").replace("02:00:00", "02:01:00"), "not a multiple of the interval"),
    ],
)
def test_a_line_that_contradicts_itself_or_the_file_is_refused(lake, tmp_path, line, reason):
    taken = hours(lake, tmp_path, ADDRESS + UNIX + HOUR_2 + line)
    assert taken.counts == Counts(new=1)
    assert [reject.excerpt[:7] for reject in taken.rejects] == ["line 4:"]
    assert reason in taken.rejects[0].reason


def test_the_hour_that_is_still_open_is_left_out(lake, tmp_path):
    taken = hours(lake, tmp_path, ADDRESS + UNIX + HOUR_2 + HOUR_1, now=datetime(2020, 4, 1, 3, 30, tzinfo=UTC))
    assert taken.counts == Counts(new=1)
    assert "left out the bar of line 3" in taken.note


def test_a_file_of_another_name_needs_its_source_and_interval(lake, tmp_path):
    with pytest.raises(BadFile, match="give --source and --interval"):
        hours(lake, tmp_path, ADDRESS + UNIX + HOUR_1, "data.csv")
    with pytest.raises(BadFile, match="has no column Volume BTC"):
        hours(lake, tmp_path, ADDRESS + UNIX.replace("Volume BTC", "Volume XBT") + HOUR_1)
    assert hours(lake, tmp_path, ADDRESS + UNIX + HOUR_1, "data.csv", source="binance", interval="1h").counts.new == 1


def test_a_long_file_with_the_newest_first_fills_the_pyramid_across_its_chunks(lake, tmp_path, monkeypatch):
    monkeypatch.setattr("data.import_files.CHUNK", 30)
    start = datetime(2020, 4, 1, tzinfo=UTC)
    opens = [start + timedelta(hours=h) for h in reversed(range(72))]
    path = tmp_path / "Binance_BTCUSDT_1h.csv"
    path.write_text(ADDRESS + UNIX + "".join(f"{o.timestamp():.0f},{o:%F %T},BTCUSDT,1,1,1,1,1,1,1\n" for o in opens))
    assert [part.counts.new for part in import_table(lake, "candles", path, NOW, {})] == [30, 30, 12]
    days = [row for row in stored(lake.pin(), "candles") if row["interval"] == "1d"]
    assert [(row["open_time"].day, row["volume"]) for row in days] == [(1, 24), (2, 24), (3, 24)]
