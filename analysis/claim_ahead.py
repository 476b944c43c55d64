"""Moves told before their coin is named: "a 5% drop in Bitcoin", "a 5% Bitcoin drop", "After falling 5%, Bitcoin …"."""

from __future__ import annotations

import re

from analysis.claim_moves import NOUN
from analysis.claim_plain import is_plain
from analysis.links import Link
from analysis.subjects import Subject, coin_ahead


def behind(link: Link, noun_end: int) -> Subject | None:
    """The subject of "a 5% drop in Bitcoin"."""
    for subject in link.following:
        gap = link.text[noun_end : subject.start]
        if subject.quantity in ("price", "total_market_cap") and _OF.fullmatch(gap):
            rest = link.text[subject.end : subject.end + 24]
            return subject if _STOPS.match(rest) else None
        break
    return None


_OF = re.compile(
    r"(?: \w+ \w+ (?:\d+ )?\w+)?,? (?:in|for|of|by|on) (?:the |its |both )?(?:price of |value of |broader )?"
    r"|(?: \w+ \w+ (?:\d+ )?\w+)? (?:(?:has|that|which) )?(?:took|taking|taken|sent|sending|dragg(?:ed|ing)"
    r"|push(?:ed|ing)|brought"
    r"|bringing|lift(?:ed|ing)|propell?(?:ed|ing)|drove|driving|pull(?:ed|ing)|left|leaving|saw"
    r"|carried) (?:the )?(?:price of )?"
)
_STOPS = re.compile(
    r"$| (?:back|above|below|past|under|near|up|down|lower|higher)\b| ?[.,;:)—–(]| (?:over|in|shortly|soon"
    r"|since|on|to|as|and|after"
    r"|while|during|this|from|within|amid|that"
    r"|(?!(?:leverag|wrapp|stak|backed|link|relat|denominat|bas)\w*)[a-z]{2,}ed\b"
    r"|which|last|at|for|saw|marks?|marked|came|comes|has|had|have|are|were|does|shows?|signals?|follow\w*|between|the|"
    r"following|today|yesterday|is|was|per (?!share|coin)|so|but|with|overnight|alone|when|early|late|by)\b"
    r"|['’]s price\b"
)


def named_within(link: Link) -> tuple[tuple[int, int, int], Subject] | None:
    """ "A 5% Bitcoin drop": the move and its coin."""
    coin = link.following[0] if link.following else None
    if coin is None or not coin.asset or coin.quantity not in ("price", "total_market_cap"):
        return None
    if link.figure.sign or link.text[link.figure.end : coin.start] != " ":
        return None
    noun = NOUN.match(link.text, coin.end, min(link.end, coin.end + 30))
    return ((1 if noun["up"] else -1, link.figure.start, noun.end()), coin) if noun else None


def fronted(link: Link, end: int, anchor: int) -> Subject | None:
    """The coin of "After falling 5% this week, Bitcoin …", whose move is told before it is named."""
    if link.subject.quantity or not link.following:
        return None
    coin = coin_ahead(link.text, end, link.following)
    if coin is None or _FINITE.search(link.text, end, coin.start):
        return None
    if link.last is not None and link.last.subject == coin:
        return coin  # "After rising 2% on the day and 4% over the week, Bitcoin"
    first = max(link.begin, anchor - 110)
    before = link.text[first : link.figure.start]
    fronts = [front.end() for front in _FRONT.finditer(before) if front.end() <= anchor - first]
    return coin if fronts and is_plain(before[fronts[-1] : anchor - first]) else None


#: Words that open a sentence which will name its subject behind a comma.
_FRONT = re.compile(
    r"(?:^|(?<=[.!?:;] )|(?<= )(?=[A-Z]))(?:(?i:even|and|but|now|currently|already|still) ){0,2}"
    r"(?:(?i:after|following|with|despite|having|since|on the back of|amid|thanks to|fresh off|coming off)\b"
    r"|(?i:trading|priced|sitting|hovering) (?:at|near|around|above|below) [^;%]{2,25}\d[KkM]?,? (?:with|after"
    r"|following|and)?"
    r"|(?i:at) (?:a |an |its )[^,;%]{2,30}\d[KkM]? (?:and|with)"
    r"|(?i:while|despite|though|although) [a-z]+ing [^,;$%]{0,40}(?:with|after|of)?"
    r"|(?i:trading|sitting|standing|changing hands|languishing)"
    r"|(?=(?i:up|down|gaining|rising|falling|climbing|losing|jumping|surging|soaring|dropping)\b))"
)
_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|could|may|might|said|says|rose|fell|while|but|who|which)\b|[.;:] "
)
