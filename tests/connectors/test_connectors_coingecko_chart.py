"""CoinGecko's /market_chart: what its midnights mean, its last point, how far back, and each way it says no."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from replay import Answer

from connectors.coingecko_chart import CoinGeckoChart
from connectors.errors import BadAnswer, RateLimited, Refused
from connectors.pace import Pace
from connectors.pull import pull
from connectors.records import MarketCap, Window

END = datetime(2025, 3, 29, 1, tzinfo=UTC)
DAY = timedelta(days=1)
WINDOW = Window(END - 3 * DAY, END)
URL = "https://api.coingecko.com/api/v3/coins/bitcoin/market_chart"


def parse(answer, source=None):
    source = source or CoinGeckoChart()
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return source.parse(source.first(WINDOW), body)


def test_midnights_are_closes_out_35_minutes_later_and_the_last_point_is_now(payloads):
    """1743120000 is 2025-03-28 00:00 UTC, 1743208245.123 is 00:30:45.123 of the day after."""
    page = parse((payloads / "coingecko_market_chart.json").read_bytes())
    first, second, now = page.records
    midnight = datetime(2025, 3, 28, tzinfo=UTC)
    assert first == MarketCap(
        source="coingecko",
        definition="asset",
        asset="BTC",
        period_end=midnight,
        market_cap_usd=1.74e12,
        resolution_s=86_400,
        available_at=midnight + timedelta(minutes=35),
        price_usd=87_000.0,
        volume_usd=3e10,
        asset_id="bitcoin",
    )
    assert (second.period_end, second.market_cap_usd) == (midnight + DAY, 1.675e12)
    at = datetime(2025, 3, 29, 0, 30, 45, 123_000, tzinfo=UTC)
    assert (now.period_end, now.available_at, now.resolution_s, now.price_usd) == (at, at, 300, 84_000.0)


@pytest.mark.parametrize(
    ("days", "asked"), [(0.1, "2"), (3, "3"), (90, "90"), (90.5, "91"), (365, "365"), (4000, "365")]
)
def test_the_window_becomes_a_number_of_days_within_the_plan(days, asked):
    request = CoinGeckoChart().first(Window(END - timedelta(days=days), END))
    assert request.params == {"vs_currency": "usd", "days": asked, "interval": "daily"}
    assert request.url == URL


def test_hours_are_what_up_to_90_days_are_given_in():
    source = CoinGeckoChart("ethereum", "ETH", interval="hourly")
    assert source.first(Window(END - 400 * DAY, END)).params == {"vs_currency": "usd", "days": "90"}
    assert (source.reach, source.cadence_s) == (90 * DAY, 3600)


def test_a_window_that_begins_before_what_the_plan_keeps_is_not_called_covered(replay, send, payloads):
    replay.serve(URL, payloads / "coingecko_market_chart.json")
    assert pull(CoinGeckoChart(), Window(END - 400 * DAY, END), send).reached == END - 365 * DAY
    assert pull(CoinGeckoChart(), Window(END - 300 * DAY, END), send).reached is None


@pytest.mark.parametrize(
    ("coin_id", "interval"), [("bitcoin", "5m"), ("../ping", "daily"), ("a?b", "daily"), ("", "daily")]
)
def test_what_cannot_be_asked_is_said_at_once(coin_id, interval):
    with pytest.raises(ValueError, match="coin id"):
        CoinGeckoChart(coin_id, "X", interval)


@pytest.mark.shared
def test_a_recorded_year_of_days(shared, replay, send):
    """By eye: 367 midnights from 2021-01-30 and one point at 2022-01-31 17:21:06; no row of it is lost."""
    replay.serve_recorded(shared, "coingecko/market_chart_bad_days_2022-01-31.json")
    pulled = pull(CoinGeckoChart(), WINDOW, send)
    assert (pulled.error, len(pulled.records), pulled.rejects) == (None, 368, ())
    first, now = pulled.records[0], pulled.records[-1]
    assert (first.period_end, first.market_cap_usd) == (datetime(2021, 1, 30, tzinfo=UTC), 635688668063.594)
    assert (now.period_end, now.resolution_s) == (datetime(2022, 1, 31, 17, 21, 6, tzinfo=UTC), 300)
    assert {record.resolution_s for record in pulled.records[:-1]} == {86_400}


@pytest.mark.shared
def test_period_end_is_when_the_price_held_by_an_exchange_s_own_bars(shared):
    """Binance's BTC/USDT minute that opens at ``period_end`` is 0.2 % off (median), that of a day later ten times."""
    page = parse((shared / "recordings/coingecko/market_chart_bad_days_2022-01-31.json").read_bytes())
    bars = pd.read_parquet(shared / "data/btcusdt_binance_1m_2021_2022.parquet").set_index("ts")["open"]
    prices = pd.Series({pd.Timestamp(r.period_end): r.price_usd for r in page.records[:-1]})
    off = (prices / bars.reindex(prices.index) - 1).abs().median()
    off_a_day_later = (prices / bars.reindex(prices.index + DAY).to_numpy() - 1).abs().median()
    assert off < 0.003
    assert off_a_day_later > 0.02


