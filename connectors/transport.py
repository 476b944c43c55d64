"""The only place that sends a request or adds a secret.

ccxt's requests pass through here too (``connectors.exchanges``), so that one set of limits, one sorting of
errors and one ``base_url`` hold for every source. How a connection is made, and to which addresses, is in
``connectors.connections``; which key goes where in ``connectors.keys``.
"""

from __future__ import annotations

import os
import re
import time
import urllib.request
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from threading import Lock
from types import TracebackType

import httpcore
import httpx

from connectors.addresses import is_this_machine, literal, named_localhost, not_public
from connectors.answers import excerpt, is_html
from connectors.connections import JudgedBackend, Refusal, Resolve, system_resolve
from connectors.encodings import ENCODINGS, unpacked
from connectors.errors import BadAnswer, Blocked, NoAnswer, SourceError, TooBig, for_status
from connectors.keys import Keys
from connectors.records import Answer, Limits, Request

MAX_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)
KEPT_OPEN_S = 5.0  # an idle connection, for the next page


def _user_agent() -> str:
    try:
        return f"newstape/{version('newstape')} (market-context dashboard; reads public feeds and APIs)"
    except PackageNotFoundError:
        return "newstape (market-context dashboard; reads public feeds and APIs)"


USER_AGENT = _user_agent()


