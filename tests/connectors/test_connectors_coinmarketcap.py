"""CoinMarketCap's total and list, without a key and with one: recorded answers, and each way it says no."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from replay import Answer

from connectors.coinmarketcap import CoinMarketCapGlobal, CoinMarketCapListings
from connectors.errors import BadAnswer, RateLimited, Refused, ServerTrouble
from connectors.pace import Pace
from connectors.pull import pull
from connectors.records import MarketCap, Window

END = datetime(2025, 3, 29, 1, tzinfo=UTC)
WINDOW = Window(END - timedelta(hours=1), END)
QUICK = Pace(sleep=lambda _: None)
TOTAL, COINS = CoinMarketCapGlobal(), CoinMarketCapListings()
BOTH = pytest.mark.parametrize("source", [TOTAL, COINS], ids=["total", "coins"])
HOST = "https://pro-api.coinmarketcap.com"
GLOBAL_URL = f"{HOST}/public-api/v1/global-metrics/quotes/latest"


def parse(source, answer):
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return source.parse(source.first(WINDOW), body)


def total(**other):
    usd = {"total_market_cap": 100.0, "total_volume_24h": 5.0, "last_updated": "2025-03-29T00:05:00.000Z"}
    data = {"btc_dominance": 60.0, "eth_dominance": 8.0, "quote": {"USD": usd}}
    return {"status": {"error_code": 0}, "data": {**data, **other}}


def test_a_total_and_the_two_shares_of_it(payloads):
    """2.7 trillion; 61 % of it is 1.647 trillion, 8 % is 216 billion."""
    page = parse(TOTAL, (payloads / "coinmarketcap_global.json").read_bytes())
    at = datetime(2025, 3, 29, 0, 4, 59, 999_000, tzinfo=UTC)
    common = {"source": "coinmarketcap", "definition": "cmc-tracked", "period_end": at, "available_at": at}
    whole, btc, eth = page.records
    assert whole == MarketCap(asset="TOTAL", market_cap_usd=2.7e12, volume_usd=9e10, resolution_s=60, **common)
    assert btc == MarketCap(asset="BTC", market_cap_usd=pytest.approx(1.647e12), resolution_s=60, **common)
    assert eth == MarketCap(asset="ETH", market_cap_usd=pytest.approx(2.16e11), resolution_s=60, **common)


def test_one_cap_a_coin(payloads):
    page = parse(COINS, (payloads / "coinmarketcap_listings.json").read_bytes())
    at = datetime(2025, 3, 29, 0, 4, tzinfo=UTC)
    assert page.rejects == ()
    assert [(record.asset, record.asset_id) for record in page.records] == [("BTC", "bitcoin"), ("ETH", "ethereum")]
    assert page.records[1] == MarketCap(
        source="coinmarketcap",
        definition="asset",
        asset="ETH",
        period_end=at,
        market_cap_usd=2.16e11,
        resolution_s=60,
        available_at=at,
        price_usd=1800.0,
        volume_usd=1.5e10,
        supply=1.2e8,
        asset_id="ethereum",
    )


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "whole", "altcoins", "at"),
    [
        ("global_metrics_2022-03-25", 1991441743015.1462, 1149015851980.3398, (2022, 3, 25, 22, 46, 59, 999_000)),
        (
            "global_metrics_convert_id_2025-07-26",  # its quote is keyed "2781"
            3885178841234.972,
            1532652940220.2395,
            (2025, 7, 26, 13, 19, 59, 999_000),
        ),
    ],
)
def test_recorded_totals_by_eye_and_bitcoin_as_what_the_altcoins_leave(shared, file, whole, altcoins, at):
    page = parse(TOTAL, (shared / f"recordings/coinmarketcap/{file}.json").read_bytes())
    caps = {record.asset: record.market_cap_usd for record in page.records}
    assert caps["TOTAL"] == whole
    assert caps["BTC"] == pytest.approx(whole - altcoins, rel=1e-4)
    assert {record.period_end for record in page.records} == {datetime(*at, tzinfo=UTC)}


@pytest.mark.shared
def test_a_recorded_list(shared):
    """By eye: 100 coins, bitcoin first at 720,082,188,106.4556 with a supply of 18,943,462."""
    page = parse(COINS, (shared / "recordings/coinmarketcap/listings_latest_2022-01-29.json").read_bytes())
    assert (len(page.records), page.rejects) == (100, ())
    bitcoin = page.records[0]
    assert (bitcoin.asset, bitcoin.market_cap_usd, bitcoin.supply) == ("BTC", 720082188106.4556, 18943462.0)
    assert bitcoin.period_end == datetime(2022, 1, 29, 23, 26, tzinfo=UTC)


def test_keyed_and_keyless_ask_different_addresses_and_only_one_needs_the_key():
    assert TOTAL.first(WINDOW).url == GLOBAL_URL
    keyed = CoinMarketCapGlobal(access="keyed"), CoinMarketCapListings(access="keyed")
    assert [source.first(WINDOW).url for source in keyed] == [
        f"{HOST}/v1/global-metrics/quotes/latest",
        f"{HOST}/v1/cryptocurrency/listings/latest",
    ]
    assert [source.needs_key for source in (TOTAL, COINS, *keyed)] == [None, None, "CMC_PRO_API_KEY", "CMC_PRO_API_KEY"]
    assert all(not request.headers for request in (source.first(WINDOW) for source in keyed))
    asked = CoinMarketCapListings(limit=125).first(WINDOW).params
    assert asked == {"start": "1", "limit": "125", "convert": "USD", "sort": "market_cap"}


@pytest.mark.parametrize("bad", [{"limit": 0}, {"limit": 5001}, {"access": "secret"}])
def test_what_cannot_be_asked_is_said_at_once(bad):
    with pytest.raises(ValueError, match=r"5000|keyless"):
        CoinMarketCapListings(**bad)


@BOTH
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (1001, Refused),
        (1002, Refused),
        (1003, Refused),
        (1005, Refused),
        (1006, Refused),
        (400, Refused),
        (429, RateLimited),
        (1008, RateLimited),
        (1011, RateLimited),
        ("1011", RateLimited),
        (500, ServerTrouble),
        (4001, BadAnswer),
        (-1, BadAnswer),
    ],
)
def test_an_error_code_counts_even_in_a_200_with_data(source, code, kind):
    with pytest.raises(kind) as caught:
        parse(source, {**total(), "status": {"error_code": code, "error_message": "told why"}})
    assert "told why" in str(caught.value)


@pytest.mark.parametrize(("code", "attempts"), [(1009, 1), (1010, 1), (1011, 4)])
def test_a_spent_day_or_month_is_not_asked_for_again_at_once(replay, send, code, attempts):
    replay.serve(GLOBAL_URL, json.dumps({"status": {"error_code": code, "error_message": "spent"}}).encode())
    pulled = pull(TOTAL, WINDOW, send, pace=QUICK)
    assert (type(pulled.error), pulled.attempts) == (RateLimited, attempts)


@pytest.mark.parametrize("code", [0, "0"])
def test_all_is_well_as_a_number_and_as_text(code):
    assert len(parse(TOTAL, {**total(), "status": {"error_code": code}}).records) == 3


@pytest.mark.shared
def test_a_recorded_plan_error_names_the_plan(shared, replay, send):
    replay.serve(GLOBAL_URL, Answer(shared / "recordings/coinmarketcap/exchange_info_403_error_body.json", 403))
    pulled = pull(TOTAL, WINDOW, send)
    assert isinstance(pulled.error, Refused)
    assert "subscription plan doesn't support" in str(pulled.error)


@BOTH
@pytest.mark.parametrize(
    "answer",
    [
        [],
        {},
        {"data": {"message": "We are deprecating this version"}, "timestamp": 1},
        {"status": {"error_code": 0}},
        {"status": {"error_code": None}, "data": []},
        {"status": {"error_code": 0}, "data": None},
        {"status": {"error_code": 0}, "data": []},
        {"status": {"error_code": 0}, "data": {}},
        {"status": {"error_code": 0}, "data": {"message": "moved"}},
    ],
)
def test_shapes_that_are_not_its_own(source, answer):
    with pytest.raises(BadAnswer) as caught:
        parse(source, answer)
    assert HOST in str(caught.value)


@pytest.mark.parametrize(
    "usd",
    [
        {"total_market_cap": "100.0", "last_updated": "2025-03-29T00:05:00Z"},
        {"total_market_cap": None, "last_updated": "2025-03-29T00:05:00Z"},
        {"total_market_cap": True, "last_updated": "2025-03-29T00:05:00Z"},
        {"total_market_cap": -100.0, "last_updated": "2025-03-29T00:05:00Z"},
        {"total_market_cap": 100.0},
        {"total_market_cap": 100.0, "last_updated": "NULL"},
    ],
)
def test_a_total_without_a_number_or_a_time_is_none(usd):
    with pytest.raises(BadAnswer, match="without a total"):
        parse(TOTAL, total(quote={"USD": usd}))
    with pytest.raises(BadAnswer, match="without a total"):
        parse(TOTAL, total(quote={"EUR": {"total_market_cap": 1.0}}))


@pytest.mark.parametrize("share", [None, "60", True, -1.0, 101.0])
def test_a_share_that_is_no_percentage_is_a_reject_beside_the_others(share):
    page = parse(TOTAL, total(btc_dominance=share))
    assert [(record.asset, record.market_cap_usd) for record in page.records] == [("TOTAL", 100.0), ("ETH", 8.0)]
    assert [reject.reason for reject in page.rejects] == ["btc_dominance is not a percentage"]


def test_a_coin_without_a_quote_in_dollars_is_a_reject_beside_the_others(payloads):
    answer = json.loads((payloads / "coinmarketcap_listings.json").read_text())
    answer["data"][0]["quote"] = {"EUR": answer["data"][0]["quote"]["USD"]}
    page = parse(COINS, answer)
    assert [record.asset for record in page.records] == ["ETH"]
    assert [reject.reason for reject in page.rejects] == ["no market cap"]
