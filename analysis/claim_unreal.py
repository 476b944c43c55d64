"""Words around a price that make it a supposition, a purpose, or what a hoard is worth.

Pure; the patterns are linear (bounded gaps).
"""

from __future__ import annotations

import re

from analysis.links import Link

#: Somebody's coins, or a number of them: what follows "worth" is the worth of all.
_HOARD = re.compile(
    r"\b(?:his|her|their|my|our|your|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|several|some"
    r"|more|stolen"
    r"|seized|of|in) (?:\w+ )?$",
    re.I,
)
_VALUED = re.compile(r"\b(?:valued|worth)\b")
#: Another currency's amount stands before it: "worth 20 million kronor (around".
_CONVERTED = re.compile(
    r"(?<![$\d])\d[\d.,]* (?:million|billion|trillion|euros?|yen|won|pounds?|yuan|rupees?|dollars)\b|[€£¥]"
)
#: Nothing has happened yet, as the words before the subject say: "provided Bitcoin holds".
_NO_FACT = re.compile(
    r"\b(?:[Pp]rovided|[Aa]ssuming|[Ss]upposing|[Uu]nless|involv\w+|envision\w*|envisag\w*|requir\w+|seek\w*"
    r"|look(?:s|ing)? (?:to|for)|trying|tries|hop(?:es|ing)|aim\w*|struggl\w+|attempt\w*|want\w*|vow\w*|wait\w* for"
    r"|chances? of|idea of|case of|prospect of|odds of|event of|next time|potential(?:ly)?|possible|future|anticipated"
    r"|imminent|likely(?! (?:helped|sent|pushed|drove|lifted))|projected|upcoming)\b"
    r"(?: (?!and\b|but\b|as\b|while\b|after\b)[\w’'-]+){0,3} $"
)
#: A condition that goes on behind "while" or "with".
_IF = re.compile(r"\b(?:[Ii]f|[Uu]nless|[Ss]hould|provided)\b[^.,;:!?]{1,110}\b(?:while|and|with) (?:the )?$")
#: A main clause in the future, and what comes with it.
_COMES_WITH = re.compile(
    r"\b(?:could|would|will|may|might|expected to|likely to|projected to|set to)\b[^.;:!?]{1,120},? with (?:the )?$"
)
_MODAL = re.compile(r"\b(?:will|would|could|may|might|should|must|can|likely|to) [^,;:–—]{1,60}$")
_BARE_VERB = re.compile(
    r"\W*(?:and|or|then|before|to|eventually| )* ?(?:hit|reach|rise|climb|fall|drop|surge|soar|break|cross|touch"
    r"|top|test|retest"
    r"|push|trade|move|rally|jump|reclaim|exceed|surpass|hold|settle|stabilize)\b"
)
#: Behind a figure that is stated anyway: "$100,000 per coin", "the $103,000 range".
NO_LESS = re.compile(r" (?:(?:per|a|each) (?:coin|piece|token)\b|range\b(?! (?:of|between|from)))")


def is_unreal(link: Link, words: str) -> bool:
    """Whether the figure is only supposed, or what a hoard is worth."""
    subject = link.subject
    ahead = link.text[max(link.begin, subject.start - 160) : subject.start]
    head = link.text[max(subject.end, link.base - 90) : link.base] if link.base > subject.end else ""
    return bool(
        _NO_FACT.search(ahead[-60:])
        or _IF.search(ahead)
        or (_COMES_WITH.search(ahead) and re.match(r"(?:['’]s)? (?!trading|hover|sitting|holding)\w+ing\b", words))
        or (head and _MODAL.search(head) and _BARE_VERB.match(words))
        or (
            _VALUED.search(words)
            and not subject.priced
            and (_HOARD.search(ahead[-40:]) or re.match(r" worth\b", words))
            and not NO_LESS.match(link.after)
        )
        or _CONVERTED.search(words)
    )
