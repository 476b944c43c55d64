"""Verdicts as people read them: marks, words, and the tables of who agrees with what the press states.

Frames in, frames out. A verdict always stands with its mark and its words, never with a colour alone.
"""

from __future__ import annotations

import pandas as pd

from dashboard import words

#: What is best comes first.
MARKS = {"matches": "✓", "another definition": "≈", "differs": "≠", "cannot check": "?", "not checked": "·"}
#: Class of ``.nt-verdict``.
STYLES = {
    "matches": "matches",
    "another definition": "another",
    "differs": "differs",
    "cannot check": "cannot",
    "not checked": "cannot",
}
QUANTITIES = {
    "total_market_cap": "Total market cap",
    "asset_market_cap": "Market cap",
    "price": "Price",
    "pct_change": "Change",
    "dominance": "Dominance",
    "drawdown_from_ath": "Below the record high",
}
IN_PERCENT = ("pct_change", "dominance", "drawdown_from_ath")
COMPARATORS = {"eq": "", "lt": "under ", "gt": "more than ", "approx": "roughly "}
COUNTS = {"matches": "matches", "another": "another definition", "differs": "differs", "cannot": "cannot check"}


def named(verdict: str) -> str:
    """ "≠ differs" """
    return f"{MARKS[verdict]} {verdict}"


def provider(source: str, definition: str) -> str:
    return "no source" if source == "none" else f"{source}, {definition}"


def statement(claim: object, zone: str = "UTC") -> str:
    """What a claim states, for when: "Total market cap: $2.680 T (± $5.000 B), stated for …"."""
    what = QUANTITIES.get(claim.quantity, claim.quantity)
    if pd.notna(claim.asset) and claim.asset != "TOTAL":
        what = f"{claim.asset} {what[0].lower()}{what[1:]}"
    if pd.notna(claim.horizon):
        what += f" over {claim.horizon}"
    about = "" if pd.isna(claim.precision) else f" (± {stated(claim, claim.precision)})"
    return (
        f"{what}: {COMPARATORS.get(claim.comparator, '')}{stated(claim, claim.value)}{about}, {stated_for(claim, zone)}"
    )


def stated(claim: object, value: float) -> str:
    """A figure of a claim's own: a percentage with all the decimals it was stated with."""
    return words.quantity(value, claim.unit, None if claim.unit == "percent" else claim.precision)


def stated_for(claim: object, zone: str = "UTC") -> str:
    if pd.isna(claim.as_of):
        return f"{claim.modality}; for when is not stated"
    if getattr(claim, "as_of_assumed", False):
        day = f"{claim.as_of.day} {claim.as_of:%B %Y}"
        return f"{claim.modality}, assumed: {day}, the earliest day it can have been published"
    if claim.as_of == claim.as_of_end:
        return f"{claim.modality}, stated for {words.when(claim.as_of, zone=zone)}"
    # Days and longer are those of UTC, whatever zone the page is in.
    whole = all(at == at.normalize() for at in (claim.as_of, claim.as_of_end))
    return f"{claim.modality}, stated for {words.period(claim.as_of, claim.as_of_end, 'UTC' if whole else zone)}"


def recorded(check: object, part: str, unit: str) -> float | None:
    """A check's ``value``, ``low`` or ``high`` in the claim's unit."""
    return getattr(check, f"{part}_{'percent' if unit == 'percent' else 'usd'}")


def difference(fraction: float | None, points: float | None) -> str:
    """Claimed against recorded, of a claim in USD or in percent: "−5.1 %", "+0.3 points"; "–" for neither."""
    return words.points(points) if pd.notna(points) else words.signed(fraction)


def cells(check: object, unit: str) -> list[tuple[str, str]]:
    """The figures beside a verdict, (label, words), those that are known, as exact as the claim deserves."""
    precision = getattr(check, "precision", None)
    value, low, high = (recorded(check, part, unit) for part in ("value", "low", "high"))
    found = []
    if pd.notna(value):
        found.append(("recorded", words.quantity(value, unit, precision)))
    if pd.notna(low) and pd.notna(high) and low != high:
        ends = (words.quantity(end, unit, precision) for end in (low, high))
        found.append(("range", " to ".join(ends)))
    if pd.notna(check.difference) or pd.notna(check.difference_points):
        found.append(("claimed against recorded", difference(check.difference, check.difference_points)))
    if pd.notna(check.resolution_s):
        found.append(("every", words.span(check.resolution_s)))
    if pd.notna(check.age_s):
        found.append(("age", words.span(check.age_s)))
    return found


def in_order(checks: pd.DataFrame) -> pd.DataFrame:
    """A claim's checks, what matches first; rows without one left out."""
    checks = checks.dropna(subset="verdict")
    return checks.iloc[checks["verdict"].map(list(MARKS).index).argsort(kind="stable")]


def agreement(by_quantity: pd.DataFrame) -> pd.DataFrame:
    """Who agrees with what the press states, one row a source and definition.

    ``by_quantity``: ``data.queries.claim_providers``. Returns ``source``, ``definition``, the four counts, ``checked``
    and ``median_<quantity>`` for each quantity it can check: claimed over recorded − 1 (fraction) of one in USD,
    claimed − recorded (percentage points) of one in percent; NaN where there is none, or where too few have one.
    """
    if by_quantity.empty:
        return pd.DataFrame(columns=["source", "definition", "checked", *COUNTS])
    keys = ["source", "definition"]
    counts = by_quantity.groupby(keys)[list(COUNTS)].sum()
    counts.insert(0, "checked", counts[["matches", "another", "differs"]].sum(axis=1))
    median = by_quantity["median_difference"].fillna(by_quantity["median_points"])
    medians = by_quantity.assign(median=median).pivot(index=keys, columns="quantity", values="median")
    medians = medians[[name for name in QUANTITIES if name in medians]].dropna(axis="columns", how="all")
    joined = counts.join(medians.add_prefix("median_"))
    return joined.sort_values(["checked", "matches"], ascending=False, kind="stable").reset_index()


def grid(checks: pd.DataFrame) -> pd.DataFrame:
    """Claims against providers: one row a claim (``article_id``, ``offset``, ``claim``), one column a provider.

    ``checks``: rows as ``data.queries.claims_of``. A cell is the verdict's mark and the difference, "≠ −5.1 %"; empty
    where the provider was not asked. Rows keep their order; providers with most answers come first.
    """
    claims = checks.drop_duplicates(["article_id", "offset"])
    rows = pd.DataFrame(
        {
            "article_id": claims["article_id"],
            "offset": claims["offset"],
            "claim": [f"{QUANTITIES.get(c.quantity, c.quantity)}: “{c.quote}”" for c in claims.itertuples()],
        }
    ).reset_index(drop=True)
    made = checks.dropna(subset="verdict")
    if made.empty:
        return rows
    made = made.assign(
        provider=[provider(c.source, c.definition) for c in made.itertuples()],
        cell=[
            named(c.verdict)
            if pd.isna(c.difference) and pd.isna(c.difference_points)
            else f"{MARKS[c.verdict]} {difference(c.difference, c.difference_points)}"
            for c in made.itertuples()
        ],
    )
    answered = made["verdict"].ne("cannot check").groupby(made["provider"]).sum().sort_values(ascending=False)
    wide = made.pivot(index=["article_id", "offset"], columns="provider", values="cell")[list(answered.index)]
    return rows.merge(wide.reset_index(), on=["article_id", "offset"], how="left")
