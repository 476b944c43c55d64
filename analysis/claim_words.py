"""The words that make a figure a claim, and those that keep it from being one.

Patterns over the words before, between and behind a subject and its figure; all are linear.
"""

from __future__ import annotations

import re

ABOUT = r"(?:about|around|roughly|approximately|approx\.?|nearly|almost|close to|circa|some|over|above|more than)"
THE = (
    r"(?:(?:the|a|an|its|another|only|mere|unprecedented|approximately|roughly|about|new|fresh|record"
    r"|all-time|high|highs|of|key|just|psychological|massive|monumental|"
    r"historic|impressive|staggering|healthy|solid|robust|modest|lowly|current|significant|whopping"
    r"|critical|crucial|important|major|vital|pivotal|symbolic|historical|round|local|intraday|session"
    r"|lifetime) ){0,5}"
)
CHANGE = re.compile(
    r"\b(?:by|shed(?:s|ding)?|add(?:s|ed|ing)?|lost|los(?:es|e|ing)|gain(?:s|ed|ing)?|eras(?:ed|es|ing)|"
    r"wip(?:ed|es|ing)(?: (?:out|off|away))?|recover(?:ed|s|ing)?|regain(?:s|ed)?|seen|another|extra|additional|"
    r"(?:drop|fall|decline|loss|increase|gain|rise|jump|surge|inflows?|correction|drawdown) of|"
    r"(?:dropp|declin|ris|gr|increas|decreas|jump|surg|climb|soar|slid|fall|tumbl|plung)(?:ed|ing|es|s|ew|e|en)?|"
    r"(?<!make )(?<!makes )(?<!made )up|down|fell|rose)"
    rf" (?:{ABOUT} ){{0,2}}(?:(?:another|an?|additional|yet) ){{0,2}}$"
)
PURE_CHANGE = re.compile(r"\b(?:by|shed|sheds|shedding|add|adds|added|adding|lost|losing|wiped?|gained|seen)\b")
LEVEL_WORD = re.compile(r"\b(?:over|above|past|beyond) $")
FROM = re.compile(
    rf"\b(?:from|versus|vs\.?|against|compared (?:to|with)|between|since) "
    rf"(?:(?:{ABOUT}|under|below|just) ){{0,2}}{THE}$"
)
RECORD = re.compile(
    r"\b(?:all[- ]time[- ]highs?|ATH|records?|peaks?|peaked|(?<!day )(?<!week )(?<!month )(?<!year )highs?)\b", re.I
)
NEW_RECORD = re.compile(
    r"\b(?:new|fresh|hits?|hitting|reach(?:es|ed|ing)?|sets?|setting|touch(?:ed|es|ing)?|to (?:a )?record"
    r"|to (?:a |an )?(?:[\w’'-]+ )?highs? (?:of|at|near|above))\b",
    re.I,
)
SINCE_EXTREME = re.compile(r"\bsince [\w’' ]{0,25}(?:peak|low|high|record)\b")
FORMER = re.compile(
    r"\b(?:(?<=the )recently|(?<=its )recently|recently (?:was|were|stood)|previously|earlier|formerly"
    r"|once(?! (?:again|more)\b)|originally"
    r"|(?<!since )(?<!the )last (?:week|month|year|cycle)|ago|"
    r"(?:its|the|a) (?:prior|previous)(?! (?:day|week|month|hour|24))|peaked|which had|went on to)\b"
)
COMPARATORS = (
    (
        "approx",
        re.compile(
            rf"(?:\b(?:about|around|roughly|approximately|approx\.?|nearly|almost|close to|near(?:s|ed|ing)?|circa|"
            rf"some|approach(?:es|ed|ing)?|hover(?:s|ed|ing)?(?: at)?|in the (?:neighbou?rhood|vicinity) of) {THE}"
            rf"|[~≈] ?)$",
            re.I,
        ),
    ),
    (
        "approx",
        re.compile(
            rf"\b(?:nearly|almost|close to|hovers?|hovered|hovering) "
            rf"(?:hitting|reaching|breaching|crossing|touching|topping|just|slightly) {THE}$",
            re.I,
        ),
    ),
    (
        "lt",
        re.compile(
            rf"\b(?:below|under|underneath|less than|beneath|short of|shy of|lower than"
            rf"|(?:fell|falls?|falling|fallen|slipp?(?:s|ed|ing)|dropp?(?:s|ed|ing)|sank|plung(?:es|ed|ing)"
            rf"|crash(?:es|ed|ing)"
            rf"|slic(?:es|ed|ing)|slid|down) through) {THE}$",
            re.I,
        ),
    ),
    (
        "gt",
        re.compile(
            rf"\b(?:above|over|more than|exceed(?:s|ed|ing)?|surpass(?:es|ed|ing)?|past|beyond|cross(?:es|ed|ing)?|"
            rf"top(?:s|ped|ping)?|north of|at least|breach(?:es|ed|ing)?|upwards? of|higher than|breaks?|broke|"
            rf"breaking|clear(?:s|ed|ing)|crack(?:s|ed|ing)"
            rf"|reclaim(?:s|ed|ing)?|regain(?:s|ed|ing)?|retak(?:es|ing|en)|retook|recaptur(?:es|ed|ing)|flip(?:s"
            rf"|ped|ping)"
            rf"|pass(?:es|ed|ing)|(?:br[eo]ken?|breaks?|breaking|smash(?:es|ed|ing)|push(?:es|ed|ing)|punch(?:es|ed"
            rf"|ing)|power(?:s"
            rf"|ed|ing)"
            rf"|burst(?:s|ing)?|blast(?:s|ed|ing)|sail(?:s|ed|ing)|surg(?:es|ed|ing)|cut(?:s|ting)?) through) {THE}$",
            re.I,
        ),
    ),
    (
        "eq",
        re.compile(
            rf"(?:\b(?:at|to|of|is|was|costs?|costing|fetch(?:es|ed|ing)?|stands?|stood|standing|hits?|hitting"
            rf"|reach(?:es|ed|ing)?|worth|"
            rf"total(?:s|ed|ing|led|ling)?|test(?:s|ed|ing)"
            rf"|touch(?:es|ed|ing)?|"
            rf"equals?|remains?|holds?|now|currently|tapped|for|defend(?:s|ed|ing)|held|claim(?:s|ed|ing)"
            rf"|maintain(?:s|ed|ing)|secur(?:es|ed|ing)|record(?:s|ed|ing)|post(?:s|ed|ing)|shows?|boasts?"
            rf"|holding|boasting|commanding|makes? up|made up|making up"
            rf"|commands?|as (?:high|low|much) as|hands)\b ?{THE}|: ?)$",
            re.I,
        ),
    ),
)
#: The record is left behind, and the words go on: "pulled back from its record, trading at".
PASSED_RECORD = re.compile(
    r"\b(?:from|off|past|above|below|under|broke\w*|break\w*|shatter\w*|surpass\w*|smash\w*|eclips\w*|exceed\w*|after"
    r"|since|near) "
    r"(?:[\w’'-]+ ){0,5}?(?:all[- ]time[- ]highs?|ATH|records?(?: highs?)?|peaks?|highs?)"
    r"(?:(?: of| at| near)? {1,2}(?=to\b)|, (?=(?:[a-z]+ ){0,3}?(?:trad|soar|surg|climb|ris|hover|reach|hit|sitt"
    r"|fall|slid|dropp|jump|push|now|currently|chang))| and (?=(?:is |now |currently )*trad))"
)
ABSENT_AFTER = re.compile(
    r"\s*(?:[-–—]{1,2} ?(?:US)?\$? ?\d|(?:to|and) (?:US)?\$ ?\d+(?:[.,]\d+)*(?: ?[A-Za-z]+)? (?:range|zone"
    r"|band|area)"
    r"|(?:all-time high|ATH|record|peak|highs?|lows?|target|resistance|support|strike|calls?|puts?|call|put"
    r"|ceiling|"
    r"barrier|range|price target|options?|goal|higher|lower|more|cheaper|premium|discount)\b"
    r"|(?:(?:price )?(?:level|mark|threshold|milestone|target) )?(?:by|before|in|within) "
    r"(?:the end of (?:the|this|20\d\d)|year[- ]end|20[3-9]\d|"
    r"(?:the )?(?:next|coming))"
    r"|peg\b|(?:in|worth of|of) (?:[\w-]+ ){0,3}(?:volume|inflows?|outflows?|liquidations?|losses|profits?|assets|fees|"
    r"holdings|loans|funding|bitcoin|BTC|ETH|ether)\b"
    r"|(?:below|above|under|beneath|short of|shy of|away|off) (?:its|the|their|where|from|what)\b"
    r"|(?i:cost basis|call option|put option|strike)|(?:imminent|incoming|next|soon|ahead|possible|likely"
    r"|[Uu]nlikely|in sight)\b|\?"
    r"|(?:[Pp]er [Cc]oin )?(?:[Bb]y|[Cc]ome|[Ii]n) 20[3-9]\d\b|per (?:day|coin|month|year)\b|a (?:day"
    r"|month|year|coin|piece)\b(?! (?:ago|earlier|before|later|prior)\b))"
)
FORECAST = re.compile(
    r"\b(?:en route|(?:is|are) (?:seen|tipped|slated)(?! trading| at\b| hover)|could|(?-i:may)|might|will|would"
    r"|should|shall|can|cannot|expect\w*|forecast\w*"
    r"|predict\w*|project(?:ed|s|ions?)|"
    r"target\w*|if|towards?|potential\w*|set to|poised|likely|on track|eyes|eyeing|aim\w*|next|path|assum\w*|"
    r"scenarios?|hypothetical\w*|needs?|must|goals?|double|doubles|doubling|triples?|until|unless"
    r"|possibl[ey]|possibility|"
    r"ready to|prepar\w+|fails?|failed|wants?|hopes?|probability|chance|odds|bet|bets|why)\b",
    re.I,
)
SUPPOSED = re.compile(
    r"\b(?:if|achiev(?:e|ing)|potential for|assum\w+|scenarios?|suppos\w+|could|would|might|should"
    r"|will|can"
    r"|(?<!session )sees?|sights|likelihood|expect\w*|(?<!price )predict\w*|forecast(?:s|ed)?|projects|"
    r"projected|as long as|let[’']s|imagine|hypothetical\w*|until|unless|once(?! (?:again|more)\b)|whether"
    r"|target\w*|when will"
    r"|believes?|"
    r"betting|bets?|probability|odds|chance)\b|(?-i:(?<=[a-z])(?:If|Should|Once|Unless)\b)",
    re.I,
)
ASSERTED = re.compile(
    r"\b(?:stands?|stood|standing|sits?|sitting|currently|now|is valued|valued|hover\w*|today"
    r"|at press time)\b",
    re.I,
)


