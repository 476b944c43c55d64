"""Percentages of the whole market: a coin's dominance."""

from __future__ import annotations

import re
from dataclasses import replace

from analysis import claim_words as words_of
from analysis.claim_percent import supposed
from analysis.claim_plain import is_plain
from analysis.claim_when import stated_for
from analysis.claim_words import comparator_of
from analysis.figures import Figure, parse_percent
from analysis.links import Link, Reading


def read_dominance(link: Link) -> Reading | None:
    """ "Bitcoin dominance at 61.5%": a level, not its change."""
    subject, tail = link.subject, link.tail
    words = _IN_THE_MARKET.sub("", link.words, count=1)
    since = _SINCE_WHEN.search(words)
    if not subject.asset or link.figure.sign or link.asked or not is_plain(words[: since.start()] if since else words):
        return None
    if _NOT_THE_MARKET.match(link.after) or re.search(r"\b(?:accounts|weigh\w*|index)\b", link.words):
        return None
    if supposed(link) or re.search(r"\b(?:all-time|record|peak|resistance|support)\b", tail):
        return None
    baseline = bool(words_of.FROM.search(tail)) and not re.search(r"\bto $", tail)
    comparator = comparator_of(tail) if not re.search(r"\b(?:by|of another) $", tail) else None
    if comparator is None and not baseline:
        if not re.fullmatch(r"(?::|,|:? is|:? was| now| currently| \(| =|) ?", link.words):
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


_OF_IT = re.compile(r"\bof (?:it|that|the total)$")


def of_another_total(link: Link) -> bool:
    """ "Its share of it": not where the crypto market's total was not just spoken of."""
    if not _OF_IT.search(link.text, link.subject.start, link.subject.end):
        return False
    near = link.text[max(0, link.begin - 250, link.subject.start - 600) : link.subject.start]
    told = link.last is not None and link.last.quantity == "total_market_cap"
    return not (told or _A_TOTAL.search(near)) or bool(_OTHER_TOTAL.search(near + link.words))


