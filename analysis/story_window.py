"""The stories that are still open, and how near an article comes to each.

Sums of whole numbers throughout, so that a story is the same whatever order its articles were added in.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np

from analysis.story_features import Features

GAP = timedelta(days=3)  # the longest silence within a story
SPAN = timedelta(days=7)  # the longest story, from its first article to its last
_US = timedelta(microseconds=1)
_SMALL = 2  # articles of a story that is looked at once more
_RIVALS = 6  # stories an article may merge with its own, that one included
_MOST_TIED = 3  # stories that share an address: more, and it is a publisher's own


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides. The defaults are those that ``benchmarks/stories.py`` measures."""

    join: float = 0.22  # least similarity of an article to a story
    merge: float = 0.23  # least similarity of two stories
    fade_s: float = 86_400.0  # silence after which a story's similarity has fallen to 1/e
    text: float = 0.36  # of title and body's beginning, where there are both: texts share more than titles do
    tie: float = 0.15  # added for a post or address in common
    sense: float = 0.6  # share of the embeddings, which are of titles, where a body is missing: bodies say more
    sense_join: float = 0.25  # as join and merge, where there are embeddings
    sense_merge: float = 0.35


@dataclass(slots=True, eq=False)
class Story:
    """Times in microseconds since 1970. Vectors are the sums of the members'."""

    number: int
    first_us: float
    last_us: float
    settled: bool = False  # no two such stories merge
    members: list[int] = field(default_factory=list)
    title: dict[str, int] = field(default_factory=dict)
    lead: dict[str, int] = field(default_factory=dict)
    title_private: int = 0  # squared length of what its texts share with none
    lead_private: int = 0
    title_square: int = 0  # squared length of the vectors, private part apart
    lead_square: int = 0
    title_length: float = 0.0  # of the vectors, private part included
    lead_length: float = 0.0
    ties: set[str] = field(default_factory=set)
    days: set[str] = field(default_factory=set)
    sense: np.ndarray | None = None

    def measure(self) -> None:
        """Renew the lengths."""
        self.title_length = math.sqrt(self.title_square + self.title_private)
        self.lead_length = math.sqrt(self.lead_square + self.lead_private)

    @property
    def until_us(self) -> float:
        """The last instant at which an article may join."""
        return min(self.last_us + GAP / _US, self.first_us + SPAN / _US)


