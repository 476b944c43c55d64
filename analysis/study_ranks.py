"""Tests that look at order or sign, not at size: Corrado, Corrado–Zivney, GRANK-T, Cowan, sign, Wilcoxon.

They hold where a few huge returns, as crypto assets have them, spoil a t test. Rows are events, columns bars.
"""

from __future__ import annotations

import numpy as np

__all__ = ["corrado", "cowan", "grank", "row_ranks", "sign", "wilcoxon"]


def row_ranks(values: np.ndarray) -> np.ndarray:
    """Ranks within each row from 1, ties averaged; NaN has none and counts in none."""
    count, width = values.shape
    order = np.argsort(values, axis=1)  # NaN last
    order += np.arange(count)[:, None] * width  # places in the whole array: read and written faster than by row
    ordered = values.ravel()[order]
    equal = ordered[:, 1:] == ordered[:, :-1]
    tied = equal.any(axis=1)
    places = np.broadcast_to(np.arange(1.0, width + 1), values.shape)
    if tied.any():
        places = places.copy()
        places[tied] = _averaged(equal[tied])
    ranks = np.empty(values.size)
    ranks[order] = places
    ranks = ranks.reshape(values.shape)
    ranks[np.isnan(values)] = np.nan
    return ranks


def _averaged(equal: np.ndarray) -> np.ndarray:
    """Places of ordered rows, the mean place where neighbours are equal (``equal[:, j]``: j is like j + 1)."""
    at = np.arange(1.0, equal.shape[1] + 2)
    border = np.ones((len(equal), 1), dtype=bool)
    first = np.maximum.accumulate(np.where(np.hstack([border, ~equal]), at, 0.0), axis=1)
    last = np.where(np.hstack([~equal, border]), at, np.inf)[:, ::-1]
    return (first + np.minimum.accumulate(last, axis=1)[:, ::-1]) / 2


def corrado(residuals: np.ndarray, level: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Corrado's rank Z of each bar, of the bars so far, and Corrado–Zivney's of each bar.

    Ranks over estimation and event bars together; M_i bars of event i are present.
    K_t = mean_i (rank_it − (M_i + 1)/2),  S² = Σ_t K_t² / mean(M),  Z_t = K_t / S,  Z_W = mean(K over W bars) √W / S
    (Corrado 1989, "A nonparametric test for abnormal security-price performance in event studies", J. Financial
    Economics 23; Cowan 1992 for W bars). Corrado and Zivney 1992 (JFQA 27) scale for bars that events miss:
    U = rank/(M_i + 1) − 1/2,  K_t = Σ_i U_it / √n_t, and again over its own S.
    """
    ranks = row_ranks(np.hstack([residuals, level]))
    there = np.isfinite(ranks)
    m = there.sum(axis=1, keepdims=True)
    n = there.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.where(there, ranks - (m + 1) / 2, 0.0)
        k = off.sum(axis=0) / n
        scaled = (off / (m + 1)).sum(axis=0) / np.sqrt(n)
        bars = level.shape[1]
        s = np.sqrt(np.nansum(k**2) / m.mean())
        s_scaled = np.sqrt(np.nansum(scaled**2) / m.mean())
        k_window = k[-bars:]
        return k_window / s, np.cumsum(k_window) / np.sqrt(np.arange(1, bars + 1)) / s, scaled[-bars:] / s_scaled


def grank(standardised: np.ndarray, scar: np.ndarray) -> tuple[float, float, int]:
    """GRANK-T: Z, t and its degrees of freedom T − 2.

    Each event's SCAR, over the cross-section's standard deviation so that event-induced variance cancels, is ranked
    among its L ``standardised`` estimation residuals: T = L + 1 places, U = rank/(M_i + 1) − 1/2.
    Z = Ū_0 / √(mean_t (n_t/N) Ū_t²),  t = Z √((T − 2)/(T − 1 − Z²))
    (Kolari and Pynnönen 2011, "Nonparametric rank tests for event studies", J. Empirical Finance 18).
    """
    places = standardised.shape[1] + 1
    spread = _sd(scar)
    if not spread > 0:
        return np.nan, np.nan, places - 2
    ranks = row_ranks(np.hstack([standardised, (scar / spread)[:, None]]))
    there = np.isfinite(ranks)
    m = there.sum(axis=1, keepdims=True)
    n = there.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.where(there, ranks / (m + 1) - 0.5, 0.0).sum(axis=0) / n
        z = u[-1] / np.sqrt(np.nansum(n / len(ranks) * u**2) / places)
        return float(z), float(z * np.sqrt((places - 2) / (places - 1 - z**2))), places - 2


def _sd(values: np.ndarray) -> float:
    there = values[np.isfinite(values)]
    return float(np.std(there, ddof=1)) if len(there) > 1 else np.nan


def cowan(values: np.ndarray, positive_share: float) -> np.ndarray:
    """Generalised sign Z of each column: (n₊ − n p) / √(n p (1 − p)).

    p is the share of positive abnormal returns in the estimation windows, averaged over events: returns need not be
    symmetric (Cowan 1992, "Nonparametric event study tests", Review of Quantitative Finance and Accounting 2).
    """
    n = np.isfinite(values).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return ((values > 0).sum(axis=0) - n * positive_share) / np.sqrt(n * positive_share * (1 - positive_share))


def sign(values: np.ndarray) -> np.ndarray:
    """Sign Z of each column: Cowan's with p = 1/2 (Brown and Warner 1980, J. Financial Economics 8)."""
    return cowan(values, 0.5)


def wilcoxon(values: np.ndarray) -> np.ndarray:
    """Wilcoxon's W₊ of each column: the ranks of |x| summed over x > 0; zeros dropped, ties averaged.

    (Wilcoxon 1945, "Individual comparisons by ranking methods", Biometrics Bulletin 1.) NaN where nothing is left.
    """
    across = values.T
    sizes = np.where(across == 0, np.nan, np.abs(across))
    ranks = row_ranks(sizes)
    total = np.where(across > 0, ranks, 0.0).sum(axis=1)
    return np.where(np.isfinite(sizes).any(axis=1), total, np.nan)
