"""Figures whose subject stands behind them: "now trading at $2,600, Ethereum", "the $4 trillion crypto market"."""

from __future__ import annotations

import re
from dataclasses import replace

from analysis import claim_words as words_of
from analysis.claim_levels import SAYS, dated_extreme
from analysis.claim_plain import is_plain
from analysis.claim_when import of_an_event, stated_for
from analysis.claim_words import comparator_of
from analysis.figures import parse_number, parse_percent
from analysis.links import Link, Reading
from analysis.subjects import coin_ahead


def read_behind(link: Link) -> Reading | None:
    """What a figure says of a subject behind it; the link's own subject is empty, ``following`` are those behind."""
    if link.asked:
        return None
    if link.figure.exponent >= 6:
        return _total_behind(link) or _cap_ahead(link)
    return _per_coin(link) or _leading(link)


_LEADING = re.compile(
    r"(?:^|\b(?:Currently|Now|now|currently) |[.!?:] )(?:Currently |Now )?(?:[Tt]rading|[Pp]riced|[Vv]alued"
    r"|[Cc]hanging hands|[Hh]overing|[Ss]itting)"
    rf" (?:just )?(?:at|near|around|for|above|below|over|under)(?: {words_of.ABOUT})? $"
)


#: "With the recent surge to a new high above $123,000, BTC …".
_MOVED = re.compile(
    rf"^(?:With|After|Following|Despite|Amid) (?:(?:the|its|a|an|this|today['’]s|recent|latest|brief|sharp"
    rf"|strong|price"
    rf"|briefly) ){{0,4}}"
    rf"(?:surge|jump|rally|drop|fall|dip|rise|climb|decline|plunge|move|breakout|push|rebound|hitting|reaching"
    rf"|touching"
    rf"|climbing|surging|soaring|falling|dropping|dipping|rising|rebounding|trading|crossing|breaking|surpassing"
    rf"|slipping)"
    rf" (?:(?:back|to|at|above|below|past|over|near|around|under|a|an|new|fresh|as high as|as low as|all-time high"
    rf"|record|high|low|of|\(ATH\)|the|{words_of.ABOUT}) )*$"
)


_AT = re.compile(rf"At (?:a |the )?(?:(?:current|live|present) )?(?:price of )?(?:{words_of.ABOUT} )?")
#: "…, and at $0.12 the token is".
_AT_THIS = re.compile(rf"(?:^|[,;:.] )(?:and |but |while |yet )?(?:now )?[Aa]t (?:{words_of.ABOUT} |just )?$")
_VERB = re.compile(r",? (?:now |still |currently )?(?:is|was|has|had|remains?|trades|looks|sits|stands)\b")
#: Directly before the coin that heads the main clause.
_UP_TO = re.compile(r",”? (?:the (?:price of )?|however,? |though,? |meanwhile,? )?$")
_CLAUSE = re.compile(
    r"(?:^|[.!?:] |^(?:Indeed|However|Meanwhile|Notably|Then|Still|Yet|But|And|Now|Earlier),? )"
    r"(?:[Aa]fter|[Ff]ollowing|[Dd]espite|[Ss]ince|[Ww]ith|[Hh]aving|[Uu]pon|[Ee]ven after|[Ss]hortly after"
    r"|[Jj]ust after)"
    r" (?:[\w’'()/.-]+,? ){1,16}$"
)


def _clause_ahead(link: Link) -> bool:
    """ "After a brief dip below $…, (Bitcoin)": what moved is said behind."""
    ahead = link.text[max(link.begin, link.figure.start - 110) : link.figure.start]
    clause = _CLAUSE.search(ahead)
    if not clause or link.figure.start - link.begin > 140:
        return False
    words = clause[0].lstrip(".!?: ")
    if words_of.UNREAL.search(words) or words_of.FROM.search(words) or not is_plain(" " + words.partition(" ")[2]):
        return False
    return bool(words_of.PRICE_VERB.search(words) or SAYS.search(words))


