"""Percentages a price, or the total, moved by."""

from __future__ import annotations

import re

from analysis import claim_words as words_of
from analysis.asof import Span
from analysis.claim_ahead import behind, fronted, named_within
from analysis.claim_horizon import horizon_of
from analysis.claim_moves import NOUN_OF, follows_on, move_of
from analysis.claim_plain import is_plain
from analysis.claim_when import stated_for
from analysis.figures import Figure, parse_percent
from analysis.links import Link, Reading
from analysis.subjects import Subject

#: Before a coin: the coins are counted, as holdings.
_AMOUNT = re.compile(r"(?<![$\d.,])(?!(?:19|20)\d\d $)\d[\d,.]*\d $|\d[\d,.]* (?:million|billion|thousand) $")


def is_part(link: Link) -> bool:
    """ "Bitcoin's share of the total market cap": neither is the subject. Nor is what the percentage is a part of."""
    return bool(_PART.match(link.after)) or bool(
        re.search(
            r"\b(?:share|fraction|portion|percentage|%|dominance) (?:of|in) (?:the )?$"
            r"|measured in $",
            link.before[-40:],
        )
    )


def read_change(link: Link) -> Reading | None:
    """A percentage move. Its words must be known ones between subject and figure, or the subject stand behind."""
    figure = link.figure
    within = named_within(link)
    move = within[0] if within else move_of(link)
    tail = link.text[max(link.begin, figure.start - 40) : figure.start]
    if (
        is_part(link)
        or move is None
        or (link.subject.quantity == "price" and _AMOUNT.search(link.before[-20:]))
        or link.asked
        or _BOUGHT.search(link.before[-40:])
        or _RANGE.search(link.text, max(link.begin, figure.start - 12), figure.start)
        or _TOGETHER.search(link.before)
        or (goes_on(link) and not _OWN_MOVE.match(link.text, max(link.begin, link.subject.end - 2)))
    ):
        return None
    direction, anchor, noun_end = move
    subject = link.subject
    named = noun_end or (figure.end if NOUN_OF.search(tail) else 0)
    if other := within[1] if within else behind(link, named) if named else None:
        subject = other
        ahead = link.text[max(link.begin, figure.start - 90) : figure.start]
        if words_of.FORECAST.search(ahead) or _NO_FACT.search(ahead):
            return None
    elif other := fronted(link, noun_end or figure.end, anchor):
        if supposed(link) or (noun_end and _OF_ANOTHER.match(link.text, noun_end)):
            return None
        subject = other
    else:
        if noun_end and _OF_ANOTHER.match(link.text, noun_end):
            return None
        if not _moves(link, anchor):
            return None
        tail = link.tail
    if subject.asset == "" or not _moved(subject):
        return None
    parsed = parse_percent(figure.number)
    when = _when(link, noun_end)
    if not parsed or when is None or parsed[0] <= 0 or (direction < 0 and parsed[0] > 100):
        return None
    if beside(link):
        horizon = link.last.horizon
    else:
        horizon = None if dated_point(link) else _horizon(link, anchor, subject.start)
    if horizon is None and link.last is not None and (_listed(link, anchor) or follows_on(link)):
        horizon = link.last.horizon
    if horizon is None and _both_in_brackets(link):
        at = link.previous.end
        horizon = horizon_of(link.text, at, at, at, max(at, link.text.find(")", at, at + 30)), link.written)
    end = max(noun_end or 0, figure.end)
    if subject.start > figure.end and not _FIGURE_SIGN.search(link.text, figure.end, subject.start):
        end = max(end, subject.end)
    return Reading(
        "pct_change",
        subject.asset,
        direction * parsed[0],
        parsed[1],
        how_much(tail),
        when,
        horizon=horizon,
        subject=subject if subject is not link.subject else None,
        end=end,
        direction=direction,
    )


