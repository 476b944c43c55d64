"""Which coin a doubtful name or symbol means, or none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.mentions import find_assets, find_mentions


def named(text: str) -> set[str]:
    return {mention.value for mention in find_assets(text)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # a symbol that is a word
        ("The ONE thing to know", set()),
        ("ONE token doubles", {"ONE"}),
        ("Harmony (ONE) halts", {"ONE"}),
        ("A quiet day for BTC, ONE and SOL", {"BTC", "ONE", "SOL"}),
        ("It is NOT a KEY level, people say", set()),
        ("Why a KEY price level matters for it", set()),
        ("HOT TOKEN LIST", set()),
        ("GAS/USDT opens", {"GAS", "USDT"}),
        ("A 40% rise for a coin", set()),
        ("(A 40% rise for a coin)", set()),
        ("$S and $W are listed", {"S", "W"}),
        # an abbreviation
        ("Traders return to LINK after the pause", {"LINK"}),
        ("Bitcoin NEAR $100K", {"BTC"}),
        ("They sold it NEAR ATH", set()),
        ("ripple effect, stellar results, a polygon shape, the graph", set()),
        ("An avalanche of orders and a cosmos of options", set()),
        # names that are words
        ("Stellar Results for the quarter", set()),
        ("Stellar adds an anchor", {"XLM"}),
        ("Optimism grows among traders", set()),
        ("Arbitrum, Optimism and zkSync", {"ARB", "OP", "ZK"}),
        ("Optimism (OP) falls", {"OP"}),
        ("A Market Maker leaves", set()),
        ("Maker (MKR) votes", {"MKR"}),
        ("Compound Interest explained", set()),
        ("Compound Finance pauses", {"COMP"}),
        # companies of the same name
        ("Ripple wins in court", set()),
        ("Ripple's RLUSD grows", {"RLUSD"}),
        ("Ripple and Stellar open an office", {"XLM"}),
        ("IP and Ethereum addresses are kept", {"ETH"}),
        ("Ripple price slips", {"XRP"}),
        ("Ripple (XRP) slips", {"XRP"}),
        ("Tether buys a farm", set()),
        ("Tether (USDT) slips", {"USDT"}),
        ("Bitcoin, Cardano, Ripple", {"BTC", "ADA", "XRP"}),
        # longer names
        ("Bitcoin Cash and Ethereum Classic", {"BCH", "ETC"}),
        ("Terra Classic burns", {"LUNC"}),
        # one coin, two symbols
        ("Polygon upgrades", {"MATIC"}),
        ("Polygon (POL) upgrades", {"POL"}),
        ("Polygon (MATIC) upgrades", {"MATIC"}),
        ("Polygon moves from MATIC to POL", {"MATIC", "POL"}),
        # cashtags that no table lists, and those of shares
        ("$QZQZQ listed beside $MSTR and $USD", {"QZQZQ"}),
        ("#xvg and #sol", {"XVG", "SOL"}),
        ("built on #polygon", {"MATIC"}),
    ],
)
def test_assets_named(text: str, expected: set[str]) -> None:
    assert named(text) == expected


def test_a_token_named_for_a_person_is_no_person() -> None:
    kinds = {(m.kind, m.value) for m in find_mentions("SOL, TRUMP and SUI rise while Trump speaks")}
    assert kinds == {("asset", "SOL"), ("asset", "TRUMP"), ("asset", "SUI"), ("person", "Donald Trump")}
    spoken = [m.start for m in find_mentions("SOL, TRUMP and SUI rise while Trump speaks") if m.kind == "person"]
    assert spoken == [30]  # the second one alone


def test_an_invitation_to_follow_cites_nothing() -> None:
    assert [m for m in find_mentions("Follow us on X and on Telegram") if m.value == "X"] == []


@given(
    st.lists(st.sampled_from(["ONE", "LINK", "BTC", ", ", " and ", "'s ", "$", "(", ")", " ", "S", "%", "9", "Ripple"]))
)
def test_a_coin_found_stands_in_the_text_and_order_is_kept(pieces: list[str]) -> None:
    text = "".join(pieces)
    found = find_assets(text)
    assert [m.start for m in found] == sorted(m.start for m in found)
    assert all(text[m.start : m.end] == m.quote for m in found)
