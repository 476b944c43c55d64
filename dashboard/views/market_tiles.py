"""The newest figures of the market, each with who states it, by which definition, and how old it is."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard import words
from data import market_page
from data.market_tables import counts
from data.reading import Reading
from data.status import GRACE
from data.view import View

STYLE = """<style>
.nt-tiles {display: flex; flex-wrap: wrap; gap: 0.6rem; --columns: var(--wide)}
@media (max-width: 1100px) {.nt-tiles {--columns: var(--middle)}}
@media (max-width: 760px) {.nt-tiles {--columns: 2}}
@media (max-width: 540px) {.nt-tiles {--columns: 1}}
.nt-tile {flex: 1 1 calc((100% - 0.6rem * (var(--columns) - 1)) / var(--columns) - 1px); min-width: 0;
  border: 1px solid rgba(128,128,128,0.35); border-radius: 0.5rem; padding: 0.45rem 0.8rem 0.5rem 0.8rem;
  overflow-wrap: anywhere; font-size: 0.85rem; line-height: 1.4}
.nt-tile h3 {font-size: 0.78rem; font-weight: 600; letter-spacing: 0.04em; text-transform: uppercase; opacity: 0.72;
  margin: 0; padding: 0}
.nt-tile .row {padding: 0.2rem 0 0.25rem 0; border-top: 1px solid rgba(128,128,128,0.22)}
.nt-tile h3 + .row {border-top: 0}
.nt-tile b {font-size: 1.2rem; font-weight: 600; font-variant-numeric: tabular-nums; margin-right: 0.45rem}
.nt-tile .faint {opacity: 0.72}
.nt-tile .stale {border: 1px dashed #d9691a; border-radius: 0.3rem; padding: 0 0.3rem; white-space: nowrap}
</style>"""


#: What to do where there is none.
EMPTY = {
    "Total market cap": "“newstape refresh --source total-market-cap” brings the newest.",
    "Disagreement": "It takes totals of two providers at one instant: a refresh or an import of another one's.",
    "Bitcoin dominance": "It takes a source that has Bitcoin's cap and a total: “newstape refresh --source "
    "total-market-cap” brings both.",
    "Fear & Greed": "“newstape refresh --source fear-and-greed” brings it, all since 2018.",
}


@dataclass(frozen=True)
class Row:
    """A figure, who states it (by which definition), and lines of what else there is to say of it."""

    value: str
    stated_by: str
    as_of: str
    lines: tuple[str, ...]
    stale: str | None  # why it counts as stale


def is_stale(age_s: float, resolution_s: float) -> bool:
    """As a source is late (``data.status``): silent for twice its spacing and an hour."""
    return age_s > 2 * resolution_s + GRACE.total_seconds()


def tiles(reading: Reading, view: View, now: pd.Timestamp) -> None:
    """``now``: what ages are counted to, the clock where one is set."""
    market = market_page.market(reading.snapshot, view.known_at, view.totals)
    totals = [("Total market cap", [row]) for row in _totals(market, view, now)]
    drawn = [
        *(totals or [("Total market cap", [])]),
        ("Disagreement", _disagreement(market, view, now)),
        ("Bitcoin dominance", _dominance(market, view, now)),
        ("Fear & Greed", _mood(market, view, now)),
    ]
    widths = f"--wide: {columns(len(drawn), 5)}; --middle: {columns(len(drawn), 3)}"
    inside = "".join(_tile(title, rows, view) for title, rows in drawn)
    st.container(key="tiles").html(STYLE + f'<div class="nt-tiles" style="{widths}">{inside}</div>')


def columns(tiles: int, most: int) -> int:
    """How many stand in a row, at most ``most``, so that the rows are as even as can be: of six, three and three."""
    rows = -(-tiles // most)
    return -(-tiles // rows)


def _totals(market: market_page.Market, view: View, now: pd.Timestamp) -> Iterable[Row]:
    newest = market.totals.newest
    apart = market.differences[market.differences["asset"] == "TOTAL"]
    for one in newest[newest["asset"] == "TOTAL"].itertuples():
        others = apart[(apart["source"] == one.source) & (apart["definition"] == one.definition)]
        told = [against(other, one.period_end, view.zone) for other in others.itertuples()]
        lines = (counts(one.source, one.definition), *filter(None, [" · ".join(told)]))
        yield _row(words.usd(one.market_cap_usd), f"{one.source} {one.definition}", one, view, now, lines)


def against(other: object, at: pd.Timestamp, zone: str) -> str:
    """How far a total is from another one; when, where that is not ``at``, the time said beside it."""
    when = "" if other.at == at else f" ({words.when(other.at, zone=zone)})"
    return f"{words.signed(other.difference)} against {other.other_source} {other.other_definition}{when}"


def _disagreement(market: market_page.Market, view: View, now: pd.Timestamp) -> Iterable[Row]:
    if not len(market.band):
        return
    last = market.band.newest.iloc[0].rename({"at": "period_end"})
    lines = (
        f"Highest {words.usd(last['high_usd'])}, {last['high_of']}",
        f"Lowest {words.usd(last['low_usd'])}, {last['low_of']}",
        "Highest over lowest total, of values at most 15 minutes apart: what is counted differs, not the market",
    )
    named = f"apart, {last['providers']} providers at one instant"
    yield _row(f"{100 * last['spread']:.1f} %", named, last, view, now, lines)


def _dominance(market: market_page.Market, view: View, now: pd.Timestamp) -> Iterable[Row]:
    newest = market.dominance.newest
    for one in newest[newest["asset"] == "BTC"].itertuples():
        yield _row(f"{one.dominance:.1f} %", f"of {one.source} {one.definition}", one, view, now)


def _mood(market: market_page.Market, view: View, now: pd.Timestamp) -> Iterable[Row]:
    for one in market.mood.newest.itertuples():
        word = f"“{one.label}”, " if pd.notna(one.label) else ""
        yield _row(f"{one.value:.0f}", f"{word}{one.source}", one, view, now, ("0 extreme fear, 100 extreme greed",))


def _row(value: str, stated_by: str, one: object, view: View, now: pd.Timestamp, lines: tuple[str, ...] = ()) -> Row:
    age_s = (now - one.period_end).total_seconds()
    stale = f"stale: new every {words.span(one.resolution_s)}" if is_stale(age_s, one.resolution_s) else None
    return Row(value, stated_by, f"{words.when(one.period_end, zone=view.zone)}, {aged(age_s, view)}", lines, stale)


def aged(age_s: float, view: View) -> str:
    """ "3 h ago", "3 h before the clock"."""
    return f"{words.span(max(age_s, 0))} {'ago' if view.known_at is None else 'before the clock'}"


def _tile(title: str, rows: Iterable[Row], view: View) -> str:
    drawn = [
        f'<div class="row"><b>{html.escape(row.value)}</b>{html.escape(row.stated_by)}'
        + f'<div><span class="faint">{html.escape(row.as_of)}</span> '
        + (f'<span class="stale">! {html.escape(row.stale)}</span>' if row.stale else "")
        + "</div>"
        + "".join(f'<div class="faint">{html.escape(line)}</div>' for line in row.lines)
        + "</div>"
        for row in rows
    ] or [f'<div class="row">{html.escape(_empty(title, view))}</div>']
    return f'<section class="nt-tile"><h3>{html.escape(title)}</h3>{"".join(drawn)}</section>'


def _empty(title: str, view: View) -> str:
    """Why there is none, and what to do."""
    said = "None is stored." if view.known_at is None else "None was known at the clock: step it forward."
    return f"{said} {EMPTY[title]}"
