"""Do prices move after stories like these? An event study.

``event_study`` takes returns and events and gives a ``Study``: abnormal returns of every event, every test of the
field bar by bar, what became of each event, and one headline. It says "moved after", never "because of".
What is computed how: ``study_models``, ``study_tests``, ``study_ranks``, ``study_clusters``, ``study_placebo``.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.study_clusters import CANCELLED, FEWEST, OVERLAPS, Headline, averaged, clusters, headline
from analysis.study_conventions import conventions, warnings
from analysis.study_events import OUTCOMES, Placed, bar_length, place
from analysis.study_models import MODELS, Fit, fit
from analysis.study_placebo import Bars, Placebo, draw
from analysis.study_season import hour_of_week_scale
from analysis.study_tests import AGGREGATE, DESCRIPTION, SCALARS, Units, aggregate, student_p

__all__ = ["OUTCOMES", "PER_EVENT", "Study", "event_study"]

#: Columns of ``Study.per_event``; the asset stands last, because one event may have several.
PER_EVENT = (
    *("event_id", "t", "ar", "s_ar", "sar", "car", "s_car", "scar", "df", "sigma", "est_n", "p_ar", "p_car"),
    "asset",
)


@dataclass(frozen=True)
class Study:
    """What an event study gives. Returns are log returns as fractions; t counts bars from bar 0; NaN is missing."""

    per_event: pd.DataFrame  # PER_EVENT, one row an event, asset and bar, of the events used
    aggregate: pd.DataFrame  # study_tests.AGGREGATE, one row a bar, over events or (cluster=True) clusters
    scalars: dict[str, float]  # study_tests.SCALARS
    outcomes: (
        pd.DataFrame
    )  # one row an event given: outcome, bar, wait_s, contaminated_bar, est_n, missing_bars, cluster
    counts: dict[str, int]  # rows by outcome; every outcome stands there, with 0 too
    clusters: pd.DataFrame  # cluster, first_bar, last_bar (of bar 0), events, rows, car, scar
    headline: Headline
    placebo: Placebo | None  # None where none was drawn
    contaminated: pd.DataFrame  # event_id, asset, bar, ar, s_ar, sar of the bar that contains the publication
    warnings: list[str]
    conventions: dict[str, str]  # what was done, in plain sentences
    input_hash: str  # SHA-256 of all that the results rest on


def event_study(
    returns: pd.DataFrame,
    benchmark: pd.Series | pd.DataFrame | None,
    events: pd.DataFrame,
    *,
    model: str,
    estimation: int,
    gap: int,
    window: tuple[int, int],
    min_obs: float = 0.6,
    cluster: bool = True,
    placebo: int = 9999,
    seed: int = 0,
    seasonal: bool | None = None,
    overlap: str = "any",
) -> Study:
    """Abnormal returns around ``events``, and whether they are more than chance.

    ``returns``: log returns as fractions, NaN missing; rows are UTC bar opens or any increasing index, columns
    assets. Bars are counted, not hours: give every bar its row, a missing one as NaN. ``benchmark``: one series for
    all, or a column an asset (``study_models.leave_one_out``), put on the same rows; None for ``mean_adjusted``.
    ``events``: ``event_id``, ``asset`` and ``bar`` (a label) or ``known_at`` (aware): bar 0 is the first that opens
    at or after it. ``model``: ``mean_adjusted``, ``market_adjusted`` or ``market``. ``estimation``: bars it is
    fitted on; ``gap``: bars between those and the window; ``window``: its first and last bar relative to bar 0.
    An event counts if at least ``min_obs`` of its estimation bars have returns.

    With ``cluster``: bars in other events' windows on that asset are left out of estimations, the assets of one
    event are averaged, events whose windows share a bar (``overlap``: on ``any`` asset, or on one ``asset``) are one
    cluster, clusters are what is tested, ``placebo`` draws (seeded with ``seed``) are taken, and fewer than FEWEST
    clusters are described, not tested. Without: the textbook statistics of the events as given, no placebo.
    ``seasonal``: let σ follow the hour of the week; by itself where clusters are tested on bars shorter than a day.
    The bar that contains a publication is never estimated from.

    Nothing after the last window of a used event is looked at. Raises ValueError where the inputs do not fit.
    """
    _check(returns, benchmark, model, estimation, gap, window, min_obs, overlap)
    window = (int(window[0]), int(window[1]))
    placed = place(returns.index, returns.columns, events, window)
    outcome = placed.outcomes["outcome"].to_numpy(dtype=object)
    rows = np.flatnonzero(outcome == "used")
    end = int(placed.position[rows].max()) + max(window[1], 0) + 1 if len(rows) else 0
    step = bar_length(returns.index[:end])
    if seasonal is None:
        seasonal = cluster and step is not None and step < pd.Timedelta(days=1)
    bars, column = _bars(returns, benchmark, placed, rows, end, window, cluster, seasonal)

    fitted, contaminated = _fit(bars, placed, rows, column, model, estimation, gap, window)
    est_n = fitted.est_n
    outcome[rows] = np.select(
        [
            (est_n < min_obs * estimation - 1e-9) | (fitted.df <= 0),
            ~np.isfinite(fitted.sigma),
            ~np.isfinite(fitted.ar).any(axis=1),
        ],
        ["too_few_observations", "no_variation", "no_returns_in_window"],
        "used",
    )
    used = outcome[rows] == "used"
    used_rows, column, fitted = rows[used], column[used], fitted.rows(used)
    position = placed.position[used_rows]
    event = pd.factorize(placed.outcomes["event_id"].to_numpy()[used_rows], use_na_sentinel=False)[0]
    first = position + window[0] - gap - estimation

    asked = {"model": model, "estimation": estimation, "gap": gap, "window": window, "min_obs": min_obs}
    label, factor = np.arange(len(used_rows)), np.ones(len(used_rows))
    units = Units.of(fitted, first)
    if cluster and len(used_rows):
        label = clusters(event, column, position, window[1] - window[0] + 1, overlap)
        units, factor = averaged(fitted, event, label, first)
    assets = np.bincount(event, minlength=1)[event] if len(event) else event
    cancelled = len(np.unique(event[factor > CANCELLED * np.sqrt(assets)]))
    table, scalars = _tested(units, np.arange(window[0], window[1] + 1), cluster)
    head, drawn = headline(units), None
    if cluster and placebo > 0 and np.isfinite(head.t):
        whole = np.isin(label, np.flatnonzero(np.isfinite(units.scar[:, -1])))
        drawn = draw(
            bars,
            *(values[whole] for values in (column, position, event, label, factor, fitted.sigma)),
            head.t,
            **asked,
            draws=placebo,
            seed=seed,
        )
        head = replace(head, placebo_p=drawn.p)

    outcomes = placed.outcomes.assign(
        outcome=pd.array(outcome, dtype="str"),
        est_n=_put(len(events), rows, est_n),
        missing_bars=_put(len(events), used_rows, (~np.isfinite(fitted.ar)).sum(axis=1)),
        cluster=_put(len(events), used_rows, label),
    )
    counts = {name: int((outcome == name).sum()) for name in OUTCOMES}
    settings = {
        **asked,
        "cluster": cluster,
        "placebo": placebo,
        "seed": seed,
        "seasonal": bool(seasonal),
        "overlap": overlap,
    }
    found = _clusters(units, label, event, position, returns.index)
    return Study(
        per_event=_per_event(fitted, outcomes, used_rows, window),
        aggregate=table,
        scalars=scalars,
        outcomes=outcomes,
        counts=counts,
        clusters=found,
        headline=head,
        placebo=drawn,
        contaminated=contaminated[contaminated["row"].isin(used_rows)].drop(columns="row").reset_index(drop=True),
        warnings=warnings(counts, head, drawn, found, cluster, cancelled),
        conventions=conventions(settings, drawn),
        input_hash=_hash(bars, returns.columns[np.unique(placed.column[rows])], events, settings),
    )


def _check(returns, benchmark, model, estimation, gap, window, min_obs, overlap) -> None:
    """Say what does not fit before anything is computed."""
    index = returns.index
    if not (index.is_monotonic_increasing and index.is_unique):
        raise ValueError("the rows of returns must increase and be unique")
    if not returns.columns.is_unique:
        raise ValueError("each asset must have one column of returns")
    if model not in MODELS:
        raise ValueError(f"model is one of {', '.join(MODELS)}, not {model!r}")
    if benchmark is None and model != "mean_adjusted":
        raise ValueError(f"{model} needs a benchmark")
    if benchmark is not None and not benchmark.index.is_unique:
        raise ValueError("the rows of the benchmark must be unique")
    if not (estimation >= 1 and gap >= 0 and window[0] <= window[1]):
        raise ValueError(f"estimation ≥ 1, gap ≥ 0 and window first ≤ last, not {estimation}, {gap}, {tuple(window)}")
    if not 0 < min_obs <= 1:
        raise ValueError(f"min_obs is a share of the estimation bars, not {min_obs}")
    if overlap not in OVERLAPS:
        raise ValueError(f"overlap is one of {', '.join(OVERLAPS)}, not {overlap!r}")


def _bars(
    returns: pd.DataFrame,
    benchmark: pd.Series | pd.DataFrame | None,
    placed: Placed,
    rows: np.ndarray,
    end: int,
    window: tuple[int, int],
    cluster: bool,
    seasonal: bool,
) -> tuple[Bars, np.ndarray]:
    """The returns that the events rest on, up to bar ``end``, and each row's asset among them."""
    columns, column = np.unique(placed.column[rows], return_inverse=True)
    index, labels = returns.index[:end], returns.columns[columns]
    own = _finite(returns.iloc[:end, columns])
    if benchmark is None:
        other = np.broadcast_to(np.nan, own.shape)
    else:
        if isinstance(benchmark, pd.DataFrame):
            absent = labels.difference(benchmark.columns)
            if len(absent):
                raise ValueError(f"the benchmark has no column for {', '.join(map(str, absent))}")
            benchmark = benchmark[list(labels)]
        else:
            benchmark = benchmark.to_frame()
        aligned = benchmark.iloc[:end] if benchmark.index[:end].equals(index) else benchmark.reindex(index)
        other = np.broadcast_to(_finite(aligned), own.shape)
    quiet = np.ones(own.shape, dtype=bool)
    # Windows that end within these bars, whether or not their event is used; later ones change nothing before. From
    # bar 0 on at the latest: what follows an event is never estimated from, its own included.
    near = np.flatnonzero(np.isin(placed.column, columns) & (placed.position >= 0))
    near = near[placed.position[near] + window[1] < end]
    place_of = np.searchsorted(columns, placed.column[near])
    if cluster:
        change = np.zeros((len(columns), end + 1), dtype=int)
        np.add.at(change, (place_of, np.maximum(placed.position[near] + min(window[0], 0), 0)), 1)
        np.add.at(change, (place_of, np.maximum(placed.position[near] + window[1] + 1, 0)), -1)
        quiet = np.cumsum(change, axis=1)[:, :end] == 0
    told = placed.contaminated[near] >= 0
    quiet[place_of[told], placed.contaminated[near][told]] = False
    scale = None
    if seasonal and end:
        if not isinstance(index, pd.DatetimeIndex):
            raise ValueError("an hour-of-week seasonal needs returns indexed by the bars' opens")
        scale = np.ascontiguousarray(hour_of_week_scale(index, own.T).T)
    return Bars(index, own, other, quiet, scale), column


