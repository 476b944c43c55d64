"""What a page shows beside its article's text: captions of its pictures, and boxes that are the site's own.

Pure. Both are taken out of the page, so that they stand in no paragraph of the article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement

from analysis.page_text import inner_text, is_elsewhere, outermost, plain, remove
from analysis.prose import sentences

MAX_CAPTION = 600
MAX_FIGURES = 200  # that are looked through for a credit
_CAPTION = re.compile(r"(?:^|\s)[\w-]*caption[\w-]*(?=\s|$)", re.I)
_CAPTION_TAGS = frozenset({"p", "span", "div", "figcaption", "small", "em", "i", "cite", "dd", "td"})
_PICTURES = frozenset({"img", "picture", "amp-img", "svg", "canvas", "video", "iframe"})
_NO_CAPTION = frozenset({"img", "picture", "figure", "table", "h1", "h2", "h3", "blockquote", "ul", "ol", "form"})

_BOX = re.compile(
    r"(?:^|[\s_-])(?P<kind>newsletter|sign-?up|subscribe|cookies?|consent|gdpr|disclaimer|disclosure|related(?:-\w+)?|"
    r"recommend(?:ed|ations?)|also-?read|read-?(?:also|next)|share|sharing|social|author-?(?:bio|box|info|card|profile)|"
    r"about-?(?:the-)?author|bio|breadcrumbs?|promo|sponsored|advertisement|most-?(?:read|popular)|trending|outbrain|"
    r"taboola|editorial-?(?:process|policy)|jp-relatedposts|sharedaddy)(?=$|[\s_-])",
    re.I,
)
_BOX_TAGS = frozenset({"div", "section", "aside", "p", "ul", "ol", "form", "table", "footer"})
_OF_NO_USE = re.compile(r"shar|social|breadcrumb|outbrain|taboola|adverti|trending|most", re.I)
MAX_BOX = 2_000
MAX_BOXES = 20


def take_captions(tree: HtmlElement) -> tuple[str, ...]:
    """Captions of the article's pictures in their order, each once; of a picture without one its ``alt`` sentence."""
    found: dict[str, None] = {}
    taken: list[HtmlElement] = []
    for element in outermost(_captions(tree)):
        text = inner_text(element).replace("\n", " ")
        if not text or len(text) > MAX_CAPTION or is_elsewhere(element) or _is_link(element, text):
            continue
        taken.append(element)
        found[text] = None
    told = {holder for element in taken for holder in element.iterancestors("figure")}
    for image in tree.iter("img", "amp-img"):
        figure = next(image.iterancestors("figure"), None)
        text = plain(image.get("alt") or "")
        captioned = figure in told if figure is not None else _beside(image, taken)
        if _is_sentence(text) and not captioned and not is_elsewhere(image) and _is_of_article(image):
            found.setdefault(text, None)
    remove(tree, taken)
    return tuple(found)


def _captions(tree: HtmlElement) -> Iterator[HtmlElement]:
    holding = {holder for node in tree.iter(*_NO_CAPTION) for holder in node.iterancestors()}
    figures = 0
    for element in tree.iter(etree.Element):
        if element.tag == "figcaption":
            yield element
        elif element.tag == "figure" and (figures := figures + 1) <= MAX_FIGURES:
            # Some sites write a credit straight into the figure.
            inner = [node.tag for node in element.iterdescendants(etree.Element)]
            if "figcaption" not in inner and _PICTURES & set(inner) and not set(inner) & (_NO_CAPTION - _PICTURES):
                yield element
        elif element.tag in _CAPTION_TAGS and _CAPTION.search(element.get("class") or "") and element not in holding:
            yield element


def _beside(image: HtmlElement, captions: list[HtmlElement]) -> bool:
    """Whether a caption stands in the box that holds this picture and little else."""
    holders = [holder for _, holder in zip(range(3), image.iterancestors("div", "p", "a"), strict=False)]
    return any(caption.getparent() in holders for caption in captions[:200])


def _is_sentence(text: str) -> bool:
    return 40 <= len(text) <= MAX_CAPTION and text[-1] in ".!?" and len(text.split()) >= 8 and len(sentences(text)) <= 3


def _is_link(element: HtmlElement, text: str) -> bool:
    """Whether a text is nothing but a link, as on the card of another article."""
    if any(above.tag in ("a", "h1", "h2", "h3", "h4") for above in element.iterancestors()):
        return any(above.tag == "a" and above.find(".//img") is None for above in element.iterancestors())
    return _linked(element) >= 0.9 * len(text)


def _linked(element: HtmlElement) -> int:
    return sum(len(" ".join(a.text_content().split())) for a in element.iter("a"))


def _is_of_article(image: HtmlElement) -> bool:
    above = {holder.tag for holder in image.iterancestors()}
    return bool(above & {"article", "main", "figure", "p"}) and "a" not in above


def take_boxes(tree: HtmlElement) -> tuple[str, ...]:
    """Newsletter, cookie, related, author and disclaimer boxes, as a page's own class names call them.

    Only small ones: what holds a heading of the page, three paragraphs or a good part of its text is no box. Share
    buttons and advertisements are taken out and not told.
    """
    body = tree.find("body")
    whole = len((body if body is not None else tree).text_content())
    taken: list[HtmlElement] = []
    told: dict[str, None] = {}
    for element in outermost(_boxes(tree, whole)):
        taken.append(element)
        kind = _BOX.search(_names(element))
        text = inner_text(element).replace("\n", " ")[:MAX_CAPTION]
        if text and kind and not _OF_NO_USE.match(kind["kind"]) and not is_elsewhere(element):
            told[text] = None
    remove(tree, taken)
    return tuple(told)[:MAX_BOXES]


def _names(element: HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"[:1000]


def _boxes(tree: HtmlElement, whole: int) -> Iterator[HtmlElement]:
    for element in tree.iter(*_BOX_TAGS):
        named = _BOX.search(_names(element)) is not None
        if not named and element.tag not in ("ul", "ol"):
            continue
        size = len(element.text_content())
        if size > MAX_BOX or size > 0.4 * whole or _holds_article(element):
            continue
        if named or _is_list_of_links(element):
            yield element


def _is_list_of_links(element: HtmlElement) -> bool:
    """Whether each of three or more items is a link, with a date or a count beside it at most."""
    items = element.findall("li")
    return len(items) >= 3 and all(
        _linked(item) >= 0.6 * max(1, len(" ".join(item.text_content().split()))) for item in items
    )


def _holds_article(element: HtmlElement) -> bool:
    long = 0
    for node in element.iter("p", "h1", "article", "main"):
        if node.tag != "p" or node.get("itemprop") == "articleBody":
            return True
        long += len(node.text_content()) > 150
    return long > 2
