"""The only place that opens a socket or adds a secret.

ccxt's requests pass through here too (``connectors.exchanges``), so that one set of limits, one sorting of
errors and one ``base_url`` hold for every source.
"""

from __future__ import annotations

import ipaddress
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType

import httpx

from connectors.answers import excerpt, is_html
from connectors.errors import BadAnswer, Blocked, NoAnswer, SourceError, TooBig, for_status
from connectors.records import Limits, Request

MAX_REDIRECTS = 5
ENCODINGS = ("gzip", "deflate", "identity")  # one layer: nested encodings multiply the ratio of a bomb


def _user_agent() -> str:
    try:
        return f"newstape/{version('newstape')} (market-context dashboard; reads public feeds and APIs)"
    except PackageNotFoundError:
        return "newstape (market-context dashboard; reads public feeds and APIs)"


USER_AGENT = _user_agent()


@dataclass(frozen=True, slots=True)
class Secret:
    """A key from the environment, and the one host that is allowed to see it."""

    host: str
    header: str
    variable: str


#: CoinGecko's optional Demo key, https://docs.coingecko.com/demo/reference/authentication
SECRETS = (Secret("api.coingecko.com", "x-cg-demo-api-key", "COINGECKO_DEMO_API_KEY"),)


class Transport:
    """GET over http(s): redirects counted and checked, bytes and seconds capped, errors sorted.

    ``base_url`` sends every request to that address instead, with the real host as first path segment:
    with ``http://127.0.0.1:8000``, ``https://api.coingecko.com/api/v3/global`` is asked of
    ``http://127.0.0.1:8000/api.coingecko.com/api/v3/global``. That is how recorded answers are replayed
    (``newstape refresh --base-url``). Proxies named in the environment are used without ``base_url`` only.
    A secret leaves over https, or over plain http to this machine; never otherwise.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if base_url is not None and httpx.URL(base_url).scheme not in ("http", "https"):
            raise ValueError(f"base_url must begin with http:// or https://, not {base_url!r}")
        self._base_url = base_url.rstrip("/") if base_url else None
        self._environ = environ
        self._clock = clock
        self._client = httpx.Client(follow_redirects=False, trust_env=base_url is None)

    def send(self, request: Request, limits: Limits) -> bytes:
        """The body of the answer to ``request``, decompressed.

        ``limits.timeout_s`` covers the whole of it, redirects included; the wait for a next piece of the
        answer is looked at piece by piece, so that a dripping source may take up to twice as long.
        ``limits.max_bytes`` counts decompressed bytes. Raises the errors of ``connectors.errors``.
        """
        deadline = self._clock() + limits.timeout_s
        url = _with_params(request)
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._hop(url, request.headers, limits, deadline)
            if isinstance(answer, bytes):
                return answer
            url = answer
        raise Blocked(f"{request.url} redirects more than {MAX_REDIRECTS} times, last to {url}.")

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> Transport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _hop(self, url: httpx.URL, headers: Mapping[str, str], limits: Limits, deadline: float) -> bytes | httpx.URL:
        """One request: the body, or the URL it redirects to."""
        address = self._address(url)
        left_s = deadline - self._clock()
        if left_s <= 0:
            raise _too_slow(url, limits)
        try:
            with self._client.stream(
                "GET", address, headers=self._headers(url, address, headers), timeout=left_s
            ) as answer:
                if answer.has_redirect_location:
                    return _redirect(url, answer.headers["location"])
                encoding = answer.headers.get("content-encoding", "identity").strip().lower()
                if encoding and encoding not in ENCODINGS:
                    raise BadAnswer(f"{url} answered in an encoding that was not asked for: {excerpt(encoding)}.")
                if answer.is_success:
                    return self._body(url, answer, limits, deadline)
                raise self._error(url, answer, deadline)
        except httpx.TimeoutException as error:
            raise _too_slow(url, limits) from error
        except httpx.DecodingError as error:
            raise BadAnswer(f"{url} answered with data that does not decompress: {error}.") from error
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError) as error:
            raise Blocked(f"{url} cannot be asked: {error}.") from error
        except httpx.TransportError as error:
            raise NoAnswer(
                f"{url} could not be reached, or the connection broke ({error or type(error).__name__}); "
                "check the network and try again."
            ) from error

    def _body(self, url: httpx.URL, answer: httpx.Response, limits: Limits, deadline: float) -> bytes:
        body = bytearray()
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > limits.max_bytes:
                raise TooBig(
                    f"{url} answered with more than {limits.max_bytes:,} bytes; nothing of it was kept. "
                    "Ask for less at a time, or raise the source's max_bytes."
                )
            if self._clock() > deadline:
                raise _too_slow(url, limits)
        return bytes(body)

    def _error(self, url: httpx.URL, answer: httpx.Response, deadline: float) -> SourceError:
        said = b""
        for piece in answer.iter_bytes():
            said += piece
            if len(said) > 4096 or self._clock() > deadline:
                break
        line = "a web page" if is_html(said) else excerpt(said)
        wait_s = _retry_after_s(answer.headers)
        error = for_status(answer.status_code, str(url), said=line, retry_after_s=wait_s)
        return error or BadAnswer(f"{url} answered status {answer.status_code} without data.")

    def _address(self, url: httpx.URL) -> httpx.URL:
        if url.scheme not in ("http", "https") or not url.host:
            raise Blocked(f"{url} is not an http or https address.")
        if self._base_url is None:
            return url
        return httpx.URL(f"{self._base_url}/{url.netloc.decode()}{url.raw_path.decode()}")

    def _headers(self, url: httpx.URL, address: httpx.URL, asked: Mapping[str, str]) -> dict[str, str]:
        headers = {name: value for name, value in asked.items() if name.lower() not in _OURS}
        headers |= {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate"}
        private = address.scheme == "https" or _is_this_machine(address.host)
        for secret in SECRETS:
            key = self._environ.get(secret.variable)
            if key and private and url.scheme == "https" and url.host == secret.host:
                headers[secret.header] = key
        return headers


_OURS = ("user-agent", "accept-encoding", "host")


def _with_params(request: Request) -> httpx.URL:
    try:
        url = httpx.URL(request.url)
        return url.copy_merge_params(dict(request.params)) if request.params else url
    except httpx.InvalidURL as error:
        raise Blocked(f"{excerpt(request.url)} is not an address: {error}.") from error


def _redirect(url: httpx.URL, location: str) -> httpx.URL:
    try:
        target = url.join(location)
    except httpx.InvalidURL as error:
        raise Blocked(f"{url} redirects to something that is not an address: {error}.") from error
    if target.scheme not in ("http", "https"):
        raise Blocked(f"{url} redirects to {target}, which is not an http or https address.")
    if url.scheme == "https" and target.scheme == "http":
        raise Blocked(f"{url} redirects from https to plain http ({target}); ask for the new address yourself.")
    if _is_private(target.host) and not _is_private(url.host):
        raise Blocked(f"{url} redirects into a private network ({target}).")
    return target


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds asked for by ``Retry-After``, given as a number or as an HTTP date (RFC 9110, 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        wait = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return None
    return max(0.0, wait)


def _too_slow(url: httpx.URL, limits: Limits) -> NoAnswer:
    return NoAnswer(f"{url} did not answer completely within {limits.timeout_s:g} s; try again later.")
