"""Which way a percentage says something moved, and which words around it say so."""

from __future__ import annotations

import re

from analysis import claim_words as words_of
from analysis.links import Link

_UP = (
    r"rises?|rose|risen|rising|gain(?:s|ed|ing)?|climb(?:s|ed|ing)?|jump(?:s|ed|ing)?|surg(?:e|es|ed|ing)"
    r"|soar(?:s|ed|ing)?|rall(?:y|ies|ied|ying)|advanc(?:e|es|ed|ing)|add(?:s|ed|ing)?|increas(?:e|es|ed|ing)"
    r"|gr(?:ew|own|ows?|owing)|spik(?:e|es|ed|ing)|pump(?:s|ed|ing)?|rebound(?:s|ed|ing)?|recover(?:s|ed|ing"
    r"|y)?|bounc(?:e|es|ed|ing)|skyrocket(?:s|ed|ing)?|appreciat(?:ed|ing|ion)|explod(?:ed|ing)|up|higher"
    r"|uptick|upswing|upside|upsurge|leap(?:s|ed|t)?|popp?(?:ed)?|rocket(?:s|ed|ing)|swell(?:ed)?|uptrend"
    r"|growth|rallied|returned|green|positive|shot|shooting|shoots|ripp(?:ed|ing)|rips|zoom(?:s|ed|ing)"
    r"|balloon(?:s|ed|ing)|vault(?:s|ed|ing)|strengthen(?:s|ed|ing)|blast(?:s|ed|ing)|moon(?:ed|ing)|mushroomed"
    r"|catapult(?:s|ed|ing)|returning|returns?|ROI|upside move|expand(?:s|ed|ing)|improv(?:es|ed|ing)|upward"
    r"|pops|popping|rocket|swells|swelling|zoom|explodes?|gallop(?:s|ed|ing)|roar(?:s|ed|ing)|sprint(?:s|ed|ing)"
    r"|rac(?:es|ed|ing)"
    r"|bolt(?:s|ed|ing)|catapults|moons|fl(?:ies|ew|ying)|boom(?:s|ed|ing)|burst(?:s|ing)|power(?:s|ed|ing)"
    r"|storm(?:s|ed|ing)"
    r"|spr(?:ings|ang|inging)|hik(?:es|ed|ing)|firm(?:ed|ing)|perk(?:s|ed|ing)|appreciates|shoot|mushroom(?:s|ing)"
    r"|tack(?:s|ed|ing)|rack(?:s|ed|ing)"
    r"|pil(?:es|ed|ing)|march(?:es|ed|ing)|leaping|leapfrogs|charg(?:es|ed|ing)|claw(?:s|ed|ing)|tore|tear(?:s|ing)"
    r"|snapp?(?:s|ed) back"
)
_DOWN = (
    r"f[ae]ll(?:s|en|ing)?|drop(?:s|ped|ping)?|declin(?:e|es|ed|ing)|los(?:t|e|es|ing|s|ses)|slid(?:e|es"
    r"|ing)?|slip(?:s|ped|ping)?|dip(?:s|ped|ping)?|tumbl(?:e|es|ed|ing)|plung(?:e|es|ed|ing)|crash(?:es|ed"
    r"|ing)?|s[iau]nk(?:s|ing)?|shed(?:s|ding)?|decreas(?:e|es|ed|ing)|retreat(?:s|ed|ing)?|correct(?:ed|ing"
    r"|ion)|plummet(?:s|ed|ing)?|crater(?:s|ed|ing)|depreciat(?:ed|ing|ion)|down|lower|pull(?:ed)?[- ]?backs?"
    r"|pulling back|retrac(?:ed|ing|ement|ements)|dump(?:s|ed|ing)?|shrank|collaps(?:e|es|ed|ing)"
    r"|contract(?:ed|ing)|weaken(?:ed|ing)|slump(?:s|ed|ing)?|nosediv(?:e|ed|ing)|downturn|drawdown|sell-?off"
    r"|downtick|eased|red|negative|given up|gave up|tank(?:s|ed|ing)|easing|erod(?:es|ed|ing)|crumbl(?:es|ed|ing)"
    r"|bled|bleed(?:s|ing)|cool(?:s|ed|ing)|shrink(?:s|ing)|shrunk|trimm(?:ed|ing)|eras(?:ed|ing)|wip(?:ed|ing) out"
    r"|stumbl(?:es|ed|ing)|downswing|selling off|sold off|downward|slash(?:ed|ing)|shav(?:ed|ing)|capitulated"
    r"|craters|depreciates|retraces|contracts|weakens|nosedives?|eases|erode|crumble|bled|trims|erases|stumble"
    r"|slashes|shaves|capitulates"
    r"|div(?:es|ed|ing)|dove|sag(?:s|ged|ging)?|dwindl(?:es|ed|ing)|implod(?:es|ed|ing)|melt(?:s|ed|ing)|buckl(?:es"
    r"|ed|ing)|skid(?:s|ded|ding)?"
    r"|swoon(?:s|ed|ing)?|wilt(?:s|ed|ing)?|giv(?:es|ing) (?:up|back)|gives|gave|giving|fad(?:es|ed|ing)|softened"
    r"|buckled|corrects"
)
_MOVE = re.compile(rf"(?:(?P<up>{_UP})|(?P<down>{_DOWN}))", re.I)
_HEDGE = frozenset(
    """by of about around roughly approximately nearly almost close over more than at least some just only
    another additional a an further modest slight slightly mere as much up down back higher lower sharply steeply
    its value in price solid whopping massive impressive staggering healthy notable significant respectable strong
    under less below near total hefty steep sharp further also now exactly even daily weekly monthly well extra
    cumulative circa exceeding upwards significantly dramatically rapidly quickly yet small minor considerable between
    meager meagre tiny paltry astonishing eye-watering remarkable dramatic even again whole full rough solidly
    modestly marginally moderately moderate bigger larger smaller deeper noticeable stronger lesser short-term
    double-digit triple-digit single-day intraday one-day two-day three-day 24-hour seven-day 30-day price combined
    clocking posting registering : swift rapid explosive bullish bearish even-larger broad decent marginal
    """.split()  # noqa: SIM905
)
_RISES = (
    r"increases?|gains?|rises?|jump|surge|rally|climb|spike|pump|rebound|recovery|uptick|upswing|advance|growth|bounce"
    r"|upsurge|appreciation|leap|upside|upward move(?:ment)?|bump|boost|run|run-up|returns?|ROI|uptrend|lift"
    r"|(?:leg|move|push|ride) (?:up|higher)|expansion|rip|bull run"
)
_FALLS = (
    r"drops?|declines?|falls?|loss(?:es)?|dips?|slide|plunge|correction|crash|pull-?back|retracement|retrace|retreat"
    r"|slump|decrease|tumble|sell-?off|downturn|slip|downtick|depreciation|dive|downswing|reduction|drawdown|downtrend"
    r"|nosedive|(?:leg|move) (?:down|lower)|downward move(?:ment)?|drop-off|haircut|washout|hit"
)
_NOUNS = rf"(?:(?P<up>{_RISES})|(?P<down>{_FALLS}))"
#: A move's noun behind the coin: "a 5% Bitcoin drop".
NOUN = re.compile(rf"(?:['’]s)? (?:price )?{_NOUNS}\b")
#: A move's noun before its figure: "a drop of 5%".
NOUN_OF = re.compile(rf"\b(?:{_RISES}|{_FALLS}) of (?:{words_of.ABOUT} )?$")
_NOUN_AFTER = re.compile(
    r"[ -](?:in )?(?P<adj>(?:(?:daily|weekly|monthly|yearly|annual|intraday|price|24-hour|7-day|30-day|single-day"
    r"|one-day|overnight|"
    r"sharp|modest|slight|steep|such|day|week|month|year|hourly|one-week|one-month|weekend|year-to-date|YTD"
    r"|year-over-year|"
    r"massive|impressive|strong|solid|quick|brief|minor|small|additional|net|sudden|recent|further|swift"
    r"|significant|notable|remarkable|dramatic|explosive|healthy|respectable|parabolic|rapid|short-term|market"
    r"|single-session|percentage|value|cumulative|combined|hefty|marginal|moderate|total|early|pre-market|bullish"
    r"|bearish|relief|vertical|stellar|local|fresh|new|quarterly|quarter|mid-week|midweek|weeklong|\d{1,2}[hd]|daytime|"
    r"upward|downward|overall|24h|24-hours?|hour|day-over-day|\w{1,8}-(?:hour|day|week|month|year)) ){0,3})"
    rf"(?P<noun>{_NOUNS})\b"
    r"(?! ?:)(?! (?:in|of|on) (?:trading|volume|open|its (?!price|value)|inflows|the (?:number|supply)|invest|assets"
    r"|capital|equity))"
    r"|(?P<adverb> (?:(?P<higher>higher|dearer|firmer|up\b(?! to)|in the green|(?:more|above)(?= than (?:the|a|one|on"
    r"|yesterday|last|it was|24)))"
    r"|(?P<lower>lower|cheaper|weaker|softer|down|in the red"
    r"|less(?= than (?:the|a|one|on|yesterday|last|it was|24))))(?=$"
    r"|[,.;:)—–]"
    r"| (?:to (?:\$ ?(?=\d)|a |about|around|near|nearly|over|just|trade|reach)"
    r"|over|in|on|at|from|since|this"
    r"|today|yesterday|last|by|so far|overall|following|despite|and|but|while"
    r"|compared|as|for|during|"
    r"within|after|amid|year|week|month|with|than (?:yesterday|a|last|it was|the (?:day|week|month|year|prev|prior)"
    r"|on|one|24))\b))"
)


