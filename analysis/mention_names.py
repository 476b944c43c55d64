"""Names as a gazetteer holds them, and the automaton that finds them all in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ahocorasick_rs import AhoCorasick, MatchKind

#: What a gazetteer's name may stand for. "source" is cited beside a cue only; "nothing" hides what it
#: contains ("US dollar" is no place).
NAME_KINDS = ("asset", "person", "place", "demonym", "organisation", "topic", "source", "nothing")
#: What a name may need before it counts: crypto words near ("context"), a sign that a coin is meant ("coin", for
#: symbols that are words; "neighbour", for names that are), or a phrase of the cues ("phrase").
NEEDS = (None, "context", "coin", "neighbour", "phrase")


@dataclass(frozen=True, slots=True)
class Name:
    """One way to write one thing."""

    alias: str
    kind: str  # one of NAME_KINDS
    value: str  # canonical name, or an asset's symbol
    fold: bool = False  # any case matches; else as written, or (if longer than three characters) all in capitals
    symbol: bool = False  # of an asset: as written, or behind "$" in any case
    needs: str | None = None  # one of NEEDS
    not_after: frozenset[str] = frozenset()  # words that, directly before it, make it someone else
    not_before: frozenset[str] = frozenset()  # words that, directly after it, make it something else
    renamed: tuple[str, ...] = ()  # newer symbols of an asset: where the text writes one, this name means it


@dataclass(frozen=True, slots=True)
class Cues:
    """Words that make a name beside them a cited source."""

    before: tuple[str, ...] = ()  # "according to"
    credit: tuple[str, ...] = ()  # "chart:"; sources only
    after: tuple[str, ...] = ()  # "has reported"; sources only
    phrases: tuple[tuple[str, str], ...] = ()  # ("on {}", "X"): with the name in its place, cites by itself


@dataclass(frozen=True)
class Gazetteer:
    """Names, ready to be found. Raises ``ValueError`` for a name of no known kind, or one that starts with no word."""

    names: tuple[Name, ...]
    cues: Cues = Cues()
    spellings: tuple[tuple[bool, tuple[Name, ...]], ...] = field(init=False, repr=False, compare=False)
    automaton: AhoCorasick = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_spelling: dict[str, list[Name]] = {}
        for name in self.names:
            if name.kind not in NAME_KINDS or name.needs not in NEEDS or not re.match(r"\w", name.alias):
                raise ValueError(f"gazetteer name {name.alias!r} ({name.kind}): unknown kind or no word at its start")
            for written in _written(name):
                by_spelling.setdefault(written, []).append(name)
        object.__setattr__(
            self, "spellings", tuple((len(w) == 2 and w[0] in _MARKS, tuple(n)) for w, n in by_spelling.items())
        )
        object.__setattr__(self, "automaton", AhoCorasick(by_spelling, matchkind=MatchKind.Standard))

    def occurrences(self, text: str) -> Iterator[tuple[int, int, tuple[Name, ...]]]:
        """Whole words of ``text`` that spell names in any case: start, end, names; by start, the longest first."""
        found = self.automaton.find_matches_as_indexes(lowered(text), overlapping=True)
        edged = f" {text} "  # the character before position n is edged[n], the one at n is edged[n + 1]
        whole = [
            (start, -end, n)
            for n, start, end in found
            if not (edged[start].isalnum() or edged[start] == "_")
            and not ((edged[end + 1].isalnum() or edged[end + 1] == "_") and edged[end] != ".")
        ]
        for start, end, n in sorted(whole):
            marked, names = self.spellings[n]
            yield start + marked, -end, names


_MARKS = ("$", "(", "[")


def _written(name: Name) -> tuple[str, ...]:
    """How a text writes it, in lower case. One letter would be found in every word: it counts behind a mark alone."""
    alias = lowered(name.alias)
    return (alias,) if len(alias) > 1 or not name.symbol else tuple(mark + alias for mark in _MARKS)


def is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


_SURROGATE = re.compile("[\ud800-\udfff]")


def lowered(text: str) -> str:
    """``text`` in lower case and of the same length, with nothing that cannot be UTF-8."""
    if text.isascii():
        return text.lower()
    return _SURROGATE.sub("\ufffd", text.replace("\u0130", "i").lower())  # the one capital that becomes two characters
