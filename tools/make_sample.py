"""Make the figure files of the embedded sample (``data/sample/``) from the reference data.

    NEWSTAPE_SHARED=<reference folder> python tools/make_sample.py [target folder]

Writes ``candles.parquet`` and ``market_caps.csv``; ``stories.csv`` is written by hand and left alone.
Deterministic: the same reference data and library versions give the same bytes. Stops with a message
when the reference data is not what the sample's README says it is.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "sample"

CANDLE_KEY = ["source", "symbol", "interval", "open_time"]
CANDLE_COLUMNS = [*CANDLE_KEY, "open", "high", "low", "close", "volume"]
OHLCV = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}

#: Hourly Binance bars begin here; before it, daily Kraken bars.
HOURLY_FROM = pd.Timestamp("2021-01-01", tz="UTC")

#: Whole UTC days, first and last, whose minutes are kept: the El Salvador thread.
MINUTE_DAYS = (
    ("2021-06-05", "2021-06-10"),  # announcement, Bitcoin Law
    ("2021-09-05", "2021-09-09"),  # legal tender
    ("2024-12-17", "2024-12-20"),  # IMF agreement
    ("2025-01-28", "2025-01-31"),  # reform of the law
    ("2025-03-27", "2025-03-30"),  # report of Bukele's visit
    ("2025-04-13", "2025-04-16"),  # the visit
)
MINUTE_FILES = ("btcusdt_binance_1m_2021_2022.parquet", "btcusdt_binance_1m_2024h2_2025.parquet")

#: Days of the El Salvador thread around which CoinGecko's total is kept daily.
DAILY_CAPS_AROUND = ("2021-06-09", "2021-09-07", "2024-12-18", "2025-01-29", "2025-03-28", "2025-04-14")
TRADINGVIEW_DAYS = ("2025-03-14", "2025-04-15")

CAP_COLUMNS = [
    "source",
    "definition",
    "asset",
    "period_end",
    "market_cap_usd",
    "open_usd",
    "high_usd",
    "low_usd",
    "price_usd",
    "volume_usd",
    "supply",
    "available_at",
    "resolution_s",
]
DAY_S, WEEK_S = 86_400, 604_800


def binance_hours(shared: Path) -> pd.DataFrame:
    """Hourly BTC/USDT and ETH/USDT from 2021 on. An hour without trades has no row."""
    hours = pd.read_parquet(shared / "ohlcv_binance_1h.parquet")
    hours = hours[hours["symbol"].isin(["BTCUSDT", "ETHUSDT"]) & (hours["ts"] >= HOURLY_FROM)]
    symbol = hours["symbol"].str.removesuffix("USDT") + "/USDT"
    return hours.assign(source="binance", symbol=symbol, interval="1h", open_time=hours["ts"])


def binance_minutes(shared: Path) -> pd.DataFrame:
    """BTC/USDT minutes of the days in ``MINUTE_DAYS``."""
    minutes = pd.concat([pd.read_parquet(shared / name) for name in MINUTE_FILES], ignore_index=True)
    days = minutes["ts"].dt.floor("D").dt.tz_localize(None)
    kept = pd.Series(False, index=minutes.index)
    for first, last in MINUTE_DAYS:
        kept |= days.between(pd.Timestamp(first), pd.Timestamp(last))
    minutes = minutes[kept]
    return minutes.assign(source="binance", symbol="BTC/USDT", interval="1m", open_time=minutes["ts"])


def kraken_days(shared: Path) -> pd.DataFrame:
    """Daily BTC/USD and ETH/USD before 2021, built from the hours that traded.

    A day without any trade has no row. The hourly file runs on past 2020, so every day is complete; the
    first one of a market is the part of the day from its opening on.
    """
    hours = pd.read_parquet(shared / "ohlcv_kraken_usd_1h_2013_2023.parquet").sort_values(["symbol", "ts"])
    hours = hours[hours["ts"] < HOURLY_FROM]
    days = hours.groupby(["symbol", hours["ts"].dt.floor("D").rename("open_time")]).agg(OHLCV).reset_index()
    # Kraken states volumes to 8 decimals: take off what summing floats added.
    return days.assign(source="kraken", interval="1d", volume=days["volume"].round(8))


def candles(shared: Path) -> pa.Table:
    """Every bar of the sample, sorted by key."""
    parts = [part(shared)[CANDLE_COLUMNS] for part in (binance_hours, binance_minutes, kraken_days)]
    # nanosecond or millisecond stamps of the inputs become microseconds, as in the lake
    parts = [part.assign(open_time=part["open_time"].astype("datetime64[us, UTC]")) for part in parts]
    bars = pd.concat(parts, ignore_index=True).sort_values(CANDLE_KEY, ignore_index=True)
    if bars.duplicated(CANDLE_KEY).any():
        raise SystemExit("Reference candles overlap: a key occurs twice. Decide which source to keep.")
    if bars.isna().any(axis=None):
        raise SystemExit("Reference candles have empty cells. Leave those bars out or mend the file.")
    schema = pa.schema(
        [
            *(pa.field(name, pa.string(), nullable=False) for name in CANDLE_KEY[:3]),
            pa.field("open_time", pa.timestamp("us", tz="UTC"), nullable=False),
            *(pa.field(name, pa.float64(), nullable=False) for name in OHLCV),
        ]
    )
    return pa.Table.from_pandas(bars, schema=schema, preserve_index=False).replace_schema_metadata(None)


def significant(values: pd.Series, digits: int = 4) -> pd.Series:
    """Values rounded to so many significant figures, as whole dollars."""
    return values.map(lambda value: int(float(f"{value:.{digits - 1}e}"))).astype("int64")


def coingecko_total(shared: Path) -> pd.DataFrame:
    """CoinGecko's total at 00:00 UTC: each Monday, and daily around the thread's days."""
    total = pd.read_csv(shared / "total_marketcap_coingecko_1d_2013_2025.csv.gz", parse_dates=["ts"])
    stamp = total["ts"]
    near = pd.Series(False, index=total.index)
    for day in DAILY_CAPS_AROUND:
        near |= (stamp - pd.Timestamp(day, tz="UTC")).abs() <= pd.Timedelta(days=10)
    monday = stamp.dt.day_of_week == 0
    kept = total[near | monday]
    if (kept["ts"] != kept["ts"].dt.floor("D")).any():
        raise SystemExit("A chosen CoinGecko stamp is not midnight UTC: say what it stands for first.")
    return pd.DataFrame(
        {
            "source": "coingecko",
            "definition": "all-coins",
            "asset": "TOTAL",
            "period_end": kept["ts"],
            "market_cap_usd": significant(kept["total_market_cap_usd"]),
            "resolution_s": near[kept.index].map({True: DAY_S, False: WEEK_S}),
        }
    )


def tradingview_total(shared: Path) -> pd.DataFrame:
    """TradingView's CRYPTOCAP:TOTAL, one bar a UTC day, stamped at the day's end."""
    total = pd.read_csv(shared / "total_marketcap_tradingview_2025-02-28_04-15.csv", parse_dates=["date_utc"])
    total = total[total["date_utc"].between(*TRADINGVIEW_DAYS)]
    values = {f"{name}_usd": significant(total[name]) for name in ("open", "high", "low")}
    return pd.DataFrame(
        {
            "source": "tradingview",
            "definition": "top-125",
            "asset": "TOTAL",
            "period_end": total["date_utc"].dt.tz_localize("UTC") + pd.Timedelta(days=1),
            "market_cap_usd": significant(total["close"]),
            **values,
            "resolution_s": DAY_S,
        }
    )


def market_caps(shared: Path) -> pd.DataFrame:
    """Rows of the market_caps table. ``available_at`` is assumed to be ``period_end``."""
    parts = [
        part(shared).astype({"period_end": "datetime64[us, UTC]"}) for part in (coingecko_total, tradingview_total)
    ]
    caps = pd.concat(parts, ignore_index=True).sort_values(["source", "period_end"], ignore_index=True)
    stamps = caps["period_end"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    whole = {name: caps[name].astype("Int64") for name in ("open_usd", "high_usd", "low_usd")}
    return caps.assign(period_end=stamps, available_at=stamps, **whole).reindex(columns=CAP_COLUMNS)


def main(target: Path) -> None:
    folder = os.environ.get("NEWSTAPE_SHARED")
    if not folder:
        raise SystemExit("Set NEWSTAPE_SHARED to the folder that holds the reference data.")
    shared = Path(folder)
    shared = shared if (shared / "ohlcv_binance_1h.parquet").exists() else shared / "data"
    target.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        candles(shared),
        target / "candles.parquet",
        compression="zstd",
        compression_level=19,
        use_dictionary=CANDLE_KEY[:3],
        column_encoding={"open_time": "DELTA_BINARY_PACKED"},
    )
    market_caps(shared).to_csv(target / "market_caps.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE)
