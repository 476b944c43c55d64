"""A refresh of twelve sources that answer after 300 ms, beside the slowest of them alone; and one with nothing new.

    make bench-refresh

The sources are asked over loopback, in a server process of its own, with the written payloads of the tests. Every
measurement is a process of its own over a lake of its own: seconds from the first question to the last row stored,
CPU seconds of the whole process and its children (Python's start and imports too), and peak resident memory. CoinLore
is not among them: it states no time, so each of its answers is a new reading.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAYLOADS = ROOT / "tests/payloads"
ANSWER_S = 0.3
FEED = "bitcoinist_feed.xml"
#: Source: what its host answers with.
SOURCES = {
    "bitcoinist": {"https://bitcoinist.com/feed/": FEED},
    "coindesk": {"https://www.coindesk.com/arc/outboundfeeds/rss": FEED},
    "cointelegraph": {"https://cointelegraph.com/rss": FEED},
    "decrypt": {"https://decrypt.co/feed": FEED},
    "theblock": {"https://www.theblock.co/rss.xml": FEED},
    "bitcoin-magazine": {"https://bitcoinmagazine.com/feed": FEED},
    "coingecko": {"https://api.coingecko.com/api/v3/global": "coingecko_global.json"},
    "coinpaprika": {"https://api.coinpaprika.com/v1/global": "coinpaprika_global.json"},
    "coinmetrics": {"https://community-api.coinmetrics.io/v4/timeseries/asset-metrics": "coinmetrics_caps.json"},
    "fear-and-greed": {"https://api.alternative.me/fng/": "alternative_me_fng.json"},
    "kraken-btc-usd": {
        "https://api.kraken.com/0/public/AssetPairs": "kraken_assetpairs.json",
        "https://api.kraken.com/0/public/OHLC": "kraken_ohlc.json",
    },
    "coinbase-btc-usd": {
        "https://api.coinbase.com/api/v3/brokerage/market/products": "coinbase_products.json",
        "https://api.coinbase.com/api/v3/brokerage/market/products/BTC-USD/candles": "hours",
    },
}


def coinbase_hours(query: dict[str, str]) -> bytes:
    """Every hour that is asked for: 30 days are three pages of at most 300."""
    first, last = int(query["start"]), int(query["end"])
    bar = {"low": "84000", "high": "84200", "open": "84100", "close": "84150", "volume": "1.5"}
    return json.dumps({"candles": [{"start": str(at), **bar} for at in range(first, last + 1, 3600)]}).encode()


def body_of(name: str, payload: str) -> bytes:
    """A payload, a feed with addresses of its own; without the next page that one of them names."""
    body = (PAYLOADS / payload).read_bytes().replace(b"https://bitcoinist.com", f"https://{name}.example".encode())
    return body.replace(b'"next_page_', b'"no_next_page_')


def serve() -> None:
    """Answer until standard input closes; the base URL goes to standard output."""
    sys.path.insert(0, str(ROOT / "tests"))
    from replay import Answer, Replay

    replay = Replay()
    for name, answers in SOURCES.items():
        for url, payload in answers.items():
            replay.serve(
                url, Answer(coinbase_hours if payload == "hours" else body_of(name, payload), after_s=ANSWER_S)
            )
    print(replay.base_url, flush=True)
    sys.stdin.read()
    replay.close()


def measure(home: str, base_url: str, names: list[str]) -> None:
    """One refresh in this process; its figures go to standard output."""
    import threading

    from dashboard.progress import sources_of, watched_refresh
    from data.lake import Lake

    lake, jobs = Lake(home), sources_of(names)
    commits = sum(lake.pin().versions.values())
    started = time.perf_counter()
    taken = watched_refresh(lake, jobs, None, base_url, threading.Event())
    wall_s = time.perf_counter() - started
    if failed := [one for one in taken if one.error]:
        raise SystemExit(f"{failed[0].source}: {failed[0].error}")
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(
        json.dumps(
            {
                "wall_s": wall_s,
                "cpu_s": sum(u.ru_utime + u.ru_stime for u in used),
                "mb": max(u.ru_maxrss for u in used) / 1024,
                "new": sum(one.counts.new for one in taken),
                "commits": sum(lake.pin().versions.values()) - commits,
            }
        )
    )


def run(home: Path, base_url: str, names: list[str]) -> dict:
    done = subprocess.run(
        [sys.executable, __file__, "measure", str(home), base_url, *names],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def lake(folder: Path, name: str) -> Path:
    from data.lake import Lake

    Lake(str(folder / name)).create()
    return folder / name


def main() -> None:
    sys.path.insert(0, str(ROOT))
    server = subprocess.Popen(
        [sys.executable, __file__, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    base_url = server.stdout.readline().strip()
    try:
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            alone = {name: run(lake(folder, name), base_url, [name]) for name in SOURCES}
            slowest = max(alone, key=lambda name: alone[name]["wall_s"])
            together = lake(folder, "together")
            all_new = run(together, base_url, list(SOURCES))
            nothing_new = run(together, base_url, list(SOURCES))
    finally:
        server.stdin.close()
        server.wait(10)
    print(f"{'':28} {'wall, s':>8} {'CPU, s':>8} {'MB':>6} {'new rows':>9} {'commits':>8}")
    for name, got in {
        f"slowest alone: {slowest}": alone[slowest],
        "one after the other": {
            key: (max if key == "mb" else sum)(one[key] for one in alone.values()) for key in all_new
        },
        "twelve together": all_new,
        "again, nothing new": nothing_new,
    }.items():
        print(f"{name:28} {got['wall_s']:8.2f} {got['cpu_s']:8.2f} {got['mb']:6.0f} {got['new']:9} {got['commits']:8}")
    print(f"together / slowest alone: {all_new['wall_s'] / alone[slowest]['wall_s']:.2f} (goal: at most 1.5)")
    print(
        f"nothing new: {nothing_new['cpu_s']:.2f} s of CPU (goal: under 3), {nothing_new['commits']} commits (goal: 0)"
    )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve"]:
            serve()
        case ["measure", home, base_url, *names]:
            measure(home, base_url, names)
        case _:
            main()
