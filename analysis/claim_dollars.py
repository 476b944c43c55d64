"""Dollar figures: a total market cap, a coin's own, a price."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from analysis import claim_words as words_of
from analysis.asof import TIME, Span
from analysis.claim_followed import (
    RELATIVE,
    TARGETED,
    TO_MAKE,
    follows_move,
    in_a_list,
    is_headline,
    of_then,
    of_what_was_named,
    set_against,
)
from analysis.claim_levels import AHEAD, SAYS, TO_LEVEL, dated_extreme, goes_on
from analysis.claim_plain import is_plain
from analysis.claim_unreal import NO_LESS, is_unreal
from analysis.claim_when import of_an_event, stated_for
from analysis.claim_words import comparator_of
from analysis.figures import Figure, parse_number
from analysis.links import Link, Reading


def read_total(link: Link) -> Reading | None:
    """A total market cap. Links vary freely, so they are read by what they must not say."""
    asset = _universe(link)
    before = link.text[max(link.begin, link.subject.start - 40) : link.subject.start]
    if asset is None or (_NOT_A_TOTAL.search(before) and not RELATIVE.match(link.words)):
        return None
    return _cap(link, "total_market_cap", asset, 1e9)


def read_asset_cap(link: Link) -> Reading | None:
    """A coin's own market cap."""
    if not link.subject.asset or link.figure.exponent < 6 or _NOT_ITS_OWN.search(link.before[-40:]):
        return None
    return _cap(link, "asset_market_cap", link.subject.asset, 1e6)


def _cap(link: Link, quantity: str, asset: str, least: float) -> Reading | None:
    words, tail = link.words, link.tail
    if _NO_CAP.search(words):
        return None
    if words_of.FORECAST.search(words) or words_of.ABSENT_AFTER.match(link.after):
        return None
    if words_of.MAY.search(link.text, max(link.begin, link.subject.start - 60), link.figure.start):
        return None
    presupposed = _PRESUPPOSED.fullmatch(words) and not re.search(r"\b(?:an?|if) $|\bif\b", link.before[-60:], re.I)
    if words_of.SUPPOSED.search(link.governing) and not (presupposed or words_of.ASSERTED.search(words)):
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