#: Before a coin: the move is its holders'.
_BOUGHT = re.compile(
    r"\b(?:bought|buy(?:ing)?|purchas(?:ed|ing)|acquir(?:ed|ing)|sold|selling|holds?|holding|held|own(?:s|ed|ing)?"
    r"|accumulat(?:ed|ing)"
    r"|(?:investments?|invested|positions?|stakes?|bets?|exposure) (?:in|on|to)|(?:investors|holders|buyers"
    r"|owners) (?:in|of)) (?:(?:the|some|spot|more) )?$"
)
#: "3% to 5%"
_RANGE = re.compile(r"\d ?%? (?:to|–|-|or) $")
#: Before coins that are told as one.
_TOGETHER = re.compile(
    r"\b(?:[Cc]ombined|[Aa]ggregate|[Jj]oint) (?:[a-z]+ ){0,3}(?:of|in) [^,;.]{0,40}(?:, [^,;.]{0,40}){0,6}$"
)


def _moved(subject: Subject) -> bool:
    """Whether a move of it is one of the price: a coin's cap moves with its price, but for stablecoins."""
    if subject.quantity == "asset_market_cap":
        return not _STABLE.search(subject.asset)
    return subject.quantity in ("price", "total_market_cap")


_STABLE = re.compile(r"USD|EUR|^(?:DAI|FRAX|GHO|PAXG|XAUT)$")


def _when(link: Link, noun_end: int) -> Span | None:
    """The span a move ended in."""
    if _UNTIL_NOW.match(link.text, noun_end or link.figure.end):
        return link.written.now
    point = dated_point(link)  # its day is the low's, the move goes on
    if point and (to := _TO_A_POINT.match(link.text, point, min(link.end, point + 90))):
        point = to.end()
    when = stated_for(link, at=point or noun_end)
    if when is None and _OF_TODAY.match(link.text, noun_end or link.figure.end):
        return link.written.now
    return link.last.when if when == link.written.now and beside(link) else when


def beside(link: Link) -> bool:
    """Whether the move is held against the one before: "..., outperforming Ether's 3%": of one time."""
    if link.last is None or link.last.quantity != "pct_change" or link.last_end >= link.subject.start:
        return False
    return bool(_BESIDE.search(link.text[link.last_end : link.subject.start]))


#: Where a dated way ended: "to a low of $74,000", before its date.
_TO_A_POINT = re.compile(
    r" to (?:its|a|an|the) (?:[\w-]+ ){0,2}(?:low|high|peak|bottom|top) (?:of \$[\d,.]+\d[KkM]? )?(?=in|on)"
)
_BESIDE = re.compile(r"\b(?:outperform\w*|outpac\w*|compared|versus|vs|beating|against)\b[^,;.]*$")


def goes_on(link: Link) -> bool:
    """Whether a move is told against a point that no time is said of, or is a way still to go."""
    behind = _GOES_ON.match(link.after)
    if not behind or dated_point(link):
        return False
    return not (behind[0] == " to reclaim" and _ROSE.search(link.tail))


def dated_point(link: Link) -> int:
    """Where "from its April low" or "since the low of $74,500 in April" ends behind the figure; 0 without one."""
    point = _DATED_POINT.match(link.text, link.figure.end, min(link.end, link.figure.end + 110))
    return point.end() if point else 0


_WHEN = (
    r"(?:(?:early|mid|late)[- ])?(?:January|February|March|April|May|June|July|August|September|October|November"
    r"|December|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|yesterday"
    r"|20[12]\d|Q[1-4])\b"
)
_POINT = (
    r"(?:lows?|highs?|bottom|peak|top|trough|(?:lowest|highest) (?:point|level|price|mark)|dip|crash|closing price)"
)
_DATED_POINT = re.compile(
    r"(?: (?:up|down|higher|lower|gain|rally|jump|surge|increase|rebound|recovery|rise|drop|decline|fall|pullback"
    r"|correction|bounce|climb|run|retracement)){0,2},? (?:from|off|since|above|below) (?:of )?"
    rf"(?:(?:its|the|their|a|an) )?(?:(?:(?:recent|local|cycle|yearly|intraday|swing|price) ){{0,2}}{_WHEN}"
    rf"(?:['’]s)? (?:[\w-]+ )?{_POINT}\b|(?:[\w-]+ ){{0,2}}{_POINT}(?: (?:of|at|near|around|below|above)"
    rf" (?:about |around |nearly )?\$[\d,.]+\d[KkM]?)?,? (?:(?:set|reached|recorded|hit|seen|made|posted|registered) )?"
    rf"(?:back )?(?:in|on|from|of|during|earlier)? ?{_WHEN})"
)


