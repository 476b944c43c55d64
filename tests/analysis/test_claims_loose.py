"""Claims behind asides, nicknames, titles and events: the link may be long, but it must stay the subject's."""

from datetime import UTC, datetime, timedelta

import pytest

from analysis.claims import extract_claims

AT = datetime(2025, 7, 20, 12, tzinfo=UTC)


def read(text):
    return [(claim.quantity, claim.asset, claim.value) for claim in extract_claims(text, AT)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Bitcoin's market cap, which counts every coin mined to date, currently sits at $2.1 trillion.",
            ("asset_market_cap", "BTC", 2.1e12),
        ),
        ("The orange coin traded at $104,000.", ("price", "BTC", 104_000)),
        ("At $2.20, XRP looks cheap to some.", ("price", "XRP", 2.2)),
        ("After hitting a new high of $118,000, Bitcoin paused.", ("price", "BTC", 118_000)),
        ("Still, that is less than Bitcoin's $2.1 trillion valuation.", ("asset_market_cap", "BTC", 2.1e12)),
        ("The crypto market is holding a solid $3.4 trillion valuation.", ("total_market_cap", "TOTAL", 3.4e12)),
        ("Bitcoin has shattered its previous record, soaring to $118,400.", ("price", "BTC", 118_400)),
        ("Memecore ($M) surged an astounding 48% this week.", ("pct_change", "M", 48)),
        ("QZTO trades at $5.40 as the QZTO token gains users.", ("price", "QZTO", 5.4)),
        ("ETH rose almost 4% to reclaim $2,600.", ("pct_change", "ETH", 4)),
        ("Crypto markets have tanked 5% on the day.", ("pct_change", "TOTAL", -5)),
    ],
)
def test_constructions_that_name_their_subject_from_afar(text, expected):
    assert expected in read(text)


@pytest.mark.parametrize(
    "text",
    [
        "Source: SomeChartIf the price breaks above $2,750, ETH could follow.",
        "Related: Bitcoin hitting $220K is not out of the question",
        "Related Reading: Bitcoin Price Surges Above $118,000",
        "Bitcoin May Surge to $136,000",
        "The firm spent $40 million on Bitcoin at an average price of $69,726.",
        "At that time, bitcoin was hovering near $75,000.",
        "Bitcoin settled at $75,000.",
        "Bitcoin, which leads Ethereum, needs patience; the QZTO presale token is priced at $0.01.",
        "QZTO trades at $5.40.",  # a symbol that nothing says is a coin's
    ],
)
def test_no_claim(text):
    assert read(text) == []


def test_the_text_goes_on_behind_a_title_in_capitals():
    assert read("Related Reading: Why Ether Is Quiet Ethereum is now trading at $2,414.") == [("price", "ETH", 2414)]


def test_the_aside_leaves_the_figure_with_the_outer_subject():
    assert read("Bitcoin, which trades beside Ethereum, fell 5%.") == [("pct_change", "BTC", -5)]


@pytest.mark.parametrize("text", ["BTC soared to $107,114 before retracting.", "BTC briefly surged over $107,114."])
def test_an_event_is_of_some_moment_of_the_last_day(text):
    (claim,) = extract_claims(text, AT)
    assert (claim.as_of, claim.as_of_end, claim.as_of_precision) == (AT - timedelta(days=1), AT, "day")
    assert claim.modality == "current"


@pytest.mark.parametrize("text", ["BTC now trades at $107,114.", "At press time, BTC has climbed to $107,114."])
def test_a_state_is_of_the_moment_of_publication(text):
    (claim,) = extract_claims(text, AT)
    assert claim.as_of == claim.as_of_end == AT


def test_a_weekday_that_comes_twice_is_of_no_known_day():
    wrap = "ETH fell to $2,400 on Friday. It was quiet on Sunday. ETH then rose to $2,600 on Friday."
    assert {(claim.modality, claim.as_of) for claim in extract_claims(wrap, AT)} == {("historical", None)}


@pytest.mark.parametrize(
    "text",
    [
        "BTC surged to $107,000 by mid-December 2024.",
        "Bitcoin closed 2024 up 105%.",
        "Bitcoin climbed from $67,000 to $108,000 after the election last year.",
    ],
)
def test_a_named_past_is_historical(text):
    assert {claim.modality for claim in extract_claims(text, AT)} == {"historical"}


def test_so_far_this_month_is_a_horizon():
    (claim,) = extract_claims("ETH is up 12% so far this month.", AT)
    assert claim.horizon == "mtd"
