"""Over what span a change was.

Pure. The horizons: ``"1h"``, ``"4h"``, ``"24h"``, ``"7d"``, ``"14d"``, ``"30d"``, ``"90d"``, ``"1y"`` (other numbers of
hours, days and years likewise), ``"ytd"``, ``"mtd"``, ``"since 2025-06-12"`` (a day, month or year as ISO 8601), or
None where the text does not say. A day's change is ``"24h"``, a week's ``"7d"``, a month's ``"30d"``, a year's
``"1y"``.
"""

from __future__ import annotations

import re

from analysis.asof import TIME, Written, calendar, resolve
from analysis.prose import MONTH

_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fourteen": 14, "fifteen": 15, "thirty": 30, "sixty": 60, "ninety": 90,
    "a": 1, "an": 1, "": 1, "single": 1, "a single": 1, "one single": 1, "a full": 1, "full": 1, "entire": 1,
    "couple of": 2, "few": None, "several": None,
}  # fmt: skip
#: Against what a move is told, directly behind it: "compared with yesterday", "than a week earlier".
_AGAINST = re.compile(
    r"(?: (?:up|down|higher|lower|cheaper|dearer|weaker|stronger|less|more"
    r"|above|below|on|increase|decrease|gain|drop|rise|fall|jump|decline)){0,2}"
    r",? (?:(?:when )?compared (?:with|to)|versus|vs\.?|against|from|since|than|relative to|over|on)"
    r" (?:(?:its|the|that of|where it (?:was|stood)|(?:the )?(?:price|level|value|close|rate|figure)(?: of"
    r"| from)?) ){0,2}"
    r"(?:(?P<day>yesterday(?:['’]s)?\b|(?:the )?(?:(?:previous|prior|preceding) (?:(?:trading )?day|24 hours|session)"
    r"|day before\b)|(?:a|one) day (?:ago|earlier|before|prior)|24 hours (?:ago|earlier|before))"
    r"|(?P<week>(?:the )?(?:last|previous|prior|preceding) week|(?:the )?week before\b"
    r"|(?:a|one) week (?:ago|earlier|before|prior)|(?:seven|7) days (?:ago|earlier))"
    r"|(?P<month>(?:the )?(?:last|previous|prior|preceding) month|(?:the )?month before\b"
    r"|(?:a|one) month (?:ago|earlier|before|prior)|(?:thirty|30) days (?:ago|earlier))"
    r"|(?P<year>(?:the )?(?:last|previous|prior|preceding) year|(?:the )?year before\b"
    r"|(?:a|one) year (?:ago|earlier|before|prior)|(?:this|the same) time last year))",
    re.I,
)
_UNITS = {"day": "24h", "week": "7d", "month": "30d", "year": "1y"}


def against(text: str, end: int, stop: int) -> tuple[str, int] | None:
    """The horizon of a move told against a day, week, month or year before, and where its words end."""
    match = _AGAINST.match(text, end, stop)
    return (_UNITS[match.lastgroup], match.end()) if match else None


