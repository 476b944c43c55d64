"""Percentages: drawdown from the all-time high, and moves of a price or of the total."""

from __future__ import annotations

import re

from analysis import claim_words as words_of
from analysis.claim_plain import is_plain
from analysis.claim_when import horizon_of, stated_for
from analysis.figures import parse_percent
from analysis.links import Link, Reading
from analysis.subjects import Subject

# Drawdown ----------------------------------------------------------------------------------------------------

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
    r"fresh|old|major|cycle|recently|established|set|hit|recorded|reached|May|June|July|(?P<dated>(?:(?:late"
    r"|early|mid)-?)?(?:January|February|March|April|May|June|July|August|"
    r"September|October|November|December)(?:['’]s)?)|(?P<year>20[12]\d(?:['’]s)?)|week['’]s"
    r"|\$[\d,.]+\d[KkMB]?) ){0,5}"
    r"(?P<what>all[- ]time[- ](?:highs?|peaks?)|ATHs?|record(?:[- ](?:high|peak|price|level)s?)?|peak"
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
    if not (behind or within) or not subject.asset or subject.quantity not in ("price", "total_market_cap"):
        return None
    if behind and "peak" in behind["what"] and behind["what"] == "peak":
        named = behind[0]
        if (behind["dated"] and not behind["year"]) or re.search(r"\b(?:recent|cycle|last|week)", named):
            return None
    if supposed(link) or link.asked or not is_plain(link.words) or re.search(r"\b(?:at|to) $", link.tail):
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
    return Reading("drawdown_from_ath", subject.asset, -parsed[0], parsed[1], comparator, when, end=end)


#: The date before is the high's, not the drawdown's.
_STILL = re.compile(r"\b(?:is|are|remains?|trades|trading|currently|now|still|sits|stands|[’']s)\b")

# Moves -------------------------------------------------------------------------------------------------------


#: Before a coin: the coins are counted, as holdings.
_AMOUNT = re.compile(r"(?<![$\d.,])(?<![a-z] )\d+(?:[.,]\d+)+ $|\b\d{2,} $|\d[\d,.]* (?:million|billion|thousand) $")


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
    move = _move(link)
    if (
        is_part(link)
        or move is None
        or _AMOUNT.search(link.before[-20:])
        or link.asked
        or (goes_on(link) and not _OWN_MOVE.match(link.text, max(link.begin, link.subject.end - 2)))
    ):
        return None
    direction, anchor, noun_end = move
    subject = link.subject
    if noun_end and (other := _behind(link, noun_end)):
        subject, tail = other, link.text[max(link.begin, figure.start - 40) : figure.start]
        if words_of.FORECAST.search(link.text, max(link.begin, figure.start - 90), figure.start):
            return None
    else:
        if noun_end and _OF_ANOTHER.match(link.text, noun_end):
            return None
        if not _moves(link, anchor):
            return None
        tail = link.tail
    if subject.asset == "" or subject.quantity not in ("price", "total_market_cap"):
        return None
    parsed = parse_percent(figure.number)
    when = link.written.now if _UNTIL_NOW.match(link.text, noun_end or figure.end) else stated_for(link, at=noun_end)
    if not parsed or when is None or parsed[0] <= 0 or (direction < 0 and parsed[0] > 100):
        return None
    begin = max(link.begin, link.last_end, subject.start - 100 if subject.start < figure.start else figure.start - 60)
    stop = min(link.end, figure.end + 75)
    if figure.sign:
        stop = min(stop, figure.end + 30)
    nxt = _FIGURE_SIGN.search(link.text, figure.end, stop)
    if nxt and re.fullmatch(r",? (?:to|at)(?: \w+){0,3} ?", link.text[figure.end : nxt.start()]):
        nxt = _FIGURE_SIGN.search(link.text, nxt.end(), stop)  # "rose 3% to $90 over the day"
    if nxt:
        stop = nxt.start()
    horizon = horizon_of(link.text, begin, anchor, figure.end, stop, link.written)
    if horizon is None and link.last is not None and _listed(link, anchor):
        horizon = link.last.horizon
    end = max(noun_end or 0, subject.end if subject.start > figure.end else 0, figure.end)
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


