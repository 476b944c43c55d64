"""Times as people write them, their precision told by how far they are written out (ISO 8601).

``2025`` is a year, ``2025-03`` a month, ``2025-03-28`` a day, ``2025-03-28T17Z`` an hour, ``2025-03-28T17:17Z`` a
minute, ``2025-03-28T17:17:05+01:00`` a second. A time of day names its zone; days, months and years are UTC's.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from analysis.asof import Written

_WRITTEN = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})"
    r"(?:[T ](?P<hour>\d{2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?P<fraction>\.\d{1,6})?)?)?"
    r" ?(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?)?)?",
    re.ASCII | re.IGNORECASE,
)
FIRST, LAST = datetime(2009, 1, 3, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_EXAMPLES = "write a day as 2025-03-28, an instant as 2025-03-28T17:17Z"


def read_time(text: str) -> tuple[datetime, str]:
    """An aware UTC instant, the start of the span written, and its precision (one of ``PRECISIONS``).

    Raises ValueError with a sentence for what is no time, a time of day without a zone, and times outside the lake's.
    """
    text = text.strip()
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:60]!r} is not a time; {_EXAMPLES}.")
    parts = ("year", "month", "day", "hour", "minute", "second")
    given = [int(match[part]) for part in parts if match[part]]
    precision = parts[len(given) - 1]
    if match["hour"] and not match["zone"]:
        raise ValueError(f"{text} has no time zone; write {text}Z for UTC, or an offset such as +02:00.")
    zone = (match["zone"] or "Z").upper()
    offset = "+00:00" if zone in ("Z", "UTC", "GMT") else zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"
    year, month, day, hour, minute, second = (*given, *(0, 1, 1, 0, 0, 0)[len(given) :])
    iso = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{match['fraction'] or ''}{offset}"
    try:
        at = datetime.fromisoformat(iso).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text} is not a time that has been; {_EXAMPLES}.") from error
    if precision == "hour":
        at = at.replace(minute=0)
    if not (FIRST <= at < LAST or (precision in ("month", "year") and at.year == FIRST.year)):
        raise ValueError(f"{text} lies outside 2009 to 2100.")
    return max(at, FIRST), precision


def write_time(at: datetime, precision: str | None) -> str:
    """The instant, written out as far as it is known: what ``read_time`` reads."""
    at = at.astimezone(UTC)
    if precision in ("year", "month", "day", "hour"):
        return at.strftime({"year": "%Y", "month": "%Y-%m", "day": "%Y-%m-%d", "hour": "%Y-%m-%dT%HZ"}[precision])
    if precision == "minute" and not (at.second or at.microsecond):
        return at.strftime("%Y-%m-%dT%H:%MZ")
    return at.isoformat().replace("+00:00", "Z")


def read_span(text: str) -> tuple[datetime, datetime, str]:
    """The span that a time means, or that two of them with ``/`` between bound; and its precision.

    Start and end are equal for an instant. Raises ValueError as ``read_time`` does.
    """
    first, slash, last = text.partition("/")
    start, precision = read_time(first)
    if slash:
        end, precision = read_time(last)
        if end < start:
            raise ValueError(f"{text} ends before it begins.")
        return start, end, precision
    written = Written.of(start, precision)
    return written.at, written.until, precision


def write_span(start: datetime, end: datetime, precision: str | None) -> str:
    """What ``read_span`` reads as this span."""
    short = write_time(start, precision)
    if read_span(short)[:2] == (start, end):
        return short
    return f"{write_time(start, 'minute')}/{write_time(end, 'minute')}"
