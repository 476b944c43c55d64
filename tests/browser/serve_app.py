"""``newstape serve`` in a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

START_S = 90


@dataclass(frozen=True)
class Served:
    url: str
    home: Path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(home: Path, environ: Mapping[str, str] | None = None) -> Iterator[Served]:
    """`newstape serve` over a lake, in a process of its own; the person's own list of sources is not read."""
    port = _free_port()
    log = (home.parent / "serve.log").open("w")
    command = [str(Path(sys.executable).parent / "newstape"), "serve", "--home", str(home), "--port", str(port)]
    environ = {**os.environ, "XDG_CONFIG_HOME": str(home.parent / "config"), **(environ or {})}
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environ)
    url = f"http://localhost:{port}"
    try:
        _wait_until_healthy(url, process, Path(log.name))
        yield Served(url, home)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        log.close()


def _wait_until_healthy(url: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"newstape serve ended with {process.returncode}:\n{log.read_text()[-3000:]}")
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"not healthy after {START_S} s:\n{log.read_text()[-3000:]}")
