"""Reading the dates publishers write, without ever guessing a zone.

feedparser reads ``BST`` and ``CET`` as UTC, a date without a zone as UTC, and the epoch 1744000000 as the
year 1744. A wrong hour is worse than none here, so we read the publisher's own string.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

#: The zones RFC 822 (5.1) defines by name. Other names (CET, BST, IST) mean several zones each.
ZONES_H = {
    "GMT": 0, "UT": 0, "UTC": 0, "Z": 0,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
EARLIEST = datetime(2009, 1, 3, tzinfo=UTC)  # Bitcoin's first block; the lake refuses older news
AHEAD = timedelta(days=1)  # clocks differ and stories are announced, but not further than this
WIDEST = timedelta(hours=14)  # no place on earth is further from UTC

_RFC_822 = re.compile(
    r"(?:[a-z]+\.?,?\s+)?(?P<day>\d{1,2})[\s-]+(?P<month>[a-z]{3})[a-z]*[\s-]+(?P<year>\d{4}|\d{2})"
    r"\s+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?\s*(?P<zone>[+-]\d{2}:?\d{2}|[a-z]+)"
    r"(?:\s*\([^)]*\))?",
    re.I | re.A,
)
_ISO_8601 = re.compile(
    r"\d{4}-\d\d-\d\d(?:(?P<time>[T ]\d\d:\d\d(?P<second>:\d\d(?:[.,]\d+)?)?)"
    r"\s*(?P<zone>Z|[+-]\d\d(?::?\d\d)?))?",
    re.I | re.A,
)


def read_date(text: str, now: datetime) -> tuple[datetime, str] | None:
    """The UTC instant a publisher's date states, and its precision; None where it cannot be known.

    Reads RFC 822 as RSS uses it, with a numeric offset or a zone RFC 822 names, and ISO 8601 as Atom and
    JSON Feed use it. Precision is what the string holds: "second", "minute", or "day" for a bare ISO date
    (the instant is then 00:00 UTC of that day, not a claim to the hour). None for a date without zone, with
    a zone name of several meanings, before 2009-01-03, or more than a day after ``now``.
    """
    text = text.strip()
    found = _read_rfc_822(text) or _read_iso_8601(text)
    if found is None or not EARLIEST <= found[0] <= now + AHEAD:
        return None
    return found


def _read_rfc_822(text: str) -> tuple[datetime, str] | None:
    match = _RFC_822.fullmatch(text)
    if match is None or match["month"].lower() not in MONTHS:
        return None
    zone = _zone(match["zone"].upper())
    if zone is None:
        return None
    year = int(match["year"])
    if year < 100:  # two digits: RFC 2822, 4.3
        year += 2000 if year < 50 else 1900
    month = MONTHS.index(match["month"].lower()) + 1
    day, hour, minute = (int(match[name]) for name in ("day", "hour", "minute"))
    try:
        local = datetime(year, month, day, hour, minute, int(match["second"] or 0), tzinfo=zone)
        return local.astimezone(UTC), "second" if match["second"] else "minute"
    except (ValueError, OverflowError):
        return None


def _read_iso_8601(text: str) -> tuple[datetime, str] | None:
    match = _ISO_8601.fullmatch(text)
    if match is None:
        return None
    try:
        if match["time"] is None:
            return datetime.fromisoformat(text).replace(tzinfo=UTC), "day"
        zone = _zone(match["zone"].upper())
        if zone is None:
            return None
        local = datetime.fromisoformat(text[: match.end("time")].replace(",", "."))
        return local.replace(tzinfo=zone).astimezone(UTC), "second" if match["second"] else "minute"
    except (ValueError, OverflowError):
        return None


def _zone(text: str) -> timezone | None:
    if text in ZONES_H:
        return timezone(timedelta(hours=ZONES_H[text]))
    if text[0] not in "+-":
        return None
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if offset > WIDEST or int(digits[2:]) > 59:
        return None
    return timezone(-offset if text[0] == "-" else offset)