def comparator_of(tail: str) -> str | None:
    for comparator, pattern in COMPARATORS:
        if pattern.search(tail):
            return comparator
    return None


#: "Bitcoin May Surge to": a forecast, in title case too; the month stands before a number or a comma.
MAY = re.compile(
    r"\bMay (?:(?:Soon|Also|Still|Now|Not|Even) )?(?:Be|See|Have|Go|Hit|Reach|Surge|Soar|Rise|Rally|Climb|Jump"
    r"|Fall|Drop|Dip|Slide|Slip|Plunge|Crash|Tumble|Break|Test|Retest|Top|Face|Push|Gain|Lose|Trade|Extend"
    r"|Rebound|Recover|Head"
    r"|Touch|Cross|Explode|Skyrocket|Target|Return|Bounce|Become|Retrace|Pull)\b",
    re.I,
)

PRICE_VERB = re.compile(
    r"\b(?:trad(?:e|es|ed|ing)|pric(?:e|es|ed)|hands|fetch\w*|hover\w*|s[ia]ts?|sitting|st(?:ands?|ood|anding)"
    r"|h[oe]lds?|holding|"
    r"remain\w*|stay\w*|consolidat\w*|settl\w*|stabili\w*|f[ae]ll\w*|dropp?\w*|slipp?\w*|slid\w*|sank|sinks?"
    r"|plung\w*|"
    r"dipp?\w*|tumbl\w*|crash\w*|retreat\w*|pull\w*|declin\w*|r[io]se\w*|rising|climb\w*|jump\w*|surg\w*"
    r"|soar\w*|rall\w+|"
    r"rebound\w*|recover\w*|advanc\w*|push\w*|mov(?:e|es|ed|ing)|reach\w*|hits?|hitting|touch\w*|tapp?\w*"
    r"|cross\w*|br[eo]ak\w*|"
    r"broke|breach\w*|topp?\w*|surpass\w*|exceed\w*|reclaim\w*|regain\w*|approach\w*|near\w*|clos(?:e|es|ed|ing)|"
    r"open\w*|spik\w*|edg\w*|inch\w*|tick\w*|plummet\w*|bounc\w*|chang(?:es|ed|ing)|notch\w*|smash\w*|shot"
    r"|return\w*|rest(?:s|ing)|"
    r"roar\w*|popp?(?:s|ed|ing)?|zoom\w*|explod\w*|blast\w*|slump\w*|drift\w*|creep\w*|crept|crawl\w*|claw\w*"
    r"|storm\w*|skyrocket\w*|rac(?:e|ed|es|ing)|stumbl\w*|skid\w*|waver\w*|wobbl\w*|languish\w*|clung|cling\w*"
    r"|peak(?:s|ing)"
    r"|flipp?\w*|steady|stable|stuck|flat|firm|oscillat\w*|float\w*|linger\w*|fluctuat\w*|eas(?:ed|ing)"
    r"|cooled|peaked|"
    r"bottom\w*|rocket\w*|tanked|flirt\w*|maintain\w*|achiev\w*|leap\w*|nosediv\w*|crater\w*|set|quoted"
    r"|valued|worth|start\w*|beg[ai]n)\b",
    re.I,
)


