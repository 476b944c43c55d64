"""Reading the dates publishers write, without ever guessing a zone.

feedparser reads ``BST`` and ``CET`` as UTC, a date without a zone as UTC, and the epoch 1744000000 as the
year 1744. A wrong hour is worse than none here, so we read the publisher's own string.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone

#: Hours from UTC of every zone in use under that name: one for most, several where a name is shared. The first
#: two lines are RFC 822's (5.1), which settles that CST and MST are American; others as the tz database has them.
ZONES_H: dict[str, tuple[float, ...]] = {
    "GMT": (0,), "UT": (0,), "UTC": (0,), "Z": (0,), "EST": (-5,), "EDT": (-4,), "CST": (-6,), "CDT": (-5,),
    "MST": (-7,), "MDT": (-6,), "PST": (-8,), "PDT": (-7,),
    "WET": (0,), "WEST": (1,), "CET": (1,), "CEST": (2,), "MEZ": (1,), "MESZ": (2,), "EET": (2,), "EEST": (3,),
    "MSK": (3,), "TRT": (3,), "SAST": (2,), "CAT": (2,), "EAT": (3,), "WAT": (1,),
    "PKT": (5,), "NPT": (5.75,), "WIB": (7,), "WITA": (8,), "WIT": (9,), "HKT": (8,), "SGT": (8,), "PHT": (8,),
    "JST": (9,), "KST": (9,), "AWST": (8,), "ACST": (9.5,), "ACDT": (10.5,), "AEST": (10,), "AEDT": (11,),
    "NZST": (12,), "NZDT": (13,), "AKST": (-9,), "AKDT": (-8,), "HST": (-10,), "BRT": (-3,), "ART": (-3,),
    "NDT": (-2.5,),
    "BST": (1, 6, 11),  # British summer, Bangladesh, Bougainville
    "IST": (1, 2, 5.5),  # Irish, Israel, India
    "AST": (-4, 3),  # Atlantic, Arabia
    "AMT": (-4, 4),  # Amazon, Armenia
    "GST": (4, -2),  # Gulf, South Georgia
    "SST": (-11, 8),  # Samoa, Singapore
    "ECT": (-5, -4),  # Ecuador, Eastern Caribbean
    "WST": (8, 13),  # Western Australia, Samoa
    "ET": (-5, -4), "CT": (-6, -5), "MT": (-7, -6), "PT": (-8, -7),  # winter or summer is left open
}  # fmt: skip
#: Exact names only, accents off: "marraskuu" is November, whatever it begins with. English, Portuguese, Spanish,
#: French, German, Italian; a name that means two months in two of them has no place here.
MONTH_NAMES = (
    "jan january janeiro ene enero janv janvier januar janner gen gennaio",
    "feb february fev fevereiro febrero fevr fevrier februar feber febbraio",
    "mar march marco marzo mars marz mrz",
    "apr april abr abril avr avril aprile",
    "may mai maio mayo mag maggio",
    "jun june junho junio juin juni giu giugno",
    "jul july julho julio juil juillet juli lug luglio",
    "aug august ago agosto aout",
    "sep sept september set setembro septiembre setiembre septembre settembre",
    "oct october out outubro octubre octobre okt oktober ott ottobre",
    "nov november novembro noviembre novembre",
    "dec december dez dezembro dic diciembre decembre dezember dicembre",
)
MONTHS = {name: month for month, names in enumerate(MONTH_NAMES, 1) for name in names.split()}
EARLIEST = datetime(2009, 1, 3, tzinfo=UTC)  # Bitcoin's first block; the lake refuses older news
AHEAD = timedelta(days=1)  # clocks differ and stories are announced, but not further than this
WIDEST = timedelta(hours=14)  # no place on earth is further from UTC
LONGEST = 120  # characters: the time JavaScript writes takes about 75

_WORD = r"[^\W\d_]+"
_CLOCK = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
_ZONE = r"(?P<zone>(?:GMT|UTC)?[+-][0-9]{2}:?[0-9]{2}|[A-Z]+)"
_WRITTEN = tuple(
    re.compile(form, re.I)
    for form in (
        # RFC 822 as RSS uses it: "Wed, 30 Sep 2026 13:30:00 +0200", in any language: "Terça-feira, 30 set 2026 ..."
        rf"(?:{_WORD}(?:-{_WORD})?\.?,?\s+)?(?P<day>[0-9]{{1,2}})[\s-]+(?P<month>{_WORD})\.?[\s-]+"
        rf"(?P<year>[0-9]{{4}}|[0-9]{{2}})\s+{_CLOCK}\s*{_ZONE}(?:\s*\([^()]*\))?",
        # JavaScript's Date.toString(): "Wed Sep 30 2026 13:30:00 GMT+0200 (Central European Summer Time)"
        rf"{_WORD}\s+(?P<month>{_WORD})\s+(?P<day>[0-9]{{1,2}})\s+(?P<year>[0-9]{{4}})\s+{_CLOCK}\s*{_ZONE}"
        r"(?:\s*\([^()]*\))?",
        # Java's, and date(1)'s: "Wed Sep 30 13:30:00 UTC 2026"
        rf"{_WORD}\s+(?P<month>{_WORD})\s+(?P<day>[0-9]{{1,2}})\s+{_CLOCK}\s+{_ZONE}\s+(?P<year>[0-9]{{4}})",
    )
)
_ISO_8601 = re.compile(
    r"\d{4}-\d\d-\d\d(?:(?P<time>[T ]\d\d:\d\d(?P<second>:\d\d(?:[.,]\d+)?)?)"
    r"\s*(?P<zone>Z|[+-]\d\d(?::?\d\d)?))?",
    re.I | re.A,
)
_EPOCH = re.compile(r"[0-9]{10}(?P<ms>[0-9]{3})?")

Instant = tuple[datetime, str]


def read_date(text: str, now: datetime) -> Instant | None:
    """The UTC instant a publisher's date states, and its precision; None where it cannot be known.

    Reads RFC 822 as RSS uses it, with month names of six languages; ISO 8601 as Atom and JSON Feed use it; the
    dates JavaScript and Java print; seconds and milliseconds since 1970. Precision is what the string holds:
    "second", "minute", or "day" for a bare ISO date (the instant is then 00:00 UTC of that day, not a claim to
    the hour). None for a date without zone, with a zone name of several meanings (``meanings``), before
    2009-01-03, or more than a day after ``now``.
    """
    found = meanings(text, now)
    return found[0] if len(found) == 1 else None


def meanings(text: str, now: datetime) -> tuple[Instant, ...]:
    """Every instant that ``text`` may state, with its precision: none, one, or one for each zone of that name.

    "30 Sep 2026 10:00 IST" is 09:00 UTC in Ireland, 08:00 in Israel, 04:30 in India. Where one of them is
    before 2009-01-03 or more than a day after ``now``, there are none.
    """
    text = text.strip()
    if len(text) > LONGEST:
        return ()
    found = tuple(_epoch(text) or _iso_8601(text) or _written(text))
    return found if all(EARLIEST <= instant <= now + AHEAD for instant, _ in found) else ()


def _epoch(text: str) -> tuple[Instant, ...]:
    match = _EPOCH.fullmatch(text)
    if match is None:
        return ()
    ms = int(text) if match["ms"] else 1000 * int(text)
    return ((datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms), "second"),)


def _iso_8601(text: str) -> tuple[Instant, ...]:
    match = _ISO_8601.fullmatch(text)
    if match is None:
        return ()
    try:
        if match["time"] is None:
            return ((datetime.fromisoformat(text).replace(tzinfo=UTC), "day"),)
        local = datetime.fromisoformat(text[: match.end("time")].replace(",", "."))
    except ValueError:
        return ()
    return tuple(_in_utc(local, match["zone"], "second" if match["second"] else "minute"))


def _written(text: str) -> Iterable[Instant]:
    match = next((match for form in _WRITTEN if (match := form.fullmatch(text))), None)
    month = MONTHS.get(_plain(match["month"])) if match else None
    if match is None or month is None:
        return ()
    year, day, hour, minute = (int(match[name]) for name in ("year", "day", "hour", "minute"))
    if year < 100:  # two digits: RFC 2822, 4.3
        year += 2000 if year < 50 else 1900
    try:
        local = datetime(year, month, day, hour, minute, int(match["second"] or 0))  # noqa: DTZ001 - zoned below
    except ValueError:
        return ()
    return _in_utc(local, match["zone"], "second" if match["second"] else "minute")


def _in_utc(local: datetime, zone: str, precision: str) -> Iterator[Instant]:
    for offset in _offsets(zone.upper()):
        try:
            yield local.replace(tzinfo=timezone(offset)).astimezone(UTC), precision
        except OverflowError:  # the first or last day of all
            continue


def _offsets(zone: str) -> tuple[timedelta, ...]:
    if zone in ZONES_H:
        return tuple(timedelta(hours=hours) for hours in ZONES_H[zone])
    zone = zone.removeprefix("GMT").removeprefix("UTC")
    if zone[:1] not in ("+", "-"):
        return ()
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if offset > WIDEST or int(digits[2:]) > 59:
        return ()
    return (-offset if zone[0] == "-" else offset,)


def _plain(word: str) -> str:
    """``word`` in small letters without accents: "Março" is "marco"."""
    return "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))
