"""The timeline's chart as a pure function of frames: which panels, on which scale, with what said beside them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from dashboard.chart.payload import SHAPES, SPANS, Candles, Lanes, Line, Panel, encode
from dashboard.timeline_chart import NOTE_ID, Shown, by_definition, chart, counted, is_log, news_marks
from data.bar_blocks import Bars
from data.cap_lines import CapLine, Caps
from data.markets import Prices
from data.queries.timeline import Marks
from data.view import View

START, END = pd.Timestamp("2025-03-28", tz="UTC"), pd.Timestamp("2025-03-30", tz="UTC")


def at(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC").as_unit("us")


def prices(closes: list[float]) -> Prices:
    """Hourly bars from START on."""
    opens = START.as_unit("us").value // 1000 + 3_600_000_000 * np.arange(len(closes))
    close = np.array(closes, dtype=float)
    figures = np.stack([close, close * 1.01, close * 0.99, close, np.full(len(closes), 5.0)])
    read = Bars(opens, figures, np.zeros(len(closes), dtype=np.int8))
    return Prices(read, (("binance", "BTC/USDT"),), 3600, "1h")


def caps(*, column: str = "market_cap_usd", asset: str = "TOTAL") -> list[CapLine]:
    rows = [
        ("coingecko", "all-coins", at("2025-03-29"), 2.8418e12),
        ("coinmarketcap", "own-list", at("2025-03-29"), 2.72e12),
        ("tradingview", "top-125", at("2025-03-29"), 2.7016e12),
    ]
    frame = pd.DataFrame(rows, columns=["source", "definition", "period_end", column])
    frame = frame.assign(asset=asset, resolution_s=86_400, available_at=frame["period_end"])
    return Caps(frame, column).lines(View(START, END))


def marks(stories: list[tuple], bins: list[tuple] = (), lanes: tuple[str, ...] = ("ETF", "other")) -> Marks:
    """``stories``: id, title, lane, first and last instant it may have come out; ``bins``: lane, start, count."""

    def instants(values: list) -> np.ndarray:
        return np.array([None if v is None else pd.Timestamp(v).to_datetime64() for v in values], "datetime64[us]")

    return Marks(
        lanes=lanes,
        total=len(stories) + sum(count for *_, count in bins),
        lane=np.array([lane for _, _, lane, *_ in stories], dtype=np.int64),
        shown_at=instants([first or "2025-03-28 12:00" for *_, first, _ in stories]),
        span_start=instants([first for *_, first, _ in stories]),
        span_end=instants([last for *_, last in stories]),
        story_id=[story for story, *_ in stories],
        title=[title for _, title, *_ in stories],
        publisher=["Example Wire"] * len(stories),
        bin_lane=np.array([lane for lane, *_ in bins], dtype=np.int64),
        bin_start=instants([start for _, start, _ in bins]),
        bin_count=np.array([count for *_, count in bins], dtype=np.int64),
        bin_s=3600 if bins else 0,
    )


EXACT = ("s1", "A fund files", 0, "2025-03-28 14:05:30", "2025-03-28 14:05:30")
A_DAY = ("s2", "Some time that day", 1, "2025-03-29 00:00", "2025-03-30 00:00")
UNDATED = ("s3", "Nobody dates it", 1, None, None)
NOTES = pd.DataFrame(
    {
        "note_id": ["n1", "n2"],
        "at": [at("2025-03-28 10:00"), at("2025-03-29")],
        "until": [pd.NaT, at("2025-03-29 12:00")],
        "note": ["Look here", "=HYPERLINK() <b>"],
        "author": ["analyst", "analyst"],
    }
).astype({"at": "datetime64[us, UTC]", "until": "datetime64[us, UTC]"})


def shown(**changed: object) -> Shown:
    standard = Shown(prices([84_000.0, 84_500.0]), [], {}, caps(), None, marks([EXACT]), None)
    return dataclasses.replace(standard, **changed)


def drawn(view: View | None = None, **changed: object):
    return chart(shown(**changed), view or View(START, END), START, END)


def panel(of, title: str) -> Panel | Lanes:
    return next(p for p in of.panels if p.title.startswith(title))


def test_the_panels_are_those_the_view_names_in_their_order() -> None:
    view = View(START, END, panels=("price", "volume", "caps", "news"))
    assert [p.title for p in drawn(view).panels] == ["BTC, USD", "Volume, BTC", "Total cap, USD", "News by topic"]


def test_whatever_is_drawn_can_be_sent() -> None:
    view = View(START, END, panels=("price", "volume", "caps", "dominance", "news", "notes"), zone="Asia/Kolkata")
    shares = caps(asset="BTC", column="dominance")
    assert len(encode(drawn(view, dominance=shares, notes=NOTES, marks=marks([EXACT, A_DAY, UNDATED])))) > 1000


def test_a_line_stands_where_its_bars_closed_and_candles_where_they_opened() -> None:
    (line,) = panel(drawn(), "BTC").series
    assert isinstance(line, Line)
    assert pd.Timestamp(line.frame["at"][0], unit="us", tz="UTC") == START + pd.Timedelta(hours=1)
    (candles,) = panel(drawn(View(START, END, style="candles")), "BTC").series
    assert isinstance(candles, Candles)
    assert pd.Timestamp(candles.frame["open_time"][0], unit="us", tz="UTC") == START


@pytest.mark.parametrize(("highest", "log"), [(290.0, False), (310.0, True)])
def test_a_threefold_range_is_drawn_on_a_logarithmic_axis(highest: float, log: bool) -> None:
    assert is_log(View(START, END), [pd.Series([100.0, highest])]) is log
    assert is_log(View(START, END, scale="log"), [pd.Series([100.0, highest])]) is True
    assert is_log(View(START, END, scale="linear"), [pd.Series([100.0, highest])]) is False


def test_an_axis_of_nothing_is_linear() -> None:
    assert is_log(View(START, END), [pd.Series(dtype=float)]) is False


def test_every_total_is_a_line_with_its_source_and_definition_and_a_look_of_its_own() -> None:
    lines = by_definition(caps())
    assert [line.name for line in lines] == ["coingecko all-coins", "coinmarketcap own-list", "tradingview top-125"]
    assert len({(line.colour, line.dash) for line in lines}) == 3


def test_assets_compared_stand_on_one_axis_from_100() -> None:
    times = [at("2025-03-28 01:00"), at("2025-03-28 02:00")]
    frames = {
        "BTC": pd.DataFrame({"at": times, "value": [100.0, 101.0]}),
        "ETH": pd.DataFrame({"at": times, "value": [100.0, 99.0]}),
    }
    drawing = drawn(View(START, END, compare=("ETH", "SOL")), compared=frames)
    compared = panel(drawing, "100 = 2025-03-28 01:00 UTC")
    assert compared.unit == "index"
    assert [line.name for line in compared.series] == ["BTC", "ETH"]
    assert "SOL" in compared.note  # and is not silently missing


def rows(of: Marks) -> dict[str, dict[str, object]]:
    """What is drawn, by item."""
    drawn = news_marks(of)
    return {
        item: {
            "at": pd.Timestamp(drawn.at[n], unit="us", tz="UTC"),
            "until": pd.Timestamp(drawn.until[n], unit="us", tz="UTC"),
            "title": drawn.title[n],
            "shape": SHAPES[drawn.shape[n]],
            "span": SPANS[drawn.span[n]],
            "count": drawn.count[n],
        }
        for n, item in enumerate(drawn.item_id)
    }


def test_assets_compared_in_longer_bars_than_the_price_are_joined_by_their_own_length() -> None:
    """One is stored by the day only, so both are in days, whatever bars the first has alone."""
    days = [at("2025-03-28"), at("2025-03-29"), at("2025-03-30")]
    frames = {name: pd.DataFrame({"at": days, "value": [100.0, 101.0, 99.0]}) for name in ("BTC", "ETH")}
    compared = panel(drawn(View(START, END, compare=("ETH",)), compared=frames), "100 =")
    assert {line.step_s for line in compared.series} == {86_400}
    assert compared.note == "bars of 1d"


def test_an_exact_time_is_a_point_where_it_is_and_a_day_a_whisker() -> None:
    drawn = rows(marks([EXACT, A_DAY, UNDATED]))
    assert (drawn["s1"]["span"], drawn["s1"]["at"]) == ("point", at("2025-03-28 14:05:30"))
    assert (drawn["s2"]["span"], drawn["s2"]["until"]) == ("uncertain", at("2025-03-30"))
    assert drawn["s1"]["shape"] != drawn["s2"]["shape"]
    assert (drawn["s3"]["span"], drawn["s3"]["at"]) == ("point", at("2025-03-28 12:00"))


def test_a_crowd_is_a_bin_with_its_count_and_the_line_says_how_many_are_shown() -> None:
    crowded = marks([EXACT], [(0, "2025-03-28 15:00", 1400), (1, "2025-03-28 16:00", 11)])
    bins = [row for row in rows(crowded).values() if row["span"] == "bin"]
    assert [(row["count"], row["title"]) for row in bins] == [(1400, "1,400 stories"), (11, "11 stories")]
    assert (bins[0]["at"], bins[0]["until"]) == (at("2025-03-28 15:00"), at("2025-03-28 16:00"))
    assert counted(crowded) == "1 of 1,412 stories shown, the others counted in 2 bins"
    assert panel(drawn(marks=crowded), "News").note == counted(crowded)


def test_the_zones_name_is_that_of_each_side_of_a_change_of_clocks() -> None:
    # New York went to summer time on 9 March 2025.
    over = View(at("2025-03-01"), at("2025-03-20"), zone="America/New_York")
    drawing = drawn(over)
    assert drawing.zone_name == "EST/EDT"
    assert drawing.zone_names == {-18_000: "EST", -14_400: "EDT"}
    assert drawn(View(START, END, zone="Asia/Kathmandu")).zone_name == "+05:45"


def test_notes_have_a_lane_of_their_own_and_one_over_hours_is_a_band() -> None:
    lane = panel(drawn(notes=NOTES), "Notes")
    assert lane.marks["item_id"].tolist() == [f"{NOTE_ID}n1", f"{NOTE_ID}n2"]
    assert lane.marks["span"].tolist() == ["point", "event"]
    assert not any(p.title == "Notes" for p in drawn(notes=NOTES.head(0)).panels)


def test_the_summary_says_range_stories_price_and_totals() -> None:
    # 84,000 to 84,500 is +0.595 %.
    said = drawn(View(START, END, zone="America/New_York")).summary
    assert said.startswith("2025-03-27 20:00 to 2025-03-29 20:00 EDT; 1 story; BTC from $84,000.00")
    assert "▲ +0.60 %" in said
    assert "2 bars of 1h (binance BTC/USDT)" in said
    assert "tradingview top-125" in said


def test_where_there_is_nothing_each_panel_says_so() -> None:
    nothing = drawn(prices=prices([]), caps=[], marks=marks([], lanes=()))
    assert "No BTC price" in panel(nothing, "BTC").empty
    assert "No total market cap" in panel(nothing, "Total").empty
    assert "No story fits" in panel(nothing, "News").empty
    assert "no BTC price is stored for this range" in nothing.summary
    assert len(encode(nothing)) > 100
