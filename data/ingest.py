"""Taking a batch in: validate, merge, enrich, and write down what came of it. One commit of the whole.

The run's own row goes in last and carries the cursor, so a cursor never stands ahead of its data.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import pyarrow as pa

from connectors.records import Reject, Window
from data import enrich, queries
from data.articles import merge_articles, revise
from data.candles import PROTECTED, merge_candles, with_span
from data.lake import Counts, Lake
from data.tables import INTERVAL_S, REJECTS, RUNS, TABLES
from data.totals import merge_totals
from data.validate import EXCERPT, Validated, validate


@dataclass(frozen=True)
class Batch:
    """Rows for one table from one source, as objects or text, and how they were come by."""

    source: str
    table: str  # candles, market_caps or articles
    frame: pd.DataFrame
    started_at: datetime
    rejects: tuple[Reject, ...] = ()  # found while parsing
    window: Window | None = None
    pages: int = 1
    cursor: datetime | None = None
    error: str | None = None
    note: str | None = None
    curated: pd.DataFrame | None = None  # mentions put in by hand, for articles
    listing: bool = False  # one provider's list of the market's coins at one time: totals are computed from it
    only_new: bool = False  # a row whose key is stored already stays as it is, and counts as same


@dataclass(frozen=True)
class Taken:
    """What came of a batch."""

    source: str
    table: str
    counts: Counts = field(default_factory=Counts)
    rejects: tuple[Reject, ...] = ()
    error: str | None = None
    note: str | None = None
    articles: tuple[str, ...] = ()  # ids of the articles it held


def new_run_id(now: datetime) -> str:
    return f"{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:6]}"


def take(lake: Lake, run_id: str, batch: Batch, *, unless_known: bool = False) -> Taken:
    """Store a batch. Rows that do not fit their table are rejected, counted and kept for reading.

    With ``unless_known`` a batch that brings nothing (no new or changed row, no reject that the source's last run did
    not have, no error, nothing to note) commits nothing, not even its run. Raises ``data.lake.LakeError`` when the
    lake cannot be written to; then nothing of the batch is published.
    """
    table = TABLES[batch.table]
    frame = with_span(batch.frame) if batch.table == "candles" and len(batch.frame) else batch.frame
    valid = validate(frame, table)
    valid = _refuse_the_future(valid, batch)
    rejects = (*batch.rejects, *valid.rejects)
    if unless_known and not (batch.error or batch.note) and _known(lake, batch, valid, rejects):
        return Taken(batch.source, batch.table, Counts(same=valid.same + valid.rows.num_rows), rejects)
    with lake.writing():
        rows = lake.missing(batch.table, valid.rows) if batch.only_new else valid.rows
        if batch.table == "articles":
            counts, written = merge_articles(lake, rows)
            enrich.enrich_articles(lake, written, _of(batch.curated, written))
        elif batch.table == "candles":
            counts = merge_candles(lake, rows)
        else:
            counts = lake.merge(batch.table, rows)
        note = batch.note
        if counts.written and batch.listing:
            note = " ".join(filter(None, [note, merge_totals(lake, rows, int(rows["resolution_s"][0].as_py()))]))
        if counts.written and batch.table in ("candles", "market_caps"):
            at = rows["open_time" if batch.table == "candles" else "period_end"].to_pandas()
            enrich.after_prices(lake, at.min(), at.max())
        counts += Counts(same=valid.same + valid.rows.num_rows - rows.num_rows)
        _write_down(lake, run_id, replace(batch, note=note or None), counts, rejects)
    ids = tuple(valid.rows["article_id"].to_pylist()) if batch.table == "articles" else ()
    return Taken(batch.source, batch.table, counts, rejects, batch.error, note or None, ids)


def _known(lake: Lake, batch: Batch, valid: Validated, rejects: Sequence[Reject]) -> bool:
    if rejects:
        before = queries.last_rejects(lake.pin(), batch.source)
        if {(r.reason, r.excerpt[:EXCERPT]) for r in rejects} != set(before.itertuples(index=False, name=None)):
            return False
    if batch.table == "articles":
        return not revise(lake.pin(), valid.rows).written
    return not lake.would_change(batch.table, valid.rows, protect=PROTECTED.get(batch.table, ""))


#: Clocks differ; what lies further ahead than this has not happened.
AHEAD = timedelta(minutes=10)


def _refuse_the_future(valid: Validated, batch: Batch) -> Validated:
    """Take out bars that are not closed and articles that are not out when the batch is taken."""
    if batch.table not in ("candles", "articles") or not valid.rows.num_rows:
        return valid
    rows = valid.rows.to_pandas()
    latest = pd.Timestamp(batch.started_at + AHEAD)
    if batch.table == "candles":
        at = rows["open_time"] + pd.to_timedelta(rows["interval"].map(INTERVAL_S), unit="s")
        reason, named = "the bar is not closed yet", "open_time"
    else:
        at, reason, named = rows["published_at"], "published_at lies in the future", "published_at"
    early = (at > latest).to_numpy()
    if not early.any():
        return valid
    refused = tuple(Reject(reason, f"{named}={one.isoformat()}") for one in rows.loc[early, named])
    return Validated(valid.rows.filter(pa.array(~early)), (*valid.rejects, *refused), valid.same)


def _of(curated: pd.DataFrame | None, ids: Sequence[str]) -> pd.DataFrame | None:
    return None if curated is None else curated[curated["article_id"].isin(ids)]


def _write_down(lake: Lake, run_id: str, batch: Batch, counts: Counts, rejects: Sequence[Reject]) -> None:
    lake.merge(
        "rejects",
        pa.Table.from_pylist(
            [
                {
                    "run_id": run_id,
                    "source": batch.source,
                    "n": n,
                    "reason": reject.reason,
                    "excerpt": reject.excerpt[:EXCERPT],
                }
                for n, reject in enumerate(rejects)
            ],
            REJECTS.schema,
        ),
    )
    lake.merge(
        "runs",
        pa.Table.from_pylist(
            [
                {
                    "run_id": run_id,
                    "source": batch.source,
                    "table_name": batch.table,
                    "window_start": batch.window.start if batch.window else None,
                    "window_end": batch.window.end if batch.window else None,
                    "started_at": batch.started_at,
                    "finished_at": datetime.now(UTC),
                    "pages": batch.pages,
                    "new": counts.new,
                    "changed": counts.changed,
                    "same": counts.same,
                    "rejected": len(rejects),
                    "cursor": batch.cursor,
                    "error": batch.error,
                    "note": batch.note,
                }
            ],
            RUNS.schema,
        ),
    )
