"""Values made once for a key."""

from __future__ import annotations

import threading

import pytest

from data.kept import Kept


def test_threads_that_ask_at_once_wait_for_one_making():
    made, kept, gate = [], Kept(2), threading.Barrier(8)
    found = []

    def make(key):
        made.append(key)
        threading.Event().wait(0.05)
        return object()

    def ask(key):
        gate.wait()
        found.append((key, kept.get(key, lambda: make(key))))

    threads = [threading.Thread(target=ask, args=(n % 2,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [0, 1]
    assert len({id(value) for _, value in found}) == 2


def test_no_more_is_kept_than_was_said_and_what_was_asked_for_last_stays():
    kept = Kept(10, len)
    for key, size in (("a", 4), ("b", 4), ("a", 4), ("c", 5)):
        kept.get(key, lambda size=size: "x" * size)
    assert kept.held == 9
    assert len(kept) == 2
    assert kept.get("a", lambda: pytest.fail("it was there")) == "xxxx"
    assert kept.get("b", lambda: "new") == "new"
    assert kept.get("big", lambda: "y" * 99) == "y" * 99  # held alone
    assert len(kept) == 1


def test_a_making_that_fails_is_tried_again():
    kept = Kept(2)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    assert kept.get("a", lambda: 7) == 7
