"""CoinGecko's /coins/markets: names that collide, pages, recorded listings, and each way it says no."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from replay import Answer

from connectors.coingecko_markets import PER_PAGE, URL, CoinGeckoMarkets
from connectors.errors import BadAnswer, RateLimited, Refused
from connectors.pace import Pace
from connectors.pull import pull
from connectors.records import MarketCap, Window

END = datetime(2025, 3, 29, 1, tzinfo=UTC)
WINDOW = Window(END - timedelta(hours=1), END)
QUICK = Pace(sleep=lambda _: None)


def coin(name, symbol, cap, **other):
    return {
        "id": name,
        "symbol": symbol,
        "market_cap": cap,
        "current_price": 1.0,
        "total_volume": 10.0,
        "circulating_supply": 5.0,
        "last_updated": "2025-03-29T00:04:00.000Z",
        **other,
    }


def parse(answer, source=None):
    source = source or CoinGeckoMarkets()
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return source.parse(source.first(WINDOW), body)


def test_one_cap_a_coin_and_a_namesake_keeps_its_own(payloads):
    page = parse((payloads / "coingecko_markets.json").read_bytes())
    at = datetime(2025, 3, 29, 0, 4, 12, 500_000, tzinfo=UTC)
    assert page.records[0] == MarketCap(
        source="coingecko",
        definition="asset",
        asset="BTC",
        period_end=at,
        market_cap_usd=1.6e12,
        resolution_s=60,
        available_at=at,
        price_usd=80_000.0,
        volume_usd=3e10,
        supply=2e7,
        asset_id="bitcoin",
    )
    named = [(record.asset, record.asset_id) for record in page.records]
    assert named == [("BTC", "bitcoin"), ("BNX (small-namesake)", "small-namesake"), ("BNX", "binaryx")]
    assert [reject.reason for reject in page.rejects] == ["no market cap"]
    assert "no-cap" in page.rejects[0].excerpt


def test_a_coin_that_calls_itself_total_is_not_the_total():
    page = parse([coin("total-coin", "total", 5.0), coin("t3", "Total3", 4.0)])
    assert [record.asset for record in page.records] == ["TOTAL (total-coin)", "TOTAL3 (t3)"]


def test_pages_are_turned_and_a_coin_that_slips_to_the_next_page_keeps_its_name(replay, send):
    """The 250th coin is on the second page again, its rank having changed in between; so is a smaller namesake."""
    first = [coin(f"coin-{n}", f"c{n}", 1000.0 - n) for n in range(PER_PAGE)]
    second = [coin("coin-249", "c249", 750.0), coin("other", "c0", 1.0)]
    replay.serve(URL, json.dumps(first).encode(), page="1")
    replay.serve(URL, json.dumps(second).encode(), page="2")
    pulled = pull(CoinGeckoMarkets(pages=3), WINDOW, send, pace=QUICK)
    assert pulled.error is None
    assert [(r.asset, r.asset_id) for r in pulled.pages[1].records] == [("C249", "coin-249"), ("C0 (other)", "other")]
    asked = {name: value for name, value in replay.asked[0].query.items() if name != "page"}
    assert asked == {"vs_currency": "usd", "order": "market_cap_desc", "per_page": "250"}
    assert [asked.query["page"] for asked in replay.asked] == ["1", "2"]  # the second was not full: no third


def test_as_many_pages_as_asked_for_and_no_more():
    full = [coin(f"coin-{n}", f"c{n}", 1000.0 - n) for n in range(PER_PAGE)]
    assert parse(full).next is None
    assert parse(full, CoinGeckoMarkets(pages=2)).next.params["page"] == "2"
    with pytest.raises(ValueError, match="1 to 40"):
        CoinGeckoMarkets(pages=0)


@pytest.mark.shared
def test_a_recorded_listing(shared, replay, send):
    """By eye: 250 coins, the first a token that claims 3,333,370,870,735, then bitcoin."""
    replay.serve_recorded(shared, "coingecko/coins_markets_250_2022-02-23.json")
    pulled = pull(CoinGeckoMarkets(), WINDOW, send)
    assert (pulled.error, len(pulled.records), pulled.rejects) == (None, 250, ())
    assert max(Counter(record.asset for record in pulled.records).values()) == 1
    tico, bitcoin = pulled.records[:2]
    assert (tico.asset, tico.asset_id, tico.market_cap_usd, tico.volume_usd) == (
        "TICO",
        "ticoex-token",
        3333370870735.0,
        5.4,
    )
    assert (bitcoin.asset, bitcoin.market_cap_usd, bitcoin.price_usd) == ("BTC", 738310755630.0, 38938.0)
    assert (bitcoin.supply, bitcoin.volume_usd) == (18966243.0, 19584692179.0)
    assert bitcoin.period_end == datetime(2022, 2, 23, 11, 30, 23, 307_000, tzinfo=UTC)


@pytest.mark.shared
def test_a_page_past_the_last_coin_is_empty_but_a_first_page_is_not(shared):
    empty = (shared / "recordings/coingecko/coins_markets_empty_page_2022-02-23.json").read_bytes()
    source = CoinGeckoMarkets(pages=2)
    following = parse([coin(f"coin-{n}", f"c{n}", 9.0) for n in range(PER_PAGE)], source).next
    assert source.parse(following, empty).records == ()
    with pytest.raises(BadAnswer, match="list of coins"):
        parse(empty)


@pytest.mark.shared
def test_the_recorded_errors(shared, replay, send):
    quoted = shared / "recordings/errors_quoted"
    replay.serve(URL, Answer(quoted / "coingecko_429_body_in_200.json"), json.dumps([coin("a", "a", 1.0)]).encode())
    pulled = pull(CoinGeckoMarkets(), WINDOW, send, pace=QUICK)
    assert (pulled.error, pulled.attempts, len(pulled.records)) == (None, 2, 1)
    replay.serve_recorded(shared, "coingecko/coins_markets_missing_vs_currency_422.json")
    refused = pull(CoinGeckoMarkets(), WINDOW, send)
    assert isinstance(refused.error, Refused)
    assert "Missing parameter vs_currency" in str(refused.error)


@pytest.mark.parametrize("status", [401, 402, 403, 404, 451])
def test_a_refusal_is_not_asked_again(replay, send, status):
    replay.serve(URL, Answer(b'{"error": "no"}', status))
    pulled = pull(CoinGeckoMarkets(), WINDOW, send, pace=QUICK)
    assert (type(pulled.error), pulled.attempts) == (Refused, 1)


def test_429_is_asked_again_as_often_as_the_limits_say(replay, send):
    replay.serve(URL, Answer(b'{"status": {"error_code": 429}}', 429))
    pulled = pull(CoinGeckoMarkets(), WINDOW, send, pace=QUICK)
    assert (type(pulled.error), pulled.attempts) == (RateLimited, 4)


@pytest.mark.parametrize("answer", [{}, {"data": []}, {"error": "coin not found"}, [], None, "x", 1])
def test_what_is_no_list_of_coins(answer):
    with pytest.raises(BadAnswer) as caught:
        parse(answer)
    assert URL in str(caught.value)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"market_cap": None}, "no market cap"),
        ({"market_cap": "738310755630"}, "no market cap"),
        ({"market_cap": True}, "no market cap"),
        ({"market_cap": 10**400}, "no market cap"),
        ({"market_cap": 0}, "the market cap is zero or less"),
        ({"market_cap": -5}, "the market cap is zero or less"),
        ({"symbol": None}, "no symbol or no id"),
        ({"symbol": "  "}, "no symbol or no id"),
        ({"id": 7}, "no symbol or no id"),
        ({"last_updated": None}, "no time that it was updated at"),
        ({"last_updated": "NULL"}, "no time that it was updated at"),
        ({"current_price": "NULL"}, "price_usd is not a number of zero or more"),
        ({"total_volume": -1.0}, "volume_usd is not a number of zero or more"),
        ({"circulating_supply": False}, "supply is not a number of zero or more"),
    ],
)
def test_a_bad_coin_is_a_reject_beside_the_others(other, reason):
    page = parse([{**coin("bad", "bad", 9.0), **other}, coin("good", "good", 1.0)])
    assert [record.asset for record in page.records] == ["GOOD"]
    assert [reject.reason for reject in page.rejects] == [reason]


def test_null_beside_the_cap_is_unknown():
    [record] = parse([coin("a", "a", 9.0, current_price=None, total_volume=None, circulating_supply=None)]).records
    assert (record.market_cap_usd, record.price_usd, record.volume_usd, record.supply) == (9.0, None, None, None)


def test_a_row_that_is_no_object_is_a_short_reject():
    page = parse([["x" * 5000], coin("a", "a", 1.0)])
    assert [reject.reason for reject in page.rejects] == ["a coin is not an object"]
    assert len(page.rejects[0].excerpt) <= 200
