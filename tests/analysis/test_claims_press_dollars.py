"""Prices and caps as newsrooms write them: number formats, subjects without a name, clauses that go on, and traps."""

from datetime import UTC, datetime

import pytest

from analysis.claims import extract_claims
from analysis.figures import figures, parse_number

AT = datetime(2025, 7, 16, 12, tzinfo=UTC)


def read(text):
    found = extract_claims(text, AT, certain=2.0)
    return [(c.quantity, c.asset, c.value) for c in found if c.unit == "USD"]


def price(asset, value):
    return ("price", asset, value)


def cap(asset, value):
    return ("asset_market_cap", asset, value)


def total(value):
    return ("total_market_cap", "TOTAL", value)


@pytest.mark.parametrize(
    ("text", "exponent", "value"),
    [
        ("17.3 cents", -2, 0.173),
        ("59 US cents", -2, 0.59),
        ("43,100 dollars", 0, 43100.0),
        ("3,120 US dollars", 0, 3120.0),
        ("US$ 42,900", 0, 42900.0),
        ("$4.1trn", 12, 4.1e12),
        ("300 bn dollars", 9, 3e11),
    ],
)
def test_money_is_written_in_many_ways(text, exponent, value):
    [figure] = figures(f"It is at {text} now.")
    assert figure.exponent == exponent
    assert parse_number(figure.number, figure.exponent)[0] == pytest.approx(value)


@pytest.mark.parametrize(
    "text", ["50 cents on the dollar", "12 cents a share", "86 cents per share", "the dollar index"]
)
def test_these_are_no_amounts(text):
    assert list(figures(text)) == []


def test_a_comma_may_point_only_where_asked():
    assert parse_number("4,05") is None
    assert parse_number("4,05", comma_may_point=True)[0] == 4.05
    assert parse_number("0,118", comma_may_point=True)[0] == 0.118
    assert parse_number("4,050", comma_may_point=True)[0] == 4050.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dogecoin climbed 2% to 17.3 cents.", [price("DOGE", 0.173)]),
        ("Bitcoin was trading at 118.300 dollars in Frankfurt.", [price("BTC", 118300)]),
        ("Solana (SOL) trades at $162,35 after losing 2,1% in 24 hours.", [price("SOL", 162.35)]),
        ("Crypto market cap back above $4trn as bitcoin hits $120k", [total(4e12), price("BTC", 120000)]),
        # the coin without its name
        ("Bitcoin ETFs drew $300 million as the cryptocurrency rose 3% to $117,500.", [price("BTC", 117500)]),
        ("BONK jumps 20%\nThe dog-themed meme coin now boasts a market cap of $2.1B.", [cap("BONK", 2.1e9)]),
        ("Binance's BNB Jumps 8% in a Day, Coin Now Above $700", [price("BNB", 700)]),
        (
            "Cardano's market cap passed $30 billion. The price per coin is $0.86.",
            [cap("ADA", 3e10), price("ADA", 0.86)],
        ),
        ("Celestia's TIA has gained 12% this week. One TIA costs $1.82 right now.", [price("TIA", 1.82)]),
        ("A single ether costs about $3,050.", [price("ETH", 3050)]),
        ("Bitcoin price action is stuck. At $117,900, it is almost flat on the week.", [price("BTC", 117900)]),
        ("The current price of Bitcoin as of 8 a.m. ET is $117,420.15.", [price("BTC", 117420.15)]),
        # the market without "crypto"
        ("Crypto prices rallied, pushing the sector's total value above $3.5 trillion.", [total(3.5e12)]),
        ("Altcoin capitalization shrank, while the overall figure stands at $3.7 trillion.", [total(3.7e12)]),
        ("BTC is under $110K as global market cap falls 2.5% to $3.4 trillion", [price("BTC", 110000), total(3.4e12)]),
        ("Apple is worth more than the entire crypto market, currently valued at $3.8 trillion.", [total(3.8e12)]),
        ("Bitcoin makes up 61% of the total crypto market cap, which now stands at $3.8 trillion.", [total(3.8e12)]),
        ("The $3.7 trillion crypto market steadied.", [total(3.7e12)]),
        # another's cap, told as the first one's was
        (
            "Tether's market cap is at $159 billion, while USDC's has risen to $62 billion.",
            [cap("USDT", 159e9), cap("USDC", 62e9)],
        ),
        (
            "USDT's market cap of $159 billion is twice that of USDC at $62 billion.",
            [cap("USDT", 159e9), cap("USDC", 62e9)],
        ),
        # a clause that goes on
        ("Toncoin is up 5% ahead of the Durov speech, at $3.04.", [price("TON", 3.04)]),
        (
            "Bitcoin (BTC-USD) +2.1% to $118.4K, solana (SOL-USD) -1.3% to $161.2.",
            [price("BTC", 118400), price("SOL", 161.2)],
        ),
        ("FTT, the token issued by FTX, plunged 40% on Monday to $2.30.", [price("FTT", 2.3)]),
        ("AAVE is down 55% from its record high of $661 and was changing hands at $298.", [price("AAVE", 298)]),
        ("Uniswap's UNI is up 60% after the fee vote, trading at $11.60.", [price("UNI", 11.6)]),
        (
            "Bernstein kept its $200,000 target for bitcoin, which was changing hands at $117,200.",
            [price("BTC", 117200)],
        ),
    ],
)
def test_what_the_press_states_is_read(text, expected):
    found = read(text)
    assert [one[:2] for one in found] == [one[:2] for one in expected]
    assert [one[2] for one in found] == pytest.approx([one[2] for one in expected])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Bitcoin ended 2023 at about $42,300.", 42300),
        ('Buffett once called Bitcoin "rat poison" when it was trading at about $9,000.', 9000),
        ("Bitcoin is at $118,000, up from $60,000 a year ago.", 60000),
        ("XRP was at $2.90, compared with 55 cents last November.", 0.55),
        ("Bitcoin rose to $118,000 from $61,000 a year ago.", 61000),
    ],
)
def test_a_price_of_a_past_time_is_historical(text, value):
    found = extract_claims(text, AT, certain=2.0)
    assert [c.modality for c in found if c.value == pytest.approx(value)] == ["historical"]


