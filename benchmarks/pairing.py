"""Pairing news with 2.58 million real minute bars, beside ``pandas.merge_asof`` that makes the same columns.

    NEWSTAPE_SHARED=… python benchmarks/pairing.py

Both are warm: bars, caps and items lie in memory as each likes them best, sorted, with the volatility of every minute
worked out beforehand. For ``pair`` that is the grid it builds at the first call with a frame of candles and keeps
as long as the frame lives; that first call is a line of its own. The last column is the reference from the bars as
they lie there, so with close times and volatility worked out in the call: what ``pair`` does at its first. The
reference joins seven times on a sorted frame (six prices, the volatility; caps are the eighth), with the same limit
of staleness, and takes the same logarithms.

Items are at seeded random microseconds, in order (an unsorted line follows: the reference then sorts and puts back).
The two take turns. MB are of a process that does the one alone (Linux).
"""

from __future__ import annotations

import gc
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

FILES = (
    "btcusdt_binance_1m_2021_2022.parquet",
    "btcusdt_binance_1m_2023_2024h1.parquet",
    "btcusdt_binance_1m_2024h2_2025.parquet",
)
CAPS = "total_marketcap_coingecko_1d_2013_2025.csv.gz"
HOURS = {"m24h": -24, "m1h": -1, "p1h": 1, "p24h": 24, "p7d": 168}
WINDOW = 30 * 1440
SIZES = (10_000, 100_000, 1_000_000)
REPEATS = {10_000: 41, 100_000: 15, 1_000_000: 9}
GOALS = {10_000: 50, 1_000_000: 3}


def read(data: Path):
    import pandas as pd

    bars = pd.concat([pd.read_parquet(data / name, columns=["ts", "close"]) for name in FILES], ignore_index=True)
    bars = bars.rename(columns={"ts": "open_time"}).astype({"open_time": "datetime64[us, UTC]"})
    caps = pd.read_csv(data / CAPS, parse_dates=["ts"])[["ts", "total_market_cap_usd"]]
    caps.columns = ["period_end", "market_cap_usd"]
    caps = caps.assign(definition="all-coins").astype({"period_end": "datetime64[us, UTC]"})
    return bars, caps.drop_duplicates("period_end")


def items(bars, count: int, ordered: bool = True):
    import numpy as np
    import pandas as pd

    first, last = bars["open_time"].iloc[[0, -1]].astype("int64")
    at = np.random.default_rng(0).integers(first, last + 120_000_000, count)
    at = np.sort(at) if ordered else at
    names = pd.array([f"item-{n:07d}" for n in range(count)], dtype="str")
    return pd.DataFrame({"item_id": names, "published_at": pd.to_datetime(at, unit="us", utc=True)})