def move_of(link: Link) -> tuple[int, int, int] | None:
    """Direction, where its words begin, and where the noun behind the figure ends (0 without one)."""
    figure, text = link.figure, link.text
    start = max(link.begin, figure.start - 75, link.last_end)
    after = _NOUN_AFTER.match(text, figure.end, min(link.end, figure.end + 60))
    if after and not after["adverb"]:
        if re.search(r"\b(?:near|at|above|below|around|to|past) the $", text[start : figure.start]):
            return None  # "the 23.6% retracement"
        direction = 1 if after["up"] else -1
        if figure.sign and figure.sign != direction:
            return None
        return direction, figure.start, after.end()
    if figure.sign:
        return figure.sign, figure.start, 0
    before = text[start : figure.start]
    if link.last is not None and link.last.direction and _SHARED.fullmatch(before):
        return link.last.direction, figure.start, 0
    if follows_on(link):
        return link.last.direction, figure.start, 0
    lifted = _LIFTED.search(link.before[-30:])
    way = re.fullmatch(rf" (?:(?P<way>up|down|higher|lower) )?(?:by )?(?:another )?(?:{words_of.ABOUT} )?", link.words)
    if lifted and way:
        behind = after and (1 if after["higher"] else -1)
        said = (1 if way["way"] in ("up", "higher") else -1) if way["way"] else behind
        own = 1 if lifted["up"] else -1 if lifted["down"] else 0
        if said or own:
            return said or own, figure.start, after.end() if after else 0
    anchor = figure.start
    if part := _FRACTION.search(before):
        anchor, before = start + part.start(), before[: part.start()]
    if off := _OFF.search(before):
        return -1, start + off.start("off"), 0
    for token in list(re.finditer(r"[^\W\d_][\w'’-]*|[~≈]|[^\s\w]", before))[:-10:-1]:
        move = _MOVE.fullmatch(token[0])
        if move and not (
            token[0].lower() in ("up", "down", "higher", "lower", "back") and _verb_before(before, token.start())
        ):
            direction = 1 if move["up"] else -1
            return direction, start + token.start(), 0
        if token[0] == "hit" and before[token.end() : token.end() + 4] == " of ":
            return -1, start + token.start(), 0  # "took a hit of"
        said = token[0].lower() in _HEDGE or token[0] in "~≈"
        if token[0] == "-" or not (said or _ADJECTIVE.search(before, 0, token.end())):
            break
        anchor = start + token.start()
    if after:
        return (1 if after["higher"] else -1), anchor, after.end()
    if phrase := _PHRASE.search(before):
        return (1 if phrase["up"] else -1), start + phrase.start(), 0
    if total := _TOTALLED.search(before):
        return (-1 if total["loss"] else 1), start + total.start(), 0
    return None


