"""What the Timeline page asks of the lake when its range changes, at real size.

    NEWSTAPE_SHARED=… python benchmarks/windows_server.py

The lakes are built once into ``$NEWSTAPE_BENCH`` (else a folder in the system's temporary one) and used again: some
6 minutes and 2 GB. They hold 4.35 million minute bars (2.58 million real ones from 2021 on; the older ones are
**synthetic**, drawn between real hourly closes), daily caps of 125 assets (**synthetic** but for the totals and BTC),
and 170,847 distinct real headlines with their stories, then 200,000 and 1,000,000 articles: the further ones are
**synthetic**, the real stories again under other ids, moved by up to a month.

A range change is what ``data.reading.Reading`` answers: the bars, the totals' caps, the marks and bins of the news
lanes, and 500 rows of the story table. What is made once a version of the tables (the story index, the contexts beside
it, the series of caps) is warm and stands on a line of its own, and so is the first reading of a block of bars: every
range is asked for once before it is measured elsewhere. The reference, in the same run, is the same by SQL over the
tables: candles at the width drawn, caps, and the range's stories with their contexts.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "benchmarks"))

SIZES = (200_000, 1_000_000)
MINUTES = (
    "btcusdt_binance_1m_2021_2022.parquet",
    "btcusdt_binance_1m_2023_2024h1.parquet",
    "btcusdt_binance_1m_2024h2_2025.parquet",
)
ASSETS = 125
#: A copy of the real stories is moved by up to this much.
MOVED_DAYS = 30


# ── the lakes ─────────────────────────────────────────────────────────────────────────────────────────


def lakes() -> dict[int, str]:
    """Every lake by its number of articles, built where it is not there yet."""
    shared = os.environ.get("NEWSTAPE_SHARED")
    if not shared:
        sys.exit("NEWSTAPE_SHARED names the folder with the reference data.")
    scratch = Path(os.environ.get("NEWSTAPE_BENCH") or Path(tempfile.gettempdir()) / "newstape-bench")
    real = scratch / "real"
    _once(real, lambda home: _real(Path(shared) / "data", shared, home))
    homes = {}
    for size in SIZES:
        homes[size] = scratch / f"{size}"
        _once(homes[size], lambda home, size=size: _multiplied(real, home, size))
    return {size: str(home) for size, home in homes.items()}


def _once(home: Path, build) -> None:
    """Build a lake under another name, so that one that was broken off is not taken for whole."""
    if home.exists():
        return
    started, unfinished = time.perf_counter(), home.with_name(f"{home.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    build(unfinished)
    unfinished.rename(home)
    print(f"built {home} in {time.perf_counter() - started:,.0f} s", flush=True)


def _real(data: Path, shared: str, home: Path) -> None:
    from archive import take_in

    from data.candles import merge_candles
    from data.lake import Lake

    lake = Lake(str(home))
    with lake.writing():
        for bars in (_older(data), *(_minutes(data / name) for name in MINUTES)):
            merge_candles(lake, bars)
        lake.merge("market_caps", _caps(data))
    take_in(shared, str(home), None, None)


def _minutes(file: Path):
    import pandas as pd

    return _candles(pd.read_parquet(file).rename(columns={"ts": "open_time"}))


def _older(data: Path):
    """Synthetic minutes before 2021: straight from one real hourly close to the next, with a seeded noise of 3 bp."""
    import numpy as np
    import pandas as pd

    hours = pd.read_parquet(data / "ohlcv_binance_1h.parquet", filters=[("symbol", "==", "BTCUSDT")])
    hours = hours[hours["ts"] < "2021-01-01"].drop_duplicates("ts").sort_values("ts")
    closed = hours["ts"].astype("datetime64[us, UTC]") + pd.Timedelta(hours=1)
    opens = pd.date_range(closed.iloc[0], pd.Timestamp("2021-01-01", tz="UTC"), freq="min", inclusive="left", unit="us")
    random = np.random.default_rng(0)
    closes = np.interp(opens.asi8, closed.astype("int64"), hours["close"]) * np.exp(random.normal(0, 3e-4, len(opens)))
    opened = np.concatenate([closes[:1], closes[:-1]])
    frame = pd.DataFrame(
        {"open_time": opens, "open": opened, "close": closes, "volume": random.exponential(30, len(opens))}
    )
    frame["high"], frame["low"] = np.maximum(opened, closes) * 1.0002, np.minimum(opened, closes) * 0.9998
    return _candles(frame)


def _candles(frame):
    import pyarrow as pa

    from data.candles import with_span
    from data.tables import CANDLES

    series = {"source": "binance", "symbol": "BTC/USDT", "interval": "1m", "derived_from": None}
    frame = with_span(frame.assign(**series, open_time=frame["open_time"].astype("datetime64[us, UTC]")))
    return pa.Table.from_pandas(frame[CANDLES.names], schema=CANDLES.schema, preserve_index=False)


def _caps(data: Path):
    """CoinGecko's total and BTC as they are; another total and further assets as seeded shares of it."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from data.tables import MARKET_CAPS

    total = pd.read_csv(data / "total_marketcap_coingecko_1d_2013_2025.csv.gz", parse_dates=["ts"])
    total = (
        total.set_index(total["ts"].dt.floor("D").dt.tz_convert("UTC"))["total_market_cap_usd"].groupby(level=0).last()
    )
    coins = pd.read_csv(data / "marketcaps_coingecko_5coins_1d.csv.gz", parse_dates=["ts"])
    btc = coins[(coins["coin_id"] == "bitcoin") & (coins["market_cap_usd"] > 0)]
    btc = btc.set_index(btc["ts"].dt.floor("D"))["market_cap_usd"].groupby(level=0).last()
    random = np.random.default_rng(0)
    series = {("coingecko", "all-coins", "TOTAL"): total, ("synthetic", "top-125", "TOTAL"): total / 1.0514}
    series |= {("coingecko", "asset", "BTC"): btc}
    for n in range(1, ASSETS):
        share = 0.2 / n * np.exp(np.cumsum(random.normal(0, 0.01, len(total))))
        series["synthetic", "asset", "ETH" if n == 1 else f"A{n:03}"] = total * share
    frame = pd.concat(
        pd.DataFrame({"source": source, "definition": definition, "asset": asset, "market_cap_usd": caps})
        for (source, definition, asset), caps in series.items()
    ).rename_axis("period_end")
    frame = frame.reset_index().assign(resolution_s=86_400)
    frame["period_end"] = frame["available_at"] = frame["period_end"].astype("datetime64[us, UTC]")
    frame = frame.reindex(columns=MARKET_CAPS.names)
    return pa.Table.from_pandas(frame, schema=MARKET_CAPS.schema, preserve_index=False)


