"""The timeline figure, as a pure function of frames."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from dashboard.figures import CHOSEN, escape, timeline

START, END = pd.Timestamp("2025-03-01", tz="UTC"), pd.Timestamp("2025-03-11", tz="UTC")


def bars(days: list[int]) -> pd.DataFrame:
    at = [START + pd.Timedelta(days=day) for day in days]
    close = [100.0 + day for day in days]
    return pd.DataFrame(
        {
            "open_time": pd.Series(at, dtype="datetime64[us, UTC]"),
            "open": close,
            "high": [c + 2 for c in close],
            "low": [c - 2 for c in close],
            "close": close,
            "volume": 1.0,
        }
    )


def caps(*definitions: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "source": source,
                "definition": definition,
                "period_end": START + pd.Timedelta(days=day),
                "market_cap_usd": 2.7e12 + day,
            }
            for source, definition in definitions
            for day in range(5)
        ]
        or {
            "source": [],
            "definition": [],
            "period_end": pd.Series([], dtype="datetime64[us, UTC]"),
            "market_cap_usd": [],
        }
    )


def stories(count: int = 3, lanes: tuple[str, ...] = ("politics", "ETF"), title: str = "A story") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "story_id": [f"s{n}" for n in range(count)],
            "shown_at": [START + pd.Timedelta(hours=5 * n) for n in range(count)],
            "anchor_at": [START + pd.Timedelta(hours=5 * n) for n in range(count)],
            "title": title,
            "publisher": "A paper",
            "published_precision": "minute",
            "lane": [lanes[n % len(lanes)] for n in range(count)],
        }
    )


def draw(**changes) -> go.Figure:
    given = {
        "prices": bars(list(range(10))),
        "caps": caps(("coingecko", "all-coins"), ("tradingview", "top-125")),
        "stories": stories(),
    } | changes
    return timeline(
        given.pop("prices"),
        given.pop("caps"),
        given.pop("stories"),
        asset="BTC",
        bar_s=86_400,
        start=START,
        end=END,
        **given,
    )


def marker_traces(figure: go.Figure) -> list:
    return [trace for trace in figure.data if trace.customdata is not None]


def test_the_three_panels_share_one_time_axis() -> None:
    layout = draw().layout
    assert {layout.xaxis.matches, layout.xaxis2.matches} == {"x3"}
    shown = [pd.Timestamp(end) for end in layout.xaxis3.range]
    assert shown[0] <= START.tz_localize(None) < END.tz_localize(None) <= shown[1]
    assert shown[1] - shown[0] < 1.05 * (END - START)


def test_a_lane_is_one_trace_however_many_stories() -> None:
    figure = draw(stories=stories(400))
    assert len(marker_traces(figure)) == 2
    assert len(figure.layout.shapes) == 0
    assert sum(len(trace.x) for trace in marker_traces(figure)) == 400


def test_each_marker_names_its_story() -> None:
    named = {story for trace in marker_traces(draw()) for story in trace.customdata}
    assert named == {"s0", "s1", "s2"}


def test_the_chosen_story_is_drawn_apart_in_shape_and_colour_with_a_line_through_all_panels() -> None:
    figure = draw(chosen="s1")
    trace = next(t for t in marker_traces(figure) if "s1" in list(t.customdata))
    assert trace.marker.symbol[list(trace.customdata).index("s1")] == "star"
    assert trace.marker.color[list(trace.customdata).index("s1")] == CHOSEN
    (line,) = figure.layout.shapes
    assert (line.yref, line.y0, line.y1) == ("paper", 0, 1)
    assert line.x0 == (START + pd.Timedelta(hours=5)).tz_localize(None)


def test_a_day_is_a_band_its_marker_in_the_middle_and_the_line_where_prices_are_read() -> None:
    told = stories(1).assign(published_precision="day", anchor_at=[START + pd.Timedelta(days=1)])
    figure = draw(stories=told, chosen="s0")
    band, line = figure.layout.shapes
    day_end = (START + pd.Timedelta(days=1)).tz_localize(None)
    assert (band.type, band.x0, band.x1) == ("rect", START.tz_localize(None), day_end)
    assert line.x0 == day_end
    assert pd.Timestamp(marker_traces(figure)[0].x[0]) == (START + pd.Timedelta(hours=12)).tz_localize(None)


def test_names_from_outside_are_text_in_legends_and_lanes() -> None:
    hostile = '<a href="https://evil.example">x</a>'
    figure = draw(caps=caps((hostile, "all-coins")), stories=stories(1, lanes=(hostile,)))
    assert "<a" not in str(figure.to_plotly_json())


def test_every_total_names_its_source_and_definition() -> None:
    names = [trace.name for trace in draw().data if trace.name.startswith("Total")]
    assert names == ["Total cap: coingecko, all-coins", "Total cap: tradingview, top-125"]


def test_a_gap_in_prices_is_not_drawn_over() -> None:
    (line,) = [t for t in draw(prices=bars([0, 1, 2, 6, 7])).data if t.name == "BTC price"]
    empty = np.flatnonzero(np.isnan(np.asarray(line.y, dtype=float)))
    assert len(line.y) == 6  # five bars and one empty point between the third and the fourth
    assert list(empty) == [3]
    assert line.connectgaps is False


def test_a_line_point_stands_where_its_bar_closed() -> None:
    (line,) = [t for t in draw(prices=bars([0])).data if t.name == "BTC price"]
    assert pd.Timestamp(line.x[0]) == pd.Timestamp("2025-03-02")


def test_candles_leave_out_rows_with_a_missing_value() -> None:
    prices = bars(list(range(5)))
    prices.loc[2, "high"] = np.nan
    (candles,) = [t for t in draw(prices=prices, style="candles").data if t.type == "candlestick"]
    assert len(candles.x) == 4


def test_log_scale_covers_both_price_and_cap() -> None:
    layout = draw(log=True).layout
    assert (layout.yaxis.type, layout.yaxis2.type) == ("log", "log")


def test_headlines_are_text_in_hover_labels() -> None:
    figure = draw(stories=stories(1, title='<img src="https://evil.example/x.png"><b>Up</b> & away'))
    text = marker_traces(figure)[0].text[0]
    assert "<img" not in text
    assert "<b>" not in text
    assert "&lt;img" in text


def test_escape_keeps_the_line_breaks_it_made_itself() -> None:
    assert escape("a\n<i>") == "a<br>&lt;i&gt;"


@pytest.mark.parametrize("style", ["line", "candles"])
def test_nothing_to_show_is_still_a_figure(style: str) -> None:
    empty = bars([])
    none = stories(0)
    figure = timeline(empty, caps(), none, asset="BTC", bar_s=3600, start=START, end=END, style=style)
    assert figure.layout.xaxis3.range is not None
