"""Connectors whose parsers go wrong in every way there is; in a module of its own, so that a child can import it."""

from __future__ import annotations

import ctypes
import os
import pickle
import re
import signal
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.errors import BadAnswer, RateLimited
from connectors.records import Indicator, Limits, Page, Reject, Request, Window

AT = datetime(2025, 3, 29, tzinfo=UTC)


@dataclass(frozen=True)
class Own:
    """A record of a package that is not ours."""

    pid: int


class Unsendable(Exception):
    def __init__(self, one: str, two: str) -> None:
        super().__init__(one)  # can't be made again from its args


class Malicious:
    def __reduce__(self) -> object:
        return os.system, ("exit 0",)


class Parser:
    """Does what ``does`` says with whatever it is given."""

    source, record, limits, cadence_s = "bad", Indicator, Limits(), 60.0

    def __init__(self, does: str) -> None:
        self.does = does

    def first(self, window: Window) -> Request:
        return Request("https://bad.example/", asked_at=window.end)

    def parse(self, request: Request, body: bytes) -> Page[Indicator]:
        getattr(self, self.does)(body)
        value = Indicator("bad", "length", AT, float(len(body)), AT, 60, label=str(os.getpid()))
        return Page((value,), (Reject("why", "what"),), Request("https://bad.example/2", AT, state={"page": 2}))

    def well(self, body: bytes) -> None: ...

    def keep_looping(self, body: bytes) -> None:
        while True:
            pass

    def loop_in_c(self, body: bytes) -> None:
        re.match(r"(a+)+$", "a" * 60 + "b")  # holds the interpreter's lock for ages

    def loop_unalarmed(self, body: bytes) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        self.keep_looping(body)

    def nap(self, body: bytes) -> None:
        time.sleep(0.2)

    def leave(self, body: bytes) -> None:
        os._exit(3)

    def quit_politely(self, body: bytes) -> None:
        sys.exit(4)

    def segfault(self, body: bytes) -> None:
        ctypes.string_at(0)

    def eat(self, body: bytes) -> None:
        eaten = []
        while True:
            eaten.append(bytearray(50_000_000))

    def eat_slowly(self, body: bytes) -> None:
        self.held = "x" * 100_000_000

    def refuse(self, body: bytes) -> None:
        raise BadAnswer("https://bad.example/ is not what it was: ünïcode")

    def ask_to_wait(self, body: bytes) -> None:
        raise RateLimited("https://bad.example/ is asked too often", 7.5)

    def fail(self, body: bytes) -> None:
        raise KeyError("missing")

    def fail_unsendably(self, body: bytes) -> None:
        raise Unsendable("one", "two")

    def print_a_lot(self, body: bytes) -> None:
        sys.stdout.write("printed\n" * 10_000)
        sys.stdout.flush()
        os.write(1, b"\0" * 8 + b"written beside Python")
        sys.stderr.write("complained\n" * 10_000)

    def read_what_is_not_meant_for_it(self, body: bytes) -> None:
        assert sys.stdin.read() == ""
        assert os.read(0, 10) == b""

    def tell_the_environment(self, body: bytes) -> None:
        raise BadAnswer(" ".join(os.environ))

    def remember(self, body: bytes) -> None:
        self.does = "changed"


class OwnRecords(Parser):
    record = Own

    def parse(self, request: Request, body: bytes) -> Page[Own]:
        return Page((Own(os.getpid()),))


class Attack(Parser):
    """Sends a pickle that would call something in its parent."""

    def parse(self, request: Request, body: bytes) -> Page[object]:
        return Page((Malicious(),))


class Forged(Parser):
    """Writes into the pipe itself, as a parser that was taken over could."""

    def parse(self, request: Request, body: bytes) -> Page[object]:
        message = pickle.dumps(("page", "no page")) if self.does == "a string" else self.does.encode()
        for descriptor in range(3, 20):
            try:
                os.write(descriptor, len(message).to_bytes(8, "big") + message)
            except OSError:
                continue
        return Page(())
