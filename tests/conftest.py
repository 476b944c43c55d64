"""What every test stands on: no network beyond this machine, no waiting, reference data where it is."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import stamina
from hypothesis import settings
from replay import Replay  # pytest puts this folder on sys.path

pytest_plugins = ["lake_fixtures"]

# The same examples every time, so that a run can be repeated; NEWSTAPE_EXPLORE=1 looks for new ones.
# No test is timed: how long an example takes depends on what else the machine does.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("exploring", deadline=None)
settings.load_profile("exploring" if os.environ.get("NEWSTAPE_EXPLORE") else "repeatable")

PAYLOADS = Path(__file__).parent / "payloads"


class NetworkBlocked(Exception):
    """A test tried to leave this machine. Not an OSError: no code may take it for a network's."""


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def guarded(connect: Callable[..., object]) -> Callable[..., object]:
        def only_loopback(self: socket.socket, address: object) -> object:
            host = address[0] if isinstance(address, tuple) else "localhost"  # a path: a Unix socket
            if not _is_loopback(host):
                raise NetworkBlocked(f"a test tried to connect to {address}")
            return connect(self, address)

        return only_loopback

    def lookup(host: object, *args: object, **kwargs: object) -> object:
        if host is not None and not _is_loopback(host):
            raise NetworkBlocked(f"a test tried to look up {host!r}")
        return getaddrinfo(host, *args, **kwargs)

    getaddrinfo = socket.getaddrinfo
    monkeypatch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
    monkeypatch.setattr(socket, "getaddrinfo", lookup)


def _is_loopback(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host)
    return name in ("localhost", "::1", "0.0.0.0", "") or name.startswith("127.")


@pytest.fixture(autouse=True)
def _no_backoff() -> Iterator[None]:
    """Retries happen at once, as often as each source's limits say."""
    stamina.set_testing(True, attempts=100, cap=True)
    yield
    stamina.set_testing(False)


@pytest.fixture
def shared() -> Path:
    """The folder of reference data. Named and not there is a failure, so that CI cannot skip by mistake."""
    named = os.environ.get("NEWSTAPE_SHARED")
    if not named:
        pytest.skip("reference data not at hand: NEWSTAPE_SHARED names its folder (the one that holds recordings/)")
    path = Path(named)
    if not (path / "recordings/INDEX.json").exists():
        pytest.fail(f"NEWSTAPE_SHARED names {path}, which does not hold recordings/INDEX.json")
    return path


@pytest.fixture
def payloads() -> Path:
    """Small payloads of documented shape, written for these tests."""
    return PAYLOADS


@pytest.fixture
def make_replay() -> Iterator[Callable[[], Replay]]:
    running: list[Replay] = []

    def make() -> Replay:
        running.append(Replay())
        return running[-1]

    yield make
    for replay in running:
        replay.close()


@pytest.fixture
def replay(make_replay: Callable[[], Replay]) -> Replay:
    return make_replay()
