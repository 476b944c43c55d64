"""Percentages below the all-time high."""

from __future__ import annotations

import re

from analysis import claim_words as words_of
from analysis.asof import Span, calendar
from analysis.claim_ahead import fronted
from analysis.claim_percent import how_much, supposed
from analysis.claim_plain import is_plain
from analysis.claim_when import stated_for
from analysis.figures import parse_percent
from analysis.links import Link, Reading
from analysis.prose import MONTH
from analysis.subjects import Subject

_WAY = (
    r"(?:(?:(?:just|still|only|or so) )?(?:below|under|beneath|off(?: of)?|shy of|short of|less than"
    r"|lower than|cheaper than|down on|in comparison (?:to|with)|relative to|"
    r"(?:away|down|lower|back|distant|removed|shy|short) (?:from|of|than)|from"
    r"|of (?:its|their) (?:market )?(?:value|worth|price) (?:from|since)"
    r"|since(?: (?:it|its price))?(?: (?:hit(?:ting)?|reach(?:ing|ed)|set(?:ting)?|touch(?:ing|ed)|notch(?:ing|ed)"
    r"|post(?:ing|ed)|print(?:ing|ed)))?|"
    r"(?:(?:price )?(?:drop|dip|decline|discount|pullback|fall|correction|retracement|loss|decrease|slide"
    r"|retreat|drawdown|"
    r"slump|retrace|move|gap|plunge|crash) (?:away )?(?:from|to|off|below|since))))"
)
_HIGH = (
    r"(?:where it was at )?(?:(?:its|the|their|his|a|an|new|New|bitcoin['’]s|BTC['’]s|ETH['’]s|XRP['’]s"
    r"|previous|prior|last|recent|"
    r"current|latest|most|former|new|own|all|historic|historical|lifetime|recorded|the asset['’]s|token['’]s"
    r"|coin['’]s|"
    r"fresh|old|major|that|this|\d{1,2}(?:st|nd|rd|th)?,?|cycle|recently|established|set|hit|recorded|reached|May"
    r"|June|July|(?P<dated>(?:(?:late"
    r"|early|mid)-?)?(?:January|February|March|April|May|June|July|August|"
    r"September|October|November|December)(?:['’]s)?)|(?P<year>20[12]\d(?:['’]s)?)|week['’]s"
    r"|\$[\d,.]+\d[KkMB]?) ){0,5}"
    r"(?P<what>all[- \u2011]time[- ](?:highs?|peaks?|tops?|max(?:imum)?s?|excessive|records?)|(?:life-?time"
    r"|historical?)[- ](?:highs?|peaks?|max(?:imum)?|tops?)|ATHs?|record(?:[- ](?:high|peak|price|level)s?)?|peak"
    r"|historical? (?:high|peak)|(?:(?<=\d )|(?<=ber )|(?<=ary )|(?<=une )|(?<=uly )|(?<=pril )|(?<=arch )"
    r"|(?<=ugust )|(?<=May ))highs?)\b"
    r"(?! since|-to| lows?\b| to (?:trough|bottom|low)| of \d[\d.]*%)"
)
_FROM_ATH = re.compile(rf"\)? ?,? ?{_WAY} {_HIGH}", re.I)
_WITHIN_ATH = re.compile(
    r" of (?:its|the|their|a|an) (?:(?:previous|recent|new|latest|current) )?(?:all[- ]time high|ATH|record)\b"
)
#: The high was named before: "SOL is 60% below its own", "slipped 12% below that level".
_FROM_THAT = re.compile(
    rf" {_WAY} (?:(?:its|their) own|(?:that|this) (?:level|mark|peak|high|record|price|top|figure|point))\b"
    r"(?! (?:\d+-day|average|moving|realized|low))",
    re.I,
)
_SAID = re.compile(r"\b(?:all[- ]time[- ](?:high|peak)s?|ATHs?|record(?:[- ]highs?)?|peaks?)\b", re.I)
#: "…, ether 40% off and Solana 55% off".
_ELLIPSIS = re.compile(r" (?:off|below|down|lower|under)(?=[,.;)]|$| and\b| while\b| but\b)")
#: "Bitcoin's drawdown from its record has deepened to 30%".
_ITS_WAY = re.compile(
    r"(?P<whose>['’]s|\b(?:the|its|this|that)) (?:[\w-]+ )?(?:drawdown|retreat|decline|drop|fall|slide|discount"
    r"|correction|slump|loss(?:es)?|pullback|distance) (?:from|to|since|off) "
    rf"{_HIGH.replace('?P<dated>', '?:').replace('?P<year>', '?:')}(?: (?:of|at|near) \$[\d.,]+\d[KkMBT]?)?"
    r"(?: (?:(?:has|have|had|now|currently|stands?|stood|sits?|is|was|deepened|widened|narrowed|grown|shrunk|reached"
    rf"|reaches|amounts?|comes?|came|at|to|hit|hits|exceeds|exceeded|about|{words_of.ABOUT}) ){{1,6}})$",
    re.I,
)
#: "Since its record of $4,878, ether has lost".
_FRONT = re.compile(
    rf"(?:^|[.,;:] )(?:since|from) {_HIGH.replace('?P<dated>', '?:').replace('?P<year>', '?:')}"
    r"(?: (?:of|at|near|above) \$[\d.,]+\d[KkMBT]?)?(?: (?:in|on|set|reached|hit|last) [^,;.$%]{3,30})?,? (?:the )?$",
    re.I,
)
_FALLEN = re.compile(
    r"\b(?:fallen|fell|lost|losing|dropped|declined|slumped|tumbled|plunged|crashed|down|given up|gave up|shed|slid"
    r"|retreated|corrected|plummeted|sunk|sank|erased|surrendered)\b"
)
#: "Since peaking at $69,000".
_PEAKED = re.compile(
    r" (?:of (?:its|their) (?:value|worth|price) )?since (?:(?:it|the \w+) )?(?:peak(?:ing|ed)|topp(?:ing|ed) out)"
    r" (?:at|above|near|around|just (?:above|below|under))\b"
)
#: Behind the high: what it was and when, which is not the drawdown's time.
_ITS_DATE = re.compile(
    r"(?: \(ATH\))?(?: (?:of|at|near|above|around) [^,;.$%]{0,15}\$ ?\d[\d.,]*(?: ?[KkMBT]\b| [a-z]+illion)?)?,?"
    r"(?: (?:that|which))?(?: (?:it|the \w+))?(?: (?:was|had|has))?"
    r" (?:set|hit|reached|recorded|seen|registered|posted|touched|printed|struck|achieved|notched|established)"
    r"(?:[^,;.$%]|, ?(?=20[012]\d)|\. (?=\d)){0,40}"
)
#: So deep below a peak of a named month it is the highest of all.
_DEEP = 45


