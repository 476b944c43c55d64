"""The times named around a figure: dates and days (``asof``), and those told by another time or by the calendar's
parts: "over the weekend", "earlier this month", "two weeks ago", "its April crash", "the following day".

Pure; the patterns are linear, and a text is looked at only some hundred characters back from what they found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

from analysis.asof import TIME, Span, Written, calendar, resolve
from analysis.prose import MONTH


@dataclass(frozen=True, slots=True)
class Phrase:
    """A time named in ``text[start:end]``."""

    start: int
    end: int
    span: Span | None  # None: in the future, or past at no known time
    current: bool = False  # says "now" or "today"
    bounds: int = -1  # where "since", "from" or "after" begins, of which it is the bound: not the time itself
    once: bool = False  # of the next figure alone: "opened the month at"
    event: bool = False  # of an event whose figure may follow: "its April crash to"


#: Another time than the one that the words mean: "since the weekend".
_NOT = (
    r"(?P<not>\b(?:[Ss]ince|[Uu]ntil|[Tt]ill|[Bb]y|[Bb]efore|[Aa]fter|[Ff]rom|[Tt]han|[Ff]ollowing|[Aa]head of"
    r"|[Cc]ompared (?:to|with)|[Vv]ersus|vs\.?|[Aa]gainst)"
    r" (?:early |mid-|late )?)?"
)
_SOME = (
    r"(?:\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:a )?few|several"
    r"|(?:a )?couple of)"
)
_NOUN = (
    r"(?:crash|collapse|slide|sell-?off|drop|dip|decline|fall|plunge|correction|pullback|retreat|slump|downturn"
    r"|capitulation|bottom|lows?|highs?|peak|top|rally|surge|run|rise|jump|climb|rebound|recovery|breakout|spike|pump"
    r"|turmoil|rout|panic)"
)
_MORE = re.compile(
    rf"(?:(?<![A-Za-z\d])(?=[A-Za-z\d])|(?=['’])){_NOT}(?:"
    r"\b(?i:(?:(?:over|during|on|through|throughout|across|in|for) (?:the|this|(?:the|this) past|the (?P<lastend2>last"
    r"|previous))|this|this past|(?P<lastend>last)|the previous) weekend)\b(?!['’]s)"
    r"(?! (?:recovery|loss|gain|rall|dip|drop|low|high|crash|sell|lull|surge|move|price|session|ris|rebound|bounce"
    r"|volatil))"
    r"|\b(?P<earlier>(?i:earlier|early|late|later)) (?:on )?(?:in |during )?(?:the |this |that )"
    r"(?P<of>week|month|year|quarter)\b"
    rf"|\b(?i:earlier|early|late) in (?P<inmonth>{MONTH})(?! \d)\b"
    r"|\b(?i:(?:at|around) the (?:very )?(?:start|beginning|turn|onset) of (?:the|this) )"
    r"(?P<start>week|month|quarter)\b"
    r"|\b(?i:at the (?:very )?(?:start|beginning|turn|onset|dawn) of|in early|early in) (?P<earlyyear>20[0-3]\d)\b"
    r"|\b(?:[Oo]pened|[Ss]tarted|[Bb]egan|[Kk]icked off|[Ee]ntered|opening|starting|beginning|entering) (?:off |out )?"
    r"(?:(?:the|this) (?P<began>week|month|quarter|year)"
    r"|(?P<newyear>20[0-3]\d)(?= (?:at|near|around|above|below|under|on)\b))\b"
    rf"|\b(?i:(?P<count>{_SOME}) )(?P<unit>days?|weeks?|months?|years?) (?:ago|earlier|before|prior)\b"
    r"|\b(?P<next>(?:[Tt]he|[Tt]hat) (?:very )?(?:following|next) (?P<nextunit>day|week|month)|[Aa] day later)\b"
    r"|\b(?P<same>(?i:(?:(?:on|in|during|over|within|that|for|ended|closed|finished|started|opened|began) )"
    r"(?:(?:the|that|this) (?:very |exact )?same"
    r"|that) (?:day|week|month|year|period|time ?frame|session|stretch)))\b(?! (?:last|as\b))"
    rf"|\b[Ii]n (?:early |mid-|late )?(?P<thatmonth>{MONTH}) (?:of )?(?:that|the same) year\b"
    rf"|(?:\b(?:[Ii]ts|[Tt]he|[Tt]heir|[Aa]n?|[Tt]his|[Tt]hat|of|[Aa]fter|[Dd]uring|[Ii]n)|['’]s?) "
    rf"(?:early[ -]|mid-|late[ -])?(?P<ownmonth>{MONTH})(?:['’]s)?(?: (?P<ownyear>20\d\d))?(?:['’]s)? "
    rf"(?:(?!high|low)[a-z-]{{3,14}} )?{_NOUN}\b"
    rf"|\b(?i:last|this past|this last) (?P<lastmonth>{MONTH})\b(?! \d)"
    r"|\b(?P<bull>(?i:(?:in|during|of|throughout|from) the (?:last|previous|prior) (?:crypto )?(?:bull|bear)"
    r" (?:market|run|cycle)))\b"
    rf"|\b(?i:as (?:recently|late) as|back in|until) (?P<recentmonth>{MONTH})\b(?! \d)"
    rf"|\b(?P<later>(?P<latercount>(?i:{_SOME})) (?P<laterunit>days?|weeks?|months?|years?) (?:later|on)\b)"
    r"|\b(?P<season>(?i:last|this past) (?:summer|spring|fall|autumn|winter|quarter|cycle))\b(?!['’]s)"
    r"|\b(?P<half>(?i:the )?(?:(?P<first>[Ff]irst|H1)|[Ss]econd|H2)(?: half)?) (?:of )?"
    r"(?P<halfyear>20\d\d|(?:the|this|last) year)\b"
    r"|\b(?:Q(?P<q>[1-4])|(?i:the (?P<nth>first|second|third|fourth) quarter))(?:,? (?:of )?"
    r"(?P<qyear>20\d\d|(?:the|this|last) year))?\b(?! (?:of|earnings|results|report|revenue|guidance))"
    r"|\b(?P<night>[Ll]ast night)\b"
    r"|\b(?P<then>(?i:at that (?:time|point|moment)|back then|at the time"
    r"(?! (?:of|when)\b)))"
    r"|\b(?P<crisis>(?:[Cc][Oo][Vv][Ii][Dd](?:-19)?(?: pandemic)? (?:crash|outbreak|sell-?off|panic|collapse)"
    r"|(?:Terra(?:[-/ ]?L(?:una|UNA))?|LUNA|Luna|FTX|Mt\. Gox)(?:['’]s)? (?:crash|collapse|implosion|bankruptcy)))\b"
    r"|\b(?:the|that|their|its) (?P<cycle>20[0-3]\d)(?P<cycle2>[-–—/](?:20)?\d\d)? (?:crypto |market |Bitcoin )?"
    r"(?:bull|bear|cycle|run|rally|winter|crash|peak|top|bottom|collapse|mania|bubble|boom|frenzy)\b"
    r"(?! (?:high|level)s?\b)"
    r")"
)
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "couple of": 2, "a couple of": 2,
}  # fmt: skip


@lru_cache(maxsize=4)
def times(text: str, begin: int, end: int, written: Written) -> tuple[Phrase, ...]:
    """The times named in ``text[begin:end]``, in order."""
    found: list[Phrase] = []
    for match in _MORE.finditer(text, begin, end):
        known, span = _told(match, text, written)
        if known:
            bounds, once = _bounds(match, text, begin), bool(match["began"] or match["newyear"])
            event = match["ownmonth"] is not None
            found.append(Phrase(match.start(), match.end(), span, bounds=bounds, once=once, event=event))
    more = iter([*found, Phrase(end, end, None)])
    one = next(more)
    for match in TIME.finditer(text, begin, end):
        while one.end <= match.start() < end and one.start < end:
            one = next(more)
        if one.start < match.end():
            continue
        if match["vague"] and text[max(0, match.start() - 4) : match.start()].lower() == "the ":
            continue  # "over the last week" ends now
        span = _of_weekday(match, text, written) if match["weekday"] else resolve(match, written)
        current = bool(match["now"] or match["today"])
        found.append(Phrase(match.start(), match.end(), span, current, _bounds(match, text, begin)))
    return tuple(_joined(text, sorted(found, key=lambda one: one.start)))


def _joined(text: str, found: list[Phrase]) -> list[Phrase]:
    """ "Between June 3 and June 9": one time, from the first to the last."""
    for n, (one, last) in enumerate(pairwise(found)):
        known = one.span and last.span and one.span.start and last.span.end
        ahead = max(0, one.start - 12)
        if known and _BETWEEN.search(text, ahead, one.start) and _AND.fullmatch(text, one.end, last.start):
            span = replace(last.span, start=one.span.start)
            found[n], found[n + 1] = replace(one, span=span), replace(last, span=span)
    return found


_BETWEEN = re.compile(r"\b[Bb]etween (?:[Oo]n )?$")
_AND = re.compile(r"(?:,? \d\d?:\d\d(?: UTC)?)?,? and ")


def _bounds(match: re.Match[str], text: str, begin: int) -> int:
    since = _SINCE.search(text, max(begin, match.start() - 100), match.start())
    if since:
        return since.start()
    return match.start() if match["not"] and match["not"][:2].lower() != "by" else -1


#: "Since its launch in July last year, …": the launch's time, not that of what followed.
_SINCE = re.compile(r"\b[Ss]ince (?:[^,;]{0,90}[ -])?$")


def _of_weekday(match: re.Match[str], text: str, written: Written) -> Span | None:
    dated = TIME.match(text, _ITS_DATE.match(text, match.end()).end(), match.end() + 30)
    if dated and (dated["day"] or dated["day2"]):
        return resolve(dated, written)
    span = resolve(match, written)
    recent = span.start is not None and written.at is not None and written.at - span.start < timedelta(days=2)
    if (recent and _told_on(text, match)) or _comes_twice(text, match):
        return Span("historical")
    return span


_ITS_DATE = re.compile(r",? ?\(?")
#: So far around a weekday another week is looked for.
_WRAP = 800
_WEEKDAY = re.compile(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b")


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NOT_A_DAY = (
    r"(?:(?!\b(?:\w+day|will|due|expect\w*|schedul\w*|ahead|upcoming|next|could|may|would|set|plan\w*)\b)[^\n])"
)
_GOES_ON_TO = {
    one: re.compile(
        rf"{_NOT_A_DAY}{{0,400}}?\b(?:on|over|retained control) {_DAYS[n - 6]}\b"
        rf"{_NOT_A_DAY}{{0,400}}?\b(?:on|over) {_DAYS[n - 5]}\b"
    )
    for n, one in enumerate(_DAYS)
}


def _told_on(text: str, weekday: re.Match[str]) -> bool:
    """Whether the two days behind the weekday are told as past, too."""
    return bool(_GOES_ON_TO[weekday["weekday"]].match(text, weekday.end(), weekday.end() + _WRAP // 2))


def _comes_twice(text: str, weekday: re.Match[str]) -> bool:
    """Whether the weekday comes again behind another one near by, as in a week's wrap: which week is not said."""
    named = _WEEKDAY.findall(text, max(0, weekday.start() - _WRAP), weekday.end() + _WRAP)
    runs = [one for n, one in enumerate(named) if n == 0 or one != named[n - 1]]
    return runs.count(weekday["weekday"]) > 1


