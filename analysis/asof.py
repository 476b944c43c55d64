"""The time a statement is about: "at press time", "yesterday", "on 5 June", "in 2021".

Pure. Spans are aware, UTC. A time of day or a place's own calendar day is not resolved: days are UTC days.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from analysis.prose import MONTH, MONTHS, day


@dataclass(frozen=True, slots=True)
class Span:
    modality: str
    start: datetime | None = None
    end: datetime | None = None
    precision: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """When the text was written, as far as known: within [at, until]."""

    at: datetime | None
    until: datetime | None = None
    precision: str | None = None

    @classmethod
    def of(cls, at: datetime | None, precision: str) -> Written:
        if at is None:
            return cls(None)
        at = at.astimezone(UTC)
        if precision in ("second", "minute"):
            return cls(at, at, precision)
        if precision == "hour":
            at = at.replace(minute=0, second=0, microsecond=0)
            return cls(at, at + timedelta(hours=1), precision)
        at = at.replace(hour=0, minute=0, second=0, microsecond=0)
        if precision == "day":
            return cls(at, at + timedelta(days=1), precision)
        at = at.replace(day=1, month=1 if precision == "year" else at.month)
        return cls(at, _next_month(at) if precision == "month" else at.replace(year=at.year + 1), precision)

    @property
    def now(self) -> Span:
        return Span("current", self.at, self.until, self.precision)

    def day_before(self, days: int) -> Span:
        modality = "historical" if days else "current"
        if self.at is None or self.precision in ("month", "year"):
            return Span(modality)
        start = self.at.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)
        end = start + timedelta(days=1)
        if days == 0 and self.precision in ("second", "minute", "hour"):
            end = self.until  # nothing published can speak of later
        return Span(modality, start, end, "day")


def _next_month(at: datetime) -> datetime:
    return at.replace(year=at.year + at.month // 12, month=at.month % 12 + 1)


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TIME = re.compile(
    rf"(?P<not>\b(?:[Ss]ince|until|till|by|before|after|from|than|as) (?:early |mid-|late )?)?"
    rf"(?:\b(?P<month>{MONTH}) (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:, (?P<year>\d{{4}}))?(?![\d:])"
    rf"|\b(?P<day2>\d{{1,2}})(?:st|nd|rd|th)? (?P<month2>{MONTH})(?: (?P<year2>\d{{4}}))?\b"
    rf"|\b(?P<month4>{MONTH}),? (?P<year5>20\d\d)\b(?!['’]s)(?! (?:all-time|peak|high|low|record|ATH"
    rf"|election|halving))"
    rf"|\b(?:[Ii]n|[Dd]uring|[Tt]hroughout|[Aa]t the (?:very )?(?:end|start|beginning|turn|middle|onset"
    r"|close) of|by the end of|this|to (?:end|close|close out|conclude)"
    r"|(?:closed|ended|finished|opened|entered|exited|started|closing|ending|finishing|exiting)(?: out)?)"
    rf" (?:early |mid-|late )?(?P<month3>{MONTH})(?! \d\d?\b)(?:,? (?P<year3>\d{{4}})"
    rf"|(?P<year_ago> (?:of )?last year))?\b(?! \d{{1,2}}\b)"
    rf"|\b(?:[Ii]n|[Dd]uring|of|closed|ended|finished|closing|ending|finishing) (?:out )?(?:early |mid-|late )?"
    rf"(?P<year4>20[0-3]\d)\b"
    rf"|\b(?P<quarter>(?:[Ii]n|[Dd]uring|[Tt]hroughout|[Ff]or|at the end of|by the end of|to (?:end|close"
    rf"|close out|conclude)) (?:Q(?P<q>[1-4])|the (?P<nth>first|second|third"
    rf"|fourth) quarter))(?: of)?(?: (?P<year6>20[0-3]\d))?\b"
    rf"|(?<!star )(?<!coin )(?<!token )(?<!performer )(?<!story )(?<!winner )\b(?P<start>of (?:the|this) year)\b"
    rf"|\b(?P<now>(?i:at (?:the )?press[- ]time|at (?:the )?time of (?:this )?(?:writing|publication"
    rf"|reporting|press)"
    rf"|currently|now|(?:as of |at )(?:at )?present|presently|as of (?:writing|press time)|right now))\b"
    rf"|\b(?P<today>(?i:today|this morning|this afternoon|tonight))\b"
    rf"|\b(?P<yesterday>(?i:yesterday))\b"
    rf"|\b(?i:on |late |early |this |last )?(?P<weekday>(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b"
    rf"|\b(?P<last>(?<!the )(?i:last (?:week|month|year)))\b(?!['’]s)"
    rf"|\b(?:started|began|opened|kicked off|ended|closed|finished|spent|throughout|beginning of|start of|end of)"
    rf" (?:off )?the (?:previous|prior|past|last) (?P<before>week|month|year)\b"
    rf"|\b(?P<vague>(?i:last (?:cycle|summer|quarter|week|month|year)|(?:days?|weeks?|months?|years?) ago"
    rf"|previously"
    rf"|earlier this (?:week|month|year)|at the time|(?:at|by|around) that (?:time|point|moment)|back then)\b(?! of))"
    rf")"
)


def resolve(match: re.Match[str], written: Written) -> Span | None:
    if match["now"]:
        return written.now
    if match["today"]:
        return written.day_before(0)
    if match["yesterday"]:
        return written.day_before(1)
    if match["vague"]:
        return None
    if match["last"]:
        return _last(match["last"][5:].lower(), written)
    if match["before"]:
        return _last(match["before"], written)
    if match["weekday"]:
        if written.at is None:
            return Span("current")
        back = (written.at.weekday() - _WEEKDAYS.index(match["weekday"].lower())) % 7
        return written.day_before(back)
    if match["start"]:
        return Span("historical")
    if match["quarter"]:
        return _quarter(match, written)
    year = match["year"] or match["year2"] or match["year3"] or match["year4"] or match["year5"]
    month = match["month"] or match["month2"] or match["month3"] or match["month4"]
    if year is None and written.at is None:
        return Span("historical")
    if match["year_ago"]:
        year = written.at.year - 1
    return calendar(int(year) if year else None, month, match["day"] or match["day2"], written)


def _quarter(match: re.Match[str], written: Written) -> Span | None:
    number = int(match["q"]) if match["q"] else ("first", "second", "third", "fourth").index(match["nth"]) + 1
    if written.at is None:
        return Span("historical")
    year = int(match["year6"] or written.at.year)
    start = datetime(year, 3 * number - 2, 1, tzinfo=UTC)
    end = datetime(year + number // 4, 3 * number % 12 + 1, 1, tzinfo=UTC)
    if start > written.until:
        return None
    return Span("historical", start, end, "month") if end <= written.at else written.now


def _last(unit: str, written: Written) -> Span:
    """The calendar week (from Monday), month or year before the one of the writing."""
    if written.at is None or (written.precision in ("month", "year") and unit == "week") or written.precision == "year":
        return Span("historical")
    today = written.at.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "week":
        end = today - timedelta(days=today.weekday())
        return Span("historical", end - timedelta(days=7), end, "day")
    end = today.replace(day=1) if unit == "month" else today.replace(month=1, day=1)
    start = (end - timedelta(days=1)).replace(day=1)
    return Span("historical", start if unit == "month" else start.replace(month=1), end, unit)


def calendar(year: int | None, month: str | None, of_month: str | None, written: Written) -> Span | None:
    """A day, month or year as named; without a year, the latest that is not after the writing."""
    if year is None:
        year = written.at.year
        named = (year, MONTHS[month.lower().rstrip(".")], int(of_month or 1))
        if named > (written.until.year, written.until.month, written.until.day):
            year -= 1
        elif written.precision == "year" and named > (written.at.year, 1, 1):
            return Span("historical")  # of this year or of the one before: the writing's date does not say
    if of_month:
        start = day(year, month, int(of_month))
        end, precision = (start and start + timedelta(days=1)), "day"
    elif month:
        start = day(year, month, 1)
        end, precision = (start and _next_month(start)), "month"
    else:
        start = datetime(year, 1, 1, tzinfo=UTC)
        end, precision = datetime(year + 1, 1, 1, tzinfo=UTC), "year"
    if start is None or (written.until and start > written.until):
        return None
    if written.at and start <= written.at < end:
        if precision == "day":
            return written.day_before(0)
        return Span("current", start, written.until, precision)
    return Span("historical", start, end, precision)