#: "Fell by a third, or 33%": the fraction says nothing more.
_FRACTION = re.compile(
    rf"(?:\bby )?(?:{words_of.ABOUT} )?\b(?:an?|one|two|three)[- ]"
    r"(?:half|thirds?|quarters?|fifths?|sixth|seventh|eighth"
    r"|ninth|tenths?)(?: of (?:its|their) (?:value|price|worth))?(?:,| –| —)?(?: or,?| \(| )? ?"
    rf"(?:{words_of.ABOUT} )?$"
)
#: "XRP was off 5%", "Ether, XRP Off 6%": down, directly behind a coin or "is".
_OFF = re.compile(
    rf"(?:^|[,(–—]|\b(?:is|are|was|were|still|now)|\b[A-Z]\w*[a-rt-zA-Z\d]) (?P<off>[Oo]ff)"
    rf" (?:by )?(?:{words_of.ABOUT} )?$"
)
#: Verbs of two words.
_PHRASE = re.compile(
    r"\b(?:(?P<up>(?:put(?:s|ting)?|tack(?:s|ed|ing)|pil(?:es|ed|ing)) on|notch(?:es|ed|ing) up|bounc(?:es|ed"
    r"|ing) back)"
    r"|(?:pull(?:s|ed|ing) back|s(?:ells|elling|old) off|g(?:ives|iving|ave|iven) (?:up|back)|knock(?:s|ed|ing) off))"
    rf" (?:(?:by|an?|another|further|just|only|{words_of.ABOUT}) ){{0,3}}$",
    re.I,
)
#: "Taking its daily losses to 4%".
_TOTALLED = re.compile(
    r"\b(?:(?P<loss>loss(?:es)?|declines?)|gains?|returns?|performance|advance)"
    r" (?:(?:over|in|for|on|since) [^,.;:$%]{3,30} )?"
    rf"(?:(?:(?:has|have|now|risen|grown|slightly|just|is|was|stands|stood|currently) ){{0,4}})"
    rf"(?:to|at|is|was) (?:{words_of.ABOUT} )?$"
)


