"""The command line as a person or a scheduler meets it: one sentence and a documented exit code, whatever happens."""

from __future__ import annotations

import json
import re
import shutil
import signal
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from lake_rows import ROOT, cap, merged, python, stored
from replay import Answer
from typer.testing import CliRunner

from dashboard import cli
from data import queries
from data.lake import Lake

HEAD = "open_time,open,high,low,close,volume\n"
GOOD = "2025-03-28T10:00:00Z,100,110,90,105,1.5\n"
BAD = "2025-03-28T11:00:00Z,100,90,110,100,1.5\n"
SERIES = ["--source", "kraken", "--symbol", "BTC/USD", "--interval", "1h"]

BITCOINIST, COINDESK = "https://bitcoinist.com/feed/", "https://www.coindesk.com/arc/outboundfeeds/rss"
COINGECKO = "https://api.coingecko.com/api/v3/global"
KRAKEN = "https://api.kraken.com/0/public"
COINBASE = "https://api.coinbase.com/api/v3/brokerage/market/products"
CLOUDFLARE = Answer(b"<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>", 403,
                    {"content-type": "text/html"})


@pytest.fixture
def run(home, monkeypatch):
    """Run a command on this test's lake: ``run("export", "candles", …)``."""
    monkeypatch.setenv("NEWSTAPE_HOME", str(home))
    monkeypatch.setitem(Lake.__init__.__kwdefaults__, "lock_wait_s", 0.2)

    def run(*args, code=0):
        result = CliRunner().invoke(cli.app, [str(arg) for arg in args])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        assert "Traceback" not in result.output
        assert result.exit_code == code, result.output
        return result

    return run


@pytest.fixture
def bars(tmp_path):
    path = tmp_path / "bars.csv"
    path.write_text(HEAD + GOOD)
    return path


# ── documentation ─────────────────────────────────────────────────────────────────────────────────────


def _commands(group=None, path=()):
    group = group or typer.main.get_command(cli.app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


def test_every_command_shows_an_example_of_itself(run):
    names = dict(_commands())
    assert {"init", "serve", "refresh", "export", "status", "compact", "import article", "import candles",
            "import market-caps"} <= names.keys()
    for name in names:
        assert re.search(rf"Example: newstape {name}\b", run(*name.split(), "--help").stdout), name


def test_examples_name_options_that_exist():
    for name, command in _commands():
        example = command.help.rpartition("Example: newstape ")[2]
        options = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"(?<=\s)--?[a-z][\w-]*", example)) <= options, name


def test_every_exit_code_is_documented_in_the_help_and_in_the_module(run):
    codes = {0, 2, cli.BAD_INPUT, cli.PARTLY, cli.NOTHING, cli.BUSY, cli.CANNOT_WRITE, cli.NO_LAKE, cli.INTERRUPTED}
    in_help = set(map(int, re.findall(r"(?<!\S)(\d+)\s+[a-z]", run("--help").stdout.partition("Exit codes:")[2])))
    in_module = set(map(int, re.findall(r"^    (\d+) ", cli.__doc__, re.M)))
    assert in_help == in_module == codes


# ── places ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("command", [["status"], ["compact"], ["export", "candles", "-o", "-"]])
def test_no_lake_is_8_and_says_how_to_build_one(run, tmp_path, command):
    result = run(*command, "--home", tmp_path / "none", code=cli.NO_LAKE)
    assert "newstape init" in result.stderr
    assert result.stdout == ""
    assert not (tmp_path / "none").exists()


def test_a_file_in_the_place_of_the_lake(run, tmp_path, bars):
    place = tmp_path / "file"
    place.write_text("x")
    run("status", "--home", place, code=cli.NO_LAKE)
    for command in (["init", "--empty"], ["import", "candles", bars, *SERIES]):
        assert "Cannot write to the lake" in run(*command, "--home", place, code=cli.CANNOT_WRITE).stderr
    assert place.read_text() == "x"


def test_a_busy_lake_is_6(run, home, bars):
    held, done = threading.Event(), threading.Event()

    def hold():
        with Lake(str(home)).writing():
            held.set()
            done.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(30)
    try:
        result = run("import", "candles", bars, *SERIES, code=cli.BUSY)
        assert "Another process is writing" in result.stderr
        run("status")  # reading goes on
    finally:
        done.set()
        holder.join()
    run("import", "candles", bars, *SERIES)


def test_init_again_changes_nothing(run, home):
    before = Lake(str(home)).pin().id
    run("init", "--empty")
    assert Lake(str(home)).pin().id == before


def test_status_names_the_place_every_table_and_every_source(run, home):
    out = run("status").stdout
    assert str(home) in out.replace("\n", "")
    for word in ("candles", "claim_checks", "alerts", "coindesk", "never asked"):
        assert word in out


