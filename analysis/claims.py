"""Market figures that a text states as facts of the present or of a named past time.

Pure. Read are: the total crypto market cap (``TOTAL``; ``TOTAL2`` and ``TOTAL3`` where the text leaves Bitcoin,
or Bitcoin and Ether, out), a coin's own market cap, its price, its dominance, percentage moves of a price or of
the total with their horizon, and drawdowns from the all-time high. A figure becomes a claim when

1. a *subject* ("the total crypto market cap", "Bitcoin's price", "the token") stands before it in its sentence,
   or behind a move ("a 5% drop in Bitcoin"),
2. nothing else that is counted (a volume, inflows, another cap, a company) stands between them, and
3. the words between them, the *link*, say that the subject was at the figure, or moved by it.

Figures that the grammar leaves are put to a model of what sentences say (``claim_model``), and become claims where it
is sure and no word forbids it (``claim_weighed``).

Left out on purpose: forecasts, targets and conditions ("could reach"), changes in dollars ("rose by $80
billion"), former records ("below its all-time high of"), starting points without a date ("from $3.4 trillion"),
support and resistance levels, ranges, moves from an undated low or high, companies, funds and holdings.

Where things stand: coins in ``claim_assets``, subjects in ``subjects``, numbers in ``figures``, times in ``asof`` and
``claim_when``, horizons in ``claim_horizon``, the words of links in ``claim_words``, their readers in
``claim_dollars``, ``claim_percent`` (with ``claim_moves`` and ``claim_ahead``), ``claim_drawdown``, ``claim_share``,
``claim_rows`` and ``claim_behind``, what may stand within a link in ``claim_plain``, where a link begins in
``claim_base``, titles of other articles in ``claim_teasers``, words around a claim that make it none in
``claim_traps``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, islice

from analysis.asof import Written
from analysis.claim_assets import AssetNames, known_coins
from analysis.claim_base import base_of, is_aside
from analysis.claim_behind import read_behind, read_cap_behind, read_share_ahead
from analysis.claim_dollars import read_asset_cap, read_price, read_total
from analysis.claim_drawdown import read_drawdown
from analysis.claim_model import ANSWERS, builtin_model
from analysis.claim_percent import read_change, shared_horizon
from analysis.claim_rows import EACH, TOGETHER, in_a_row, in_turn, row_of
from analysis.claim_sentences import Pair, Sentence, read_sentence
from analysis.claim_share import read_dominance, read_share, taken_up
from analysis.claim_teasers import without_announced
from analysis.claim_traps import no_fact
from analysis.claim_weighed import reading_of
from analysis.figures import Figure, figures, parse_number, parse_percent, percentages
from analysis.links import Link, Reading
from analysis.prose import sentences
from analysis.providers import cited_provider
from analysis.subject_topics import next_topic, of_the_market, total_before
from analysis.subjects import Subject, read_subjects, unlisted


@dataclass(frozen=True, slots=True)
class Claim:
    """One row of the claims table, its article apart. ``start`` is unique within a text."""

    quantity: str  # total_market_cap, asset_market_cap, price, pct_change, dominance, drawdown_from_ath
    asset: str  # "TOTAL", "TOTAL2", "TOTAL3", or a coin's symbol
    value: float  # in the unit: a fall and a drawdown negative, a dominance positive percent
    unit: str  # "USD", "percent"
    precision: float  # half of the last digit stated, in the unit: value ± precision
    comparator: str  # "eq", "lt", "gt", "approx"; of a move or drawdown, its magnitude's ("lost over 4%": gt)
    modality: str  # "current", "historical"
    quote: str  # text[start:end]: from the subject, or the figure before, to the figure
    start: int
    end: int
    horizon: str | None = None  # of a change: "1h", "24h", "7d", "1y", "ytd", "since 2025-06-12": see claim_horizon
    cited_source: str | None = None
    as_of: datetime | None = None  # UTC; start of the span the figure is stated for
    as_of_end: datetime | None = None  # its end; equal to as_of for an instant
    as_of_precision: str | None = None


#: Other blanks to plain ones, one for one, so that offsets hold.
_BLANKS = "\u00a0\u2007\u2009\u200a\u202f\u3000"

#: Characters between a subject and its figure.
_REACH = 170

#: Characters behind the last figure that is read of a sentence: what goes on for longer is none.
_SENTENCE = 5_000

#: A text with more figures of a kind is a table, no article: the rest of it is not read.
MAX_FIGURES = 2_000

#: How sure the model must be of a figure that the grammar does not read (docs/design-notes.md: chosen for precision).
CERTAIN = 0.8


def extract_claims(
    text: str,
    published_at: datetime | None,
    *,
    published_precision: str = "second",
    start: int = 0,
    names: AssetNames | None = None,
    certain: float = CERTAIN,
) -> list[Claim]:
    """The claims in ``text``, in order; quotes begin at ``start`` or later.

    ``published_at`` (aware) is what "now" and "yesterday" refer to; without it current claims carry no
    as-of. With a precision of "day" or less, "now" is that whole span. ``names``: the coins to know,
    the gazetteer's without. ``certain``: how sure the model must be of a figure that the grammar does not
    read; more than 1 for the grammar alone.

    >>> [(c.quantity, c.asset, c.value, c.horizon) for c in extract_claims("Bitcoin fell 4% today to $83,000.", None)]
    [('pct_change', 'BTC', -4.0, '24h'), ('price', 'BTC', 83000.0, None)]
    """
    reader = _Reader(text, Written.of(published_at, published_precision), names or known_coins())
    claims: dict[int, Claim] = {}
    for claim in chain(reader.claims(), reader.weighed(certain) if certain <= 1 else ()):
        claims.setdefault(claim.start, claim)
    return [replace(claim, quote=text[claim.start : claim.end]) for at, claim in sorted(claims.items()) if at >= start]


def sentences_with_figures(text: str, published_at: datetime | None) -> list[Sentence]:
    """The sentences of ``text`` that the model is asked about, in order: what it is trained on."""
    reader = _Reader(text, Written.of(published_at, "second"), known_coins())
    return [reader.sentence(n) for n in reader.by_sentence]


class _Reader:
    """One text being read, sentence by sentence."""

    def __init__(self, text: str, written: Written, names: AssetNames) -> None:
        for blank in _BLANKS:
            text = text.replace(blank, " ")
        text = text.replace("\u2011", "-")
        self.text, self.written, self.names = text, written, names
        found = [*islice(figures(text), MAX_FIGURES), *islice(percentages(text), MAX_FIGURES)]
        self.spans = sentences(text) if found else []
        self.by_sentence = self._by_sentence(found)
        self.others = unlisted(text, names) if self.by_sentence else frozenset()
        self._subjects: dict[int, tuple[list[Subject], str]] = {}
        self._last: dict[int, Reading] = {}  # what the last figure of each sentence states
        self._told: set[int] = set()  # where figures begin of which a claim is made
        self._quoted: set[int] = set()  # where quotes begin

    def _by_sentence(self, found: list[Figure]) -> dict[int, list[Figure]]:
        """The figures of each sentence that has any, without those of other articles' titles."""
        starts = [span[0] for span in self.spans]
        by_sentence: dict[int, list[Figure]] = {}
        for figure in sorted(found, key=lambda one: one.start):
            n = bisect_right(starts, figure.start) - 1
            if n >= 0 and figure.end <= self.spans[n][1]:
                by_sentence.setdefault(n, []).append(figure)
        for n, inside in by_sentence.items():
            by_sentence[n] = without_announced(self.text, *self.spans[n], inside)
        return by_sentence

    def claims(self) -> Iterator[Claim]:
        """What the grammar reads."""
        for n, inside in self.by_sentence.items():
            yield from self._sentence(n, inside)

    def sentence(self, n: int) -> Sentence:
        subjects = [self._settled(subject, n) for subject in self.subjects(n)[0]]
        topic = ""
        if n and "\n\n" not in self.text[self.spans[n - 1][1] : self.spans[n][0]]:
            topic = self.subjects(n - 1, 2)[1]
        return read_sentence(self.text, *self.spans[n], subjects, self.by_sentence[n], topic)

    def weighed(self, certain: float) -> Iterator[Claim]:
        """What the model is sure of among the figures that the grammar, which must have read, has left."""
        left = [n for n, inside in self.by_sentence.items() if any(one.start not in self._told for one in inside)]
        asked = [self.sentence(n) for n in left]
        for n, sentence, odds in zip(left, asked, builtin_model().odds(asked), strict=True):
            sure: dict[int, list[tuple[Pair, str]]] = {}
            for pair, answers in zip(sentence.pairs, odds[:, 1:], strict=True):
                if answers.max() >= certain:
                    sure.setdefault(pair.figure, []).append((pair, ANSWERS[1 + answers.argmax()]))
            for token, found in sure.items():
                figure = sentence.tokens[token].figure
                [(pair, answer), *others] = found
                link = self._link(n, sentence, pair)
                # Of coins in a row, only the grammar knows how a figure is shared.
                if others or figure.start in self._told or in_a_row(self.text, self.subjects(n)[0], link.subject):
                    continue
                if (reading := reading_of(link, answer)) and not no_fact(link, reading):
                    first = link.subject.start
                    if first > figure.start or first in self._quoted:
                        first = figure.start
                    if first not in self._quoted:
                        yield self._claim(reading, first, figure, n, link.subject.start)

    def _link(self, n: int, sentence: Sentence, pair: Pair) -> Link:
        begin, end = self.spans[n]
        figure = sentence.tokens[pair.figure].figure
        place = pair.before if pair.before >= 0 else pair.behind
        subject = sentence.tokens[place].subject if place >= 0 else Subject(begin, begin, "price", pair.asset)
        same = [one for one in self.by_sentence[n] if one.percent == figure.percent and one.end <= figure.start]
        return Link(
            self.text,
            begin,
            end,
            subject,
            figure,
            same[-1] if same else None,
            self.written,
            last_end=same[-1].end if same else -1,
        )

    def subjects(self, n: int, depth: int = 3) -> tuple[list[Subject], str]:
        """The subjects of a sentence, and what "it" means behind it; looking back ``depth`` sentences for its own."""
        if n not in self._subjects:
            begin, end = self.spans[n]
            topic = ""
            near = n > 0 and depth > 0 and "\n\n" not in self.text[self.spans[n - 1][1] : begin]
            if near and _REFERS.search(self.text, begin, end):
                topic = "" if _SALE.search(self.text, max(0, begin - 300), end) else self.subjects(n - 1, depth - 1)[1]
            inside = self.by_sentence.get(n)
            last = min(end, (inside[-1].end if inside else begin) + _SENTENCE)
            found = read_subjects(self.text, begin, last, self.names, topic, self.others)
            self._subjects[n] = found, next_topic(found, topic)
        return self._subjects[n]

    def _sentence(self, n: int, inside: list[Figure]) -> Iterator[Claim]:
        text, (begin, end) = self.text, self.spans[n]
        subjects = [self._settled(subject, n) for subject in self.subjects(n)[0]]
        prior = self._last.get(n - 1)
        beside = prior and inside and "\n" not in text[self.spans[n - 1][1] : begin]
        told = beside and prior.quantity == "dominance" and inside[0].percent
        it = taken_up(text, begin, inside[0]) if told else 0
        if it:
            subjects = [Subject(begin, it, "dominance", prior.asset), *(one for one in subjects if one.start > it)]
        if not subjects and not any(figure.large for figure in inside):
            return
        starts = [subject.start for subject in subjects]
        for group, coins in in_turn(text, inside, subjects, end):
            yield from self._shared(n, group, coins)
        previous: dict[bool, Figure] = {}
        taken = -1
        last: Reading | None = None
        last_subject: Subject | None = None
        last_end = before_end = -1
        for position, figure in enumerate(inside):
            i = bisect_right(starts, figure.start)
            stop = inside[position + 1].start if position + 1 < len(inside) else end
            following = tuple(one for one in subjects[i : i + 3] if one.start < stop)
            reading = subject = None
            candidates = self._candidates(subjects[max(0, i - 4) : i], figure, begin)
            if figure.percent and last and _APPOSED.fullmatch(text[last_end : figure.start][:80]):
                candidates = chain([replace(last_subject, asset=last.asset)], candidates)
            for subject in candidates:
                link = Link(
                    text, begin, end, subject, figure, previous.get(figure.percent), self.written,
                    following=following, last=last, last_end=max(before_end, last_end),
                )  # fmt: skip
                reading = _read(replace(link, base=base_of(link, subjects[max(0, i - 12) : i], last_subject, last_end)))
                if reading or not (subject.quantity == "price" and figure.large):
                    break
            if reading is None and not figure.percent:
                ahead = tuple(subjects[i : i + 3])
                link = Link(
                    text, begin, end, Subject(figure.start, figure.start, "", ""), figure, None, self.written,
                    following=ahead,
                )  # fmt: skip
                reading = read_behind(link)
                subject = link.subject if reading else subject
            if (
                reading is None
                and figure.percent
                and i < len(subjects)
                and not any(one.asset for one in subjects[max(0, i - 12) : i])
            ):
                others = any(one.quantity == "other" for one in subjects[max(0, i - 12) : i])
                link = Link(
                    text, begin, end, Subject(figure.start, figure.start, "other" if others else "", ""), figure, None,
                    self.written, following=tuple(subjects[i : i + 3]), last=last, last_end=before_end,
                )  # fmt: skip
                subject = link.subject
                reading = read_drawdown(link) or read_change(link) or read_share_ahead(link)
            previous[figure.percent] = figure
            if reading and not no_fact(link, reading):
                subject = reading.subject or subject
                first = subject.start
                if subject.start > figure.start:
                    first = figure.start
                elif subject.start <= taken or subject.start < begin:
                    first = max(
                        before_end, min(figure.start, subject.start) if subject.start > before_end else before_end
                    )
                row = row_of(
                    reading.quantity, text, subjects, starts, subject, figure, inside[position + 1 : position + 2]
                )
                if row is None:
                    previous[figure.percent], before_end = figure, figure.end
                    continue
                for one in row:
                    if one.start > taken:
                        yield self._claim(replace(reading, asset=one.asset, end=None), one.start, figure, n, one.start)
                claim = self._claim(reading, first, figure, n, subject.start)
                taken = max(taken, claim.start)
                yield claim
                self._last[n] = reading
                last, last_subject, last_end = reading, subject, max(figure.end, reading.end or 0)
            before_end = figure.end

    def _shared(self, n: int, group: list[Figure], coins: list[Subject]) -> Iterator[Claim]:
        """ "BTC and ETH fell 2% and 3%, respectively"."""
        begin, end = self.spans[n]
        link = Link(self.text, begin, end, coins[-1], group[0], None, self.written, shares=True)
        first = read_change(link) if group[0].percent else read_price(link)
        if group[0].percent:
            first = read_drawdown(replace(link, figure=group[-1])) or first
        if first is None:
            return
        if first.quantity == "pct_change" and (span := shared_horizon(link, group[-1])):
            first = replace(first, horizon=span)
        for figure, coin in zip(group, coins, strict=True):
            parsed = parse_percent(figure.number) if figure.percent else parse_number(figure.number, figure.exponent)
            if parsed is None:
                continue
            sign = -1 if first.quantity == "drawdown_from_ath" else figure.sign or first.direction or 1
            value = parsed[0] * sign
            reading = replace(first, asset=coin.asset, value=value, precision=parsed[1], subject=None, end=None)
            at = coins[0].start if figure is group[0] else figure.start
            yield self._claim(reading, at, figure, n, coin.start)

    def _settled(self, subject: Subject, n: int) -> Subject:
        """ "It" is a total or a coin, as the sentence before says; a total without "crypto" may be nobody's."""
        if subject.pronoun:
            earlier, topic = self.subjects(n - 1, 2) if n else ([], "")
            if total_before(self.text, earlier, subject, self.spans, n):
                return subject
            ahead = [one for one in self.subjects(n)[0][:40] if one.start < subject.start and not one.pronoun]
            if ahead and all(one.quantity == "total_market_cap" and not one.bare for one in ahead):
                return subject  # "The crypto market cap was $1.2 trillion a year ago; now it stands at"
            asset = topic
            if subject.start != self.spans[n][0]:
                named = {
                    one.asset
                    for one in self.subjects(n)[0][:40]
                    if one.start < subject.start and one.quantity == "price"
                }
                asset = topic if not named else named.pop() if len(named) == 1 else ""
            return Subject(subject.start, subject.end, "price", asset, described=True)
        if subject.bare and not of_the_market(self.text, self.subjects(n)[0], subject):
            return Subject(subject.start, subject.end, "other", "")
        return subject

    def _candidates(self, before: list[Subject], figure: Figure, begin: int) -> Iterator[Subject]:
        text = self.text
        for subject in reversed(before):
            if subject.start < begin or figure.start - subject.end > _REACH:
                return
            earlier = max((one for one in before if one.start < subject.start), key=lambda one: one.start, default=None)
            if (
                subject.quantity == "price"
                and earlier
                and earlier.quantity == "price"
                and earlier.asset != subject.asset
            ):
                joined = TOGETHER.fullmatch(self.text, earlier.end, subject.start)
                if joined and not EACH.search(self.text, figure.end, figure.end + 8):
                    if not figure.large and not figure.percent:
                        return
                    if figure.large:
                        continue
            if is_aside(text, begin, subject, earlier, figure.start):
                continue
            yield subject
            if subject.quantity == "other" and not _RESUMES.search(self.text, subject.end, figure.start):
                return

    def _claim(self, reading: Reading, first: int, figure: Figure, n: int, subject_start: int) -> Claim:
        text = self.text
        end = max(reading.end or 0, figure.end)
        quote = text[first:end]
        first += len(quote) - len(quote.lstrip(" ,.;:–—|()"))
        self._quoted.add(first)
        self._told.add(figure.start)
        return Claim(
            quantity=reading.quantity,
            asset=reading.asset,
            value=reading.value,
            unit="percent" if figure.percent else "USD",
            precision=reading.precision,
            comparator=reading.comparator,
            modality=reading.when.modality,
            quote=text[first:end],
            start=first,
            end=end,
            horizon=reading.horizon,
            cited_source=cited_provider(
                text, self.spans[n], min(subject_start, figure.start), (figure.start, figure.end)
            ),
            as_of=reading.when.start,
            as_of_end=reading.when.end,
            as_of_precision=reading.when.precision,
        )


