"""The Market page's chart: frames in, panels out."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from analysis.cap_band import band
from dashboard import market_chart
from dashboard.chart.payload import Band, Line, encode
from data.market_page import Market
from data.series import Series
from data.view import View

DAY_S = 86_400


def clock(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC").as_unit("us")


def rows(source: str, definition: str, asset: str, caps: dict[str, float], resolution_s: int = DAY_S) -> pd.DataFrame:
    ends = pd.DatetimeIndex([clock(day) for day in caps]).as_unit("us")
    return pd.DataFrame(
        {
            "source": source,
            "definition": definition,
            "asset": asset,
            "period_end": ends,
            "market_cap_usd": [float(cap) for cap in caps.values()],
            "resolution_s": resolution_s,
            "available_at": ends,
        }
    )


GECKO = rows("coingecko", "all-coins", "TOTAL", {"2025-03-01": 105e9, "2025-03-02": 106e9, "2025-03-03": 110e9})
TRADING = rows("tradingview", "top-125", "TOTAL", {"2025-03-01": 100e9, "2025-03-02": 100e9, "2025-03-03": 100e9})
NO_MOOD = pd.DataFrame(
    {
        "source": pd.Series([], dtype="str"),
        "name": [],
        "period_end": pd.DatetimeIndex([], tz="UTC"),
        "value": [],
        "label": [],
        "resolution_s": [],
        "available_at": pd.DatetimeIndex([], tz="UTC"),
    }
)


def mood(**values: object) -> pd.DataFrame:
    told = {"source": "alternative.me", "name": "fear-and-greed", "period_end": clock("2025-03-02"), "value": 48.0}
    told |= {"label": "Neutral", "resolution_s": DAY_S, "available_at": clock("2025-03-02"), **values}
    return pd.DataFrame([told])


def market(*totals: pd.DataFrame, dominance: pd.DataFrame | None = None, mood: pd.DataFrame = NO_MOOD) -> Market:
    read = pd.concat(totals, ignore_index=True) if totals else GECKO.head(0)
    total = read[read["asset"] == "TOTAL"]
    shares = read.head(0).rename(columns={"market_cap_usd": "dominance"}) if dominance is None else dominance
    keys = ("source", "definition", "asset")
    shares = Series(shares, keys)
    return Market(Series(read, keys), shares, Series(band(total), at="at"), pd.DataFrame(), Series(mood, ("source",)))


def shown(start: str = "2025-03-01", end: str = "2025-03-31", **other: object) -> View:
    return View(clock(start), clock(end), **other)


def panels(read: Market, view: View | None = None) -> dict:
    return {panel.title: panel for panel in market_chart.chart(read, view or shown()).panels}


def lines(panel) -> dict[str, Line]:
    return {one.name: one for one in panel.series if isinstance(one, Line)}


def test_every_total_is_a_line_named_by_source_and_definition():
    total = panels(market(GECKO, TRADING))["Total market cap, USD"]
    assert {name: line.frame["value"].tolist() for name, line in lines(total).items()} == {
        "coingecko all-coins": [105e9, 106e9, 110e9],
        "tradingview top-125": [100e9, 100e9, 100e9],
    }


def test_the_band_lies_between_the_totals_and_the_disagreement_is_in_percent():
    drawn = panels(market(GECKO, TRADING))
    (one,) = [series for series in drawn["Total market cap, USD"].series if isinstance(series, Band)]
    assert one.frame["low"].tolist() == [100e9] * 3
    assert one.frame["high"].tolist() == [105e9, 106e9, 110e9]
    (line,) = drawn["Disagreement"].series
    assert line.frame["value"].tolist() == pytest.approx([5, 6, 10])
    assert drawn["Disagreement"].note == "last: coingecko all-coins over tradingview top-125"


def test_the_band_has_a_gap_where_a_provider_has_one():
    days = [*(f"2025-03-0{n}" for n in range(1, 4)), *(f"2025-03-2{n}" for n in range(3))]
    whole = rows("a", "a", "TOTAL", dict.fromkeys([f"2025-03-{n:02d}" for n in range(1, 29)], 100))
    drawn = panels(market(whole, rows("b", "b", "TOTAL", dict.fromkeys(days, 110))))["Total market cap, USD"]
    pieces = [list(one.frame["at"].dt.day) for one in drawn.series if isinstance(one, Band)]
    assert pieces == [[1, 2, 3], [20, 21, 22]]


def test_one_provider_alone_has_no_band_and_the_panel_says_why():
    drawn = panels(market(GECKO))
    assert not [one for one in drawn["Total market cap, USD"].series if isinstance(one, Band)]
    assert "two providers" in drawn["Disagreement"].empty
    assert panels(market(GECKO, TRADING), shown("2020-01-01", "2020-02-01"))["Disagreement"].empty.endswith("widen it")
    assert drawn["Disagreement"].height == market_chart.EMPTY_PX


def test_a_panel_keeps_its_height_over_a_range_without_values():
    read = market(GECKO, TRADING)
    heights = [
        [panel.height for panel in market_chart.chart(read, view).panels]
        for view in (shown(), shown("2020-01-01", "2020-02-01"))
    ]
    assert heights[0] == heights[1]


def test_dominances_are_by_source_and_never_of_two():
    share = GECKO.assign(asset="BTC").rename(columns={"market_cap_usd": "dominance"}).assign(dominance=[60.0, 61.0, 62])
    drawn = panels(market(GECKO, TRADING, dominance=share))
    assert list(lines(drawn["BTC dominance"])) == ["coingecko all-coins"]
    assert not drawn["ETH dominance"].series


def test_a_colour_belongs_to_a_definition_in_every_panel_and_range():
    share = TRADING.assign(asset="BTC").rename(columns={"market_cap_usd": "dominance"})
    read = market(GECKO, TRADING, dominance=share)
    whole, part = panels(read), panels(read, shown("2025-03-02", "2025-03-02 12:00"))
    named = "tradingview top-125"
    looks = {
        (line.colour, line.dash)
        for panel in (whole["Total market cap, USD"], whole["BTC dominance"], part["Total market cap, USD"])
        for line in [lines(panel)[named]]
    }
    assert len(looks) == 1
    gecko = lines(whole["Total market cap, USD"])["coingecko all-coins"]
    assert (gecko.colour, gecko.dash) not in looks


def test_the_axis_is_logarithmic_over_a_threefold_range_alone():
    growing = rows("a", "a", "TOTAL", {"2025-03-01": 100, "2025-03-02": 301})
    assert panels(market(growing))["Total market cap, USD (log)"].log
    assert not panels(market(growing), shown(scale="linear"))["Total market cap, USD"].log
    assert not panels(market(GECKO))["Total market cap, USD"].log


def test_the_sentence_says_what_the_chart_shows():
    said = market_chart.chart(market(GECKO, TRADING, mood=mood()), shown(zone="Asia/Kolkata")).summary
    assert "2025-03-01 05:30 to 2025-03-31 05:30 IST" in said
    assert "coingecko all-coins from $105.000 B to $110.000 B" in said
    assert "providers 5.0 to 10.0 % apart where two or more are current" in said
    assert "Fear & Greed at the end 48, “Neutral” (alternative.me)" in said


def test_names_from_outside_are_cut_and_the_message_stays_small():
    long = rows("x" * 1_000_000, "y" * 1_000_000, "TOTAL", {"2025-03-01": 1, "2025-03-02": 2})
    drawn = market_chart.chart(market(long, mood=mood(label="z" * 1_000_000)), shown())
    assert len(encode(drawn)) < 5_000


def test_a_long_range_of_many_providers_stays_under_a_quarter_of_a_megabyte():
    ends = pd.date_range("2015-01-01", periods=3_000, freq="D", tz="UTC", unit="us")
    one = pd.DataFrame(
        {"period_end": ends, "available_at": ends, "market_cap_usd": range(1, 3_001), "resolution_s": DAY_S}
    )
    totals = [
        one.assign(source=f"source-{n}", definition="all-coins", asset=asset)
        for n in range(6)
        for asset in ("TOTAL", "TOTAL2", "TOTAL3")
    ]
    read = market(*totals)
    total = read.totals.rows[read.totals.rows["asset"] == "TOTAL"].rename(columns={"market_cap_usd": "dominance"})
    shares = pd.concat([total.assign(asset=asset) for asset in ("BTC", "ETH")])
    read = replace(read, dominance=Series(shares, ("asset", "source")))
    drawn = market_chart.chart(read, shown("2015-01-01", "2024-01-01"))
    assert max(len(one.frame) for panel in drawn.panels for one in panel.series) <= 500
    assert len(encode(drawn)) < 250_000
    assert "the last of each" in drawn.summary


def test_nothing_stored_says_what_to_do():
    drawn = market_chart.chart(market(), shown())
    assert all(panel.empty for panel in drawn.panels)
    assert "newstape refresh --source total-market-cap" in drawn.panels[0].empty
    assert encode(drawn)
