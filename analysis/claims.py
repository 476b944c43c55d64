"""Market figures that a text states as facts of the present or of a named past time.

Pure. Read are: the total crypto market cap (``TOTAL``; ``TOTAL2`` and ``TOTAL3`` where the text leaves Bitcoin,
or Bitcoin and Ether, out), a coin's own market cap, its price, its dominance, percentage moves of a price or of
the total with their horizon, and drawdowns from the all-time high. A figure becomes a claim when

1. a *subject* ("the total crypto market cap", "Bitcoin's price", "the token") stands before it in its sentence,
   or behind a move ("a 5% drop in Bitcoin"),
2. nothing else that is counted (a volume, inflows, another cap, a company) stands between them, and
3. the words between them, the *link*, say that the subject was at the figure, or moved by it.

Left out on purpose: forecasts, targets and conditions ("could reach"), changes in dollars ("rose by $80
billion"), former records ("below its all-time high of"), starting points without a date ("from $3.4 trillion"),
support and resistance levels, ranges, moves from an undated low or high, companies, funds and holdings.

Where things stand: coins in ``claim_assets``, subjects in ``subjects``, numbers in ``figures``, times and horizons in
``asof`` and ``claim_when``, the words of links in ``claim_words``, their readers in ``claim_dollars``,
``claim_percent``, ``claim_share``, ``claim_rows`` and ``claim_behind``, what may stand within a link in
``claim_plain``.
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
from analysis.claim_behind import read_behind, read_cap_behind, read_share_ahead
from analysis.claim_dollars import read_asset_cap, read_price, read_total
from analysis.claim_percent import read_change, read_drawdown
from analysis.claim_plain import is_plain
from analysis.claim_rows import EACH, TOGETHER, in_turn, row_of
from analysis.claim_share import read_dominance, read_share
from analysis.figures import Figure, figures, parse_number, parse_percent, percentages
from analysis.links import Link, Reading
from analysis.prose import sentences
from analysis.providers import cited_provider
from analysis.subjects import Subject, next_topic, of_the_market, read_subjects, total_before, unlisted


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
    horizon: str | None = None  # of a change: "1h", "24h", "7d", "30d", "1y", "ytd", "since 2025-06-12": see claim_when
    cited_source: str | None = None
    as_of: datetime | None = None  # UTC; start of the span the figure is stated for
    as_of_end: datetime | None = None  # its end; equal to as_of for an instant
    as_of_precision: str | None = None


#: Other blanks to plain ones, one for one, so that offsets hold.
_BLANKS = "\u00a0\u2007\u2009\u200a\u202f\u3000"

#: Characters between a subject and its figure.
_REACH = 170

#: A text with more figures of a kind is a table, no article: the rest of it is not read.
MAX_FIGURES = 2_000


def extract_claims(
    text: str,
    published_at: datetime | None,
    *,
    published_precision: str = "second",
    start: int = 0,
    names: AssetNames | None = None,
) -> list[Claim]:
    """The claims in ``text``, in order; quotes begin at ``start`` or later.

    ``published_at`` (aware) is what "now" and "yesterday" refer to; without it current claims carry no
    as-of. With a precision of "day" or less, "now" is that whole span. ``names``: the coins to know,
    the gazetteer's without.

    >>> [(c.quantity, c.asset, c.value, c.horizon) for c in extract_claims("Bitcoin fell 4% today to $83,000.", None)]
    [('pct_change', 'BTC', -4.0, '24h'), ('price', 'BTC', 83000.0, None)]
    """
    original = text
    for blank in _BLANKS:
        text = text.replace(blank, " ")
    found = sorted(
        [*islice(figures(text), MAX_FIGURES), *islice(percentages(text), MAX_FIGURES)], key=lambda one: one.start
    )
    if not found:
        return []
    reader = _Reader(text, Written.of(published_at, published_precision), names or known_coins())
    claims: dict[int, Claim] = {}
    for claim in reader.claims(found):
        if claim.start >= start:
            claims.setdefault(claim.start, claim)
    return [replace(claim, quote=original[claim.start : claim.end]) for _, claim in sorted(claims.items())]


class _Reader:
    """One text being read, sentence by sentence."""

    def __init__(self, text: str, written: Written, names: AssetNames) -> None:
        self.text, self.written, self.names = text, written, names
        self.spans = sentences(text)
        self.others = unlisted(text, names)
        self._subjects: dict[int, tuple[list[Subject], str]] = {}

    def claims(self, found: list[Figure]) -> Iterator[Claim]:
        starts = [span[0] for span in self.spans]
        by_sentence: dict[int, list[Figure]] = {}
        for figure in found:
            n = bisect_right(starts, figure.start) - 1
            if n >= 0 and figure.end <= self.spans[n][1]:
                by_sentence.setdefault(n, []).append(figure)
        for n, inside in by_sentence.items():
            if teaser := _TEASER.search(self.text, *self.spans[n]):
                inside = [figure for figure in inside if not _announced(self.text, teaser, figure)]
            yield from self._sentence(n, inside)

    def subjects(self, n: int, depth: int = 3) -> tuple[list[Subject], str]:
        """The subjects of a sentence, and what "it" means behind it; looking back ``depth`` sentences for its own."""
        if n not in self._subjects:
            begin, end = self.spans[n]
            topic = ""
            near = n > 0 and depth > 0 and "\n\n" not in self.text[self.spans[n - 1][1] : begin]
            if near and _REFERS.search(self.text, begin, end):
                topic = "" if _SALE.search(self.text, max(0, begin - 300), end) else self.subjects(n - 1, depth - 1)[1]
            found = read_subjects(self.text, begin, end, self.names, topic, self.others)
            self._subjects[n] = found, next_topic(found, topic)
        return self._subjects[n]

    def _sentence(self, n: int, inside: list[Figure]) -> Iterator[Claim]:
        text, (begin, end) = self.text, self.spans[n]
        subjects = [self._settled(subject, n) for subject in self.subjects(n)[0]]
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
                reading = _read(replace(link, base=_base(link, subjects[max(0, i - 12) : i], last_subject, last_end)))
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
                and following
                and not any(one.asset for one in subjects[max(0, i - 12) : i])
            ):
                link = Link(
                    text, begin, end, Subject(figure.start, figure.start, "", ""), figure, None, self.written,
                    following=following, last_end=before_end,
                )  # fmt: skip
                subject = link.subject
                reading = read_change(link) or read_share_ahead(replace(link, following=tuple(subjects[i : i + 3])))
            previous[figure.percent] = figure
            if reading:
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
                last, last_subject, last_end = reading, subject, max(figure.end, reading.end or 0)
            before_end = figure.end

    def _shared(self, n: int, group: list[Figure], coins: list[Subject]) -> Iterator[Claim]:
        """ "BTC and ETH fell 2% and 3%, respectively"."""
        begin, end = self.spans[n]
        link = Link(self.text, begin, end, coins[-1], group[0], None, self.written, shares=True)
        first = read_change(link) if group[0].percent else read_price(link)
        if first is None:
            return
        for figure, coin in zip(group, coins, strict=True):
            parsed = parse_percent(figure.number) if figure.percent else parse_number(figure.number, figure.exponent)
            if parsed is None:
                continue
            value = parsed[0] * (figure.sign or first.direction or 1)
            reading = replace(first, asset=coin.asset, value=value, precision=parsed[1], subject=None, end=None)
            at = coins[0].start if figure is group[0] else figure.start
            yield self._claim(reading, at, figure, n, coin.start)

    def _settled(self, subject: Subject, n: int) -> Subject:
        """ "It" is a total or a coin, as the sentence before says; a total without "crypto" may be nobody's."""
        if subject.pronoun:
            earlier, topic = self.subjects(n - 1, 2) if n else ([], "")
            if total_before(self.text, earlier, subject, self.spans, n):
                return subject
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
            opened = earlier and _RELATIVE.search(text, max(begin, subject.start - 110), subject.start)
            opened = opened or _PLACED.search(text, max(begin, subject.start - 90), subject.start)
            if opened and _OVER.match(text, subject.end, figure.start):
                continue  # "Bitcoin, which leads Ethereum, fell 5%"
            yield subject
            if subject.quantity == "other" and not _RESUMES.search(self.text, subject.end, figure.start):
                return

    def _claim(self, reading: Reading, first: int, figure: Figure, n: int, subject_start: int) -> Claim:
        text = self.text
        end = max(reading.end or 0, figure.end)
        quote = text[first:end]
        first += len(quote) - len(quote.lstrip(" ,.;:–—|()"))
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


