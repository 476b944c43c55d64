"""The boundary: every row comes out, is refused with its reason, or equals another; none is dropped."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.records import Candle, MarketCap
from data.candles import with_span
from data.tables import ANNOTATIONS, ARTICLES, CANDLES, MARKET_CAPS
from data.validate import EXCERPT, records_frame, validate

AT = datetime(2025, 3, 28, 10, tzinfo=UTC)
GOOD = {
    "source": "kraken",
    "symbol": "BTC/USD",
    "interval": "1h",
    "open_time": AT,
    "open": 100.0,
    "high": 110.0,
    "low": 90.0,
    "close": 105.0,
    "volume": 1.5,
}
NOTE = {"annotation_id": "n", "target_kind": "story", "target_id": "s", "note": "text", "author": "a", "created_at": AT}


def objects(*rows: dict) -> pd.DataFrame:
    frame = pd.DataFrame(rows, dtype=object)
    return with_span(frame) if "open_time" in frame else frame


def texts(*rows: dict) -> pd.DataFrame:
    """As read from CSV."""
    return objects(
        *({name: "" if value is None else str(value) for name, value in row.items()} for row in rows)
    ).astype("str")


FORMS = pytest.mark.parametrize("form", [objects, texts])


def reasons(frame, table=CANDLES) -> list[str]:
    found = validate(frame, table)
    assert found.rows.num_rows + len(found.rejects) + found.same == len(frame)
    return [reject.reason for reject in found.rejects]


@FORMS
def test_a_good_row_comes_out_as_it_went_in(form):
    found = validate(form(GOOD), CANDLES)
    assert (found.rejects, found.same) == ((), 0)
    assert found.rows.schema == CANDLES.schema
    assert found.rows.to_pylist() == [{**GOOD, "derived_from": None, "span": "2025"}]


@FORMS
@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("high", 89.0, "high is below low"),
        ("open", 120.0, "open is outside low..high"),
        ("close", 80.0, "close is outside low..high"),
        ("close", float("nan"), "close must be a finite number"),
        ("volume", float("inf"), "volume must be a finite number"),
        ("open", "NULL", "open must be a finite number"),
        ("open", "1,234.5", "open must be a finite number"),
        ("open", None, "open is missing"),
        ("low", 0.0, "low must be a positive number"),
        ("low", -1.0, "low must be a positive number"),
        ("volume", -0.1, "volume must be zero or more"),
        ("symbol", "", "symbol is missing"),
        ("symbol", "   ", "symbol is missing"),
        ("symbol", None, "symbol is missing"),
        ("interval", "7m", "interval must be one of: 1m, 5m, 1h, 1d"),
        ("open_time", None, "open_time is missing"),
        ("open_time", "", "open_time is missing"),
        ("open_time", "2025-03-28T10:00:00", "open_time has no time zone"),
        ("open_time", "2025-03-28 10:00", "open_time has no time zone"),
        ("open_time", "yesterday", "open_time has no time zone"),
        ("open_time", "1999-01-01T00:00Z", "open_time must lie between 2009-01-03 and 2100"),
        ("open_time", "2100-01-01T00:00Z", "open_time must lie between 2009-01-03 and 2100"),
        ("open_time", "2025-03-28T10:30Z", "open_time is not a multiple of the interval"),
        ("open_time", "2025-02-30T10:00Z", "open_time is not an ISO 8601 time"),
    ],
)
def test_each_fault_has_its_reason(form, column, value, reason):
    found = reasons(form({**GOOD, column: value}))
    assert len(found) == 1
    assert reason in found[0]


def test_a_naive_datetime_is_refused_and_an_aware_one_of_another_zone_converted():
    assert "open_time has no time zone" in reasons(objects({**GOOD, "open_time": datetime(2025, 3, 28, 10)}))[0]
    tokyo = pd.Timestamp("2025-03-28 19:00", tz="Asia/Tokyo")
    assert validate(objects({**GOOD, "open_time": tokyo}), CANDLES).rows["open_time"].to_pylist() == [AT]


def test_all_faults_of_a_row_are_named_and_what_it_looked_like():
    found = validate(objects({**GOOD, "symbol": None, "volume": -1.0, "high": 80.0}), CANDLES).rejects[0]
    for fault in ("symbol is missing", "volume must be zero or more", "high is below low"):
        assert fault in found.reason
    assert "source=kraken" in found.excerpt
    assert "volume=-1.0" in found.excerpt


def test_an_excerpt_is_short_and_can_be_stored():
    found = validate(objects({**NOTE, "created_at": None, "note": "\ud83d" + "x" * 10_000}), ANNOTATIONS).rejects[0]
    assert len(found.excerpt) <= EXCERPT
    found.excerpt.encode()


@pytest.mark.parametrize("value", ["NULL", "nan", "None", "NA", "-"])
def test_words_that_look_like_nothing_are_words_in_a_text(value):
    found = validate(objects({**NOTE, "note": value}), ANNOTATIONS)
    assert found.rows["note"].to_pylist() == [value]


@given(st.text(max_size=20))
def test_text_comes_out_as_it_went_in(text):
    found = validate(objects({**NOTE, "note": text}), ANNOTATIONS)
    assert found.rows["note"].to_pylist() == ([text] if text.strip() else [])


@pytest.mark.parametrize(
    ("cut", "expected"), [("moon \ud83d", "moon �"), ("\ude80 up", "� up"), ("\ud83d\ude80", "🚀")]
)
def test_half_an_emoji_becomes_a_replacement_character_and_two_halves_one_emoji(cut, expected):
    found = validate(objects({**NOTE, "note": cut}), ANNOTATIONS)
    assert found.rows["note"].to_pylist() == [expected]


def test_duplicates_equal_ones_are_the_same_and_of_different_ones_the_last_counts():
    later = {**GOOD, "close": 106.0}
    found = validate(objects(GOOD, GOOD, later, {**later, "symbol": "ETH/USD"}), CANDLES)
    assert sorted(found.rows["close"].to_pylist()) == [106.0, 106.0]
    assert found.same + len(found.rejects) == 2
    assert all("same key" in reject.reason for reject in found.rejects)
    equal = validate(objects(GOOD, GOOD, GOOD), CANDLES)
    assert (equal.rows.num_rows, equal.same, equal.rejects) == (1, 2, ())


def test_a_refused_row_does_not_push_out_a_good_one_of_the_same_key():
    found = validate(objects(GOOD, {**GOOD, "high": 1.0}), CANDLES)
    assert found.rows["high"].to_pylist() == [110.0]
    assert len(found.rejects) == 1


@FORMS
def test_no_rows_are_no_error(form):
    frame = form(GOOD)[:0]
    for table in (CANDLES, MARKET_CAPS, ARTICLES):
        found = validate(frame.reindex(columns=table.names), table)
        assert (found.rows.num_rows, found.rejects, found.rows.schema) == (0, (), table.schema)
    assert validate(records_frame([], CANDLES), CANDLES).rows.num_rows == 0


def test_market_caps_by_their_own_rules():
    good = {
        "source": "t",
        "definition": "top-125",
        "asset": "TOTAL",
        "period_end": AT,
        "market_cap_usd": 2.7e12,
        "available_at": AT,
        "resolution_s": 86_400,
        "low_usd": 2.6e12,
        "high_usd": 2.8e12,
    }
    found = validate(objects(good), MARKET_CAPS)
    assert found.rows["resolution_s"].to_pylist() == [86_400]
    assert found.rows["price_usd"].to_pylist() == [None]
    for change, reason in (
        ({"low_usd": 2.9e12}, "high_usd is below low_usd"),
        ({"market_cap_usd": 3e12}, "market_cap_usd is outside low_usd..high_usd"),
        ({"market_cap_usd": 0.0}, "market_cap_usd must be a positive number"),
        ({"resolution_s": 0.5}, "resolution_s must be a whole number"),
        ({"supply": -1.0}, "supply must be zero or more"),
    ):
        assert reason in reasons(objects({**good, **change}), MARKET_CAPS)[0]


def test_flags_are_true_or_false_and_nothing_else():
    article = {
        "article_id": "a",
        "source": "s",
        "publisher": "p",
        "title": "t",
        "title_derived": False,
        "first_seen_at": AT,
        "known_at": AT,
        "known_at_assumed": "true",
        "revisions": 0,
    }
    found = validate(objects(article), ARTICLES)
    assert found.rows["known_at_assumed"].to_pylist() == [True]
    assert "title_derived must be true or false" in reasons(objects({**article, "title_derived": "maybe"}), ARTICLES)[0]


_wild = st.one_of(
    st.none(),
    st.floats(),
    st.integers(-5, 10**6),
    st.text(max_size=6),
    st.just(AT),
    st.booleans(),
    st.sampled_from(["1h", "1m", "NULL", "", "  ", "2025-03-28T10:00Z", "2025-03-28", "\ud83d", "1e999", "kraken"]),
    st.datetimes(),
    st.just(pd.NaT),
    st.just(np.nan),
)
_rows = st.lists(
    st.builds(lambda changes: {**GOOD, **changes}, st.dictionaries(st.sampled_from(list(GOOD)), _wild, max_size=3)),
    max_size=8,
)


@settings(deadline=None, max_examples=70)
@given(_rows)
def test_every_row_comes_out_is_refused_or_is_the_same_as_another(rows):
    frame = pd.DataFrame(rows, columns=list(GOOD), dtype=object)
    frame = with_span(frame) if len(frame) else frame
    found = validate(frame, CANDLES)
    assert found.rows.num_rows + len(found.rejects) + found.same == len(rows)
    assert all(reject.reason for reject in found.rejects)
    keys = [tuple(row[name] for name in CANDLES.key) for row in found.rows.to_pylist()]
    assert len(set(keys)) == len(keys)
    for row in found.rows.to_pylist():  # what comes out obeys the declaration, by plain comparison
        assert (
            0 < row["low"] <= min(row["open"], row["close"]) <= max(row["open"], row["close"]) <= row["high"] < np.inf
        )
        assert 0 <= row["volume"] < np.inf
        assert row["open_time"].timestamp() % {"1m": 60, "5m": 300, "1h": 3600, "1d": 86_400}[row["interval"]] == 0
        assert 2009 <= row["open_time"].year < 2100
    # What came out goes through again unchanged.
    again = validate(found.rows.to_pandas(), CANDLES)
    assert again.rows.equals(found.rows)


def test_records_of_connectors_fit_their_tables():
    candle = Candle("kraken", "BTC/USD", "1h", AT, 100.0, 110.0, 90.0, 105.0, 1.5)
    total = MarketCap("coingecko", "all-coins", "TOTAL", AT, 2.8e12, 300, AT)
    assert validate(with_span(records_frame([candle], CANDLES)), CANDLES).rows.num_rows == 1
    row = validate(records_frame([total], MARKET_CAPS), MARKET_CAPS).rows.to_pylist()[0]
    assert (row["market_cap_usd"], row["resolution_s"], row["supply"]) == (2.8e12, 300, None)
