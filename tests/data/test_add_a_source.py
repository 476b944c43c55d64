"""The page on adding a source does what it says: its code, its line, its answer and its rows."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from connectors.registry import load
from dashboard import cli
from data import queries
from data.lake import Lake

PAGE = (Path(__file__).parents[2] / "docs/add-a-source.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.S)


def block(kind: str, holding: str = "") -> str:
    [found] = [text for name, text in BLOCKS if name == kind and holding in text]
    return found


@pytest.fixture
def own(tmp_path, monkeypatch):
    """What the reader of the page has made: a package, and a registry file."""
    package = tmp_path / "my_sources"
    package.mkdir()
    (package / "hash_rate.py").write_text(block("python"), encoding="utf-8")
    registry = tmp_path / "sources.toml"
    registry.write_text(block("toml", "hash-rate"), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("NEWSTAPE_SOURCES", str(registry))
    yield registry
    for name in [name for name in sys.modules if name.startswith("my_sources")]:
        del sys.modules[name]


def test_the_worked_example_brings_the_rows_the_page_shows(own, run, replay, home):
    replay.serve("https://stats.example/v1/hash-rate", block("json").encode())
    assert "hash-rate: hash-rate: https://stats.example" in run("refresh", "--plan", "--source", "hash-rate").stdout
    told = run("refresh", "--source", "hash-rate", "--base-url", replay.base_url).stderr
    assert "hash-rate: 2 new, 0 changed, 0 same, 1 rejected" in told
    assert run("export", "indicators", "-o", "-").stdout.replace("\r\n", "\n") == block("csv")
    assert list(queries.rejects(Lake(str(home)).pin())["reason"]) == ["not a day with a hash rate"]
    assert "hash-rate: fresh" in run("status").stdout


def test_the_parser_is_as_short_as_it_should_be():
    assert len(block("python").splitlines()) < 90


def test_the_lines_for_a_feed_and_a_market_can_be_used_as_they_are(tmp_path):
    file = tmp_path / "sources.toml"
    file.write_text(block("toml", "my-blog") + block("toml", "candles-sol-usd"), encoding="utf-8")
    jobs = load(file).jobs()
    assert {"my-blog", "candles-sol-usd"} <= jobs.keys()
    assert "coindesk" not in jobs


def test_a_registry_that_is_wrong_is_one_sentence(own, run):
    own.write_text('[sources]\nhash-rate = { kind = "my_sources.hash_rate:HashRates" }\n', encoding="utf-8")
    told = run("refresh", "--source", "hash-rate", code=cli.BAD_INPUT).stderr
    assert "source 'hash-rate' has the kind 'my_sources.hash_rate:HashRates', which there is not" in told
