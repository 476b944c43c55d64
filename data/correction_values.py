"""What a correction says: one row of ``annotations``, its values checked.

``value`` and ``was`` are JSON. ``null`` says that there is nothing of the kind; an empty ``value`` takes earlier
corrections of the same thing back.
"""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa

from data.tables import ANNOTATIONS
from data.times_written import read_span, read_time, write_time

#: Fields of an article, and the columns each one fills.
FIELDS = {
    "title": ("title", "title_derived"),
    "publisher": ("publisher",),
    "author": ("author",),
    "language": ("language",),
    "published_at": ("published_at", "published_precision"),
}
REQUIRED = ("title", "publisher")
LONGEST = {"title": 1000, "publisher": 200, "author": 300, "language": 35}
KINDS = ("asset", "person", "place", "demonym", "organisation", "topic", "cited source", "embedded post")
QUANTITIES = {
    "total_market_cap": "USD",
    "asset_market_cap": "USD",
    "price": "USD",
    "pct_change": "percent",
    "dominance": "percent",
    "drawdown_from_ath": "percent",
}
COMPARATORS = ("eq", "lt", "gt", "approx")
MODALITIES = ("current", "historical")


@dataclass(frozen=True)
class Correction:
    """One correction. ``value`` and ``was`` are JSON values, as ``annotations`` holds them."""

    field: str  # of FIELDS, or "mention", "claim"
    value: Any = None  # None: there is nothing of the kind
    was: Any = None  # what stood there; names the mention or claim where ``value`` does not
    taken_back: bool = False  # earlier ones hold no longer
    note: str = ""
    author: str = ""
    created_at: datetime | None = None

    @property
    def thing(self) -> tuple[str, ...]:
        """What it is of, within its article. Raises ValueError where it does not say."""
        if self.field in FIELDS:
            return (self.field,)
        named = self.was or self.value
        parts = ("kind", "value") if self.field == "mention" else ("quantity", "quote")
        if not isinstance(named, dict) or not all(isinstance(named.get(part), str) for part in parts):
            raise ValueError(f"a correction of a {self.field} names its {' and '.join(parts)}")
        return (self.field, *(storable(named[part]) for part in parts))


def why_not(correction: Correction) -> str | None:
    """Why a correction cannot be laid over anything; None where it can."""
    try:
        _ = correction.thing
        if not correction.taken_back:
            checked(correction.field, correction.value)
    except ValueError as error:
        return str(error)
    return None


def rows(article_id: str, made: Sequence[Correction], *, author: str, note: str, now: datetime) -> pa.Table:
    """Corrections as rows of ``annotations``. Raises ValueError for one that says nothing that can be stored."""
    for one in made:
        if why := why_not(one):
            raise ValueError(why)
    return pa.Table.from_pylist(
        [
            {
                "annotation_id": uuid.uuid4().hex,
                "target_kind": "claim" if one.field == "claim" else "article",
                "target_id": article_id,
                "field": one.field,
                "value": None if one.taken_back else json.dumps(one.value),
                "was": None if one.was is None else json.dumps(one.was),
                "note": storable(note).strip() or f"Correction of the {one.field.replace('_at', '')}.",
                "author": storable(author).strip() or "analyst",
                "created_at": now,
            }
            for one in made
        ],
        ANNOTATIONS.schema,
    )


def readable(annotations: pd.DataFrame) -> pd.Series:
    """Which rows of ``annotations`` are notes, or corrections that can be laid over something."""
    return annotations.apply(lambda row: pd.isna(row["field"]) or why_no_correction(row) is None, axis=1).astype(bool)


def corrected_articles(annotations: pa.Table) -> list[str]:
    """The articles that these rows of ``annotations`` correct."""
    columns = (annotations[name].to_pylist() for name in ("target_id", "target_kind", "field"))
    rows = zip(*columns, strict=True)
    return list(dict.fromkeys(target for target, kind, field in rows if field and kind in ("article", "claim")))


def why_no_correction(row: Any) -> str | None:
    try:
        return why_not(correction_of(row))
    except ValueError as error:  # no JSON
        return str(error)


def correction_of(row: Any) -> Correction:
    """Raises ValueError for what is no JSON."""
    taken_back = pd.isna(row.value)
    try:
        value = None if taken_back else json.loads(row.value)
        was = None if pd.isna(row.was) else json.loads(row.was)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    return Correction(
        row.field,
        value,
        was,
        taken_back,
        row.note,
        row.author,
        row.created_at,
    )


