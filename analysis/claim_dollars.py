"""Dollar figures: a total market cap, a coin's own, a price."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from analysis import claim_words as words_of
from analysis.asof import TIME, Span
from analysis.claim_plain import is_plain
from analysis.claim_when import of_an_event, stated_for
from analysis.claim_words import comparator_of
from analysis.figures import Figure, parse_number
from analysis.links import Link, Reading


def read_total(link: Link) -> Reading | None:
    """A total market cap. Links vary freely, so they are read by what they must not say."""
    asset = _universe(link)
    if asset is None or _NOT_A_TOTAL.search(link.text[max(link.begin, link.subject.start - 40) : link.subject.start]):
        return None
    return _cap(link, "total_market_cap", asset, 1e9)


def read_asset_cap(link: Link) -> Reading | None:
    """A coin's own market cap."""
    if not link.subject.asset or link.figure.exponent < 6 or _NOT_ITS_OWN.search(link.before[-40:]):
        return None
    return _cap(link, "asset_market_cap", link.subject.asset, 1e6)


def _cap(link: Link, quantity: str, asset: str, least: float) -> Reading | None:
    words, tail = link.words, link.tail
    if re.search(r"\b(?:resistance|support|rejection|hoard|stash|holdings|stake|position)\b", words):
        return None
    if words_of.FORECAST.search(words) or words_of.ABSENT_AFTER.match(link.after):
        return None
    if words_of.MAY.search(link.text, max(link.begin, link.subject.start - 60), link.figure.start):
        return None
    presupposed = _PRESUPPOSED.fullmatch(words) and not re.search(r"\b(?:an?|if) $|\bif\b", link.before[-60:], re.I)
    if words_of.SUPPOSED.search(link.before) and not (presupposed or words_of.ASSERTED.search(words)):
        return None
    if is_change(tail, link.figure) or (quantity == "asset_market_cap" and _OTHER_CAP.search(_COMPARED.sub("", words))):
        return None
    if link.asked or (link.again and _NEW_CLAUSE.search(tail)):
        return None
    level = words_of.SINCE_EXTREME.sub("", words)
    record = words_of.RECORD.search(level) and not words_of.NEW_RECORD.search(level)
    parsed = parse_number(link.figure.number, link.figure.exponent)
    if parsed is None or parsed[0] < least or record:
        return None
    return _stated(link, quantity, asset, parsed)


def _stated(link: Link, quantity: str, asset: str, parsed: tuple[float, float]) -> Reading | None:
    tail = link.tail
    comparator = comparator_of(tail)
    baseline = bool(words_of.FROM.search(tail) or _LAST.search(tail))
    when = stated_for(link, baseline=baseline)
    if when is None or (comparator is None and not baseline):
        return None
    comparator = comparator or comparator_of(tail.replace("from ", "at ")) or "eq"
    return Reading(quantity, asset, *parsed, comparator, when)


#: "(surpass) its current cap of": the cap itself is no supposition.
_PRESUPPOSED = re.compile(rf" of (?:just )?(?:{words_of.ABOUT} )?(?:the )?| \(")
_LAST = re.compile(r"\b(?:last (?:week|month|year)|yesterday)['’]s $")
#: Between two figures: the second is somebody else's, unless the verb goes on about the subject.
_NEW_CLAUSE = re.compile(
    r"\b(?:with|while|whereas|as|and|but|when|after|than)\b"
    r"(?! (?:settling|down|up|is|was|are|sits?|stands?|now|currently|remains?|has|trades|hovers|still|of \$))"
)
_NOT_A_TOTAL = re.compile(
    r"(?:%|percent|per cent|share|fraction|portion|third|half) of (?:the |all )?$"
    r"|\b(?:altcoin|stablecoin|meme ?coin|DeFi|NFT|AI|RWA|token|company|firm|project|network|meme|king)[’']?s? $"
    r"|(?:\b(?:its|their|his)|[’']s|s[’']) $",
    re.I,
)
_NOT_ITS_OWN = re.compile(
    r"(?:%|percent|share|fraction|portion|third|half|times|x|exceed\w*|match\w*|reach\w*|surpass\w*|flip\w*"
    r"|like) (?:of )?(?:the )?$"
    r"|\b(?:combined|stablecoins? (?:on|in)|tokens (?:on|in)|based on|coins? (?:on|in)|realized) $",
    re.I,
)
_OTHER_CAP = re.compile(
    r"\b(?:gold|silver|company|companies|firm|threshold|requirement|target|all (?:the )?\w+s?)\b", re.I
)
_COMPARED = re.compile(r"\b(?:below|behind|above|under|than) (?:gold|silver)(?:['’]s)?(?=,| at\b)")
_WITHOUT = re.compile(r"\b(?:exclud\w+|ex-|without|minus|except(?: for)?|outside of?)[ :]*(?P<what>.{0,40})", re.I)


