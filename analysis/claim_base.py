"""Where the words that tie a figure to its subject begin.

Pure.
"""

from __future__ import annotations

import re

from analysis.claim_plain import is_plain
from analysis.links import Link
from analysis.subjects import Subject

_CUT = re.compile(r"[,–—;]|\b(?:and|but|while|before|after)\b|[-(] ")
_TAKES_UP = re.compile(
    r"(?:[,–—(;-]| )*(?:(?:and|but|now|currently|still|also|then|before|after|while|with|is|was|has|have|had"
    r"|been|to|a|an|"
    r"its|the|it|price|briefly|recently|already) )*"
    r"(?:trad(?:es?|ed|ing)|chang(?:es|ed|ing) hands|sits?|sitting|sat|hover\w*|stand\w*|stood|up|down"
    r"|fall\w*|fell|dropp?\w*|"
    r"slid\w*|slipp?\w*|sink\w*|sank|plung\w*|dipp?\w*|tumbl\w*|crash\w*|r[io]s\w+|climb\w*|jump\w*|surg\w*"
    r"|soar\w*|rall\w+|"
    r"rebound\w*|recover\w*|gain\w*|los[ti]\w*|shed\w*|add(?:ed|ing)|declin\w*|hitt?(?:ing)?|reach(?:ed|ing)"
    r"|touch(?:ed|ing)|"
    r"break\w*|cross\w*|push\w*|bringing|pushing|sending|lifting|mark(?:s|ing|ed)|reflect(?:s|ing)"
    r"|represent(?:s|ing)|"
    r"record(?:s|ing|ed)|post(?:s|ing|ed)|register(?:s|ing|ed)|show(?:s|ing)|notch\w*|peak(?:ed|ing)"
    r"|retreat\w*|pull\w*|"
    r"consolidat\w+|settl\w+|plummet\w*|increas\w+|decreas\w+|priced|valued|closing|closed|bounc\w+"
    r"|outperform\w*)\b"
)


#: Directly before a figure: the main clause goes on about its one subject, whatever figure stands between.
_RESUMED = re.compile(
    r"(?:(?:(?:,|–|—)? (?:and|but|yet),?|[,;–—]) (?:(?:is|was|now|has|had|been|currently|last|recently|still|today"
    r"|also) ){0,4}"
    r"(?:trad(?:es|ed|ing)|chang(?:es|ed|ing) hands|hover(?:s|ed|ing)|priced|quoted|s[ia]ts|sat|st(?:ands|ood)"
    r"|fetch(?:es|ed)|(?:putting|leaving|taking|sending|bringing|pushing|dragging|lifting|driving|pulling) (?:it"
    r"|the price|prices)(?: (?:back|down|up))?)"
    r"|, (?:now|last|currently|most recently)(?: seen| quoted)?(?= (?:at|near)))"
    r"(?: (?:to|less than|more than|below|at|for|near|around|above|just|about|roughly|under|over|nearly|approximately"
    r"|only)){0,3} $"
)


_OTHER_CLAUSE = re.compile(r"\b(?:as|while|when|after|because|who|which|that|its|their)\b|[A-Z$%]|['’]s?\b")
#: Directly behind a subject that a later verb may take up: no noun of which it is but the owner.
_GOES_WITH = re.compile(r" ?(?:[,–—(;:-]|$)| (?:(?!of\b|for\b)[a-z]+)\b")


#: Behind "below its all-time high": the high itself.
_OF_THE_ATH = re.compile(r" ?(?:price )?(?:of|at|near|around|above|\()")


#: Before a subject that heads its clause.
_HEADS = re.compile(r"(?:^|[,;:.–—]|\b(?:and|while|but|as|with|that|where|although|though|meanwhile|the|of)) ?$", re.I)


