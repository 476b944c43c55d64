"""How far providers are apart, and what caps did lately."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.cap_band import band, differences
from analysis.cap_moves import SPANS, changes, daily


def at(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC").as_unit("us")


def caps(*rows: tuple[str, str, float], resolution_s: int = 600) -> pd.DataFrame:
    """Rows of (source, time, cap); the definition is the source's own."""
    return pd.DataFrame(
        {
            "source": [source for source, _, _ in rows],
            "definition": [f"{source}-coins" for source, _, _ in rows],
            "period_end": pd.DatetimeIndex([at(time) for _, time, _ in rows]).as_unit("us"),
            "market_cap_usd": [float(cap) for _, _, cap in rows],
            "resolution_s": resolution_s,
        }
    )


def test_the_band_reaches_from_the_lowest_to_the_highest_provider():
    found = band(caps(("a", "2025-03-01", 100), ("b", "2025-03-01", 105), ("c", "2025-03-01", 102)))
    (row,) = found.to_dict("records")
    assert (row["low_usd"], row["high_usd"], row["providers"]) == (100, 105, 3)
    assert (row["low_of"], row["high_of"]) == ("a a-coins", "b b-coins")
    assert row["spread"] == pytest.approx(0.05)  # 105 / 100 − 1


def test_there_is_no_band_where_one_provider_is_alone():
    assert band(caps(("a", "2025-03-01", 100), ("a", "2025-03-02", 101))).empty
    found = band(caps(("a", "2025-03-01", 100), ("a", "2025-03-02", 101), ("b", "2025-03-02", 99)))
    assert found["at"].tolist() == [at("2025-03-02")]


def test_values_fifteen_minutes_apart_are_of_one_instant_and_later_ones_are_not():
    near = band(caps(("a", "2025-03-01 00:00", 100), ("b", "2025-03-01 00:15", 110)))
    assert near["at"].tolist() == [at("2025-03-01 00:15")]
    assert band(caps(("a", "2025-03-01 00:00", 100), ("b", "2025-03-01 00:15:01", 110))).empty


def test_each_provider_counts_with_its_newest_value_by_then():
    rows = caps(("a", "2025-03-01 00:00", 100), ("a", "2025-03-01 00:10", 120), ("b", "2025-03-01 00:12", 110))
    assert band(rows)[["low_usd", "high_usd"]].to_numpy().tolist() == [[110, 120]]


def test_one_source_with_two_definitions_is_two_providers():
    rows = caps(("a", "2025-03-01", 100), ("a", "2025-03-01", 103)).assign(definition=["all-coins", "top-125"])
    assert band(rows)["high_of"].tolist() == ["a top-125"]


def test_caps_of_nothing_have_no_band():
    nothing = caps()
    assert band(nothing).empty
    assert differences(nothing).empty
    assert band(caps(("a", "2025-03-01", 0), ("b", "2025-03-01", 1))).empty  # a cap of nothing is no cap


def test_differences_are_of_the_newest_common_instant():
    rows = caps(("a", "2025-03-01", 100), ("b", "2025-03-01", 110), ("a", "2025-03-02", 120), ("b", "2025-03-05", 1))
    found = differences(rows).set_index(["source", "other_source"])
    assert found.loc[("a", "b"), "difference"] == pytest.approx(100 / 110 - 1)
    assert found.loc[("b", "a"), "difference"] == pytest.approx(0.1)
    assert set(found["at"]) == {at("2025-03-01")}


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 400), st.integers(1, 1000)),
        max_size=40,
        unique_by=lambda row: row[:2],
    )
)
def test_the_band_is_what_looking_at_every_row_gives(rows):
    start = at("2025-03-01")
    told = caps(*((source, str((start + pd.Timedelta(minutes=m)).tz_localize(None)), cap) for source, m, cap in rows))
    expected = {}
    for minute in sorted({m for _, m, _ in rows}):
        current = {}
        for source in "abc":
            mine = [(m, cap) for s, m, cap in rows if s == source and minute - 15 <= m <= minute]
            if mine:
                current[source] = max(mine)[1]
        if len(current) > 1:
            expected[start + pd.Timedelta(minutes=minute)] = (min(current.values()), max(current.values()))
    found = band(told)
    drawn = dict(zip(found["at"], zip(found["low_usd"], found["high_usd"], strict=True), strict=True))
    assert drawn == expected


