"""Events that are not independent become one: assets of one event averaged, events that share bars merged.

Six coins on the day an exchange fails are one observation, not six, and two stories an hour apart share the same
move. Tests that count them apart reject far too often; so a cluster is one row of every test, and the headline is
the plain t of the cluster means.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.study_models import Fit
from analysis.study_power import minimum_detectable
from analysis.study_tests import Units, student_p, t_of_mean

__all__ = ["CANCELLED", "FEWEST", "OVERLAPS", "Headline", "averaged", "clusters", "group_mean", "headline"]

#: Fewer clusters than this are described, not tested.
FEWEST = 5
#: A portfolio of independent assets is rescaled by √n; by so many times more, and its assets cancel each other out.
CANCELLED = 1.5
#: What makes two events one: windows that share a bar on one asset, or on whatever asset.
OVERLAPS = ("any", "asset")


def clusters(event: np.ndarray, column: np.ndarray, position: np.ndarray, width: int, overlap: str) -> np.ndarray:
    """The cluster of each row, numbered by their first bar.

    Rows of one ``event`` belong together; so do rows whose windows of ``width`` bars share a bar: on one asset
    (``asset``) or on any (``any``). Belonging passes on: a chain of overlapping windows is one cluster.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(event)
    by_event = np.lexsort((position, event))
    same = event[by_event][1:] == event[by_event][:-1]
    key = column if overlap == "asset" else np.zeros(count, dtype=int)
    by_bar = np.lexsort((position, key))
    near = (np.diff(key[by_bar]) == 0) & (np.diff(position[by_bar]) < width)
    left = np.concatenate([by_event[:-1][same], by_bar[:-1][near]])
    right = np.concatenate([by_event[1:][same], by_bar[1:][near]])
    found, label = connected_components(coo_array((np.ones(len(left)), (left, right)), shape=(count, count)), False)
    first = np.full(found, np.iinfo(np.int64).max)
    np.minimum.at(first, label, position)
    number = np.empty(found, dtype=int)
    number[np.lexsort((np.arange(found), first))] = np.arange(found)
    return number[label]


def group_mean(values: np.ndarray, group: np.ndarray, count: int) -> np.ndarray:
    """Mean of the rows of each group, over those present; NaN where none is."""
    if len(values) == count and (group == np.arange(count)).all():
        return values
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(count))
    sorted_values = values[order]
    there = np.isfinite(sorted_values)
    total = np.add.reduceat(np.where(there, sorted_values, 0.0), starts, axis=0)
    n = np.add.reduceat(there.astype(float), starts, axis=0)
    return np.divide(total, n, out=np.full(total.shape, np.nan), where=n > 0)


def averaged(fitted: Fit, event: np.ndarray, cluster: np.ndarray, first: np.ndarray) -> tuple[Units, np.ndarray]:
    """Clusters as the units of the tests, and the factor of each row's event.

    ``event``: 0 … E − 1, the event of each row; ``cluster``: 0 … C − 1; ``first``: the row's first estimation bar.
    First the assets of an event: their standardised returns are averaged, which is the return of a portfolio that
    holds 1/σ_i of each, and divided by that portfolio's own standard deviation in the estimation window (Jaffe 1974,
    J. Business 47): however alike the assets move, the result has variance 1. One asset is left as it is. Then the
    events of a cluster: plain means, variance at most 1. Abnormal returns themselves are averaged with equal weights.
    """
    events, count = int(event.max()) + 1, int(cluster.max()) + 1
    of_event = np.zeros(events, dtype=int)
    of_event[event] = cluster
    standard = fitted.residuals / fitted.sigma[:, None]
    portfolio = group_mean(standard, event, events)
    df = group_mean(fitted.df[:, None].astype(float), event, events)[:, 0]
    m = group_mean(fitted.est_n[:, None].astype(float), event, events)[:, 0]
    there = np.isfinite(portfolio)
    bars = there.sum(axis=1)
    variance = np.where(there, portfolio, 0.0) ** 2
    variance = variance.sum(axis=1) / np.maximum(bars - (m - df), 1)
    factor = np.where(np.bincount(event, minlength=events) > 1, 1 / np.sqrt(variance), 1.0)

    def merged(values: np.ndarray, scaled: bool = True) -> np.ndarray:
        per_event = group_mean(values, event, events)
        return group_mean(per_event * factor[:, None] if scaled else per_event, of_event, count)

    residuals = merged(standard)
    cluster_df = group_mean(df[:, None], of_event, count)[:, 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(np.nansum(residuals**2, axis=1) / cluster_df)
    begins = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(begins, cluster, first)
    units = Units(
        ar=merged(fitted.ar, scaled=False),
        car=merged(fitted.car, scaled=False),
        sar=merged(fitted.sar),
        scar=merged(fitted.scar),
        residuals=residuals / spread[:, None],
        ranked=residuals,
        level=merged(fitted.level / fitted.sigma[:, None]),
        df=cluster_df,
        first=begins,
    )
    return units, factor[event]


@dataclass(frozen=True)
class Headline:
    """The study in one line: did prices move after such events, beyond what they do anyway?"""

    clusters: int  # with a SCAR at the window's end
    mean_scar: float  # mean of the clusters' standardised cumulated abnormal returns
    t: float  # √C mean / sd
    df: float  # C − 1
    p: float  # two-sided, Student
    placebo_p: float
    caar: float  # mean cumulated abnormal return of the clusters, as a log return
    caar_se: float
    detectable_scar: float  # the least true mean that this many clusters would show: 5 %, power 80 %
    detectable_car: float
    reason: str  # why nothing is tested; empty where it is


def headline(units: Units, placebo_p: float = np.nan) -> Headline:
    """t = √C mean(SCAR_c) / sd(SCAR_c) over clusters c at the window's last bar, C − 1 degrees of freedom.

    The cross-sectional test of standardised returns of Boehmer, Musumeci and Poulsen (1991) on cluster means
    instead of events (Cochran-style grouping as in Ibragimov and Müller 2010, J. Business & Economic Statistics 28).
    """
    n, mean, se, t = (float(value[0]) for value in t_of_mean(units.scar[:, -1:]))
    _, caar, caar_se, _ = (float(value[0]) for value in t_of_mean(units.car[:, -1:]))
    tested = n >= FEWEST
    reason = "" if tested else f"independent events with a whole window: {int(n)}; fewer than {FEWEST} are not tested"
    if tested and not np.isfinite(t):
        reason = "the events do not differ, so nothing can be tested"
    return Headline(
        clusters=int(n),
        mean_scar=mean,
        t=t if tested else np.nan,
        df=n - 1 if tested else np.nan,
        p=float(student_p(np.array(t), n - 1)) if tested else np.nan,
        placebo_p=placebo_p if tested else np.nan,
        caar=caar,
        caar_se=caar_se,
        detectable_scar=minimum_detectable(se, n - 1) if tested else np.nan,
        detectable_car=minimum_detectable(caar_se, n - 1) if tested else np.nan,
        reason=reason,
    )