#: "Closed the week 3% lower".
_ENDED = r"(?:ended|ends|ending|closed|closes|closing|finished) the "
_HORIZON = re.compile(
    r"\b(?P<mtd>month[- ]to[- ]date|MTD|so far this month|since the (?:start|beginning) of (?:the|this) month)\b"
    r"|\b(?P<ytd>(?:in |over )?(?:the )?year[- ]to[- ]date|YTD|ytd|so far this year"
    r"|since the (?:start|beginning) of (?:the|this) year|"
    r"since the (?:start|beginning) of 20\d\d|since January 1|so far in 20\d\d|since New Year(?:['’]s(?: [Dd]ay)?)?)\b"
    rf"|\b(?P<named>(?P<day>{_ENDED}day|daily|intraday|day-(?:over|on)-day|DoD|d/d|overnight|today|yesterday|24/7)"
    rf"|(?P<week>{_ENDED}week|weekly|WTD|w/w|week[- ](?:over|on)[- ]week|week[- ]to[- ]date|WoW)"
    rf"|(?P<month>{_ENDED}month|monthly|month[- ](?:over|on)[- ]month|MoM|m/m)"
    r"|(?P<year>yearly|annually|annual|annualized|year[- ](?:over|on)[- ]year|YoY|y/y)|(?P<hour>hourly))\b"
    r"(?![- ](?:lows?|highs?|trend|range|streak|average|peak|clos|RSI|MACD|[SE]MA|moving|volume|trading|inflow"
    r"|support|resistance))"
    r"|\b(?:(?:in|over|within|during|for|across|throughout|on|of|from) )?(?:(?:the|its|just|only|about|under|roughly"
    r"|nearly|around|less than|a little over) ){0,3}"
    r"(?P<ago>(?:earlier|later|early|late) )?"
    r"(?:(?P<last>last|past|previous|prior(?: to now)?|trailing|preceding|recent|this|current|latest) )?"
    r"(?P<n>(?:\d{1,3}|a single|a full|a|an|one single|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|fourteen|fifteen|thirty|sixty|ninety|single|full|entire|couple of|few|several)(?:[ -]))?"
    r"(?P<unit>hours?|hrs?|h|days?|d|weeks?|wks?|fortnights?|months?|quarters?|years?|yrs?)\b(?!-old|['’]s"
    r"|[ -](?:trading|liquidations?|volume|spot|SMAs?|EMAs?|MA|moving average|simple moving|exponential moving|RSI|ATM"
    r"|volatility|trend|streak|range|average|chart pattern|when)\b|s? (?:ago|earlier|later|highs?|lows?))"
    r"|\b(?P<n2>\d{1,3})(?P<unit2>h|H|d|D|hr|w|W|M|y)(?:rs)?\b"
    r"|\bsince (?P<since>(?:early |mid-|late |last )?)(?=\w)"
    r"|\b(?P<at>on|this|last|late|early) (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b",
    re.I,
)


#: Behind a change: from here on the words are of something else.
_BREAK = re.compile(
    r",? (?:but|while|whereas|though|although|yet|before|after|as|ahead|despite|following|amid|bucking|hitting"
    r"|extending|trimming|paring|bringing|taking|leaving|erasing|reversing|narrowing|widening|cutting|even|making"
    r"|in what|when)\b|[;:]|\.(?=[A-Z])"
)
#: From here on they may be.
_PAUSE = re.compile(r",? (?:and|along with|with|which|reaching|setting)\b")
_SAME = re.compile(
    r"\b(?:same|that|this) (?:period|time ?frame|time ?span|span|window|stretch|duration|interval|time)\b"
)
#: At the head of a sentence or clause, for all that it tells.
_FRONT = re.compile(
    r"(?:^|[,;:.)] (?:and |but |while )?)(?i:in|over|during|within|for|across|throughout) (?=the|its|just)"
)
_FRONT_ENDS = re.compile(r"[^,.;$%]{0,40},")
#: The day that a level was last seen, not where the change began.
_LAST_SEEN = re.compile(
    r"\b(?:lowest|highest|most|least|best|worst|strongest|weakest|biggest|largest|steepest|sharpest|first|levels?"
    r"|seen|record"
    r"|mark|peak|time)\b[^,.;]{0,30}$",
    re.I,
)
#: A change since an event, whose day is not said or is not the change's.
_UNDATED = re.compile(r"\b[Ss]ince (?:its|the|their|an?) (?!(?:start|beginning|turn|end) of)")
_VAGUE = "?"


def horizon_of(
    text: str, begin: int, start: int, end: int, stop: int, written: Written, *, sentence: int = -1
) -> str | None:
    """The horizon of a change told in ``text[start:end]``, said between ``begin`` and ``stop``: with its noun, behind
    the change, directly before its words, or at the head of its ``sentence`` (where that begins)."""
    found = _said(text, begin, start, end, stop, written)
    if found is None and sentence >= 0:
        found = _at_the_head(text, sentence, start, written)
    elif found == _SAME.pattern:
        found = _of_before(text, sentence, start, written)
    return None if found == _VAGUE else found


def _said(text: str, begin: int, start: int, end: int, stop: int, written: Written) -> str | None:
    for match in _HORIZON.finditer(text, max(begin, start - 24), start):
        if match.end() >= start - 1 and (match["named"] or "-" in match[0]):
            return _horizon(text, match, written) or _VAGUE  # "a weekly rise of 9%"
    far = _BREAK.search(text, end, stop)
    far = far.start() if far else stop
    pause = _PAUSE.search(text, end, far)
    near = pause.start() if pause else far
    if told := against(text, end, stop):
        return told[0]
    if found := _first(text, start, near, written):
        return found
    if _SAME.search(text, end, near):
        return _SAME.pattern
    if text.startswith((" since ", " from "), end):
        return _VAGUE
    found = None
    for match in _HORIZON.finditer(text, begin, start):
        if not _is_last_seen(text, begin, match):
            found = _horizon(text, match, written) or found
    if found and _UNDATED.search(text, begin, start):
        return _VAGUE
    return found or _first(text, near, far, written, heads=False)


