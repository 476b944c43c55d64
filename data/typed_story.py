"""What a person typed into the form beside what was read: the corrections that makes, or why it cannot be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from analysis.figures import parse_number
from data.add_article import Draft, taken_back
from data.correction_values import FIELDS, KINDS, QUANTITIES, Correction, claim_value, time_value, why_not
from data.times_written import read_time, write_span

#: Clocks differ; what is stated for later than this has not happened.
AHEAD = timedelta(minutes=10)
_SCALES = {"T": 12, "B": 9, "M": 6, "": 0, "K": 3}
_AMOUNT = re.compile(
    r"(?:US)?\$? ?(?P<number>\d+(?:[.,]\d+)*) ?(?P<unit>trillion|billion|million|thousand|tn|bn|mn|[tbmk])?", re.I
)
_PERCENT = re.compile(r"(?P<sign>[+\-−]?) ?(?P<number>\d+(?:[.,]\d+)*) ?(?:%|per ?cent)?", re.I)


@dataclass(frozen=True)
class TypedClaim:
    """One claim as it stands in the form, each part as text."""

    quote: str
    quantity: str
    asset: str
    value: str
    comparator: str = "eq"
    modality: str = "current"
    as_of: str = ""  # empty: the time of publication
    keep: bool = True


@dataclass(frozen=True)
class Typed:
    """The form. What is left out of it is not corrected."""

    fields: Mapping[str, str] = field(default_factory=dict)  # of FIELDS; empty: there is none
    mentions: Mapping[str, Sequence[str]] = field(default_factory=dict)  # values by kind
    claims: Sequence[TypedClaim] = ()  # those of the draft in their order, then further ones
    back: Sequence[Correction] = ()  # corrections to take back


@dataclass(frozen=True)
class Outcome:
    """The corrections to save, and a sentence for each thing that keeps them from it."""

    made: tuple[Correction, ...]
    problems: tuple[str, ...]


def field_text(draft: Draft, name: str) -> str:
    """A field as the form shows it; empty where there is none."""
    row = draft.row
    if name == "published_at":
        return time_value(row["published_at"], row["published_precision"]) or ""
    return "" if pd.isna(row[name]) else str(row[name])


def values_of(draft: Draft, kind: str) -> list[str]:
    """What is mentioned of a kind, first mention first."""
    return list(dict.fromkeys(draft.mentions.loc[draft.mentions["kind"] == kind, "value"]))


def typed_claim(claim: Any) -> TypedClaim:
    """A row of ``claims`` as the form shows it."""
    span = "" if pd.isna(claim.as_of) else write_span(claim.as_of, claim.as_of_end, claim.as_of_precision)
    return TypedClaim(
        claim.quote,
        claim.quantity,
        "" if pd.isna(claim.asset) else claim.asset,
        write_amount(claim.value, claim.precision, claim.unit),
        claim.comparator,
        claim.modality,
        span,
    )


def outcome(draft: Draft, typed: Typed, now: datetime) -> Outcome:
    """Compare what was typed with what was read."""
    made = [*_fields(draft, typed), *_mentions(draft, typed)]
    problems = []
    for one in made:
        problems += filter(None, [why_not(one) or _too_late(one, now)])
    claims, refused = _claims(draft, typed)
    made += claims
    things = {one.thing for one in made}
    made += [taken_back(one) for one in typed.back if one.thing not in things]
    return Outcome(tuple(made), (*problems, *refused))


def _fields(draft: Draft, typed: Typed) -> list[Correction]:
    made = []
    for name in FIELDS:
        before = field_text(draft, name)
        after = " ".join(typed.fields.get(name, before).split())
        if after != before:
            made.append(Correction(name, after or None, before or None))
    return made


def _too_late(one: Correction, now: datetime) -> str | None:
    if one.field == "published_at" and one.value and read_time(one.value)[0] > now + AHEAD:
        return f"{one.value} lies in the future; a story is added when it is out."
    return None


def _mentions(draft: Draft, typed: Typed) -> list[Correction]:
    made = []
    for kind in KINDS:
        before = values_of(draft, kind)
        after = [" ".join(value.split()) for value in typed.mentions.get(kind, before)]
        if kind == "asset":
            after = [value if value in before else value.upper() for value in after]
        rows = draft.mentions[draft.mentions["kind"] == kind]
        for gone in (value for value in before if value not in after):
            row = rows[rows["value"] == gone].iloc[0]
            was = {"kind": kind, "value": gone, "quote": row["quote"], "basis": row["basis"]}
            made.append(Correction("mention", None, was))
        for come in dict.fromkeys(value for value in after if value not in before):
            made.append(Correction("mention", {"kind": kind, "value": come, "quote": come}))
    return made


def _claims(draft: Draft, typed: Typed) -> tuple[list[Correction], list[str]]:
    made: list[Correction] = []
    problems: list[str] = []
    begins: dict[int, str] = {}
    for n, claim in enumerate(typed.claims):
        row = draft.claims.iloc[n] if n < len(draft.claims) else None
        shown = typed_claim(row) if row is not None else None
        if not claim.keep:
            if row is not None:
                made.append(Correction("claim", None, claim_value(row)))
            continue
        at = int(row["offset"]) if row is not None and claim.quote == row["quote"] else _place(draft, claim.quote)
        if at is None:
            problems.append(f"The quote “{_short(claim.quote)}” does not stand in the text; copy it as it is written.")
            continue
        if at in begins:
            problems.append(f"Two claims begin at “{_short(claim.quote)}”; let one of the quotes begin later.")
            continue
        begins[at] = claim.quote
        if claim == shown:
            continue
        try:
            value = _value(draft, claim, row, shown)
        except ValueError as error:
            problems.append(f"“{_short(claim.quote)}”: {error}")
            continue
        moved = row is not None and (claim.quote, claim.quantity) != (row["quote"], row["quantity"])
        changed = [Correction("claim", None, claim_value(row))] if moved else []
        changed.append(Correction("claim", value, claim_value(row) if row is not None and not moved else None))
        problems += [f"“{_short(claim.quote)}”: {why}" for one in changed if (why := why_not(one))]
        made += changed
    return made, problems


def _value(draft: Draft, claim: TypedClaim, row: Any, shown: TypedClaim | None) -> dict[str, Any]:
    """What a correction of a claim says. Raises ValueError with a sentence."""
    base = claim_value(row) if row is not None else {}
    unit = QUANTITIES[claim.quantity]
    if shown is None or (claim.value, claim.quantity) != (shown.value, shown.quantity):
        base["value"], base["precision"] = read_amount(claim.value, unit)
    value = base | {
        "quote": claim.quote,
        "quantity": claim.quantity,
        "asset": claim.asset,
        "unit": unit,
        "comparator": claim.comparator,
        "modality": claim.modality,
    }
    # Until somebody corrects it, the time follows the article's.
    held = next(
        (one.value for one in draft.corrections if shown and one.thing == ("claim", claim.quantity, claim.quote)), None
    )
    if claim.as_of.strip() and (shown is None or claim.as_of != shown.as_of or (held or {}).get("as_of")):
        value["as_of"] = claim.as_of.strip()
    return value


def _place(draft: Draft, quote: str) -> int | None:
    at = draft.text.find(quote, draft.begin) if quote.strip() else -1
    return at if at >= 0 else None


def _short(quote: str) -> str:
    line = " ".join(quote.split())
    return line if len(line) <= 60 else f"{line[:59]}…"


def read_amount(text: str, unit: str) -> tuple[float, float]:
    """A figure as people write it, ``2.68T``, ``$42,900``, ``-3.1%``: its value, and half of its last digit.

    Raises ValueError with a sentence.
    """
    text = " ".join(text.split())
    if unit == "percent":
        match = _PERCENT.fullmatch(text)
        parsed = parse_number(match["number"]) if match and len(match["number"]) <= 24 else None
        if parsed is None:
            raise ValueError(f"{text[:40]!r} is not a percentage; write it as -3.1 or 52.5%.")
        return (-parsed[0] if match["sign"] in ("-", "−") else parsed[0]), parsed[1]
    match = _AMOUNT.fullmatch(text)
    exponent = _SCALES[(match["unit"] or "")[:1].upper()] if match else 0
    if match and (match["unit"] or "").lower() == "thousand":
        exponent = 3
    parsed = parse_number(match["number"], exponent) if match and len(match["number"]) <= 24 else None
    if parsed is None:
        raise ValueError(f"{text[:40]!r} is not an amount in US dollars; write it as 2.68T, 812.5B or 42,900.")
    return parsed


def write_amount(value: float, precision: float, unit: str) -> str:
    """A figure in the shortest way that ``read_amount`` reads as this value and precision, where there is one."""
    for letter, exponent in _SCALES.items() if unit == "USD" else [("", 0)]:
        if exponent and abs(value) < 10**exponent:
            continue
        for decimals in range(7):
            text = f"{value / 10**exponent:,.{decimals}f}{letter}"
            try:
                if read_amount(text, unit) == (value, precision):
                    return text
            except ValueError:
                continue
    return f"{value:,f}".rstrip("0").rstrip(".")
