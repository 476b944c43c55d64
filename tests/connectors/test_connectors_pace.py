"""Requests to one host keep their distance, whoever asks."""

from __future__ import annotations

import itertools
import threading

from hypothesis import given
from hypothesis import strategies as st

from connectors.pace import Pace


class Clock:
    """Time that passes only by sleeping; several may sleep at once."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_two_sources_of_one_host_wait_for_each_other_and_another_host_for_neither():
    clock = Clock()
    pace = Pace(lambda: clock.now, clock.sleep)
    pace.wait("api.example", 2.0)
    pace.wait("other.example", 2.0)
    assert clock.now == 0.0
    pace.wait("api.example", 0.5)  # the request before asked for two seconds
    assert clock.now == 2.0
    pace.wait("api.example", 2.0)
    assert clock.now == 2.5


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 5)), max_size=20))
def test_no_two_requests_are_nearer_than_asked(steps):
    clock, turns = Clock(), []
    pace = Pace(lambda: clock.now, clock.sleep)
    for busy, interval in steps:
        clock.now += busy
        pace.wait("api.example", interval)
        turns.append((clock.now, interval))
    for (before, interval), (after, _) in itertools.pairwise(turns):
        assert after - before >= interval - 1e-9


def test_threads_get_turns_of_their_own():
    slept = []
    pace = Pace(lambda: 0.0, slept.append)
    threads = [threading.Thread(target=pace.wait, args=("api.example", 1.0)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(slept) == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]  # and the first did not wait
