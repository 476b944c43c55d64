"""How well and how fast stories are clustered.

    NEWSTAPE_SHARED=... python benchmarks/stories.py             tables
    NEWSTAPE_SHARED=... python benchmarks/stories.py --words     writes analysis/story_words.py anew

Quality is B-cubed F1 over items, on headlines whose stories are known: of the defaults on each fifth of the stories,
and of settings chosen on the other four fifths. A fold is clustered by itself. With the semantic extra installed, with
embeddings too. Speed is CPU seconds of one process, beside a pass that only splits the same titles into words.
"""

from __future__ import annotations

import itertools
import math
import os
import resource
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from analysis.stories import Embed, Settings, cluster  # noqa: E402
from analysis.story_features import words  # noqa: E402
from data.embeddings import NoEmbeddings, load  # noqa: E402

DATA = Path(os.environ.get("NEWSTAPE_SHARED", "")) / "data"
HEADLINES = DATA / "news_headlines_cryptopanic_2017_2026.parquet"
FULL_TEXTS = DATA / "news_fulltext_2025-05_2025-08.parquet"
FOLDS = 5
GRID = [(join, merge) for join in (0.18, 0.22, 0.26) for merge in (0.19, 0.23, 0.28)]
GRID_SENSE = [(join, merge) for join in (0.22, 0.25, 0.3) for merge in (0.31, 0.35, 0.4)]


def labelled() -> pd.DataFrame:
    frame = pd.read_csv(DATA / "news_clusters/uci_headlines_dev.csv.gz")
    return pd.DataFrame(
        {
            "article_id": frame["ID"].astype(str).str.zfill(7),
            "title": frame["TITLE"],
            "published_at": pd.to_datetime(frame["TIMESTAMP"].astype("int64"), unit="ms", utc=True),
            "truth": frame["STORY"],
        }
    )


def b_cubed(found: pd.Series, truth: pd.Series) -> tuple[float, float, float]:
    """Precision, recall and their harmonic mean (Bagga & Baldwin 1998), each item of one weight."""
    both = pd.DataFrame({"found": found.to_numpy(), "truth": truth.to_numpy()})
    common = both.groupby(["found", "truth"])["found"].transform("size")
    precision = (common / both.groupby("found")["found"].transform("size")).mean()
    recall = (common / both.groupby("truth")["found"].transform("size")).mean()
    return precision, recall, 2 * precision * recall / (precision + recall)


def score(frame: pd.DataFrame, settings: Settings, embed: Embed | None) -> tuple[float, float, float]:
    return b_cubed(cluster(frame, embed=embed, settings=settings)["story_id"], frame["truth"])


def quality(frame: pd.DataFrame, embed: Embed | None) -> None:
    names = ("sense_join", "sense_merge") if embed else ("join", "merge")
    grid = [Settings(**dict(zip(names, values, strict=True))) for values in (GRID_SENSE if embed else GRID)]
    print("\nwith embeddings" if embed else "\nwords alone")
    print(f"  {'':22s} precision  recall      F1")
    print("  all, defaults          {:9.3f} {:7.3f} {:7.3f}".format(*score(frame, Settings(), embed)))
    stories = np.random.default_rng(0).permutation(np.sort(frame["truth"].unique()))
    default, chosen = [], []
    for fold in range(FOLDS):
        held = frame["truth"].isin(stories[fold::FOLDS])
        best = max(grid, key=lambda settings, held=held: score(frame[~held], settings, embed)[2])
        default.append(score(frame[held], Settings(), embed)[2])
        chosen.append(score(frame[held], best, embed)[2])
        values = ", ".join(f"{name} {getattr(best, name)}" for name in names)
        print(f"  fold {fold + 1}: default {default[-1]:.3f}, chosen on the others {chosen[-1]:.3f} ({values})")
    for name, found in (("defaults", default), ("chosen", chosen)):
        print(f"  {name} over folds: {np.mean(found):.3f} ± {np.std(found):.3f}")


def speed() -> None:
    print("\nspeed, one process                 articles   CPU s   times splitting   peak MB   stories")
    heads = pd.read_parquet(HEADLINES, columns=["title", "published_at"])
    texts = pd.read_parquet(FULL_TEXTS, columns=["title", "body", "url", "published_at"])
    latest = heads.sort_values("published_at").iloc[-20_000:]
    for name, frame in (("headlines", heads), ("its latest 20,000", latest), ("full texts", texts)):
        rows = frame.reset_index(drop=True)
        rows["article_id"] = [f"{n:07d}" for n in range(len(rows))]
        rows["published_at"] = pd.to_datetime(rows["published_at"], utc=True)
        start = time.process_time()
        for title in rows["title"]:
            title.lower().split()
        split_s, start = time.process_time() - start, time.process_time()
        found = cluster(rows)
        took_s = time.process_time() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        count = found["story_id"].nunique()
        print(f"  {name:30s} {len(rows):10,} {took_s:7.1f} {took_s / split_s:17,.0f} {peak:9,.0f} {count:9,}")


# The background ----------------------------------------------------------------------------------------------

RAREST_HALF = 16
SEEN = 20


def surprises() -> dict[int, list[str]]:
    """Words by half nats of -ln(share): of headlines, or of the 100-character pieces of bodies' beginnings."""
    heads = pd.read_parquet(HEADLINES, columns=["title"])["title"]
    texts = pd.read_parquet(FULL_TEXTS, columns=["title", "body"])
    in_heads, head_count = _counted(itertools.chain(heads, texts["title"]))
    pieces = (body[at : at + 100] for body in texts["body"].dropna() for at in range(0, min(len(body), 2000), 100))
    in_pieces, piece_count = _counted(pieces)
    found: dict[int, list[str]] = {}
    for word in sorted(in_heads | in_pieces):
        if in_heads[word] + in_pieces[word] >= SEEN and word.isascii():
            share = max(in_heads[word] / head_count, in_pieces[word] / piece_count)
            half = round(-2 * math.log(share))
            if half <= RAREST_HALF:
                found.setdefault(half, []).append(word)
    return found


def _counted(texts: Iterator[str]) -> tuple[Counter[str], int]:
    counts, number = Counter(), 0
    for text in texts:
        counts.update(set(words(text)))
        number += 1
    return counts, number


def write_words() -> None:
    path = ROOT / "analysis/story_words.py"
    head = path.read_text().split("_BY_SURPRISE")[0]
    lines = [head + "_BY_SURPRISE = {"]
    for half, found in sorted(surprises().items()):
        lines.append(f'    {half}: """')
        lines += textwrap.wrap(" ".join(found), 118, break_long_words=False, break_on_hyphens=False)
        lines.append('""",')
    lines += [
        "}",
        "",
        "#: Surprise of a word in nats, and of every word that is not in the table.",
        "LEVELS = {word: half / 2 for half, words in _BY_SURPRISE.items() for word in words.split()}",
        f"RAREST = {RAREST_HALF / 2 + 0.75}",
    ]
    path.write_text("\n".join(lines) + "\n")


def main() -> None:
    if "--words" in sys.argv:
        write_words()
        return
    frame = labelled()
    quality(frame, None)
    try:
        quality(frame, _remembered(load(), frame["title"]))
    except NoEmbeddings as error:
        print(f"\n{error}")
    speed()


def _remembered(embed: Embed, titles: pd.Series) -> Embed:
    """``embed`` of these titles, worked out once for all settings."""
    known = dict(zip(titles, embed(list(titles)), strict=True))
    return lambda texts: np.array([known[text] for text in texts])


if __name__ == "__main__":
    main()
