"""How fresh what is shown is, in words: for the data health page, and for the pages that use the data.

Frames in, text and frames out. States are told by a sign and a word, never by colour.
"""

from __future__ import annotations

import pandas as pd

from connectors.exchanges import ExchangeCandles
from connectors.records import Article
from connectors.registry import Registry
from dashboard.words import span, when
from data.status import STATES

SIGNS = {
    "failing": "✕",
    "stale": "!",
    "never asked": "○",
    "needs a key": "□",
    "fresh": "✓",
    "stand-by": "=",
    "off": "–",
    "imported": "↓",
}
#: The chain that the total of all market caps comes by.
TOTAL = "total-market-cap"
#: So many names stand in a sentence; the rest are counted.
NAMED = 3


def headline(jobs: pd.DataFrame) -> str:
    """One sentence on ``data.status.job_states``: how many are fresh, and which are not."""
    if jobs.empty:
        return "No job is set up: the list of sources is empty."
    counts = jobs["state"].value_counts()
    others = [
        f"{counts[state]} {state} ({_listed(jobs.loc[jobs['state'] == state, 'job'])})"
        for state in STATES
        if state != "fresh" and state in counts
    ]
    fresh = f"{counts.get('fresh', 0)} of {len(jobs)} jobs fresh"
    return f"{fresh}; {', '.join(others)}." if others else f"All {len(jobs)} jobs fresh."


def never_asked(jobs: pd.DataFrame) -> bool:
    """Whether no source of any job was ever asked."""
    return bool((jobs["state"] == "never asked").all())


def source_rows(states: pd.DataFrame) -> pd.DataFrame:
    """``data.status.source_states`` as people read it, what needs attention first; the index is that of ``states``."""
    ordered = states.iloc[states["state"].map(STATES.index).argsort(kind="stable")]
    size = states.groupby("job")["source"].transform("size")
    place = states.groupby("job").cumcount() + 1
    return pd.DataFrame(
        {
            "state": [f"{SIGNS[state]} {state}" for state in ordered["state"]],
            "source": ordered["source"],
            "chain": [
                f"{ordinal(int(place[n]))} of {size[n]:.0f} in {row.job}" if pd.notna(row.job) and size[n] > 1 else None
                for n, row in zip(ordered.index, ordered.itertuples(), strict=True)
            ],
            "lag": [lag(row.lag_s, row.cadence_s) for row in ordered.itertuples()],
            "left": [quota(row.left, row.left_of) for row in ordered.itertuples()],
            **{name: ordered[name] for name in ("new", "changed", "same", "rejected", "last_success", "last_error")},
        }
    )


def lag(lag_s: float | None, cadence_s: float | None) -> str | None:
    """The time since the last answer against how often there is something new: "3.2 h ago; new every 1 h"."""
    told = []
    if pd.notna(lag_s):
        told.append(f"{span(lag_s)} ago")
    if pd.notna(cadence_s):
        told.append(f"new every {span(cadence_s)}")
    return "; ".join(told) or None


def quota(left: int | None, of: int | None) -> str | None:
    """Requests left: "9,880 of 10,000"."""
    if pd.isna(left):
        return None
    return f"{left:,} of {of:,}" if pd.notna(of) else f"{left:,}"


def ordinal(n: int) -> str:
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def stale_line(jobs: pd.DataFrame, registry: Registry, asset: str, ends: pd.Timestamp | None) -> str | None:
    """One line on those jobs behind a page that are not fresh; None when all are.

    ``jobs``: ``data.status.job_states``. The page shows the prices of ``asset``, the total market cap and the news;
    what it has of prices ends at ``ends``.
    """
    told = jobs.set_index("job")
    if told.empty or (told["state"] == "fresh").all():
        return None
    if never_asked(jobs):
        until = f": prices end {when(ends)}" if ends is not None else ""
        return f"No source has been asked yet{until}. “newstape refresh” brings the rest."
    prices, news = _jobs_of(registry, asset)
    parts = [
        f"{subject}: {_standing(told.loc[job])}"
        for job, subject in {**prices, TOTAL: "Total market cap"}.items()
        if job in told.index and told.loc[job, "state"] != "fresh"
    ]
    feeds = told[told.index.isin(news)]
    late = feeds[feeds["state"] != "fresh"]
    if len(late) == 1:
        parts.append(f"News of {late.index[0]}: {_standing(late.iloc[0])}")
    elif len(late):
        parts.append(f"News: {len(late)} of {len(feeds)} feeds are not fresh ({_listed(late.index)})")
    return "; ".join(parts) + "." if parts else None


def _jobs_of(registry: Registry, asset: str) -> tuple[dict[str, str], list[str]]:
    """Jobs that bring the prices of an asset, with their subject; and jobs that bring news."""
    prices, news = {}, []
    for job, sources in registry.jobs().items():
        connector = sources[0].connector
        if isinstance(connector, ExchangeCandles) and connector.symbol.split("/")[0] == asset:
            prices[job] = f"Prices of {connector.symbol}"
        elif connector.record is Article:
            news.append(job)
    return prices, news


def _standing(job: pd.Series) -> str:
    if job["state"] == "never asked":
        return "not asked yet"
    fetched = f"last fetched {span(job['lag_s'])} ago" if pd.notna(job["lag_s"]) else "never fetched"
    failing = "failing, " if job["state"] == "failing" else ""
    return f"{failing}{fetched} (new every {span(job['cadence_s'])})"


def _listed(names: pd.Series | pd.Index) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
