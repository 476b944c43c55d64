"""What figures are about: a total market cap, a coin's own, its price, its dominance, or something else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from analysis.claim_assets import AssetNames
from analysis.claim_plain import is_known
from analysis.subject_words import (
    ALL_OF_IT,
    BARE,
    CHANGE,
    COIN,
    GAINS,
    KIND,
    NO_COINS,
    ONE,
    WHOLE,
    WORDS,
    all_of,
    takes_over,
)

_CRYPTO = r"(?:crypto(?:-?currency|-?currencies|-?assets?)?|digital[ -](?:assets?|coins|tokens|currenc(?:y|ies)))"
_SIZE = r"(?:total|global|overall|cumulative|combined|aggregate|entire|whole|broader|wider|current|worldwide)"
_CAP = (
    r"(?:market[ -]?cap(?:itali[sz]ation)?s?|capitali[sz]ation|market value|market valuation"
    r"|(?:(?<=whose )|(?<=\bits )|(?<=['’]s ))cap\b(?! on\b))"
)
_MARKET = r"(?:market|sector|industry|space|ecosystem)s?"
_KIND = r"(?:crypto(?:currency|[ -]?asset)?|(?:digital|virtual) (?:asset|currency|coin|token)|coin|token|asset)"
_BY_CAP = r"(?: (?:by|in terms of|based on|per|in) (?:total |overall )?market[ -]?(?:cap(?:itali[sz]ation)?|value))"
_RANKED = (
    r"(?:the |its )?(?:(?:world|market|industry)['’]?s )?(?P<second>second[ -](?:ranked )?|2nd[ -]|number two "
    r"|no\. ?2 )?(?P<later>"
    r"(?:third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|next|top \d+|\d+(?:rd|th))[ -])?"
    rf"(?:(?:largest|biggest|leading|main|flagship|top|top-ranked|number one|no\. ?1|premier|pioneer|pioneering"
    rf"|primary|"
    rf"original|oldest|dominant|bellwether|benchmark|apex|king|OG|most valuable|most popular|most prominent|foremost"
    rf"|preeminent|pre-eminent|number-one|No\.1|#1) )"
    rf"(?P<alt>altcoin\b)?(?(alt)|{_KIND}\b(?! (?:asset|exchange|compan|firm|fund|market|treasur|bank"
    rf"|investor|manag|"
    rf"hedge|ETF|miner|lend|event|conference|wallet|venture|news|platform"
    r"|trad(?!es |ed |ing (?:at|near|above|below|around|for|just)\b)|whale|project|network|hack"
    rf"|heist|theft|"
    rf"option|derivative|payment|holder|class|owner|donor|custod|brand|service|bill|law|treasury|index)))(?:['’]s)?"
    rf"(?: (?:in the world|globally|worldwide|overall))?(?:{_BY_CAP})?"
)


@lru_cache(maxsize=4)
def pattern(names: AssetNames) -> re.Pattern[str]:
    """One pattern for all subjects; what it found is told by group (see ``read_subjects``)."""
    coin = (
        rf"(?<![\w/@.\-])(?:\$?(?P<coin>{names.pattern})(?![\w]|-[A-Za-z]|\.[a-z])"
        rf"|\$(?P<tag>[A-Z](?:[A-Z\d]{{2,8}}|[A-Z\d]?(?=\))))(?![\w.-]))"
    )
    return re.compile(
        rf"(?<!\w)(?=[A-Za-z$])(?:(?P<total>(?i:"
        rf"\b(?:{_SIZE} ){{0,3}}(?:crypto['’]s"
        rf"|{_CRYPTO})(?: {_MARKET}(?:['’]s?)?)? (?:{_SIZE} )?{_CAP}\b(?: valuation\b)?"
        rf"|\b{_CRYPTO} (?:market|sector|industry)['’]s (?:{_SIZE} )?(?:value|worth|valuation)\b"
        rf"|\b(?:{_SIZE} ){{1,3}}(?:crypto['’]s|{_CRYPTO})(?: {_MARKET}(?:['’]s?)?)? (?:valuation|value|cap)\b"
        rf"|\b(?:{_SIZE} )?(?:market[ -]?cap(?:itali[sz]ation)?|market value|value) of (?:the "
        rf"|all )?(?:{_SIZE} ){{0,2}}"
        rf"{_CRYPTO}(?: {_MARKET})?\b(?![-’'])(?! (?:venture|compan|firm|stock|ETF|hold|treasur|deal|fund"
        rf"|exchange))"
        rf"|{ALL_OF_IT}"
        rf"|\b(?:{_SIZE} )?market[ -]?cap(?:itali[sz]ation)? of all (?:tokens|coins)\b"
        rf"|(?P<alts>\b(?:{_SIZE} )?(?:crypto )?altcoins?(?:['’]s?)? (?:{_SIZE} )?market[ -]?cap(?:itali[sz]ation)?\b)"
        rf"|(?P<bare>\b(?:total|global|overall|aggregate) (?:market[ -]?cap(?:itali[sz]ation)?"
        rf"|capitali[sz]ation|cap|market value)\b(?: valuation\b)?"
        rf"(?! of (?!about|around|approximately|roughly|nearly|over|more|\$)))"
        rf"|\b(?:{_SIZE} )?{_CRYPTO} markets?(?= (?:overall )?(?:(?:now|currently|is|are|was|has|have|had|been|also"
        rf"|still|already) ){{0,3}}(?:holding|holds|boasts|stands|stood|sits|sitting|hovers|hovering|hit|reached"
        rf"|surpassed|crossed|topped|exceeded|nears|neared|remains|commands|fell to|rose to|climbed to|grew to|grown to"
        rf"|swelled to|at) (?:[a-z]+ ){{0,3}}\$\d[\d.,]* ?(?i:trillion|T)\b)"
        rf"|\b(?:{_SIZE} )?{_CRYPTO} markets?(?= (?:(?:has|have|are|were|had|is|was|also|currently|now|already"
        rf"|\w+ly) ){{0,3}}(?:up|down|rose|risen|falls|drops|sinks|slides|slips|dips|plunges|tumbles|rises|gains"
        rf"|climbs|jumps|tanks|tanked|sold off|off \d|(?:(?:some|about|nearly|roughly|almost|still|over) )?\d[\d.]*"
        rf"(?:%| per ?cent) (?:below|off|under|lower|higher)|shrunk|shrank|contracted|swelled|expanded"
        rf"|surges|soars|rallies|loses|sheds|declines|crashes|retreats|rebounds|recovers|adds|skyrockets|slumps"
        rf"|slumped|gained|added|climbed|jumped|surged|soared|rallied|fell|fallen|dropped|lost|declined|slid|slipped|dipped"
        rf"|plunged|tumbled|sank|shed|plummeted|crashed|retreated|rebounded|recovered|increased|decreased|dropping|falling|rising)\b)"
        rf"|\b(?:{_SIZE} )?{_CRYPTO} (?:market|economy|sector|industry|space|universe)(?: as a whole| overall)?"
        rf"(?=,? (?:which )?(?:(?:is|was|remains|has been|now|currently) (?:\w+ )?|[A-Z]\w+ )?"
        rf"(?:worth|valued at)\b)"
        rf")|\bTOTAL[23]?\b(?= (?!\$?[A-Z]))|\bMarket Cap(?=: ?\$[\d.]+T \|))"
        rf"|(?P<pronoun>\b(?:[Ii]t|That)(?=(?:['’]s| (?:now|currently|also|then|has|is|was|briefly|recently"
        rf"|later|even|had|still|just|only|about|"
        rf"around|roughly|nearly|already|since|down|up|trading)\b)* (?:\d[\d.]*% (?:below|off|under|away|from)|"
        rf"stands|stood|sits|hovers|fell|dropped|rose|climbed|trad|gain|lost|surg|up\b|down\b|jump|declin"
        rf"|slip|plung|tumbl|rall|soar|spik|tank|crash|skyrocket|print|tap|cross|pric(?:ed|es)|broke|smash|approach|near(?:s|ed)"
        rf"|(?:almost |little |nearly |largely |virtually )?(?:(?:un)?changed|flat|steady)\b|record|regist|post(?:ed|s)"
        rf"|log(?:s|ged)"
        rf"|saw|suffer|experienc|slump|plummet|crater|leap|shot|consolidat|clos|opened|notch|went|came|rocket|dip"
        rf"|chang|hover|reach|hit|touch|peak|bottom|cost|fetch|worth|increas|decreas|recover|rebound|settl|shed|bounc"
        rf"|sl[iu]d|sank|retreat|pull|add)))"
        rf"|(?P<nick>\b(?:[Tt]he )?[“\"‘]?(?:[Dd]igital [Gg]old|[Oo]range [Cc]oin|[Kk]ing [Cc]oin)\b"
        rf",?[”\"’]?(?:['’]s)?)"
        rf"|(?P<ranked>\b(?i:{_RANKED}))"
        rf"|(?P<whole>\b(?i:{WHOLE}))"
        rf"|(?P<described>\b(?i:{BARE}|{ONE}|{CHANGE}|(?:the|this) {KIND}{COIN}"
        rf"(?:['’]s)?(?: (?:spot |current |market )?(?:price|value))?(?! ?(?:price|market|holders?|sector"
        rf"|industry|space|"
        rf"exchange|supply|volume|treasury|manager|class|community|world|ecosystem|company|firm)\b)"
        rf"|(?:its|the) (?:current |spot |market |token |coin )?(?:price|value)(?! of)|(?:its"
        rf"|the) current (?:spot |market |token |coin )?(?:price|value)|(?:current|live|unit"
        rf"|trading) price(?=: ?\$)))\b"
        rf"|(?P<dominance>\b(?i:(?:market )?dominance(?: index| rate)?|market[ -]share(?! of)"
        rf"|share of (?:the )?(?:\$[\d.,]+\d[ -]?[a-z]* )?(?:(?:total|entire"
        rf"|overall|global|whole) )?(?:crypto(?:currency)? )?"
        rf"market(?: cap(?:itali[sz]ation)?)?(?=\b(?! of))|share of (?:it|that|the total)\b(?! \w*(?:vol|supp|flow))"
        rf"|(?:BTC|ETH|USD[TC])\.D\b)(?: over (?:the "
        rf"|all )?(?:other )?(?:alts|altcoins|"
        rf"rest of the market|market)| in the (?:overall |broader )?(?:crypto(?:currency)? )?market)?)"
        rf"|(?P<cap>\b(?i:{_CAP}))\b"
        rf"|(?P<price>(?P<of>(?i:\b(?:price|value) of (?:one |a |1 |the )?))?{coin}(?:/USDT?\b)?"
        rf"(?P<tail>(?:['’]s(?: native (?:token|coin|cryptocurrency"
        rf"|asset))?)?(?: ?\((?P<ticker>\$?[A-Z0-9]{{2,9}})(?:[/-]USDT?)?\))?(?:['’]s)?"
        rf"(?: (?:spot |token |current |market )?(?i:price|value)\b)?))"
        rf"|(?<![\w$./-])(?P<unlisted>[A-Z][A-Z\d]{{2,8}})(?![\w./-])"
        rf"|(?P<other>\b(?i:valuations?|volumes?|vol|inflows?|outflows?|"
        rf"TVL|total value locked|ETFs?|open interest|liquidations?|liquidated|revenues?|funds?|funding|holdings|"
        rf"reserves?|treasury|stablecoins?|altcoins?|gold|silver|oil|stocks?|shares|nasdaq|hashrate|fees?"
        rf"|profits?|loss(?:es)?(?! (?:of|to|at) (?:\w+ )?\d[\d.]*%)|"
        rf"miners?|compan(?:y|ies)|index|supply|holders?|wallets?|difficulty|inflation|rates?|yields?|odds|"
        rf"probability|presale|futures|longs?(?!-|er\b)|shorts?(?!-| of\b)"
        rf"|leverage|premium|discount|transactions?|addresses|activity|"
        rf"realized (?:price|cap)|cost basis|strike|calls|puts)\b"
        rf"|\b(?:S&P|Strategy|MicroStrategy|Metaplanet|Coinbase|Robinhood|Tesla|Nvidia|MSTR|COIN)\b))"
    )


#: So many subjects of one sentence are looked at for another: a list of thousands is no sentence.
NEAR = 40


@dataclass(frozen=True, slots=True)
class Subject:
    start: int
    end: int
    quantity: str  # "total_market_cap", "asset_market_cap", "price", "dominance", or "other": anything else
    asset: str
    pronoun: bool = False
    bare: bool = False  # "total market cap", without saying of what
    priced: bool = False  # says "price"
    described: bool = False  # "the token", "its price": asset is found in the text before, "" where it is not


_COMPANY = re.compile(
    r"\b(?:compan(?:y|ies)|firms?|stocks?|shares|shareholders?|Inc|Corp|Nasdaq|NYSE|Strategy|MicroStrategy"
    r"|Metaplanet|"
    r"Coinbase|Circle|Robinhood|Galaxy|Tesla|Nvidia|NVIDIA|Apple|Amazon|bank|IPO|(?<!digital )gold|ETFs?|exchange"
    r"|platform|protocol|presale)\b"
)
#: Before a name: it is another coin's ("Little Pepe").
_ANOTHER = re.compile(r"\b(?:Little|Neo|Baby|Floppy|Wrapped|Bitcoin|Mini|Micro|[Tt]okenized|Husky|Staked|locked \w+) $")
#: After a coin: the figure is not the coin's. Any other capitalised word makes it a name of something else.
_NAMED = re.compile(r"(?<!price)(?<!value)(?<!\)) (?P<word>[A-Z][a-z]+)\b")
_KIN = re.compile(
    r"[ -](?:meme ?coin|memecoin|based|blockchain|network|ecosystem|chain\b|ledger|treasur|native|ETFs?\b"
    r"|ETPs?\b|miners?\b|"
    r"mining|holders?|futures|options|whales?|stablecoin|token launch|rival|linked|backed)"
)
_MEME = re.compile(r"[ -](?:meme ?coin|memecoin)")
_PLATFORMS = frozenset(["BTC", "ETH", "SOL", "BNB", "TRX", "XRP", "TON", "SUI", "AVAX", "ADA", "ARB", "APT", "NEAR"])
_OWNS = re.compile(
    r"(?<=['’]s) (?:[\w-]+ ){0,3}?(?:DEX|exchange|protocol|platform|launchpad|blockchain|network|ecosystem|wallet"
    r"|meme ?coin|testnet|mainnet|token holders|treasury)\b"
)
#: Of a coin that is still being sold the price is what its sellers ask.
_SOLD = re.compile(
    r"\b(?:[Pp]re-?sales?|[Pp]re-?launch|ICO|[Ss]tage \d|[Pp]hase \d|listing price|launch price|price tier|target)\b"
)
_SETTLES = re.compile(r"(?:['’]s)? ?(?:\(|(?i:price|token|coin)\b|/USD|market cap)")


def unlisted(text: str, names: AssetNames) -> frozenset[str]:
    """Symbols of coins that are in no table, which the text once calls a coin's: "OMNI token", "OMNI/USDT"."""
    said = set(_UNLISTED.findall(text))
    if not said or _SOLD.search(text):
        return frozenset()
    return frozenset(said) - names.ignored - names.symbols.keys() - NO_COINS


