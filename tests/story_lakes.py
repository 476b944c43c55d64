"""A lake of a few stories with everything a story can have, written row by row.

Bitcoin's price grows by a log return of 0.001 an hour, and stands 0.002 higher at odd hours, so that every move is
known by counting hours; five hours are missing on 30 March.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa

from data.candles import with_span
from data.contexts import refresh_contexts
from data.lake import Lake
from data.tables import TABLES

#: The harbour story came out at this instant; its anchor.
OUT = datetime(2025, 3, 28, 12, 0, tzinfo=UTC)
FIRST_BAR = datetime(2025, 2, 20, tzinfo=UTC)
HOURS = 60 * 24
MISSING = (datetime(2025, 3, 30, 3, tzinfo=UTC), datetime(2025, 3, 30, 8, tzinfo=UTC))

TITLE = "Harbour council votes to take bitcoin for parking"
TEXT = (
    "Mayor Ana Ruiz said the harbour council voted 7 to 2 on Friday to take bitcoin for parking.\n"
    "The total crypto market cap stood at $2.68 trillion while bitcoin traded at $80,500, "
    "and its dominance was 61.5%.\n"
    "Details are at https://harbour.example/minutes.pdf."
)
SPUN = (
    "Mayor Ana Ruiz announced that the port's council decided 7 to 2 on Friday to accept bitcoin for parking.\n"
    "The total crypto market cap stood at $2.68 trillion while bitcoin changed hands at $80,500.\n"
    "Minutes: https://harbour.example/minutes.pdf. A pilot runs for 90 days."
)


def price(at: datetime) -> float:
    """The close of the hour that ends at ``at``."""
    hours = (at - OUT) // timedelta(hours=1)
    return 80_000 * math.exp(0.001 * hours + (0.002 if hours % 2 else 0.0))


def story_lake(home: Path) -> Lake:
    """Write the lake; ``home`` holds an empty one."""
    lake = Lake(str(home), lock_wait_s=0.2)
    with lake.writing():
        lake.merge("candles", _hours())
        lake.merge("market_caps", fit("market_caps", _caps()))
        for table, rows in (
            ("articles", _articles()),
            ("stories", _stories()),
            ("story_members", _members()),
            ("mentions", _mentions()),
            ("claims", _claims()),
            ("claim_checks", _checks()),
        ):
            lake.merge(table, fit(table, rows))
        refresh_contexts(lake, ["harbour", "exchange", "later"], None)
    return lake


def fit(table: str, rows: Iterable[dict]) -> pa.Table:
    """Rows as the table's own schema; columns left out are null."""
    return pa.Table.from_pylist([{**dict.fromkeys(TABLES[table].names), **row} for row in rows], TABLES[table].schema)


def _hours() -> pa.Table:
    opens = pd.date_range(FIRST_BAR, periods=HOURS, freq="h").as_unit("us")
    opens = opens[(opens < MISSING[0]) | (opens >= MISSING[1])]
    closes = [price(at + timedelta(hours=1)) for at in opens]
    frame = pd.DataFrame({"open_time": opens, "close": closes, "volume": 1.5})
    market = {"source": "binance", "symbol": "BTC/USDT", "interval": "1h", "derived_from": None}
    frame = with_span(frame.assign(**market, open=closes, high=closes, low=closes))
    schema = TABLES["candles"].schema
    return pa.Table.from_pandas(frame[schema.names], schema=schema, preserve_index=False)


def _caps() -> list[dict]:
    end = datetime(2025, 3, 28, tzinfo=UTC)
    row = {"asset": "TOTAL", "period_end": end, "available_at": end, "resolution_s": 86_400}
    return [
        {**row, "source": "tradingview", "definition": "top-125", "market_cap_usd": 2.69e12},
        {**row, "source": "coingecko", "definition": "all-coins", "market_cap_usd": 2.85e12},
    ]


