"""Running SQL over pinned tables: where the rows are, and one statement with its parameters."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds

if TYPE_CHECKING:
    from data.lake import Snapshot

UTC = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Files:
    """Parquet files of one table version; partition values stand in their paths."""

    paths: tuple[str, ...]

    def bind(self, name: str, parameters: dict) -> str:
        parameters[name] = list(self.paths)
        return f"read_parquet(${name}, hive_partitioning=true, hive_types_autocast=false)"


@dataclass(frozen=True)
class Dataset:
    """A table version on an object store, read through delta-rs."""

    dataset: ds.Dataset

    def bind(self, name: str, parameters: dict) -> str:
        parameters[f"@{name}"] = self.dataset
        return f'"@{name}"'


@dataclass(frozen=True)
class Empty:
    """A table without rows."""

    schema: pa.Schema

    def bind(self, name: str, parameters: dict) -> str:
        parameters[f"@{name}"] = self.schema.empty_table()
        return f'"@{name}"'


Source = Files | Dataset | Empty

_local = threading.local()


def connection() -> duckdb.DuckDBPyConnection:
    """This thread's own in-memory database: DuckDB cursors are not shared between threads."""
    if not hasattr(_local, "connection"):
        _local.connection = duckdb.connect()
        _local.connection.execute("SET TimeZone = 'UTC'")
    return _local.connection


def run(sql: str, sources: Mapping[str, Source], parameters: Mapping[str, object] | None = None) -> pa.Table:
    """Run one statement. ``{name}`` in it stands for the source of that name."""
    bound = dict(parameters or {})
    statement = sql.format(**{name: source.bind(name, bound) for name, source in sources.items()})
    cursor = connection().cursor()
    try:
        for name in [name for name in bound if name.startswith("@")]:
            cursor.register(name, bound.pop(name))
        used = {name: value for name, value in bound.items() if f"${name}" in statement}
        result = cursor.sql(statement, params=used).to_arrow_table()
    finally:
        cursor.close()
    return result.cast(
        pa.schema([pa.field(f.name, UTC if pa.types.is_timestamp(f.type) else f.type) for f in result.schema])
    )


def frame(result: pa.Table) -> pd.DataFrame:
    return result.to_pandas()


def tables(snapshot: Snapshot, *names: str) -> dict[str, Source]:
    return {name: snapshot.source(name) for name in names}


def quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def listed(values: Sequence[str]) -> str:
    return ", ".join(quote(value) for value in values)
