"""What each article of a story is to those before it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from analysis.story_features import Features

SAME_TEXT = 0.6  # of the 5-word sequences of two bodies; word-spun copies lie below 0.1
SAME_TITLE = 0.8  # of the words of two titles, where a body is missing
KNOWN_FACTS = 0.5  # of an article's figures and names that the story told before: no more than half is new
TOLD_AGAIN = 0.7  # or of an earlier article's that it tells again, and of its own then:
KNOWN_PADDED = 0.3
KNOWN_WORDS = 0.5  # the same of a title's words, where there is no body
COMPARED = 40  # earlier articles that an article is compared with: the first and the latest


def relations(members: Sequence[Features]) -> list[tuple[str, float]]:
    """Relation and similarity to the first article, of each of a story's articles in order.

    ``syndicated``: the text of an earlier one, at most trivially edited. ``rewritten``: other words, but the
    figures and names of those before. ``follow-up``: new ones.
    """
    told: set[str] = set()
    found: list[tuple[str, float]] = []
    for at, text in enumerate(members):
        if at == 0:
            found.append(("original", 1.0))
        else:
            earlier = [members[0], *members[max(1, at - COMPARED) : at]]
            found.append((_relation(text, earlier, told), similarity(members[0], text)))
        told |= text.facts
    return found


def similarity(one: Features, other: Features) -> float:
    """Cosine of the weighted words, of title and body's beginning where both have one; 0 to 1."""
    pair = (one.lead, other.lead) if one.lead and other.lead else (one.title, other.title)
    if pair[0] == pair[1] and pair[0]:
        return 1.0
    shared = sum(value * pair[1][word] for word, value in pair[0].items() if word in pair[1])
    lengths = [sum(value * value for value in vector.values()) for vector in pair]
    return min(1.0, shared / (math.sqrt(lengths[0] * lengths[1]))) if all(lengths) else 0.0


def _relation(text: Features, earlier: Sequence[Features], told: set[str]) -> str:
    if any(_same(text, other) for other in earlier):
        return "syndicated"
    if text.lead:
        known = _share(text.facts, told)
        again = known >= KNOWN_PADDED and any(
            other.lead and other.facts and _share(other.facts, text.facts) >= TOLD_AGAIN for other in earlier
        )
        return "rewritten" if known >= KNOWN_FACTS or again else "follow-up"
    if any(fact[0].isdigit() for fact in text.facts - told):
        return "follow-up"
    return "rewritten" if any(_share(text.words, other.words) >= KNOWN_WORDS for other in earlier) else "follow-up"


def _same(one: Features, other: Features) -> bool:
    if one.shingles and other.shingles:
        return _overlap(one.shingles, other.shingles) >= SAME_TEXT
    if bool(one.shingles) != bool(other.shingles) and min(len(one.words), len(other.words)) < 4:
        return False
    return one.words == other.words or _overlap(one.words, other.words) >= SAME_TITLE


def _overlap(one: frozenset, other: frozenset) -> float:
    return len(one & other) / (len(one | other) or 1)


def _share(of: frozenset[str], known: set[str] | frozenset[str]) -> float:
    """How much of ``of`` is known; all of nothing."""
    return len(of & known) / len(of) if of else 1.0