def _finite(frame: pd.DataFrame) -> np.ndarray:
    """Columns × rows, whatever is not finite missing."""
    values = np.array(frame.to_numpy(dtype=float, na_value=np.nan).T, order="C")
    values[~np.isfinite(values)] = np.nan
    return values


def _fit(
    bars: Bars,
    placed: Placed,
    rows: np.ndarray,
    column: np.ndarray,
    model: str,
    estimation: int,
    gap: int,
    window: tuple[int, int],
) -> tuple[Fit, pd.DataFrame]:
    """Every row fitted, and the bars that contain a publication measured by the same fits."""
    start = placed.position[rows] + window[0]
    pad = max(0, estimation + gap - int(start.min(initial=0)))
    ahead = np.full((len(bars.returns), pad), np.nan)

    def cut(values: np.ndarray | None, first: np.ndarray, length: int, of: np.ndarray) -> np.ndarray | None:
        if values is None:
            return None
        padded = np.hstack([ahead, values]) if pad else values
        if padded.shape[1] < length:
            return np.empty((0, length))
        return np.lib.stride_tricks.sliding_window_view(padded, length, axis=1)[of, first + pad]

    begin, width = start - gap - estimation, window[1] - window[0] + 1
    before = cut(bars.returns, begin, estimation, column)
    loud = ~cut(bars.quiet.astype(float), begin, estimation, column).astype(bool)
    if loud.any():
        before[loud] = np.nan
    before_other = cut(bars.benchmark, begin, estimation, column)
    before_scale = cut(bars.scale, begin, estimation, column)

    def measured(first: np.ndarray, length: int, chosen: np.ndarray | slice) -> Fit:
        return fit(
            before[chosen],
            before_other[chosen],
            cut(bars.returns, first, length, column[chosen]),
            cut(bars.benchmark, first, length, column[chosen]),
            model,
            estimation_scale=None if before_scale is None else before_scale[chosen],
            window_scale=cut(bars.scale, first, length, column[chosen]),
        )

    fitted = measured(start, width, slice(None))
    told = np.flatnonzero(placed.contaminated[rows] >= 0)
    apart = measured(placed.contaminated[rows][told], 1, told)
    names = placed.outcomes.iloc[rows[told]]
    contaminated = pd.DataFrame(
        {
            "row": rows[told],
            "event_id": names["event_id"].to_numpy(),
            "asset": names["asset"].to_numpy(),
            "bar": names["contaminated_bar"].array,
            "ar": apart.ar[:, 0],
            "s_ar": apart.s_ar[:, 0],
            "sar": apart.sar[:, 0],
        }
    )
    return fitted, contaminated


