"""Candle arithmetic: coarser bars from finer ones, and gaps."""

from __future__ import annotations

import pandas as pd


def aggregate(candles: pd.DataFrame, interval_s: int) -> pd.DataFrame:
    """Join bars into coarser ones.

    ``candles``: one series, columns ``open_time`` (aware UTC), ``open``, ``high``, ``low``, ``close``,
    ``volume``, in any order. Returns the same columns, one row a bucket of ``interval_s`` seconds that
    holds at least one bar: first open, highest high, lowest low, last close, summed volume. A bucket
    without bars has no row.
    """
    ordered = candles.sort_values("open_time")
    bucket = ordered["open_time"].dt.floor(f"{interval_s}s")
    return (
        ordered.groupby(bucket, sort=True)
        .agg(
            open=("open", "first"),
            high=("high", "max"),
            low=("low", "min"),
            close=("close", "last"),
            volume=("volume", "sum"),
        )
        .reset_index()
    )


def whole_buckets(
    candles: pd.DataFrame, fine_s: int, coarse_s: int, batch: tuple[pd.Timestamp, pd.Timestamp]
) -> pd.Series:
    """Which coarse buckets these fine bars describe completely.

    ``batch`` is the span ``[start, end)`` over which a source was asked for everything it has: a bucket
    inside it is whole even where an outage left bars out. A bucket that reaches beyond it counts only if
    every fine bar of it is there. Returns a boolean series by bucket start.
    """
    bucket = candles["open_time"].dt.floor(f"{coarse_s}s")
    count = candles["open_time"].groupby(bucket).nunique()
    start = count.index.to_series()
    inside = (start >= batch[0]) & (start + pd.Timedelta(seconds=coarse_s) <= batch[1])
    return inside | (count == coarse_s // fine_s)


def gaps(open_times: pd.Series, interval_s: int) -> pd.DataFrame:
    """Spans without bars within a series.

    ``open_times``: aware UTC, sorted. Returns ``gap_start`` (close of the bar before), ``gap_end`` (open of
    the bar after) and ``missing`` (bars that would fit).
    """
    step = pd.Timedelta(seconds=interval_s)
    after = open_times.shift(-1)
    missing = ((after - open_times) // step - 1).fillna(0).astype("int64")
    found = missing > 0
    return pd.DataFrame(
        {
            "gap_start": (open_times + step)[found],
            "gap_end": after[found],
            "missing": missing[found],
        }
    ).reset_index(drop=True)
