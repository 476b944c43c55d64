"""How well assets are named, and how fast mentions are found.

    NEWSTAPE_SHARED=… python benchmarks/assets.py

Quality: ``benchmarks/assets_labels.csv`` (labels.md says how it was made) against ``find_assets`` on the same
headlines: micro precision, recall and F1 over pairs of headline and asset. Beside it, as references, the archive's own
``tickers`` column, and a plain list of the gazetteer's names and symbols without any rule.

Speed: all mentions of 171,923 headlines and of the 16,848 full texts of 800 characters or more, one core; the
reference is a plain alternation of all names (``re``), which finds and decides nothing else. Every line is a process of
its own: CPU seconds without reading the file, and peak resident memory with it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd

from analysis.gazetteers import builtin
from analysis.mentions import find_assets, find_mentions

HEADLINES = "data/news_headlines_cryptopanic_2017_2026.parquet"
FULL_TEXTS = "data/news_fulltext_2025-05_2025-08.parquet"
LABELS = Path(__file__).with_name("assets_labels.csv")
WORST = 12


def main() -> None:
    shared = Path(os.environ["NEWSTAPE_SHARED"])
    if len(sys.argv) == 3:
        _measure(shared, *sys.argv[1:])
        return
    _quality(shared)
    print(f"\n{'texts':<22}{'by':<14}{'CPU s':>8}{'ratio':>8}{'peak MB':>9}{'found':>12}")
    for texts in ("headlines", "full texts"):
        lines = {}
        for by in ("alternation", "find_mentions"):
            done = subprocess.run([sys.executable, __file__, texts, by], capture_output=True, text=True, check=True)
            lines[by] = done.stdout.split()
        for by, (count, seconds, peak, found) in lines.items():
            ratio = float(seconds) / float(lines["alternation"][1])
            print(f"{count + ' ' + texts:<22}{by:<14}{float(seconds):>8.1f}{ratio:>8.2f}{peak:>9}{int(found):>12,}")


def _quality(shared: Path) -> None:
    headlines = pd.read_parquet(shared / HEADLINES, columns=["title", "tickers"])
    labels = pd.read_csv(LABELS, keep_default_na=False)
    titles = [headlines["title"].iloc[row] for row in labels["row"]]
    wanted = [_symbols(joined, ";") for joined in labels["assets"]]
    tickers = [_symbols(headlines["tickers"].fillna("").iloc[row], ",") for row in labels["row"]]
    found = [{mention.value.upper() for mention in find_assets(title)} for title in titles]
    print(f"{len(titles)} headlines, {sum(map(len, wanted))} assets named")
    print(f"{'by':<24}{'precision':>10}{'recall':>8}{'F1':>7}{'right':>7}{'wrong':>7}{'missed':>8}")
    for by, answers in (("tickers column", tickers), ("names without rules", _listed(titles)), ("find_assets", found)):
        right = sum(len(a & w) for a, w in zip(answers, wanted, strict=True))
        wrong = sum(len(a - w) for a, w in zip(answers, wanted, strict=True))
        missed = sum(len(w - a) for a, w in zip(answers, wanted, strict=True))
        precision, recall = right / (right + wrong), right / (right + missed)
        f1 = 2 * precision * recall / (precision + recall)
        print(f"{by:<24}{precision:>10.3f}{recall:>8.3f}{f1:>7.3f}{right:>7}{wrong:>7}{missed:>8}")
    wrongly = Counter(asset for a, w in zip(found, wanted, strict=True) for asset in a - w)
    missing = Counter(asset for a, w in zip(found, wanted, strict=True) for asset in w - a)
    for word, counts in (("wrongly found", wrongly), ("missed", missing)):
        print(f"most often {word}: " + ", ".join(f"{asset} {n}" for asset, n in counts.most_common(WORST)))


def _symbols(joined: str, by: str) -> set[str]:
    return {symbol.strip().upper() for symbol in joined.split(by)} - {"", "NULL"}


def _listed(titles: Iterable[str]) -> list[set[str]]:
    """Every name and symbol as the gazetteer writes it, wherever it stands."""
    values = {name.alias: name.value.upper() for name in builtin().names if name.kind == "asset"}
    pattern = _alternation(values)
    return [{values[match[0]] for match in pattern.finditer(title)} for title in titles]


def _alternation(aliases: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(set(aliases), key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(map(re.escape, longest_first)) + r")\b")


def _measure(shared: Path, texts: str, by: str) -> None:
    if texts == "headlines":
        read = list(pd.read_parquet(shared / HEADLINES, columns=["title"])["title"])
    else:
        bodies = pd.read_parquet(shared / FULL_TEXTS, columns=["body"])["body"].dropna()
        read = [body for body in bodies if len(body) >= 800]
    find: Callable[[str], list] = find_mentions
    if by == "alternation":
        find = _alternation(name.alias for name in builtin().names).findall
    find(read[0])
    start = time.process_time()
    found = sum(len(find(text)) for text in read)
    seconds = time.process_time() - start
    print(len(read), seconds, _peak_mb(), found)


def _peak_mb() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
