"""What the plotly figures share."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.figures import broken_at_gaps, escape, naive, times, wrap


def at(days: list[int]) -> pd.Series:
    return pd.Series(pd.to_datetime([f"2025-03-{day:02}" for day in days], utc=True))


def test_a_gap_in_prices_is_not_drawn_over() -> None:
    x, y = broken_at_gaps(at([1, 2, 3, 7, 8]), pd.Series([1.0, 2, 3, 7, 8]), 86_400)
    assert len(x) == len(y) == 6  # five bars and one empty point between the third and the fourth
    assert list(np.flatnonzero(np.isnan(y))) == [3]
    assert pd.Timestamp(x[3]) == pd.Timestamp("2025-03-04")


def test_a_series_without_gaps_stays_as_it_is() -> None:
    x, y = broken_at_gaps(at([1, 2, 3]), pd.Series([1.0, 2, 3]), 86_400)
    assert (len(x), list(y)) == (3, [1.0, 2.0, 3.0])


def test_times_lose_their_zone_and_not_their_instant() -> None:
    stamp = pd.Timestamp("2025-03-28 14:05", tz="America/New_York")
    assert naive(stamp) == pd.Timestamp("2025-03-28 18:05")
    assert pd.Timestamp(times(pd.Series([stamp]))[0]) == pd.Timestamp("2025-03-28 18:05")


def test_text_from_outside_is_text_in_a_figure() -> None:
    assert (
        escape('<img src="https://evil.example/x.png"> & away')
        == '&lt;img src="https://evil.example/x.png"&gt; &amp; away'
    )
    assert escape("a\n<i>") == "a<br>&lt;i&gt;"  # the line breaks we made ourselves


def test_long_headlines_are_broken_between_words() -> None:
    lines = wrap("word " * 40, 30).split("\n")
    assert max(map(len, lines)) <= 30
    assert " ".join(lines) == ("word " * 40).strip()
