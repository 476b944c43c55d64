"""Drawdowns from all-time highs, and the markets that must not answer."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.check_drawdown import HIGHEST_BEFORE_USD, Peaks, drawdowns
from analysis.checks import Stated, check_record, records

KRAKEN, BINANCE = ("kraken", "BTC/USD"), ("binance", "BTC/USDT")
NONE = pd.DataFrame({"period_end": [], "price_usd": [], "available_at": []}).astype(
    {"period_end": "datetime64[us, UTC]", "price_usd": "float64", "available_at": "datetime64[us, UTC]"}
)


def highs(*series: tuple[tuple[str, str], str, str, float]) -> pd.DataFrame:
    """Every day from one date to another, at one high."""
    return pd.concat(
        [
            pd.DataFrame({"day": pd.date_range(first, last, tz="UTC").astype("datetime64[us, UTC]")}).assign(
                source=market[0], symbol=market[1], high=price
            )
            for market, first, last, price in series
        ]
    )


def readings(first: str, last: str, price: float) -> pd.DataFrame:
    at = pd.date_range(first, last, tz="UTC").astype("datetime64[us, UTC]")
    return pd.DataFrame({"period_end": at, "price_usd": price, "available_at": at + pd.Timedelta(days=1)})


def us(time: str) -> int:
    return pd.Timestamp(time, tz="UTC").value // 1000


NOW = us("2025-12-01")
# On Binance from its first day; the record of 2025-10-06.
WHOLE = (
    (BINANCE, "2017-08-17", "2025-10-05", 60_000.0),
    (BINANCE, "2025-10-06", "2025-10-06", 126_200.0),
    (BINANCE, "2025-10-07", "2025-12-01", 110_000.0),
)


def test_a_market_that_holds_the_record_since_before_it():
    peak = Peaks("BTC", highs(*WHOLE), NONE).before(BINANCE, NOW)
    assert (peak.usd, peak.day, peak.missing) == (126_200.0, "2025-10-06", None)


def test_what_came_later_does_not_count():
    peak = Peaks("BTC", highs(*WHOLE), NONE).before(BINANCE, us("2025-10-06T18:00"))
    assert (peak.usd, peak.missing) == (60_000.0, None)


@pytest.mark.parametrize(
    ("asset", "series", "why"),
    [
        ("BTC", [(KRAKEN, "2025-11-01", "2025-12-01", 110_000.0)], "a month that begins after the record"),
        ("BTC", [*WHOLE[2:], (KRAKEN, "2013-10-06", "2025-11-30", 126_000.0)], "another market's record"),
        ("BTC", [(BINANCE, "2017-08-17", "2017-12-01", 4_000.0)], "5,000 may have been paid in August 2017"),
        ("BTC", [WHOLE[0], (BINANCE, "2025-10-10", "2025-12-01", 110_000.0)], "four days left out"),
        ("PEPE", [(("kraken", "PEPE/USD"), "2023-01-01", "2025-12-01", 1.0)], "nobody here knows its beginnings"),
        ("XRP", [(("binance", "XRP/USDT"), "2018-05-04", "2025-12-01", 3.6)], "January 2018"),
    ],
)
def test_a_market_that_may_lack_the_record_does_not_answer(asset, series, why):
    market = series[0][0]
    assert Peaks(asset, highs(*series), NONE).before(market, NOW).missing, why


def test_three_days_left_out_are_forgiven():
    series = [WHOLE[0], (BINANCE, "2025-10-09", "2025-12-01", 110_000.0)]
    assert Peaks("BTC", highs(*series), NONE).before(BINANCE, NOW).missing is None


def test_days_that_a_market_lacks_are_known_from_others():
    """Coinbase's bars begin on 2025-08-01; until then every price elsewhere was lower than its highest."""
    coinbase = ("coinbase", "BTC/USD")
    own = (coinbase, "2025-08-01", "2025-12-01", 112_000.0)
    early = (KRAKEN, "2021-01-01", "2025-09-01", 108_000.0)
    assert Peaks("BTC", highs(own), NONE).before(coinbase, NOW).missing
    assert Peaks("BTC", highs(own, early), NONE).before(coinbase, NOW).missing is None
    # The same from prices stated once a day, if they are lower by more than a tenth.
    for price, known in ((100_000.0, True), (105_000.0, False)):
        peak = Peaks("BTC", highs(own), readings("2021-01-01", "2025-09-01", price)).before(coinbase, NOW)
        assert (peak.missing is None) is known, price
    peak = Peaks("BTC", highs(own), readings("2021-01-01", "2025-07-31", 100_000.0)).before(coinbase, NOW)
    assert peak.available_at == us("2025-08-01")  # published a day later


