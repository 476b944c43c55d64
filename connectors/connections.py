"""How the transport connects: one look-up, every address judged, a judged one connected to, all by a deadline.

``httpx`` has no place for this, so the transport uses ``httpcore`` below it, which takes a network backend
by a public parameter. There a connection is made from a host name and a port; the TLS name, the
certificate check and the ``Host`` header come from the URL and not from here. So connecting to the address
that was judged, instead of letting the socket look the name up again, closes the gap through which a name
that changes its mind (DNS rebinding) would lead into a private network.

Any port is allowed: what is kept out is the private network, and a public machine's ports are public.

**The timeouts given to this backend are instants**, not spans: the ``deadline`` on ``clock`` by which the
answer must be there. ``httpcore`` hands its ``connect``, ``read`` and ``write`` timeouts through untouched,
to each call, on connections that outlive one request; an instant is what makes many short waits (a header
sent byte by byte) end together.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

from connectors.addresses import literal
from connectors.errors import Blocked

Resolve = Callable[..., list[tuple[Any, ...]]]  # called and answering as socket.getaddrinfo
Refusal = Callable[[str], str | None]  # why an address is refused, or None


def system_resolve(*question: Any) -> list[tuple[Any, ...]]:
    return socket.getaddrinfo(*question)


class JudgedBackend(httpcore.NetworkBackend):
    """Connects to judged addresses alone, but for ``exempt`` (host, port): the base URL's, or the proxy's."""

    def __init__(
        self, resolve: Resolve, refusal: Refusal, clock: Callable[[], float], exempt: tuple[str, int] | None = None
    ) -> None:
        self._resolve, self._refusal, self._clock, self._exempt = resolve, refusal, clock, exempt
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Raises ``Blocked`` where any of the host's addresses is refused: a mixed answer is no accident."""
        deadline = timeout or 0.0
        addresses = self._addresses(host, port, deadline)
        failed: Exception = httpcore.ConnectError(f"{host} has no address")
        for tried, address in enumerate(addresses):
            # An address that swallows packets (IPv6 that leads nowhere) must leave time for the next one.
            left_s = self._left(deadline, httpcore.ConnectTimeout) / (len(addresses) - tried)
            try:
                stream = self._plain.connect_tcp(address, port, left_s, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _Stream(stream, self._left)
        raise failed

    def _addresses(self, host: str, port: int, deadline: float) -> list[str]:
        spelt = literal(host)
        found = [spelt] if spelt else self._look_up(host, port, self._left(deadline, httpcore.ConnectTimeout))
        if (host, port) != self._exempt:
            for address in found:
                if why := self._refusal(address):
                    at = "" if address == host else f" is at {address}, which"
                    raise Blocked(f"{host}{at} is {why}: only public addresses are asked.")
        return found

    def _look_up(self, host: str, port: int, left_s: float) -> list[str]:
        """``getaddrinfo`` can't be given a time limit: it runs in a thread of its own, that nothing waits for."""
        answers: queue.SimpleQueue[list[tuple[Any, ...]] | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._resolve(host, port, 0, socket.SOCK_STREAM))
            except Exception as error:
                answers.put(error)

        threading.Thread(target=ask, name=f"look up {host}", daemon=True).start()
        try:
            answer = answers.get(timeout=left_s)
        except queue.Empty:
            raise httpcore.ConnectTimeout(f"looking up {host} took too long") from None
        if isinstance(answer, OSError):
            raise httpcore.ConnectError(f"{host} can't be looked up: {answer}") from answer
        if isinstance(answer, UnicodeError):
            raise Blocked(f"{host} is not a name that can be looked up: {answer}.") from answer
        if isinstance(answer, Exception):
            raise answer
        return list(dict.fromkeys(str(entry[4][0]) for entry in answer))

    def _left(self, deadline: float | None, late: type[Exception]) -> float:
        left_s = (deadline or 0.0) - self._clock()
        if left_s <= 0:
            raise late("the time for this answer is over")
        return left_s


class _Stream(httpcore.NetworkStream):
    """A connection on which every wait ends by the deadline it is given."""

    def __init__(self, stream: httpcore.NetworkStream, left: Callable[[float | None, type[Exception]], float]) -> None:
        self._stream, self._left = stream, left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # A GET fits into the socket's buffer: this doesn't wait for the other side.
        self._stream.write(buffer, self._left(timeout, httpcore.WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left_s = self._left(timeout, httpcore.ConnectTimeout)  # Python's handshake ends as a whole by this
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left_s), self._left)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