def goes_on(link: Link) -> bool:
    """Whether a move is told against a point that no time is said of, or is a way still to go."""
    behind = _GOES_ON.match(link.after)
    return bool(behind) and not (behind[0] == " to reclaim" and _ROSE.search(link.tail))


_ROSE = re.compile(r"\b(?:rose|rising|gain(?:ed|ing)|jump(?:ed|ing)|surg(?:ed|ing)|climb(?:ed|ing)|rallied|soared)\b")


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
_FIGURE_SIGN = re.compile(r"\$ ?\d[\d,.]*|\d ?%")


def how_much(tail: str) -> str:
    """The comparator of a magnitude, from the words directly before it."""
    if re.search(
        r"\b(?:about|around|roughly|approximately|nearly|almost|close to|some|circa|approx\.?"
        r"|near)(?: \w+)? $|[~≈] ?$",
        tail,
        re.I,
    ):
        return "approx"
    if re.search(r"\b(?:over|more than|above|at least|exceeding|upwards of)(?: \w+)? $", tail, re.I):
        return "gt"
    if re.search(r"\b(?:less than|under|below|up to|as much as|just shy of)(?: \w+)? $", tail, re.I):
        return "lt"
    return "eq"


_UP = (
    r"rises?|rose|risen|rising|gain(?:s|ed|ing)?|climb(?:s|ed|ing)?|jump(?:s|ed|ing)?|surg(?:e|es|ed|ing)"
    r"|soar(?:s|ed|ing)?|rall(?:y|ies|ied|ying)|advanc(?:e|es|ed|ing)|add(?:s|ed|ing)?|increas(?:e|es|ed|ing)"
    r"|gr(?:ew|own|ows?|owing)|spik(?:e|es|ed|ing)|pump(?:s|ed|ing)?|rebound(?:s|ed|ing)?|recover(?:s|ed|ing"
    r"|y)?|bounc(?:e|es|ed|ing)|skyrocket(?:s|ed|ing)?|appreciat(?:ed|ing|ion)|explod(?:ed|ing)|up|higher"
    r"|uptick|upswing|upside|upsurge|leap(?:s|ed|t)?|popp?(?:ed)?|rocket(?:s|ed|ing)|swell(?:ed)?|uptrend"
    r"|growth|rallied|returned|green|positive|shot|shooting|shoots"
)
_DOWN = (
    r"f[ae]ll(?:s|en|ing)?|drop(?:s|ped|ping)?|declin(?:e|es|ed|ing)|los(?:t|e|es|ing|s|ses)|slid(?:e|es"
    r"|ing)?|slip(?:s|ped|ping)?|dip(?:s|ped|ping)?|tumbl(?:e|es|ed|ing)|plung(?:e|es|ed|ing)|crash(?:es|ed"
    r"|ing)?|s[iau]nk(?:s|ing)?|shed(?:s|ding)?|decreas(?:e|es|ed|ing)|retreat(?:s|ed|ing)?|correct(?:ed|ing"
    r"|ion)|plummet(?:s|ed|ing)?|crater(?:s|ed|ing)|depreciat(?:ed|ing|ion)|down|lower|pull(?:ed)?[- ]?backs?"
    r"|pulling back|retrac(?:ed|ing|ement|ements)|dump(?:s|ed|ing)?|shrank|collaps(?:e|es|ed|ing)"
    r"|contract(?:ed|ing)|weaken(?:ed|ing)|slump(?:s|ed|ing)?|nosediv(?:e|ed|ing)|downturn|drawdown|sell-?off"
    r"|downtick|eased|red|negative|given up|gave up|tank(?:s|ed|ing)"
)
_MOVE = re.compile(rf"(?:(?P<up>{_UP})|(?P<down>{_DOWN}))", re.I)
_HEDGE = frozenset(
    """by of about around roughly approximately nearly almost close over more than at least some just only
    another additional a an further modest slight slightly mere as much up down back higher lower sharply steeply
    its value in price solid whopping massive impressive staggering healthy notable significant respectable strong
    under less below near total hefty steep sharp further also now exactly even daily weekly monthly well extra
    cumulative circa exceeding upwards significantly dramatically rapidly quickly yet small minor considerable between
    """.split()  # noqa: SIM905
)
_NOUN_AFTER = re.compile(
    r"[ -](?P<adj>(?:(?:daily|weekly|monthly|yearly|annual|intraday|price|24-hour|7-day|30-day|single-day"
    r"|one-day|overnight|"
    r"sharp|modest|slight|steep|such|day|week|month|year|hourly|one-week|one-month|weekend|year-to-date|YTD"
    r"|year-over-year|"
    r"massive|impressive|strong|solid|quick|brief|minor|small|additional|net|sudden|recent|further|swift"
    r"|significant|notable|"
    r"upward|downward|overall|24h|24-hours?|hour|day-over-day|\w{1,8}-(?:hour|day|week|month|year)) ){0,3})"
    r"(?P<noun>(?P<up>increases?|gains?|rises?|jump|surge|rally|climb|spike|pump|rebound|recovery|uptick"
    r"|upswing|advance|growth|"
    r"bounce|upsurge|appreciation|leap|upside|upward move|bump|boost|run|run-up)"
    r"|(?P<down>drops?|declines?|falls?|loss(?:es)?|dips?|slide|plunge|correction|crash|pullback|retracement"
    r"|retrace|retreat|"
    r"slump|decrease|tumble|sell-?off|downturn|slip|downtick|depreciation|dive|downswing|reduction))\b"
    r"(?! (?:in|of) (?:trading|volume|open|its|inflows|the (?:number|supply)))"
    r"|(?P<adverb> (?:(?P<higher>higher|up\b(?! to)|in the green)"
    r"|(?P<lower>lower|down|in the red))(?=$|[,.;:)—–]| (?:over|in|on|at|from|since|this|today|and|while"
    r"|compared|as|for|during|"
    r"within|after|amid|year|week|month|with|than (?:yesterday|a |last|it was))\b))"
)
#: Behind the figure: it is a part of something.
_PART = re.compile(
    r" (?:of (?!its (?:value|price|market value)|their value)|chance|probability|odds|share|stake|premium"
    r"|discount|yield|APY|APR|tax|tariffs?|"
    r"(?:\w+ )?(?:dominance|staking|bonus|rate|interest|inflation|volume|supply|inflows?|in (?:[Tt]rading |[Dd]aily "
    r"|24-hour )?(?:[Vv]olume|TVL|[Aa]ctive|[Tt]ransactions?|[Ff]ees)|Fib|Fibonacci|ROI"
    r"|returns?|target|"
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
)


