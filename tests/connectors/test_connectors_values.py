"""Reading values out of answers: what is a number, what an instant, and what is neither."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.answers import instant, number, numeral, table

MIDNIGHT = datetime(2025, 3, 29, tzinfo=UTC)


@pytest.mark.parametrize("value", [None, True, False, "1", "NULL", "", [], {}, 10**400, float("nan"), float("inf")])
def test_no_json_number(value):
    assert number(value) is None


@pytest.mark.parametrize(
    ("value", "read"), [(1, 1.0), (0, 0.0), (-2.5, -2.5), (3.885178841234972e12, 3885178841234.972)]
)
def test_a_json_number(value, read):
    assert number(value) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [("8582.09", 8582.09), (" 26 ", 26.0), ("-1.5", -1.5), ("1E3", 1000.0), ("2.e-1", 0.2), (7, 7.0), (0.5, 0.5)],
)
def test_a_number_as_text(text, read):
    assert numeral(text) == read


@pytest.mark.parametrize(
    "text",
    ["", "NULL", "null", "None", "NaN", "nan", "inf", "-Infinity", "1,234", "1_000", "0x10", "١٢", "1e999", "?", True],
)
def test_text_that_is_no_number(text):
    assert numeral(text) is None


@pytest.mark.parametrize(
    "value",
    [
        1743206400,
        "1743206400",
        "2025-03-29T00:00:00Z",
        "2025-03-29T00:00:00.000000000Z",
        "2025-03-29T02:00:00+02:00",
    ],
)
def test_an_instant_however_it_is_written(value):
    assert instant(value) == MIDNIGHT
    assert instant(value).utcoffset() == timedelta(0)


def test_nanoseconds_are_cut_not_rounded():
    assert instant("2020-03-01T09:59:13.847251999Z") == datetime(2020, 3, 1, 9, 59, 13, 847251, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", [None, True, "", "soon", "2025-03-29", "2025-03-29T00:00:00", 10**400, 10**15, [], -(10**15)]
)
def test_what_is_no_instant_or_has_no_zone(value):
    assert instant(value) is None


def test_a_table_is_an_object_and_nothing_else():
    assert table({"a": 1}) == {"a": 1}
    assert [table(value) for value in ([], [["a", 1]], None, "a", 1)] == [{}] * 5