def _multiplied(real: Path, home: Path, articles: int) -> None:
    """The real lake with its stories copied, under other ids and at other times, until it holds so many articles."""
    from deltalake import write_deltalake

    from data.lake import Lake
    from data.snapshot import open_table

    shutil.copytree(real, home)
    lake = Lake(str(home))
    with lake.writing():
        tables = {
            name: open_table(str(home), name).to_pyarrow_table()
            for name in ("stories", "story_members", "articles", "mentions", "contexts")
        }
        left, copy = articles - tables["articles"].num_rows, 0
        while left > 0:
            copy += 1
            copied = _copied({name: table.to_pandas() for name, table in tables.items()}, copy, left)
            left -= len(copied["articles"])
            for name, frame in copied.items():
                rows = _rows(name, frame)
                write_deltalake(open_table(str(home), name), rows, mode="append")


def _copied(tables: dict, copy: int, most: int) -> dict:
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(copy)
    stories, members = tables["stories"], tables["story_members"]
    stories = stories[stories["merged_into"].isna()]
    sizes = members["story_id"].value_counts().reindex(stories["story_id"], fill_value=0)
    stories = stories[(sizes.cumsum() <= most).to_numpy()]
    shifts = pd.Series(
        pd.to_timedelta(random.integers(-MOVED_DAYS * 86_400, MOVED_DAYS * 86_400, len(stories)), unit="s"),
        stories["story_id"].to_numpy(),
    )
    members = members[members["story_id"].isin(stories["story_id"])]
    of_article = members.set_index("article_id")["story_id"].map(shifts)
    copied = {"stories": stories, "story_members": members}
    for name in ("articles", "mentions", "contexts"):
        key = "story_id" if name == "contexts" else "article_id"
        copied[name] = tables[name][tables[name][key].isin(shifts.index if name == "contexts" else of_article.index)]
    for name, frame in copied.items():
        by_article = name in ("articles", "mentions")
        shift = frame["article_id"].map(of_article) if by_article else frame["story_id"].map(shifts)
        moved = {
            column: frame[column] + shift.to_numpy()
            for column in frame.columns[frame.dtypes.astype(str).str.startswith("datetime")]
        }
        ids = {c: f"s{copy}-" + frame[c] for c in ("story_id", "article_id", "first_article_id") if c in frame}
        titles = {"title": f"(synthetic {copy}) " + frame["title"]} if "title" in frame else {}
        copied[name] = frame.assign(**moved, **ids, **titles)
    return copied


