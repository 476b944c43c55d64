"""Sentences and calendar words, for every reader of plain English text.

Pure and linear: no pattern here goes back over what it has read, so hostile text costs no more than
ordinary text of its length.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

_MONTH_NAMES = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
#: Month number by name or three-letter abbreviation (and "sept"), lower case.
MONTHS = {
    **{name: n for n, name in enumerate(_MONTH_NAMES, 1)},
    **{name[:3]: n for n, name in enumerate(_MONTH_NAMES, 1)},
    "sept": 9,
}
#: A month as prose writes it: capitalised, so that "may" and "march" stay verbs.
MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?)"
)

_END = re.compile(r"(?<![.!?…])[.!?…]++[\"”’»)\]]*+(?=\s)|(?<=[a-z\d])\.(?=[A-Z][a-z]+[ ,’'])|[\n\r\u2028\u2029]")
_NEXT = re.compile(r"\s*+[\"“‘«(\[]*+(\S?)")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[A-Z](?:\.[A-Z])*|Mr|Mrs|Ms|Dr|St|Mt|Sen|Rep|Gov|Prof|Inc|Ltd|Co|Corp|vs|approx|No|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)$"
)
#: "At 8 a.m. ET": the hour's zone follows.
_HOUR = re.compile(
    r"[ \d.][ap]\.m\.,? (?:ET|EST|EDT|CT|PT|PST|PDT|UTC|GMT|BST|CET|IST|SGT|HKT|JST|Eastern|Pacific|Singapore|Hong"
    r"|London|New York|Tokyo)\b"
)


def sentences(text: str) -> list[tuple[int, int]]:
    """Spans ``(start, end)`` of the sentences of ``text``, in order, without the blanks around them.

    A line break always ends one; a full stop does where a capital, a digit or a sign follows and the
    word before it is no abbreviation.
    """
    spans = []
    start = 0
    for match in _END.finditer(text):
        stop = match.start()
        if text[stop] not in "\n\r\u2028\u2029":
            follows = _NEXT.match(text, match.end()).group(1)
            single = text[stop] == "." and match.end() == stop + 1
            if single and _HOUR.match(text, max(0, stop - 4)):
                continue
            if follows.islower() or (single and _ABBREVIATION.search(text[max(0, stop - 8) : stop])):
                continue
        spans.append((start, match.end()))
        start = match.end()
    spans.append((start, len(text)))
    return [span for span in (_strip(text, *span) for span in spans) if span[0] < span[1]]


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def day(year: int, month_name: str, day_of_month: int) -> datetime | None:
    """Midnight UTC of a day as written, or None where the calendar has no such day."""
    try:
        return datetime(year, MONTHS[month_name.lower().rstrip(".")], day_of_month, tzinfo=UTC)
    except ValueError:
        return None
