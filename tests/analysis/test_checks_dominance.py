"""Shares of a total, by arithmetic on caps written here."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.check_dominance import shares


def caps(*rows: tuple[str, str, str, float], seconds: int = 86_400, late: int = 0) -> pd.DataFrame:
    at = pd.to_datetime([time for _, _, time, _ in rows], utc=True)
    return pd.DataFrame(
        {
            "source": [row[0] for row in rows],
            "definition": [row[1] for row in rows],
            "period_end": at,
            "market_cap_usd": [row[3] for row in rows],
            "resolution_s": seconds,
            "available_at": at + pd.Timedelta(days=late),
        }
    )


def test_a_share_is_of_the_total_of_the_same_source_and_is_named_by_it():
    btc = caps(("coingecko", "asset", "2025-03-28", 60.0), ("cmc", "cmc-tracked", "2025-03-28", 61.0))
    total = caps(
        ("coingecko", "all-coins", "2025-03-28", 100.0),
        ("cmc", "cmc-tracked", "2025-03-28", 100.0),
        ("tradingview", "top-125", "2025-03-28", 80.0),
    )
    found = shares(btc, total)
    assert found[["source", "definition", "value"]].to_numpy().tolist() == [
        ["cmc", "cmc-tracked", 61.0],
        ["coingecko", "all-coins", 60.0],
    ]
    assert (found["low"] == found["high"]).all()
    assert (found["start"] == found["end"]).all()


def test_the_cap_of_the_totals_own_definition_is_preferred():
    btc = caps(("coingecko", "asset", "2025-03-28", 60.0), ("coingecko", "all-coins", "2025-03-28", 59.0))
    assert shares(btc, caps(("coingecko", "all-coins", "2025-03-28", 100.0)))["value"].tolist() == [59.0]


def test_only_what_is_of_one_instant_is_divided():
    total = caps(("a", "all", "2025-03-28T00:00", 100.0), ("a", "all", "2025-03-28T12:00", 200.0))
    btc = caps(("a", "asset", "2025-03-28T00:10", 60.0), ("a", "asset", "2025-03-28T12:16", 60.0), late=3)
    found = shares(btc, total)
    assert found["value"].tolist() == [60.0]
    # Known for the later of the two instants, and once both had been published.
    assert found["end"].tolist() == [pd.Timestamp("2025-03-28T00:10Z")]
    assert found["available_at"].tolist() == [pd.Timestamp("2025-03-31T00:10Z")]


def test_nothing_comes_of_nothing():
    assert shares(caps(), caps()).empty
    assert shares(caps(("a", "asset", "2025-03-28", 1.0)), caps(("b", "all", "2025-03-28", 2.0))).empty


@pytest.mark.shared
def test_bitcoins_share_on_a_day_of_2025(shared):
    """CoinGecko's two files, 2025-06-30: its dominance was quoted at about 62 % that week."""
    total = pd.read_csv(shared / "data/total_marketcap_coingecko_1d_2013_2025.csv.gz")
    total = total[total.iloc[:, 0].str.startswith("2025-06-30")].iloc[0, 1]
    coins = pd.read_csv(shared / "data/marketcaps_coingecko_5coins_1d.csv.gz")
    btc = coins[(coins["coin_id"] == "bitcoin") & coins["ts"].str.startswith("2025-06-30")]["market_cap_usd"].iloc[0]
    found = shares(
        caps(("coingecko", "asset", "2025-06-30", btc)), caps(("coingecko", "all-coins", "2025-06-30", total))
    )
    assert found["value"].tolist() == [pytest.approx(62.2, abs=0.3)]