class Transport:
    """GET over http(s): addresses judged, redirects counted and checked, bytes and seconds capped, errors sorted.

    Every address a host resolves to must be public, on every redirect, or nothing is asked; the connection
    goes to the address that was judged. Any port may be asked.

    ``base_url`` sends every request to that address instead, with the real host as first path segment:
    with ``http://127.0.0.1:8000``, ``https://api.coingecko.com/api/v3/global`` is asked of
    ``http://127.0.0.1:8000/api.coingecko.com/api/v3/global``. That is how recorded answers are replayed
    (``newstape refresh --base-url``). That origin, scheme, host and port, may be private; a real host that is
    spelt as a private address is refused all the same.

    Proxies named in the environment (``HTTPS_PROXY``, ``NO_PROXY``) are used without ``base_url`` only. Then
    the proxy looks names up and connects: hosts spelt as private addresses are still refused here, names that
    lead to them are the proxy's to refuse. Its own address may be private.

    A secret leaves over https for its own host, or to a ``base_url`` on this machine; never otherwise, and
    never comes back in a message or an answer.

    ``resolve`` and ``refusal`` stand in for ``socket.getaddrinfo`` and ``addresses.not_public`` in tests.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.monotonic,
        resolve: Resolve = system_resolve,
        refusal: Refusal = not_public,
    ) -> None:
        base = httpx.URL(base_url) if base_url else None
        if base is not None and (base.scheme not in ("http", "https") or not base.host):
            raise ValueError(f"base_url must begin with http:// or https://, not {base_url!r}")
        self._base, self._base_url = base, base_url.rstrip("/") if base_url else None
        self._clock, self._resolve, self._refusal = clock, resolve, refusal
        self._keys = Keys(environ)
        plain = base is not None and base.scheme == "http"  # reading the certificates takes 50 ms
        self._tls = None if plain else httpx.create_ssl_context(trust_env=base is None)
        self._pools: dict[str | None, httpcore.ConnectionPool] = {}
        self._opening = Lock()

    def has(self, variable: str) -> bool:
        """Whether the environment holds something under this name, for sources with ``needs_key``."""
        return bool(self._keys.value(variable))

    def send(self, request: Request, limits: Limits) -> Answer:
        """The answer to ``request``, its body decompressed, its header names in lower case.

        ``limits.timeout_s`` covers the whole of it: look-up, handshake, headers, body and redirects.
        ``limits.max_bytes`` counts decompressed bytes. Status 304 is an answer where the request carried a
        validator (``If-None-Match``, ``If-Modified-Since``). Raises the errors of ``connectors.errors``.
        """
        try:
            return self._send(request, limits)
        except SourceError as error:
            error.args = tuple(self._keys.hidden(arg) if isinstance(arg, str) else arg for arg in error.args)
            raise error from None  # what caused it may quote a key, and is in the message as far as it helps

    def close(self) -> None:
        with self._opening:
            for pool in self._pools.values():
                pool.close()
            self._pools.clear()

    def __enter__(self) -> Transport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _send(self, request: Request, limits: Limits) -> Answer:
        deadline = self._clock() + limits.timeout_s
        url = _with_params(request)
        if why := self._not_asked(url):
            raise Blocked(f"{url.copy_with(userinfo=b'')} is not asked: {why}.")
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._hop(url, request.headers, limits, deadline)
            if isinstance(answer, Answer):
                return answer
            url = self._redirect(url, answer)
        raise Blocked(f"{request.url} redirects more than {MAX_REDIRECTS} times, last to {url}.")

    def _hop(self, url: httpx.URL, asked: Mapping[str, str], limits: Limits, deadline: float) -> Answer | str:
        """One request: the answer, or the location it redirects to."""
        address = self._address(url)
        headers = [(name, value) for name, value in asked.items() if name.lower() not in _OURS]
        keyed, key_headers = self._keys.added(url, address) if self._may_see_keys(url, address) else (address, [])
        try:
            with self._pool(url, address).stream(
                "GET",
                httpcore.URL(scheme=keyed.raw_scheme, host=keyed.raw_host, port=keyed.port, target=keyed.raw_path),
                headers=_encoded(address, headers + key_headers),
                extensions={"timeout": dict.fromkeys(("connect", "read", "write"), deadline)},  # see connections.py
            ) as response:
                answer = self._read(url, response, asked, limits)
                if isinstance(answer, Answer) and (keyed != address or key_headers):
                    return self._without_keys(answer)
                return answer
        except httpcore.TimeoutException as error:
            raise _too_slow(url, limits) from error
        except (zlib.error, EOFError) as error:
            kind = NoAnswer if isinstance(error, EOFError) else BadAnswer
            raise kind(f"{url} answered with data that does not decompress: {error}.") from error
        except (httpcore.UnsupportedProtocol, httpcore.LocalProtocolError) as error:
            raise Blocked(f"{url} cannot be asked: {error}.") from error
        except httpcore.ProxyError as error:
            raise NoAnswer(f"The proxy would not connect to {url} ({error}); check the proxy's settings.") from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise NoAnswer(
                f"{url} could not be reached, or the connection broke ({error or type(error).__name__}); "
                "check the network and try again."
            ) from error

    def _read(
        self, url: httpx.URL, response: httpcore.Response, asked: Mapping[str, str], limits: Limits
    ) -> Answer | str:
        headers = _decoded(response.headers)
        if response.status in REDIRECTS and "location" in headers:
            return headers["location"]
        if response.status == 304 and any(name.lower() in _VALIDATORS for name in asked):
            return Answer(b"", headers, not_modified=True)
        encoding = headers.get("content-encoding", "").strip().lower()
        if not 200 <= response.status < 300:
            raise self._error(url, response, headers, encoding)
        if encoding not in ENCODINGS:
            raise BadAnswer(f"{url} answered in an encoding that was not asked for: {excerpt(encoding)}.")
        body = bytearray()
        for piece in unpacked(response.iter_stream(), encoding):
            body += piece
            if len(body) > limits.max_bytes:
                raise TooBig(
                    f"{url} answered with more than {limits.max_bytes:,} bytes; nothing of it was kept. "
                    "Ask for less at a time, or raise the source's max_bytes."
                )
        return Answer(bytes(body), headers)

    def _without_keys(self, answer: Answer) -> Answer:
        """Of a source that was told a key: CryptoPanic writes it into the address of the next page."""
        headers = {name: self._keys.hidden(value) for name, value in answer.headers.items()}
        return replace(answer, body=self._keys.hidden_in(answer.body), headers=headers)

    def _error(
        self, url: httpx.URL, response: httpcore.Response, headers: Mapping[str, str], encoding: str
    ) -> SourceError:
        """What the status means, with what the source says beside it as far as that can be read."""
        said = b""
        try:
            for piece in unpacked(response.iter_stream(), encoding if encoding in ENCODINGS else ""):
                said += piece
                if len(said) > 4096:
                    break
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, zlib.error, EOFError):
            pass  # the status has been said
        line = "a web page" if is_html(said) else excerpt(self._keys.hidden_in(said))
        if encoding not in ENCODINGS:
            line = ""
        status, wait_s = response.status, _retry_after_s(headers)
        error = for_status(status, str(url), said=line, retry_after_s=wait_s)
        return error or BadAnswer(f"{url} answered status {status} without data.")

    def _redirect(self, url: httpx.URL, location: str) -> httpx.URL:
        try:
            target = self._keys.left_out(_checked(url.join(location)))
        except (httpx.InvalidURL, UnicodeError):
            raise Blocked(
                f"{url} redirects to {excerpt(self._keys.hidden(location))!r}, which is not an address."
            ) from None
        if why := self._not_asked(target):
            raise Blocked(f"{url} redirects to {target.copy_with(userinfo=b'')}, which is not asked: {why}.")
        if url.scheme == "https" and target.scheme == "http" and not self._is_base(target):
            raise Blocked(f"{url} redirects from https to plain http ({target}); ask for the new address yourself.")
        return target

    def _not_asked(self, url: httpx.URL) -> str | None:
        """Why not, as far as the address itself shows it, before anything is looked up or mapped."""
        if url.scheme not in ("http", "https") or not url.host or not 0 < _origin(url)[2] < 65_536:
            return "it is not an http or https address"
        if url.userinfo:
            return "it has a user name or a password before the host"
        if self._is_base(url):
            return None
        spelt = literal(url.host)
        why = self._refusal(spelt) if spelt else "a name of this machine" if named_localhost(url.host) else None
        return f"{spelt or url.host} is {why}, and only public addresses are asked" if why else None

    def _is_base(self, url: httpx.URL) -> bool:
        return self._base is not None and _origin(url) == _origin(self._base)

    def _address(self, url: httpx.URL) -> httpx.URL:
        """Where ``url`` is really asked: there, or below ``base_url``."""
        if self._base_url is None or self._is_base(url):
            return url
        return httpx.URL(f"{self._base_url}/{url.netloc.decode()}{url.raw_path.decode()}")

    def _may_see_keys(self, url: httpx.URL, address: httpx.URL) -> bool:
        return url.scheme == "https" and (self._base is None or is_this_machine(address.host))

    def _pool(self, url: httpx.URL, address: httpx.URL) -> httpcore.ConnectionPool:
        """One pool for what is asked straight, and one for each proxy."""
        proxy = _proxy_for(address) if self._base is None else None
        with self._opening:
            if proxy not in self._pools:
                self._pools[proxy] = self._open(url, proxy)
            return self._pools[proxy]

    def _open(self, url: httpx.URL, proxy: str | None) -> httpcore.ConnectionPool:
        try:
            via = httpx.URL(proxy if "://" in proxy else f"http://{proxy}") if proxy else None
        except httpx.InvalidURL:
            raise Blocked(f"{url} would be asked through a proxy, but what the environment names is none.") from None
        if via is not None and via.scheme not in ("http", "https"):
            raise Blocked(
                f"{url} would be asked through a {via.scheme} proxy, as the environment says; only http and "
                "https proxies can be used."
            )
        exempt = via or self._base
        return httpcore.ConnectionPool(
            ssl_context=self._tls,
            proxy=_httpcore_proxy(via) if via else None,
            max_connections=None,
            keepalive_expiry=KEPT_OPEN_S,
            network_backend=JudgedBackend(
                self._resolve,
                self._refusal,
                self._clock,
                exempt=_origin(exempt)[1:] if exempt else None,
            ),
        )


_OURS = ("user-agent", "accept-encoding", "host")
_VALIDATORS = ("if-none-match", "if-modified-since")


def _with_params(request: Request) -> httpx.URL:
    try:
        url = _checked(httpx.URL(request.url))
        return url.copy_merge_params(dict(request.params)) if request.params else url
    except (httpx.InvalidURL, UnicodeError) as error:
        raise Blocked(f"{excerpt(request.url)} is not an address: {error}.") from error


def _checked(url: httpx.URL) -> httpx.URL:
    """Raises UnicodeError for a host that no name can be, which ``httpx`` only tells who reads it."""
    _ = url.host
    return url


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    port = {"http": 80, "https": 443}.get(url.scheme, 0) if url.port is None else url.port
    return url.scheme, url.raw_host.decode(), port


def _encoded(address: httpx.URL, headers: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    ours = [("User-Agent", USER_AGENT), ("Accept-Encoding", "gzip, deflate")]
    if not any(name.lower() == "accept" for name, _ in headers):
        ours.append(("Accept", "*/*"))
    return [(b"Host", address.netloc), *((name.encode(), value.encode()) for name, value in ours + headers)]


def _decoded(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """One value a name, repeated ones joined by commas (RFC 9110, 5.3)."""
    joined: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _proxy_for(url: httpx.URL) -> str | None:
    """The proxy that the environment, or on macOS and Windows the system, names for ``url``."""
    if urllib.request.proxy_bypass(url.host):
        return None
    proxies = urllib.request.getproxies()
    return proxies.get(url.scheme) or proxies.get("all")


def _httpcore_proxy(url: httpx.URL) -> httpcore.Proxy:
    return httpcore.Proxy(
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=b"/"),
        auth=(url.username, url.password) if url.userinfo else None,
    )


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds asked for by ``Retry-After``, given as a number or as an HTTP date (RFC 9110, 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", value):
        return float(value)
    try:
        wait = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, wait)


def _too_slow(url: httpx.URL, limits: Limits) -> NoAnswer:
    return NoAnswer(f"{url} did not answer completely within {limits.timeout_s:g} s; try again later.")