#: "Its sharp 8% gain could": the gain is a fact whatever it could lead to.
_OWN_MOVE = re.compile(r"['’]s (?:\w+ ){0,2}\d[\d.]*% (?:\w+ )?\w+ (?:could|would|may)\b")


def _move(link: Link) -> tuple[int, int, int] | None:
    """Direction, where its words begin, and where the noun behind the figure ends (0 without one)."""
    figure, text = link.figure, link.text
    start = max(link.begin, figure.start - 75, link.last_end)
    after = _NOUN_AFTER.match(text, figure.end, min(link.end, figure.end + 60))
    if after and not after["adverb"]:
        if re.search(r"\b(?:near|at|above|below|around|to|past) the $", text[start : figure.start]):
            return None  # "the 23.6% retracement"
        direction = 1 if after["up"] else -1
        if figure.sign and figure.sign != direction:
            return None
        return direction, figure.start, after.end()
    if figure.sign:
        return figure.sign, figure.start, 0
    before = text[start : figure.start]
    if link.last is not None and link.last.direction and _SHARED.fullmatch(before):
        return link.last.direction, figure.start, 0
    if link.words in (" (", "(") and link.last is not None and link.last.direction:
        return link.last.direction, figure.start, 0  # "…, followed by XRP (4%)"
    lifted = _LIFTED.search(link.before[-30:])
    if lifted and re.fullmatch(rf" (?:(?:up|down|higher|lower) )?(?:by )?(?:{words_of.ABOUT} )?", link.words):
        return (1 if lifted["up"] else -1), figure.start, 0
    anchor = figure.start
    for token in list(re.finditer(r"[^\W\d_][\w'’]*|[~≈]|[^\s\w]", before))[:-10:-1]:
        move = _MOVE.fullmatch(token[0])
        if move and not (
            token[0].lower() in ("up", "down", "higher", "lower", "back") and _verb_before(before, token.start())
        ):
            direction = 1 if move["up"] else -1
            return direction, start + token.start(), 0
        said = token[0].lower() in _HEDGE or token[0] in "~≈"
        if token[0] == "-" or not (said or _ADJECTIVE.search(before, 0, token.end())):
            break
        anchor = start + token.start()
    if after:
        return (1 if after["higher"] else -1), anchor, after.end()
    return None


