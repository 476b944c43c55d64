"""Storing candles: partition spans, and the pyramid of coarser bars kept beside every finer one."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import pandas as pd
import pyarrow as pa

from analysis.bars import aggregate, whole_buckets
from data import queries
from data.lake import Counts, Lake
from data.tables import CANDLES, INTERVAL_S

PYRAMID = tuple(INTERVAL_S)  # finest first
#: A derived bar never replaces one that was fetched.
PROTECTED = {"candles": "derived_from"}
SERIES = ["source", "symbol", "interval"]


def with_span(frame: pd.DataFrame) -> pd.DataFrame:
    """Add the partition column: so that a file holds some ten thousand bars, not thirty.

    A month of 1m bars is 44,640 rows, a year of 1h bars 8,760; all 1d bars of a symbol are one file.
    """
    given = frame["open_time"]
    if given.dtype == object:  # a bare number is no time
        given = given.where(given.map(lambda value: isinstance(value, str | datetime)).astype(bool), None)
    elif pd.api.types.is_numeric_dtype(given.dtype):
        given = pd.Series(pd.NaT, index=frame.index)
    when = pd.to_datetime(given, utc=True, errors="coerce", format="ISO8601")
    year, month = when.dt.year.fillna(0).astype("int64"), when.dt.month.fillna(0).astype("int64")
    # One number a span, so that a name is made once for each and not for every row.
    number = (100 * year + month).where(frame["interval"] == "1m", 100 * year)
    # A bar without a readable time is rejected for that; its partition does not matter.
    number = number.where(when.notna() & frame["interval"].isin(["1m", "5m", "1h"]), 0)
    code, numbers = pd.factorize(number)
    names = ["all" if n == 0 else f"{n // 100}-{n % 100:02}" if n % 100 else f"{n // 100}" for n in numbers]
    return frame.assign(span=pd.array(names, dtype="str").take(code) if len(frame) else "all")


def merge_candles(lake: Lake, rows: pa.Table) -> Counts:
    """Merge validated candles, and rebuild the coarser bars they touch. Call within ``lake.writing()``.

    The counts are of the rows given; derived bars are not counted. A derived bar never replaces one that
    was fetched. The batch is taken to hold everything its source has between its first and last bar.
    """
    counts = lake.merge("candles", rows, protect=PROTECTED["candles"])
    if counts.written:
        frame = rows.to_pandas()
        for key, series in frame.groupby(SERIES, sort=False):
            _build_pyramid(lake, *key, series)
    return counts


def _build_pyramid(lake: Lake, source: str, symbol: str, interval: str, batch: pd.DataFrame) -> None:
    finer = batch
    for fine, coarse in pairwise(PYRAMID[PYRAMID.index(interval) :]):
        fine_s, coarse_s = INTERVAL_S[fine], INTERVAL_S[coarse]
        first, last = finer["open_time"].min(), finer["open_time"].max() + pd.Timedelta(seconds=fine_s)
        start, end = first.floor(f"{coarse_s}s"), last.ceil(f"{coarse_s}s")
        bars = queries.series(lake.newest(), source, symbol, fine, start, end)
        whole = whole_buckets(bars, fine_s, coarse_s, (first, last))
        derived = aggregate(bars, coarse_s)
        derived = derived[derived["open_time"].isin(whole.index[whole])]
        if derived.empty:
            return
        derived = with_span(derived.assign(source=source, symbol=symbol, interval=coarse, derived_from=fine))
        table = pa.Table.from_pandas(derived[CANDLES.names], schema=CANDLES.schema, preserve_index=False)
        lake.merge("candles", table, protect=PROTECTED["candles"])
        finer = derived
