"""Figures told of several coins at once: "BTC and ETH fell 2%", "... 2% and 3%, respectively"."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise

from analysis.figures import Figure
from analysis.subjects import Subject

#: Between the coins of a row.
TOGETHER = re.compile(r"(?:,? and|,|,? &|/|,? or|,? along with|,? as well as|, alongside)+ ?")
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
        if not TOGETHER.fullmatch(text, one.end, after.start):
            break
        if after is last and not _PAIRED.search(text, one.end, after.start):
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


def in_a_row(text: str, subjects: list[Subject], last: Subject) -> bool:
    """Whether another coin stands directly before this one: "BTC and ETH"."""
    i = bisect_left(subjects, last.start, key=lambda one: one.start)
    before = subjects[i - 1] if i else None
    if before is None or before.quantity != "price" or before.asset == last.asset:
        return False
    return bool(TOGETHER.fullmatch(text, before.end, last.start))


_LOOSE = re.compile(r"\b(?:up to|as much as|between|combined|average|total|together|at least one)\b|, (?:which|who)\b")
_PAIRED = re.compile(r"\b(?:and|along with|as well as)\b|&")
_ALONE = re.compile(r" (?:is|was|has|alone|itself)\b")
_AND = re.compile(
    r"(?: on the day| today)?(?:,| and|, and| &)(?: (?:about|around|roughly|nearly|over|by|at|to|approximately))? ?~?"
)
_IN_TURN = re.compile(r"[^.;:$%\d]{0,60}\brespectively\b|(?: in the (?:last|past) \w+ \w+)?,? respectively\b")


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
        if not 2 <= len(run) <= 8 or not _IN_TURN.match(text, figure.end, min(end, figure.end + 90)):
            continue
        i = bisect_right(starts, run[0].start)
        before = [one for one in subjects[max(0, i - 20) : i] if one.quantity == "price"][-len(run) :]
        row = all(b.start - a.end < 30 and TOGETHER.fullmatch(text, a.end, b.start) for a, b in pairwise(before))
        if len(before) == len(run) == len({one.asset for one in before} - {""}) and row:
            yield list(run), before