class MergeAsof:
    """The same columns by ``pandas.merge_asof``, from frames that are made ready here."""

    def __init__(self, bars, caps) -> None:
        import numpy as np
        import pandas as pd

        self.closes = pd.DataFrame({"at": bars["open_time"] + pd.Timedelta(minutes=1), "close": bars["close"]})
        minutes = pd.date_range(self.closes["at"].iloc[0], self.closes["at"].iloc[-1], freq="min", unit="us")
        close = self.closes.set_index("at")["close"].reindex(minutes)
        deviation = np.log(close).diff().rolling(WINDOW, min_periods=WINDOW // 2).std() * np.sqrt(60)
        self.volatility = pd.DataFrame({"at": minutes, "volatility_1h": deviation.to_numpy()})
        self.caps = caps.rename(columns={"period_end": "at"})[["at", "market_cap_usd"]].sort_values("at")
        self.span = minutes[0], minutes[-1]

    def pair(self, items, ordered: bool):
        import numpy as np
        import pandas as pd

        given = items
        if not ordered:
            items = items.sort_values("published_at", kind="stable")
        published = items["published_at"]

        def joined(right, column: str, hours: int = 0, tolerance=None):
            left = pd.DataFrame({"at": published + pd.Timedelta(hours=hours)})
            return pd.merge_asof(left, right, on="at", tolerance=tolerance)[column].to_numpy()

        within = pd.Timedelta(microseconds=59_999_999)
        price = joined(self.closes, "close", tolerance=within)
        out = {"item_id": items["item_id"], "price_usd": price}
        out["market_cap_usd"] = joined(self.caps, "market_cap_usd")
        complete = np.isfinite(price)
        for name, hours in HOURS.items():
            other = joined(self.closes, "close", hours, within)
            out[f"log_return_{name}"] = np.log(other / price) if hours > 0 else np.log(price / other)
            complete &= np.isfinite(other)
        out["volatility_1h"] = joined(self.volatility, "volatility_1h", -24)
        for name, hours in HOURS.items():
            out[f"sigma_{name}"] = out[f"log_return_{name}"] / (out["volatility_1h"] * np.sqrt(abs(hours)))
        inside = (published - pd.Timedelta(days=1) >= self.span[0]) & (
            published + pd.Timedelta(days=7) < self.span[1] + pd.Timedelta(minutes=1)
        )
        codes = np.where(complete, 0, np.where(inside, 2, 1))
        out["outcome"] = pd.Categorical.from_codes(codes, ["used", "out_of_span", "gaps"])
        found = pd.DataFrame(out, index=items.index)
        return found if ordered else found.reindex(given.index)


def equal(ours, theirs) -> str:
    """Raises AssertionError where the two differ; else says how equal they are."""
    import numpy as np

    for column in ours.columns:
        mine, other = ours[column].to_numpy(), theirs[column].to_numpy()
        if column.startswith(("sigma", "volatility")):  # pandas' rolling deviation rounds otherwise
            np.testing.assert_allclose(mine, other, rtol=1e-6, err_msg=column)
        else:
            np.testing.assert_array_equal(mine, other, err_msg=column)
    used = (ours["outcome"] == "used").mean()
    return f"prices, caps, returns and outcomes to the last bit, sigmas to 1e-6; {used:.1%} used"


def _ms(call) -> tuple[float, object]:
    started = time.perf_counter()
    found = call()
    return 1000 * (time.perf_counter() - started), found


def speed(data: Path) -> None:
    from analysis.pairing import Grid, pair

    bars, caps = read(data)
    reference = MergeAsof(bars, caps)
    first = items(bars, SIZES[0])
    cold = [_ms(lambda: Grid(bars, 60))[0] for _ in range(5)]
    called = _ms(lambda: pair(first, bars, caps, interval_s=60))[0]
    print(f"{len(bars):,} minute bars, {len(caps):,} daily caps; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    grid = f"cold: building the grid {statistics.median(cold):,.0f} ms, first call with {SIZES[0]:,} items"
    print(f"{grid} {called:,.0f} ms\n")
    head = f"{'pair ms':>9} {'merge_asof ms':>14} {'ratio':>8}"
    print(f"{'':22} {'median of the repeats':^33}   {'best of them':^33}")
    print(f"{'items':>22} {head}   {head}   goal {'not made ready':>16} {'ratio':>8}")
    for size, ordered in ((10_000, True), (100_000, True), (1_000_000, True), (10_000, False), (1_000_000, False)):
        news = items(bars, size, ordered)
        mine, other = [], []
        for _ in range(REPEATS[size]):
            spent, ours = _ms(lambda news=news: pair(news, bars, caps, interval_s=60))
            mine.append(spent)
            spent, theirs = _ms(lambda news=news, ordered=ordered: reference.pair(news, ordered))
            other.append(spent)
        told = equal(ours, theirs)
        (a, b), (best, others) = map(statistics.median, (mine, other)), map(min, (mine, other))
        name = f"{size:,}{'' if ordered else ' unsorted'}"
        raw = min(
            _ms(lambda news=news, ordered=ordered: MergeAsof(bars, caps).pair(news, ordered))[0] for _ in range(3)
        )
        print(
            f"{name:>22} {a:9.2f} {b:14.1f} {b / a:7.1f}×   {best:9.2f} {others:14.1f} {others / best:7.1f}× "
            f"{GOALS.get(size, ''):>6} {raw:16,.0f} {raw / best:7.1f}×",
            flush=True,
        )
    print(f"\nequal: {told}")


def memory(data: Path, who: str) -> dict:
    """How far the one raises the memory of a process that holds bars, caps and items: made ready, and at its peak."""
    from analysis.pairing import pair

    bars, caps = read(data)
    news = items(bars, SIZES[-1])
    held = _peak()
    if who == "pair":
        pair(news[:1], bars, caps, interval_s=60)
    else:
        reference = MergeAsof(bars, caps)
    ready = _peak()
    _ = pair(news, bars, caps, interval_s=60) if who == "pair" else reference.pair(news, True)
    return {"held": held, "ready": ready - held, "peak": _peak(reset=False) - held}


def _peak(*, reset: bool = True) -> float:
    """Resident MB: now, from here on the peak begins anew; or the peak since then."""
    if reset:
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5")
    name = "VmRSS" if reset else "VmHWM"
    return int(Path("/proc/self/status").read_text().split(f"{name}:")[1].split()[0]) / 1024


def main(data: Path) -> None:
    speed(data)
    print(f"\n{SIZES[-1]:,} items, MB above bars and items: {'made ready':>12} {'at its peak':>12}")
    for who in ("pair", "merge_asof"):
        done = subprocess.run([sys.executable, __file__, who], check=True, capture_output=True, text=True)
        found = json.loads(done.stdout)
        print(f"{who:>41} {found['ready']:12,.0f} {found['peak']:12,.0f}")


if __name__ == "__main__":
    named = os.environ.get("NEWSTAPE_SHARED")
    if not named or not (Path(named) / "data" / FILES[0]).exists():
        raise SystemExit("NEWSTAPE_SHARED must name the folder of reference data that holds data/btcusdt_binance_1m_*.")
    folder = Path(named) / "data"
    if len(sys.argv) == 2:
        print(json.dumps(memory(folder, sys.argv[1])))
    else:
        main(folder)