_PAST = Span("historical")


def _told(match: re.Match[str], text: str, written: Written) -> tuple[bool, Span | None]:
    """Whether a time is known to be meant, and which."""
    said = match[0].lower()
    if match["crisis"]:
        return True, _PAST
    if match["cycle"]:
        if written.at is None:
            return True, _PAST
        if int(match["cycle"]) >= written.at.year:
            return False, None
        return True, _PAST if match["cycle2"] else calendar(int(match["cycle"]), None, None, written)
    if match["bull"]:
        return True, _PAST
    if match["later"]:
        return _later(match, text, written)
    if match["then"]:
        before = _before(text, match.start(), written)
        return True, before
    if match["same"] or match["next"]:
        period = bool(match["same"]) and not said.endswith(("day", "month", "year"))
        before = _before(text, match.start(), written, period=period)
        if before is None:
            return (True, _PAST) if match["next"] else (False, None)
        return True, before if match["same"] else _after(before, match["nextunit"] or "day", written)
    if match["thatmonth"]:
        before = _before(text, match.start(), written, far=True)
        if before is None or before.start is None:
            return True, _PAST
        return True, calendar(before.start.year, match["thatmonth"], None, written)
    if written.at is None or written.precision in ("month", "year"):
        return True, _PAST
    today = written.day_before(0).start
    if match["earlyyear"]:
        year = int(match["earlyyear"])
        first = today.replace(year=year, month=1, day=1)
        if year < today.year or today - first < timedelta(days=80):
            return True, calendar(year, None, None, written)
        return first <= today, Span("historical", first, first + timedelta(days=60), "month")
    if match["newyear"]:
        first = today.replace(year=int(match["newyear"]), month=1, day=1)
        return first <= today, Span("historical", first, first + timedelta(days=1), "day")
    if match["night"]:
        return True, written.day_before(1)
    if match["count"]:
        return True, _ago(match, today)
    if "weekend" in said:
        return _weekend(bool(match["lastend"] or match["lastend2"]), "this " in said, today, written)
    if match["ownmonth"]:
        year = int(match["ownyear"]) if match["ownyear"] else None
        return True, calendar(year, match["ownmonth"], None, written)
    if match["lastmonth"]:
        span = calendar(None, match["lastmonth"], None, written)
        if span and span.modality == "current":
            span = calendar(written.at.year - 1, match["lastmonth"], None, written)
        return True, span
    if match["inmonth"] or match["recentmonth"]:
        span = calendar(None, match["inmonth"] or match["recentmonth"], None, written)
        if span and span.modality == "current":
            return True, Span("historical", span.start, today, "day") if today > span.start else span
        return True, span
    if match["season"]:
        if "quarter" in said:
            start = _start_of("quarter", today)
            before = _start_of("quarter", start - timedelta(days=1))
            return True, Span("historical", before, start, "month")
        return True, _PAST
    if match["half"]:
        return _half(match, written)
    if match["q"] or match["nth"]:
        return _quarter(match, written)
    unit = match["of"] or match["start"] or match["began"]
    start = _start_of(unit, today)
    if match["earlier"] and match["earlier"].lower() in ("late", "later"):
        return False, None
    if today <= start:
        return (True, Span("historical")) if match["earlier"] else (False, None)
    return True, Span("historical", start, today if match["earlier"] else start + timedelta(days=1), "day")


