"""The computed total: against TradingView's own, against what must be kept out, and its laws."""

from __future__ import annotations

import json
import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.totals import COINS, HUGE_USD, totals

AT = pd.Timestamp("2025-03-29 00:04", tz="UTC")
BTC, ETH = 1.6e12, 2.16e11


def coin(asset_id, cap, *, asset=None, price=2.0, supply=None, turnover=0.05, at=AT, volume=None):
    return {
        "asset": asset or asset_id.upper(),
        "asset_id": asset_id,
        "market_cap_usd": cap,
        "price_usd": price,
        "supply": cap / price if supply is None else supply,
        "volume_usd": cap * turnover if volume is None else volume,
        "period_end": at,
    }


def market(others: int = COINS - 2) -> list[dict]:
    """Bitcoin, Ethereum and coins of 1 billion, 1.001 billion and so on."""
    return [
        coin("bitcoin", BTC, asset="BTC"),
        coin("ethereum", ETH, asset="ETH"),
        *(coin(f"coin-{n}", 1e9 + n * 1e6) for n in range(others)),
    ]


def reason(result, asset_id: str) -> str | None:
    [row] = result.members[result.members["asset_id"] == asset_id].to_dict("records")
    assert row["used"] == (row["reason"] is None)
    return row["reason"]


def test_the_totals_of_a_market():
    """123 others: 123 × 10⁹ + (0 + 1 + … + 122) × 10⁶ = 123 × 10⁹ + 7,503 × 10⁶ = 130.503 × 10⁹."""
    result = totals(pd.DataFrame(market()))
    assert result.reason is None
    assert result.total3_usd == pytest.approx(130.503e9)
    assert result.total2_usd == pytest.approx(346.503e9)
    assert result.total_usd == pytest.approx(1946.503e9)
    assert result.btc_dominance == pytest.approx(1600 / 1946.503)
    assert result.eth_dominance == pytest.approx(216 / 1946.503)
    assert result.period_end == AT


def test_every_coin_looked_at_is_listed_with_its_rank_and_why_it_is_not_counted():
    result = totals(pd.DataFrame(market(COINS)))
    members = result.members
    assert list(members.columns) == ["asset", "asset_id", "rank", "market_cap_usd", "used", "reason"]
    assert members["rank"].tolist() == list(range(1, COINS + 3))
    assert members["market_cap_usd"].is_monotonic_decreasing
    assert members["used"].sum() == COINS
    assert members.loc[~members["used"], ["asset_id", "reason"]].to_numpy().tolist() == [
        ["coin-1", "smaller than the largest 125"],
        ["coin-0", "smaller than the largest 125"],
    ]
    assert members.loc[members["used"], "market_cap_usd"].sum() == pytest.approx(result.total_usd)


NOT_COUNTED = {
    "next to no volume": coin("tico", 3.33e12, volume=5.4),
    "no volume at all": coin("mute", HUGE_USD, volume=0.0),
    "no volume stated": {**coin("silent", HUGE_USD), "volume_usd": None},
    "no price × supply": coin("inflated", 5e10, price=1.0, supply=4e10),
    "too large a product": coin("product", 5e10, price=1e200, supply=1e200),
    "stale": coin("stale", 5e10, at=AT - pd.Timedelta(hours=6, seconds=1)),
    "from the future": coin("early", 5e10, at=AT + pd.Timedelta(days=400)),
    "no time": {**coin("timeless", 5e10), "period_end": None},
    "zero": coin("zero", 0.0),
    "negative": coin("negative", -1e12),
    "null": {**coin("null", 1.0), "market_cap_usd": None},
    "not finite": {**coin("infinite", 1.0), "market_cap_usd": float("inf")},
    "wrapped": coin("wrapped-bitcoin", 1e10),
    "staked": coin("lido-staked-ether", 1e10),
    "a bitcoin of its own": coin("fake", 5e12, asset="BTC", volume=10.0),
}


@pytest.mark.parametrize("absurd", NOT_COUNTED.values(), ids=NOT_COUNTED.keys())
def test_what_must_be_kept_out_is_and_shows(absurd):
    before, after = totals(pd.DataFrame(market(130))), totals(pd.DataFrame([absurd, *market(130)]))
    assert reason(after, absurd["asset_id"])
    assert len(after.members) == len(before.members) + 1
    assert values(after) == values(before)


