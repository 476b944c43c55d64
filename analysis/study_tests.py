"""The statistics over events, bar by bar and summed from the window's first bar.

A ``Units`` holds what the tests compare: the events as given, or clusters averaged into one row each. n_t is the
number of units present at bar t; a cumulated statistic takes the units whose bars so far are all present. Every sum
is over those, nothing is filled in. Degrees of freedom and Kolari–Pynnönen's n are n_t for cumulated statistics too.
``patell_z_csar`` sums each unit's SAR over bars instead: √n mean(Σ_t SAR / √(W (m − k)/(m − k − 2))).

    cross-sectional  t = √n mean(x) / sd(x)                                n − 1 df   Brown and Warner 1980
    Patell           Z = Σ SAR / √(Σ (m − k)/(m − k − 2))                             Patell 1976
    BMP              t = √n mean(SAR) / sd(SAR)                            n − 1 df   Boehmer, Musumeci, Poulsen 1991
    Kolari–Pynnönen  BMP √((1 − r)/(1 + (n − 1) r)), Patell √(1/(1 + (n − 1) r))      Kolari and Pynnönen 2010

sd with ddof 1; r is the mean correlation of the units' estimation residuals (``study_correlation``). Patell takes
every event's variance as in its estimation; BMP lets the event change it; both take events as independent, which
events in one week are not, and Kolari–Pynnönen mends that for events at one time. The rank and sign tests:
``study_ranks``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.study_correlation import mean_calendar_correlation, mean_correlation
from analysis.study_models import Fit
from analysis.study_ranks import corrado, cowan, grank, sign, wilcoxon

__all__ = ["AGGREGATE", "DESCRIPTION", "SCALARS", "Units", "aggregate", "normal_p", "student_p", "t_of_mean"]

#: Columns of the aggregate that describe; the rest test.
DESCRIPTION = ("t", "n", "aar", "aar_se", "caar", "caar_se")
AGGREGATE = (
    *DESCRIPTION,
    *("cs_t", "cs_t_car", "patell_z", "patell_z_car", "patell_z_csar", "bmp_t", "bmp_t_car", "kp_bmp_t"),
    *("kp_bmp_t_car", "adj_patell_z", "adj_patell_z_car", "corrado_z", "corrado_z_car", "corrado_zivney_z"),
    *("gsign_z", "gsign_z_car", "sign_z", "sign_z_car", "wilcoxon_w", "wilcoxon_w_car", "p_cs_t", "p_cs_t_car"),
    *("p_bmp_t", "p_bmp_t_car", "p_kp_bmp_t", "p_kp_bmp_t_car", "p_patell_z", "p_patell_z_car", "p_corrado_z"),
    *("p_gsign_z", "p_gsign_z_car"),
)
SCALARS = ("rbar_event_time", "grank_z", "grank_t", "grank_df", "N", "rbar_calendar_time")


@dataclass(frozen=True)
class Units:
    """What the tests compare, one row each; columns are estimation or window bars, NaN is missing."""

    ar: np.ndarray
    car: np.ndarray
    sar: np.ndarray
    scar: np.ndarray
    residuals: np.ndarray  # standardised: over their σ
    ranked: np.ndarray  # estimation residuals that window bars are ranked among …
    level: np.ndarray  # … and the window's returns on the same scale
    df: np.ndarray  # m − k of each unit
    first: np.ndarray  # position of the first estimation bar in the calendar

    @classmethod
    def of(cls, fitted: Fit, first: np.ndarray) -> Units:
        """Every event a unit of its own."""
        return cls(
            ar=fitted.ar,
            car=fitted.car,
            sar=fitted.sar,
            scar=fitted.scar,
            residuals=fitted.residuals / fitted.sigma[:, None],
            ranked=fitted.residuals,
            level=fitted.level,
            df=fitted.df,
            first=first,
        )


def student_p(t: np.ndarray, df: np.ndarray | float) -> np.ndarray:
    """Two-sided p of Student's t."""
    from scipy.special import stdtr

    return 2 * stdtr(df, -np.abs(t))


def normal_p(z: np.ndarray) -> np.ndarray:
    """Two-sided p of a standard normal."""
    from scipy.special import ndtr

    return 2 * ndtr(-np.abs(z))


