"""For when a figure is stated.

Pure.
"""

from __future__ import annotations

import re
from datetime import timedelta

from analysis.asof import TIME, Span, Written, calendar, resolve
from analysis.claim_times import Phrase, times
from analysis.claim_words import FORMER, PASSED_RECORD
from analysis.links import Link
from analysis.prose import MONTH, sentences

_FILLER = re.compile(
    r"(?: ?(?:levels?|mark|milestone|threshold|area|region|zone))?,? ?\(?"
    r"(?:as of|on|as|at the close of|by the (?:close|end) of(?= \w+day)|(?:seen )?at the (?:start|beginning"
    r"|onset|end)(?: of)?|back|late|early|earlier|by(?= (?:mid-|early |late )?[A-Z])"
    r"|(?:during|in) (?:early |late )?(?:(?:Asian|European|US|U\.S\.|American) )?"
    r"(?:trading|hours|trading hours)(?: on)?"
    r"|for (?:most|much|all|the whole|the rest|part) of"
    r"|just|just over|only|some|about|around|nearly|over|more than|less than)? ?(?:mid-|late |early )?(?:on )?(?:in )?"
)


#: Times are looked for from so far ahead of a figure, or twice as far.
_REACH = 600


def stated_for(link: Link, *, baseline: bool = False, at: int = 0) -> Span | None:
    """The span a figure is stated for; None where it is in the future, or past at no known time.

    The first time phrase directly behind the figure counts, else the last one before it that does not
    belong to a figure before, else one further behind. ``at``: where the words of the figure end, if not with it.
    """
    at = at or link.figure.end
    if _SINCE_THEN.search(link.tail):
        return link.written.now
    first = link.begin + max(0, link.figure.start - link.begin - _REACH) // _REACH * _REACH
    named = times(link.text, first, min(link.end, first + 3 * _REACH), link.written)
    behind = [one for one in named if one.start >= at and one.end <= at + 130]
    for one in behind[:2]:
        if one.start < at + 60 and one.bounds < at and _FILLER.fullmatch(link.text, at, one.start):
            return one.span
    later = _PAST.match(link.text, at, at + 70)
    if later and link.written.at and int(later["year"]) < link.written.at.year and not _RECORDS.search(later[0]):
        return calendar(int(later["year"]), None, None, link.written)
    if _LAST_YEAR.match(link.text, at, at + 70):
        return _last_year(link.written)
    if baseline:
        if _ERE.match(link.text, at, at + 90) or _OVER_MONTHS.search(link.tail):
            return Span("historical")
        if (span := _of_long_ago(link, [one for one in named if one.end <= link.figure.start])) is not None:
            return span
        lasts = re.search(r"\b(?:last (?:week|month|year)|yesterday)(?=['’]s $)", link.tail)
        return resolve(TIME.match(lasts[0]), link.written) if lasts else None
    ahead = [one for one in named if one.end <= link.figure.start]
    if ahead and ahead[-1].event and _LEVEL_OF.fullmatch(link.text, ahead[-1].end, link.figure.start):
        return ahead[-1].span
    near = _further(link, behind, at, 25)
    if near is not None:
        return near.span
    begin = max(link.begin, link.subject.start - len(link.before))
    taken = begin
    if link.previous and link.previous.end > begin:
        comma = _CLAUSE.search(link.text, link.previous.end, link.previous.end + 25)
        taken = comma.start() if comma else link.previous.end + 25
    phrases = [
        one
        for one in ahead
        if one.start >= begin
        and one.bounds < 0
        and not (link.previous and (link.previous.end <= one.start < taken) and not _CAUSED.match(link.text, one.end))
        and not (one.event and not _DURING.match(link.text, one.start))
        and not (one.once and link.previous and link.previous.start >= one.end)
        and not _of_another(link, one)
    ]
    if ahead and not (phrases and phrases[-1] is ahead[-1]) and _WHEN_BEHIND.match(link.text, ahead[-1].end):
        phrases = [ahead[-1]]  # "since February 2024, when it was at"
    if not phrases and _told_of_then(link):
        return link.last.when
    if not phrases and ahead and _then(link, ahead[-1]):
        return ahead[-1].span
    current = [one for one in phrases if one.current]
    tail = link.tail
    for one in phrases:
        if one.end > link.figure.start - len(tail) and one.span:
            first = max(0, one.start - (link.figure.start - len(tail)))
            last = one.end - (link.figure.start - len(tail))
            tail = tail[:first] + " " * (last - first) + tail[last:]
    if FORMER.search(PASSED_RECORD.sub(" ", tail)) and not current:
        return None
    if phrases:
        return (current or phrases)[-1].span
    one = _further(link, behind, at, 110) or _earlier(link, ahead, begin)
    if one is not None:
        return one.span
    year = _YEARS.search(link.text, max(link.begin, link.figure.start - 250), link.figure.start)
    then = year and int(year[1] or year["then"] or year["of"])
    if then and link.written.at and then < link.written.at.year and not _HAS.search(link.words):
        return Span("historical")
    if not named and (span := _carried(link)):
        return span
    if _WHEN_DID.search(link.text, max(link.begin, link.subject.start - 200), link.subject.start) and _STOOD.search(
        link.words
    ):
        return Span("historical")
    if _STOOD.search(link.words) and _BUT_NOW.match(link.text, at, min(link.end, at + 140)):
        return Span("historical")
    return link.written.now