def test_a_coin_that_is_kept_out_does_not_age_the_others():
    """Its time is 5 h after the newest and 7 h after one that is counted."""
    slow = coin("slow", 5e9, at=AT - pd.Timedelta(hours=2))
    late = coin("late", 3e12, volume=5.4, at=AT + pd.Timedelta(hours=5))
    assert reason(totals(pd.DataFrame([*market(), slow, late])), "slow") is None


def test_the_reasons_say_what_is_wrong():
    result = totals(pd.DataFrame([*NOT_COUNTED.values(), *market()]))
    assert reason(result, "tico") == "next to no volume for a cap from $2 billion"
    assert reason(result, "inflated") == "the cap is not price × supply, by more than 5%"
    assert reason(result, "stale") == "not updated for 6 h"
    assert reason(result, "early") == "updated more than 6 h after the others"
    assert reason(result, "null") == "no market cap above zero"
    assert reason(result, "wrapped-bitcoin") == "wrapped or staked: stands for a coin that is counted"


KEPT = {
    "thin, as LEO is": coin("unus-sed-leo", 8.8e9, turnover=7.3e-5),
    "thinner, but small, as NXM is": coin("nxm", 1.25e9, turnover=1e-7),
    "rounded price": coin("apenft", 5e9, supply=2.5e9 * 0.96),
    "unknown supply, as TFUEL's": coin("theta-fuel", 5e9, supply=0.0),
    "null supply and price": {**coin("quiet", 5e9), "supply": None, "price_usd": None},
    "six hours old": coin("slow", 5e9, at=AT - pd.Timedelta(hours=6)),
    "a name with a part of such a word": coin("unwrapped", 5e9),
}


@pytest.mark.parametrize("real", KEPT.values(), ids=KEPT.keys())
def test_what_is_unusual_and_real_is_counted(real):
    assert reason(totals(pd.DataFrame([*market(), real])), real["asset_id"]) is None


def test_a_coin_listed_twice_counts_once():
    result = totals(pd.DataFrame([*market(130), coin("coin-129", 1e9 + 129e6)]))
    assert result.total_usd == totals(pd.DataFrame(market(130))).total_usd
    assert result.members["reason"].tolist().count("listed twice") == 1


def test_too_few_coins_give_no_total_rather_than_a_smaller_one():
    result = totals(pd.DataFrame(market(COINS - 3)))
    assert result.reason == "only 124 of 124 coins can be counted, 125 are needed"
    assert values(result) == [None] * 6
    assert result.members["used"].all()
    assert totals(pd.DataFrame(market())[:0]).reason == "only 0 of 0 coins can be counted, 125 are needed"


@pytest.mark.parametrize("missing", ["bitcoin", "ethereum"])
def test_without_bitcoin_or_ethereum_there_is_no_total(missing):
    rows = [row for row in market(130) if row["asset_id"] != missing]
    assert totals(pd.DataFrame(rows)).reason == "Bitcoin or Ethereum is not among the 125 coins, or twice"


def test_ids_tell_bitcoin_from_a_namesake_and_without_ids_the_symbol_does():
    rows = market()
    rows[5] = coin("bitcoin-of-another", 3e9, asset="BTC")
    assert totals(pd.DataFrame(rows)).btc_dominance == pytest.approx(1600 / (1946.503 + 3 - 1.003))
    nameless = [{**row, "asset_id": None} for row in market()]
    assert values(totals(pd.DataFrame(nameless))) == values(totals(pd.DataFrame(market())))


def values(result) -> list:
    return [
        result.total_usd,
        result.total2_usd,
        result.total3_usd,
        result.btc_dominance,
        result.eth_dominance,
        result.period_end,
    ]


CAPS = st.lists(st.floats(1e6, 1.9e9), min_size=COINS - 2, max_size=COINS + 15)


@settings(deadline=None, max_examples=20)
@given(CAPS, st.randoms(), st.lists(st.sampled_from(sorted(NOT_COUNTED)), unique=True))
def test_laws(caps, random, absurd):
    rows = [*market(0), *(coin(f"c{n}", cap) for n, cap in enumerate(caps))]
    result = totals(pd.DataFrame(rows))
    shuffled = [*rows, *(NOT_COUNTED[name] for name in absurd)]
    random.shuffle(shuffled)
    again = totals(pd.DataFrame(shuffled))
    assert values(again) == values(result)
    assert result.total_usd == result.total2_usd + BTC
    assert result.total2_usd == result.total3_usd + ETH
    assert result.total3_usd == math.fsum(sorted(caps)[-(COINS - 2) :])
    assert 0 < result.eth_dominance < result.btc_dominance
    assert result.btc_dominance + result.eth_dominance <= 1
    assert again.members["used"].sum() == COINS


