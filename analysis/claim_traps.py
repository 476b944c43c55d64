"""Words around a figure that was read which say that it is no fact, or somebody else's: possibilities, conditions,
what it costs to mine a coin, amounts of a coin, other markets' dominance.

Pure; all patterns are linear. The readers of links look at the words between subject and figure; here is looked at what
stands ahead of both and behind them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from analysis.claim_followed import AT_PEAK, LEVEL, of_another, quoted_record
from analysis.claim_share import of_another_total
from analysis.links import Link, Reading

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

#: Ahead of the subject: it is a possibility, or a condition.
_SUPPOSED = re.compile(
    r"\b(?:possibility|prospects?|idea|likelihood|inevitability|debate|question|case|hopes?|fears?|risk|scenario"
    r"|prediction|projection|forecast|call|calls|talk|dreams?|warn(?:s|ed|ing)?|odds|chances?|talks) "
    r"(?:over|of|about|for|on|that) (?:(?:an?|the|its|another|one|seeing) )?$"
    r"|\bunder (?:\w+ ){1,2}conditions\b[^.;]{0,100}$"
    r"|\bpotential(?: for)? (?:(?:an?|the) )?$|\bimplied $"
    r"|\b(?:every|each|next) time(?: that)? (?:the )?$|\b(?:whenever|unless|provided(?: that)?"
    r"|assuming(?: that)?|in case"
    r"|suppose|imagine) (?:the |a )?$"
    r"|\bif\b[^.;:?]{2,80}? (?:while|and|when) (?:the )?$"
    r"|\b(?:expects?|expected|anticipat\w+|predicts|predicted|foresees?|forecasts)\b[^.;:]{0,80}, with (?:the |a )?$",
    re.I,
)
#: Ahead of the subject: the figure is of something of its, not of itself.
_OF_ITS = re.compile(
    r"\bcosts? (?:to|of|for) (?:mine|mining|produc\w+|acquir\w+|buy\w*)\b[^,;:]{0,30}$"
    r"|\b(?:moving averages?|SMA|EMA|\d+WMA\)?|max(?:imum)?[- ]pain(?: (?:point|price|level))?|neckline|fair value"
    r"|realized price|cost basis|average price|production cost|floor price)"
    r" ?\)? (?:for|of) (?:the )?$"
    r"|\b(?:open interest|volumes?|TVL|(?:in|out)flows?|supply|holdings|funding(?: rates?)?|liquidations?|activity|fees"
    r"|revenues?|addresses|stablecoins?|transactions?|exposure|hash ?rate|difficulty"
    r"|combined (?:market )?(?:value|cap))"
    r" (?:in|on|of|for) (?:the )?(?:\w+(?: \(\w+\))?(?:,|,? and) ){0,3}$",
    re.I,
)
#: "A meme coin on Solana ( SOL ), jumped": the coin is another's place.
_PLACE = re.compile(r", (?:the|an?) [^,;:$%]{2,70} on (?:the )?\w+ \( ?$")
#: Two or more of a coin, or somebody's.
_AMOUNT = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|dozens?|hundreds?|thousands?"
    r"|her|his|their|my|our|your)(?: of)? $",
    re.I,
)
_WORTH = re.compile(r"\b(?:worth|valued)\b")
#: "With XRP worth $2.30", but "stole Bitcoin worth $531,000".
_ONE = re.compile(r"\b(?:with|one|each|an?|single|1) $", re.I)
_THEIRS = re.compile(r"\b(?:value|worth|cap|capitali[sz]ation) of (?:their|its|his|her|our)\b")
#: Between the subject and the figure: still to be reached, or the way there.
_UNREACHED = re.compile(
    r"\b(?:primed|gear(?:ing|ed) up|positioned|(?:(?:getting|gets|is|looks) )?ready"
    r"|struggl\w+|trying|tries|fail(?:s|ed|ing|ure)"
    r"|poised|preparing|destined|unable|yet|took (?:[\w-]+ ){1,3}(?:years?|months?|weeks?|days?|hours?)) (?:to|for) "
    r"(?:(?!but\b|before\b|after\b|since\b|from\b|and\b|as\b|while\b|with\b)[^\s,;$%]+ ){0,9}"
    r"(?:and (?:surg|ris|rall|mov|break|push|climb)\w* "
    r"(?:\w+ ){0,3})?$"
    r"|\bgo(?:ing|es) (?:to|above|past|over|beyond|below|under|down|up|anywhere|back|near|all)"
    r"(?: (?!at\b)[\w’']+){0,3} $"
    r"|\b(?:before|until|till|long before) (?:it|we|BTC|bitcoin|the price) (?:ever )?(?:hits|reaches|goes|gets|sees"
    r"|touches|tops|falls"
    r"|drops|rises|crosses)\b[^$;:.]{0,30}$"
    r"|\b(?:journey|road|path|way|route|march|quest|bid|target|cost|costs) (?:to|of|back to) (?:the )?$"
    r"|\bclose to (?:reach|hitt|break|sett|test)ing (?:its|the|an?) (?:[\w-]+ ){0,3}"
    r"(?:highs?|record|ATH) (?:of |at |near |around ){0,2}$"
    r"|\bnew (?:price )?milestone, the (?:first|next)\b",
    re.I,
)
#: By so much, not so far: "dipped over $1,000", "shed over $100 billion".
_FELL_OVER = re.compile(
    r"\b(?:dipp?(?:s|ed|ing)|f[ae]ll(?:s|ing|en)?|dropp?(?:s|ed|ing)|slid(?:es)?|slipp?(?:s|ed|ing)|loses?|losing|lost"
    r"|tumbl(?:es|ed)|down) over $",
    re.I,
)
_TAKEN_OFF = re.compile(
    r"\b(?:eras(?:e|es|ed|ing)|wip(?:e|es|ed|ing)(?: (?:out|off|away))?|shed(?:s|ding)?"
    r"|los(?:e|es|t|ing)|add(?:s|ed|ing)?"
    r"|gain(?:s|ed|ing)?|attract(?:s|ed|ing)?|dropp?(?:s|ed)?) "
    r"(?:(?:more than|over|about|around|nearly|almost|roughly|another|up to|a whopping|an? \w+|some) ){0,2}$",
    re.I,
)
#: Behind the figure: what is said of it is that it is far off, or one of several marks.
_DENIED = re.compile(
    r" (?:(?:mark|level|milestone|threshold)s? )?(?:in the \w+ \w+ )?(?:remains?|is|are|seems?|felt"
    r"|feels|looks?|appears?|would be"
    r"|isn[’']t|wasn[’']t) (?:(?:still|considered|highly|very|more|most|a|an|not|far|too|deemed|seen as|simply) ){0,3}"
    r"(?:un(?:likely|certain|realistic|feasible|attainable)|improbable|impossible|possible|likely"
    r"|plausible|feasible|bullish"
    r"|bearish|needed|required|stretch|inevitable|within reach|out of reach|far-fetched|speculative|off the table)\b"
    r"| [“\"‘']?(?:can(?:[’']t|not) be ruled out)"
    r"|,? (?:Still |Is |Looks )?(?:Possible|Likely|Bullish|Bearish|Unlikely)\b"
    r"|,? (?:and )?\$\d[\d,.]*\d?[KkMm]?,? and \$\d",
    re.I,
)
_BY_MONTH = re.compile(
    rf" (?:mark |level )?by (?:the end of |early |mid-|late |end of )?(?P<month>{'|'.join(_MONTHS)})\b(?! ?\d)"
)
#: Behind a move: of another pair, or of what a company holds.
_OTHER_MOVE = re.compile(
    r"(?: \w+){0,3} (?:against|versus|vs\.?) (?:(?:its|the|their) )?(?:\$?BTC|\$?ETH|Bitcoin|Ether(?:eum)?"
    r"|\d(?![\d.,]* ?%)|all-time|lows?|low"
    r"|record|recent)\b|(?: \w+){0,2} (?:in|of) (?:Bitcoin|BTC|ETH|Ether) per\b|[^.;$]{0,40}\b[EPT]H/s"
)
#: What else rises and falls beside a coin, and is compared with it.
_ELSE = (
    r"(?:CoinDesk(?: (?:\d+|Market|Memecoin|Smart Contract|DeFi|Computing))?(?: Index)?|CD20|S&P(?:[ -]500)?"
    r"|Nasdaq(?:[- ](?:100|Composite))?|Dow(?: Jones(?: Industrial Average)?)?|Nikkei(?: 225)?"
    r"|FTSE(?: 100)?|DAX|S?toxx(?: (?:50|600))?|Hang Seng|K[Oo][Ss][Pp][Ii]|Russell(?: 2000)?|MSCI \w+|DXY|VIX"
    r"|(?<!digital )(?<!Digital )[Gg]old|[Ss]ilver|[Pp]latinum|[Pp]alladium|[Cc]opper|[Oo]il|[Cc]rude|Brent|WTI"
    r"|[Ee]quities"
    r"|[Ss]tocks?|[Ss]hares|[Bb]onds|[Tt]reasur(?:y|ies)|(?:[Dd]ollar |[Ss]tock )?[Ii]ndex|[Uu]\.?S\.? dollar|dollar"
    r"|greenback"
    r"|euro|yen|yuan|pound|peso|lira|Tesla|Nvidia|Apple|Amazon|Microsoft|Alphabet|Meta|Google|Coinbase|MicroStrategy"
    r"|Strategy"
    r"|Robinhood|Metaplanet|Marathon(?: Digital)?|Riot(?: Platforms)?|Galaxy(?: Digital)?|Circle|MSTR|COIN)"
)
_ROSE_OR_FELL = (
    r"(?:is|was|are|were|up|down|ros?e|rises?|rising|gain(?:s|ed|ing)?|add(?:s|ed|ing)?|climb(?:s|ed|ing)?|jump(?:s"
    r"|ed|ing)?"
    r"|advanc(?:es?|ed|ing)|rall(?:y|ies|ied|ying)|surg(?:es?|ed|ing)|soar(?:s|ed|ing)?|f[ae]ll(?:s|en|ing)?"
    r"|los(?:es?|t|ing)|dropp?(?:s|ed|ing)?"
    r"|sl[iu]d(?:es?|ing)?|slipp?(?:s|ed|ing)?|shed(?:s|ding)?|declin(?:es?|ed|ing)|dipp?(?:s|ed|ing)?|tumbl(?:es?"
    r"|ed|ing)"
    r"|s[ai]nk(?:s|ing)?|plung(?:es?|ed|ing)|edg(?:es?|ed|ing)|tick(?:s|ed|ing)?|inch(?:es|ed|ing)|higher|lower|has"
    r"|have|had"
    r"|returned|retreat(?:s|ed|ing)?|clos(?:es?|ed|ing)|finish(?:es|ed|ing)|end(?:s|ed|ing))"
)
#: Directly before a move, and behind it: it is an index's, a metal's, a share's.
_MOVE_OF_ELSE = re.compile(
    rf"\b{_ELSE}(?:['’]s?(?: (?:own|mere|meager|modest|[a-z-]+ly))?|(?:,? (?:which"
    rf"|that))? (?:[a-z]+ly )?(?:{_ROSE_OR_FELL} ){{1,3}})"
    rf"(?:(?:by|at|with|an?|about|around|roughly|nearly|almost|some|over|more than|just|only|under"
    rf"|less than) ){{0,3}} ?[+-]?$"
)
_MOVE_FOR_ELSE = re.compile(
    rf" (?:(?:[a-z-]+ ){{0,2}}(?:gains?|rise|advance|increase|rally|jump|climb|returns?|surge|drop|decline|fall|loss"
    rf"|slide|dip|slump)"
    rf"(?: (?:[a-z-]+ ){{0,3}})?)? ?(?:for|in|by|of|on) (?:(?:the|its|spot|broader|tech-heavy|benchmark|blue-chip"
    rf"|U\.?S\.?|global|Asian"
    rf"|European|physical|Chinese|Japanese|American) ){{0,3}}{_ELSE}(?![\w-])(?! (?:cross|options))"
)
_OTHER_DOMINANCE = re.compile(
    r"\b(?:[Ss]ocial|TVL|DeFi|DEX|NFTs?|stablecoins?|Tether|USDT|[Ll]ayer[- ](?:1|2|one|two)|L[12]|staking|RWA"
    r"|tokeniz\w+)\b"
)
_BY = re.compile(
    r"\b(?:by|another|additional|further)"
    r"(?: (?:about|around|over|more than|nearly|almost|roughly|some|an?|up to)){0,2} $"
)
_SINCE = datetime(2018, 1, 1, tzinfo=UTC)


def no_fact(link: Link, reading: Reading) -> bool:
    """Whether the words ahead of subject and figure, or behind them, make what was read no claim."""
    text, subject, figure = link.text, link.subject, link.figure
    first = min(subject.start, figure.start)
    ahead = text[max(link.begin, first - 110) : first]
    if not figure.percent:
        told = reading.quantity == "price" and quoted_record(link, reading.when)
        told = told or (reading.when.modality == "current" and AT_PEAK.search(ahead))
        if told or LEVEL.search(link.words) or (figure.exponent >= 6 and of_another(link)):
            return True
    if _SUPPOSED.search(ahead) or _OF_ITS.search(ahead) or _PLACE.search(ahead):
        return True
    words = text[first : figure.start][-160:]
    if _UNREACHED.search(words) or _DENIED.match(text, figure.end, min(link.end, figure.end + 90)):
        return True
    if reading.quantity == "price":
        amount = _WORTH.search(words) and _AMOUNT.search(ahead[-12:])
        held = link.words == " worth " and not _ONE.search(ahead)
        return bool(amount or held or _FELL_OVER.search(words) or _by_then(link, reading))
    if reading.quantity == "dominance":
        return _other_dominance(link, reading, words, ahead)
    if reading.quantity in ("total_market_cap", "asset_market_cap"):
        small = reading.asset == "TOTAL" and reading.value < 8e10 and (reading.when.start or _SINCE) >= _SINCE
        return bool(
            small or _TAKEN_OFF.search(text[max(link.begin, figure.start - 45) : figure.start]) or _THEIRS.search(words)
        )
    if _OTHER_MOVE.match(text, figure.end, min(link.end, figure.end + 70)):
        return True
    if reading.quantity == "pct_change" and (
        _MOVE_FOR_ELSE.match(text, figure.end, min(link.end, figure.end + 90))
        or _MOVE_OF_ELSE.search(text[max(link.begin, figure.start - 90) : figure.start])
    ):
        return True
    return bool(re.search(r"\d ?% to $", text[max(link.begin, figure.start - 12) : figure.start]))


def _by_then(link: Link, reading: Reading) -> bool:
    """ "To $150,000 by August", said in May."""
    month = _BY_MONTH.match(link.text, link.figure.end, min(link.end, link.figure.end + 50))
    if month is None or link.written.at is None or reading.when.modality != "current":
        return False
    return 0 < (_MONTHS.index(month["month"]) + 1 - link.written.at.month) % 12 <= 7


def _other_dominance(link: Link, reading: Reading, words: str, ahead: str) -> bool:
    """Whether a share is of another market than the whole, or a change of it."""
    if of_another_total(link) or re.search(r"\bseen (?:at|falling|rising|reaching|hitting|dropping) ", words):
        return True
    if _BY.search(words) or re.search(r"\b[Ss]ocial(?: media)? $", ahead):
        return True
    since = reading.when.start or link.written.at
    low, high = {"BTC": (30, 100), "ETH": (4, 40)}.get(reading.asset, (0, 12))
    if since and since >= _SINCE and not low <= reading.value <= high:
        return True
    near = max(link.begin, link.figure.start - 300), min(link.end, link.figure.end + 200)
    if reading.asset in ("USDT", "USDC"):
        return bool(re.search(r"\bof (?:the |all )?stablecoin", link.text[near[0] : near[1]]))
    return reading.asset != "BTC" and bool(_OTHER_DOMINANCE.search(link.text, *near))
