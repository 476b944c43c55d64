"""``newstape refresh`` as a job: again and again, one at a time, ended by SIGTERM, planned."""

from __future__ import annotations

import signal
import time

from lake_rows import python

from dashboard import cli
from data import queries
from data.lake import Lake

COINGECKO = "https://api.coingecko.com/api/v3/global"


def _started(home, replay, *more):
    return python(
        "import dashboard.cli as c; c.main()",
        "refresh",
        "--home",
        home,
        "--source",
        "coingecko",
        "--base-url",
        replay.base_url,
        *more,
    )


def _until(told) -> None:
    deadline = time.monotonic() + 40
    while not told() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert told()


def test_every_goes_on_until_sigterm_and_ends_with_0(home, replay, payloads):
    replay.serve(COINGECKO, payloads / "coingecko_global.json")
    process = _started(home, replay, "--every", "1s")
    _until(lambda: len(replay.asked) >= 3)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert "Stopped. What was stored is kept." in err
    assert len(queries.runs(Lake(str(home)).pin())) == 1  # the rounds after the first found nothing new


def test_every_goes_on_after_a_round_in_which_everything_failed(home, replay):
    process = _started(home, replay, "--every", "1s")  # nothing is served: 404
    _until(lambda: len(replay.asked) >= 2)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, "Nothing fetched" in err) == (0, True)


def test_a_second_refresh_says_so_and_exits_with_its_own_code(run, home, replay):
    with Lake(str(home)).refreshing():
        told = run("refresh", "--source", "coingecko", "--base-url", replay.base_url, code=cli.RUNNING).stderr
    assert "Another refresh" in told
    assert replay.asked == []


def test_every_goes_on_after_another_refresh_had_the_lake(home, replay, payloads):
    replay.serve(COINGECKO, payloads / "coingecko_global.json")
    with Lake(str(home)).refreshing():
        process = _started(home, replay, "--every", "1s")
        assert "The next round tries again." in process.stderr.readline()
        assert replay.asked == []
    _until(lambda: replay.asked)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 0


def test_a_dead_refreshs_right_is_free_at_once(run, home, replay, payloads):
    holder = python(
        "import sys, time; from data.lake import Lake\n"
        "with Lake(sys.argv[1]).refreshing():\n    print('held', flush=True); time.sleep(60)",
        home,
    )
    assert holder.stdout.readline() == "held\n"
    holder.kill()
    holder.communicate()
    replay.serve(COINGECKO, payloads / "coingecko_global.json")
    run("refresh", "--source", "coingecko", "--base-url", replay.base_url)


def test_a_plan_is_a_line_each_and_asks_nothing(run, home, replay, tmp_path):
    before = Lake(str(home)).pin().versions
    lines = run("refresh", "--plan", "--base-url", replay.base_url).stdout.splitlines()
    assert any(line.startswith("bitcoinist: bitcoinist: https://bitcoinist.com/feed/ (") for line in lines)
    [second] = [line for line in lines if line.startswith("candles-btc-usd: coinbase-btc-usd: ")]
    assert "only if those before it in the chain fall short" in second
    assert not any("cryptopanic" in line for line in lines)  # nobody gave a key
    assert replay.asked == []
    assert Lake(str(home)).pin().versions == before
    run("refresh", "--plan", "--home", tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_a_source_that_needs_a_key_says_which(run):
    told = run("refresh", "--source", "cryptopanic", code=cli.BAD_INPUT).stderr
    assert "cryptopanic needs a key: set CRYPTOPANIC_API_KEY" in told


def test_a_pause_that_is_none_and_a_time_to_come_are_refused(run):
    assert "is no span" in run("refresh", "--every", "often", code=cli.BAD_INPUT).stderr
    assert "lies in the future" in run("refresh", "--since", "2099-01-01", code=cli.BAD_INPUT).stderr
