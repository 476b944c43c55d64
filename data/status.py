"""How each source stands, for ``newstape status`` and the data health page."""

from __future__ import annotations

import pandas as pd

from connectors import registry
from data.refresh import source_key


def source_states(latest: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """Every registered source beside its last runs, and whatever else has a run (imports, the sample).

    ``latest``: ``data.queries.latest_runs``. Adds ``state`` (``ok``, ``failing``, ``never asked``,
    ``imported``) and ``lag``, the time since the last success in words.
    """
    known = {source_key(connector): name for name, connector in registry.SOURCES.items()}
    rows = latest.set_index("source").reindex([*known, *(s for s in latest["source"] if s not in known)])
    rows = rows.rename_axis("source").reset_index()
    states = [_state(row, row.source in known) for row in rows.itertuples()]
    since = now - rows["last_success"]
    lag = [_words(age.total_seconds()) if pd.notna(age) else None for age in since]
    counts = ["new", "changed", "same", "rejected", "runs"]
    rows[counts] = rows[counts].fillna(0).astype("int64")
    return rows.assign(state=states, lag=lag, registered_as=rows["source"].map(known))


def _state(row: object, registered: bool) -> str:
    if pd.isna(row.last_run):
        return "never asked"
    if pd.notna(row.last_error):
        return "failing"
    return "ok" if registered else "imported"


def _words(seconds: float) -> str:
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"
