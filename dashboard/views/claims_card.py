"""The verdict card: a quote in its sentence, what it states, and one line a source and definition."""

from __future__ import annotations

import html

import pandas as pd
import streamlit as st

from analysis.prose import sentences
from dashboard import verdicts

#: Characters of the sentence on either side of the quote.
AROUND = 280


def card(checks: pd.DataFrame, text: str | None = None, zone: str = "UTC") -> None:
    """Draw one claim; times are in ``zone``.

    ``checks``: its rows of ``story_claims`` (one a check). ``text``: title, line break, text of its article, to show
    the quote in its sentence; without it, or where the text reads otherwise there by now, the quote stands alone.
    """
    claim = next(checks.itertuples())
    cites = f" The article names {claim.cited_source} for it." if pd.notna(claim.cited_source) else ""
    lines = "".join(_line(check, claim.unit) for check in verdicts.in_order(checks).itertuples())
    none = (
        "" if lines else '<div class="nt-note">Not checked yet: the next refresh sets it beside what is recorded.</div>'
    )
    st.html(
        f'<div class="nt-card"><div class="nt-quote">{_quoted(claim, text)}</div>'
        f"<div>{html.escape(verdicts.statement(claim, zone))}.{html.escape(cites)}</div>{lines}{none}</div>"
    )


def _quoted(claim: object, text: str | None) -> str:
    before, after = around(text, claim.offset, claim.quote) if text is not None else ("", "")
    return f"{html.escape(before)}<mark>{html.escape(claim.quote)}</mark>{html.escape(after)}"


def around(text: str, offset: int, quote: str) -> tuple[str, str]:
    """What stands before and after a quote in its sentence; nothing where the text does not hold it there."""
    end = offset + len(quote)
    if text[offset:end] != quote:
        return "", ""
    low, high = max(0, offset - AROUND), min(len(text), end + AROUND)
    piece = text[low:high]
    spans = [(low + a, low + b) for a, b in sentences(piece)]
    start = max((a for a, _ in spans if a <= offset), default=offset)
    stop = min((b for _, b in spans if b >= end), default=end)
    lead = "… " if start == low > 0 else ""
    trail = " …" if stop == high < len(text) else ""
    return lead + text[start:offset], text[end:stop] + trail


def _line(check: object, unit: str) -> str:
    figures = "".join(
        f"<span><i>{html.escape(label)}</i>{html.escape(value)}</span>" for label, value in verdicts.cells(check, unit)
    )
    name = verdicts.provider(check.source, check.definition)
    note = check.note
    if pd.notna(check.also_matches):
        note += f" Not a unique day: it also fits {check.also_matches}."
    return (
        f'<div class="nt-check"><div><span class="nt-verdict {verdicts.STYLES[check.verdict]}">'
        f"{html.escape(verdicts.named(check.verdict))}</span></div>"
        f'<div><div class="cells"><b>{html.escape(name)}</b>{figures}</div>'
        f'<div class="nt-note">{html.escape(note)}</div></div></div>'
    )
