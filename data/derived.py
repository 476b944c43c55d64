"""Storing what was derived from other rows."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa

from data import queries
from data.columns import Table
from data.lake import Lake


def merge_derived(lake: Lake, table: Table, frame: pd.DataFrame) -> None:
    """Merge rows made for ``table``; columns it does not have are left out, those missing stay empty."""
    lake.merge(
        table.name, pa.Table.from_pandas(frame.reindex(columns=table.names), schema=table.schema, preserve_index=False)
    )


def replace_derived(lake: Lake, table: Table, column: str, ids: Sequence[str], frame: pd.DataFrame) -> None:
    """Merge what was derived for these ids, and remove what is no longer derived for them."""
    stored = queries.derived_ids(lake.newest(), table.name, column, ids)
    key = list(table.key)
    fresh = set(frame[key].itertuples(index=False, name=None))
    stale = {row[key.index(column)] for row in stored.itertuples(index=False, name=None) if tuple(row) not in fresh}
    lake.delete(table.name, column, sorted(stale))
    merge_derived(lake, table, frame)
