"""The embedded sample: what a new lake starts from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pandas as pd

from connectors.urls import canonical_url
from data import queries
from data.articles import article_id, curated_mentions, with_assumed_known_at
from data.ingest import Batch, Taken, new_run_id, take
from data.lake import Lake
from data.tables import ARTICLES

FOLDER = Path(__file__).parent / "sample"
SOURCE = "sample"
#: Columns of stories.csv that name what a story is about, by kind of mention.
CURATED = {"topics": "topic", "assets": "asset", "people": "person", "places": "place", "organisations": "organisation"}


def load_sample(lake: Lake, now: datetime) -> Iterator[Taken]:
    """Merge the sample into the lake, prices first; running it again changes nothing.

    What came from elsewhere stays as it is: the sample's rounded figures and own titles only fill in.
    """
    run_id = new_run_id(now)
    candles = pd.read_parquet(FOLDER / "candles.parquet")
    yield take(lake, run_id, Batch("sample candles", "candles", candles, now, only_new=True))
    yield take(
        lake, run_id, Batch("sample market caps", "market_caps", _text_csv("market_caps.csv"), now, only_new=True)
    )
    frame, curated = _stories(now)
    stored = queries.articles(lake.newest(), list(frame["article_id"]))
    elsewhere = stored.loc[stored["source"] != SOURCE, "article_id"]
    frame = frame[~frame["article_id"].isin(elsewhere)]
    yield take(lake, run_id, Batch("sample stories", "articles", frame, now, curated=curated))


def _text_csv(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / name, dtype=str, keep_default_na=False)


def _stories(now: datetime) -> tuple[pd.DataFrame, pd.DataFrame]:
    stories = _text_csv("stories.csv")
    ids = [
        article_id(canonical_url(url) if url else None, key)
        for url, key in zip(stories["url"], stories["key"], strict=True)
    ]
    empty = pd.DataFrame(columns=ARTICLES.names, dtype=object, index=stories.index)
    frame = empty.assign(
        article_id=ids,
        source=SOURCE,
        publisher=stories["publisher"],
        url=stories["url"].replace("", None),
        title=stories["title"],
        title_derived=False,
        summary=stories["summary"].replace("", None),
        text=stories["summary"].replace("", None),
        language="en",
        published_at=pd.to_datetime(stories["published_at"], utc=True, format="ISO8601"),
        published_precision=stories["published_precision"],
        first_seen_at=pd.Timestamp(now),
        revisions=0,
    )
    return with_assumed_known_at(frame), curated_mentions(ids, stories, CURATED)