_ROSE = re.compile(
    r"\b(?:rose|rising|gain(?:ed|ing)|jump(?:ed|ing)|surg(?:ed|ing)|climb(?:ed|ing)|rallied|soared|increase|gain"
    r"|surge)\b"
)


def _horizon(link: Link, anchor: int, subject: int) -> str | None:
    text, figure = link.text, link.figure
    label = _LABEL.search(text, max(link.begin, figure.start - 18), figure.start) if figure.sign else None
    if label:
        return horizon_of(text, label.start(), label.start(), label.start(), label.end(), link.written)
    begin = max(link.begin, subject - 100 if subject < figure.start else figure.start - 60)
    told = max(link.last_end, link.previous.end if link.previous else -1)
    if told > begin:  # what follows a figure directly is that one's
        begin = _NEXT_CLAUSE.match(text, told, anchor).end() if told < anchor else anchor
    stop = min(link.end, figure.end + (30 if figure.sign else 75))
    at = figure.end
    while nxt := _FIGURE_SIGN.search(text, at, stop):
        if at - figure.end > 60 or not _TO_LEVEL.fullmatch(text, at, nxt.start()):
            stop = nxt.start()
            break
        at = nxt.end()  # "rose 3% to $90 over the day"
    found = horizon_of(text, begin, anchor, figure.end, stop, link.written, sentence=link.begin)
    if found or (found := shared_horizon(link, figure)):
        return found
    span = _SPAN_BEFORE.search(text, max(link.begin, subject - 60), subject) if subject < figure.start else None
    return span and horizon_of(text, span.start(), span.start(), span.start(), span.end("span"), link.written)


def _both_in_brackets(link: Link) -> bool:
    """ "Bitcoin is at $27,000 (+0.4% in 24h), ether at $1,640 (-0.2%)"."""
    if not link.figure.sign or link.previous is None or not link.previous.sign:
        return False
    text = link.text
    return text[link.figure.start - 1] == text[link.previous.start - 1] == "(" and text.startswith(")", link.figure.end)


#: "Lost $200 billion in 24 hours, with (bitcoin falling 8%)", "are up 9% this year and (the token is up 21%)".
_SPAN_BEFORE = re.compile(
    r"\b(?P<span>(?:in|over|within) (?:(?:the|just|only) )?(?:(?:past|last|previous) )?"
    r"(?:(?:\d{1,2}|a|one|two|three|seven)"
    r"[ -])?(?:hours?|days?|weeks?|months?)|this (?:week|month|year)|today|year to date)"
    r"(?:, with (?:the )?(?:price of )?|(?<=\w),? and (?:the )?)$"
)


def shared_horizon(link: Link, figure: Figure) -> str | None:
    """ "BTC fell 2% and ETH dropped 3% in the past 24 hours": the span behind the last move of a row is each one's."""
    text, at = link.text, figure.end
    for _ in range(8):
        more = _AND_MOVED.match(text, at, min(link.end, at + 90))
        if more is None:
            break
        at = more.end()
    span = _SPAN_OF_ALL.match(text, at, min(link.end, at + 60)) if at > figure.end or link.shares else None
    return span and horizon_of(text, at, at, at, span.end(), link.written)