_NO_CAP = re.compile(
    r"\b(?:resistance|support|rejection|hoard|stash|holdings|stake|position)\b|\bincludes (?:\w+ ){0,2}$"
)
#: "(surpass) its current cap of": the cap itself is no supposition.
_PRESUPPOSED = re.compile(rf" of (?:just )?(?:{words_of.ABOUT} )?(?:the )?| \(")
_LAST = re.compile(r"\b(?:last (?:week|month|year)|yesterday)['’]s $")
#: Between two figures: the second is somebody else's, unless the verb goes on about the subject.
_NEW_CLAUSE = re.compile(
    r"\b(?:with|while|whereas|as(?! recently| late)(?<! as)|and|but|when|after|than)\b"
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
    r"(?<!September )(?<!October )(?<!November )(?<!December )(?<!(?-i:[JFMASOND][a-z]{2}) )(?<!\d, (?=20\d\d ))"
    r"\d+(?:[.,]\d+)*"
    r"(?: (?:million|billion|thousand))? $"  # an amount of coins
    r"|\b(?:bought|buy|buys|buying|purchas\w+|acquir\w+|sold|sells?|selling|stack\w*|spent|invest\w*|own\w*"
    r"|accumulat\w+)"
    r" (?:(?!as\b|and\b|when\b|while\b|helped\b|after\b|sent\b|pushed\b|came\b|even\b|since\b|because\b)\w+ ){0,3}$"
    r"|\b(?:options?|calls|puts|contracts?|strikes?|orders?|bids?|holdings?|positions?|balances?|wallets?|portfolios?"
    r"|(?:cost|costs) to \w+|costs?|basis|averages?|SMAs?|EMAs?|WMAs?|MAs?|[SEW]?MA\)|(?:realized|average|median|fair"
    r"|strike|target|delivered|entry) (?:price|value)|predictions?|forecasts?|targets?)"
    r" (?:of|for|on|in|per|at)? ?(?:one |a |the |each )?$",
    re.I,
)
_DIRECT = re.compile(
    rf"(?:(?: token| coin)?,?(?: (?:is|was|now|currently|still|today|presently|then)){{0,3}}(?: (?:at|of|is|was))?"
    rf"(?: (?:just|the|{words_of.ABOUT})){{0,2}})? ?|: ?|,? ?\(?"
)
#: "A close above $100,000 would be the highest".
_HANGS = re.compile(
    r" (?:level |mark |threshold )?(?:would|could|might|(?:is|was|remains|seems|looks"
    r"|sounds) (?:not )?(?:considered|deemed|seen"
    r"|viewed|unlikely|unrealistic|possible|improbable|inevitable|bullish|bearish|plausible|realistic|highly|likely"
    r"|the next|a matter|only a matter|just a matter|feasible|still possible))\b"
    r"|(?<=\d) Is [A-Z]"
)
#: The way to a price is not the price.
_NOT_YET = re.compile(
    r"\b(?:(?<!the )return|closer|danger|door|road|bid|tendency) (?:of falling |back )?to\b"
    r"|\b(?:gear(?:s|ed|ing)? up|struggl\w+|seek(?:s|ing)?|prepar\w+|looking|trying|tries|attempt\w*|aiming"
    r"|fail(?:s|ed|ing)"
    r"|unable|yet|brac(?:es|ing)|pois\w+|hop\w+|want\w*|vying|refus\w+) (?:to|for)\b"
    r"|\bclose to (?:reach|hitt|break|surpass|cross|touch)ing (?:its|the|a|an|new)\b",
    re.I,
)
#: "Is now at the $105,000 support level": a level of the chart, and the price is there.
_AT_LEVEL = re.compile(
    r"\b(?:h[eo]ld(?:s|ing)?|fell|fall(?:s|en|ing)|dropp?(?:s|ed|ing)|dip(?:s|ped|ping)|slipp(?:ed|ing)|br[eo]ke?n?"
    r"|breaking|remains?|stay(?:s|ed|ing)|trad(?:es|ing)|now|currently|back) "
    r"(?:back |just )?(?:at|above|below|under|past|near) (?:the|its) (?:\w+ ){0,2}$"
    r"|\b(?:cleared|crossed|broke|broken|surpassed|breached|smashed|moved|rose|climbed|surged|jumped|pushed|reclaimed"
    r"|rallied|push the price|pushed the price)(?: back)?(?: above| past| through| over| beyond)? (?:the|its"
    r"|a) (?:key |main )?$"
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
#: Ahead of the subject: an unnamed time ("when Bitcoin hits", "where ETH traded").
_WHEN = re.compile(
    r"\b(?:(?<!\bday )when|since|(?<!, )where|once|before|by the time|as soon as|(?:each|every|next|any|last) time"
    r"|whenever)"
    r" (?:the )?$",
    re.I,
)
#: No lower or higher price has been seen since 2018; before, and for named past times, anything goes.
_PLAUSIBLE = {"BTC": (1e3, 1e7), "ETH": (50.0, 1e6)}
_PLAUSIBLE_SINCE = datetime(2018, 1, 1, tzinfo=UTC)
#: From when on a decimal reading of "42.900" would be absurd (Bitcoin under $100, Ether under $10).
_GROUPS_SINCE = {"BTC": datetime(2013, 12, 1, tzinfo=UTC), "ETH": datetime(2017, 3, 1, tzinfo=UTC)}


def read_price(link: Link) -> Reading | None:
    """A price. Links are read by what they may say: known words only, a verb of price among them."""
    words, subject, figure = link.words, link.subject, link.figure
    if not subject.asset or figure.exponent not in (-2, 0, 3):
        return None
    extreme = dated_extreme(link.text, link.begin, figure.start, figure.end, link.end, link.written)
    if extreme and not link.asked and _OWNS_EXTREME.search(words):
        return _at_extreme(link, *extreme)
    if set_against(link):
        parsed = _parsed(link)
        reading = parsed and _stated(link, "price", subject.asset, parsed)
        dated = reading and reading.when.modality == "historical" and price_of(link, reading.when)
        return reading if dated else None
    followed = follows_move(link)
    if link.again and not followed and not goes_on(link.tail, large=link.previous.large):
        return None
    if TO_MAKE.match(link.after) or of_what_was_named(link):
        return None
    plain = words
    if link.again:
        first = max(subject.end, link.base)
        plain = words[: link.previous.start - first] + words[link.previous.end - first :]
    if followed:
        plain = link.text[link.last_end : figure.start]
    plain = _OTHER_MONEY.sub(" ", _TRADING.sub(" trading ", _MEANT.sub(" ", _HOUR.sub("", plain))))
    if not followed and not is_plain(plain):
        return None
    direct = _DIRECT.fullmatch(_HOUR.sub("", words))
    priced = subject.priced or _PRICE_OF.search(link.before[-20:])
    gapped = direct and " at" in words and (" at " not in words[:4] or _HEADS_CLAUSE.search(link.before[-24:]))
    ahead = link.text[max(link.begin, subject.start - 70) : subject.start]
    brought = AHEAD.search(ahead)
    taken = brought and not words_of.UNREAL.search(ahead) and TO_LEVEL.fullmatch(words)
    says = words_of.PRICE_VERB.search(plain) or SAYS.search(plain.lower() if plain.istitle() else plain)
    if not (says or followed or (direct and (priced or _tagged(link))) or gapped or taken or is_headline(link)):
        return None
    if link.asked or (link.base <= subject.end and re.match(r"(?:['’]s)? (?:price )?to ", words, re.I) and not brought):
        return None  # "Bitcoin to hit"
    then = of_then(link)
    if (
        not then
        and _WHEN.search(link.before)
        and not (TIME.search(link.text, figure.end, min(link.end, figure.end + 40)) or TIME.search(link.before))
    ):
        return None
    absent = words_of.ABSENT_AFTER.match(link.after)
    if absent and (
        (_AT_LEVEL.search(words) and _LEVEL.match(link.after))
        or (NO_LESS.match(link.after) and not _RANGED.fullmatch(link.tail))
    ):
        absent = None
    relative = RELATIVE.match(words) and TARGETED.search(link.before)
    if (_NOT_A_PRICE.search(link.before[-60:]) and not relative) or absent or is_unreal(link, plain):
        return None
    given = "current" in link.text[subject.start : subject.end] and _PRESUPPOSED.fullmatch(words)
    presupposed = relative or then or given
    if (words_of.SUPPOSED.search(link.governing) and not presupposed) or words_of.FORECAST.search(
        plain.replace("May ", "")
    ):
        return None
    if words_of.MAY.search(link.text, max(link.begin, subject.start - 60), figure.start) or _BOUGHT_AT.search(words):
        return None
    if _HANGS.match(link.after) or _STARTING.search(link.tail) or _NOT_YET.search(words):
        return None
    level = _PASSES.sub(" ", words_of.PASSED_RECORD.sub(" ", _AS_HIGH.sub(" ", plain)))
    record = words_of.RECORD.search(level) and not words_of.NEW_RECORD.search(level)
    if record and re.search(r"\bpeaked (?:at|near|above|around)\b", plain) and TIME.search(link.after):
        record = False
    if is_change(link.tail, figure) or record:
        return None
    if _SETTLED.search(link.tail) and stated_for(link) == link.written.now:
        return None
    parsed = _parsed(link)
    reading = parsed and _stated(link, "price", subject.asset, parsed)
    if not reading and parsed and (_tagged(link) or (priced and direct) or _OTHER_MONEY.search(words)):
        when = stated_for(link)
        reading = when and Reading("price", subject.asset, *parsed, "eq", when)
    if reading and then and reading.when.modality != "historical":
        reading = replace(reading, when=Span("historical"))
    if not reading or price_of(link, reading.when) is None:
        return None
    return replace(reading, when=of_an_event(link, reading.when))


def _parsed(link: Link) -> tuple[float, float] | None:
    asset, since = link.subject.asset, link.written.at
    grouped = asset in _GROUPS_SINCE and (since is None or since >= _GROUPS_SINCE[asset])
    return parse_number(link.figure.number, link.figure.exponent, dot_may_group=grouped, comma_may_point=True)


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
        of_what_was_named(link)
        or _SISTER.search(words)
        or _NOT_A_PRICE.search(link.before[-60:])
        or _BOUGHT_AT.search(words)
        or _HANGS.match(after)
        or _STARTING.search(link.tail)
        or _NOT_YET.search(words)
        or _OF_A_CHART.search(link.tail)
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


_SISTER = re.compile(r"\b(?:sister|sibling|companion|rival) (?:token|coin|cryptocurrency)\b")
_OF_A_CHART = re.compile(r"\b(?:ceiling|floor|target) (?:at|near|around|of) $")
#: Not the price of a moment: what buyers paid.
_BOUGHT_AT = re.compile(
    r"(?<!trading )\b(?:at|with|for) an (?:[\w-]+ )?average\b|\baverage (?:purchase|cost|entry|buy)\b|\brange of "
    r"|\baverage(?: \([^()]{1,12}\))? (?:of|at|near|around|currently at) "
)
#: A close: of which day is not said.
_SETTLED = re.compile(r"\b(?:settled|to settle) (?:at|around|near) ")


#: Words that only look like others: "as high as" is no high, "breakout above" states a move.
_MEANT = re.compile(
    r"(?:(?<=its )|(?<=the )|(?<=['’]s )|(?<=recent )|(?<=new )|(?<=strong ))break(?:out|down) (?=to\b|above"
    r"|past|over|from|below|toward)"
)
_AS_HIGH = re.compile(r"\bas (?:high|low) as\b")
_PRICE_OF = re.compile(r"\b(?:price|value|cost) of (?:one |a |the )?$", re.I)
_HOUR = re.compile(r" (?:as of|at) \d{1,2}(?::\d\d)? ?[AaPp]\.?[Mm]\.?,?(?: (?:[A-Z]{2,4}|Eastern(?: [Tt]ime)?))?(?= )")
#: What costs so much, or is "bought and sold" at so much, trades at it.
_TRADING = re.compile(
    r"^(?: (?:now|currently|still|just|only|is|was|then))* (?:costs?|goes for|went for)(?= )"
    r"|\b(?:buying and selling|(?:altering|exchanging|changing) (?:palms|fingers|arms|hands))\b"
)
#: "€101,000, or ($118,200)".
_OTHER_MONEY = re.compile(
    r"(?<= )(?:[€£¥]\d[\d.,]*(?:[KkMm]\b)?|\d[\d.,]*\d(?: million)? (?:euros?|pounds|yen|won|yuan|rupees|kronor|lira))"
    rf",? (?:or |\(|equal to |which is )(?:{words_of.ABOUT} )?$"
)
#: A former record that is passed: the figure is where it stood, and the price is beyond it.
_PASSES = re.compile(
    r"\b(?:broke|broken|breaking|climbed|climbing|surged|surging|rallied|rose|rising|soared|soaring|pushed"
    r"|pushing|moved"
    r"|moving|jumped|blew|smashed|shot|surpassed|surpassing|surpasses|exceeded|eclipsed|crossed|topped)"
    r"(?: (?:above|past|through|beyond|over))? (?:its|the) (?:(?:previous|prior|old|former|earlier|last|longstanding"
    r"|January|December|May|own|recent) ){0,2}(?:all[- ]time[- ]high|ATH|record(?: high)?|peak|high)(?: \(ATH\))?"
    r"(?= (?:of|at|around|near)\b)"
)
_RANGED = re.compile(r" ?(?:to|and|or|-|–|—) ?")
#: Up to a dated high: whose it is.
_OWNS_EXTREME = re.compile(
    r"^(?:['’]s?)?(?: [\w’'-]+){0,6} $|\b(?:its|the|an?|local|new|of|\w+['’]s"
    r"|20\d\d) (?:[\w’'-]+ ){0,4}(?:[\w’'()-]+ ){1,5}\(?$",
    re.I,
)


#: A high that a price is only compared with, though its day is named. (The third set's labels take these as claims of
#: that day, the first set's do not: see benchmarks/labels.md on records quoted as a yardstick.)
_YARDSTICK = re.compile(
    r"\b(?:below|under|beneath|shy of|short of|off|than|comparison to|compared (?:to|with)|within|away from|far from"
    r"|(?:down|up|pullback|drop|decline|correction|retracement|remains)\b[^,;]{0,30} from|% from)\b[^,;$]{0,50}$"
)
#: A high that has yet to come.
_NO_EXTREME = re.compile(
    r"\b(?:potential|possible|target|projected|predicted|expected|next) (?:[\w’'-]+ ){1,4}(?:about |around )?$"
    r"|\b(?:may|could|might|would|will|to) (?:\w+ )?(?:reach|hit|set|see|make|form|touch|have|print|achieve"
    r"|attain|record|post) an? [^,;:]{0,40}$"
)


def _at_extreme(link: Link, words: str, when: Span) -> Reading | None:
    """ "(Its) record of $… (set in January)": a fact, whatever else its sentence says."""
    parsed = price_of(link, when)
    if parsed is None or words_of.ABSENT_AFTER.match(link.after):
        return None
    ahead = link.text[max(link.begin, link.figure.start - 110) : link.figure.start]
    if _NO_EXTREME.search(link.tail) or _YARDSTICK.search(ahead):
        return None
    return Reading("price", link.subject.asset, *parsed, comparator_of(words) or "eq", when)


def _tagged(link: Link) -> bool:
    """ "BTC: $115,350", "ETH $3,646 (-4.8%)": a line of a price table."""
    gap = link.text[link.subject.end : link.figure.start]
    if in_a_list(link, gap):
        return True
    return gap in (": ", ":", " ") and (gap != " " or bool(re.match(r",? ?[|(]? ?[+\-−–▲▼]?\d[\d.]*%", link.after)))
