"""What the Market page reads from a lake, at a clock."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from lake_rows import at, cap, fit

from data import market_page
from data.lake import Lake
from data.market_tables import MARKET_TABLES
from data.queries import market_page as queries
from data.series import MOST, Series
from data.view import View


def own(asset: str, value: float, when: str = "2025-03-10T12:00", **other: object) -> dict:
    """An asset's own cap by coingecko's list."""
    end = at(when)
    return cap(
        value=value,
        **{
            "source": "coingecko",
            "definition": "asset",
            "asset": asset,
            "asset_id": asset.lower(),
            "period_end": end,
            "available_at": end,
            "resolution_s": 3600,
            **other,
        },
    )


def stored(lake: Lake, *rows: dict, table: str = "market_caps"):
    with lake.writing():
        lake.merge(table, fit(table, rows))
    return lake.pin()


def view(start: str = "2025-03-01", end: str = "2025-04-01", **other: object) -> View:
    return View(pd.Timestamp(start, tz="UTC"), pd.Timestamp(end, tz="UTC"), **other)


def read(name: str, snapshot, shown: View) -> pd.DataFrame:
    return MARKET_TABLES[name](SimpleNamespace(snapshot=snapshot), shown)


def clock(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


# ── the clock ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("late", ["period_end", "available_at"])
def test_what_ended_or_came_out_after_the_clock_is_not_there(lake, late):
    row = cap(day=2) | {late: at("2025-03-02T06:00")}
    snapshot = stored(lake, cap(day=1), row)
    known = queries.total_history(snapshot, clock("2025-03-02 05:59"))
    assert known["period_end"].tolist() == [clock("2025-03-01")]
    assert len(queries.total_history(snapshot, clock("2025-03-02 06:00"))) == 2
    assert len(queries.total_history(snapshot)) == 2


def test_no_table_holds_anything_after_the_clock(lake):
    hours = [at("2025-03-01T00:00") + timedelta(hours=n) for n in range(24 * 12)]
    rows = []
    for n, end in enumerate(hours):
        when = {"period_end": end, "available_at": end, "resolution_s": 3600}
        rows += [own(f"C{i}", 1e9 * (i + 1) + n, **when) for i in range(12)]
        for asset, value in (("TOTAL", 100.0 + n), ("TOTAL2", 40.0), ("TOTAL3", 30.0), ("BTC", 60.0), ("ETH", 10.0)):
            rows.append(cap(asset=asset, value=value, source="coingecko", definition="all-coins", **when))
            rows.append(cap(asset=asset, value=value * 1.1, **when))
    snapshot = stored(lake, *rows)
    mood = [
        {"source": "m", "name": "fear-and-greed", "period_end": end, "value": 50.0, "available_at": end,
         "resolution_s": 3600}
        for end in hours
    ]  # fmt: skip
    snapshot = stored(lake, *mood, table="indicators")
    known_at = clock("2025-03-09 07:30")
    for name in MARKET_TABLES:
        found = read(name, snapshot, view(known_at=known_at))
        assert len(found), name
        for column in found.select_dtypes("datetimetz"):
            assert found[column].max() <= known_at, (name, column)


def test_a_total_that_came_out_late_is_not_in_the_band_before(lake):
    other = cap(source="coingecko", definition="all-coins", value=2.8e12, available_at=at("2025-03-03T00:00"))
    snapshot = stored(lake, cap(), other)
    assert not len(market_page.market(snapshot, clock("2025-03-02")).band)
    assert len(market_page.market(snapshot, clock("2025-03-03")).band) == 1


# ── totals and dominance ──────────────────────────────────────────────────────────────────────────────


def test_dominance_is_never_of_another_sources_total(lake):
    snapshot = stored(
        lake,
        cap(source="a", definition="a-coins", value=100),
        cap(source="a", definition="a-coins", asset="BTC", value=60),
        cap(source="b", definition="b-coins", value=50),  # states no Bitcoin
        cap(source="c", definition="asset", asset="BTC", value=55),  # states no total
    )
    found = read("market-dominance", snapshot, view())
    assert found[["source", "definition", "asset", "dominance"]].to_numpy().tolist() == [["a", "a-coins", "BTC", 60.0]]


def test_the_address_chooses_whose_totals_count(lake):
    snapshot = stored(lake, cap(), cap(source="coingecko", definition="all-coins"), cap(source="b", definition="b"))
    chosen = view(totals=("coingecko/all-coins", "b/b"))
    assert read("market-totals", snapshot, chosen)["source"].tolist() == ["b", "coingecko"]
    assert read("market-disagreement", snapshot, chosen)["providers"].tolist() == [2]
    assert len(read("market-totals", snapshot, view())) == 3


def test_a_definition_is_told_in_words_with_its_distance_from_the_others(lake):
    snapshot = stored(
        lake,
        cap(day=1, value=2.0e12),
        cap(day=1, value=2.1e12, source="coingecko", definition="all-coins"),
        cap(day=2, value=9.9e12, source="coingecko", definition="all-coins"),
        cap(day=2, value=1.0e12, source="coingecko (computed)", asset="TOTAL2"),
    )
    gecko, trading, computed = read("market-definitions", snapshot, view()).to_dict("records")
    assert (gecko["counts"], gecko["market_cap_usd"]) == ("Every coin the provider tracks", 9.9e12)
    assert gecko["compared"] == "5.0 % above tradingview top-125 (2025-03-01 00:00 UTC)"  # 2.1 / 2.0
    assert trading["compared"] == "4.8 % below coingecko all-coins (2025-03-01 00:00 UTC)"  # 2.0 / 2.1 = 0.952
    assert computed["counts"] == "The 125 largest coins of coingecko's list, added up here, without Bitcoin"
    assert pd.isna(computed["compared"])


def test_a_computed_total_names_what_was_kept_out_of_it(lake):
    source = "coingecko (computed)"
    members = [
        {"source": source, "definition": "top-125", "period_end": at("2025-03-01T00:00"), "rank": n + 1,
         "asset": f"C{n}", "used": n != 1, "reason": "wrapped" if n == 1 else None, "market_cap_usd": 1.0}
        for n in range(4)
    ]  # fmt: skip
    stored(lake, *members, table="total_members")
    (row,) = read("market-definitions", stored(lake, cap(source=source)), view()).to_dict("records")
    assert row["counts"].endswith("added up here: 3 coins; kept out: C1 (wrapped)")


# ── a range ───────────────────────────────────────────────────────────────────────────────────────────


def series(n: int, source: str, every: str) -> pd.DataFrame:
    ends = pd.date_range("2025-01-01", periods=n, freq=every, tz="UTC", unit="us")
    return pd.DataFrame({"source": source, "period_end": ends, "market_cap_usd": np.arange(n, dtype=float)})


def test_a_crowded_series_is_thinned_to_the_last_of_each_span_and_others_stay_whole():
    frame = pd.concat([series(10_000, "a", "10min"), series(70, "b", "D")], ignore_index=True)
    start, end = frame["period_end"].iloc[0], frame["period_end"].iloc[9_999]
    found = Series(frame, ("source",)).within(start, end)
    mine, other = (found[found["source"] == name] for name in ("a", "b"))
    assert len(other) == 70  # 10,000 × 10 min is 69.4 days
    assert set(other["span_s"]) == {0}
    assert 250 < len(mine) <= MOST
    assert set(mine["span_s"]) == {6 * 3600}  # 69.4 d / 499 = 3.3 h; the next round span
    whole = mine.iloc[:-1]["period_end"]
    assert (whole.dt.floor("6h") == whole - pd.Timedelta(hours=5, minutes=50)).all()  # 05:50 is the last of 00:00 on
    assert mine["period_end"].iloc[-1] == end


@pytest.mark.parametrize("count", [499, 500, 501, 700, 2_000])
@pytest.mark.parametrize("shift_min", [0, 7])
def test_no_series_of_a_range_is_longer_than_it_may_be(count, shift_min):
    frame = series(count, "a", "1min")
    frame["period_end"] += pd.Timedelta(minutes=shift_min)
    found = Series(frame, ("source",)).within(frame["period_end"].iloc[0], frame["period_end"].iloc[-1])
    assert len(found) <= MOST
    assert (len(found) == count) == (count <= MOST)


def test_a_range_has_both_its_ends():
    frame = series(5, "a", "D")
    found = Series(frame).within(clock("2025-01-02"), clock("2025-01-04"))
    assert found["market_cap_usd"].tolist() == [1, 2, 3]


# ── assets ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_is_the_newest_one_of_ten_assets_or_more(lake):
    rows = [own(f"C{n}", n + 1, "2025-03-10T12:00", source="long") for n in range(12)]
    rows += [own(f"C{n}", n + 1, "2025-03-11T12:00", source="short") for n in range(2)]
    rows += [own(f"C{n}", n + 1, "2025-03-09T12:00", source="old") for n in range(50)]
    lists = queries.asset_lists(stored(lake, *rows))
    assert lists["source"].tolist() == ["long", "old", "short"]
    assert lists["assets"].tolist() == [12, 50, 2]


def test_an_asset_not_seen_for_hours_is_not_in_the_list(lake):
    snapshot = stored(lake, own("BTC", 9), own("ETH", 5, "2025-03-10T06:00"), own("GONE", 7, "2025-03-10T05:59"))
    found = queries.asset_list(snapshot, "coingecko", 10)
    assert found[["rank", "asset"]].to_numpy().tolist() == [[1, "BTC"], [2, "ETH"]]


def test_an_asset_is_listed_once_with_its_newest_value(lake):
    snapshot = stored(lake, own("BTC", 9), own("BTC", 99, "2025-03-10T11:00"), own("ETH", 5))
    assert queries.asset_list(snapshot, "coingecko", 10)["market_cap_usd"].tolist() == [9, 5]


def test_a_watchlist_keeps_the_ranks_of_the_whole_list(lake):
    snapshot = stored(lake, own("BTC", 9), own("ETH", 5), own("XRP", 3))
    assert market_page.assets(snapshot, None, ("XRP", "NONE")).rows["rank"].tolist() == [3]
    shown = read("market-assets", snapshot, view(about=("ETH",)))
    assert shown[["asset", "rank"]].to_numpy().tolist() == [["ETH", 2]]
    assert len(read("market-assets", snapshot, view())) == 3


def test_changes_and_days_come_from_the_same_source(lake):
    snapshot = stored(
        lake,
        own("BTC", 110),
        own("BTC", 100, "2025-03-09T12:00"),
        own("BTC", 1, "2025-03-03T12:00", source="another"),
        own("BTC", 80, "2025-03-03T12:00"),
    )
    row = read("market-assets", snapshot, view(sources=("coingecko",))).iloc[0]
    assert row["change_24h"] == pytest.approx(0.1)  # 110 / 100
    assert row["change_7d"] == pytest.approx(0.375)  # 110 / 80
    assert row["since_7d"] == clock("2025-03-03 12:00")
    days = read("market-asset-days", snapshot, view())
    assert days["market_cap_usd"].tolist() == [80, 100, 110]
    assert set(days["source"]) == {"coingecko"}


def test_an_empty_lake_gives_empty_tables(lake):
    for name in MARKET_TABLES:
        found = read(name, lake.pin(), view())
        assert found.empty, name
        assert len(found.columns) > 3, name
    assert market_page.market(lake.pin()).extent is None


def test_what_is_read_depends_on_the_tables_and_the_clock_alone(lake):
    snapshot = stored(lake, cap(), own("BTC", 9))
    again = Lake(snapshot.home).pin()
    for name in MARKET_TABLES:
        pd.testing.assert_frame_equal(read(name, snapshot, view()), read(name, again, view()))
