"""Who and what a text is about: longest matches of a gazetteer's names.

A mention's ``quote`` is always ``text[start:end]``. Names of people, places, organisations and assets never overlap,
but where a company and its coin share a name ("Ripple (XRP)"); topics, cited sources and embedded posts are further
layers over the same text. Which coin a doubtful symbol means is ``mention_assets``' matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from analysis.gazetteers import builtin
from analysis.mention_assets import Hit, meant
from analysis.mention_names import Gazetteer, Name
from analysis.mention_sources import cited
from analysis.posts import post_signatures, time_of


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


def find_mentions(text: str, gazetteer: Gazetteer | None = None) -> list[Mention]:
    """Every mention in ``text``, in order of start, kind and value; by the built-in gazetteer unless given one."""
    gazetteer = gazetteer or builtin()
    plain = _plain(text)
    hits = _lookup(plain, gazetteer)
    found = {(name.kind, name.value, start, end) for name, start, end in hits if name.kind not in ("source", "nothing")}
    found |= {("cited source", *source) for source in cited(plain, hits, gazetteer.cues)}
    mentions = [Mention(kind, value, start, end, text[start:end]) for kind, value, start, end in found]
    mentions += _embedded_posts(text)
    return sorted(mentions, key=lambda m: (m.start, m.kind, m.value))


def find_assets(text: str, gazetteer: Gazetteer | None = None) -> list[Mention]:
    """The mentions of assets alone: ``value`` is the symbol."""
    return [mention for mention in find_mentions(text, gazetteer) if mention.kind == "asset"]


_HIDDEN = re.compile(r"https?://\S++|www\.\S++|@\w++")  # addresses and handles are no prose
_DOMAIN = re.compile(r"\.(?:com|org|net|io|co|news)\b")
_CASHTAG = re.compile(r"(?<![\w$])\$([A-Z][A-Z0-9]{2,9})(?!\w|\.\w)")  # of a coin that no gazetteer lists


def _plain(text: str) -> str:
    """``text`` with plain spaces and apostrophes, one character for one: offsets hold."""
    if text.isascii():
        return text
    return text.replace("\xa0", " ").replace("\u202f", " ").replace("\u2019", "'").replace("\u2018", "'")


def _lookup(text: str, gazetteer: Gazetteer) -> list[Hit]:
    """Names found, no two overlapping but topics; where two kinds share their words, both."""
    hidden = (
        [(m.start(), m.end()) for m in _HIDDEN.finditer(text)] if "@" in text or "://" in text or "www" in text else []
    )
    h = at = taken = length = 0
    found: list[Hit] = []
    assets: list[Hit] = []
    companies: set[int] = set()
    for start, end, names in gazetteer.occurrences(text):
        while h < len(hidden) and hidden[h][1] <= start:
            h += 1
        if h < len(hidden) and hidden[h][0] <= start:
            continue
        if start != at:
            at, length = start, 0
        for name in names:
            if name.kind == "topic":
                if _spelled(text, start, end, name):
                    found.append((name, start, end))
            elif (
                (start >= taken or length == end - start) and length <= end - start and _spelled(text, start, end, name)
            ):
                length, taken = end - start, end
                (assets if name.kind == "asset" else found).append((name, start, end))
                if name.kind == "organisation":
                    companies.add(start)
    named = {start for _, start, _ in (*found, *assets)}
    coins = meant(text, assets, companies)
    at_coins = {start for _, start, _ in coins}
    found = [hit for hit in found if hit[0].kind != "person" or hit[1] not in at_coins]  # "SOL, TRUMP and SUI"
    for name, start, end in coins:
        found.append((name, start - (name.symbol and text[start - 1 : start] == "$"), end))
    for tag in _CASHTAG.finditer(text) if "$" in text else ():
        if tag.start() + 1 not in named:
            found.append((Name(tag[1], "asset", tag[1], symbol=True), tag.start(), tag.end()))
    return sorted(found, key=lambda hit: hit[1])


def _spelled(text: str, start: int, end: int, name: Name) -> bool:
    """Whether what stands at [start, end), the name in some case, is written as the name demands."""
    alias = name.alias
    if not name.fold:
        piece = text[start:end]
        if piece != alias:
            if name.symbol:
                mark = text[start - 1 : start]
                if piece.upper() != alias.upper() or not (
                    mark == "$" or (mark == "#" and name.needs is None and piece.islower())
                ):
                    return False
            elif len(alias) <= 3 or piece != alias.upper():
                tagged = name.kind == "asset" and not name.needs and text[start - 1 : start] == "#"  # "#polygon"
                if not tagged:
                    return False
        if _DOMAIN.match(text, end):
            return False
        if name.kind == "place" and text[end : end + 1] == "$":
            return False  # US$5
    elif name.kind == "asset" and _DOMAIN.match(text, end):
        return False
    if name.not_after and text[start - 1 : start] in (" ", "-"):
        before = text[max(0, start - 24) : start - 1].split()
        if before and before[-1] in name.not_after:
            return False
    if name.not_before:
        after = _NEXT_WORD.match(text, end)
        return not (after and after[1] in name.not_before)
    return True


_NEXT_WORD = re.compile(r"[ -](\$|\w{1,24})")


def _embedded_posts(text: str) -> Iterator[Mention]:
    for post in post_signatures(text):
        quote = text[post.start : post.end]
        told = post.post_id and time_of(post.post_id)  # the number's own time; else the day printed
        when = (told, "second") if told else (post.posted_at, "day")
        yield Mention("embedded post", post.handle, post.start, post.end, quote, *when)