def test_an_unknown_market_has_no_peak():
    assert Peaks("BTC", highs(*WHOLE), NONE).before(KRAKEN, NOW).missing
    assert Peaks("PEPE", highs(*WHOLE).iloc[:0], NONE).before(KRAKEN, NOW).missing


def test_the_drawdown_is_from_the_high_until_then():
    """Before: 200. Bars: down to 150; up to a new high of 220; back to 198."""
    start = pd.date_range("2025-12-01", periods=3, freq="h", tz="UTC")
    end = start + pd.Timedelta(hours=1)
    frame = pd.DataFrame({"low": [150.0, 160.0, 190.0], "high": [180.0, 220.0, 215.0], "value": [160.0, 210.0, 198.0]})
    record = records(
        frame.assign(source="binance", definition="BTC/USDT", start=start, end=end, resolution_s=3600, available_at=end)
    )[0]
    peak = Peaks("BTC", highs((BINANCE, "2017-08-17", "2025-11-30", 30_000.0)), NONE).before(BINANCE, NOW)
    found = drawdowns(record, type(peak)(200.0))
    # 150 / 200, 160 / 200, 190 / 220; 180 / 200, a new high, 215 / 220; 160 / 200, 210 / 220, 198 / 220
    assert found.low.tolist() == pytest.approx([-25.0, -20.0, -13.6364], abs=1e-3)
    assert found.high.tolist() == pytest.approx([-10.0, 0.0, -2.2727], abs=1e-3)
    assert found.value.tolist() == pytest.approx([-20.0, -4.5455, -10.0], abs=1e-3)
    claim = Stated(-10.0, 0.5, "eq", start[0], end[2], unit="percent")
    assert check_record(claim, found)["verdict"] == "matches"


@pytest.mark.shared
def test_no_recorded_price_was_higher_than_the_table_says(shared):
    """CoinMarketCap's daily highs of coins to 2021, and exchanges' to 2025."""
    names = {
        "BTC": "Bitcoin",
        "ETH": "Ethereum",
        "XRP": "XRP",
        "SOL": "Solana",
        "BNB": "Binance Coin",
        "DOGE": "Dogecoin",
        "ADA": "Cardano",
        "LINK": "Chainlink",
    }
    cmc = pd.read_csv(shared / "data/ohlcv_marketcap_cmc_kaggle_1d_2013_2021.csv.gz")
    cmc = cmc.assign(asset=cmc["name"].map({name: asset for asset, name in names.items()}), day=cmc["date"])
    files = [cmc]
    for path, column in (
        ("ohlcv_binance_1h", "symbol"),
        ("ohlcv_kraken_usd_1h_2013_2023", "symbol"),
        ("ohlcv_coinbase_usd_1d_2020_2025", "base"),
    ):
        read = pd.read_parquet(shared / f"data/{path}.parquet")
        when = read["ts"] if "ts" in read else read["date"]
        asset = read[column].str.replace("/USD", "").str.replace("USDT", "")
        files.append(read.assign(asset=asset, day=when.astype(str).str[:10]))
    every = pd.concat(one[["asset", "day", "high"]] for one in files)
    assert set(names) == set(HIGHEST_BEFORE_USD)
    for asset, rows in HIGHEST_BEFORE_USD.items():
        for day, usd in rows:
            recorded = every[(every["asset"] == asset) & (every["day"] < day)]["high"].max()
            assert not recorded * 1.01 > usd, (asset, day, recorded)
