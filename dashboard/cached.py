"""Cached access to the lake, keyed on the published table versions. The only ``st.cache_*``.

A page calls ``snapshot()`` once a run and passes it on; what was read for one version stays valid for it,
so nothing expires by guessed times and a refresh shows at the next rerun.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd
import streamlit as st

from connectors.registry import DEFAULT, BadRegistry, Registry
from dashboard import strips, timeline_chart
from dashboard.chart.payload import encode, height_of
from dashboard.path import PricePath, finest
from dashboard.secrets import with_secrets
from data import home, queries
from data.home import resolve
from data.lake import Lake, Snapshot
from data.markets import ASSETS, QUOTES, markets
from data.reading import Reading
from data.status import job_states, source_states
from data.tables import INTERVAL_S
from data.view import FIRST_DAY, LAST_DAY, View, params


def snapshot() -> Snapshot:
    """What is published now. Raises ``data.lake.NoLake``."""
    published = Lake(resolve()).pin()
    return _opened(published.id, published)


@st.cache_resource(max_entries=4, show_spinner=False)
def _opened(snapshot_id: str, _snapshot: Snapshot) -> Snapshot:
    return _snapshot


def reading(at: Snapshot) -> Reading:
    """What views show of a snapshot."""
    return _reading(at.id, at)


@st.cache_resource(max_entries=4, show_spinner=False)
def _reading(snapshot_id: str, _at: Snapshot) -> Reading:
    return Reading(_at)


@dataclass(frozen=True)
class Timeline:
    """The timeline's chart as it is sent, its height in pixels, and the sentence that says it."""

    payload: bytes
    height: int
    summary: str


def timeline(of: Reading, view: View) -> Timeline:
    """The chart of a view; the same for every story chosen."""
    view = replace(view, story=None)
    return _timeline(of.snapshot.id, str(params(view)), of, view)


@st.cache_data(max_entries=64, show_spinner=False)
def _timeline(snapshot_id: str, said: str, _of: Reading, _view: View) -> Timeline:
    stored = _of.stored(_view.known_at)
    drawn = timeline_chart.chart(timeline_chart.read(_of, _view), _view, stored.first, stored.last)
    return Timeline(encode(drawn), height_of(drawn), drawn.summary)


@dataclass(frozen=True)
class Choices:
    """What can be chosen on the timeline: assets with a price, whose totals, and what stories can be filtered by."""

    priced: list[str]
    totals: list[str]
    topics: list[str]
    about: list[str]
    sources: list[str]


def choices(of: Reading, known_at: datetime | None) -> Choices:
    return _choices(of.snapshot.id, known_at, of)


@st.cache_data(max_entries=64, show_spinner=False)
def _choices(snapshot_id: str, known_at: datetime | None, _of: Reading) -> Choices:
    caps = health(_of.snapshot, "cap_coverage")
    totals = caps[caps["asset"] == "TOTAL"]
    named = (totals["source"] + "/" + totals["definition"]).tolist()
    symbols = coverage(_of.snapshot)["symbol"].str.split("/", expand=True)
    priced = {} if symbols.empty else dict.fromkeys(sorted(symbols.loc[symbols[1].isin(QUOTES), 0]))
    first = [asset for asset in ASSETS if asset in priced or not priced]
    return Choices(list(dict.fromkeys([*first, *priced])), named, **_of.choices(known_at))


def example(of: Reading, title: str, known_at: datetime | None) -> str | None:
    """The id of the story of that title, on a lake that holds no live news."""
    return _example(of.snapshot.id, title, known_at, of)


@st.cache_data(max_entries=64, show_spinner=False)
def _example(snapshot_id: str, title: str, known_at: datetime | None, _of: Reading) -> str | None:
    if queries.has_live_news(_of.snapshot):
        return None
    found, _ = _of.rows(View(FIRST_DAY, LAST_DAY, search=title, known_at=known_at))
    return found["story_id"].iloc[-1] if len(found) else None


def story_span(at: Snapshot, known_at: datetime | None = None) -> tuple[pd.Timestamp, pd.Timestamp]:
    """When the first and the last story are shown; NaT without stories."""
    return tuple(_frame(at.id, at, "story_span", (known_at,), {}).iloc[0])


def story(at: Snapshot, story_id: str, known_at: datetime | None = None) -> dict[str, pd.DataFrame]:
    """What the story panel shows: ``articles``, ``mentions``, ``claims``, ``caps``."""
    return {
        "articles": _frame(at.id, at, "story_articles", (story_id, known_at), {}),
        "mentions": _frame(at.id, at, "story_mentions", (story_id, known_at), {}),
        "claims": _frame(at.id, at, "story_claims", (story_id, known_at), {}),
        "caps": _frame(at.id, at, "story_caps", (story_id, known_at), {}),
    }


def stories_between(
    at: Snapshot, asset: str, start: datetime, end: datetime, known_at: datetime | None = None
) -> pd.DataFrame:
    """The stories shown in ``[start, end)``."""
    return _frame(at.id, at, "stories", (start, end), {"asset": asset, "known_at": known_at})


def story_row(at: Snapshot, story_id: str, asset: str, known_at: datetime | None = None) -> pd.DataFrame:
    """One story, as ``stories`` has it; no row of one that is not stored or was merged."""
    return _frame(at.id, at, "stories", (), {"asset": asset, "story_id": story_id, "known_at": known_at})


