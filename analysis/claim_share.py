"""Percentages of the whole market: a coin's dominance."""

from __future__ import annotations

import re

from analysis import claim_words as words_of
from analysis.claim_percent import supposed
from analysis.claim_plain import is_plain
from analysis.claim_when import stated_for
from analysis.claim_words import comparator_of
from analysis.figures import parse_percent
from analysis.links import Link, Reading


def read_dominance(link: Link) -> Reading | None:
    """ "Bitcoin dominance at 61.5%": a level, not its change."""
    subject, tail = link.subject, link.tail
    if not subject.asset or link.figure.sign or not is_plain(link.words) or link.asked:
        return None
    if _NOT_THE_MARKET.match(link.after) or re.search(r"\b(?:accounts|weigh\w*|index)\b", link.words):
        return None
    if supposed(link) or re.search(r"\b(?:all-time|record|peak|resistance|support)\b", tail):
        return None
    baseline = bool(words_of.FROM.search(tail)) and not re.search(r"\bto $", tail)
    comparator = comparator_of(tail) if not re.search(r"\b(?:by|of another) $", tail) else None
    if comparator is None and not baseline:
        if not re.fullmatch(r"(?::|,|:? is|:? was| now| currently) ?", link.words):
            return None
        comparator = "eq"
    if comparator in ("approx", "gt", "lt") and re.search(rf"(?:{_MOVED}) (?!above|close to){words_of.ABOUT} $", tail):
        return None  # "dropped more than 2%"
    when = stated_for(link, baseline=baseline)
    parsed = parse_percent(link.figure.number)
    if when is None or parsed is None or not 0 < parsed[0] <= 100:
        return None
    return Reading("dominance", subject.asset, *parsed, comparator or "eq", when)


_MOVED = (
    r"(?:fell|fall\w*|drop\w*|declin\w*|slid\w*|slip\w*|rose|ris\w*|gain\w*|jump\w*|surg\w*|climb\w*|grew"
    r"|lost|up|down|add\w*)"
)
_NOT_THE_MARKET = re.compile(
    r" ?(?:in|of|over|among) (?:the )?(?:\w+ )?(?:tokeniz|DeFi|DEX|stablecoin|ETF|open interest|NFT|staking"
    r"|derivatives|futures|"
    r"RWA|volume)|(?: \w+){0,2} (?:zone|resistance|support|mark by)"
)
_SHARE = re.compile(
    r"(?:accounts? for|accounting for|commands?|controls?|controlling|represents?|holds?|makes? up)"
    r" (?:(?:a|an|over|about|around|roughly|nearly|almost|approximately|more than|dominant|some|just) ){0,3}$"
)
_OF_THE_MARKET = re.compile(
    r" (?:share )?of (?:the )?(?:total |entire |global |overall "
    r"|whole )?(?:crypto(?:currency)?(?:['’]s)? )?market(?: cap(?:itali[sz]ation)?)?\b"
    r"(?! (?:of|volume))| dominance\b| market dominance\b"
)


def read_share(link: Link) -> Reading | None:
    """ "Bitcoin accounts for 64% of the crypto market", "Bitcoin, at 61% dominance"."""
    behind = _OF_THE_MARKET.match(link.after)
    if not behind or not link.subject.asset or supposed(link) or not is_plain(link.words):
        return None
    if "dominance" in behind[0]:
        if link.subject.asset != "BTC" and "market" in behind[0]:
            return None
    elif not _SHARE.search(link.words):
        return None
    parsed, when = parse_percent(link.figure.number), stated_for(link)
    if not parsed or when is None or not 0 < parsed[0] <= 100:
        return None
    comparator = comparator_of(link.tail) or "eq"
    return Reading("dominance", link.subject.asset, *parsed, comparator, when, end=link.figure.end + behind.end())