class Window:
    """Open stories, found by the words they hold."""

    def __init__(self, settings: Settings, *, with_sense: bool) -> None:
        self._settings = settings
        self._join = settings.sense_join if with_sense else settings.join
        self._merge = settings.sense_merge if with_sense else settings.merge
        self._titles: dict[str, dict[int, int]] = defaultdict(dict)
        self._leads: dict[str, dict[int, int]] = defaultdict(dict)
        self._tied: dict[str, set[int]] = defaultdict(set)
        self._deadlines: list[tuple[float, int]] = []
        self._made = 0
        self._senses = _Senses()
        self.open: dict[int, Story] = {}

    def settle(self) -> None:
        """A batch is over: look once more at its small stories, whose place may show only now; then leave all apart."""
        fresh = [story for story in self.open.values() if not story.settled]
        for story in sorted(fresh, key=lambda story: (len(story.members), story.number)):
            if story.number in self.open and len(story.members) <= _SMALL:
                near = self._near(story)
                best = max(near, key=lambda n: (near[n], -n), default=None)
                if best is not None and self._mergeable(story, self.open[best]):
                    self._unite(self.open[best], story)
        for story in self.open.values():
            story.settled = True

    def expire(self, when_us: float) -> Iterator[Story]:
        """Close and give the stories that an article of ``when_us`` comes too late for."""
        while self._deadlines and self._deadlines[0][0] < when_us:
            _, number = heapq.heappop(self._deadlines)
            story = self.open.get(number)
            if story is None:
                continue
            if story.until_us < when_us:
                self._drop(story)
                yield story
            else:
                heapq.heappush(self._deadlines, (story.until_us, number))

    def begin(self, article: Story) -> Story:
        """Open a story of one article."""
        self.open[article.number] = article
        heapq.heappush(self._deadlines, (article.until_us, article.number))
        self._enter(article, article)
        return article

    def story_of(self, at: int, when_us: float, text: Features, sense: np.ndarray | None) -> Story:
        """Article ``at`` as a story of its own, not open yet."""
        self._made += 1
        story = Story(
            self._made,
            when_us,
            when_us,
            members=[at],
            title=dict(text.title),
            lead=dict(text.lead),
            title_private=text.title_private,
            lead_private=text.lead_private,
            title_square=_dot(text.title, text.title),
            lead_square=_dot(text.lead, text.lead),
            ties=set(text.ties),
            days=set(text.days),
            sense=sense,
        )
        story.measure()
        return story

    def decide(self, article: Story) -> None:
        """Put an article into the story it comes nearest to, or open one; merge what it shows to be one."""
        near = self._near(article)
        ranked = sorted(near, key=lambda n: (-near[n], n))  # of the equally near, the oldest
        if not ranked:
            self.begin(article)
            return
        story = self.add(self.open[ranked[0]], article)
        for number in ranked[1:_RIVALS]:
            other = self.open[number]
            if self._mergeable(story, other) and self._alike(story, other) >= self._merge:
                story = self._unite(story, other)

    def add(self, story: Story, article: Story) -> Story:
        """Make an article that is not open a member."""
        story.members.extend(article.members)
        story.last_us = max(story.last_us, article.last_us)
        self._enter(story, article)
        return story

    # How near ------------------------------------------------------------------------------------------------

    def _near(self, text: Story) -> dict[int, float]:
        """The other open stories that ``text`` may join, and its similarity to each, faded by silence."""
        settings = self._settings
        titles, leads = _products(text.title, self._titles), _products(text.lead, self._leads)
        tied: dict[int, int] = defaultdict(int)
        for tie in text.ties:
            holders = self._tied.get(tie, ())
            if len(holders) <= _MOST_TIED:
                for number in holders:
                    tied[number] += 1
        senses = {} if text.sense is None else self._senses.near(text.sense, self._join / 2)
        near = {}
        title_length, lead_length = text.title_length, text.lead_length
        for number in {*titles, *tied, *senses} if senses or tied else titles:
            story = self.open[number]
            found = titles.get(number, 0) / (title_length * story.title_length)
            if lead_length and story.lead_length:
                found = settings.text * (found + leads.get(number, 0) / (lead_length * story.lead_length))
            elif text.sense is not None:
                found = (1 - settings.sense) * found + settings.sense * senses.get(number, 0.0)
            if number in tied:
                found += settings.tie * min(tied[number], 2)
            if found < self._join or story is text or _other_day(text, story):
                continue
            found *= math.exp(-_silence_s(text, story) / settings.fade_s)
            if found >= self._join:
                near[number] = found
        return near

    def _mergeable(self, one: Story, other: Story) -> bool:
        if one.settled and other.settled:
            return False
        if _other_day(one, other):
            return False
        return not max(one.last_us, other.last_us) - min(one.first_us, other.first_us) > SPAN / _US

    def _alike(self, one: Story, other: Story) -> float:
        found = _cosine(_dot(one.title, other.title), one.title_length, other.title_length)
        if one.lead_length and other.lead_length:
            found = self._settings.text * (
                found + _cosine(_dot(one.lead, other.lead), one.lead_length, other.lead_length)
            )
        elif one.sense is not None and other.sense is not None:
            length = float(np.linalg.norm(one.sense) * np.linalg.norm(other.sense)) or 1.0
            share = self._settings.sense
            found = (1 - share) * found + share * float(one.sense @ other.sense) / length
        return found

    # Keeping the index ---------------------------------------------------------------------------------------

    def _unite(self, one: Story, other: Story) -> Story:
        """The later story's articles become the earlier one's."""
        story, gone = (one, other) if one.number < other.number else (other, one)
        self._drop(gone)
        story.members = sorted(story.members + gone.members)
        story.last_us = max(story.last_us, gone.last_us)
        story.settled = story.settled or gone.settled
        self._enter(story, gone)
        return story

    def _enter(self, story: Story, text: Story) -> None:
        """Put what ``text`` holds into ``story`` (which may be itself, then into the index alone)."""
        if story is not text:
            story.title_private += text.title_private
            story.lead_private += text.lead_private
            story.title_square += _add(story.title, text.title)
            story.lead_square += _add(story.lead, text.lead)
            story.ties |= text.ties
            story.days |= text.days
            story.measure()
            if text.sense is not None:
                story.sense = text.sense if story.sense is None else story.sense + text.sense
        for vector, total, index in (
            (text.title, story.title, self._titles),
            (text.lead, story.lead, self._leads),
        ):
            for word in vector:
                index[word][story.number] = total[word]
        for tie in text.ties:
            self._tied[tie].add(story.number)
        if story.sense is not None:
            self._senses.put(story.number, story.sense)

    def _drop(self, story: Story) -> None:
        del self.open[story.number]
        for vector, index in ((story.title, self._titles), (story.lead, self._leads)):
            for word in vector:
                del index[word][story.number]
                if not index[word]:
                    del index[word]
        for tie in story.ties:
            self._tied[tie].discard(story.number)
            if not self._tied[tie]:
                del self._tied[tie]
        self._senses.drop(story.number)