def test_compact_tells_files_before_and_after(run, home):
    lake = Lake(str(home))
    for day in (1, 2, 3):
        merged(lake, "market_caps", [cap(day)])
    assert "market_caps: 3 files → 1" in run("compact").stdout
    assert len(stored(lake.pin(), "market_caps")) == 3


# ── importing ─────────────────────────────────────────────────────────────────────────────────────────


def test_importing_twice_counts_the_rows_as_the_same(run, home, bars):
    assert "1 new, 0 changed, 0 same, 0 refused" in run("import", "candles", bars, *SERIES).stdout
    assert "0 new, 0 changed, 1 same, 0 refused" in run("import", "candles", bars, *SERIES).stdout
    assert len(stored(Lake(str(home)).pin(), "candles")) == 1


def test_refused_rows_are_told_with_their_reason_and_the_code_is_4(run, bars):
    bars.write_text(HEAD + GOOD + BAD)
    result = run("import", "candles", bars, *SERIES, code=cli.PARTLY)
    assert "1 new, 0 changed, 0 same, 1 refused" in result.stdout
    assert "refused: high is below low" in result.stderr
    assert "high is below low" in run("export", "rejects", "-o", "-").stdout


def test_beyond_five_refused_rows_it_says_how_many_more_and_where_they_are(run, bars):
    bars.write_text(HEAD + "".join(BAD.replace("T11", f"T{h}") for h in range(10, 18)))
    result = run("import", "candles", bars, *SERIES, code=cli.PARTLY)
    assert result.stderr.count("refused:") == 5
    assert "and 3 more" in result.stderr


@pytest.mark.parametrize(("content", "said"), [
    (b"", "is empty"), (b"\x89PNG\xff\xfe\x00", "cannot be read|has no column"),
    (b"<html><body>Sign in</body></html>", "has no column"), (b"open_time,open\n1,2\n", "has no column"),
    (None, "No such file"),
], ids=["empty", "binary", "html", "missing column", "missing file"])
def test_a_file_that_cannot_be_used_is_3_in_one_sentence(run, home, tmp_path, content, said):
    before = Lake(str(home)).pin().versions
    path = tmp_path / "x.csv"
    if content is not None:
        path.write_bytes(content)
    result = run("import", "candles", path, *SERIES, code=cli.BAD_INPUT)
    assert re.search(said, result.stderr)
    assert len(result.stderr.strip().splitlines()) == 1
    assert Lake(str(home)).pin().versions == before


def test_one_bad_file_among_good_ones_is_said_and_the_others_are_stored(run, home, bars, tmp_path):
    result = run("import", "candles", tmp_path / "none.csv", bars, *SERIES, code=cli.PARTLY)
    assert "none.csv cannot be read" in result.stderr
    assert "1 new" in result.stdout
    assert len(stored(Lake(str(home)).pin(), "candles")) == 1


def test_a_missing_column_names_the_option_that_would_fill_it(run, bars):
    result = run("import", "candles", bars, "--source", "kraken", code=cli.BAD_INPUT)
    assert "has no column interval, symbol" in result.stderr
    assert "newstape import candles --help" in result.stderr


def test_the_wrong_command_line_is_2(run, bars):
    run("import", "candles", bars, "--sauce", "x", code=2)
    run("nothing-like-this", code=2)
    run("export", "candles", code=2)  # -o is missing


def test_options_of_one_article_do_not_go_with_two(run, tmp_path):
    result = run("import", "article", tmp_path / "a", tmp_path / "b", "--title", "x", code=cli.BAD_INPUT)
    assert "describe one article" in result.stderr


def test_a_refused_article_is_4_and_not_a_success(run, home, tmp_path):
    path = tmp_path / "story.txt"
    path.write_text("Bitcoin was worth nothing at the time.\n\nNobody knew of it, and nobody could have bought any.")
    result = run("import", "article", path, "--published-at", "1999-01-01", code=cli.PARTLY)
    assert "published_at must lie between 2009-01-03 and 2100" in result.stderr
    assert stored(Lake(str(home)).pin(), "articles") == []


@pytest.mark.parametrize("time", ["yesterday", "2025-03-28T17:17", "2025-02-30"])
def test_a_time_that_cannot_be_read_is_3(run, tmp_path, time):
    (tmp_path / "story.txt").write_text("text")
    for command in (["import", "article", tmp_path / "story.txt", "--published-at", time],
                    ["export", "candles", "-o", "-", "--known-at", time], ["refresh", "--since", time]):
        result = run(*command, code=cli.BAD_INPUT)
        assert time in result.stderr
        assert "2025-03-28" in result.stderr