def _rows(name: str, frame):
    import pyarrow as pa

    from data.tables import TABLES

    table = TABLES[name]
    rows = pa.Table.from_pandas(frame[table.names], schema=table.schema, preserve_index=False)
    return rows.sort_by([(column, "ascending") for column in table.key])


# ── range changes ─────────────────────────────────────────────────────────────────────────────────────

#: Days that a range is long, and the days its end lies between.
RANGES = {
    "1D": (1, "2021-06-01", "2025-08-01"),
    "1W": (7, "2021-06-01", "2025-08-01"),
    "1M": (30, "2021-06-01", "2025-08-01"),
    "3M": (91, "2021-06-01", "2025-08-01"),
    "1Y": (365, "2021-06-01", "2025-08-01"),
    "5Y": (1826, "2023-06-01", "2025-08-01"),
    "All": (3060, "2026-01-05", "2026-02-05"),
}
REPEATS = 40
REPEATS_REFERENCE = 1
ROWS = 500
PARTS = ("prices", "totals", "marks", "rows")


def changes(home: str) -> dict:
    """Every range so often, each time elsewhere, the ranges taking turns: milliseconds of each part."""
    import numpy as np
    import pandas as pd

    from data import bar_blocks, queries
    from data.lake import Lake
    from data.markets import markets, price_window
    from data.reading import Reading
    from data.view import View

    at = Lake(home).pin()
    of = Reading(at)
    warm = {"MB before": _resident()}
    started = time.perf_counter()
    warm["stories"] = len(of.index.shown)
    warm |= {"index s": time.perf_counter() - started, "index MB": _resident() - warm["MB before"]}
    started, before = time.perf_counter(), _resident()
    of.contexts("BTC")
    warm |= {"contexts s": time.perf_counter() - started, "contexts MB": _resident() - before}

    def change(start, end, **asked: object) -> list[float]:
        view = View(start, end, **asked)
        clock = [time.perf_counter()]
        prices = price_window(at, view.asset, view.start, view.end, view.known_at)  # not as remembered from before
        clock.append(time.perf_counter())
        of.totals(view)
        clock.append(time.perf_counter())
        found = of.marks(view)
        clock.append(time.perf_counter())
        of.rows(view, count=ROWS)
        clock.append(time.perf_counter())
        drawn.append((found.shown, len(found.bin_count), found.total, len(prices.bars)))
        return [1000 * (b - a) for a, b in itertools.pairwise(clock)]

    drawn: list[tuple[int, ...]] = []
    random = np.random.default_rng(0)
    spans = {name: _spans(random, *how) for name, how in RANGES.items()}
    others = {
        "All, lanes by asset": {"lanes": "asset"},
        "All, search 'etf'": {"search": "etf"},
        "All, one topic": {"topics": ("hack",)},
        "All, clock of 2024": {"known_at": pd.Timestamp("2024-03-01", tz="UTC")},
    }
    asked = {**{name: {} for name in RANGES}, **others}
    spent = {name: [] for name in asked}
    told = {}
    first = []
    for n in range(REPEATS):  # blocks of bars and code are read once
        for name, more in asked.items():
            if n == 0 or name in RANGES:
                first.append(change(*spans[name.split(",")[0]][n], **more)[0])
                told[name] = drawn[-1]
    warm |= {"block ms": max(first), "blocks MB": bar_blocks._BLOCKS.held / 1e6}
    for n in range(REPEATS):
        for name, more in asked.items():
            spent[name].append(change(*spans[name.split(",")[0]][n], **more))
    before = _resident()
    reference = {name: [] for name in RANGES}
    for n in range(REPEATS_REFERENCE):
        for name in RANGES:
            started, (start, end) = time.perf_counter(), spans[name][n]
            queries.price_series(at, markets("BTC"), of.prices(View(start, end)).interval, start, end)
            queries.cap_series(at, "TOTAL", start, end)
            queries.stories(at, start, end, asset="BTC")
            reference[name].append(1000 * (time.perf_counter() - started))
    return {"warm": warm, "spent": spent, "told": told, "reference": reference, "MB": before}