class _Senses:
    """One row a story; rows of closed stories are taken by new ones."""

    def __init__(self) -> None:
        self._rows = np.zeros((0, 0))
        self._lengths = np.zeros(0)
        self._row_of: dict[int, int] = {}
        self._numbers = np.zeros(0, dtype=int)
        self._free: list[int] = []

    def put(self, number: int, sense: np.ndarray) -> None:
        if number not in self._row_of:
            if not self._free:
                size = max(256, 2 * len(self._lengths))
                rows = np.zeros((size, len(sense)))
                rows[: len(self._rows)] = self._rows if self._rows.size else 0
                self._free = list(range(size - 1, len(self._lengths) - 1, -1))
                self._lengths = np.concatenate([self._lengths, np.full(size - len(self._lengths), np.inf)])
                self._numbers = np.concatenate([self._numbers, np.zeros(size - len(self._numbers), dtype=int)])
                self._rows = rows
            self._row_of[number] = self._free.pop()
        row = self._row_of[number]
        self._rows[row], self._numbers[row] = sense, number
        self._lengths[row] = np.linalg.norm(sense) or np.inf

    def near(self, sense: np.ndarray, least: float) -> dict[int, float]:
        """Cosine to each story that is at least so near."""
        if not self._row_of:
            return {}
        found = (self._rows @ sense) / (self._lengths * (np.linalg.norm(sense) or 1.0))
        rows = np.flatnonzero(found >= least)
        return dict(zip(self._numbers[rows].tolist(), found[rows].tolist(), strict=True))

    def drop(self, number: int) -> None:
        row = self._row_of.pop(number, None)
        if row is not None:
            self._lengths[row] = np.inf
            self._free.append(row)


def _add(total: dict[str, int], vector: dict[str, int]) -> int:
    """Add ``vector`` to ``total``; what the squared length grows by."""
    growth = 0
    for word, value in vector.items():
        before = total.get(word, 0)
        growth += value * (2 * before + value)
        total[word] = before + value
    return growth


def _cosine(product: int, one: float, other: float) -> float:
    return product / (one * other) if product else 0.0


def _other_day(one: Story, other: Story) -> bool:
    """Both name a day, and no day in common: "price analysis 3/28" and "price analysis 3/29"."""
    return bool(one.days and other.days and not one.days & other.days)


def _silence_s(one: Story, other: Story) -> float:
    """Seconds between the end of one and the beginning of the other; 0 where they overlap, or have no time."""
    if math.isinf(one.first_us):
        return 0.0
    return max(0.0, one.first_us - other.last_us, other.first_us - one.last_us) / 1e6


def _products(vector: dict[str, int], index: dict[str, dict[int, int]]) -> dict[int, int]:
    products: dict[int, int] = {}
    for word, value in vector.items():
        for number, total in index.get(word, {}).items():
            products[number] = products.get(number, 0) + value * total
    return products


def _dot(one: dict[str, int], other: dict[str, int]) -> int:
    if len(other) < len(one):
        one, other = other, one
    return sum(value * other[word] for word, value in one.items() if word in other)
