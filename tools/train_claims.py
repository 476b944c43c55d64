"""Train the model that reads figures (``analysis/claim_model.py``) from the labelled sentences in ``benchmarks/``.

    pip install torch==2.13.0 && NEWSTAPE_SHARED=… python tools/train_claims.py

The labels are places and meanings; the sentences stand in the archive of full texts that NEWSTAPE_SHARED names. The
rows marked "judge", and the half of the later set that nobody reads, are kept out. Before the labels the network
sees what the grammar reads in other sentences of the archive, which teaches it words that the labelled ones lack.

Arrays written (float16; each but ``vocabulary`` has the networks as its first axis): ``words``, ``suffixes`` and
``cases`` × channels, their sum being a word's first vector; by layer ``scale``, ``shift``, ``kernel`` (3 × in × out)
and ``bias``; ``nowhere`` (of an asset without a mention before, behind); ``joined``, ``place0`` …, ``answers`` and
their biases.
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
from torch import nn
from torch.nn import functional

from analysis.claim_model import ANSWERS, SUFFIXES, suffix
from analysis.claim_sentences import PLACES, Sentence
from analysis.claims import Claim, extract_claims, sentences_with_figures
from analysis.figures import Figure, parse_number, parse_percent

ROOT = Path(__file__).parent.parent
LABELS = ROOT / "benchmarks"
WRITTEN = ROOT / "analysis" / "model" / "claims.npz"
TEXTS = "news_fulltext_2025-05_2025-08.parquet"
CHANNELS, HIDDEN, DROPPED, UNKNOWN = 72, 96, 0.3, 0.1
VOCABULARY, SEEN = 5_000, 4
#: Trained from different beginnings; their mean is better than the best of them.
NETWORKS = 3
#: Passes over what the grammar reads, and over the labels.
BEFORE, PASSES = 2, 12
BATCH = 48

Example = tuple[Sentence, list[int]]  # and the answer to each pair


def labelled(texts: pd.Series) -> list[Example]:
    """The sentences of all label files but those kept for judging."""
    read = {"keep_default_na": False, "na_values": [""], "dtype": {"asset": str}}
    rows = [
        pd.read_csv(LABELS / "claims_labels.csv", **read),
        pd.read_csv(LABELS / "claims_labels_third.csv.gz", **read),
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


def read_by_the_grammar(texts: pd.Series, published: pd.Series, without: set[str], count: int) -> list[Example]:
    found = []
    chosen = sorted(set(texts.index) - without)
    for url in random.Random(3).sample(chosen, min(count, len(chosen))):
        at = published[url].to_pydatetime()
        claims = extract_claims(texts[url], at, certain=2)
        for sentence in sentences_with_figures(texts[url], at):
            if sentence.pairs:
                first, last = sentence.tokens[0].start, sentence.tokens[-1].start
                inside = [_as_label(claim) for claim in claims if first <= claim.start <= last]
                found.append((sentence, _answers(sentence, inside)))
    return found


def _as_label(claim: Claim) -> dict:
    return {"quantity": claim.quantity, "asset": claim.asset, "value": claim.value, "figure": float("nan")}


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


def batches(examples: list[Example], rows: dict[str, int], rng: random.Random) -> list[list[int]]:
    order = list(range(len(examples)))
    rng.shuffle(order)
    found = []
    for first in range(0, len(order), BATCH * 20):  # of like length, so that little is padded
        part = sorted(order[first : first + BATCH * 20], key=lambda n: len(examples[n][0].tokens))
        found += [part[at : at + BATCH] for at in range(0, len(part), BATCH)]
    rng.shuffle(found)
    return found


def tensors(chosen: list[Example], rows: dict[str, int]) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    longest = max(len(sentence.tokens) for sentence, _ in chosen)
    words, suffixes, cases = (np.zeros((len(chosen), longest), np.int64) for _ in range(3))
    pairs, wanted = [], []
    for n, (sentence, answers) in enumerate(chosen):
        for at, token in enumerate(sentence.tokens):
            words[n, at] = rows.get(token.word, 1)
            suffixes[n, at] = 1 + suffix(token.word)
            cases[n, at] = token.case
        pairs += [(n, pair.figure, pair.before, pair.behind, *pair.place) for pair in sentence.pairs]
        wanted += answers
    columns = torch.tensor(pairs)
    batch = {"words": torch.from_numpy(words), "suffixes": torch.from_numpy(suffixes), "cases": torch.from_numpy(cases)}
    batch |= {name: columns[:, n] for n, name in enumerate(("row", "figure", "before", "behind"))}
    return batch | {"place": columns[:, 4:]}, torch.tensor(wanted)


def train(network: Network, examples: list[Example], rows: dict[str, int], passes: int, fade: bool) -> None:
    rng = random.Random(1)
    optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0.02)
    steps = passes * (len(examples) // BATCH + 25)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, total_steps=steps) if fade else None
    network.train()
    started = time.perf_counter()
    for done in range(passes):
        lost = count = 0
        for chosen in batches(examples, rows, rng):
            batch, wanted = tensors([examples[n] for n in chosen], rows)
            loss = functional.cross_entropy(network(batch), wanted, label_smoothing=0.02)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            if schedule:
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
    options.add_argument("--texts", type=int, default=5_000, help="of which the grammar's readings are learned first")
    options.add_argument("--out", type=Path, default=WRITTEN)
    asked = options.parse_args()
    shared = os.environ.get("NEWSTAPE_SHARED")
    if not shared:
        sys.exit("NEWSTAPE_SHARED names no folder: the labelled sentences stand in its archive of full texts")
    archive = pd.read_parquet(Path(shared) / "data" / TEXTS, columns=["url", "body", "published_at"])
    archive = archive.dropna(subset=["body"]).drop_duplicates("url").set_index("url")
    examples = labelled(archive["body"])
    third = pd.read_csv(LABELS / "claims_labels_third.csv.gz", usecols=["url", "part"])
    judged = set(third[third["part"] == "judge"]["url"]) | set(pd.read_csv(LABELS / "claims_labels_later.csv")["url"])
    grammar = read_by_the_grammar(archive["body"], archive["published_at"], judged, asked.texts)
    print(f"{len(examples):,} labelled sentences, {len(grammar):,} read by the grammar")
    said = Counter(token.word for sentence, _ in [*examples, *grammar] for token in sentence.tokens)
    rows = {word: 2 + n for n, (word, times) in enumerate(said.most_common(VOCABULARY)) if times >= SEEN}
    trained = []
    for seed in range(NETWORKS):
        torch.manual_seed(seed)
        network = Network(len(rows))
        train(network, grammar, rows, BEFORE, fade=False)
        train(network, examples, rows, PASSES, fade=True)
        trained.append(arrays(network, rows))
    together = {name: np.stack([one[name] for one in trained]) for name in trained[0]}
    asked.out.parent.mkdir(exist_ok=True)
    with asked.out.open("wb") as file:
        np.savez_compressed(file, vocabulary=np.array(list(rows)), **together)
    print(f"{asked.out}: {asked.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
