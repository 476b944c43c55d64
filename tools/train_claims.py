"""Train the model that reads figures (``analysis/claim_model.py``) from the labelled sentences in ``benchmarks/``.

    pip install -e '.[semantic]' && NEWSTAPE_SHARED=… python tools/train_claims.py

The labels are places and meanings; the sentences stand in the archive of full texts that NEWSTAPE_SHARED names. The
rows marked "judge", and the half of the later set that nobody reads, are kept out, with all else of their articles.
Before the labels the network learns what a larger one, which the labels taught, thinks of every sentence of the
archive (``claims_teacher``): that gives it words and constructions that the labelled ones lack. An hour on two cores.

Arrays written (float16): ``words``, ``suffixes`` and ``cases`` × channels, their sum being a word's first vector; by
layer ``scale``, ``shift``, ``kernel`` (3 × in × out) and ``bias``; ``nowhere`` (of an asset without a mention before,
behind); ``joined``, ``place0`` …, ``answers`` and their biases.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import Counter
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd
import torch
from claims_teacher import odds, of_like_length, taught
from torch import nn
from torch.nn import functional

from analysis.claim_model import ANSWERS, SUFFIXES, suffix
from analysis.claim_sentences import PLACES, Sentence
from analysis.claims import sentences_with_figures
from analysis.figures import Figure, parse_number, parse_percent

ROOT = Path(__file__).parent.parent
LABELS = ROOT / "benchmarks"
WRITTEN = ROOT / "analysis" / "model" / "claims.npz"
TEXTS = "news_fulltext_2025-05_2025-08.parquet"
CHANNELS, HIDDEN, DROPPED, UNKNOWN = 96, 128, 0.1, 0.05
VOCABULARY, SEEN = 8_000, 4
#: Passes over what the teacher thinks, and over the labels, and how fast.
BEFORE, PASSES = (3, 3e-3), (6, 1e-3)
#: A label counts so much, the teacher's odds the rest.
LABEL = 0.5
BATCH = 48

Example = tuple[Sentence, list[int]]  # and the answer to each pair
Weighed = tuple[Sentence, np.ndarray]  # and the odds of each answer by pair


def labelled(texts: pd.Series) -> list[Example]:
    """The sentences of all label files but those kept for judging."""
    read = {"keep_default_na": False, "na_values": [""], "dtype": {"asset": str}}
    rows = [
        pd.read_csv(LABELS / "claims_labels.csv", **read),
        pd.read_csv(LABELS / "claims_labels_third.csv.gz", **read),
        pd.read_csv(LABELS / "claims_labels_unsure.csv.gz", **read),
    ]
    rows[1] = rows[1][rows[1]["part"] == "learn"]
    later = pd.read_csv(LABELS / "claims_labels_later.csv", **read)
    rows.append(later[later["url"].map(lambda url: crc32(url.encode()) % 2 == 0)])
    found = []
    for (url, published), article in pd.concat(rows).groupby(["url", "published_at"], sort=True):
        sentences = sentences_with_figures(texts[url], pd.Timestamp(published, tz="UTC").to_pydatetime())
        for (start, end), labels in article.groupby(["start", "end"]):
            wanted = labels.dropna(subset=["quantity"]).to_dict("records")
            for sentence in sentences:
                if sentence.pairs and start <= sentence.tokens[sentence.pairs[0].figure].start < end:
                    found.append((sentence, _answers(sentence, wanted)))
    return found


def unlabelled(texts: pd.Series, published: pd.Series, without: set[str]) -> list[Sentence]:
    """Every sentence of the archive that the model could be asked about, but those of the articles ``without``."""
    found = []
    for url in sorted(set(texts.index) - without):
        found += [one for one in sentences_with_figures(texts[url], published[url].to_pydatetime()) if one.pairs]
    return found


def _answers(sentence: Sentence, wanted: list[dict]) -> list[int]:
    return [_answer(sentence.tokens[pair.figure].figure, pair.asset, wanted) for pair in sentence.pairs]


_PERCENT = {"pct_change", "dominance", "drawdown_from_ath"}


def _answer(figure: Figure, asset: str, wanted: list[dict]) -> int:
    parsed = parse_percent(figure.number) if figure.percent else parse_number(figure.number, figure.exponent)
    for row in wanted:
        value = float(row["value"])
        there = pd.isna(row.get("figure")) or row["figure"] == figure.start
        if (
            parsed
            and there
            and row["asset"] == asset
            and (row["quantity"] in _PERCENT) == figure.percent
            and abs(abs(value) - parsed[0]) <= 1e-6 * abs(value)
        ):
            return ANSWERS.index(_NAMES.get(row["quantity"]) or ("rise" if value > 0 else "fall"))
    return 0


_NAMES = {
    "price": "price", "asset_market_cap": "cap", "total_market_cap": "cap", "dominance": "dominance",
    "drawdown_from_ath": "drawdown",
}  # fmt: skip


class Network(nn.Module):
    def __init__(self, words: int) -> None:
        super().__init__()
        self.words = nn.Embedding(words + 2, CHANNELS, padding_idx=0)  # 0: no word, 1: an unknown one
        self.suffixes = nn.Embedding(SUFFIXES + 1, CHANNELS, padding_idx=0)
        self.cases = nn.Embedding(4, CHANNELS)
        for table in (self.words, self.suffixes, self.cases):
            nn.init.normal_(table.weight, std=0.3)
        self.layers = nn.ModuleList(nn.Conv1d(CHANNELS, CHANNELS, 3, padding=far, dilation=far) for far in (1, 2, 4, 8))
        self.norms = nn.ModuleList(nn.LayerNorm(CHANNELS) for _ in self.layers)
        self.nowhere = nn.Parameter(torch.zeros(2, CHANNELS))
        self.joined = nn.Linear(5 * CHANNELS, HIDDEN)
        self.places = nn.ModuleList(nn.Embedding(size, HIDDEN) for size in PLACES)
        for table in self.places:
            nn.init.normal_(table.weight, std=0.1)
        self.answers = nn.Linear(HIDDEN, len(ANSWERS))
        self.drop = nn.Dropout(DROPPED)

    def first(self, words: torch.Tensor, suffixes: torch.Tensor, cases: torch.Tensor) -> torch.Tensor:
        if self.training:  # known words are unknown now and then, so that endings are learned
            words = words.masked_fill((torch.rand(words.shape) < UNKNOWN) & (words > 1) & (cases > 0), 1)
        return self.words(words) + self.suffixes(suffixes) + self.cases(cases)

    def forward(self, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        there = (batch["words"] > 0).float().unsqueeze(-1)
        x = self.drop(self.first(batch["words"], batch["suffixes"], batch["cases"]) * there)
        for layer, norm in zip(self.layers, self.norms, strict=True):
            y = layer((norm(x) * there).transpose(1, 2)).transpose(1, 2)
            x = x + self.drop(functional.relu(y))
        row = batch["row"]
        figure = x[row, batch["figure"]]
        mentioned = [
            torch.where((batch[name] >= 0).unsqueeze(-1), x[row, batch[name].clamp(min=0)], self.nowhere[n])
            for n, name in enumerate(("before", "behind"))
        ]
        joined = torch.cat([figure, *mentioned, figure * mentioned[0], figure * mentioned[1]], -1)
        hidden = self.joined(self.drop(joined))
        hidden = hidden + sum(table(batch["place"][:, n]) for n, table in enumerate(self.places))
        return self.answers(self.drop(functional.relu(hidden)))


def tensors(chosen: list[Weighed], rows: dict[str, int]) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    longest = max(len(sentence.tokens) for sentence, _ in chosen)
    words, suffixes, cases = (np.zeros((len(chosen), longest), np.int64) for _ in range(3))
    pairs = []
    for n, (sentence, _) in enumerate(chosen):
        for at, token in enumerate(sentence.tokens):
            words[n, at] = rows.get(token.word, 1)
            suffixes[n, at] = 1 + suffix(token.word)
            cases[n, at] = token.case
        pairs += [(n, pair.figure, pair.before, pair.behind, *pair.place) for pair in sentence.pairs]
    columns = torch.tensor(pairs)
    batch = {"words": torch.from_numpy(words), "suffixes": torch.from_numpy(suffixes), "cases": torch.from_numpy(cases)}
    batch |= {name: columns[:, n] for n, name in enumerate(("row", "figure", "before", "behind"))}
    wanted = torch.from_numpy(np.concatenate([odds for _, odds in chosen]).astype(np.float32))
    return batch | {"place": columns[:, 4:]}, wanted


def train(network: Network, examples: list[Weighed], rows: dict[str, int], passes: int, rate: float) -> None:
    rng = random.Random(1)
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.02)
    steps = passes * (len(examples) // BATCH + 60)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, rate, total_steps=steps, pct_start=0.1, anneal_strategy="linear"
    )
    network.train()
    started = time.perf_counter()
    for done in range(passes):
        lost = count = 0
        for chosen in of_like_length([sentence for sentence, _ in examples], BATCH, rng):
            batch, wanted = tensors([examples[n] for n in chosen], rows)
            loss = functional.cross_entropy(network(batch), wanted)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            lost, count = lost + loss.item() * len(wanted), count + len(wanted)
        print(
            f"pass {done + 1} of {passes}: loss {lost / count:.4f}, {time.perf_counter() - started:.0f} s", flush=True
        )


def arrays(network: Network, rows: dict[str, int]) -> dict[str, np.ndarray]:
    with torch.no_grad():
        suffixes = network.suffixes.weight[1:]
        ends = torch.tensor([suffix(word) for word in rows])
        known = network.words.weight[list(rows.values())] + suffixes[ends]
        found = {
            "words": known, "suffixes": network.words.weight[1] + suffixes, "cases": network.cases.weight,
            "nowhere": network.nowhere, "joined": network.joined.weight.T, "joined_bias": network.joined.bias,
            "answers": network.answers.weight.T, "answers_bias": network.answers.bias,
        }  # fmt: skip
        found |= {f"place{n}": table.weight for n, table in enumerate(network.places)}
        for n, (layer, norm) in enumerate(zip(network.layers, network.norms, strict=True)):
            found |= {
                f"kernel{n}": layer.weight.permute(2, 1, 0), f"bias{n}": layer.bias,
                f"scale{n}": norm.weight, f"shift{n}": norm.bias,
            }  # fmt: skip
        return {name: value.numpy().astype(np.float16) for name, value in found.items()}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--texts", type=int, help="of the archive that the teacher reads; all without")
    options.add_argument("--out", type=Path, default=WRITTEN)
    asked = options.parse_args()
    shared = os.environ.get("NEWSTAPE_SHARED")
    if not shared:
        sys.exit("NEWSTAPE_SHARED names no folder: the labelled sentences stand in its archive of full texts")
    archive = pd.read_parquet(Path(shared) / "data" / TEXTS, columns=["url", "body", "published_at"])
    archive = archive.dropna(subset=["body"]).drop_duplicates("url").set_index("url")
    third = pd.read_csv(LABELS / "claims_labels_third.csv.gz", usecols=["url", "part"])
    judged = set(third[third["part"] == "judge"]["url"]) | set(pd.read_csv(LABELS / "claims_labels_later.csv")["url"])
    examples = labelled(archive["body"])
    pool = unlabelled(archive["body"][: asked.texts], archive["published_at"], judged)
    print(f"{len(examples):,} labelled sentences, {len(pool):,} others")
    teacher = taught(examples)
    read = list(zip(pool, odds(teacher, pool), strict=True))
    answered = np.eye(len(ANSWERS))
    thought = odds(teacher, [sentence for sentence, _ in examples])
    both = [
        (sentence, LABEL * answered[answers] + (1 - LABEL) * weighed)
        for (sentence, answers), weighed in zip(examples, thought, strict=True)
    ]
    said = Counter(token.word for sentence in pool for token in sentence.tokens)
    rows = {word: 2 + n for n, (word, times) in enumerate(said.most_common(VOCABULARY)) if times >= SEEN}
    torch.manual_seed(0)
    network = Network(len(rows))
    train(network, read, rows, *BEFORE)
    train(network, both, rows, *PASSES)
    asked.out.parent.mkdir(exist_ok=True)
    with asked.out.open("wb") as file:
        np.savez_compressed(file, vocabulary=np.array(list(rows)), **arrays(network, rows))
    print(f"{asked.out}: {asked.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