def test_the_time_behind_a_starting_point_is_not_the_first_figures():
    found = extract_claims("Ethereum's market cap rose to $371.5B from $300B a month ago.", AT, certain=2.0)
    assert [(c.value, c.modality) for c in found] == [(371.5e9, "current"), (300e9, "historical")]


@pytest.mark.parametrize(
    "text",
    [
        # records that are quoted
        "Bitcoin set its all-time high of $111,814 in May.",
        "Ether’s record of nearly $4,900 from November 2021 stands.",
        "BTC could retest its all-time high of $111,980 set on May 22.",
        "Ether, which hit its lifetime peak of $4,878 in November 2021, is struggling.",
        "Bitcoin extended its retreat from the record high of $123,091 hit on Monday.",
        "Solana remains far from its all-time high of $293.",
        "At its peak, Ethereum's market cap was $570 billion.",
        # levels of charts and options
        "Bitcoin options expire Friday, with max pain for BTC at $110,000.",
        "Max pain for ether sits at $2,600.",
        "The altcoin market cap has formed a double bottom whose neckline sits near $1.6 trillion.",
        "Bitcoin's 200-day moving average is $97,000.",
        # what others are worth
        "Bitcoin has passed Google, worth $2.1 trillion, to become the sixth-largest asset.",
        "Nvidia topped $5 trillion on Wednesday, which makes it worth more than the whole crypto market cap.",
        # what was foretold, and what it costs to make
        "Schiff Mocks Bitcoin: 'It's Going to $10K Long Before It Hits $200K'",
        "Bitcoin costs $95,000 to mine.",
        "A miner found 3.17 BTC, which is worth around $349,000.",
    ],
)
def test_what_is_no_price_or_cap_of_now(text):
    assert read(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Bitcoin's market cap reached $2.3 trillion, overtaking Amazon's $2.2 trillion.",
        "With a market cap of $2.3 trillion, bitcoin has overtaken Alphabet, valued at $2.2 trillion.",
        "Bitcoin's $2.3 trillion market cap exceeds that of Amazon at $2.2 trillion.",
    ],
)
def test_a_cap_that_is_compared_with_is_not_the_coins(text):
    assert read(text) == [cap("BTC", 2.3e12)]


def test_a_record_reached_now_is_a_price():
    assert read("Bitcoin climbed to a record $123,091 on Wednesday.") == [price("BTC", 123091)]
    assert read("Bitcoin hit a new all-time high of $123,091 on Monday before easing.") == [price("BTC", 123091)]


def test_what_was_true_at_a_quoted_record_is_historical():
    text = "When Shiba Inu hit its all-time high of $0.0000885 in October 2021, its market cap was under $45 billion."
    assert [(c.value, c.modality) for c in extract_claims(text, AT, certain=2.0)] == [(45e9, "historical")]
