"""Whom a text cites: a name beside a cue ("according to X", "X has reported"), or in a phrase of its own ("on X")."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import lru_cache

from ahocorasick_rs import AhoCorasick

from analysis.mention_names import Cues, Name, is_word, lowered

Hit = tuple[Name, int, int]

_REACH = 70  # characters between a cue and the name it cites
_CLAUSE_END = re.compile(r"[;:\n]|[.!?](?=\s)")
_ROLE_BEFORE_COMMA = re.compile(
    r"(?:secretary|spokes\w+|analysts?|CEO|founder|chief|officer|minister|director|president|economist)$", re.I
)
_OWNED_DATA = re.compile(r"'s\s+(?:\w+\s+)?(?:data|reports?|charts?|figures|numbers|dashboard|estimates?)\b")


def cited(text: str, hits: list[Hit], cues: Cues) -> Iterator[tuple[str, int, int]]:
    """Sources with a cue beside them: (value, start, end)."""
    citable = [h for h in hits if h[0].kind in ("source", "person", "organisation") and h[0].needs != "phrase"]
    sources = [hit for hit in hits if hit[0].kind == "source"]
    if not citable and not sources:
        return
    before, credit, after, phrases = _patterns(cues)
    starts = [start for _, start, _ in citable]
    for pattern, kinds in ((before, ("source", "person", "organisation")), (credit, ("source",))):
        for cue_end in _ends(pattern, text):
            hit = _cited_after(text, cue_end, citable, starts, kinds)
            if hit:
                yield hit[0].value, hit[1], hit[2]
    for name, start, end in sources:
        cued = name.needs != "phrase" and after and after.match(text, end)
        if cued or any(_is_phrase(text, start, end, phrase) for phrase in phrases.get(name.value, ())):
            yield name.value, start, end


_Pattern = re.Pattern[str] | None


@lru_cache(maxsize=8)
def _patterns(cues: Cues) -> tuple[AhoCorasick, AhoCorasick, _Pattern, dict[str, list[str]]]:
    phrases: dict[str, list[str]] = {}
    for phrase, value in cues.phrases:
        phrases.setdefault(value, []).append(phrase.lower())
    return (
        AhoCorasick(sorted({cue.lower() for cue in cues.before})),
        AhoCorasick(sorted({cue.lower() for cue in cues.credit})),
        _words(cues.after, r"(?:'s\s+[A-Z]\w+\s+[A-Z]\w+|'s)?\s+", r"(?!\w)"),
        phrases,
    )


def _ends(cues: AhoCorasick, text: str) -> Iterator[int]:
    """Where cues end in ``text``, in any case and as whole words."""
    for _, start, end in cues.find_matches_as_indexes(lowered(text), overlapping=True):
        if not (start and is_word(text[start - 1])) and not (
            text[end - 1].isalnum() and is_word(text[end : end + 1] or " ")
        ):
            yield end


def _cited_after(text: str, cue_end: int, citable: list[Hit], starts: list[int], kinds: Iterable[str]) -> Hit | None:
    """The first name behind a cue in its clause. Whose something is cited is not cited itself, but for
    its data; a comma ends the search unless a role stands before it ("X's press secretary, NAME")."""
    stop = _CLAUSE_END.search(text, cue_end, cue_end + _REACH)
    limit = stop.start() if stop else cue_end + _REACH
    position = cue_end
    for n in range(bisect_left(starts, cue_end), len(citable)):
        hit = name, start, end = citable[n]
        if start >= limit:
            return None
        comma = text.find(",", position, start)
        if comma >= 0 and not _ROLE_BEFORE_COMMA.search(text[max(0, comma - 20) : comma]):
            return None
        owns = text.startswith("'s", end)
        if name.kind in kinds and (not owns or _OWNED_DATA.match(text, end)):
            return hit
        if owns:
            position = end
    return None


def _words(words: tuple[str, ...], before: str, after: str) -> _Pattern:
    if not words:
        return None
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(before + "(?i:" + "|".join(re.escape(w) for w in longest_first) + ")" + after)


def _is_phrase(text: str, start: int, end: int, phrase: str) -> bool:
    """Whether the name at [start, end) stands in ``phrase`` ("on {}"), in any case, between word boundaries."""
    before, _, after = phrase.partition("{}")
    begin, stop = start - len(before), end + len(after)
    return (
        begin >= 0
        and text[begin:start].lower() == before
        and text[end:stop].lower() == after
        and not text[max(0, begin - 10) : begin].lower().endswith(("follow us ", "follow me ", "join us "))
        and not (begin and (is_word(text[begin - 1]) or text[begin - 1] in "@/$.-"))
        and not (is_word(text[stop : stop + 1] or " ") or text[stop : stop + 1] in ("$", "-"))
    )