def recorded_listing(shared) -> pd.DataFrame:
    rows = json.loads((shared / "recordings/coingecko/coins_markets_250_2022-02-23.json").read_text())
    names = {
        "symbol": "asset",
        "id": "asset_id",
        "market_cap": "market_cap_usd",
        "current_price": "price_usd",
        "total_volume": "volume_usd",
        "circulating_supply": "supply",
        "last_updated": "period_end",
    }
    return pd.DataFrame(rows)[list(names)].rename(columns=names)


@pytest.mark.shared
def test_the_recorded_token_of_3_trillion_is_kept_out_and_ten_tokens_that_stand_for_others(shared):
    """By hand: the sum of the 125 largest without the 11 below; with TICO it would be 5,084,799,823,907."""
    listing = recorded_listing(shared)
    out = [
        "ticoex-token",
        "wrapped-bitcoin",
        "staked-ether",
        "cdai",
        "compound-usd-coin",
        "compound-ether",
        "huobi-btc",
    ]
    out += ["compound-usdt", "renbtc", "msol"]
    by_hand = listing[~listing["asset_id"].isin(out)]["market_cap_usd"].nlargest(COINS).sum()
    result = totals(listing)
    assert result.total_usd == pytest.approx(by_hand, rel=1e-12)
    assert result.total_usd == pytest.approx(1730.4e9, rel=1e-4)
    assert result.btc_dominance == pytest.approx(738310755630 / by_hand)
    assert result.members.iloc[0][["asset_id", "rank", "used"]].tolist() == ["ticoex-token", 1, False]
    considered = result.members[: result.members["used"].to_numpy().nonzero()[0].max()]
    assert sorted(considered.loc[~considered["used"], "asset_id"]) == sorted(out)


def monthly(shared) -> pd.DataFrame:
    frame = pd.read_csv(shared / "data/marketcaps_cmc_top200_monthly_2020_2025.csv.gz")
    names = {"symbol": "asset", "circulating_supply": "supply", "volume_24h_usd": "volume_usd"}
    frame = frame.rename(columns=names)
    frame["asset_id"] = frame["name"].str.lower().str.replace(" ", "-")
    frame["period_end"] = pd.to_datetime(frame["snapshot_date"], utc=True) + pd.Timedelta(days=1)
    return frame


@pytest.mark.shared
@pytest.mark.parametrize("day", ["2025-03-01", "2025-04-01"])
def test_the_total_is_tradingview_s_of_that_day(shared, day):
    own = pd.read_csv(shared / "data/total_marketcap_tradingview_2025-02-28_04-15.csv").set_index("date_utc")
    listing = monthly(shared)
    result = totals(listing[listing["snapshot_date"] == day])
    assert result.total_usd == pytest.approx(own.loc[day, "close"], rel=3e-4)


@pytest.mark.shared
def test_no_coin_of_70_monthly_lists_is_lost_but_wrapped_ones(shared):
    """Every 7th of the 70 months."""
    lost = set()
    for _, listing in list(monthly(shared).groupby("snapshot_date"))[::7]:
        result = totals(listing)
        assert result.reason is None
        out = result.members[~result.members["used"] & (result.members["rank"] <= COINS)]
        lost |= set(out["asset"])
    assert lost == {"WBTC", "BTCB", "RENBTC"}


@pytest.mark.shared
def test_of_a_year_of_daily_lists_one_renamed_coin_is_kept_out_for_its_volume(shared):
    """Every 9th day of 2021: Bitcoin Cash ABC, beside the eCash that it had become."""
    frame = pd.read_parquet(shared / "data/marketcaps_coingecko_top300_1d_2021.parquet")
    frame = frame.rename(columns={"coin_id": "asset_id", "ts": "period_end"}).assign(supply=None)
    frame["asset"] = frame["asset_id"]
    lost = set()
    for _, listing in list(frame.groupby("period_end"))[::9]:
        members = totals(listing).members
        out = members[members["reason"].fillna("").str.contains("volume|price|updated|time|twice")]
        lost |= set(out["asset_id"])
    assert lost == {"bitcoin-cash-abc-2"}