#: Ahead of one: "in the last 12 months, from".
_OVER_MONTHS = re.compile(
    r"\b(?:in|over|during|within) the (?:last|past) (?:[\w-]+ )?(?:months?|years?),? (?:up |down |rising )?from\b"
)


def _of_long_ago(link: Link, ahead: list[Phrase]) -> Span | None:
    """ "In early 2013, bitcoin rose from $35": the starting point is of that time too."""
    told = ahead[-1] if ahead and ahead[-1].bounds < 0 and not ahead[-1].event else None
    if told is None or told.span is None or told.span.modality != "historical" or told.start > link.begin + 3:
        return None
    old = told.span.end is None or link.written.at is None or link.written.at - told.span.end > timedelta(days=60)
    return told.span if old and not _HAS.search(link.words) else None


#: Behind a starting point: "before the bank failed in March", "when the year began".
_ERE = re.compile(
    rf" (?:just |right |shortly |immediately )?(?:before|ahead of|prior to|when|as) [^,.;:$%]{{3,60}}?"
    rf"(?:\b(?:{MONTH}|20[0-2]\d|last (?:week|month|year)|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b"
    r"|\b(?:crash\w*|collaps\w*|halving|election|inauguration|launch\w*|listing|pandemic|invasion|ban|hack|merge"
    r"|bankruptcy|fail\w*|announce\w*|began|started|won|took office|depegg\w*)\b)"
    r"|,? (?:when|as) the (?:year|month|week|quarter) (?:began|started|opened)\b"
    r"|,? (?:at|before) the (?:start|beginning|turn|end|onset) of (?:the |last )?(?:year|month|week|20[0-2]\d)\b"
    r"|,? (?:only |just )?(?:a|one|two|three|four|five|six|several|a few) (?:short )?(?:days?|weeks?|months?|years?)"
    r" (?:ago|before|earlier|prior)\b"
)
_CLAUSE = re.compile(r"[,;–—]| (?:but|while|whereas) ")
#: Behind a figure that "was": "; today it is at".
_BUT_NOW = re.compile(
    r"[^.$]{0,60}?[;,–—] (?:and |but |whereas |while )?(?:today|now|these days|currently),? [^.;]{0,60}\$"
)
_DURING = re.compile(r"(?:[Dd]uring|[Ii]n|[Aa]mid)\b")
#: Between an event and its level.
_LEVEL_OF = re.compile(
    r"(?: (?:all the way|back|down|up|low|high|price))? (?:to|on|at|of|near|below|under|above|around|from|past)"
    r"(?: \w+){0,2} "
)
#: "When the fund was launched, Bitcoin was at": some time of the past.
_WHEN_DID = re.compile(
    r"\b(?:[Ww]hen|[Tt]he (?:last|first) time|[Bb]ack when) "
    r"(?:(?!\bwhen\b)[^,;:]){3,70}\b(?:[a-z]{2,}ed|was|were|had|went|began|took"
    r"|came|hit|fell|rose|won|bought|sold|left|made|said|saw)\b[^,;:]{0,60}, (?:the |one )?(?:price of )?$"
)
#: Behind a time and a figure: what came of it at once.
_CAUSED = re.compile(
    r",? (?:push|send|bring|tak|lift|driv|dragg|mark|represent|reflect|register|post)ing\b"
    r"|,? after [a-z]+ing\b"
)