#: From one move to the next, which a comma or "and" joins to it; times and levels between are each one's own.
_AND_MOVED = re.compile(
    r"(?: (?:to|at) \$[\d.,]*\d[KkMB]?)?(?:,? and|,? &|,) (?!(?:which|who|that|while|after|before|as|but)\b)"
    r"(?:(?!(?:in|over|during|on|since|from|today|yesterday|after|this|last|but|while|although|with|before|has|have)\b)"
    r"[A-Za-z’'()/.$-]{1,20},? ){0,6}"
    rf"(?:{words_of.ABOUT} )?[~+\-–−]?\d++(?:[.,]\d++)?(?: ?%|[ -](?:percent|per cent)\b)\)?"
)
_SPAN_OF_ALL = re.compile(
    r"(?: (?:to|at) \$[\d.,]*\d[KkMB]?)?,?(?: (?:each|both|apiece|respectively|in turn),?)? "
    r"(?:(?:in|over|within|during|for|across|throughout) "
    r"(?:the|its|just the) (?:last|past|previous|prior|trailing|preceding) (?:[\w-]+ )?(?:hours?|days?|weeks?"
    r"|months?|year)"
    r"|(?:in|over|within) (?:24|48|a|one|two|three|seven|\d{1,2}) (?:hours?|days?|week|weeks|months?)"
    r"|on the (?:day|week|month)|(?:this|so far this) (?:week|month|year)|today|overnight|year[- ]to[- ]date"
    r"|week[- ]on[- ]week)\b"
)


_LABEL = re.compile(
    r"\b(?:\d{1,2} ?[hHdDwW]|\d{1,2}[- ](?:[Hh]ours?|[Dd]ays?)|YTD|[Dd]aily|[Ww]eekly)(?: [Cc]hange)?(?:[:=] ?| )$"
)
_NEXT_CLAUSE = re.compile(r"(?:[^,;]*?(?:[,;]| and\b| but\b| while\b| with\b| after\b| before\b| as\b))?")
_TO_LEVEL = re.compile(r",? (?:\(?from|to|at|near|around|above|below|reaching|hitting|and)(?: [a-z]+){0,3} ?")


def _listed(link: Link, anchor: int) -> bool:
    """Whether the move stands in a list of moves: "BTC (2%), XRP (4%)", "12% and another 3%"."""
    gap = link.text[link.last_end : anchor] if anchor - link.last_end < 40 else "."
    return link.last.quantity == "pct_change" and bool(_LISTED.fullmatch(gap))


_LISTED = re.compile(r"\)?,? ?(?:and )?(?:[A-Z][\w ]{1,16})?(?: ?\([A-Z]{2,6}\))? ?\(?")
#: Behind a move: whatever day was named before, it ends now.
_UNTIL_NOW = re.compile(
    r",? (?:in|over|during|within|for|across) (?:the|its) (?:last|past|previous) (?!week\b|month\b|year\b"
    r"|quarter\b)|,? so far "
)
#: Behind a move: of the day of publication, whatever else is dated in its sentence.
_OF_TODAY = re.compile(r",? (?:today|on the day|(?:in|over|on) the (?:daily|weekly|monthly|hourly) \w+)\b")
_FIGURE_SIGN = re.compile(r"\$ ?\d[\d,.]*|\d ?(?:%|percent\b|per cent\b)")


def how_much(tail: str) -> str:
    """The comparator of a magnitude, from the words directly before it."""
    if re.search(
        r"\b(?:about|around|roughly|approximately|nearly|almost|close to|some|circa|approx\.?"
        r"|near)(?: \w+)? $|[~≈] ?$|\bapproximate (?:\w+ ){1,2}of $",
        tail,
        re.I,
    ):
        return "approx"
    if re.search(r"\b(?:over|more than|above|at least|exceeding|upwards of)(?: \w+)? $", tail, re.I):
        return "gt"
    if re.search(r"\b(?:less than|under|below|up to|just shy of)(?: \w+)? $", tail, re.I):
        return "lt"
    return "eq"


