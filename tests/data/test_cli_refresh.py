"""``newstape refresh`` from the command line, against a loopback server that answers as the sources do."""

from __future__ import annotations

import json
import re
import signal
import time
from datetime import UTC, datetime, timedelta

import pytest
from lake_rows import cap, merged, python, stored
from replay import Answer

from dashboard import cli
from data import queries
from data.lake import Lake

BITCOINIST, COINDESK = "https://bitcoinist.com/feed/", "https://www.coindesk.com/arc/outboundfeeds/rss"
COINGECKO = "https://api.coingecko.com/api/v3/global"
KRAKEN = "https://api.kraken.com/0/public"
COINBASE = "https://api.coinbase.com/api/v3/brokerage/market/products"
CLOUDFLARE = Answer(
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>", 403, {"content-type": "text/html"}
)


@pytest.fixture
def refresh(run, replay):
    def refresh(*sources, code=0, since="2025-03-29"):
        named = [part for source in sources for part in ("--source", source)]
        return run("refresh", *named, "--since", since, "--base-url", replay.base_url, code=code)

    return refresh


@pytest.fixture
def serve_all(replay, payloads):
    """Every source that ``SOURCES`` below names answers as it should."""
    replay.serve(f"{KRAKEN}/AssetPairs", payloads / "kraken_assetpairs.json")
    replay.serve(f"{KRAKEN}/OHLC", payloads / "kraken_ohlc.json")
    replay.serve(COINBASE, payloads / "coinbase_products.json")
    replay.serve(COINGECKO, payloads / "coingecko_global.json")
    replay.serve(BITCOINIST, payloads / "bitcoinist_feed.xml")
    replay.serve(COINDESK, payloads / "bitcoinist_feed.xml")


SOURCES = ("candles-btc-usd", "coingecko", "bitcoinist")


def _told(result) -> dict[str, str]:
    """What was told of each source, by its name."""
    return {
        source: told
        for _, source, told in (
            line.split(" ", 1)[0:1] + line.split(" ", 1)[1].split(": ", 1)
            for line in result.stderr.splitlines()
            if re.match(r"\d{4}-\d\d-\d\dT", line)
        )
    }


def test_a_refresh_stores_what_each_source_brings_and_the_second_finds_it_all_the_same(refresh, home, serve_all):
    told = _told(refresh(*SOURCES))
    # The written Kraken payload holds three hourly bars from 2025-03-29 00:00;
    # CoinGecko's a total of $2.8 trillion and the shares of BTC and ETH.
    assert told["kraken-btc-usd"].startswith("3 new, 0 changed, 0 same, 0 rejected")
    assert told["coingecko"].startswith("3 new, 0 changed, 0 same")
    assert re.match(r"[1-9]\d* new, 0 changed, 0 same", told["bitcoinist"])
    state = Lake(str(home)).pin()
    hours = [row for row in stored(state, "candles") if row["interval"] == "1h"]
    assert [row["close"] for row in hours] == [84050.0, 84200.0, 84205.0]
    total = next(row for row in stored(state, "market_caps") if row["asset"] == "TOTAL")
    assert (total["market_cap_usd"], total["definition"]) == (2.8e12, "all-coins")

    told = _told(refresh(*SOURCES))
    assert told["kraken-btc-usd"].startswith("0 new, 0 changed, 3 same")
    assert told["coingecko"].startswith("0 new, 0 changed, ")
    assert told["bitcoinist"].startswith("0 new, 0 changed, ")
    assert Lake(str(home)).pin().versions["candles"] == state.versions["candles"]
    assert Lake(str(home)).pin().versions["articles"] == state.versions["articles"]