#: Not "price", not "$" alone: shares and funds have both.
_UNLISTED = re.compile(r"(?<![\w$./-])\$?([A-Z][A-Z\d]{2,8})(?=/?USDT?\b|(?:['’]s)? (?:token|coin)\b)")


def read_subjects(
    text: str, begin: int, end: int, names: AssetNames, topic: str, others: frozenset[str] = frozenset()
) -> list[Subject]:
    """The subjects of the sentence ``text[begin:end]`` in order; ``topic`` is the coin spoken of before, or "",
    ``others`` are symbols of coins that ``names`` lacks (see ``unlisted``)."""
    found: list[Subject] = []
    for match in pattern(names).finditer(text, begin, end):
        if match["unlisted"] is not None:
            if match["unlisted"] in others:
                found.append(Subject(match.start(), match.end(), "price", match["unlisted"]))
            continue
        subject = _read(text, match, begin, names, found, topic)
        if subject and subject.quantity in ("asset_market_cap", "dominance") and found:
            before = found[-1]
            near = text[before.end : subject.start]
            if before.quantity == "price" and len(near) < 12 and _ADJACENT.fullmatch(near):
                found.pop()
                subject = replace(subject, start=before.start, asset=before.asset, described=False)
        of = found and found[-1].quantity in ("asset_market_cap", "dominance")
        if subject and subject.quantity == "price" and of and _OF.fullmatch(text, found[-1].end, subject.start):
            subject = replace(found.pop(), end=subject.end, asset=subject.asset, described=False)
        caps = subject and subject.quantity == "price" and subject.asset and not subject.described
        if caps and takes_over(text, begin, *match.span()):
            told = next((one for one in reversed(found[-NEAR:]) if _tells(text, one)), None)
            if told and told.quantity == "asset_market_cap":
                subject = replace(subject, quantity="asset_market_cap")
        if caps and all_of(text, begin, *match.span()):
            subject = replace(subject, quantity="asset_market_cap")
        beside = subject and found and found[-1].quantity == "price" and text[found[-1].end : subject.start] in _BESIDE
        if beside and subject.described and not subject.asset:
            subject = replace(subject, asset=found[-1].asset)  # "XRP, the fourth-largest coin,"
        if subject:
            found.append(subject)
    return [_ahead(text, begin, subject, found) for subject in found]


