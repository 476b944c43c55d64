"""The embedded sample is complete, consistent, small, and agrees with facts from elsewhere."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.records import PRECISIONS
from data.tables import MARKET_CAPS

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "data" / "sample"

BAR_KEY = ["source", "symbol", "interval", "open_time"]
OHLCV = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
BAR_LENGTH = {"1m": "1min", "1h": "1h", "1d": "1D"}

STORY_COLUMNS = [
    "key",
    "published_at",
    "published_precision",
    "title",
    "summary",
    "publisher",
    "url",
    "topics",
    "assets",
    "people",
    "places",
    "organisations",
    "date_source",
    "thread",
]
LISTS = ("topics", "assets", "people", "places", "organisations")
TOPICS = {"regulation", "ETF", "hack", "adoption", "macro", "politics", "exchange", "protocol"}
SHAPE = {  # an instant is written as exactly as it is known
    "second": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "minute": r"\d{4}-\d\d-\d\dT\d\d:\d\dZ",
    "hour": r"\d{4}-\d\d-\d\dT\d\d:00Z",
    "day": r"\d{4}-\d\d-\d\d",
    "month": r"\d{4}-\d\d",
}

#: The thread the project began with: day of publication and what must be told.
EL_SALVADOR = {
    "2021-06-05": "announcement",
    "2021-06-09": "bitcoin-law",
    "2021-09-06": "first-purchase",
    "2021-09-07": "legal-tender",
    "2021-11-21": "volcano-bonds",
    "2022-01-25": "imf-board-2022",
    "2024-12-18": "imf-deal",
    "2025-01-29": "reform-2025",
    "2025-03-04": "not-stopping",
    "2025-03-28": "trump-report",
    "2025-04-14": "white-house",
}

#: UTC, from the blocks' headers: heights 210,000, 420,000, 630,000, 840,000.
HALVINGS = ["2012-11-28T15:24:38Z", "2016-07-09T16:46:13Z", "2020-05-11T19:23:43Z", "2024-04-20T00:09:27Z"]


@pytest.fixture(scope="module")
def candles() -> pd.DataFrame:
    return pd.read_parquet(SAMPLE / "candles.parquet")


@pytest.fixture(scope="module")
def caps() -> pd.DataFrame:
    return pd.read_csv(SAMPLE / "market_caps.csv", parse_dates=["period_end", "available_at"])


@pytest.fixture(scope="module")
def stories() -> pd.DataFrame:
    return pd.read_csv(SAMPLE / "stories.csv", dtype=str, keep_default_na=False)


def bars(candles: pd.DataFrame, source: str, symbol: str, interval: str) -> pd.DataFrame:
    one = candles["source"].eq(source) & candles["symbol"].eq(symbol) & candles["interval"].eq(interval)
    return candles[one].set_index("open_time")


def cap_at(caps: pd.DataFrame, source: str, period_end: str) -> pd.Series:
    one = caps["source"].eq(source) & caps["period_end"].eq(pd.Timestamp(period_end))
    return caps[one].iloc[0]


def test_it_is_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) < 6_000_000


def test_every_file_is_described() -> None:
    readme = (SAMPLE / "README.md").read_text(encoding="utf-8")
    assert {p.name for p in SAMPLE.iterdir()} == {"README.md", "candles.parquet", "market_caps.csv", "stories.csv"}
    assert all(path.name in readme for path in SAMPLE.iterdir() if path.name != "README.md")


def test_the_readme_counts_the_stories(stories: pd.DataFrame) -> None:
    readme = (SAMPLE / "README.md").read_text(encoding="utf-8")
    years = instants(stories).dt.year.value_counts().sort_index()
    assert f"| stories | {' | '.join(map(str, years))} |" in readme
    assert f"{len(stories)} stories, {stories['published_at'].iloc[0][:10]} to " in readme
    assert f"{(stories['thread'] == 'el-salvador').sum()} of them form the thread" in readme
    assert f"({(stories['url'] != '').sum()} stories)" in readme


# candles -----------------------------------------------------------------------------------------------


def test_candles_have_the_declared_shape(candles: pd.DataFrame) -> None:
    schema = pq.read_schema(SAMPLE / "candles.parquet")
    assert schema.names == [*BAR_KEY, *OHLCV]
    assert schema.field("open_time").type == pa.timestamp("us", tz="UTC")
    assert not candles.isna().any(axis=None)


def test_no_bar_occurs_twice(candles: pd.DataFrame) -> None:
    assert not candles.duplicated(BAR_KEY).any()


def test_bars_are_sane(candles: pd.DataFrame) -> None:
    assert (candles["low"] > 0).all()
    assert (candles["volume"] >= 0).all()
    assert (candles["high"] >= candles[["open", "close", "low"]].max(axis="columns")).all()
    assert (candles["low"] <= candles[["open", "close", "high"]].min(axis="columns")).all()


def test_bars_lie_on_their_grid(candles: pd.DataFrame) -> None:
    for interval, length in BAR_LENGTH.items():
        opens = candles.loc[candles["interval"] == interval, "open_time"]
        assert (opens == opens.dt.floor(length)).all()


def test_series_are_as_the_readme_says(candles: pd.DataFrame) -> None:
    series = candles.groupby(BAR_KEY[:3])["open_time"].agg(["min", "max", "size"])
    readme = (SAMPLE / "README.md").read_text(encoding="utf-8")
    assert len(series) == 5
    for (source, symbol, interval), (first, last, rows) in zip(series.index, series.to_numpy(), strict=True):
        if interval != "1d":
            first, last = f"{first:%Y-%m-%d %H:%M}", f"{last:%Y-%m-%d %H:%M}"
        else:
            first, last = f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"
        assert f"| {source} | {symbol} | {interval} | {first} | {last} | {rows:,} |" in readme


def test_daily_kraken_ends_where_hourly_binance_begins(candles: pd.DataFrame) -> None:
    assert bars(candles, "kraken", "BTC/USD", "1d").index.max() == pd.Timestamp("2020-12-31", tz="UTC")
    assert bars(candles, "binance", "BTC/USDT", "1h").index.min() == pd.Timestamp("2021-01-01", tz="UTC")


def test_minutes_come_in_whole_days(candles: pd.DataFrame) -> None:
    minutes = bars(candles, "binance", "BTC/USDT", "1m")
    days = minutes.groupby(minutes.index.floor("D")).size()
    assert len(days) == 27
    assert (days == 1440).all()


def test_minutes_add_up_to_the_hours(candles: pd.DataFrame) -> None:
    minutes = bars(candles, "binance", "BTC/USDT", "1m")
    built = minutes.groupby(minutes.index.floor("h")).agg(OHLCV)
    hours = bars(candles, "binance", "BTC/USDT", "1h").loc[built.index]
    pd.testing.assert_frame_equal(
        built[["open", "high", "low", "close"]],
        hours[["open", "high", "low", "close"]],
        check_exact=True,
        check_names=False,
    )
    pd.testing.assert_series_equal(built["volume"], hours["volume"], rtol=1e-9, check_names=False)


# market caps -------------------------------------------------------------------------------------------


def test_market_caps_have_the_tables_columns(caps: pd.DataFrame) -> None:
    # Its series are of assets that nobody confuses.
    assert list(caps.columns) == [name for name in MARKET_CAPS.names if name != "asset_id"]
    assert not caps.duplicated(list(MARKET_CAPS.key)).any()


def test_each_total_has_its_definition(caps: pd.DataFrame) -> None:
    kinds = caps.groupby(["source", "definition", "asset", "resolution_s"]).size().to_dict()
    assert kinds == {
        ("coingecko", "all-coins", "TOTAL", 86_400): 122,
        ("coingecko", "all-coins", "TOTAL", 604_800): 621,
        ("tradingview", "top-125", "TOTAL", 86_400): 33,
    }


def test_market_caps_are_rounded_to_four_figures(caps: pd.DataFrame) -> None:
    for name in ("market_cap_usd", "open_usd", "high_usd", "low_usd"):
        values = caps[name].dropna()
        assert all(value == float(f"{value:.3e}") for value in values)


def test_market_caps_are_sane(caps: pd.DataFrame) -> None:
    bar = caps[caps["source"] == "tradingview"]
    assert (bar["high_usd"] >= bar[["open_usd", "market_cap_usd"]].max(axis="columns")).all()
    assert (bar["low_usd"] <= bar[["open_usd", "market_cap_usd"]].min(axis="columns")).all()
    assert caps["period_end"].eq(caps["period_end"].dt.floor("D")).all()
    assert caps["available_at"].eq(caps["period_end"]).all()


def test_totals_of_the_seed_story(caps: pd.DataFrame) -> None:
    """Published in docs/DESIGN.md: the two totals that the story's $2.68 trillion is checked against."""
    assert cap_at(caps, "coingecko", "2025-03-29T00:00Z")["market_cap_usd"] == 2_842e9
    day = cap_at(caps, "tradingview", "2025-03-29T00:00Z")  # the bar of 28 March
    assert (day["high_usd"], day["low_usd"]) == (2_813e9, 2_671e9)