#: Behind "dominance", saying no more.
_IN_THE_MARKET = re.compile(
    r"^ (?:rate |index |level |ratio )?(?:available )?(?:in|on|over|of|within) the (?:\w+ ){0,2}"
    r"(?:market|sector|space|industry)\b(?:['’]s)?"
)
#: "(Now 61%), compared with 70% a year ago".
_SINCE_WHEN = re.compile(
    r",? (?:up |down )?(?:compared (?:to|with)|versus|vs\.?|against|from) "
    r"(?:about |around |roughly |nearly |almost |just |over )?$"
)


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
_HEDGED = (
    rf"(?:(?:an?|dominant|further|another|some|just|only|as much as|no less than|{words_of.ABOUT}|over|under"
    r"|less than) ){0,3}"
)
_PARTS = r"(?:(?:a |two[- ]|three[- ])?(?:thirds?|half|quarters?|fifths?),? (?:or )?\(?)?"
_SHARE = re.compile(
    r"\b(?:account(?:s|ed|ing)? for|commands?|commanding|commanded|controls?|controlling|controlled|represents?"
    r"|representing"
    r"|represented|holds?|holding|held|mak(?:es?|ing) up|made up|dominat(?:es|ed|ing|e)|captur(?:es|ed|ing)"
    r"|compris(?:es?|ed|ing)"
    r"|constitut(?:es?|ed|ing)|tak(?:es|ing) up|took up|claim(?:s|ed|ing)|occup(?:ies|ied|ying)|responsible for"
    r"|form(?:s|ing)"
    rf"|enjoy(?:s|ing)|boast(?:s|ing)|maintain(?:s|ing)|worth|equal to|equivalent to) {_HEDGED}{_PARTS}$"
)
#: With a word such as "share" behind the figure.
_HAS = re.compile(rf"\b(?:has|have|had|with|at|having|retain(?:s|ed|ing)|owns?|own(?:ed|ing)) {_HEDGED}$")
_CRYPTO = (
    r"(?:crypto(?:-?currency|-?currencies|-?assets?|s)?"
    r"|digital[ -](?:assets?|currenc(?:y|ies)|tokens?|coins?))(?:['’]s?)?"
)
_WHOLE = r"(?:total|entire|global|overall|whole|combined|aggregate|broader|wider|current)"
_CAPS = r"(?:market[ -]?)?(?:cap(?:itali[sz]ation)?|value|valuation|worth)"
_OF_THE_MARKET = re.compile(
    rf"\)? (?:(?:market )?(?:share|slice|portion|chunk) )?(?:of|in) (?:the |all |all of the )?(?:{_WHOLE} ){{0,2}}"
    rf"(?:{_CRYPTO} (?:market|sector|industry|space|ecosystem)(?:['’]s)?(?: (?:{_WHOLE} )?{_CAPS})?"
    rf"|{_CAPS} of (?:the |all (?:the )?)?{_CRYPTO}(?: market| sector| industry)?|{_CRYPTO} {_CAPS}|(?:market|sector"
    rf"|industry)['’]s (?:{_WHOLE} )?{_CAPS}|market[ -]cap(?:itali[sz]ation)?|market(?: value)?)\b"
    rf"(?: of (?:the |all |all the )?{_CRYPTO})?(?! (?:of|volume|turnover|for|in|share|makers?|orders?))"
    rf"| dominance\b| market dominance\b"
)
_ITS_SHARE = re.compile(r" (?:market )?share\b(?=[ ,.;)]|$)(?! (?:of|in|price|among))")
#: Of a total just spoken of.
_OF_THAT = re.compile(
    r" of (?:it\b|that\b|this\b|(?:the|that|this) (?:total|whole|sum|overall|amount|figure|value|pie)\b"
    r"|the (?:overall|combined|entire)"
    r" (?:total|figure|value|sum|amount|pie|capitali[sz]ation)\b)(?=[ ,.;:)]|$)(?! (?:supply|volume|\w*flows|number"
    r"|open|amount|trad))"
)
_A_TOTAL = re.compile(
    rf"\b(?:{_CRYPTO} (?:market|sector|industry|space)|(?:value|worth|capitali[sz]ation|cap) of (?:all "
    rf"|the )?(?:\w+ )?{_CRYPTO}"
    rf"|(?:total|overall|global|combined|aggregate) (?:{_CRYPTO} )?{_CAPS}|{_CAPS} of all (?:coins|tokens"
    rf"|{_CRYPTO}))\b",
    re.I,
)
_OTHER_TOTAL = re.compile(
    r"\b(?:volumes?|turnover|\w*inflows?|\w*outflows?|ETFs?|funds?|open interest|liquidat\w+|TVL|holdings?|hold"
    r"|suppl(?:y|ies)|reserves?"
    r"|hash ?rate|fees|transactions?|trades|revenues?|donations?|stablecoins?|NFTs?|staked|futures|options)\b"
)
#: Between a coin's own cap and its share: "$2 trillion, or 60% of".
_OR = re.compile(
    rf",? ?\(?(?:(?:or|about|which is|that is|which (?:represents|equals)|and|it is|making|giving it|equal to"
    rf"|representing|i\.e\.|accounting for"
    rf"|making up|constituting|comprising),? )?{_HEDGED}"
)
#: From a coin's dominance to the next coin's, and from that to its figure.
_AND_NEXT = re.compile(
    r"\)?(?: points?)?(?:,? [^.;:$%()]{0,60})?(?:,? (?:and|while|whereas|but|with|versus|against)|,|;| \|"
    r"|,? compared (?:to|with)"
    r"|,? followed by|,? ahead of)(?: (?:the |that of |only |for |second[- ]placed |runner-up |rival "
    r"|in second place,? ?|the second[- ]largest,? ?))*"
    r"(?:(?:dominance|share) of )? ?"
)
_STANDS = re.compile(
    rf"(?:['’]s?)?(?: (?:own |market )?(?:dominance|share))?(?: ?\([A-Z]{{2,5}}\))?(?:,? (?:now|currently|which"
    rf"|meanwhile,?|in second(?: place)?|only|also"
    r"|has|have|had|is|was))*"
    r"(?P<at> (?:(?:stands?|stood|sits?|sitting|hovers?|hovering|remains?|holds?|rests?|comes? in|came in|fell"
    r"|fallen|slipped|dropped|declined|rose|risen"
    r"|climbed|grew|increased|edged (?:up|down)) )?(?:a (?:hair|touch|shade|tad|whisker|little|bit|fraction) |just )?"
    r"(?:at|to|for|around|near|above|below|over|under)|(?<=['’]s) (?:is"
    r"|was)| (?:commands?|commanding|holds?|holding|controls?"
    r"|has|had|having|with|accounts? for|accounted for|accounting for|makes? up|made up|making up|represents?"
    r"|claims?|instructions)| ?\(| ?:|(?<=dominance)(?: is| was)?"
    rf"|(?<=share)(?: is| was)?) ?{_HEDGED}"
)


def read_share(link: Link) -> Reading | None:
    """ "Bitcoin accounts for 64% of the crypto market", "Bitcoin, at 61% dominance", "… while ether's stands at 9%"."""
    subject = replace(link.subject, quantity="price", asset=link.last.asset) if _then(link) else link.subject
    if not subject.asset or subject.quantity not in ("price", "asset_market_cap") or link.figure.sign:
        return None
    behind = _OF_THE_MARKET.match(link.after)
    named = behind and "dominance" in behind[0]
    if named:
        if (subject.asset != "BTC" and "market" in behind[0]) or not is_plain(link.words):
            return None
    elif not (_held(link, behind) or _next_to_a_share(link) or _after_its_cap(link, behind) or _then(link)):
        return None
    if supposed(link) or link.asked:
        return None
    parsed, when = parse_percent(link.figure.number), stated_for(link, baseline=_then(link))
    if when is None or not _possible(subject.asset, parsed):
        return None
    comparator = comparator_of(link.tail) or "eq"
    end = link.figure.end + (behind.end() if behind else 0)
    told = subject if subject is not link.subject else None
    return Reading("dominance", subject.asset, *parsed, comparator, when, subject=told, end=end)


