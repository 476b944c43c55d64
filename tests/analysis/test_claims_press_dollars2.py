"""Prices and caps as newsrooms write them, further: numbers grouped by blanks, past times, prices in a row, lists,
headlines without a verb, caps of others."""

from datetime import UTC, datetime

import pytest

from analysis.claims import extract_claims
from analysis.figures import figures, parse_number

AT = datetime(2025, 7, 16, 12, tzinfo=UTC)


def read(text):
    return [(c.quantity, c.asset, c.value) for c in extract_claims(text, AT, certain=2.0) if c.unit == "USD"]


def price(asset, value):
    return ("price", asset, value)


def cap(asset, value):
    return ("asset_market_cap", asset, value)


def total(value, asset="TOTAL"):
    return ("total_market_cap", asset, value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$42 750", 42750),
        ("$1 250.50", 1250.5),
        ("$118'300", 118300),
        ("42 750 dollars", 42750),
        ("$10 500 000", 10_500_000),
        ("$5 100x", 5),
        ("$100 200-day", 100),
    ],
)
def test_blanks_and_apostrophes_group_digits(text, value):
    [figure] = figures(f"at {text} now")
    assert parse_number(figure.number, figure.exponent)[0] == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The leading cryptocurrency trades at the level of $118 400, the broker notes.", [price("BTC", 118400)]),
        ("A year ago one bitcoin cost $63,000; now it costs $117,000.", [price("BTC", 63000), price("BTC", 117000)]),
        ("Bitcoin was at $117,400 versus $112,000 a week earlier.", [price("BTC", 117400), price("BTC", 112000)]),
        ("One BTC is worth €101,000, or $117,400.", [price("BTC", 117400)]),
        ("Ripple's XRP crept back toward $3, last at $2.94.", [price("XRP", 2.94)]),
        # prices in a row
        ("Bitcoin, ether retreat to $117,100, $3,060", [price("BTC", 117100), price("ETH", 3060)]),
        ("Ether and Solana were changing hands for $3,060 and $159.", [price("ETH", 3060), price("SOL", 159)]),
        ("Prices: bitcoin $117,100, ether $3,060.", [price("BTC", 117100), price("ETH", 3060)]),
        ("Ether ($3,060) and XRP ($2.91) were flat.", [price("ETH", 3060), price("XRP", 2.91)]),
        (
            "Solana sits at $159, and Uniswap and Aave were down 5% and 7%, respectively.",
            [price("SOL", 159)],
        ),
        # headlines without a verb, and clauses that go on
        ("Bitcoin above $117,000 as inflation cools", [price("BTC", 117000)]),
        ("Bitcoin near $117,000 — what comes next", [price("BTC", 117000)]),
        ("Bitcoin has struggled for weeks and was quoted at $111,700.", [price("BTC", 111700)]),
        ("Filecoin is down 98% from its 2021 record of $236, trading at $2.55.", [price("FIL", 2.55)]),
        ("Cardano's market cap fell, and at $0.71 the token is down 4%.", [price("ADA", 0.71)]),
        ("The sale cut bitcoin's price by 5% in a day, putting it at less than $112,000.", [price("BTC", 112000)]),
        ("While one bank sees ether at $8,000, bitcoin slipped to $116,900.", [price("BTC", 116900)]),
        # caps
        ("Bitcoin was flat and the total market cap stood at $3.7 trillion.", [total(3.7e12)]),
        ("All cryptocurrencies together are worth $3.7 trillion.", [total(3.7e12)]),
        ("Digital assets now have a combined value of $3.7 trillion.", [total(3.7e12)]),
        ("The crypto market slid, and its overall value now stands at $3.6 trillion.", [total(3.6e12)]),
        ("The whole crypto economy is worth $3.7 trillion.", [total(3.7e12)]),
        ("The combined market value of more than 17,000 cryptocurrencies fell to $3.6 trillion.", [total(3.6e12)]),
        ("XRP gained 4%, lifting its market value to $170 billion.", [cap("XRP", 170e9)]),
        ("PEPE rose 9%. That puts the token's market value at $5.4 billion.", [cap("PEPE", 5.4e9)]),
        ("The market cap of Circle's USDC has grown to $63 billion.", [cap("USDC", 63e9)]),
        ("Toncoin's capitalization makes up $7.4 billion.", [cap("TON", 7.4e9)]),
        ("All bitcoin in circulation are worth $2.3 trillion.", [cap("BTC", 2.3e12)]),
        ("Solana is now worth $86 billion.", [cap("SOL", 86e9)]),
        ("Bitcoin has a market cap of $2.3 trillion, ether of $370 billion.", [cap("BTC", 2.3e12), cap("ETH", 370e9)]),
        (
            "BNB's capitalization is $96 billion, larger than Solana at $86 billion.",
            [cap("BNB", 96e9), cap("SOL", 86e9)],
        ),
        ("It overtook dogecoin, whose cap stands at $29 billion.", [cap("DOGE", 29e9)]),
    ],
)
def test_what_the_press_states_is_read(text, expected):
    assert read(text) == [(*one[:2], pytest.approx(one[2])) for one in expected]


