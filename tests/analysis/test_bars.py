"""Coarser bars against pandas' own resampling, and against an exchange's own hours."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bars import aggregate, gaps, whole_buckets

RULES = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
T0 = pd.Timestamp("2025-03-28", tz="UTC")


def minutes(which: list[int]) -> pd.DataFrame:
    close = pd.Series([100.0 + n * 7919 % 101 for n in which])
    return pd.DataFrame(
        {
            "open_time": T0 + pd.to_timedelta(which, unit="min"),
            "open": close - 0.5,
            "high": close + 2,
            "low": close - 1,
            "close": close,
            "volume": [1.0 + n % 3 for n in which],
        }
    )


def resampled(frame: pd.DataFrame, seconds: int) -> pd.DataFrame:
    ordered = frame.sort_values("open_time").set_index("open_time")
    return ordered.resample(f"{seconds}s").agg(RULES).dropna().reset_index()


@settings(deadline=None, max_examples=60)
@given(st.sets(st.integers(0, 3000), min_size=1, max_size=200), st.sampled_from([300, 3600, 86_400]), st.randoms())
def test_joined_bars_are_those_of_resampling_in_whatever_order_they_come(which, seconds, random):
    shuffled = list(which)
    random.shuffle(shuffled)
    expected = resampled(minutes(sorted(which)), seconds)
    pd.testing.assert_frame_equal(aggregate(minutes(shuffled), seconds), expected, check_dtype=False)


def test_bars_by_hand():
    found = aggregate(minutes([0, 4, 5]), 300)
    # Closes of minutes 0, 4, 5: 100, 100 + 31676 % 101 = 163, 100 + 39595 % 101 = 103.
    assert found["close"].to_list() == [163.0, 103.0]
    assert found["open"].to_list() == [99.5, 102.5]
    assert found["high"].to_list() == [165.0, 105.0]
    assert found["low"].to_list() == [99.0, 102.0]
    assert found["volume"].to_list() == [1.0 + 2.0, 3.0]


def test_a_bucket_without_bars_has_no_row():
    assert aggregate(minutes([0, 125]), 3600)["open_time"].to_list() == [T0, T0 + pd.Timedelta("2h")]
    assert aggregate(minutes([]), 3600).empty


@pytest.mark.parametrize(
    ("which", "batch", "expected"),
    [
        (range(60), (0, 60), [True]),
        (range(10, 60), (10, 60), [False]),  # begins amid the hour
        (range(50), (0, 50), [False]),  # ends amid it
        (range(10, 60), (0, 60), [True]),  # asked for from its start: an outage, not an edge
        (range(60, 120), (0, 180), [True]),
        ([*range(30, 60), *range(60, 120), *range(120, 130)], (30, 130), [False, True, False]),
        (range(60), (20, 30), [True]),  # reaches beyond what was asked for, but is there in full
        ([0, 59], (20, 30), [False]),  # its ends alone do not tell what lies between
        ([1, 59], (20, 30), [False]),
    ],
)
def test_which_hours_the_minutes_describe_whole(which, batch, expected):
    span = tuple(T0 + pd.Timedelta(minutes=m) for m in batch)
    assert whole_buckets(minutes(list(which)), 60, 3600, span).to_list() == expected


def test_gaps_by_hand():
    found = gaps(minutes([0, 1, 2, 5, 6, 100])["open_time"], 60)
    assert [(row.gap_start, row.gap_end, row.missing) for row in found.itertuples()] == [
        (T0 + pd.Timedelta("3min"), T0 + pd.Timedelta("5min"), 2),
        (T0 + pd.Timedelta("7min"), T0 + pd.Timedelta("100min"), 93),
    ]
    assert gaps(minutes(list(range(100)))["open_time"], 60).empty
    assert gaps(minutes([])["open_time"], 60).empty


@given(st.sets(st.integers(0, 300), min_size=1, max_size=100))
def test_gaps_and_bars_together_fill_the_span(which):
    found = gaps(minutes(sorted(which))["open_time"], 60)
    assert found["missing"].sum() + len(which) == max(which) - min(which) + 1


@pytest.fixture
def real_minutes(shared):
    def read(name: str, start: str, end: str) -> pd.DataFrame:
        return pd.read_parquet(
            shared / f"data/btcusdt_binance_1m_{name}.parquet",
            filters=[("ts", ">=", pd.Timestamp(start, tz="UTC")), ("ts", "<", pd.Timestamp(end, tz="UTC"))],
        ).rename(columns={"ts": "open_time"})

    return read


@pytest.mark.shared
def test_the_minutes_of_march_2025_make_the_hours_that_others_downloaded(real_minutes, shared):
    found = aggregate(real_minutes("2024h2_2025", "2025-03-01", "2025-04-01"), 3600)
    hourly = pd.read_parquet(shared / "data/ohlcv_binance_1h.parquet", filters=[("symbol", "==", "BTCUSDT")])
    expected = hourly.rename(columns={"ts": "open_time"}).set_index("open_time").sort_index()
    expected = expected["2025-03-01":"2025-03-31 23:00"].reset_index()[list(found.columns)]
    assert len(found) == 31 * 24
    pd.testing.assert_frame_equal(found, expected.astype({"open_time": found["open_time"].dtype}), rtol=1e-9)


@pytest.mark.shared
def test_the_day_of_the_story_is_as_its_readme_states_it(real_minutes):
    # shared/data/README.md: 2025-03-28 Binance 83,585–87,515.67, close 84,424.38.
    day = aggregate(real_minutes("2024h2_2025", "2025-03-28", "2025-03-29"), 86_400).iloc[0]
    assert (day["low"], day["high"], day["close"]) == (83585.0, 87515.67, 84424.38)


@pytest.mark.shared
def test_the_outage_of_24_march_2023_is_the_only_gap_of_that_month(real_minutes):
    found = gaps(real_minutes("2023_2024h1", "2023-03-01", "2023-04-01")["open_time"], 60)
    # README: "last 2023-03-24 12:40-14:00": 80 minutes.
    assert [(f"{row.gap_start:%d %H:%M}", f"{row.gap_end:%d %H:%M}", row.missing) for row in found.itertuples()] == [
        ("24 12:40", "24 14:00", 80)
    ]