def _leading(link: Link) -> Reading | None:
    """ "Now trading at $2,600, Ethereum …": the coin stands behind its price."""
    if link.figure.exponent not in (-2, 0, 3):
        return None
    ahead = link.text[max(link.begin, link.figure.start - 100) : link.figure.start]
    moved = _MOVED.search(ahead) if link.figure.start - link.begin <= 100 else None
    begun = moved or _LEADING.search(ahead[-60:]) or (_AT.fullmatch(ahead) and link.figure.start - link.begin < 40)
    begun = begun or _clause_ahead(link)
    subject = next((one for one in link.following if one.quantity == "price"), None)
    near = _AT_THIS.search(ahead[-40:]) and subject and link.text[link.figure.end : subject.start] == " "
    if near and _VERB.match(link.text, subject.end):
        begun = True
    if not begun or subject is None or not subject.asset or words_of.ABSENT_AFTER.match(link.after):
        return None
    between = link.text[link.figure.end : subject.start]
    if not (near or _UP_TO.search(between)) or len(between) > 110 or "$" in between or words_of.UNREAL.search(between):
        return None
    parsed = parse_number(link.figure.number, link.figure.exponent)
    if not parsed or parsed[0] <= 0:
        return None
    comparator = comparator_of(ahead[-40:]) or "eq"
    told = replace(link, subject=replace(link.subject, start=link.begin, end=link.begin))
    extreme = dated_extreme(link.text, link.begin, link.figure.start, link.figure.end, link.end, link.written)
    when = extreme[1] if extreme else stated_for(told)
    if when is None:
        return None
    when = of_an_event(told, when)
    return Reading("price", subject.asset, *parsed, comparator, when)


#: Before a coin: it is but compared with.
_ANOTHERS = re.compile(
    r"\b(?:past|over|above|behind|than|surpass\w*|overtak\w*|flip\w*|topp\w*|pass(?:es|ed|ing)) (?:the )?$", re.I
)


def _owned(link: Link) -> bool:
    """ "Bitcoin's $2 trillion"."""
    since = (
        link.subject.end - 2 if link.text[link.subject.end - 2 : link.subject.end] in ("'s", "’s") else link.subject.end
    )
    return bool(_OWNED.fullmatch(link.text, since, link.figure.start))


_OWNED = re.compile(rf"['’]s? (?:(?:current|own|massive|whopping) )?(?:{words_of.ABOUT} )?")
_SAID = re.compile(r"\b(?:market[ -]?cap(?:itali[sz]ation)?|valuation)\b", re.I)
_VALUATION = re.compile(r" (?:market )?valuation\b(?! (?:target|by|if|goal))")
_CLOSES = re.compile(r"[.,;)]|$")
_VALUED = re.compile(
    rf"(?:,? (?:a|an|the|which|who|known|once|now) [^;:]{{5,110}},)?,? (?:which |that )?"
    rf"(?:(?:is|was|now|currently|alone|itself|today|still) )*"
    rf"(?:valued at|(?<=is )worth|(?<=was )worth|(?<=now )worth) "
    rf"(?:(?:{words_of.ABOUT}|under|less than|only|just) ){{0,2}}"
)


def read_cap_behind(link: Link) -> Reading | None:
    """ "Bitcoin, with a $2.1 trillion market cap": the words of the cap stand behind the figure."""
    behind = _CAP_BEHIND.match(link.after)
    if link.figure.exponent >= 9 and not behind and _owned(link):
        said = _SAID.search(link.text, max(link.begin, link.subject.start - 200), link.subject.start)
        behind = _VALUATION.match(link.after) or (said and _CLOSES.match(link.after))
    if link.figure.exponent >= 9 and not behind and _VALUED.fullmatch(link.words):
        whose = "" if link.subject.asset in ("BTC", "ETH") else r"(?:[A-Z]\w+['’]s )?"
        heads = re.search(rf"(?:^|[,;:] |\b(?:and|while|with|as) )(?:the )?{whose}$", link.before)
        behind = heads and re.compile("").match(link.after)
    if not behind or not link.subject.asset or link.figure.exponent < 6:
        return None
    valued = _VALUED.fullmatch(link.words)
    if not valued and not is_plain(link.words) and not (_WITH_A.search(link.words) and len(link.words) < 130):
        return None
    owned = _owned(link)  # a cap that is spoken of as given, whatever is said of it
    if not owned and (words_of.UNREAL.search(link.words) or words_of.SUPPOSED.search(link.before) or link.asked):
        return None
    if not owned and _ANOTHERS.search(link.before):
        return None
    if re.search(r"\b(?:gold|compan|firm|ETF|treasur|holding)", link.before + link.words, re.I):
        return None
    parsed, when = parse_number(link.figure.number, link.figure.exponent), stated_for(link)
    if not parsed or when is None:
        return None
    end = link.figure.end + behind.end()
    comparator = comparator_of(link.tail) or "eq"
    return Reading("asset_market_cap", link.subject.asset, *parsed, comparator, when, end=end)


#: "…, up 2% today, with a (market cap of its own)".
_WITH_A = re.compile(
    rf"^(?:(?!\b(?:could|would|will|may|might|if)\b)[^;:!?]){{0,110}},? (?:with|at|boasts|boasting|holding"
    rf"|carrying|has) (?:an?|its)"
    rf"(?: (?:{words_of.ABOUT}|total|current)){{0,2}} $"
)
_CAP_BEHIND = re.compile(
    r"\+? (?:in )?(?:total )?market[ -]?(?:cap(?:itali[sz]ation)?|valuation)\b(?! (?:target|by|level|if|goal))"
)


