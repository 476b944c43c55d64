"""Invented minute bars for the pages that are measured: years of them, and windows of at most 2,000."""

from __future__ import annotations

import numpy as np

BARS = 2_580_000
FIRST_S = 1_609_459_200  # 2021-01-01 00:00 UTC
STEPS_S = (60, 300, 900, 3600, 14_400, 86_400)
MOST = 2_000
#: What the button of every page goes through: 2,000 bars of a minute, of five and of an hour, each time elsewhere.
RANGES = [
    (start, start + MOST * STEPS_S[(0, 1, 3)[i % 3]])
    for i, start in enumerate(range(FIRST_S + 10 * 86_400, FIRST_S + 1500 * 86_400, 17 * 86_400))
]


def close() -> np.ndarray:
    return np.exp(np.log(30_000) + np.cumsum(np.random.default_rng(1).normal(0, 0.0006, BARS)))


def pyramid() -> dict[int, tuple[np.ndarray, ...]]:
    """By bar length (s): open times (s since 1970), open, high, low, close, volume."""
    draw = np.random.default_rng(2)
    closes = close()
    opens = np.concatenate([[30_000.0], closes[:-1]])
    highs = np.maximum(opens, closes) * (1 + draw.random(BARS) * 4e-4)
    lows = np.minimum(opens, closes) * (1 - draw.random(BARS) * 4e-4)
    volumes = draw.gamma(2, 8, BARS)
    built = {}
    for step in STEPS_S:
        k = step // 60
        whole = BARS // k * k
        built[step] = (
            FIRST_S + np.arange(whole // k) * step,
            opens[:whole:k].copy(),
            highs[:whole].reshape(-1, k).max(1),
            lows[:whole].reshape(-1, k).min(1),
            closes[k - 1 : whole : k].copy(),
            volumes[:whole].reshape(-1, k).sum(1),
        )
    return built


def window(built: dict[int, tuple[np.ndarray, ...]], start_s: int, end_s: int) -> tuple[int, tuple[np.ndarray, ...]]:
    step = next((s for s in STEPS_S if (end_s - start_s) / s <= MOST), STEPS_S[-1])
    first, last = max(0, (start_s - FIRST_S) // step), max(0, (end_s - FIRST_S) // step)
    return step, tuple(column[first:last] for column in built[step])
