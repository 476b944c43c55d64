"""What a refresh asks for next: a source's own cursor, and when it may move."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from connectors.errors import NoAnswer
from connectors.records import Candle, Limits, Page, Request
from data import queries
from data.refresh import refresh

DAY = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Bars:
    """An exchange that has every hour, each at its own price; it is asked through ``send``."""

    record = Candle
    limits = Limits(min_interval_s=0, attempts=1)
    symbol, interval = "BTC/USD", "1h"

    def __init__(self, source, reach=None):
        self.source, self.reach = source, reach

    def first(self, window):
        return Request("https://bars.example/", window.end, state={"source": self.source, "window": window})

    def parse(self, request, body):
        window = request.state["window"]
        first = max(window.start, window.end - self.reach) if self.reach else window.start
        count = (window.end - first) // HOUR
        opens = [window.end - (n + 1) * HOUR for n in range(count)]
        return Page(tuple(Candle(self.source, "BTC/USD", "1h", at, 2.0, 3.0, 1.0, 2.0, 1.0) for at in opens))


def asked(lake, now, *connectors, down=(), since=None):
    """Refresh one chain; the windows asked for, by source."""
    windows = {}

    def send(request, limits):
        windows[request.state["source"]] = request.state["window"]
        if request.state["source"] in down:
            raise NoAnswer("down")
        return b""

    list(refresh(lake, {"chain": connectors}, send, now=now, since=since))
    return windows


def hours(lake, source):
    return list(queries.open_times(lake.pin(), source, "BTC/USD", "1h"))


def test_a_source_that_was_down_is_asked_later_for_all_it_missed(lake):
    kraken, coinbase = Bars("kraken"), Bars("coinbase")
    asked(lake, DAY, kraken, coinbase)
    stand_in = asked(lake, DAY + 10 * HOUR, kraken, coinbase, down={"kraken"})
    assert stand_in["coinbase"].start <= DAY
    asked(lake, DAY + 12 * HOUR, kraken, coinbase)
    found = hours(lake, "kraken")
    assert found[-1] == DAY + 11 * HOUR
    assert all(b - a == HOUR for a, b in itertools.pairwise(found))


def test_since_does_not_move_the_cursor_past_what_was_never_asked_for(lake):
    kraken = Bars("kraken")
    asked(lake, DAY, kraken)
    asked(lake, DAY + 20 * 24 * HOUR, kraken, since=DAY + 19 * 24 * HOUR)
    again = asked(lake, DAY + 21 * 24 * HOUR, kraken)
    assert again["kraken"].start <= DAY
    found = hours(lake, "kraken")
    assert all(b - a == HOUR for a, b in itertools.pairwise(found))


def test_what_an_exchange_no_longer_keeps_is_asked_of_the_next_and_the_run_says_so(lake):
    kraken, coinbase = Bars("kraken", reach=720 * HOUR), Bars("coinbase")
    asked(lake, DAY, kraken, coinbase)
    later = DAY + 40 * 24 * HOUR
    windows = asked(lake, later, kraken, coinbase)
    assert windows["coinbase"].start <= DAY
    assert hours(lake, "coinbase")[0] <= DAY
    runs = queries.runs(lake.pin())
    notes = dict(zip(runs["source"], runs["note"], strict=True))
    assert "keeps its newest 1h bars only" in notes["coinbase BTC/USD 1h"]
    assert asked(lake, later + HOUR, kraken, coinbase).keys() == {"kraken"}  # and it is not asked for ever after