def story_redirect(at: Snapshot, story_id: str) -> pd.DataFrame:
    return _frame(at.id, at, "story_redirect", (story_id,), {})


def article_mentions(at: Snapshot, story_id: str, known_at: datetime | None = None) -> pd.DataFrame:
    """Every mention of a story's articles, by article."""
    return _frame(at.id, at, "story_article_mentions", (story_id, known_at), {})


def path(
    at: Snapshot,
    asset: str,
    market: str | None,
    start: pd.Timestamp,
    end: pd.Timestamp,
    known_at: datetime | None = None,
) -> PricePath:
    """Bars of one market over ``[start, end)``: of ``market`` ("binance BTC/USDT"), else the first that has any."""
    return _path(at.id, at, asset, market, start, end, known_at)


@st.cache_data(max_entries=64, show_spinner=False)
def _path(
    snapshot_id: str,
    _at: Snapshot,
    asset: str,
    market: str | None,
    start: pd.Timestamp,
    end: pd.Timestamp,
    known_at: datetime | None,
) -> PricePath:
    named = [tuple(market.split(" ", 1))] if market else markets(asset)
    stored = coverage(_at)
    for source, symbol in named:
        here = stored[(stored["source"] == source) & (stored["symbol"] == symbol)]
        read = {
            interval: queries.series(_at, source, symbol, interval, start, end)
            for interval in INTERVAL_S
            if (here["interval"] == interval).any()
        }
        found = finest(read, f"{source} {symbol}", known_at)
        if len(found.bars):
            return found
    return finest({}, market or "", known_at)


def claims(at: Snapshot, name: str, *arguments: object, **options: object) -> pd.DataFrame:
    """One of the queries of ``data.queries.claims``, by its name."""
    return _frame(at.id, at, name, arguments, options)


def coverage(at: Snapshot) -> pd.DataFrame:
    return _frame(at.id, at, "coverage", (), {})


def desk(at: Snapshot, name: str, *arguments: object) -> pd.DataFrame:
    """One of the queries of ``data.queries.desk``, by its name."""
    return _frame(at.id, at, name, arguments, {})


def health(at: Snapshot, name: str, *arguments: object) -> pd.DataFrame:
    """One of the queries of ``data.queries.ledger``, by its name."""
    return _frame(at.id, at, name, arguments, {})


@dataclass(frozen=True)
class Standing:
    """How sources stand at one moment."""

    now: pd.Timestamp
    registry: Registry
    states: pd.DataFrame  # data.status.source_states
    jobs: pd.DataFrame  # data.status.job_states
    asked: dict[str, pd.Timestamp]  # when each source last answered, whether or not it had anything new
    trouble: str | None = None  # a file of the person's own that cannot be used, and why


def standing(at: Snapshot) -> Standing:
    """How sources stand now. Read at every rerun: an answer without anything new changes no table."""
    now, trouble, keys = pd.Timestamp.now("UTC"), None, {}
    try:
        registry = home.registry()
    except BadRegistry as error:
        registry, trouble = DEFAULT, f"Your own list of sources is left out. {error}"
    try:
        keys = with_secrets()
    except ValueError as error:
        trouble = str(error)
    asked = Lake(at.home).asked()
    states = source_states(health(at, "latest_runs"), asked, registry, now, lambda variable: bool(keys.get(variable)))
    answered = {name: pd.Timestamp(told.answered_at) for name, told in asked.items() if told.answered_at}
    return Standing(now, registry, states, job_states(states), answered, trouble)


def spans(at: Snapshot, source: str, symbol: str, interval: str, standing: Standing) -> pd.DataFrame:
    """What is known of one price series: ``dashboard.strips.spans``."""
    feeding = _feeding(standing.registry, source, symbol, interval)
    answered = max((standing.asked[name] for name in feeding if name in standing.asked), default=None)
    return _spans(at.id, at, source, symbol, interval, feeding, answered)


@st.cache_data(max_entries=256, show_spinner=False)
def _spans(
    snapshot_id: str,
    _at: Snapshot,
    source: str,
    symbol: str,
    interval: str,
    feeding: tuple[str, ...],
    answered: pd.Timestamp | None,
) -> pd.DataFrame:
    asked = queries.asked_spans(_at, feeding)
    if len(asked) and answered is not None:
        # The newest pull went on where the ledger's last one ended, and found nothing.
        asked.loc[asked.index[-1], "end"] = max(asked["end"].iloc[-1], answered)
    return strips.spans(queries.bar_runs(_at, source, symbol, interval), asked, INTERVAL_S[interval])


def _feeding(registry: Registry, source: str, symbol: str, interval: str) -> tuple[str, ...]:
    """The names under which a series, or a finer one that it is built from, is asked for."""
    names = []
    for finer, length_s in INTERVAL_S.items():
        if length_s <= INTERVAL_S[interval]:
            try:
                names.append(registry.source(f"{source}:{symbol}:{finer}").name)
            except KeyError:  # not an exchange that can be asked: an import
                continue
    return tuple(names)


@st.cache_data(max_entries=256, show_spinner=False)
def _frame(snapshot_id: str, _at: Snapshot, query: str, arguments: tuple, options: dict) -> pd.DataFrame:
    return getattr(queries, query)(_at, *arguments, **options)
