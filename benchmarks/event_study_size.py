"""How often the event study finds something where nothing happened: random dates in real candles.

    NEWSTAPE_SHARED=… python benchmarks/event_study_size.py [studies, 1000]

Every study takes random bars for events, so at a nominal 5 % about 5 % of them should "find" an effect: the headline
tests (the t of cluster means, the placebo p) and, beside them, the naive test in common use: BMP over the events as
given. Hourly bars: Binance, 2020-09 to 2025-09 (Bitcoin alone, or seven coins); daily bars: Coinbase, 2020 to 2025 (ten
coins). Each study looks at a random stretch of about a year (hours) or all of it (days), in three designs:
40 single events; 25 events with all coins each (four of the ten where the coins are each other's benchmark, for all
ten cancel out); 12 bursts of four stories that share windows. Standard errors of a share of 5 % in 1,000 studies: 0.7
points, in 400 1.1.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.event_study import event_study
from analysis.study_models import leave_one_out

DRAWS = 999
HOURS_A_STUDY = 9_000
DAILY = ("BTC", "ETH", "LTC", "BCH", "LINK", "ETC", "ALGO", "DASH", "EOS", "OXT")
#: What is measured: bars, model, windows.
SETTINGS = {
    "hourly, own mean": {"model": "mean_adjusted", "estimation": 120, "gap": 6, "window": (0, 11)},
    "hourly, against BTC": {"model": "market", "estimation": 120, "gap": 6, "window": (0, 11)},
    "daily, own mean": {"model": "mean_adjusted", "estimation": 60, "gap": 3, "window": (0, 4)},
    "daily, against the others": {"model": "market", "estimation": 60, "gap": 3, "window": (0, 4)},
}
DESIGNS = ("single events", "several assets", "overlapping windows", "several assets, overlapping")


def hourly(data: Path) -> pd.DataFrame:
    bars = pd.read_parquet(data / "ohlcv_binance_1h.parquet", columns=["ts", "symbol", "close", "src"])
    bars = bars.drop_duplicates(["ts", "symbol"]).pivot(index="ts", columns="symbol", values="close")
    bars = bars["2020-09-21":"2025-09-18"].resample("1h").last()
    return np.log(bars).diff()


def daily(data: Path) -> pd.DataFrame:
    bars = pd.read_parquet(data / "ohlcv_coinbase_usd_1d_2020_2025.parquet")
    bars = bars.pivot(index="date", columns="base", values="close")
    bars.index = pd.DatetimeIndex(bars.index, tz="UTC")
    return np.log(bars[list(DAILY)].resample("1D").last()).diff()


def pseudo_events(
    rng, index: pd.Index, assets: list[str], design: str, lead: int, width: int, most: int
) -> pd.DataFrame:
    """Random bars; ``lead`` bars are kept before the first, ``width`` after the last; ``most`` assets an event."""
    first, last = lead, len(index) - 2 * width

    def several(_: int) -> list[str]:
        return assets if len(assets) <= most else list(rng.choice(assets, most, replace=False))

    def rows(bars, names) -> pd.DataFrame:
        pairs = [(n, asset, index[bar]) for n, bar in enumerate(bars) for asset in names(n)]
        return pd.DataFrame(pairs, columns=["event_id", "asset", "bar"])

    if design == "single events":
        return rows(rng.integers(first, last, 40), lambda n: [assets[n % len(assets)]] if len(assets) > 1 else assets)
    if design == "several assets":
        return rows(rng.integers(first, last, 25), several)
    bursts = rng.integers(first, last, 12)
    bars = (bursts[:, None] + rng.integers(0, max(2, width // 2), (12, 4))).ravel()
    if design == "overlapping windows":
        return rows(bars, lambda n: [assets[(n // 4) % len(assets)]])
    return rows(bars, several)


def rejections(returns, benchmark, design, settings, assets, studies, seed, most=99) -> dict[str, float]:
    """Shares of studies with p < 5 %: naive BMP and Patell, clusters' t, placebo; and clusters in a study."""
    rng = np.random.default_rng(seed)
    lead = settings["estimation"] + settings["gap"] + 1
    width = settings["window"][1] - settings["window"][0] + 1
    hits = {"naive BMP": [], "naive Patell": [], "cluster t": [], "placebo": [], "clusters": []}
    for number in range(studies):
        start = int(rng.integers(0, max(1, len(returns) - HOURS_A_STUDY)))
        part = returns.iloc[start : start + HOURS_A_STUDY]
        other = None if benchmark is None else benchmark.iloc[start : start + HOURS_A_STUDY]
        events = pseudo_events(rng, part.index, assets, design, lead, width, most)
        naive = event_study(part, other, events, **settings, cluster=False).aggregate.iloc[-1]
        ours = event_study(part, other, events, **settings, placebo=DRAWS, seed=number).headline
        hits["naive BMP"].append(naive["p_bmp_t_car"] < 0.05)
        hits["naive Patell"].append(naive["p_patell_z_car"] < 0.05)
        hits["cluster t"].append(ours.p < 0.05)
        hits["placebo"].append(ours.placebo_p < 0.05)
        hits["clusters"].append(ours.clusters)
    return {name: float(np.mean(values)) for name, values in hits.items()}


def cases(data: Path):
    """Every row of the table: name, returns, benchmark, settings, assets, design, assets an event at most."""
    hours, days = hourly(data), daily(data)
    btc = next(name for name in hours if str(name).startswith("BTC"))
    for name, settings in SETTINGS.items():
        if name == "hourly, own mean":
            returns, other = hours, None
        elif name == "hourly, against BTC":
            returns, other = hours, hours[btc]
        elif name == "daily, own mean":
            returns, other = days, None
        else:
            returns, other = days, leave_one_out(days)
        for design in DESIGNS:
            assets = [coin for coin in map(str, returns) if other is None or coin != btc]
            if other is None and not design.startswith("several"):
                assets = assets[:1]
            most = 4 if name == "daily, against the others" else 99
            yield name, returns, other, settings, assets, design, most


def main() -> None:
    data = Path(os.environ["NEWSTAPE_SHARED"]) / "data"
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print(f"{'':28}{'':30}{'naive':>8}{'naive':>8}{'cluster':>9}{'':>9}{'clusters':>10}")
    print(f"{'bars, model':28}{'design':30}{'BMP':>8}{'Patell':>8}{'t':>9}{'placebo':>9}{'a study':>10}")
    begun = time.perf_counter()
    for name, returns, other, settings, assets, design, most in cases(data):
        found = rejections(returns, other, design, settings, assets, studies, 1, most)
        bmp, patell, t, placebo, clusters = found.values()
        print(f"{name:28}{design:30}{bmp:>8.1%}{patell:>8.1%}{t:>9.1%}{placebo:>9.1%}{clusters:>10.1f}", flush=True)
    print(f"{studies:,} studies a row, {time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