def _start_of(unit: str, today: datetime) -> datetime:
    if unit == "week":
        return today - timedelta(days=today.weekday())
    if unit == "month":
        return today.replace(day=1)
    return today.replace(month=3 * ((today.month - 1) // 3) + 1 if unit == "quarter" else 1, day=1)


def _weekend(last: bool, this: bool, today: datetime, written: Written) -> tuple[bool, Span | None]:
    """The latest weekend; "this weekend" is the coming one from Wednesday on."""
    day = today.weekday()
    if day >= 5 and not last:
        return True, Span("current", today - timedelta(days=day - 5), written.until, "day")
    if this and 2 <= day < 5:
        return True, None
    saturday = today - timedelta(days=day + 2)
    return True, Span("historical", saturday, saturday + timedelta(days=2), "day")


def _ago(match: re.Match[str], today: datetime) -> Span:
    """ "Three weeks ago": within half a unit of it; of "a few weeks ago" the day is not known."""
    said = match["count"].lower()
    count = int(said) if said.isdigit() else _NUMBERS.get(said)
    days = {"d": 1, "w": 7, "m": 30, "y": 365}[match["unit"][0]]
    if not count or count * days > 40_000:
        return _PAST
    day = today - timedelta(days=count * days)
    if days == 1:
        return Span("historical", day, day + timedelta(days=1), "day")
    return Span("historical", day - timedelta(days=days // 2), day + timedelta(days=days // 2 + 1), "day")


def _half(match: re.Match[str], written: Written) -> tuple[bool, Span | None]:
    if "half" not in match["half"].lower() and "H" not in match["half"]:
        return False, None
    year = _year(match["halfyear"], written)
    start = datetime(year, 1 if match["first"] else 7, 1, tzinfo=UTC)
    end = datetime(year, 7, 1, tzinfo=UTC) if match["first"] else datetime(year + 1, 1, 1, tzinfo=UTC)
    return True, _ended(start, end, written)


def _quarter(match: re.Match[str], written: Written) -> tuple[bool, Span | None]:
    number = int(match["q"]) if match["q"] else ("first", "second", "third", "fourth").index(match["nth"].lower()) + 1
    year = _year(match["qyear"], written)
    start = datetime(year, 3 * number - 2, 1, tzinfo=UTC)
    if match["qyear"] is None and start > written.until:
        return True, None
    end = datetime(year + number // 4, 3 * number % 12 + 1, 1, tzinfo=UTC)
    return True, _ended(start, end, written)


def _year(said: str | None, written: Written) -> int:
    if said and said.isdigit():
        return int(said)
    return written.at.year - (1 if said and said.startswith("last") else 0)


def _ended(start: datetime, end: datetime, written: Written) -> Span | None:
    if start > written.until:
        return None
    return Span("historical", start, end, "month") if end <= written.at else written.now


#: So far back another time is looked for, within a paragraph.
_BACK = 350


def _before(text: str, at: int, written: Written, *, far: bool = False, period: bool = False) -> Span | None:
    """The past time named last before ``at`` in its paragraph."""
    begin = max(0, at - (2 * _BACK if far else _BACK))
    if not far:
        begin = max(begin, text.rfind("\n", begin, at) + 1)
    span = None
    for match in TIME.finditer(text, begin, at):
        if match["now"] or match["vague"] or match["not"]:
            continue
        named = resolve(match, written)
        if named and named.modality == "historical" and named.start:
            span = named
    if span and period and _SPAN.search(text, begin, at):
        return None  # "over the past 24 hours, … in the same period"
    if far and span is None:
        years = _YEAR.findall(text, begin, at)
        span = calendar(int(years[-1]), None, None, written) if years and written.at else None
    return span


def _later(match: re.Match[str], text: str, written: Written) -> tuple[bool, Span | None]:
    """ "A year later", behind a past time: past too, unless that is now."""
    before = _before(text, match.start(), written)
    if before is None or before.start is None or written.at is None:
        return False, None
    said = match["latercount"].lower()
    count = int(said) if said.isdigit() else _NUMBERS.get(said, 3)
    days = {"d": 1, "w": 7, "m": 30, "y": 365}[match["laterunit"][0]]
    left = (written.at - before.start).days - count * days
    return (True, _PAST) if count * days < 40_000 and left > 1.5 * days else (False, None)


_SPAN = re.compile(
    r"\b(?:past|last|previous|prior|trailing) (?:\w+ )?(?:hours?|days?|weeks?|months?|year)\b|\b\d+[- ](?:hours?|days?)"
    r"|\b(?:daily|today|24h)\b"
)
_YEAR = re.compile(r"\b(20[0-3]\d)\b")


def _after(before: Span, unit: str, written: Written) -> Span | None:
    """The day, week or month behind a day."""
    if before.start is None or before.precision != "day" or before.end - before.start > timedelta(days=1):
        return _PAST
    end = before.end + timedelta(days={"day": 1, "week": 7, "month": 31}[unit])
    if before.end > written.at:
        return written.now
    if end > written.at:
        return Span("current", before.end, written.until, "day")
    return Span("historical", before.end, end, "day")
