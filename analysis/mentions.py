"""Who and what a text is about: longest matches of a gazetteer's names.

Pure: the gazetteer is a parameter (``data.gazetteers.load()`` reads the project's own). A mention's
``quote`` is always ``text[start:end]``. Names of people, places, organisations and assets never overlap;
topics, cited sources and embedded posts are further layers over the same text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from analysis.extract import post_signatures

#: What a gazetteer's name may stand for. "source" is cited beside a cue only; "nothing" hides what it
#: contains ("US dollar" is no place).
NAME_KINDS = ("asset", "person", "place", "demonym", "organisation", "topic", "source", "nothing")


@dataclass(frozen=True, slots=True)
class Name:
    """One way to write one thing."""

    alias: str
    kind: str  # one of NAME_KINDS
    value: str  # canonical name, or an asset's symbol
    fold: bool = False  # any case matches; else as written, or all in capitals
    symbol: bool = False  # of an asset: as written, or behind "$" in any case
    needs: str | None = None  # "context" (crypto words near), "neighbour" (directly beside), "phrase" (of the cues)
    not_after: frozenset[str] = frozenset()  # words that, directly before it, make it someone else


@dataclass(frozen=True, slots=True)
class Cues:
    """Words that make a name beside them a cited source."""

    before: tuple[str, ...] = ()  # "according to"
    credit: tuple[str, ...] = ()  # "chart:"; sources only
    after: tuple[str, ...] = ()  # "has reported"; sources only
    phrases: tuple[tuple[str, str], ...] = ()  # ("on {}", "X"): with the name in its place, cites by itself


@dataclass(frozen=True)
class Gazetteer:
    """Names, ready to be looked up by their first word."""

    names: tuple[Name, ...]
    cues: Cues = Cues()
    index: dict[str, tuple[tuple[tuple[str, ...], Name], ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index: dict[str, list[Name]] = {}
        for name in self.names:
            if name.kind not in NAME_KINDS or not _TOKEN.match(name.alias):
                raise ValueError(f"gazetteer name {name.alias!r} ({name.kind}): unknown kind or no word at its start")
            index.setdefault(_TOKEN.match(name.alias)[0].lower(), []).append(name)
        longest_first = {
            word: tuple((_spellings(n), n) for n in sorted(names, key=lambda n: -len(n.alias)))
            for word, names in index.items()
        }
        object.__setattr__(self, "index", longest_first)


@dataclass(frozen=True, slots=True)
class Mention:
    """One row of the mentions table, its article apart."""

    kind: str  # as tables.MENTIONS
    value: str
    start: int
    end: int
    quote: str
    posted_at: datetime | None = None  # of an embedded post
    posted_precision: str | None = None


def find_mentions(text: str, gazetteer: Gazetteer) -> list[Mention]:
    """Every mention in ``text``, in order of start, kind and value."""
    plain = text.translate(_SAME_LENGTH)
    hits = list(_lookup(plain, gazetteer))
    found = {(name.kind, name.value, start, end) for name, start, end in hits if name.kind not in ("source", "nothing")}
    found |= {("cited source", *cited) for cited in _cited(plain, hits, gazetteer.cues)}
    mentions = [Mention(kind, value, start, end, text[start:end]) for kind, value, start, end in found]
    mentions += _embedded_posts(text)
    return sorted(mentions, key=lambda m: (m.start, m.kind, m.value))


def find_assets(text: str, gazetteer: Gazetteer) -> list[Mention]:
    """The mentions of assets alone."""
    return [mention for mention in find_mentions(text, gazetteer) if mention.kind == "asset"]


# Names -------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(r"\w+")
_HIDDEN = re.compile(r"https?://\S++|www\.\S++|@\w++")  # addresses and handles are no prose
_DOMAIN = re.compile(r"\.(?:com|org|net|io|co|news)\b")
_SAME_LENGTH = {0xA0: " ", 0x2019: "'", 0x2018: "'", 0x202F: " "}  # one character each: offsets hold


def _spellings(name: Name) -> tuple[str, ...]:
    """How text at a mention may begin, as far as that is settled: as written, long names also in capitals."""
    if name.fold or name.symbol:
        return ("",)
    return (name.alias, name.alias.upper()) if len(name.alias) > 3 else (name.alias,)


_Hit = tuple[Name, int, int]


def _lookup(text: str, gazetteer: Gazetteer) -> Iterator[_Hit]:
    """Names found, no two overlapping but topics; where two kinds share their words, both."""
    index = gazetteer.index
    hidden = [(m.start(), m.end()) for m in _HIDDEN.finditer(text)]
    h = taken = 0
    waiting: list[_Hit] = []
    sure: list[int] = []  # where assets stand beyond doubt, and crypto words: context for those in doubt
    for token in _TOKEN.finditer(text):
        start = token.start()
        candidates = index.get(token[0].lower())
        if not candidates:
            continue
        while h < len(hidden) and hidden[h][1] <= start:
            h += 1
        if h < len(hidden) and hidden[h][0] <= start:
            continue
        length = 0
        for spellings, name in candidates:
            if not text.startswith(spellings, start):
                continue
            alias = name.alias
            if name.kind == "topic":
                if _spelled(text, start, name):
                    waiting.append((name, start, start + len(alias)))
            elif start >= taken and len(alias) >= length and _spelled(text, start, name):
                if name.needs == "neighbour" and not _beside(text, start, start + len(name.alias), name.value):
                    continue
                length = len(name.alias)
                waiting.append((name, start, start + length))
                if name.kind == "asset" and (name.needs != "context" or text[start - 1 : start] == "$"):
                    sure.append(start)
        taken = max(taken, start + length)
    if any(name.needs == "context" for name, _, _ in waiting):
        sure = sorted((*sure, *(match.start() for match in _CRYPTO.finditer(text))))
    for name, start, end in waiting:
        if name.needs == "context" and text[start - 1 : start] != "$" and not _in_context(text, start, end, sure):
            continue
        dollar = name.symbol and text[start - 1 : start] == "$"
        yield name, start - dollar, end


def _spelled(text: str, start: int, name: Name) -> bool:
    alias = name.alias
    end = start + len(alias)
    piece = text[start:end]
    if name.fold:
        same = piece.lower() == alias.lower()
    elif name.symbol:
        same = piece == alias or (piece.upper() == alias and text[start - 1 : start] == "$")
    else:
        same = True  # the caller has looked
    if not same or (alias[-1] != "." and end < len(text) and _is_word(text[end])):
        return False
    if name.kind == "place" and text[end : end + 1] == "$":
        return False  # US$5
    if _DOMAIN.match(text, end) and not name.fold:
        return False
    if name.not_after:
        before = text[max(0, start - 24) : start].split()
        return not (before and text[start - 1 : start] == " " and before[-1] in name.not_after)
    return True


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


_CRYPTO = re.compile(
    r"\b(?:tokens?|coins?|altcoins?|crypto\w*|USDT|USDC|price|blockchain|holders|staking|on-chain|market cap|bulls|"
    r"bears|mainnet|DeFi)\b"
)
_AFTER_SYMBOL = re.compile(
    r"(?:'s)?(?:[/-](?:USD|BTC|ETH|EUR)|\)|\s{0,3}\(?[+-]?\d[\d.]{0,9}%|\s{1,3}(?:token|coin|price|holders|bulls|bears)\b)"
)
_AFTER_NAME = re.compile(
    r"(?:'s)?\s*(?:\(\$?[A-Z]{2,6}\)|(?:token|coin|price|network|Network|protocol|Protocol|blockchain|Foundation|"
    r"mainnet|Labs|ecosystem|DAO|Lumens)\b)"
)


def _in_context(text: str, start: int, end: int, sure: list[int]) -> bool:
    """An ambiguous symbol counts beside a price word, in parentheses, or within 40 characters of a sure
    asset or a crypto word; never in a line of capitals."""
    if _AFTER_SYMBOL.match(text, end):
        return True
    near = text[max(0, start - 40) : end + 40]
    if near == near.upper() and not re.search(r"[,/()]", near):
        return False
    i = bisect_left(sure, start - 40)
    return i < len(sure) and sure[i] <= end + 40


def _beside(text: str, start: int, end: int, symbol: str) -> bool:
    return bool(_AFTER_NAME.match(text, end)) or text[max(0, start - len(symbol) - 2) : start].endswith(f"{symbol} (")


# Cited sources -----------------------------------------------------------------------------------------------

_REACH = 70  # characters between a cue and the name it cites
_CLAUSE_END = re.compile(r"[;:\n]|[.!?](?=\s)")
_ROLE_BEFORE_COMMA = re.compile(
    r"(?:secretary|spokes\w+|analysts?|CEO|founder|chief|officer|minister|director|president|economist)$", re.I
)
_OWNED_DATA = re.compile(r"'s\s+(?:\w+\s+)?(?:data|reports?|charts?|figures|numbers|dashboard|estimates?)\b")


def _cited(text: str, hits: list[_Hit], cues: Cues) -> Iterator[tuple[str, int, int]]:
    """Sources with a cue beside them: (value, start, end)."""
    citable = [h for h in hits if h[0].kind in ("source", "person", "organisation") and h[0].needs != "phrase"]
    sources = [hit for hit in hits if hit[0].kind == "source"]
    phrases: dict[str, list[str]] = {}
    for phrase, value in cues.phrases:
        phrases.setdefault(value, []).append(phrase.lower())
    starts = [start for _, start, _ in citable]
    for pattern, kinds in (
        (_words(cues.before, r"\b", r"(?!\w)"), ("source", "person", "organisation")),
        (_words(cues.credit, r"\b", ""), ("source",)),
    ):
        for cue in pattern.finditer(text) if pattern else ():
            hit = _cited_after(text, cue.end(), citable, starts, kinds)
            if hit:
                yield hit[0].value, hit[1], hit[2]
    after = _words(cues.after, r"(?:'s\s+[A-Z]\w+\s+[A-Z]\w+|'s)?\s+", r"(?!\w)")
    for name, start, end in sources:
        cued = name.needs != "phrase" and after and after.match(text, end)
        if cued or any(_is_phrase(text, start, end, phrase) for phrase in phrases.get(name.value, ())):
            yield name.value, start, end


def _cited_after(text: str, cue_end: int, citable: list[_Hit], starts: list[int], kinds: Iterable[str]) -> _Hit | None:
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


def _words(words: tuple[str, ...], before: str, after: str) -> re.Pattern[str] | None:
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
        and not (begin and (_is_word(text[begin - 1]) or text[begin - 1] in "@/$.-"))
        and not (_is_word(text[stop : stop + 1] or " ") or text[stop : stop + 1] in ("$", "-"))
    )


def _embedded_posts(text: str) -> Iterator[Mention]:
    for post in post_signatures(text):
        quote = text[post.start : post.end]
        yield Mention("embedded post", post.handle, post.start, post.end, quote, post.posted_at, "day")