def _first(text: str, first: int, last: int, written: Written, *, heads: bool = True) -> str | None:
    for match in _HORIZON.finditer(text, first, last):
        if not heads and text.startswith(",", match.end()):
            continue  # "..., and over the past week, SOL ...": another clause's
        if _is_last_seen(text, first, match):
            return None
        if found := _horizon(text, match, written):
            return found
    return None


def _is_last_seen(text: str, first: int, match: re.Match[str]) -> bool:
    """ "The lowest since May", "the most in two weeks"; but "the best in the last 24 hours"."""
    if match["since"] is None and (not match["unit"] or match["last"] or not match[0].startswith(("in ", "for "))):
        return False
    return bool(_LAST_SEEN.search(text, max(first, match.start() - 60), match.start()))


def _at_the_head(text: str, sentence: int, start: int, written: Written) -> str | None:
    found = None
    first = max(sentence, start - 400)
    for front in _FRONT.finditer(text[first:start]):
        match = _HORIZON.match(text, first + front.end(), start)
        opens = front.start() == 0 and first == sentence
        if match and (opens or _FRONT_ENDS.match(text, match.end(), start)):
            found = _horizon(text, match, written)
    named = None if found else _HORIZON.match(text, sentence, start)
    if named and named["ytd"] and text.startswith(",", named.end()):
        return "ytd"
    told = None if found else against(" " + text[sentence : sentence + 60], 0, 60)
    if told and text.startswith(",", sentence + told[1] - 1):
        return told[0]
    return found


def _of_before(text: str, sentence: int, start: int, written: Written) -> str | None:
    """ "Over the same period": what was said before, else in the sentence before."""
    if sentence < 0:
        return None
    line = max(text.rfind("\n", max(0, sentence - 260), sentence) + 1, sentence - 260, 0)
    for first, last in ((max(sentence, start - 300), start), (line, sentence)):
        said = [
            _horizon(text, match, written)
            for match in _HORIZON.finditer(text, first, last)
            if match["since"] is None or not _LAST_SEEN.search(text, max(first, match.start() - 60), match.start())
        ]
        said = [one for one in said if one]
        if said:
            return said[-1]
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
        if count is None:
            return _VAGUE
        if said in ("a", "an") and not match["last"] and match[0].lower().startswith(said):
            return None  # "July, a month that": no "in a month"
        if match["ago"] or not (match["n"] or match["n2"] or match["last"] or _plain_span(match[0])):
            return None
        if unit == "y" and match["last"] in ("this", "current"):
            return "ytd"
        if unit == "h":
            return f"{count}h"
        days = count * {"d": 1, "w": 7, "f": 14, "m": 30, "q": 90, "y": 365}[unit]
        if days == 1:
            return "24h"
        return f"{days // 365}y" if unit == "y" else "1y" if days == 360 else f"{days}d"
    if match["at"]:
        return _VAGUE  # a weekday's move may be told of a part of it
    if match["day"]:
        return "24h"
    for name, value in (("hour", "1h"), ("week", "7d"), ("month", "30d"), ("year", "1y"), ("ytd", "ytd")):
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
        if span is None or span.start is None:
            return None
        if written.at is not None and (span.start.year, span.start.month) == (written.at.year, 1):
            return "ytd"
        return f"since {span.start:%Y-%m}"
    if when is None:
        named = TIME.match(text, match.start(), match.end() + 40)
        return None if named is None else _since(named, written)
    return _since(when, written)


_BARE = re.compile(rf"(?P<y>20\d\d)\b|(?P<month>{MONTH})(?:,? (?P<of>20\d\d))?")


def _plain_span(words: str) -> bool:
    return bool(re.match(r"(?:in|on|over|during|for|within) the (?:hour|day|week|month|year)", words, re.I))


def _since(match: re.Match[str], written: Written) -> str | None:
    if match["now"] or match["vague"]:
        return None
    span = resolve(match, written)
    if span is None or span.start is None:
        return None
    if span.precision == "day" and written.at is not None and written.day_before(1).start == span.start:
        return "24h"
    return "since " + span.start.strftime({"month": "%Y-%m", "year": "%Y"}.get(span.precision, "%Y-%m-%d"))
