"""The instant a story's market context is read at: never before a reader could have known of it."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.anchors import anchors

NEVER = None


def anchor(published, precision, not_before=None, indexed=None):
    frame = pd.DataFrame(
        {
            "published_at": [published],
            "published_precision": [precision],
            "indexed_at": [indexed],
            "published_not_before": [not_before],
        },
        index=[7],
    )
    for column in ("published_at", "indexed_at", "published_not_before"):
        frame[column] = pd.to_datetime(frame[column], utc=True)
    found = anchors(frame)
    assert found.index.to_list() == [7]
    return tuple(
        None if pd.isna(value) else value if isinstance(value, str) else f"{value:%Y-%m-%dT%H:%M:%S}"
        for value in found.iloc[0]
    )


@pytest.mark.parametrize(
    ("published", "precision", "at", "basis", "start", "end"),
    [
        (
            "2025-03-28T17:17:30Z",
            "second",
            "2025-03-28T17:17:30",
            "published_at",
            "2025-03-28T17:17:30",
            "2025-03-28T17:17:30",
        ),
        (
            "2025-03-28T17:17Z",
            "minute",
            "2025-03-28T17:17:00",
            "published_at",
            "2025-03-28T17:17:00",
            "2025-03-28T17:17:00",
        ),
        (
            "2025-03-28T17:00Z",
            "hour",
            "2025-03-28T18:00:00",
            "end of published span",
            "2025-03-28T17:00:00",
            "2025-03-28T18:00:00",
        ),
        (
            "2025-03-28T00:00Z",
            "day",
            "2025-03-29T00:00:00",
            "end of published span",
            "2025-03-28T00:00:00",
            "2025-03-29T00:00:00",
        ),
        (
            "2025-03-28T13:45Z",
            "day",
            "2025-03-29T00:00:00",
            "end of published span",
            "2025-03-28T00:00:00",
            "2025-03-29T00:00:00",
        ),
        (
            "2024-02-01T00:00Z",
            "month",
            "2024-03-01T00:00:00",
            "end of published span",
            "2024-02-01T00:00:00",
            "2024-03-01T00:00:00",
        ),
        (
            "2024-12-31T23:59Z",
            "month",
            "2025-01-01T00:00:00",
            "end of published span",
            "2024-12-01T00:00:00",
            "2025-01-01T00:00:00",
        ),
        (
            "2024-06-15T00:00Z",
            "year",
            "2025-01-01T00:00:00",
            "end of published span",
            "2024-01-01T00:00:00",
            "2025-01-01T00:00:00",
        ),
    ],
)
def test_by_how_exactly_publication_is_known(published, precision, at, basis, start, end):
    assert anchor(published, precision) == (at, basis, start, end)
    assert anchor(published, precision, "2020-01-01T00:00Z") == (at, basis, start, end)  # the lower bound is not asked


def test_where_only_a_lower_bound_is_known_it_is_the_end_of_that_day():
    assert anchor(NEVER, None, "2025-03-28T15:30Z") == (
        "2025-03-29T00:00:00",
        "end of not-before day",
        "2025-03-28T00:00:00",
        "2025-03-29T00:00:00",
    )


def test_what_only_an_index_dates_is_read_when_it_was_there():
    indexed = "2025-03-28T17:15:00"
    assert anchor(None, None, "2025-03-27", indexed) == (indexed, "indexed_at", indexed, indexed)
    assert anchor("2025-03-28T16:00Z", "minute", None, indexed)[1] == "published_at"


def test_where_nothing_is_known_there_is_none():
    assert anchor(NEVER, None) == (None, None, None, None)


def test_no_rows():
    frame = pd.DataFrame(
        {
            "published_at": pd.to_datetime([], utc=True),
            "published_precision": [],
            "indexed_at": pd.to_datetime([], utc=True),
            "published_not_before": pd.to_datetime([], utc=True),
        }
    )
    assert anchors(frame).columns.to_list() == ["anchor_at", "anchor_basis", "span_start", "span_end"]


@given(
    st.datetimes(pd.Timestamp("2009-01-03"), pd.Timestamp("2090-01-01")),
    st.sampled_from(["second", "minute", "hour", "day", "month", "year"]),
)
def test_an_anchor_is_never_before_the_publication_it_stands_for(at, precision):
    at = pd.Timestamp(at).as_unit("us").tz_localize("UTC")
    found = anchors(
        pd.DataFrame(
            {
                "published_at": [at],
                "published_precision": [precision],
                "indexed_at": [pd.NaT],
                "published_not_before": [pd.NaT],
            }
        )
    ).iloc[0]
    assert found["anchor_at"] >= at
    assert found["span_start"] <= at
    assert found["span_end"] == found["anchor_at"]
