"""Many tests at once: p values of every class and window shown, adjusted together."""

from __future__ import annotations

import numpy as np

__all__ = ["adjusted"]

_METHODS = ("bh", "by")


def adjusted(p: np.ndarray, method: str = "bh") -> np.ndarray:
    """The false discovery rate at which each test would still count, in the order given; NaN is no test.

    ``bh``: Benjamini and Hochberg 1995 (J. Royal Statistical Society B 57), q_(i) = min_{j ≥ i} p_(j) n / j, for
    tests that are independent or move together; ``by``: Benjamini and Yekutieli 2001 (Annals of Statistics 29), the
    same times Σ 1/k, for any dependence. Raises ValueError for another method or a p outside 0 … 1.
    """
    if method not in _METHODS:
        raise ValueError(f"method is {' or '.join(_METHODS)}, not {method!r}")
    values = np.asarray(p, dtype=float)
    result = np.full(values.shape, np.nan)
    there = np.isfinite(values)
    if there.any():
        from scipy.stats import false_discovery_control

        result[there] = false_discovery_control(values[there], method=method)
    return result