_SALE = re.compile(r"\b(?:[Pp]resale|ICO|Stage \d|Phase \d|price tier|listing price|launch price)\b")
_REFERS = re.compile(
    r"\b(?:[Ii]ts?|[Tt]h(?:e|is)\b)|(?:\bchange|\b[Mm]arket [Cc]ap): ?[+-]?[\d$]|(?<![\w:] )[Pp]rice\b"
)


def _read(link: Link) -> Reading | None:
    quantity = link.subject.quantity
    if link.figure.percent:
        if quantity == "dominance":
            return read_dominance(link)
        return read_drawdown(link) or read_share(link) or read_change(link)
    if quantity == "total_market_cap":
        return read_total(link)
    if quantity == "asset_market_cap":
        return (read_asset_cap(link) or read_cap_behind(link)) if link.figure.exponent >= 6 else read_price(link)
    if quantity == "price":
        return read_cap_behind(link) if link.figure.exponent >= 6 else read_price(link)
    return None


#: Between a level and the move that led to it: "$827 billion at press time, a 2.3% decrease".
_APPOSED = re.compile(
    r"(?: at (?:the )?(?:press time|time of (?:writing|publication)))?, (?:(?:marking|representing|reflecting|which is"
    r"|up|down|about|around|nearly|over) )?(?:an? )?"
)
_RESUMES = re.compile(
    r"(?:['’]s)?, at (?:\w+ )?$|[,–—] (?:and )?(?:now|currently) (?:stands?|sits?|trades?|hovers?)\b[^,;]*$"
)
