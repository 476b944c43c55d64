"""What is left of a quota, read from the headers of an answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from connectors.quota import Quota, read_quota

NOW = datetime(2025, 3, 29, 12, 0, 20, tzinfo=UTC)


def in_s(seconds):
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("headers", "quota"),
    [
        # Coin Metrics community: 10 requests per 6 seconds, the reset a span.
        ({"x-ratelimit-limit": "10", "x-ratelimit-remaining": "7", "x-ratelimit-reset": "6"}, Quota(7, 10, in_s(6))),
        # GitHub: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api; 1743249660 is
        # 2025-03-29 12:01:00 UTC (20,176 days and 43,260 s after 1970).
        (
            {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "59", "x-ratelimit-reset": "1743249660"},
            Quota(59, 60, datetime(2025, 3, 29, 12, 1, tzinfo=UTC)),
        ),
        ({"x-ratelimit-remaining": "1", "x-ratelimit-reset": "1743249660000"}, Quota(1, None, in_s(40))),
        (
            {"ratelimit-limit": "100, 100;w=60", "ratelimit-remaining": "50", "ratelimit-reset": "5"},
            Quota(50, 100, in_s(5)),
        ),
        ({"ratelimit": "limit=100, remaining=50, reset=30"}, Quota(50, 100, in_s(30))),
        ({"ratelimit": "limit=100,remaining=0,reset=30"}, Quota(0, 100, in_s(30))),
        ({"ratelimit": '"default";r=50;t=30'}, Quota(50, None, in_s(30))),
        # Binance counts what was used of 6,000, by the clock's minute.
        ({"x-mbx-used-weight-1m": "40"}, Quota(5_960, 6_000, in_s(40))),
        ({"x-mbx-used-weight-1m": "7000"}, Quota(0, 6_000, in_s(40))),
        ({"x-ratelimit-remaining": "3"}, Quota(3, None, None)),
        ({"x-ratelimit-limit": "30"}, Quota(None, 30, None)),
    ],
)
def test_what_each_kind_of_header_says(headers, quota):
    assert read_quota(headers, NOW) == quota


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "application/json"},
        {"x-ratelimit-reset": "6"},  # when, but not what
        {"x-ratelimit-remaining": "many", "x-ratelimit-limit": ""},
        {"x-ratelimit-remaining": "-1"},
        {"x-ratelimit-remaining": "1.5"},
        {"x-ratelimit-remaining": "1_000"},
        {"x-ratelimit-remaining": "٣"},
        {"x-ratelimit-remaining": "9" * 5_000},
        {"ratelimit": "remaining=lots"},
        {"ratelimit": "unlimited"},
        {"x-mbx-used-weight-1m": "nan"},
    ],
)
def test_no_quota_and_no_number_are_none(headers):
    assert read_quota(headers, NOW) is None


def test_a_number_that_is_none_leaves_the_others():
    said = {"x-ratelimit-limit": "10", "x-ratelimit-remaining": "?", "x-ratelimit-reset": "999999999999999"}
    assert read_quota(said, NOW) == Quota(None, 10, None)


def test_the_reset_is_utc_wherever_now_is():
    there = NOW.astimezone(timezone(timedelta(hours=9)))
    for headers in ({"x-ratelimit-remaining": "1", "x-ratelimit-reset": "6"}, {"x-mbx-used-weight-1m": "1"}):
        assert read_quota(headers, there).resets_at.utcoffset() == timedelta(0)
