"""Which coin is meant, or none: "ONE" is a coin in "ONE/USDT" and a word in "the ONE thing".

A name or symbol without ``needs`` counts as it is; a doubtful one needs a sign beside it. Signs are, in this order of
trust: "$" before it, brackets around it, a pair or percentage behind it, a word such as token or price behind it, its
coin named elsewhere in the text, its place in a list of coins ("BTC, ONE and SOL"). An abbreviation (``context``)
counts also where crypto words or a sure coin are near, but never in a line of capitals.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from analysis.mention_names import Name

Hit = tuple[Name, int, int]

_REACH = 40  # characters
_CRYPTO = re.compile(
    r"\b(?:[Tt]okens?|[Cc]oins?|[Aa]ltcoins?|[Mm]emecoins?|[Cc]rypto\w*|[Pp]rice|[Bb]lockchain|[Hh]olders|[Ss]taking|"
    r"[Aa]irdrop|[Oo]n-[Cc]hain|[Mm]arket [Cc]ap|[Bb]ulls|[Bb]ears|[Ww]hales?|[Mm]ainnet|DeFi|DEX|TVL|USDT|USDC|"
    r"[Rr]all(?:y|ies)|[Ss]urges?)\b"
)
_BY = r"\s(?:(?:by|over|nearly|more than|as much as|almost|about|another|up|down|to)\s)?\$?\d[\d.,]{0,9}\s?"
_MOVED = (
    r"\s{1,3}(?:surg|soar|jump|rall(?:y|i)|ris|gain|climb|spik|pump|add|drop|fall|plung|slid|dip|tumbl|crash|slump|dump|"
    rf"los|shed|rocket|skyrocket|explod|up|down)(?:e?s|ed|ing|e)?{_BY}%"
)
_PRICED = (
    r"\s{0,3}[(\[]\$?[A-Z0-9]{2,6}[)\]]|\s{1,3}(?:crypto\s|native\s|governance\s|meme\s|defi\s)?(?:tokens?|coins?|"
    r"memecoin|holders?|bulls?|bears?|whales?|market cap|supply|dominance|depegs?|stakers?|staking|"
    r"price\b(?! (?:level|point|area|zone|range|support|resistance)))\b"
)
_TRADED = rf"[/-](?:USDT?|USDC|BTC|ETH|EUR)\b|\s{{0,3}}[(\[]?[+-]?\d[\d.]{{0,9}}%|{_PRICED}|{_MOVED}"
_AFTER_WORD = re.compile(rf"(?:'s)?(?:{_TRADED})", re.I)
_AFTER_SYMBOL = re.compile(
    rf"(?:'s)?(?:{_TRADED}|\s{{1,3}}(?:network|protocol|blockchain|chain|foundation|mainnet|ecosystem|validators?|defi)\b)",
    re.I,
)
_AFTER_NAME = re.compile(
    rf"(?:'s)?(?:{_PRICED}|{_MOVED}|\s{{1,3}}(?:network|protocol|blockchain|chain|foundation|mainnet|testnet|labs|"
    r"ecosystem|dao|lumens|validators?|stablecoin|tvl|wallets?|dapps?|nfts?|l1|l2|layer[ -][12]|parachain|rollup|"
    r"hard fork|governance|community|dex|crypto|cryptocurrency)\b)",
    re.I,
)
#: A company that shares its coin's name acts in a network, a community, an ecosystem of its own.
_AFTER_COMPANY = re.compile(
    rf"(?:'s)?(?:{_PRICED}|{_MOVED}|\s{{1,3}}(?:soars|surges|rallies|plunges|tumbles|skyrockets)\b)", re.I
)
_BETWEEN = re.compile(r"\s?[,/&|+]\s?(?:(?:and|or|&)\s)?\$?", re.I)
#: Three or more in capitals, with commas.
_ROW = re.compile(
    r"(?<![\w$])\$?[A-Z0-9]{2,10},\s(?:\$?[A-Z0-9]{2,10},\s)*(?:and\s|&\s)?\$?[A-Z0-9]{2,10}(?:,?\s(?:and|&)\s\$?[A-Z0-9]{2,10})?(?!\w)"
)
_JOINED = re.compile(r"\s(?:and|or|vs\.?|versus|x)\s\$?", re.I)


def meant(text: str, hits: list[Hit], companies: set[int]) -> list[Hit]:
    """The hits of assets that count, in order, with the value the text gives them.

    ``hits``: by start, not overlapping. ``companies``: starts where a company has the same name.
    """
    shouted = [_shouted(text, *hit) for hit in hits]
    if all(name.needs is None and not name.renamed for name, _, _ in hits) and not any(shouted):
        return hits
    sure = [name.needs is None and not loud for (name, _, _), loud in zip(hits, shouted, strict=True)]
    named = {name.value for (name, _, _), one in zip(hits, sure, strict=True) if one and not name.symbol}
    written = {
        name.value
        for (name, start, end), one in zip(hits, sure, strict=True)
        if name.symbol and (one or _marked(text, start, end))
    }
    kept = [
        one
        or _signed(text, name, start, end, start in companies)
        or (name.value in (named if name.symbol else named | written) and start not in companies)
        for (name, start, end), one in zip(hits, sure, strict=True)
    ]
    _keep_rows(text, hits, kept)
    order = range(len(hits))
    for steps in (order, reversed(order)):  # a list of coins vouches for its members, from both ends
        previous = None
        for n in steps:
            if previous is not None and kept[previous] and not kept[n]:
                first, second = sorted((previous, n))
                kept[n] = _listed(text, hits[first], hits[second], n == first, hits[n][1] in companies)
            previous = n
    if not all(kept):
        _by_context(text, hits, kept)
    return [(_renamed(name, written), start, end) for (name, start, end), keep in zip(hits, kept, strict=True) if keep]


def _keep_rows(text: str, hits: list[Hit], kept: list[bool]) -> None:
    """In a row of capitals, each symbol vouches for the others."""
    if text == text.upper():
        return
    n = 0
    for row in _ROW.finditer(text):
        while n < len(hits) and hits[n][1] < row.start():
            n += 1
        first = n
        while n < len(hits) and hits[n][2] <= row.end():
            n += 1
        if n - first > 1 or any(kept[first:n]):
            for member in range(first, n):
                kept[member] = kept[member] or (hits[member][0].symbol and len(hits[member][0].alias) > 1)


def _listed(text: str, first: Hit, second: Hit, first_in_doubt: bool, company: bool) -> bool:
    """Whether two coins stand side by side: "A, B", "A and B", "A's B", "from A to B".

    A company or a word before "and" joins another thing to the coin behind it ("Ripple and Stellar open", "IP and
    Ethereum addresses"), and stays in doubt.
    """
    between = text[first[2] : min(second[1], first[2] + 9)]
    if len((first if first_in_doubt else second)[0].alias) == 1:
        return False
    if _BETWEEN.fullmatch(between):
        return True
    if _JOINED.fullmatch(between):
        return not (first_in_doubt and (company or first[0].needs == "coin"))
    if between == "'s ":
        return not first_in_doubt and second[0].symbol
    return between == " to " and text[max(0, first[1] - 5) : first[1]].lower() == "from "


def _marked(text: str, start: int, end: int) -> bool:
    """Behind "$", or alone in brackets."""
    before = text[start - 1 : start]
    if before == "$":
        before = text[start - 2 : start - 1]
        return True if before != "[" else text[end : end + 1] == "]"
    return (before == "(" and text[end : end + 1] == ")") or (before == "[" and text[end : end + 1] == "]")


def _signed(text: str, name: Name, start: int, end: int, company: bool) -> bool:
    if name.symbol:
        if _marked(text, start, end) or (name.needs == "context" and text[start - 1 : start] == "#"):
            return True
        if len(name.alias) == 1:
            return False
        sign = (_AFTER_SYMBOL if name.needs == "context" else _AFTER_WORD).match(text, end)
        return bool(sign) and not (name.needs == "coin" and sign[0].isupper())  # "HOT TOKEN" is shouted
    if text[start - 1 : start] == "#" or text[max(0, start - len(name.value) - 2) : start].endswith(f"{name.value} ("):
        return True
    return bool((_AFTER_COMPANY if company else _AFTER_NAME).match(text, end))


def _shouted(text: str, name: Name, start: int, end: int) -> bool:
    """Whether a name that is a word in lower case stands in a line of capitals ("DASH SPRINT")."""
    if name.fold or name.symbol or name.needs or text[start:end] != name.alias.upper() != name.alias:
        return False
    near = text[max(0, start - 12) : end + 12]
    return near == near.upper() and "," not in near


_BEFORE = re.compile(r"(?:^|[^\w$#])(\w+)[ \W]{0,2}$")
_AFTER = re.compile(r"\s([$\w]+)")


def _alone(text: str, start: int, end: int) -> bool:
    """Whether these capitals stand between words that are none, not before a price, a link or a record."""
    before = _BEFORE.search(text[max(0, start - 24) : start])
    after = _AFTER.match(text, end)
    if not before and not after:
        return False
    if after and (after[1][0] in "$0123456789" or after[1].upper() == after[1]):
        return False
    return not before or before[1] != before[1].upper() or before[1].isdigit()


def _by_context(text: str, hits: list[Hit], kept: list[bool]) -> None:
    sure = sorted(
        (
            *(start for (_, start, _), keep in zip(hits, kept, strict=True) if keep),
            *(match.start() for match in _CRYPTO.finditer(text)),
        )
    )
    for n, (name, start, end) in enumerate(hits):
        if not kept[n] and name.needs == "context":
            near = text[max(0, start - _REACH) : end + _REACH]
            if near != near.upper() or "," in near or "/" in near:
                i = bisect_left(sure, start - _REACH)
                kept[n] = (i < len(sure) and sure[i] <= end + _REACH) or _alone(text, start, end)


def _renamed(name: Name, written: set[str]) -> Name:
    """A coin of two symbols, by the one the text writes; by the older where it writes none or both."""
    if not name.renamed or name.symbol or name.value in written:
        return name
    return next((_as(name, value) for value in name.renamed if value in written), name)


def _as(name: Name, value: str) -> Name:
    return Name(name.alias, name.kind, value)