@pytest.mark.shared
def test_the_seed_article_prints_its_verdicts(sample_home, shared, run, tmp_path):
    """$2.68 trillion: right by TradingView's count of 28 and 29 March 2025, wrong by CoinGecko's (DESIGN.md)."""
    home = shutil.copytree(sample_home, tmp_path / "copy")
    seed = next((shared / "seed").glob("*.txt"))
    out = run("import", "article", seed, "--home", home).stdout
    assert "1 new" in out
    assert re.search(r"“[^”]*\$2\.68 trillion[^”]*”: matches by tradingview, top-125\.", out)
    assert re.search(r"“[^”]*\$2\.68 trillion[^”]*”: another definition by coingecko, all-coins\.", out)
    assert "2025-03-29" in out  # also fits the day after
    assert "$84,424.38 at 2025-03-29 00:00 UTC (binance BTC/USDT)" in out
    assert "1 same" in run("import", "article", seed, "--home", home).stdout


# ── exporting ─────────────────────────────────────────────────────────────────────────────────────────


def test_export_to_standard_output_is_the_csv_and_nothing_else(run, bars):
    run("import", "candles", bars, *SERIES)
    assert run("export", "candles", "-o", "-", "--where", "interval = '1h'").stdout_bytes == (
        b"source,symbol,interval,open_time,open,high,low,close,volume,derived_from,span\r\n"
        b"kraken,BTC/USD,1h,2025-03-28T10:00:00Z,100.0,110.0,90.0,105.0,1.5,,2025\r\n")


def test_export_to_a_file_says_how_many_rows(run, bars, tmp_path):
    run("import", "candles", bars, *SERIES)
    result = run("export", "candles", "-o", tmp_path / "out.csv")
    assert "1 rows of candles" in result.stderr
    assert result.stdout == ""
    again = run("import", "candles", tmp_path / "out.csv")
    assert "0 new, 0 changed, 1 same, 0 refused" in again.stdout


def test_an_unknown_table_names_those_there_are(run):
    result = run("export", "prices", "-o", "-", code=cli.BAD_INPUT)
    assert "There is no table prices" in result.stderr
    assert "market_caps" in result.stderr


def test_a_table_may_be_written_with_a_dash(run):
    assert run("export", "market-caps", "-o", "-").stdout.startswith("source,definition,asset,period_end,")


@pytest.mark.parametrize("where", [
    "1=1; DROP TABLE candles", "close > ", "no_such_column = 1", "1=1) OR (1=1",
    "true) UNION ALL SELECT * FROM (SELECT 1",
    "close > (SELECT 1 FROM read_text('/etc/hostname'))", "EXISTS (FROM read_csv('/etc/passwd'))",
    "SELECT 1", "", "-- nothing", "open = '", "symbol = 'a{b}' AND x"])
def test_a_filter_that_is_no_condition_over_the_table_is_3(run, bars, where):
    run("import", "candles", bars, *SERIES)
    if where == "":
        run("export", "candles", "-o", "-", "--where", where)  # as if it were left out
        return
    result = run("export", "candles", "-o", "-", "--where", where, code=cli.BAD_INPUT)
    assert "--where" in result.stderr
    assert result.stdout == ""


def test_a_filter_cannot_reach_past_the_clock(run, bars):
    run("import", "candles", bars, *SERIES)
    for where in ("true", "true OR true"):
        out = run("export", "candles", "-o", "-", "--where", where, "--known-at", "2025-03-28T10:59Z").stdout
        assert out.count("\n") == 1  # the header: the bar closes at 11:00


def test_filters_with_braces_quotes_and_comments_mean_what_they_say(run, bars):
    run("import", "candles", bars, *SERIES)
    for where, rows in (("symbol = 'BTC/USD' -- comment", 1), ("symbol = '{candles}'", 0), ("source = 'it''s'", 0),
                        ("interval = '1h' AND close BETWEEN 100 AND 110", 1), ("source IN ('kraken')", 1)):
        assert run("export", "candles", "-o", "-", "--where", where).stdout.count("\n") == 1 + rows, where


def test_an_output_that_cannot_be_written_is_3(run, tmp_path):
    result = run("export", "candles", "-o", tmp_path / "none" / "out.csv", code=cli.BAD_INPUT)
    assert "cannot be written: No such file or directory." in result.stderr


# ── refreshing ────────────────────────────────────────────────────────────────────────────────────────


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
    return {source: told for _, source, told in (line.split(" ", 1)[0:1] + line.split(" ", 1)[1].split(": ", 1)
            for line in result.stderr.splitlines() if re.match(r"\d{4}-\d\d-\d\dT", line))}