#: Behind the figure: it is a part of something.
_PART = re.compile(
    r" on (?:their|its|the|his) (?:\w+ )?(?:holdings|investments?|stake|position)\b"
    r"|,? (?:from )?(?:its )?peak[- ]to[- ](?:trough|bottom|valley|low)\b"
    r"| (?:of (?!(?:its|their) (?:total |market |entire )?(?:value|price|gains|worth))"
    r"|chance|probability|odds"
    r"|(?:market )?share|stake|premium|discount|yield|APY|APR|tax|tariffs?|"
    r"(?:\w+ )?(?:dominance|staking|bonus|rate|interest|inflation|(?:trading )?volume|supply|inflows?"
    r"|in (?:[Tt]rading |[Dd]aily "
    r"|24-hour )?(?:[Vv]olume|TVL|[Aa]ctive|[Tt]ransactions?|[Ff]ees)|Fib|Fibonacci|returns? (?:on|for|to)|target|"
    r"upside|downside|potential|level|zone|mark|threshold|retracement level))\b|[- ]?(?:to|–|-|or) ?\d[\d.]*%|-\d"
)
#: Behind the figure: against a point that is not told by a time, or a way still to go.
_GOES_ON = re.compile(
    r"(?: \w+){0,3} (?:[Ff]rom|off|above|[Bb]elow|under|than|[Ss]ince) (?:(?:[Ii]ts|the|a|an|their|this|recent|last"
    r"|week['’]s|month['’]s|"
    r"year['’]s|session['’]s|previous|all-time|\d+-day|initial|launch|starting|presale|yearly|weekly"
    r"|intraday|local|cycle|[A-Z]\w+['’]?s?|\d{4}) ){0,4}"
    r"(?:(?:lowest|highest) (?:point|level|price|mark)|[Ll]ows?|[Hh]ighs?|peak|bottom|ATHs?|ATL|record|all-time"
    r"|current|opening|open|current levels?|average"
    r"|level|price|SMA|EMA|lows|launch)\b"
    r"|(?: \w+){0,2} (?:surge|rally|move|jump|rise|push|increase|gain|climb|run|drop) (?:to|toward|towards"
    r"|ahead|away|required|needed|could|would|may|if)\b"
    r"| (?:away|to reclaim|shy|short of|compared (?:to|with) (?:the )?(?:S&P|gold|Bitcoin|BTC))"
    r"|(?: \w+)? (?:against|versus|vs\.?|relative to|in terms of) (?:the |its )?"
    r"(?:\$?(?:BTC|ETH)\b|(?:euro|yen|pound|sterling|yuan|won|lira|real|franc)\b|[Bb]itcoin"
    r"|[Ee]ther|gold|S&P|\d+-(?:week|day|month))"
)


#: "Its sharp 8% gain could": the gain is a fact whatever it could lead to.
_OWN_MOVE = re.compile(r"['’]s (?:\w+ ){0,2}\d[\d.]*% (?:\w+ )?\w+ (?:could|would|may)\b")


def _moves(link: Link, anchor: int) -> bool:
    """Whether the words from the subject to the move say that it was the subject's."""
    quoted = link.figure.sign and link.last is not None and link.last.asset == link.subject.asset
    if quoted and _LABELLED.fullmatch(link.text, link.last_end, link.figure.start):
        return True
    words = _EACH.sub("", link.text[max(link.subject.end, link.base) : link.figure.start])
    if supposed(link) or _OF_OTHERS.search(link.text, link.subject.end, link.figure.start):
        return False
    if not is_plain(words):
        begun = [match.end() for match in _BEGINS.finditer(words)]
        if not begun or words[:1] in ("'", "’", "/", "-") or not is_plain(words[begun[-1] :]):
            return False
    if re.search(
        r"\b(?:from|recover\w* from|(?<!more )(?<!less )than) (?:a |an |its )?(?:\w+ )?$",
        link.text[max(link.subject.end, anchor - 25) : anchor],
    ):
        return False
    return not re.search(r"\b(?:dominance|volume|inflows?)\b", words)


