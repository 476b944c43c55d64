"""Rows for tests, in the shape of their tables."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa

from data import queries
from data.candles import with_span
from data.lake import Lake, Snapshot
from data.tables import TABLES

ROOT = Path(__file__).parents[2]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def fit(table: str, rows: Iterable[dict]) -> pa.Table:
    """Rows as the table's own schema; columns left out are null."""
    return pa.Table.from_pylist([{**dict.fromkeys(TABLES[table].names), **row} for row in rows], TABLES[table].schema)


def cap(day: int = 1, value: float = 2.7e12, **other: object) -> dict:
    """A total of a day in March 2025."""
    end = datetime(2025, 3, day, tzinfo=UTC)
    return {
        "source": "tradingview",
        "definition": "top-125",
        "asset": "TOTAL",
        "period_end": end,
        "market_cap_usd": value,
        "available_at": end,
        "resolution_s": 86_400,
        **other,
    }


def note(n: int, text: str = "seen") -> dict:
    return {
        "annotation_id": f"n{n}",
        "target_kind": "story",
        "target_id": "s1",
        "note": text,
        "author": "a",
        "created_at": datetime(2025, 4, 1, tzinfo=UTC),
    }


def bars(
    opens: Iterable[pd.Timestamp],
    closes: Iterable[float],
    *,
    interval: str = "1m",
    source: str = "binance",
    symbol: str = "BTC/USDT",
    derived_from: str | None = None,
) -> pd.DataFrame:
    """Candles that reach 2 above and 1 below their close, and open half below it."""
    close = pd.Series(list(closes), dtype=float)
    frame = pd.DataFrame(
        {
            "source": source,
            "symbol": symbol,
            "interval": interval,
            "open_time": pd.Series(list(opens)).astype("datetime64[us, UTC]"),
            "open": close - 0.5,
            "high": close + 2,
            "low": close - 1,
            "close": close,
            "volume": 1.5,
            "derived_from": derived_from,
        }
    )
    return with_span(frame)


def candle_table(frame: pd.DataFrame) -> pa.Table:
    schema = TABLES["candles"].schema
    return pa.Table.from_pandas(frame[schema.names], schema=schema, preserve_index=False)


def stored(at: Snapshot, table: str) -> list[dict]:
    """Every row of a table, in key order."""
    source = at.source(table)
    order = ", ".join(f'"{name}"' for name in TABLES[table].key)
    columns = ", ".join(f'"{name}"' for name in TABLES[table].names)
    return queries.run(f"SELECT {columns} FROM {{t}} ORDER BY {order}", {"t": source}).to_pylist()


def merged(lake: Lake, table: str, rows: Iterable[dict], **options: object):
    with lake.writing():
        return lake.merge(table, fit(table, rows), **options)


def python(code: str, *args: object, **options: object) -> subprocess.Popen:
    """Another process with the project on its path."""
    environ = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{Path(__file__).parent}"}
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, args)],
        env=environ,
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def exit_code(code: str, *args: object) -> int:
    """Run that to its end in another process."""
    process = python(code, *args)
    _, err = process.communicate(timeout=60)
    assert "Traceback" not in err, err
    return process.returncode
