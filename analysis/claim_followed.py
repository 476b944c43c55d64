"""Dollar figures whose words go on behind other words: behind a move ("…, at $19.70"), behind another price ("compared
with …"), in a relative clause; and those that are another's or a quoted record.

Pure; the patterns are linear (bounded gaps).
"""

from __future__ import annotations

import re
from datetime import timedelta

from analysis import claim_words as words_of
from analysis.asof import Span
from analysis.claim_plain import is_free, is_plain
from analysis.links import Link
from analysis.prose import MONTH

_ABOUT = rf"(?: (?:just|only|{words_of.ABOUT}|under|below)){{0,2}}"
_AT = re.compile(rf"(?:^|, (?:and )?|\d | (?:today|now|alone|yesterday|overnight|\w+day) )(?:at|to){_ABOUT} $")
_TO = re.compile(rf" (?:to|at){_ABOUT} $")


def follows_move(link: Link) -> bool:
    """ "(Toncoin is up 5%) ahead of the upgrade, at $3.04", "(fell 4%) on Monday to $2.30"."""
    last = link.last
    moved = last is not None and last.quantity in ("pct_change", "drawdown_from_ath")
    if not moved or last.asset != link.subject.asset or link.last_end < 0:
        return False
    words = link.text[link.last_end : link.figure.start]
    if len(words) > 110 or "$" in words or words_of.FROM.search(words):
        return False
    if _TO.search(words) and is_plain(words):
        return True
    return bool(_AT.search(words)) and is_free(words)


_AGAINST = re.compile(
    rf"(?:,| \() ?(?:(?:up|down) )?(?:as )?(?:compared (?:to|with)|versus|vs\.?|against|from){_ABOUT} $"
    rf"| (?:compared (?:to|with)|versus|against|(?:up |down )?from){_ABOUT} $"
)


def set_against(link: Link) -> bool:
    """ "(traded at $117,000), compared with almost $60,000 a year ago"."""
    last = link.last
    if last is None or last.quantity != "price" or last.asset != link.subject.asset:
        return False
    words = link.text[link.last_end : link.figure.start]
    return len(words) < 60 and "$" not in words and bool(_AGAINST.search(words))


#: The coin's own clause, whatever was said of it before: ", which was changing hands at".
RELATIVE = re.compile(
    r",? (?:which|that) (?:(?:is|was|has|had|now|currently|last|recently|been|still|then) ){0,4}"
    r"(?:trad(?:es|ed|ing)|chang(?:es|ed|ing) hands|hover(?:s|ed|ing)|s[ia]ts?|sitting|st(?:ands|ood)|fetch(?:es|ed)"
    r"|quoted|priced|costs?|worth|valued) "
)
#: What is said of the coin before that clause is another's figure, and no doubt of the clause.
TARGETED = re.compile(
    r"\b(?:targets?|forecasts?|predictions?|projections?|calls?|estimates?|outlook|goal)\b[^.;]{0,50} "
    r"(?:of|for|on|in) (?:the )?$",
    re.I,
)
#: A time of the past that "when" tells of: "once called Bitcoin a fraud when it was trading at".
_ONCE = re.compile(r"\b(?:once|famously|originally|first|back|years ago)\b[^.;$]{3,120}\bwhen (?:the )?$")
#: "(Has doubled) since April, when it bottomed at".
_SINCE_WHEN = re.compile(
    rf"\b(?:since|until|in|from) (?:early |mid-|late |the |its |last )?(?:{MONTH}|20[0-2]\d|week|month|year|summer"
    r"|spring|autumn|fall|winter)(?: (?:of )?(?:last year|20[0-2]\d|\d{1,2}))?,? when (?:the )?$"
)
_DID = re.compile(
    r" (?:(?:briefly|first|last) )?(?:bottomed|peaked|hit|reached|fell|dropped|sank|slid|plunged|dipped|crashed"
    r"|tumbled|topped|touched|crossed|broke|surpassed|rose|climbed|soared|surged|spiked|changed hands|started|opened"
    r"|closed|ended)\b"
)
_WAS = re.compile(r" (?:was|were|had been|traded|cost|stood|sat|hovered|fetched)\b")


def of_then(link: Link) -> bool:
    """ "Once called it a fraud when it was trading at $4,000"."""
    if _SINCE_WHEN.search(link.text, max(link.begin, link.subject.start - 60), link.subject.start):
        return bool(_WAS.match(link.words) or _DID.match(link.words))
    return bool(_ONCE.search(link.before) and _WAS.match(link.words))


