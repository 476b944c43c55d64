"""The small file of what was asked last: what a pull changes in it, and that it comes back as it was."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import NoAnswer
from connectors.pull import Pulled
from connectors.records import Validators, Window
from data.asked import Asked, after, read, written

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
WINDOW = Window(datetime(2026, 10, 1, tzinfo=UTC), NOW)
OLD, NEW = Validators("u", '"v1"'), Validators("u", '"v2"')


def pulled(**told):
    return Pulled("source", WINDOW, **told)


def test_a_failed_pull_is_no_answer_and_keeps_what_was_known():
    before = Asked(answered_at=WINDOW.start, validators=OLD)
    found = after(before, pulled(error=NoAnswer("down"), attempts=4), NOW)
    assert (found.asked_at, found.answered_at, found.validators) == (NOW, WINDOW.start, OLD)
    assert found.requests == {"2026-11": 4}


def test_a_complete_pull_is_an_answer_and_its_validators_take_the_place_of_the_old():
    found = after(Asked(validators=OLD), pulled(validators=NEW, attempts=1), NOW)
    assert (found.answered_at, found.validators) == (NOW, NEW)
    assert after(Asked(validators=OLD), pulled(attempts=1), NOW).validators is None  # it no longer gives any
    assert after(Asked(validators=OLD), pulled(not_modified=True, attempts=1), NOW).validators == OLD


def test_requests_are_counted_by_the_month_and_a_quota_is_as_the_source_says():
    before = Asked(requests={"2026-10": 900, "2026-11": 7})
    headers = {"x-ratelimit-remaining": "58", "x-ratelimit-limit": "60"}
    found = after(before, pulled(attempts=2, headers=headers), NOW)
    assert found.requests == {"2026-11": 9}
    assert (found.quota_left, found.quota_limit) == (58, 60)
    silent = after(found, pulled(attempts=1), NOW)
    assert (silent.quota_left, silent.quota_limit) == (58, 60)


_INSTANTS = st.none() | st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
_TEXTS = st.none() | st.text(st.characters(codec="utf-8"), max_size=20)
_ASKED = st.builds(
    Asked,
    _INSTANTS,
    _INSTANTS,
    st.none() | st.builds(Validators, st.text(max_size=20).filter(str.isprintable), _TEXTS, _TEXTS, _TEXTS),
    st.dictionaries(st.just("2026-11"), st.integers(0, 10_000)),
    st.none() | st.integers(0, 10_000),
    st.none() | st.integers(0, 10_000),
)


@given(st.dictionaries(st.sampled_from(["coindesk", "kraken:SOL/USD:5m"]), _ASKED))
def test_what_is_written_comes_back(lines):
    assert read(written(lines)) == lines


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b'{"a": 1}', b'{"a": {"asked_at": "soon"}}', b"\xff"])
def test_a_damaged_file_says_nothing(content):
    assert read(content) == {}
