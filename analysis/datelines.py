"""When a text says it was written, and where it contradicts itself about time.

Pure. Times are aware, UTC; a wall-clock time whose zone is not known is good to the day only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from itertools import combinations

from analysis.prose import MONTH, MONTHS, day, sentences

_DATE_LINE = re.compile(
    r"(?:(?:Published|Posted|Date|First published)(?: on| at)?:? )?"
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? )?"
    rf"(?:(?P<month>{MONTH}|{MONTH.upper()}) (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})"
    rf"|(?P<day2>\d{{1,2}})(?:st|nd|rd|th)? (?P<month2>{MONTH}),? (?P<year2>\d{{4}})"
    r"|(?P<iso>\d{4}-\d{2}-\d{2}))"
    r"(?:[T, |•·-]{0,3}(?:at )?(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d{1,9})?)?"
    r" ?(?P<half>[AaPp]\.?[Mm]\.?)? ?(?P<zone>Z|[A-Z]{2,4}|(?:UTC|GMT)?[+-]\d{1,2}:?(?:\d{2})?)?)?"
)
_ZONE_H = {
    "Z": 0,
    "UTC": 0,
    "GMT": 0,
    "WET": 0,
    "BST": 1,
    "CET": 1,
    "CEST": 2,
    "EET": 2,
    "EEST": 3,
    "EST": -5,
    "EDT": -4,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
    "JST": 9,
    "SGT": 8,
    "HKT": 8,
}  # left out: names that mean two zones (ET, CST, IST); such a line is good to the day


def date_line(line: str) -> tuple[datetime | None, str | None]:
    """The time a line states, if the line states nothing else, and how exactly."""
    for part in re.split(r" [|•·] ", line):
        match = _DATE_LINE.fullmatch(part.strip())
        if match and (part == line or len(line) <= 80):
            return _instant(match)
    return None, None


def _instant(match: re.Match[str]) -> tuple[datetime | None, str | None]:
    if match["iso"]:
        try:
            date = datetime.fromisoformat(match["iso"]).replace(tzinfo=UTC)
        except ValueError:
            return None, None
    else:
        month = match["month"] or match["month2"]
        date = day(int(match["year"] or match["year2"]), month, int(match["day"] or match["day2"]))
    if date is None or not 2009 <= date.year < 2100:
        return None, None
    zone = _zone(match["zone"])
    if match["hour"] is None or zone is None:
        return date, "day"  # a wall-clock time without a known zone is no instant
    hour, half = int(match["hour"]), (match["half"] or "").lower()
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half[0] == "p" else 0)
    if hour > 23 or int(match["minute"]) > 59 or int(match["second"] or 0) > 59:
        return date, "day"
    second = int(match["second"] or 0)
    local = date.replace(hour=hour, minute=int(match["minute"]), second=second, tzinfo=zone)
    return local.astimezone(UTC), "second" if match["second"] else "minute"


def _zone(name: str | None) -> timezone | None:
    if not name:
        return None
    if name in _ZONE_H:
        return timezone(timedelta(hours=_ZONE_H[name]))
    offset = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?", name)
    if not offset or int(offset[2]) > 14 or int(offset[3] or 0) > 59:
        return None
    ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
    return timezone(ahead if offset[1] == "+" else -ahead)


_MOST = 200  # phrases compared, each with each; no article has as many
_AHEAD = re.compile(
    r"\b(?:(?P<this>(?:later|before the end of|by the end of) this) (?P<unit1>month|week)"
    r"|(?P<next>next|subsequent|following|coming) (?P<unit2>month|week))\b",
    re.I,
)
_THE_MONTH_EVENT = re.compile(rf"^(?:The|That|This) (?P<month>{MONTH}) [a-z]")
_NAME = re.compile(r"\b[A-Z][a-z]+\b")
_WORD = re.compile(r"\b[a-z]{4,}\b")
_COMMON = frozenset({"that", "with", "from", "this", "have", "been", "will", "were", "their", "which", "month"})


@dataclass(frozen=True)
class _TimePhrase:
    quote: str
    unit: str
    steps: int  # units ahead of the writing: 0 or 1
    names: frozenset[str]  # of its sentence
    words: frozenset[str]
    written: datetime | None  # of a post; None in the body


def date_conflicts(body: list[str], posts: list[tuple[str, datetime]], written: datetime | None) -> tuple[str, ...]:
    """Statements of when the same event will be that cannot all hold.

    Two statements are about the same event where they share three names and one more word, or where one
    directly follows the other and takes it up ("The April summit ..."). ``written`` is the best known time
    of writing: "later this month" is read in its month.
    """
    found: list[_TimePhrase] = []
    bad: list[tuple[int, str]] = []  # (order, phrase)
    for text, when in [*((p, None) for p in body), *posts]:
        spans = sentences(text) if _AHEAD.search(text) else []
        for n, (start, end) in enumerate(spans):
            sentence = text[start:end]
            for match in _AHEAD.finditer(sentence):
                if len(found) == _MOST:
                    break
                unit = (match["unit1"] or match["unit2"]).lower()
                near = sentence[max(0, match.start() - 400) : match.end() + 400]
                names, words = frozenset(_NAME.findall(near)), frozenset(_WORD.findall(near)) - _COMMON
                phrase = _TimePhrase(match[0], unit, 0 if match["this"] else 1, names, words, when)
                found.append(phrase)
                if n + 1 < len(spans) and unit == "month" and (when or written):
                    after = _THE_MONTH_EVENT.match(text[spans[n + 1][0] : spans[n + 1][1]])
                    if after and ((when or written).month + phrase.steps - _named(after["month"])) % 12:
                        bad += [(len(found), match[0]), (len(found), after["month"])]
    for (n, a), (m, b) in combinations(enumerate(found, 1), 2):
        disagree = a.unit == b.unit and _when(a, written) != _when(b, written)
        if disagree and _same_event(a, b):
            bad += [(n, a.quote), (m, b.quote)]
    return tuple(dict.fromkeys(phrase for _, phrase in sorted(bad, key=lambda item: item[0])))


def _when(phrase: _TimePhrase, written: datetime | None) -> int:
    """Month or week a phrase means, counted from a fixed start; relative where nothing is known."""
    at = phrase.written or written
    if at is None:
        return phrase.steps
    if phrase.unit == "week":
        return (at.toordinal() - 1) // 7 + phrase.steps
    return at.year * 12 + at.month + phrase.steps


def _named(month: str) -> int:
    return MONTHS[month.lower().rstrip(".")]


def _same_event(a: _TimePhrase, b: _TimePhrase) -> bool:
    return len(a.names & b.names) >= 3 and bool(a.words & b.words)