def _spans(random, days: int, first: str, last: str) -> list[tuple]:
    import pandas as pd

    low, high = pd.Timestamp(first, tz="UTC"), pd.Timestamp(last, tz="UTC")
    ends = [low + (high - low) * share for share in random.random(REPEATS)]
    return [(end.floor("s") - pd.Timedelta(days=days), end.floor("s")) for end in ends]


def _resident() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _printed(size: int, found: dict) -> None:
    warm = found["warm"]
    print(
        f"\n{size:,} articles, {warm['stories']:,} rows of stories; load {os.getloadavg()[0]:.1f}\n"
        f"once a version of the tables: index {warm['index s']:.1f} s, {warm['index MB']:,.0f} MB; contexts "
        f"{warm['contexts s']:.1f} s, {warm['contexts MB']:,.0f} MB; blocks of bars {warm['blocks MB']:,.0f} MB, "
        f"the first reading of a range at most {warm['block ms']:,.0f} ms; resident at the end {found['MB']:,.0f} MB\n"
    )
    heads = "".join(f"{part:>9}" for part in PARTS)
    print(f"{'p50, ms':20}{heads}{'all':>8}{'p95':>8}   {'by SQL':>15} {'ratio':>7}   bars; marks + bins of stories")
    for name, runs in found["spent"].items():
        parts = [statistics.median(part) for part in zip(*runs, strict=True)]
        sums = [sum(run) for run in runs]
        p50, p95 = statistics.median(sums), statistics.quantiles(sums, n=20)[-1]
        shown, bins, total, bars = found["told"][name]
        other = statistics.median(found["reference"][name]) if name in found["reference"] else None
        against = f"{other:15,.0f} {other / p50:6.0f}×" if other else f"{'':15} {'':7}"
        cells = "".join(f"{part:9.1f}" for part in parts)
        print(f"{name:20}{cells}{p50:8.1f}{p95:8.1f}   {against}   {bars:,}; {shown:,} + {bins:,} of {total:,}")
    p50 = {name: statistics.median(map(sum, found["spent"][name])) for name in RANGES}
    print(f"All / 1D: {p50['All'] / p50['1D']:.2f} × (goal: 2); highest p95 goal: 60 ms")


def main() -> None:
    for size, home in lakes().items():
        done = subprocess.run([sys.executable, __file__, home], check=True, stdout=subprocess.PIPE, text=True)
        _printed(size, json.loads(done.stdout))


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print(json.dumps(changes(sys.argv[1])))
    else:
        main()
