"""What "it", "the token" and a bare "total market cap" take up from the words before them.

Pure.
"""

from __future__ import annotations

import re

from analysis.subject_words import whole_market
from analysis.subjects import NEAR, Subject


def next_topic(subjects: list[Subject], topic: str) -> str:
    """What "it" and "the token" will mean behind this sentence."""
    for kind in ("price", "asset_market_cap"):
        named = list(dict.fromkeys(one.asset for one in subjects if one.quantity == kind and one.asset))
        if named:
            break
    if named:
        return named[0] if len(named) == 1 else ""
    return topic


def total_before(text: str, earlier: list[Subject], pronoun: Subject, spans: list[tuple[int, int]], n: int) -> bool:
    """Whether "It" takes up a total: the sentence before, on the same line, speaks of no other amount."""
    if n == 0 or "\n" in text[spans[n - 1][1] : pronoun.start] or pronoun.start != spans[n][0]:
        return False
    return bool(earlier) and all(s.quantity == "total_market_cap" for s in earlier)


_OF_CRYPTO = re.compile(
    r"\b(?:crypto\w*|digital asset) (?:market|sector|space|industry)s?\b[^.$]{0,60}, with (?:the )?$", re.I
)


def of_the_market(text: str, earlier: list[Subject], bare: Subject) -> bool:
    """Whether a bare "total market cap" is the whole market's: crypto is spoken of just before, and its
    sentence has named no coin or other amount."""
    named = [s for s in earlier[:NEAR] if s.start < bare.start and s.quantity != "total_market_cap"]
    coins = {s.asset for s in named if s.quantity == "price"}
    if len(coins) > 1 and len(coins) == len({s.asset for s in named}) and text[bare.start - 4 : bare.start] == "the ":
        return True
    near = text[max(0, bare.start - 600) : bare.start]
    if whole_market(text, max(0, bare.start - 200), bare.start, bare.end):
        return True
    if _OF_CRYPTO.search(near):
        return True
    return not named and bool(re.search(r"\b(?:crypto|cryptocurrenc|digital[ -]asset)", near, re.I))
