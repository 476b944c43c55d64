"""Prices and caps as news words them: levels passed, moves as nouns, dated records, figures ahead of their coin."""

from datetime import UTC, datetime

import pytest

from analysis.claims import extract_claims

AT = datetime(2025, 7, 16, 12, tzinfo=UTC)


def read(text):
    found = extract_claims(text, AT, certain=2.0)
    return [(c.quantity, c.asset, c.value, c.comparator, c.modality) for c in found]


def price(asset, value, comparator="eq", modality="current"):
    return ("price", asset, value, comparator, modality)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # a level passed, reached or left
        ("Ethereum smashed through the crucial $3,000 mark.", price("ETH", 3000.0, "gt")),
        ("Bitcoin slipped through $116,000 at noon.", price("BTC", 116000.0, "lt")),
        ("Solana fell to as low as $141 in the session.", price("SOL", 141.0)),
        ("Bitcoin went down to a low of $115,700.", price("BTC", 115700.0)),
        ("Bitcoin has broken past the $118,000 mark.", price("BTC", 118000.0, "gt")),
        ("Bitcoin is now back above $118,000.", price("BTC", 118000.0, "gt")),
        ("Ethereum lost 3.1% to $2,197.", price("ETH", 2197.0)),
        ("SOL cleared the $150 resistance zone.", price("SOL", 150.0, "gt")),
        ("Bitcoin trades at over $100,000 per coin.", price("BTC", 100000.0, "gt")),
        ("Bitcoin climbed to the $103,000 range.", price("BTC", 103000.0)),
        ("Bitcoin once again trades near $117,000.", price("BTC", 117000.0, "approx")),
        # moves and stays as nouns
        ("Bitcoin saw a sharp burst to the $107,000 level.", price("BTC", 107000.0)),
        ("Bitcoin’s recent surge past the $105,000 mark surprised traders.", price("BTC", 105000.0, "gt")),
        ("Bitcoin’s consolidation above $105,000 goes on.", price("BTC", 105000.0, "gt")),
        ("The recent dip in Bitcoin below $117,000 was short.", price("BTC", 117000.0, "lt")),
        # what others did to the price
        ("The rally catapulted Bitcoin to a new all-time high of $122,800.", price("BTC", 122800.0)),
        ("Good news sent Ethereum sharply higher to around $3,050.", price("ETH", 3050.0, "approx")),
        ("With Bitcoin above $117,000, traders relaxed.", price("BTC", 117000.0, "gt")),
        # the figure ahead of its coin
        ("After a brief dip below $116,000, Bitcoin recovered.", price("BTC", 116000.0, "lt")),
        ("After hitting a new all-time high above $122,000, BTC cooled off.", price("BTC", 122000.0, "gt")),
        ("At around $117,500, Bitcoin is little changed.", price("BTC", 117500.0, "approx")),
        ("Ether’s market value has risen to $3,120.", price("ETH", 3120.0)),
    ],
)
def test_a_level_that_was_reached_is_a_price(text, expected):
    assert expected in [one for one in read(text) if one[0] == "price"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BTC fell from its high of $111,814 in May to $103,000.", price("BTC", 111814.0, modality="historical")),
        ("Bitcoin is back at its May 22 peak of $111,970.", price("BTC", 111970.0, modality="historical")),
    ],
)
def test_a_high_with_its_day_is_a_price_of_that_day(text, expected):
    assert expected in read(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Bitcoin fell from a day’s high of $118,700 to as low as $115,500.",
            [price("BTC", 115500.0)],
        ),
        (
            "Bitcoin dipped below the $117,000 mark, hitting a low of $116,218.",
            [price("BTC", 117000.0, "lt"), price("BTC", 116218.0)],
        ),
        (
            "Ethereum climbed above $3,000 before retreating to the $2,950 area.",
            [price("ETH", 3000.0, "gt"), price("ETH", 2950.0)],
        ),
    ],
)
def test_the_second_figure_goes_on_about_the_same_coin(text, expected):
    assert [one for one in read(text) if one[0] == "price"] == expected


@pytest.mark.parametrize(
    "text",
    [
        "Bitcoin trades well below its all-time high of $111,900.",
        "Bitcoin is 4% below its all-time high of $111,814 set in May.",
        "TRUMP is down 80% in comparison to its January ATH of $73.",
        "Avalanche will achieve a high level of $33.36 in 2025.",
        "Bitcoin is in a pullback from the peak above $123,000 recorded earlier this month.",
        "XRP may reach a potential high of about $3.40 in 2025.",
        "Unless BTC breaks below $107,000, the trend is intact.",
        "The trend is up, provided Bitcoin stays above $105,000.",
        "Bitcoin will likely turn around and hit $126,000.",
        "XRP reaching $1,000 is considered highly unrealistic.",
        "Solana is gearing up for a surge past $1,000.",
        "Dogecoin has been struggling to turn and surge past the $0.20 mark.",
        "This crash is expected to come soon, with ETH dropping to as low as $1,800.",
        "A potential ADA price surge to $10 is talked about.",
        "Analyst Says It All: Sees Bitcoin at $250K by December.",
        "The realized price for Bitcoin currently stands at $50,800.",
        "The median cost to mine one Bitcoin has risen to over $70,000.",
        "Most call options for Ethereum are above $3,000.",
        "She lost her Bitcoin worth $531,000 to a thief.",
        "The firm mined seven Bitcoin at its sites, valued at roughly $735,000.",
        "Bitcoin consolidates within the $100,000 to $110,000 range.",
        "SUI is up, holding above its 200-day moving average of $2.73.",
        "The coin was worth around 20 million kronor (around $800,000).",
        "The next time Bitcoin reaches $130,000, things may differ.",
        "Continue Reading: Bitcoin Holds Above $100K But Traders Worry",
    ],
)
def test_what_has_not_happened_or_is_no_price_is_no_claim(text):
    assert [one for one in read(text) if one[0] == "price"] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bitcoin retested $109,000, up 2.3%, with a $2.07T market cap.", ("BTC", 2.07e12)),
        ("Dogecoin’s $36B+ market cap is large.", ("DOGE", 36e9)),
        ("Traders like PEPE, whose market cap has grown to $5.1 billion.", ("PEPE", 5.1e9)),
        ("This week BONK hit a market cap of $2.3 billion.", ("BONK", 2.3e9)),
        ("Cardano is up 3% today. The market cap stands at $29 billion.", ("ADA", 29e9)),
    ],
)
def test_a_cap_is_its_coins(text, expected):
    assert [one[1:3] for one in read(text) if one[0] == "asset_market_cap"] == [expected]


def test_a_sentence_that_follows_an_announced_title_counts():
    text = "You might also like: A wallet wakes up after years At press time, Bitcoin is trading at $106,720."
    assert read(text) == [price("BTC", 106720.0)]
    assert read("You might also like: A wallet wakes up as Bitcoin is trading at $106,720.") == []
