"""Titles of other articles within a text: what they state is stated elsewhere.

Pure.
"""

from __future__ import annotations

import re

from analysis.figures import Figure


def without_announced(text: str, begin: int, end: int, inside: list[Figure]) -> list[Figure]:
    """The figures of ``text[begin:end]`` that stand in no other article's title. After one in capitals the text
    goes on."""
    teaser = _TEASER.search(text, begin, end)
    return inside if teaser is None else [one for one in inside if not _announced(text, teaser, one.start)]


def _announced(text: str, teaser: re.Match[str], at: int) -> bool:
    if at < teaser.end():
        return False
    if not teaser["title"]:
        return True
    return all(word[0] not in _SMALL or word in _LITTLE for word in text[teaser.end() : at][:300].split())


_SMALL = frozenset("abcdefghijklmnopqrstuvwxyz")
_LITTLE = frozenset("a an the of in to on for as and at by its is with from or vs".split())  # noqa: SIM905
#: What follows is another article's title.
_TEASER = re.compile(
    r"(?:^|(?<=[\s.!?”\"]))(?:(?P<title>Related (?:Reading|News|Article|Post)s?)|Related|RELATED|Magazine|Read [Mm]ore"
    r"|READ MORE|Also [Rr]ead|See [Aa]lso|READ ALSO|Must [Rr]ead|Recommended|Up [Nn]ext|More [Ff]or [Yy]ou"
    r"|You [Mm]ight [Aa]lso [Ll]ike): "
)
