"""The registry: built-in lines, a person's own file, and every way of getting one wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.exchange_candles import ExchangeCandles
from connectors.feeds import Feed
from connectors.records import Article
from connectors.registry import DEFAULT, SOURCES, BadRegistry, load


@pytest.fixture
def own(tmp_path):
    def own(text: str) -> Path:
        path = tmp_path / "sources.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return own


def test_the_publishers_and_regulators_of_the_field_are_there():
    feeds = {c.publisher for c in SOURCES.values() if c.record is Article and isinstance(c, Feed)}
    assert {
        "Bitcoinist", "CoinDesk", "Cointelegraph", "Decrypt", "The Block", "Bitcoin Magazine", "Blockworks",
        "CryptoSlate", "NewsBTC", "U.Today", "SEC",
    } <= feeds  # fmt: skip


def test_a_file_adds_a_feed_and_a_chain_without_code(own):
    registry = load(
        own(
            "[sources]\n"
            'my-blog = { kind = "feeds:Feed", publisher = "My Blog", url = "https://b.example/feed", cadence_s = 60 }\n'
            "coindesk = { enabled = false }\n"
            "[chains]\n"
            'candles-sol-usd = ["kraken:SOL/USD:5m", "coinbase:SOL/USD:5m"]\n'
        )
    )
    blog = registry.source("my-blog")
    assert (blog.connector.source, blog.connector.publisher, blog.cadence_s) == ("my-blog", "My Blog", 60)
    jobs = registry.jobs()
    assert "my-blog" in jobs
    assert "coindesk" not in jobs
    assert "coindesk" in registry.jobs(["coindesk"])  # by its own name it still is
    assert [s.connector.source for s in jobs["candles-sol-usd"]] == ["kraken", "coinbase"]
    assert registry.sources.keys() - {"my-blog"} == DEFAULT.sources.keys()


def test_any_market_is_a_source_and_a_registered_one_keeps_its_name():
    market = DEFAULT.source("bitstamp:SOL/USD:5m")
    assert isinstance(market.connector, ExchangeCandles)
    assert (market.name, market.connector.symbol, market.cadence_s) == ("bitstamp:SOL/USD:5m", "SOL/USD", 300)
    assert DEFAULT.source("kraken:BTC/USD:1h").name == "kraken-btc-usd"  # one cursor, one ledger line
    assert [s.name for s in DEFAULT.chain("candles:SOL/USD:1d")] == [
        "kraken:SOL/USD:1d",
        "coinbase:SOL/USD:1d",
        "bitstamp:SOL/USD:1d",
    ]


def test_a_source_is_asked_once_whatever_names_it_goes_by(own):
    jobs = DEFAULT.jobs(["bitstamp-btc-usd", "bitstamp:BTC/USD:1h", "candles-btc-usd"])
    assert [[s.name for s in sources] for sources in jobs.values()] == [
        ["bitstamp-btc-usd"],
        ["kraken-btc-usd", "coinbase-btc-usd", "bitfinex-btc-usd"],
    ]
    more = load(own('[chains]\nmy-prices = ["kraken:BTC/USD:1h"]\n')).jobs()
    asked = [source.name for sources in more.values() for source in sources]
    assert len(asked) == len(set(asked))


def test_an_unknown_name_says_which_there_are():
    with pytest.raises(KeyError, match="cointelegraph"):
        DEFAULT.jobs(["coin-desk"])
    with pytest.raises(KeyError, match="interval is one of 1m, 5m, 1h, 1d"):
        DEFAULT.source("kraken:BTC/USD:3w")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[sources\n", "is not TOML"),
        ("[source]\n", r"should hold \[sources\] and \[chains\]"),
        ('sources = "all"\n', r"should hold \[sources\]"),
        ('[sources]\nmy-blog = "https://blog.example"\n', "should be a line such as"),
        ('[sources]\n"My Blog" = { kind = "feeds:Feed" }\n', "small letters"),
        ('[sources]\nmy-blog = { url = "https://blog.example" }\n', "'my-blog' needs a kind"),
        ('[sources]\nmy-blog = { kind = "feeds:Nothing" }\n', "which there is not"),
        ('[sources]\nmy-blog = { kind = "feeds:Feed", address = "x" }\n', "takes: source, publisher, url"),
        ('[sources]\nkraken-btc-usd = { source = "mtgox" }\n', "mtgox"),
        ('[sources]\ncoindesk = { cadence_s = "1h" }\n', "cadence_s is a number of seconds"),
        ('[sources]\ncoindesk = { enabled = "no" }\n', "enabled is true or false"),
        ('[sources]\ncoindesk = { requests_a_month = "many" }\n', "whole number"),
        ('[chains]\nnews = "coindesk"\n', "should be a list"),
        ('[chains]\nnews = ["nowhere"]\n', "no source 'nowhere'"),
        ('[chains]\nmixed = ["coindesk", "kraken-btc-usd"]\n', "mixes Article, Candle"),
    ],
)
def test_a_wrong_line_is_one_sentence_that_names_the_file(own, text, sentence):
    path = own(text)
    with pytest.raises(BadRegistry, match=sentence) as caught:
        load(path)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there_or_not_text_is_said(tmp_path):
    with pytest.raises(BadRegistry, match="cannot be read: No such file"):
        load(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadRegistry, match="is not TOML"):
        load(tmp_path / "binary.toml")
