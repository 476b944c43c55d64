"""The words that tie a figure to its subject."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from analysis.asof import Span, Written
from analysis.figures import Figure
from analysis.subjects import Subject

#: Between a figure and a question mark: the question is another sentence's.
_ASIDE = re.compile(
    r"[?!;:] | [–—-] |, (?:[Ww]hat|[Hh]ow|[Ii]s|[Aa]re|[Ww]ill|[Cc]an|[Ww]hy|[Ww]here|[Cc]ould|[Bb]ut)\b"
)
_CLAUSE = re.compile(r", (?:while|whereas|but)\b|; ")
_BEGUN = re.compile(
    r"\b(?:At (?:the )?(?:time of|press)|As of (?:writing|press|now)|Currently,|At present)\b"
    r"|,? with (?!a\b)|; | – |, as |,? while | considering |Given that |, but |\(@\w+\) [A-Z][a-z]+ \d{1,2}, \d{4} "
    r"|[a-z]\.(?=[A-Z])|\.com/\S+ "
)


#: Behind a coin that heads a clause of fact: "sees $250,000 as the price slips to".
_MOVES = re.compile(
    r" (?:f[ae]lls?|slips?|slides?|drops?|dips?|sinks?|tumbles?|plunges?|trades?|hovers?|holds?|hits?|jumps?|rises?"
    r"|climbs?|surges?|rallies|slipped|slid|dropped|dipped|rose|climbed|jumped|traded|sank|tumbled|plunged|rallied) "
)
#: A run of figures that goes on to its "respectively", without a clause of others between.
_IN_TURN = re.compile(r"(?:[^$%\d.;:A-Z]{0,26}\$?\d[\d.,]*+(?: ?[KMBTkmbt]\b| ?%)?)*+[^$%\d;]{0,90}?\brespectively\b")
#: A subordinate clause of fact: what it foretells, the main clause behind it does not.
_SUBORDINATE = re.compile(
    r"(?:But |And )?(?:[Aa]lthough|[Tt]hough|[Ee]ven (?:though|as)|[Ww]hile|[Ww]hereas|[Dd]espite) "
)
#: A heading stuck to the sentence: its words are not the sentence's.
_HEADING = re.compile(
    r"(?:[A-Z$][\w’'-]*,? )+(?!If |Should |Could |Can |Will |Would |When |Once |May |Might |Why |Has |Is "
    r"|Says |Sees |Unless |Predicts |Eyes |Targets |Expects )[A-Z$][\w’'-]* $"
)


@lru_cache(maxsize=8)  # the words before one subject are asked for many times in a row
def _before(text: str, begin: int, start: int, end: int) -> str:
    before = text[max(begin, start - 160) : start]
    begun = list(_BEGUN.finditer(before))
    before = before[begun[-1].end() :] if begun else before
    lower = text[end : end + 12].lstrip("’'s ")[:1].islower()
    return "" if lower and _HEADING.search(before) else before


@dataclass(frozen=True, slots=True)
class Reading:
    """What a figure states, its place in the text apart."""

    quantity: str
    asset: str
    value: float
    precision: float
    comparator: str
    when: Span
    horizon: str | None = None
    subject: Subject | None = None  # where another one than the link's
    end: int | None = None  # of the quote, where it goes on behind the figure
    direction: int = 0  # of a change: what a figure that follows may share


@dataclass(frozen=True, slots=True)
class Link:
    """A figure and what may make it a claim."""

    text: str
    begin: int  # of the sentence
    end: int
    subject: Subject
    figure: Figure
    previous: Figure | None  # of the same unit in the same sentence, also before the subject
    written: Written
    shared: bool = False  # a claim's quote already begins at the subject
    base: int = -1  # where the words that tie begin, if not behind the subject
    following: tuple[Subject, ...] = ()  # subjects behind the figure, up to the next figure
    last: Reading | None = None  # what the figure before in the sentence states
    last_end: int = -1
    shares: bool = False  # its sentence gives figures to several subjects in turn, and this is the first of them

    @property
    def words(self) -> str:
        """Between subject (or base) and figure."""
        return self.text[max(self.subject.end, self.base) : self.figure.start]

    @property
    def before(self) -> str:
        """The sentence up to the subject, its last 160 characters; from "at press time" or a new clause on."""
        return _before(self.text, self.begin, self.subject.start, self.subject.end)

    @property
    def governing(self) -> str:
        """What of the words before may make it a supposition: not those of another clause."""
        before = self.before
        if before.endswith((", ", ", the ")) and _SUBORDINATE.match(self.text, self.begin):
            return ""
        if before.endswith((" as ", " as the ", " as its ")) and _MOVES.match(self.text, self.subject.end):
            return ""
        return before

    @property
    def after(self) -> str:
        """The sentence behind the figure, its first 60 characters."""
        return self.text[self.figure.end : min(self.end, self.figure.end + 60)]

    @property
    def again(self) -> bool:
        """Another figure of its unit stands between subject and figure."""
        return self.previous is not None and self.previous.start >= max(self.subject.end, self.base)

    @property
    def asked(self) -> bool:
        """The sentence is a question, or gives its figures to several subjects at once."""
        rest = self.text[self.figure.end : min(self.end, self.figure.end + 200)]
        if rest.endswith("?") and not _ASIDE.search(rest):
            return True
        if self.shares or "respectively" not in rest:
            return False
        return _IN_TURN.match(_CLAUSE.split(rest, maxsplit=1)[0]) is not None

    @property
    def tail(self) -> str:
        """The words directly before the figure, at most 60 characters, behind any figure before it."""
        start = max(self.subject.end, self.base, self.figure.start - 60)
        if self.again:
            start = max(start, self.previous.end)
        return self.text[start : self.figure.start]