def _announced(text: str, teaser: re.Match[str], figure: Figure) -> bool:
    """Whether a figure stands in the title of another article. After a title in capitals the text goes on."""
    if figure.start < teaser.end():
        return False
    if not teaser["title"]:
        return True
    return all(word[0] not in _SMALL or word in _LITTLE for word in text[teaser.end() : figure.start][:300].split())


_SMALL = frozenset("abcdefghijklmnopqrstuvwxyz")
_LITTLE = frozenset("a an the of in to on for as and at by its is with from or vs".split())  # noqa: SIM905
#: What follows is another article's title.
_TEASER = re.compile(
    r"(?:^|(?<=[\s.!?”\"]))(?:(?P<title>Related (?:Reading|News|Article|Post)s?)|Related|RELATED|Magazine|Read [Mm]ore"
    r"|READ MORE|Also [Rr]ead|See [Aa]lso|READ ALSO|Must [Rr]ead|Recommended|Up [Nn]ext|More [Ff]or [Yy]ou"
    r"|You [Mm]ight [Aa]lso [Ll]ike): "
)
_SALE = re.compile(r"\b(?:[Pp]resale|ICO|Stage \d|Phase \d|price tier|listing price|launch price)\b")
_REFERS = re.compile(r"\b(?:[Ii]ts?|[Tt]h(?:e|is)\b)")


