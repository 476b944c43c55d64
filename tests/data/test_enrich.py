"""What follows from articles when prices and market caps arrive later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from data import queries
from data.imports import import_article
from data.ingest import Batch, take

NOW = datetime(2026, 12, 1, tzinfo=UTC)
TEXT = (
    "A story about markets that is long enough to be one, in two sentences of plain words and no figure.\n\n"
    "The total crypto market cap stood at $2.70 trillion on March 28, 2025. "
    "On March 30, 2025 the total crypto market cap stood at $2.63 trillion.\n"
)


def caps(*rows: tuple[str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "source": "tradingview",
                "definition": "top-125",
                "asset": "TOTAL",
                "period_end": f"2025-03-{int(day) + 1:02}T00:00:00Z",
                "available_at": f"2025-03-{int(day) + 1:02}T00:00:00Z",
                "market_cap_usd": str((low + high) / 2),
                "low_usd": str(low),
                "high_usd": str(high),
                "resolution_s": "86400",
            }
            for day, low, high in rows
        ]
    )


def verdicts(lake, article: str) -> dict[float, list[str]]:
    checks = queries.story_claims(lake.pin(), f"s{article}")
    return {value: sorted(rows["verdict"]) for value, rows in checks.groupby("value")}


def test_market_caps_that_arrive_later_are_checked_against_and_no_other_claim_loses_its_check(lake, tmp_path):
    path = tmp_path / "story.txt"
    path.write_text(TEXT, encoding="utf-8")
    options = {"published_at": datetime(2025, 4, 1, 12, tzinfo=UTC), "published_precision": "minute"}
    article = import_article(lake, path, NOW, publisher="A paper", **options).articles[0]
    assert verdicts(lake, article) == {2.70e12: ["cannot check"], 2.63e12: ["cannot check"]}

    take(lake, "run-1", Batch("caps", "market_caps", caps(("28", 2.67e12, 2.81e12)), NOW))
    assert verdicts(lake, article)[2.70e12] == ["matches"]

    take(lake, "run-2", Batch("caps", "market_caps", caps(("30", 2.60e12, 2.66e12)), NOW))
    assert verdicts(lake, article) == {2.70e12: ["matches"], 2.63e12: ["matches"]}


def bars(source: str, symbol: str, price: float, first: datetime, hours: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "source": source,
            "symbol": symbol,
            "interval": "1h",
            "open_time": pd.date_range(first, periods=hours, freq="h"),
            **dict.fromkeys(("open", "high", "low", "close"), price),
            "volume": 1.0,
        }
    )


def test_a_move_never_begins_on_one_market_and_ends_on_another(lake, tmp_path):
    """Two flat markets 3 % apart, the dollar one from a day before the story on: nothing moved."""
    at = datetime(2025, 3, 28, 12, tzinfo=UTC)
    first = at - timedelta(days=40)
    take(lake, "run-1", Batch("b", "candles", bars("binance", "BTC/USDT", 100.0, first, 24 * 50), NOW))
    take(lake, "run-2", Batch("k", "candles", bars("kraken", "BTC/USD", 103.0, at - timedelta(hours=2), 24 * 9), NOW))
    path = tmp_path / "story.txt"
    path.write_text(TEXT, encoding="utf-8")
    article = import_article(lake, path, NOW, published_at=at, published_precision="minute").articles[0]
    story = queries.stories(lake.pin(), story_id=f"s{article}").iloc[0]
    assert story["price_source"] == "binance BTC/USDT"  # it knows the day before too
    moves = story[[f"log_return_{h}" for h in ("m24h", "m1h", "p1h", "p24h", "p7d")]].astype(float)
    np.testing.assert_array_equal(moves, 0.0)


def test_bars_that_are_not_closed_and_articles_of_tomorrow_are_refused(lake, tmp_path):
    early = bars("kraken", "BTC/USD", 100.0, NOW - timedelta(hours=2), 4)
    taken = take(lake, "run-1", Batch("k", "candles", early, NOW))
    assert (taken.counts.new, [reject.reason for reject in taken.rejects]) == (2, ["the bar is not closed yet"] * 2)
    path = tmp_path / "story.txt"
    path.write_text(TEXT, encoding="utf-8")
    taken = import_article(lake, path, NOW, published_at=NOW + timedelta(days=1), published_precision="minute")
    assert [reject.reason for reject in taken.rejects] == ["published_at lies in the future"]


def test_a_corrected_publication_time_moves_what_was_assumed_from_it(lake, tmp_path):
    path = tmp_path / "story.txt"
    path.write_text(TEXT, encoding="utf-8")
    for day in (1, 9):
        at = datetime(2025, 4, day, 12, tzinfo=UTC)
        article = import_article(lake, path, NOW, published_at=at, published_precision="minute").articles[0]
    stored = queries.articles(lake.pin(), [article]).iloc[0]
    assert stored["known_at"] == stored["published_at"] == pd.Timestamp("2025-04-09T12:00Z")
    assert stored["revisions"] == 1
