"""Build a lake from 2.58 million real minute bars and read chart windows, beside plain pandas.

    NEWSTAPE_SHARED=… make bench

Each figure is measured in a process of its own: milliseconds (median of the repeats, after one warm-up) and
the peak resident memory of that process. The reference, in the same run, is what one would write without a
lake: ``pandas.read_parquet`` of the same three files, cut to the window and resampled to at most 2,000 bars.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

FILES = (
    "btcusdt_binance_1m_2021_2022.parquet",
    "btcusdt_binance_1m_2023_2024h1.parquet",
    "btcusdt_binance_1m_2024h2_2025.parquet",
)
WINDOWS = {
    "1 day": ("2025-03-28", "2025-03-29"),
    "1 month": ("2025-03-01", "2025-04-01"),
    "1 year": ("2024-06-01", "2025-06-01"),
    "all": ("2021-01-01", "2025-12-01"),
}
REPEATS = 7
MAX_BARS = 2000


def build(folder: Path, home: str) -> dict:
    import pandas as pd

    from data.candles import merge_candles, with_span
    from data.lake import Lake
    from data.tables import CANDLES
    from data.validate import validate

    lake = Lake(home)
    started = time.perf_counter()
    rows, steps = 0, {"read": 0.0, "validate": 0.0, "merge": 0.0}
    for name in FILES:
        at = time.perf_counter()
        frame = pd.read_parquet(folder / "data" / name).rename(columns={"ts": "open_time"})
        frame = with_span(frame.assign(source="binance", symbol="BTC/USDT", interval="1m"))
        steps["read"] += time.perf_counter() - at
        at = time.perf_counter()
        valid = validate(frame, CANDLES)
        if valid.rejects:
            raise SystemExit(f"{name}: {len(valid.rejects)} rows rejected, the first: {valid.rejects[0]}")
        steps["validate"] += time.perf_counter() - at
        at = time.perf_counter()
        with lake.writing():
            rows += merge_candles(lake, valid.rows).new
        steps["merge"] += time.perf_counter() - at
    return {"ms": 1000 * (time.perf_counter() - started), "rows": rows, **{step: 1000 * s for step, s in steps.items()}}


def lake_window(home: str, start: str, end: str) -> dict:
    from data.lake import Lake
    from data.markets import price_window

    return _timed(lambda: price_window(Lake(home).pin(), "BTC", _utc(start), _utc(end)).bars)


def pandas_build(folder: Path, target: str) -> dict:
    """The reference for building: read, sort, drop duplicates, write one Parquet file."""
    import pandas as pd

    started = time.perf_counter()
    frame = pd.concat([pd.read_parquet(folder / "data" / name) for name in FILES])
    frame.sort_values("ts").drop_duplicates("ts").to_parquet(f"{target}/plain.parquet")
    return {"ms": 1000 * (time.perf_counter() - started), "rows": len(frame)}


def pandas_window(folder: Path, start: str, end: str) -> dict:
    import pandas as pd

    def read() -> pd.DataFrame:
        frame = pd.concat([pd.read_parquet(folder / "data" / name) for name in FILES])
        frame = frame[(frame["ts"] >= start) & (frame["ts"] < end)]
        minutes = -(-len(frame) // MAX_BARS)
        return frame.resample(f"{minutes}min", on="ts").agg(
            {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
        )

    return _timed(read)


def _timed(read) -> dict:
    read()
    spent = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        bars = read()
        spent.append(1000 * (time.perf_counter() - started))
    return {"ms": statistics.median(spent), "worst": max(spent), "bars": len(bars)}


def _utc(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def _alone(*arguments: str) -> dict:
    """Run one measurement in a new process; add its peak memory."""
    done = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def main() -> None:
    named = os.environ.get("NEWSTAPE_SHARED")
    if not named or not (Path(named) / "data" / FILES[0]).exists():
        raise SystemExit("NEWSTAPE_SHARED must name the folder of reference data that holds data/btcusdt_binance_1m_*.")
    target = tempfile.mkdtemp(prefix="newstape-bench-")
    try:
        print("Building from minute bars (lake: validated, merged, with 5m, 1h and 1d bars)")
        built, plain = _alone("build", named, f"{target}/lake"), _alone("pandas-build", named, target)
        print(
            f"  lake    {built['ms']:8,.0f} ms  {built['mb']:6,.0f} MB  {built['rows']:,} rows  (validate "
            f"{built['validate']:,.0f}, merge and pyramid {built['merge']:,.0f})"
        )
        print(f"  pandas  {plain['ms']:8,.0f} ms  {plain['mb']:6,.0f} MB  {plain['rows']:,} rows, one file")
        print(f"  ratio   {built['ms'] / plain['ms']:8.1f} ×\n")
        print(
            f"{'window':8} {'lake ms':>9} {'worst':>7} {'bars':>6} {'MB':>6}   {'pandas ms':>9} {'MB':>6}   "
            f"{'pandas / lake':>13}"
        )
        for name, (start, end) in WINDOWS.items():
            ours = _alone("lake", f"{target}/lake", start, end)
            theirs = _alone("pandas", named, start, end)
            print(
                f"{name:8} {ours['ms']:9.1f} {ours['worst']:7.1f} {ours['bars']:6,} {ours['mb']:6,.0f}   "
                f"{theirs['ms']:9.1f} {theirs['mb']:6,.0f}   {theirs['ms'] / ours['ms']:11.1f} ×"
            )
    finally:
        shutil.rmtree(target)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["build", folder, home]:
            result = build(Path(folder), home)
        case ["lake", home, start, end]:
            result = lake_window(home, start, end)
        case ["pandas-build", folder, target]:
            result = pandas_build(Path(folder), target)
        case ["pandas", folder, start, end]:
            result = pandas_window(Path(folder), start, end)
        case _:
            main()
            sys.exit()
    print(json.dumps(result | {"mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