def _article(article_id: str, title: str, publisher: str, text: str, **other: object) -> dict:
    seen = other.pop("first_seen_at", OUT + timedelta(hours=2))
    return {
        "article_id": article_id,
        "source": "feed",
        "publisher": publisher,
        "url": f"https://{article_id}.example/story",
        "title": title,
        "title_derived": False,
        "text": text,
        "first_seen_at": seen,
        "known_at": seen,
        "known_at_assumed": False,
        "revisions": 0,
        **other,
    }


def _articles() -> list[dict]:
    minute, day = {"published_precision": "minute"}, {"published_precision": "day"}
    return [
        _article("wire", TITLE, "Alpha Wire", TEXT, published_at=OUT, **minute),
        _article("daily", TITLE, "Beta Daily", TEXT, published_at=OUT + timedelta(minutes=40), **minute),
        _article(
            "post",
            "Port council will accept bitcoin for parking",
            "Gamma Post",
            SPUN,
            published_at=datetime(2025, 3, 29, tzinfo=UTC),
            date_conflicts="March 29, 2025; 27 March 2025",
            first_seen_at=OUT + timedelta(days=2),
            revisions=1,
            revised_at=OUT + timedelta(days=3),
            **day,
        ),
        _article(
            "blog",
            "What the harbour vote means <b>for drivers</b>",
            "Delta Blog",
            "A longer look at the vote.",
            published_not_before=datetime(2025, 3, 30, tzinfo=UTC),
            first_seen_at=OUT + timedelta(days=4),
        ),
        _article(
            "exchange",
            "Exchange opens an office by the sea",
            "Beta Daily",
            "Bitcoin traded at $80,300 as the doors opened. Its dominance stood at 58.0%.",
            published_at=OUT + timedelta(hours=3),
            **minute,
        ),
        _article(
            "later", "Council counts coins", "Alpha Wire", "A count.", published_at=OUT + timedelta(days=3), **minute
        ),
    ]


def _stories() -> list[dict]:
    def story(name: str, first: str, at: datetime, merged_into: str | None = None) -> dict:
        title = next(a["title"] for a in _articles() if a["article_id"] == first)
        return {
            "story_id": name,
            "first_article_id": first,
            "title": title,
            "first_at": at,
            "first_precision": "minute",
            "last_at": at,
            "known_at": OUT + timedelta(hours=2),
            "merged_into": merged_into,
        }

    return [
        story("harbour", "wire", OUT),
        story("port", "post", OUT, merged_into="alias"),
        story("alias", "post", OUT, merged_into="harbour"),
        story("exchange", "exchange", OUT + timedelta(hours=3)),
        story("later", "later", OUT + timedelta(days=3)),
    ]


def _members() -> list[dict]:
    relations = {
        "wire": ("original", 1.0),
        "daily": ("syndicated", 0.99),
        "post": ("rewritten", 0.71),
        "blog": ("follow-up", 0.4),
    }
    rows = [
        {"story_id": "harbour", "article_id": name, "relation": relation, "similarity": similarity}
        for name, (relation, similarity) in relations.items()
    ]
    return (
        rows
        + [
            {"story_id": name, "article_id": name, "relation": "original", "similarity": 1.0}
            for name in ("exchange", "later")
        ]
        + [  # as a story's members stay where a merge does not clear them
            {"story_id": "alias", "article_id": "wire", "relation": "original", "similarity": 1.0}
        ]
    )


def _mentions() -> list[dict]:
    def mention(article: str, kind: str, value: str, offset: int, **other: object) -> dict:
        return {
            "article_id": article,
            "kind": kind,
            "value": value,
            "offset": offset,
            "quote": value,
            "basis": "text",
            **other,
        }

    posted = {"posted_at": OUT - timedelta(minutes=20), "posted_precision": "second"}
    return [
        *(mention(a, "person", "Ana Ruiz", 60) for a in ("wire", "daily", "post")),
        *(mention(a, "asset", "BTC", 30) for a in ("wire", "daily", "post", "exchange")),
        mention("wire", "place", "Harbour Town", 70),
        mention("post", "organisation", "Port Authority", 20),
        *(mention(a, "embedded post", "mayor_ruiz", 90, **posted) for a in ("wire", "daily")),
        mention("wire", "topic", "adoption", 0),
        mention("exchange", "topic", "exchange", 0),
    ]