def _then(link: Link) -> bool:
    """ "(accounts for 64% of the market), versus 39% in 2018"."""
    last = link.last
    if last is None or last.quantity != "dominance" or link.subject.start > link.last_end:
        return False
    return bool(_SINCE_WHEN.fullmatch(link.text, link.last_end, link.figure.start))


def _held(link: Link, behind: re.Match[str] | None) -> bool:
    """Whether the words say that the coin holds so much of the market."""
    verb = _SHARE.search(link.words)
    if verb is None and (behind or _ITS_SHARE.match(link.after)) and "share" in link.after[:14]:
        verb = _HAS.search(link.words)
    if verb is None:
        return False
    words = link.words[: verb.start()]
    if not (is_plain(words + " ") or _APPOSED.fullmatch(words)):
        return False
    near = link.text[max(0, link.begin - 250, link.subject.start - 600) : link.subject.start]
    if behind:
        return True
    if _OF_THAT.match(link.after) or _OF_THE_TOTAL.search(link.before):
        return bool(_A_TOTAL.search(near)) and not _OTHER_TOTAL.search(near + link.words)
    if re.search(r"\bof which $", link.before):
        return link.last is not None and link.last.quantity == "total_market_cap"
    shared = _ITS_SHARE.match(link.after)
    return bool(shared) and link.subject.asset == "BTC" and not _OTHER_TOTAL.search(near + link.words)


#: "Of the total market cap of $3 trillion, (bitcoin accounts for)".
_OF_THE_TOTAL = re.compile(
    r"\b[Oo]f (?:the |that |this )(?:total|overall|combined|entire|whole)[^,;%]{0,60}(?:,\d[^,;%]{0,20}){0,4}"
    r", (?:the )?$"
)
_APPOSED = re.compile(
    r",? ?(?:the|a|an|which|by far|still|now) [^,;:$%.]{2,60}(?:,| which| that)? ?(?:still |now |currently |alone )*"
)


def _after_its_cap(link: Link, behind: re.Match[str] | None) -> bool:
    """ "Bitcoin's market cap is $2 trillion, or 60% of the total crypto market cap"."""
    last = link.last
    if not behind or last is None or last.quantity != "asset_market_cap" or last.asset != link.subject.asset:
        return False
    return bool(_OR.fullmatch(link.text, link.last_end, link.figure.start))


def _next_to_a_share(link: Link) -> bool:
    """ "Bitcoin's dominance is 61%, while ether's stands at 9%"."""
    last = link.last
    if last is None or last.quantity != "dominance" or last.asset == link.subject.asset:
        return False
    if not 0 < link.last_end <= link.subject.start:
        return False
    gap = link.text[link.last_end : link.subject.start]
    listed = link.words in (" ", ": ") and gap in (", ", " | ", "; ", " / ", " and ", ", and ")
    if not (listed or _STANDS.fullmatch(link.words)) or _GAIN.match(link.after):
        return False
    return len(gap) < 90 and bool(_AND_NEXT.fullmatch(gap))


_GAIN = re.compile(
    r"[ -](?:\w+ ){0,2}(?:gains?|loss|losses|drop|decline|rise|increase|jump|rally|surge|higher|lower|up|down"
    r"|of (?!the|all|total|market|crypto))\b"
)


#: Takes up the dominance that the sentence before told: "Now it's at 54%".
_IT_STANDS = re.compile(
    r"(?:(?:But|And|Yet|Still|Since then|By contrast|In contrast),? )?(?:(?:[Nn]ow|[Tt]oday|[Cc]urrently"
    r"|[Aa]t (?:the )?press time|[Aa]t present),? )?"
    r"(?:(?:[Ii]t|[Tt]hat)(?:['’]s)?|[Tt]h(?:e|at) (?:figure|metric|gauge|share|number|ratio|reading|level))(?= )"
)
_NOW_AT = re.compile(
    r"(?: (?:is|was|has|have|now|currently|since|then|later|still|today|already|also|just|had|stands?|stood|sits?"
    r"|sitting|hovers?|hovering|remains?"
    r"|fell|fallen|dropped|slipped|declined|slid|rose|risen|climbed|recovered|rebounded|grown|jumped|increased|back"
    r"|up|down))*"
    rf" (?:at|to|near|around|above|below|over|under) (?:{words_of.ABOUT} )?"
)


def taken_up(text: str, begin: int, figure: Figure) -> int:
    """Where "it" ends in a sentence that says no more than where it stands now; 0 in others."""
    taken = _IT_STANDS.match(text, begin, figure.start)
    if taken is None or figure.sign or not _NOW_AT.fullmatch(text, taken.end(), figure.start):
        return 0
    return taken.end()
