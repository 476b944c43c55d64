"""CoinLore's total and list: documented shapes, pages, and each way it says no."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from replay import Answer

from connectors.coinlore import PER_PAGE, CoinLoreGlobal, CoinLoreTickers
from connectors.errors import BadAnswer, RateLimited, Refused
from connectors.pace import Pace
from connectors.pull import pull
from connectors.records import MarketCap, Window

END = datetime(2025, 3, 29, 1, tzinfo=UTC)
WINDOW = Window(END - timedelta(hours=1), END)
TOTAL, COINS = CoinLoreGlobal(), CoinLoreTickers()
QUICK = Pace(sleep=lambda _: None)
GLOBAL_URL, TICKERS_URL = "https://api.coinlore.net/api/global/", "https://api.coinlore.net/api/tickers/"


def parse(source, answer):
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return source.parse(source.first(WINDOW), body)


def coin(name, symbol, cap, **other):
    return {"id": "1", "nameid": name, "symbol": symbol, "market_cap_usd": cap, "price_usd": "1.0", **other}


def test_a_total_and_the_two_shares_of_it_at_the_time_of_asking(payloads):
    """2,720,000,000,000.5; 60.50 % of it is 1.6456 trillion, 8.00 % is 217.6 billion."""
    page = parse(TOTAL, (payloads / "coinlore_global.json").read_bytes())
    common = {"source": "coinlore", "definition": "coinlore-tracked", "period_end": END, "available_at": END}
    whole, btc, eth = page.records
    assert whole == MarketCap(
        asset="TOTAL", market_cap_usd=2720000000000.5, volume_usd=95000000000.25, resolution_s=600, **common
    )
    assert btc == MarketCap(asset="BTC", market_cap_usd=pytest.approx(1.6456e12), resolution_s=600, **common)
    assert eth == MarketCap(asset="ETH", market_cap_usd=pytest.approx(2.176e11), resolution_s=600, **common)


def test_one_cap_a_coin_from_numbers_written_as_text(payloads):
    """1743206641 is 2025-03-29 00:04:01 UTC."""
    page = parse(COINS, (payloads / "coinlore_tickers.json").read_bytes())
    at = datetime(2025, 3, 29, 0, 4, 1, tzinfo=UTC)
    bitcoin, ether = page.records
    assert bitcoin == MarketCap(
        source="coinlore",
        definition="asset",
        asset="BTC",
        period_end=at,
        market_cap_usd=1.6e12,
        resolution_s=600,
        available_at=at,
        price_usd=80_000.0,
        volume_usd=30000000000.5,
        supply=2e7,
        asset_id="bitcoin",
    )
    assert (ether.asset, ether.supply) == ("ETH", None)


def test_pages_of_a_hundred_until_one_is_not_full(replay, send):
    info = {"coins_num": 101, "time": 1743206641}
    full = [coin(f"coin-{n}", f"C{n}", str(1000.0 - n)) for n in range(PER_PAGE)]
    replay.serve(TICKERS_URL, json.dumps({"data": full, "info": info}).encode(), start="0")
    replay.serve(TICKERS_URL, json.dumps({"data": [coin("namesake", "C7", "1")], "info": info}).encode(), start="100")
    pulled = pull(CoinLoreTickers(pages=5), WINDOW, send, pace=QUICK)
    assert (pulled.error, len(pulled.records)) == (None, 101)
    assert pulled.records[-1].asset == "C7 (namesake)"
    assert [asked.query for asked in replay.asked] == [{"start": s, "limit": "100"} for s in ("0", "100")]
    with pytest.raises(ValueError, match="1 to 100"):
        CoinLoreTickers(pages=0)


@pytest.mark.parametrize(
    ("status", "kind", "attempts"), [(429, RateLimited, 4), (402, Refused, 1), (401, Refused, 1), (403, Refused, 1)]
)
def test_statuses(replay, send, status, kind, attempts):
    replay.serve(GLOBAL_URL, Answer(b"said why", status))
    pulled = pull(TOTAL, WINDOW, send, pace=QUICK)
    assert (type(pulled.error), pulled.attempts) == (kind, attempts)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"total_mcap": 5.0},
        [],
        [[]],
        [{"total_mcap": 5.0}, {"total_mcap": 6.0}],
        [{}],
        [{"total_mcap": None}],
        [{"total_mcap": "NaN"}],
        [{"total_mcap": "NULL"}],
        [{"total_mcap": True}],
        [{"total_mcap": "-1"}],
        [{"total_mcap": 0}],
        {"message": "moved"},
        {"status": {"error_code": 429}},
    ],
)
def test_what_is_no_total(answer):
    with pytest.raises(BadAnswer) as caught:
        parse(TOTAL, answer)
    assert GLOBAL_URL in str(caught.value)


@pytest.mark.parametrize(
    "answer", [[], {}, {"data": []}, {"data": {}, "info": {"time": 1}}, {"data": [{}], "info": {}}]
)
def test_what_is_no_list_of_coins_with_its_time(answer):
    with pytest.raises(BadAnswer) as caught:
        parse(COINS, answer)
    assert TICKERS_URL in str(caught.value)


def test_an_empty_first_page_is_no_list_of_coins():
    with pytest.raises(BadAnswer):
        parse(COINS, {"data": [], "info": {"time": 1743206641}})


@pytest.mark.parametrize("share", [None, "", "NULL", True, "-1", "100.5"])
def test_a_share_that_is_no_percentage_is_a_reject_beside_the_others(share):
    page = parse(TOTAL, [{"total_mcap": "100", "btc_d": share, "eth_d": "8.5"}])
    assert [(record.asset, record.market_cap_usd) for record in page.records] == [("TOTAL", 100.0), ("ETH", 8.5)]
    assert [reject.reason for reject in page.rejects] == ["btc_d is not a percentage"]


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"market_cap_usd": "NULL"}, "no market cap"),
        ({"market_cap_usd": "0.00"}, "the market cap is zero or less"),
        ({"price_usd": "?"}, "price_usd is not a number of zero or more"),
        ({"csupply": "-5"}, "supply is not a number of zero or more"),
        ({"nameid": ""}, "no symbol or no id"),
    ],
)
def test_a_bad_coin_is_a_reject_beside_the_others(other, reason):
    rows = [{**coin("bad", "BAD", "9"), **other}, coin("good", "GOOD", "1")]
    page = parse(COINS, {"data": rows, "info": {"time": 1743206641}})
    assert [record.asset for record in page.records] == ["GOOD"]
    assert [reject.reason for reject in page.rejects] == [reason]
