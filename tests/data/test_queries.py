"""Queries: what they join, and that nothing later than the clock comes out of any of them."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lake_rows import at, bars, candle_table, cap, fit

from data import queries
from data.candles import merge_candles
from data.lake import Lake
from data.markets import markets, price_window
from data.queries import MAX_BARS
from data.tables import HORIZONS_H, INTERVAL_S, TABLES

LONG_AGO, FAR_AHEAD = datetime(2010, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def between(first: str, last: str) -> st.SearchStrategy[datetime]:
    seconds = st.floats(0, (at(last) - at(first)).total_seconds())
    return seconds.map(lambda passed: at(first) + timedelta(seconds=passed))


clocks = between("2012-01-01", "2026-06-30") | between("2025-03-15", "2025-04-17")
OF_CLOCKS = settings(deadline=None, max_examples=12)


# ── the clock ─────────────────────────────────────────────────────────────────────────────────────────


def _none_later(values: pd.Series, clock: datetime) -> None:
    assert not (values > pd.Timestamp(clock)).any()


def _moves_of(frame: pd.DataFrame, clock: datetime) -> None:
    """A move that ends after the clock is empty."""
    for name, hours in HORIZONS_H.items():
        ends = frame["anchor_at"] + pd.Timedelta(hours=max(hours, 0))
        for kind in ("log_return", "sigma"):
            assert frame.loc[ends > pd.Timestamp(clock), f"{kind}_{name}"].isna().all()


@OF_CLOCKS
@given(clocks)
def test_no_query_shows_what_was_not_known_yet(sample, clock):
    for interval in ("1m", "1h", "1d"):
        length = pd.Timedelta(seconds=INTERVAL_S[interval])
        start = clock - (timedelta(days=2) if interval == "1m" else timedelta(days=200))
        found = queries.price_series(sample, markets("BTC"), interval, start, clock + timedelta(days=9), clock)
        _none_later(found["open_time"] + length, clock)
    prices = price_window(sample, "BTC", LONG_AGO, FAR_AHEAD, clock)
    last_bars = price_window(sample, "BTC", clock - timedelta(days=3), clock + timedelta(days=3), clock)
    _none_later(prices.bars["open_time"], clock)
    _none_later(last_bars.bars["open_time"] + pd.Timedelta(seconds=INTERVAL_S[last_bars.interval]), clock)

    caps = queries.cap_series(sample, "TOTAL", LONG_AGO, FAR_AHEAD, clock)
    _none_later(caps["available_at"], clock)

    stories = queries.stories(sample, known_at=clock)
    for column in ("known_at", "anchor_at"):
        _none_later(stories[column], clock)
    _moves_of(stories, clock)
    assert stories.loc[stories["anchor_at"].isna(), "price_usd"].isna().all()
    for story_id in stories["story_id"].tail(1):
        _none_later(queries.story_articles(sample, story_id, clock)["known_at"], clock)
        _none_later(queries.story_caps(sample, story_id, clock)["period_end"], clock)


@OF_CLOCKS
@given(clocks)
def test_no_export_shows_what_was_not_known_yet(sample, clock):
    known = set(queries.export(sample, "articles", known_at=clock)["article_id"])
    told = set(queries.export(sample, "stories", known_at=clock)["story_id"])
    for table in TABLES:
        found = queries.export(sample, table, known_at=clock)
        assert found.columns.to_list() == TABLES[table].names
        if table == "candles":
            _none_later(found["open_time"] + pd.to_timedelta(found["interval"].map(INTERVAL_S), unit="s"), clock)
        for column in {
            "known_at",
            "available_at",
            "finished_at",
            "created_at",
            "anchor_at",
            "period_end",
            "last_at",
        } & set(found.columns) - ({"period_end"} if table == "market_caps" else set()):
            _none_later(found[column], clock)
        if "article_id" in found:
            assert set(found["article_id"]) <= known, table
        if "story_id" in found:
            assert set(found["story_id"]) <= told, table
        if table == "contexts":
            _moves_of(found, clock)


def test_at_the_end_of_time_an_export_holds_everything(sample):
    for table in TABLES:
        assert len(queries.export(sample, table, known_at=FAR_AHEAD)) >= queries.row_count(sample, table) - len(
            queries.export(sample, "contexts", "anchor_at IS NULL") if table == "contexts" else ()
        )


def test_a_bar_is_known_from_its_close_on_and_not_a_microsecond_before(sample):
    close = at("2025-03-28T15:00")  # of the hour from 14:00
    for clock, last in ((close, at("2025-03-28T14:00")), (close - timedelta(microseconds=1), at("2025-03-28T13:00"))):
        found = queries.price_series(sample, markets("BTC"), "1h", at("2025-03-28"), at("2025-03-30"), clock)
        assert found["open_time"].iloc[-1] == last
        exported = queries.export(sample, "candles", "symbol = 'BTC/USDT' AND interval = '1h'", clock)
        assert exported["open_time"].max() == last


def test_a_joined_bar_never_reaches_beyond_the_clock_with_figures_from_after_it(sample):
    """A long window joins days into longer bars; the last one may hold closed days alone."""
    clock = at("2025-03-28T12:00")
    found = price_window(sample, "BTC", LONG_AGO, FAR_AHEAD, clock)
    daily = queries.price_series(sample, markets("BTC"), "1d", LONG_AGO, FAR_AHEAD, clock)
    assert daily["open_time"].iloc[-1] == at("2025-03-27")
    assert found.bars["close"].iloc[-1] == daily["close"].iloc[-1]
    assert found.bars["high"].max() == daily["high"].max()


# ── prices ────────────────────────────────────────────────────────────────────────────────────────────


def test_each_bar_is_from_the_first_market_that_has_it(lake):
    opens = pd.date_range("2025-03-28", periods=4, freq="h", tz="UTC")
    with lake.writing():
        for source, symbol, which, close in (
            ("binance", "BTC/USDT", [0, 1, 2, 3], 1),
            ("kraken", "BTC/USD", [1], 9.0),
            ("coinbase", "BTC/USD", [1, 2], 8.0),
            ("kraken", "BTC/USDT", [0, 3], 7.0),
            ("elsewhere", "BTC/USD", [0], 6.0),
            ("kraken", "ETH/USD", [3], 5.0),
        ):
            merge_candles(
                lake,
                candle_table(
                    bars(opens[which], [close + 100] * len(which), interval="1h", source=source, symbol=symbol)
                ),
            )
    found = queries.price_series(lake.pin(), markets("BTC"), "1h", opens[0], opens[3] + pd.Timedelta("1h"))
    assert found[["source", "symbol", "close"]].to_numpy().tolist() == [
        ["kraken", "BTC/USDT", 107.0],  # no dollar market we know of; Kraken before Binance
        ["kraken", "BTC/USD", 109.0],
        ["coinbase", "BTC/USD", 108.0],
        ["kraken", "BTC/USDT", 107.0],
    ]


def test_windows_are_half_open(sample):
    found = queries.price_series(sample, markets("BTC"), "1h", at("2025-03-28T10:00"), at("2025-03-28T12:00"))
    assert found["open_time"].dt.hour.to_list() == [10, 11]


@settings(deadline=None, max_examples=30)
@given(between("2009-06-01", "2026-06-01"), st.floats(0, 18).map(lambda power: timedelta(seconds=2 ** (power * 1.62))))
def test_a_chart_window_of_any_length_has_at_most_two_thousand_bars(sample, start, length):
    found = price_window(sample, "BTC", start, start + length)
    assert len(found.bars) <= MAX_BARS
    assert found.bars["open_time"].is_monotonic_increasing
    assert found.bars["open_time"].is_unique


def test_a_short_window_where_there_are_minutes_is_of_minutes_and_elsewhere_of_what_there_is(sample):
    assert price_window(sample, "BTC", at("2025-03-28T12:00"), at("2025-03-28T18:00")).interval == "1m"
    assert price_window(sample, "BTC", at("2023-05-01"), at("2023-05-03")).interval == "1h"
    assert price_window(sample, "BTC", at("2015-05-01"), at("2015-06-01")).interval == "1d"
    assert price_window(sample, "BTC", at("2010-05-01"), at("2010-06-01")).bars.empty


def test_a_long_window_spans_markets_and_says_which(sample):
    found = price_window(sample, "BTC", at("2020-12-20"), at("2021-01-10"))
    assert found.venues == "kraken BTC/USD, binance BTC/USDT"


# ── stories and claims ────────────────────────────────────────────────────────────────────────────────


def _story(lake: Lake) -> None:
    when = at("2025-03-28T17:00")
    article = {
        "source": "s",
        "publisher": "p",
        "title": "t",
        "title_derived": False,
        "published_precision": "minute",
        "first_seen_at": when,
        "known_at_assumed": False,
        "revisions": 0,
    }
    claim = {
        "article_id": "a1",
        "quote": "$2.68 trillion",
        "quantity": "total_market_cap",
        "asset": "TOTAL",
        "value": 2.68e12,
        "unit": "USD",
        "precision": 5e9,
        "comparator": "eq",
        "modality": "current",
    }
    check = {"article_id": "a1", "offset": 5, "verdict": "matches", "note": "n"}
    with lake.writing():
        lake.merge(
            "articles",
            fit(
                "articles",
                [
                    article | {"article_id": "a1", "published_at": when, "known_at": when},
                    article
                    | dict.fromkeys(("published_at", "known_at"), when + timedelta(hours=5))
                    | {"article_id": "a2"},
                ],
            ),
        )
        lake.merge(
            "stories",
            fit(
                "stories",
                [
                    {"story_id": "s1", "first_article_id": "a1", "title": "t", "first_at": when, "known_at": when},
                    {"story_id": "s2", "first_article_id": "a2", "title": "t", "known_at": when, "merged_into": "s1"},
                ],
            ),
        )
        lake.merge(
            "story_members",
            fit(
                "story_members",
                [
                    {"story_id": "s1", "article_id": "a1", "relation": "original", "similarity": 1.0},
                    {"story_id": "s1", "article_id": "a2", "relation": "rewritten", "similarity": 0.8},
                ],
            ),
        )
        lake.merge(
            "mentions",
            fit(
                "mentions",
                [
                    {
                        "article_id": article_id,
                        "kind": kind,
                        "value": value,
                        "offset": offset,
                        "quote": value,
                        "basis": "text",
                    }
                    for article_id, kind, value, offset in (
                        ("a1", "asset", "BTC", 0),
                        ("a1", "asset", "BTC", 9),
                        ("a2", "asset", "ETH", 0),
                        ("a1", "person", "Nayib Bukele", 3),
                        ("a1", "topic", "adoption", 0),
                    )
                ],
            ),
        )
        lake.merge("claims", fit("claims", [claim | {"offset": 5}, claim | {"offset": 90}]))
        lake.merge(
            "claim_checks",
            fit(
                "claim_checks",
                [
                    check
                    | {
                        "source": "tradingview",
                        "definition": "top-125",
                        "known_at": when + timedelta(hours=7),
                        "also_matches": "2025-03-29",
                    },
                    check | {"source": "coingecko", "definition": "all-coins", "known_at": when + timedelta(hours=8)},
                ],
            ),
        )
        lake.merge("market_caps", fit("market_caps", [cap(28)]))


def test_a_story_counts_its_articles_and_names_what_they_mention_once(lake):
    _story(lake)
    found = queries.stories(lake.pin())
    assert found["story_id"].to_list() == ["s1"]  # the merged one redirects
    row = found.iloc[0]
    assert (row["articles"], row["assets"], row["people"], row["topics"], row["places"]) == (
        2,
        "BTC; ETH",
        "Nayib Bukele",
        "adoption",
        "",
    )
    assert row["outcome"] == "no_price"
    assert queries.story_mentions(lake.pin(), "s1")[["value", "times"]].to_numpy().tolist() == [
        ["BTC", 2],
        ["ETH", 1],
        ["Nayib Bukele", 1],
        ["adoption", 1],
    ]


def test_articles_of_a_story_come_with_their_relation_as_they_became_known(lake):
    _story(lake)
    assert queries.story_articles(lake.pin(), "s1")[["article_id", "relation"]].to_numpy().tolist() == [
        ["a1", "original"],
        ["a2", "rewritten"],
    ]
    early = queries.story_articles(lake.pin(), "s1", at("2025-03-28T18:00"))
    assert early["article_id"].to_list() == ["a1"]


def test_what_later_articles_add_to_a_story_is_not_shown_before_they_are_known(lake):
    """At 18:00 the second article, which mentions ETH, is four hours ahead."""
    _story(lake)
    row = queries.stories(lake.pin(), known_at=at("2025-03-28T18:00")).iloc[0]
    assert (row["articles"], row["assets"]) == (1, "BTC")
    found = queries.story_mentions(lake.pin(), "s1", known_at=at("2025-03-28T18:00"))
    assert set(found["value"]) == {"BTC", "Nayib Bukele", "adoption"}


def test_claims_have_a_row_a_check_and_one_where_there_is_none_yet(lake):
    _story(lake)
    found = queries.story_claims(lake.pin(), "s1")
    assert found["offset"].to_list() == [5, 5, 90]
    assert found["source"].fillna("–").to_list() == ["coingecko", "tradingview", "–"]
    when = at("2025-03-28T17:00")
    counts = [
        len(queries.story_claims(lake.pin(), "s1", when + timedelta(hours=h)).dropna(subset="verdict"))
        for h in (0, 6, 7, 8)
    ]
    assert counts == [0, 0, 1, 2]
    assert queries.story_claims(lake.pin(), "s1", when - timedelta(hours=1)).empty
    early = queries.story_claims(lake.pin(), "s1", when + timedelta(hours=7))
    assert early["also_matches"].isna().all()  # days that were still to come


def test_names_with_quotes_and_braces_are_only_names(lake):
    _story(lake)
    for odd in ("it's", "{stories}", "$story_id", "x' OR '1'='1"):
        assert queries.stories(lake.pin(), story_id=odd).empty
        assert queries.story_articles(lake.pin(), odd).empty
        assert queries.series(lake.pin(), odd, odd, "1h", LONG_AGO, FAR_AHEAD).empty


# ── an empty lake ─────────────────────────────────────────────────────────────────────────────────────

_GIVEN = {
    "markets": markets("BTC"),
    "interval": "1h",
    "start": LONG_AGO,
    "end": FAR_AHEAD,
    "source": "kraken",
    "sources": ["kraken-btc-usd"],
    "symbol": "BTC/USD",
    "symbols": ["BTC/USD"],
    "span": "2025",
    "asset": "BTC",
    "story_id": "s1",
    "ids": ["a1"],
    "story_ids": ["s1"],
    "article_ids": ["a1"],
    "article_id": "a1",
    "url": "https://a.example/1",
    "text": "Words.",
    "asked": queries.Asked(),
    "claims": (("a1", 0),),
    "table": "candles",
    "column": "source",
    "target_kind": "story",
    "target_id": "s1",
    "note_id": "n1",
    "known_at": FAR_AHEAD,
}


def _queries():
    return [
        function
        for name, function in inspect.getmembers(queries, inspect.isfunction)
        if not name.startswith("_") and next(iter(inspect.signature(function).parameters), "") == "snapshot"
    ]


@pytest.mark.parametrize("function", _queries(), ids=lambda function: function.__name__)
def test_every_query_works_on_an_empty_lake(lake, function):
    parameters = inspect.signature(function).parameters
    given_ = {name: _GIVEN[name] for name in parameters if name in _GIVEN}
    found = function(lake.pin(), **given_) if function is not queries.tables else {}
    if inspect.isgenerator(found):
        found = pd.concat(found)
    if isinstance(found, pd.DataFrame):
        found = found.dropna(how="all")  # a summary may be one row without figures
    assert found is None or (found == 0 if isinstance(found, int) else len(found) == 0)


def test_every_table_can_be_exported_from_an_empty_lake(lake):
    for table in TABLES:
        for clock in (None, FAR_AHEAD):
            found = queries.export(lake.pin(), table, known_at=clock)
            assert found.columns.to_list() == TABLES[table].names
            assert found.empty
    assert price_window(lake.pin(), "BTC", LONG_AGO, FAR_AHEAD).bars.empty


def test_before_a_week_has_passed_no_outcome_tells_that_its_prices_exist(sample):
    """The example story is read at 2025-03-29 00:00; on 1 April its week was not over."""
    clock = datetime(2025, 4, 1, tzinfo=UTC)
    told = "price_usd BETWEEN 84424 AND 84425 AND asset = 'BTC'"
    assert "used" in set(queries.export(sample, "contexts", told)["outcome"])
    for frame in (queries.export(sample, "contexts", told, clock), queries.stories(sample, known_at=clock)):
        late = frame[frame["anchor_at"] + timedelta(days=7) > pd.Timestamp(clock)]
        assert len(late)
        assert "used" not in set(late["outcome"])
