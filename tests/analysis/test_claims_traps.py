"""Figures that the words around them make no claim, or a claim of something else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analysis.claims import extract_claims

PUBLISHED = datetime(2025, 6, 11, 14, 30, tzinfo=UTC)


def read(text: str) -> list[tuple[str, str, float]]:
    return [(c.quantity, c.asset, c.value) for c in extract_claims(text, PUBLISHED, certain=2.0)]


@pytest.mark.parametrize(
    "text",
    [
        # possibilities and conditions
        "The trader raised the possibility of the BTC price rallying to $150,000.",
        "Analysts warn of a Bitcoin price crash to $90,000.",
        "There is a risk of Bitcoin falling below $100,000.",
        "He spoke of the inevitability of Dogecoin going to $1.",
        "It was an ingredient for a potential ADA price surge to $10.",
        "The bet pays if BTC tags $97,000 while XRP hits $1.90.",
        "The uptrend holds provided Bitcoin stays above $105,000.",
        "Holders get tokens every time BTC reaches $125,000.",
        "The fund expects a deep pullback, with BTC dropping to $88,000.",
        "Bitcoin is gearing up for a surge past $120,000.",
        "Ether is primed to make a run to $5,000.",
        "Solana is struggling to climb above $170.",
        "Bitcoin is going to $150,000.",
        "XRP rallying to $3 by August looks fine.",
        # denied
        "PEPE reaching $1 is considered highly improbable.",
        "A token like SHIB hitting $0.01 remains uncertain.",
        "A daily close of Bitcoin above $112,000 is bullish.",
        "Most agreed that Solana at $1,000 felt possible.",
        # of something of the coin's
        "The median cost to mine one Bitcoin has risen to $70,000.",
        "The 200-week moving average for Bitcoin is approaching $50,000.",
        "The realized price for Bitcoin stands at $50,800.",
        "The stock trades at an implied Bitcoin price of $174,000.",
        "Trading volume for BTC has fallen by 14.9%.",
        "The number of active addresses on Solana rose by 5%.",
        # amounts
        "A thief took her Bitcoin worth $531,000 in a SIM swap.",
        "The firm mined seven Bitcoin in May, valued at $735,000.",
        "The market value of their Bitcoin is around $4.6 billion.",
        # by how much
        "BTC dipped over $1,000 after the speech.",
        "XRP has erased more than $22 billion in market capitalization.",
        "Bitcoin dominance has fallen by over 7%.",
        "Bitcoin’s share of the market dropped by about 0.62%.",
        # another market's, another pair's
        "Solana’s dominance stands at 8% of the TVL of layer-1 chains.",
        "Social dominance of Bitcoin surged to 43%.",
        "Ether is up 40% against its BTC pair.",
        "The combined value of Bitcoin, Ether and Solana decreased by 22%.",
        "The majors, Solana among them, posted: SOL 3% to 5% gains.",
        # other articles
        "Continue Reading: Bitcoin Holds Above $100K But Data Turns",
    ],
)
def test_no_claim(text):
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("At the moment, one ETH is worth $2,444.", ("price", "ETH", 2_444)),
        ("Bitcoin is close to $109,000.", ("price", "BTC", 109_000)),
        ("Bitcoin struggled early but rose to $109,000.", ("price", "BTC", 109_000)),
        ("Bitcoin tried to recover and fell to $104,000.", ("price", "BTC", 104_000)),
        ("Bitcoin fell to $104,000, and the level is key.", ("price", "BTC", 104_000)),
        ("Bitcoin dominance fell to 62%.", ("dominance", "BTC", 62)),
        ("Ethereum’s dominance is 9.1%.", ("dominance", "ETH", 9.1)),
        ("The crypto market cap fell over 3% to $3.3 trillion.", ("total_market_cap", "TOTAL", 3.3e12)),
        ("The global crypto\u2011asset market cap stands at $3.4 trillion.", ("total_market_cap", "TOTAL", 3.4e12)),
        ("In May 2017, XRP rose to $0.30 by December.", ("price", "XRP", 0.3)),
    ],
)
def test_a_claim_that_looks_like_a_trap(text, expected):
    assert expected in read(text)


def test_hostile_words_cost_no_more_than_their_length():
    for piece in ("risk of ", "expects a, with ", "open interest in A, ", "struggling to x ", "if , while "):
        extract_claims(piece * 20_000 + "Bitcoin fell to $104,000 is " + "not " * 20_000, PUBLISHED, certain=2.0)
