"""What of an article tells its story: weighted words, figures, names, links, posts.

Pure, and linear in the text's length: titles are read to ``TITLE_CHARS``, bodies to ``BODY_CHARS``.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize
from zlib import crc32

from analysis.story_words import LEVELS, RAREST

TITLE_CHARS = 300
BODY_CHARS = 6_000
SHORTEST_BODY = 300  # less is a teaser, and often the same one under hundreds of headlines: not read
LEAD_CHARS = 2_000  # of a body: where its words are read
LEAD_WORDS = 40  # of them: the heaviest
SHINGLE_CHARS = 3_000  # of a body: what tells whether it is the same text
POWER = 1.5
CALENDAR = 3.0  # nats at most of a month, weekday or year: "December" joins no two stories
PRIVATE = 150.0  # squared weight of what a text shares with no other: two common words are no evidence
SCALE = 1_000  # of a normalised vector. Whole numbers, so that sums do not depend on their order
SHINGLE = 5

_COMMONEST = """
a an the of to in for on at by with and or but is are was were be been being as it its this that these those
from into over after before than then has have had will would can could may might should do does did not no nor
so if out up about more most what who how why when where which you your we our they their he his she her i my me us
them him rt via amp says said say el la de los las
"""
_STOP = frozenset(_COMMONEST.split())
_HIDDEN = re.compile(r"https?://\S++")
_WORD = re.compile(r"[^\W_]+(?:[.,'&][^\W_]+)*")
_MONEY = re.compile(
    r"(?<!\d)(?<!\d[.,])(\d+(?:[.,]\d+)*)(?:\s?|-)(trillion|billion|million|thousand|tn|bn|mn|[tbmk])\b"
)
_ABBREVIATION = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?")
_PARTS = re.compile(r"[.,&]")
_POST = re.compile(r"(?:twitter|x)\.com/\w+/status/(\d{5,20})")
_LINK = re.compile(r"https?://([^\s\"'<>)\]]{8,300})")
_NAME = re.compile(r"(?<=[\w,;’'\")] )[A-Z][\w'’]*[a-zA-Z]")  # within a sentence: its first word is no name
_CALENDAR = re.compile(
    "january|february|march|april|june|july|august|septemb|octob|novemb|decemb"  # as stems
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|20\d\d"
)
_SLASHED = re.compile(r"\b(1[0-2]|0?[1-9])[/-](3[01]|[12]\d|0?[1-9])\b")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = re.compile(rf"(?:\b(\d\d?)(?:st|nd|rd|th)? )?\b({'|'.join(_MONTHS)})[a-z]{{0,6}}\.?(?:[ -](\d\d?)\b(?!%))?")
_UNIT = {"tr": "t", "bi": "b", "mi": "m", "th": "k", "tn": "t", "bn": "b", "mn": "m"}


@dataclass(frozen=True, slots=True)
class Features:
    """One article, ready to be compared. Vectors have length ``SCALE``, their private part included."""

    title: dict[str, int]
    lead: dict[str, int]  # of title and beginning of the body; empty without a body
    title_private: int  # squares of the private parts
    lead_private: int
    ties: frozenset[str]  # post ids and addresses: what is about the same thing whatever the words
    facts: frozenset[str]  # figures and names
    shingles: frozenset[int]  # of the body
    words: frozenset[str]  # of the title
    days: frozenset[str]  # that the title names: "3/28", "March 28"


def features(title: str, body: str) -> Features:
    """Of ``title`` and ``body`` (each may be empty)."""
    title = title[:TITLE_CHARS]
    body = body[:BODY_CHARS] if len(body) >= SHORTEST_BODY else ""
    terms = words(title)
    title_vector, title_private = _vector(Counter(dict.fromkeys(terms, 1)))
    lead: dict[str, int] = {}
    lead_private = 0
    shingles: frozenset[int] = frozenset()
    if body:
        lead, lead_private = _vector(Counter(terms) + Counter(words(body[:LEAD_CHARS])), LEAD_WORDS)
        shingles = _shingles(body[:SHINGLE_CHARS])
    text = f"{title}\n{body}"
    return Features(
        title_vector,
        lead,
        title_private,
        lead_private,
        _ties(text),
        _facts(title, body),
        shingles,
        frozenset(terms),
        _days(title),
    )


def words(text: str) -> list[str]:
    """Stems and figures of ``text`` in order, without the commonest words and addresses."""
    text = normalize("NFKC", _HIDDEN.sub(" ", text)).lower().replace("’", "'")
    text = _MONEY.sub(_figure, text)
    found = []
    for word in _WORD.findall(text):
        found += _stems(word)
    return found


def weight(word: str) -> float:
    """How much sharing ``word`` tells: its surprise in the background (nats), to the power of ``POWER``."""
    surprise = LEVELS.get(word, RAREST)
    return (min(surprise, CALENDAR) if _CALENDAR.fullmatch(word) else surprise) ** POWER


def _figure(match: re.Match[str]) -> str:
    unit = match[2]
    return f"{match[1]}{_UNIT.get(unit[:2], unit)}"


@lru_cache(maxsize=100_000)
def _stems(word: str) -> tuple[str, ...]:
    if word[0].isdigit():
        return (word.replace(",", "")[:40],)
    word = word.removesuffix("'s")
    parts = [word.replace(".", "")] if _ABBREVIATION.fullmatch(word) else _PARTS.split(word.replace("'", ""))
    return tuple(_stem(part[:40]) for part in parts if part and part not in _STOP)


def _stem(word: str) -> str:
    """English inflections off. Rough: a stem is compared, never shown."""
    if len(word) > 4:
        if word.endswith("ies"):
            word = word[:-3] + "y"
        elif word.endswith("sses"):
            word = word[:-2]
        elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
            word = word[:-1]
    if len(word) > 5:
        for ending in ("ing", "ed"):
            if word.endswith(ending):
                word = word[: -len(ending)]
                break
        else:
            if word.endswith("er") and len(word) > 6:
                word = word[:-2]
        if word[-1] == word[-2] and word[-1] not in "ls":
            word = word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def _vector(counts: Counter[str], most: int = 100) -> tuple[dict[str, int], int]:
    """Whole-number weights, and the square of the private part."""
    weights = {word: weight(word) * (1 + math.log(n)) for word, n in counts.items()}
    if len(weights) > most:
        weights = dict(sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:most])
    length = math.sqrt(sum(w * w for w in weights.values()) + PRIVATE)
    return {word: round(SCALE * w / length) for word, w in weights.items()}, round(SCALE * SCALE * PRIVATE / length**2)


def _ties(text: str) -> frozenset[str]:
    posts = _POST.findall(text)
    links = [m.split("?")[0].split("#")[0].rstrip("/.,").removeprefix("www.") for m in _LINK.findall(text)]
    return frozenset([f"post {p}" for p in posts] + [link for link in links if "/" in link])


def _facts(title: str, body: str) -> frozenset[str]:
    text = _HIDDEN.sub(" ", body or title)
    figures = {word for word in words(text) if word[0].isdigit() and len(word) > 1}
    names = {stem for name in _NAME.findall(text) for stem in _stems(name.lower().replace("’", "'"))}
    return frozenset(figures | {name for name in names if LEVELS.get(name, RAREST) >= 5})


def _days(title: str) -> frozenset[str]:
    found = {f"{int(month)}-{int(day)}" for month, day in _SLASHED.findall(title)}
    for before, name, after in _NAMED.findall(title.lower()):
        if after or before:
            found.add(f"{_MONTHS.index(name) + 1}-{int(after or before)}")
    return frozenset(found)


def _shingles(text: str) -> frozenset[int]:
    found = [w.lower() for w in _WORD.findall(text)]
    return frozenset(
        crc32(" ".join(found[i : i + SHINGLE]).encode("utf-8", "replace")) for i in range(len(found) - SHINGLE + 1)
    )
