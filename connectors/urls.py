"""One address per article: what readers share, without what campaigns add."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

from connectors.answers import excerpt
from connectors.records import Article, Reject

#: Query parameters that say where a click came from, never which page it is.
TRACKING = re.compile(
    r"(?:utm_|mtm_|pk_|hsa_).*|fbclid|gclid|gbraid|wbraid|dclid|msclkid|yclid|twclid|ttclid|igshid|mc_cid|mc_eid|_hsenc|_hsmi",
    re.I,
)
_PORTS = {"http": 80, "https": 443}


def canonical_url(url: str) -> str:
    """``url`` without tracking parameters and fragment, scheme and host in lower case.

    Path, remaining parameters and their order stay as they are: any of them may matter to the publisher.
    Raises ValueError for what is not an absolute http or https address.
    """
    parts = urlsplit(url.strip())
    host = parts.hostname
    if parts.scheme.lower() not in _PORTS or not host:
        raise ValueError("not an http or https address")
    if ":" in host:
        host = f"[{host}]"
    if parts.port is not None and parts.port != _PORTS[parts.scheme.lower()]:
        host += f":{parts.port}"
    query = "&".join(p for p in parts.query.split("&") if p and not TRACKING.fullmatch(p.partition("=")[0]))
    return urlunsplit((parts.scheme.lower(), host, parts.path or "/", query, ""))


def one_per_address(articles: Iterable[Article]) -> tuple[tuple[Article, ...], tuple[Reject, ...]]:
    """The first article of each address, in their order; every further one is a reject that names its title."""
    first: dict[str | None, Article] = {}
    rejects = []
    for article in articles:
        kept = first.setdefault(article.url, article)
        if kept is not article:
            reason = "item repeated" if kept == article else "same address as another item"
            rejects.append(Reject(reason, excerpt(f"{article.title} {article.url}")))
    return tuple(first.values()), tuple(rejects)
