"""What a study of this size could have seen."""

from __future__ import annotations

import numpy as np

__all__ = ["minimum_detectable"]


def minimum_detectable(se: float, df: float, *, level: float = 0.05, power: float = 0.8) -> float:
    """The least true effect, in the units of ``se``, that a two-sided t test shows with probability ``power``.

    (t_{1 − level/2, df} + t_{power, df}) · SE (Bloom 1995, "Minimum detectable effects: a simple way to report the
    statistical power of experimental designs", Evaluation Review 19). "No effect found" says nothing about effects
    smaller than this. NaN where nothing can be tested.
    """
    if not (df >= 1 and np.isfinite(se)):
        return np.nan
    from scipy.special import stdtrit

    return float((stdtrit(df, 1 - level / 2) + stdtrit(df, power)) * se)
