"""Stated moves against bars written here; every expected figure is arithmetic on them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.check_moves import Horizon, check_move, read_horizon
from analysis.checks import Record, Stated, records

HOUR, DAY = 3600, 86_400
NOON = pd.Timestamp("2025-03-28T12:00Z")


def bars(first: str, seconds: int, *prices: tuple[float, float, float, float]) -> Record:
    """Bars one after another: open, high, low, close."""
    start = pd.date_range(first, periods=len(prices), freq=f"{seconds}s", tz="UTC")
    end = start + pd.Timedelta(seconds=seconds)
    opened, high, low, close = zip(*prices, strict=True)
    return records(
        pd.DataFrame(
            {
                "source": "kraken",
                "definition": "BTC/USD",
                "start": start,
                "end": end,
                "open": opened,
                "low": low,
                "high": high,
                "value": close,
                "resolution_s": seconds,
                "available_at": end,
            }
        )
    )[0]


def readings(*pairs: tuple[str, float], seconds: int = DAY) -> Record:
    at = pd.to_datetime([time for time, _ in pairs], utc=True)
    values = [value for _, value in pairs]
    frame = pd.DataFrame({"start": at, "end": at, "low": values, "high": values, "value": values, "available_at": at})
    return records(frame.assign(source="coingecko", definition="all-coins", resolution_s=seconds))[0]


def stated(value: float, start, end=None, *, precision=0.05, comparator="eq") -> Stated:
    start = pd.Timestamp(start)
    return Stated(value, precision, comparator, start, start if end is None else pd.Timestamp(end), unit="percent")


def flat(price: float) -> tuple[float, float, float, float]:
    return (price, price, price, price)


# 100 until the 27th 12:00, then 96 from the 28th 12:00 on; hourly.
FELL = bars("2025-03-27T00:00", HOUR, *[flat(100.0)] * 36, *[flat(96.0)] * 12)


def test_a_fall_of_four_percent_in_a_day():
    at = "2025-03-28T14:30Z"
    found = check_move(stated(-4.0, at), read_horizon("24h"), FELL)
    assert (found["verdict"], found["value_percent"]) == ("matches", pytest.approx(-4.0))  # 96 / 100 − 1
    assert found["note"] == "Moved −4.00 % over 24 hours, at that time."
    assert found["resolution_s"] == HOUR
    # The sign matters.
    risen = check_move(stated(4.0, at), read_horizon("24h"), FELL)
    assert (risen["verdict"], risen["difference_points"]) == ("differs", pytest.approx(8.0))


@pytest.mark.parametrize(
    ("value", "comparator", "verdict"),
    [(-4.04, "eq", "matches"), (-4.06, "eq", "differs"), (-3.0, "gt", "matches"), (-5.0, "lt", "matches")],
)
def test_the_stated_digits_and_words_decide(value, comparator, verdict):
    claim = stated(value, "2025-03-28T14:30Z", comparator=comparator)
    assert check_move(claim, read_horizon("24h"), FELL)["verdict"] == verdict


def test_over_a_span_every_move_that_ended_within_it_counts():
    """On the 28th until noon nothing had moved over 24 hours; after it, −4 %."""
    day = ("2025-03-28T00:00Z", "2025-03-29T00:00Z")
    for value, verdict in ((0.0, "matches"), (-4.0, "matches"), (-2.0, "matches"), (-4.5, "differs"), (1, "differs")):
        found = check_move(stated(value, *day), read_horizon("24h"), FELL)
        assert found["verdict"] == verdict, value
        assert (found["low_percent"], found["high_percent"]) == (pytest.approx(-4.0), 0.0)
    assert found["value_percent"] == pytest.approx(-4.0)  # the one that ends last


def test_days_cannot_tell_of_an_instant_and_can_of_a_day():
    daily = bars("2025-03-26", DAY, (98, 101, 97, 100), (100, 103, 99, 102), (102, 104, 95, 96))
    instant = check_move(stated(-5.9, "2025-03-28T18:00Z"), read_horizon("24h"), daily)
    assert instant["verdict"] == "cannot check"
    assert instant["note"] == "Recorded only every day, too coarse for a move over 24 hours."
    day = ("2025-03-28T00:00Z", "2025-03-29T00:00Z")
    # 96 / 102 − 1 = −5.88 %; at the day's beginning 102 / 100 − 1 = +2 %.
    found = check_move(stated(-5.9, *day), read_horizon("24h"), daily)
    assert (found["verdict"], found["value_percent"]) == ("matches", pytest.approx(-5.882, abs=1e-3))
    assert found["high_percent"] == pytest.approx(2.0)
    # Within the bars the price lay between 95 and 104, the day before between 99 and 103:
    # no move was below 95 / 103 − 1 = −7.77 % or above 104 / 99 − 1 = +5.05 %.
    for value, verdict in ((-7.0, "cannot check"), (5.0, "cannot check"), (-8.0, "differs"), (5.2, "differs")):
        found = check_move(stated(value, *day), read_horizon("24h"), daily)
        assert found["verdict"] == verdict, value
    assert "too coarse" in check_move(stated(-7.0, *day), read_horizon("24h"), daily)["note"]


def test_an_hour_needs_bars_of_ten_minutes_or_less():
    for seconds, verdict in ((300, "matches"), (600, "matches"), (900, "cannot check"), (HOUR, "cannot check")):
        count = 2 * HOUR // seconds
        record = bars("2025-03-28T11:00", seconds, *[flat(100.0)] * (count // 2), *[flat(101.0)] * (count // 2))
        found = check_move(stated(1.0, "2025-03-28T12:30Z"), read_horizon("1h"), record)
        assert found["verdict"] == verdict, seconds


def test_readings_a_day_apart_can_match_and_cannot_differ():
    """They say nothing of what was between them."""
    total = readings(("2025-03-27", 100.0), ("2025-03-28", 97.0), ("2025-03-29", 95.06))
    day = ("2025-03-28T00:00Z", "2025-03-29T00:00Z")
    # 97 / 100 − 1 = −3 %, 95.06 / 97 − 1 = −2 %
    for value, verdict in ((-2.5, "matches"), (-3.0, "matches"), (-4.0, "cannot check"), (2.0, "cannot check")):
        assert check_move(stated(value, *day), read_horizon("24h"), total)["verdict"] == verdict, value


def test_fine_readings_can_differ():
    minutes = pd.date_range("2025-03-27T12:00Z", "2025-03-28T12:00Z", freq="600s")
    total = readings(*((str(at), 100.0 - n / 36) for n, at in enumerate(minutes)), seconds=600)
    # 100 at the beginning, 100 − 144 / 36 = 96 at the end
    assert check_move(stated(-4.0, NOON), read_horizon("24h"), total)["verdict"] == "matches"
    assert check_move(stated(-5.0, NOON), read_horizon("24h"), total)["verdict"] == "differs"


def test_a_gap_at_either_end_leaves_nothing_to_check():
    begins = FELL.take(slice(20, None))
    found = check_move(stated(-4.0, "2025-03-28T14:30Z"), read_horizon("24h"), begins)
    assert (found["verdict"], found["note"]) == (
        "cannot check",
        "Nothing recorded at the start of a move over 24 hours.",
    )
    found = check_move(stated(-4.0, "2025-03-28T14:30Z"), read_horizon("24h"), FELL.take(slice(0, 38)))
    assert (found["verdict"], found["note"]) == ("cannot check", "Nothing recorded at that time.")
    morning = FELL.take(slice(0, 30))
    found = check_move(stated(-4.0, "2025-03-28T00:00Z", "2025-03-29T00:00Z"), read_horizon("24h"), morning)
    assert (found["verdict"], found["note"][:22]) == ("cannot check", "Too few values recorded"[:22])


def test_since_the_year_began_is_from_its_first_price():
    record = bars("2024-12-31", DAY, (90, 99, 89, 95), *[flat(100.0)] * 87, (100, 110, 100, 110))
    # 2025-03-29 is the 88th day of 2025; its bar ends at 110: 110 / 95 − 1 = 15.79 %, from the close of 2024.
    found = check_move(stated(15.8, "2025-03-29T00:00Z", "2025-03-30T00:00Z"), read_horizon("ytd"), record)
    assert found["value_percent"] == pytest.approx(100 * (110 / 95 - 1))
    assert (found["verdict"], found["note"][:32]) == ("matches", "Moved 5.26 % to 15.79 % since th"[:32])


@pytest.mark.parametrize(
    ("name", "end", "start"),
    [
        ("1h", "2025-03-28T12:00", "2025-03-28T11:00"),
        ("24h", "2025-03-28T12:00", "2025-03-27T12:00"),
        ("7d", "2025-03-28T12:00", "2025-03-21T12:00"),
        ("2w", "2025-03-28T12:00", "2025-03-14T12:00"),
        ("30d", "2025-03-28T12:00", "2025-02-26T12:00"),
        ("1mo", "2025-03-31T12:00", "2025-02-28T12:00"),
        ("1q", "2025-03-28T12:00", "2024-12-28T12:00"),
        ("1y", "2025-03-28T12:00", "2024-03-28T12:00"),
        ("1y", "2024-02-29T12:00", "2023-02-28T12:00"),
        ("ytd", "2025-03-28T12:00", "2025-01-01T00:00"),
        ("mtd", "2025-03-28T12:00", "2025-03-01T00:00"),
    ],
)
def test_where_a_horizon_begins(name, end, start):
    ends = np.array([np.datetime64(end, "us").astype("int64")])
    assert read_horizon(name).starts(ends).astype("datetime64[us]")[0] == np.datetime64(start)


@pytest.mark.parametrize("name", [None, float("nan"), "", "24", "h", "0h", "1m", "-1d", "1000d", "since Monday", "1 d"])
def test_other_horizons_are_not_read(name):
    assert read_horizon(name) is None


def test_a_move_is_known_once_both_its_ends_are():
    late = int(pd.Timestamp("2025-05-01", tz="UTC").value // 1000)
    record = readings(("2025-03-27", 100.0), ("2025-03-28", 97.0), ("2025-03-29", 95.06))
    record.available_at[0] = late
    found = check_move(stated(-2.5, "2025-03-28T00:00Z", "2025-03-29T00:00Z"), read_horizon("24h"), record)
    assert found["available_at"] == late


@settings(deadline=None, max_examples=80)
@given(st.lists(st.floats(50, 200), min_size=30, max_size=60), st.integers(24, 29))
def test_any_recorded_move_matches_and_one_beyond_all_prices_differs(prices, hour):
    """A law: what the record itself says of an instant is never denied, and what no two prices make always is."""
    ends = prices[1:]
    record = bars(
        "2025-03-27T00:00",
        HOUR,
        *((a, max(a, b), min(a, b), b) for a, b in zip(prices[:-1], ends, strict=True)),
    )
    at = pd.Timestamp("2025-03-27", tz="UTC") + pd.Timedelta(hours=min(hour, len(ends)) - 1)
    moved = Horizon("h", 6)
    n = min(hour, len(ends)) - 1
    true = 100 * (prices[n] / prices[n - 6] - 1)
    assert check_move(stated(true, at, precision=0.0), moved, record)["verdict"] == "matches"
    beyond = 100 * (max(prices) / min(prices) - 1) + 1
    assert check_move(stated(beyond, at, precision=0.0), moved, record)["verdict"] == "differs"


@pytest.mark.shared
def test_the_day_that_ftx_fell(shared):
    """2022-11-09 on Binance, in plain pandas: the close against the close of the day before."""
    minutes = pd.read_parquet(shared / "data/btcusdt_binance_1m_2021_2022.parquet")
    minutes = minutes[(minutes["ts"] >= "2022-11-08T00:00Z") & (minutes["ts"] < "2022-11-10T00:00Z")]
    close = minutes.set_index("ts")["close"]
    moved = 100 * (close["2022-11-09T23:59Z"] / close["2022-11-08T23:59Z"] - 1)
    frame = minutes.rename(columns={"ts": "start", "close": "value"})
    end = frame["start"] + pd.Timedelta(minutes=1)
    record = records(frame.assign(source="binance", definition="BTC/USDT", end=end, resolution_s=60, available_at=end))[
        0
    ]
    midnight = "2022-11-10T00:00Z"
    found = check_move(stated(round(moved, 1), midnight), read_horizon("24h"), record)
    assert moved < -10
    assert found["verdict"] == "cannot check"  # no minute after midnight is here
    before = "2022-11-09T23:59:30Z"
    found = check_move(stated(round(moved, 1), before), read_horizon("24h"), record)
    assert (found["verdict"], found["value_percent"]) == ("matches", pytest.approx(moved))
    assert check_move(stated(round(moved, 1) - 1, before), read_horizon("24h"), record)["verdict"] == "differs"


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(10.0, "matches"), (20.0, "matches"), (15.0, "matches"), (21.0, "differs"), (8.0, "differs")],
)
def test_since_a_day_is_from_any_price_of_it(value, verdict):
    """On the 12th between 100 and 109.0909 (and 105 at last), 120 on the 20th: up 10 % to 20 %."""
    day = "2025-06-12"
    record = bars(day, DAY, (101, 120 / 1.1, 100, 105), *[flat(110.0)] * 7, flat(120.0))
    found = check_move(stated(value, "2025-06-20T00:00Z", "2025-06-21T00:00Z"), read_horizon(f"since {day}"), record)
    assert (found["low_percent"], found["high_percent"]) == (pytest.approx(10.0), pytest.approx(20.0))
    assert found["value_percent"] == pytest.approx(100 * (120 / 105 - 1))
    assert found["verdict"] == verdict
    assert found["note"].startswith("Moved 10.00 % to 20.00 % since 2025-06-12")


def test_since_a_month_or_year_and_no_such_day():
    assert read_horizon("since 2025-06").begun(0, 0) == tuple(
        int(pd.Timestamp(day, tz="UTC").value // 1000) for day in ("2025-06-01", "2025-07-01")
    )
    assert read_horizon("since 2024").words == "since 2024"
    for name in ("since 2025-13", "since 2025-02-30", "since June", "since 2025-6"):
        assert read_horizon(name) is None, name


def test_a_move_cannot_end_before_it_began():
    claim = stated(1.0, "2025-06-12T10:00Z")
    found = check_move(claim, read_horizon("since 2025-06-12"), bars("2025-06-12", HOUR, *[flat(1.0)] * 12))
    assert (found["verdict"], found["note"]) == ("cannot check", "The move it speaks of had just begun.")
