"""Coin Metrics' daily caps: what a day's stamp means, pages, and each way it says no."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from replay import Answer

from connectors.coinmetrics import URL, CoinMetricsCaps
from connectors.errors import BadAnswer, Blocked, RateLimited, Refused
from connectors.pace import Pace
from connectors.pull import pull
from connectors.records import MarketCap, Window

END = datetime(2025, 3, 30, 1, tzinfo=UTC)
WINDOW = Window(END - timedelta(days=3), END)
SOURCE = CoinMetricsCaps()
QUICK = Pace(sleep=lambda _: None)
DAY = {
    "asset": "btc",
    "time": "2025-03-27T00:00:00.000000000Z",
    "CapMrktCurUSD": "5.5",
    "PriceUSD": "2",
    "SplyCur": "1",
}


def parse(answer):
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return SOURCE.parse(SOURCE.first(WINDOW), body)


def test_a_day_s_value_is_that_of_its_end_and_is_out_a_day_later(payloads):
    page = parse((payloads / "coinmetrics_caps.json").read_bytes())
    assert page.records[0] == MarketCap(
        source="coinmetrics",
        definition="asset",
        asset="BTC",
        period_end=datetime(2025, 3, 28, tzinfo=UTC),
        market_cap_usd=1730000000000.125,
        resolution_s=86_400,
        available_at=datetime(2025, 3, 29, tzinfo=UTC),
        price_usd=87_200.5,
        supply=19840000.25,
        asset_id="btc",
    )
    assert [record.period_end.day for record in page.records] == [28, 29]
    assert [reject.reason for reject in page.rejects] == ["a day without an asset, a time or a market cap above zero"]
    assert "eth" in page.rejects[0].excerpt


def test_the_window_is_asked_for_from_the_day_that_ends_at_its_beginning():
    assert CoinMetricsCaps("btc").first(WINDOW).params == {
        "assets": "btc",
        "metrics": "CapMrktCurUSD,PriceUSD,SplyCur",
        "frequency": "1d",
        "start_time": "2025-03-26",
        "end_time": "2025-03-30",
        "page_size": "10000",
    }


@pytest.mark.parametrize("assets", ["", "btc, eth", "BTC", "btc&x=1", "*"])
def test_what_cannot_be_asked_is_said_at_once(assets):
    with pytest.raises(ValueError, match="btc,eth"):
        CoinMetricsCaps(assets)


def test_the_next_page_is_followed_as_it_is_written(replay, send, payloads):
    last = {"data": [{**DAY, "asset": "eth"}]}
    replay.serve(URL, payloads / "coinmetrics_caps.json")
    replay.serve(URL, json.dumps(last).encode(), next_page_token="0.x")
    pulled = pull(SOURCE, WINDOW, send, pace=QUICK)
    assert pulled.error is None
    assert [(record.asset, record.market_cap_usd) for record in pulled.records] == [
        ("BTC", 1730000000000.125),
        ("BTC", 1675000000000.5),
        ("ETH", 5.5),
    ]
    assert replay.asked[1].query == {"assets": "btc,eth", "page_size": "3", "next_page_token": "0.x"}


@pytest.mark.parametrize(
    "url",
    [
        "https://api.coinmetrics.io/v4/timeseries/asset-metrics?next_page_token=1",
        "http://community-api.coinmetrics.io/v4/timeseries/asset-metrics",
        "https://community-api.coinmetrics.io@evil.example/v4",
        "https://community-api.coinmetrics.io.evil.example/",
        "file:///etc/passwd",
        "/v4/next",
        7,
    ],
)
def test_a_next_page_on_another_host_is_not_followed(url):
    with pytest.raises(Blocked, match="not followed"):
        parse({"data": [DAY], "next_page_url": url})


@pytest.mark.shared
def test_the_documented_days_are_closes_by_an_exchange_s_own_bars(shared):
    """Prices of https://docs.coinmetrics.io/asset-metrics/market/priceusd beside Binance's BTC/USDT minutes.

    At ``period_end`` they are within 1 %, the tether being worth a little less; a day before that, up to 5 % off.
    """
    documented = [26985.7359915254, 28185.2043319696, 27834.3361090006, 28172.7950558153, 27341.5571297487]
    days = [
        {**DAY, "time": f"2023-03-{18 + n}T00:00:00.000000000Z", "PriceUSD": str(p)} for n, p in enumerate(documented)
    ]
    bars = pd.read_parquet(shared / "data/btcusdt_binance_1m_2023_2024h1.parquet").set_index("ts")["open"]
    records = parse({"data": days}).records
    assert max(abs(record.price_usd / bars[record.period_end] - 1) for record in records) < 0.01
    assert max(abs(record.price_usd / bars[record.period_end - timedelta(days=1)] - 1) for record in records) > 0.04


@pytest.mark.shared
def test_documented_days_without_a_cap_are_counted_rejects(shared):
    """The documented example asks for other metrics, and names a next page on the host for paying customers."""
    answer = json.loads((shared / "recordings/coinmetrics/docs_example_AssetMetrics.json").read_text())
    with pytest.raises(Blocked):
        parse(answer)
    page = parse({"data": answer["data"]})
    assert (page.records, len(page.rejects)) == ((), 2)


@pytest.mark.shared
def test_documented_errors_inside_a_200_and_with_their_status(shared, replay, send):
    recordings = shared / "recordings/coinmetrics"
    for name, status, kind in [
        ("Unauthorized", 401, Refused),
        ("Forbidden", 403, Refused),
        ("AssetNotFound", 400, Refused),
    ]:
        body = recordings / f"docs_example_{name}.json"
        replay.serve(URL, Answer(body, status))
        assert isinstance(pull(SOURCE, WINDOW, send, pace=QUICK).error, kind)
        with pytest.raises(BadAnswer if status == 400 else kind):
            parse(body.read_bytes())


def test_429_is_asked_again(replay, send):
    said = b'{"error": {"type": "too_many_requests", "message": "slow"}}'
    replay.serve(URL, Answer(said, 429), said, json.dumps({"data": [DAY]}).encode())
    pulled = pull(SOURCE, WINDOW, send, pace=QUICK)
    assert (pulled.error, pulled.attempts, len(pulled.records)) == (None, 3, 1)
    with pytest.raises(RateLimited):
        parse(said)


@pytest.mark.parametrize(
    "answer",
    [[], {}, {"data": {"message": "gone"}}, {"data": None}, {"error": {"type": "bad_parameter"}}, {"error": "x"}],
)
def test_shapes_that_are_not_its_own(answer):
    with pytest.raises(BadAnswer) as caught:
        parse(answer)
    assert URL in str(caught.value)


@pytest.mark.parametrize(
    "other",
    [
        {"CapMrktCurUSD": None},
        {"CapMrktCurUSD": "NULL"},
        {"CapMrktCurUSD": "NaN"},
        {"CapMrktCurUSD": "-1"},
        {"CapMrktCurUSD": "0"},
        {"CapMrktCurUSD": True},
        {"time": None},
        {"time": "2025-03-27"},
        {"asset": None},
        {"PriceUSD": "NULL"},
        {"SplyCur": "-1"},
        {"time": "2025-03-30T00:00:00.000000000Z"},  # ends after it was asked for
    ],
)
def test_a_bad_day_is_a_reject_beside_the_others(other):
    page = parse({"data": [{**DAY, **other}, {**DAY, "CapMrktCurUSD": "7"}]})
    assert [record.market_cap_usd for record in page.records] == [7.0]
    assert len(page.rejects) == 1
    assert parse({"data": [{"asset": "btc", "time": DAY["time"], "CapMrktCurUSD": 7}]}).records[0].price_usd is None