# ── changes and days ──────────────────────────────────────────────────────────────────────────────────


def newest(cap: float = 110, when: str = "2025-03-10 12:00", resolution_s: int = 3600, **other) -> pd.DataFrame:
    row = {"asset": "BTC", "asset_id": "bitcoin", "period_end": at(when), "market_cap_usd": float(cap)}
    return pd.DataFrame([{**row, "resolution_s": resolution_s, **other}], index=[7])


def history(*rows: tuple[str, float], asset: str = "BTC", asset_id: str | None = "bitcoin") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "asset": asset,
            "asset_id": pd.Series([asset_id] * len(rows), dtype="str"),
            "period_end": pd.DatetimeIndex([at(time) for time, _ in rows]).as_unit("us"),
            "market_cap_usd": [float(cap) for _, cap in rows],
        }
    )


def test_a_change_is_against_the_value_a_day_before():
    past = history(("2025-03-09 11:00", 90), ("2025-03-09 12:30", 100), ("2025-03-10 12:00", 110))
    found = changes(newest(), past, SPANS["24h"])
    assert found.index.tolist() == [7]
    assert found["change"].tolist() == [pytest.approx(0.1)]  # the value half an hour off is nearer than that one hour
    assert found["since"].tolist() == [at("2025-03-09 12:30")]
    assert found["reason"].tolist() == [None]


@pytest.mark.parametrize(("there", "known"), [("2025-03-09 14:24", True), ("2025-03-09 14:25", False)])
def test_a_value_more_than_a_tenth_of_the_span_off_does_not_count(there, known):
    found = changes(newest(), history((there, 100)), SPANS["24h"])  # 24 h / 10 = 2 h 24 min
    assert np.isfinite(found["change"].iloc[0]) == known
    assert found["reason"].iloc[0] == (None if known else "no value is stored from then")


def test_values_coarser_than_the_span_give_no_change():
    found = changes(newest(resolution_s=7 * 86_400), history(("2025-03-09 12:00", 100)), SPANS["24h"])
    assert np.isnan(found["change"].iloc[0])
    assert found["reason"].iloc[0] == "its values are further apart than that"
    assert pd.isna(found["since"].iloc[0])


def test_another_coin_of_the_same_symbol_is_another():
    found = changes(newest(), history(("2025-03-09 12:00", 100), asset_id="wrapped-bitcoin"), SPANS["24h"])
    assert np.isnan(found["change"].iloc[0])


def test_an_asset_without_an_id_is_followed_by_its_symbol():
    found = changes(newest(asset_id=None), history(("2025-03-09 12:00", 100), asset_id=None), SPANS["24h"])
    assert found["change"].iloc[0] == pytest.approx(0.1)


def test_nothing_listed_has_no_changes():
    assert changes(newest().head(0), history(("2025-03-09 12:00", 100)), SPANS["24h"]).empty


def test_a_day_is_its_last_value_and_a_day_without_one_is_left_out():
    # Days end at 12:00, as the newest value does: 11:00 and 12:00 of the 10th are one day, 13:00 of the 9th too.
    past = history(
        ("2025-02-08 12:00", 1),  # thirty days before, to the minute: the day before the first
        ("2025-02-08 12:01", 2),
        ("2025-03-09 12:00", 3),
        ("2025-03-09 13:00", 4),
        ("2025-03-10 11:00", 5),
        ("2025-03-10 12:00", 6),
        ("2025-03-10 12:01", 7),  # after the newest
    )
    assert daily(newest(6), past)["market_cap_usd"].tolist() == [2, 3, 6]
