"""Read the claims of real news: how many are right, how they check, how fast they are read.

    NEWSTAPE_SHARED=… python benchmarks/claims.py [labels] [press] [totals] [speed]

1. ``labels``: precision and recall a quantity on labelled sentences (``benchmarks/labels.md``), first by the grammar
   alone, then with the model. The judge's part of the third set and the unread half of the later one had no part in
   making either; whoever reads them takes away their use. Texts are looked up by URL in the full-text archive and read
   whole; what is read within a labelled sentence counts. A claim is right where quantity, asset, value and modality
   agree; comparator and horizon are told apart, of the right ones.
2. ``press``: the same of seven sets of sentences in the manner of newsrooms, each of a writer who knew the
   specification alone. The reader was mended by the first five; the last two were measured before anybody read them.
3. ``totals``: the archive's sentences about the total market cap, checked against CoinGecko's figure of that hour;
   TradingView recorded none of that time.
4. ``speed``: all full texts of 800 characters and more on one core, beside one bare ``re`` scan for figures in the
   same run, with the peak resident memory of the process.
"""

from __future__ import annotations

import os
import re
import resource
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from zlib import crc32

import pandas as pd

from analysis.checks import Stated, check
from analysis.claims import CERTAIN, Claim, extract_claims

TEXTS = "news_fulltext_2025-05_2025-08.parquet"
TOTALS = "claims_total_marketcap_2025-05_2025-08.csv.gz"
LABELS = Path(__file__).with_name("claims_labels.csv")
LATER = Path(__file__).with_name("claims_labels_later.csv")
THIRD = Path(__file__).with_name("claims_labels_third.csv.gz")
PRESS = Path(__file__).with_name("claims_press.jsonl.gz")
SHORTEST = 800
BARE = re.compile(r"\$ ?\d[\d.,]*|\d[\d.,]*%")


def labels(folder: Path) -> None:
    read = {"keep_default_na": False, "na_values": [""], "dtype": {"asset": str, "horizon": str}}
    later, third = pd.read_csv(LATER, **read), pd.read_csv(THIRD, **read)
    seen = later["url"].map(lambda url: crc32(url.encode()) % 2 == 0)
    judge = third[third["part"] == "judge"]
    sets = {
        "what the grammar grew on": pd.read_csv(LABELS, **read),
        "drawn later, the half that was read": later[seen],
        "drawn later, the half that was not": later[~seen],
        "the third set's judge": judge,
        "… without its doubtful sentences": judge[judge["doubt"] == 0],
    }
    texts = pd.read_parquet(folder / TEXTS, columns=["url", "body"]).drop_duplicates("url").set_index("url")["body"]
    for name, expected in sets.items():
        print(f"-- {name}: {len(expected.drop_duplicates(['url', 'start'])):,} sentences")
        for reader, certain in (("grammar alone", 2.0), ("grammar and model", CERTAIN)):
            score(texts, expected, reader, certain)


def press(_: Path) -> None:
    items = pd.read_json(PRESS, lines=True, dtype=False)
    items = items[items["clear"]].assign(published_at=pd.to_datetime(items["published_at"], utc=True))
    rows = []
    for name, part in (
        *((f"{number}, mended by", items[items["set"] == number]) for number in range(1, 6)),
        *((f"{number}, not seen", items[items["set"] == number]) for number in (6, 7)),
    ):
        counts: dict[str, Counter] = defaultdict(Counter)
        misread = 0
        for item in part.itertuples():
            published = item.published_at.to_pydatetime() if pd.notna(item.published_at) else None
            read = extract_claims(item.text, published)
            misread += bool(read and not item.claims)
            _score(counts, read, item.claims, item.text)
        total = Counter()
        for count in counts.values():
            total.update(count)
        traps = sum(not claims for claims in part["claims"])
        rows.append({"set": name, "items": len(part), **_line("all", total), "traps misread": f"{misread} of {traps}"})
    print(pd.DataFrame(rows).drop(columns="quantity").to_string(index=False))


def score(texts: pd.Series, expected: pd.DataFrame, reader: str, certain: float) -> None:
    counts: dict[str, Counter] = defaultdict(Counter)
    traps = misread = 0
    for (url, published), article in expected.groupby(["url", "published_at"], sort=False):
        found = extract_claims(texts[url], pd.Timestamp(published, tz="UTC").to_pydatetime(), certain=certain)
        for (start, end), rows in article.groupby(["start", "end"], sort=False):
            read = [claim for claim in found if start <= claim.start < end]
            wanted = rows.dropna(subset=["quantity"]).to_dict("records")
            if not wanted:
                traps += 1
                misread += bool(read)
            _score(counts, read, wanted, texts[url][start:end])
    rows = []
    total = Counter()
    for quantity, count in sorted(counts.items()):
        total.update(count)
        rows.append(_line(quantity, count))
    rows.append(_line("all", total))
    print(f"{reader}; of {traps} sentences without a claim, one is read from {misread}")
    print(pd.DataFrame(rows).to_string(index=False))


