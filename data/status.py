"""How each source stands, for ``newstape status``, monitors and the data health page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import pandas as pd

from connectors.registry import Registry
from data.asked import Asked

#: A source is late when it has been silent for twice its cadence and an hour: a run may be missed, not two.
GRACE = timedelta(hours=1)
#: States, the ones to look into first.
STATES = ("failing", "stale", "never asked", "needs a key", "fresh", "stand-by", "off", "imported")


def source_states(
    latest: pd.DataFrame,
    asked: Mapping[str, Asked],
    registry: Registry,
    now: datetime,
    has_key: Callable[[str], bool],
) -> pd.DataFrame:
    """Every registered source beside what came of it, and whatever else has a run (imports, the sample).

    ``latest``: ``data.queries.latest_runs``. Adds ``state`` (``STATES``), ``job`` (the chain or name a refresh asks it
    by), ``last_success`` (of a pull, whether or not it brought anything), ``cadence_s``, ``lag_s`` (since the last
    success), ``left`` (requests left of its quota, null where none is known) and ``left_of``. Instants are aware, UTC.
    """
    job_of = {source.name: job for job, sources in registry.jobs().items() for source in sources}
    first_of = {sources[0].name for sources in registry.jobs().values()}
    ran = latest.set_index("source")
    rows = []
    for name in [*registry.sources, *(n for n in {**ran.to_dict("index"), **asked} if n not in registry.sources)]:
        run = ran.loc[name] if name in ran.index else None
        told = asked.get(name, Asked())
        source = _registered(registry, name)
        successes = [at for at in (run["last_success"] if run is not None else None, told.answered_at) if pd.notna(at)]
        success = max(map(pd.Timestamp, successes), default=pd.NaT)
        failed = run is not None and pd.notna(run["last_error"]) and not success > run["last_run"]
        lag = pd.Timestamp(now) - success if pd.notna(success) else None
        left, left_of = _quota(source, told, now)
        if source is None:
            state = "imported"
        elif source.needs_key and not has_key(source.needs_key):
            state = "needs a key"
        elif not source.enabled and (failed or lag is None):
            state = "off"
        elif failed:
            state = "failing"
        elif lag is not None:
            state = "fresh" if lag <= 2 * timedelta(seconds=source.cadence_s) + GRACE else "stale"
        else:
            state = "never asked" if name in first_of else "stand-by"
        if state == "stale" and name not in first_of and source.name in job_of:
            state = "stand-by"  # asked only when those before it fail
        rows.append(
            {
                "source": name,
                "job": job_of.get(name),
                "state": state,
                "last_success": success,
                "lag_s": lag.total_seconds() if lag is not None else None,
                "cadence_s": source.cadence_s if source else None,
                "left": left,
                "left_of": left_of,
                **{count: int(run[count]) if run is not None else 0 for count in COUNTS},
                "last_run": run["last_run"] if run is not None else pd.NaT,
                "last_error": run["last_error"] if failed else None,
                "needs_key": source.needs_key if source else None,
                "terms": source.terms if source else None,
            }
        )
    frame = pd.DataFrame(rows)
    for column in ("last_success", "last_run"):
        frame[column] = pd.to_datetime(frame[column], utc=True).astype("datetime64[us, UTC]")
    return frame.astype({"left": "Int64", "left_of": "Int64", "lag_s": "float64", "cadence_s": "float64"})


COUNTS = ("new", "changed", "same", "rejected", "runs")


def job_states(states: pd.DataFrame) -> pd.DataFrame:
    """One row a job of a plain refresh: ``job``, ``state``, ``source`` that answered last, ``last_success``, ``lag_s``.

    A chain is as fresh as its freshest source. Sources that need a key nobody gave are no one's job.
    """
    asked = states[states["job"].notna() & (states["state"] != "needs a key")]
    rows = []
    for _, members in asked.groupby("job", sort=False):
        best = members.loc[members["last_success"].idxmax()] if members["last_success"].notna().any() else None
        if best is None:
            state = "failing" if (members["state"] == "failing").any() else "never asked"
        else:
            late = best["lag_s"] > 2 * best["cadence_s"] + GRACE.total_seconds()
            state = "stale" if late else "fresh"
            if late and (members["state"] == "failing").any():
                state = "failing"
        first = members.iloc[0] if best is None else best
        rows.append(
            {name: first[name] for name in ("job", "source", "last_success", "lag_s", "cadence_s")}
            | {"state": state, "last_error": next(iter(members["last_error"].dropna()), None)}
        )
    return pd.DataFrame(
        rows, columns=["job", "state", "source", "last_success", "lag_s", "cadence_s", "last_error"]
    ).astype({"lag_s": "float64"})


def _registered(registry: Registry, name: str):
    try:
        return registry.source(name)
    except KeyError:
        return None


def _quota(source, told: Asked, now: datetime) -> tuple[int | None, int | None]:
    """Requests left and allowed: as the source said last, else by our own count of the month."""
    said_at = told.quota_until or (told.asked_at + GRACE if told.asked_at else None)
    if told.quota_left is not None and said_at is not None and now < said_at:
        return told.quota_left, told.quota_limit
    if source is None or source.requests_a_month is None:
        return None, None
    return source.requests_a_month - told.requests.get(f"{now:%Y-%m}", 0), source.requests_a_month
