"""How alike events move: the mean correlation of their estimation residuals, over every pair of events."""

from __future__ import annotations

import numpy as np

__all__ = ["mean_calendar_correlation", "mean_correlation"]

#: Rows compared at a time where bars are missing, with how many others: what that needs stays in the cache.
_ROWS, _OTHERS = 128, 1024


def mean_correlation(residuals: np.ndarray) -> float:
    """Mean Pearson correlation of all pairs of rows, aligned by column, over the columns both have.

    Rows without a missing bar need no pairs: with z the rows standardised to length 1, Σ_{i≠j} z_i·z_j =
    |Σ z_i|² − n. Pairs with a missing bar are worked out one by one (events² × bars). NaN for fewer than two rows.
    """
    complete = np.isfinite(residuals).all(axis=1)
    whole = residuals[complete]
    total, pairs = 0.0, len(whole) * (len(whole) - 1) // 2
    if pairs:
        z = whole - whole.mean(axis=1, keepdims=True)
        z /= np.sqrt(np.einsum("ij,ij->i", z, z))[:, None]
        mean = z.sum(axis=0)
        total = (float(mean @ mean) - len(z)) / 2
    holed = len(residuals) - len(whole)
    if holed:
        ordered = np.vstack([residuals[~complete], whole])
        there = np.isfinite(ordered)
        values = np.where(there, ordered, 0.0)
        parts = values, values * values, there.astype(float)
        for row in range(0, holed, _ROWS):
            rows = slice(row, min(row + _ROWS, holed))
            for other in range(row, len(ordered), _OTHERS):
                beyond, found = _pairwise(
                    *(part[rows] for part in parts), *(part[other : other + _OTHERS] for part in parts)
                )
                if other == row:  # a pair once, and none of a row with itself
                    beyond, found = (np.triu(values, 1) for values in (beyond, found))
                total, pairs = total + float(beyond.sum()), pairs + int(found.sum())
    return total / pairs if pairs else np.nan


def _pairwise(a, a_square, a_there, b, b_square, b_there) -> tuple[np.ndarray, np.ndarray]:
    """The correlation of each row of ``a`` with each of ``b`` over the columns both have, and whether there is one."""
    n = np.maximum(a_there @ b_there.T, 1)
    sum_a, sum_b = a @ b_there.T, a_there @ b.T
    spread = (a_square @ b_there.T - sum_a * sum_a / n) * (a_there @ b_square.T - sum_b * sum_b / n)
    found = (n > 1) & (spread > 0)
    cross = a @ b.T - sum_a * sum_b / n
    return np.divide(cross, np.sqrt(spread, where=found, out=spread), out=np.zeros_like(cross), where=found), found


def mean_calendar_correlation(residuals: np.ndarray, first: np.ndarray) -> float:
    """The same aligned by calendar: rows start at bar ``first`` of one calendar, and bars not shared count as zero.

    With z a row about its mean over its standard deviation (ddof 0), a pair's value is Σ z_i z_j / L, L the length
    of the estimation: pairs that share no bar have 0. Summed bar by bar, no pair is built.
    """
    count, length = residuals.shape
    if count < 2:
        return np.nan
    there = np.isfinite(residuals)
    n = there.sum(axis=1, keepdims=True)
    z = np.where(there, residuals, 0.0)
    z = np.where(there, z - z.sum(axis=1, keepdims=True) / n, 0.0)
    z /= np.sqrt(np.einsum("ij,ij->i", z, z)[:, None] / n)
    start = first - first.min()
    at = (start[:, None] + np.arange(length)).ravel()
    by_bar = np.bincount(at, weights=z.ravel())
    return float((by_bar @ by_bar - np.einsum("ij,ij->", z, z)) / (length * count * (count - 1)))
