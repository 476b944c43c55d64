"""The coarser bars kept beside every finer one, against pandas' own resampling."""

from __future__ import annotations

import pandas as pd
from lake_rows import at, bars, candle_table

from data import queries
from data.candles import merge_candles
from data.lake import Lake


def _walk(start: str, minutes: int, gone: tuple[str, str] | None = None) -> pd.DataFrame:
    """Minute bars whose closes go up and down; none within ``gone``."""
    opens = pd.date_range(start, periods=minutes, freq="min", tz="UTC")
    frame = bars(opens, [100 + (n * 7919 % 101) for n in range(minutes)])
    if gone:
        frame = frame[~frame["open_time"].between(at(gone[0]), at(gone[1]), inclusive="left")]
    return frame.reset_index(drop=True)


def _resampled(frame: pd.DataFrame, rule: str) -> pd.DataFrame:
    """The oracle: pandas' own resampling of the minutes."""
    joined = (
        frame.set_index("open_time")
        .resample(rule)
        .agg({"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"})
    )
    return joined.dropna().reset_index()


def _take(lake: Lake, *frames: pd.DataFrame) -> None:
    for frame in frames:
        with lake.writing():
            merge_candles(lake, candle_table(frame))


def _stored_series(lake: Lake, interval: str) -> pd.DataFrame:
    found = queries.series(lake.pin(), "binance", "BTC/USDT", interval, at("2025-01-01"), at("2025-12-31"))
    return found[["open_time", "open", "high", "low", "close", "volume"]]


def _assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(
        found, expected.astype({"open_time": "datetime64[us, UTC]"}).reset_index(drop=True), rtol=1e-12
    )


def test_coarser_bars_equal_resampling_the_minutes_outage_and_all(lake):
    minutes = _walk("2025-03-28", 2 * 1440, gone=("2025-03-28 12:40", "2025-03-28 14:00"))
    _take(lake, minutes)
    for interval, rule in (("5m", "5min"), ("1h", "h"), ("1d", "D")):
        _assert_same(_stored_series(lake, interval), _resampled(minutes, rule))


def test_the_order_and_split_of_batches_do_not_matter_to_coarser_bars(lake):
    minutes = _walk("2025-03-28", 1440)
    _take(lake, minutes[700:], minutes[:333], minutes[333:700])
    for interval, rule in (("5m", "5min"), ("1h", "h"), ("1d", "D")):
        _assert_same(_stored_series(lake, interval), _resampled(minutes, rule))


def test_buckets_cut_at_an_edge_are_left_out_until_they_are_whole(lake):
    # 10:17 to 12:30: the hours of 10 and 12 and the five minutes of 10:15 are cut, as is the day.
    _take(lake, _walk("2025-03-28 10:17", 133))
    assert [t.strftime("%H:%M") for t in _stored_series(lake, "1h")["open_time"]] == ["11:00"]
    fives = _stored_series(lake, "5m")["open_time"]
    assert (fives.min(), fives.max()) == (pd.Timestamp("2025-03-28 10:20Z"), pd.Timestamp("2025-03-28 12:25Z"))
    assert _stored_series(lake, "1d").empty
    _take(lake, _walk("2025-03-28 12:30", 31))
    assert [t.strftime("%H:%M") for t in _stored_series(lake, "1h")["open_time"]] == ["11:00", "12:00"]


def test_a_fetched_hour_is_not_overwritten_by_minutes_and_the_day_is_built_from_it(lake):
    minutes = _walk("2025-03-28", 1440)
    fetched = bars([pd.Timestamp("2025-03-28 11:00Z")], [500.0], interval="1h")
    _take(lake, fetched, minutes)
    hours = _stored_series(lake, "1h").set_index("open_time")
    assert hours.loc["2025-03-28 11:00Z", "close"] == 500.0
    assert len(hours) == 24
    assert _stored_series(lake, "1d")["high"].to_list() == [502.0]  # its close plus 2, higher than any minute


def test_a_fetched_hour_replaces_the_one_built_from_minutes_and_the_day_follows(lake):
    _take(lake, _walk("2025-03-28", 1440), bars([pd.Timestamp("2025-03-28 11:00Z")], [500.0], interval="1h"))
    assert _stored_series(lake, "1h").set_index("open_time").loc["2025-03-28 11:00Z", "close"] == 500.0
    assert _stored_series(lake, "1d")["high"].to_list() == [502.0]


def test_a_revised_minute_revises_every_coarser_bar_above_it(lake):
    minutes = _walk("2025-03-28", 1440)
    revised = minutes.copy()
    revised.loc[615, "high"] = 999.0  # 10:15
    _take(lake, minutes, revised[615:616])
    for interval, rule in (("5m", "5min"), ("1h", "h"), ("1d", "D")):
        _assert_same(_stored_series(lake, interval), _resampled(revised, rule))


def test_series_of_other_exchanges_and_symbols_are_kept_apart(lake):
    one, other = _walk("2025-03-28", 60), _walk("2025-03-28", 60).assign(source="kraken", close=120.0, symbol="BTC/USD")
    _take(lake, pd.concat([one, other]))
    found = queries.coverage(lake.pin(), "1h")
    assert found[["source", "symbol", "bars"]].to_numpy().tolist() == [
        ["kraken", "BTC/USD", 1],
        ["binance", "BTC/USDT", 1],
    ]


def test_bars_of_a_year_lie_in_few_files(lake):
    opens = pd.date_range("2025-01-01", periods=365 * 24, freq="h", tz="UTC")
    _take(lake, bars(opens, [100.0] * len(opens), interval="1h"))
    assert len(lake.pin().table("candles").file_uris()) == 2  # the year's hours, all days
    assert len(_stored_series(lake, "1d")) == 364  # the query's window ends before 31 December
