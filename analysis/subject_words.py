"""How prose names a coin without its name, and the whole market without "crypto": parts of ``subjects``' patterns.

Pure; read without regard to case.
"""

from __future__ import annotations

import re

#: Before "token", "coin": what kind of coin it is, which never makes it another one ("the privacy coin").
KIND = (
    r"(?:(?:popular|native|digital|meme|leading|original|same|privacy|AI|DeFi|gaming|oracle|utility|governance"
    r"|payments?|underlying"
    r"|layer[- ](?:1|2|one|two)|L[12]|DEX|metaverse|exchange|storage|RWA|world[’']s (?:largest|biggest|first)|volatile"
    r"|embattled|controversial|viral|frog|dog|cat|canine|Solana-based|Ethereum-based|so-called|struggling|beleaguered"
    r"|smart[- ]contract|[a-z]+-(?:themed|inspired|focused|based|oriented|centric|centred|centered|linked|related"
    r"|affiliated|native|first|friendly))[ -]){0,2}"
)
#: What a coin is called.
COIN = (
    r"(?:token|coin|asset|(?:crypto|digital )?currency|cryptocurrency|crypto|altcoin|memecoin|meme coin|crypto token"
    r"|crypto asset)"
)
#: A price of one coin: "the price per token", "a single coin".
ONE = (
    r"(?:the |its )?(?:price|value) (?:per|of one|of each|of a single|of an individual|for one|for each) (?:coin|token)"
    r"|(?:a single|one|each|an individual) (?:coin|token)"
    r"(?= (?:now |currently |still )?(?:is|was|costs?|trad|fetch|sells?|sold|went|changed|at)\b)"
)
#: In a headline: "Token Now Below $5", ": token down 4% at $90".
BARE = (
    r"(?<=[,:;–—] )(?:token|coin)(?= (?:now|currently|down|up|is|trades|trading|falls|drops|slides|sinks|rises|jumps"
    r"|climbs|soars|surges|slips|hits|price)\b)"
)
#: A line of a quote: "24-hour change: -2%".
CHANGE = (
    r"(?:(?<=\d-)(?:hour|hr|day) |(?<=\d )hours? |(?<=\d[hHdD] )|daily |weekly |monthly )(?:price )?change\b"
    r"|(?<=[:;–—] )price(?= (?:now|is|has|down|up|trad|f[ae]ll|drop|ros|ris|jump|surg|hit|sl[iu]|soar|still|below"
    r"|above))"
)
_KINDS = r"(?:crypto(?:-?currenc(?:y|ies)|-?assets?|s)?|digital[ -](?:assets|coins|tokens|currencies))"
_TOGETHER = r"(?:combined|total|collective|aggregate|joint|overall|cumulative)"
#: "All cryptocurrencies together are worth", "digital assets have a combined value of".
ALL_OF_IT = (
    rf"\ball (?:the )?(?:(?:other|world['’]s) )?{_KINDS}(?:,? (?:combined|together|in (?:existence|circulation)))?"
    r"(?= (?:is|are|was|were) (?:(?:now|currently|together|collectively|still) )*(?:worth|valued))"
    rf"|\b{_KINDS} (?:(?:now|currently|together|collectively) )*(?:has|have|had) an? {_TOGETHER} "
    r"(?:market )?(?:value|worth|valuation|cap(?:itali[sz]ation)?)\b"
    rf"|\b(?:{_TOGETHER} )?(?:worth|market (?:cap(?:itali[sz]ation)?|value)|value) of (?:(?:all |every )(?:the )?"
    rf"|(?:the |(?:more than |over |some |about |around |nearly ))+\d+,\d{{3}} )(?:tracked |listed )?"
    rf"{_KINDS}\b(?:,? (?:combined|together))?"
)
#: The whole market, where crypto is spoken of already.
WHOLE = (
    r"(?:the |its )?(?:overall|headline|aggregate|market-wide|marketwide) (?:figure|number|total)\b"
    r"|\b(?:its|the) (?:overall|total|combined|aggregate|collective) (?:market )?(?:value|worth)(?= (?:now |currently "
    r"|has |is |was |had )*(?:stands?|stood|sits|at|fell|fallen|dropped|rose|risen|climbed|slid|hovers|down|up|above"
    r"|below|over|under|reached|hit)\b)"
    r"|the market as a whole\b"
    r"|(?:the )?(?:sector|industry|market|asset class)['’]s (?:combined|total|overall|aggregate|collective"
    r"|entire) (?:market )?(?:value|worth|valuation|cap(?:itali[sz]ation)?)\b"
)
_CRYPTO = re.compile(
    r"\b(?:crypto|cryptocurrenc|digital[ -](?:asset|currenc|token)|bitcoin|BTC\b|altcoin|ethereum)", re.I
)
_MARKETS_CAP = re.compile(r"^(?:the )?(?:global|overall|worldwide|entire|total) ", re.I)
_TRILLIONS = re.compile(
    r"[^$%.;\d]{0,45}(?:\d[\d.,]*(?:%| per ?cent)[^$%.;]{0,25})?(?:US)?\$ ?\d[\d.,]*[ -]?(?i:trillion|trn|tn|T)\b"
)
_WITH_TOTAL = re.compile(r"(?:, (?:with|while|and|as)|;| (?:and|while) the) (?:the )?$")
_OTHERS = re.compile(r"\b(?:stocks?|equit(?:y|ies)|shares|compan(?:y|ies)|firms?|gold|Nasdaq|S&P)\b", re.I)


