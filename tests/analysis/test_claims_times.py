"""When a figure is stated for: days and parts of the calendar, times told by others, and a story that goes on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analysis.claims import extract_claims

PUBLISHED = datetime(2025, 6, 11, 14, 30, tzinfo=UTC)  # a Wednesday


def when(text: str, value: float, published: datetime = PUBLISHED) -> tuple[str, str | None, str | None]:
    found = [claim for claim in extract_claims(text, published, certain=2.0) if claim.value == value]
    assert len(found) == 1, found
    claim = found[0]
    return claim.modality, day(claim.as_of), day(claim.as_of_end)


def day(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%d}" if at else None


NOW = ("current", "2025-06-11", "2025-06-11")
EVENT = ("current", "2025-06-10", "2025-06-11")  # of the last day


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        # parts of the calendar
        ("Bitcoin dipped below $104,000 over the weekend.", 104_000, ("historical", "2025-06-07", "2025-06-09")),
        ("Earlier in the week, Ether fell to $2,480.", 2_480, ("historical", "2025-06-09", "2025-06-11")),
        ("Bitcoin fell to $103,000 earlier in the month.", 103_000, ("historical", "2025-06-01", "2025-06-11")),
        ("Early in June, Bitcoin fell to $101,500.", 101_500, ("historical", "2025-06-01", "2025-06-11")),
        ("Ether opened the month at $2,530.", 2_530, ("historical", "2025-06-01", "2025-06-02")),
        ("At the start of the week, Bitcoin rose to $108,000.", 108_000, ("historical", "2025-06-09", "2025-06-10")),
        ("Last November, XRP rallied 280%.", 280, ("historical", "2024-11-01", "2024-12-01")),
        ("Bitcoin dominance hit 64% at the end of the first quarter.", 64, ("historical", "2025-01-01", "2025-04-01")),
        ("Solana gained 12% in the second half of 2024.", 12, ("historical", "2024-07-01", "2025-01-01")),
        (
            "Bitcoin reached $106,500 during late trading on Monday.",
            106_500,
            ("historical", "2025-06-09", "2025-06-10"),
        ),
        ("Bitcoin’s market cap is at $2.1T (as of May 23, 2025).", 2.1e12, ("historical", "2025-05-23", "2025-05-24")),
        ("Last night, Bitcoin hit $110,000.", 110_000, ("historical", "2025-06-10", "2025-06-11")),
        ("Bitcoin fell 5% between April 2nd and April 10th.", -5, ("historical", "2025-04-02", "2025-04-11")),
        ("ADA gained 5% between June 10 06:00 and June 11 05:00.", 5, ("current", "2025-06-10", "2025-06-11")),
        # so long ago
        ("Bitcoin broke above $111,000 just 10 days ago.", 111_000, ("historical", "2025-06-01", "2025-06-02")),
        ("Bitcoin fell to $100,400 a week ago.", 100_400, ("historical", "2025-06-01", "2025-06-08")),
        ("A few months ago, Ether fell to $1,400.", 1_400, ("historical", None, None)),
        # of an event
        ("BTC recovered after its April crash to $74,500.", 74_500, ("historical", "2025-04-01", "2025-05-01")),
        # told by another time
        (
            "Bitcoin passed $109,000 on May 21, hitting $111,900 the following day.",
            111_900,
            ("historical", "2025-05-22", "2025-05-23"),
        ),
        (
            "The golden cross came on May 22. On the same day, Bitcoin hit $111,000.",
            111_000,
            ("historical", "2025-05-22", "2025-05-23"),
        ),
        (
            "The bull run of 2021 was wild. Dogecoin rose to $0.73 in May of that year.",
            0.73,
            ("historical", "2021-05-01", "2021-06-01"),
        ),
        (
            "Volumes were low in March 2024. Back then, BTC hit $73,000.",
            73_000,
            ("historical", "2024-03-01", "2024-04-01"),
        ),
        (
            "The run began in February 2024, when SOL was trading at $95.",
            95,
            ("historical", "2024-02-01", "2024-03-01"),
        ),
        # further behind, and at the head of the sentence
        ("Bitcoin fell 5.2% to a low of $100,345 yesterday.", -5.2, ("historical", "2025-06-10", "2025-06-11")),
        (
            "Bitcoin surged past $111,000 before sliding to $109,600 late Sunday.",
            111_000,
            ("historical", "2025-06-08", "2025-06-09"),
        ),
        ("The week ended June 6 saw inflows, with Bitcoin gaining 4%.", 4, ("historical", "2025-06-06", "2025-06-07")),
        (
            "Bitcoin passed $109,000 on Monday, pushing its market cap to $2.16 trillion.",
            2.16e12,
            ("historical", "2025-06-09", "2025-06-10"),
        ),
        ("When the fund filed for a listing, Bitcoin was trading at $30,000.", 30_000, ("historical", None, None)),
    ],
)
def test_the_time_that_the_words_name(text, value, expected):
    assert when(text, value) == expected


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        # the time is that of where a move began, and it goes on
        ("Since its launch in July last year, SUI has surged by over 350%.", 350, NOW),
        ("Since the vote in November 2024, XRP has surged by over 300%.", 300, NOW),
        # of a time that has passed
        ("Bitcoin hit $108,000 over the weekend but has since slipped to $106,700.", 106_700, NOW),
        ("Over the last month, Solana climbed 46%.", 46, NOW),
        ("Thanks to the weekend recovery, Bitcoin is up 2%.", 2, NOW),
        ("Altcoins fell on Monday. At the same time, Bitcoin rose 3%.", 3, NOW),
        ("Bitcoin recently climbed above $109,000.", 109_000, EVENT),
        # of a record that is left behind
        ("Bitcoin broke its January all-time high and set a new one at $110,000.", 110_000, NOW),
        ("Bitcoin, which hit $111,800 last week, plunged 1.8% on the day.", -1.8, NOW),
        # of others
        ("Bitcoin rose to $109,000 on hopes for Tuesday’s report.", 109_000, EVENT),
        ("Bitcoin trades at $109,000 as the weekend nears.", 109_000, NOW),
    ],
)
def test_what_only_sounds_past_is_current(text, value, expected):
    assert when(text, value) == expected


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        (
            "The pattern came back in September 2023. Bitcoin was trading around $25,000.",
            25_000,
            ("historical", "2023-09-01", "2023-10-01"),
        ),
        (
            "The firm was tested in the 2022–23 bear market. Bitcoin plummeted 80%, and loans dried up.",
            -80,
            ("historical", None, None),
        ),
        # a present, a new paragraph, a yardstick: the story does not go on
        ("The pattern came back in September 2023. Bitcoin is trading around $109,000.", 109_000, NOW),
        ("The pattern came back in September 2023.\n\nBitcoin fell to $105,000.", 105_000, EVENT),
        ("Ether rose 3%, its best day since April and far above its low in April. It fell to $2,700.", 2_700, EVENT),
        ("Inflation was 0.3% in May, less than in April. Bitcoin rose to $109,000.", 109_000, EVENT),
    ],
)
def test_a_story_of_the_past_goes_on_until_something_ends_it(text, value, expected):
    assert when(text, value) == expected


def test_a_weekday_of_a_week_told_day_by_day_is_not_todays():
    text = "BTC fell 2% on Wednesday. It rose 1% on Thursday to $104,000, and BTC lost 3% on Friday."
    assert when(text, -2) == ("historical", None, None)
    assert when("BTC fell 2% on Wednesday. The rate is due on Thursday, and jobs on Friday.", -2)[0] == "current"


def test_the_weekend_of_a_sunday_is_today_and_before():
    sunday = datetime(2025, 6, 15, 9, 0, tzinfo=UTC)
    text = "Bitcoin fell to $104,000 over the weekend."
    assert when(text, 104_000, sunday) == ("current", "2025-06-14", "2025-06-15")


def test_times_without_a_date_of_the_text():
    for text in ("Bitcoin fell to $104,000 over the weekend.", "Bitcoin fell to $104,000 two weeks ago."):
        [claim] = extract_claims(text, None, certain=2.0)
        assert (claim.modality, claim.as_of) == ("historical", None)


def test_hostile_times_cost_no_more_than_their_length():
    for piece in (
        "over the same ",
        "since the ",
        "two weeks ",
        "on Monday and over Tuesday ",
        "when, when ",
        "May May ",
    ):
        extract_claims("Bitcoin fell to $104,000 " + piece * 20_000 + "$5.", PUBLISHED, certain=2.0)
