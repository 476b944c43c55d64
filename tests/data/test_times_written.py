"""Times and figures as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.times_written import read_span, read_time, write_span, write_time
from data.typed_story import read_amount, write_amount


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant", "precision"),
    [
        ("2025", at(2025, 1, 1), "year"),
        ("2025-03", at(2025, 3, 1), "month"),
        (" 2025-03-28 ", at(2025, 3, 28), "day"),
        ("2025-03-28T17Z", at(2025, 3, 28, 17), "hour"),
        ("2025-03-28T17:17Z", at(2025, 3, 28, 17, 17), "minute"),
        ("2025-03-28 18:17 +01:00", at(2025, 3, 28, 17, 17), "minute"),
        ("2025-03-28 17:17 UTC", at(2025, 3, 28, 17, 17), "minute"),
        ("2025-03-28T22:47:05+0530", at(2025, 3, 28, 17, 17, 5), "second"),
        ("2025-03-28T17+05:30", at(2025, 3, 28, 11), "hour"),  # 11:30 lies in the hour that begins at 11
        ("2009", at(2009, 1, 3), "year"),  # nothing is older than the first block
    ],
)
def test_a_time_is_as_exact_as_it_is_written(text, instant, precision):
    assert read_time(text) == (instant, precision)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not a time"),
        ("28 March 2025", "is not a time"),
        ("2025-02-30", "is not a time that has been"),
        ("2025-03-28T25:00Z", "is not a time that has been"),
        ("2025-03-28T17:17", "write 2025-03-28T17:17Z for UTC"),
        ("2025-03-28Z", "is not a time"),
        ("1998-01-01", "outside 2009 to 2100"),
        ("9999-12-31T23:59-14:00", "is not a time that has been"),
        ("٢٠٢٥", "is not a time"),
        ("1" * 1_000_000, "is not a time"),
    ],
)
def test_what_is_no_time_is_told_in_one_sentence(text, said):
    with pytest.raises(ValueError, match=said) as refused:
        read_time(text)
    assert len(str(refused.value)) < 200


instants = st.datetimes(datetime(2009, 2, 1), datetime(2099, 12, 31), timezones=st.just(UTC))


@given(instants)
def test_an_instant_written_out_reads_back(instant):
    for precision in ("second", "minute"):
        assert read_time(write_time(instant, precision))[0] == instant
    assert read_time(write_time(instant, "day")) == (at(instant.year, instant.month, instant.day), "day")
    assert read_time(write_time(instant, "month")) == (at(instant.year, instant.month, 1), "month")


@given(instants, st.timedeltas(timedelta(0), timedelta(days=3)), st.sampled_from(["second", "minute", "hour", "day"]))
def test_a_span_written_out_reads_back(start, length, precision):
    end = min(start + length, at(2099, 12, 31))
    assert read_span(write_span(start, max(start, end), precision))[:2] == (start, max(start, end))


def test_a_day_is_a_span_of_a_day_and_a_minute_is_an_instant():
    assert read_span("2025-03-28") == (at(2025, 3, 28), at(2025, 3, 29), "day")
    assert read_span("2025-12") == (at(2025, 12, 1), at(2026, 1, 1), "month")
    assert read_span("2025-03-28T17:17Z") == (at(2025, 3, 28, 17, 17), at(2025, 3, 28, 17, 17), "minute")
    assert read_span("2025-03-28/2025-03-30T12:00Z")[:2] == (at(2025, 3, 28), at(2025, 3, 30, 12))
    with pytest.raises(ValueError, match="ends before it begins"):
        read_span("2025-03-28/2025-03-27")


@pytest.mark.parametrize(
    ("text", "unit", "value", "precision"),
    [
        ("2.68T", "USD", 2.68e12, 5e9),
        ("$2.68 trillion", "USD", 2.68e12, 5e9),
        ("812.5bn", "USD", 812.5e9, 5e7),
        ("3 tn", "USD", 3e12, 5e11),
        ("84.5K", "USD", 84_500, 50),
        ("90 thousand", "USD", 90_000, 500),
        ("US$84,424.38", "USD", 84_424.38, 0.005),
        ("-3.1%", "percent", -3.1, 0.05),
        ("−12 per cent", "percent", -12, 0.5),
        ("52.5", "percent", 52.5, 0.05),
    ],
)
def test_figures_mean_half_of_their_last_digit(text, unit, value, precision):
    assert read_amount(text, unit) == pytest.approx((value, precision))


@pytest.mark.parametrize(
    ("text", "unit"), [("", "USD"), ("-5", "USD"), ("a lot", "USD"), ("1e400", "USD"), ("9" * 100_000, "percent")]
)
def test_what_is_no_figure_is_told(text, unit):
    with pytest.raises(ValueError, match=r"is not (an amount|a percentage)"):
        read_amount(text, unit)


@settings(deadline=None)
@given(st.integers(1, 999_999), st.integers(0, 5), st.sampled_from(["", "K", "M", "B", "T"]))
def test_a_figure_written_out_reads_back(digits, decimals, unit):
    read = read_amount(f"{digits / 10**decimals:.{decimals}f}{unit}", "USD")
    if read[0] > 0:
        assert read_amount(write_amount(*read, "USD"), "USD")[0] == pytest.approx(read[0], rel=1e-9)