def base_of(link: Link, subjects: list[Subject], last: Subject | None, last_end: int) -> int:
    """Where the words that tie a figure to its subject begin: behind the subject, behind the figure stated of it
    before, or where a later verb takes it up."""
    subject, text, figure = link.subject, link.text, link.figure
    end = subject.end
    if subject.quantity not in ("price", "dominance", "total_market_cap") or figure.large:
        return end
    ath = last is not None and last.quantity == "drawdown_from_ath" and _OF_THE_ATH.match(text, last_end)
    same = not ath and last is not None and last.start == subject.start and end < last_end <= figure.start
    if same and _TAKES_UP.match(text, last_end, figure.start) and is_plain(text[last_end : figure.start]):
        return last_end
    resumed = _RESUMED.search(text, max(end, figure.start - 70), figure.start)
    if resumed and "$" in text[end : resumed.start()]:
        return resumed.start()
    if is_plain(text[end : figure.start]):
        return end
    if resumed and not _OTHER_CLAUSE.search(text[end : resumed.start()]):
        return resumed.start()
    if same and is_plain(text[last_end : figure.start]):
        return last_end
    if not _GOES_WITH.match(text, end):
        return end
    several = any(one.asset not in ("", subject.asset) for one in subjects if one.quantity == "price")
    if several and not _HEADS.search(text[max(link.begin, subject.start - 14) : subject.start]):
        return end
    cuts = [match.start() for match in _CUT.finditer(text, max(end, figure.start - 90), figure.start)]
    for cut in reversed(cuts[-3:]):
        words = text[cut : figure.start]
        if _TAKES_UP.match(words) and is_plain(words):
            return cut
    return end


def is_aside(text: str, begin: int, subject: Subject, earlier: Subject | None, figure: int) -> bool:
    """Whether a subject stands between another and its figure, which begins at ``figure``, only in passing."""
    opened = earlier and _RELATIVE.search(text, max(begin, subject.start - 110), subject.start)
    opened = opened or _PLACED.search(text, max(begin, subject.start - 90), subject.start)
    same = earlier is not None and earlier.asset == subject.asset
    if opened and not same and _OVER.match(text, subject.end, figure):
        return True  # "Bitcoin, which leads Ethereum, fell 5%"
    passed = earlier and _OVERTAKING.search(text, max(begin, subject.start - 24), subject.start)
    if passed and _LEFT_BEHIND.match(text, subject.end, figure):
        return True  # "Bitcoin, overtaking Tether, rose 5%"
    if _ON_AN_INDEX.search(text, max(begin, subject.start - 40), subject.end):
        return True
    if subject.quantity != "other":
        return False
    unlike = _UNLIKE.search(text, max(begin, subject.start - 60), subject.start)
    if unlike and _CLOSED.match(text, subject.end, figure):
        return True  # "Bitcoin, unlike gold, fell 5%"
    nobody = _NO_PARTY.fullmatch(text, subject.start, subject.end)
    return bool(nobody and _TRADES_ON.search(text, max(subject.end, figure - 60), figure))


#: The clause of a subject goes on behind another noun.
_RELATIVE = re.compile(r", (?:which|who|that|whose)\b[^,;:$%]*$")
_PLACED = re.compile(
    r", (?:the|a|an) (?:[^,;:$%]{2,70}? )?(?:on|for|by|behind|powering|(?:token|coin|asset|currency|offshoot|fork"
    r"|clone|version|spin-?off) of"
    r"|(?:rival|alternative) to) (?:the )?$"
)  # "Jito, the staking platform on Solana,"
_OVER = re.compile(r"[^,;:$%]*, ?(?!and\b|but\b)")
_UNLIKE = re.compile(
    r",? (?:(?:[Uu]n|much |just |[Mm]uch )?like|alongside|(?:along|together|in line|in step|in tandem) with"
    r"|as well as|as with"
    r"|similar to|in contrast to|mirroring|tracking|following|shrugging off) [^,;:$%]{0,40}$"
)
_CLOSED = re.compile(r"[^,;:$%]{0,40},")
_LEFT_BEHIND = re.compile(r"[^,;:$%]{0,40},(?! ?(?:which|who|whose|at|now)\b)")
_OVERTAKING = re.compile(
    r"\b(?:leapfrogg|overtak|surpass|flipp|pass|outpac|outperform|beat|topp|eclips|trail|outshin|edg)ing (?:past "
    r"|out )?(?:the )?$"
)
#: Whose prices are quoted.
_ON_AN_INDEX = re.compile(r"\bon the (?:[A-Z][\w.]+ ){1,3}[Ii]ndex$")
#: What no price is of, and a clause that goes on about the coin behind it: "after the fee vote, trading at".
_NO_PARTY = re.compile(
    r"(?i:volumes?|inflows?|outflows?|open interest|liquidations?|revenues?|fees?|supply|wallets?|holders?|inflation"
    r"|rates?"
    r"|yields?|transactions?|addresses|activity|leverage|profits?|funding|TVL|hashrate)"
)
_TRADES_ON = re.compile(
    r", (?:and )?(?:(?:now|currently|last|is|was) ){0,2}(?:trading|changing hands|priced|hovering) (?:at|near|around"
    r"|above|below"
    r"|for)(?: (?:about|around|roughly|nearly|just|over|under)){0,2} $"
)
