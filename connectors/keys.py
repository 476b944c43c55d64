"""Keys from the environment: which one goes where, and that none comes back.

A key is added to what is asked of its own host and hidden wherever it returns: providers quote it in error
messages, redirect with it, and write it into the address of the next page (CryptoPanic).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, quote_plus, unquote, unquote_plus

import httpx

from connectors.errors import Blocked, Refused

HIDDEN = "***"
#: Less than this is no key: hiding it would only spoil the text.
SHORTEST = 6


@dataclass(frozen=True, slots=True)
class Secret:
    """Which host may see the key in ``variable``, and how it is sent: as a header or as a query parameter.

    ``path`` is how an address must begin to get it; the value itself is never kept here.
    """

    host: str
    variable: str
    header: str | None = None
    param: str | None = None
    path: str = ""


SECRETS = (
    # Optional Demo key, https://docs.coingecko.com/demo/reference/authentication
    Secret("api.coingecko.com", "COINGECKO_DEMO_API_KEY", header="x-cg-demo-api-key"),
    # https://coinmarketcap.com/api/documentation; its keyless endpoints lie under /public-api/ and want none
    Secret("pro-api.coinmarketcap.com", "CMC_PRO_API_KEY", header="X-CMC_PRO_API_KEY", path="/v"),
    # https://cryptopanic.com/developers/api/
    Secret("cryptopanic.com", "CRYPTOPANIC_API_KEY", param="auth_token"),
)


class Keys:
    """The keys of one environment."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def value(self, variable: str) -> str:
        """What the environment holds under this name, without blanks around it; empty where nothing."""
        return self._environ.get(variable, "").strip()

    def added(self, url: httpx.URL, address: httpx.URL) -> tuple[httpx.URL, list[tuple[str, str]]]:
        """``address`` with the key that ``url``, the real one, may be asked with, and the headers for it.

        Raises ``Refused`` for a key that cannot be sent, without showing it.
        """
        headers = []
        for secret in SECRETS:
            key = self.value(secret.variable)
            if not key or url.host != secret.host or not url.path.startswith(secret.path):
                continue
            if not (key.isascii() and key.isprintable()):
                raise Refused(f"{url} was not asked: the key in {secret.variable} holds more than plain characters.")
            if secret.header:
                headers.append((secret.header, key))
            if secret.param:
                address = address.copy_set_param(secret.param, key)
        return address, headers

    def hidden(self, text: str) -> str:
        for key in self._spelt():
            text = text.replace(key, HIDDEN)
        return text

    def hidden_in(self, body: bytes) -> bytes:
        for key in self._spelt():
            body = body.replace(key.encode(), HIDDEN.encode())
        return body

    def left_out(self, target: httpx.URL) -> httpx.URL:
        """``target`` of a redirect without the parameters that repeat a key. Raises ``Blocked`` for one elsewhere."""
        if not self._is_in(str(target)):
            return target
        fields = [field for field in target.query.decode().split("&") if not self._is_in(field)]
        target = target.copy_with(query="&".join(fields).encode() or None)
        if self._is_in(str(target)):
            raise Blocked("A redirect leads to an address with a key in it; not followed.")
        return target

    def _is_in(self, address: str) -> bool:
        """Whether a key is in ``address``, however that spells it."""
        return any(self.hidden(read) != read for read in (address, unquote(address), unquote_plus(address)))

    def _spelt(self) -> list[str]:
        """Every key as it stands, and as addresses spell it; the longest first, should one be part of another."""
        held = (self.value(secret.variable) for secret in SECRETS)
        keys = [key for key in held if len(key) >= SHORTEST and key.isascii()]  # others are never sent
        spelt = {form for key in keys for form in (key, quote(key), quote(key, safe=""), quote_plus(key))}
        return sorted(spelt, key=len, reverse=True)
