"""A stored list of coins brings totals of our own counting, and the coins they were counted from."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from connectors.records import Answer
from connectors.registry import DEFAULT
from data import queries
from data.refresh import refresh

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def coin(n, cap, *, symbol=None, coin_id=None, volume=None):
    return {
        "id": coin_id or f"coin-{n}",
        "symbol": symbol or f"c{n}",
        "name": f"Coin {n}",
        "market_cap": cap,
        "current_price": cap / 1e6,
        "total_volume": cap / 50 if volume is None else volume,
        "circulating_supply": 1e6,
        "last_updated": NOW.isoformat().replace("+00:00", ".000Z"),
    }


def listing(coins=124, absurd=()):
    """Bitcoin at $1,000 bn, Ether at $200 bn, and others of $1 bn each."""
    rows = [coin(0, 1e12, symbol="btc", coin_id="bitcoin"), coin(1, 2e11, symbol="eth", coin_id="ethereum")]
    return [*absurd, *rows, *(coin(n, 1e9) for n in range(2, coins + 2))]


def asked(lake, rows, now=NOW):
    body = json.dumps(rows).encode()
    return list(refresh(lake, DEFAULT.jobs(["coingecko-markets"]), lambda *_: Answer(body), now=now))


def computed(lake):
    frame = queries.export(lake.pin(), "market_caps", "definition = 'top-125'")
    return frame.set_index("asset")["market_cap_usd"].to_dict(), set(frame["source"])


def test_totals_and_dominance_are_stored_with_their_members(lake):
    [taken] = asked(lake, listing())
    # The 125 largest: Bitcoin, Ether and 123 of the 124 others at $1 bn.
    assert computed(lake) == (
        {
            "TOTAL": pytest.approx(1.323e12),
            "TOTAL2": pytest.approx(0.323e12),
            "TOTAL3": pytest.approx(0.123e12),
            "BTC": pytest.approx(1e12),
            "ETH": pytest.approx(0.2e12),
        },
        {"coingecko (computed)"},
    )
    members = queries.export(lake.pin(), "total_members")
    assert members["used"].sum() == len(members) == 125
    assert taken.note is None


def test_an_absurd_coin_is_kept_out_and_told(lake):
    """As one that was recorded claims: $3.33 trillion on $5.40 of volume."""
    [taken] = asked(lake, listing(absurd=[coin(999, 3.33e12, symbol="absurd", volume=5.4)]))
    totals, _ = computed(lake)
    assert totals["TOTAL"] == pytest.approx(1.323e12)
    assert "Kept out of the computed total: ABSURD" in taken.note
    [out] = queries.export(lake.pin(), "total_members", "NOT used").itertuples()
    assert (out.asset, out.rank, out.market_cap_usd) == ("ABSURD", 1, 3.33e12)
    assert out.reason
    assert taken.note in set(queries.runs(lake.pin())["note"])


def test_too_few_coins_give_no_total_rather_than_a_smaller_one(lake):
    [taken] = asked(lake, listing(coins=110))
    assert computed(lake) == ({}, set())
    assert "No total of the top 125 was computed: only 112 of 112 coins can be counted" in taken.note


def test_the_same_list_again_commits_nothing(lake):
    asked(lake, listing())
    before = lake.pin().versions
    asked(lake, listing(), NOW + timedelta(minutes=10))
    assert lake.pin().versions == before
