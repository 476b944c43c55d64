"""What figures are about: a total market cap, a coin's own, its price, its dominance, or something else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from analysis.claim_assets import AssetNames
from analysis.claim_plain import is_known

_CRYPTO = r"(?:crypto(?:-?currency|-?currencies|-?assets?)?|digital[ -](?:assets?|currenc(?:y|ies)))"
_SIZE = r"(?:total|global|overall|cumulative|combined|aggregate|entire|whole|broader|wider|current|worldwide)"
_CAP = r"(?:market[ -]?cap(?:itali[sz]ation)?s?|capitali[sz]ation|market value|market valuation)"
_MARKET = r"(?:market|sector|industry|space|ecosystem)s?"
_KIND = r"(?:crypto(?:currency|[ -]?asset)?|(?:digital|virtual) (?:asset|currency|coin|token)|coin|token|asset)"
_BY_CAP = r"(?: (?:by|in terms of|based on|per|in) (?:total |overall )?market[ -]?(?:cap(?:itali[sz]ation)?|value))"
_RANKED = (
    r"(?:the |its )?(?:(?:world|market|industry)['’]?s )?(?P<second>second[ -](?:ranked )?|2nd[ -]|number two "
    r"|no\. ?2 )?(?P<later>"
    r"(?:third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|next|top \d+|\d+(?:rd|th))[ -])?"
    rf"(?:(?:largest|biggest|leading|flagship|top|top-ranked|number one|no\. ?1|premier|pioneer|pioneering|primary|"
    rf"original|oldest|dominant|bellwether|benchmark|apex|king|OG|most valuable|most popular|most prominent|foremost"
    rf"|preeminent|pre-eminent|number-one|No\.1|#1) )"
    rf"(?P<alt>altcoin\b)?(?(alt)|{_KIND}\b(?! (?:asset|exchange|compan|firm|fund|market|treasur|bank"
    rf"|investor|manag|"
    rf"hedge|ETF|miner|lend|event|conference|wallet|venture|news|platform|trad|whale|project|network|hack"
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
        rf"|\b(?:{_SIZE} ){{1,3}}(?:crypto['’]s|{_CRYPTO})(?: {_MARKET}(?:['’]s?)?)? (?:valuation|value|cap)\b"
        rf"|\b(?:{_SIZE} )?(?:market[ -]?cap(?:itali[sz]ation)?|market value|value) of (?:the "
        rf"|all )?(?:{_SIZE} ){{0,2}}"
        rf"{_CRYPTO}(?: {_MARKET})?\b(?![-’'])(?! (?:venture|compan|firm|stock|ETF|hold|treasur|deal|fund"
        rf"|exchange))"
        rf"|\b(?:{_SIZE} )?market[ -]?cap(?:itali[sz]ation)? of all (?:tokens|coins)\b"
        rf"|(?P<alts>\b(?:{_SIZE} )?(?:crypto )?altcoins?(?:['’]s?)? (?:{_SIZE} )?market[ -]?cap(?:itali[sz]ation)?\b)"
        rf"|(?P<bare>\b(?:total|global|overall|aggregate) (?:market[ -]?cap(?:itali[sz]ation)?"
        rf"|capitali[sz]ation)\b(?: valuation\b)?"
        rf"(?! of (?!about|around|approximately|roughly|nearly|over|more|\$)))"
        rf"|\b(?:{_SIZE} )?{_CRYPTO} markets?(?= (?:overall )?(?:(?:now|currently|is|are|was|has|have|had|been|also"
        rf"|still|already) ){{0,3}}(?:holding|holds|boasts|stands|stood|sits|sitting|hovers|hovering|hit|reached"
        rf"|surpassed"
        rf"|crossed|topped|exceeded|nears|neared|remains|commands|fell to|rose to|climbed to|grew to|grown to"
        rf"|swelled to|at) (?:[a-z]+ ){{0,3}}\$\d[\d.,]* ?(?i:trillion|T)\b)"
        rf"|\b(?:{_SIZE} )?{_CRYPTO} markets?(?= (?:(?:has|have|are|were|had|is|was|also|currently|now|already"
        rf"|\w+ly) ){{0,3}}(?:up|down|rose|risen|falls|drops|sinks|slides|slips|dips|plunges|tumbles|rises|gains"
        rf"|climbs|jumps|tanks|tanked|sold off"
        rf"|surges|soars|rallies|loses|sheds|declines|crashes|retreats|rebounds|recovers|adds|skyrockets|slumps"
        rf"|slumped|"
        rf"gained|climbed|jumped|surged|soared|rallied|fell|fallen|dropped|lost|declined|slid|slipped|dipped"
        rf"|plunged|tumbled|"
        rf"sank|shed|plummeted|crashed|retreated|rebounded|recovered|increased|decreased|dropping|falling"
        rf"|rising)\b)"
        rf"|\b{_CRYPTO} market(?= (?:is|was|remains|has been) (?:\w+ )?(?:worth|valued at)\b)"
        rf")|\bTOTAL[23]?\b(?= (?!\$?[A-Z]))|\bMarket Cap(?=: ?\$[\d.]+T \|))"
        rf"|(?P<pronoun>\b(?:[Ii]t|That)(?=(?:['’]s| (?:now|currently|also|then|has|is|was|briefly|recently"
        rf"|later|even|had|still|just|only|about|"
        rf"around|roughly|nearly|already|since|down|up|trading)\b)* (?:\d[\d.]*% (?:below|off|under|away|from)|"
        rf"stands|stood|sits|hovers|fell|dropped|rose|climbed|trad|gain|lost|surg|up\b|down\b|jump|declin"
        rf"|slip|plung|"
        rf"tumbl|rall|soar|spik|tank|crash|skyrocket|print|tap|cross|pric(?:ed|es)|broke|smash|approach|near(?:s|ed)"
        rf"|consolidat|clos|opened|notch|went|came|rocket|dip"
        rf"|chang|hover|reach|hit|touch|peak|increas|decreas|recover|rebound|settl|shed|bounc"
        rf"|sl[iu]d|sank|retreat|pull|add)))"
        rf"|(?P<nick>\b(?:[Tt]he )?[“\"‘]?(?:[Dd]igital [Gg]old|[Oo]range [Cc]oin|[Kk]ing [Cc]oin)\b"
        rf",?[”\"’]?(?:['’]s)?)"
        rf"|(?P<ranked>\b(?i:{_RANKED}))"
        rf"|(?P<described>\b(?i:(?:the|this) (?:popular |native |digital |meme |leading |original )?"
        rf"(?:token|coin|asset|cryptocurrency|crypto|altcoin|memecoin|meme coin|digital asset|crypto asset)"
        rf"(?:['’]s)?(?: (?:spot |current |market )?(?:price|value))?(?! ?(?:price|market|holders?|sector"
        rf"|industry|space|"
        rf"exchange|supply|volume|treasury|manager|class|community|world|ecosystem|company|firm)\b)"
        rf"|(?:its|the) (?:current |spot |market |token |coin )?(?:price|value)(?! of)|(?:its"
        rf"|the) current (?:spot |market |token |coin )?(?:price|value)|(?:current|live|unit"
        rf"|trading) price(?=: ?\$)))\b"
        rf"|(?P<dominance>\b(?i:(?:market )?dominance(?: index| rate)?|market[ -]share(?! of)"
        rf"|share of (?:the )?(?:(?:total|entire"
        rf"|overall|global|whole) )?(?:crypto(?:currency)? )?"
        rf"market(?: cap(?:itali[sz]ation)?)?(?=\b(?! of))|BTC\.D\b|ETH\.D\b)(?: over (?:the "
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
        rf"|profits?|loss(?:es)?(?! of (?:\w+ )?\d[\d.]*%)|"
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
_ANOTHER = re.compile(r"\b(?:Little|Neo|Baby|Floppy|Wrapped|Bitcoin|Mini|Micro|Tokenized|tokenized|Husky|Staked) $")
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
#: But these, of which other things may rise.
_WORDS = frozenset(
    """Optimism Near Trump Harmony Story Movement Sky Flow Magic Compound Curve Beam Grass Blur Turbo Vine Flare Tether
    Maple Band Mask Gas Link Origin Unity Portal Pixel Velo Flux Power Saga Drift Radiant Audio Ocean Orchid Civic
    Balancer""".split()  # noqa: SIM905
)
#: A name followed by a move in percent is a coin's.
_GAINS = re.compile(
    r"(?:['’]s (?:\w+ )?| (?:also |has |was |is )?(?:up|down|gain(?:s|ed)|jump(?:s|ed)|surg(?:es|ed)|rall(?:ies"
    r"|ied)|soar(?:s|ed)|r[io]ses?|climb(?:s|ed)"
    r"|add(?:s|ed)|los(?:es|t)|f[ae]lls?|dropp?(?:s|ed)|sl[iu]des?|slid|slip(?:s|ped)|shed|tumbl(?:es|ed)"
    r"|plung(?:es|ed)|dipp?(?:s|ed)|declin(?:es|ed))"
    r" (?:by |over |about |around |nearly |roughly |a |more than )*)\d[\d.]*%| [+-]\d[\d.]*%",
    re.I,
)


def unlisted(text: str, names: AssetNames) -> frozenset[str]:
    """Symbols of coins that are in no table, which the text once calls a coin's: "OMNI token", "OMNI/USDT"."""
    said = set(_UNLISTED.findall(text))
    if not said or _SOLD.search(text):
        return frozenset()
    return frozenset(said) - names.ignored - names.symbols.keys() - _NO_COINS