def _earlier(link: Link, ahead: list[Phrase], begin: int) -> Phrase | None:
    """A time of the main clause, of what happened with it: "Fees doubled on Monday, with Bitcoin hitting"."""
    told = [one for one in ahead if one.start < begin and one.bounds < 0]
    if not told or told[-1].current or told[-1] is not ahead[-1]:
        return None
    between = link.text[told[-1].end : link.figure.start]
    if _POSTED.search(link.text, max(0, told[-1].start - 30), told[-1].start) or _THIS.match(link.after):
        return None
    if len(between) > 300 or _PRESENT.search(between) or not _PASSED.search(link.words):
        return None
    return None if _of_another(link, told[-1]) or _OWNS.match(between) else told[-1]


#: Before the date of a tweet.
_POSTED = re.compile(r"\(@\w+\) $")
_THIS = re.compile(r"[^.,;]{0,20}\b(?:this (?:week|month|year)|today)\b")
_PRESENT = re.compile(
    r"\b(?:has|have|is|are|remains?|trades|(?<!was )(?<!were )trading"
    r"|sits|stands|hovers|currently|now|today|latest|current"
    r"|will|would|could|may|might|recent|recently|lately|still|ongoing|since|this (?:week|month|year)|past|last)\b"
    r"|['’](?:ve|s been)\b"
)
_PASSED = re.compile(
    r"\b(?:was|were|had|stood|fell|rose|dropped|plunged|climbed|surged|jumped|soared|slid|sank|tumbled|crashed|plummeted"
    r"|dipped|slipped|rallied|rebounded|recovered|hit|reached|touched|topped|crossed|broke|breached|surpassed|gained|lost"
    r"|shed|spiked|skyrocketed|declined|traded|hovered|retreated|peaked|bottomed|settled|closed|reclaimed|bounced|cratered"
    r"|hitting|reaching|touching|topping|crossing|breaking|surpassing|gaining|losing|falling|rising|dropping|plunging"
    r"|climbing|surging|jumping|soaring|sliding|sinking|tumbling|crashing|dipping|slipping|rallying|rebounding"
    r"|recovering|shedding|spiking|skyrocketing|declining|peaking|bottoming|settling|closing|bouncing|nearing)\b"
)


def _carried(link: Link) -> Span | None:
    """The past time that the sentence before tells of, if this one goes on with it."""
    text = link.text
    if not _FINITE.search(link.words) or _PRESENT.search(
        text, max(link.begin, link.figure.start - 400), min(link.end, link.figure.end + 60)
    ):
        return None
    start = max(0, link.begin - 300, text.rfind("\n", max(0, link.begin - 300), link.begin) + 1)
    spans = sentences(text[start : link.begin])
    if not spans or spans[-1][1] < link.begin - start - 2:
        return None
    first = start + spans[-1][0]
    if _PRESENT.search(text, first, link.begin):
        return None
    told = [one for one in times(text, first, link.begin, link.written) if one.bounds < 0]
    if not told or any(one.current or one.span is None or one.span.modality != "historical" for one in told):
        return None
    if any(_YARDSTICK.search(text, max(first, one.start - 25), one.start) for one in told):
        return None
    span = told[-1].span
    old = span.end is None or link.written.at is None or link.written.at - span.end > timedelta(days=60)
    if not old and (len({one.span for one in told}) > 1 or _AFTERWARDS.match(text, link.begin, link.end)):
        return None
    if not old and _OTHER_MATTER.search(text, first, link.begin):
        return None
    return span if _STOOD.search(link.words) and len(told) == 1 else Span("historical")


#: Before a time that is a record's.
_YARDSTICK = re.compile(
    r"\b(?:highs?|lows?|levels?|peak|record|point|bottom|top)(?: \w+)? (?:in|of|on|from|since|early)? ?$"
)
_AFTERWARDS = re.compile(r"(?:However, )?(?:Following|After|Since)\b|Related\b|At the same time|Meanwhile|Elsewhere")
#: What is told is another matter than prices.
_OTHER_MATTER = re.compile(r"\b(?:CPI|PPI|PCE|[Ii]nflation|payrolls|GDP|revenues?|earnings|unemployment)\b")
_STOOD = re.compile(r"\b(?:was|were|stood|traded) (?!hit|ris|fall|climb|surg|dropp|plung)")
_FINITE = re.compile(
    r"\b(?:was|were|had|stood|fell|rose|dropped|plunged|climbed|surged|jumped|soared|slid|sank|tumbled|crashed|plummeted"
    r"|dipped|slipped|rallied|rebounded|recovered|hit|reached|touched|topped|crossed|broke|breached|surpassed|gained|lost"
    r"|shed|spiked|skyrocketed|declined|traded|hovered|retreated|peaked|bottomed|settled|closed|reclaimed|bounced|cratered)\b"
)


