"""Which provider a text names for a figure."""

from __future__ import annotations

import re

#: Those who count market caps or quote prices, as texts name them.
PROVIDERS = {
    "CoinGecko": "CoinGecko", "Coingecko": "CoinGecko", "CG": "CoinGecko",
    "CoinMarketCap": "CoinMarketCap", "Coinmarketcap": "CoinMarketCap", "CMC": "CoinMarketCap",
    "TradingView": "TradingView", "Tradingview": "TradingView",
    "CoinPaprika": "CoinPaprika", "CoinCodex": "CoinCodex", "CryptoCompare": "CryptoCompare",
    "QuantifyCrypto": "QuantifyCrypto", "Quantify Crypto": "QuantifyCrypto", "CoinStats": "CoinStats",
    "CoinGlass": "CoinGlass", "Coinglass": "CoinGlass", "TokenInsight": "TokenInsight", "Messari": "Messari",
    "Binance": "Binance", "Coinbase": "Coinbase", "Kraken": "Kraken", "Bitstamp": "Bitstamp",
    "Bloomberg": "Bloomberg", "Reuters": "Reuters", "Yahoo Finance": "Yahoo Finance", "crypto.news": "crypto.news",
}  # fmt: skip
_PROVIDER = "|".join(re.escape(name) for name in sorted(PROVIDERS, key=len, reverse=True))
_CITED = re.compile(
    rf"\b(?i:according to|data from|data by|in line with|in keeping with|per|via|on|by|from|source:|chart:|image:) ?"
    rf"(?:(?i:the|data|latest|fresh|from|price|chart|market|by|provider) ){{0,4}}"
    rf"(?P<a>{_PROVIDER})\b(?! ?(?:ETF|exchange))"
    rf"|\b(?P<b>{_PROVIDER})(?:['’]s)? (?i:data|charts?|figures|shows?|showed|reports?)\b"
    rf"|\b(?P<c>{_PROVIDER}) (?=Market Cap:)"
)


def cited_provider(text: str, sentence: tuple[int, int], subject_start: int, figure: tuple[int, int]) -> str | None:
    """The provider named beside the figure: behind it on its line, within 100 characters and the credit
    that may follow the sentence, else before it in the sentence."""
    line_end = text.find("\n", figure[1], figure[1] + 200)
    stop = min(sentence[1], figure[1] + 100)
    found = _CITED.search(text, figure[1], stop)
    if not found:
        credit = _CREDIT.match(text, sentence[1], sentence[1] + 100 if line_end < 0 else line_end)
        found = credit and _CITED.search(text, sentence[1], credit.end())
    if not found:
        found = _CITED.search(text, max(sentence[0], subject_start - 120), figure[0])
    return PROVIDERS[found["a"] or found["b"] or found["c"]] if found else None


_CREDIT = re.compile(r"\s{0,3}\(?(?i:chart|source|data|image)s?(?: source)?:? ?[^\n.]{2,60}")
