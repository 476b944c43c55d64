"""CoinPaprika's total and list: documented and recorded shapes, and each way it says no."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from replay import Answer

from connectors.coinpaprika import CoinPaprikaGlobal, CoinPaprikaTickers
from connectors.errors import BadAnswer, RateLimited, Refused
from connectors.pace import Pace
from connectors.pull import pull
from connectors.records import MarketCap, Window

END = datetime(2025, 3, 29, 1, tzinfo=UTC)
WINDOW = Window(END - timedelta(hours=1), END)
TOTAL, COINS = CoinPaprikaGlobal(), CoinPaprikaTickers()
BOTH = pytest.mark.parametrize("source", [TOTAL, COINS], ids=["total", "coins"])
URL = "https://api.coinpaprika.com/v1/global"


def parse(source, answer):
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return source.parse(source.first(WINDOW), body)


def test_a_total_and_bitcoin_s_share_of_it(payloads):
    """2.75 trillion; 60.5 % of it is 1.66375 trillion; 1743206700 is 2025-03-29 00:05 UTC."""
    page = parse(TOTAL, (payloads / "coinpaprika_global.json").read_bytes())
    at = datetime(2025, 3, 29, 0, 5, tzinfo=UTC)
    common = {"source": "coinpaprika", "definition": "paprika-tracked", "period_end": at, "available_at": at}
    whole, btc = page.records
    assert whole == MarketCap(asset="TOTAL", market_cap_usd=2.75e12, volume_usd=9e10, resolution_s=300, **common)
    assert btc == MarketCap(asset="BTC", market_cap_usd=pytest.approx(1.66375e12), resolution_s=300, **common)


def test_one_cap_a_coin_without_a_supply_and_a_dead_coin_as_a_reject(payloads):
    page = parse(COINS, (payloads / "coinpaprika_tickers.json").read_bytes())
    at = datetime(2025, 3, 29, 0, 4, 30, tzinfo=UTC)
    assert page.records == (
        MarketCap(
            source="coinpaprika",
            definition="asset",
            asset="BTC",
            period_end=at,
            market_cap_usd=1.6e12,
            resolution_s=300,
            available_at=at,
            price_usd=80_000.5,
            volume_usd=30_000_000_000.5,
            asset_id="btc-bitcoin",
        ),
    )
    assert [reject.reason for reject in page.rejects] == ["the market cap is zero or less"]


@pytest.mark.shared
def test_the_documented_total(shared):
    """By eye: 430,252,937,008 and 36.67 %, which is 157,773,752,000; 1525089441 is 2018-04-30 11:57:21 UTC."""
    page = parse(TOTAL, (shared / "recordings/coinpaprika/docs_example_global.json").read_bytes())
    whole, btc = page.records
    assert (whole.market_cap_usd, whole.period_end) == (430252937008.0, datetime(2018, 4, 30, 11, 57, 21, tzinfo=UTC))
    assert btc.market_cap_usd == pytest.approx(157_773_752_000, abs=1e6)


@pytest.mark.shared
def test_a_recorded_coin_is_read_in_a_list(shared):
    """By eye, of the one coin that was recorded by itself, with its supply: 720,916,758,464 at 18:23:08."""
    body = (shared / "recordings/coinpaprika/tickers_btc_2022-01-30.json").read_bytes()
    [record] = parse(COINS, b"[" + body + b"]").records
    assert (record.asset, record.asset_id, record.market_cap_usd) == ("BTC", "btc-bitcoin", 720916758464.0)
    assert (record.price_usd, record.supply) == (38054.559249568, 18944294.0)
    assert record.period_end == datetime(2022, 1, 30, 18, 23, 8, tzinfo=UTC)
    with pytest.raises(BadAnswer, match="not a list"):
        parse(COINS, body)


def test_it_is_asked_without_a_slash_at_the_end():
    assert TOTAL.first(WINDOW).url == URL
    assert COINS.first(WINDOW).url == "https://api.coinpaprika.com/v1/tickers"


@BOTH
@pytest.mark.shared
def test_the_limit_inside_a_200_and_another_error(shared, source):
    recordings = shared / "recordings/coinpaprika"
    with pytest.raises(RateLimited, match="maximum request limit"):
        parse(source, (recordings / "docs_example_tooManyRequestsError.json").read_bytes())
    with pytest.raises(BadAnswer, match="id not found"):
        parse(source, (recordings / "docs_example_idNotFoundError.json").read_bytes())


@pytest.mark.parametrize(
    ("status", "kind", "attempts"), [(429, RateLimited, 4), (402, Refused, 1), (401, Refused, 1), (403, Refused, 1)]
)
def test_statuses(replay, send, status, kind, attempts):
    replay.serve(URL, Answer(b'{"error": "said why"}', status))
    pulled = pull(TOTAL, WINDOW, send, pace=Pace(sleep=lambda _: None))
    assert (type(pulled.error), pulled.attempts) == (kind, attempts)
    assert "said why" in str(pulled.error)


@BOTH
@pytest.mark.parametrize("answer", [{}, [], None, {"message": "moved"}, {"data": []}, {"data": {"message": "gone"}}])
def test_shapes_that_are_not_its_own(source, answer):
    with pytest.raises(BadAnswer) as caught:
        parse(source, answer)
    assert "https://api.coinpaprika.com/v1/" in str(caught.value)


@pytest.mark.parametrize("value", [None, "430252937008", True, 0, -1, "NULL"])
def test_a_total_that_is_no_number(value):
    with pytest.raises(BadAnswer, match="without a total"):
        parse(TOTAL, {"market_cap_usd": value, "last_updated": 1743206700})
    with pytest.raises(BadAnswer, match="without a total"):
        parse(TOTAL, {"market_cap_usd": 1.0, "last_updated": None})


@pytest.mark.parametrize("share", [None, "36.67", True, -0.1, 100.1])
def test_a_share_that_is_no_percentage_is_a_reject_beside_the_total(share):
    page = parse(TOTAL, {"market_cap_usd": 7.0, "last_updated": 1743206700, "bitcoin_dominance_percentage": share})
    assert [record.asset for record in page.records] == ["TOTAL"]
    assert [reject.reason for reject in page.rejects] == ["bitcoin_dominance_percentage is not a percentage"]