def _tested(units: Units, bars: np.ndarray, cluster: bool) -> tuple[pd.DataFrame, dict[str, float]]:
    """The statistics; with clusters, tests only where there are enough of them."""
    if not len(units.ar):
        empty = pd.DataFrame(np.nan, index=range(len(bars)), columns=list(AGGREGATE)).assign(t=bars, n=0)
        return empty, dict.fromkeys(SCALARS, np.nan) | {"N": 0.0}
    table, scalars = aggregate(units, bars)
    if cluster:
        tests = [name for name in AGGREGATE if name not in DESCRIPTION]
        cumulated = [name for name in tests if name.endswith(("_car", "_csar"))]
        whole = np.isfinite(units.car).sum(axis=0)
        table[[name for name in tests if name not in cumulated]] = table[
            [name for name in tests if name not in cumulated]
        ].where((table["n"] >= FEWEST), axis=0)
        table[cumulated] = table[cumulated].where(pd.Series(whole >= FEWEST), axis=0)
        if whole[-1] < FEWEST:
            scalars |= dict.fromkeys(("grank_z", "grank_t"), np.nan)
    return table, scalars


def _put(count: int, rows: np.ndarray, values: np.ndarray) -> pd.api.extensions.ExtensionArray:
    """Whole numbers on some of ``count`` rows, missing on the others."""
    placed = pd.array([pd.NA] * count, dtype="Int64")
    placed[rows] = values
    return placed