def _tells(text: str, one: Subject) -> bool:
    """Whether an amount may be told of it: not of a coin, nor of "the largest stablecoin"."""
    return one.quantity != "price" and not text[one.start : one.end].lower().startswith(("stablecoin", "altcoin"))


def _ahead(text: str, begin: int, cap: Subject, found: list[Subject]) -> Subject:
    """ "With a market cap of $3 billion, ONDO trades at": the coin stands behind its cap."""
    if cap.quantity not in ("asset_market_cap", "dominance") or cap.asset:
        return cap
    if not _WITH.search(text, max(begin, cap.start - 30), cap.start):
        return cap
    if any(one.start < cap.start and (one.quantity == "other" or one.asset) for one in found[:NEAR]):
        return cap
    coin = coin_ahead(text, cap.end, found)
    return cap if coin is None or _COMPANY.search(text, begin, coin.start) else replace(cap, asset=coin.asset)


def coin_ahead(text: str, end: int, found: Iterable[Subject]) -> Subject | None:
    """The coin that heads the clause behind ``end``: ", Bitcoin …"."""
    for one in found:
        if one.start >= end:
            headed = text[one.start - 2 : one.start] == ", " or text[one.start - 6 : one.start] == ", the "
            return one if one.quantity == "price" and one.asset and headed and one.start - end < 90 else None
    return None


