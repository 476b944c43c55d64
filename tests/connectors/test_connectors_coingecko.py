"""CoinGecko's /global: recorded answers, and each way it says no."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from replay import Answer

from connectors.coingecko import URL, CoinGeckoGlobal
from connectors.errors import BadAnswer, RateLimited, Refused
from connectors.pace import Pace
from connectors.pull import pull
from connectors.records import MarketCap, Window

END = datetime(2025, 3, 29, 1, tzinfo=UTC)
WINDOW = Window(END - timedelta(hours=1), END)
SOURCE = CoinGeckoGlobal()


def parse(answer):
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return SOURCE.parse(SOURCE.first(WINDOW), body)


def test_a_total_and_the_shares_of_it(payloads):
    """2.8 trillion; 60 % of it is 1.68 trillion, 8.5 % is 238 billion; 1743206700 is 2025-03-29 00:05 UTC."""
    at = datetime(2025, 3, 29, 0, 5, tzinfo=UTC)
    page = parse((payloads / "coingecko_global.json").read_bytes())
    common = {"source": "coingecko", "definition": "all-coins", "period_end": at, "available_at": at}
    total, btc, eth = page.records
    assert total == MarketCap(asset="TOTAL", market_cap_usd=2.8e12, volume_usd=9e10, resolution_s=600, **common)
    assert btc == MarketCap(asset="BTC", market_cap_usd=pytest.approx(1.68e12), resolution_s=600, **common)
    assert eth == MarketCap(asset="ETH", market_cap_usd=pytest.approx(2.38e11), resolution_s=600, **common)
    assert page.rejects == ()
    assert page.next is None


@pytest.mark.shared
def test_a_recorded_answer(shared, replay, send):
    """By eye: usd 1646186904056.53, btc 39.82852819801374 %, updated_at 1643045474, ten coins."""
    replay.serve_recorded(shared, "coingecko/global_2022-01-24.json")
    pulled = pull(SOURCE, WINDOW, send)
    caps = {record.asset: record for record in pulled.records}
    assert pulled.error is None
    assert list(caps) == ["TOTAL", "BTC", "ETH", "USDT", "BNB", "USDC", "ADA", "XRP", "SOL", "LUNA", "DOT"]
    assert caps["TOTAL"].market_cap_usd == 1646186904056.53
    assert caps["TOTAL"].volume_usd == 131395495510.53194
    assert caps["BTC"].market_cap_usd / 1646186904056.53 == pytest.approx(0.3982852819801374)
    assert caps["BTC"].period_end == datetime(2022, 1, 24, 17, 31, 14, tzinfo=UTC)


@pytest.mark.shared
def test_429_written_into_a_200_is_asked_again(shared, replay, send):
    quoted = shared / "recordings/errors_quoted/coingecko_429_body_in_200.json"
    replay.serve(URL, Answer(quoted), shared / "recordings/coingecko/global_2021-08-12.json")
    pulled = pull(SOURCE, WINDOW, send, pace=Pace(sleep=lambda _: None))
    assert (pulled.error, pulled.attempts) == (None, 2)


@pytest.mark.shared
def test_the_recorded_errors_are_sorted(shared):
    quoted = shared / "recordings/errors_quoted"
    with pytest.raises(RateLimited, match="exceeded the Rate Limit"):
        parse((quoted / "coingecko_429.json").read_bytes())
    with pytest.raises(Refused, match="past 365 days"):
        parse((quoted / "coingecko_10012_past_365_days.json").read_bytes())
    with pytest.raises(BadAnswer, match="CoinCap"):
        parse((quoted / "coincap_v2_sunset.json").read_bytes())


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"status": {"error_code": 429, "error_message": "slow"}}, RateLimited),
        ({"error": {"status": {"error_code": 429, "error_message": "slow"}}}, RateLimited),
        ({"status": {"error_code": 10002, "error_message": "no key"}}, Refused),
        ({"status": {"error_code": 1020, "error_message": "blocked"}}, Refused),
        ({"error": "coin not found"}, BadAnswer),
        ({"data": []}, BadAnswer),
        ({"data": {}}, BadAnswer),
        ([], BadAnswer),
        ({"data": {"total_market_cap": {"usd": "2.8e12"}, "updated_at": 1743206700}}, BadAnswer),
        ({"data": {"total_market_cap": {"usd": True}, "updated_at": 1743206700}}, BadAnswer),
        ({"data": {"total_market_cap": {"eur": 1}, "updated_at": 1743206700}}, BadAnswer),
        ({"data": {"total_market_cap": {"usd": 1}}}, BadAnswer),
        ({"data": {"total_market_cap": {"usd": 1}, "updated_at": 10**400}}, BadAnswer),
        ({"data": {"total_market_cap": {"usd": 0}, "updated_at": 1743206700}}, BadAnswer),
        ({"data": {"total_market_cap": {"usd": -1.0}, "updated_at": 1743206700}}, BadAnswer),
        ({"data": {"total_market_cap": {"usd": 1}, "updated_at": "1743206700"}}, BadAnswer),
    ],
)
def test_every_shape_of_no(answer, kind):
    with pytest.raises(kind) as caught:
        parse(answer)
    assert URL in str(caught.value)


def test_a_share_that_is_no_number_is_a_reject_beside_the_others():
    data = {
        "total_market_cap": {"usd": 100.0},
        "market_cap_percentage": {"btc": "60", "eth": 8.0, "x": None},
        "updated_at": 1743206700,
    }
    page = parse({"data": data})
    assert [record.asset for record in page.records] == ["TOTAL", "ETH"]
    assert [reject.excerpt for reject in page.rejects] == ["btc: '60'", "x: None"]
