"""For when a figure is stated, and over what span a change was.

Pure. The horizons: ``"1h"``, ``"4h"``, ``"24h"``, ``"7d"``, ``"14d"``, ``"30d"``, ``"90d"``, ``"1y"`` (other numbers of
hours, days and years likewise), ``"ytd"``, ``"mtd"``, ``"since 2025-06-12"`` (a day, month or year as ISO 8601), or
None where the text does not say. A day's change is ``"24h"``, a week's ``"7d"``, a month's ``"30d"``, a year's
``"1y"``.
"""

from __future__ import annotations

import re
from datetime import timedelta

from analysis.asof import TIME, Span, Written, calendar, resolve
from analysis.claim_words import FORMER, PASSED_RECORD
from analysis.links import Link
from analysis.prose import MONTH

_FILLER = re.compile(
    r"(?: ?(?:levels?|mark|milestone|threshold|area|region|zone))?,? ?"
    r"(?:as of|on|as|at the close of|by the (?:close|end) of(?= \w+day)|(?:seen )?at the (?:start|beginning"
    r"|onset|end)|back|late|early|by(?= (?:mid-|early |late )?[A-Z]))? ?(?:mid-|late |early )?"
)


def stated_for(link: Link, *, baseline: bool = False, at: int = 0) -> Span | None:
    """The span a figure is stated for; None where it is in the future, or past at no known time.

    The first time phrase directly behind the figure counts, else the last one before it that does not
    belong to a figure before. ``at``: where the words of the figure end, if not with it.
    """
    at = at or link.figure.end
    after = TIME.match(link.text, _FILLER.match(link.text, at).end(), at + 60)
    if after and not after["not"]:
        return _resolved(after, link)
    later = _PAST.match(link.text, at, at + 70)
    if later and link.written.at and int(later["year"]) < link.written.at.year and not _RECORDS.search(later[0]):
        return calendar(int(later["year"]), None, None, link.written)
    if _LAST_YEAR.match(link.text, at, at + 70):
        return _last_year(link.written)
    if baseline:
        lasts = re.search(r"\b(?:last (?:week|month|year)|yesterday)(?=['’]s $)", link.tail)
        return resolve(TIME.match(lasts[0]), link.written) if lasts else None
    begin = max(link.begin, link.subject.start - len(link.before))
    taken = begin
    if link.previous and link.previous.end > begin:
        comma = link.text.find(",", link.previous.end, link.previous.end + 25)
        taken = comma if comma >= 0 else link.previous.end + 25
    phrases = [
        match
        for match in TIME.finditer(link.text, begin, link.figure.start)
        if not match["not"] and not (link.previous and link.previous.end <= match.start() < taken)
    ]
    if not phrases and _told_of_then(link):
        return link.last.when
    former = FORMER.search(PASSED_RECORD.sub(" ", link.tail))
    current = [match for match in phrases if match["now"] or match["today"]]
    if former and not current:
        return None
    if phrases:
        return _resolved(current[-1] if current else phrases[-1], link)
    year = _YEARS.search(link.text, max(link.begin, link.figure.start - 250), link.figure.start)
    if year and link.written.at and int(year[1] or year["then"]) < link.written.at.year:
        return Span("historical")
    return link.written.now


def _resolved(match: re.Match[str], link: Link) -> Span | None:
    if match["weekday"]:
        dated = TIME.match(link.text, _ITS_DATE.match(link.text, match.end()).end(), match.end() + 30)
        if dated and (dated["day"] or dated["day2"]):
            return resolve(dated, link.written)
        if _comes_twice(link.text, match):
            return Span("historical")
    return resolve(match, link.written)


_ITS_DATE = re.compile(r",? ?\(?")
#: So far around a weekday another week is looked for.
_WRAP = 800
_WEEKDAY = re.compile(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b")


def _comes_twice(text: str, weekday: re.Match[str]) -> bool:
    """Whether the weekday comes again behind another one near by, as in a week's wrap: which week is not said."""
    named = _WEEKDAY.findall(text, max(0, weekday.start() - _WRAP), weekday.end() + _WRAP)
    runs = [one for n, one in enumerate(named) if n == 0 or one != named[n - 1]]
    return runs.count(weekday["weekday"]) > 1


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
    r"|\b(?P<then>20[0-3]\d)(?: crypto)? (?:bull|bear|crash|cycle|run|rally|winter)\b"
)


