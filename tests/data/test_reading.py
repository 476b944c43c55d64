"""What a view shows, against the queries it replaces and against pandas."""

from __future__ import annotations

import itertools
import shutil
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lake_rows import at, bars, candle_table, cap, fit
from timeline_lake import DAYS, FIRST, story_lake_rows

from data import queries, reading
from data.bar_blocks import AssetBars
from data.candles import merge_candles
from data.lake import Lake
from data.markets import WIDTHS_S, markets, price_gaps, price_window
from data.queries import MAX_BARS
from data.reading import Reading
from data.tables import INTERVAL_S
from data.view import View

COLUMNS = [
    "story_id",
    "shown_at",
    "published_precision",
    "title",
    "publisher",
    "source",
    "topics",
    "assets",
    "articles",
]
MARKET = ["price_usd", *(f"log_return_{name}" for name in ("m24h", "m1h", "p1h", "p24h", "p7d")), "outcome"]
OF_ASKING = settings(deadline=None, max_examples=15)


def when(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC").as_unit("us")


def seconds(first: str, last: str) -> st.SearchStrategy[pd.Timestamp]:
    low, high = (int(when(text).timestamp()) for text in (first, last))
    return st.integers(low, high).map(lambda s: pd.Timestamp(s, unit="s", tz="UTC").as_unit("us"))


def equal(found: pd.DataFrame, expected: pd.DataFrame, **how) -> None:
    pd.testing.assert_frame_equal(found.reset_index(drop=True), expected.reset_index(drop=True), **how)


# ── stories ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def hard(empty_home, tmp_path_factory):
    """A reading of stories whose articles came late, changed, or were placed by others."""
    lake = Lake(str(shutil.copytree(empty_home, tmp_path_factory.mktemp("reading") / "lake")))
    with lake.writing():
        for table, rows in story_lake_rows().items():
            lake.merge(table, fit(table, rows))
    return Reading(lake.pin())


def _same_rows(of: Reading, view: View) -> None:
    expected = queries.stories(of.snapshot, view.start, view.end, asset=view.asset, known_at=view.known_at)
    expected = expected.sort_values(["shown_at", "story_id"], ascending=False)[[*COLUMNS, *MARKET]]
    found, total = of.rows(view)
    equal(found, expected)
    assert total == len(expected)
    some, total = of.rows(view, first=3, count=4)
    equal(some, expected[3:7])
    assert total == len(expected)


@OF_ASKING
@given(seconds("2025-02-20", "2025-04-20"), st.integers(1, 60), st.none() | seconds("2025-02-27", "2025-05-01"))
def test_the_rows_of_a_range_are_those_of_the_stories_query(hard, start, days, clock):
    for asset in ("BTC", "ETH", "SOL"):  # nothing is paired with SOL
        _same_rows(hard, View(start, start + timedelta(days=days), asset=asset, known_at=clock))


@OF_ASKING
@given(seconds("2013-01-01", "2026-06-01"), st.none() | seconds("2015-01-01", "2026-06-01"))
def test_the_sample_too(sample, start, clock):
    _same_rows(Reading(sample), View(start, start + timedelta(days=900), known_at=clock))


def test_filters_hold_for_marks_and_rows_alike(hard):
    view = View(FIRST, FIRST + timedelta(days=DAYS), topics=("hack",), about=("BTC", "SOL"), sources=("feed", "wire"))
    for asked in (
        view,
        View(view.start, view.end, search="vote"),
        View(view.start, view.end, known_at=when("2025-03-09")),
    ):
        rows, total = hard.rows(asked)
        marks = hard.marks(asked)
        assert marks.total == total == len(rows) > 0
        assert set(marks.story_id) == set(rows["story_id"])
        for n in (0, total // 2, total - 1):
            assert hard.place(asked, rows["story_id"][n]) == n
        assert hard.place(asked, "nobody") is None
    rows, _ = hard.rows(view)
    assert rows["topics"].str.split("; ").map(lambda names: "hack" in names).all()
    assert set(rows["source"]) <= {"feed", "wire"}


def test_what_can_be_chosen_is_what_was_known(hard):
    clock = when("2025-03-06")
    for known_at in (None, clock):
        rows = queries.stories(hard.snapshot, known_at=known_at)
        named = {
            field: sorted({name for joined in rows[column] for name in joined.split("; ") if name})
            for field, column in (("topics", "topics"), ("about", "assets"))
        }
        assert hard.choices(known_at) == named | {"sources": sorted(set(rows["source"]))}


# ── what is kept ──────────────────────────────────────────────────────────────────────────────────────


def test_bars_that_arrive_leave_the_stories_and_the_other_blocks_as_they_are(sample_lake):
    before = Reading(sample_lake.pin())
    view = View(when("2025-03-28"), when("2025-03-29"))
    index, contexts = before.index, before.contexts("BTC")
    shown = before.prices(view)
    blocks = AssetBars(before.snapshot, markets("BTC"))
    day, month = blocks._block("1d", "all"), blocks._block("1m", "2025-03")
    with sample_lake.writing():
        merge_candles(sample_lake, candle_table(bars([when("2026-11-30T00:00")], [12345.0], interval="1h")))
    after = Reading(sample_lake.pin())
    assert after.index is index
    assert after.contexts("BTC") is contexts
    blocks = AssetBars(after.snapshot, markets("BTC"))
    assert blocks._block("1m", "2025-03") is month
    assert blocks._block("1d", "all") is day  # an hour makes no day
    equal(after.prices(view).bars, shown.bars)
    fresh = after.prices(View(when("2026-11-30"), when("2026-12-01")))
    assert fresh.bars["close"].tolist() == [12345.0]
    assert before.prices(View(when("2026-11-30"), when("2026-12-01"))).bars.empty


# ── prices ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def venues(empty_home, tmp_path_factory):
    """Four markets with holes: minutes of four days, hours of three years, days of fifteen."""
    random = np.random.default_rng(3)
    lake = Lake(str(shutil.copytree(empty_home, tmp_path_factory.mktemp("venues") / "lake")))
    with lake.writing():
        for source, symbol, interval, first, last, kept in (
            ("elsewhere", "BTC/USD", "1d", "2008-06-01", "2025-02-01", 1.0),  # no market of ours
            ("bitstamp", "BTC/USD", "1d", "2010-03-05", "2025-02-01", 0.97),
            ("kraken", "BTC/USD", "1h", "2022-11-03T05:00", "2025-01-20T07:00", 0.5),
            ("binance", "BTC/USDT", "1h", "2022-01-09", "2025-01-31T22:00", 0.9),
            ("coinbase", "BTC/USD", "1m", "2024-12-30T11:07", "2025-01-02T10:59", 0.9),
            ("okx", "BTC/USDT", "5m", "2024-12-01", "2025-01-31", 0.98),
        ):
            opens = pd.date_range(when(first), when(last), freq=f"{INTERVAL_S[interval]}s", unit="us")
            some = random.random(len(opens)) < kept
            some[len(opens) // 3 : len(opens) // 3 + 40] = False
            closes = 100 * np.exp(np.cumsum(random.normal(0, 0.01, some.sum())))
            frame = bars(opens[some], closes, interval=interval, source=source, symbol=symbol)
            merge_candles(lake, candle_table(frame.assign(volume=random.exponential(5, some.sum()))))
    return lake.pin()


@pytest.fixture(scope="module")
def series(venues):
    """Every bar by interval, by SQL."""
    return {interval: queries.price_series(venues, markets("BTC"), interval, LONG_AGO, FAR) for interval in INTERVAL_S}


def _over(series, interval, clock) -> pd.DataFrame:
    """The bars of an interval that were over at the clock."""
    bars = series[interval]
    return bars if clock is None else bars[bars["open_time"] + pd.Timedelta(seconds=INTERVAL_S[interval]) <= clock]


def expected_prices(series, start, end, clock) -> tuple[pd.DataFrame, int, str]:
    """By pandas from whole series."""
    known = {interval: _over(series, interval, clock) for interval in INTERVAL_S}
    begun = min((bars["open_time"].iloc[0] for bars in known.values() if len(bars)), default=start)
    length = (end - min(max(start, begun), end)).total_seconds()
    width = min(width for width in WIDTHS_S if length / width <= MAX_BARS)
    finest = max(s for s in INTERVAL_S.values() if s <= width)
    best = None
    for interval, bar_s in INTERVAL_S.items():
        if bar_s >= finest:
            found = known[interval]
            found = found[(found["open_time"] >= start) & (found["open_time"] < end)]
            if best is None or len(found) * bar_s * 0.98 > len(best[0]) * best[1]:
                best = found, bar_s, interval
            if len(found) * bar_s >= 0.98 * (min(end, clock or end) - start).total_seconds():
                break
    found, bar_s, interval = best
    if bar_s >= width:
        return found, bar_s, interval
    step, whole = pd.Timedelta(seconds=width), known[interval]
    joined = whole.groupby(whole["open_time"].dt.floor(step)).agg(
        open=("open", "first"),
        high=("high", "max"),
        low=("low", "min"),
        close=("close", "last"),
        volume=("volume", "sum"),
        source=("source", "first"),
        symbol=("symbol", "first"),
    )
    if len(whole):
        ended = whole["open_time"].iloc[-1] + pd.Timedelta(seconds=bar_s)
        joined = joined[joined.index + step <= min(ended, clock or ended)]
    return joined[(joined.index >= start) & (joined.index < end)].reset_index(), width, interval


LONG_AGO, FAR = when("1990-01-01"), when("2090-01-01")
lengths = st.floats(10, 28).map(lambda power: timedelta(seconds=int(2**power)))
clocks = st.none() | seconds("2010-01-01", "2025-03-01") | seconds("2024-12-29", "2025-01-03")
ends = seconds("2009-01-01", "2026-01-01") | seconds("2024-12-29", "2025-01-03")


@settings(deadline=None, max_examples=40)
@given(ends, lengths, clocks)
def test_bars_from_memory_are_those_of_the_tables(venues, series, end, length, clock):
    start = end - length
    expected, bar_s, interval = expected_prices(series, start, end, clock)
    found = price_window(venues, "BTC", start, end, clock)
    assert (found.bar_s, found.interval) == (bar_s, interval)
    equal(found.bars, expected[found.bars.columns], check_dtype=False, rtol=1e-12)
    assert len(found.bars) <= MAX_BARS


@settings(deadline=None, max_examples=40)
@given(ends, lengths, clocks)
def test_gaps_are_the_bars_that_a_series_lacks_between_two_it_has(venues, series, end, length, clock):
    start = end - length
    prices = price_window(venues, "BTC", start, end, clock)
    step = pd.Timedelta(seconds=prices.bar_s)
    found = price_gaps(venues, "BTC", prices, start, end, clock)
    assert all(start <= begin < until <= end for begin, until in found)
    assert all(until < begin for (_, until), (begin, _) in itertools.pairwise(found))
    if prices.bars.empty:
        return
    have = set(_over(series, prices.interval, clock)["open_time"].dt.floor(step))
    places = pd.date_range(max(start, min(have)).floor(step), min(end, max(have)), freq=step, unit="us")
    lacking = {place for place in places if place not in have and place < end and place + step > start}
    assert {
        place for place in places if any(begin < place + step and place < until for begin, until in found)
    } == lacking


def test_a_range_within_a_series_shows_hundreds_of_bars_whatever_its_length(lake):
    end = when("2025-01-01T09:00")
    with lake.writing():
        for interval, days in (("1m", 4), ("5m", 32), ("1h", 500), ("1d", 5000)):
            opens = pd.date_range(end - timedelta(days=days), end, freq=f"{INTERVAL_S[interval]}s", inclusive="left")
            opens = opens[opens.floor("D") == opens] if interval == "1d" else opens
            opens = (
                opens if len(opens) else pd.date_range(end.floor("D") - timedelta(days=days), periods=days, freq="D")
            )
            lake.merge("candles", candle_table(bars(opens, range(1, len(opens) + 1), interval=interval)))
    of = lake.pin()
    shown = {}
    for hours in (6, 24, 36, 72, 168, 336, 720, 91 * 24, 365 * 24, 1826 * 24, 4000 * 24):
        found = price_window(of, "BTC", end - timedelta(hours=hours), end)
        assert 350 <= len(found.bars) <= MAX_BARS
        shown[hours] = found.bar_s
    # 168 hours of minutes would be 10,080: of 5 minutes 2,016, of 10 minutes 1,008.
    assert shown[24] == 60
    assert shown[168] == 600
    assert shown[365 * 24] == 6 * 3600


def test_a_joined_bar_that_is_not_over_is_left_out(lake):
    opens = pd.date_range(when("2025-03-01"), when("2025-03-12T10:20"), freq="5min", inclusive="left", unit="us")
    with lake.writing():
        merge_candles(lake, candle_table(bars(opens, range(1, len(opens) + 1), interval="5m")))
    of, start = lake.pin(), when("2025-03-01")

    def last(end: str, clock: str | None = None) -> tuple[int, str, float]:
        found = price_window(of, "BTC", start, when(end), clock and when(clock))
        return found.bar_s, f"{found.bars['open_time'].iloc[-1]:%d %H:%M}", found.bars["close"].iloc[-1]

    # Eleven days are drawn in bars of 10 minutes; bar n opens 5 (n - 1) minutes after the start and closes at n.
    assert last("2025-03-12T12:00") == (600, "12 10:10", 3292.0)
    assert last("2025-03-12T10:15") == (600, "12 10:10", 3292.0)  # as a stored bar that opens within the range
    assert last("2025-03-12T12:00", "2025-03-12T10:09") == (600, "12 09:50", 3288.0)
    assert last("2025-03-12T12:00", "2025-03-12T10:10") == (600, "12 10:00", 3290.0)
    merged = opens[-1] + timedelta(minutes=5)
    with lake.writing():
        merge_candles(lake, candle_table(bars([merged], [9.0], interval="5m")))
    found = price_window(lake.pin(), "BTC", start, when("2025-03-12T12:00"))
    assert found.bars["close"].iloc[-1] == 3292.0  # 10:20 has begun only


def test_a_range_inside_an_outage_is_one_gap_and_one_before_the_series_none(lake):
    with lake.writing():
        for first in ("2025-03-01", "2025-03-20"):
            opens = pd.date_range(when(first), periods=48, freq="h")
            merge_candles(lake, candle_table(bars(opens, [1.0] * 48, interval="1h")))
    of = Reading(lake.pin())
    inside = View(when("2025-03-06"), when("2025-03-09"))
    assert of.prices(inside).bars.empty
    assert of.gaps(inside) == [(inside.start, inside.end)]
    assert of.gaps(View(when("2025-03-01"), when("2025-03-21"))) == [(when("2025-03-03"), when("2025-03-20"))]
    assert of.gaps(View(when("2025-02-20"), when("2025-03-02"))) == []
    assert of.gaps(View(when("2025-03-21"), when("2025-04-02"))) == []
    assert of.gaps(View(inside.start, inside.end, known_at=when("2025-03-20T00:59"))) == []


def test_assets_are_compared_from_the_first_close_they_share(lake):
    hours = pd.date_range(when("2025-03-01"), periods=6, freq="h")
    with lake.writing():
        for symbol, which, closes in (
            ("BTC/USDT", slice(0, 6), [50.0, 80.0, 100.0, 110.0, 90.0, 120.0]),
            ("ETH/USDT", slice(2, 6), [4.0, 2.0, 6.0, 8.0]),
        ):
            merge_candles(lake, candle_table(bars(hours[which], closes, interval="1h", symbol=symbol)))
    of = Reading(lake.pin())
    found = of.compared(View(hours[0], hours[5] + timedelta(hours=1), compare=("ETH", "SOL")))
    assert list(found) == ["BTC", "ETH"]
    # The bar of 02:00 is over at 03:00: BTC closed at 100 there, ETH at 4.
    assert found["BTC"]["value"].tolist() == [50.0, 80.0, 100.0, 110.0, 90.0, 120.0]
    assert found["ETH"]["value"].tolist() == [100.0, 50.0, 150.0, 200.0]
    assert found["ETH"]["at"].tolist()[0] == hours[3]
    assert of.compared(View(hours[0], hours[2], compare=("ETH",)))["BTC"]["value"].tolist() == [100.0, 160.0]
    assert of.compared(View(when("2020-01-01"), when("2020-01-02"))) == {}


# ── market caps ───────────────────────────────────────────────────────────────────────────────────────


@OF_ASKING
@given(seconds("2013-01-01", "2026-01-01"), lengths, st.none() | seconds("2013-01-01", "2026-01-01"))
def test_totals_are_those_of_the_query(sample, start, length, clock):
    view = View(start, start + min(length, timedelta(days=1500)), known_at=clock)
    of = Reading(sample)
    expected = queries.cap_series(sample, "TOTAL", view.start, view.end, clock)
    equal(of.totals(view), expected)
    for (source, definition), series in expected.groupby(["source", "definition"]):
        equal(of.totals(View(view.start, view.end, totals=(f"{source}/{definition}",), known_at=clock)), series)
    assert of.totals(View(view.start, view.end, totals=("nobody/nothing",))).empty


def test_a_long_series_is_thinned_to_the_last_value_of_each_span(lake):
    with lake.writing():
        days = pd.date_range(when("2010-01-01"), periods=5000, freq="D")
        rows = [cap(value=float(n + 1), period_end=day, available_at=day) for n, day in enumerate(days)]
        lake.merge("market_caps", fit("market_caps", rows))
    of = Reading(lake.pin())
    found = of.totals(View(days[0], days[-1]))
    # 5,000 days in spans of three, counted from 1970: each ends at the midnight after its third day.
    assert len(found) <= MAX_BARS
    assert found["period_end"].iloc[-1] == days[-1]
    inner = found["period_end"].iloc[:-1]
    assert ((inner.astype("int64") // 10**6 // 86_400) % 3 == 0).all()
    assert inner.diff().dropna().eq(pd.Timedelta(days=3)).all()
    assert found["market_cap_usd"].is_monotonic_increasing
    assert len(of.totals(View(days[0], days[1999]))) == 2000


def test_dominance_is_a_cap_over_the_total_it_belongs_to(lake):
    with lake.writing():
        lake.merge(
            "market_caps",
            fit(
                "market_caps",
                [
                    cap(1, 200.0),
                    cap(2, 400.0, available_at=at("2025-03-05")),
                    cap(1, 110.0, asset="BTC"),
                    cap(2, 200.0, asset="BTC"),
                    cap(1, 30.0, asset="ETH", definition="asset"),
                    cap(1, 30.0, asset="ETH", definition="asset", source="another"),
                ],
            ),
        )
    of = Reading(lake.pin())
    view = View(when("2025-03-01"), when("2025-04-01"))
    found = of.dominance(view)
    assert found[["source", "definition", "asset", "dominance"]].to_numpy().tolist() == [
        ["tradingview", "top-125", "BTC", 55.0],
        ["tradingview", "top-125", "BTC", 50.0],
        ["tradingview", "top-125", "ETH", 15.0],
    ]
    assert of.dominance(View(view.start, view.end, known_at=when("2025-03-04")))["dominance"].tolist() == [55.0, 15.0]
    assert of.dominance(View(view.start, view.end, totals=("another/all",))).empty


# ── how far it reaches ────────────────────────────────────────────────────────────────────────────────


def test_how_far_what_is_stored_reaches_as_far_as_it_was_known(sample, hard):
    stories = queries.stories(sample)
    daily = queries.price_series(sample, markets("BTC"), "1d", LONG_AGO, FAR)
    stored = Reading(sample).stored()
    assert stored.first == min(daily["open_time"].iloc[0], stories["shown_at"].iloc[0])
    assert stored.last_price >= daily["open_time"].iloc[-1]
    clock = when("2025-03-09")
    then = hard.stored(clock)  # it has no prices
    rows = queries.stories(hard.snapshot, known_at=clock)["shown_at"]
    assert (then.first, then.last) == (rows.iloc[0], rows.iloc[-1])


def test_a_lake_without_rows_shows_nothing_and_reaches_a_month_back(lake):
    of, clock = Reading(lake.pin()), when("2025-03-31")
    view = View(when("2025-03-01"), clock, compare=("ETH",), known_at=clock)
    assert of.stored(clock).first == when("2025-02-28")
    assert of.prices(view).bars.empty
    assert (of.gaps(view), of.compared(view)) == ([], {})
    assert (len(of.totals(view)), len(of.dominance(view)), of.marks(view).total, of.rows(view)[1]) == (0, 0, 0, 0)
    assert of.choices() == {"topics": [], "about": [], "sources": []}
    assert reading.LANE_ORDER.keys() == {"topic", "asset", "source"}
