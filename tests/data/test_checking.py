"""Claims checked in a lake: every source asked, nothing later known, and rechecked when what they need arrives."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pytest
from lake_rows import at, bars, candle_table, cap, fit, merged, stored

from data import queries
from data.checking import check_claims, refresh_checks
from data.sample import FOLDER

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOON = at("2025-03-28T12:00")


def state(lake, *claims: dict, published_at: datetime | None = NOON) -> list[str]:
    """Put claims into a lake, each in an article of its own; returns the articles."""
    ids = [f"a{n}" for n in range(len(claims))]
    article = {
        "source": "s",
        "publisher": "p",
        "title": "t",
        "title_derived": False,
        "published_at": published_at,
        "first_seen_at": NOON,
        "known_at": NOON,
        "known_at_assumed": False,
        "revisions": 0,
    }
    filled = {"offset": 0, "quote": "q", "comparator": "eq", "modality": "current", "as_of": NOON}
    rows = []
    for article_id, claim in zip(ids, claims, strict=True):
        row = {**filled, **claim, "article_id": article_id}
        row.setdefault("as_of_end", row["as_of"])
        row.setdefault("unit", "USD" if "cap" in row["quantity"] or row["quantity"] == "price" else "percent")
        row.setdefault("precision", 0.05 if row["unit"] == "percent" else 0.005 * row["value"])
        rows.append(row)
    with lake.writing():
        lake.merge("articles", fit("articles", [article | {"article_id": one} for one in ids]))
        lake.merge("claims", fit("claims", rows))
    return ids


def price(lake, first: datetime, closes: list[float], **options: object) -> None:
    step = {"1m": timedelta(minutes=1), "1h": HOUR, "1d": DAY}[options.setdefault("interval", "1h")]
    frame = bars([pd.Timestamp(first + n * step) for n in range(len(closes))], closes, **options)
    # Flat bars: what they say is one price.
    flat = frame.assign(open=frame["close"], high=frame["close"], low=frame["close"])
    with lake.writing():
        lake.merge("candles", candle_table(flat))


def checks(lake, ids: list[str] = (), between=None) -> pd.DataFrame:
    with lake.writing():
        refresh_checks(lake, ids, between)
    return pd.DataFrame(stored(lake.pin(), "claim_checks")).set_index(["article_id", "source", "definition"])


FELL = {"quantity": "pct_change", "asset": "BTC", "value": -4.0, "horizon": "24h"}


def test_a_move_is_checked_on_every_dollar_market_and_each_by_itself(lake):
    """It fell from 100 to 96 on one, from 103 to 99.9 on another; the third begins too late."""
    price(lake, NOON - 2 * DAY, [100.0] * 40 + [96.0] * 12)
    price(lake, NOON - 2 * DAY, [103.0] * 40 + [99.9] * 12, source="bybit", symbol="BTC/USD")
    price(lake, NOON - HOUR, [96.0] * 4, source="kraken", symbol="BTC/USD")
    price(lake, NOON - 2 * DAY, [90.0] * 52, source="kraken", symbol="BTC/EUR")
    found = checks(lake, state(lake, FELL)).loc["a0"]
    assert found["verdict"].to_dict() == {
        ("binance", "BTC/USDT"): "matches",
        ("bybit", "BTC/USD"): "differs",  # 99.9 / 103 − 1 = −3.01 %
        ("kraken", "BTC/USD"): "cannot check",
    }
    bybit = found.loc["bybit", "BTC/USD"]
    assert bybit["value_percent"] == pytest.approx(-3.0097, abs=1e-4)
    assert bybit["difference_points"] == pytest.approx(-0.9903, abs=1e-4)
    assert pd.isna(bybit["value_usd"])
    assert (bybit["resolution_s"], bybit["note"]) == (3600, "Moved −3.01 % over 24 hours, at that time.")


def test_the_finest_interval_that_knows_both_ends_is_used(lake):
    """Minutes since an hour ago, hours since a week."""
    price(lake, NOON - 7 * DAY, [100.0] * 24 * 7 + [96.0])
    price(lake, NOON - HOUR, [95.0] * 90, interval="1m")
    change = checks(lake, state(lake, FELL, {"quantity": "price", "asset": "BTC", "value": 95.0}))
    assert change.loc["a0"]["resolution_s"].tolist() == [3600]
    assert change.loc["a1"]["resolution_s"].tolist() == [60]


def test_what_cannot_be_checked_says_why(lake):
    price(lake, NOON - 2 * DAY, [100.0] * 60)
    found = checks(
        lake,
        state(
            lake,
            FELL | {"horizon": None},
            FELL | {"horizon": "lately"},
            FELL | {"asset": "NOCOIN"},
            FELL | {"horizon": "999y"},
            FELL | {"horizon": "999y", "asset": "TOTAL"},
            FELL | {"as_of": None, "as_of_end": None},
            {"quantity": "drawdown_from_ath", "asset": "TOTAL", "value": -20.0},
            {"quantity": "dominance", "asset": "BTC", "value": 60.0},
            {"quantity": "drawdown_from_ath", "asset": "BTC", "value": -20.0},
        ),
    )
    assert set(found["verdict"]) == {"cannot check"}
    assert found["note"].tolist() == [
        "The text does not say over how long it moved.",
        "A move over “lately” is not one that can be checked.",
        "Nothing is recorded for that time.",
        "Nothing recorded at the start of a move over 999 years.",
        "Nothing is recorded for that time.",
        "The text does not say for when.",
        "The highest total of all time is not among what is recorded.",
        "Nothing is recorded for that time.",
        "What is stored of it does not reach back to its all-time high for certain.",
    ]
    assert (found["known_at"] >= pd.Timestamp("2009-01-03", tz="UTC")).all()


def gecko(value: float, when: datetime, **other: object) -> dict:
    return cap(source="coingecko", definition="all-coins", value=value, period_end=when, available_at=when) | other


def test_a_move_of_the_total_is_checked_by_definition(lake):
    """CoinGecko: 3.00 to 2.88 trillion, −4 %. TradingView's day fell from 2.80 to 2.744, −2 %."""
    rows = [gecko(v * 1e12, NOON.replace(hour=0) + n * DAY) for n, v in ((-1, 3.0), (0, 3.0), (1, 2.88))]
    bar = {"open_usd": 2.8e12, "high_usd": 2.8e12, "low_usd": 2.744e12}
    rows += [cap(28, 2.8e12, open_usd=2.8e12, high_usd=2.8e12, low_usd=2.8e12), cap(29, 2.744e12, **bar)]
    merged(lake, "market_caps", rows)
    day = {"as_of": at("2025-03-28"), "as_of_end": at("2025-03-29"), "asset": "TOTAL"}
    found = checks(lake, state(lake, FELL | day)).loc["a0"]
    assert found["verdict"].to_dict() == {
        ("coingecko", "all-coins"): "matches",
        ("tradingview", "top-125"): "another definition",
    }
    assert found.loc["tradingview", "top-125"]["value_percent"] == pytest.approx(-2.0)