_A_MARKET = re.compile(r"\b(?:crypto\w*|digital asset) (?:market|sector|industry)\b", re.I)
_CRYPTOS = re.compile(r"\b(?:crypto\w*|altcoins?|stablecoins?|bitcoin|digital[ -](?:assets|currencies|tokens))\b", re.I)
_BESIDE = (", ", " ,", " (", " – ", " — ", " - ")
_OF = re.compile(r" (?:of|for)(?: the)?(?: [A-Z]\w{2,20}['’]s)? ")
_WITH = re.compile(r"\b(?:[Ww]ith|At|[Bb]oasting|[Hh]aving) (?:a|an|its) (?:(?:current|total|live) )?$")


_KINDS = re.compile(
    r"\b(?:[Aa]ltcoin|social|[Ss]tablecoin|liquidation|whale|volume|their|other|long|short|TVL|DeFi|USD[TC]) $"
)
_ADJACENT = re.compile(r"(?:['’]s?)? ?(?:(?:own|total|current|overall|market|overall market|yearly|live) )?")


def _read(
    text: str, match: re.Match[str], begin: int, names: AssetNames, found: list[Subject], topic: str
) -> Subject | None:
    start, end = match.span()
    kind = match.lastgroup
    if match["total"] is not None:
        if match["bare"] and re.search(r"(?:\b(?:an?|its)|['’]s) $", text[max(begin, start - 8) : start]):
            market = _A_MARKET.search(text, max(begin, start - 600), start) and text[start - 4 : start] != "its "
            if not market or any(one.quantity != "total_market_cap" for one in found[-NEAR:]):
                return _cap(text, start, end, begin, found, topic)
        asset = match["total"] if match["total"] in ("TOTAL2", "TOTAL3") else "TOTAL2" if match["alts"] else "TOTAL"
        return Subject(start, end, "total_market_cap", asset, bare=match["bare"] is not None)
    if match["pronoun"] is not None:
        return Subject(start, end, "total_market_cap", "TOTAL", pronoun=True)
    if match["whole"] is not None:
        said = _A_MARKET.search(text, max(0, begin - 300), start)
        said = said or (match["whole"][:3].lower() != "its" and _CRYPTOS.search(text, max(0, begin - 300), start))
        return Subject(start, end, "total_market_cap", "TOTAL") if said else None
    if match["nick"] is not None:
        return Subject(start, end, "price", "BTC", described=True)
    if match["ranked"] is not None:
        asset = "" if match["later"] else "ETH" if match["second"] or match["alt"] else "BTC"
        if match["alt"] and match["second"]:
            asset = ""
        return Subject(start, end, "price", asset, described=not asset)
    if match["described"] is not None:
        said = bool(re.search(r"\b(?:price|value)\b", match["described"], re.I))
        of_shares = said and re.search(r"\bshares?\b", text[max(begin, start - 400) : start])
        asset = "" if of_shares else _spoken_of(found, topic)
        if not asset and not said and not topic:
            asset = _of_kin(text, found, names)
        kind = "asset_market_cap" if match["described"].lower().endswith("market value") else "price"
        return Subject(start, end, kind, asset, priced=said, described=True)
    if match["dominance"] is not None:
        if re.match(r"\w{3,4}\.D\b", match["dominance"], re.I):
            return Subject(start, end, "dominance", match["dominance"].partition(".")[0].upper())
        if re.fullmatch(r"market[ -]share", match["dominance"], re.I):
            asset = _holder(text, start, found)
            return Subject(start, end, "dominance" if asset else "other", asset)
        own = re.search(
            r"\b(?:its|their|the (?:asset|coin|token)['’]s)(?: own)? $", text[max(begin, start - 20) : start]
        )
        asset = _spoken_of(found, topic)
        if (
            not own
            and asset != "BTC"
            and not re.search(r"\ba (?:(?:total )?market )?$", text[max(begin, start - 12) : start])
        ):
            asset = ""
        if not own and (
            any(one.quantity == "other" for one in found[-NEAR:]) or _KINDS.search(text, max(begin, start - 14), start)
        ):
            asset = ""
        return Subject(start, end, "dominance", asset)
    if match["cap"] is not None:
        return _cap(text, start, end, begin, found, topic)
    if match["price"] is not None:
        return _coin(text, match, names)
    return Subject(start, end, "other", "") if kind else None