def _claims() -> list[dict]:
    def claim(
        article: str, quote: str, quantity: str, asset: str, value: float, precision: float, **other: object
    ) -> dict:
        row = next(a for a in _articles() if a["article_id"] == article)
        return {
            "article_id": article,
            "offset": f"{row['title']}\n{row['text']}".index(quote),
            "quote": quote,
            "quantity": quantity,
            "asset": asset,
            "value": value,
            "unit": "USD",
            "precision": precision,
            "comparator": "eq",
            "as_of": OUT,
            "as_of_end": OUT,
            "as_of_precision": "minute",
            "modality": "current",
            **other,
        }

    cap_quote = "The total crypto market cap stood at $2.68 trillion"
    day = {"as_of": datetime(2025, 3, 28, tzinfo=UTC), "as_of_end": datetime(2025, 3, 29, tzinfo=UTC)}
    return [
        claim("wire", cap_quote, "total_market_cap", "TOTAL", 2.68e12, 5e9, **day, cited_source="TradingView"),
        claim("wire", "bitcoin traded at $80,500", "price", "BTC", 80_500, 0.5),
        claim("wire", "its dominance was 61.5%", "dominance", "BTC", 61.5, 0.05, unit="percent"),
        claim("exchange", "Bitcoin traded at $80,300", "price", "BTC", 80_300, 50, modality="historical"),
        claim("exchange", "Its dominance stood at 58.0%", "dominance", "BTC", 58.0, 0.05, unit="percent"),
    ]


def offset_of(article: str, quote: str) -> int:
    return next(c["offset"] for c in _claims() if c["article_id"] == article and c["quote"].endswith(quote))


def _checks() -> list[dict]:
    def check(article: str, ends: str, source: str, definition: str, verdict: str, **other: object) -> dict:
        return {
            "article_id": article,
            "offset": offset_of(article, ends),
            "source": source,
            "definition": definition,
            "verdict": verdict,
            "note": f"A note of {source}.",
            "known_at": OUT + timedelta(days=1),
            **other,
        }

    daily = {"resolution_s": 86_400, "age_s": 0}
    hourly = {"resolution_s": 3600, "age_s": 0}
    return [
        check(
            "wire", "$2.68 trillion", "tradingview", "top-125", "matches",
            value_usd=2.69e12, low_usd=2.671e12, high_usd=2.813e12, difference=2.68 / 2.69 - 1,
            also_matches="2025-03-29", **daily,
        ),
        check(
            "wire", "$2.68 trillion", "coingecko", "all-coins", "another definition",
            value_usd=2.85e12, low_usd=2.85e12, high_usd=2.85e12, difference=2.68 / 2.85 - 1, **daily,
        ),
        check(
            "wire", "$80,500", "binance", "BTC/USDT", "differs",
            value_usd=80_000, low_usd=79_999, high_usd=80_002, difference=80_500 / 80_000 - 1, **hourly,
        ),
        check("wire", "$80,500", "kraken", "BTC/USD", "cannot check"),
        check("wire", "61.5%", "none", "none", "cannot check"),
        check(
            "exchange", "58.0%", "coingecko", "all-coins", "differs",
            value_percent=57.2, low_percent=57.1, high_percent=57.4, difference_points=0.8, **hourly,
        ),
        check(
            "exchange", "$80,300", "binance", "BTC/USDT", "matches",
            value_usd=80_240, low_usd=80_239, high_usd=80_310, difference=80_300 / 80_240 - 1, **hourly,
        ),
    ]  # fmt: skip
