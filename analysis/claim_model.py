"""What a figure says of an asset: a small network over the words of its sentence.

Four layers of convolution (every word sees fifteen to each side) give each word a vector; a figure's, its asset's
mentions' and how they stand to each other give the odds of seven answers. It was trained on sentences labelled by
eye (``benchmarks/labels.md``) by ``tools/train_claims.py``, which writes ``analysis/model/claims.npz``: numbers only,
no sentence. Reading that file, a constant of the code, is an exception to "no I/O in analysis".

Pure NumPy: PyTorch is needed for training alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from zlib import crc32

import numpy as np

from analysis.claim_sentences import PLACES, Sentence

#: What a pair of figure and asset may be, in the order of the odds.
ANSWERS = ("none", "price", "cap", "rise", "fall", "dominance", "drawdown")

#: Sentences read at once: more cost memory, fewer time.
_BATCH = 64
SUFFIXES = 1500


def suffix(word: str) -> int:
    """What is known of a word that is not in the model's list: a number for its last three letters."""
    return crc32(word[-3:].encode("utf-8", "replace")) % SUFFIXES


class FigureModel:
    """Networks of one shape, whose odds are averaged; their arrays are named in ``tools/train_claims.py``."""

    def __init__(self, arrays: dict[str, np.ndarray]) -> None:
        self._rows = {str(word): row for row, word in enumerate(arrays["vocabulary"])}
        weights = {name: array.astype(np.float32) for name, array in arrays.items() if name != "vocabulary"}
        self._networks = [{name: array[n] for name, array in weights.items()} for n in range(len(weights["nowhere"]))]

    def odds(self, sentences: Sequence[Sentence]) -> list[np.ndarray]:
        """For each sentence, the probability of each of ``ANSWERS`` by pair: float32, pairs × answers."""
        found: list[np.ndarray] = [np.empty((0, len(ANSWERS)), np.float32)] * len(sentences)
        asked = sorted((n for n, one in enumerate(sentences) if one.pairs), key=lambda n: len(sentences[n].tokens))
        for batch in _batches(asked):
            chosen = [sentences[n] for n in batch]
            vectors = [self._vectors(chosen, network) for network in self._networks]
            for row, n in enumerate(batch):
                answers = [
                    _answers(of_all[row], sentences[n], network)
                    for of_all, network in zip(vectors, self._networks, strict=True)
                ]
                found[n] = np.mean(answers, axis=0)
        return found

    def _vectors(self, batch: list[Sentence], w: dict[str, np.ndarray]) -> np.ndarray:
        """sentences × words × channels."""
        longest = max(len(one.tokens) for one in batch)
        x = np.zeros((len(batch), longest, w["words"].shape[1]), np.float32)
        there = np.zeros((len(batch), longest, 1), np.float32)
        for row, one in enumerate(batch):
            size = len(one.tokens)
            known = [self._rows.get(token.word, -1) for token in one.tokens]
            at = np.array(known)
            x[row, :size] = w["words"][at]
            for n in np.flatnonzero(at < 0):
                x[row, n] = w["suffixes"][suffix(one.tokens[n].word)]
            x[row, :size] += w["cases"][[token.case for token in one.tokens]]
            there[row, :size] = 1
        for layer, far in enumerate((1, 2, 4, 8)):
            y = _normalised(x, w[f"scale{layer}"], w[f"shift{layer}"]) * there
            kernel = w[f"kernel{layer}"]  # 3 × channels in × channels out
            z = y @ kernel[1] + w[f"bias{layer}"]
            if longest > far:
                z[:, far:] += y[:, :-far] @ kernel[0]
                z[:, :-far] += y[:, far:] @ kernel[2]
            x = x + np.maximum(z, 0)
        return x


def _answers(vectors: np.ndarray, sentence: Sentence, w: dict[str, np.ndarray]) -> np.ndarray:
    pairs = sentence.pairs
    figure = vectors[[pair.figure for pair in pairs]]
    before = _mentioned(vectors, [pair.before for pair in pairs], w["nowhere"][0])
    behind = _mentioned(vectors, [pair.behind for pair in pairs], w["nowhere"][1])
    joined = np.concatenate([figure, before, behind, figure * before, figure * behind], axis=1)
    hidden = joined @ w["joined"] + w["joined_bias"]
    for n in range(len(PLACES)):
        hidden += w[f"place{n}"][[pair.place[n] for pair in pairs]]
    odds = np.maximum(hidden, 0) @ w["answers"] + w["answers_bias"]
    odds = np.exp(odds - odds.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def _batches(order: list[int]) -> Iterator[list[int]]:
    for first in range(0, len(order), _BATCH):
        yield order[first : first + _BATCH]


def _normalised(x: np.ndarray, scale: np.ndarray, shift: np.ndarray) -> np.ndarray:
    centred = x - x.mean(axis=2, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=2, keepdims=True) + 1e-5) * scale + shift


def _mentioned(vectors: np.ndarray, places: Iterable[int], nowhere: np.ndarray) -> np.ndarray:
    at = np.array(list(places))
    return np.where((at >= 0)[:, None], vectors[at], nowhere)


@lru_cache(maxsize=1)
def builtin_model() -> FigureModel:
    """The project's own."""
    file = files("analysis").joinpath("model", "claims.npz")
    with file.open("rb") as weights, np.load(weights) as arrays:
        return FigureModel(dict(arrays))