_STANDS = re.compile(
    rf"(?:['’]s price| price)? (?:(?:now|back|still|once again|again|firmly|well|just|up|down) ){{0,2}}"
    rf"(?:above|below|over|under|near|around|at|past){_ABOUT} "
)
_ENDS = re.compile(
    r"(?:\s*$|[,;:](?! ?(?:Is|Could|Can|Will|Possible|When)\b)| [–—-] "
    r"| (?:mark |level )?(?:as|after|amid|despite|ahead of|while|for the|following|again|on)\b)"
)


def is_headline(link: Link) -> bool:
    """ "Bitcoin above $118,000 as": a headline without its verb."""
    ahead = link.text[link.begin : link.subject.start]
    if ahead and not ahead.endswith((": ", "; ", " – ", " — ", " - ")):
        return False
    rest = link.text[link.figure.end : min(link.end, link.figure.end + 160)]
    return bool(_STANDS.fullmatch(link.words) and _ENDS.match(rest) and not words_of.UNREAL.search(rest))


_NEXT_IN_LIST = re.compile(
    r"(?: mark| level)?(?:,|;|,? and| \||/| –) (?:the )?[A-Za-z.]+(?: [A-Z][a-z]+)?(?: \([A-Z]{2,6}\))? \$\d"
)
_NEXT_IN_BRACKETS = re.compile(r"\)(?:,|;|,? and| \||/) (?:the )?[A-Za-z.]+(?: [A-Z][a-z]+)? \(\$\d")
_JOINED = re.compile(r"(?: mark| level)?\)?(?:,|;|,? and|,? while| \||/) (?:the )?")


def in_a_list(link: Link, gap: str) -> bool:
    """ "Bitcoin $118,200, ether $3,100", "ether ($3,100) and XRP ($2.91)", "tops $118,000, ether $3,100"."""
    if gap not in (" ", " ("):
        return False
    last, after = link.last, link.text[link.figure.end : min(link.end, link.figure.end + 50)]
    if gap == " (" and not after.startswith(")"):
        return False
    if last is not None and last.quantity == "price" and last.asset != link.subject.asset:
        return _JOINED.fullmatch(link.text, link.last_end, link.subject.start) is not None
    return (_NEXT_IN_LIST if gap == " " else _NEXT_IN_BRACKETS).match(after) is not None


#: "ETH's, at": of what was named before, most often a record.
_ELLIPSIS = re.compile(r", ")


def of_what_was_named(link: Link) -> bool:
    """ "Bitcoin's record is $123,000; ether's, at $4,900": not the price of ether."""
    owned = link.text[link.subject.end - 2 : link.subject.end] in ("'s", "’s")
    return owned and bool(_ELLIPSIS.match(link.words)) and not words_of.PRICE_VERB.search(link.words)


#: What costs so much to make does not cost so much.
TO_MAKE = re.compile(r" (?:to|for) (?:mine|produc\w+|make|secure|transact|send|move|run|store|an? )\b")

_NAME = r"(?:(?:the|both|tech giant|chipmaker|retailer|rival) )?[A-Z][\w&.]*(?: [A-Z][\w&.]*){0,3}"
#: A cap that is another's, which the subject is only set beside.
_BESIDE = re.compile(
    r"\b(?:overtak\w+|overtook|surpass\w*|pass(?:es|ed|ing)|topp\w*|exceed\w*|flipp\w*|eclips\w*|leapfrog\w*|dethron\w*"
    r"|beat(?:s|ing)?|trail(?:s|ed|ing)?|rival(?:s|ed|ing)?|dwarf\w*|match\w*|than|behind|ahead of|above|below|like"
    r"|as (?:big|large|much) as|compared (?:to|with)|versus|against|times|closer to|outrank\w*|outgr[eo]w\w*|outpac\w*)"
    rf" (?:the |that of |those of |the (?:market )?(?:cap\w*|value) of )?(?:times )?(?:that of )?{_NAME}"
    r"(?:['’]s?)?(?:,? (?:which|that|who))?,?(?: (?:is|was|currently|now|itself|stands|sits|stood))*"
    r"(?: (?:worth|valued))?(?: (?:own|entire|total))?(?: market (?:cap(?:itali[sz]ation)?|value))?"
    r"(?: (?:of|at|on|with|is|was|a))*"
    rf"{_ABOUT} \(?$"
)


