"""Percentages as newsrooms print them: shares of the market, moves beside other things' moves, and their horizons."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analysis.claims import extract_claims

PUBLISHED = datetime(2025, 6, 11, 14, 30, tzinfo=UTC)  # a Wednesday


def read(text: str, *quantities: str) -> list[tuple]:
    found = extract_claims(text, PUBLISHED, certain=2.0)
    assert all(claim.quote == text[claim.start : claim.end] for claim in found)
    return [
        (claim.asset, claim.value) for claim in found if claim.quantity in (quantities or ("pct_change", "dominance"))
    ]


def moves(text: str) -> list[tuple]:
    found = extract_claims(text, PUBLISHED, certain=2.0)
    return [(one.asset, one.value, one.horizon) for one in found if one.quantity == "pct_change"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # of a total that was just told
        ("The crypto market is worth $2 trillion. Bitcoin accounts for 55% of the total.", [("BTC", 55)]),
        ("All told the crypto market stands at $2.2 trillion, with bitcoin making up 54.5% of it.", [("BTC", 54.5)]),
        ("The total crypto market cap is $3 trillion, of which bitcoin makes up 61%.", [("BTC", 61)]),
        ("Bitcoin, still the best known, constitutes 57% of the market's combined value.", [("BTC", 57)]),
        ("Bitcoin makes up two thirds (66%) of the whole crypto market.", [("BTC", 66)]),
        # beside the coin's own cap
        ("Bitcoin's market cap rose to $1.9 trillion, or 59.5% of the total crypto market cap.", [("BTC", 59.5)]),
        ("XRP's market cap is $120 billion (3.6% of the crypto market).", [("XRP", 3.6)]),
        # the next coin's
        ("Bitcoin's dominance is at 60%, while ether's stands at 10.5%.", [("BTC", 60), ("ETH", 10.5)]),
        ("BTC dominance has climbed to 58.2% and ETH's to 13%.", [("BTC", 58.2), ("ETH", 13)]),
        ("Bitcoin dominance rose to 61%, followed by Ethereum (9.4%).", [("BTC", 61), ("ETH", 9.4)]),
        ("BTC Dominance: 62.4% | ETH Dominance: 8.9%", [("BTC", 62.4), ("ETH", 8.9)]),
        # the same, later or before
        ("In 2021 BTC dominance stood at 41%. Now it's at 63.5%.", [("BTC", 41), ("BTC", 63.5)]),
        ("Bitcoin dominance was 57% on Monday, compared with 62 per cent a year ago.", [("BTC", 57), ("BTC", 62)]),
        ("With a dominance of 59%, bitcoin leads the field.", [("BTC", 59)]),
    ],
)
def test_shares_of_the_market(text, expected):
    assert read(text, "dominance") == expected


@pytest.mark.parametrize(
    "text",
    [
        "Bitcoin trading volume was $90 billion. Bitcoin accounts for 55% of the total.",
        "Funds took in $2 billion. Bitcoin products accounted for 80% of the total inflows.",
        "Bitcoin represents 40% of the company's portfolio.",
        "Ethereum hosts 54% of the stablecoin market.",
        "Bitcoin and ether together make up 72% of the crypto market.",
        "Bitcoin dominance is seen falling to 50%.",
        "Bitcoin dominance rose to 61%, while ether gained 3%.",
    ],
)
def test_other_shares_are_no_dominance_of_a_coin(text):
    assert [one for one in read(text, "dominance") if one != ("BTC", 61)] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bitcoin is up 45% this year, compared with an 8% gain for the S&P 500.", [("BTC", 45)]),
        ("Ether has gained 31%, beating the Nasdaq's 12% rise and gold's 25%.", [("ETH", 31)]),
        ("Bitcoin added 3% today versus 0.4% for gold.", [("BTC", 3)]),
        ("Bitcoin rose 2%, while the Dow slipped 0.6% and silver jumped 4%.", [("BTC", 2)]),
        ("Bitcoin, unlike gold, fell 4%.", [("BTC", -4)]),
        ("Litecoin, shrugging off weaker stocks, climbed 6%.", [("LTC", 6)]),
        ("Dogecoin led the CoinDesk 20, which added 1.7%.", []),
        ("Tron's market cap grew to $30 billion, overtaking Cardano, after a 14% rally in a week.", [("TRX", 14)]),
        ("Solana gained 9%, outperforming bitcoin, which rose 2%.", [("SOL", 9), ("BTC", 2)]),
        ("Investors who bought bitcoin a year ago are up 60%.", []),
        ("Bitcoin May Crash 40% If Support Gives Way", []),
    ],
)
def test_what_a_move_is_compared_with_is_not_the_coins(text, expected):
    assert read(text, "pct_change") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # verbs of headlines
        ("Ether Leaps 12% in a Day", [("ETH", 12, "24h")]),
        ("Celsius Fallout: Bitcoin Collapses 18% Overnight", [("BTC", -18, "24h")]),
        ("Pepe Pumps 31%, Outpacing Rivals", [("PEPE", 31, None)]),
        ("XRP tanks 9% as bitcoin craters 7%", [("XRP", -9, None), ("BTC", -7, None)]),
        ("XRP, SOL sink 8% as selloff deepens", [("XRP", -8, None), ("SOL", -8, None)]),
        ("Bitcoin tacked on 3%.", [("BTC", 3, None)]),
        # names in small letters, percent in words
        ("NEM was down 14 percent and ripple fell 6 percent.", [("XEM", -14, None), ("XRP", -6, None)]),
        ("Bitcoin cash, an offshoot of bitcoin, was down 5 pct.", [("BCH", -5, None)]),
        # told of what the sentence before named
        ("Bitcoin ETFs took in $300 million as the cryptocurrency climbed 3%.", [("BTC", 3, None)]),
        ("BNB market cap tops $90 billion. The price per token is $650, up 4% in 24 hours.", [("BNB", 4, "24h")]),
        ("Ether is calm. At $2,600, it is little changed on the week (+0.4%).", [("ETH", 0.4, "7d")]),
        # lines of a quote
        ("Bitcoin price: $67,000. 24-hour change: -2.2%.", [("BTC", -2.2, "24h")]),
        ("Bitcoin: $67,000 (24h -1.5%, 7d +3.5%)", [("BTC", -1.5, "24h"), ("BTC", 3.5, "7d")]),
        ("BTC $67,000 ▼1.5%", [("BTC", -1.5, None)]),
        ("Bitcoin trades at $67,000, with a variation of -1,5% in the last 24 hours.", [("BTC", -1.5, "24h")]),
        # words around that suppose nothing
        ("Bitcoin, a gauge of risk appetite, edged up 0.7 percent.", [("BTC", 0.7, None)]),
        ("Ether was last at $180 on the Example.com Index, up 1.5% on the day.", [("ETH", 1.5, "24h")]),
        ("The crypto market's value has risen 60% so far this year.", [("TOTAL", 60, "ytd")]),
    ],
)
def test_moves_in_the_words_of_the_press(text, expected):
    assert moves(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Solana is down 2% since yesterday.", ["24h"]),
        ("Solana trades at $150, an increase of 2% compared with yesterday.", ["24h"]),
        ("Solana trades at $150, 2% less than the day before.", ["24h"]),
        ("XRP is 5% higher than a month ago.", ["30d"]),
        ("XRP gained 5% versus last week.", ["7d"]),
        ("Bitcoin is up 12% since January.", ["ytd"]),
        ("Bitcoin is up 12% since March.", ["since 2025-03"]),
        ("Bitcoin gained 4% WTD.", ["7d"]),
        # a weekday's move may be of a part of it
        ("Bitcoin fell 3% on Wednesday.", [None]),
        # the level's span, not the move's
        ("Bitcoin fell 5% to its lowest in two months.", [None]),
        ("Bitcoin fell 2.5 percent, trimming its gain this year to 40 percent.", [None]),
        # one span for all
        ("ADA fell 5% and AVAX dropped 6% in the past 24 hours.", ["24h", "24h"]),
        ("SOL, TON and TRX added 1%, 2% and 3%, respectively, over the past week.", ["7d", "7d", "7d"]),
        ("BTC fell 2% on Tuesday and SOL 5% over the past week.", [None, "7d"]),
    ],
)
def test_spans_that_the_press_names(text, expected):
    assert [horizon for _, _, horizon in moves(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A year ago the total crypto market cap was $1 trillion; today it is $2 trillion.", ["historical", "current"]),
        ("Bitcoin changed hands at $17,000 at the same point a year earlier.", ["historical"]),
        ("Solana is the star of the year, up 300% since March.", ["current"]),
        ("Bitcoin is up 60% compared with a year ago.", ["current"]),
    ],
)
def test_a_time_is_that_of_its_own_clause(text, expected):
    assert [claim.modality for claim in extract_claims(text, PUBLISHED, certain=2.0)] == expected


@pytest.mark.parametrize(
    ("text", "comparator"),
    [
        ("Bitcoin reclaims $90,000.", "gt"),
        ("Litecoin has reclaimed $90.", "gt"),
        ("Bitcoin hits $90,000.", "eq"),
        ("Bitcoin fell as much as 5%.", "eq"),
        ("Bitcoin fell less than 5%.", "lt"),
    ],
)
def test_what_the_verb_says_of_the_figure(text, comparator):
    assert [claim.comparator for claim in extract_claims(text, PUBLISHED, certain=2.0)] == [comparator]


@pytest.mark.parametrize("high", ["all-time high", "all time excessive", "lifetime peak", "historical maximum"])
def test_a_drawdown_whatever_the_high_is_called(high):
    assert read(f"Monero trades 55% below its {high}.", "drawdown_from_ath") == [("XMR", -55)]


def drawdowns(text: str) -> list[tuple]:
    found = extract_claims(text, PUBLISHED, certain=2.0)
    return [(one.asset, one.value, one.modality) for one in found if one.quantity == "drawdown_from_ath"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # a peak of a named month: so deep below it, it is the highest
        ("Bitcoin slides to $8,100, off more than 58% from its December peak of $19,500", [("BTC", -58)]),
        ("Ether has slumped about 64% from its November high of $4,850.", [("ETH", -64)]),
        ("Ether has slumped 12% from its May high of $2,750.", []),
        ("Solana is off 31% from its January peak of $290, also a record.", [("SOL", -31)]),
        # since the high
        ("Chainlink has tumbled nearly 80% since hitting a record high of $52 in 2021.", [("LINK", -80)]),
        ("At $20,400, bitcoin has lost 70% of its value since its all-time high.", [("BTC", -70)]),
        ("Bitcoin has shed 64% since peaking at $68,500 in November 2021.", [("BTC", -64)]),
        ("Since its record of $4,860 ether has given up 69%.", [("ETH", -69)]),
        ("The rout has wiped 33% off bitcoin's price since its March record.", [("BTC", -33)]),
        # the high was named before
        ("Ether set an all-time high of $4,950 on Aug. 22 and has since slipped 14% below that level.", [("ETH", -14)]),
        ("Gold is 4% below its record; bitcoin is 31% off its own.", [("BTC", -31)]),
        ("BTC is 18% off its record, ETH 43% off and SOL 57% off.", [("BTC", -18), ("ETH", -43), ("SOL", -57)]),
        ("UNI and AAVE are 79% and 58% below their record highs, respectively.", [("UNI", -79), ("AAVE", -58)]),
        # told by its noun
        ("Bitcoin's drawdown from its all-time high has deepened to 35%.", [("BTC", -35)]),
        ("Bitcoin is close to 38% down from its record.", [("BTC", -38)]),
        ("Bitcoin has slumped by about a third (33%) from its peak.", [("BTC", -33)]),
        ("The crypto market is 44% below its November 2021 record of $3 trillion.", [("TOTAL", -44)]),
        ("The crypto market has shrunk by 66% since its November 2021 high of almost $3 trillion.", [("TOTAL", -66)]),
    ],
)
def test_drawdowns_however_the_high_is_told(text, expected):
    assert drawdowns(text) == [(*one, "current") for one in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ether, down 45% from the $4,860 record it set in November, held above $2,600.", [("ETH", -45, "current")]),
        ("Bitcoin had fallen 83% from its record by December 2018.", [("BTC", -83, "historical")]),
        ("Bitcoin had lost 79% from its 2017 peak by the end of 2018.", [("BTC", -79, "historical")]),
        ("Bitcoin fell 62% from its November peak in the 2022 bear market.", [("BTC", -62, "historical")]),
    ],
)
def test_the_day_of_the_high_is_not_the_drawdowns(text, expected):
    assert drawdowns(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Bitcoin fell 81% from peak to trough in 2018.",
        "Bitcoin has rallied 14% since setting a record low.",
        "The stock is down 52% since its record in November.",
        "Bitcoin's 50-day moving average is 9% below its record.",
        "Analysts say bitcoin could slump 55% from its October peak.",
        "Tesla is 46% below its record, Nvidia 13% off.",
    ],
)
def test_what_is_no_drawdown_of_today(text):
    assert drawdowns(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The crypto market is worth $830 billion, and bitcoin's share of it has shrunk to 34 percent.", [("BTC", 34)]),
        ("Trading volume hit $90 billion and bitcoin's share of it was 46%.", []),
        ("ETF inflows reached $2 billion, and bitcoin's share of the total was 81%.", []),
        (
            "The crypto market cap is $1.3 trillion, with bitcoin accounting for 52% of the total and ether for 17%.",
            [("BTC", 52), ("ETH", 17)],
        ),
        ("Of the total crypto market cap of $3 trillion, bitcoin accounts for 57%.", [("BTC", 57)]),
        ("Of the total $2 billion in inflows, bitcoin accounted for 81%.", []),
        ("Ether's dominance slid below 8%, while that of bitcoin is a hair above 63%.", [("ETH", 8), ("BTC", 63)]),
        ("Bitcoin makes up 63% of the crypto market, versus 40% at the start of 2018.", [("BTC", 63), ("BTC", 40)]),
        ("USDT dominance rose to 7.9% as traders sought shelter.", [("USDT", 7.9)]),
        ("USDT dominance of the stablecoin market is 7%.", []),
        ("ETH.D fell under 9%.", [("ETH", 9)]),
        ("Bitcoin dominance is seen at 66% by December.", []),
    ],
)
def test_shares_of_a_total_just_told(text, expected):
    assert read(text, "dominance") == expected
    assert [one for one in extract_claims(text, PUBLISHED) if one.quantity == "dominance"][len(expected) :] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # one span for all, wherever it stands
        ("Ether shed 3% to $2,590 and bitcoin slipped 1% to $67,050 in the past 24 hours.", ["24h", "24h"]),
        ("The rout wiped $150 billion off the crypto market in 24 hours, with bitcoin losing 7%.", ["24h"]),
        ("Bitcoin is at $27,100 (+0.4% in 24h), ether at $1,640 (-0.2%).", ["24h", "24h"]),
        ("Year to date, bitcoin is up 41%, ether is down 13% and solana is up 2%.", ["ytd", "ytd", "ytd"]),
        ("Over the past seven days ether has lost 6%, while bitcoin has slipped 2%.", ["7d", "7d"]),
        ("AVAX $13.70, -4% 24h, -11% 7d", ["24h", "7d"]),
        ("After a two-week decline, ADA and DOT fell 4% and 6%, respectively, over the past 24 hours.", ["24h", "24h"]),
        ("Compared with a week ago, bitcoin is 4% cheaper.", ["7d"]),
        ("Ether is 20% cheaper than a year ago.", ["1y"]),
        ("Bitcoin closed the week 3% lower.", ["7d"]),
        ("Bitcoin Slides to Lowest in a Month, Ether Down 7%", [None]),
        ("Shares fell on a day when bitcoin itself lost 0.6%.", [None]),
    ],
)
def test_spans_shared_and_ahead(text, expected):
    assert [horizon for _, _, horizon in moves(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BTC Off 3%, ETH Off 4% After CPI", [("BTC", -3), ("ETH", -4)]),
        ("Bitcoin Drops 4%; Ether, XRP Off 6%", [("BTC", -4), ("ETH", -6), ("XRP", -6)]),
        ("Bitcoin falls 2% — and ether 4% — as traders de-risk", [("BTC", -2), ("ETH", -4)]),
        ("Down 3% overnight, bitcoin was last at $57,300.", [("BTC", -3)]),
        ("A 12% surge in XRP lifted the broader market.", [("XRP", 12)]),
        ("A 12% surge in bitcoin mining stocks lifted the broader market.", []),
        ("Ether slumped by a tenth, or 10.3%, to $1,790.", [("ETH", -10.3)]),
        ("Bitcoin slid again, extending its weekly loss to 12%.", [("BTC", -12)]),
        ("Polygon (MATIC) rose 5%.", [("MATIC", 5)]),
        ("The crypto market is off 3% in the past day.", [("TOTAL", -3)]),
        ("Bitcoin lost 2% versus the yen.", []),
        ("The total value locked on Cardano climbed 20% in a month to $400 million.", []),
    ],
)
def test_moves_of_other_verbs_and_marks(text, expected):
    assert read(text, "pct_change") == expected
