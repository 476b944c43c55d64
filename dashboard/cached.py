"""Cached access to the lake, keyed on the published table versions. The only ``st.cache_*``.

A page calls ``snapshot()`` once a run and passes it on; what was read for one version stays valid for it,
so nothing expires by guessed times and a refresh shows at the next rerun.
"""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import streamlit as st

from data import queries
from data.home import resolve
from data.lake import Lake, Snapshot
from data.markets import Prices, price_window


def snapshot() -> Snapshot:
    """What is published now. Raises ``data.lake.NoLake``."""
    published = Lake(resolve()).pin()
    return _opened(published.id, published)


@st.cache_resource(max_entries=4, show_spinner=False)
def _opened(snapshot_id: str, _snapshot: Snapshot) -> Snapshot:
    return _snapshot


def prices(at: Snapshot, asset: str, start: datetime, end: datetime, known_at: datetime | None = None) -> Prices:
    return _prices(at.id, at, asset, start, end, known_at)


@st.cache_data(max_entries=64, show_spinner=False)
def _prices(
    snapshot_id: str, _at: Snapshot, asset: str, start: datetime, end: datetime, known_at: datetime | None
) -> Prices:
    return price_window(_at, asset, start, end, known_at)


def caps(at: Snapshot, asset: str, start: datetime, end: datetime, known_at: datetime | None = None) -> pd.DataFrame:
    return _frame(at.id, at, "cap_series", (asset, start, end), {"known_at": known_at})


def stories(at: Snapshot, asset: str, known_at: datetime | None = None) -> pd.DataFrame:
    """Every story; pages filter it, so that a keystroke in the search box reads nothing."""
    return _frame(at.id, at, "stories", (), {"asset": asset, "known_at": known_at})


def story_span(at: Snapshot) -> tuple[pd.Timestamp, pd.Timestamp]:
    """When the first and the last story are shown; NaT without stories."""
    return tuple(_frame(at.id, at, "story_span", (), {}).iloc[0])


def story(at: Snapshot, story_id: str, known_at: datetime | None = None) -> dict[str, pd.DataFrame]:
    """What the story panel shows: ``articles``, ``mentions``, ``claims``, ``caps``."""
    return {
        "articles": _frame(at.id, at, "story_articles", (story_id, known_at), {}),
        "mentions": _frame(at.id, at, "story_mentions", (story_id, known_at), {}),
        "claims": _frame(at.id, at, "story_claims", (story_id, known_at), {}),
        "caps": _frame(at.id, at, "story_caps", (story_id, known_at), {}),
    }


def coverage(at: Snapshot) -> pd.DataFrame:
    return _frame(at.id, at, "coverage", (), {})


def health(at: Snapshot, name: str, *arguments: object) -> pd.DataFrame:
    """One of the data health queries: ``latest_runs``, ``runs``, ``rejects``, ``cap_coverage``, ``series``."""
    return _frame(at.id, at, name, arguments, {})


@st.cache_data(max_entries=256, show_spinner=False)
def _frame(snapshot_id: str, _at: Snapshot, query: str, arguments: tuple, options: dict) -> pd.DataFrame:
    return getattr(queries, query)(_at, *arguments, **options)