#: Somebody else's move: an index's, or a list's "Palantir -- up 5%".
_OF_OTHERS = re.compile(r"\b(?:CoinDesk 20|CD20|S&P|Nasdaq|Dow|index)\b|[A-Z]\w+ (?:--|—|–) (?:up|down)\b")
_EACH = re.compile(r"^ (?:each|both|all)\b(?= \w)")
#: Between the figures of a quote: "$61,240, 24h: (-2.3%), 7d: (+4.1%)".
_LABELLED = re.compile(
    r"[ ,;|/)(]{0,4}(?:\d{1,2}[hHdD](?=[,;|/)])[,;|/)]{1,2} ?)?"
    r"(?:(?:\d{1,2} ?[hHdDwW]|\d{1,2}[- ](?:hours?|days?)|[Dd]aily|[Ww]eekly|[Dd]ay|[Ww]eek|YTD"
    r"|[Cc]hange|[Oo]n the (?:day|week))"
    r"(?: [Cc]hange)? ?[:=]? ?)?"
)
#: Words that bring in a move of what the sentence is about, whatever else it has said.
_BEGINS = re.compile(
    r"\b(?:despite|following|after|amid|on the back of|reflecting|marking|recording|posting|registering|experiencing"
    r"|suffering|logging|notching|seeing|having) "
)


def supposed(link: Link) -> bool:
    """Whether the clause of the figure, or what it hangs on, is a forecast or a condition."""
    clause = link.text[max(link.begin, link.figure.start - 110) : link.figure.start]
    cut = link.subject.start - link.figure.start + len(clause)
    if cut > 0 and link.before and _NO_FACT.search(clause[:cut]):
        cut = 0
    for mark in _FRESH.finditer(clause):
        cut = max(cut, mark.end())
    if words_of.MAY.search(clause, max(0, cut)):
        return True
    if words_of.UNREAL.search(clause, max(0, cut)) and words_of.UNREAL.search(
        _MONTH_OF_MAY.sub("", clause[max(0, cut) :])
    ):
        return True
    before = link.before[-110:]
    for mark in _FRESH.finditer(before):
        before = " " * mark.end() + before[mark.end() :]
    return bool(words_of.SUPPOSED.search(before))


_MONTH_OF_MAY = re.compile(r"\bMay\b(?! [a-z])")
#: Before a subject: what it will be said to have done is none that it has.
_NO_FACT = re.compile(
    r"\b(?:averag\w+|historically|typically|usually|each time|every time|whenever|potential\w*|possibl[ey]|likely"
    r"|risk\w*(?! (?:appetite|assets?|sentiment|aversion|on|off))|warn\w*|(?-i:fear\w*)|predict\w*|anticipat\w+"
    r"|imply\w*|implies|hypothetical\w*|require\w*|needs?"
    r"|before a|calls? for)\b",
    re.I,
)
#: From here on a sentence states facts again, whatever was supposed before.
_FRESH = re.compile(
    r"[;:?!] |, but |\. | – | — |, (?:while|though|as|with) |\.com/| considering |Given that |appeared first on "
    r"|(?<=[ .])(?:At|As of) (?:the )?(?:time of|press|this writing|writing|now\b|publication|present|moment)"
    r"|\b(?:despite|[Ff]ollowing|[Gg]iven|[Aa]midst?|on the back of|thanks to|having|[Aa]fter(?= \w+ing\b)) "
)


_OF_ANOTHER = re.compile(
    r" (?:in|for|of|by) (?!an? (?:\w+ )?margin|the (?:past|last|previous|day|week|month|hour|year)|past|last"
    r"|just|under|less|Q[1-4]"
    r"|the (?:daily|weekly|monthly|first|second|third|fourth)|a (?:day"
    r"|week|month|year|fortnight|single|matter|span|few|couple|short)|"
    r"\d|one|two|three|four|five|six|seven|early|late|mid|value|price|its (?:price|value)"
    r"|[A-Z][a-z]{2,8}\b(?! (?:ETF|vol))|24|recent|only|about)"
)