def read_drawdown(link: Link) -> Reading | None:
    """ "27% below its all-time high"; of a mere peak only where no date makes it another than the highest."""
    text, figure, stop = link.text, link.figure, min(link.end, link.figure.end + 120)
    behind = _FROM_ATH.match(text, figure.end, stop)
    within = _WITHIN_ATH.match(link.after) if re.search(r"\bwithin (?:about |just |roughly )?$", link.tail) else None
    end = behind.end() if behind else figure.end + within.end() if within else _told_before(link)
    off = None if end else _off(link)
    ahead = fronted(link, behind.end(), figure.start) if behind else off and off[0]
    end = end or (off[1] if off else 0)
    subject = ahead or link.subject
    parsed = parse_percent(figure.number)
    if not end or not subject.asset or subject.quantity not in ("price", "total_market_cap"):
        return None
    if not parsed or not 0 < parsed[0] < 100 or (behind and not _the_highest(link, behind, parsed[0])):
        return None
    own = _way_named(link)
    if supposed(link) or link.asked or not (ahead or own or _tied(link)):
        return None
    if not own and re.search(r"(?<!\bclose )\b(?:at|to) $", link.tail):
        return None
    if (
        re.search(
            r"\b(?:up|gain\w*|rose|risen|rall\w+|jump\w*|soar\w*|climb\w*|surge\w*|needs?) (?:\w+ ){0,2}$", link.tail
        )
        and not re.search(r"\b(?:given|gave|giving) up ", link.tail)
        and behind
        and behind[0].lstrip().startswith(("from", "since"))
    ):
        return None
    its = _ITS_DATE.match(text, end, min(link.end, end + 120))
    when = link.written.now if _STILL.search(link.words) else _by_then(link, end)
    when = when or stated_for(link, at=its.end() if its else 0)
    if when is None:
        return None
    comparator = "lt" if within else how_much(link.tail)
    return Reading("drawdown_from_ath", subject.asset, -parsed[0], parsed[1], comparator, when, subject=ahead, end=end)


#: Behind the high: "by the end of 2018", of what had fallen by then.
_BY_THEN = re.compile(
    r"[^.;$%]{0,20}? (?:by|at|in) (?:the )?(?:(?:end|start|middle|close|summer|spring|autumn|winter|early|late|mid)[- ]"
    rf"(?:of )?)?(?:the year )?(?:{MONTH} )?(?P<year>20[0-3]\d)\b"
)


