"""A loopback server that answers as the providers do, from recorded or written payloads.

It stands behind the real ``Transport`` (and through it the real ccxt classes)::

    replay.serve("https://api.coingecko.com/api/v3/global", body)
    transport = Transport(base_url=replay.base_url)   # the real host is the first path segment

One address may be given several answers: they come in order, and the last one stays.
"""

from __future__ import annotations

import json
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

Query = dict[str, str]
Body = bytes | Path | Callable[[Query], bytes]


@dataclass(frozen=True)
class Answer:
    body: Body = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    after_s: float = 0.0  # wait before the status line
    drip_s: float = 0.0  # wait between the bytes of the body
    raw: bool = False  # ``body`` is the whole answer, status line and all, and the connection closes after it


@dataclass(frozen=True)
class Asked:
    """One request as it arrived; ``url`` is the real one, without its query."""

    url: str
    query: Query
    headers: Mapping[str, str]


class Replay:
    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._routes: dict[str, list[tuple[Query, list[Answer]]]] = {}
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.replay = self
        self.base_url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def serve(self, url: str, *answers: Answer | Body, **query: str) -> None:
        """Answer ``url`` whatever its query, or only where the parameters in ``query`` have these values.

        Serving the same again takes the place of what was served.
        """
        parts = urlsplit(url)
        given = [a if isinstance(a, Answer) else Answer(a) for a in answers]
        routes = self._routes.setdefault(f"/{parts.netloc}{parts.path}", [])
        routes[:] = [route for route in routes if route[0] != query] + [(query, given)]
        routes.sort(key=lambda route: -len(route[0]))  # the most particular first

    def serve_recorded(self, shared: Path, *files: str, url: str | None = None) -> None:
        """Answer with recordings at the addresses, statuses and headers that their index states."""
        index = {entry["file"]: entry for entry in json.loads((shared / "recordings/INDEX.json").read_text())}
        for file in files:
            entry = index[file]
            headers = {
                k: v for k, v in (entry["headers"] or {}).items() if k.lower() in ("content-type", "retry-after")
            }
            answer = Answer(shared / "recordings" / file, entry["status"] or 200, headers)
            self.serve(url or entry["url"].partition("?")[0], answer)

    def urls(self) -> list[str]:
        return [asked.url for asked in self.asked]

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, target: str, headers: Mapping[str, str]) -> Answer:
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        with self._lock:
            self.asked.append(Asked(f"https:/{parts.path}", query, headers))
            for wanted, answers in self._routes.get(parts.path, ()):
                if wanted.items() <= query.items():
                    answer = answers.pop(0) if len(answers) > 1 else answers[0]
                    body = answer.body(query) if callable(answer.body) else answer.body
                    body = body.read_bytes() if isinstance(body, Path) else body
                    return replace(answer, body=body)
        return Answer(b'{"replay": "nothing is served here"}', 404)

    def wait(self, seconds: float) -> None:
        self._closing.wait(seconds)


@contextmanager
def listening(behave: Callable[[socket.socket, threading.Event], None]) -> Iterator[int]:
    """A port of this machine where each connection is given to ``behave``, with the event that ends the test.

    ``listening(hang)`` accepts and never says a word: no answer, and no TLS handshake.
    """
    closing = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            behave(self.request, closing)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads, block_on_close = True, False

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that hangs up early is part of these tests."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server.server_address[1]
        closing.set()
        server.shutdown()
        thread.join()


def hang(connection: socket.socket, closing: threading.Event) -> None:
    closing.wait()


class _Server(ThreadingHTTPServer):
    replay: Replay
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up early is part of these tests."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        replay = self.server.replay
        answer = replay.answer(self.path, {k.lower(): v for k, v in self.headers.items()})
        replay.wait(answer.after_s)
        if answer.raw:
            self.close_connection = True
            self._send(answer)
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if "content-length" not in map(str.lower, answer.headers):
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self._send(answer)

    def _send(self, answer: Answer) -> None:
        if not answer.drip_s:
            self.wfile.write(answer.body)
            return
        for byte in answer.body:
            self.wfile.write(bytes([byte]))
            self.server.replay.wait(answer.drip_s)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Quiet."""