def _holder(text: str, start: int, found: list[Subject]) -> str:
    """Whose market share begins at ``start``: Bitcoin's or Ethereum's; a smaller coin's is mostly of another market."""
    owner = found[-1] if found else None
    if owner is None or owner.quantity != "price" or owner.asset not in ("BTC", "ETH"):
        return ""
    return owner.asset if text[owner.end : start] in (" ", "’s ", "'s ") else ""


def _coin(text: str, match: re.Match[str], names: AssetNames) -> Subject | None:
    start, end = match.span()
    if match["tag"]:
        closing = 1 if text.startswith(")", match.end("tag")) else 0
        said = (
            None
            if match["tag"] in names.ignored or _SOLD.search(text, max(0, start - 250), end + 250)
            else match["tag"]
        )
        return Subject(start, match.end("tag") + closing, "price" if said else "other", said or "")
    name, asset = match["coin"], names.symbols[match["coin"]]
    if name in ("USDT", "USDC") and re.search(r"\d $", text[max(0, match.start("coin") - 2) : match.start("coin")]):
        return None  # "at 3 USDT": what is paid in
    ticker = (match["ticker"] or "").lstrip("$")
    if ticker in ("TOTAL2", "TOTAL3"):
        return None
    if ticker and {ticker, asset} == {"POL", "MATIC"}:
        asset = ticker  # Polygon's, before it was renamed and after
    if ticker and names.symbols.get(ticker) != asset:
        return Subject(start, end, "other", "")  # "Bitcoin Trust (IBIT)", a company by that name
    after = text[match.end("coin") : match.end("coin") + 40]
    if (
        name in names.doubtful
        and text[start] != "$"
        and not (
            ticker
            or (len(name) > 1 and _SETTLES.match(after))
            or (len(name) > 3 and not name.isupper() and name not in WORDS and GAINS.match(after))
        )
    ):
        return None
    named = _NAMED.match(text, end, end + 24)
    if _KIN.match(text, end) and (asset in _PLATFORMS or not _MEME.match(text, end)):
        return Subject(start, end, "other", "")
    if _OWNS.match(text, end):
        return Subject(start, end, "other", "")  # "SUI's flagship exchange"
    other = _ANOTHER.search(text[max(0, start - 12) : start])
    if (other and not (asset == "BTC" and other[0] == "Bitcoin ")) or (named and not is_known(named["word"])):
        return Subject(start, end, "other", "")
    if match["tail"].lower().endswith("market value"):
        return Subject(start, end, "asset_market_cap", asset)
    priced = bool(match["of"]) or match["tail"].lower().endswith(("price", "value"))
    return Subject(start, end, "price", asset, priced=priced)