def test_where_kraken_answers_with_a_page_coinbase_is_asked_and_the_run_says_why(refresh, home, replay, serve_all):
    replay.serve(f"{KRAKEN}/AssetPairs", CLOUDFLARE)
    replay.serve(f"{KRAKEN}/OHLC", CLOUDFLARE)
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    candles = [
        {
            "start": str(int((hour - timedelta(hours=ago)).timestamp())),
            "low": "84190",
            "high": "84210",
            "open": "84200",
            "close": "84205",
            "volume": "0.5",
        }
        for ago in (1, 2, 3)
    ]
    replay.serve(f"{COINBASE}/BTC-USD/candles", json.dumps({"candles": candles}).encode())
    told = _told(refresh("candles-btc-usd", since=f"{hour - timedelta(hours=6):%Y-%m-%dT%H:%MZ}"))
    assert "failed" in told["kraken-btc-usd"]
    assert told["coinbase-btc-usd"].startswith("3 new")
    assert "Asked because kraken-btc-usd failed" in told["coinbase-btc-usd"]
    runs = queries.runs(Lake(str(home)).pin()).set_index("source")
    assert runs.loc["kraken-btc-usd", "error"]
    assert "kraken-btc-usd failed" in runs.loc["coinbase-btc-usd", "note"]
    assert {row["source"] for row in stored(Lake(str(home)).pin(), "candles")} == {"coinbase"}


@pytest.mark.parametrize(
    "broken",
    [
        Answer(b"<html>Just a moment...</html>", 200, {"content-type": "text/html"}),
        Answer(b"", 200),
        Answer(b"gone", 410),
    ],
    ids=["html", "empty", "gone"],
)
def test_one_broken_feed_does_not_stop_the_others_and_the_code_is_4(refresh, home, replay, serve_all, broken):
    replay.serve(COINDESK, broken)
    told = _told(refresh("coindesk", "coingecko", "bitcoinist", code=cli.PARTLY))
    assert "failed" in told["coindesk"]
    assert told["coingecko"].startswith("3 new")
    assert told["bitcoinist"].split()[0] != "0"
    runs = queries.latest_runs(Lake(str(home)).pin()).set_index("source")
    assert runs["last_error"].notna().to_dict() == {"bitcoinist": False, "coindesk": True, "coingecko": False}


def test_nothing_fetched_is_5_and_says_why(refresh, home):
    before = Lake(str(home)).pin()
    result = refresh("coindesk", "coingecko", code=cli.NOTHING)  # nothing is served: 404 everywhere
    assert "Nothing fetched: all 2 of the sources and chains asked failed." in result.stderr
    assert stored(Lake(str(home)).pin(), "articles") == []
    assert Lake(str(home)).pin().versions["market_caps"] == before.versions["market_caps"]


def test_an_unknown_source_names_those_there_are(refresh):
    assert "coindesk" in refresh("no-such-source", code=cli.BAD_INPUT).stderr


def test_the_next_refresh_asks_from_where_the_last_ended_less_an_overlap(run, home, replay, payloads):
    for total in (2.8e12, 2.9e12):
        answer = json.loads((payloads / "coingecko_global.json").read_text())
        answer["data"]["total_market_cap"]["usd"] = total
        replay.serve(COINGECKO, json.dumps(answer).encode())
        run("refresh", "--source", "coingecko", "--base-url", replay.base_url)
    newer, older = queries.runs(Lake(str(home)).pin()).itertuples()
    assert older.window_end - older.window_start == datetime(2026, 1, 31, tzinfo=UTC) - datetime(2026, 1, 1, tzinfo=UTC)
    assert older.cursor == older.window_end
    assert (older.cursor - newer.window_start).total_seconds() == 3 * 3600


def test_ctrl_c_amid_a_refresh_ends_it_at_once_with_130_and_leaves_the_lake_as_it_was(home, replay):
    """The feed keeps the line open for a minute; nobody waits for it."""
    replay.serve(COINDESK, Answer(b"<rss/>", after_s=60))
    before = Lake(str(home)).pin()
    process = python(
        "import dashboard.cli as c; c.main()",
        "refresh",
        "--home",
        home,
        "--source",
        "coindesk",
        "--base-url",
        replay.base_url,
    )
    deadline = time.monotonic() + 30
    while not replay.asked and time.monotonic() < deadline:
        time.sleep(0.02)
    assert replay.asked
    sent = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == cli.INTERRUPTED, err
    assert time.monotonic() - sent < 20  # nobody waits for the minute
    assert "Interrupted. What was stored before is kept" in err
    assert "Traceback" not in err
    assert Lake(str(home)).pin().versions == before.versions
    assert merged(Lake(str(home)), "market_caps", [cap(1)]).new == 1  # and nothing holds its lock
