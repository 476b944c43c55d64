"""What a web page states of its article: who wrote and published it, and where it belongs.

JSON-LD (https://schema.org/NewsArticle) comes before meta elements (https://ogp.me/#type_article). Nothing is guessed
from layouts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from analysis.page_text import plain

#: Of a title, a name or another statement, in characters.
LONGEST = 2_000
_BEFORE_SITE = (" | ", " - ", " — ", " – ")
_ARTICLE = re.compile(r"(?:Article|BlogPosting|Report|LiveBlogPosting)$")


def elements(tree: HtmlElement) -> dict[str, str]:
    """The meta elements by their name; of two with one name, the first."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        content = words(element.get("content") or element.get("value"))
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


def title(tree: HtmlElement, meta: Mapping[str, str], linked: Mapping) -> str | None:
    """The headline, without the site's name after it; where a title goes on otherwise, what its first heading shows."""
    stated = words(linked.get("headline")) or meta.get("og:title") or words(tree.findtext(".//title"))
    heading = tree.find(".//h1")
    shown = words(heading.text_content()) if heading is not None else None
    if stated and shown and stated.startswith(shown) and re.match(r" ?[|–—·»-] ", stated[len(shown) :]):
        return shown
    for site in filter(None, (meta.get("og:site_name"), names(linked.get("publisher")))):
        if (
            stated
            and stated[-len(site) :].casefold() == site.casefold()
            and stated[: -len(site)].endswith(_BEFORE_SITE)
        ):
            return stated[: -len(site) - len(_BEFORE_SITE[0])].rstrip() or stated
    return stated


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
    every = [
        one.get("name") if isinstance(one, dict) else one for one in (value if isinstance(value, list) else [value])
    ]
    return ", ".join(filter(None, map(words, every[:5]))) or None


def words(value: object) -> str | None:
    return plain(value[:LONGEST]) or None if isinstance(value, str) else None


def language(tree: HtmlElement) -> str | None:
    match = re.match(r"[A-Za-z]{2,3}(?=$|[-_])", tree.get("lang") or "")
    return match[0].lower() if match else None
