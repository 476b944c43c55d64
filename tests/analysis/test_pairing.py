"""Pairing against another implementation: polars' as-of join with the strict meaning of "the bar before"."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.pairing import combine, pair

HORIZONS = {"m24h": -24, "m1h": -1, "p1h": 1, "p24h": 24, "p7d": 168}
T0 = pd.Timestamp("2025-03-01", tz="UTC")
HOUR = 3600


def items(*at: object) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "item_id": [f"i{n}" for n in range(len(at))],
            "published_at": pd.to_datetime(pd.Series(list(at), dtype=object), utc=True),
        }
    )


def candles(opens_s: list[int], closes: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"open_time": T0 + pd.to_timedelta(opens_s, unit="s"), "close": np.array(closes, dtype=float)})


def hours(count: int, close=lambda n: 100.0 + n, gone=()) -> pd.DataFrame:
    kept = [n for n in range(count) if n not in gone]
    return candles([n * HOUR for n in kept], [close(n) for n in kept])


def naive(at: pd.Series) -> np.ndarray:
    return at.dt.tz_convert(None).to_numpy().astype("datetime64[us]")


def oracle(at: pd.Series, bars: pd.DataFrame, step: int, shift_h: int = 0) -> np.ndarray:
    """Close of the bar that closed last at or before each instant, where it closed less than a bar ago."""
    left = pl.DataFrame({"t": naive(at + pd.Timedelta(hours=shift_h)), "n": np.arange(len(at))}).sort("t")
    right = pl.DataFrame(
        {"t": naive(bars["open_time"] + pd.Timedelta(seconds=step)), "close": bars["close"].to_numpy()}
    ).sort("t")
    joined = left.join_asof(right, on="t", strategy="backward", tolerance=f"{step * 1_000_000 - 1}us").sort("n")
    return joined["close"].fill_null(float("nan")).to_numpy()


@st.composite
def markets(draw):
    step = draw(st.sampled_from([60, 300, HOUR]))
    count = draw(st.integers(1, 400))
    gone = draw(st.sets(st.integers(0, count - 1), max_size=count // 2))
    kept = [n for n in range(count) if n not in gone] or [0]
    closes = [50 + (n * 7919 % 1009) / 10 for n in kept]
    span = count * step
    seconds = draw(
        st.lists(st.floats(-2 * span - 200_000, 2 * span + 200_000, allow_nan=False), min_size=1, max_size=12)
    )
    on_edges = draw(st.lists(st.integers(-2, count + 2).map(lambda n: n * step), max_size=6))
    return step, candles([n * step for n in kept], closes), [*seconds, *on_edges]


@settings(deadline=None, max_examples=120)
@given(markets())
def test_prices_and_moves_are_those_of_an_as_of_join(market):
    step, bars, seconds = market
    at = pd.Series(T0 + pd.to_timedelta(np.round(np.array(seconds) * 1e6), unit="us")).astype("datetime64[us, UTC]")
    found = pair(pd.DataFrame({"item_id": range(len(at)), "published_at": at}), bars, None, interval_s=step)
    price = oracle(at, bars, step)
    # Instants carry microseconds; the grid counts whole seconds, and bars close on whole seconds.
    np.testing.assert_array_equal(found["price_usd"], price)
    for name, h in HORIZONS.items():
        other = oracle(at, bars, step, h)
        expected = np.log(other) - np.log(price) if h > 0 else np.log(price) - np.log(other)
        # From within a bar, only moves of seven bars or more are told; from a bar's edge, of one.
        at_an_edge = np.array([second // step == second / step for second in (at - T0).dt.total_seconds() // 1])
        told = at_an_edge & (abs(h) * HOUR >= step) | (abs(h) * HOUR >= 7 * step)
        expected = np.where(told, expected, np.nan)
        np.testing.assert_allclose(found[f"log_return_{name}"], expected, rtol=0, atol=1e-12)


def test_the_price_is_of_the_last_bar_that_had_closed():
    bars = hours(3)  # closes 100, 101, 102 at 01:00, 02:00, 03:00
    found = pair(
        items(T0 + pd.Timedelta("2h"), T0 + pd.Timedelta("1h59m59s"), T0 + pd.Timedelta("2h59m59s")),
        bars,
        None,
        interval_s=HOUR,
    )
    assert found["price_usd"].to_list() == [101.0, 100.0, 101.0]


def test_before_the_first_close_and_a_bar_after_the_last_there_is_no_price():
    bars = hours(3)
    at = [
        T0,
        T0 + pd.Timedelta("59m59s"),
        T0 + pd.Timedelta("3h"),
        T0 + pd.Timedelta("3h59m59s"),
        T0 + pd.Timedelta("4h"),
    ]
    found = pair(items(*at), bars, None, interval_s=HOUR)
    np.testing.assert_array_equal(found["price_usd"], [np.nan, np.nan, 102.0, 102.0, np.nan])
    assert set(found["outcome"]) == {"out_of_span"}


def test_a_gap_is_not_bridged():
    found = pair(items(T0 + pd.Timedelta("30h")), hours(400, gone={29}), None, interval_s=HOUR)
    assert math.isnan(found["price_usd"][0])
    assert found["outcome"][0] == "gaps"
    around = pair(
        items(T0 + pd.Timedelta("29h"), T0 + pd.Timedelta("31h")), hours(400, gone={29}), None, interval_s=HOUR
    )
    assert around["price_usd"].to_list() == [128.0, 130.0]


def test_every_outcome():
    bars = hours(400)
    at = [T0 + pd.Timedelta("100h"), pd.NaT, T0 + pd.Timedelta("10h"), T0 + pd.Timedelta("390h")]
    assert pair(items(*at), bars, None, interval_s=HOUR)["outcome"].to_list() == [
        "used",
        "no_time",
        "out_of_span",
        "out_of_span",
    ]
    assert pair(items(*at), bars[:0], None, interval_s=HOUR)["outcome"].to_list() == [
        "no_price",
        "no_time",
        "no_price",
        "no_price",
    ]
    gap = pair(items(at[0]), hours(400, gone={100 + 24 - 1}), None, interval_s=HOUR)
    assert gap["outcome"].to_list() == ["gaps"]
    assert math.isnan(gap["log_return_p24h"][0])
    assert gap["log_return_p1h"][0] == pytest.approx(math.log(200 / 199))


def test_no_time_has_no_figures():
    row = pair(items(pd.NaT), hours(400), None, interval_s=HOUR).iloc[0]
    assert row.drop(["item_id", "outcome"]).isna().all()


def test_moves_by_hand():
    # Closes 100 + n at hour n + 1: at 200 h the price is 299; an hour before 298, a day before 275, a week after 467.
    row = pair(items(T0 + pd.Timedelta("200h")), hours(400), None, interval_s=HOUR).iloc[0]
    assert row["price_usd"] == 299
    for name, ratio in (
        ("m1h", 299 / 298),
        ("m24h", 299 / 275),
        ("p1h", 300 / 299),
        ("p24h", 323 / 299),
        ("p7d", 467 / 299),
    ):
        assert row[f"log_return_{name}"] == pytest.approx(math.log(ratio), abs=1e-14)


def test_daily_bars_do_not_resolve_an_hour():
    bars = candles([n * 86_400 for n in range(60)], [100.0 + n for n in range(60)])
    row = pair(items(T0 + pd.Timedelta("40D5h")), bars, None, interval_s=86_400).iloc[0]
    assert row[["log_return_m1h", "log_return_p1h", "sigma_m1h", "sigma_p1h"]].isna().all()
    # 05:00 on day 40 reads day 39's close, 139, 5 hours old: a week later 146, but no day is told from there.
    assert math.isnan(row["log_return_m24h"])
    assert row["log_return_p7d"] == pytest.approx(math.log(146 / 139))
    assert row["outcome"] == "used"
    # Midnight is the close itself.
    row = pair(items(T0 + pd.Timedelta("40D")), bars, None, interval_s=86_400).iloc[0]
    assert row["log_return_m24h"] == pytest.approx(math.log(139 / 138))


def test_the_order_and_number_of_items_is_kept():
    at = [T0 + pd.Timedelta(hours=h) for h in (300, 5, 300, 100)]
    found = pair(items(*at).assign(item_id=["z", "a", "z", "m"]), hours(400), None, interval_s=HOUR)
    assert found["item_id"].to_list() == ["z", "a", "z", "m"]
    assert found["price_usd"].to_list() == [399.0, 104.0, 399.0, 199.0]
    assert len(pair(items(), hours(400), None, interval_s=HOUR)) == 0


def test_bars_off_the_grid_are_an_error():
    with pytest.raises(ValueError, match="multiples of 3600 s"):
        pair(items(T0), candles([0, HOUR + 60], [1, 2]), None, interval_s=HOUR)


@settings(deadline=None, max_examples=40)
@given(st.integers(760, 1200), st.lists(st.floats(1, 1e6), min_size=1, max_size=50))
def test_what_comes_after_never_changes_what_was_known(cut, later):
    """Price, moves back, and the volatility scale at an instant, with bars up to it and with bars beyond it."""
    known = hours(cut, close=lambda n: 100 + (n * 7919 % 101))
    more = pd.concat([known, candles([(cut + n) * HOUR for n in range(len(later))], later)])
    at = items(*(T0 + pd.Timedelta(hours=h) for h in (cut, cut - 1, cut - 30)))
    columns = ["price_usd", "log_return_m1h", "log_return_m24h", "volatility_1h", "sigma_m1h", "sigma_m24h"]
    before = pair(at, known, None, interval_s=HOUR)[columns]
    after = pair(at, more, None, interval_s=HOUR)[columns]
    assert before.notna().all(axis=None)
    pd.testing.assert_frame_equal(before, after, rtol=1e-9)


def test_volatility_is_the_sample_deviation_of_the_thirty_days_that_end_a_day_before():
    # pandas' own std over the 720 hourly returns that closed in (t − 31 d, t − 1 d].
    bars = hours(1000, close=lambda n: 100 + (n * 7919 % 101))
    at = 900
    returns = np.log(bars["close"]).diff()
    closed = np.arange(len(bars)) + 1  # hour at which bar n closed
    window = returns[(closed > at - 24 - 720) & (closed <= at - 24)]
    assert len(window) == 720
    row = pair(items(T0 + pd.Timedelta(hours=at)), bars, None, interval_s=HOUR).iloc[0]
    assert row["volatility_1h"] == pytest.approx(window.std(), rel=1e-9)
    assert row["sigma_p24h"] == pytest.approx(row["log_return_p24h"] / (window.std() * math.sqrt(24)), rel=1e-9)


def test_volatility_needs_half_of_its_bars_and_is_none_for_a_flat_price():
    at = items(T0 + pd.Timedelta(hours=744))
    half = hours(1000, close=lambda n: 100 + n % 7, gone=set(range(100, 461)))  # 361 gone, and a return more
    assert math.isnan(pair(at, half, None, interval_s=HOUR)["volatility_1h"][0])
    enough = hours(1000, close=lambda n: 100 + n % 7, gone=set(range(100, 440)))
    assert pair(at, enough, None, interval_s=HOUR)["volatility_1h"][0] > 0
    flat = pair(at, hours(1000, close=lambda n: 100.0), None, interval_s=HOUR)
    assert flat[["volatility_1h", "sigma_m1h"]].isna().all(axis=None)


def test_a_jump_on_the_day_before_does_not_widen_its_own_scale():
    bars = hours(1000, close=lambda n: (100 + n % 7) * (2 if n >= 880 else 1))
    calm = hours(1000, close=lambda n: 100 + n % 7)
    at = items(T0 + pd.Timedelta(hours=900))
    assert pair(at, bars, None, interval_s=HOUR)["volatility_1h"][0] == pytest.approx(
        pair(at, calm, None, interval_s=HOUR)["volatility_1h"][0], rel=1e-9
    )


# ── market caps ───────────────────────────────────────────────────────────────────────────────────────


def test_the_market_cap_is_the_last_one_whose_period_had_ended():
    caps = pd.DataFrame(
        {
            "period_end": [T0 + pd.Timedelta(days=d) for d in (2, 1, 3)],
            "definition": "top-125",
            "market_cap_usd": [2e12, 1e12, 3e12],
        }
    )
    at = [
        T0 + pd.Timedelta("23h"),
        T0 + pd.Timedelta("24h"),
        T0 + pd.Timedelta("47h"),
        T0 + pd.Timedelta("100D"),
        pd.NaT,
    ]
    found = pair(items(*at), hours(100), caps, interval_s=HOUR)["market_cap_usd"]
    np.testing.assert_array_equal(found, [np.nan, 1e12, 1e12, 3e12, np.nan])
    assert pair(items(T0), hours(100), caps[:0], interval_s=HOUR)["market_cap_usd"].isna().all()


def test_totals_of_different_universes_are_not_mixed():
    caps = pd.DataFrame({"period_end": [T0, T0], "definition": ["top-125", "all-coins"], "market_cap_usd": [1.0, 2.0]})
    with pytest.raises(ValueError, match="one definition"):
        pair(items(T0), hours(10), caps, interval_s=HOUR)


# ── several bar lengths ───────────────────────────────────────────────────────────────────────────────


def _combined(minutes: pd.DataFrame, hourly: pd.DataFrame, *at: object) -> pd.DataFrame:
    each = items(*at)
    return combine({HOUR: pair(each, hourly, None, interval_s=HOUR), 60: pair(each, minutes, None, interval_s=60)})


def test_each_figure_is_of_the_finest_bars_that_have_it():
    # Minutes cover hours 98 to 102 alone and are 1000 higher, so that what came from where can be told.
    minutes = candles([n * 60 for n in range(98 * 60, 102 * 60)], [1000.0 + n for n in range(240)])
    row = _combined(minutes, hours(400), T0 + pd.Timedelta("100h")).iloc[0]
    assert (row["price_usd"], row["resolution_s"]) == (1119.0, 60)
    assert row["log_return_m1h"] == pytest.approx(math.log(1119 / 1059))
    assert row["log_return_m24h"] == pytest.approx(math.log(199 / 175))  # both prices from the hours
    assert row["moves_resolution_s"] == HOUR
    assert row["outcome"] == "used"


def test_without_minutes_it_is_the_hours():
    row = _combined(candles([], []), hours(400), T0 + pd.Timedelta("100h30m")).iloc[0]
    assert (row["price_usd"], row["resolution_s"], row["moves_resolution_s"], row["outcome"]) == (
        199.0,
        HOUR,
        HOUR,
        "used",
    )


def test_with_neither_there_is_no_resolution():
    found = _combined(candles([], []), candles([], []), T0, pd.NaT)
    assert found["resolution_s"].isna().all()
    assert found["moves_resolution_s"].isna().all()
    assert found["outcome"].to_list() == ["no_price", "no_time"]


# ── real bars ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.shared
def test_the_seed_article_met_bitcoin_at_84_424_38(shared):
    """The close of 28 March 2025 on Binance, as the data's README and every hourly set state it."""
    real = pd.read_parquet(
        shared / "data/btcusdt_binance_1m_2024h2_2025.parquet",
        columns=["ts", "close"],
        filters=[("ts", ">=", pd.Timestamp("2025-02-20", tz="UTC")), ("ts", "<", pd.Timestamp("2025-04-10", tz="UTC"))],
    )
    bars = real.rename(columns={"ts": "open_time"})
    at = pd.Series(pd.date_range("2025-03-28", "2025-03-30", freq="17min", tz="UTC"), name="published_at")
    row = pair(items("2025-03-29T00:00Z"), bars, None, interval_s=60).iloc[0]
    assert (row["price_usd"], row["outcome"]) == (84424.38, "used")
    found = pair(pd.DataFrame({"item_id": at.index, "published_at": at}), bars, None, interval_s=60)
    np.testing.assert_array_equal(found["price_usd"], oracle(at, bars, 60))
    np.testing.assert_allclose(
        found["log_return_p24h"], np.log(oracle(at, bars, 60, 24) / oracle(at, bars, 60)), atol=1e-12
    )


def test_an_hour_after_is_not_read_from_hourly_bars_unless_the_hour_is_full():
    """A jump between 12:00 and 13:00: at 12:59 the last close is an hour old, so "the hour after" would be the jump."""
    bars = pd.DataFrame(
        {
            "open_time": pd.date_range("2025-03-20", periods=24 * 16, freq="h", tz="UTC"),
            "close": [100.0] * (24 * 8 + 12) + [110.0] * (24 * 8 - 12),
        }
    )
    items = pd.DataFrame(
        {"item_id": ["within", "full"], "published_at": pd.to_datetime(["2025-03-28T12:59Z", "2025-03-28T12:00Z"])}
    )
    found = pair(items, bars, None, interval_s=3600).set_index("item_id")
    assert np.isnan(found.loc["within", "log_return_p1h"])
    assert found.loc["within", "log_return_p24h"] == pytest.approx(np.log(1.1))
    assert found.loc["full", "log_return_p1h"] == pytest.approx(np.log(1.1))
    assert found["outcome"].tolist() == ["used", "used"]
