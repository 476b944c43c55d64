"""Cached access to the lake, keyed on the published table versions. The only ``st.cache_*``.

A page calls ``snapshot()`` once a run and passes it on; what was read for one version stays valid for it,
so nothing expires by guessed times and a refresh shows at the next rerun. What every change of a range asks for is
``Kept`` instead, whose keys need no hashing of Streamlit's: 0.01 ms instead of 0.3.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
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
from data.kept import Kept
from data.lake import Lake, Snapshot
from data.markets import ASSETS, QUOTES, markets
from data.reading import Reading
from data.status import job_states, source_states
from data.tables import INTERVAL_S
from data.view import FIRST_DAY, LAST_DAY, View

#: So long a page waits for the stories of a new snapshot before it shows those it had.
READY_WITHIN_S = 0.5
_READINGS: Kept[Reading] = Kept(4)
#: By lake, the reading that was shown last; by snapshot, who reads its stories.
_SHOWN: dict[tuple[str, str], Reading] = {}
_READERS: Kept[threading.Thread] = Kept(4)
_CHOICES: Kept[Choices] = Kept(64)
_EXAMPLES: Kept[str | None] = Kept(64)


def snapshot() -> Snapshot:
    """What is published now. Raises ``data.lake.NoLake``."""
    return _reading(Lake(resolve()).pin()).snapshot


def _reading(at: Snapshot) -> Reading:
    return _READINGS.get(at.id, lambda: Reading(at))


def reading(at: Snapshot) -> Reading:
    """What views show of a snapshot, or, until its stories are in memory, of the one that was shown before it.

    So nobody waits for the stories of a large lake again after each refresh: they are read beside the pages.
    """
    of, place = _reading(at), (at.home, at.lake_id)
    before = _SHOWN.get(place)
    if not of.is_ready and before is not None and before.is_ready:
        reader = _READERS.get(at.id, lambda: _started(of.make_ready))
        reader.join(READY_WITHIN_S)
        if reader.is_alive():
            return before
    _SHOWN[place] = of
    return of


def wait_for_stories() -> None:
    """Until what is published now can be shown: for a page that has stored a story itself."""
    _reading(Lake(resolve()).pin()).make_ready()


def _started(act: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    return thread


@dataclass(frozen=True)
class Timeline:
    """The timeline's chart as it is sent, its height in pixels, and the sentence that says it."""

    payload: bytes
    height: int
    summary: str


#: Bytes of charts.
_TIMELINES: Kept[Timeline] = Kept(16_000_000, lambda drawn: len(drawn.payload))


def timeline(of: Reading, view: View) -> Timeline:
    """The chart of a view; the same for every story chosen."""
    view = replace(view, story=None)
    return _TIMELINES.get((of.snapshot.id, view), lambda: _timeline(of, view))


def _timeline(of: Reading, view: View) -> Timeline:
    stored = of.stored(view.known_at)
    drawn = timeline_chart.chart(timeline_chart.read(of, view), view, stored.first, stored.last)
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
    return _CHOICES.get((of.snapshot.id, known_at), lambda: _choices(of, known_at))


def _choices(of: Reading, known_at: datetime | None) -> Choices:
    caps = health(of.snapshot, "cap_coverage")
    totals = caps[caps["asset"] == "TOTAL"]
    named = (totals["source"] + "/" + totals["definition"]).tolist()
    symbols = coverage(of.snapshot)["symbol"].str.split("/", expand=True)
    priced = {} if symbols.empty else dict.fromkeys(sorted(symbols.loc[symbols[1].isin(QUOTES), 0]))
    first = [asset for asset in ASSETS if asset in priced or not priced]
    return Choices(list(dict.fromkeys([*first, *priced])), named, **of.choices(known_at))


def example(of: Reading, title: str, known_at: datetime | None) -> str | None:
    """The id of the story of that title, on a lake that holds no live news."""
    return _EXAMPLES.get((of.snapshot.id, title, known_at), lambda: _example(of, title, known_at))


def _example(of: Reading, title: str, known_at: datetime | None) -> str | None:
    if queries.has_live_news(of.snapshot):
        return None
    found, _ = of.rows(View(FIRST_DAY, LAST_DAY, search=title, known_at=known_at))
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
