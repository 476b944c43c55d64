"""The words that tie a dollar figure to its subject."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.asof import Written
from analysis.figures import Figure
from analysis.subjects import Subject


@dataclass(frozen=True, slots=True)
class Link:
    """A figure and what may make it a claim."""

    text: str
    begin: int  # of the sentence
    end: int
    subject: Subject
    figure: Figure
    previous: Figure | None  # in the same sentence, also before the subject
    written: Written
    shared: bool  # a claim's quote already begins at the subject

    @property
    def words(self) -> str:
        """Between subject and figure."""
        return self.text[self.subject.end : self.figure.start]

    @property
    def before(self) -> str:
        """The sentence up to the subject, its last 160 characters."""
        return self.text[max(self.begin, self.subject.start - 160) : self.subject.start]

    @property
    def after(self) -> str:
        """The sentence behind the figure, its first 60 characters."""
        return self.text[self.figure.end : min(self.end, self.figure.end + 60)]

    @property
    def again(self) -> bool:
        """Another figure stands between subject and figure."""
        return self.previous is not None and self.previous.start >= self.subject.end

    @property
    def asked(self) -> bool:
        """The sentence is a question, or gives its figures to several subjects at once."""
        rest = self.text[self.figure.end : min(self.end, self.figure.end + 200)]
        return rest.endswith("?") or "respectively" in rest

    @property
    def tail(self) -> str:
        """The words directly before the figure, at most 60 characters, behind any figure before it."""
        start = max(self.subject.end, self.figure.start - 60)
        if self.again:
            start = max(start, self.previous.end)
        return self.text[start : self.figure.start]