# stories -----------------------------------------------------------------------------------------------


def instants(stories: pd.DataFrame) -> pd.Series:
    return pd.to_datetime(stories["published_at"], format="ISO8601", utc=True)


def test_stories_have_their_columns(stories: pd.DataFrame) -> None:
    assert list(stories.columns) == STORY_COLUMNS
    for name in ("key", "published_at", "published_precision", "title", "publisher", "topics", "date_source"):
        assert (stories[name] != "").all(), name
    assert (stories == stories.apply(lambda column: column.str.strip())).all(axis=None)


def test_there_are_enough_stories_in_every_year(stories: pd.DataFrame) -> None:
    years = instants(stories).dt.year.value_counts()
    assert len(stories) >= 170
    assert set(range(2009, 2027)) == set(years.index)
    assert (years >= 3).all()


def test_keys_and_titles_are_unique(stories: pd.DataFrame) -> None:
    assert stories["key"].is_unique
    assert stories["title"].str.lower().is_unique
    assert stories["key"].str.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*").all()


def test_titles_are_short_plain_sentences(stories: pd.DataFrame) -> None:
    assert (stories["title"].str.len() <= 110).all()
    assert not stories["title"].str.contains(r"[!<>&#@]|BREAKING|\.$").any()


def test_a_time_is_written_as_exactly_as_it_is_known(stories: pd.DataFrame) -> None:
    assert stories["published_precision"].isin(PRECISIONS).all()
    for story in stories.itertuples():
        assert re.fullmatch(SHAPE[story.published_precision], story.published_at), story.key