_MARKET_BEHIND = re.compile(
    r" (?:(?:total|global|overall) )?(?:crypto(?:currency)?|digital[ -]assets?) (?:market|industry"
    r"|sector)(?: cap(?:itali[sz]ation)?)?\b(?! (?:share|by|if))"
)
_ARTICLE = re.compile(
    r"\b(?:[Tt]he|[Aa]n?|[Tt]his|[Tt]oday['’]s) (?:(?:over|roughly|now|nearly|current|massive|entire|approximately) )?$"
)


def _total_behind(link: Link) -> Reading | None:
    behind = _MARKET_BEHIND.match(link.after)
    before = link.text[max(link.begin, link.figure.start - 100) : link.figure.start]
    if not behind or not _ARTICLE.search(before[-30:]) or link.figure.exponent != 12:
        return None
    given = re.search(r"\b(?:[Tt]he|[Tt]his|[Tt]oday['’]s) (?:\w+ )?$", before)
    if not given and (
        words_of.UNREAL.search(before) or re.search(r"\b(?:to|become|becoming|into|toward) an? $", before)
    ):
        return None
    parsed, when = parse_number(link.figure.number, link.figure.exponent), stated_for(link)
    if not parsed or when is None:
        return None
    end = link.figure.end + behind.end()
    return Reading("total_market_cap", "TOTAL", *parsed, comparator_of(before) or "eq", when, end=end)


_WITH = re.compile(
    r"\b(?:(?:[Ww]ith|At|[Bb]oasting|[Hh]aving|Despite) (?:a|an|its)|At) (?:(?:current|total|live|over|roughly"
    r"|nearly) )?$"
)


def _cap_ahead(link: Link) -> Reading | None:
    behind = _CAP_BEHIND.match(link.after)
    before = link.text[max(link.begin, link.figure.start - 100) : link.figure.start]
    if not behind or not _WITH.search(before[-40:]) or words_of.UNREAL.search(before):
        return None
    coin = coin_ahead(link.text, link.figure.end + behind.end(), [s for s in link.following if s.quantity == "price"])
    parsed = parse_number(link.figure.number, link.figure.exponent)
    if coin is None or not parsed or _HELD.search(link.text, max(link.begin, coin.start - 600), coin.start):
        return None
    end = link.figure.end + behind.end()
    comparator = comparator_of(before[-30:]) or "eq"
    return Reading("asset_market_cap", coin.asset, *parsed, comparator, link.written.now, end=end)


_HELD = re.compile(r"\b(?:gold|compan|firm|ETF|treasur|holding|stock)", re.I)
_SHARE_BEHIND = re.compile(r" (?:market )?(?:share|dominance)\b(?=,)")


def read_share_ahead(link: Link) -> Reading | None:
    """ "With a 9% market share, Ethereum"."""
    behind = _SHARE_BEHIND.match(link.after)
    before = link.text[max(link.begin, link.figure.start - 80) : link.figure.start]
    if not behind or link.asked or not re.search(r"\b[Ww]ith\b", before) or words_of.UNREAL.search(before):
        return None
    coins = [one for one in link.following if one.quantity == "price"]
    coin = coin_ahead(link.text, link.figure.end + behind.end(), coins)
    parsed = parse_percent(link.figure.number)
    if coin is None or coin.asset not in ("BTC", "ETH") or not parsed or not 0 < parsed[0] <= 100:
        return None
    comparator = comparator_of(before[-30:]) or "eq"
    return Reading("dominance", coin.asset, *parsed, comparator, link.written.now, end=link.figure.end + behind.end())


_PER = re.compile(r" (?:per|for one|for a single|for each|a) $")
_PRICE_OF = re.compile(rf"\bcurrent (?:market |spot |trading )?(?:price|rate|value) of (?:{words_of.ABOUT} )?$")


def _per_coin(link: Link) -> Reading | None:
    """ "At the current market price of $107,000 per Bitcoin"."""
    before = link.text[max(link.begin, link.figure.start - 60) : link.figure.start]
    coin = link.following[0] if link.following else None
    if coin is None or coin.quantity != "price" or not coin.asset or not _PRICE_OF.search(before):
        return None
    parsed = parse_number(link.figure.number, link.figure.exponent)
    if not parsed or not _PER.fullmatch(link.text, link.figure.end, coin.start):
        return None
    return Reading("price", coin.asset, *parsed, comparator_of(before) or "eq", link.written.now)