def _read(link: Link) -> Reading | None:
    quantity = link.subject.quantity
    if link.figure.percent:
        if quantity == "dominance":
            return read_dominance(link)
        return read_drawdown(link) or read_share(link) or read_change(link)
    if quantity == "total_market_cap":
        return read_total(link)
    if quantity == "asset_market_cap":
        return read_asset_cap(link)
    if quantity == "price":
        return read_cap_behind(link) if link.figure.exponent >= 6 else read_price(link)
    return None


#: Between a level and the move that led to it: "$827 billion at press time, a 2.3% decrease".
_APPOSED = re.compile(
    r"(?: at (?:the )?(?:press time|time of (?:writing|publication)))?, (?:(?:marking|representing|reflecting|which is"
    r"|up|down|about|around|nearly|over) )?(?:an? )?"
)
#: The clause of a subject goes on behind another noun.
_RELATIVE = re.compile(r", (?:which|who|that|whose)\b[^,;:$%]*$")
_PLACED = re.compile(
    r", (?:the|a|an) [^,;:$%]{2,70}? (?:on|for|by) (?:the )?$"
)  # "Jito, the staking platform on Solana,"
_OVER = re.compile(r"[^,;:$%]*, ?(?!and\b|but\b)")
_RESUMES = re.compile(
    r"(?:['’]s)?, at (?:\w+ )?$|[,–—] (?:and )?(?:now|currently) (?:stands?|sits?|trades?|hovers?)\b[^,;]*$"
)
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


#: Directly behind a subject that a later verb may take up: no noun of which it is but the owner.
_GOES_WITH = re.compile(r" ?(?:[,–—(;:-]|$)| (?:(?!of\b|for\b)[a-z]+)\b")


#: Behind "below its all-time high": the high itself.
_OF_THE_ATH = re.compile(r" ?(?:price )?(?:of|at|near|around|above|\()")


#: Before a subject that heads its clause.
_HEADS = re.compile(r"(?:^|[,;:.–—]|\b(?:and|while|but|as|with|that|where|although|though|meanwhile|the|of)) ?$", re.I)


def _base(link: Link, subjects: list[Subject], last: Subject | None, last_end: int) -> int:
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
    if is_plain(text[end : figure.start]):
        return end
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
