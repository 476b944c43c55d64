"""A sentence as the model of ``claim_model`` sees it: its words, its figures, and the assets they may be about.

Pure. Coins, totals, figures and times are one token each, whatever they are called, so that what is learned of
"Bitcoin fell 5% to $83,000" holds for any coin and any number.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import NamedTuple

from analysis.asof import TIME
from analysis.figures import Figure
from analysis.subjects import Subject

#: A longer sentence is a list, and read this far.
MAX_TOKENS = 240
#: So many mentions to each side of a figure may be what it is about.
NEAR = 5

_WORD = re.compile(r"[A-Za-z]+(?:[’'][a-z]+)?|\d+(?:[.,]\d+)*|[^\w\s]|\w")
_ALL_TIME_HIGH = re.compile(r"all[- ]time[- ](?:highs?|peaks?)", re.I)
_FIGURES = {12: "USDT", 9: "USDB", 6: "USDM", 3: "USDK"}
_MENTIONS = {
    "price": "COIN",
    "total_market_cap": "TOTAL",
    "asset_market_cap": "CAP",
    "dominance": "DOM",
}
#: In the order of the model's inputs.
_KINDS = ("", "COIN", "DESC", "PRON", "TOTAL", "CAP", "DOM")


class Token(NamedTuple):
    word: str  # lower case; a kind in capitals for what is one token whatever it is called
    case: int  # 0 of a kind, 1 of lower case or no letter, 2 of a capital, 3 of capitals only
    start: int  # in the text
    subject: Subject | None = None
    figure: Figure | None = None


class Pair(NamedTuple):
    """A figure and an asset that it may be about."""

    figure: int  # its token
    before: int  # the token of the asset's nearest mention before the figure, -1 without
    behind: int  # … behind it
    asset: str
    place: tuple[int, ...]  # how they stand to each other: see ``_place``


@dataclass(frozen=True, slots=True)
class Sentence:
    tokens: list[Token]
    pairs: list[Pair]


def read_sentence(
    text: str, begin: int, end: int, subjects: list[Subject], figures: list[Figure], topic: str
) -> Sentence:
    """The sentence ``text[begin:end]``; ``topic`` is the asset spoken of before, or ""."""
    tokens = _tokens(text, begin, end, subjects, figures)
    return Sentence(tokens, _pairs(tokens, topic))


def _tokens(text: str, begin: int, end: int, subjects: list[Subject], figures: list[Figure]) -> list[Token]:
    spans: list[tuple[int, int, int, str, Subject | None, Figure | None]] = [
        (figure.start, 0, figure.end, _figure_kind(figure), None, figure) for figure in figures
    ]
    for subject in subjects:
        if subject.quantity != "other":
            spans.append((subject.start, 1, subject.end, _mention_kind(subject), subject, None))
    for match in TIME.finditer(text, begin, end):
        start = match.end("not") if match["not"] else match.start()
        spans.append((start, 1, match.end(), _time_kind(match), None, None))
    found: list[Token] = []
    at = begin
    for start, _, stop, kind, subject, figure in sorted(spans, key=lambda one: one[:2]):
        if start < at:
            continue
        _words(text, at, start, found)
        found.append(Token(kind, 0, start, subject, figure))
        if subject and subject.quantity == "price" and not subject.pronoun and _OWNS.search(text, start, stop):
            found.append(Token("'s", 1, stop))
        at = stop
        if len(found) >= MAX_TOKENS:
            break
    _words(text, at, end, found)
    return found[:MAX_TOKENS]


_OWNS = re.compile(r"['’]s?$")


def _words(text: str, begin: int, end: int, found: list[Token]) -> None:
    if begin >= end or len(found) >= MAX_TOKENS:
        return
    part = _ALL_TIME_HIGH.sub(lambda match: "ath".ljust(len(match[0])), text[begin:end])
    for match in _WORD.finditer(part):
        word = match[0]
        case = 3 if len(word) > 1 and word.isupper() else 2 if word[0].isupper() else 1
        found.append(Token("#" if word.isdigit() else word.lower(), case, begin + match.start()))


def _figure_kind(figure: Figure) -> str:
    if figure.percent:
        return "PCT"
    return _FIGURES.get(figure.exponent) or ("USD0" if figure.number.startswith("0.") else "USD")


def _mention_kind(subject: Subject) -> str:
    kind = "PRON" if subject.pronoun else _MENTIONS[subject.quantity]
    if kind == "COIN" and subject.described:
        kind = "DESC"
    return kind + "+" * subject.priced


def _time_kind(match: re.Match[str]) -> str:
    for group, kind in (("now", "NOW"), ("today", "TODAY"), ("yesterday", "YESTERDAY"), ("weekday", "WEEKDAY")):
        if match[group]:
            return kind
    return "LASTW" if match["last"] or match["before"] else "VAGUE" if match["vague"] else "DATE"


def _pairs(tokens: list[Token], topic: str) -> list[Pair]:
    figures = [n for n, token in enumerate(tokens) if token.figure]
    mentions = [(n, token.subject) for n, token in enumerate(tokens) if token.subject]
    named = list(dict.fromkeys(subject.asset for _, subject in mentions if subject.asset))
    assets = named + [topic] * (topic not in ("", *named))
    pairs = []
    for n, figure in enumerate(figures):
        near = [subject.asset for _, subject in _around(mentions, figure)]
        for asset in assets:
            if asset in near or asset not in named:
                pairs.append(_pair(tokens, figures, n, _around(mentions, figure), asset, named, len(assets)))
    return pairs


def _around(mentions: list[tuple[int, Subject]], token: int) -> list[tuple[int, Subject]]:
    """The mentions nearest to a token: those farther away are other figures'."""
    at = bisect_left(mentions, token, key=lambda one: one[0])
    return mentions[max(0, at - NEAR) : at + NEAR]