#: In the clause of a percentage: it is no fact.
UNREAL = re.compile(
    r"\b(?:en route|(?:is|are) (?:seen|tipped|slated)(?! trading| at\b| hover)|could|may|might|will|would|should"
    r"|shall|can|cannot"
    r"|expect\w*|forecast\w*|predict\w*|project(?:ed|s|ing|ions?)|"
    r"target\w*|if|potential\w*|possibl[ey]|set to|poised|likely|eyes|eyeing|eyed|aim\w*|scenarios?"
    r"|hypothetical\w*|needs?|"
    r"must|unless|until|whether|chance|odds|probability|risk(?:s|ing)?(?!-)(?! (?:appetite|assets?|sentiment"
    r"|aversion|o(?:n|ff)\b|taking))|brink|verge|cusp|implies|implying|"
    r"averag\w+|historically|typically|usually|each time|every time|whenever|call(?:s|ed|ing)? for"
    r"|(?<!session )sees|imagine|assum\w+|anticipat\w+|"
    r"prepar\w+|looking for|hope\w*|require\w*|signal(?:s|ing|ed)? (?:a|an|more|further|potential)"
    r"|suggest(?:s|ed|ing)? a|warn\w*|fear\w*(?! (?:&|and) [Gg]reed)|before a|fails?|next|setup|"
    r"outlook|confirm\w* a|(?<!continues )(?<!continued )(?<!continue )(?<!began )(?<!begun )to (?:fall|drop"
    r"|rise|climb|gain|surge|rally|jump|soar|lose|reach|hit))\b",
    re.I,
)