def _score(counts: dict[str, Counter], read: list[Claim], wanted: list[dict], sentence: str) -> None:
    left = list(wanted)
    for claim in read:
        match = next((row for row in left if _same(claim, row)), None)
        count = counts[claim.quantity]
        count["read"] += 1
        if match is None:
            near = next((row for row in left if _same(claim, row, modality=False)), None)
            count["historical as current"] += bool(near and near["modality"] == "historical")
            _show("WRONG ", f"{claim.quantity} {claim.asset} {claim.value:g} {claim.modality}", sentence)
            continue
        left.remove(match)
        count["right"] += 1
        count["comparator"] += claim.comparator == match["comparator"]
        count["horizon"] += (claim.horizon or None) == (match["horizon"] if isinstance(match["horizon"], str) else None)
    for row in wanted:
        counts[row["quantity"]]["wanted"] += 1
    for row in left:
        _show("MISSED", f"{row['quantity']} {row['asset']} {row['value']} {row['modality']}", sentence)


def _same(claim: Claim, row: dict, *, modality: bool = True) -> bool:
    return (
        claim.quantity == row["quantity"]
        and claim.asset == row["asset"]
        and abs(claim.value - float(row["value"])) <= 1e-6 * abs(float(row["value"]))
        and (not modality or claim.modality == row["modality"])
    )


def _line(quantity: str, count: Counter) -> dict:
    def share(part: str, whole: str) -> float:
        return round(count[part] / count[whole], 3) if count[whole] else float("nan")

    return {
        "quantity": quantity,
        "wanted": count["wanted"],
        "read": count["read"],
        "right": count["right"],
        "precision": share("right", "read"),
        "recall": share("right", "wanted"),
        "comparator": share("comparator", "right"),
        "horizon": share("horizon", "right"),
        "historical as current": count["historical as current"],
    }


def _show(kind: str, what: str, sentence: str) -> None:
    if os.environ.get("SHOW"):
        print(f"{kind} {what} | {sentence[:260]!r}")


def totals(folder: Path) -> None:
    snippets = pd.read_csv(folder / TOTALS)
    verdicts: Counter = Counter()
    for row in snippets.itertuples():
        at = pd.Timestamp(row.published_at)
        found = extract_claims(row.snippet, at.to_pydatetime())
        caps = [claim for claim in found if claim.quantity == "total_market_cap"]
        stated = [claim for claim in caps if abs(claim.value / row.claimed_total_usd - 1) < 1e-6] or caps
        if not stated:
            verdicts["not read"] += 1
            continue
        claim = stated[0]
        if claim.as_of is None or claim.modality == "historical" or claim.asset != "TOTAL":
            verdicts[f"cannot check ({claim.asset}, {claim.modality})"] += 1
            continue
        hour = pd.Timestamp(row.published_at).floor("h")
        observed = pd.DataFrame(
            {
                "source": ["coingecko"],
                "definition": ["all-coins"],
                "start": [hour],
                "end": [hour],
                "low": [row.coingecko_total_usd],
                "high": [row.coingecko_total_usd],
                "value": [row.coingecko_total_usd],
                "resolution_s": [3600],
                "available_at": [hour],
            }
        )
        # A day's claim is asked of the one reading at hand: the hour of publication.
        result = check(Stated(claim.value, claim.precision, claim.comparator, at, at), observed)
        ratio = claim.value / row.coingecko_total_usd
        verdict = result["verdict"].iloc[0]
        band = " (0.936 to 0.966 of it: TradingView's usual share)" if 0.936 <= ratio <= 0.966 else ""
        verdicts[verdict + (band if verdict == "differs" else "")] += 1
    read = len(snippets) - verdicts["not read"]
    print(f"{len(snippets)} sentences about the total, {read} read")
    for verdict, count in verdicts.most_common():
        print(f"  {count:4d}  {verdict}")


def speed(folder: Path) -> None:
    texts = pd.read_parquet(folder / TEXTS, columns=["body", "body_len", "published_at"])
    texts = texts[texts["body_len"] >= SHORTEST]
    rows = list(zip(texts["body"], texts["published_at"].dt.to_pydatetime(), strict=True))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    figures = sum(len(BARE.findall(body)) for body, _ in rows)
    bare = time.process_time() - started
    started, at = time.process_time(), time.perf_counter()
    claims: Counter = Counter()
    for body, published in rows:
        claims.update(claim.quantity for claim in extract_claims(body, published))
    cpu, wall = time.process_time() - started, time.perf_counter() - at
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{len(rows)} texts, {sum(len(body) for body, _ in rows):,} characters, {figures:,} figures")
    print(f"bare re scan for figures: {bare:.1f} s; claims: {cpu:.1f} s of one core ({wall:.1f} s by the clock)")
    print(f"ratio {cpu / bare:.0f}; peak memory {peak / 1024:.0f} MB ({before / 1024:.0f} MB before reading)")
    print(", ".join(f"{count:,} {quantity}" for quantity, count in claims.most_common()))


def main() -> None:
    shared = os.environ.get("NEWSTAPE_SHARED")
    if not shared:
        sys.exit("NEWSTAPE_SHARED names no folder: nothing to measure on")
    folder = Path(shared) / "data"
    for part in sys.argv[1:] or ("labels", "press", "totals", "speed"):
        print(f"== {part}")
        {"labels": labels, "press": press, "totals": totals, "speed": speed}[part](folder)


if __name__ == "__main__":
    main()
