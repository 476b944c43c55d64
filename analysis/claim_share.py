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
    if re.search(rf"\bby (?:(?:{words_of.ABOUT}|just|only) )*$", tail):
        return None
    moved = re.search(rf"(?:{_MOVED}) (?!above|close to){words_of.ABOUT} $", tail)
    if comparator in ("approx", "gt", "lt") and moved and not (subject.asset == "BTC" and _number(link) >= LEAST):
        return None  # "dropped more than 2%"
    when = stated_for(link, baseline=baseline)
    parsed = parse_percent(link.figure.number)
    if when is None or not _possible(subject.asset, parsed) or _OF_SOME.search(link.before[-24:]):
        return None
    return Reading("dominance", subject.asset, *parsed, comparator or "eq", when)


#: Bitcoin's dominance was never less; no change was ever as much.
LEAST = 30
#: Nobody else's was ever more.
MOST_OF_OTHERS = 45


def _number(link: Link) -> float:
    parsed = parse_percent(link.figure.number)
    return parsed[0] if parsed else 0.0


def _possible(asset: str, parsed: tuple[float, float] | None) -> bool:
    """Whether a coin's dominance can have been so much: what is less than Bitcoin's ever was is a change of it."""
    if parsed is None:
        return False
    return LEAST <= parsed[0] <= 100 if asset == "BTC" else 0 < parsed[0] <= MOST_OF_OTHERS


_OF_SOME = re.compile(r"\b(?:social|stablecoin|altcoin|volume|whale|DeFi|TVL) $", re.I)
_MOVED = (
    r"(?:fell|fall\w*|drop\w*|declin\w*|slid\w*|slip\w*|rose|ris\w*|gain\w*|jump\w*|surg\w*|climb\w*|grew"
    r"|lost|up|down|add\w*)"
)
_NOT_THE_MARKET = re.compile(
    r" ?(?:in|of|over|among|by) (?:the )?(?:\w+ )?(?:TVL|total value|layer|tokeniz|DeFi|DEX|stablecoin|ETF"
    r"|open interest|NFT|staking"
    r"|derivatives|futures|"
    r"RWA|volume)|(?: \w+){0,2} (?:zone|resistance|support|mark by)"
)
_SHARE = re.compile(
    r"(?:accounts? for|accounting for|commands?|controls?|controlling|represents?|holds?|makes? up"
    r"|dominat(?:es|ed|ing|e)|captur(?:es|ed|ing)|accounted for|controlled)"
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
    if not behind or not link.subject.asset or supposed(link):
        return None
    if not is_plain(link.words) and not _SHARE.match(link.words.lstrip()):
        return None
    if "dominance" in behind[0]:
        if link.subject.asset != "BTC" and "market" in behind[0]:
            return None
    elif not _SHARE.search(link.words):
        return None
    parsed, when = parse_percent(link.figure.number), stated_for(link)
    if when is None or not _possible(link.subject.asset, parsed):
        return None
    comparator = comparator_of(link.tail) or "eq"
    return Reading("dominance", link.subject.asset, *parsed, comparator, when, end=link.figure.end + behind.end())