#: Not "price", not "$" alone: shares and funds have both.
_UNLISTED = re.compile(r"(?<![\w$./-])\$?([A-Z][A-Z\d]{2,8})(?=/?USDT?\b|(?:['’]s)? (?:token|coin)\b)")
_NO_COINS = frozenset(
    """NFT ETF ETFS NAV WTI XAU XAG DAO API CPI GPU LNG IPO TGE ICO IDO USD EUR GBP JPY DEX CEX EPS OTC ATH ATL SEC CFTC
    OKX HTX MEXC RWA TVL DCA SMA EMA RSI MACD MACRO THE NEW LIVE SPOT GOLD OIL USA TOTAL CME CEO""".split()  # noqa: SIM905
)


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
        if subject and subject.quantity == "price" and of and text[found[-1].end : subject.start] in _OF:
            subject = replace(found.pop(), end=subject.end, asset=subject.asset, described=False)
        beside = subject and found and found[-1].quantity == "price" and text[found[-1].end : subject.start] in _BESIDE
        if beside and subject.described and not subject.asset:
            subject = replace(subject, asset=found[-1].asset)  # "XRP, the fourth-largest coin,"
        if subject:
            found.append(subject)
    return [_ahead(text, begin, subject, found) for subject in found]


def _ahead(text: str, begin: int, cap: Subject, found: list[Subject]) -> Subject:
    """ "With a market cap of $3 billion, ONDO trades at": the coin stands behind its cap."""
    if cap.quantity != "asset_market_cap" or cap.asset or not _WITH.search(text, max(begin, cap.start - 30), cap.start):
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
_BESIDE = (", ", " ,", " (", " – ", " — ", " - ")
_OF = (" of ", " of the ", " for ", " for the ")
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
            market = _A_MARKET.search(text, begin, start) and text[start - 4 : start] != "its "
            if not market or any(one.quantity != "total_market_cap" for one in found[-NEAR:]):
                return _cap(text, start, end, begin, found, topic)
        asset = match["total"] if match["total"] in ("TOTAL2", "TOTAL3") else "TOTAL2" if match["alts"] else "TOTAL"
        return Subject(start, end, "total_market_cap", asset, bare=match["bare"] is not None)
    if match["pronoun"] is not None:
        return Subject(start, end, "total_market_cap", "TOTAL", pronoun=True)
    if match["nick"] is not None:
        return Subject(start, end, "price", "BTC", described=True)
    if match["ranked"] is not None:
        asset = "" if match["later"] else "ETH" if match["second"] or match["alt"] else "BTC"
        if match["alt"] and match["second"]:
            asset = ""
        return Subject(start, end, "price", asset, described=not asset)
    if match["described"] is not None:
        said = match["described"].lower().endswith(("price", "value"))
        of_shares = said and re.search(r"\bshares?\b", text[begin:start])
        return Subject(start, end, "price", "" if of_shares else _spoken_of(found, topic), priced=said, described=True)
    if match["dominance"] is not None:
        if re.match(r"\w{3}\.D", match["dominance"], re.I):
            return Subject(start, end, "dominance", match["dominance"][:3].upper())
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
    ticker = (match["ticker"] or "").lstrip("$")
    if ticker in ("TOTAL2", "TOTAL3"):
        return None
    if ticker and names.symbols.get(ticker) != asset:
        return Subject(start, end, "other", "")  # "Bitcoin Trust (IBIT)", a company by that name
    after = text[match.end("coin") : match.end("coin") + 40]
    if (
        name in names.doubtful
        and text[start] != "$"
        and not (
            ticker
            or (len(name) > 1 and _SETTLES.match(after))
            or (len(name) > 3 and not name.isupper() and name not in _WORDS and _GAINS.match(after))
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
    since = max(begin, start - 300)
    resumed = list(_RESUMED.finditer(text, since, start))
    if resumed and found and found[0].quantity == "price" and found[0].asset:
        since = resumed[-1].end()  # "Bitcoin has passed Amazon and is the fifth asset with a market cap of"
    passed = list(_PASSED.finditer(text, since, start))
    if passed and found and found[0].quantity == "price" and found[0].asset and found[0].start < passed[-1].start():
        since = passed[-1].end()  # "Bitcoin has passed Amazon with a market cap of"
    if before.endswith("the ") and _A_MARKET.search(text, begin, start) and not re.search(r"\bof the $", before):
        return Subject(start, end, "total_market_cap", "TOTAL")  # "The crypto market rose, and the market cap reached"
    if not owned or _COMPANY.search(text, since, start):
        return Subject(start, end, "asset_market_cap", "")
    if owned["its"] and any(one.quantity in ("price", "asset_market_cap") and not one.pronoun for one in found[-NEAR:]):
        topic = ""
    if owned["its"] and not found and _COMPANY.search(text, max(0, begin - 120), begin):
        topic = ""
    the = before.endswith(("The ", "the ")) and not _A_MARKET.search(text, max(0, begin - 200), start)
    taken_up = owned["its"] or the or any(one.pronoun for one in found[-NEAR:])
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


def next_topic(subjects: list[Subject], topic: str) -> str:
    """What "it" and "the token" will mean behind this sentence."""
    named = list(dict.fromkeys(one.asset for one in subjects if one.quantity == "price" and one.asset))
    if named:
        return named[0] if len(named) == 1 else ""
    return topic


def total_before(text: str, earlier: list[Subject], pronoun: Subject, spans: list[tuple[int, int]], n: int) -> bool:
    """Whether "It" takes up a total: the sentence before, on the same line, speaks of no other amount."""
    if n == 0 or "\n" in text[spans[n - 1][1] : pronoun.start] or pronoun.start != spans[n][0]:
        return False
    return bool(earlier) and all(s.quantity == "total_market_cap" for s in earlier)


_OF_CRYPTO = re.compile(
    r"\b(?:crypto\w*|digital asset) (?:market|sector|space|industry)s?\b[^.$]{0,60}, with (?:the )?$", re.I
)


def of_the_market(text: str, earlier: list[Subject], bare: Subject) -> bool:
    """Whether a bare "total market cap" is the whole market's: crypto is spoken of just before, and its
    sentence has named no coin or other amount."""
    named = [s for s in earlier[:NEAR] if s.start < bare.start and s.quantity != "total_market_cap"]
    coins = {s.asset for s in named if s.quantity == "price"}
    if len(coins) > 1 and len(coins) == len({s.asset for s in named}) and text[bare.start - 4 : bare.start] == "the ":
        return True
    near = text[max(0, bare.start - 600) : bare.start]
    if _OF_CRYPTO.search(near):
        return True
    return not named and bool(re.search(r"\b(?:crypto|cryptocurrenc|digital[ -]asset)", near, re.I))
