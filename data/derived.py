"""Storing what was derived from other rows."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa

from data import queries
from data.columns import Table
from data.lake import Lake


def fitted(table: Table, frame: pd.DataFrame) -> pa.Table:
    """Rows in the shape of their table; columns it does not have are left out, those missing are empty."""
    return pa.Table.from_pandas(frame.reindex(columns=table.names), schema=table.schema, preserve_index=False)


def merge_derived(lake: Lake, table: Table, frame: pd.DataFrame) -> None:
    lake.merge(table.name, fitted(table, frame))


def replace_derived(lake: Lake, table: Table, column: str, ids: Sequence[str], rows: pd.DataFrame | pa.Table) -> None:
    """Merge what was derived for these ids, and remove what is no longer derived for them."""
    rows = rows if isinstance(rows, pa.Table) else fitted(table, rows)
    stored = queries.derived_ids(lake.newest(), table.name, column, ids)
    if len(stored):
        key = list(table.key)
        fresh = set(zip(*(rows[name].to_pylist() for name in key), strict=True))
        stale = {row[key.index(column)] for row in stored.itertuples(index=False, name=None) if tuple(row) not in fresh}
        lake.delete(table.name, column, sorted(stale))
    lake.merge(table.name, rows)
