"""Plain text out of what publishers call text: markup, entities, the word NULL."""

from __future__ import annotations

import html
import re

import nh3

_BREAK = re.compile(r"<(?=/?(?:p|br|div|li|ul|ol|tr|td|h[1-6]|blockquote|figure|figcaption|section)\b)", re.I)
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")  # but tab, newlines
_TAG = re.compile(r"<(/?[a-zA-Z!?][^\s<>/]*)[^<>]*>?")
_LONG_TAG = re.compile(r"[<>][^<>]{10000}")
_HIDDEN = ("script", "style")
_NOTHING = ("", "NULL", "null")
PASSES = 4  # text escaped once too often is common, twice is seen
# nh3 takes time with the square of nested tags, 100 s for 100,000, and of the attributes of one tag.
MANY_TAGS = 2_000
LONG_TEXT = 200_000


def plain_text(text: object) -> str | None:
    """``text`` without tags and entities, on one line; None where nothing is left.

    Escaped markup is unescaped and stripped too, a few levels deep. Lone surrogates become U+FFFD. The
    literal "NULL" that some publishers' templates write counts as nothing. Time grows with length alone.
    """
    if not isinstance(text, str):
        return None
    text = _SURROGATE.sub("\ufffd", text)
    for _ in range(PASSES):
        spaced = _BREAK.sub(" <", text)
        if _heavy(spaced):
            spaced = _without_tags(spaced)
        stripped = html.unescape(nh3.clean(spaced, tags=set()))
        if stripped == text:
            break
        text = stripped
    text = " ".join(_CONTROL.sub("", _SURROGATE.sub("\ufffd", text)).split())
    return None if text in _NOTHING else text


def _heavy(text: str) -> bool:
    many = text.count("<") + text.count(">") > 2 * MANY_TAGS
    return many or len(text) > LONG_TEXT or _LONG_TAG.search(text) is not None


def _without_tags(text: str) -> str:
    """``text`` between its tags, scripts and styles left out: cruder than nh3, and linear."""
    kept, at, hidden = [], 0, ""
    for tag in _TAG.finditer(text):
        if not hidden:
            kept.append(text[at : tag.start()])
        name = tag[1].lower()
        if name == f"/{hidden}":
            hidden = ""
        elif not hidden and name in _HIDDEN:
            hidden = name
        at = tag.end()
    if not hidden:
        kept.append(text[at:])
    return "".join(kept)
