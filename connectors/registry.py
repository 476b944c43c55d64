"""Every source, a line each, and which of them stand in for each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.coingecko import CoinGeckoGlobal
from connectors.exchanges import QUIRKS, ExchangeCandles, ExchangeSender
from connectors.feeds import Feed
from connectors.pull import Send
from connectors.records import Connector, Limits, Request
from connectors.transport import Transport

#: By the name a person types. A connector's own ``source`` is what rows carry.
SOURCES: Mapping[str, Connector[Any]] = {
    "bitcoinist": Feed("bitcoinist", "Bitcoinist", "https://bitcoinist.com/feed/"),
    "coindesk": Feed("coindesk", "CoinDesk", "https://www.coindesk.com/arc/outboundfeeds/rss"),
    "cointelegraph": Feed("cointelegraph", "Cointelegraph", "https://cointelegraph.com/rss"),
    "coingecko": CoinGeckoGlobal(),
    "kraken-btc-usd": ExchangeCandles("kraken", "BTC/USD", "1h"),
    "coinbase-btc-usd": ExchangeCandles("coinbase", "BTC/USD", "1h"),
    "bitstamp-btc-usd": ExchangeCandles("bitstamp", "BTC/USD", "1h"),
    "kraken-eth-usd": ExchangeCandles("kraken", "ETH/USD", "1h"),
    "coinbase-eth-usd": ExchangeCandles("coinbase", "ETH/USD", "1h"),
    "bitstamp-eth-usd": ExchangeCandles("bitstamp", "ETH/USD", "1h"),
}

#: Sources in the order they are asked; a next one only where the one before failed (``pull_chain``).
CHAINS: Mapping[str, tuple[str, ...]] = {
    "candles-btc-usd": ("kraken-btc-usd", "coinbase-btc-usd", "bitstamp-btc-usd"),
    "candles-eth-usd": ("kraken-eth-usd", "coinbase-eth-usd", "bitstamp-eth-usd"),
    "total-market-cap": ("coingecko",),
}


def chain(name: str) -> tuple[Connector[Any], ...]:
    """The connectors of a chain, or the one source of that name. Raises KeyError with the names there are."""
    if name not in CHAINS and name not in SOURCES:
        raise KeyError(f"no source {name!r}; there are {', '.join((*CHAINS, *SOURCES))}")
    return tuple(SOURCES[source] for source in CHAINS.get(name, (name,)))


def jobs() -> dict[str, tuple[Connector[Any], ...]]:
    """Everything a refresh asks: each chain, and each source that is in none, under its name."""
    chained = {source for sources in CHAINS.values() for source in sources}
    return {name: chain(name) for name in (*CHAINS, *(s for s in SOURCES if s not in chained))}


def candles(symbol: str, interval: str = "1h") -> tuple[ExchangeCandles, ...]:
    """The candle chain for any symbol ("SOL/USD") and interval ("1m", "5m", "1h", "1d")."""
    return tuple(ExchangeCandles(exchange, symbol, interval) for exchange in QUIRKS)


def sender(transport: Transport, *, paced: bool = True) -> Send:
    """One ``send`` for every source: exchanges by way of ccxt, all others straight.

    Use one for a whole refresh: it keeps the exchanges' market lists. ``paced=False`` is for replays.
    """
    exchanges = ExchangeSender(transport.send, paced=paced)

    def send(request: Request, limits: Limits) -> bytes:
        return exchanges(request, limits) if "exchange" in request.state else transport.send(request, limits)

    return send
