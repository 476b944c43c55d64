"""Parsing in a process of its own: what goes wrong there stays there, and ends."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from bad_parsers import AT, Attack, Forged, Own, OwnRecords, Parser

from connectors import errors
from connectors.contained import Contained
from connectors.errors import BadAnswer, RateLimited
from connectors.records import Indicator, Page, Reject, Request

REQUEST = Request("https://bad.example/", datetime(2025, 3, 29, tzinfo=UTC), state={"cursor": "c"})


@pytest.fixture(scope="module")
def contained():
    with Contained(parse_s=30) as contained:
        yield contained


def worker(contained, connector="well"):
    """The process id of the child that parsed."""
    return contained.parse(Parser(connector), REQUEST, b"").records[0].label


def test_a_page_comes_back_as_it_was_made(contained):
    page = contained.parse(Parser("well"), REQUEST, b"12345")
    [value] = page.records
    assert value == Indicator("bad", "length", AT, 5.0, AT, 60, label=value.label)
    assert page.rejects == (Reject("why", "what"),)
    assert page.next == Request("https://bad.example/2", AT, state={"page": 2})
    assert value.label != str(os.getpid())


def test_one_process_reads_many_answers(contained):
    assert len({worker(contained) for _ in range(5)}) == 1


def test_what_a_parser_changes_on_itself_is_lost(contained):
    parser = Parser("remember")
    contained.parse(parser, REQUEST, b"")
    assert parser.does == "remember"


@pytest.mark.parametrize("parser", ["keep_looping", "loop_in_c", "loop_unalarmed"])
def test_a_parse_that_does_not_end_is_ended(parser):
    with Contained(parse_s=1.0) as contained:
        first = worker(contained)
        began = time.monotonic()
        with pytest.raises(
            BadAnswer, match=r"bad\.example/ answered with 4 bytes that took longer than 1 s to read; skip"
        ):
            contained.parse(Parser(parser), REQUEST, b"body")
        assert time.monotonic() - began < 5
        assert worker(contained) != first


@pytest.mark.parametrize(
    ("parser", "how"), [("leave", "exit code 3"), ("quit_politely", "exit code 4"), ("segfault", "signal 11")]
)
def test_a_parse_that_ends_its_process_is_a_bad_answer(contained, parser, how):
    with pytest.raises(BadAnswer, match=rf"ended the process that read them \({how}\); skipped"):
        contained.parse(Parser(parser), REQUEST, b"")
    assert worker(contained)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems don't keep to a limit of memory")
def test_a_parse_that_eats_the_memory_is_a_bad_answer():
    with Contained(memory_bytes=400_000_000) as contained:
        first = worker(contained)
        with pytest.raises(BadAnswer, match="took more than 400 MB to read; skipped"):
            contained.parse(Parser("eat"), REQUEST, b"")
        assert worker(contained) != first
        contained.parse(Parser("eat_slowly"), REQUEST, b"")  # 100 MB are its good right


def test_what_a_parser_raises_comes_back(contained):
    first = worker(contained)
    with pytest.raises(BadAnswer, match=r"^https://bad\.example/ is not what it was: ünïcode$"):
        contained.parse(Parser("refuse"), REQUEST, b"")
    with pytest.raises(RateLimited, match="too often") as caught:
        contained.parse(Parser("ask_to_wait"), REQUEST, b"")
    assert caught.value.retry_after_s == 7.5
    assert worker(contained) == first, "an error is no reason for a new process"


def test_a_defect_of_a_parser_comes_back_as_a_defect_with_its_traceback(contained):
    with pytest.raises(KeyError, match="missing") as caught:
        contained.parse(Parser("fail"), REQUEST, b"")
    assert "in fail" in caught.value.__notes__[0]
    with pytest.raises(RuntimeError, match=r"(?s)bad's parser failed on .*in fail_unsendably.*Unsendable: one"):
        contained.parse(Parser("fail_unsendably"), REQUEST, b"")


@pytest.mark.parametrize(
    "kind", [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.SourceError)]
)
def test_every_error_survives_the_way_between_processes(kind):
    sent = kind("said", 3.0) if kind is RateLimited else kind("said")
    got = pickle.loads(pickle.dumps(sent))
    assert (type(got), str(got), vars(got)) == (kind, "said", vars(sent))


@pytest.mark.parametrize("parser", ["print_a_lot", "read_what_is_not_meant_for_it"])
def test_what_a_library_prints_or_reads_does_not_get_in_between(contained, parser):
    for _ in range(3):
        assert contained.parse(Parser(parser), REQUEST, b"123").records[0].value == 3.0


def test_the_child_knows_no_keys(contained, monkeypatch):
    monkeypatch.setenv("CMC_PRO_API_KEY", "CMC-secret")
    with Contained() as contained, pytest.raises(BadAnswer) as caught:
        contained.parse(Parser("tell_the_environment"), REQUEST, b"")
    assert "PYTHONPATH" in str(caught.value)
    assert "CMC_PRO_API_KEY" not in str(caught.value)


def test_records_may_be_the_connectors_own_kind(contained):
    [record] = contained.parse(OwnRecords("well"), REQUEST, b"").records
    assert isinstance(record, Own)


@pytest.mark.parametrize("connector", [Attack("x"), Forged("no pickle at all"), Forged("a string")])
def test_the_parent_takes_records_and_errors_and_calls_nothing(connector):
    with Contained() as contained:
        with pytest.raises(BadAnswer, match="send no page"):
            contained.parse(connector, REQUEST, b"")
        assert worker(contained)


def test_a_connector_that_cannot_be_sent_says_so_and_harms_nothing(contained):
    parser = Parser("well")
    parser.hook = lambda: None
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        contained.parse(parser, REQUEST, b"")
    assert worker(contained)


def test_a_child_that_died_while_idle_is_replaced_unnoticed(contained):
    first = worker(contained)
    os.kill(int(first), signal.SIGKILL)
    time.sleep(0.2)
    assert worker(contained) != first


def test_eight_threads_share_two_processes(contained):
    with ThreadPoolExecutor(8) as threads:
        bodies = [b"x" * n for n in range(40)]
        pages = list(threads.map(lambda body: contained.parse(Parser("well"), REQUEST, body), bodies))
    assert [page.records[0].value for page in pages] == [float(n) for n in range(40)]
    assert len({page.records[0].label for page in pages}) <= 2


def test_a_slow_parse_does_not_hold_up_another_and_waiting_does_not_count():
    with Contained(parse_s=2.0, workers=2) as contained, ThreadPoolExecutor(8) as threads:
        slow = threads.submit(contained.parse, Parser("keep_looping"), REQUEST, b"")
        # 15 naps of 0.2 s wait for the one free process for 3 s: longer than any of them may take itself.
        quick = [threads.submit(contained.parse, Parser("nap"), REQUEST, b"") for _ in range(15)]
        assert all(isinstance(done.result(), Page) for done in quick)
        with pytest.raises(BadAnswer, match="took longer than 2 s"):
            slow.result()


def gone(pid):
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_closing_ends_the_processes():
    with Contained() as contained:
        child = int(worker(contained))
    assert gone(child)


@pytest.mark.parametrize(("parser", "limit_s"), [("keep_looping", 60.0), ("loop_in_c", 0.5)])
def test_a_child_goes_with_its_killed_parent_even_in_the_middle_of_a_parse(parser, limit_s):
    """Within a regular expression only the system's alarm reaches it: ``GRACE_S`` after its time."""
    script = f"""
        import os, sys, threading, time
        from bad_parsers import AT, Parser
        from connectors.contained import Contained
        from connectors.records import Request
        contained, request = Contained(parse_s={limit_s}), Request("https://bad.example/", AT)
        pid = contained.parse(Parser("well"), request, b"").records[0].label
        threading.Thread(target=contained.parse, args=(Parser({parser!r}), request, b""), daemon=True).start()
        time.sleep(0.3)
        print(pid, flush=True)
        os.kill(os.getpid(), 9)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert gone(int(done.stdout))
