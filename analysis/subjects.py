"""What dollar figures are about: the total market cap, a price, or something else counted in dollars."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CRYPTO = r"(?:crypto(?:-?currency|-?currencies|-?assets?)?|digital[ -](?:assets?|currenc(?:y|ies)))"
_SIZE = r"(?:total|global|overall|cumulative|combined|aggregate|entire|whole|broader|wider|current|worldwide)"
_CAP = r"(?:market[ -]?cap(?:itali[sz]ation)?s?|capitali[sz]ation|market value|market valuation)"
_MARKET = r"(?:market|sector|industry|space|ecosystem)s?"
SUBJECTS = re.compile(
    rf"(?<!\w)(?=[A-Za-z])(?:(?P<total>(?i:"
    rf"\b(?:{_SIZE} ){{0,3}}(?:crypto['’]s|{_CRYPTO})(?: {_MARKET}(?:['’]s?)?)? (?:{_SIZE} )?{_CAP}\b"
    rf"|\b(?:{_SIZE} ){{1,3}}(?:crypto['’]s|{_CRYPTO})(?: {_MARKET}(?:['’]s?)?)? (?:valuation|value|cap)\b"
    rf"|\b(?:{_SIZE} )?(?:market[ -]?cap(?:itali[sz]ation)?|market value|value) of (?:the |all )?(?:{_SIZE} ){{0,2}}"
    rf"{_CRYPTO}(?: {_MARKET})?\b(?![-’'])(?! (?:venture|compan|firm|stock|ETF|hold|treasur|deal|fund|exchange))"
    rf"|(?P<bare>\b(?:total|global|overall|aggregate) market[ -]?cap(?:itali[sz]ation)?\b(?! of))"
    rf"|\b{_CRYPTO} market(?= (?:is|was|remains|has been) (?:\w+ )?(?:worth|valued at)\b)"
    rf")|\bMarket Cap(?=: ?\$[\d.]+T \|))"
    r"|(?P<pronoun>\bIt(?= (?:now |currently |also )?(?:stands|stood|sits|hovers|fell|dropped|rose|climbed)\b))"
    r"|(?P<other>\b(?i:market[ -]?cap(?:itali[sz]ation)?s?|valuations?|volumes?|vol|inflows?|outflows?|dominance|"
    r"TVL|total value locked|ETFs?|open interest|liquidations?|liquidated|revenues?|funds?|funding|holdings|"
    r"reserves?|treasury|stablecoins?|altcoins?|gold|stocks?|nasdaq|hashrate|fees?|profits?|loss(?:es)?)\b"
    r"|\b(?:XRP|Solana|SOL|BNB|Cardano|ADA|Dogecoin|DOGE|Litecoin|LTC|Chainlink|LINK|Polkadot|DOT|AVAX|TRX|SUI|HYPE|"
    r"Bitcoin Cash|BCH|Ethereum Classic|ETC|Bitcoin SV|BSV|Monero|XMR|S&P|Toncoin|SHIB|PEPE)\b)"
    r"|(?P<price>(?P<of>(?i:\bprice of (?:one |a |1 )?))?"
    r"(?<![/\w])(?:(?P<btc>[Bb]itcoin|BITCOIN|BTC|XBT)|(?P<eth>[Ee]thereum|ETHEREUM|[Ee]ther|ETH))\b(?!-)"
    r"(?:/USDT?\b)?(?:['’]s)?(?: \(\$?(?:BTC|ETH|XBT)\))?(?:['’]s)?(?: (?:spot )?(?:price|value|PRICE|Price)\b)?))"
)


@dataclass(frozen=True, slots=True)
class Subject:
    start: int
    end: int
    quantity: str  # "total_market_cap", "price", or "other": something else counted in dollars
    asset: str
    pronoun: bool = False
    bare: bool = False  # "total market cap", without saying of what
    priced: bool = False  # says "price"


def read_subject(match: re.Match[str]) -> Subject:
    start, end = match.span()
    if match["total"] is not None or match["pronoun"] is not None:
        pronoun, bare = match["pronoun"] is not None, match["bare"] is not None
        return Subject(start, end, "total_market_cap", "TOTAL", pronoun, bare)
    if match["price"] is not None:
        asset = "BTC" if match["btc"] else "ETH"
        priced = bool(match["of"]) or match["price"].lower().endswith(("price", "value"))
        return Subject(start, end, "price", asset, priced=priced)
    return Subject(start, end, "other", "")


def total_before(text: str, earlier: list[Subject], pronoun: Subject, spans: list[tuple[int, int]], n: int) -> bool:
    """Whether "It" takes up a total: the sentence before, on the same line, speaks of no other amount."""
    if n == 0 or "\n" in text[spans[n - 1][1] : pronoun.start] or pronoun.start != spans[n][0]:
        return False
    before = [s for s in earlier if spans[n - 1][0] <= s.start < pronoun.start]
    return bool(before) and all(s.quantity == "total_market_cap" for s in before)


def of_the_market(text: str, earlier: list[Subject], bare: Subject, begin: int) -> bool:
    """Whether a bare "total market cap" is the whole market's: crypto is spoken of just before, and its
    sentence has named no coin or other amount."""
    named = [s for s in earlier if begin <= s.start < bare.start and s.quantity != "total_market_cap"]
    near = text[max(0, bare.start - 200) : bare.start]
    return not named and bool(re.search(r"\b(?:crypto|cryptocurrenc|digital[ -]asset)", near, re.I))
