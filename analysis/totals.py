"""The market's total, computed from one provider's list of coins, with every coin that was looked at.

As TradingView defines its indices (https://www.tradingview.com/support/solutions/43000550480/): TOTAL is the market
cap of the 125 largest coins of its screener, TOTAL2 the same without BTC, TOTAL3 without BTC and ETH, a coin's cap is
its last price times its circulating supply, and dominance is BTC.D = BTC / TOTAL × 100 % (here a share from 0 to 1).

Lists hold caps that are none. What is kept out, and how each limit was measured, on 70 monthly CoinMarketCap lists
(2020 to 2025), CoinGecko's 365 daily ones of 2021 and one of 2022-02-23 whose largest coin claims $3.33 trillion on
$5.40 of volume:

- *Next to no volume*: a cap from $2 billion with a 24-hour volume below a 100,000th of it. The thinnest real coin of
  that size (LEO) never trades less than 7 in 100,000; what falls under it is that coin, and Bitcoin Cash ABC under
  the id it had before it became eCash (from $2 billion, counted a second time). Below $2 billion a real coin may
  trade less (NXM, 1 in 10 million), so that no limit on volume alone would do.
- *Cap is not price × supply*: off by more than 5 %. The most among real coins is 2.0 %. A supply or price that is
  unknown, or 0 (so CoinGecko writes "unknown", of THETA's TFUEL for one), cannot be checked and is let pass.
- *Stale*: 6 hours behind the newest coin. All 250 coins of the recorded list lie within 9 minutes.
- *Wrapped and staked tokens*: they stand for coins that are counted. Measured against TradingView's TOTAL of the same
  day: on CoinMarketCap's list of six firsts of a month (2022-12 to 2023-05) the total is nearer without its one such
  token (0.13 to 2.65 % above) than with it (0.49 to 3.03 %); in 2025 that list holds none, and its first 125 are 0.017
  and 0.024 % above (2025-03-01, 2025-04-01). On CoinGecko's lists such tokens add 1.1 % (2021) to 1.15 % (2022-02-23);
  since February 2026 CoinGecko leaves them out of its ranking itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

COINS = 125
DEFINITION = "top-125"
HUGE_USD = 2e9
MIN_TURNOVER = 1e-5  # 24-hour volume / cap, of a huge cap
CAP_TOLERANCE = 0.05
STALE = pd.Timedelta(hours=6)
#: By the ids of CoinGecko, CoinMarketCap (slug), CoinPaprika and CoinLore (nameid): a symbol may be a namesake's.
BTC_IDS, ETH_IDS = frozenset({"bitcoin", "btc-bitcoin"}), frozenset({"ethereum", "eth-ethereum"})
#: Words of an id that make a token one that stands for another coin, and ids that have no such word.
DERIVED_WORDS = frozenset({"wrapped", "staked", "restaked", "bridged", "peg"})
DERIVED_IDS = frozenset(
    {
        *("binance-bitcoin", "bitcoin-bep2", "huobi-btc", "renbtc", "solv-btc", "tbtc"),
        *("compound-ether", "rocket-pool-eth", "steth", "weth"),
        *("cdai", "compound-usd-coin", "compound-usdt", "susds"),
        *("convex-crv", "e-radix", "msol", "xsushi"),
    }
)
MEMBERS = ("asset", "asset_id", "rank", "market_cap_usd", "used", "reason")


@dataclass(frozen=True, slots=True)
class Totals:
    """``total_usd``, ``total2_usd``, ``total3_usd`` (USD) and dominances (shares of ``total_usd``), or why not.

    ``period_end``: the newest coin's instant. Where ``reason`` is not None there are no values at all.
    ``members``: a row for each row of the listing, largest cap first: ``asset``, ``asset_id``, ``rank`` (by the cap
    claimed, from 1), ``market_cap_usd``, ``used``, and ``reason`` (text where not used, else None).
    """

    members: pd.DataFrame
    reason: str | None = None
    total_usd: float | None = None
    total2_usd: float | None = None
    total3_usd: float | None = None
    btc_dominance: float | None = None
    eth_dominance: float | None = None
    period_end: datetime | None = None


def totals(listing: pd.DataFrame, *, without_derived: bool = True) -> Totals:
    """The totals of ``listing``, a row a coin, of one provider at one time. The order of its rows does not matter.

    Columns: ``asset``, ``asset_id`` (may be null), ``market_cap_usd``, ``price_usd``, ``volume_usd`` (24 hours),
    ``supply`` (circulating; each nullable) and ``period_end`` (UTC). With fewer than 125 coins to be counted, or
    without Bitcoin or Ethereum among them, there is no total rather than a smaller one. ``without_derived=False``
    counts wrapped and staked tokens too.
    """
    rows = _ordered(listing)
    ids = rows["asset_id"].fillna(rows["asset"]).astype(str)
    reasons = _reasons(rows, ids, without_derived)
    sane = pd.isna(reasons)
    used = sane & (sane.cumsum() <= COINS)
    reasons[sane & ~used] = f"smaller than the largest {COINS}"
    members = rows.assign(rank=np.arange(1, len(rows) + 1), used=used, reason=pd.Series(reasons, dtype=object))
    members = members[list(MEMBERS)]

    btc = used & _is(rows, BTC_IDS, "BTC")
    eth = used & _is(rows, ETH_IDS, "ETH")
    if used.sum() < COINS:
        return Totals(members, f"only {used.sum()} of {len(rows)} coins can be counted, {COINS} are needed")
    if btc.sum() != 1 or eth.sum() != 1:
        return Totals(members, f"Bitcoin or Ethereum is not among the {COINS} coins, or twice")
    caps = rows["market_cap_usd"]
    btc_usd, eth_usd = float(caps[btc].iloc[0]), float(caps[eth].iloc[0])
    total3 = math.fsum(caps[used & ~btc & ~eth])
    total2 = total3 + eth_usd
    total = total2 + btc_usd
    at = rows["period_end"][used].max().to_pydatetime()
    return Totals(members, None, total, total2, total3, btc_usd / total, eth_usd / total, at)


def _ordered(listing: pd.DataFrame) -> pd.DataFrame:
    """Largest cap first, ties by what else tells rows apart; numbers as floats."""
    rows = listing[["asset", "asset_id", "period_end"]].copy()
    rows["period_end"] = pd.to_datetime(rows["period_end"], utc=True)
    for name in ("market_cap_usd", "price_usd", "volume_usd", "supply"):
        rows[name] = pd.to_numeric(listing[name], errors="coerce").astype(float)
    by = ["market_cap_usd", "asset", "asset_id", "period_end", "volume_usd", "price_usd", "supply"]
    return rows.sort_values(by, ascending=[False] + [True] * 6, na_position="last", ignore_index=True)


def _reasons(rows: pd.DataFrame, ids: pd.Series, without_derived: bool) -> np.ndarray:
    """Why a coin is not counted, a text a row; None where nothing speaks against it. The first that holds is given."""
    cap, volume, price, supply = (
        rows[name].to_numpy() for name in ("market_cap_usd", "volume_usd", "price_usd", "supply")
    )
    known = np.isfinite(cap) & (cap > 0)
    checked = known & (price > 0) & (supply > 0)
    with np.errstate(over="ignore"):  # a product too large for a float is not the cap either
        off = np.abs(np.divide(price * supply, cap, out=np.ones(len(rows)), where=checked) - 1)
    derived = np.array([name in DERIVED_IDS or not DERIVED_WORDS.isdisjoint(name.split("-")) for name in ids], bool)
    against = {
        "no market cap above zero": ~known,
        "wrapped or staked: stands for a coin that is counted": derived & without_derived,
        f"next to no volume for a cap from ${HUGE_USD / 1e9:g} billion": (cap >= HUGE_USD)
        & (np.nan_to_num(volume) < MIN_TURNOVER * cap),
        f"the cap is not price × supply, by more than {CAP_TOLERANCE:.0%}": ~(off <= CAP_TOLERANCE),
        "no time": rows["period_end"].isna().to_numpy(),
    }
    # A time is measured against the coins that have nothing else against them: a wrong one must not age the rest.
    times = rows["period_end"].where(~np.logical_or.reduce(list(against.values())))
    ahead = (times > times.median() + STALE).to_numpy()
    newest = times[~ahead].max()
    against[f"updated more than {STALE.components.hours} h after the others"] = ahead
    against[f"not updated for {STALE.components.hours} h"] = (times < newest - STALE).to_numpy()
    sane = ~np.logical_or.reduce(list(against.values()))
    against["listed twice"] = sane & ids.where(sane).duplicated().to_numpy()
    return np.select(list(against.values()), [np.array(why, object) for why in against], None)


def _is(rows: pd.DataFrame, ids: frozenset[str], asset: str) -> np.ndarray:
    return (rows["asset_id"].isin(ids) | (rows["asset_id"].isna() & (rows["asset"] == asset))).to_numpy(bool)
