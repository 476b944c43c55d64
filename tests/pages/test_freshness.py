"""How fresh things are, in words."""

from __future__ import annotations

import pandas as pd
import pytest

from connectors.registry import DEFAULT
from dashboard.freshness import SIGNS, headline, lag, ordinal, quota, source_rows, stale_line
from data.status import STATES

HOUR = 3600.0
ENDS = pd.Timestamp("2026-06-20 10:00", tz="UTC")


def jobs(**states: str | tuple[str, float]) -> pd.DataFrame:
    """``name=state`` or ``name=(state, hours since the last success)``; an underscore stands for a hyphen."""
    rows = []
    for name, given in states.items():
        state, hours = given if isinstance(given, tuple) else (given, None)
        rows.append({"job": name.replace("_", "-"), "state": state, "lag_s": hours and hours * HOUR, "cadence_s": HOUR})
    return pd.DataFrame(rows, columns=["job", "state", "lag_s", "cadence_s"]).astype({"lag_s": "float64"})


def line(asset: str = "BTC", **states: str | tuple[str, float]) -> str | None:
    return stale_line(jobs(**states), DEFAULT, asset, ENDS)


def test_every_state_has_a_sign_of_its_own() -> None:
    assert set(SIGNS) == set(STATES)
    assert len(set(SIGNS.values())) == len(STATES)


def test_the_headline_counts_and_names_what_is_not_fresh_the_worst_first() -> None:
    assert headline(jobs(a="fresh", b="stale", c="fresh", d="failing", e="stale")) == (
        "2 of 5 jobs fresh; 1 failing (d), 2 stale (b, e)."
    )
    assert headline(jobs(a="fresh", b="fresh")) == "All 2 jobs fresh."
    assert headline(jobs(**dict.fromkeys("abcde", "never asked"))) == (
        "0 of 5 jobs fresh; 5 never asked (a, b, c and 2 more)."
    )
    assert "empty" in headline(jobs())


@pytest.mark.parametrize(
    ("lag_s", "cadence_s", "said"),
    [
        (3.2 * HOUR, HOUR, "3.2 h ago; new every 1 h"),
        (None, 86_400, "new every 1 day"),
        (90, float("nan"), "1.5 min ago"),
        (None, None, None),
    ],
)
def test_lag_stands_against_its_cadence(lag_s, cadence_s, said) -> None:
    assert lag(lag_s, cadence_s) == said


def test_quota_and_places() -> None:
    assert (quota(9_880, 10_000), quota(7, pd.NA), quota(pd.NA, pd.NA)) == ("9,880 of 10,000", "7", None)
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 22)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd",
    ]  # fmt: skip


def test_sources_that_need_attention_come_first_with_their_place_in_the_chain() -> None:
    states = pd.DataFrame(
        {
            "source": ["a", "b", "c", "d"],
            "job": ["chain", "chain", "d", None],
            "state": ["fresh", "failing", "stale", "off"],
            "lag_s": [60.0, None, 7200.0, None],
            "cadence_s": HOUR,
            "left": pd.array([1, None, None, None], dtype="Int64"),
            "left_of": pd.array([None] * 4, dtype="Int64"),
            **dict.fromkeys(("new", "changed", "same", "rejected"), 0),
            "last_success": pd.NaT,
            "last_error": None,
        }
    )
    rows = source_rows(states.assign(job=["chain", "chain", "alone", None]))
    assert list(rows["source"]) == ["b", "c", "a", "d"]
    assert list(rows["state"]) == ["✕ failing", "! stale", "✓ fresh", "– off"]
    assert rows["chain"].tolist()[0] == "2nd of 2 in chain"
    assert rows["chain"].isna().tolist() == [False, True, False, True]
    assert list(rows.index) == [1, 2, 0, 3]  # of states


def test_nothing_is_said_when_all_that_a_page_shows_is_fresh() -> None:
    fresh = {"candles_btc_usd": "fresh", "total_market_cap": "fresh", "coindesk": "fresh"}
    assert line(**fresh) is None
    assert line(**fresh, candles_eth_usd=("stale", 99)) is None  # the page shows Bitcoin
    assert line("ETH", **fresh, candles_eth_usd=("stale", 99)) is not None


def test_late_prices_total_and_news_are_said_with_their_cadence() -> None:
    assert line(candles_btc_usd=("stale", 124.8), total_market_cap="fresh", coindesk="fresh") == (
        "Prices of BTC/USD: last fetched 5.2 days ago (new every 1 h)."
    )
    assert line(candles_btc_usd="fresh", total_market_cap=("failing", 5), coindesk="never asked", decrypt="fresh") == (
        "Total market cap: failing, last fetched 5 h ago (new every 1 h); News of coindesk: not asked yet."
    )
    assert line(candles_btc_usd="failing", coindesk="fresh") == (
        "Prices of BTC/USD: failing, never fetched (new every 1 h)."
    )


def test_many_late_feeds_are_one_part_of_the_line() -> None:
    late = dict.fromkeys(("coindesk", "decrypt", "cointelegraph", "theblock"), ("stale", 50))
    assert line(candles_btc_usd="fresh", newsbtc="fresh", **late) == (
        "News: 4 of 5 feeds are not fresh (coindesk, decrypt, cointelegraph and 1 more)."
    )


def test_a_lake_that_was_never_refreshed_is_told_calmly() -> None:
    assert line(candles_btc_usd="never asked", coindesk="never asked") == (
        "No source has been asked yet: prices end 2026-06-20 10:00 UTC. “newstape refresh” brings the rest."
    )