def _cap(text: str, start: int, end: int, begin: int, found: list[Subject], topic: str) -> Subject | None:
    """A market cap of whom is said by what stands before it, or (see ``read_subjects``) directly behind."""
    before = text[max(begin, start - 40) : start]
    if before.endswith((" by ", " per ", " in ")):
        return None
    owned = _OWNED.search(before)
    whose = text[text.rfind(",", begin, start) : start] == ", whose " if before.endswith("whose ") else False
    if whose and not (found and found[-1].asset and found[-1].end == start - 8):
        return Subject(start, end, "other", "")  # "larger than Alphabet, whose market cap"
    if whose:
        return Subject(start, end, "asset_market_cap", found[-1].asset, described=True)
    since = max(begin, start - 300)
    resumed = list(_RESUMED.finditer(text, since, start))
    if resumed and found and found[0].quantity == "price" and found[0].asset:
        since = resumed[-1].end()  # "Bitcoin has passed Amazon and is the fifth asset with a market cap of"
    passed = list(_PASSED.finditer(text, since, start))
    if passed and found and found[0].quantity == "price" and found[0].asset and found[0].start < passed[-1].start():
        since = passed[-1].end()  # "Bitcoin has passed Amazon with a market cap of"
    market = before.endswith("the ") and not before.endswith(" of the ")
    if market and _A_MARKET.search(text, max(begin, start - 600), start):
        return Subject(start, end, "total_market_cap", "TOTAL")  # "The crypto market rose, and the market cap reached"
    if not owned or _COMPANY.search(text, since, start):
        return Subject(start, end, "asset_market_cap", "")
    if owned["its"] and any(one.quantity in ("price", "asset_market_cap") and not one.pronoun for one in found[-NEAR:]):
        topic = ""
    if owned["its"] and not found and _COMPANY.search(text, max(0, begin - 120), begin):
        topic = ""
    the = before.endswith(("The ", "the ")) and not _A_MARKET.search(text, max(0, begin - 200), start)
    taken_up = owned["its"] or the or text.startswith(": ", end) or any(one.pronoun for one in found[-NEAR:])
    return Subject(start, end, "asset_market_cap", _spoken_of(found, topic if taken_up else ""), described=True)