def of_another(link: Link) -> bool:
    """ "Bitcoin's cap reached $2.1 trillion, overtaking Amazon's $2 trillion"."""
    if link.subject.start > link.figure.end + 60:
        return True  # "(Nvidia) topped $5 trillion, which makes it worth more than the crypto market"
    ahead = link.text[max(link.begin, link.subject.end, link.figure.start - 120) : link.figure.start]
    if link.subject.start >= link.figure.start or "whose" in ahead:
        near = link.text[max(link.begin, link.figure.start - 90) : link.figure.start]
        return bool(_OF_ITS_OWN.search(near))
    return bool(_BESIDE.search(ahead))


#: "Apple's $3 trillion (market cap dwarfs bitcoin's)", "Nvidia topped $4 trillion (…)", "…, whose market cap is".
_OF_ITS_OWN = re.compile(
    rf"\b(?!Crypto|Bitcoin)[A-Z][\w&.]+['’]s (?:(?:own|massive|entire|current|total|{words_of.ABOUT}) ){{0,2}}$"
    r"|\w[^,;$]{1,60}, whose [^,;$]{3,60}$"
    r"|\b(?!Crypto|Bitcoin)[A-Z][\w&.]+['’]s (?:own )?(?:market (?:cap(?:itali[sz]ation)?|value)|valuation)\b"
    r"[^,;:$]{1,40}$"
)


#: Whose figure is a level of a chart, a model's or an option's.
LEVEL = re.compile(
    r"\b(?:neckline|trend ?lines?|moving averages?|\d+[- ]?(?:day|week|hour|month)?[- ](?:[SEW]?MA)|[SEW]MA|VWAP|pivot"
    r"|fair value|max(?:imum)?[- ]pain|strike|CME gap|Fibonacci|price target|target price"
    r"|liquidation price|break-?even|purchase price|entry price|floor price"
    r"|(?<!trading at an )average (?:[a-z]+ )?price)\b"
    r"(?: (?:point|level|price|value|line|gap))?(?: \([^()]{1,12}\))?[^$,;:]{0,40}$",
    re.I,
)
_RECORD = re.compile(
    r"\b(?:all[- ]time (?:highs?|peak|record|top)|ATH|life(?:time|-time) (?:high|peak)"
    r"|records?(?: highs?| peak| price)?|historic(?:al)? (?:high|peak))(?: \(ATH\))?[^$;:.,]{0,24}$",
    re.I,
)
#: Ahead of it: it is a new one, or was reached then.
_NEW = re.compile(
    r"\b(?:new|fresh|another|hits?|hitting|reach\w*|sets?|setting|touch\w*|to|tapp\w*|clock\w*|print\w*|notch\w*"
    r"|post\w*|mark\w*|achiev\w*|logg\w*|regist\w*|attain\w*|makes?|making|made|broke|breaking)\b[^$,;]{0,22}$",
    re.I,
)
_LONG_AGO = timedelta(days=8)


def quoted_record(link: Link, when: Span) -> bool:
    """Whether the figure is a record that is only quoted: one long set, or not said to be reached."""
    record = _RECORD.search(link.text, max(link.begin, link.figure.start - 60), link.figure.start)
    if not record:
        return False
    if when.modality == "current":
        return bool(_LEFT.search(link.text[max(link.begin, record.start() - 45) : record.start()]))
    if when.end is None or link.written.at is None or link.written.at - when.end > _LONG_AGO:
        return True
    ahead = link.text[max(link.begin, record.start() - 45) : record.start()]
    return bool(_LEFT.search(ahead)) or not _NEW.search(ahead)


_LEFT = re.compile(
    r"\b(?:retreat|pullback|pull back|drop|fall|decline|slide|correction|down|off|fell|dropped|retreated|slid|below"
    r"|under|short|shy|away|far|slump|comedown|than)\b(?: (?:from|of|the|its|a|an|that|[\w]+['’]s)\b[^$,;]{0,16})?$",
    re.I,
)
#: "At its highest, Bitcoin's cap was": a record without its day.
AT_PEAK = re.compile(
    r"\b(?:[Aa]t|[Nn]ear) (?:its|the|their) (?:(?:all-time|cycle|record|very|market|recent|previous) )?"
    r"(?:peak|highest|height|zenith|top|high|apex)\b[^.;$]{0,40}$"
)
