"""Taking a batch in: validate, merge, enrich, and write down what came of it. One commit of the whole.

The run's own row goes in last and carries the cursor, so a cursor never stands ahead of its data.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pandas as pd
import pyarrow as pa

from connectors.records import Reject, Window
from data import queries
from data.articles import again, merge_articles, revise
from data.candles import PROTECTED, merge_candles, with_span
from data.correction_values import corrected_articles
from data.enrich import enrich
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
    """Store one batch; see ``take_all``."""
    return take_all(lake, run_id, [batch], unless_known=unless_known)[0]


def take_all(lake: Lake, run_id: str, batches: Sequence[Batch], *, unless_known: bool = False) -> list[Taken]:
    """Store batches of several sources, published at once; what came of each, in their order.

    Rows that do not fit their table are rejected, counted and kept for reading. With ``unless_known`` a batch that
    brings nothing (no new or changed row, no reject that the source's last run did not have, no error, nothing to
    note) is not written down; where all are like that, nothing is committed. Raises ``data.lake.LakeError`` when the
    lake cannot be written to; then nothing of the batches is published.
    """
    coming = [_checked(batch) for batch in batches]
    taken = [
        Taken(c.batch.source, c.batch.table, Counts(same=c.valid.same + c.valid.rows.num_rows), c.rejects)
        if unless_known and not (c.batch.error or c.batch.note) and _known(lake, c)
        else None
        for c in coming
    ]
    news = [n for n, known in enumerate(taken) if known is None]
    if news:
        with lake.writing():
            stored = _store(lake, [coming[n] for n in news])
            for n, one in zip(news, stored, strict=True):
                taken[n] = one
            _write_down(lake, run_id, [(coming[n].batch, taken[n]) for n in news])
    return taken


@dataclass(frozen=True)
class _Checked:
    batch: Batch
    valid: Validated
    rejects: tuple[Reject, ...]


def _checked(batch: Batch) -> _Checked:
    frame = with_span(batch.frame) if batch.table == "candles" and len(batch.frame) else batch.frame
    valid = _refuse_the_future(validate(frame, TABLES[batch.table]), batch)
    return _Checked(batch, valid, (*batch.rejects, *valid.rejects))


def _store(lake: Lake, coming: Sequence[_Checked]) -> list[Taken]:
    """Merge what is new, then work out what follows from it: prices first, since articles are paired with them."""
    rows = [lake.missing(c.batch.table, c.valid.rows) if c.batch.only_new else c.valid.rows for c in coming]
    counts, notes = [Counts()] * len(coming), [c.batch.note for c in coming]
    priced: list[pd.Timestamp] = []
    for n, c in enumerate(coming):
        if c.batch.table == "articles":
            continue
        counts[n] = merge_candles(lake, rows[n]) if c.batch.table == "candles" else lake.merge(c.batch.table, rows[n])
        if counts[n].written and c.batch.listing:
            told = merge_totals(lake, rows[n], int(rows[n]["resolution_s"][0].as_py()))
            notes[n] = " ".join(filter(None, [notes[n], told])) or None
        if counts[n].written and c.batch.table in ("candles", "market_caps"):
            at = rows[n]["open_time" if c.batch.table == "candles" else "period_end"].to_pandas()
            priced += [at.min(), at.max()]
    news, written = [n for n, c in enumerate(coming) if c.batch.table == "articles"], []
    if news:
        merged, written = merge_articles(lake, [rows[n] for n in news])
        for n, count in zip(news, merged, strict=True):
            counts[n] = count
    corrected = [i for c in coming if c.batch.table == "annotations" for i in corrected_articles(c.valid.rows)]
    if corrected:
        merge_articles(lake, [again(lake.newest(), corrected, coming[0].batch.started_at)])
        written = list(dict.fromkeys([*written, *queries.articles(lake.newest(), corrected)["article_id"]]))
    curated = [c.batch.curated for c in coming if c.batch.curated is not None]
    by_hand = _of(pd.concat(curated), written) if curated else None
    enrich(lake, written, (min(priced), max(priced)) if priced else None, curated=by_hand)
    return [
        Taken(
            c.batch.source,
            c.batch.table,
            count + Counts(same=c.valid.same + c.valid.rows.num_rows - kept.num_rows),
            c.rejects,
            c.batch.error,
            note,
            tuple(c.valid.rows["article_id"].to_pylist()) if c.batch.table == "articles" else (),
        )
        for c, kept, count, note in zip(coming, rows, counts, notes, strict=True)
    ]


def _known(lake: Lake, coming: _Checked) -> bool:
    table, rows = coming.batch.table, coming.valid.rows
    if coming.rejects:
        before = queries.last_rejects(lake.pin(), coming.batch.source)
        told = {(reject.reason, reject.excerpt[:EXCERPT]) for reject in coming.rejects}
        if told != set(before.itertuples(index=False, name=None)):
            return False
    if rows.num_rows == 0:
        return True
    if table == "articles":
        return not revise(lake.pin(), rows).written
    return not lake.would_change(table, rows, protect=PROTECTED.get(table, ""))


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


def _of(curated: pd.DataFrame, ids: Sequence[str]) -> pd.DataFrame:
    return curated[curated["article_id"].isin(ids)]


def _write_down(lake: Lake, run_id: str, done: Sequence[tuple[Batch, Taken]]) -> None:
    rejects = [
        {
            "run_id": run_id,
            "source": batch.source,
            "n": n,
            "reason": reject.reason,
            "excerpt": reject.excerpt[:EXCERPT],
        }
        for batch, taken in done
        for n, reject in enumerate(taken.rejects)
    ]
    runs = [
        {
            "run_id": run_id,
            "source": batch.source,
            "table_name": batch.table,
            "window_start": batch.window.start if batch.window else None,
            "window_end": batch.window.end if batch.window else None,
            "started_at": batch.started_at,
            "finished_at": datetime.now(UTC),
            "pages": batch.pages,
            "new": taken.counts.new,
            "changed": taken.counts.changed,
            "same": taken.counts.same,
            "rejected": len(taken.rejects),
            "cursor": batch.cursor,
            "error": batch.error,
            "note": taken.note,
        }
        for batch, taken in done
    ]
    lake.merge("rejects", pa.Table.from_pylist(rejects, REJECTS.schema))
    lake.merge("runs", pa.Table.from_pylist(runs, RUNS.schema))