def test_dominance_is_a_share_of_the_same_sources_total(lake):
    late = at("2025-04-02")
    merged(
        lake,
        "market_caps",
        [
            gecko(3.0e12, at("2025-03-28T11:50"), resolution_s=600),
            gecko(1.8e12, at("2025-03-28T11:50"), resolution_s=600, asset="BTC"),
            gecko(3.0e12, at("2025-03-28T11:55"), source="cmc", definition="cmc-tracked", resolution_s=600),
            gecko(1.83e12, at("2025-03-28T11:55"), source="cmc", definition="asset", asset="BTC", resolution_s=600)
            | {"available_at": late},
        ],
    )
    found = checks(lake, state(lake, {"quantity": "dominance", "asset": "BTC", "value": 61.0})).loc["a0"]
    assert found["verdict"].to_dict() == {
        ("cmc", "cmc-tracked"): "matches",
        ("coingecko", "all-coins"): "another definition",
    }
    assert found["value_percent"].tolist() == [pytest.approx(61.0), pytest.approx(60.0)]
    # That it is another definition is known when the one that matches is.
    assert found["known_at"].tolist() == [pd.Timestamp(late)] * 2


def test_a_symbol_that_several_coins_share_is_not_checked_there(lake):
    paprika = {"source": "coinpaprika", "definition": "asset", "asset": "ONE", "resolution_s": 600}
    merged(
        lake,
        "market_caps",
        [
            gecko(2e8, at("2025-03-28T11:50"), **paprika, asset_id="one-harmony"),
            gecko(3e5, at("2025-03-28T11:40"), **paprika, asset_id="one-menlo"),
            gecko(2e8, at("2025-03-28T11:50"), asset="ONE", definition="asset", asset_id="harmony", resolution_s=600),
        ],
    )
    found = checks(lake, state(lake, {"quantity": "asset_market_cap", "asset": "ONE", "value": 2e8})).loc["a0"]
    assert found["verdict"].tolist() == ["matches", "cannot check"]
    assert found["note"].iloc[1] == "Several coins are called ONE there: one-harmony and one-menlo."


def test_a_drawdown_from_a_high_that_the_market_holds(lake):
    """Daily since Binance began: 20,000, then a record of 70,000, then 56,000: 20 % below."""
    first = at("2017-08-17")
    days = (NOON - first).days
    price(lake, first, [20_000.0] * (days - 10) + [70_000.0] + [56_000.0] * 11, interval="1d")
    day = {"as_of": at("2025-03-28"), "as_of_end": at("2025-03-29")}
    claim = {"quantity": "drawdown_from_ath", "asset": "BTC"} | day
    found = checks(lake, state(lake, claim | {"value": -20.0}, claim | {"value": 20.0}, claim | {"value": -25.0}))
    # However the number is signed, it is a fall.
    assert found["verdict"].tolist() == ["matches", "matches", "differs"]
    assert found["value_percent"].tolist() == [pytest.approx(-20.0)] * 3
    assert found["note"].iloc[0].endswith("The highest price before was $70,000.00, on 2025-03-18.")


