"""What a paragraph of a pasted article is: boilerplate, a caption, a heading, or text.

Pure. Each question looks at one line, with patterns bounded in length.
"""

from __future__ import annotations

import re

from analysis.prose import sentences

_BOILERPLATE_START = re.compile(
    r"(?:editorial (?:process|course of|policy|guidelines|standards)\b"
    r"|disclaimer\b|disclosure\b|risk (?:warning|disclosure)\b|legal notice\b|affiliate\b"
    r"|subscribe\b|sign up\b|join (?:our|us|the newsletter)\b|follow us\b"
    r"|get (?:the latest|our|daily|crypto news)\b"
    r"|read (?:more|also|next)\b|also read\b|related(?: (?:articles?|reading|news|stories))?\s*:|see also\b"
    r"|you (?:might|may) also like\b|recommended\s*:|don[’']t miss\b"
    r"|click here\b|share this\b|advertisement\b"
    r"|sponsored\b|©|\(c\) \d{4}|copyright\b|all rights reserved\b|cookie\b|we use cookies\b|tags\s*:"
    r"|the (?:post|put up) \S)",
    re.I,
)
_ADVICE = re.compile(
    r"(?:not|never) (?:\w+ ){0,6}(?:financial|investment|funding|monetary|trading|legal|tax) (?:or \w+ )?"
    r"(?:advice|recommendation|suggestion)"
    r"|for (?:general )?(?:information|informational|educational|instructional)(?: and \w+)?"
    r" (?:purposes|functions) (?:only|solely)"
    r"|do your own (?:research|analysis) (?:before|earlier than)|(?:appeared|seemed) first on",
    re.I,
)
_MONEY = re.compile(
    r"(?:we|[A-Z]\w+) may (?:receive|earn) (?:an? |some )?(?:\w+ )?(?:commission|compensation)|advertiser disclosure"
    r"|(?:this|our) (?:site|website|page) uses cookies|accept (?:all )?cookies",
    re.I,
)
_NEWSLETTER = re.compile(r"[\w .,&’'-]{0,40}newsletters?", re.I)
_BIO = re.compile(
    r"(?:[A-Z][\w.’'-]+ ){1,3}[A-Z][\w.’'-]+ (?:is|was|has been) (?:an? |the )?[^.\n]{0,80}\b"
    r"(?:reporter|journalist|writer|editor|author|contributor|correspondent|columnist|enthusiast)\b"
)
_CONTACT = re.compile(
    r"\b(?:follow|email|e-mail|contact|reach) (?:him|her|them|me)\b|@\w|\b(?:he|she|they)(?: has| have|’s|'s)? "
    r"(?:cover|writ|report|work|hold|own|passion|stud)",
    re.I,
)
_RELATED_HEADING = re.compile(
    r"(?:(?:related|recommended|further|more|other)(?: (?:articles?|stories|news|reading|posts?|topics?|links?))?"
    r"|(?:read|see) (?:more|also|next)|also read|you (?:may|might) also like|more from [\w .]{2,40}"
    r"|auch interessant|das könnte (?:sie|dich) auch interessieren|lesen sie auch|mehr zum thema|weiterlesen"
    r"|vea también|lea también|lee también|te puede interesar|(?:à )?lire aussi|leia também|veja também|leggi anche"
    r"|читайте также)\s?:?",
    re.I,
)
_POLICY = re.compile(r"\b(?:is|are) (?:centered|centred|focused|targeted|based|committed)\b")
POST_TAIL = re.compile(r"(?<=[.!?”\"’)] )The post [^\n]{1,250}? appeared first on [^\n]{2,60}$")


def is_boilerplate(line: str) -> bool:
    start = _BOILERPLATE_START.match(line)
    if not start:
        if not 8 <= len(line) <= 900:
            return False
        if len(line) <= 60 and (_NEWSLETTER.fullmatch(line) or is_related_heading(line)):
            return True
        return bool(len(line) >= 20 and (_ADVICE.search(line) or _MONEY.search(line) or _is_about_author(line)))
    word = start[0].lower()
    if word.startswith("the "):
        return len(line) <= 400 and bool(_APPEARED.search(line))
    if word.startswith("editorial"):
        return bool(_POLICY.search(line[:300]))
    if word.startswith(("disclaimer", "disclosure", "risk", "legal", "affiliate", "copyright", "©", "(c)")):
        return len(line) <= 2000
    return len(line) <= 300