#: "Surged an astounding 42%".
_ADJECTIVE = re.compile(r"\ban? [a-z]{4,14}$")
_LIFTED = re.compile(
    r"\b(?:(?P<up>lift(?:ed|ing|s)|boost(?:ed|ing)|rais(?:ed|ing)|increas(?:ed|ing))|drag(?:ged|ging)"
    r"|pull(?:ed|ing)|reduc(?:ed|ing)) (?:the )?$"
)
#: Between a move and the next figure: the second shares the first's direction.
_SHARED = re.compile(
    r"[^.;:]{0,45}?(?:,|,? and|,? but|, while) (?:(?:by|about|around|roughly|over|more than|nearly|almost"
    r"|just|under|a|an|another|approximately|impressive|whopping|staggering|further) ){0,3}",
)
_VERB_BEFORE = re.compile(rf"\b(?:{_UP}|{_DOWN}) $", re.I)


def _verb_before(before: str, at: int) -> bool:
    """ "edged down", "moved up" keep their particle; of "gained back" the verb decides."""
    return bool(_VERB_BEFORE.search(before[max(0, at - 14) : at]))


def _moves(link: Link, anchor: int) -> bool:
    """Whether the words from the subject to the move say that it was the subject's."""
    words = link.text[max(link.subject.end, link.base) : link.figure.start]
    if supposed(link) or not is_plain(words):
        return False
    if re.search(
        r"\b(?:from|recover\w* from|than) (?:a |an |its )?(?:\w+ )?$",
        link.text[max(link.subject.end, anchor - 25) : anchor],
    ):
        return False
    return not re.search(r"\b(?:dominance|volume|inflows?)\b", words)


def supposed(link: Link) -> bool:
    """Whether the clause of the figure, or what it hangs on, is a forecast or a condition."""
    clause = link.text[max(link.begin, link.figure.start - 110) : link.figure.start]
    glued = link.subject.start - link.figure.start + len(clause) - 1 if not link.before else -1
    cut = max(
        glued,
        *(
            clause.rfind(mark)
            for mark in (
                "; ",
                ": ",
                ", but ",
                ". ",
                " – ",
                " — ",
                ", while ",
                ", though ",
                ".com/",
                ", as ",
                " considering ",
                ", with ",
                "Given that ",
            )
        ),
    )
    if words_of.UNREAL.search(clause[cut + 1 :].replace("May ", "")):
        return True
    return bool(words_of.SUPPOSED.search(link.before[-110:]))


def _behind(link: Link, noun_end: int) -> Subject | None:
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
_OF_ANOTHER = re.compile(
    r" (?:in|for|of|by) (?!the (?:past|last|previous|day|week|month|hour)|past|last|just|under|less|Q[1-4]"
    r"|the (?:daily|weekly|monthly|first|second|third|fourth)|a (?:day"
    r"|week|month|single|matter)|"
    r"\d|one|two|three|four|five|six|seven|early|late|mid|value|price|its (?:price|value)"
    r"|[A-Z][a-z]{2,8}\b(?! (?:ETF|vol))|24|recent|only|about)"
)
_STOPS = re.compile(
    r"$| (?:back|above|below|past|under|near|up|down|lower|higher)\b|[.,;:)—–]| ?\(| (?:over|in"
    r"|since|on|to|as|and|after"
    r"|while|during|this|from|within|amid|that"
    r"|which|last|at|"
    r"following|today|yesterday|is|was|has|per|so|but|with|overnight|alone|when|early|late|by)\b|['’]s price\b"
)
