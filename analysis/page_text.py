"""Text out of a page's elements: plain, without tags, entities or what is not shown.

Pure. All of it is linear in the size of what it is given; nesting costs nothing (the HTML parser ends at 256 levels).
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterable, Iterator

import nh3
from lxml import etree
from lxml.html import HtmlElement

_MARKUP = re.compile(r"<[A-Za-z/!?]|&(?:#\w{1,8}|[A-Za-z]\w{1,30});")
_HALVES = re.compile("[\ud800-\udfff]")  # of characters: JSON can hold them, no table can
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # read by lxml, not taken
_UNSEEN = re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "dd", "div", "dl", "dt", "figcaption", "figure", "footer", "form",
     "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table",
     "td", "th", "tr", "ul"}
)  # fmt: skip
_GONE = "gone"
#: Text of these is none of the site's, or not of its article.
_ELSEWHERE = frozenset({"footer", "nav", "aside", "form"})
#: What holds code, or what stands in for something that is shown otherwise.
_CODE = ("script", "style", "noscript", "template", "object", "embed", "applet", "svg", "math", "iframe", "textarea")


def plain(text: str) -> str:
    """Text that may hold markup, also markup written as entities, as plain text on one line."""
    text = _HALVES.sub("\ufffd", text)
    for _ in range(3):  # entities of entities of entities
        if not _MARKUP.search(text):
            break
        text = entities.unescape(nh3.clean(text, tags=set()))
    return " ".join(text.replace("\u200b", "").replace("\ufeff", "").split())


def inner_text(element: HtmlElement) -> str:
    """What an element shows, one line a block; without what follows it."""
    parts: list[str] = []
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if node.tag == "br" or node.tag in _BLOCKS:
            parts.append("\n")
        if event == "start":
            parts.append(node.text or "")
        elif node is not element:
            parts.append(node.tail or "")
    lines = ("".join(parts)).split("\n")
    return "\n".join(line for line in map(plain, lines) if line)


def remove(tree: HtmlElement, elements: Iterable[HtmlElement]) -> None:
    """Take elements out of the page; what follows them stays."""
    some = False
    for element in elements:
        if element is not tree and element.tag not in ("html", "body"):
            element.tag = _GONE
            some = True
    if some:
        etree.strip_elements(tree, _GONE, with_tail=False)


def remove_unseen(tree: HtmlElement) -> None:
    """Take out comments and what the page hides. Pages that hide all of themselves at first are shown."""
    etree.strip_tags(tree, etree.Comment, etree.ProcessingInstruction)
    remove(tree, [element for element in tree.iter(etree.Element) if _is_unseen(element)])


def remove_code(tree: HtmlElement) -> None:
    etree.strip_elements(tree, *_CODE, with_tail=False)


def merge_text(tree: HtmlElement) -> None:
    """Make one text of the pieces that removals left side by side: as pieces, reading them costs their square."""
    for element in tree.iter(etree.Element):
        element.text, element.tail = _UNFIT.sub("", element.text or ""), _UNFIT.sub("", element.tail or "")


def _is_unseen(element: HtmlElement) -> bool:
    return (
        element.get("hidden") is not None
        or (element.get("aria-hidden") or "").lower() == "true"
        or bool(_UNSEEN.search(element.get("style") or ""))
    )


def outermost(elements: Iterable[HtmlElement]) -> Iterator[HtmlElement]:
    """Those that lie in no other one; in document order, as they come."""
    kept: set[HtmlElement] = set()
    for element in elements:
        if not any(above in kept for above in element.iterancestors()):
            kept.add(element)
            yield element


def is_elsewhere(element: HtmlElement) -> bool:
    """Whether an element is of the site rather than of its article."""
    return any(above.tag in _ELSEWHERE for above in element.iterancestors())
