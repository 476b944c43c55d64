"""The coins whose figures are read, and how prose names them.

The names are the gazetteer's, read otherwise: here a name counts only where the words beside it speak of a price,
a cap or a move, so some names are safe that are ambiguous there, and what a name must not be taken for differs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from analysis.gazetteers import builtin_tables

#: Symbol: names, as written, that the gazetteer lacks, gives to another symbol, or takes for ambiguous.
_NAMES = """
USDT: USDt | TRX: TRON | ZEC: ZCash | NEAR: Near Protocol | POL: Polygon | RNDR: RNDR | PEPE: Pepecoin, Pepe Coin
WIF: Dogwifhat | TRUMP: Official Trump | ENJ: Enjin Coin | USDE: USDe | WBTC: wBTC | CBBTC: cbBTC | STETH: stETH
USELESS: Useless Coin | BEAM: Beam | DEXE: DeXe | ETHFI: Ether.fi | FTN: Fasttoken | WBT: WhiteBIT Coin
MXC: Moonchain | VENOM: Venom | GOAT: Goatseus Maximus | LINK: Chainlink | TON: Toncoin | NEAR: NEAR Protocol
HYPE: Hyperliquid | SEI: Sei | SUI: Sui | ZK: ZKsync | MANA: Decentraland | STX: Stacks | DASH: DASH | XEC: eCash
ROSE: Oasis Network | KAITO: Kaito | AKT: Akash Network | RENDER: Render Network | OM: Mantra | SYRUP: SYRUP
VIRTUAL: Virtuals Protocol | GRASS: GRASS | TURBO: TURBO
"""
#: Symbols that are also words, units, stocks or people: they count behind "$", in brackets behind their own
#: name, or before a word such as "price".
_DOUBTFUL = frozenset(
    "OP AR W IP M NOT MOVE GAS ONE SPX PI BEAM GT HT USELESS COMP BAT RAY APE UST".split()  # noqa: SIM905
)
#: Names that are also ordinary words, companies or chains whose own figures are told: as doubtful symbols.
_DOUBTFUL_NAMES = {
    "Ripple": "XRP", "Tether": "USDT", "Near": "NEAR", "Optimism": "OP", "Maker": "MKR", "Compound": "COMP",
    "Curve": "CRV", "Render": "RENDER", "Story": "IP", "Jupiter": "JUP", "Sky": "SKY", "Maple": "SYRUP",
    "Quant": "QNT", "Flare": "FLR", "Mantle": "MNT", "Movement": "MOVE", "Pi": "PI", "Terra": "LUNA",
    "Aethir": "ATH", "Immutable": "IMX", "Lido": "LDO", "Harmony": "ONE", "Trump": "TRUMP", "Virtuals": "VIRTUAL",
    "World Liberty Financial": "WLFI", "Fantom": "FTM", "Pendle": "PENDLE", "Beam": "BEAM", "Brett": "BRETT",
    "Turbo": "TURBO", "Grass": "GRASS", "Blur": "BLUR", "Waves": "WAVES", "Nano": "NANO", "Dash": "DASH",
    "Vine": "VINE", "Polygon": "POL", "Uniswap": "UNI", "EigenLayer": "EIGEN",
    "PancakeSwap": "CAKE", "Helium": "HNT", "ripple": "XRP",
}  # fmt: skip
#: Names the gazetteer takes for words or places, safe beside a price.
_SURE = frozenset(
    """Doge Tron TRON Avalanche Stellar Cosmos Sui Injective INJECTIVE Pepe Bonk Ondo Luna Kaito Brett Polygon Sei
    Stacks     Kaspa Floki LINK TON NEAR HYPE DASH ROSE ZK SYRUP VIRTUAL SATS ORDI SUSHI MINA IOTA THETA FLOW MASK MAGIC
    ONT OCEAN ASI RAY APE BAT NEM luna""".split()  # noqa: SIM905
)
#: Not read: "ATH" is the all-time high, "Bitcoins" are counted.
_NEVER = frozenset(["ATH", "Bitcoins", "BITCOINS"])
#: Names that count without the capital, too.
_LOWER = frozenset(
    """Bitcoin Ethereum Ether Solana Dogecoin Cardano Litecoin Chainlink Polkadot Monero Toncoin Fartcoin
    Avalanche Tezos Filecoin Zcash XRP Luna""".split()  # noqa: SIM905
) | {"Bitcoin Cash", "Bitcoin SV", "Binance Coin", "Ethereum Classic", "Ether Classic"}


@dataclass(frozen=True, eq=False)
class AssetNames:
    """Ways to write a coin: ``symbols`` by name or symbol; ``doubtful`` ones need a word beside them to settle it."""

    symbols: dict[str, str]
    doubtful: frozenset[str]
    ignored: frozenset[str] = frozenset()  # cashtags of shares, funds and currencies
    pattern: str = field(init=False)  # matches any of the names, the longest where several do

    def __post_init__(self) -> None:
        object.__setattr__(self, "pattern", _trie(sorted(self.symbols)))


def _trie(names: list[str]) -> str:
    """A pattern for any of the names that reads each letter once."""
    if names == [""]:
        return ""
    by_first: dict[str, list[str]] = {}
    for name in names:
        if name:
            by_first.setdefault(name[0], []).append(name[1:])
    branches = "|".join(re.escape(first) + _trie(rest) for first, rest in by_first.items())
    return f"(?:{branches}){'?' if '' in names else ''}"


@lru_cache(maxsize=1)
def known_coins() -> AssetNames:
    """The gazetteer's coins, and the names above."""
    symbols: dict[str, str] = {}
    doubtful: set[str] = set()
    table = dict(builtin_tables())["assets.toml"]
    for entry in table["asset"]:
        symbol = entry["symbol"]
        unsure = entry.get("word") or entry.get("ambiguous")
        for name in (symbol, *entry.get("symbols", ())):
            _add(symbols, doubtful, name, symbol, unsure=bool(unsure) or len(name) == 1)
        for name in entry.get("names", ()):
            _add(symbols, doubtful, name, symbol)
        for name in (*entry.get("capitalised", ()), *entry.get("ambiguous_names", ())):
            _add(symbols, doubtful, name, symbol, unsure=True)
        symbols |= {name: name for name in entry.get("renamed", ())}
    for entry in re.split(r"[|\n]", _NAMES):
        if not entry.strip():
            continue
        symbol, names = entry.split(":")
        symbol = symbol.strip()
        for name in [symbol, *(name.strip() for name in names.split(","))]:
            symbols[name] = symbol
            doubtful.discard(name)
            _add(symbols, doubtful, name, symbol)
    doubtful -= _SURE
    symbols |= _DOUBTFUL_NAMES
    return AssetNames(symbols, frozenset(doubtful | _DOUBTFUL | _DOUBTFUL_NAMES.keys()), frozenset(table["ignore"]))


def _add(symbols: dict[str, str], doubtful: set[str], name: str, symbol: str, *, unsure: bool = False) -> None:
    forms = [name]
    if name in _LOWER:
        forms += [name.lower(), name.capitalize()]
    if len(name) > 4 and " " not in name:
        forms.append(name.upper())
    for form in forms:
        if form not in symbols and form not in _NEVER:
            symbols[form] = symbol
            if unsure:
                doubtful.add(form)
