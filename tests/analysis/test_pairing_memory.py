"""What pairing remembers of a frame holds as long as the frame stays as it is, and not longer."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from analysis import pairing_memory
from analysis.pairing import pair
from analysis.pairing_memory import remembered

T0 = pd.Timestamp("2025-03-01", tz="UTC")


def bars(count: int = 50) -> pd.DataFrame:
    opens = pd.date_range(T0, periods=count, freq="h").astype("datetime64[us, UTC]")
    return pd.DataFrame({"open_time": opens, "open": 1.0, "close": np.arange(1.0, count + 1), "volume": 2.0})


def caps() -> pd.DataFrame:
    ends = pd.date_range(T0, periods=3, freq="D").astype("datetime64[us, UTC]")
    return pd.DataFrame({"period_end": ends, "definition": "top-125", "market_cap_usd": [1e12, 2e12, 3e12]})


@pytest.fixture
def counted():
    """``look(frame)``: what is remembered of its two columns; ``look.built`` counts."""

    def build(frame: pd.DataFrame, *_: object) -> list:
        look.built += 1
        return [frame["open_time"].to_list(), frame["close"].to_list()]

    def look(frame: pd.DataFrame, *arguments: object) -> list:
        return remembered(frame, ["open_time", "close"], build, *arguments)

    look.built = 0
    return look


def test_a_frame_is_looked_through_once(counted):
    frame = bars()
    assert counted(frame) is counted(frame)
    assert counted.built == 1
    counted(frame, 60)
    counted(frame, 60)
    assert counted.built == 2
    counted(bars())
    assert counted.built == 3


def _set(frame, name, values):
    frame[name] = values


CHANGES = {
    "a cell by place": lambda f: f.iloc.__setitem__((3, 2), 99.0),
    "a cell by label": lambda f: f.loc.__setitem__((3, "close"), 99.0),
    "a cell at": lambda f: f.at.__setitem__((3, "close"), 99.0),
    "a column replaced": lambda f: _set(f, "close", f["close"] * 2),
    "a column times two": lambda f: f.__setitem__("close", f["close"].mul(2)),
    "rows by a mask": lambda f: f.loc.__setitem__((f["close"] > 10, "close"), 5.0),
    "a time": lambda f: f.loc.__setitem__((3, "open_time"), T0 - pd.Timedelta(hours=5)),
    "all times": lambda f: _set(f, "open_time", f["open_time"] + pd.Timedelta(hours=1)),
    "update": lambda f: f.update(pd.DataFrame({"close": [7.0]}, index=[3])),
    "replaced in place": lambda f: f.replace({"close": {4.0: 44.0}}, inplace=True),
    "through a column": lambda f: f.isetitem(2, np.arange(50.0) + 3),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_frame_that_was_changed_is_looked_through_again(counted, change):
    frame = bars()
    before = counted(frame)
    kept = [list(column) for column in before]
    change(frame)
    after = counted(frame)
    assert after == [frame["open_time"].to_list(), frame["close"].to_list()]
    assert after != before
    assert before == kept


def test_a_change_elsewhere_in_the_frame_changes_nothing(counted):
    frame = bars()
    before = counted(frame)
    frame["note"] = "x"
    assert counted(frame) == before


def test_memory_that_is_used_again_is_not_taken_for_the_old_frame():
    """Frames made and dropped in turn get the same addresses."""
    at = pd.DataFrame({"item_id": ["a"], "published_at": pd.Series([T0 + pd.Timedelta(hours=2)]).astype("M8[us, UTC]")})
    for n in range(200):
        frame = bars().assign(close=lambda f, n=n: f["close"] + n)
        assert pair(at, frame, None, interval_s=3600)["price_usd"][0] == 2.0 + n
        del frame


def test_what_is_remembered_goes_with_the_frame():
    gc.collect()
    before = len(pairing_memory._known)
    frame, total = bars(), caps()
    at = pd.DataFrame({"item_id": ["a"], "published_at": pd.Series([T0]).astype("datetime64[us, UTC]")})
    pair(at, frame, total, interval_s=3600)
    frame.loc[0, "close"] = 3.0
    pair(at, frame, total, interval_s=3600)
    assert len(pairing_memory._known) == before + 2
    del frame, total
    gc.collect()
    assert len(pairing_memory._known) == before


def test_caps_that_were_changed_are_read_again():
    total = caps()
    at = pd.DataFrame({"item_id": ["a"], "published_at": pd.Series([T0]).astype("datetime64[us, UTC]")})
    assert pair(at, bars(), total, interval_s=3600)["market_cap_usd"][0] == 1e12
    total.loc[0, "market_cap_usd"] = 5e12
    assert pair(at, bars(), total, interval_s=3600)["market_cap_usd"][0] == 5e12
    total["available_at"] = total["period_end"] + pd.Timedelta(days=1)
    assert pair(at, bars(), total, interval_s=3600)["market_cap_usd"].isna().all()
    total.loc[1, "definition"] = "all-coins"
    with pytest.raises(ValueError, match="one definition"):
        pair(at, bars(), total, interval_s=3600)


def test_columns_that_cannot_be_told_apart_by_their_place_are_read_each_time(counted):
    frame = bars().astype({"close": "Float64"})
    counted(frame)
    counted(frame)
    assert counted.built == 2


def test_several_threads_at_once():
    frame = bars(2000)
    at = pd.DataFrame({"item_id": ["a"], "published_at": pd.Series([T0 + pd.Timedelta(days=40)]).astype("M8[us, UTC]")})
    expected = pair(at, bars(2000), None, interval_s=3600)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: pair(at, frame, None, interval_s=3600), range(64)):
            pd.testing.assert_frame_equal(found, expected)
