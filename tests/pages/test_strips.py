"""Gap strips as pure functions: what is present, idle, missing though asked for, and never asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import strips
from dashboard.strips import IDLE, MISSING, NEVER, PRESENT

HOUR = 3600
DAY = pd.Timestamp("2026-03-01", tz="UTC")


def at(hour: float) -> pd.Timestamp:
    return DAY + pd.Timedelta(hours=hour)


def spans_frame(rows: list[tuple[float, float]]) -> pd.DataFrame:
    ends = np.array(rows, dtype=float).reshape(-1, 2)
    return pd.DataFrame(
        {
            name: pd.Series([at(hour) for hour in hours], dtype="datetime64[us, UTC]")
            for name, hours in zip(("start", "end"), ends.T, strict=True)
        }
    )


def runs(*rows: tuple[float, float] | tuple[float, float, bool]) -> pd.DataFrame:
    """Hourly bars from hour to hour; the third part says that nothing was traded."""
    idle = [len(row) == 3 for row in rows]
    return spans_frame([row[:2] for row in rows]).assign(
        idle=np.array(idle, dtype=bool), bars=np.array([row[1] - row[0] for row in rows], dtype="int64")
    )


def told(found: pd.DataFrame) -> list[tuple[str, float, float, int]]:
    hours = [(found[name] - DAY).dt.total_seconds() / HOUR for name in ("start", "end")]
    return list(zip(found["state"], *hours, found["bars"], strict=True))


def test_a_hole_inside_what_was_asked_for_is_missing() -> None:
    found = strips.spans(runs((0, 5), (7, 10)), spans_frame([(0, 10)]), HOUR)
    assert told(found) == [(PRESENT, 0, 5, 5), (MISSING, 5, 7, 2), (PRESENT, 7, 10, 3)]


def test_bars_without_trades_are_idle() -> None:
    found = strips.spans(runs((0, 5), (5, 6, True), (6, 10)), spans_frame([(0, 10)]), HOUR)
    assert told(found) == [(PRESENT, 0, 5, 5), (IDLE, 5, 6, 1), (PRESENT, 6, 10, 4)]


def test_between_two_windows_nobody_asked() -> None:
    found = strips.spans(runs((0, 10), (20, 30)), spans_frame([(0, 10), (20, 30)]), HOUR)
    assert told(found) == [(PRESENT, 0, 10, 10), (NEVER, 10, 20, 10), (PRESENT, 20, 30, 10)]


def test_a_hole_is_cut_where_what_was_asked_for_ends_and_begins() -> None:
    """Asked for 0 to 10 and 20 to 30; bars end at 8 and begin again at 23."""
    found = strips.spans(runs((0, 8), (23, 30)), spans_frame([(0, 10), (20, 30)]), HOUR)
    assert told(found)[1:4] == [(MISSING, 8, 10, 2), (NEVER, 10, 20, 10), (MISSING, 20, 23, 3)]


def test_what_was_asked_for_before_the_first_and_after_the_last_bar_is_missing() -> None:
    found = strips.spans(runs((5, 8)), spans_frame([(0, 10)]), HOUR)
    assert told(found) == [(MISSING, 0, 5, 5), (PRESENT, 5, 8, 3), (MISSING, 8, 10, 2)]


def test_an_import_counts_as_asked_for_from_its_first_to_its_last_bar() -> None:
    found = strips.spans(runs((0, 5), (7, 10)), spans_frame([]), HOUR)
    assert told(found) == [(PRESENT, 0, 5, 5), (MISSING, 5, 7, 2), (PRESENT, 7, 10, 3)]


def test_a_hole_of_more_than_a_week_in_imports_lies_between_two_files() -> None:
    found = strips.spans(runs((0, 5), (5 + 169, 200)), spans_frame([]), HOUR)
    assert told(found)[1] == (NEVER, 5, 174, 169)


def test_between_an_import_and_the_first_refresh_nobody_asked() -> None:
    found = strips.spans(runs((0, 10), (20, 30)), spans_frame([(20, 30)]), HOUR)
    assert told(found)[1] == (NEVER, 10, 20, 10)


def test_a_bar_that_is_not_closed_yet_is_missed_by_nobody() -> None:
    """Asked at 10:20, when the bar of 09:00 was the last one closed."""
    found = strips.spans(runs((0, 10)), spans_frame([(-0.5, 10 + 1 / 3)]), HOUR)
    assert told(found) == [(PRESENT, 0, 10, 10)]


def test_what_is_missing_is_whole_bars() -> None:
    """Asked at 10:20: after the last bar the hours of 08:00 and 09:00 are missing, twenty minutes are not."""
    found = strips.spans(runs((0, 8)), spans_frame([(0.5, 10 + 1 / 3)]), HOUR)
    assert told(found) == [(PRESENT, 0, 8, 8), (MISSING, 8, 10, 2)]


def test_a_series_without_any_bar_is_missing_where_it_was_asked_for() -> None:
    assert told(strips.spans(runs(), spans_frame([(0, 4)]), HOUR)) == [(MISSING, 0, 4, 4)]
    assert strips.spans(runs(), spans_frame([]), HOUR).empty


def test_the_chosen_span_cuts_and_nobody_asked_beyond_the_ends() -> None:
    known = strips.spans(runs((0, 10)), spans_frame([(0, 10)]), HOUR)
    assert told(strips.within(known, at(-5), at(8), HOUR)) == [(NEVER, -5, 0, 5), (PRESENT, 0, 8, 8)]
    assert told(strips.within(known, at(4), at(14), HOUR)) == [(PRESENT, 4, 10, 6), (NEVER, 10, 14, 4)]
    assert told(strips.within(known, at(20), at(30), HOUR)) == [(NEVER, 20, 30, 10)]
    # The bar that runs, and one that the next refresh brings, are no hole.
    assert told(strips.within(known, at(0), at(11.9), HOUR)) == [(PRESENT, 0, 10, 10)]


def test_measures_count_what_the_strip_shows() -> None:
    found = strips.spans(
        runs((0, 5), (5, 6, True), (8, 10), (11, 12)), spans_frame([(0, 12)]), HOUR
    )  # missing: 6 to 8 and 10 to 11
    measured = strips.measures(strips.within(found, at(0), at(20), HOUR))
    assert (measured["bars"], measured["idle_bars"]) == (9, 1)
    assert (measured["gaps"], measured["missing_bars"]) == (2, 3)
    assert (measured["longest_s"], measured["longest_at"]) == (2 * HOUR, at(6))
    assert measured["never asked_s"] == 8 * HOUR


def test_a_gap_thinner_than_a_mark_is_drawn_as_long_as_one_around_its_middle() -> None:
    shown = strips.within(strips.spans(runs((0, 50), (51, 100)), spans_frame([(0, 100)]), HOUR), at(0), at(100), HOUR)
    [gap] = strips.marks(shown, pd.Timedelta(hours=5)).query("state == @MISSING").itertuples()
    assert (gap.start, gap.end, gap.bars, gap.parts) == (at(48), at(53), 1, 1)
    assert (gap.since, gap.until) == (at(50), at(51))


def test_a_hundred_thousand_gaps_are_a_few_hundred_marks_that_still_tell_their_number() -> None:
    start = DAY + pd.to_timedelta(np.arange(100_001) * 3, unit="h")
    holed = pd.DataFrame({"start": start, "end": start + pd.Timedelta(hours=2), "idle": False, "bars": 2})
    holed = holed.astype({"start": "datetime64[us, UTC]", "end": "datetime64[us, UTC]"})
    end = holed["end"].iloc[-1]
    known = strips.spans(holed, pd.DataFrame({"start": [DAY], "end": [end]}), HOUR)
    drawn = strips.marks(strips.within(known, DAY, end, HOUR), (end - DAY) * strips.LEAST)
    assert len(drawn) <= 4 / strips.LEAST
    assert drawn.loc[drawn["state"] == MISSING, "parts"].sum() == 100_000


def draw(**series: pd.DataFrame) -> go.Figure:
    shown = {name: strips.within(known, at(0), at(40), HOUR) for name, known in series.items()}
    return strips.figure(shown, at(0), at(40))


def test_the_figure_is_one_trace_a_state_and_one_row_a_series() -> None:
    known = strips.spans(runs((0, 8), (8, 9, True), (23, 30)), spans_frame([(0, 10), (20, 30)]), HOUR)
    figure = draw(first=known, second=known)
    assert [trace.name for trace in figure.data] == [PRESENT, IDLE, MISSING, NEVER]
    assert figure.layout.yaxis.categoryarray == ("second", "first")  # plotly counts from below
    present = figure.data[0]
    assert list(present.y) == ["first", "first", "second", "second"]
    assert [pd.Timestamp(base) for base in present.base[:2]] == [at(0).tz_localize(None), at(23).tz_localize(None)]
    assert present.text[0] == "first<br>present: 2026-03-01 00:00 to 2026-03-01 08:00 UTC<br>8 bars"
    assert list(present.x[:2]) == [8 * HOUR * 1000, 7 * HOUR * 1000]  # milliseconds
    assert [pd.Timestamp(base) for base in figure.data[2].base[:2]] == [
        at(9).tz_localize(None),
        at(20).tz_localize(None),
    ]


def test_the_axis_is_in_a_zone_and_says_so() -> None:
    """New York's clocks go on at 07:00 UTC of 8 March 2026, a week in; the axis keeps the first distance."""
    known = strips.spans(runs((0, 8)), spans_frame([]), HOUR)
    shown = {"one": strips.within(known, at(0), at(240), HOUR)}
    figure = strips.figure(shown, at(0), at(240), "America/New_York")
    assert figure.layout.xaxis.title.text == "EST throughout"
    assert pd.Timestamp(figure.data[0].base[0]) == pd.Timestamp("2026-02-28 19:00")
    assert "2026-02-28 19:00 to 2026-03-01 03:00 EST" in figure.data[0].text[0]
    assert draw(one=known).layout.xaxis.title.text == "UTC"


def test_states_differ_in_height_or_pattern_and_not_in_colour_alone() -> None:
    looks = {
        (trace.width, trace.marker.pattern.shape)
        for trace in draw(one=strips.spans(runs((0, 5)), spans_frame([]), HOUR)).data
    }
    assert len(looks) == 4


def test_names_from_outside_are_text() -> None:
    known = strips.spans(runs((0, 5)), spans_frame([]), HOUR)
    assert "<a" not in str(draw(**{'<a href="https://evil.example">x</a>': known}).to_plotly_json())


def test_nothing_to_show_is_still_a_figure() -> None:
    assert draw().layout.height > 0
    assert draw(empty=strips.spans(runs(), spans_frame([]), HOUR)).layout.xaxis.range is not None
