"""A whole archive of headlines taken in: stored, tagged, put into stories; then the next thousand.

    NEWSTAPE_SHARED=… make bench-archive

171,923 headlines go through ``data.ingest.take``, as an import does: validation, mentions, claims, stories and market
contexts, in one commit. Then 1,000 more, the newest of all, at three sizes of the archive. The reference, in the same
run, is pandas alone: reading the same headlines, dropping duplicates, sorting them and writing one Parquet file. Every
line is a process of its own: wall and CPU seconds (with Python's start and imports), peak resident memory.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEADLINES = "data/news_headlines_cryptopanic_2017_2026.parquet"
SIZES = (20_000, 80_000, None)
NEXT = 1_000


def rows(shared: str, first: int | None, last: int | None):
    """Headlines in the order of publication, as the articles table has them."""
    import pandas as pd

    from data.articles import article_id, with_assumed_known_at
    from data.tables import ARTICLES

    read = pd.read_parquet(Path(shared) / HEADLINES).sort_values("published_at", kind="stable")
    read = read[read["title"].str.strip() != ""]
    url = read["url"].fillna(read["aggregator_url"])
    read = read.assign(
        article_id=[article_id(u if isinstance(u, str) else None, t) for u, t in zip(url, read["title"], strict=True)],
        address=url,
    ).drop_duplicates("article_id")
    read = read.iloc[first:last]
    frame = pd.DataFrame(
        {
            "article_id": read["article_id"],
            "source": "archive",
            "publisher": read["source"].fillna("unknown"),
            "url": read["address"],
            "title": read["title"],
            "title_derived": False,
            "published_at": read["published_at"],
            "published_precision": "second",
            "first_seen_at": pd.Timestamp(datetime.now(UTC)),
            "revisions": 0,
        }
    ).reset_index(drop=True)
    return with_assumed_known_at(frame.reindex(columns=ARTICLES.names).astype(object))


def take_in(shared: str, home: str, first: int | None, last: int | None) -> dict:
    from data.ingest import Batch, new_run_id, take
    from data.lake import Lake

    now = datetime.now(UTC)
    frame = rows(shared, first, last)
    lake = Lake(home)
    lake.create()
    start, cpu = time.perf_counter(), time.process_time()
    taken = take(lake, new_run_id(now), Batch("archive", "articles", frame, now))
    return {
        "rows": taken.counts.written,
        "wall": time.perf_counter() - start,
        "cpu": time.process_time() - cpu,
        "refused": len(taken.rejects),
    }


def reference(shared: str, home: str) -> dict:
    import pandas as pd

    start, cpu = time.perf_counter(), time.process_time()
    read = pd.read_parquet(Path(shared) / HEADLINES).drop_duplicates(["published_at", "title"])
    read.sort_values("published_at").to_parquet(Path(home) / "plain.parquet")
    return {"rows": len(read), "wall": time.perf_counter() - start, "cpu": time.process_time() - cpu, "refused": 0}


def measured(what: str, *args: object) -> dict:
    done = subprocess.run(
        [sys.executable, __file__, what, *map(str, args)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def row(name: str, found: dict, against: dict) -> None:
    print(
        f"| {name} | {found['rows']:,} | {found['wall']:,.1f} | {found['cpu']:,.1f} | {found['mb']:,.0f} | "
        f"{found['wall'] / against['wall']:,.0f} × |",
        flush=True,
    )


def main() -> None:
    shared = os.environ.get("NEWSTAPE_SHARED")
    if not shared:
        sys.exit("NEWSTAPE_SHARED names the folder with the reference data.")
    print("| | rows | wall, s | CPU, s | MB | against pandas |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        plain = measured("reference", shared, folder)
        row("pandas: read, drop duplicates, sort, write", plain, plain)
        for size in SIZES:
            home = f"{folder}/{size}"
            stop = size if size else -NEXT
            row(f"taken in, {size or 'all'}", measured("take", shared, home, "", stop), plain)
            last = stop + NEXT if size else ""
            row(f"the next {NEXT:,} after that", measured("take", shared, home, stop, last), plain)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        what, shared, home, *span = sys.argv[1:]
        ends = [int(end) if end else None for end in span]
        found = take_in(shared, home, *ends) if what == "take" else reference(shared, home)
        found["mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(found))
