"""What a copy of a text changed: a diff by words, and the facts that both or only one of them state.

Pure and bounded: texts of hostile length or repetition cost about their length, never its square.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal["same", "removed", "added"]

#: A stretch is compared word by word up to this many pairs of words, one bit each (50 MB): 100 kB of English
#: against 100 kB.
MAX_PAIRS = 400_000_000
LINE_BREAK = "\n"

# A word ends at the latest after 2,000 characters, so that no single one is expensive to hold.
_WORD = re.compile(r"\S{1,2000}+|\n\s*+")
_NUMBER = re.compile(r"\d++(?:[.,]\d++)*+")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_ADDRESS = re.compile(r"https?://[^\s<>\"“”]{1,2000}+")


class Piece(NamedTuple):
    """A run of words with one fate. A line break stands as a word of its own."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """Facts of two texts, each in the order it is first stated."""

    kept: tuple[str, ...]
    missing: tuple[str, ...]  # stated by the old text alone
    added: tuple[str, ...]  # stated by the new text alone


def words(text: str) -> list[str]:
    """The words of a text in order; blanks between them count for nothing, line breaks as one word."""
    return [LINE_BREAK if token.isspace() else token for token in _WORD.findall(text)]


def word_diff(old: str, new: str) -> list[Piece]:
    """The words of both texts in order, each run marked ``same``, ``removed`` (old alone) or ``added`` (new alone).

    ``same`` and ``removed`` together are the words of ``old``, ``same`` and ``added`` those of ``new``: nothing is
    dropped. What is the same is a longest common subsequence (Hunt and Szymanski's problem, solved by the
    bit-parallel method of Hyyrö, "Bit-parallel LCS-length computation revisited", 2004). Texts of more than
    ``MAX_PAIRS`` pairs of words are first cut at words that each holds once, in the order both have them (the
    "patience" rule of Bram Cohen); a stretch that is still too long then counts as removed and added.
    """
    before, after = words(old), words(new)
    pieces: list[tuple[Kind, list[str]]] = []

    def put(kind: Kind, run: Sequence[str]) -> None:
        if run and pieces and pieces[-1][0] == kind:
            pieces[-1][1].extend(run)
        elif run:
            pieces.append((kind, list(run)))

    i = j = 0
    for start, copy_start, length in [*_common_runs(before, after), (len(before), len(after), 0)]:
        put("removed", before[i:start])
        put("added", after[j:copy_start])
        put("same", before[start : start + length])
        i, j = start + length, copy_start + length
    return [Piece(kind, _joined(run)) for kind, run in pieces]


def share_kept(pieces: Iterable[Piece]) -> float:
    """Share of the old text's words that the new one keeps, 0 to 1; NaN for an old text without words."""
    counts: Counter[str] = Counter()
    for piece in pieces:
        counts[piece.kind] += len(piece.text.split())
    said = counts["same"] + counts["removed"]
    return counts["same"] / said if said else float("nan")


def agreement(old: Iterable[str], new: Iterable[str]) -> Agreement:
    """Which facts two texts share; letter case counts for nothing."""
    first, second = _by_name(old), _by_name(new)
    return Agreement(
        tuple(fact for name, fact in first.items() if name in second),
        tuple(fact for name, fact in first.items() if name not in second),
        tuple(fact for name, fact in second.items() if name not in first),
    )


def numbers(text: str) -> list[str]:
    """The numbers a text states, without their thousands separators: "2.68", "42900". Addresses are left out."""
    found = _NUMBER.findall(_ADDRESS.sub(" ", text))
    return list(dict.fromkeys(n.replace(",", "") if _THOUSANDS.fullmatch(n) else n for n in found))


def addresses(text: str) -> list[str]:
    """The web addresses a text states, without the punctuation behind them."""
    return list(dict.fromkeys(address.rstrip(".,;:!?)]}'’") for address in _ADDRESS.findall(text)))


def _by_name(facts: Iterable[str]) -> dict[str, str]:
    named: dict[str, str] = {}
    for fact in facts:
        named.setdefault(fact.casefold(), fact)
    return named


def _joined(run: Sequence[str]) -> str:
    return " ".join(run).replace(f" {LINE_BREAK} ", LINE_BREAK)


def _common_runs(before: list[str], after: list[str]) -> list[tuple[int, int, int]]:
    """Runs that stay, as (start in ``before``, start in ``after``, length), in order."""
    head = 0
    shortest = min(len(before), len(after))
    while head < shortest and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < shortest - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    middle = _kept(before[head : len(before) - tail], after[head : len(after) - tail])
    return [
        (0, 0, head),
        *((i + head, j + head, length) for i, j, length in middle),
        (len(before) - tail, len(after) - tail, tail),
    ]


def _kept(before: list[str], after: list[str]) -> list[tuple[int, int, int]]:
    if len(before) * len(after) <= MAX_PAIRS:
        return [(i, j, 1) for i, j in _longest_common(before, after)]
    found = []
    i = j = 0
    for anchor_i, anchor_j in [*_anchors(before, after), (len(before), len(after))]:
        if (anchor_i - i) * (anchor_j - j) <= MAX_PAIRS:
            found += [(i + x, j + y, 1) for x, y in _longest_common(before[i:anchor_i], after[j:anchor_j])]
        if anchor_i < len(before):
            found.append((anchor_i, anchor_j, 1))
        i, j = anchor_i + 1, anchor_j + 1
    return found


def _anchors(before: list[str], after: list[str]) -> list[tuple[int, int]]:
    """Words that stand once in each text: the longest row of them that both have in the same order."""
    counts = Counter(before), Counter(after)
    place = {word: j for j, word in enumerate(after) if counts[1][word] == 1}
    pairs = [(i, place[word]) for i, word in enumerate(before) if counts[0][word] == 1 and word in place]
    tops: list[int] = []  # the smallest last place in ``after`` of an increasing row of each length
    ends: list[int] = []
    previous = [-1] * len(pairs)
    for n, (_, j) in enumerate(pairs):
        length = bisect_left(tops, j)
        previous[n] = ends[length - 1] if length else -1
        if length == len(tops):
            tops.append(j)
            ends.append(n)
        else:
            tops[length], ends[length] = j, n
    row = []
    n = ends[-1] if ends else -1
    while n >= 0:
        row.append(pairs[n])
        n = previous[n]
    return row[::-1]


def _longest_common(before: list[str], after: list[str]) -> list[tuple[int, int]]:
    """A longest common subsequence, as pairs of places.

    Row ``i`` of the table is one integer with a bit a word of ``after``: a bit is 0 where the subsequence grows by
    that word.
    """
    bits: dict[str, int] = {}
    for j, word in enumerate(after):
        bits[word] = bits.get(word, 0) | (1 << j)
    every = (1 << len(after)) - 1
    row, rows = every, []
    for word in before:
        matched = row & bits.get(word, 0)
        row = ((row + matched) | (row - matched)) & every
        rows.append(row)
    pairs = []
    i, j = len(before), len(after)
    while i and j:
        if rows[i - 1] >> (j - 1) & 1:  # the word adds nothing
            j -= 1
        elif i > 1 and not rows[i - 2] >> (j - 1) & 1:  # nor is this row needed for it
            i -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
    return pairs[::-1]
