"""Loading the sample into a lake that holds other things."""

from __future__ import annotations

from datetime import UTC, datetime

from lake_rows import fit

from data import queries
from data.lake import Counts
from data.sample import load_sample

LATER = datetime(2026, 12, 2, tzinfo=UTC)


def test_loading_it_again_changes_nothing(sample_lake):
    before = sample_lake.pin().versions
    taken = list(load_sample(sample_lake, LATER))
    assert [one.counts.written for one in taken] == [0, 0, 0]
    after = sample_lake.pin().versions
    assert {name for name in after if after[name] != before[name]} == {"runs"}


def test_figures_from_elsewhere_stay(lake):
    """CoinGecko's total of 2025-03-29 to the dollar, where the sample has four figures of it."""
    exact = {
        "source": "coingecko",
        "definition": "all-coins",
        "asset": "TOTAL",
        "period_end": datetime(2025, 3, 29, tzinfo=UTC),
        "market_cap_usd": 2_841_815_432_109.0,
        "available_at": datetime(2025, 3, 29, tzinfo=UTC),
        "resolution_s": 86_400,
    }
    with lake.writing():
        lake.merge("market_caps", fit("market_caps", [exact]))
    taken = {one.source: one for one in load_sample(lake, LATER)}
    assert taken["sample market caps"].counts == Counts(new=775, same=1)
    at = exact["period_end"]
    stored = queries.cap_series(lake.pin(), "TOTAL", at, at)
    assert stored.loc[stored["source"] == "coingecko", "market_cap_usd"].tolist() == [exact["market_cap_usd"]]


def test_an_article_fetched_from_its_publisher_keeps_its_title(sample_lake):
    stored = queries.export(sample_lake.pin(), "articles", "url IS NOT NULL")
    fetched = stored.iloc[[0]].assign(source="coindesk", title="As its publisher wrote it")
    import pyarrow as pa

    from data.tables import TABLES

    with sample_lake.writing():
        sample_lake.merge("articles", pa.Table.from_pandas(fetched, TABLES["articles"].schema, preserve_index=False))
    list(load_sample(sample_lake, LATER))
    again = queries.articles(sample_lake.pin(), [fetched["article_id"].iloc[0]])
    assert again["title"].tolist() == ["As its publisher wrote it"]