def test_what_arrives_later_is_checked_against_where_a_claim_needs_it(lake):
    price(lake, NOON - 2 * DAY, [96.0] * 52)
    year = FELL | {"horizon": "1y"}
    ids = state(lake, year, FELL, FELL | {"horizon": "999y"})
    assert checks(lake, ids)["verdict"].to_list() == ["cannot check", "differs", "cannot check"]
    before = stored(lake.pin(), "claim_checks")
    price(lake, NOON - 365 * DAY - 2 * HOUR, [100.0] * 4)
    then = pd.Timestamp(NOON - 365 * DAY)
    # Prices of another time touch neither.
    assert checks(lake, (), (then - 60 * DAY, then - 50 * DAY))["verdict"].to_list() == [
        "cannot check",
        "differs",
        "cannot check",
    ]
    assert stored(lake.pin(), "claim_checks") == before
    assert checks(lake, (), (then - HOUR, then + HOUR))["verdict"].to_list() == ["matches", "differs", "cannot check"]


def test_live_prices_leave_older_claims_alone(lake):
    price(lake, NOON - 2 * DAY, [100.0] * 40 + [96.0] * 12)
    ids = state(lake, FELL)
    checks(lake, ids)
    versions = lake.pin().versions["claim_checks"]
    later = pd.Timestamp(NOON + 40 * DAY)
    checks(lake, (), (later, later + HOUR))
    assert lake.pin().versions["claim_checks"] == versions


def test_no_check_is_known_before_what_it_used(lake):
    price(lake, NOON - 2 * DAY, [100.0] * 40 + [96.0] * 12)
    checks(lake, state(lake, FELL))
    # The bar that contains noon closes at 13:00.
    assert stored(lake.pin(), "claim_checks")[0]["known_at"] == NOON + HOUR
    for clock, rows in ((NOON + timedelta(minutes=59), 0), (NOON + HOUR, 1)):
        assert len(queries.export(lake.pin(), "claim_checks", known_at=clock)) == rows


def test_checked_together_or_one_by_one_is_the_same(sample_lake):
    """A law: batches share what they read, and nothing else."""
    rows = []
    for n, when in enumerate(pd.date_range("2021-08-01T07:13Z", "2025-04-10T00:00Z", periods=24)):
        day = when.floor("D")
        span = ({"as_of": when}, {"as_of": day, "as_of_end": day + DAY}, {"as_of": day, "as_of_end": when})[n % 3]
        rows += [
            FELL | {"horizon": ("24h", "7d", "1y", "ytd", "30d", "since 2021-07-20")[n % 6]} | span,
            FELL | {"asset": "TOTAL", "horizon": "7d"} | span,
            {"quantity": "drawdown_from_ath", "asset": "BTC", "value": -40.0} | span,
            {"quantity": "price", "asset": ("BTC", "ETH")[n % 2], "value": 40_000.0} | span,
            {"quantity": "total_market_cap", "asset": "TOTAL", "value": 2.68e12} | span,
        ]
    ids = state(sample_lake, *({**row, "as_of_end": row.get("as_of_end", row["as_of"])} for row in rows))
    snapshot = sample_lake.newest()
    together = check_claims(snapshot, queries.claims_to_check(snapshot, ids))
    alone = pd.concat(check_claims(snapshot, queries.claims_to_check(snapshot, [one])) for one in ids)
    key = ["article_id", "offset", "source", "definition"]
    together, alone = (frame.sort_values(key).reset_index(drop=True) for frame in (together, alone))
    pd.testing.assert_frame_equal(together.convert_dtypes(), alone.convert_dtypes())
    assert {"matches", "differs", "cannot check"} <= set(together["verdict"])


def test_a_move_in_the_sample_as_its_hours_say(sample_lake):
    """7 September 2021, when El Salvador's law took effect, by plain pandas on the sample's own file."""
    candles = pd.read_parquet(FOLDER / "candles.parquet")
    hours = candles[(candles["symbol"] == "BTC/USDT") & (candles["interval"] == "1h")].set_index("open_time")["close"]
    when = pd.Timestamp("2021-09-08T00:00Z")
    moved = 100 * (hours[when - HOUR] / hours[when - HOUR - DAY] - 1)
    claim = FELL | {"value": round(moved, 1), "as_of": when - HOUR, "as_of_end": when}
    found = checks(sample_lake, state(sample_lake, claim)).loc["a0"].loc["binance", "BTC/USDT"]
    assert moved < -10
    assert (found["verdict"], found["value_percent"]) == ("matches", pytest.approx(moved, abs=0.05))


def test_bars_of_years_before_recheck_a_drawdown(lake):
    recent = at("2025-03-01")
    price(lake, recent, [70_000.0] + [56_000.0] * 30, interval="1d")
    claim = {"quantity": "drawdown_from_ath", "asset": "BTC", "value": -20.0}
    ids = state(lake, claim | {"as_of": at("2025-03-28"), "as_of_end": at("2025-03-29")})
    assert checks(lake, ids)["verdict"].to_list() == ["cannot check"]
    first = at("2017-08-17")
    price(lake, first, [20_000.0] * (recent - first).days, interval="1d")
    assert checks(lake, (), (pd.Timestamp(first), pd.Timestamp(first + DAY)))["verdict"].to_list() == ["matches"]