_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "a": 1, "an": 1, "": 1, "couple of": 2, "few": None, "several": None,
}  # fmt: skip
_HORIZON = re.compile(
    r"\b(?P<mtd>month[- ]to[- ]date|MTD|so far this month|since the (?:start|beginning) of (?:the|this) month)\b"
    r"|\b(?P<ytd>year[- ]to[- ]date|YTD|ytd|so far this year|since the (?:start|beginning) of (?:the|this) year|"
    r"since the (?:start|beginning) of 20\d\d|since January 1|so far in 20\d\d)\b"
    r"|\b(?:(?:in|over|within|during|for|across|throughout|on|of|from) )?(?:(?:the|its|just|only|about|under"
    r"|less than) ){0,3}"
    r"(?:(?P<last>last|past|previous|prior|trailing|preceding|recent|this|current) )?"
    r"(?P<n>(?:\d{1,3}|a|an|one|two|three|four|five|six|seven|eight|nine|ten|twelve|couple of|few"
    r"|several)(?:[ -]))?"
    r"(?P<unit>hours?|hrs?|h|days?|d|weeks?|wk|months?|quarters?|years?|yr)\b(?!-old|['’]s| (?:trading"
    r"|liquidations?|volume|spot|SMAs?|EMAs?|MA|moving average|simple moving|exponential moving|RSI|ATM"
    r"|volatility)|s? (?:ago|earlier|high|low|later))"
    r"|\b(?P<n2>\d{1,3})(?P<unit2>h|H|d|D|hr|w|W|M|y)(?:rs)?\b"
    r"|\b(?P<day>daily|intraday|day-over-day|overnight|today|yesterday|24/7)\b"
    r"|\b(?P<week>weekly|week[- ](?:over|on)[- ]week|week[- ]to[- ]date)\b"
    r"|\b(?P<month>monthly|month[- ](?:over|on)[- ]month|MoM)\b"
    r"|\b(?P<year>yearly|annually|annual|year[- ](?:over|on)[- ]year|YoY)\b"
    r"|\bsince (?P<since>(?:early |mid-|late |last )?)(?=\w)"
    r"|\b(?P<at>on|this|last|late|early) (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b",
    re.I,
)


def horizon_of(text: str, begin: int, start: int, end: int, stop: int, written: Written) -> str | None:
    """The horizon of a change told in ``text[start:end]``, said between ``begin`` and ``stop``: first behind
    the change, else directly before its words."""
    for first, last in ((start, stop), (begin, start)):
        found = None
        for match in _HORIZON.finditer(text, first, last):
            found = _horizon(text, match, written)
            if found and first == start:
                return found
        if found:
            return found
    return None


def _horizon(text: str, match: re.Match[str], written: Written) -> str | None:
    if match["mtd"]:
        return "mtd"
    if match["unit"] or match["unit2"]:
        unit = (match["unit"] or match["unit2"]).lower()[0]
        if match["unit2"] == "M":
            unit = "m"
        said = (match["n"] or match["n2"] or "").rstrip(" -").lower()
        count = int(said) if said.isdigit() else _NUMBERS[said]
        if count is None or not (match["n"] or match["n2"] or match["last"] or _plain_span(match[0])):
            return None
        if unit == "y" and match["last"] in ("this", "current"):
            return "ytd"
        if unit == "h":
            return f"{count}h"
        days = count * {"d": 1, "w": 7, "m": 30, "q": 90, "y": 365}[unit]
        if days == 1:
            return "24h"
        return f"{days // 365}y" if unit == "y" else "1y" if days == 360 else f"{days}d"
    if match["day"] or match["at"]:
        return "24h"
    for name, value in (("week", "7d"), ("month", "30d"), ("year", "1y"), ("ytd", "ytd")):
        if match[name]:
            return value
    when = TIME.match(text, match.end(), match.end() + 40) or _BARE.match(text, match.end())
    if when is not None and when.re is _BARE:
        if when["y"]:
            return f"since {when['y']}"
        year = int(when["of"]) if when["of"] else None
        if year is None and written.at is None:
            return None
        span = calendar(year, when["month"], None, written)
        return span and span.start and f"since {span.start:%Y-%m}"
    if when is None:
        named = TIME.match(text, match.start(), match.end() + 40)
        return None if named is None else _since(named, written)
    return _since(when, written)


_BARE = re.compile(rf"(?P<y>20\d\d)\b|(?P<month>{MONTH})(?:,? (?P<of>20\d\d))?")


def _plain_span(words: str) -> bool:
    return bool(re.match(r"(?:in|on|over|during|for) the (?:day|week|month|year)", words, re.I))


def _since(match: re.Match[str], written: Written) -> str | None:
    if match["now"] or match["vague"]:
        return None
    span = resolve(match, written)
    if span is None or span.start is None:
        return None
    return "since " + span.start.strftime({"month": "%Y-%m", "year": "%Y"}.get(span.precision, "%Y-%m-%d"))
