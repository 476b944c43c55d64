"""The ways news ties a figure to its subject: rows and turns of coins, subjects behind, headlines, unknown words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analysis.claims import extract_claims

PUBLISHED = datetime(2025, 6, 11, 14, 30, tzinfo=UTC)  # a Wednesday


def read(text: str) -> list[tuple[str, str, float]]:
    found = extract_claims(text, PUBLISHED)
    assert all(claim.quote == text[claim.start : claim.end] for claim in found)
    assert len({claim.start for claim in found}) == len(found)
    return [(claim.quantity, claim.asset, claim.value) for claim in found]


def test_figures_given_in_turn_go_to_the_coins_in_their_order():
    assert read("SOL, ADA and XRP slid 2%, 3.5% and 4%, respectively.") == [
        ("pct_change", "SOL", -2),
        ("pct_change", "ADA", -3.5),
        ("pct_change", "XRP", -4),
    ]
    assert read("BTC and ETH moved above $118,000 and $3,000, respectively.") == [
        ("price", "BTC", 118_000),
        ("price", "ETH", 3_000),
    ]


def test_one_move_of_a_row_of_coins_is_a_move_of_each():
    text = "With Ether and XRP down by nearly 4% today, buyers waited."
    assert read(text) == [("pct_change", "ETH", -4), ("pct_change", "XRP", -4)]
    assert read("Like ETH, Bitcoin is down 2%.") == [("pct_change", "BTC", -2)]


@pytest.mark.parametrize(
    "text",
    [
        "A basket of SOL, ADA, and XRP is down 3%.",  # the basket
        "BTC and ETH lost 2% and 3% today.",  # in turn, perhaps: not said
        "BTC and ETH rose up to 5%.",
        "BTC and ETH fell to $90,000.",  # one price for two
    ],
)
def test_what_a_row_of_coins_does_not_say_is_no_claim(text):
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("With a market cap of $3.1 billion, Ondo is no dwarf.", ("asset_market_cap", "ONDO", 3.1e9)),
        ("Now ranked fifth with a $2.4 trillion market cap, Bitcoin draws funds.", ("asset_market_cap", "BTC", 2.4e12)),
        ("At $2.4 trillion market capitalization, Bitcoin is ahead.", ("asset_market_cap", "BTC", 2.4e12)),
        ("With a 9.1% market share, Ethereum is second.", ("dominance", "ETH", 9.1)),
        ("Ethereum is valued at $300 billion.", ("asset_market_cap", "ETH", 3e11)),
        ("A plan for the $3.4 trillion crypto market was drawn up.", ("total_market_cap", "TOTAL", 3.4e12)),
        ("Fees are paid at a current market price of $107,300 per Bitcoin.", ("price", "BTC", 107_300)),
        ("A 5% slump took BTC lower.", ("pct_change", "BTC", -5)),
        ("That could pass Bitcoin’s market cap of $2.1 trillion.", ("asset_market_cap", "BTC", 2.1e12)),
    ],
)
def test_the_subject_may_stand_behind_or_be_presupposed(text, expected):
    assert read(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bitcoin Roars Above $101,000 as Stocks Rise", [("price", "BTC", 101_000)]),
        ("Chiliz (CHZ) Down 19% In Last 7 Days – Any Hope For Fans?", [("pct_change", "CHZ", -19)]),
        ("BTC Dips Below $57K,Altcoins Mixed", [("price", "BTC", 57_000)]),
        ("Crypto Market Sinks 7% to $2.6T", [("pct_change", "TOTAL", -7), ("total_market_cap", "TOTAL", 2.6e12)]),
        ("Bitcoin Drops Below 78,000 USDT", [("price", "BTC", 78_000)]),
        ("Bitcoin Dominance Reaches Critical Level Above 64%", [("dominance", "BTC", 64)]),
        ("Will Bitcoin Rise 10%?", []),
        ("Bitcoin Return To $120,000: A Plan", []),
        ("Cardano Soars 180% in Volume", []),
    ],
)
def test_headlines(text, expected):
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BTC staged an unruly relapse, tumbling to $99,000.", [("price", "BTC", 99_000)]),
        ("Ether quietly meandered lower, trading at $2,510.", [("price", "ETH", 2_510)]),
        ("Solana posted a gritty 6% gain.", [("pct_change", "SOL", 6)]),
        # a word that may be another subject, or another amount
        ("Bitcoin plumbers fell 5%.", []),
        ("Bitcoin slid as zinc dropped 5%.", []),
        ("Bitcoin’s implied volatility has dropped to 40%.", []),
        ("Bitcoin rose to its ceiling at $110,000.", []),
        ("Ether hasn’t traded above $3,000 for months.", []),
        ("The firm purchased 1,204 ETH at an average price of $2,970.", []),
        ("This leaves BTC nearly $9,000 below its peak.", []),
    ],
)
def test_unknown_words_may_stand_in_a_link_where_they_are_no_subject(text, expected):
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kaspa is up 4%.", [("pct_change", "KAS", 4)]),
        ("Golem (GLM) trades at $0.31.", [("price", "GLM", 0.31)]),  # of the gazetteer
        ("$QZXW jumped 12% to $0.34.", [("pct_change", "QZXW", 12), ("price", "QZXW", 0.34)]),
        ("Polygon gained 11%.", [("pct_change", "POL", 11)]),
        ("$MSTR jumped 12% to $400.", []),
        ("The presale offers $QZXW at a price of $0.02.", []),
        ("Bitcoin trades near its ATH price of $109,000.", []),
        ("Story hours gained 5% more listeners.", []),
    ],
)
def test_coins_of_the_gazetteer_and_unknown_cashtags(text, expected):
    assert read(text) == expected


def test_a_coin_in_apposition_keeps_its_figure():
    assert read("XRP, the fourth-largest cryptocurrency, gained 5%.") == [("pct_change", "XRP", 5)]
    text = "Bitcoin is calm. It trades at $104,000 with a market cap of $2.06 trillion."
    assert read(text) == [("price", "BTC", 104_000), ("asset_market_cap", "BTC", 2.06e12)]


@pytest.mark.parametrize(
    "text",
    [
        "BTC started the previous week in the red, dropping 0.9% to $104,300.",
        "The 2017 bull run saw Bitcoin soar to nearly $20,000.",
        "When ETH hit a high in May 2021, its market cap was $480 billion.",
        "Bitcoin dominance reached 65% by the end of Q1.",
        "XRP’s share of the market dropped to 0.95% by March 2017.",
        "The crypto market cap neared $3.4 trillion by the end of Monday.",
    ],
)
def test_what_was_then_is_historical(text):
    found = extract_claims(text, PUBLISHED)
    assert found
    assert {claim.modality for claim in found} == {"historical"}


def test_moves_in_a_list_share_their_horizon():
    claims = extract_claims("In the past 24 hours, Bitcoin gained (2%), XRP (4%), and BNB (1%).", PUBLISHED)
    assert {claim.horizon for claim in claims} <= {"24h"}
