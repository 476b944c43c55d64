"""Where the words that tie a figure to its subject begin.

Pure.
"""

from __future__ import annotations

import re

from analysis.claim_plain import is_plain
from analysis.links import Link
from analysis.subjects import Subject

_CUT = re.compile(r"[,–—;]|\b(?:and|but|while|before|after)\b|[-(] ")
_TAKES_UP = re.compile(
    r"(?:[,–—(;-]| )*(?:(?:and|but|now|currently|still|also|then|before|after|while|with|is|was|has|have|had"
    r"|been|to|a|an|"
    r"its|the|it|price|briefly|recently|already) )*"
    r"(?:trad(?:es?|ed|ing)|chang(?:es|ed|ing) hands|sits?|sitting|sat|hover\w*|stand\w*|stood|up|down"
    r"|fall\w*|fell|dropp?\w*|"
    r"slid\w*|slipp?\w*|sink\w*|sank|plung\w*|dipp?\w*|tumbl\w*|crash\w*|r[io]s\w+|climb\w*|jump\w*|surg\w*"
    r"|soar\w*|rall\w+|"
    r"rebound\w*|recover\w*|gain\w*|los[ti]\w*|shed\w*|add(?:ed|ing)|declin\w*|hitt?(?:ing)?|reach(?:ed|ing)"
    r"|touch(?:ed|ing)|"
    r"break\w*|cross\w*|push\w*|bringing|pushing|sending|lifting|mark(?:s|ing|ed)|reflect(?:s|ing)"
    r"|represent(?:s|ing)|"
    r"record(?:s|ing|ed)|post(?:s|ing|ed)|register(?:s|ing|ed)|show(?:s|ing)|notch\w*|peak(?:ed|ing)"
    r"|retreat\w*|pull\w*|"
    r"consolidat\w+|settl\w+|plummet\w*|increas\w+|decreas\w+|priced|valued|closing|closed|bounc\w+"
    r"|outperform\w*)\b"
)


#: Directly behind a subject that a later verb may take up: no noun of which it is but the owner.
_GOES_WITH = re.compile(r" ?(?:[,–—(;:-]|$)| (?:(?!of\b|for\b)[a-z]+)\b")


#: Behind "below its all-time high": the high itself.
_OF_THE_ATH = re.compile(r" ?(?:price )?(?:of|at|near|around|above|\()")


#: Before a subject that heads its clause.
_HEADS = re.compile(r"(?:^|[,;:.–—]|\b(?:and|while|but|as|with|that|where|although|though|meanwhile|the|of)) ?$", re.I)


def base_of(link: Link, subjects: list[Subject], last: Subject | None, last_end: int) -> int:
    """Where the words that tie a figure to its subject begin: behind the subject, behind the figure stated of it
    before, or where a later verb takes it up."""
    subject, text, figure = link.subject, link.text, link.figure
    end = subject.end
    if subject.quantity not in ("price", "dominance", "total_market_cap") or figure.large:
        return end
    ath = last is not None and last.quantity == "drawdown_from_ath" and _OF_THE_ATH.match(text, last_end)
    same = not ath and last is not None and last.start == subject.start and end < last_end <= figure.start
    if same and _TAKES_UP.match(text, last_end, figure.start) and is_plain(text[last_end : figure.start]):
        return last_end
    if is_plain(text[end : figure.start]):
        return end
    if same and is_plain(text[last_end : figure.start]):
        return last_end
    if not _GOES_WITH.match(text, end):
        return end
    several = any(one.asset not in ("", subject.asset) for one in subjects if one.quantity == "price")
    if several and not _HEADS.search(text[max(link.begin, subject.start - 14) : subject.start]):
        return end
    cuts = [match.start() for match in _CUT.finditer(text, max(end, figure.start - 90), figure.start)]
    for cut in reversed(cuts[-3:]):
        words = text[cut : figure.start]
        if _TAKES_UP.match(words) and is_plain(words):
            return cut
    return end