@pytest.mark.shared
def test_recorded_hours_and_a_step_back_in_time(shared):
    """By eye: 722 hourly points, the last two at 14:02:14.184 and 14:13:29; the 5-minute chart ends .955 s earlier."""
    hourly = CoinGeckoChart(interval="hourly")
    page = parse((shared / "recordings/coingecko/market_chart_days30_hourly_2021-05-15.json").read_bytes(), hourly)
    assert (len(page.records), page.rejects) == (722, ())
    assert {record.resolution_s for record in page.records} == {3600}
    assert page.records[-2].period_end == datetime(2021, 5, 15, 14, 2, 14, 184_000, tzinfo=UTC)
    assert page.records[-2].available_at == page.records[-2].period_end
    page = parse((shared / "recordings/coingecko/market_chart_days1_2021-05-15.json").read_bytes(), hourly)
    step = page.records[-1].period_end - page.records[-2].period_end
    assert (len(page.records), step) == (288, timedelta(milliseconds=-955))


@pytest.mark.shared
def test_too_long_a_history_is_a_refusal_in_a_sentence_whatever_its_status(shared, replay, send):
    body = shared / "recordings/errors_quoted/coingecko_10012_past_365_days.json"
    for status in (401, 200):
        replay.serve(URL, Answer(body, status))
        pulled = pull(CoinGeckoChart(), WINDOW, send)
        assert isinstance(pulled.error, Refused)
        assert "exceeds the allowed time range" in str(pulled.error)
        assert pulled.attempts == 1


@pytest.mark.shared
def test_429_in_the_body_of_a_200_is_asked_again(shared, replay, send, payloads):
    body = shared / "recordings/errors_quoted/coingecko_429_body_in_200.json"
    replay.serve(URL, Answer(body), payloads / "coingecko_market_chart.json")
    pulled = pull(CoinGeckoChart(), WINDOW, send, pace=Pace(sleep=lambda _: None))
    assert (pulled.error, pulled.attempts, len(pulled.records)) == (None, 2, 3)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"error": "coin not found"}, BadAnswer),
        ({"prices": []}, BadAnswer),
        ({"market_caps": {"data": {}}}, BadAnswer),
        ({"market_caps": None}, BadAnswer),
        ([], BadAnswer),
        ({"status": {"error_code": 429, "error_message": "slow"}}, RateLimited),
    ],
)
def test_every_shape_of_no(answer, kind):
    with pytest.raises(kind) as caught:
        parse(answer)
    assert URL in str(caught.value)


@pytest.mark.parametrize(
    "point",
    [
        [1743120000000, None],
        [1743120000000, 0],
        [1743120000000, -1.0],
        [1743120000000, "5"],
        [1743120000000, True],
        ["1743120000000", 5.0],
        [True, 5.0],
        [10**30, 5.0],
        [1743120000000],
        {"t": 1},
        None,
    ],
)
def test_a_bad_point_is_a_reject_beside_the_others(point):
    page = parse({"market_caps": [point, [1743206400000, 7.0]]})
    assert [record.market_cap_usd for record in page.records] == [7.0]
    assert len(page.rejects) == 1


def test_a_price_that_is_no_number_is_a_reject_and_a_missing_one_is_unknown():
    stamps = [1743120000000, 1743206400000]
    caps = [[stamp, 7.0] for stamp in stamps]
    page = parse({"market_caps": caps, "prices": [[stamps[0], "NULL"]], "total_volumes": [[stamps[1], None]]})
    assert [reject.reason for reject in page.rejects] == ["price_usd is not a number of zero or more"]
    assert [(record.price_usd, record.volume_usd) for record in page.records] == [(None, None)]