def checked(name: str, value: Any) -> Any:
    """A correction's value as it is stored: a tuple for the columns of a field, a dict for a mention or claim.

    Raises ValueError with a sentence.
    """
    if name == "published_at":
        return (None, None) if value is None else read_time(_line(value, "the time of publication"))
    if name in FIELDS:
        if value is None:
            if name in REQUIRED:
                raise ValueError(f"An article has a {name}; write what it is.")
            return (None,)
        line = _line(value, f"the {name}", LONGEST[name])
        return (line, False) if name == "title" else (line,)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ValueError(f"A {name} is written as an object.")
    return _checked_mention(value) if name == "mention" else _checked_claim(value)


def _checked_mention(value: Mapping[str, Any]) -> dict[str, str]:
    kind = value.get("kind")
    if kind not in KINDS:
        raise ValueError(f"A mention is of one of these kinds: {', '.join(KINDS)}.")
    named = _line(value.get("value"), f"the {kind}", 200)
    return {"kind": kind, "value": named, "quote": _line(value.get("quote") or named, "the quote", 2000)}


def _checked_claim(value: Mapping[str, Any]) -> dict[str, Any]:
    quantity, comparator, modality = value.get("quantity"), value.get("comparator", "eq"), value.get("modality")
    for given, allowed, called in (
        (quantity, tuple(QUANTITIES), "quantity"),
        (comparator, COMPARATORS, "comparison"),
        (modality, MODALITIES, "modality"),
    ):
        if given not in allowed:
            raise ValueError(f"A claim's {called} is one of: {', '.join(allowed)}.")
    result = {
        "quote": storable(value["quote"]) if isinstance(value.get("quote"), str) else "",
        "quantity": quantity,
        "asset": _line(value.get("asset"), "the asset", 20).upper(),
        "value": _number(value.get("value"), "value"),
        "unit": QUANTITIES[quantity],
        "precision": abs(_number(value.get("precision", 0.0), "precision")),
        "comparator": comparator,
        "horizon": _line(value["horizon"], "the horizon", 20) if value.get("horizon") else None,
        "cited_source": _line(value["cited_source"], "the source", 200) if value.get("cited_source") else None,
        "modality": modality,
    }
    if not result["quote"].strip():
        raise ValueError("A claim has a quote: the words of the text that state it.")
    if result["unit"] == "USD" and result["value"] <= 0:
        raise ValueError("An amount in US dollars is above zero.")
    if value.get("as_of"):
        start, end, precision = read_span(_line(value["as_of"], "the time it is stated for"))
        result |= {"as_of": start, "as_of_end": end, "as_of_precision": precision}
    return result


def _number(value: Any, called: str) -> float:
    try:
        number = math.nan if isinstance(value, bool) or not isinstance(value, int | float) else float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"A claim's {called} is a number.")
    return number


def _line(value: Any, called: str, longest: int = 100) -> str:
    line = " ".join(storable(value).split()) if isinstance(value, str) else ""
    if not line:
        raise ValueError(f"{called.capitalize()} is empty.")
    if len(line) > longest:
        raise ValueError(f"{called.capitalize()} is longer than {longest:,} characters.")
    return line


def storable(text: str) -> str:
    """Lone surrogates (half an emoji) become U+FFFD: pandas cannot hold them."""
    return text if text.isascii() else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def plain(value: Any) -> Any:
    """A cell as JSON has it."""
    if isinstance(value, pd.Timestamp) and pd.notna(value):
        return value.isoformat()
    return None if value is None or (not isinstance(value, bool) and pd.isna(value)) else value


def claim_value(claim: Mapping[str, Any]) -> dict[str, Any]:
    """A row of ``claims`` as a correction holds it; without its time, which follows the article's unless corrected."""
    names = ("quote", "quantity", "asset", "value", "unit", "precision", "comparator", "horizon", "cited_source",
             "modality")  # fmt: skip
    return {name: plain(claim[name]) for name in names}


def time_value(at: Any, precision: Any) -> str | None:
    """A publication time as a correction of ``published_at`` holds it."""
    return None if pd.isna(at) else write_time(at.to_pydatetime(), precision)
