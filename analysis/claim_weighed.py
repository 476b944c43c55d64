"""What a figure states, where the model is sure of which kind it is: its value, comparator, time and horizon.

Pure. The model has seen few traps, the grammar's authors many: words that the grammar takes for a forecast, a record, a
change or somebody else's figure rule a claim out here, too.
"""

from __future__ import annotations

import re
from dataclasses import replace

from analysis import claim_words as words_of
from analysis.claim_dollars import asset_of_others, is_change, no_price, price_of
from analysis.claim_percent import goes_on, how_much, is_part, supposed
from analysis.claim_plain import is_known
from analysis.claim_when import horizon_of, of_an_event, stated_for
from analysis.claim_words import comparator_of
from analysis.figures import parse_number, parse_percent
from analysis.links import Link, Reading

_NEXT_FIGURE = re.compile(r"\$ ?\d[\d,.]*|\d ?%")


def reading_of(link: Link, answer: str) -> Reading | None:
    """The claim; ``answer`` is one of ``claim_model.ANSWERS`` but "none". None where number or words forbid it."""
    asset, figure = link.subject.asset, link.figure
    when = stated_for(link)
    if when is None or ruled_out(link, answer):
        return None
    how = comparator_of(link.tail) or "eq"
    if answer in ("price", "cap"):
        if figure.percent:
            return None
        if answer == "cap":
            parsed = parse_number(figure.number, figure.exponent)
            quantity, least = ("total_market_cap", 1e9) if asset.startswith("TOTAL") else ("asset_market_cap", 1e6)
            return Reading(quantity, asset, *parsed, how, when) if parsed and parsed[0] >= least else None
        value = price_of(link, when)
        return Reading("price", asset, *value, how, of_an_event(link, when)) if value else None
    parsed = parse_percent(figure.number) if figure.percent else None
    if not parsed or not parsed[0]:
        return None
    if answer == "dominance":
        return Reading(answer, asset, *parsed, how, when) if parsed[0] <= 100 else None
    sign = 1 if answer == "rise" else -1
    if (figure.sign and figure.sign != sign) or (sign < 0 and parsed[0] > 100):
        return None
    moved = Reading("pct_change", asset, sign * parsed[0], parsed[1], how_much(link.tail), when, direction=sign)
    if answer == "drawdown":
        return replace(moved, quantity="drawdown_from_ath", direction=0)
    return replace(moved, horizon=_horizon(link))


def ruled_out(link: Link, answer: str) -> bool:
    """Whether the words around are ones that the grammar takes for a forecast, a record, a change or another's."""
    figure, words, tail = link.figure, link.words, link.tail
    if link.asked or supposed(link) or words_of.FORECAST.search(words.replace("May ", "")) or _DENIED.search(words):
        return True
    if any(not is_known(match["noun"]) for match in _HEADED.finditer(words)):
        return True
    if words_of.MAY.search(link.text, max(link.begin, min(link.subject.start, figure.start) - 60), figure.start):
        return True
    if answer in ("price", "cap"):
        level = words_of.PASSED_RECORD.sub(" ", words)
        record = words_of.RECORD.search(level) and not words_of.NEW_RECORD.search(level)
        return bool(
            record
            or words_of.ABSENT_AFTER.match(link.after)
            or words_of.FROM.search(tail)
            or is_change(tail, figure)
            or (answer == "cap" and asset_of_others(link))
            or (answer == "price" and no_price(link))
        )
    return goes_on(link) or is_part(link) or (answer == "dominance" and bool(words_of.FROM.search(tail)))


_DENIED = re.compile(r"n[’']t\b|\b(?:not|never|no longer|yet to|without)\b")
#: A noun that heads a clause of its own, or that the coin but describes: the figure is its.
_HEADED = re.compile(
    r"(?:^ |\b(?:as|while|when|but|after|whereas) (?:the |its |an? )?)(?P<noun>(?!\w+ly\b)[a-z][a-z-]+)\b"
)


def _horizon(link: Link) -> str | None:
    figure = link.figure
    begin = max(link.begin, link.last_end, min(link.subject.start, figure.start) - 60)
    stop = min(link.end, figure.end + 75)
    following = _NEXT_FIGURE.search(link.text, figure.end, stop)
    if following and re.fullmatch(r",? (?:to|at)(?: \w+){0,3} ?", link.text[figure.end : following.start()]):
        following = _NEXT_FIGURE.search(link.text, following.end(), stop)  # "rose 3% to $90 over the day"
    if following:
        stop = following.start()
    return horizon_of(link.text, begin, figure.start, figure.end, stop, link.written)