#: "But has since slipped to": whatever time was named.
_SINCE_THEN = re.compile(r"\b(?:has|have|['’]s|['’]ve) since\b(?! (?:early |mid-|late )?(?:[A-Z\d]|last|the|its))")


def _of_another(link: Link, one: Phrase) -> bool:
    """Whether a time is that of a record quoted before, or of a relative clause that has ended."""
    text = link.text
    if _QUOTED.search(text, max(link.begin, one.start - 40), one.start):
        return True
    relative = _RELATIVE.search(text, max(link.begin, one.start - 110), one.start)
    if not relative:
        return False
    behind = text[one.end : link.figure.start]
    ended = re.match(r",(?! and\b)", behind) and not relative["made"]
    return bool(ended or _MAIN_VERB.search(behind[:110]))


_QUOTED = re.compile(
    r"\d[KkMTB%]?,? (?:reached|hit|set|seen|recorded|posted|registered|achieved|touched)(?: back)?(?: on| in)? $"
)
_MAIN_VERB = re.compile(
    r"(?<!\d), (?:has|have|is|was|are|were|had|fell|rose|slid|climbed|dropped|gained|lost|trades)\b"
)
_RELATIVE = re.compile(
    r"(?:, (?:which|who)|(?P<made> (?:launched|created|issued|unveiled|introduced|founded|listed))) (?:[^,;:]|,\d)*$"
)

#: Behind a time: what follows happened then.
_WHEN_BEHIND = re.compile(r",? (?:when|where)\b(?![^.]{0,40}\b(?:will|would|could|might)\b)")
_HAS = re.compile(r"\b(?:has|have|is|are|remains?|trades|sits|stands|hovers|currently|now)\b|['’]ve\b")
#: Between a figure and a time further behind: one clause.
_SAME_CLAUSE = re.compile(
    r"(?:(?!\b(?:and(?! a half)|but|while|as|when|where|which|who|that|after|before|since|from|than|until|till"
    r"|following"
    r"|ahead|compared"
    r"|versus|vs|against|if|because|though|although|so|ahead|below|above|under|over|off|near|toward|towards|despite"
    r"|unlike|with|without|for)\b)(?:[^.;:!?,()$%\d\n]|\([A-Za-z]{2,8}\))){0,80}"
)
_TO_LEVEL = re.compile(
    r",? (?:to|at|hitting|reaching)(?: \w+){0,6}? \$\d(?:[\d,.]*\d)?[KkMTB]?"
    r"|(?: from [\w-]+(?: \d+)?)? to an? (?:new |fresh )?(?:record|all-time) high"
)
_FROM_LEVEL = re.compile(
    r",? (?:up |down )?from(?: \w+){0,4} \$\d(?:[\d,.]*\d)?(?:[KkMTB]| (?:trillion|billion|million))?"
)
_UP_FROM = re.compile(r",? (?:up|down) ")
_AGO = re.compile(r"\b(?:ago|earlier|last|previous)\b")
_BEFORE_LEVEL = re.compile(
    r" (?:before|but|and then|only to)(?: \w+)? (?:[a-z]+ing|retreated|fell|dropped|slipped|retreat|fall|drop|slip)\b"
    r"(?: [a-z]+){0,4} \$\d(?:[\d,.]*\d)?[KkMTB]?"
)


def _further(link: Link, behind: list[Phrase], at: int, reach: int) -> Phrase | None:
    """A time that stands further behind in the same clause, of a figure whose words do not speak of the present."""
    if not behind or _STATE.search(link.words) or _HAS.search(link.words):
        return None
    level = _BEFORE_LEVEL.match(link.text, at, at + 90) or _FROM_LEVEL.match(link.text, at, at + 60)
    if level is None and link.figure.percent:
        level = _TO_LEVEL.match(link.text, at, at + 70)
    start = level.end() if level else at
    for one in behind:
        if start <= one.start:
            if one.once or one.current or one.bounds >= at or one.start - at > reach:
                return None
            of_second = level and " from " in level[0] and one.start < start + 6
            if of_second and (_UP_FROM.match(level[0]) or _AGO.search(link.text, one.start, one.end)):
                return None  # "to $371 billion from $300 billion a month ago": the second one's
            clear = _SAME_CLAUSE.fullmatch(link.text, start, one.start)
            return one if clear and not _OWNS.match(link.text, one.end) else None
    return None


