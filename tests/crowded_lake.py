"""A lake with more stories than a panel has marks for: that of ``story_lakes`` and one further story every 9.5 hours.

Every second of these is about ETH, every third came by ``wire``, topics take turns; each was known five minutes after
it came out. Bitcoin and ether have daily bars over the year, hourly ones as Bitcoin has in ``story_lakes``.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
from story_lakes import FIRST_BAR, HOURS, OUT, fit, price, story_lake

from data.candles import with_span
from data.contexts import refresh_contexts
from data.lake import Lake
from data.tables import TABLES

FIRST = datetime(2024, 5, 1, 2, 0, tzinfo=UTC)
STORIES = 900
EVERY = timedelta(hours=9, minutes=30)
TOPICS = ("hack", "regulation", "etf", "adoption")
#: The newest bar closes here.
LAST_CLOSE = FIRST_BAR + timedelta(hours=HOURS)
#: A headline as an attacker would write it: were it read as anything but text, the page would ask another host.
HOSTILE = "<img src=https://evil.example/x.png> ![a](https://evil.example/y.png) [b](https://evil.example) $x$ =1+1"
#: The story that has it.
HOSTILE_NUMBER = 841


def crowded_lake(home: Path) -> Lake:
    """Write the lake; ``home`` holds an empty one."""
    lake = story_lake(home)
    with lake.writing():
        lake.merge("candles", _bars())
        lake.merge("market_caps", fit("market_caps", _caps()))
        lake.merge("indicators", fit("indicators", _mood()))
        for table, row_of in (
            ("articles", _article),
            ("stories", _story),
            ("story_members", _member),
        ):
            lake.merge(table, fit(table, map(row_of, range(STORIES))))
        lake.merge("mentions", fit("mentions", (row for n in range(STORIES) for row in _mentions(n))))
        refresh_contexts(lake, [story_id(n) for n in range(STORIES)], None)
    return lake


def story_id(n: int) -> str:
    return f"crowd{n:03}"


def out_at(n: int) -> datetime:
    """When a story came out."""
    return FIRST + n * EVERY


def known_by(clock: datetime) -> set[str]:
    """The stories of the crowd that were known at a clock."""
    return {story_id(n) for n in range(STORIES) if out_at(n) + timedelta(minutes=5) <= clock}


def between(start: datetime, end: datetime) -> list[str]:
    """The stories of the crowd that came out in ``[start, end)``, oldest first."""
    return [story_id(n) for n in range(STORIES) if start <= out_at(n) < end]


def title(n: int) -> str:
    return HOSTILE if n == HOSTILE_NUMBER else f"Item {n:03}: the {TOPICS[n % 4]} desk has news"


def _article(n: int) -> dict:
    known = out_at(n) + timedelta(minutes=5)
    return {
        "article_id": f"a{n:03}",
        "source": "feed" if n % 3 else "wire",
        "publisher": "Crowd Courier",
        "title": title(n),
        "title_derived": False,
        "text": "A sentence.",
        "published_at": out_at(n),
        "published_precision": "minute",
        "first_seen_at": known,
        "known_at": known,
        "known_at_assumed": False,
        "revisions": 0,
    }


def _story(n: int) -> dict:
    return {
        "story_id": story_id(n),
        "first_article_id": f"a{n:03}",
        "title": title(n),
        "first_at": out_at(n),
        "first_precision": "minute",
        "last_at": out_at(n),
        "known_at": out_at(n) + timedelta(minutes=5),
    }


def _member(n: int) -> dict:
    return {"story_id": story_id(n), "article_id": f"a{n:03}", "relation": "original", "similarity": 1.0}


def _mentions(n: int) -> list[dict]:
    named = (("topic", TOPICS[n % 4]), ("asset", "ETH" if n % 2 else "BTC"))
    return [
        {"article_id": f"a{n:03}", "kind": kind, "value": value, "offset": at, "quote": value, "basis": "text"}
        for at, (kind, value) in enumerate(named)
    ]


def _ether(at: datetime) -> float:
    return 2_000 * math.exp(0.0005 * ((at - OUT) / timedelta(hours=1)))


def _bars() -> pa.Table:
    days = pd.date_range(datetime(2024, 5, 1, tzinfo=UTC), LAST_CLOSE, freq="D", inclusive="left").as_unit("us")
    hours = pd.date_range(FIRST_BAR, periods=HOURS, freq="h").as_unit("us")
    # The hourly price where there is one; before it a straight line up to it from a third of it.
    rise = [price(FIRST_BAR) * (1 / 3 + 2 / 3 * n / 295) for n in range(296)]
    daily = [rise[n] if n < 296 else price(at + timedelta(days=1)) for n, at in enumerate(days)]
    return pa.concat_tables(
        [
            _candles("BTC/USDT", "1d", days, daily),
            _candles("ETH/USDT", "1d", days, [_ether(at + timedelta(days=1)) for at in days]),
            _candles("ETH/USDT", "1h", hours, [_ether(at + timedelta(hours=1)) for at in hours]),
        ]
    )


def _candles(symbol: str, interval: str, opens: pd.DatetimeIndex, closes: list[float]) -> pa.Table:
    frame = pd.DataFrame({"open_time": opens, "close": closes, "volume": 2.5})
    market = {"source": "binance", "symbol": symbol, "interval": interval, "derived_from": None}
    frame = with_span(frame.assign(**market, open=closes, high=closes, low=closes))
    schema = TABLES["candles"].schema
    return pa.Table.from_pandas(frame[schema.names], schema=schema, preserve_index=False)


def _caps() -> list[dict]:
    """A year of two totals and of what dominance is made of; a month of twelve assets."""
    rows = []
    for n in range(355):
        end = datetime(2024, 5, 1, tzinfo=UTC) + timedelta(days=n)
        day = {"period_end": end, "available_at": end, "resolution_s": 86_400}
        for source, definition, asset, value in (
            ("coingecko", "all-coins", "TOTAL", 2.0e12 + 2e9 * n),
            ("coingecko", "all-coins", "BTC", 1.2e12 + 1e9 * n),
            ("coingecko", "all-coins", "ETH", 0.3e12),
            ("coinlore", "coinlore-tracked", "TOTAL", 1.9e12 + 2e9 * n),
            ("coinlore", "coinlore-tracked", "BTC", 1.1e12 + 1e9 * n),
        ):
            rows.append({**day, "source": source, "definition": definition, "asset": asset, "market_cap_usd": value})
        if n >= 320:
            rows += [
                {**day, "source": "coingecko", "definition": "asset", "asset": name, "asset_id": name.lower()}
                | {"market_cap_usd": 1e9 * (20 - rank) * (1 + n % 5 / 50), "price_usd": 5.0 + rank}
                for rank, name in enumerate(("BTC", "ETH", "SOL", "XRP", "ADA", "DOT", "LTC", "UNI", "ATOM", "XLM"))
            ]
    return rows


def _mood() -> list[dict]:
    ends = [datetime(2025, 4, 20, tzinfo=UTC) - timedelta(days=n) for n in range(300)]
    row = {"source": "alternative.me", "name": "fear-and-greed", "label": "Greed", "resolution_s": 86_400}
    return [{**row, "period_end": end, "available_at": end, "value": 60.0 + end.day % 2} for end in ends]
