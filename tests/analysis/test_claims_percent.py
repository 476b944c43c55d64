"""Moves, dominance, drawdowns, and the figures of every coin: each claim stated, none made up."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analysis.claims import extract_claims

PUBLISHED = datetime(2025, 6, 11, 14, 30, tzinfo=UTC)  # a Wednesday


def read(text: str) -> list[tuple]:
    found = extract_claims(text, PUBLISHED)
    assert all(claim.quote == text[claim.start : claim.end] for claim in found)
    return [(claim.quantity, claim.asset, claim.value, claim.comparator, claim.horizon) for claim in found]


def test_a_move_and_where_it_ended_are_two_claims_with_starts_of_their_own():
    first, second = extract_claims("Bitcoin fell 4% to $83,000.", PUBLISHED)
    assert (first.quantity, first.value, first.unit) == ("pct_change", -4, "percent")
    assert (second.quantity, second.value, second.unit) == ("price", 83_000, "USD")
    assert first.start < second.start


@pytest.mark.parametrize(
    ("text", "asset", "value", "comparator", "horizon"),
    [
        ("Solana is up 3% in the past 24 hours.", "SOL", 3, "eq", "24h"),
        ("XRP has lost more than 12% this week.", "XRP", -12, "gt", "7d"),
        ("Dogecoin gained nearly 8.5 percent over the last 30 days.", "DOGE", 8.5, "approx", "30d"),
        ("ETH dipped by 0,4% in the last hour.", "ETH", -0.4, "eq", "1h"),
        ("Cardano is down roughly 40% year-to-date.", "ADA", -40, "approx", "ytd"),
        ("Litecoin has risen 21% since June 2.", "LTC", 21, "eq", "since 2025-06-02"),
        ("BNB has climbed 60% over the past year.", "BNB", 60, "eq", "1y"),
        ("A 5% drop in Bitcoin over the past week unsettled traders.", "BTC", -5, "eq", "7d"),
        ("Chainlink (LINK) recorded a 9% daily gain.", "LINK", 9, "eq", "24h"),
        ("The total crypto market cap slid 2.2% in the last 24 hours.", "TOTAL", -2.2, "eq", "24h"),
        ("The crypto market fell 3% today.", "TOTAL", -3, "eq", "24h"),
        ("Toncoin edged 1% lower.", "TON", -1, "eq", None),
    ],
)
def test_moves_carry_a_sign_and_their_horizon(text, asset, value, comparator, horizon):
    assert read(text) == [("pct_change", asset, value, comparator, horizon)]


def test_each_coin_of_a_price_line_has_its_price_and_move():
    assert read("BTC: $105,350 (-2.5%) | ETH: $2,646 (+1.8%)") == [
        ("price", "BTC", 105_350, "eq", None),
        ("pct_change", "BTC", -2.5, "eq", None),
        ("price", "ETH", 2_646, "eq", None),
        ("pct_change", "ETH", 1.8, "eq", None),
    ]


def test_a_second_move_shares_the_direction_of_the_first():
    assert [claim[2::2] for claim in read("Solana is down 3% in the past 24 hours and 7% over the past week.")] == [
        (-3, "24h"),
        (-7, "7d"),
    ]


def test_the_token_is_the_one_coin_spoken_of_before():
    assert read("Hedera had a quiet day. The token is down 2% in 24 hours.") == [
        ("pct_change", "HBAR", -2, "eq", "24h")
    ]
    assert read("Hedera met Algorand. The token is down 2% in 24 hours.") == []


@pytest.mark.parametrize(
    ("text", "asset", "value", "comparator"),
    [
        ("Bitcoin dominance stands at 61.5%.", "BTC", 61.5, "eq"),
        ("BTC.D has climbed above 64%.", "BTC", 64, "gt"),
        ("Bitcoin’s dominance slid from 64% to 62.4%.", "BTC", 62.4, "eq"),
        ("Bitcoin’s dominance fell 3% over the week to 61%.", "BTC", 61, "eq"),
        ("Ethereum’s market dominance is nearly 9%.", "ETH", 9, "approx"),
        ("Bitcoin accounts for 63% of the crypto market.", "BTC", 63, "eq"),
    ],
)
def test_dominance_is_a_level_not_its_change(text, asset, value, comparator):
    assert read(text) == [("dominance", asset, value, comparator, None)]


@pytest.mark.parametrize(
    ("text", "asset", "value", "comparator"),
    [
        ("Bitcoin trades 27% below its all-time high.", "BTC", -27, "eq"),
        ("Ether is still down about 45% from its record high of $4,878.", "ETH", -45, "approx"),
        ("BTC is now just 3.2% off its ATH.", "BTC", -3.2, "eq"),
        ("Dogecoin remains more than 70% under its 2021 peak.", "DOGE", -70, "gt"),
    ],
)
def test_drawdowns_are_negative_and_the_record_is_no_claim(text, asset, value, comparator):
    assert read(text) == [("drawdown_from_ath", asset, value, comparator, None)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("XRP’s market cap rose to $130 billion.", ("asset_market_cap", "XRP", 130e9, "eq", None)),
        ("The market cap of Solana is about $80bn.", ("asset_market_cap", "SOL", 80e9, "approx", None)),
        ("Avalanche is trading at $21.40.", ("price", "AVAX", 21.4, "eq", None)),
        ("The price of Pepe hovers around $0.0000121.", ("price", "PEPE", 0.0000121, "approx", None)),
        ("The world’s largest cryptocurrency by market cap trades under $104K.", ("price", "BTC", 104_000, "lt", None)),
        ("Bitcoin Cash traded at $450.", ("price", "BCH", 450, "eq", None)),
        ("Now trading at $2,600, Ethereum looks calm.", ("price", "ETH", 2_600, "eq", None)),
        ("$SUI slipped below US$3.", ("price", "SUI", 3, "lt", None)),
    ],
)
def test_every_coin_has_a_price_and_a_cap(text, expected):
    assert read(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        # forecasts and conditions
        "Solana could drop 8% this week.",
        "A 20% correction in Bitcoin may follow.",
        "If XRP falls 10%, buyers may return.",
        "BTC dominance must fall below 60% first.",
        "An analyst eyes a 30% rally for Cardano.",
        "XRP’s market cap could reach $1 trillion.",
        # somebody else's figure
        "Bitcoin miners’ revenue fell 5%.",
        "Bitcoin ETFs lost 5% of their assets.",
        "Ethereum’s open interest rose 12% in 24 hours.",
        "Solana’s trading volume jumped 40% today.",
        "Strategy shares, a bet on Bitcoin, fell 6%.",
        "The S&P 500 gained 1%.",
        "MicroStrategy’s market cap is $104 billion.",
        "The firm holds Bitcoin. Its market cap is $2 billion.",
        "Holders staked 28% of the ETH supply.",
        "The altcoin’s social dominance rose to 19%.",
        "The Solana meme coin is up 300% today.",
        "Little Pepe rose 40% this week.",
        "Bitcoin Hyper traded at $0.01.",
        "The firm moved 500 BTC, 40 BTC more than in May, an increase of 8%.",
        # no level, no range, no known coin
        "Bitcoin is near the 23.6% retracement.",
        "Altcoins fell 3-6%.",
        "Ethereum is up 20% from its June low.",
        "The token rose 4%.",
        "Optimism rose 5% among traders.",
        "ONE in three traders is down 5%.",
    ],
)
def test_what_is_no_figure_of_a_coin_is_no_claim(text):
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "modality"),
    [
        ("Bitcoin fell 35% in May 2021.", "historical"),
        ("In early 2020, BTC traded near $4,000.", "historical"),
        ("Bitcoin dominance reached 65% on May 6.", "historical"),
        ("Solana gained 9% yesterday.", "historical"),
        ("Solana gained 9% today.", "current"),
        ("Solana gained 9% in the last week.", "current"),
        ("Ethereum lost 45% in the first quarter.", "historical"),
        ("BTC is 14% below its all-time high, set on May 22.", "current"),
    ],
)
def test_what_is_past_is_not_read_as_current(text, modality):
    (claim,) = extract_claims(text, PUBLISHED)
    assert claim.modality == modality
