"""Market figures that a text states as facts of the present or of a named past time.

Pure. Read so far: the total crypto market cap (``TOTAL``; ``TOTAL2`` and ``TOTAL3`` where the text leaves
Bitcoin, or Bitcoin and Ether, out) and the price of BTC and ETH, in US dollars. A figure becomes a claim when

1. a *subject* ("the total crypto market cap", "Bitcoin's price") stands before it in its sentence,
2. nothing else that is counted in dollars (a volume, inflows, another cap) stands between them, and
3. the words between them, the *link*, say that the subject was at the figure.

Left out on purpose: forecasts, targets and conditions ("could reach"), changes ("rose by $80 billion"),
former records ("below its all-time high of"), starting points without a date ("from $3.4 trillion"),
support and resistance levels, ranges.

To read a further quantity, add a subject to ``analysis.subjects`` and a reader of its links to ``_READERS``.
Numbers are read in ``analysis.figures``, times in ``analysis.asof``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice

from analysis.asof import TIME, Span, Written, resolve
from analysis.figures import Figure, figures, parse_number
from analysis.links import Link
from analysis.prose import sentences
from analysis.providers import cited_provider
from analysis.subjects import SUBJECTS, of_the_market, read_subject, total_before


@dataclass(frozen=True, slots=True)
class Claim:
    """One row of the claims table, its article apart. ``start`` is unique within a text."""

    quantity: str  # "total_market_cap", "price"
    asset: str  # "TOTAL", "TOTAL2", "TOTAL3", "BTC", "ETH"
    value: float  # in the unit
    unit: str  # "USD"
    precision: float  # half of the last digit stated, in the unit: value ± precision
    comparator: str  # "eq", "lt", "gt", "approx"
    modality: str  # "current", "historical"
    quote: str  # text[start:end]: from the subject, or the figure before, to the figure
    start: int
    end: int
    horizon: str | None = None  # of a change; none of the quantities read so far is one
    cited_source: str | None = None
    as_of: datetime | None = None  # UTC; start of the span the figure is stated for
    as_of_end: datetime | None = None  # its end; equal to as_of for an instant
    as_of_precision: str | None = None


def extract_claims(
    text: str, published_at: datetime | None, *, published_precision: str = "second", start: int = 0
) -> list[Claim]:
    """The claims in ``text``, in order; quotes begin at ``start`` or later.

    ``published_at`` (aware) is what "now" and "yesterday" refer to; without it current claims carry no
    as-of. With a precision of "day" or less, "now" is that whole span.
    """
    written = Written.of(published_at, published_precision)
    original, text = text, text.translate(_BLANKS)
    found = list(islice(figures(text), MAX_FIGURES))
    subjects = [read_subject(match) for match in SUBJECTS.finditer(text)] if found else []
    if not subjects:
        return []
    claims: list[Claim] = []
    spans = sentences(text)
    span_starts = [span[0] for span in spans]
    subject_starts = [subject.start for subject in subjects]
    previous: Figure | None = None  # figure before, where it is in the same sentence
    n_previous = -1
    for figure in found:
        n = bisect_right(span_starts, figure.start) - 1
        if n < 0:
            continue
        begin, end = spans[n]
        if n != n_previous:
            previous, n_previous = None, n
        i = bisect_right(subject_starts, figure.start) - 1
        reading = None
        # "other" subjects end the search; a price's subject may stand between a total and its figure
        for subject in reversed(subjects[max(0, i - 3) : i + 1]):
            if subject.start < begin or figure.start - subject.end > _REACH:
                break
            if subject.pronoun and not total_before(text, subjects[max(0, i - 8) : i], subject, spans, n):
                break
            if subject.bare and not of_the_market(text, subjects[max(0, i - 8) : i], subject, begin):
                break
            reader = _READERS.get(subject.quantity)
            shared = any(claim.start == subject.start for claim in claims[-3:])
            reading = reader and reader(Link(text, begin, end, subject, figure, previous, written, shared))
            if reading or not (subject.quantity == "price" and figure.large):
                break
        if reading and subject.start >= start:
            claims.append(reading)
        previous = figure
    return [replace(claim, quote=original[claim.start : claim.end]) for claim in claims]


#: Other blanks to plain ones, one for one, so that offsets hold.
_BLANKS = dict.fromkeys((0xA0, 0x2007, 0x2009, 0x200A, 0x202F, 0x3000), " ")

_REACH = 170  # characters between a subject and its figure

#: A text with more dollar figures is a price table, no article: the rest of it is not read.
MAX_FIGURES = 4_000


# What a link says --------------------------------------------------------------------------------------------

_ABOUT = r"(?:about|around|roughly|approximately|approx\.?|nearly|almost|close to|circa|some|over|above|more than)"
_THE = (
    r"(?:(?:the|a|an|its|another|only|mere|unprecedented|approximately|roughly|about|new|fresh|record|all-time|high|highs|of|key|just|psychological|massive|monumental|"
    r"historic|impressive|staggering|current|significant|whopping) ){0,5}"
)
_CHANGE = re.compile(
    r"\b(?:by|shed(?:s|ding)?|add(?:s|ed|ing)?|lost|los(?:es|e|ing)|gain(?:s|ed|ing)?|eras(?:ed|es|ing)|"
    r"wip(?:ed|es|ing)(?: (?:out|off|away))?|recover(?:ed|s|ing)?|regain(?:s|ed)?|seen|another|extra|additional|"
    r"(?:drop|fall|decline|loss|increase|gain|rise|jump|surge|inflows?|correction|drawdown) of|"
    r"(?:dropp|declin|ris|gr|increas|decreas|jump|surg|climb|soar|slid|fall|tumbl|plung)(?:ed|ing|es|s|ew|e|en)?|"
    r"up|down|fell|rose)"
    rf" (?:{_ABOUT} ){{0,2}}(?:(?:another|an?|additional|yet) ){{0,2}}$"
)
_PURE_CHANGE = re.compile(r"\b(?:by|shed|sheds|shedding|add|adds|added|adding|lost|losing|wiped?|gained|seen)\b")
_LEVEL_WORD = re.compile(r"\b(?:over|above|past|beyond) $")
_FROM = re.compile(
    rf"\b(?:from|versus|vs\.?|compared (?:to|with)|between|since) "
    rf"(?:(?:{_ABOUT}|under|below|just) ){{0,2}}{_THE}$"
)
_RECORD = re.compile(
    r"\b(?:all[- ]time[- ]highs?|ATH|records?|peaks?|peaked|(?<!day )(?<!week )(?<!month )(?<!year )highs?)\b", re.I
)
_NEW_RECORD = re.compile(
    r"\b(?:new|fresh|hits?|hitting|reach(?:es|ed|ing)?|sets?|setting|touch(?:ed|es|ing)?|to (?:a )?record)\b",
    re.I,
)
_SINCE_EXTREME = re.compile(r"\bsince [\w’' ]{0,25}(?:peak|low|high|record)\b")
_FORMER = re.compile(
    r"\b(?:recently|previously|earlier|formerly|once|originally|(?<!since )last (?:week|month|year|cycle)|ago|"
    r"(?:its|the|a) (?:prior|previous)(?! (?:day|week|month|hour|24))|peaked)\b"
)
_COMPARATORS = (
    (
        "approx",
        re.compile(
            rf"(?:\b(?:about|around|roughly|approximately|approx\.?|nearly|almost|close to|near(?:s|ed|ing)?|circa|"
            rf"some|approach(?:es|ed|ing)?|hover(?:s|ed|ing)?(?: at)?|in the (?:neighbou?rhood|vicinity) of) {_THE}"
            rf"|[~≈] ?)$",
            re.I,
        ),
    ),
    (
        "approx",
        re.compile(
            rf"\b(?:nearly|almost|close to|hovers?|hovered|hovering) "
            rf"(?:hitting|reaching|breaching|crossing|touching|topping|just|slightly) {_THE}$",
            re.I,
        ),
    ),
    ("lt", re.compile(rf"\b(?:below|under|underneath|less than|beneath|short of|shy of|lower than) {_THE}$", re.I)),
    (
        "gt",
        re.compile(
            rf"\b(?:above|over|more than|exceed(?:s|ed|ing)?|surpass(?:es|ed|ing)?|past|beyond|cross(?:es|ed|ing)?|"
            rf"top(?:s|ped|ping)?|north of|at least|breach(?:es|ed|ing)?|upwards? of|higher than|breaks?|broke|"
            rf"breaking|clear(?:s|ed|ing)|crack(?:s|ed|ing)) {_THE}$",
            re.I,
        ),
    ),
    (
        "eq",
        re.compile(
            rf"(?:\b(?:at|to|of|is|was|stands?|stood|standing|hits?|hitting|reach(?:es|ed|ing)?|worth|"
            rf"total(?:s|ed|ing|led|ling)?|test(?:s|ed|ing)|reclaim(?:s|ed|ing)?|regain(?:s|ed|ing)?|touch(?:es|ed|ing)?|"
            rf"equals?|remains?|holds?|now|currently|tapped|for)\b ?{_THE}|: ?)$",
            re.I,
        ),
    ),
)
_ABSENT_AFTER = re.compile(
    r"\s*(?:[-–—]{1,2} ?(?:US)?\$? ?\d|(?:to|and) (?:US)?\$ ?\d+(?:[.,]\d+)*(?: ?[A-Za-z]+)? (?:range|zone|band|area)"
    r"|(?:all-time high|ATH|record|peak|highs?|lows?|target|resistance|support|strike|calls?|puts?|call|put|ceiling|"
    r"barrier|range|price target|options?|goal)\b"
    r"|(?:(?:price )?(?:level|mark|threshold|milestone|target) )?(?:by|before|in|within) "
    r"(?:the end of (?:the|this|20\d\d)|year[- ]end|20[3-9]\d|"
    r"(?:the )?(?:next|coming))"
    r"|(?:in|worth of|of) (?:[\w-]+ ){0,3}(?:volume|inflows?|outflows?|liquidations?|losses|profits?|assets|fees|"
    r"holdings|loans|funding|bitcoin|BTC|ETH|ether)\b"
    r"|(?:imminent|incoming|next|soon|ahead|possible|likely|in sight)\b|\?"
    r"|per (?:day|coin|month|year)\b|a (?:day|month|year|coin|piece)\b)"
)
_FORECAST = re.compile(
    r"\b(?:could|(?-i:may)|might|will|would|should|shall|can|cannot|expect\w*|forecast\w*|predict\w*|project(?:ed|s|ions?)|"
    r"target\w*|if|towards?|potential\w*|set to|poised|likely|on track|eyes|eyeing|aim\w*|next|path|assum\w*|"
    r"scenarios?|hypothetical\w*|needs?|must|goals?|doubl\w+|triples?|until|unless|possibl[ey]|possibility|"
    r"ready to|prepar\w+|fails?|failed|wants?|hopes?|probability|chance|odds|bet|bets|why)\b",
    re.I,
)
_SUPPOSED = re.compile(
    r"\b(?:if|assum\w+|scenarios?|suppos\w+|could|would|might|should|will|can|sees?|likelihood|expect\w*|predict\w*|forecasts?|projects|"
    r"projected|as long as|let[’']s|imagine|hypothetical\w*|until|unless|once|whether|target\w*|when will|believes?|"
    r"betting|bets?|probability|odds|chance)\b",
    re.I,
)
_ASSERTED = re.compile(
    r"\b(?:stands?|stood|standing|sits?|sitting|currently|now|is valued|valued|hover\w*|today|at press time)\b", re.I
)


def _comparator(tail: str) -> str | None:
    for comparator, pattern in _COMPARATORS:
        if pattern.search(tail):
            return comparator
    return None


def _total(link: Link) -> Claim | None:
    """A total market cap. Links vary freely, so they are read by what they must not say."""
    words, tail, subject = link.words, link.tail, link.subject
    asset = _universe(link)
    if asset is None or _NOT_A_TOTAL.search(link.text[max(link.begin, subject.start - 40) : subject.start]):
        return None
    if _FORECAST.search(words) or _ABSENT_AFTER.match(link.after):
        return None
    if _SUPPOSED.search(link.before) and not _ASSERTED.search(words):
        return None
    if _is_change(tail, link.figure):
        return None
    if link.asked or (link.again and _NEW_CLAUSE.search(tail)):
        return None
    level = _SINCE_EXTREME.sub("", words)
    record = _RECORD.search(level) and not _NEW_RECORD.search(level)
    parsed = parse_number(link.figure.number, link.figure.exponent)
    if parsed is None or parsed[0] < 1e9 or record:
        return None
    return _claim(link, "total_market_cap", asset, parsed)


#: Between two figures: the second is somebody else's, unless the verb goes on about the subject.
_NEW_CLAUSE = re.compile(
    r"\b(?:with|while|whereas|as|and|but|when|after)\b"
    r"(?! (?:is|was|are|sits?|stands?|now|currently|remains?|has|trades|hovers|still|of \$))"
)
_NOT_A_TOTAL = re.compile(
    r"(?:%|percent|per cent|share|fraction|portion|third|half) of (?:the |all )?$"
    r"|\b(?:altcoin|stablecoin|meme ?coin|DeFi|NFT|AI|RWA|token|company|firm|project|network|meme|king)[’']?s? $"
    r"|(?:\b(?:its|their|his)|[’']s|s[’']) $",
    re.I,
)
_WITHOUT = re.compile(r"\b(?:exclud\w+|ex-|without|minus|except(?: for)?|outside of?)[ :]*(?P<what>.{0,40})", re.I)


def _universe(link: Link) -> str | None:
    """TOTAL, or what is left of it; None where something else is left out."""
    near = link.text[max(link.begin, link.subject.start - 20) : link.figure.start]
    if "TOTAL3" in near:
        return "TOTAL3"
    without = _WITHOUT.search(link.words)
    if not without:
        return "TOTAL2" if "TOTAL2" in near else "TOTAL"
    what = without["what"]
    bitcoin = re.search(r"bitcoin|BTC", what, re.I)
    ether = re.search(r"\bether|\bETH\b", what, re.I)
    if not bitcoin or re.search(r"stablecoin", what, re.I):
        return None
    return "TOTAL3" if ether else "TOTAL2"


def _is_change(tail: str, figure: Figure) -> bool:
    """Whether the figure says by how much, not how far: "shed $80 billion", "rose over $100 billion"."""
    change = _CHANGE.search(tail)
    if not change:
        return False
    reaches = _LEVEL_WORD.search(tail) and figure.exponent != 9 and not _PURE_CHANGE.search(change[0])
    return not reaches


#: Every word that may stand between the subject and the figure of a price. Strict: prices are surrounded by
#: other dollar amounts, and a word not listed here usually means one of them.
_PRICE_WORDS = frozenset(
    """is was were has have had been be are being the a an and which that as of at to on in by for with
    over under above below around near about past than more less just now currently today still again also already
    briefly recently slightly roughly approximately nearly almost some only even back up down out from
    trade trades traded trading price prices priced changing change hands hover hovers hovered hovering sit sits sat
    sitting stand stands stood standing hold holds held holding remain remains remained remaining stay stays stayed
    staying consolidate consolidates consolidated consolidating settle settled settles settling stabilize stabilized
    stabilizing stabilise stabilised fall falls fell fallen falling drop drops dropped dropping slip slips slipped
    slipping slide slides slid sliding sink sinks sank sinking plunge plunges plunged plunging dip dips dipped dipping
    tumble tumbles tumbled tumbling crash crashes crashed crashing retreat retreats retreated retreating pull pulls
    pulled pulling decline declines declined declining lose loses lost losing rise rises rose risen rising climb
    climbs climbed climbing jump jumps jumped jumping surge surges surged surging soar soars soared soaring rally
    rallies rallied rallying rebound rebounds rebounded rebounding recover recovers recovered recovering gain gains
    gained gaining advance advanced advances advancing push pushes pushed pushing move moves moved moving reach
    reaches reached reaching hit hits hitting touch touches touched touching tap taps tapped tapping cross crosses
    crossed crossing break breaks broke breaking breach breaches breached breaching top tops topped topping surpass
    surpasses surpassed surpassing exceed exceeds exceeded exceeding reclaim reclaims reclaimed reclaiming regain
    regains regained regaining approach approaches approached approaching nearing nears neared close closes closed
    closing opened open opens begin began start started starting spike spikes spiked spiking edge edges edged edging
    higher lower new fresh all-time high low record intraday daily weekly monthly
    level mark threshold barrier press time writing moment this last past previous hours hour day days week weeks
    month minutes session early late asian european us trading morning afternoon evening night overnight sunday monday
    tuesday wednesday thursday friday saturday yesterday since quoted valued worth equals equal least during
    percent per cent after losing gaining sharply steadily quickly rapidly modestly marginally
    utc est et am pm gmt binance coinbase kraken bitstamp coingecko coinmarketcap tradingview
    according data key psychological
    """.split()  # noqa: SIM905 (a word list reads better as prose)
)
_PRICE_VERB = re.compile(
    r"\b(?:trad(?:e|es|ed|ing)|pric(?:e|es|ed)|hands|hover\w*|s[ia]ts?|sitting|st(?:ands?|ood|anding)|h[oe]lds?|holding|"
    r"remain\w*|stay\w*|consolidat\w*|settl\w*|stabili\w*|f[ae]ll\w*|dropp?\w*|slipp?\w*|slid\w*|sank|sinks?|plung\w*|"
    r"dipp?\w*|tumbl\w*|crash\w*|retreat\w*|pull\w*|declin\w*|r[io]se\w*|rising|climb\w*|jump\w*|surg\w*|soar\w*|rall\w+|"
    r"rebound\w*|recover\w*|advanc\w*|push\w*|mov(?:e|es|ed|ing)|reach\w*|hits?|hitting|touch\w*|tapp?\w*|cross\w*|br[eo]ak\w*|"
    r"broke|breach\w*|topp?\w*|surpass\w*|exceed\w*|reclaim\w*|regain\w*|approach\w*|near\w*|clos(?:e|es|ed|ing)|"
    r"open\w*|spik\w*|edg\w*|quoted|valued|worth|start\w*|beg[ai]n)\b",
    re.I,
)
_PRICE_TOKEN = re.compile(r"[^\W\d_][\w'’-]*")
_NOT_A_PRICE = re.compile(
    r"\d[\d,.]*(?: (?:million|billion|thousand))? $"  # an amount of coins
    r"|\b(?:bought|buy|buys|buying|purchas\w+|acquir\w+|sold|sells?|selling|stack\w*|spent|invest\w*|own\w*|accumulat\w+)"
    r" (?:\w+ ){0,3}$",
    re.I,
)
#: Ahead of the subject: an unnamed time ("when Bitcoin hits", "where ETH traded").
_WHEN = re.compile(r"\b(?:when|where|once|before|by the time|as soon as|each time) (?:the )?$", re.I)
#: No lower or higher price has been seen since 2018; before, and for named past times, anything goes.
_PLAUSIBLE = {"BTC": (1e3, 1e7), "ETH": (50.0, 1e6)}
_PLAUSIBLE_SINCE = datetime(2018, 1, 1, tzinfo=UTC)
#: From when on a decimal reading of "42.900" would be absurd (Bitcoin under $100, Ether under $10).
_GROUPS_SINCE = {"BTC": datetime(2013, 12, 1, tzinfo=UTC), "ETH": datetime(2017, 3, 1, tzinfo=UTC)}


def _price(link: Link) -> Claim | None:
    """A price. Links are read by what they may say: known words only, a verb of price among them."""
    words, subject, figure = link.words, link.subject, link.figure
    if len(words) > 110 or figure.exponent not in (0, 3) or (link.again and not re.search(r"\bto $", link.tail)):
        return None
    plain = words
    if link.again:
        inside = slice(link.previous.start - subject.end, link.previous.end - subject.end)
        plain = words[: inside.start] + words[inside.stop :]
    vocabulary = [token.lower() for token in _PRICE_TOKEN.findall(TIME.sub(" ", plain))]
    if any(token not in _PRICE_WORDS for token in vocabulary) or re.search(r"[;:?!]", plain):
        return None
    direct = re.fullmatch(r"(?: (?:is|was|at|now at|is at|is now at|currently at))? ?", words)
    if not (_PRICE_VERB.search(plain) or (direct and (subject.priced or " at" in words))):
        return None
    if link.asked or re.match(r"(?:['’]s)? (?:price )?to ", words, re.I):
        return None  # "Bitcoin to hit"
    if _WHEN.search(link.before) and not TIME.search(link.text, link.begin, link.end):
        return None
    if _NOT_A_PRICE.search(link.before[-60:]) or _ABSENT_AFTER.match(link.after):
        return None
    if _SUPPOSED.search(link.before) or _FORECAST.search(plain.replace("May ", "")):
        return None
    if _is_change(link.tail, figure) or (_RECORD.search(plain) and not _NEW_RECORD.search(plain)):
        return None
    grouped = link.written.at is None or link.written.at >= _GROUPS_SINCE[subject.asset]
    parsed = parse_number(figure.number, figure.exponent, dot_may_group=grouped)
    claim = parsed and _claim(link, "price", subject.asset, parsed)
    if not claim:
        return None
    low, high = _PLAUSIBLE[subject.asset]
    since = claim.as_of or link.written.at
    if (since and since < _PLAUSIBLE_SINCE) or (since is None and claim.modality == "historical"):
        low = 0.0
    return claim if low <= claim.value <= high else None


_READERS: dict[str, Callable[[Link], Claim | None]] = {"total_market_cap": _total, "price": _price}


def _claim(link: Link, quantity: str, asset: str, parsed: tuple[float, float]) -> Claim | None:
    comparator = _comparator(link.tail)
    baseline = _FROM.search(link.tail)
    when = _as_of(link, baseline=bool(baseline))
    if when is None or (comparator is None and not baseline):
        return None
    start = link.previous.end if link.shared and link.again else link.subject.start
    quote = link.text[start : link.figure.end]
    start += len(quote) - len(quote.lstrip(" ,.;–—"))
    return Claim(
        quantity=quantity,
        asset=asset,
        value=parsed[0],
        unit="USD",
        precision=parsed[1],
        comparator=comparator or _comparator(link.tail.replace("from ", "at ")) or "eq",
        modality=when.modality,
        quote=link.text[start : link.figure.end],
        start=start,
        end=link.figure.end,
        cited_source=cited_provider(
            link.text, (link.begin, link.end), link.subject.start, (link.figure.start, link.figure.end)
        ),
        as_of=when.start,
        as_of_end=when.end,
        as_of_precision=when.precision,
    )


# When --------------------------------------------------------------------------------------------------------


def _as_of(link: Link, *, baseline: bool) -> Span | None:
    """The span a figure is stated for; None where it is in the future, or past at no known time.

    The first time phrase directly behind the figure counts, else the last one before it that does not
    belong to a figure before.
    """
    after = TIME.match(link.text, _FILLER.match(link.text, link.figure.end).end(), link.figure.end + 60)
    if after and not after["not"]:
        return resolve(after, link.written)
    if baseline:
        return None
    begin = max(link.begin, link.subject.start - 160)
    taken = link.previous.end + 25 if link.previous and link.previous.end > begin else begin
    phrases = [
        match
        for match in TIME.finditer(link.text, begin, link.figure.start)
        if not match["not"] and not (link.previous and link.previous.end <= match.start() < taken)
    ]
    former = _FORMER.search(link.tail)
    current = [match for match in phrases if match["now"] or match["today"]]
    if former and not current:
        return None
    return resolve(current[-1] if current else phrases[-1], link.written) if phrases else link.written.now


_FILLER = re.compile(
    r"(?: ?(?:levels?|mark|milestone|threshold|area|region|zone))?,? ?"
    r"(?:as of|on|as|at the close of|back|late|early)? ?"
)