def _universe(link: Link) -> str | None:
    """TOTAL, or what is left of it; None where something else is left out."""
    near = link.text[max(link.begin, link.subject.start - 20) : link.figure.start]
    if "TOTAL3" in near:
        return "TOTAL3"
    without = _WITHOUT.search(link.words)
    if not without:
        return "TOTAL2" if "TOTAL2" in near else link.subject.asset
    what = without["what"]
    bitcoin = re.search(r"bitcoin|BTC", what, re.I)
    ether = re.search(r"\bether|\bETH\b", what, re.I)
    if not bitcoin or re.search(r"stablecoin", what, re.I):
        return None
    return "TOTAL3" if ether else "TOTAL2"


def is_change(tail: str, figure: Figure) -> bool:
    """Whether the figure says by how much, not how far: "shed $80 billion", "rose over $100 billion"."""
    change = words_of.CHANGE.search(tail)
    if not change:
        return False
    reaches = words_of.LEVEL_WORD.search(tail) and figure.exponent != 9 and not words_of.PURE_CHANGE.search(change[0])
    return not reaches


_NOT_A_PRICE = re.compile(
    r"(?<![$\d.,])(?<!January )(?<!February )(?<!March )(?<!April )(?<!May )(?<!June )(?<!July )(?<!August )"
    r"(?<!September )(?<!October )(?<!November )(?<!December )(?<!(?-i:[JFMASOND][a-z]{2}) )\d+(?:[.,]\d+)*"
    r"(?: (?:million|billion|thousand))? $"  # an amount of coins
    r"|\b(?:bought|buy|buys|buying|purchas\w+|acquir\w+|sold|sells?|selling|stack\w*|spent|invest\w*|own\w*"
    r"|accumulat\w+)"
    r" (?:\w+ ){0,3}$",
    re.I,
)
_DIRECT = re.compile(
    rf"(?:(?: token| coin)?,? (?:is|was|at|now at|is at|is now at|currently at|still at|currently|still|was at|of)"
    rf"(?: (?:just|the|{words_of.ABOUT}))?)? ?|: ?|,? ?\(?"
)
#: "A close above $100,000 would be the highest".
_HANGS = re.compile(r" (?:level |mark )?(?:would|could|might)\b")
#: The way to a price is not the price.
_NOT_YET = re.compile(r"\b(?:return|closer|danger|door|road|bid|tendency) (?:of falling |back )?to\b", re.I)
#: "Is now at the $105,000 support level": a level of the chart, and the price is there.
_AT_LEVEL = re.compile(
    r"\b(?:h[eo]ld(?:s|ing)?|fell|fall(?:s|en|ing)|dropp?(?:s|ed|ing)|dip(?:s|ped|ping)|slipp(?:ed|ing)|br[eo]ke?n?"
    r"|breaking|remains?|stay(?:s|ed|ing)|trad(?:es|ing)|now|currently|back) "
    r"(?:back |just )?(?:at|above|below|under|past|near) (?:the|its) (?:\w+ ){0,2}$"
)
_LEVEL = re.compile(r"\s*(?:support|resistance|barrier)\b(?! (?:at|of|to)\b)")
#: Before a coin whose figure follows with "at" alone: no verb of which the coin is the object.
_HEADS_CLAUSE = re.compile(
    r"(?:^|[,;:(–—] ?|\b(?:and|with|while|as|but|for|shows?|puts?|leaves?|leaving|putting|prices?|pric(?:ed|ing)"
    r"|valu(?:ed|ing)"
    r"|keep(?:s|ing)?|had|has|see|find|including|like|post) )(?:the |both )?$",
    re.I,
)
#: An undated point of departure: "a rebound from two-week lows near".
_STARTING = re.compile(
    r"\b(?:from|since) (?:(?:its|the|a|an|their|last) )?(?:[\w’'-]+ ){0,2}(?:lows?|highs?|bottom|crash|dip|drop"
    r"|support|levels?)"
    r" (?:to |of |at |near |around |close to |below |above |under |just |about |the )*$"
)
_BROUGHT = re.compile(
    r"\b(?:brought|sent|pushed|lifted|took|taking|bringing|pushing|sending|lifting|driving|drove|dragging"
    r"|dragged|pulled) (?:the )?$"
)
#: Ahead of the subject: an unnamed time ("when Bitcoin hits", "where ETH traded").
_WHEN = re.compile(r"\b(?:when|since|where|once|before|by the time|as soon as|each time) (?:the )?$", re.I)
#: No lower or higher price has been seen since 2018; before, and for named past times, anything goes.
_PLAUSIBLE = {"BTC": (1e3, 1e7), "ETH": (50.0, 1e6)}
_PLAUSIBLE_SINCE = datetime(2018, 1, 1, tzinfo=UTC)
#: From when on a decimal reading of "42.900" would be absurd (Bitcoin under $100, Ether under $10).
_GROUPS_SINCE = {"BTC": datetime(2013, 12, 1, tzinfo=UTC), "ETH": datetime(2017, 3, 1, tzinfo=UTC)}


