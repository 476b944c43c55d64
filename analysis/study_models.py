"""Abnormal returns and their exact prediction errors, one row an event.

R is an asset's return, M its benchmark's, τ a bar of the estimation window, t a bar of the event window. Only bars
where both are present count: m of them.

    mean_adjusted    AR_t = R_t − mean(R)         k = 1
    market_adjusted  AR_t = R_t − M_t             k = 0
    market           AR_t = R_t − α − β M_t       k = 2, α and β by least squares

    σ²      = Σ e_τ² / (m − k)
    S_t²    = σ² [1 + 1/m + (M_t − M̄)² / SSx]                     without the third term for the mean, nor the
    S_CAR²  = σ² [W + W²/m + (Σ_t (M_t − M̄))² / SSx]              second where nothing is estimated

S is the standard error of a prediction: the noise of the event's bars and of what was estimated, with the correlation
that all bars of an event share the estimate (Patell 1976, "Corporate forecasts of earnings per share and stock price
behavior", J. Accounting Research 14; Salinger 1992, "Standard errors in event studies", JFQA 27).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

__all__ = ["MODELS", "Fit", "fit", "leave_one_out"]

#: How many parameters each model estimates.
MODELS = {"market_adjusted": 0, "mean_adjusted": 1, "market": 2}


@dataclass(frozen=True)
class Fit:
    """Events (rows) under a model; NaN is missing. A window's columns run from its first bar to its last."""

    residuals: np.ndarray  # events × estimation bars; over the bar's seasonal factor where there is one
    level: np.ndarray  # events × window bars: the abnormal returns on the residuals' scale
    ar: np.ndarray  # abnormal return of each window bar
    s_ar: np.ndarray  # its prediction error
    car: np.ndarray  # summed from the window's first bar; NaN from the first missing bar on
    s_car: np.ndarray
    sigma: np.ndarray  # of the residuals, (events,)
    est_n: np.ndarray  # m, (events,)
    df: np.ndarray  # m − k, (events,)
    beta: np.ndarray  # (events,), NaN but for the market model

    @property
    def sar(self) -> np.ndarray:
        """AR / S_t."""
        return self.ar / self.s_ar

    @property
    def scar(self) -> np.ndarray:
        """CAR / S_CAR."""
        return self.car / self.s_car

    def rows(self, chosen: np.ndarray) -> Fit:
        """The same, of some events."""
        return Fit(**{name: values[chosen] for name, values in vars(self).items()})


def fit(
    estimation: np.ndarray,
    estimation_benchmark: np.ndarray,
    window: np.ndarray,
    window_benchmark: np.ndarray,
    model: str,
    *,
    estimation_scale: np.ndarray | None = None,
    window_scale: np.ndarray | None = None,
) -> Fit:
    """Fit ``model`` to every event at once.

    ``estimation`` and ``estimation_benchmark``: events × bars of returns before each event; ``window`` and
    ``window_benchmark``: events × bars around it. The mean-adjusted model reads no benchmark. The scales, where
    given, are the bars' known volatility beside the average (1 = average): then σ is that of e_τ / f_τ, and bar t's
    noise is σ f_t. Where nothing is left to estimate σ from, everything that rests on it is NaN.
    """
    paired = np.isfinite(estimation)
    if model != "mean_adjusted":
        paired &= np.isfinite(estimation_benchmark)
    whole = bool(paired.all())
    m = paired.sum(axis=1, keepdims=True).astype(float)
    bars = np.arange(1.0, window.shape[1] + 1)

    def kept(values: np.ndarray) -> np.ndarray:
        return values if whole else np.where(paired, values, 0.0)

    with np.errstate(divide="ignore", invalid="ignore"):
        beta = np.full((len(m), 1), np.nan)
        if model == "market_adjusted":
            residuals = kept(estimation - estimation_benchmark)
            ar = window - window_benchmark
            spread, spread_sum = np.zeros((1, 1)), np.zeros((1, 1))
        else:
            y = kept(estimation)
            mean_y = y.sum(axis=1, keepdims=True) / m
            if model == "mean_adjusted":
                residuals, ar = kept(y - mean_y), window - mean_y
                spread, spread_sum = 1 / m, bars**2 / m
            else:
                x = kept(estimation_benchmark)
                mean_x = x.sum(axis=1, keepdims=True) / m
                off = kept(x - mean_x)
                ssx = np.einsum("ij,ij->i", off, off)[:, None]
                beta = np.einsum("ij,ij->i", off, y)[:, None] / ssx
                residuals = kept(y - mean_y - beta * off)
                ahead = window_benchmark - mean_x
                ar = window - mean_y - beta * ahead
                spread = 1 / m + ahead**2 / ssx
                spread_sum = bars**2 / m + np.cumsum(ahead, axis=1) ** 2 / ssx
        level = ar
        noise, noise_sum = np.ones((1, 1)), bars[None, :]
        if estimation_scale is not None and window_scale is not None:
            residuals = residuals / estimation_scale
            level = ar / window_scale
            noise, noise_sum = window_scale**2, np.cumsum(window_scale**2, axis=1)
        df = m - MODELS[model]
        sigma = np.sqrt(np.einsum("ij,ij->i", residuals, residuals)[:, None] / np.where(df > 0, df, np.nan))
        # Rounding leaves a perfect fit (an asset against itself) with a σ of a few ulps of its returns.
        largest = np.abs(kept(estimation)).max(axis=1, initial=0.0, keepdims=True)
        sigma = np.where(sigma > 1e-12 * largest, sigma, np.nan)
        shape = np.ones_like(window)
        return Fit(
            residuals=residuals if whole else np.where(paired, residuals, np.nan),
            level=level,
            ar=ar,
            s_ar=sigma * np.sqrt(noise + spread) * shape,
            car=np.cumsum(ar, axis=1),
            s_car=sigma * np.sqrt(noise_sum + spread_sum) * shape,
            sigma=sigma[:, 0],
            est_n=m[:, 0].astype(int),
            df=df[:, 0].astype(int),
            beta=beta[:, 0],
        )


def leave_one_out(returns: pd.DataFrame) -> pd.DataFrame:
    """Each asset's benchmark: the equally weighted mean return of the other assets present at that bar.

    An index that holds the asset itself moves with it and hides part of its abnormal return. NaN where no other
    asset has a return.
    """
    values = returns.to_numpy(dtype=float)
    there = np.isfinite(values)
    filled = np.where(there, values, 0.0)
    others = there.sum(axis=1, keepdims=True) - there
    sums = filled.sum(axis=1, keepdims=True) - filled
    means = np.divide(sums, others, out=np.full(values.shape, np.nan), where=others > 0)
    return pd.DataFrame(means, index=returns.index, columns=returns.columns)