def follows_on(link: Link) -> bool:
    """ "BTC fell 3%, followed by XRP (4%)", "..., Ether by 4% and Solana by about 5%": the next coin, the same move."""
    if link.last is None or not link.last.direction or not _NEXT_COIN.fullmatch(link.words):
        return False
    if "(" in link.words and link.words.lstrip()[:1] == "(":
        return True
    gap = link.text[link.last_end : link.subject.start]
    return 0 < len(gap) < 60 and bool(_TO_THE_NEXT.fullmatch(gap))


_NEXT_COIN = re.compile(
    r"(?:['’]s)? ?(?:\( ?[A-Z]{2,6} ?\))? ?\(?(?:(?:by|at|with|up|down|a|an|just|only|under) )?"
    rf"(?:{words_of.ABOUT} )?"
)
#: From one coin's move to the next coin.
_TO_THE_NEXT = re.compile(
    r"(?: (?:in|over|on|during|within|for) [^,;.:$%]{3,24}?| year-to-date| YTD| today| weekly| daily| monthly)?"
    r"(?:,|;| and|, and| while|, while|,? with|,? followed by|,? then|,? as well as|,? compared (?:to|with)|,? versus"
    r"|,? vs\.?|,? against|,? behind|,? ahead of| &| [–—-] and)+ (?:the )?(?:[A-Z]\w{2,15}['’]s )?"
)
#: "Surged an astounding 42%".
_ADJECTIVE = re.compile(r"\ban? [a-z]{4,14}$")
_LIFTED = re.compile(
    r"\b(?:(?P<up>lift(?:ed|ing|s)|boost(?:ed|ing)|rais(?:ed|ing)|increas(?:ed|ing))|(?P<down>drag(?:ged|ging)"
    r"|pull(?:ed|ing)|reduc(?:ed|ing))|sen(?:t|ds|ding)|push(?:ed|es|ing)?|driv(?:es|en|ing)|drove|propel(?:led|ling|s)"
    r"|help(?:ed)? push|took|taking) (?:the )?$"
)
#: Between a move and the next figure: the second shares the first's direction.
_SHARED = re.compile(
    r"[^.;:]{0,45}?(?:,|,? and|,? but|, while|,? plus|,? followed by|,? then|,? or) (?:(?:by|about|around|roughly|over"
    r"|more than|nearly|almost|just|under|a|an|another|approximately|impressive|whopping|staggering|further|more|some"
    r"|noticeable|modest|slight|significant|substantial|larger|smaller|steeper|only|less than|up to|even|even more"
    r"|remarkable|massive|by another|still) ){0,4}",
)
_VERB_BEFORE = re.compile(rf"\b(?:{_UP}|{_DOWN}) $", re.I)


def _verb_before(before: str, at: int) -> bool:
    """ "edged down", "moved up" keep their particle; of "gained back" the verb decides."""
    return bool(_VERB_BEFORE.search(before[max(0, at - 14) : at]))
