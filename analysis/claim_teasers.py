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
    if teaser is None:
        return inside
    resumed = _GOES_ON.search(text, teaser.end(), end)
    goes_on = resumed.end() if resumed else end
    return [one for one in inside if one.start >= goes_on or not _announced(text, teaser, one.start)]


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
    r"(?:^|(?<=[\s.!?”\"]))(?:(?P<title>Related (?:Reading|News|Article|Post)s?|Continue Reading)|Related"
    r"|RELATED|Magazine|Read [Mm]ore"
    r"|READ MORE|Also [Rr]ead|See [Aa]lso|READ ALSO|Must [Rr]ead|Recommended|Up [Nn]ext|More [Ff]or [Yy]ou"
    r"|You [Mm]ight [Aa]lso [Ll]ike): "
)
#: No title goes on like this, the text has begun behind it: "… in one week At press time, the coin trades at".
_GOES_ON = re.compile(
    r" (?:At (?:the )?(?:press time|time of (?:writing|publication|reporting))|As of (?:press time|(?:this )?writing"
    r"|now))\b"
    r"|[a-z\d] (?:With )?[A-Z]\w+ \( ?\$?[A-Z]{2,6} ?\) [a-z]|[a-z] [A-Z]{3,6} is (?:currently |now )?trading at\b"
)
