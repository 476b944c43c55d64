"""The one loop: pages, pauses, repeats, circles, and what a failure leaves behind."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st
from replay import Answer as Served

from connectors.coingecko import URL as GLOBAL
from connectors.coingecko import CoinGeckoGlobal
from connectors.errors import BadAnswer, Endless, NoAnswer, RateLimited, Refused, ServerTrouble
from connectors.pace import Pace
from connectors.pull import pull, pull_chain
from connectors.records import Answer, Article, Limits, Page, Request, Window

END = datetime(2025, 3, 29, 2, tzinfo=UTC)
WINDOW = Window(END - timedelta(hours=2), END)
PAGES = "https://data.example/pages"


class Paged:
    """Pages of lines; a last line "next N" names the page that follows."""

    record = str

    def __init__(self, source: str = "paged", **limits: float) -> None:
        self.source = source
        self.limits = Limits(**{"min_interval_s": 0.0, "timeout_s": 5, **limits})

    def first(self, window):
        return Request(PAGES, window.end, {"page": "1"})

    def parse(self, request, body):
        *lines, last = body.decode().split("\n")
        if last == "broken":
            raise BadAnswer(f"{request.url} is broken")
        following = Request(PAGES, request.asked_at, {"page": last.split()[1]}) if last else None
        return Page(tuple(lines), (), following)


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now, self.slept = 100.0, []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_pages_are_turned_to_the_last(replay, send):
    replay.serve(PAGES, b"a\nb\nnext 2", page="1")
    replay.serve(PAGES, b"c\n", page="2")
    pulled = pull(Paged(), WINDOW, send)
    assert pulled.records == ("a", "b", "c")
    assert (pulled.complete, pulled.attempts, pulled.source, pulled.window) == (True, 2, "paged", WINDOW)


def test_requests_keep_their_distance():
    bodies = {"1": b"a\nnext 2", "2": b"b\nnext 3", "3": b"c\n"}
    clock = Clock()

    def send(request, limits):
        clock.now += 0.5  # each answer takes half a second
        return Answer(bodies[request.params["page"]])

    pull(Paged(min_interval_s=2.0), WINDOW, send, pace=Pace(clock, clock.sleep))
    assert clock.slept == [1.5, 1.5]


def test_a_failure_keeps_the_pages_before_it(replay, send):
    replay.serve(PAGES, b"a\nnext 2", page="1")
    replay.serve(PAGES, b"broken", page="2")
    pulled = pull(Paged(), WINDOW, send)
    assert pulled.records == ("a",)
    assert isinstance(pulled.error, BadAnswer)
    assert not pulled.complete


def test_transient_answers_are_asked_again_then_given_up(replay, send):
    replay.serve(PAGES, Served(b"", 503), Served(b"", 429), b"a\n")
    pulled = pull(Paged(), WINDOW, send)
    assert (pulled.records, pulled.attempts, pulled.error) == (("a",), 3, None)

    replay.serve(GLOBAL, Served(b"", 503))
    pulled = pull(CoinGeckoGlobal(), WINDOW, send, pace=Pace(sleep=lambda _: None))
    assert isinstance(pulled.error, ServerTrouble)
    assert replay.urls().count(GLOBAL) == pulled.attempts == CoinGeckoGlobal.limits.attempts


def test_fatal_answers_are_asked_once(replay, send):
    replay.serve(PAGES, Served(b"", 451), b"a\n")
    pulled = pull(Paged(), WINDOW, send)
    assert (type(pulled.error), pulled.attempts) == (Refused, 1)


def test_a_hung_source_is_a_value_too(replay, send):
    replay.serve(PAGES, Served(after_s=20))
    pulled = pull(Paged(timeout_s=0.2, attempts=2), WINDOW, send)
    assert (type(pulled.error), pulled.attempts) == (NoAnswer, 2)


def test_retry_after_is_waited_for(replay, send):
    stamina.set_testing(False)
    replay.serve(PAGES, Served(b"", 429, {"Retry-After": "1"}), b"a\n")
    began = time.monotonic()
    pulled = pull(Paged(), WINDOW, send)
    assert pulled.complete
    assert 1.0 <= time.monotonic() - began < 3.0


def test_a_long_retry_after_is_left_to_the_next_run(replay, send):
    stamina.set_testing(False)
    replay.serve(PAGES, Served(b"", 429, {"Retry-After": "3600"}), b"a\n")
    pulled = pull(Paged(), WINDOW, send)
    assert isinstance(pulled.error, RateLimited)
    assert (pulled.error.retry_after_s, pulled.attempts) == (3600.0, 1)
    assert "3600 s" in str(pulled.error)


def test_pages_that_go_round_in_circles_end(replay, send):
    replay.serve(PAGES, b"a\nnext 2", page="1")
    replay.serve(PAGES, b"b\nnext 1", page="2")
    pulled = pull(Paged(), WINDOW, send)
    assert isinstance(pulled.error, Endless)
    assert pulled.records == ("a", "b")
    assert pulled.attempts == 2


def test_a_source_that_ignores_the_page_number_ends(replay, send):
    replay.serve(PAGES, b"a\nnext 2", page="1")
    replay.serve(PAGES, b"a\nnext 3", page="2")
    pulled = pull(Paged(), WINDOW, send)
    assert isinstance(pulled.error, Endless)
    assert pulled.records == ("a",)


def test_max_pages_ends_a_pull_as_incomplete(replay, send):
    for n in range(1, 9):
        replay.serve(PAGES, f"line {n}\nnext {n + 1}".encode(), page=str(n))
    pulled = pull(Paged(max_pages=3), WINDOW, send)
    assert isinstance(pulled.error, Endless)
    assert (len(pulled.pages), pulled.attempts) == (3, 3)


def test_our_own_defects_are_not_swallowed(replay, send):
    replay.serve(PAGES, b"\xff\n")
    with pytest.raises(UnicodeDecodeError):
        pull(Paged(), WINDOW, send)


def test_a_chain_stops_at_the_first_that_completes(replay, send):
    replay.serve(PAGES, Served(b"", 403), b"a\n")
    tried = pull_chain(
        [Paged("one"), Paged("two"), Paged("three")], WINDOW, lambda connector, window: pull(connector, window, send)
    )
    assert [(p.source, p.complete) for p in tried] == [("one", False), ("two", True)]
    assert isinstance(tried[0].error, Refused)


def test_a_source_that_keeps_its_newest_only_is_followed_by_the_next_for_the_whole_window(replay, send):
    replay.serve(PAGES, b"newest\n", b"older\nnewest\n")
    short = Paged("one")
    short.reach = timedelta(hours=1)  # of the two that are asked for
    tried = pull_chain(
        [short, Paged("two"), Paged("three")], WINDOW, lambda connector, window: pull(connector, window, send)
    )
    assert [(p.source, p.complete, p.reached) for p in tried] == [
        ("one", True, END - timedelta(hours=1)),
        ("two", True, None),
    ]
    assert tried[1].window == WINDOW


def test_a_stand_in_is_asked_from_where_the_one_that_failed_began(replay, send):
    replay.serve(PAGES, Served(b"", 403), b"a\n")
    later = Window(END - timedelta(hours=1), END)
    tried = pull_chain(
        [Paged("one"), Paged("two")],
        lambda c: WINDOW if c.source == "one" else later,
        lambda connector, window: pull(connector, window, send),
    )
    assert [p.window for p in tried] == [WINDOW, WINDOW]


def test_a_chain_that_fails_whole_says_why_each(replay, send):
    replay.serve(PAGES, Served(b"", 403))
    tried = pull_chain([Paged("one"), Paged("two")], WINDOW, lambda connector, window: pull(connector, window, send))
    assert [p.complete for p in tried] == [False, False]


class OnePage(Paged):
    def __init__(self) -> None:
        super().__init__("one page", max_pages=1)


def test_a_source_of_one_page_is_asked_whether_it_has_changed(replay, send):
    replay.serve(
        PAGES,
        Served(b"a\n", 200, {"ETag": '"v1"', "Last-Modified": "Sat, 29 Mar 2025 01:00:00 GMT"}),
        Served(b"", 304),
    )
    first = pull(OnePage(), WINDOW, send)
    assert (first.validators.etag, first.validators.last_modified) == ('"v1"', "Sat, 29 Mar 2025 01:00:00 GMT")
    second = pull(OnePage(), WINDOW, send, validators=first.validators)
    asked = replay.asked[1].headers
    assert (asked["if-none-match"], asked["if-modified-since"]) == ('"v1"', "Sat, 29 Mar 2025 01:00:00 GMT")
    assert (second.complete, second.not_modified, second.records) == (True, True, ())


def test_validators_of_another_question_or_of_paged_sources_are_not_sent(replay, send):
    replay.serve(PAGES, Served(b"a\n", 200, {"ETag": '"v1"'}))
    validators = pull(OnePage(), WINDOW, send).validators
    other = replace(validators, question=f"{PAGES} page=2")
    assert not pull(OnePage(), WINDOW, send, validators=other).not_modified
    paged = pull(Paged(), WINDOW, send, validators=validators)
    assert paged.validators is None
    assert all("if-none-match" not in asked.headers for asked in replay.asked)


def test_a_feed_that_sends_the_same_bytes_again_is_not_read_again(replay, send):
    class Newspaper(OnePage):
        record = Article

    replay.serve(PAGES, b"a\n", b"a\n", b"b\n")
    first = pull(Newspaper(), WINDOW, send)
    assert pull(Newspaper(), WINDOW, send, validators=first.validators).not_modified
    third = pull(Newspaper(), WINDOW, send, validators=first.validators)
    assert (third.not_modified, third.records) == (False, ("b",))
    # A market's figure may be stamped with the time of asking: the same bytes later are another reading.
    replay.serve(PAGES, b"a\n")
    assert pull(OnePage(), WINDOW, send).validators is None


def test_a_failed_pull_has_no_validators(replay, send):
    replay.serve(PAGES, Served(b"broken", 200, {"ETag": '"v1"'}))
    assert pull(OnePage(), WINDOW, send).validators is None


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="ascii", exclude_characters="\n\r"), min_size=1), min_size=1),
        min_size=1,
        max_size=8,
    )
)
def test_cutting_a_list_into_pages_changes_nothing(pages):
    """Law: the records are the concatenation, wherever the page breaks lie."""
    numbered = [[f"{n}.{m} {line}" for m, line in enumerate(page)] for n, page in enumerate(pages)]

    def send(request, limits):
        n = int(request.params["page"])
        return Answer("\n".join([*numbered[n - 1], f"next {n + 1}" if n < len(numbered) else ""]).encode())

    pulled = pull(Paged(), WINDOW, send)
    assert pulled.complete
    assert pulled.records == tuple(line for page in numbered for line in page)
