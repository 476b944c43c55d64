"""Pairing against a reference in plain Python, word for word its docstring; and what it refuses."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.pairing import Caps, Grid, pair, pair_on

HORIZONS_H = {"m24h": -24, "m1h": -1, "p1h": 1, "p24h": 24, "p7d": 168}
T0 = pd.Timestamp("2025-03-01", tz="UTC")
HOUR, DAY = 3600, 86_400


def items(seconds: list[float | None]) -> pd.DataFrame:
    at = [pd.NaT if s is None else T0 + pd.Timedelta(microseconds=round(s * 1e6)) for s in seconds]
    return pd.DataFrame(
        {"item_id": [f"i{n % 3}" for n in range(len(at))], "published_at": pd.Series(at, dtype="datetime64[us, UTC]")}
    )


def candles(closes: dict[int, float], step: int) -> pd.DataFrame:
    """Bars by their number, in the order given."""
    opens = T0 + pd.to_timedelta([n * step for n in closes], unit="s")
    return pd.DataFrame(
        {"open_time": opens.astype("datetime64[us, UTC]"), "close": np.array([*closes.values()], float)}
    )


# ── the reference ─────────────────────────────────────────────────────────────────────────────────────


def reference(second: float | None, closes: dict[int, float], step: int) -> dict[str, object]:
    """One item, from bars by number: bar n is [n·step, n·step + step) seconds after T0."""
    nothing = {
        "price_usd": None,
        "volatility_1h": None,
        **{f"{k}_{h}": None for k in ("log_return", "sigma") for h in HORIZONS_H},
    }
    if second is None or not closes:
        return nothing | {"outcome": "no_time" if second is None else "no_price"}

    def last_closed(at: float) -> int:
        return math.floor(at / step) - 1

    def outside(n: int) -> bool:
        return n < min(closes) or n > max(closes)

    now = last_closed(second)
    found = nothing | {"price_usd": closes.get(now)}
    returns = [
        math.log(closes[n] / closes[n - 1])
        for n in range(last_closed(second - DAY) - 30 * DAY // step + 1, last_closed(second - DAY) + 1)
        if n in closes and n - 1 in closes
    ]
    if len(returns) >= max(0.5 * (30 * DAY // step), 2) and statistics.stdev(returns) > 1e-9:
        found["volatility_1h"] = statistics.stdev(returns) * math.sqrt(HOUR / step)
    bars = [now]
    for name, hours in HORIZONS_H.items():
        at_an_edge = math.floor(second) % step == 0
        if abs(hours) * HOUR < (step if at_an_edge else 7 * step):
            continue
        bars.append(last_closed(second + hours * HOUR))
        later, earlier = (bars[-1], now) if hours > 0 else (now, bars[-1])
        if later in closes and earlier in closes:
            move = found[f"log_return_{name}"] = math.log(closes[later] / closes[earlier])
            if found["volatility_1h"]:
                found[f"sigma_{name}"] = move / (found["volatility_1h"] * math.sqrt(abs(hours)))
    told = "out_of_span" if any(map(outside, bars)) else "gaps"
    return found | {"outcome": "used" if all(n in closes for n in bars) else told}


@st.composite
def markets(draw):
    """Bars of any length with gaps, shuffled; instants at their edges and anywhere, without order, some unknown."""
    step = draw(st.sampled_from([60, 300, HOUR, 2 * HOUR, 4 * HOUR, DAY]))
    first, count = draw(st.integers(-5, 5)), draw(st.integers(0, 90 if step == DAY else 300))
    gone = draw(st.sets(st.integers(first, first + max(count, 1)), max_size=count // 2))
    numbers = draw(st.permutations([n for n in range(first, first + count) if n not in gone]))
    closes = {n: 50 + (n * 7919 % 1009) / 10 for n in numbers}
    span = (count + 2) * step
    anywhere = st.floats(-span - 8 * DAY, 2 * span + 40 * DAY, allow_nan=False).map(lambda s: round(s, 6))
    at_edges = st.integers(first - 2, first + count + 2).map(lambda n: float(n * step))
    just_before = at_edges.map(lambda s: s - 1e-6)
    return step, closes, draw(st.lists(st.none() | anywhere | at_edges | just_before, max_size=15))


@settings(deadline=None, max_examples=150)
@given(markets())
def test_every_column_is_that_of_the_plain_reference(market):
    step, closes, seconds = market
    found = pair(items(seconds), candles(closes, step), None, interval_s=step)
    assert len(found) == len(seconds)
    assert found["item_id"].to_list() == [f"i{n % 3}" for n in range(len(seconds))]
    expected = pd.DataFrame([reference(second, closes, step) for second in seconds])
    for column in expected:
        if column == "outcome":
            assert found["outcome"].to_list() == expected["outcome"].to_list()
        else:
            exact = column == "price_usd" or column.startswith("log")
            np.testing.assert_allclose(
                found[column], expected[column].astype(float), rtol=0 if exact else 1e-7, atol=1e-15, err_msg=column
            )


def test_the_reference_knows_volatility():
    """That the property above meets windows that are full enough: sixty days of hours."""
    closes = {n: 50 + (n * 7919 % 1009) / 10 for n in range(60 * 24)}
    found = pair(items([50 * DAY]), candles(closes, HOUR), None, interval_s=HOUR).iloc[0]
    expected = reference(50 * DAY, closes, HOUR)
    assert found["sigma_p7d"] == pytest.approx(expected["sigma_p7d"], rel=1e-9)
    assert found["outcome"] == "used"


@settings(deadline=None, max_examples=60)
@given(markets(), st.integers(-10, 400))
def test_a_grid_until_a_clock_is_that_of_the_bars_that_had_closed(market, closed):
    step, closes, seconds = market
    clock = closed * step + step / 3
    then = {n: close for n, close in closes.items() if (n + 1) * step <= clock}
    up_to = items([s for s in seconds if s is not None and s <= clock])
    cut = candles(then, step)
    if closes and min(closes) * step + step <= clock:
        expected = pair(up_to, cut, None, interval_s=step)
        found = pair_on(up_to, Grid(candles(closes, step), step).until(T0 + pd.Timedelta(seconds=clock)), None)
        prices = [name for name in expected if name not in ("volatility_1h", "outcome") and "sigma" not in name]
        pd.testing.assert_frame_equal(found[prices], expected[prices])
        np.testing.assert_allclose(found["volatility_1h"], expected["volatility_1h"], rtol=1e-7)
        # A bar missing just before the clock is a gap to the one, and the end of what is stored to the other.
        assert [o == "used" for o in found["outcome"]] == [o == "used" for o in expected["outcome"]]


def test_many_items_are_paired_as_each_is_alone():
    closes = {n: 50 + (n * 7919 % 1009) / 10 for n in range(800) if n % 97}
    seconds = [n * 61.7 for n in range(40_000)]
    bars = candles(closes, HOUR)
    whole = pair(items(seconds), bars, None, interval_s=HOUR)
    parts = [pair(items(seconds[n : n + 999]), bars, None, interval_s=HOUR) for n in range(0, 40_000, 999)]
    pd.testing.assert_frame_equal(
        whole.drop(columns="item_id"), pd.concat(parts, ignore_index=True).drop(columns="item_id")
    )


# ── bars it refuses ───────────────────────────────────────────────────────────────────────────────────

GOOD = candles({0: 1.0, 1: 2.0, 2: 3.0}, HOUR)


@pytest.mark.parametrize(
    ("bars", "says"),
    [
        (pd.concat([GOOD, GOOD[1:2]]), "2 bars that open at 2025-03-01 01:00:00"),
        (pd.concat([GOOD[::-1], GOOD]), "2 bars that open at"),
        (GOOD.assign(open_time=GOOD["open_time"] + pd.Timedelta("500ms")), "multiples of 3600 s"),
        (pd.concat([GOOD, GOOD[:1].assign(open_time=pd.NaT)]).astype(GOOD.dtypes), "without open_time"),
        (GOOD.assign(open_time=GOOD["open_time"].dt.tz_localize(None)), "open_time must be aware"),
        (GOOD.assign(open_time=["2025-03-01", "2025-03-02", "2025-03-03"]), "open_time must be aware"),
        (pd.concat([GOOD, GOOD[:1].assign(open_time=pd.Timestamp("9000-01-01", tz="UTC"))]), "too far"),
    ],
)
def test_bars_that_are_not_one_series_on_the_grid_are_refused(bars, says):
    with pytest.raises(ValueError, match=says):
        pair(items([HOUR]), bars, None, interval_s=HOUR)


@pytest.mark.parametrize("interval_s", [0, -60, 1.5])
def test_a_bar_has_a_length(interval_s):
    with pytest.raises(ValueError, match="positive whole number"):
        pair(items([HOUR]), GOOD, None, interval_s=interval_s)


def test_items_without_a_zone_are_refused():
    naive = pd.DataFrame({"item_id": [1], "published_at": pd.to_datetime(["2025-03-01"])})
    with pytest.raises(ValueError, match="published_at must be aware"):
        pair(naive, GOOD, None, interval_s=HOUR)


def test_other_zones_and_units_mean_the_same_instants():
    for unit in ("s", "ms", "us", "ns"):
        at = items([2 * HOUR])["published_at"].dt.tz_convert("Asia/Kolkata").dt.as_unit(unit)
        bars = GOOD.assign(open_time=GOOD["open_time"].dt.as_unit(unit).dt.tz_convert("America/New_York"))
        found = pair(pd.DataFrame({"item_id": ["a"], "published_at": at}), bars, None, interval_s=HOUR)
        assert found["price_usd"].to_list() == [2.0]


@pytest.mark.parametrize("close", [0.0, -1.0, np.nan, np.inf])
def test_a_close_that_is_not_a_positive_number_is_a_missing_bar(close):
    bars = candles({n: 1.0 + n for n in range(400)}, HOUR)
    bars.loc[200, "close"] = close
    found = pair(items([201 * HOUR, 200 * HOUR]), bars, None, interval_s=HOUR)
    assert math.isnan(found["price_usd"][0])
    assert found["outcome"].to_list() == ["gaps", "gaps"]
    assert math.isnan(found["log_return_p1h"][1])


def test_other_number_types_are_numbers():
    for dtype in ("int64", "float32", "Float64", "double[pyarrow]"):
        bars = GOOD.astype({"close": dtype})
        assert pair(items([2 * HOUR]), bars, None, interval_s=HOUR)["price_usd"].to_list() == [2.0]


def test_frames_without_rows_or_types():
    nothing = pd.DataFrame({"item_id": [], "published_at": []})
    empty = pd.DataFrame({"open_time": [], "close": []})
    no_caps = pd.DataFrame({"period_end": [], "definition": [], "market_cap_usd": []})
    assert len(pair(nothing, GOOD, no_caps, interval_s=HOUR)) == 0
    found = pair(items([0, None]), empty, no_caps, interval_s=HOUR)
    assert found["outcome"].to_list() == ["no_price", "no_time"]
    assert found.drop(columns=["item_id", "outcome"]).isna().all(axis=None)
    assert [str(t) for t in found.dtypes[["item_id", "price_usd", "outcome"]]] == ["str", "float64", "str"]


def test_a_price_that_grows_evenly_has_no_scale():
    """Its returns differ by rounding alone."""
    bars = candles({n: 100 * 1.001**n for n in range(1500)}, HOUR)
    found = pair(items([n * HOUR for n in range(500, 1400)]), bars, None, interval_s=HOUR)
    np.testing.assert_allclose(found["log_return_p1h"], math.log(1.001))
    assert found["volatility_1h"].isna().all()
    assert found["sigma_p1h"].isna().all()


# ── caps ──────────────────────────────────────────────────────────────────────────────────────────────


def caps(rows: list[tuple], **columns: list) -> pd.DataFrame:
    ends, values = zip(*rows, strict=True)
    ends = pd.Series([pd.NaT if d is None else T0 + pd.Timedelta(days=d) for d in ends], dtype="datetime64[us, UTC]")
    return pd.DataFrame({"period_end": ends, "definition": "top-125", "market_cap_usd": values, **columns})


def met(days: list[float], series: pd.DataFrame) -> list[float | None]:
    found = pair(items([d * DAY for d in days]), GOOD, series, interval_s=HOUR)["market_cap_usd"]
    return [None if math.isnan(v) else v for v in found]


day_numbers = st.integers(0, 30)


@settings(deadline=None, max_examples=80)
@given(
    st.dictionaries(day_numbers, st.tuples(st.integers(0, 9), st.none() | st.integers(1, 9)), min_size=1),
    st.lists(st.floats(-1, 45), max_size=8),
)
def test_a_cap_is_the_latest_that_was_available(series, days):
    """``series``: by the day it is of, how many days later it was published, and its value."""
    rows = list(series.items())
    available = [T0 + pd.Timedelta(days=end + late) for end, (late, _) in rows]
    given_caps = caps(
        [(end, float("nan") if value is None else value) for end, (_, value) in rows], available_at=available
    )
    expected = [
        max(((end, value) for end, (late, value) in rows if value and end + late <= d), default=(0, None))[1]
        for d in days
    ]
    days = [round(d * DAY) / DAY for d in days]
    assert met(days, given_caps) == expected


def test_without_a_spacing_a_cap_holds_until_the_next_and_with_one_until_it_is_stale():
    series = caps([(0, 1.0), (1, 2.0), (10, 3.0)])
    assert met([2.9, 3.1, 9, 500], series) == [2.0, 2.0, 2.0, 3.0]
    daily = series.assign(resolution_s=DAY)
    assert met([3, 3 + 1e-6, 9.9, 10, 12, 12.1], daily) == [2.0, None, None, 3.0, 3.0, None]
    # Of a series by the minute a cap may be a day old all the same; of unknown spacing, as old as it likes.
    assert met([1.5, 2, 2.1], series.assign(resolution_s=60)) == [2.0, 2.0, None]
    assert met([9], series.assign(resolution_s=pd.array([None] * 3, dtype="Int64"))) == [2.0]


def test_rows_without_time_or_value_say_nothing():
    assert met([0, 1, 2], caps([(None, 9.0), (0, 1.0), (1, float("nan"))])) == [1.0, 1.0, 1.0]
    assert met([5], caps([(None, 9.0)])) == [None]


def test_two_values_of_one_time_are_refused_and_one_said_twice_is_not():
    with pytest.raises(ValueError, match="two values of 2025-03-02"):
        met([3], caps([(0, 1.0), (1, 2.0), (1, 2.5)]))
    assert met([3], caps([(1, 2.0), (1, 2.0)])) == [2.0]
    with pytest.raises(ValueError, match="one definition"):
        met([3], pd.concat([caps([(0, 1.0)]), caps([(1, 1.0)]).assign(definition="all-coins")]))
    with pytest.raises(ValueError, match="period_end must be aware"):
        met([3], caps([(0, 1.0)]).assign(period_end=pd.to_datetime(["2025-03-01"])))


def test_caps_made_ready_are_the_caps_of_the_frame():
    series = caps([(0, 1.0), (1, 2.0)])
    ready = pair_on(items([DAY]), Grid(GOOD, HOUR), Caps(series))
    pd.testing.assert_frame_equal(ready, pair(items([DAY]), GOOD, series, interval_s=HOUR))
