"""Percentages below the all-time high."""

from __future__ import annotations

import re

from analysis.claim_ahead import fronted
from analysis.claim_percent import how_much, supposed
from analysis.claim_plain import is_plain
from analysis.claim_when import stated_for
from analysis.figures import parse_percent
from analysis.links import Link, Reading

_FROM_ATH = re.compile(
    r" ?,? ?(?:(?:(?:just|still|only|or so) )?(?:below|under|beneath|off(?: of)?|shy of|short of|less than"
    r"|lower than|down on|in comparison (?:to|with)|relative to|"
    r"(?:away|down|lower|back|distant|removed|shy|short) (?:from|of|than)|from|"
    r"(?:(?:price )?(?:drop|dip|decline|discount|pullback|fall|correction|retracement|loss|decrease|slide"
    r"|retreat|drawdown|"
    r"slump|retrace|move|gap|plunge|crash) (?:away )?(?:from|to|off|below|since)))) "
    r"(?:where it was at )?(?:(?:its|the|their|his|a|an|new|New|bitcoin['’]s|BTC['’]s|ETH['’]s|XRP['’]s"
    r"|previous|prior|last|recent|"
    r"current|latest|most|former|new|own|all|historic|historical|lifetime|recorded|the asset['’]s|token['’]s"
    r"|coin['’]s|"
    r"fresh|old|major|that|this|\d{1,2}(?:st|nd|rd|th)?,?|cycle|recently|established|set|hit|recorded|reached|May|June|July|(?P<dated>(?:(?:late"
    r"|early|mid)-?)?(?:January|February|March|April|May|June|July|August|"
    r"September|October|November|December)(?:['’]s)?)|(?P<year>20[12]\d(?:['’]s)?)|week['’]s"
    r"|\$[\d,.]+\d[KkMB]?) ){0,5}"
    r"(?P<what>all[- \u2011]time[- ](?:highs?|peaks?)|ATHs?|record(?:[- ](?:high|peak|price|level)s?)?|peak"
    r"|historical? (?:high|peak))\b"
    r"(?! since|-to| of \d[\d.]*%)",
    re.I,
)
_WITHIN_ATH = re.compile(
    r" of (?:its|the|their|a|an) (?:(?:previous|recent|new|latest|current) )?(?:all[- ]time high|ATH|record)\b"
)


def read_drawdown(link: Link) -> Reading | None:
    """ "27% below its all-time high"; of a mere peak only where no date makes it another than the highest."""
    subject = link.subject
    behind = _FROM_ATH.match(link.text, link.figure.end, min(link.end, link.figure.end + 120))
    within = None
    if not behind:
        within = re.search(r"\bwithin (?:about |just |roughly )?$", link.tail) and _WITHIN_ATH.match(link.after)
    ahead = fronted(link, behind.end(), link.figure.start) if behind else None
    subject = ahead or subject
    if not (behind or within) or not subject.asset or subject.quantity not in ("price", "total_market_cap"):
        return None
    if behind and "peak" in behind["what"] and behind["what"] == "peak":
        named = behind[0]
        if (behind["dated"] and not behind["year"]) or re.search(r"\b(?:recent|cycle|last|week)", named):
            return None
    if supposed(link) or link.asked or not (ahead or _tied(link)) or re.search(r"\b(?:at|to) $", link.tail):
        return None
    if (
        re.search(r"\b(?:up|gain\w*|rose|risen|climb\w*|surge\w*|needs?) (?:\w+ ){0,2}$", link.tail)
        and behind
        and behind[0].lstrip().startswith("from")
    ):
        return None
    parsed = parse_percent(link.figure.number)
    when = link.written.now if _STILL.search(link.words) else stated_for(link)
    if not parsed or when is None or not 0 < parsed[0] < 100:
        return None
    end = link.figure.end + (behind or within).end() - (link.figure.end if behind else 0)
    comparator = "lt" if within else how_much(link.tail)
    return Reading("drawdown_from_ath", subject.asset, -parsed[0], parsed[1], comparator, when, subject=ahead, end=end)


def _tied(link: Link) -> bool:
    """Whether the words before leave the drawdown with the subject, or resume it: ", still 3% below"."""
    return is_plain(link.words) or bool(_RESUMED.search(link.words))


_RESUMED = re.compile(
    r"(?:[,;(–—]|\band|\bbut|\bor) (?:(?:it|it['’]s|is|now|currently|still|just|only|a mere|mere|remains?|trades"
    r"|trading|sits|sitting|down|lower|roughly|about|around|approximately|nearly|almost|less than|more than|over"
    r"|some|already) )*$"
)
#: The date before is the high's, not the drawdown's.
_STILL = re.compile(r"\b(?:is|are|remains?|trades|trading|currently|now|still|sits|stands|[’']s)\b")
