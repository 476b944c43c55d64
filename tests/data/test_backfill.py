"""Deep history: what is missing is asked for, newest first; what is killed goes on."""

from __future__ import annotations

import itertools
import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import data.backfill
from connectors.errors import Refused
from connectors.records import Answer, Window
from connectors.registry import DEFAULT
from data import queries
from data.backfill import CannotBackfill, backfill, missing

NOW = datetime(2020, 6, 1, tzinfo=UTC)
LISTED = datetime(2020, 1, 1, 13, tzinfo=UTC)  # hourly bars from here on; its first daily bar is that day's
HOUR = timedelta(hours=1)
MARKET = DEFAULT.source("bitstamp:BTC/USD:1h")


class Exchange:
    """Hourly and daily bars since ``LISTED``, as ccxt's rows; refuses after so many requests."""

    def __init__(self, breaks_after=None, until=NOW):
        self.asked, self.breaks_after, self.until = [], breaks_after, until

    def __call__(self, request, limits):
        since, bars = datetime.fromisoformat(request.params["since"]), int(request.params["bars"])
        daily = request.params["interval"] == "1d"
        if not daily:
            self.asked.append(since)
            if self.breaks_after is not None and len(self.asked) > self.breaks_after:
                raise Refused("no more for you")
        step = timedelta(days=1) if daily else HOUR
        first = LISTED.replace(hour=0) if daily else LISTED
        opens = [since + n * step for n in range(bars) if first <= since + n * step < self.until]
        return Answer(json.dumps([[at.timestamp() * 1000, 2.0, 3.0, 1.0, 2.0, 1.0] for at in opens]).encode())


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    monkeypatch.setattr(data.backfill, "CHUNK_BARS", 1_000)
    monkeypatch.setattr("time.sleep", lambda _: None)


def stored(lake):
    return list(queries.export(lake.pin(), "candles", "\"interval\" = '1h'")["open_time"])


def every_hour(start, end):
    return [start + n * HOUR for n in range((end - start) // HOUR)]


def test_it_begins_at_the_exchanges_first_bar_and_takes_the_newest_part_first(lake):
    spans = list(backfill(lake, MARKET, Exchange(), now=NOW))
    assert spans[0][0].end == NOW
    assert spans[-1][0].start == LISTED.replace(hour=0)
    assert all(a[0].start == b[0].end for a, b in itertools.pairwise(spans))
    assert stored(lake) == every_hour(LISTED, NOW)


def test_what_was_stopped_goes_on_and_what_is_complete_asks_nothing(lake):
    broken = Exchange(breaks_after=2)
    *whole, (_, failed) = backfill(lake, MARKET, broken, now=NOW)
    assert len(whole) == 2
    assert failed.error == "no more for you"
    again = Exchange()
    list(backfill(lake, MARKET, again, now=NOW))
    assert stored(lake) == every_hour(LISTED, NOW)
    assert max(again.asked) < NOW - 2_000 * HOUR  # the two spans that were stored are not asked for again
    silent = Exchange()
    assert list(backfill(lake, MARKET, silent, now=NOW)) == []
    assert silent.asked == []


def test_since_and_until_bound_it_and_no_cursor_moves(lake):
    start, end = datetime(2020, 2, 1, tzinfo=UTC), datetime(2020, 3, 1, tzinfo=UTC)
    list(backfill(lake, MARKET, Exchange(), now=NOW, since=start, until=end))
    assert stored(lake) == every_hour(start, end)
    assert queries.cursor(lake.pin(), MARKET.name) is None


def test_a_stop_ends_it_after_the_span_in_hand(lake):
    stop = threading.Event()
    for _ in backfill(lake, MARKET, Exchange(), now=NOW, stop=stop):
        stop.set()
    assert stored(lake) == every_hour(NOW - 1_000 * HOUR, NOW)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("kraken:BTC/USD:1h", r"keeps its newest bars only \(30 days of 1h\): .* bitstamp:BTC/USD:1h"),
        ("coindesk", "newstape refresh --source coindesk --since"),
    ],
)
def test_a_source_without_deep_history_says_what_to_do(lake, name, sentence):
    with pytest.raises(CannotBackfill, match=sentence):
        list(backfill(lake, DEFAULT.source(name), Exchange(), now=NOW))


_WINDOWS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 15)).map(
        lambda t: Window(LISTED + t[0] * HOUR, LISTED + (t[0] + t[1]) * HOUR)
    ),
    max_size=8,
)


@given(_WINDOWS, st.integers(0, 30), st.integers(1, 30))
def test_missing_is_exactly_what_no_window_covers(covered, start, length):
    wanted = Window(LISTED + start * HOUR, LISTED + (start + length) * HOUR)
    holes = missing(wanted, covered)
    for n in range(start, start + length):
        at = LISTED + n * HOUR
        assert any(w.start <= at < w.end for w in holes) != any(w.start <= at < w.end for w in covered)
    assert all(wanted.start <= w.start < w.end <= wanted.end for w in holes)


def test_no_bar_is_lost_at_the_edge_of_two_spans_whatever_the_minute(lake):
    for later in (0, 8):
        now = NOW + timedelta(hours=later, minutes=34, seconds=30)
        list(backfill(lake, MARKET, Exchange(until=now), now=now))
    assert stored(lake) == every_hour(LISTED, NOW + 8 * HOUR)