def test_a_refresh_stores_what_each_source_brings_and_the_second_finds_it_all_the_same(refresh, home, serve_all):
    told = _told(refresh(*SOURCES))
    # The written Kraken payload holds three hourly bars from 2025-03-29 00:00;
    # CoinGecko's a total of $2.8 trillion and the shares of BTC and ETH.
    assert told["kraken BTC/USD 1h"].startswith("3 new, 0 changed, 0 same, 0 rejected")
    assert told["coingecko"].startswith("3 new, 0 changed, 0 same")
    assert re.match(r"[1-9]\d* new, 0 changed, 0 same", told["bitcoinist"])
    state = Lake(str(home)).pin()
    hours = [row for row in stored(state, "candles") if row["interval"] == "1h"]
    assert [row["close"] for row in hours] == [84050.0, 84200.0, 84205.0]
    total = next(row for row in stored(state, "market_caps") if row["asset"] == "TOTAL")
    assert (total["market_cap_usd"], total["definition"]) == (2.8e12, "all-coins")

    told = _told(refresh(*SOURCES))
    assert told["kraken BTC/USD 1h"].startswith("0 new, 0 changed, 3 same")
    assert told["coingecko"].startswith("0 new, 0 changed, ")
    assert told["bitcoinist"].startswith("0 new, 0 changed, ")
    assert Lake(str(home)).pin().versions["candles"] == state.versions["candles"]
    assert Lake(str(home)).pin().versions["articles"] == state.versions["articles"]


def test_where_kraken_answers_with_a_page_coinbase_is_asked_and_the_run_says_why(refresh, home, replay, serve_all):
    replay.serve(f"{KRAKEN}/AssetPairs", CLOUDFLARE)
    replay.serve(f"{KRAKEN}/OHLC", CLOUDFLARE)
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    candles = [{"start": str(int((hour - timedelta(hours=ago)).timestamp())), "low": "84190", "high": "84210",
                "open": "84200", "close": "84205", "volume": "0.5"} for ago in (1, 2, 3)]
    replay.serve(f"{COINBASE}/BTC-USD/candles", json.dumps({"candles": candles}).encode())
    told = _told(refresh("candles-btc-usd", since=f"{hour - timedelta(hours=6):%Y-%m-%dT%H:%MZ}"))
    assert "failed" in told["kraken BTC/USD 1h"]
    assert told["coinbase BTC/USD 1h"].startswith("3 new")
    assert "Asked because kraken BTC/USD 1h failed" in told["coinbase BTC/USD 1h"]
    runs = queries.runs(Lake(str(home)).pin()).set_index("source")
    assert runs.loc["kraken BTC/USD 1h", "error"]
    assert "kraken BTC/USD 1h failed" in runs.loc["coinbase BTC/USD 1h", "note"]
    assert {row["source"] for row in stored(Lake(str(home)).pin(), "candles")} == {"coinbase"}


@pytest.mark.parametrize("broken", [
    Answer(b"<html>Just a moment...</html>", 200, {"content-type": "text/html"}), Answer(b"", 200),
    Answer(b"gone", 410)], ids=["html", "empty", "gone"])
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
    assert "Nothing fetched: all 2 sources failed." in result.stderr
    assert stored(Lake(str(home)).pin(), "articles") == []
    assert Lake(str(home)).pin().versions["market_caps"] == before.versions["market_caps"]


def test_an_unknown_source_names_those_there_are(refresh):
    assert "coindesk" in refresh("no-such-source", code=cli.BAD_INPUT).stderr


def test_the_next_refresh_asks_from_where_the_last_ended_less_an_overlap(run, home, replay, serve_all):
    for _ in range(2):
        run("refresh", "--source", "coingecko", "--base-url", replay.base_url)
    newer, older = queries.runs(Lake(str(home)).pin()).itertuples()
    assert older.window_end - older.window_start == datetime(2026, 1, 31, tzinfo=UTC) - datetime(2026, 1, 1, tzinfo=UTC)
    assert older.cursor == older.window_end
    assert (older.cursor - newer.window_start).total_seconds() == 3 * 3600


def test_ctrl_c_amid_a_refresh_ends_it_at_once_with_130_and_leaves_the_lake_as_it_was(home, replay):
    """The feed keeps the line open for a minute; nobody waits for it."""
    replay.serve(COINDESK, Answer(b"<rss/>", after_s=60))
    before = Lake(str(home)).pin()
    process = python("import dashboard.cli as c; c.main()", "refresh", "--home", home, "--source", "coindesk",
                     "--base-url", replay.base_url)
    deadline = time.monotonic() + 30
    while not replay.asked and time.monotonic() < deadline:
        time.sleep(0.02)
    assert replay.asked
    sent = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == cli.INTERRUPTED, err
    assert time.monotonic() - sent < 5
    assert "Interrupted. What was stored before is kept" in err
    assert "Traceback" not in err
    assert Lake(str(home)).pin().versions == before.versions
    assert merged(Lake(str(home)), "market_caps", [cap(1)]).new == 1  # and nothing holds its lock


def test_the_project_root_is_where_these_tests_think_it_is():
    assert Path(cli.__file__).parents[1] == ROOT