def test_stories_are_in_order_of_time(stories: pd.DataFrame) -> None:
    assert instants(stories).is_monotonic_increasing


def test_lists_hold_no_blanks_and_nothing_twice(stories: pd.DataFrame) -> None:
    for name in LISTS:
        for value in stories.loc[stories[name] != "", name]:
            items = value.split(";")
            assert all(item and item == item.strip() for item in items), value
            assert len(items) == len(set(items)), value
    assert set(stories["topics"].str.split(";").explode()) == TOPICS


def test_addresses_are_publishers_own(stories: pd.DataFrame) -> None:
    urls = stories.loc[stories["url"] != "", "url"]
    assert urls.str.fullmatch(r"https://[^\s?#]+").all()
    assert not urls.str.contains("cryptopanic").any()
    assert urls.is_unique


def test_halvings_are_told_to_the_second(stories: pd.DataFrame) -> None:
    halvings = stories[stories["key"].str.startswith("bitcoin-halving-")]
    assert halvings["published_at"].tolist() == HALVINGS


def test_the_el_salvador_thread_is_complete(stories: pd.DataFrame) -> None:
    thread = stories[stories["thread"] == "el-salvador"]
    assert set(stories["thread"]) == {"", "el-salvador"}
    assert thread["places"].str.contains("El Salvador").all()
    told = {(row.published_at[:10], row.key.removeprefix("el-salvador-")) for row in thread.itertuples()}
    assert set(EL_SALVADOR.items()) <= told


def test_price_records_are_in_the_candles(stories: pd.DataFrame, candles: pd.DataFrame) -> None:
    """Each minute or hour that a Binance record names reached a price that the title names."""
    hours = bars(candles, "binance", "BTC/USDT", "1h")
    named = stories["publisher"].eq("Binance") & stories["published_precision"].isin(["minute", "hour"])
    checked = 0
    for story in stories[named].itertuples():
        hour = hours.loc[pd.Timestamp(story.published_at).floor("h")]
        prices = [float(text.replace(",", "")) for text in re.findall(r"\d{2,3},\d{3}", story.title)]
        for price in prices:
            assert hour["low"] <= price <= hour["high"], story.key
            checked += 1
    assert checked >= 12


# against facts from elsewhere --------------------------------------------------------------------------


def data_folder(shared: Path) -> Path:
    return shared if (shared / "events_curated.csv").exists() else shared / "data"


