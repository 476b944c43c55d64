"""Dollar figures and percentages as prose writes them: where they stand, what they mean, how exactly.

Pure and linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

#: Grouped by blanks or apostrophes: "42 900", "42'900".
_SPACED = r"(?<!\d )[1-9]\d{0,2}(?:(?: \d{3}){1,3}|(?:['’]\d{3}){1,3})(?:[.,]\d{1,2})?(?![\w'’-]|[.,]?\d| \d)"
_FIGURE = re.compile(
    rf"(?:(?<![\w$€£¥.])(?:US)?\$ ?|\bUSD ?)(?P<number>{_SPACED}|\d++(?:[.,]\d++)*+)"
    r"(?:(?:[ -]?(?P<word>(?i:trillion|billion|million|thousand)|(?i:tn|bn|trn|trln|bln|mln)|mn|bil|mil|tril)"
    r"|[ ]?(?P<big>[TBMK])|(?P<small>[tbmk]))(?!\w))?(?!\w|,[\da-z]|\.[\da-z])"
    r"|(?<![\w$€£¥.,])(?P<number2>\d++(?:[.,]\d++)*+)[ -](?P<word2>(?i:trillion|billion|million|thousand)"
    r"|tn|bn|trn|mn)"
    r" (?:US |U\.S\. )?(?:[Dd]ollars|USD)\b"
    rf"|(?<![\w$€£¥.,])(?P<number3>{_SPACED}|\d++(?:[.,]\d++)*+)(?: USDT?\b(?! ?[A-Z(])"
    r"|(?: (?:US|U\.S\.|American))? [Dd]ollars\b(?! ?(?:bills?|notes?|index)\b))"
    r"|(?<![\w$€£¥.,])(?P<cents>\d++(?:[.,]\d++)?+)"
    r"(?: ?¢|[ -](?:US |U\.S\. )?[Cc]ents\b(?! on (?:the|every|each) dollar"
    r"|,? (?:a|per|each|for every) (?!coin|token)))",
)
_START = re.compile(r"[$U\d]")
_SCALE = {
    "trillion": 12,
    "tn": 12,
    "trln": 12,
    "trn": 12,
    "tril": 12,
    "t": 12,
    "billion": 9,
    "bn": 9,
    "bln": 9,
    "bil": 9,
    "b": 9,
    "million": 6,
    "mn": 6,
    "mln": 6,
    "mil": 6,
    "m": 6,
    "thousand": 3,
    "k": 3,
}


@dataclass(frozen=True, slots=True)
class Figure:
    start: int
    end: int
    number: str
    exponent: int  # of ten; 0 without a unit, -2 of cents
    percent: bool = False
    sign: int = 0  # of a percentage: +1 or -1 as written, 0 without one

    @property
    def large(self) -> bool:
        return self.exponent >= 9


def figures(text: str) -> Iterator[Figure]:
    """Every dollar figure in ``text``, in order."""
    at = 0
    while start := _START.search(text, at):  # a search for one character is far faster than one for the pattern
        at = start.start()
        match = _FIGURE.match(text, at)
        if match is None:
            at += 1
            continue
        at = match.end()
        figure = _figure(match)
        if figure:
            yield figure


_PERCENT = re.compile(
    r"(?<![\w$€£¥.,])(?<!\d[-–—])(?<!\d [-–—])(?:(?P<sign>[+\-−–▲▼↑↓🔺🔻])(?=\d))?(?P<number>\d++(?:[.,]\d++)*+)"
    r"(?: ?%|[ -](?:percent|per cent|pct)\b)(?!-?(?:age|point|\w))(?! points?\b)"
)


def percentages(text: str) -> Iterator[Figure]:
    """Every percentage in ``text``, in order; a range is none."""
    for match in _PERCENT.finditer(text):
        if len(match["number"]) > 12:
            continue
        sign = 0 if match["sign"] is None else 1 if match["sign"] in "+▲↑🔺" else -1
        yield Figure(match.start(), match.end(), match["number"], 0, percent=True, sign=sign)


_BLANKS = re.compile(r"[ '’]")


def _figure(match: re.Match[str]) -> Figure | None:
    number = match["number"] or match["number2"] or match["number3"] or match["cents"]
    unit = match["word"] or match["big"] or match["small"] or match["word2"]
    if len(number) > 24:
        return None
    if match["cents"]:
        return Figure(match.start(), match.end(), number, -2)
    return Figure(match.start(), match.end(), number, _SCALE[unit.lower()] if unit else 0)


def parse_number(
    number: str, exponent: int = 0, *, dot_may_group: bool = False, comma_may_point: bool = False
) -> tuple[float, float] | None:
    """``(value, precision)`` of a number as written, times ten to the exponent; None if it is no number.

    >>> parse_number("2.68", 12)
    (2680000000000.0, 5000000000.0)
    >>> parse_number("42.900", dot_may_group=True)
    (42900.0, 50.0)

    The precision is half of the last digit stated. Closing zeros of a whole number without a unit are not
    stated, but two digits always are: 105,000 means ± 500, 100,000 means ± 5,000. ``dot_may_group`` reads
    a dot before three digits as European thousands, where a decimal reading makes no sense; ``comma_may_point``
    reads "4,05" and "0,118" as European decimals.
    """
    number = _BLANKS.sub("", number)
    dots, commas = number.count("."), number.count(",")
    if dots and commas:
        decimal, group = (".", ",") if number.rindex(".") > number.rindex(",") else (",", ".")
        if number.count(decimal) > 1 or not _grouped(number.split(decimal)[0], group):
            return None
        plain = number.replace(group, "").replace(decimal, ".")
    elif commas:
        if _grouped(number, ","):
            plain = number.replace(",", "")
        elif commas == 1 and (
            (len(number.split(",")[1]) <= 2 and (exponent or comma_may_point))
            or (number.startswith("0,") and comma_may_point)
        ):
            plain = number.replace(",", ".")
        else:
            return None
    elif dots > 1 or (dots and dot_may_group and not exponent and _grouped(number, ".")):
        if not _grouped(number, "."):
            return None
        plain = number.replace(".", "")
    else:
        plain = number
    _, _, decimals = plain.partition(".")
    last = -len(decimals)
    if not decimals and not exponent:
        digits = plain.lstrip("0")
        last = min(len(digits) - len(digits.rstrip("0")), max(0, len(digits) - 2))
    value = Decimal(plain).scaleb(exponent)
    return float(value), float(Decimal(5).scaleb(last - 1 + exponent))


def parse_percent(number: str) -> tuple[float, float] | None:
    """As ``parse_number`` for a percentage, where a comma before one or two digits is decimal.

    >>> parse_percent("4,2")
    (4.2, 0.05)
    """
    if number.count(",") == 1 and len(number.split(",")[1]) <= 2:
        number = number.replace(",", ".")
    parsed = parse_number(number)
    return parsed and (parsed[0], min(parsed[1], 0.5))


def _grouped(number: str, separator: str) -> bool:
    first, *rest = number.split(separator)
    return 1 <= len(first) <= 3 and first[0] != "0" and all(len(group) == 3 for group in rest)
