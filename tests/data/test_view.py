"""An address is read into a view and written from it, and whatever else it says is told and left out."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.view import LANES, MOST_TEXT, PANELS, SCALES, STYLES, View, clock, params, parse, stamp, zones

DEFAULT = View(pd.Timestamp("2024-01-01", tz="UTC"), pd.Timestamp("2025-01-01", tz="UTC"))


def read(**said: str | list[str]) -> View:
    view, told = parse(said, DEFAULT)
    assert told == []
    return view


def test_a_silent_address_is_the_default() -> None:
    assert read() == DEFAULT


def test_days_are_counted_whole_and_instants_as_they_are() -> None:
    days = read(**{"from": "2025-03-28", "to": "2025-03-29"})
    assert (days.start, days.end) == (pd.Timestamp("2025-03-28", tz="UTC"), pd.Timestamp("2025-03-30", tz="UTC"))
    exact = read(**{"from": "2025-03-28T14:05Z", "to": "2025-03-28T15:00:30Z"})
    assert exact.start == pd.Timestamp("2025-03-28 14:05", tz="UTC")
    assert exact.end == pd.Timestamp("2025-03-28 15:00:30", tz="UTC")


def test_an_instant_may_name_its_zone_and_is_utc_where_it_does_not() -> None:
    # 14:05 in New York on 28 March 2025 is summer time, four hours behind UTC.
    assert clock("2025-03-28T14:05-04:00") == pd.Timestamp("2025-03-28 18:05", tz="UTC")
    assert clock("2025-03-28 14:05") == clock("2025-03-28 14:05 UTC") == pd.Timestamp("2025-03-28 14:05", tz="UTC")


@pytest.mark.parametrize("text", ["", "soon", "1900-01-01", "2300-01-01", "NaT", "2025-13-01", "9" * 400])
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"time such as|lies outside"):
        clock(text)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("from", "yesterday"),
        ("style", "bars"),
        ("scale", "cubic"),
        ("lanes", "mood"),
        ("panels", "price,mood"),
        ("asset", "B T C"),
        ("tz", "Europe/Atlantis"),
        ("known", "now"),
        ("q", "x" * (MOST_TEXT + 1)),
    ],
)
def test_what_cannot_be_read_is_told_and_left_out(name: str, said: str) -> None:
    view, told = parse({name: said}, DEFAULT)
    assert view == DEFAULT
    assert len(told) == 1
    assert f"{name}={said[:30]}" in told[0]


def test_a_reversed_range_is_turned_round_and_told() -> None:
    view, told = parse({"from": "2025-03-31", "to": "2025-03-01"}, DEFAULT)
    assert (view.start, view.end) == (pd.Timestamp("2025-03-01", tz="UTC"), pd.Timestamp("2025-04-01", tz="UTC"))
    assert "before it begins" in told[0]


def test_an_asset_is_not_compared_with_itself() -> None:
    assert read(asset="ETH", compare=["ETH", "btc"]).compare == ("BTC",)


def test_utc_comes_first_among_the_zones() -> None:
    assert zones()[0] == "UTC"
    assert {"America/New_York", "Asia/Kolkata"} < {*zones()}


_INSTANTS = st.datetimes(pd.Timestamp("2010-01-01"), pd.Timestamp("2029-12-31")).map(
    lambda at: pd.Timestamp(at, tz="UTC").as_unit("us")
)
_NAMES = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30), max_size=4, unique=True)


@st.composite
def views(draw: st.DrawFn) -> View:
    start = draw(_INSTANTS)
    length = draw(st.integers(600, 10**9))
    return View(
        start,
        start + pd.Timedelta(seconds=length),
        asset="BTC",
        compare=tuple(draw(st.lists(st.sampled_from(["ETH", "SOL", "XRP"]), unique=True))),
        style=draw(st.sampled_from(STYLES)),
        scale=draw(st.sampled_from(SCALES)),
        panels=tuple(p for p in PANELS if draw(st.booleans())) or ("price",),
        totals=tuple(draw(_NAMES)),
        lanes=draw(st.sampled_from(LANES)),
        topics=tuple(draw(_NAMES)),
        about=tuple(draw(_NAMES)),
        sources=tuple(draw(_NAMES)),
        search=draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=50)),
        story=draw(st.none() | st.text("0123456789abcdef", min_size=8, max_size=32)),
        known_at=draw(st.none() | _INSTANTS),
        zone=draw(st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata"])),
    )


@given(views())
def test_what_is_written_is_read_back_the_same(view: View) -> None:
    assert parse(params(view), DEFAULT) == (view, [])
    assert parse(params(view, DEFAULT), DEFAULT) == (view, [])


@given(_INSTANTS)
def test_an_instant_survives_its_stamp(at: pd.Timestamp) -> None:
    assert clock(stamp(at)) == at


@given(st.dictionaries(st.text(max_size=8), st.lists(st.text(max_size=20), max_size=3)))
def test_no_address_breaks_it(said: dict[str, list[str]]) -> None:
    named = {
        name: ["x", *values]
        for name, values in zip(("from", "to", "known", "tz", "asset"), said.values(), strict=False)
    }
    view, _ = parse({**said, **named}, DEFAULT)
    assert view.start < view.end
