"""The Fear & Greed index: whose day a value is, how many are asked for, and each way it says no."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from replay import Answer

from connectors.alternative_me import URL, FearAndGreed
from connectors.errors import BadAnswer, RateLimited, Refused
from connectors.pace import Pace
from connectors.pull import pull
from connectors.records import Indicator, Window

END = datetime(2025, 3, 29, 1, tzinfo=UTC)
WINDOW = Window(END - timedelta(days=1), END)
SOURCE = FearAndGreed()
ROW = {"value": "26", "value_classification": "Fear", "timestamp": "1743206400"}


def parse(answer):
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return SOURCE.parse(SOURCE.first(WINDOW), body)


def test_a_value_stands_from_the_midnight_of_its_stamp(payloads):
    """1743206400 is 2025-03-29 00:00 UTC."""
    page = parse((payloads / "alternative_me_fng.json").read_bytes())
    at = datetime(2025, 3, 29, tzinfo=UTC)
    assert page.records[0] == Indicator(
        source="alternative.me",
        name="fear-and-greed",
        period_end=at,
        value=26.0,
        available_at=at,
        resolution_s=86_400,
        label="Fear",
    )
    assert (page.records[1].period_end, page.records[1].value) == (at - timedelta(days=1), 44.0)
    assert page.rejects == ()


@pytest.mark.shared
def test_a_recorded_answer(shared, replay, send):
    """By eye: 69 and 71, both "Greed"; 1788825600 is 2026-09-08 00:00 UTC."""
    replay.serve(URL, shared / "recordings/alternative_me/fng_limit2_2026-09-08.json")
    pulled = pull(SOURCE, WINDOW, send)
    assert pulled.error is None
    read = [(record.period_end, record.value, record.label) for record in pulled.records]
    assert read == [
        (datetime(2026, 9, 8, tzinfo=UTC), 69.0, "Greed"),
        (datetime(2026, 9, 7, tzinfo=UTC), 71.0, "Greed"),
    ]


@pytest.mark.parametrize(
    ("start", "limit"),
    [
        (END - timedelta(hours=1), "3"),
        (END - timedelta(days=1), "3"),
        (END - timedelta(days=30, minutes=1), "33"),
        (datetime(2018, 2, 2, tzinfo=UTC), "2615"),  # 2018-02-02 to 2025-03-29 01:00 are 2,612 days and a bit
        (datetime(2018, 2, 1, tzinfo=UTC), "0"),
        (datetime(2009, 1, 3, tzinfo=UTC), "0"),
    ],
)
def test_as_many_days_are_asked_for_as_the_window_goes_back(start, limit):
    assert SOURCE.first(Window(start, END)).params == {"limit": limit}


@pytest.mark.parametrize(
    ("status", "kind", "attempts"), [(429, RateLimited, 4), (402, Refused, 1), (401, Refused, 1), (403, Refused, 1)]
)
def test_statuses(replay, send, status, kind, attempts):
    replay.serve(URL, Answer(b"said why", status))
    pulled = pull(SOURCE, WINDOW, send, pace=Pace(sleep=lambda _: None))
    assert (type(pulled.error), pulled.attempts) == (kind, attempts)


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {},
        {"data": []},
        {"data": {"value": "26"}},
        {"data": None, "metadata": {"error": None}},
        {"data": [ROW], "metadata": {"error": "Something broke"}},
        {"message": "moved"},
        {"status": {"error_code": 429, "error_message": "slow"}},
    ],
)
def test_shapes_that_are_not_its_own(answer):
    with pytest.raises(BadAnswer) as caught:
        parse(answer)
    assert URL in str(caught.value)


def test_what_the_source_says_went_wrong_is_in_the_message():
    with pytest.raises(BadAnswer, match="Something broke"):
        parse({"data": [ROW], "metadata": {"error": "Something broke"}})


@pytest.mark.parametrize(
    "other",
    [
        {"value": None},
        {"value": ""},
        {"value": "NULL"},
        {"value": "NaN"},
        {"value": True},
        {"value": "-1"},
        {"value": "101"},
        {"timestamp": None},
        {"timestamp": "29-03-2025"},
        {"timestamp": 10**400},
    ],
)
def test_a_bad_value_is_a_reject_beside_the_others(other):
    page = parse({"data": [{**ROW, **other}, {**ROW, "value": 7}]})
    assert [record.value for record in page.records] == [7.0]
    assert len(page.rejects) == 1


def test_a_value_without_a_word_for_it_is_kept():
    [record] = parse({"data": [{"value": "50", "timestamp": "1743206400"}]}).records
    assert (record.value, record.label) == (50.0, None)