def whole_market(text: str, begin: int, start: int, end: int) -> bool:
    """Whether "global market cap", which names no crypto, is the crypto market's: in trillions, or ", with total market
    cap", of a sentence or text that has named crypto and no shares before."""
    before = text[max(0, begin - 300) : start]
    if text[end : end + 3] == ": $" and _TRILLIONS.match(text, end) and _CRYPTO.search(text, end, end + 200):
        return True  # a line of figures
    if not _CRYPTO.search(before) or _OTHERS.search(text, max(0, begin), start):
        return False
    if re.search(r"(?:['’]s|\b(?:its|their|a|an|of|whose)) $", text[max(0, start - 8) : start]):
        return False
    return bool(
        (_MARKETS_CAP.match(text[start:end]) and _TRILLIONS.match(text, end))
        or _WITH_TOTAL.search(text, max(begin, start - 12), start)
    )


#: Another's cap, told as the first one's was: "while USDC's has risen to", "that of USDC at".
_ITS_SAID = re.compile(
    r" (?:now |also |has |had |is |was |currently |still |just |recently )*(?:is|was|at|stands|stood|sits|sat|has|fell"
    r"|dropped|rose|climbed|grew|reached|slipped|slid|hit|topped|risen|fallen|dropped|grown|climbed|remains|hovers"
    r"|surpassed|shrank|shrunk|swelled|jumped)\b"
)
_THAT_OF = re.compile(r"\b(?:that|those) of (?:the )?$")
_AT = re.compile(r"[^$%;:.]{0,30}(?:US)?\$ ?\d")


#: "A cap of $2.3 trillion, ether of $370 billion".
_IN_TURN = re.compile(r"(?:, (?:and |while )?|;|\b(?:and|than(?: both)?|ahead of|behind|above|below|both) )(?:the )?$")
_OF_LARGE = re.compile(
    r",? (?:of|with|at)(?: (?:about|around|roughly|nearly|almost|some|over|just|under)){0,2} (?:US)?\$ ?\d[\d.,]*[ -]?"
    r"(?i:trillion|billion|million|trn|tn|bn|[tbm])\b"
)
_SET_BESIDE = re.compile(
    r"\b(?:against|versus|vs\.?|compared (?:to|with)|than|to|behind|ahead of|and|below|above|surpassing|overtaking)"
    r" (?:the )?$"
)
_LARGE = re.compile(
    r" (?:(?:about|around|roughly|nearly|almost|some|over|just|under|own) ){0,2}(?:US)?\$ ?\d[\d.,]*[ -]?"
    r"(?i:trillion|billion|million|trn|tn|bn|[tbm])\b(?! (?:in|of|worth)\b)"
)
_ALL = re.compile(r"\b[Aa]ll (?:of )?(?:the )?$")
_EXISTING = re.compile(
    r"(?: (?:coins|tokens))?,? (?:(?:now|currently|already) )?(?:in (?:circulation|existence)|outstanding)\b"
)


def all_of(text: str, begin: int, start: int, end: int) -> bool:
    """ "All bitcoin in circulation": what it is worth is the cap."""
    return bool(_ALL.search(text, max(begin, start - 12), start) and _EXISTING.match(text, end))


def takes_over(text: str, begin: int, start: int, end: int) -> bool:
    """Whether the coin named at ``start`` stands for its cap, after another's was told."""
    if not _AT.match(text, end):
        return False
    owned = text[end - 2 : end] in ("'s", "’s")
    if owned and _SET_BESIDE.search(text, max(begin, start - 24), start) and _LARGE.match(text, end):
        return True
    if _THAT_OF.search(text, max(begin, start - 14), start):
        return True
    if _IN_TURN.search(text, max(begin, start - 9), start) and _OF_LARGE.match(text, end):
        return True
    return text[end - 2 : end] in ("'s", "’s", "s'", "s’") and bool(_ITS_SAID.match(text, end))


#: But these, of which other things may rise.
WORDS = frozenset(
    """Optimism Near Trump Harmony Story Movement Sky Flow Magic Compound Curve Beam Grass Blur Turbo Vine Flare Tether
    Maple Band Mask Gas Link Origin Unity Portal Pixel Velo Flux Power Saga Drift Radiant Audio Ocean Orchid Civic
    Balancer""".split()  # noqa: SIM905
)
#: A name followed by a move in percent is a coin's.
GAINS = re.compile(
    r"(?:['’]s (?:\w+ )?| (?:also |has |was |is )?(?:up|down|gain(?:s|ed)|jump(?:s|ed)|surg(?:es|ed)|rall(?:ies"
    r"|ied)|soar(?:s|ed)|r[io]ses?|climb(?:s|ed)"
    r"|add(?:s|ed)|los(?:es|t)|f[ae]lls?|dropp?(?:s|ed)|sl[iu]des?|slid|slip(?:s|ped)|shed|tumbl(?:es|ed)"
    r"|plung(?:es|ed)|dipp?(?:s|ed)|declin(?:es|ed))"
    r" (?:by |over |about |around |nearly |roughly |almost |a |more than |another )*)\d[\d.,]*(?: ?%| per ?cent)"
    r"| [+-]\d[\d.]*%",
    re.I,
)
#: Symbols that are no coins.
NO_COINS = frozenset(
    """NFT ETF ETFS NAV WTI XAU XAG DAO API CPI GPU LNG IPO TGE ICO IDO USD EUR GBP JPY DEX CEX EPS OTC ATH ATL SEC CFTC
    OKX HTX MEXC RWA TVL DCA SMA EMA RSI MACD MACRO THE NEW LIVE SPOT GOLD OIL USA TOTAL CME CEO""".split()  # noqa: SIM905
)