def _per_event(fitted: Fit, outcomes: pd.DataFrame, rows: np.ndarray, window: tuple[int, int]) -> pd.DataFrame:
    width = window[1] - window[0] + 1
    names = outcomes.iloc[rows]
    sar, scar, df = fitted.sar, fitted.scar, fitted.df[:, None].astype(float)
    columns = {
        "event_id": names["event_id"].repeat(width).array,
        "t": np.tile(np.arange(window[0], window[1] + 1), len(rows)),
        "ar": fitted.ar.ravel(),
        "s_ar": fitted.s_ar.ravel(),
        "sar": sar.ravel(),
        "car": fitted.car.ravel(),
        "s_car": fitted.s_car.ravel(),
        "scar": scar.ravel(),
        "df": np.where(np.isfinite(fitted.ar), df, np.nan).ravel(),
        "sigma": np.repeat(fitted.sigma, width),
        "est_n": np.repeat(fitted.est_n, width),
        "p_ar": student_p(sar, df).ravel(),
        "p_car": student_p(scar, df).ravel(),
        "asset": names["asset"].repeat(width).array,
    }
    return pd.DataFrame(columns)


def _clusters(
    units: Units, label: np.ndarray, event: np.ndarray, position: np.ndarray, index: pd.Index
) -> pd.DataFrame:
    """One row a cluster, by its first bar 0."""
    count = len(units.ar)
    first, last = np.full(count, len(index)), np.full(count, -1)
    np.minimum.at(first, label, position)
    np.maximum.at(last, label, position)
    pairs = np.unique(np.column_stack([label, event]), axis=0) if count else np.empty((0, 2), dtype=int)
    return pd.DataFrame(
        {
            "cluster": np.arange(count),
            "first_bar": index[first],
            "last_bar": index[last],
            "events": np.bincount(pairs[:, 0], minlength=count),
            "rows": np.bincount(label, minlength=count),
            "car": units.car[:, -1],
            "scar": units.scar[:, -1],
        }
    )


def _hash(bars: Bars, assets: pd.Index, events: pd.DataFrame, settings: dict[str, object]) -> str:
    """SHA-256 of the bars looked at, the events and the settings: equal inputs, equal hash."""
    digest = hashlib.sha256(json.dumps([settings, list(map(str, assets))], sort_keys=True).encode())
    index = bars.index
    stamps = index.as_unit("us").asi8 if isinstance(index, pd.DatetimeIndex) else pd.util.hash_array(index.to_numpy())
    for values in (stamps, bars.returns, bars.benchmark):
        digest.update(np.ascontiguousarray(values).tobytes())
    given = [name for name in ("event_id", "asset", "bar", "known_at") if name in events]
    digest.update(",".join(given).encode())
    digest.update(pd.util.hash_pandas_object(events[given], index=False).to_numpy().tobytes())
    return digest.hexdigest()