_OWNS = re.compile(r"['’]")


_EVENT = re.compile(
    r"\b(?:hit(?:s|ting)?|reach\w*|touch\w*|tapp?\w*|soar\w*|jump\w*|surg\w*|spik\w*|skyrocket\w*|rocket\w*|shot|peak\w*"
    r"|cross\w*|break\w*|broke|breach\w*|topp\w*|tops|surpass\w*|climb\w*|rall\w+|rose|plung\w*|crash\w*|tumbl\w*|dipp?\w*"
    r"|plummet\w*|fell|drop\w*|sank|slid|slump\w*|briefly|highs? of|lows? of)\b[^.;:$]{0,40}$",
    re.I,
)
_STATE = re.compile(r"\b(?:now|currently|trad(?:es|ing)|hover\w*|s[ia]ts?|sitting|stands?|today|at press time)\b", re.I)


def of_an_event(link: Link, when: Span) -> Span:
    """For when "soared to $107,000" is stated: some moment of the day before publication, not the moment of it."""
    if when != link.written.now or when.start is None or not _EVENT.search(link.tail) or _STATE.search(link.tail):
        return when
    ahead = link.text[max(link.begin, link.subject.start - 60) : link.subject.start]
    if _NOW_BEHIND.match(link.text, link.figure.end) or _NOW_AHEAD.search(ahead):
        return when
    if when.precision in ("month", "year"):
        return when
    return Span(when.modality, when.start - timedelta(days=1), when.end, "day")


_NOW_BEHIND = re.compile(r"[^.;:$,]{0,20}\b(?:now|currently|at press time|at the time of writing)\b")
_NOW_AHEAD = re.compile(r"\b(?:[Nn]ow|[Cc]urrently|press time|time of writing)\b")


def _then(link: Link, one: Phrase) -> bool:
    """ "When it hit its record in October 2021, its cap was": of that time, though no price is read of the record."""
    if one.span is None or one.span.modality != "historical" or not 0 < link.subject.start - one.end < 25:
        return False
    clause = link.text[max(link.begin, one.start - 120) : one.start]
    behind = link.text[one.end : link.subject.start]
    return behind[0] == "," and bool(re.search(r"\b[Ww]hen\b[^;:]{3,}$", clause) and _STOOD.search(link.words))


def _told_of_then(link: Link) -> bool:
    """ "When BTC was at $60,000 in May, its dominance was 50%": the time of the first figure is the second's."""
    if link.last is None or link.last.when.modality != "historical":
        return False
    clause = link.text[max(link.begin, link.last_end - 120) : link.last_end]
    return bool(re.search(r"\b[Ww]hen\b", clause) and re.search(r"\b(?:was|were|stood|had)\b", link.words))


#: "… to $108,000 after the election last year".
_LAST_YEAR = re.compile(r"(?:(?!\b(?:than|from|since|against|versus|to)\b)[^.,;:$%()]){0,45}? last year\b(?!['’])")


def _last_year(written: Written) -> Span | None:
    return calendar(written.at.year - 1, None, None, written) if written.at else Span("historical")


#: Behind the figure, a little later: "from June to July 2017".
_PAST = re.compile(
    rf"[^.,;:$%()]{{0,45}}?\b(?:in|of|to|on|during|from|until|through|by) (?:(?:early|late"
    rf"|mid)[- ])?(?:{MONTH} )?(?P<year>20[0-3]\d)\b"
)
_RECORDS = re.compile(r"\b(?:since|highs?|peak|ATH|record|lows?|levels?|average)\b")
#: "From late 2021 through 2022, …"
_YEARS = re.compile(
    r"\b(?:[Ff]rom|[Bb]etween|through|until|[Bb]ack in) (?:early |mid-|late )?(20[0-3]\d)\b"
    r"|\b(?P<then>20[0-3]\d)(?: crypto)? (?:bull|bear|crash|cycle|run|rally|winter)\b|(?:^|[.:] )(?P<of>20[0-3]\d): "
)