def read_price(link: Link) -> Reading | None:
    """A price. Links are read by what they may say: known words only, a verb of price among them."""
    words, subject, figure = link.words, link.subject, link.figure
    if not subject.asset or figure.exponent not in (0, 3):
        return None
    if link.again and not _ON_TO.search(link.tail):
        return None
    plain = words
    if link.again:
        first = max(subject.end, link.base)
        plain = words[: link.previous.start - first] + words[link.previous.end - first :]
    if not is_plain(plain):
        return None
    direct = _DIRECT.fullmatch(words)
    gapped = direct and " at" in words and (" at " not in words[:4] or _HEADS_CLAUSE.search(link.before[-24:]))
    brought = _BROUGHT.search(link.before[-40:])
    taken = (
        brought
        and not words_of.UNREAL.search(link.before[-50:])
        and re.fullmatch(rf" (?:back )?(?:to|above|below|past|under|over)(?: {words_of.ABOUT})? ", words)
    )
    if not (words_of.PRICE_VERB.search(plain) or (direct and (subject.priced or _tagged(link))) or gapped or taken):
        return None
    if link.asked or (link.base <= subject.end and re.match(r"(?:['’]s)? (?:price )?to ", words, re.I) and not brought):
        return None  # "Bitcoin to hit"
    if _WHEN.search(link.before) and not (
        TIME.search(link.text, figure.end, min(link.end, figure.end + 40)) or TIME.search(link.before[-32:])
    ):
        return None
    absent = words_of.ABSENT_AFTER.match(link.after) and not (_AT_LEVEL.search(words) and _LEVEL.match(link.after))
    if _NOT_A_PRICE.search(link.before[-60:]) or absent:
        return None
    presupposed = "current" in link.text[subject.start : subject.end] and _PRESUPPOSED.fullmatch(words)
    if (words_of.SUPPOSED.search(link.before) and not presupposed) or words_of.FORECAST.search(
        plain.replace("May ", "")
    ):
        return None
    if words_of.MAY.search(link.text, max(link.begin, subject.start - 60), figure.start) or _BOUGHT_AT.search(words):
        return None
    if _HANGS.match(link.after) or _STARTING.search(link.tail) or _NOT_YET.search(words):
        return None
    level = words_of.PASSED_RECORD.sub(" ", plain)
    record = words_of.RECORD.search(level) and not words_of.NEW_RECORD.search(level)
    if record and plain.strip() == "peaked at" and TIME.match(link.after.lstrip()):
        record = False
    if is_change(link.tail, figure) or record:
        return None
    if _SETTLED.search(link.tail) and stated_for(link) == link.written.now:
        return None
    parsed = _parsed(link)
    reading = parsed and _stated(link, "price", subject.asset, parsed)
    if not reading and parsed and (_tagged(link) or (subject.priced and direct)):
        when = stated_for(link)
        reading = when and Reading("price", subject.asset, *parsed, "eq", when)
    if not reading or price_of(link, reading.when) is None:
        return None
    return replace(reading, when=of_an_event(link, reading.when))


