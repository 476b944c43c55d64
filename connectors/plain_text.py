"""Plain text out of what publishers call text: markup, entities, the word NULL."""

from __future__ import annotations

import html
import re

import nh3

_BREAK = re.compile(r"<(?=/?(?:p|br|div|li|ul|ol|tr|td|h[1-6]|blockquote|figure|figcaption|section)\b)", re.I)
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")  # but tab, newlines
_TAG = re.compile(r"<[^<>]*>")
_NOTHING = ("", "NULL", "null")
PASSES = 4  # text escaped once too often is common, twice is seen
MANY_TAGS = 2_000  # nh3 takes time with the square of nested tags: 100 s for 100,000


def plain_text(text: object) -> str | None:
    """``text`` without tags and entities, on one line; None where nothing is left.

    Escaped markup is unescaped and stripped too, a few levels deep. Lone surrogates become U+FFFD. The
    literal "NULL" that some publishers' templates write counts as nothing.
    """
    if not isinstance(text, str):
        return None
    text = _SURROGATE.sub("\ufffd", text)
    if text.count("<") > MANY_TAGS:
        text = _TAG.sub(" ", text)  # simpler, linear: enough for a page that is all markup
    for _ in range(PASSES):
        stripped = html.unescape(nh3.clean(_BREAK.sub(" <", text), tags=set()))
        if stripped == text:
            break
        text = stripped
    text = " ".join(_CONTROL.sub("", _SURROGATE.sub("\ufffd", text)).split())
    return None if text in _NOTHING else text
