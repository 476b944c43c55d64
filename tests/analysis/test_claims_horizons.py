"""Over what span a change was: said with its noun, behind it, before it, or at the head of the sentence."""

from datetime import UTC, datetime

import pytest

from analysis.claims import extract_claims

AT = datetime(2025, 7, 20, 12, tzinfo=UTC)


def moves(text: str) -> list[tuple]:
    found = extract_claims(text, AT, certain=2.0)
    return [(claim.asset, claim.value, claim.horizon) for claim in found if claim.quantity == "pct_change"]


@pytest.mark.parametrize(
    ("text", "horizon"),
    [
        ("Bitcoin is up 64% in the year to-date.", "ytd"),
        ("Solana is up nearly 80% year-on-year.", "1y"),
        ("Ether rose 3% in a single day.", "24h"),
        ("Ether rose 3% within the hour.", "1h"),
        ("Litecoin lost 3% on an hourly basis.", "1h"),
        ("Dogecoin is down 15% in a fortnight.", "14d"),
        ("Dogecoin is down 15% in the fourteen-day time frame.", "14d"),
        ("XRP gained 9% on the weekly candle.", "7d"),
        ("BNB saw a slight monthly gain of 1.5% along with a weekly high.", "30d"),
        ("BNB rose 3% from $600 to $618 over the past week.", "7d"),
    ],
)
def test_spans_by_their_names(text, horizon):
    assert [move[2] for move in moves(text)] == [horizon]


@pytest.mark.parametrize(
    "text",
    [
        "Solana rose 3% to $180 after testing $175 earlier in the week.",
        "Solana rose 3%, its best showing since March.",
        "Solana is up 12%, the highest level since June 2023.",
        "Solana has gained 10% since its dip earlier this week.",
        "Since its launch in July last year, Solana has risen 300%.",
        "Solana dropped 6%, hitting a yearly low.",
        "Solana is up 4% over the past few days, while its daily chart looks tired.",
        "Solana posted a 3% gain, a month that began badly behind it.",
    ],
)
def test_other_times_are_not_the_span(text):
    assert [move[2] for move in moves(text)] == [None]


def test_each_figure_keeps_its_own_span():
    text = "BNB saw a monthly gain of 1.5% along with a weekly decline of 0.2%."
    assert moves(text) == [("BNB", 1.5, "30d"), ("BNB", -0.2, "7d")]
    text = "BNB rose 5% over the past month after which XRP rose 2%."
    assert moves(text) == [("BNB", 5, "30d"), ("XRP", 2, None)]


def test_the_head_of_a_sentence_holds_for_all_that_it_tells():
    text = "In the last hour, Bitcoin fell by 1.8% to $100,700, while Ether lost 3% to $2,190."
    assert moves(text) == [("BTC", -1.8, "1h"), ("ETH", -3, "1h")]
    text = "In the past month, Bitcoin rose 11 percent, and in the past week, XRP climbed 26 percent."
    assert moves(text) == [("BTC", 11, "30d"), ("XRP", 26, "7d")]


def test_the_same_period_is_the_one_named_before():
    text = "Solana is up 4% over the past week. Total crypto market cap rose 3% over the same period."
    assert moves(text) == [("SOL", 4, "7d"), ("TOTAL", 3, "7d")]
    assert moves("Ether rose 3% over the same period.") == [("ETH", 3, None)]


def test_moves_held_against_each_other_share_their_span():
    text = "Monero has surged 86% this year, outperforming Bitcoin's 12% rise by a wide margin."
    assert moves(text) == [("XMR", 86, "ytd"), ("BTC", 12, "ytd")]
    text = "BNB is up 6% in the last 24 hours, outperforming Bitcoin (2%), XRP (4%)."
    assert [move[2] for move in moves(text)] == ["24h"] * 3
