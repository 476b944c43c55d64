"""What a web page states of its article: who wrote and published it, when, and where it belongs.

JSON-LD (https://schema.org/NewsArticle) comes before meta elements (https://ogp.me/#type_article). Nothing is guessed
from addresses or layouts.
"""

from __future__ import annotations

import html as entities
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

_ARTICLE = re.compile(r"(?:Article|BlogPosting|Report|LiveBlogPosting)$")
_TIMES = ("article:published_time", "og:article:published_time", "datePublished", "parsely-pub-date")


def elements(tree: HtmlElement) -> dict[str, str]:
    """The meta elements by their name; of two with one name, the first."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        content = words(element.get("content"))
        if name and content:
            found.setdefault(name, content)
    return found


def json_ld(tree: HtmlElement) -> dict:
    """The object that describes the page's own article, not one of those it lists; empty where there is none."""
    for element in tree.iter("script"):
        if "ld+json" in (element.get("type") or "").lower():
            try:
                held = json.loads(element.text or "", strict=False)
            except (ValueError, RecursionError):
                continue
            nodes = [node for node in (held if isinstance(held, list) else [held]) if isinstance(node, dict)]
            graphs = [node["@graph"] for node in nodes if isinstance(node.get("@graph"), list)]
            for node in [*nodes, *(inner for graph in graphs for inner in graph)]:
                kinds = node.get("@type") if isinstance(node, dict) else None
                if any(_ARTICLE.search(str(kind)) for kind in (kinds if isinstance(kinds, list) else [kinds])):
                    return node
    return {}


def published(meta: Mapping[str, str], linked: Mapping) -> tuple[datetime | None, str | None, tuple[str, ...]]:
    """The first instant with a zone, how exactly it is stated, and all statements where they do not agree."""
    every = [("datePublished", linked.get("datePublished")), *((name, meta.get(name)) for name in _TIMES)]
    stated = [(name, str(value)) for name, value in every if value]
    instants = [_instant(value) for _, value in stated]
    quoted = [
        f"{name} {value}"[:80] + (" (no zone)" if at is None else "")
        for (name, value), at in zip(stated, instants, strict=True)
    ]
    conflicts = tuple(dict.fromkeys(quoted))
    n = next((n for n, at in enumerate(instants) if at is not None), None)
    if n is None:
        return None, None, conflicts
    if all(at is not None and abs(at - instants[n]) < timedelta(minutes=1) for at in instants):
        conflicts = ()
    return instants[n], "second" if re.search(r"\d:\d\d:\d\d", stated[n][1]) else "minute", conflicts


def _instant(value: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(value.strip())
        return None if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def address(tree: HtmlElement, meta: Mapping[str, str], url: str | None) -> str | None:
    """Where the page says it belongs. A site's front page is no article's address."""
    links = [e.get("href") for e in tree.iter("link") if "canonical" in (e.get("rel") or "").lower().split()]
    for stated in (*links, meta.get("og:url"), url):
        try:
            whole = urljoin(url or "", (stated or "").strip())
            parts = urlsplit(whole)
        except ValueError:
            continue
        if parts.scheme in ("http", "https") and parts.hostname and (parts.path.strip("/") or parts.query):
            return whole
    return None


def names(value: object) -> str | None:
    """The name or names of persons or organisations in JSON-LD."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(names, value[:5]))) or None
    return words(value.get("name") if isinstance(value, dict) else value)


def words(value: object) -> str | None:
    return " ".join(entities.unescape(value).split()) or None if isinstance(value, str) else None


def language(tree: HtmlElement) -> str | None:
    match = re.match(r"[A-Za-z]{2,3}(?=$|[-_])", tree.get("lang") or "")
    return match[0].lower() if match else None