def is_related_heading(line: str) -> bool:
    """Whether a line is the heading of a list of other articles, and nothing else."""
    return len(line) <= 60 and _RELATED_HEADING.fullmatch(line) is not None


def _is_about_author(line: str) -> bool:
    match = _BIO.match(line)
    return match is not None and _CONTACT.search(line, match.end()) is not None


_CAPTION_WORD = (
    r"(?:(?:featured|cover|header|lead|main) )?(?:chart|image|picture|photo|photograph|graph|graphic|figure|"
    r"screenshot|illustration|infographic|source|credit|data)s?"
)
_CAPTION_START = re.compile(
    rf"{_CAPTION_WORD}(?: (?:source|credit|courtesy))?"
    r"\s?(?::|\b(?:from|by|via|courtesy of|created (?:by|with)) )\s?\S",
    re.I,
)
_CREDIT_END = re.compile(
    rf"(?:^|[.!?”\"|)] |\(){_CAPTION_WORD}(?: (?:source|credit))?: ?[^.!?:\n]{{2,60}}\.?\)?$", re.I
)
CREDIT_TAIL = re.compile(
    r"(?<=[.!?”\"’)] )(?:(?:Featured|Cover|Header|Lead) (?:image|picture|photo)\b[^\n]{1,150}"
    r"|(?:Chart|Source|Image|Graph|Picture|Photo)s?(?: source| credit)?: ?[^.!?:\n]{2,60}\.?)$"
)
_ROLE = (
    r"(?:President|Prime Minister|Minister|Chancellor|Senator|Congressman|Congresswoman|Governor|Chair|"
    r"Chairman|Chairwoman|Secretary|CEO|CTO|CFO|COO|Founder|Co-Founder|Co-founder|Director|Mayor|King|Judge|Commissioner)"
)
PERSON_CAPTION = re.compile(
    rf"\b{_ROLE}(?: [A-Z][\w’'.-]+){{2,4}}$"
    rf"|^(?:[A-Z][\w’'.-]+ ){{1,3}}[A-Z][\w’'-]+, .{{0,40}}\b{_ROLE}\b"
)


def is_caption(line: str) -> bool:
    """A credit line, or a short line that ends in one ("... $2 trillion. Chart: TradingView")."""
    if not 8 <= len(line) <= 300:
        return False
    if _CAPTION_START.match(line) and len(line) <= 200:
        return True
    return bool(_CREDIT_END.search(line)) and len(sentences(line)) <= 3


def is_short_phrase(line: str, limit: int = 100) -> bool:
    """A heading or bare caption: short, and not ended like a sentence."""
    return (
        len(line) <= limit
        and not line.startswith(("- ", "• "))
        and line[-1] not in '.!…:;,”"'
        and any(c.isalpha() for c in line)
    )


def split_tail(line: str, tail: re.Pattern[str]) -> tuple[str, str]:
    """The line without a closing credit, and the credit; looks at the last 400 characters only."""
    match = tail.search(line, max(0, len(line) - 400)) if len(line) > 15 else None
    return (line[: match.start()].rstrip(), match[0]) if match else (line, "")


_APPEARED = re.compile(r"(?:appeared|seemed) first on (?P<name>[^\n]{2,60}?)\.?$", re.I)
_HINTS = (
    re.compile(r"^editorial (?:process|course of|policy) for (?P<name>\S+(?: \S+){0,3}?) (?:is|are) ", re.I),
    _APPEARED,
    re.compile(r"(?:©|\(c\)|copyright)(?: ?\d{4})? (?P<name>[A-Z][\w.]*(?: [A-Z][\w.]*){0,3})", re.I),
    re.compile(
        r"\b(?P<name>[A-Z][\w]*(?:\.[a-z]{2,4})?) (?:does not|doesn[’']t) "
        r"(?:provide|offer|give|endorse|recommend)"
    ),
)


def publisher_hint(boilerplate: list[str]) -> str | None:
    for line in boilerplate:
        for pattern in _HINTS:
            match = pattern.search(line[:2000])
            if match:
                return match["name"].strip(" .")
    return None