def _parsed(link: Link) -> tuple[float, float] | None:
    asset, since = link.subject.asset, link.written.at
    grouped = asset in _GROUPS_SINCE and (since is None or since >= _GROUPS_SINCE[asset])
    return parse_number(link.figure.number, link.figure.exponent, dot_may_group=grouped)


def price_of(link: Link, when: Span) -> tuple[float, float] | None:
    """The figure as a price of its subject at that time; None where nobody ever paid that."""
    parsed = _parsed(link)
    low, high = _PLAUSIBLE.get(link.subject.asset, (0.0, 1e6))
    since = when.start or link.written.at
    if (since and since < _PLAUSIBLE_SINCE) or (since is None and when.modality == "historical"):
        low = 0.0
    return parsed if parsed and parsed[0] > 0 and low <= parsed[0] <= high else None


def no_price(link: Link) -> bool:
    """Whether the words say that the figure is what somebody paid, a level of a chart, or still to be reached."""
    words, after = link.words, link.after
    return bool(
        _NOT_A_PRICE.search(link.before[-60:])
        or _BOUGHT_AT.search(words)
        or _HANGS.match(after)
        or _STARTING.search(link.tail)
        or _NOT_YET.search(words)
        or _SETTLED.search(link.tail)
        or _LEVEL.match(after)
        or (_WHEN.search(link.before) and not TIME.search(after))
        or words_of.FORMER.search(words_of.PASSED_RECORD.sub(" ", link.tail))
    )


def asset_of_others(link: Link) -> bool:
    """Whether a cap is of something else than its subject: of gold, of a company, of a part of the market."""
    before = link.text[max(link.begin, link.subject.start - 40) : link.subject.start]
    total = link.subject.quantity == "total_market_cap"
    return bool(_OTHER_CAP.search(link.words) or (_NOT_A_TOTAL if total else _NOT_ITS_OWN).search(before))


#: Not the price of a moment: what buyers paid.
_BOUGHT_AT = re.compile(
    r"(?<!trading )\b(?:at|with|for) an (?:[\w-]+ )?average\b|\baverage (?:purchase|cost|entry|buy)\b|\brange of "
)
#: A close: of which day is not said.
_SETTLED = re.compile(r"\b(?:settled|to settle) (?:at|around|near) ")


_ON_TO = re.compile(
    rf"\b(?:to|(?:fell|dropped|slipped|rose|climbed|rebounded|bounced|recovered|surged|settling|trading"
    rf"|trades|closing|stabilizing|now|currently|hovering|standing|sitting|back|changing hands)"
    rf"(?: back)? (?:at|to|above|below|near|around|under))(?: {words_of.ABOUT}| just| slightly){{0,2}} $"
    rf"|(?:\band|, (?:and|then|before|later)) (?:(?:even|briefly|later|then|now|has|also) ){{0,2}}(?:neared|hit|reached"
    rf"|touched|tapped|crossed|surpassed|topped|broke|retested)(?: above)?(?: {words_of.ABOUT})? $"
    rf"|\bto (?:trade|hover|sit|settle) (?:at|above|below|near|around|under)(?: {words_of.ABOUT})? $"
    rf"|\bafter (?:\w+ )?(?:dipping|falling|dropping|rising|surging|climbing|slipping|breaking|spiking|hitting|reaching"
    rf"|touching)(?: (?:to|below|above|under|past|as high as|as low as))? (?:the |a |as )?(?:(?:low|high) of )?$"
)


def _tagged(link: Link) -> bool:
    """ "BTC: $115,350", "ETH $3,646 (-4.8%)": a line of a price table."""
    gap = link.text[link.subject.end : link.figure.start]
    return gap in (": ", ":", " ") and (gap != " " or bool(re.match(r" ?\(?[+\-−–]?\d[\d.]*%", link.after)))