@pytest.mark.parametrize(
    ("day", "low", "high", "close"),
    [
        ("2025-03-28", 83_585.00, 87_515.67, 84_424.38),
        ("2021-09-07", 42_843.05, 52_920.00, 46_863.73),
    ],
)
def test_days_built_from_hours_match_published_days(
    candles: pd.DataFrame,
    day: str,
    low: float,
    high: float,
    close: float,
) -> None:
    """Expected: Binance's own daily bars, as quoted in the reference data's notes."""
    hours = bars(candles, "binance", "BTC/USDT", "1h").loc[day]
    assert len(hours) == 24
    assert (hours["low"].min(), hours["high"].max(), hours["close"].iloc[-1]) == (low, high, close)


@pytest.mark.shared
def test_hours_match_the_days_of_the_event_list(candles: pd.DataFrame, shared: Path) -> None:
    """The list's BTC bars were joined from another download of the minutes."""
    events = pd.read_csv(data_folder(shared) / "events_curated.csv").dropna(subset=["btc_open"])
    events = events[events["when_utc"] >= "2021"]
    hours = bars(candles, "binance", "BTC/USDT", "1h")
    assert len(events) > 30
    for event in events.itertuples():
        day = hours.loc[event.when_utc[:10]]
        built = [day["open"].iloc[0], day["high"].max(), day["low"].min(), day["close"].iloc[-1]]
        assert built == [event.btc_open, event.btc_high, event.btc_low, event.btc_close]


@pytest.mark.shared
def test_kraken_days_are_near_another_providers(candles: pd.DataFrame, shared: Path) -> None:
    """CoinMarketCap's daily closes lie within 2 % of Kraken's in the median, year by year."""
    other = pd.read_csv(data_folder(shared) / "ohlcv_marketcap_cmc_kaggle_1d_2013_2021.csv.gz")
    for name, symbol in (("Bitcoin", "BTC/USD"), ("Ethereum", "ETH/USD")):
        closes = other[other["name"] == name].set_index(pd.to_datetime(other.loc[other["name"] == name, "date"]))
        closes = closes["close"].tz_localize("UTC").rename("other")
        ours = bars(candles, "kraken", symbol, "1d")["close"]
        both = pd.concat([ours, closes], axis="columns", join="inner")
        difference = (both["close"] / both["other"] - 1).abs()
        assert len(both) > 1_500
        assert difference.groupby(both.index.year).median().max() < 0.02


@pytest.mark.shared
def test_no_title_is_anyone_elses(stories: pd.DataFrame, shared: Path) -> None:
    folder = data_folder(shared)
    theirs = (
        pd.concat(
            [
                pd.read_parquet(folder / "news_headlines_cryptopanic_2017_2026.parquet", columns=["title"])["title"],
                pd.read_parquet(folder / "news_fulltext_2025-05_2025-08.parquet", columns=["title"])["title"],
                pd.read_csv(folder / "events_byt1k_2008_2023.csv.gz")["title"],
                pd.read_csv(folder / "events_curated.csv")["title"],
            ]
        )
        .dropna()
        .map(html.unescape)
    )
    assert not set(plain(stories["title"])) & set(plain(theirs))


def plain(titles: pd.Series) -> pd.Series:
    """Letters and digits in lower case: what is left when punctuation is set aside."""
    return titles.str.lower().str.replace(r"[^a-z0-9]+", " ", regex=True).str.strip()


@pytest.mark.shared
def test_times_from_the_headline_archive_are_in_it(stories: pd.DataFrame, shared: Path) -> None:
    archive = pd.read_parquet(
        data_folder(shared) / "news_headlines_cryptopanic_2017_2026.parquet", columns=["published_at"]
    )
    minutes = set(archive["published_at"].dt.floor("min"))
    named = stories["date_source"].str.extract(r"headline archive[^;]*? (\d{4}-\d\d-\d\d \d\d:\d\d) UTC")[0].dropna()
    assert len(named) > 150
    assert set(pd.to_datetime(named, utc=True)) <= minutes


@pytest.mark.shared
def test_the_script_makes_the_figures_again(shared: Path, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, ROOT / "tools" / "make_sample.py", tmp_path],
        check=True,
        env={**os.environ, "NEWSTAPE_SHARED": str(shared)},
    )
    assert (tmp_path / "market_caps.csv").read_bytes() == (SAMPLE / "market_caps.csv").read_bytes()
    assert pq.read_table(tmp_path / "candles.parquet").equals(pq.read_table(SAMPLE / "candles.parquet"))
