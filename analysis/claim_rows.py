"""Figures told of several coins at once: "BTC and ETH fell 2%", "... 2% and 3%, respectively"."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise

from analysis.figures import Figure
from analysis.subjects import Subject

#: Between the coins of a row.
TOGETHER = re.compile(r"(?: ?,? and| ?,|,? &|/|,? or|,? along with|,? as well as|,? alongside)+ ?(?:the )?")
EACH = re.compile(r"\beach\b")


def row_of(
    quantity: str,
    text: str,
    subjects: list[Subject],
    starts: list[int],
    last: Subject,
    figure: Figure,
    following: list[Figure],
) -> list[Subject] | None:
    """The coins named in a row with the last one: "BTC and ETH fell 2%" tells a move of both; None where who moved
    by how much is not said."""
    row: list[Subject] = []
    if quantity != "pct_change" or last.quantity != "price" or last.start > figure.start:
        return row
    i = bisect_right(starts, last.start) - 1
    after = last
    for one in reversed(subjects[max(0, i - 8) : i]):
        if one.quantity != "price" or not one.asset or after.start - one.end > 20:
            break
        if one.asset == after.asset and text[one.end : after.start] in _AGAIN:
            last, after = (one if after is last else last), one  # "Solana's SOL"
            continue
        if not TOGETHER.fullmatch(text, one.end, after.start):
            break
        if after is last and not _PAIRED.search(text, one.end, after.start) and not _opens(text, one, after):
            break  # "similar to ETH, Bitcoin"
        after = one
        if one.asset not in {last.asset, *(other.asset for other in row)}:
            row.append(one)
    if row and (figure.percent and following and _AND.fullmatch(text, figure.end, following[0].start)):
        return None
    each = EACH.search(text, figure.end, figure.end + 8)
    if (
        row
        and not each
        and (
            _ALONE.match(text, last.end)
            or _LOOSE.search(text, last.end, figure.start)
            or "respectively" in text[figure.end : figure.end + 120]
        )
    ):
        return None
    return row[::-1]


def _opens(text: str, one: Subject, last: Subject) -> bool:
    """Whether coins open a headline, with a comma for "and": "XRP, SOL sink 10%"."""
    opened = text[max(0, one.start - 2) : one.start].strip(" ") in ("", "\n", ":", ".", ";")
    return opened and text[one.end : last.start] == ", " and bool(_BOTH_MOVE.match(text, last.end))


#: A verb of several, or of the past; no noun.
_BOTH_MOVE = re.compile(
    r" (?:fall|drop|sl[iu]de?|sink|rise|gain|climb|jump|surge|rally|tumble|plunge|lose|shed|slip|dip|soar|rebound"
    r"|retreat|decline"
    r"|crash|slump|pump|spike|bounce|advance|add|leap|recover|plummet|are|were|down|up|both|each|lead|fell|rose|sank|off"
    r"|[a-z]{2,}ed)\b",
    re.I,
)


def in_a_row(text: str, subjects: list[Subject], last: Subject) -> bool:
    """Whether another coin stands directly before this one: "BTC and ETH"."""
    i = bisect_left(subjects, last.start, key=lambda one: one.start)
    before = subjects[i - 1] if i else None
    if before is None or before.quantity != "price" or before.asset == last.asset:
        return False
    return bool(TOGETHER.fullmatch(text, before.end, last.start))


_AGAIN = (" ", "’s ", "'s ", " (", "’s (")
#: Between coins of a row that are called by both names: "Solana's SOL and Cardano's (ADA)".
_JOINED = re.compile(TOGETHER.pattern + r"(?:[A-Z]\w{2,15}['’]s )?")
_LOOSE = re.compile(r"\b(?:up to|as much as|between|combined|average|total|together|at least one)\b|, (?:which|who)\b")
_PAIRED = re.compile(r"\b(?:and|along with|as well as)\b|&")
_ALONE = re.compile(r" (?:is|was|has|alone|itself)\b")
_AND = re.compile(
    r"(?: on the day| today)?(?:,| and|, and| &)(?: (?:about|around|roughly|nearly|over|by|at|to|approximately))? ?~?"
)
_IN_TURN = re.compile(r"[^.;:$%\d]{0,60}\brespectively\b|(?: in the (?:last|past) \w+ \w+)?,? respectively\b")


#: Between the coins of a row and their prices: no range, no condition; behind them the clause ends.
_TO_EACH = re.compile(
    r"(?:(?!\b(?:between|from|range|or|if|could|would|may|might|will|by)\b)[^$;:.?]|\.(?=\d)){1,70}?"
    r"\b(?:to|at|for|hit|reach|top|above|below|near|around|over|under)"
    r" (?:(?:about|around|roughly|nearly|just|over|under|above|below) ){0,2}"
)
_ENDS = re.compile(r"[.,;:)]?(?:$|[ \n)])(?!(?:and|or|to|in|of|worth|levels?|range|zone)\b|\$)")


def _each_to_its_own(text: str, subjects: list[Subject], starts: list[int], run: list[Figure]) -> bool:
    """ "Bitcoin and ether retreat to $117,000 and $3,050": as many prices as coins that move together."""
    if any(figure.percent or figure.large for figure in run):
        return False
    i = bisect_right(starts, run[0].start)
    row = [one for one in subjects[max(0, i - 9) : i] if one.quantity == "price"][-len(run) :]
    if len(row) < len(run) or row[-1] is not subjects[i - 1] or any(one.described for one in row):
        return False
    before = subjects[max(0, i - 9) : i][-len(run) - 1 : -len(run)]
    longer = before and before[0].quantity == "price" and TOGETHER.fullmatch(text, before[0].end, row[0].start)
    return not longer and bool(_TO_EACH.fullmatch(text, row[-1].end, run[0].start))


def in_turn(
    text: str, inside: list[Figure], subjects: list[Subject], end: int
) -> Iterator[tuple[list[Figure], list[Subject]]]:
    """Runs of figures given "respectively" to as many coins named in a row before them."""
    run: list[Figure] = []
    starts = [one.start for one in subjects]
    for figure in inside:
        joined = run and run[-1].percent == figure.percent and figure.start - run[-1].end < 30
        if not (joined and _AND.fullmatch(text, run[-1].end, figure.start)):
            run = []
        run.append(figure)
        if not 2 <= len(run) <= 8:
            continue
        said = _IN_TURN.match(text, figure.end, min(end, figure.end + 90))
        if not said and not (_each_to_its_own(text, subjects, starts, run) and _ENDS.match(text, figure.end)):
            continue
        i = bisect_right(starts, run[0].start)
        before = [
            one
            for one, nxt in pairwise([*subjects[max(0, i - 20) : i], None])
            if one.quantity == "price" and not (nxt and nxt.asset == one.asset and text[one.end : nxt.start] in _AGAIN)
        ][-len(run) :]
        row = all(b.start - a.end < 30 and _JOINED.fullmatch(text, a.end, b.start) for a, b in pairwise(before))
        if len(before) == len(run) == len({one.asset for one in before} - {""}) and row:
            yield list(run), before