_IN_THE_SLUMP = re.compile(
    r"[^.;$%]{0,20}? (?:in|during) the (?P<year>20[0-3]\d) (?:crypto )?(?:bear|crash|winter|bust|slump|downturn|sell)"
)
_HAS = re.compile(r"\b(?:has|have|is|are|remains?)\b")


def _by_then(link: Link, end: int) -> Span | None:
    stop = min(link.end, end + 70)
    then = re.search(r"\bhad\b", link.words) and _BY_THEN.match(link.text, end, stop)
    then = then or (not _HAS.search(link.words) and _IN_THE_SLUMP.match(link.text, end, stop))
    if not then or (link.written.at and int(then["year"]) >= link.written.at.year):
        return None
    return calendar(int(then["year"]), None, None, link.written)


def _the_highest(link: Link, behind: re.Match[str], depth: float) -> bool:
    """Whether the high is the highest of all, not that of a month or a week."""
    what, named = behind["what"].lower(), behind[0]
    if what in ("peak", "high", "highs"):
        if re.search(r"\b(?:recent|cycle|last|week)", named):
            return False
        if what != "peak" and depth < _DEEP:
            return False
        if behind["dated"] and not behind["year"] and depth < _DEEP:
            return bool(
                re.match(
                    r"[^.;%]{0,30}, (?:also|likewise|itself|too,?) an? (?:record|all-time)",
                    link.text[behind.end() :][:90],
                )
            )
    return True


def _told_before(link: Link) -> int:
    """Where the words end that measure the drawdown by a high named before the figure; 0 without one."""
    text, figure = link.text, link.figure
    if _way_named(link) or (_FRONT.search(link.before) and _FALLEN.search(link.words)):
        return figure.end
    that = _FROM_THAT.match(text, figure.end, min(link.end, figure.end + 60))
    if that and _SAID.search(text, max(0, figure.start - 220), figure.start):
        return that.end()
    last = link.last is not None and link.last.quantity == "drawdown_from_ath" and link.last.asset != link.subject.asset
    if last and (same := _ELLIPSIS.match(text, figure.end, link.end)):
        return same.end()
    peaked = _PEAKED.match(text, figure.end, min(link.end, figure.end + 60))
    parsed = parse_percent(figure.number)
    return peaked.end() if peaked and parsed and parsed[0] >= _DEEP else 0


def _way_named(link: Link) -> bool:
    """ "Bitcoin's drawdown from its record stands at": the coin's directly before, or the last one told of."""
    way = _ITS_WAY.search(link.text, max(link.begin, link.figure.start - 150), link.figure.start)
    if way is None or link.subject.end > way.end():
        return False
    if way["whose"] in ("'s", "’s"):
        return way.start() in (link.subject.end, link.subject.end - 2)
    last = link.last is not None and link.last.quantity == "drawdown_from_ath"
    return (last and link.last.asset == link.subject.asset) or is_plain(link.text[link.subject.end : way.start()])


def _off(link: Link) -> tuple[Subject, int] | None:
    """ "Wiped 28% off bitcoin's price since its all-time high": the coin, and where the words end."""
    coin = link.following[0] if link.following and not link.subject.asset else None
    if coin is None or coin.quantity != "price" or not coin.asset:
        return None
    if link.text[link.figure.end : coin.start] not in (" off ", " off the "):
        return None
    since = _FROM_ATH.match(link.text, coin.end, min(link.end, coin.end + 120))
    return (coin, since.end()) if since else None


def _tied(link: Link) -> bool:
    """Whether the words before leave the drawdown with the subject, or resume it: ", still 3% below"."""
    return is_plain(link.words) or bool(_RESUMED.search(link.words))


_RESUMED = re.compile(
    r"(?:[,;(–—]|\band|\bbut|\bor) (?:(?:it|it['’]s|is|now|currently|still|just|only|a mere|mere|remains?|trades"
    r"|trading|sits|sitting|down|lower|roughly|about|around|approximately|nearly|almost|less than|more than|over"
    r"|has|have|since|then|fallen|slipped|dropped|slid|lost|retreated|pulled back|declined|tumbled|plunged|crashed|sunk"
    r"|some|already) )*$"
)
#: The date before is the high's, not the drawdown's.
_STILL = re.compile(
    r"\b(?:is|are|has since|have since|remains?|trades|trading|currently|now|still|sits|stands|[’']s)\b"
)