def t_of_mean(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Of each column: n, mean, standard error of the mean (sd of ddof 1 over √n) and their ratio t."""
    there = np.isfinite(values)
    n = there.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(there, values, 0.0).sum(axis=0) / n
        off = np.where(there, values - mean, 0.0)
        se = np.sqrt(np.einsum("ij,ij->j", off, off) / np.where(n > 1, n - 1, np.nan) / n)
        return n, mean, se, mean / np.where(se > 0, se, np.nan)


def patell(values: np.ndarray, df: np.ndarray) -> np.ndarray:
    """Σ over units of each column over √(Σ df/(df − 2)) of the units present."""
    there = np.isfinite(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(df > 2, df / np.where(df > 2, df - 2.0, 1.0), np.nan)
        total = (variance[:, None] * there).sum(axis=0)
        return np.where(there.any(axis=0), np.where(there, values, 0.0).sum(axis=0) / np.sqrt(total), np.nan)


def aggregate(units: Units, bars: np.ndarray) -> tuple[pd.DataFrame, dict[str, float]]:
    """Every statistic of every window bar (``bars``: relative to bar 0), and those that are one number.

    The frame has the columns AGGREGATE, one row a bar; ``_car`` is of the bars so far. The numbers are SCALARS:
    the mean residual correlation aligned by event and by calendar, GRANK-T of the whole window, and N units.
    """
    n, aar, aar_se, cs_t = t_of_mean(units.ar)
    _, caar, caar_se, cs_t_car = t_of_mean(units.car)
    bmp_t, bmp_t_car = t_of_mean(units.sar)[3], t_of_mean(units.scar)[3]
    patell_z, patell_z_car = patell(units.sar, units.df), patell(units.scar, units.df)
    with np.errstate(divide="ignore", invalid="ignore"):
        own_variance = np.where(units.df > 2, units.df / (units.df - 2.0), np.nan)[:, None]
        so_far = np.cumsum(units.sar, axis=1) / np.sqrt(np.arange(1, len(bars) + 1) * own_variance)
        patell_z_csar = np.sqrt(np.isfinite(so_far).sum(axis=0)) * t_of_mean(so_far)[1]
    r = mean_correlation(units.residuals)
    corrado_z, corrado_z_car, corrado_zivney_z = corrado(units.ranked, units.level)
    there = np.isfinite(units.ranked)
    positive = float(((units.ranked > 0).sum(axis=1) / there.sum(axis=1)).mean()) if len(units.ranked) else np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        smaller = np.sqrt(1 / _positive(1 + (n - 1) * r))
        own = np.sqrt(_positive(np.array(1 - r)))
        columns = {
            "t": bars,
            "n": n,
            "aar": aar,
            "aar_se": aar_se,
            "caar": caar,
            "caar_se": caar_se,
            "cs_t": cs_t,
            "cs_t_car": cs_t_car,
            "patell_z": patell_z,
            "patell_z_car": patell_z_car,
            "patell_z_csar": patell_z_csar,
            "bmp_t": bmp_t,
            "bmp_t_car": bmp_t_car,
            "kp_bmp_t": bmp_t * own * smaller,
            "kp_bmp_t_car": bmp_t_car * own * smaller,
            "adj_patell_z": patell_z * smaller,
            "adj_patell_z_car": patell_z_car * smaller,
            "corrado_z": corrado_z,
            "corrado_z_car": corrado_z_car,
            "corrado_zivney_z": corrado_zivney_z,
            "gsign_z": cowan(units.ar, positive),
            "gsign_z_car": cowan(units.car, positive),
            "sign_z": sign(units.ar),
            "sign_z_car": sign(units.car),
            "wilcoxon_w": wilcoxon(units.ar),
            "wilcoxon_w_car": wilcoxon(units.car),
        }
    for name in ("cs_t", "bmp_t", "kp_bmp_t"):
        columns[f"p_{name}"] = student_p(columns[name], np.where(n > 1, n - 1.0, np.nan))
        columns[f"p_{name}_car"] = student_p(columns[f"{name}_car"], np.where(n > 1, n - 1.0, np.nan))
    for name in ("patell_z", "patell_z_car", "corrado_z", "gsign_z", "gsign_z_car"):
        columns[f"p_{name}"] = normal_p(columns[name])
    z, t, df = grank(units.residuals, units.scar[:, -1])
    scalars = {
        "rbar_event_time": r,
        "grank_z": z,
        "grank_t": t,
        "grank_df": float(df),
        "N": float(len(units.ar)),
        "rbar_calendar_time": mean_calendar_correlation(units.residuals, units.first),
    }
    return pd.DataFrame(columns)[list(AGGREGATE)], scalars


def _positive(values: np.ndarray) -> np.ndarray:
    """NaN where a correlation estimated too low leaves no variance."""
    return np.where(values > 0, values, np.nan)
