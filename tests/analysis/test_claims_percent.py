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
        "Ethereum is up 20% from its recent low.",
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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # told before the coin is named
        ("After climbing over 3% in the past day, Bitcoin looks tired.", [("BTC", 3)]),
        ("After rising 2% in 24 hours and 4% over the past week, Bitcoin rests.", [("BTC", 2), ("BTC", 4)]),
        ("Following an impressive 80% rally, Solana is resting.", [("SOL", 80)]),
        ("With a dip of over 4% within hours, Bitcoin scared its holders.", [("BTC", -4)]),
        ("A sudden 5% Bitcoin drop woke traders up.", [("BTC", -5)]),
        ("A single-day drop of over 12% took SHIB to $0.0000117.", [("SHIB", -12)]),
        # lists
        ("Bitcoin fell by 0.4%, Ethereum by 0.9%, and Cardano by 1%.", [("BTC", -0.4), ("ETH", -0.9), ("ADA", -1)]),
        ("Solana is down slightly by 0.4% today and a more noticeable 2.6% this week.", [("SOL", -0.4), ("SOL", -2.6)]),
        ("XRP XRP and Solana’s SOL SOL lost over 1% today.", [("XRP", -1), ("SOL", -1)]),
        ("Bitcoin (BTC) and ether (ETH) each slipped by about 1%.", [("BTC", -1), ("ETH", -1)]),
        # the words of moves
        ("Dogecoin has already ripped 33% in a week.", [("DOGE", 33)]),
        ("Ether took a hit of 12% over the last week.", [("ETH", -12)]),
        ("The total crypto market cap edged 2% higher to $3.4 trillion.", [("TOTAL", 2)]),
        ("XRP has risen by an eye-watering 400%.", [("XRP", 400)]),
        ("Bitcoin trades at $104,000, reflecting a more than 2% decline.", [("BTC", -2)]),
        ("Litecoin rallied to a one-week high with over 18% in daily gains.", [("LTC", 18)]),
        ("The news propelled Dogecoin another 19% higher.", [("DOGE", 19)]),
        ("Ethereum’s market cap is up 7% today.", [("ETH", 7)]),
        # what is supposed elsewhere in the sentence
        ("XRP is likely to reach a record despite experiencing a nearly 10% drop today.", [("XRP", -10)]),
        ("Will Solana Hold $150? appeared first on Some News Solana saw its price tumble 4% today.", [("SOL", -4)]),
        ("You might also like: What ails Ether At press time, Bitcoin is trading at $104,000, down 5%.", [("BTC", -5)]),
        # since a dated low
        ("Bitcoin is up 60% from its April lows.", [("BTC", 60)]),
        ("XRP is up 50% from its lowest level in April.", [("XRP", 50)]),
    ],
)
def test_moves_in_other_words(text, expected):
    found = extract_claims(text, PUBLISHED, certain=2.0)
    assert [(one.asset, one.value) for one in found if one.quantity == "pct_change"] == expected


@pytest.mark.parametrize(
    "text",
    [
        "Bitcoin is up 60% from its recent lows.",
        "Bitcoin is up 12% from its lowest point this month.",
        "Ether is up 40% against its BTC pair.",
        "The ETH/BTC ratio stands at 0.024, having climbed 26% this month.",
        "XRP, Dogecoin, and Solana posted 3% to 5% gains.",
        "The firm reported a 189% increase in Bitcoin per share.",
        "The combined value of Bitcoin, Ethereum, and Solana decreased by 22%.",
        "The fund moved from 58 BTC to 83 BTC, an increase of 40%.",
        "Holdings grew to 6,145,207 BTC, a 924% increase.",
        "Four names beat Bitcoin: Palantir -- up nearly 2,000%.",
        "After a 10% rally in gold, Bitcoin looks tired.",
        "After US stocks rose 5%, Bitcoin looks tired.",
        "Historically, a 5% Bitcoin drop is bought.",
        "USDT’s market cap is up 7% today.",
    ],
)
def test_other_moves_are_no_claims(text):
    assert [one for one in extract_claims(text, PUBLISHED, certain=2.0) if one.quantity == "pct_change"] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bitcoin dominance is rising over 60%.", [("BTC", 60)]),
        ("Bitcoin dominates over 59% of the crypto market.", [("BTC", 59)]),
        ("Bitcoin dominance has fallen by over 7% this month.", []),
        ("Bitcoin’s share of the market dropped by about 0.6%.", []),
        ("The social dominance of XRP stands at 2%.", []),
        ("Solana’s dominance stands at 8% in TVL.", []),
    ],
)
def test_a_dominance_that_bitcoin_never_had_is_a_change(text, expected):
    found = extract_claims(text, PUBLISHED, certain=2.0)
    assert [(one.asset, one.value) for one in found if one.quantity == "dominance"] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Still trading 48% below its all-time high, ETH looks cheap.", [("ETH", -48)]),
        ("Bitcoin gained 9% in a month but remains 3% below its May 22 all-time high.", [("BTC", -3)]),
        ("Ether is currently down 35% from that ATH.", [("ETH", -35)]),
        ("Bitcoin may rise 9% if it stays 3% below its all-time high.", []),
    ],
)
def test_drawdowns_in_other_words(text, expected):
    found = extract_claims(text, PUBLISHED, certain=2.0)
    assert [(one.asset, one.value) for one in found if one.quantity == "drawdown_from_ath"] == expected