@pytest.mark.parametrize(
    ("text", "value", "modality"),
    [
        ("Ether has doubled since April, when it bottomed at $1,410.", 1410, "historical"),
        ("Bitcoin opened 2025 at $93,500.", 93500, "historical"),
        ("Bitcoin closed out June at $107,100.", 107100, "historical"),
        ("In November 2021 bitcoin was at $65,000; bitcoin ended that month at $57,000.", 57000, "historical"),
        ("At the beginning of January, XRP stood at $2.30.", 2.3, "historical"),
        ("Bitcoin slid from $64,000 in November 2021 to $16,500 a year later.", 16500, "historical"),
        ("At the height of the 2017 mania bitcoin fetched about $19,000.", 19000, "historical"),
        ("On the eve of the vote bitcoin was near $69,000; today it is at $117,000.", 69000, "historical"),
        (
            "The market value of USDC rose to $63 billion from $44 billion before the listing in June.",
            44e9,
            "historical",
        ),
        ("Bitcoin has risen by 90% in the last 12 months, from around $62,000.", 62000, "historical"),
        ("In early 2013, bitcoin rose from about $35 to over $200.", 35, "historical"),
        ("TRUMP, the memecoin launched by the president on Friday night, was last trading at $9.60.", 9.6, "current"),
        ("The price of ether was $3,120, up from $2,980 on Tuesday.", 3120, "current"),
        ("Bitcoin's market cap was $1.8 trillion at the start of 2025.", 1.8e12, "historical"),
    ],
)
def test_of_which_time_a_figure_is(text, value, modality):
    found = [c.modality for c in extract_claims(text, AT, certain=2.0) if c.value == pytest.approx(value)]
    assert found == [modality]


@pytest.mark.parametrize(
    "text",
    [
        "The fund sells its tokens at a price of 1 USDT each.",
        "Bitcoin is now bigger than Alphabet, whose market cap is $2.2 trillion.",
        "Apple's $3.1 trillion market cap dwarfs bitcoin's.",
        "Nvidia's market cap topped $4 trillion, larger than the whole crypto market.",
        "Bitcoin's record is $123,091; ether's, at $4,878, is older.",
        "Bitcoin's average price in the second quarter was $98,600.",
        "Bitcoin above $130,000: is it possible?",
        "TerraUSD is meant to hold its $1 peg.",
        "The hacker was paid 2 ETH ($6,200).",
        "Although that figure is for all coins, it includes about $160 billion of stablecoins.",
    ],
)
def test_what_is_no_price_or_cap_of_now(text):
    assert extract_claims(text, AT) == []


def test_what_a_cap_is_set_beside_is_not_the_coins():
    text = "BTC's market cap, at $2.3 trillion, has surpassed that of Amazon, which stands at $2.2 trillion."
    assert [(c.asset, c.value) for c in extract_claims(text, AT)] == [("BTC", 2.3e12)]