_PASSED = re.compile(
    r"\b(?:surpass\w*|overtak\w*|overtook|flipped|flipping|pass(?:es|ed|ing)) [^,;.$%]{2,60}?(?=,? with a )"
)
_RESUMED = re.compile(r"\b(?:and (?:is|has|now|currently|remains|sits|ranks)|making it|now)\b")
_OWNED = re.compile(
    r"(?:^|\b(?:(?P<its>[Ii]ts)|[Ww]ith (?:a|an|the)|ha[sd] (?:a|an)|posted an?|an?|boasts an?|and|[Tt]he|whose"
    r"|(?:hits?|reache[sd]|reaching|surpassed|crossed|holds|sporting|carries|carrying|achieved|giving it) an?)"
    r"|[,&|≈;:\d]) "
    r"?(?:(?!stablecoin|altcoin|combined|compan|realized|fully|memecoin|meme|token|implied|target)[a-z]+ )?$"
)


def _spoken_of(found: list[Subject], topic: str) -> str:
    """The one coin named before in the sentence, else the topic; "" where several are."""
    named = {
        topic if one.pronoun else one.asset
        for one in found[-NEAR:]
        if one.pronoun or (one.quantity in ("price", "asset_market_cap", "dominance") and one.asset)
    } - {""}
    if len(named) > 1:
        return ""
    return named.pop() if named else topic


@lru_cache(maxsize=4)
def _kin(names: AssetNames) -> re.Pattern[str]:
    return re.compile(names.pattern + r"(?=[ -])")


def _of_kin(text: str, found: list[Subject], names: AssetNames) -> str:
    """ "Bitcoin ETFs took in …, as the cryptocurrency climbed": the one coin that other things are called by."""
    kin = {one for one in found[-NEAR:] if one.quantity == "other" and one.asset == ""}
    said = [_kin(names).match(text, one.start) for one in kin]
    named = {names.symbols[match[0]] for match in said if match}
    return named.pop() if len(named) == 1 and not any(one.quantity == "price" for one in found[-NEAR:]) else ""