def _pair(
    tokens: list[Token],
    figures: list[int],
    n: int,
    mentions: list[tuple[int, Subject]],
    asset: str,
    named: list[str],
    assets: int,
) -> Pair:
    figure = figures[n]
    mine = [at for at, subject in mentions if subject.asset == asset]
    others = [at for at, subject in mentions if subject.asset not in ("", asset)]
    beside = figures[max(0, n - NEAR) : n + NEAR]
    earlier = [at for at in mine if at < figure]
    later = [at for at in mine if at > figure]
    before = earlier[-1] if earlier else -1
    behind = later[0] if later else -1
    said = [tokens[at].word.removesuffix("+") for at in earlier]
    place = (
        _far(figure - before) if earlier else 0,
        _far(behind - figure) if later else 0,
        1 + _count(others, before, figure, 3) if earlier else 0,
        1 + _count(others, figure, behind, 3) if later else 0,
        1 + _count(beside, before, figure, 3) if earlier else 0,
        1 + _count(beside, figure, behind, 3) if later else 0,
        3 if asset.startswith("TOTAL") else {"BTC": 1, "ETH": 2}.get(asset, 0),
        int(asset in named),
        min(4, assets),
        _KINDS.index(said[-1]) if earlier else 0,
        _KINDS.index(tokens[behind].word.removesuffix("+")) if later else 0,
        min(3, len(earlier)),
        int("CAP" in said),
        int("DOM" in said),
        min(5, n),
    )
    return Pair(figure, before, behind, asset, place)


#: How many values each number of ``Pair.place`` can take.
PLACES = (12, 12, 5, 5, 5, 5, 4, 2, 5, 7, 7, 4, 2, 2, 6)
_STEPS = (0, 1, 2, 3, 4, 6, 9, 14, 22, 40)


def _far(tokens: int) -> int:
    """A distance in tokens as one of eleven steps, from 1."""
    return 1 + sum(tokens > step for step in _STEPS[1:]) if tokens > 0 else 1


def _count(places: list[int], first: int, last: int, most: int) -> int:
    return min(most, sum(first < place < last for place in places))
